"""The dashboard of error budgets, as plain data in Grafana's JSON model (schema version 39, read 2026-11-23)."""

import json
from collections.abc import Sequence
from typing import Any

from components.slo.rules import ALLOWED, BAD_COUNT, EVENTS, FREEZE, OBJECTIVE, REMAINING, ratio

UID = "mlops-slo"
WIDTH = 24
# The data source that kube-prometheus-stack provisions under this uid.
SOURCE = {"type": "prometheus", "uid": "prometheus"}

_CHOSEN = '{slo=~"$slo"}'
_BY = "on (slo, service)"
_RED_BELOW = (("red", None), ("orange", 0), ("green", 0.25))
_RED_ABOVE = (("green", None), ("red", 1))
_BURN_STEPS = (("green", None), ("orange", 1), ("red", 6))
_PLAIN = (("green", None),)

Steps = Sequence[tuple[str, float | None]]


def dashboard() -> dict[str, Any]:
    """Return the dashboard: where things stand, budgets, burn rates, indicators over time."""
    rows = [_standing(), _budgets(), _burn_rates(), _over_time()]
    panels: list[dict[str, Any]] = []
    top = 0
    for row in rows:
        height = 4 if all(panel["type"] == "stat" for panel in row) else 9
        width = WIDTH // len(row)
        for column, panel in enumerate(row):
            place = {"x": column * width, "y": top, "w": width, "h": height}
            panels.append({"id": len(panels) + 1, **panel, "gridPos": place})
        top += height
    return {
        "uid": UID,
        "title": "Service level objectives",
        "tags": ["mlops-blueprints"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-7d", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_variable()]},
        "panels": panels,
    }


def render() -> str:
    """Return the dashboard as JSON with sorted keys, so that an unchanged one has no difference."""
    return json.dumps(dashboard(), sort_keys=True)


def _standing() -> list[dict[str, Any]]:
    soonest = f"min({REMAINING}{_CHOSEN})"
    burning = f"count({_burn('1h')} > 1) or vector(0)"
    silent = 'count(ALERTS{alertname="SloNoData", alertstate="firing", slo=~"$slo"}) or vector(0)'
    return [
        _panel("stat", "Services frozen", [(f"sum({FREEZE})", "")], "short", _RED_ABOVE),
        _panel("stat", "Least budget left", [(soonest, "")], "percentunit", _RED_BELOW),
        _panel("stat", "Burning faster than allowed, 1 h", [(burning, "")], "short", _RED_ABOVE),
        _panel("stat", "Without data", [(silent, "")], "short", _RED_ABOVE),
    ]


def _budgets() -> list[dict[str, Any]]:
    count = f"{BAD_COUNT}{_CHOSEN}"
    return [
        _panel("timeseries", "Budget left", [(f"{REMAINING}{_CHOSEN}", "{{slo}}")], "percentunit", _RED_BELOW),
        _panel(
            "timeseries",
            "Bad events in the window, and how many are allowed",
            [(count, "{{slo}}"), (f"{ALLOWED}{_CHOSEN}", "{{slo}} allowed")],
            "short",
            _PLAIN,
        ),
        _panel("timeseries", "Releases frozen", [(FREEZE, "{{service}}")], "short", _RED_ABOVE),
    ]


def _burn_rates() -> list[dict[str, Any]]:
    spans = (("1h", "Burn rate, 1 hour"), ("6h", "Burn rate, 6 hours"), ("3d", "Burn rate, 3 days"))
    return [_panel("timeseries", title, [(_burn(window), "{{slo}}")], "short", _BURN_STEPS) for window, title in spans]


def _over_time() -> list[dict[str, Any]]:
    hour = f"1 - {ratio('1h')}{_CHOSEN}"
    window = f"1 - {ratio('window')}{_CHOSEN}"
    margin = f"({window}) - {_BY} {OBJECTIVE}{_CHOSEN}"
    return [
        _panel("timeseries", "Good, last hour", [(hour, "{{slo}}")], "percentunit", _PLAIN),
        _panel("timeseries", "Good in the window, less the objective", [(margin, "{{slo}}")], "percentunit", _PLAIN),
        _panel("timeseries", "Events a second", [(f"{EVENTS}{_CHOSEN}", "{{slo}}")], "short", _PLAIN),
    ]


def _burn(window: str) -> str:
    """Return how many times faster than allowed the budget is used up."""
    return f"{ratio(window)}{_CHOSEN} / {_BY} (1 - {OBJECTIVE}{_CHOSEN})"


def _variable() -> dict[str, Any]:
    query = f"label_values({OBJECTIVE}, slo)"
    return {
        "name": "slo",
        "label": "Objective",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": "slo"},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _panel(kind: str, title: str, queries: Sequence[tuple[str, str]], unit: str, steps: Steps) -> dict[str, Any]:
    levels = {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in steps]}
    return {
        "title": title,
        "type": kind,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": unit, "thresholds": levels}, "overrides": []},
        "options": _options(kind),
        "targets": [
            {"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
            for i, (expr, legend) in enumerate(queries)
        ],
    }


def _options(kind: str) -> dict[str, Any]:
    if kind == "stat":
        reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        return {"colorMode": "value", "graphMode": "area", "reduceOptions": reduce}
    return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
