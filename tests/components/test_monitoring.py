"""Monitoring: what is installed, who may publish, what fires when, what the dashboards show."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from components._core import catalogue
from components._core.args import ArgsError
from components.monitoring import MonitoredPoolArgs, Monitoring, MonitoringArgs, dashboards, metrics, rules, values
from tests.graph import ACCOUNT, Graph, record
from tests.tools import promtool

POOLS = [MonitoredPoolArgs(name="train", hourly_usd=6.88), MonitoredPoolArgs(name="notebooks")]


def arguments(**overrides: Any) -> dict[str, Any]:
    return {
        "cluster_name": "acme-ml-dev",
        "region": "us-east-1",
        "account_id": ACCOUNT,
        "notification_key_arn": "arn:notifications-key",
        "alert_emails": ["oncall@example.com", "ml@example.com"],
        "storage_class": "gp3-encrypted",
        "pools": POOLS,
        "watched_namespaces": ["mlflow", "argo"],
        **overrides,
    }


def monitoring(preview: bool = False, **overrides: Any) -> Graph:
    def program() -> Any:
        made = Monitoring("monitoring", MonitoringArgs(**arguments(**overrides)))
        return {"topic": made.topic_arn, "secret": made.grafana_admin_secret_name, "boards": made.dashboards}

    return record(program, preview=preview)


def chart_values(graph: Graph) -> dict[str, Any]:
    found: dict[str, Any] = graph.named("monitoring-stack").inputs["values"]
    return found


def rule_file(folder: Path) -> Path:
    """All rules of a platform with one priced pool, in one file as Prometheus loads it."""
    groups = rules.groups({"train": 6.88}, 5.0, ["mlflow", "argo"])
    file = folder / "rules.yaml"
    content = {"groups": [{"name": f"mlops-{n}", "interval": "30s", "rules": r} for n, r in groups.items()]}
    file.write_text(yaml.safe_dump(content))
    return file


def run_promtool(*arguments: str, folder: Path) -> None:
    done = subprocess.run([str(promtool()), *arguments], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_monitoring_outputs_are_exactly_the_annotated_ones() -> None:
    graph = monitoring()
    assert graph.outputs_of("monitoring").keys() == {
        "topic_arn",
        "namespace",
        "grafana_admin_secret_name",
        "dashboards",
    }
    assert graph.result["boards"] == ["Nodes", "GPUs", "Platform"]


def test_monitoring_chart_is_told_what_eks_hides_and_holds_no_password() -> None:
    given = chart_values(monitoring())
    catalogue.check_values("kube-prometheus-stack", given)
    assert given["crds"] == {"enabled": False}
    for name in ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"):
        assert given[name] == {"enabled": False}
    assert given["grafana"]["admin"]["existingSecret"] == "grafana-admin"
    assert "adminPassword" not in json.dumps(given)


def test_monitoring_prometheus_takes_monitors_and_rules_of_everybody() -> None:
    spec = chart_values(monitoring())["prometheus"]["prometheusSpec"]
    assert all(
        spec[f"{k}SelectorNilUsesHelmValues"] is False for k in ("rule", "serviceMonitor", "podMonitor", "probe")
    )
    assert spec["retention"] == "15d"
    assert spec["storageSpec"]["volumeClaimTemplate"]["spec"]["storageClassName"] == "gp3-encrypted"


def test_monitoring_admin_password_is_made_in_the_cluster_once() -> None:
    graph = monitoring()
    secret = graph.named("monitoring-admin-secret").inputs
    assert secret["spec"]["refreshPolicy"] == "CreatedOnce"
    assert secret["spec"]["dataFrom"][0]["sourceRef"]["generatorRef"]["kind"] == "Password"
    assert graph.named("monitoring-admin-password").inputs["spec"]["length"] == 32
    assert graph.depends(graph.named("monitoring-stack"), graph.named("monitoring-admin-secret"))


def test_monitoring_alertmanager_publishes_to_its_topic_only() -> None:
    graph = monitoring()
    policy = json.loads(graph.named("monitoring-alertmanager-publish").inputs["policy"])
    topic = graph.one("aws:sns/topic:Topic")
    assert topic.inputs["kmsMasterKeyId"] == "arn:notifications-key"
    publish, encrypt = policy["Statement"]
    assert (publish["Action"], publish["Resource"]) == (["sns:Publish"], graph.result["topic"])
    assert encrypt["Resource"] == "arn:notifications-key"
    receiver = chart_values(graph)["alertmanager"]["config"]["receivers"][1]["sns_configs"][0]
    assert receiver["topic_arn"] == graph.result["topic"]
    assert "access_key" not in json.dumps(receiver)


def test_monitoring_topic_refuses_what_is_not_encrypted_on_the_way() -> None:
    policy = json.loads(monitoring().named("monitoring-alerts-policy").inputs["policy"])
    deny = policy["Statement"][1]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_monitoring_every_address_is_subscribed() -> None:
    subscriptions = monitoring().of("aws:sns/topicSubscription:TopicSubscription")
    assert [s.inputs["endpoint"] for s in subscriptions] == ["oncall@example.com", "ml@example.com"]


def test_monitoring_rules_wait_for_the_definitions_and_go_with_the_namespace() -> None:
    graph = monitoring()
    made = graph.of("kubernetes:monitoring.coreos.com/v1:PrometheusRule")
    space = graph.named("monitoring-namespace")
    assert {r.inputs["spec"]["groups"][0]["name"] for r in made} == {
        "mlops-recordings",
        "mlops-nodes",
        "mlops-accelerators",
        "mlops-capacity",
        "mlops-services",
    }
    for rule in made:
        assert graph.depends(rule, graph.named("monitoring-stack"))
        assert rule.deleted_with == space.urn


def test_monitoring_children_are_parented_and_tagged() -> None:
    graph = monitoring()
    children = [r for r in graph.resources if r.custom]
    assert {graph.parent_of(r) for r in children} == {"monitoring"}
    tagged = ("aws:sns/topic:Topic", "aws:iam/role:Role", "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert {r.inputs["tags"]["component"] for r in children if r.type in tagged} == {"monitoring"}


def test_monitoring_preview_with_unknown_outputs_works() -> None:
    assert len(monitoring(preview=True).of("kubernetes:helm.sh/v3:Release")) == 1


def test_monitoring_hosted_mapping_equals_local_args() -> None:
    hosted = {**arguments(), "pools": [{"name": "train", "hourly_usd": 6.88}, {"name": "notebooks"}]}
    graph = record(lambda: Monitoring("monitoring", hosted).topic_arn)  # type: ignore[arg-type]
    local = monitoring()
    assert sorted((r.name, str(r.inputs)) for r in graph.resources) == sorted(
        (r.name, str(r.inputs)) for r in local.resources
    )


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"alert_emails": []}, "alert_emails: is empty; name at least one address that somebody reads"),
        ({"alert_emails": ["nobody"]}, "alert_emails[0]: 'nobody' is not an e-mail address; use one"),
        ({"retention_days": 0}, "retention_days: 0 is outside 1 to 365 days; choose a value inside"),
        ({"storage_gib": 5}, "storage_gib: 5 is outside 10 to 16384 GiB; choose a value inside"),
        ({"replicas": 9}, "replicas: 9 is outside 1 to 5 replicas; choose a value inside"),
        (
            {"pools": [MonitoredPoolArgs(name="a"), MonitoredPoolArgs(name="a")]},
            "pools[1].name: 'a' is named twice; remove one",
        ),
        (
            {"pools": [MonitoredPoolArgs(name="a", hourly_usd=0.0)]},
            "pools[0].hourly_usd: 0.0 is no price; leave it out if unknown",
        ),
    ],
)
def test_monitoring_fails_with(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        MonitoringArgs(**arguments(**overrides))
    assert str(caught.value).startswith(message)


def test_rules_are_valid(tmp_path: Path) -> None:
    run_promtool("check", "rules", str(rule_file(tmp_path)), folder=tmp_path)


NODE = 'label_mlops_dev_node_pool="train"'
READY_POOL = {"series": f'kube_node_labels{{node="n1",{NODE}}}', "values": "1x120"}


SCENARIOS: dict[str, tuple[list[dict[str, str]], dict[str, list[str]]]] = {
    # name: series, and for each alert the moments (in minutes) at which it must fire; elsewhere it must not.
    "idle GPU": (
        [READY_POOL, {"series": 'DCGM_FI_DEV_GPU_UTIL{Hostname="n1",gpu="0"}', "values": "0x120"}],
        {"GpuIdle": ["60m", "100m"], "GpuIdleCost": ["20m", "100m"]},
    ),
    "busy GPU": (
        [READY_POOL, {"series": 'DCGM_FI_DEV_GPU_UTIL{Hostname="n1",gpu="0"}', "values": "80x120"}],
        {"GpuIdle": [], "GpuIdleCost": []},
    ),
    "XID error": (
        [{"series": 'DCGM_FI_DEV_XID_ERRORS{Hostname="n1",gpu="3"}', "values": "0x30 79x90"}],
        {"GpuXidError": ["40m", "100m"]},
    ),
    "pending GPU pod": (
        [
            {
                "series": 'kube_pod_container_resource_requests{namespace="t",pod="p",resource="nvidia_com_gpu"}',
                "values": "2x120",
            },
            {"series": 'kube_pod_status_phase{namespace="t",pod="p",phase="Pending"}', "values": "1x60 0x60"},
        ],
        {"GpuPodsPending": ["20m", "60m"]},
    ),
    "running GPU pod": (
        [
            {
                "series": 'kube_pod_container_resource_requests{namespace="t",pod="p",resource="nvidia_com_gpu"}',
                "values": "2x120",
            },
            {"series": 'kube_pod_status_phase{namespace="t",pod="p",phase="Running"}', "values": "1x120"},
        ],
        {"GpuPodsPending": []},
    ),
    "GPUs without metrics": (
        [{"series": 'kube_node_status_allocatable{node="n1",resource="nvidia_com_gpu"}', "values": "8x120"}],
        {"GpuMetricsMissing": ["20m", "100m"]},
    ),
    "node gone": (
        [{"series": 'kube_node_status_condition{node="n1",condition="Ready",status="true"}', "values": "1x20 0x100"}],
        {"NodeNotReady": ["40m", "100m"]},
    ),
    "service down": (
        [
            {
                "series": 'kube_deployment_status_replicas_available{namespace="mlflow",deployment="mlflow"}',
                "values": "2x20 0x100",
            },
            {
                "series": 'kube_deployment_spec_replicas{namespace="mlflow",deployment="mlflow"}',
                "values": "2x120",
            },
        ],
        {"PlatformServiceDown": ["40m", "100m"]},
    ),
    "pool nearly full": (
        [
            {
                "series": 'karpenter_nodepools_usage{nodepool="train",resource_type="nvidia.com/gpu"}',
                "values": "60x120",
            },
            {
                "series": 'karpenter_nodepools_limit{nodepool="train",resource_type="nvidia.com/gpu"}',
                "values": "64x120",
            },
        ],
        {"PoolNearItsLimit": ["20m", "100m"]},
    ),
}
MOMENTS = ("5m", "20m", "40m", "60m", "100m")


@pytest.mark.parametrize("name", SCENARIOS)
def test_alerts_fire_when_and_only_when_they_should(name: str, tmp_path: Path) -> None:
    """Evaluate the rules over made-up series; `count` of the ALERTS series says what fires at each moment."""
    series, expected = SCENARIOS[name]
    checks = []
    for alert_name, firing in expected.items():
        for moment in MOMENTS:
            count = f'count(ALERTS{{alertname="{alert_name}", alertstate="firing"}}) or vector(0)'
            fires = moment in firing or (
                len(firing) == 2 and _minutes(firing[0]) <= _minutes(moment) <= _minutes(firing[1])
            )
            checks.append({"expr": count, "eval_time": moment, "exp_samples": [{"value": int(fires)}]})
    content = {
        "rule_files": [rule_file(tmp_path).name],
        "evaluation_interval": "30s",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": checks}],
    }
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(content))
    run_promtool("test", "rules", file.name, folder=tmp_path)


def _minutes(moment: str) -> int:
    return int(moment.removesuffix("m"))


def test_idle_cost_is_idle_gpus_times_price(tmp_path: Path) -> None:
    series = [
        READY_POOL,
        {"series": 'DCGM_FI_DEV_GPU_UTIL{Hostname="n1",gpu="0"}', "values": "0x60"},
        {"series": 'DCGM_FI_DEV_GPU_UTIL{Hostname="n1",gpu="1"}', "values": "1x60"},
        {"series": 'DCGM_FI_DEV_GPU_UTIL{Hostname="n1",gpu="2"}', "values": "90x60"},
    ]
    check = {
        "expr": rules.IDLE_COST,
        "eval_time": "30m",
        "exp_samples": [{"labels": f'{rules.IDLE_COST}{{pool="train"}}', "value": 2 * 6.88}],
    }
    content = {
        "rule_files": [rule_file(tmp_path).name],
        "evaluation_interval": "30s",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [check]}],
    }
    (tmp_path / "cost.yaml").write_text(yaml.safe_dump(content))
    run_promtool("test", "rules", "cost.yaml", folder=tmp_path)


def _metrics_in(expr: str) -> set[str]:
    """Names of metrics in an expression: words with an underscore or colon that stand before no bracket."""
    without_text = re.sub(r'"[^"]*"', "", expr)
    without_labels = re.sub(r"(?:\bby|\bon|group_left)\s*\([^)]*\)", "", without_text)
    selectors = re.sub(r"\{[^}]*\}", "", without_labels)
    words = re.findall(r"[A-Za-z_:][A-Za-z0-9_:]*(?!\s*\()", selectors)
    return {w for w in words if "_" in w and not w.startswith(("group_", "label_"))}


def every_expression() -> list[str]:
    found = [r["expr"] for group in rules.groups({"train": 1.0}, 5.0, ["a"]).values() for r in group]
    return found + [t["expr"] for b in dashboards.all_dashboards() for p in b["panels"] for t in p["targets"]]


def test_every_metric_that_is_read_is_known() -> None:
    own = {r["record"] for r in rules.recordings({"train": 1.0})}
    read = {m for expr in every_expression() for m in _metrics_in(expr) if not m.endswith(("_over_time", "_replace"))}
    assert read - metrics.KNOWN - own == set()
    assert len(read) > 20


def test_dashboards_have_unique_panels_with_expressions_that_fit_the_grid() -> None:
    boards = dashboards.all_dashboards()
    assert len({b["uid"] for b in boards}) == len(boards)
    for board in boards:
        ids = [p["id"] for p in board["panels"]]
        assert len(set(ids)) == len(ids)
        for panel in board["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24
            assert panel["targets"][0]["expr"]
            assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}


def test_dashboard_expressions_are_valid(tmp_path: Path) -> None:
    recorded = [{"record": f"check:{i}", "expr": e} for i, e in enumerate(every_expression())]
    (tmp_path / "all.yaml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": recorded}]}))
    run_promtool("check", "rules", "--lint=none", "all.yaml", folder=tmp_path)


def test_node_labels_that_rules_read_are_asked_for() -> None:
    allowed = values.stack(MonitoringArgs(**arguments()), "arn")["kube-state-metrics"]["metricLabelsAllowlist"]
    assert allowed == ["nodes=[mlops.dev/node-pool,karpenter.sh/capacity-type,node.kubernetes.io/instance-type]"]
    assert all("label_mlops_dev_node_pool" not in e or "kube_node_labels" in e for e in every_expression())
