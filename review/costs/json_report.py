"""JSON for machines: the whole estimate, its groups, what is open, the budget and the comparison."""

from __future__ import annotations

import json
from typing import Any, Final

from finops.compare import Change, Comparison, Kind
from finops.estimate import Estimate
from finops.line import Line, cents
from finops.owners import Group
from finops.summary import line_to_json, three, to_json
from review.costs.amounts import by_hour
from review.costs.model import Costs, billable

SCHEMA_VERSION: Final = 1
"""Raised when a key is removed or means something else; keys are added without."""


def render(costs: Costs) -> str:
    """Return everything as indented JSON. Amounts are strings of USD, to the cent; hourly ones have four digits."""
    return json.dumps(document(costs), indent=2, ensure_ascii=True) + "\n"


def document(costs: Costs) -> dict[str, Any]:
    """Return everything as JSON types: what `finops.to_json` gives, and what is around it."""
    whole = to_json(costs.found, costs.missing)
    resources = whole.pop("resources")
    return {
        "schema_version": SCHEMA_VERSION,
        "stack": costs.stack,
        **whole,
        "problems": list(costs.problems),
        "by": costs.by.value,
        "groups": [_group(group) for group in costs.groups],
        "open": [
            {"state": one.state.value, "what": one.what, "why": one.why, "resources": list(one.names)}
            for one in costs.open
        ],
        "data": [
            {
                "what": one.what,
                "as_of": one.as_of.isoformat(),
                "review_by": one.review_by.isoformat(),
                "stale": one.stale,
            }
            for one in costs.dates
        ],
        "own_rates": list(costs.rates),
        "budget": _budget(costs),
        "comparison": _comparison(costs.comparison, costs.compared_with) if costs.comparison else None,
        "resources": resources,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "resources": billable(group),
        "open": sum(1 for item in group.items if item.open),
        "monthly": three(group.floor, group.expected, group.ceiling),
        "hourly": _hourly(group),
        "at_least": group.at_least,
        "unbounded": group.unbounded,
    }


def _hourly(found: Group) -> dict[str, str]:
    named = (("floor", found.floor), ("expected", found.expected), ("ceiling", found.ceiling))
    return {name: str(by_hour(amount)) for name, amount in named}


def _budget(costs: Costs) -> dict[str, Any] | None:
    if costs.budget is None:
        return None
    return {"monthly": str(cents(costs.budget)), "over": costs.over_budget, "line": costs.budget_line}


def _comparison(found: Comparison, compared_with: str) -> dict[str, Any]:
    return {
        "compared_with": compared_with,
        "before": _totals(found.before),
        "after": _totals(found.after),
        "difference": three(found.floor, found.expected, found.ceiling),
        "counts": {kind.value: len(found.of_kind(kind)) for kind in Kind},
        "changes": [_change(change) for change in found.changes],
    }


def _totals(found: Estimate) -> dict[str, Any]:
    monthly = three(found.floor, found.expected, found.ceiling)
    return {"monthly": monthly, "at_least": found.at_least, "unbounded": bool(found.unbounded)}


def _change(change: Change) -> dict[str, Any]:
    resource = change.item.resource
    states = {"before": change.before, "after": change.after}
    return {
        "change": change.kind.value,
        "urn": resource.urn,
        "name": resource.name,
        "type": resource.type,
        "states": {name: item.state.value if item else None for name, item in states.items()},
        "reason": change.item.reason,
        "difference": three(change.floor, change.expected, change.ceiling),
        "lines": [
            {"what": line.what, "arithmetic": line.arithmetic, "before": _line(line.before), "after": _line(line.after)}
            for line in change.lines
        ],
    }


def _line(line: Line | None) -> dict[str, Any] | None:
    return line_to_json(line) if line else None
