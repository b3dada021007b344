"""One rule as Prometheus reads it, as plain data.

A rule names what to do. `critical` wakes somebody, `warning` is for working hours, `info` is on dashboards only.
"""

from typing import Any


def alert(
    name: str, severity: str, expr: str, hold: str, summary: str, description: str, **labels: str
) -> dict[str, Any]:
    """Return an alerting rule; `hold` is how long `expr` must be true before it fires."""
    return {
        "alert": name,
        "expr": expr,
        "for": hold,
        "labels": {"severity": severity, **labels},
        "annotations": {"summary": summary, "description": description},
    }


def record(name: str, expr: str, **labels: str) -> dict[str, Any]:
    """Return a recording rule."""
    return {"record": name, "expr": expr, **({"labels": labels} if labels else {})}
