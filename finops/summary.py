"""What is shown of an estimate: one line, or all of it as JSON."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from finops.estimate import Estimate, Item, estimate
from finops.line import HOURS, Line, State, Term, cents, money
from finops.owners import Owner, owners
from finops.state import read


def cost_line(found: Estimate, missing: int = 0) -> str:
    """Return the monthly cost in a line: expected, floor, ceiling, and how many resources are in each state.

    `missing` counts resources of the stack that the estimate was not given.
    """
    least = " at least" if found.at_least or missing else ""
    line = f"{money(found.expected)} a month{least} (floor {money(found.floor)}, {_ceiling(found)}): {_counts(found)}"
    if missing:
        line += f", {missing} not in the document"
    if found.stale:
        line += f"; prices are of {found.as_of} and were to be reviewed by {found.review_by}"
    return line


def _ceiling(found: Estimate) -> str:
    if not found.unbounded:
        return f"ceiling {money(found.ceiling)}"
    names = ", ".join(item.resource.name[:64] for item in found.unbounded[:3])
    more = f" and {len(found.unbounded) - 3} more" if len(found.unbounded) > 3 else ""
    return f"ceiling unbounded by {names}{more}, {money(found.ceiling)} without"


def _counts(found: Estimate) -> str:
    """Return the states with their numbers; priced and free always, the others where there are any."""
    counts = found.counts
    usage = "depends on usage" if counts[State.USAGE] == 1 else "depend on usage"
    named = ((State.USAGE, usage), (State.UNPRICED, "unpriced"), (State.UNKNOWN, "unknown"))
    shown = [f"{counts[State.PRICED]} priced", f"{counts[State.FREE]} free"]
    return ", ".join(shown + [f"{counts[state]} {text}" for state, text in named if counts[state]])


def to_json(found: Estimate, missing: int = 0) -> dict[str, Any]:
    """Return the whole estimate as JSON types. Amounts are strings of USD, rounded to the cent.

    `missing` counts resources of the stack that the estimate was not given.
    """
    whose = owners(found)
    return {
        "line": cost_line(found, missing),
        "currency": "USD",
        "environment": found.environment,
        "on": found.on.isoformat(),
        "hours_per_month": int(HOURS),
        "monthly": three(found.floor, found.expected, found.ceiling),
        "hourly_expected": str(cents(found.expected / HOURS)),
        "at_least": found.at_least or missing > 0,
        "missing": missing,
        "unbounded": [item.resource.name for item in found.unbounded],
        "counts": {state.value: count for state, count in found.counts.items()},
        "prices": {
            "as_of": found.as_of.isoformat(),
            "review_by": found.review_by.isoformat(),
            "stale": found.stale,
        },
        "assumptions": list(found.assumptions),
        "resources": [_item(item, whose[item.resource.urn]) for item in found.items],
    }


def three(floor: Decimal, expected: Decimal, ceiling: Decimal) -> dict[str, str]:
    """Return three amounts by name, as strings of USD rounded to the cent."""
    return {"floor": str(cents(floor)), "expected": str(cents(expected)), "ceiling": str(cents(ceiling))}


def _item(item: Item, owner: Owner) -> dict[str, Any]:
    resource = item.resource
    return {
        "urn": resource.urn,
        "name": resource.name,
        "type": resource.type,
        "parent": resource.parent,
        "region": item.region,
        "component": owner.component,
        "environment": owner.environment,
        "team": owner.team,
        "cost_center": owner.cost_center,
        "state": item.state.value,
        "reason": item.reason,
        "unbounded": item.unbounded,
        "lines": [line_to_json(line) for line in item.lines],
    }


def line_to_json(line: Line) -> dict[str, Any]:
    """Return one line as JSON types: arithmetic, amounts (None: it adds nothing), and where its prices are from."""
    terms = {"floor": line.floor, "expected": line.expected, "ceiling": line.ceiling}
    return {
        "what": line.what,
        "state": line.state.value,
        "arithmetic": line.arithmetic,
        "note": line.note,
        "rate": line.rate,
        "unbounded": line.unbounded,
        "monthly": {name: None if term is None else str(cents(term.monthly)) for name, term in terms.items()},
        "sources": _sources(terms.values()),
    }


def _sources(terms: Iterable[Term | None]) -> list[dict[str, str]]:
    """Return where the figures of a line come from, each once."""
    prices = {term.price.item: term.price for term in terms if term is not None and term.price is not None}
    return [
        {
            "item": price.item,
            "region": price.region,
            "source": f"{price.source.name} at {price.source.version}",
            "date": price.source.date.isoformat(),
            "basis": price.basis.value,
        }
        for price in prices.values()
    ]


def estimate_state(document: Any, on: date | None = None, environment: str | None = None) -> dict[str, Any]:
    """Estimate a state or a preview with the library's own prices and assumptions, as `to_json` gives it.

    `on` is today (UTC) and `environment` the name of the stack, unless given. Raises `StateError` for a document
    that is neither.
    """
    today = on or datetime.now(UTC).date()
    return to_json(estimate(read(document), today, environment=environment))
