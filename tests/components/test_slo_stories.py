"""The rules, run by Prometheus' own tool over days of series: which alerts fire from which minute to which."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.slo import GaugeHolds, Kind, NoData, Objective, rules
from tests.components.test_slo_args import objective
from tests.tools import promtool

STEP = 15
"""Seconds between two samples, as between two scrapes."""

EARLIER = 2
"""Minutes by which an alert may end earlier: Prometheus 3 leaves the first sample out of a range."""

GOOD, BAD = 'requests_total{app="ranker", code="200"}', 'requests_total{app="ranker", code="500"}'
LE = 'answer_seconds_bucket{app="ranker", le="'
COUNT = 'answer_seconds_count{app="ranker"}'
MADE, AUC = 'feature_made_seconds{view="clicks"}', 'model_auc{model="ranker"}'
ALERTS = 'ALERTS{alertstate="firing"}'
Firing = dict[str, list[tuple[int, int]]]


def counter(*parts: tuple[int, float], start: float = 0) -> str:
    """A counter by parts: minutes, and how much it grows in each."""
    text, value = [], start
    for minutes, growth in parts:
        step, samples = growth * STEP / 60, minutes * 60 // STEP
        text.append(f"{value:.12g}+{step:.12g}x{samples - 1}")
        value += step * samples
    return " ".join(text)


def gauge(*parts: tuple[int, float]) -> str:
    """A gauge by parts: minutes, and its value."""
    return " ".join(f"{value:.12g}x{minutes * 60 // STEP - 1}" for minutes, value in parts)


def absent(minutes: int) -> str:
    return f"_x{minutes * 60 // STEP}"


@dataclasses.dataclass(frozen=True)
class Story:
    """What happens, minute by minute, and what follows."""

    name: str
    objective: Objective
    minutes: int
    series: dict[str, str]
    firing: Firing = dataclasses.field(default_factory=dict)
    """First and last minute at which each alert fires; it does so at no other."""

    values: Sequence[tuple[int, str, float]] = ()
    """Minute, expression, value nearly."""

    freeze: Sequence[tuple[int, int]] = ()
    """Minute, and whether releases are frozen."""


def expected_at(minute: int, firing: Firing) -> set[str]:
    return {alert for alert, spans in firing.items() if any(a <= minute <= b for a, b in spans)}


def checks(story: Story) -> list[dict[str, Any]]:
    """Look right before and after each change, and count the minutes of the whole story."""
    spans = [span for found in story.firing.values() for span in found]
    edges = {edge for a, b in spans for edge in (a - 1, a, b if b == story.minutes else b - EARLIER, b + 1)}
    found = []
    for minute in sorted({e for e in edges | {story.minutes} if 0 <= e <= story.minutes}):
        if not any(b - EARLIER < minute <= b != story.minutes for _, b in spans):
            samples = [{"labels": f'{{alertname="{a}"}}', "value": 1} for a in expected_at(minute, story.firing)]
            found.append(check(f"count by (alertname) ({ALERTS})", minute, samples))
    for alert, fired in story.firing.items():
        lasted = sum(b - a + 1 for a, b in fired)
        counted = f'sum(count_over_time(ALERTS{{alertstate="firing", alertname="{alert}"}}[40d]))'
        expr = f"({counted} >= bool {lasted - EARLIER * len(fired)}) * ({counted} <= bool {lasted})"
        found.append(check(expr, story.minutes, [{"labels": "{}", "value": 1}]))
    names = f"count(sum by (alertname) (count_over_time({ALERTS}[40d]))) or vector(0)"
    found.append(check(names, story.minutes, [{"labels": "{}", "value": len(story.firing)}]))
    asked = [*story.values, *((m, rules.freeze_query(story.objective.service), v) for m, v in story.freeze)]
    for minute, expr, value in asked:
        near = f"abs(max({expr}) - {value}) <= bool 0.02"
        found.append(check(near, minute, [{"labels": "{}", "value": 1}]))
    return found


def check(expr: str, minute: int, samples: list[dict[str, Any]]) -> dict[str, Any]:
    return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": samples}


def all_groups(o: Objective) -> list[dict[str, Any]]:
    return [rules.group(o), rules.freeze_group([o])]


def write(folder: Path, name: str, groups: list[dict[str, Any]], test: dict[str, Any], every: str = "1m") -> str:
    """Write rules and a test of them; return the name of the test's file."""
    (folder / f"{name}.rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    content = {"rule_files": [f"{name}.rules.yaml"], "evaluation_interval": every, "tests": [{"name": name, **test}]}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return f"{name}.yaml"


def call(folder: Path, *arguments: str) -> None:
    done = subprocess.run([str(promtool()), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def inputs(series: dict[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": values} for name, values in series.items()]


def tell(folder: Path, stories: Iterable[Story]) -> None:
    files = [
        write(
            folder,
            story.name,
            all_groups(story.objective),
            {
                "interval": f"{STEP}s",
                "input_series": inputs(story.series),
                "promql_expr_test": checks(story),
            },
        )
        for story in stories
    ]
    call(folder, "test", "rules", *files)


def availability(**changes: Any) -> Objective:
    return objective(Kind.AVAILABILITY, **changes)


def freshness(**changes: Any) -> Objective:
    return objective(Kind.FRESHNESS, objective_percent=99, **changes)


def quality(**changes: Any) -> Objective:
    return objective(Kind.QUALITY, objective_percent=99, **changes)


LEFT, SHARE = rules.REMAINING, rules.ratio("window")
# Every half hour until minute 300, then not until minute 500.
UPDATES = gauge(*((30, 1800.0 * i) for i in range(10)), (200, 18_000), (60, 30_000))
UPDATES += " " + gauge(*((30, 33_600.0 + 1800 * i) for i in range(12)))
# Stale from minute 361 to 499. The tenth bad minute is 370; of thirty minutes two are bad until 528, of six hours
# four until 856.
STALE: Firing = {"SloBurnsFast": [(370, 528)], "SloBurnsSlowly": [(370, 856)]}
STALE_YET: Firing = {"SloBurnsFast": [(370, 528)], "SloBurnsSlowly": [(370, 540)]}

# 600 requests a minute, of which one in a thousand may fail; the rate of five minutes makes of a sudden outage one
# of a fifth, two fifths ... after a minute, two minutes ... The page needs 1.44 % of an hour, 52 s: three minutes.
EVENTS = (
    Story(
        "steady_at_half_of_what_is_allowed",
        availability(),
        300,
        {GOOD: counter((300, 600)), BAD: counter((300, 0.3))},
        values=[(300, LEFT, 0.997), (300, f"{SHARE} * 1000", 0.5), (300, rules.EVENTS, 10)],
        freeze=[(2, 0), (300, 0)],
    ),
    Story(
        # The outage is over at 140; at 174 half an hour still has 0.6 % of bad requests, at 503 six hours 0.1 %.
        "burns_fast_for_twenty_minutes_and_recovers",
        availability(),
        700,
        {GOOD: counter((120, 600), (20, 0), (560, 600)), BAD: counter((120, 0), (20, 600), (560, 0))},
        {"SloBurnsFast": [(123, 174)], "SloBurnsSlowly": [(121, 503)]},
        values=[(120, LEFT, 1), (700, LEFT, 0.54)],
        freeze=[(700, 0)],
    ),
    Story(
        # 43 minutes of outage are allowed in thirty days.
        "burns_for_an_hour_and_spends_the_budget",
        availability(),
        240,
        {GOOD: counter((120, 600), (60, 0), (60, 600)), BAD: counter((120, 0), (60, 600), (60, 0))},
        {"SloBurnsFast": [(123, 214)], "SloBurnsSlowly": [(121, 240)], "SloBudgetSpent": [(170, 240)]},
        values=[(240, LEFT, -0.4)],
        # The freeze is another group: it may see what was recorded a minute before.
        freeze=[(164, 0), (166, 1), (240, 1)],
    ),
    Story(
        "spent_but_does_not_freeze",
        availability(freezes=False),
        180,
        {GOOD: counter((120, 600), (60, 0)), BAD: counter((120, 0), (60, 600))},
        {"SloBurnsFast": [(123, 180)], "SloBurnsSlowly": [(121, 180)], "SloBudgetSpent": [(170, 180)]},
        freeze=[(180, 0)],
    ),
    Story(
        # 2.5 in a thousand for half a day: no page. After four hours all that was seen so far has one in a thousand;
        # two hours after its end six hours still have.
        "burns_slowly_for_half_a_day_and_recovers",
        availability(),
        1560,
        {GOOD: counter((1560, 598.5)), BAD: counter((360, 0), (720, 1.5), (480, 0))},
        {"SloBurnsSlowly": [(602, 1298)]},
        values=[(1560, LEFT, 0.96)],
        freeze=[(1560, 0)],
    ),
    Story(
        "no_traffic",
        availability(),
        100,
        {GOOD: counter((100, 0), start=700), BAD: counter((100, 0), start=7)},
        values=[(100, LEFT, 1), (100, f"absent({SHARE})", 1), (100, rules.EVENTS, 0)],
        freeze=[(100, 0)],
    ),
    Story(
        # A sample is looked at for five minutes; ten more must pass.
        "metrics_go_away",
        availability(),
        200,
        {GOOD: f"{counter((100, 600))} {absent(100)}", BAD: f"{counter((100, 0))} {absent(100)}"},
        {"SloNoData": [(115, 200)]},
        freeze=[(200, 0)],
    ),
    Story("no_metrics_at_all", availability(), 60, {"up": "1x240"}, {"SloNoData": [(10, 60)]}, freeze=[(60, 0)]),
    Story("scaled_to_nothing", availability(no_data=NoData.IGNORE), 60, {"up": "1x240"}, freeze=[(60, 0)]),
    Story(
        # Both start again from 0 three times; half of what is allowed fails, all the time.
        "counters_start_again",
        availability(),
        200,
        {
            GOOD: " ".join(counter((50, 600), start=s) for s in (9000, 0, 0, 0)),
            BAD: " ".join(counter((50, 0.3), start=s) for s in (9000, 0, 0, 0)),
        },
        values=[(m, f"{rules.ratio('5m')} * 1000", 0.5) for m in (49, 50, 51, 53, 102, 200)],
        freeze=[(200, 0)],
    ),
    Story(
        "nine_failures_are_no_pattern",
        availability(),
        200,
        {GOOD: counter((100, 1), (9, 0), (91, 1)), BAD: counter((100, 0), (9, 1), (91, 0))},
        values=[(200, LEFT, 0.79)],
    ),
    Story(
        # Three requests an hour, and all fail from 600 on: the tenth failure is in the fourth hour.
        "three_requests_an_hour",
        availability(),
        860,
        {GOOD: counter((600, 0.05), (260, 0)), BAD: counter((600, 0), (260, 0.05))},
        {"SloBurnsFast": [(793, 860)], "SloBurnsSlowly": [(793, 860)], "SloBudgetSpent": [(798, 860)]},
    ),
    Story(
        "none_was_good_yet",
        availability(),
        40,
        {BAD: counter((40, 600))},
        {"SloBurnsFast": [(1, 40)], "SloBurnsSlowly": [(1, 40)]},
    ),
    Story(
        "bad_ones_were_never_counted",
        availability(good_events=None, bad_events='requests_total{app="ranker", code=~"5.."}'),
        100,
        {GOOD: counter((100, 600))},
        values=[(100, SHARE, 0), (100, LEFT, 1)],
        freeze=[(100, 0)],
    ),
    Story(
        "bad_ones_are_counted",
        availability(good_events=None, bad_events='requests_total{app="ranker", code=~"5.."}'),
        130,
        {GOOD: counter((120, 600), (10, 0)), BAD: counter((120, 0), (10, 600))},
        {"SloBurnsFast": [(123, 130)], "SloBurnsSlowly": [(121, 130)]},
    ),
    Story(
        # All fails, and that is twice what is allowed: nobody is woken.
        "half_may_fail",
        availability(objective_percent=50),
        100,
        {GOOD: counter((100, 0)), BAD: counter((100, 600))},
        {"SloBurnsSlowly": [(1, 100)]},
    ),
)
LATENCY = (
    Story(
        # From 120 to 180 one in six is slow.
        "slow_for_an_hour",
        objective(Kind.LATENCY),
        500,
        {
            f'{LE}0.05"}}': counter((500, 100)),
            f'{LE}0.1"}}': counter((120, 600), (60, 500), (320, 600)),
            f'{LE}+Inf"}}': counter((500, 600)),
            COUNT: counter((500, 600)),
        },
        {"SloBurnsFast": [(127, 212)], "SloBurnsSlowly": [(123, 500)]},
        values=[(500, LEFT, 0.77)],
    ),
    *(
        Story(
            f"bound_written_{text}",
            objective(Kind.LATENCY, threshold=1, buckets=[1, 10]),
            60,
            {f'{LE}{text}"}}': counter((60, 600)), f'{LE}10"}}': counter((60, 600)), COUNT: counter((60, 600))},
            values=[(60, SHARE, 0)],
        )
        for text in ("1", "1.0")
    ),
    Story(
        "bound_that_is_not_there",
        objective(Kind.LATENCY),
        60,
        {f'{LE}0.25"}}': counter((60, 600)), COUNT: counter((60, 600))},
        {"SloNoData": [(10, 60)]},
    ),
)
GAUGES = (
    Story("stale_by_its_time", freshness(), 900, {MADE: UPDATES}, STALE, values=[(900, LEFT, 0.68)]),
    Story(
        "stale_by_its_age",
        freshness(gauge_holds=GaugeHolds.AGE),
        540,
        {MADE: gauge((361, 60), (139, 4000), (40, 60))},
        STALE_YET,
    ),
    Story(
        "one_of_two_is_stale",
        freshness(gauge_holds=GaugeHolds.AGE, gauge="feature_made_seconds"),
        540,
        {MADE: gauge((361, 60), (139, 4000), (40, 60)), 'feature_made_seconds{view="views"}': gauge((540, 60))},
        STALE_YET,
    ),
    Story(
        "time_in_milliseconds",
        freshness(),
        30,
        {MADE: gauge((30, 1.7e12))},
        {"SloBurnsFast": [(9, 30)], "SloBurnsSlowly": [(9, 30)]},
    ),
    Story(
        "never_made",
        freshness(),
        30,
        {"up": "1x120"},
        {"SloBurnsFast": [(9, 30)], "SloBurnsSlowly": [(9, 30)], "SloNoData": [(10, 30)]},
    ),
    Story("not_made_yet", freshness(no_data=NoData.ALERT), 30, {"up": "1x120"}, {"SloNoData": [(10, 30)]}),
    Story("no_longer_made", freshness(no_data=NoData.IGNORE), 30, {"up": "1x120"}, values=[(30, LEFT, 1)]),
    Story("worse_than_the_minimum", quality(), 540, {AUC: gauge((361, 0.8), (139, 0.69), (40, 0.7))}, STALE_YET),
    Story(
        "worse_than_the_maximum",
        quality(minimum=None, maximum=0.3),
        540,
        {AUC: gauge((361, 0.1), (139, 0.31), (40, 0.3))},
        STALE_YET,
    ),
    Story(
        "gauge_of_another_model",
        quality(no_data=NoData.BAD),
        20,
        {'model_auc{model="other"}': gauge((20, 0.9))},
        {"SloBurnsFast": [(9, 20)], "SloBurnsSlowly": [(9, 20)], "SloNoData": [(10, 20)]},
    ),
)


@pytest.mark.parametrize("stories", [EVENTS, LATENCY, GAUGES], ids=["events", "latency", "gauges"])
def test_alerts_fire_from_and_to_the_minute_that_the_story_says(stories: Sequence[Story], tmp_path: Path) -> None:
    tell(tmp_path, stories)


def test_stories_have_every_alert_and_quiet_ones() -> None:
    stories = [*EVENTS, *LATENCY, *GAUGES]
    assert len({story.name for story in stories}) == len(stories)
    every = {r["alert"] for r in rules.group(availability())["rules"] if "alert" in r}
    assert {alert for story in stories for alert in story.firing} == every
    assert any(not story.firing for story in stories)
