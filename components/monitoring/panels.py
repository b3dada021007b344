"""Parts of Grafana dashboards as plain data: panels, rows of them, the dashboard around.

Schema: grafana.com/docs, dashboard JSON model, schema version 39, read 2026-11-23.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

# The data source that kube-prometheus-stack provisions under this uid (grafana.sidecar.datasources.uid).
SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH = 24


@dataclasses.dataclass(frozen=True)
class Query:
    """One PromQL expression and how its series are called."""

    expr: str
    legend: str = ""


@dataclasses.dataclass(frozen=True)
class Panel:
    """One panel; `unit` is Grafana's name of the unit, `warn` and `bad` are where the colour changes."""

    title: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    warn: float | None = None
    bad: float | None = None
    top: float | None = None


def graph(title: str, expr: str, legend: str, unit: str = "short", **more: Any) -> Panel:
    """Return a graph of one expression."""
    return Panel(title, (Query(expr, legend),), unit=unit, **more)


def number(title: str, expr: str, unit: str = "short", **more: Any) -> Panel:
    """Return the last value of one expression, large."""
    return Panel(title, (Query(expr),), kind="stat", unit=unit, **{"width": 6, **more})


def dashboard(uid: str, title: str, rows: Sequence[Sequence[Panel]]) -> dict[str, Any]:
    """Return a dashboard of these rows; panels stand side by side and get their numbers in order."""
    panels: list[dict[str, Any]] = []
    top = 0
    for row in rows:
        height = 4 if all(panel.kind == "stat" for panel in row) else 8
        left = 0
        for panel in row:
            if left + panel.width > WIDTH:
                raise ValueError(f"{title}: {panel.title} does not fit, the row has {left} of {WIDTH} columns")
            place = {"x": left, "y": top, "w": panel.width, "h": height}
            panels.append(_panel(len(panels) + 1, panel, place))
            left += panel.width
        top += height
    return {
        "uid": uid,
        "title": title,
        "tags": ["mlops-blueprints"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "panels": panels,
    }


def _panel(number_: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    for color, value in (("orange", panel.warn), ("red", panel.bad)):
        if value is not None:
            steps.append({"color": color, "value": value})
    defaults: dict[str, Any] = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.top is not None:
        defaults.update(min=0, max=panel.top)
    return {
        "id": number_,
        "title": panel.title,
        "type": panel.kind,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _options(panel.kind),
        "targets": [
            {
                "refId": chr(ord("A") + i),
                "datasource": SOURCE,
                "expr": query.expr,
                "legendFormat": query.legend,
            }
            for i, query in enumerate(panel.queries)
        ],
    }


def _options(kind: str) -> dict[str, Any]:
    if kind == "stat":
        reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        return {"colorMode": "value", "graphMode": "area", "reduceOptions": reduce}
    return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
