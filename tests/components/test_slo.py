"""Slo: the objects that it makes, who may ask, and that it is refused before anything exists."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from components._core.args import ArgsError
from components.slo import Kind, NoData, Slo, SloArgs, dashboard, manifests, rules
from tests.components.test_slo_args import ALL, ARGUMENTS, COMMON, objective
from tests.graph import Graph, record

RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
NEEDED: dict[str, Any] = {"objectives": ALL, "prometheus_retention_days": 30}
FULL: dict[str, Any] = {"release_namespaces": ["team-ranking", "team-fraud"]}
OUTPUTS = ("freeze_queries", "gate_config_map", "gate_label", "dashboard")


def slo(preview: bool = False, **more: Any) -> Graph:
    def program() -> dict[str, Any]:
        made = Slo("slo", SloArgs(**{**NEEDED, **more}))
        return {name: getattr(made, name) for name in OUTPUTS}

    return record(program, preview=preview)


def test_slo_makes_an_object_for_each_objective_and_one_for_releases() -> None:
    made = {r.name: r.inputs for r in slo().of(RULE)}
    assert made.keys() == {*(f"slo-objective-{o.name}" for o in ALL), "slo-freeze"}
    for o in ALL:
        inputs = made[f"slo-objective-{o.name}"]
        assert inputs["metadata"]["name"] == f"mlops-slo-{o.name}"
        assert inputs["metadata"]["namespace"] == "monitoring"
        assert inputs["spec"] == {"groups": [rules.group(o)]}
    assert made["slo-freeze"]["spec"] == {"groups": [rules.freeze_group(ALL)]}


def test_slo_dashboard_is_found_by_grafana() -> None:
    (board,) = slo().of(CONFIG_MAP)
    assert board.inputs["metadata"]["labels"]["grafana_dashboard"] == "1"
    ((name, text),) = board.inputs["data"].items()
    assert name == f"{dashboard.UID}.json"
    assert json.loads(text) == dashboard.dashboard()


def test_slo_release_namespaces_get_the_gate_and_a_way_to_prometheus() -> None:
    graph = slo(**FULL)
    for space in FULL["release_namespaces"]:
        gate = graph.named(f"slo-gate-{space}").inputs
        assert (gate["metadata"]["namespace"], gate["metadata"]["name"]) == (space, graph.result["gate_config_map"])
        files = gate["data"]
        assert files.keys() == {"gate.py", "gate.json"}
        assert json.loads(files["gate.json"]) == {
            "prometheus": "http://kube-prometheus-stack-prometheus.monitoring.svc.cluster.local:9090",
            "services": graph.result["freeze_queries"],
        }
        out = graph.named(f"slo-way-out-{space}").inputs
        assert out["metadata"]["namespace"] == space
        assert out["spec"]["podSelector"] == {"matchLabels": graph.result["gate_label"]}
        assert out["spec"]["egress"][-1]["ports"] == [{"port": 9090, "protocol": "TCP"}]
    way_in = graph.named("slo-way-in").inputs
    assert way_in["metadata"]["namespace"] == "monitoring"
    ((peer,),) = [rule["from"] for rule in way_in["spec"]["ingress"]]
    # One peer with both: labelled pods of these namespaces, not either.
    assert peer["namespaceSelector"]["matchExpressions"][0]["values"] == sorted(FULL["release_namespaces"])
    assert peer["podSelector"] == {"matchLabels": graph.result["gate_label"]}


def test_slo_without_release_namespaces_opens_nothing() -> None:
    graph = slo()
    assert graph.of(POLICY) == []
    assert len(graph.of(CONFIG_MAP)) == 1
    assert graph.result["freeze_queries"] == {"ranker": rules.freeze_query("ranker")}


def test_slo_follows_the_namespace_and_address_of_prometheus() -> None:
    graph = slo(namespace="watch", prometheus_url="https://prometheus.example.com:9090", **FULL)
    assert {r.inputs["metadata"]["namespace"] for r in graph.of(RULE)} == {"watch"}
    gate = json.loads(graph.named("slo-gate-team-fraud").inputs["data"]["gate.json"])
    assert gate["prometheus"] == "https://prometheus.example.com:9090"
    to = graph.named("slo-way-out-team-fraud").inputs["spec"]["egress"][-1]["to"][0]
    assert to["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "watch"}}


def test_slo_waits_for_what_it_is_told_to_wait_for() -> None:
    def program() -> None:
        first = aws.sqs.Queue("first")
        Slo("slo", SloArgs(**NEEDED, **FULL), pulumi.ResourceOptions(depends_on=[first]))

    graph = record(program)
    for child in [r for r in graph.resources if r.type.startswith("kubernetes:")]:
        assert graph.depends(child, graph.named("first")), child.name


def test_slo_registers_exactly_its_annotated_outputs() -> None:
    graph = slo()
    assert tuple(Slo.__annotations__) == OUTPUTS
    assert graph.outputs_of("slo").keys() == set(OUTPUTS)


def test_slo_children_are_its_own_and_labelled() -> None:
    graph = slo(**FULL)
    for child in [r for r in graph.resources if r.custom]:
        assert graph.parent_of(child) == "slo"
        assert child.inputs["metadata"]["labels"]["app.kubernetes.io/component"] == "slo"


def test_slo_preview_shows_every_object() -> None:
    assert {r.name: r.inputs for r in slo(preview=True, **FULL).resources} == {
        r.name: r.inputs for r in slo(**FULL).resources
    }


def test_slo_hosted_mapping_equals_local_args() -> None:
    hosted = {
        "objectives": [
            {"name": "fast", "kind": "latency", **COMMON, **ARGUMENTS[Kind.LATENCY], "window_days": 28.0},
            {"name": "fresh", "kind": "freshness", **COMMON, **ARGUMENTS[Kind.FRESHNESS], "no_data": "ignore"},
        ],
        "prometheus_retention_days": 30.0,
    }
    graph = record(lambda: Slo("slo", hosted).dashboard)  # type: ignore[arg-type]
    local = slo(
        objectives=[
            objective(Kind.LATENCY, name="fast", window_days=28),
            objective(Kind.FRESHNESS, name="fresh", no_data=NoData.IGNORE),
        ]
    )
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"threshold": 0.2}, "objectives[fast].threshold"),
        ({"kind": "speed"}, "args.objectives[0].kind"),
        ({"treshold": 0.1}, "args.objectives[0].treshold"),
    ],
)
def test_slo_fails_before_anything_exists(change: dict[str, Any], path: str) -> None:
    hosted = {
        "objectives": [{"name": "fast", "kind": "latency", **COMMON, **ARGUMENTS[Kind.LATENCY], **change}],
        "prometheus_retention_days": 30,
    }
    graph: list[Graph] = []

    def program() -> None:
        Slo("slo", hosted)  # type: ignore[arg-type]

    with pytest.raises(ArgsError) as failed:
        graph.append(record(program))
    assert failed.value.path == path


def test_slo_can_be_served_for_every_language() -> None:
    definition = Analyzer("mlops").analyze([Slo])["component_definitions"]["Slo"]
    assert set(definition.outputs) == {"freezeQueries", "gateConfigMap", "gateLabel", "dashboard"}
    assert all(p.description for p in definition.inputs.values())


def test_gate_label_is_the_library_s_own() -> None:
    assert list(manifests.GATE_LABEL) == ["mlops.dev/release-gate"]
