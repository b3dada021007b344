"""The rules against a model of them, over a whole window, and for objectives of every kind."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.slo import GaugeHolds, Kind, NoData, Objective, rules
from components.slo.indicators import bound
from tests.components.test_slo_args import ALL, COMMON, objective
from tests.components.test_slo_stories import (
    ALERTS,
    BAD,
    GOOD,
    all_groups,
    availability,
    call,
    check,
    counter,
    inputs,
    quality,
    write,
)

HOURS = 6
PAIRS = {
    "SloBurnsFast": ((14.4, 60, 5), (6.0, 360, 30)),
    "SloBurnsSlowly": ((3.0, 1440, 120), (1.0, 4320, 360)),
}
"""Factor, long and short window in minutes, as published."""


@dataclasses.dataclass(frozen=True)
class Model:
    """What Prometheus should find in requests by minute, straight from the definition.

    `later` is Prometheus 3, which leaves the first sample out of a range.
    """

    every: Sequence[float]
    bad: Sequence[float]
    later: bool

    def rates(self, counts: Sequence[float]) -> list[float]:
        total = [0.0, *itertools.accumulate(counts)]
        found = []
        for t in range(len(total)):
            begin, seconds = total[max(0, t - 5)], 300
            if self.later and t >= 5:
                begin, seconds = 0.75 * total[t - 5] + 0.25 * total[t - 4], 285
            found.append((total[t] - begin) / seconds)
        return found

    def firing(self) -> list[set[str]]:
        every, bad = ([0.0, *itertools.accumulate(self.rates(c))] for c in (self.every, self.bad))
        single = [self.rates(c) for c in (self.every, self.bad)]

        def over(sums: list[float], t: int, minutes: int) -> float:
            return sums[t + 1] - sums[max(0, t - minutes + (1 if self.later else 0))]

        def share(t: int, minutes: int) -> float:
            part = (single[1][t], single[0][t]) if minutes == 5 else (over(bad, t, minutes), over(every, t, minutes))
            return part[0] / part[1] if part[1] > 0 else 0.0

        return [
            {
                alert
                for alert, pairs in PAIRS.items()
                for factor, long, short in pairs
                if min(share(t, long), share(t, short)) > factor * 0.001 and over(bad, t, long) * 60 >= 9.5
            }
            for t in range(len(self.every) + 1)
        ]


def history(seed: int) -> tuple[list[float], list[float]]:
    """Six hours of busy and quiet times with faults of all sizes."""
    chance = random.Random(seed)
    every: list[float] = []
    bad: list[float] = []
    while len(every) < HOURS * 60:
        minutes = chance.randint(3, 60)
        traffic = chance.choice([0, 4, 60, 600, 6000])
        fault = chance.choice([0, 0, 0, 0.0004, 0.0004, 0.002, 0.008, 0.02, 1])
        every += [traffic] * minutes
        bad += [traffic * fault] * minutes
    return every[: HOURS * 60], bad[: HOURS * 60]


def by_minute(counts: Sequence[float]) -> str:
    return counter(*((len(list(same)), growth) for growth, same in itertools.groupby(counts)))


def test_alerts_fire_when_a_model_of_the_definition_says(tmp_path: Path) -> None:
    files, looked, fired = [], 0, 0
    for seed in range(6):
        every, bad = history(seed)
        models = [Model(every, bad, later).firing() for later in (False, True)]
        expected = []
        for minute, (one, other) in enumerate(zip(*models, strict=True)):
            # Where the two versions differ, a threshold is crossed in this very minute.
            if one == other and minute % 3 == 0:
                samples = [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in one]
                kinds = f'count by (alertname) ({ALERTS.replace("}", "")}, alertname=~"SloBurns.+"}})'
                expected.append(check(kinds, minute, samples))
                looked, fired = looked + 1, fired + bool(one)
        series = {GOOD: by_minute([e - b for e, b in zip(every, bad, strict=True)]), BAD: by_minute(bad)}
        test = {"interval": "15s", "input_series": inputs(series), "promql_expr_test": expected}
        files.append(write(tmp_path, f"history{seed}", all_groups(availability()), test))
    assert looked > 600
    assert 200 < fired < looked - 200
    call(tmp_path, "test", "rules", *files)


@pytest.mark.parametrize("days", [28, 30])
def test_freeze_ends_when_the_outage_has_left_the_window(
    days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month in the recorded rates themselves: 90 minutes of outage on the second day, which is twice the budget.

    As if rules were evaluated every six minutes: the tool reads no more than ten thousand samples at once.
    """
    monkeypatch.setattr(rules, "INTERVAL_SECONDS", 360)
    group = rules.group(availability(window_days=days))
    group["rules"] = [r for r in group["rules"] if r.get("record") not in (rules.EVENTS, rules.BAD)]
    labels = '{slo="ranker-availability", service="ranker"}'
    series = {rules.EVENTS + labels: "10x8000", rules.BAD + labels: "0x239 10x14 0x8000"}
    leaves = 1440 + days * 1440
    checks = [
        check(rules.freeze_query("ranker"), minute, [{"labels": "{}", "value": value}])
        for minute, value in ((1440, 0), (1560, 1), (leaves - 120, 1), (leaves + 120, 0))
    ]
    checks += [
        check(f"round({rules.REMAINING}, 0.01)", minute, [{"labels": labels, "value": value}])
        for minute, value in ((leaves - 120, round(1 - 90 / (days * 1.44), 2)), (leaves + 120, 1))
    ]
    # All in one group, or the freeze would be of two hours before.
    groups = [{**group, "rules": [*group["rules"], *rules.freeze_group([availability()])["rules"]]}]
    test = {"interval": "6m", "input_series": inputs(series), "promql_expr_test": checks}
    call(tmp_path, "test", "rules", write(tmp_path, "month", groups, test, every="2h"))


