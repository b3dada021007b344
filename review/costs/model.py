"""What is shown of a stack's cost, whatever the format: groups, what is open and why, assumptions, dates, changes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from finops.compare import Change, Comparison, Kind, LineChange
from finops.estimate import Estimate, Item
from finops.line import Line, State, Term, cents, money
from finops.owners import Dimension, Group, Owner, groups, owners
from finops.resource import Resource
from finops.state import from_state
from finops.usage import Usage
from finops.values import Unreadable
from review.costs.amounts import signed
from review.text import counted

NOT_COUNTED = "not counted"
"""Stands for the amount of a line that no total holds."""

_KEPT = ("same", "update", "refresh", "read")
"""Steps of a preview that leave a resource the one that it is."""

_OPEN = (State.UNPRICED, State.UNKNOWN, State.USAGE)


@dataclass(frozen=True, slots=True)
class Open:
    """Something that the totals lack, with all resources that lack the same for the same reason."""

    state: State
    what: str
    why: str
    """The reason, or the price of one unit where the use is not assumed."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """How old some data is."""

    what: str
    as_of: date
    review_by: date
    stale: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of a resource, in words."""

    item: Item
    line: Line | None
    """None for a resource that is unpriced or unknown as a whole."""

    @property
    def what(self) -> str:
        """What is paid for; a resource without lines is told by its type."""
        return self.line.what if self.line else self.item.resource.type

    @property
    def state(self) -> State:
        """What is known of it."""
        return self.line.state if self.line else self.item.state

    @property
    def arithmetic(self) -> str:
        """The calculation, or the reason why there is none."""
        return (self.line.arithmetic or self.line.note) if self.line else self.item.reason

    @property
    def note(self) -> str:
        """What else is to be known of it; empty where the arithmetic is the note."""
        return self.line.note if self.line and self.line.arithmetic else ""

    @property
    def open(self) -> bool:
        """Whether the totals lack it, or a part of it."""
        return self.line.open if self.line else self.item.open

    @property
    def expected(self) -> str:
        """USD a month as expected, or that it is not counted."""
        term = self.line.expected if self.line else None
        return NOT_COUNTED if term is None else money(term.monthly)

    @property
    def sources(self) -> str:
        """Where its prices were read, and of which day they are."""
        told = (f"{p.source.name} at {p.source.version}, {p.source.date}" for t in terms(self.line) if (p := t.price))
        return "; ".join(dict.fromkeys(told))


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of a resource before and after, in words."""

    kind: Kind
    item: Item
    what: str
    arithmetic: str
    expected: str
    """USD a month more or less as expected; or that it is not known."""
    ceiling: str
    """The same at the limits."""


@dataclass(frozen=True)
class Costs:
    """An estimate, made ready to be shown."""

    stack: str
    found: Estimate
    by: Dimension
    groups: tuple[Group, ...]
    """The dearest first; what costs nothing and lacks nothing is left out."""
    missing: int
    """Unchanged resources that the document counts and does not hold."""
    dates: tuple[Dates, ...]
    rates: tuple[str, ...]
    """Names of the files of own prices."""
    notes: tuple[str, ...]
    """What the price book says of itself: terms of a company's file that are past their day, for one."""
    budget: Decimal | None
    """USD a month that the settings allow."""
    ids: Mapping[str, str]
    """What AWS calls the deployed resources, by URN: a preview repeats it on its old side alone."""
    account: str
    """Number of the AWS account that the settings name; empty where none is known."""
    comparison: Comparison | None
    compared_with: str
    """What the comparison's other side is."""

    @cached_property
    def total(self) -> Group:
        """Everything."""
        return Group("total", self.found.items)

    @property
    def at_least(self) -> bool:
        """Whether the totals lack something."""
        return self.found.at_least or self.missing > 0

    @cached_property
    def open(self) -> tuple[Open, ...]:
        """What the totals lack: unpriced, unknown, then use without an assumption."""
        found: dict[tuple[State, str, str], dict[str, None]] = {}
        for detail in (one for item in self.found.items for one in details(item)):
            if detail.open:
                why = (detail.line.rate or detail.line.note) if detail.line else detail.item.reason
                key = (detail.state, detail.what, why)
                found.setdefault(key, {})[detail.item.resource.name] = None
        order = sorted(found, key=lambda key: (_OPEN.index(key[0]), key))
        return tuple(Open(*key, tuple(found[key])) for key in order)

    @cached_property
    def owners(self) -> Mapping[str, Owner]:
        """Whose each resource is, by URN; what is removed has its owner of before."""
        return {**(owners(self.comparison.before) if self.comparison else {}), **owners(self.found)}

    @property
    def over_budget(self) -> bool:
        """Whether the expected figure passes the budget."""
        return self.budget is not None and cents(self.found.expected) > self.budget

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the numbers say less than they seem to."""
        found: list[str] = []
        if self.missing:
            found.append(
                f"not in this preview, and not counted: {counted(self.missing, 'unchanged resource')} of the stack; "
                "make it with pulumi preview --json --show-sames"
            )
        found += self.notes
        stale = (one for one in self.dates if one.stale)
        found += [f"{d.what} are of {d.as_of} and were to be reviewed by {d.review_by}" for d in stale]
        return tuple(found)

    @property
    def budget_line(self) -> str:
        """What the budget says of the numbers; empty without one."""
        if self.budget is None:
            return ""
        share = self.found.expected / self.budget * 100
        told = f"{money(self.budget)} a month: expected is {share:.0f} % of it"
        if self.over_budget:
            return f"{told} and passes it by {money(self.found.expected - self.budget)}"
        if self.found.unbounded:
            return f"{told}; nothing limits the ceiling"
        return f"{told}; the ceiling passes it" if self.found.ceiling > self.budget else told

    @cached_property
    def changes(self) -> tuple[Changed, ...]:
        """The comparison's lines in words, the largest difference first."""
        found = self.comparison.changes if self.comparison else ()
        return tuple(row for change in found for row in _changed(change))

    @property
    def change_line(self) -> str:
        """The comparison in one line; empty without one."""
        found = self.comparison
        if found is None:
            return ""
        counts = ", ".join(f"{len(found.of_kind(kind))} {kind}" for kind in Kind)
        told = (
            f"{signed(found.expected)} a month as expected, {_least(found.before)} -> {_least(found.after)}: {counts}"
        )
        return f"{told}; what is open on either side is left out" if _is_open(found) else told


