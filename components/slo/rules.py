"""Rules of objectives: error ratios, budgets, alerts, the freeze. Pure functions, tested with promtool.

Windows and shares: Google's SRE Workbook, chapter 5, table 5-8, and 10 percent within a day (as quoted in public
texts, read 2026-11-27). An alert fires while its long window has used up a share of the budget and its short one
says that it still goes on.

Long windows add up what the shortest one recorded, bad events and all events each by themselves, so that an hour
with many requests weighs more than an hour with few, and thirty days cost two series to read.
"""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from components.slo.args import NoData, Objective
from components.slo.indicators import INTERVAL_SECONDS, indicator, number

FREEZE = "mlops_slo_release_freeze"
"""By service: 1 while a budget is spent, else 0; not there at all when nobody can tell."""

MINUTES = {"5m": 5, "30m": 30, "1h": 60, "2h": 120, "6h": 360, "1d": 1440, "3d": 4320}
"""Windows of burn rates."""

EVENTS, BAD = "mlops:slo_events:per_second", "mlops:slo_bad_events:per_second"
REMAINING, SPENT = "mlops:slo_budget_remaining:ratio", "mlops:slo_budget_spent:bool"
OBJECTIVE = "mlops:slo_objective:ratio"
BAD_COUNT, ALLOWED = "mlops:slo_bad_events:count_window", "mlops:slo_budget:count_window"


@dataclasses.dataclass(frozen=True)
class Burn:
    """Share of the budget that may be used up within the long window; the short one is a twelfth."""

    share: Fraction
    long: str
    short: str

    def rate(self, window_days: int) -> Fraction:
        """How many times faster than allowed that is: 14.4 for 2 percent of 30 days within an hour."""
        return self.share * window_days * 1440 / MINUTES[self.long]


PAGES = (Burn(Fraction(2, 100), "1h", "5m"), Burn(Fraction(5, 100), "6h", "30m"))
TICKETS = (Burn(Fraction(10, 100), "1d", "2h"), Burn(Fraction(10, 100), "3d", "6h"))


def budget(o: Objective) -> Fraction:
    """Return the share of events that may be bad."""
    return 1 - Fraction(str(o.objective_percent)) / 100


def ratio(window: str) -> str:
    """Return the metric of the share of bad events in a window."""
    return f"mlops:slo_errors:ratio_{window}"


def group(o: Objective) -> dict[str, Any]:
    """Return the group of an objective; its rules run one after the other, each sees what the ones before recorded."""
    return {
        "name": f"mlops-slo-{o.name}",
        "interval": f"{INTERVAL_SECONDS}s",
        "rules": [*_ratios(o), *_budgets(o), *_burning(o), *_others(o)],
    }


def freeze_group(objectives: Sequence[Objective]) -> dict[str, Any]:
    """Return the group that says for each service whether it may be released."""
    services = sorted({o.service for o in objectives})
    rules = [{"record": FREEZE, "expr": _freeze(s, objectives), "labels": {"service": s}} for s in services]
    return {"name": "mlops-slo-release-freeze", "interval": f"{INTERVAL_SECONDS}s", "rules": rules}


def freeze_query(service: str) -> str:
    """Return the question of a promotion step: 0 lets it go on, everything else does not."""
    return f'max({FREEZE}{{service="{service}"}})'


def _freeze(service: str, objectives: Sequence[Objective]) -> str:
    names = sorted(o.name for o in objectives if o.service == service and o.stops_releases)
    if not names:
        return "vector(0)"
    spent = f'{SPENT}{{service="{service}", slo=~"{"|".join(names)}"}}'
    # One that is not evaluated could be the spent one: then there is no answer.
    return f"max({spent}) and count({spent}) >= {len(names)}"


def _labels(o: Objective) -> dict[str, str]:
    return {"slo": o.name, "service": o.service}


def _of(o: Objective, metric: str) -> str:
    return f'{metric}{{slo="{o.name}"}}'


def _least(o: Objective) -> str:
    """Return the least number of bad events, less a half: sums of rates are whole numbers only nearly."""
    return number(Fraction(o.least_bad) - Fraction(1, 2))


def _record(o: Objective, name: str, expr: str, **labels: str) -> dict[str, Any]:
    return {"record": name, "expr": expr, "labels": {**_labels(o), **labels}}


