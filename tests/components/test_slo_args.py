"""Objectives: what is taken, and what is refused before anything is created."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components._core.args import ArgsError
from components.slo import GaugeHolds, Kind, NoData, Objective, SloArgs, manifests, rules
from components.slo.selectors import Selector, parse
from tests.graph import record

COMMON: dict[str, Any] = {
    "service": "ranker",
    "objective_percent": 99.9,
    "owner": "team-ranking",
    "runbook_url": "https://runbooks.example.com/ranker",
}
ARGUMENTS: dict[Kind, dict[str, Any]] = {
    Kind.AVAILABILITY: {
        "total_events": 'requests_total{app="ranker"}',
        "good_events": 'requests_total{app="ranker", code!~"5.."}',
    },
    Kind.LATENCY: {"histogram": 'answer_seconds{app="ranker"}', "threshold": 0.1, "buckets": [0.05, 0.1, 0.5]},
    Kind.FRESHNESS: {"gauge": 'feature_made_seconds{view="clicks"}', "max_age_seconds": 3600},
    Kind.QUALITY: {"gauge": 'model_auc{model="ranker"}', "minimum": 0.7},
}


def objective(kind: Kind, /, **changes: Any) -> Objective:
    return Objective(**{"name": f"ranker-{kind}", "kind": kind, **COMMON, **ARGUMENTS[kind], **changes})


ALL = [objective(kind) for kind in Kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", Selector("up")),
        (" up ", Selector("up")),
        ("up{}", Selector("up")),
        ("a:b{ x = \"1\" , y!~'2' }".replace("'", '"'), Selector("a:b", ('x="1"', 'y!~"2"'))),
        ('up{x="}", y="a,b", }', Selector("up", ('x="}"', 'y="a,b"'))),
        (r'up{x="say \"no\"\\"}', Selector("up", (r'x="say \"no\"\\"',))),
        (r'up{x=~"(?:a|b)[.]c\\.d"}', Selector("up", (r'x=~"(?:a|b)[.]c\\.d"',))),
    ],
)
def test_selector_is_read_and_written(text: str, expected: Selector) -> None:
    assert parse(text, "x") == expected
    assert parse(str(expected), "x") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' does not begin with the name of a metric"),
        ('{app="a"}', "does not begin with the name of a metric"),
        ("rate(up[5m])", "has '(up[5m])' behind the name; give only matchers"),
        ("up[5m]", "has '[5m]' behind the name"),
        ("up offset 1h", "has 'offset 1h' behind the name"),
        ('up{app="a"}[5m]', "behind the name"),
        ('up{app="a"} or down{app="b"}', "behind a matcher; join matchers by commas"),
        ("up{app=a}", "has no matcher at 'app=a'"),
        ('up{app="a" b="c"}', "has 'b=\"c\"' behind a matcher; join matchers by commas"),
        (r'up{app=~"a\.b"}', r"'\\.' is no escape of PromQL; write a backslash as two"),
        ('up{app=~"a("}', "'a(' is no regular expression"),
        ('up{app=~"(?!a).*"}', "uses what Prometheus has not"),
        (r'up{app!~"(a)\\1"}', "uses what Prometheus has not"),
        ('up{app=~"a++"}', "uses what Prometheus has not"),
    ],
)
def test_selector_fails_when_it_is_anything_else(text: str, message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        parse(text, "objectives[a].total_events")
    assert message in failed.value.reason
    assert failed.value.path == "objectives[a].total_events"


BAD: list[tuple[Kind, dict[str, Any], str]] = [
    (Kind.LATENCY, {"name": "Ranker"}, "objectives[Ranker].name: 'Ranker' is no name; use lower-case words"),
    (Kind.LATENCY, {"name": "a" * 41}, "at most 40 characters"),
    (Kind.LATENCY, {"service": "the ranker"}, ".service: 'the ranker' is no name"),
    (Kind.LATENCY, {"objective_percent": 49.9}, ".objective_percent: 49.9 is outside 50 to 99.999 percent"),
    (Kind.LATENCY, {"objective_percent": 100}, ".objective_percent: 100 is outside 50 to 99.999 percent"),
    (Kind.LATENCY, {"owner": "the team"}, ".owner: 'the team' is no team"),
    (Kind.LATENCY, {"runbook_url": "wiki/slo"}, ".runbook_url: 'wiki/slo' is no address; begin with https://"),
    (Kind.LATENCY, {"runbook_url": "https://a/{{x}}"}, "is no address"),
    (Kind.LATENCY, {"window_days": 7}, ".window_days: 7 is not allowed; use one of 28, 30"),
    (Kind.LATENCY, {"min_bad_events": 0}, ".min_bad_events: 0 is outside 1 to 1000000 events"),
    (Kind.LATENCY, {"threshold": 0.2}, ".threshold: 0.2 is not allowed; use one of 0.05, 0.1, 0.5"),
    (Kind.LATENCY, {"threshold": None}, ".threshold: 0 given; latency needs threshold"),
    (Kind.LATENCY, {"buckets": []}, ".buckets: [] does not rise"),
    (Kind.LATENCY, {"buckets": [0.1, 0.05]}, ".buckets: [0.1, 0.05] does not rise; give each bound once, in order"),
    (Kind.LATENCY, {"buckets": [0.1, 0.1]}, "does not rise"),
    (Kind.LATENCY, {"buckets": [0.1, 1e6]}, ".buckets: 1000000.0 is outside 0.0001 to 999999"),
    (Kind.LATENCY, {"histogram": "answer_seconds_bucket"}, "answer_seconds_bucket is one part of a histogram"),
    (Kind.LATENCY, {"histogram": 'answer_seconds{le="1"}'}, ".histogram: matches on le; leave it out"),
    (Kind.LATENCY, {"minimum": 1.0}, ".minimum: is not for latency; leave it out, latency takes buckets, histogram"),
    (Kind.LATENCY, {"gauge_holds": GaugeHolds.AGE}, ".gauge_holds: is not for latency"),
    (Kind.LATENCY, {"no_data": NoData.BAD}, ".no_data: 'bad' is not allowed for latency"),
    (Kind.AVAILABILITY, {"no_data": NoData.BAD}, ".no_data: 'bad' is not allowed for availability"),
    (Kind.AVAILABILITY, {"good_events": None}, "0 given; availability needs one of good_events and bad_events"),
    (Kind.AVAILABILITY, {"bad_events": "errors_total"}, "2 given; availability needs one of good_events"),
    (Kind.AVAILABILITY, {"total_events": "sum(x)"}, ".total_events: 'sum(x)' has '(x)' behind the name"),
    (Kind.AVAILABILITY, {"total_events": None}, ".total_events: 0 given; availability needs total_events"),
    (Kind.FRESHNESS, {"max_age_seconds": 59}, ".max_age_seconds: 59 is outside 60 to 31536000 seconds"),
    (Kind.FRESHNESS, {"gauge": None}, ".gauge: 0 given; freshness needs gauge"),
    (Kind.QUALITY, {"maximum": 1.0}, "2 given; quality needs one of minimum and maximum"),
    (Kind.QUALITY, {"gauge_holds": GaugeHolds.AGE}, ".gauge_holds: is not for quality"),
]


@pytest.mark.parametrize(("kind", "given", "message"), BAD)
def test_objective_fails_when_an_argument_is_wrong(kind: Kind, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        objective(kind, **given)
    assert message in str(failed.value)
    assert not str(failed.value).endswith(".")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"objectives": []}, "objectives: is empty; give one, or leave the component out"),
        (
            {"objectives": [ALL[0], ALL[0]]},
            "objectives: names ranker-availability more than once; give each objective its own name",
        ),
        (
            {"prometheus_retention_days": 15},
            "prometheus_retention_days: 15 is shorter than the window of 30 days; keep metrics that long",
        ),
        ({"namespace": "Monitoring"}, "namespace: 'Monitoring' is no namespace"),
        ({"prometheus_url": "prometheus:9090"}, "prometheus_url: 'prometheus:9090' is no prometheus_url"),
        ({"release_namespaces": ["a", "B"]}, "release_namespaces[1]: 'B' is no namespace"),
        ({"release_namespaces": ["a", "a"]}, "release_namespaces: names one more than once"),
    ],
)
def test_slo_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        SloArgs(**{"objectives": ALL, "prometheus_retention_days": 30, **given})
    assert message in str(failed.value)


def test_slo_shorter_windows_need_shorter_retention() -> None:
    SloArgs(objectives=[objective(Kind.LATENCY, window_days=28)], prometheus_retention_days=28)


def test_kind_may_be_a_text_too() -> None:
    given = {"kind": "freshness", "gauge_holds": "age", "no_data": "ignore"}
    kinds = {"kind": Kind.FRESHNESS, "gauge_holds": GaugeHolds.AGE, "no_data": NoData.IGNORE}
    assert rules.group(objective(Kind.FRESHNESS, **given)) == rules.group(objective(Kind.FRESHNESS, **kinds))
    with pytest.raises(ArgsError, match=r"kind: 'speed' is not allowed; use one of availability, latency"):
        objective(Kind.FRESHNESS, kind="speed")


def test_missing_data_is_bad_for_freshness_and_an_alert_for_others() -> None:
    assert {o.kind: o.missing for o in ALL} == {
        Kind.AVAILABILITY: NoData.ALERT,
        Kind.LATENCY: NoData.ALERT,
        Kind.FRESHNESS: NoData.BAD,
        Kind.QUALITY: NoData.ALERT,
    }
    assert objective(Kind.FRESHNESS, no_data=NoData.IGNORE).missing is NoData.IGNORE


PAGE = Path(__file__).resolve().parents[2] / "docs" / "components" / "slo.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_page_example_makes_what_it_says() -> None:
    (code,) = blocks("python")
    graph = record(lambda: exec(code, {}))
    assert {r.name for r in graph.resources} >= {"slo", "slo-objective-ranker-latency", "slo-gate-team-ranking"}


def test_page_step_fits_what_the_component_makes() -> None:
    ((step,),) = [yaml.safe_load(text) for text in blocks("yaml")]
    assert step["metadata"]["labels"] == manifests.GATE_LABEL
    assert step["volumes"][0]["configMap"]["name"] == manifests.GATE
    (mount,) = step["container"]["volumeMounts"]
    assert step["container"]["command"][1] == f"{mount['mountPath']}/gate.py"


def test_page_names_metrics_that_are_recorded() -> None:
    recorded = {r["record"] for o in ALL for r in rules.group(o)["rules"] if "record" in r} | {rules.FREEZE}
    named = set(re.findall(r"mlops:slo_[a-z_]+:[a-z0-9_]+|mlops_slo_[a-z_]+", PAGE.read_text(encoding="utf-8")))
    assert named <= recorded
    alerts = {r["alert"] for o in ALL for r in rules.group(o)["rules"] if "alert" in r}
    assert set(re.findall(r"`(Slo[A-Z]\w+)`", PAGE.read_text(encoding="utf-8"))) == alerts