def describe(
    found: Estimate,
    by: Dimension,
    *,
    stack: str = "",
    missing: int = 0,
    rates: Iterable[str] = (),
    notes: Iterable[str] = (),
    usage: Usage | None = None,
    budget: Decimal | None = None,
    ids: Mapping[str, str] | None = None,
    account: str = "",
    comparison: Comparison | None = None,
    compared_with: str = "",
) -> Costs:
    """Return an estimate ready to be shown, grouped by a dimension.

    `stack` defaults to the estimate's environment. `rates` names the files of own prices and `notes` are those of the
    book with them; `usage` adds the age of its assumptions; `budget` is in USD a month.
    """
    dates = [Dates("prices", found.as_of, found.review_by, found.stale)]
    if usage is not None:
        dates.append(Dates("assumptions on use", usage.as_of, usage.review_by, found.on > usage.review_by))
    return Costs(
        stack=stack or found.environment,
        found=found,
        by=by,
        groups=groups(found, by),
        missing=missing,
        dates=tuple(dates),
        rates=tuple(rates),
        notes=tuple(notes),
        budget=budget,
        ids=ids or {},
        account=account,
        comparison=comparison,
        compared_with=compared_with,
    )


def details(item: Item) -> Iterator[Detail]:
    """Yield the lines of a resource; one without any that is open is a line by itself, a free one none."""
    if item.lines:
        yield from (Detail(item, line) for line in item.lines)
    elif item.open:
        yield Detail(item, None)


def terms(line: Line | None) -> Iterator[Term]:
    """Yield the terms that a line has."""
    if line is not None:
        yield from (term for term in (line.floor, line.expected, line.ceiling) if term is not None)


def billable(group: Group) -> int:
    """Return how many resources of a group are on the bill, or might be."""
    return sum(1 for item in group.items if item.state is not State.FREE)


def identities(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return ARN or id by URN of the resources that a preview keeps; of a replaced one it would be the old one's."""
    found = {}
    for step in document["steps"] if isinstance(document.get("steps"), list) else ():
        old = step.get("oldState") if isinstance(step, Mapping) and step.get("op") in _KEPT else None
        if isinstance(old, Mapping):
            resource = Resource.of(from_state({"resources": [old]})[0])
            found[resource.urn] = arn(resource) or resource.id
    return found


def arn(resource: Resource) -> str:
    """Return a resource's ARN; empty where it has none, or none yet."""
    with contextlib.suppress(Unreadable):
        return resource.props.text("arn")
    return ""


def _changed(change: Change) -> Iterator[Changed]:
    for line in change.lines:
        yield Changed(change.kind, change.item, line.what, _sides(change, line), *_differences(line))
    if not change.lines:
        told = [item.reason or item.state.value for item in (change.before, change.after) if item is not None]
        unknown = f"not known: {change.item.state}"
        yield Changed(
            change.kind, change.item, change.item.resource.type, " -> ".join(dict.fromkeys(told)), unknown, unknown
        )


def _sides(change: Change, line: LineChange) -> str:
    """Return both calculations; where a changed resource has a line on one side only, which side that is."""
    if change.kind is Kind.CHANGED and line.before is None:
        return f"new: {line.arithmetic}"
    if change.kind is Kind.CHANGED and line.after is None:
        return f"no longer: {line.arithmetic}"
    return line.arithmetic


def _differences(line: LineChange) -> tuple[str, str]:
    """Return what a line adds as expected and at the limits; what is open has no amount, and is never zero."""
    sides = [one for one in (line.before, line.after) if one is not None]
    before, after = (_two(one) for one in (line.before, line.after))
    hidden = next((one.state for one in reversed(sides) if one.open), None)
    expected, most = (after[0] - before[0], after[1] - before[1])
    told = f"not known: {hidden}" if hidden and not expected else signed(expected)
    if line.after is not None and line.after.unbounded:
        return told, "unbounded"
    if line.before is not None and line.before.unbounded:
        return told, "no longer unbounded"
    return told, f"not known: {hidden}" if hidden and not most else signed(most)


def _two(line: Line | None) -> tuple[Decimal, Decimal]:
    """Return what a line adds to the totals as expected and at the limits, USD a month."""
    found = (line.expected, line.ceiling) if line else (None, None)
    expected, most = (Decimal(0) if term is None else term.monthly for term in found)
    return expected, most


def _least(found: Estimate) -> str:
    return f"at least {money(found.expected)}" if found.at_least else money(found.expected)


def _is_open(found: Comparison) -> bool:
    return found.before.at_least or found.after.at_least