def test_not_a_number_is_no_data(tmp_path: Path) -> None:
    group = rules.group(quality())
    group["rules"].insert(0, {"record": "model_auc", "expr": "vector(0) / 0", "labels": {"model": "ranker"}})
    checks = [
        check(f"count by (alertname) ({ALERTS})", 40, [{"labels": '{alertname="SloNoData"}', "value": 1}]),
        check(f"max({rules.REMAINING})", 40, [{"labels": "{}", "value": 1}]),
    ]
    test = {"interval": "1m", "input_series": inputs({"up": "1x40"}), "promql_expr_test": checks}
    call(tmp_path, "test", "rules", write(tmp_path, "nan", [group], test))


def test_freeze_is_that_of_the_worst_objective_and_unknown_when_one_is_not_evaluated(tmp_path: Path) -> None:
    objectives = [
        objective(Kind.AVAILABILITY),
        objective(Kind.QUALITY),
        objective(Kind.LATENCY, freezes=False),
        objective(Kind.AVAILABILITY, name="other", service="other"),
    ]
    group = rules.freeze_group(objectives)
    spent = f'{rules.SPENT}{{service="ranker", slo="ranker-'
    series = {
        f'{spent}availability"}}': "0 0 1 1 0 _x9",
        f'{spent}quality"}}': "_ 0 0 1 1 1x9",
        f'{spent}latency"}}': "1x20",
        f'{rules.SPENT}{{service="other", slo="other"}}': "0x20",
    }
    answers: list[tuple[int, str, float | None]] = [
        *((m, "ranker", v) for m, v in enumerate([None, 0.0, 1.0, 1.0, 1.0])),
        (12, "ranker", None),
        (12, "other", 0.0),
    ]
    checks = [
        check(rules.freeze_query(service), m, [] if v is None else [{"labels": "{}", "value": v}])
        for m, service, v in answers
    ]
    test = {"interval": "1m", "input_series": inputs(series), "promql_expr_test": checks}
    call(tmp_path, "test", "rules", write(tmp_path, "worst", [group], test))


def test_alert_names_objective_owner_runbook_and_share(tmp_path: Path) -> None:
    found = {
        "exp_labels": {
            "slo": "ranker-availability",
            "service": "ranker",
            "owner": "team-ranking",
            "severity": "critical",
        },
        "exp_annotations": {
            "summary": "ranker-availability burns fast: 50% of its events are bad",
            "description": "The budget would be gone within days, or less: mend it now. "
            f"Runbook: {COMMON['runbook_url']}",
            "runbook_url": COMMON["runbook_url"],
        },
    }
    series = {GOOD: counter((60, 300)), BAD: counter((60, 300))}
    test = {
        "interval": "15s",
        "input_series": inputs(series),
        "alert_rule_test": [{"eval_time": "40m", "alertname": "SloBurnsFast", "exp_alerts": [found]}],
    }
    call(tmp_path, "test", "rules", write(tmp_path, "alert", all_groups(availability()), test))


def limits(o: Objective) -> dict[str, list[str]]:
    """The thresholds in the alerts of an objective."""
    found: dict[str, list[str]] = {}
    for rule in rules.group(o)["rules"]:
        if rule.get("alert", "").startswith("SloBurns"):
            words = rule["expr"].replace(")", " ").split()
            found[rule["alert"]] = [words[i + 1] for i, word in enumerate(words) if word == ">"][::2]
    return found


@pytest.mark.parametrize(
    ("percent", "days", "expected"),
    [
        (99.9, 30, {"SloBurnsFast": ["0.0144", "0.006"], "SloBurnsSlowly": ["0.003", "0.001"]}),
        (99.9, 28, {"SloBurnsFast": ["0.01344", "0.0056"], "SloBurnsSlowly": ["0.0028", "0.0009333333333"]}),
        (99.999, 30, {"SloBurnsFast": ["0.000144", "6e-05"], "SloBurnsSlowly": ["3e-05", "1e-05"]}),
        # More than all cannot be bad: those windows say nothing, and are left out.
        (93, 30, {"SloBurnsFast": ["0.42"], "SloBurnsSlowly": ["0.21", "0.07"]}),
        (50, 30, {"SloBurnsSlowly": ["0.5"]}),
    ],
)
def test_thresholds_are_shares_of_the_budget(percent: float, days: int, expected: dict[str, list[str]]) -> None:
    assert limits(availability(objective_percent=percent, window_days=days)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, "1([.]0)?"), (0.5, "0[.]5"), (2.5, "2[.]5"), (0.0001, "0[.]0001"), (500.0, "500([.]0)?")],
)
def test_bound_fits_the_spellings_of_clients(value: float, expected: str) -> None:
    assert bound(value) == expected