def _ratios(o: Objective) -> list[dict[str, Any]]:
    """Return the two rates and the shares of bad events; where nothing happened there is no share."""
    measured = indicator(o)
    kept = _record(
        o, OBJECTIVE, f"vector({number(1 - budget(o))})", kind=str(o.kind), owner=o.owner, window=f"{o.window}d"
    )
    found = [_record(o, EVENTS, measured.events), _record(o, BAD, measured.bad), kept]
    for window in (*MINUTES, "window"):
        span = f"{o.window}d" if window == "window" else window
        if window == "5m" and not o.by_time:
            expr = f"{_of(o, BAD)} / ({_of(o, EVENTS)} > 0)"
        else:
            expr = f"sum_over_time({_of(o, BAD)}[{span}]) / (sum_over_time({_of(o, EVENTS)}[{span}]) > 0)"
        found.append(_record(o, ratio(window), expr))
    return found


def _budgets(o: Objective) -> list[dict[str, Any]]:
    """Return what was used up, what is allowed, what is left, whether it is spent.

    The budget is that of a whole window with the traffic seen so far: while rules are younger than their window,
    the time before them counts as good. Otherwise one bad request of the first ten would spend all of it.
    """
    allowed = f"avg_over_time({_of(o, EVENTS)}[{o.window}d]) * {number(budget(o) * o.window * 86_400)}"
    left = f"1 - {_of(o, BAD_COUNT)} / ({_of(o, ALLOWED)} > 0) or {_of(o, ALLOWED)} * 0 + 1"
    spent = f"({_of(o, REMAINING)} <= bool 0) * ({_of(o, BAD_COUNT)} >= bool {_least(o)})"
    return [
        _record(o, BAD_COUNT, f"sum_over_time({_of(o, BAD)}[{o.window}d]) * {INTERVAL_SECONDS}"),
        _record(o, ALLOWED, allowed),
        _record(o, REMAINING, left),
        _record(o, SPENT, spent),
    ]


def _condition(o: Objective, burns: Sequence[Burn]) -> str:
    """Return when an alert fires; empty if not even an outage burns so fast, as where half may be bad."""
    parts = []
    for burn in burns:
        limit = burn.rate(o.window) * budget(o)
        if limit < 1:
            above = " and ".join(f"{_of(o, ratio(w))} > {number(limit)}" for w in (burn.long, burn.short))
            enough = f"sum_over_time({_of(o, BAD)}[{burn.long}]) * {INTERVAL_SECONDS} >= {_least(o)}"
            parts.append(f"({above} and {enough})")
    return " or ".join(parts)


def _burning(o: Objective) -> list[dict[str, Any]]:
    fast, slow = _condition(o, PAGES), _condition(o, TICKETS)
    bad = f"{{{{ $value | humanizePercentage }}}} of its {'minutes' if o.by_time else 'events'} are bad"
    found = []
    if fast:
        text = "The budget would be gone within days, or less: mend it now"
        found.append(_alert(o, "SloBurnsFast", "critical", fast, "0m", f"{o.name} burns fast: {bad}", text))
    if slow:
        text = "The budget would be gone before the window ends: mend it in working hours"
        found.append(_alert(o, "SloBurnsSlowly", "warning", slow, "0m", f"{o.name} burns slowly: {bad}", text))
    return found


def _others(o: Objective) -> list[dict[str, Any]]:
    """Return the alerts on a spent budget and on metrics that are not there."""
    stop = f"Releases of {o.service} stop" if o.stops_releases else f"Releases of {o.service} go on"
    text = f"{stop}; work on what failed until the last {o.window} days are within {number(o.objective_percent)} %"
    found = [
        _alert(o, "SloBudgetSpent", "warning", f"{_of(o, SPENT)} == 1", "5m", f"{o.name} has spent its budget", text)
    ]
    if o.missing != NoData.IGNORE:
        text = "Nobody can say whether the promise is kept. Look at the service, its exporter, the selectors"
        if o.missing == NoData.BAD:
            text += "; until then each minute counts as bad"
        summary = f"{o.name} has no data"
        found.append(_alert(o, "SloNoData", "warning", indicator(o).missing, "10m", summary, text))
    return found


def _alert(o: Objective, name: str, severity: str, expr: str, hold: str, summary: str, text: str) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expr,
        "for": hold,
        "labels": {**_labels(o), "owner": o.owner, "severity": severity},
        # Mails show summary and description, and nothing else.
        "annotations": {
            "summary": summary,
            "description": f"{text}. Runbook: {o.runbook_url}",
            "runbook_url": o.runbook_url,
        },
    }
