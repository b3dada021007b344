"""The cost of a change as a review tells it: totals, groups, differences with their arithmetic, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from finops import Dimension, Estimate, Group, Item, Line, compare, estimate, from_preview, groups
from finops.compare import Change, LineChange
from finops.line import HOURS, cents, monthly
from finops.owners import NONE, Owner, owners
from finops.state import before_preview, configured_region
from review.page.model import Budget, Cost, CostChange, CostLine, CostRow, Three, Unpriced

ZERO = Three(floor=Decimal("0.00"), expected=Decimal("0.00"), ceiling=Decimal("0.00"))


@dataclass(frozen=True)
class Estimates:
    """A stack before and after a change."""

    before: Estimate
    after: Estimate
    was: list[dict[str, Any]]
    """The plain resources of `before`."""

    will_be: list[dict[str, Any]]

    @cached_property
    def owners(self) -> Mapping[str, Owner]:
        """Whose each resource is, by URN; what is removed has its owner of before."""
        return {**owners(self.before), **owners(self.after)}


def estimates(plan: Mapping[str, Any], on: date) -> Estimates:
    """Estimate both sides of a plan with the library's own prices, as `mlops cost` does. Raises `StateError`.

    The name of the stack chooses the assumptions on use.
    """
    region = configured_region(plan)
    # The engine's order is another in each run; reports of one change have one order.
    was, will_be = (
        sorted(side, key=lambda one: str(one.get("urn"))) for side in (before_preview(plan), from_preview(plan))
    )
    return Estimates(estimate(was, on, region=region), estimate(will_be, on, region=region), was, will_be)


def cost(found: Estimates, budget: Decimal | None) -> Cost:
    """Return the cost before and after a change; `budget` is in USD a month."""
    before, after = found.before, found.after
    return Cost(
        hours_per_month=int(HOURS),
        total=_total(before, after),
        components=tuple(_rows(before, after, Dimension.COMPONENT)),
        teams=tuple(_rows(before, after, Dimension.TEAM)),
        cost_centers=tuple(_rows(before, after, Dimension.COST_CENTER)),
        changes=tuple(_changes(found)),
        open=tuple(_open(found)),
        states={state.value: number for state, number in after.counts.items()},
        assumptions=after.assumptions,
        budget=None if budget is None else _budget(after, budget),
    )


def three(found: Estimate | Group) -> Three:
    """Return the three totals."""
    return Three(floor=cents(found.floor), expected=cents(found.expected), ceiling=cents(found.ceiling))


def of_item(item: Item) -> Three:
    """Return the three numbers of one resource."""
    return three(Group(item.resource.name, (item,)))


def _less(after: Three, before: Three) -> Three:
    """Subtract what is shown from what is shown, so that readers who do the same get the same."""
    return Three(
        floor=after.floor - before.floor,
        expected=after.expected - before.expected,
        ceiling=after.ceiling - before.ceiling,
    )


def _total(before: Estimate, after: Estimate) -> CostRow:
    was, now = (three(before) if before.items else None), three(after)
    return CostRow(
        name="total",
        before=was,
        after=now,
        difference=_less(now, was or ZERO),
        at_least=after.at_least,
        unbounded=bool(after.unbounded),
    )


def _rows(before: Estimate, after: Estimate, by: Dimension) -> Iterator[CostRow]:
    was = {group.name: group for group in groups(before, by)}
    now = {group.name: group for group in groups(after, by)}
    for name in dict.fromkeys((*now, *was)):
        old, new = was.get(name), now.get(name)
        first, second = (three(old) if old else None), (three(new) if new else None)
        if not (first and any(_amounts(first))) and not (second and any(_amounts(second))):
            continue
        yield CostRow(
            name="" if name == NONE else name,
            before=first,
            after=second,
            difference=_less(second or ZERO, first or ZERO),
            at_least=bool(new and new.at_least),
            unbounded=bool(new and new.unbounded),
        )


def _amounts(found: Three) -> tuple[Decimal, Decimal, Decimal]:
    return found.floor, found.expected, found.ceiling


def _changes(found: Estimates) -> Iterator[CostChange]:
    for change in compare(found.before, found.after).changes:
        resource = change.item.resource
        if any(_amounts(_difference(change))) or change.lines:
            yield CostChange(
                kind=change.kind,
                urn=resource.urn,
                type=resource.type,
                name=resource.name,
                component=component(found.owners.get(resource.urn)),
                difference=_difference(change),
                lines=tuple(_line(line) for line in change.lines),
            )


def _difference(change: Change) -> Three:
    return Three(floor=cents(change.floor), expected=cents(change.expected), ceiling=cents(change.ceiling))


def _line(change: LineChange) -> CostLine:
    before, after = (_told(line) for line in (change.before, change.after))
    return CostLine(what=change.what, before=before, after=after, difference=cents(change.expected))


def _told(line: Line | None) -> str:
    return "" if line is None else line.arithmetic or line.note


def _open(found: Estimates) -> Iterator[Unpriced]:
    for item in found.after.items:
        if item.open:
            reason = item.reason or "; ".join(f"{line.what}: {_told(line)}" for line in item.lines if line.open)
            yield Unpriced(
                urn=item.resource.urn,
                type=item.resource.type,
                name=item.resource.name,
                component=component(found.owners.get(item.resource.urn)),
                state=item.state,
                reason=reason,
            )


def component(owner: Owner | None) -> str:
    """Return the name of the component that a resource is in; empty for none."""
    return "" if owner is None or owner.component == NONE else owner.component


def _budget(after: Estimate, monthly_usd: Decimal) -> Budget:
    return Budget(
        monthly_usd=cents(monthly_usd),
        share=(after.expected / monthly_usd).quantize(Decimal("0.0001")) if monthly_usd else Decimal(0),
        over=after.expected > monthly_usd,
        ceiling_over=bool(after.unbounded) or after.ceiling > monthly_usd,
    )


def expected(item: Item) -> Decimal:
    """Return what one resource is expected to cost a month, in USD."""
    return cents(sum((monthly(line.expected) for line in item.lines), Decimal(0)))