def words() -> st.SearchStrategy[str]:
    word = st.text(string.ascii_lowercase + string.digits, max_size=6)
    part = st.builds(str.__add__, st.sampled_from(string.ascii_lowercase), word)
    return st.lists(part, min_size=1, max_size=3).map("-".join)


def selectors() -> st.SearchStrategy[str]:
    name = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,12}(:[a-z]{1,5})?", fullmatch=True)
    escaped = st.text(max_size=8).map(lambda v: json.dumps(v.replace("\\", "")).replace("\\b", "").replace("\\f", ""))
    value = escaped.filter(lambda v: "\\u" not in v and v.isprintable())
    plain = st.builds(lambda label, op, v: f"{label}{op}{v}", st.sampled_from(["app", "_x9"]), st.just("!="), value)
    expr = st.sampled_from(['code=~"5.."', 'code!~"(?:4|5)[0-9]{2}"', 'path=~"/v1/.+"', r'host=~"a\\.b"'])
    matchers = st.lists(st.one_of(plain, expr), max_size=3)
    return st.builds(lambda n, m: f"{n}{{{', '.join(m)}}}" if m else n, name, matchers)


@st.composite
def objectives(draw: st.DrawFn) -> Objective:
    kind = draw(st.sampled_from(Kind))
    real = st.floats(0.001, 5000).map(lambda v: round(v, 3))
    given: dict[str, Any] = {}
    if kind is Kind.AVAILABILITY:
        given["total_events"] = draw(selectors())
        given[draw(st.sampled_from(["good_events", "bad_events"]))] = draw(selectors())
    elif kind is Kind.LATENCY:
        base = selectors().filter(lambda s: not s.split("{")[0].endswith(("_bucket", "_count", "_sum")))
        given["histogram"] = draw(base)
        given["buckets"] = sorted(draw(st.sets(real, min_size=1, max_size=6)))
        given["threshold"] = draw(st.sampled_from(given["buckets"]))
    else:
        given["gauge"] = draw(selectors())
        given["no_data"] = draw(st.sampled_from([None, *NoData]))
        if kind is Kind.FRESHNESS:
            given["max_age_seconds"] = draw(st.floats(60, 1e6))
            given["gauge_holds"] = draw(st.sampled_from([None, *GaugeHolds]))
        else:
            given[draw(st.sampled_from(["minimum", "maximum"]))] = draw(st.floats(-1e6, 1e6))
    return Objective(
        name=draw(words()),
        kind=kind,
        window_days=draw(st.sampled_from([None, 28, 30])),
        min_bad_events=draw(st.integers(1, 1000)),
        freezes=draw(st.sampled_from([None, True, False])),
        **{**COMMON, "service": draw(words()), "objective_percent": draw(st.floats(50, 99.999))},
        **given,
    )


def test_rules_of_any_objective_are_well_formed_for_prometheus(tmp_path: Path) -> None:
    found: list[Objective] = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(objectives())
    def collect(o: Objective) -> None:
        found.append(dataclasses.replace(o, name=f"o{len(found)}"))

    collect()
    groups = [rules.group(o) for o in found] + [rules.freeze_group(found)]
    assert {o.kind for o in found} == set(Kind)
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    # One call for all: the tool takes longer to start than to read them.
    call(tmp_path, "check", "rules", "--lint-fatal", "rules.yaml")


DURATION = "^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$"
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
# The fields that are used here of prometheus-operator's definition of PrometheusRule
# (example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml@01fad0d6, read 2026-11-27).
SPEC = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "interval": {"type": "string", "pattern": DURATION},
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["expr"],
                "oneOf": [{"required": ["record"]}, {"required": ["alert"]}],
                "additionalProperties": False,
                "properties": {
                    "alert": {"type": "string"},
                    "record": {"type": "string"},
                    "expr": {"type": "string"},
                    "for": {"type": "string", "pattern": DURATION},
                    "labels": TEXTS,
                    "annotations": TEXTS,
                },
            },
        },
    },
}


def test_groups_are_as_the_operator_defines_them() -> None:
    for group in [*(rules.group(o) for o in ALL), rules.freeze_group(ALL)]:
        jsonschema.validate(group, SPEC)


def test_rules_have_the_labels_that_dashboards_join_by() -> None:
    for o in ALL:
        for rule in rules.group(o)["rules"]:
            assert rule["labels"].items() >= {"slo": o.name, "service": o.service}.items()
