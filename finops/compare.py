"""What a change does to the bill: resources added, removed and changed, with the arithmetic of each line."""

import enum
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from finops.estimate import Estimate, Item
from finops.line import Line, State, monthly


class Kind(enum.StrEnum):
    """How a resource's cost differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line before and after; None where it was not or is not."""

    what: str
    before: Line | None
    after: Line | None

    @property
    def arithmetic(self) -> str:
        """Both calculations in words."""
        told = [line.arithmetic or line.note for line in (self.before, self.after) if line is not None]
        return " -> ".join(told)

    @property
    def expected(self) -> Decimal:
        """USD a month more, less than zero where it is less."""
        return _expected(self.after) - _expected(self.before)


@dataclass(frozen=True, slots=True)
class Change:
    """One resource whose cost differs."""

    kind: Kind
    before: Item | None
    after: Item | None
    lines: tuple[LineChange, ...]

    @property
    def item(self) -> Item:
        """The resource as it will be, or as it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def floor(self) -> Decimal:
        """USD a month more at its smallest size."""
        return _total(self.after, "floor") - _total(self.before, "floor")

    @property
    def expected(self) -> Decimal:
        """USD a month more as expected."""
        return _total(self.after, "expected") - _total(self.before, "expected")

    @property
    def ceiling(self) -> Decimal:
        """USD a month more at the limits."""
        return _total(self.after, "ceiling") - _total(self.before, "ceiling")


@dataclass(frozen=True)
class Comparison:
    """Two estimates of one stack, and what differs, the largest difference first."""

    before: Estimate
    after: Estimate
    changes: tuple[Change, ...]

    @property
    def floor(self) -> Decimal:
        """USD a month more at the smallest size."""
        return self.after.floor - self.before.floor

    @property
    def expected(self) -> Decimal:
        """USD a month more as expected."""
        return self.after.expected - self.before.expected

    @property
    def ceiling(self) -> Decimal:
        """USD a month more at the limits, without what has none."""
        return self.after.ceiling - self.before.ceiling

    def of_kind(self, kind: Kind) -> tuple[Change, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)


def compare(before: Estimate, after: Estimate) -> Comparison:
    """Compare two estimates by URN. A resource whose lines are the same is no change; free ones are left out."""
    old, new = _by_urn(before), _by_urn(after)
    found = (_change(old.get(key), new.get(key)) for key in dict.fromkeys((*new, *old)))
    changes = sorted(
        (one for one in found if one), key=lambda c: (-abs(c.expected), -abs(c.ceiling), c.item.resource.urn)
    )
    return Comparison(before, after, tuple(changes))


def _by_urn(found: Estimate) -> Mapping[tuple[str, str, int], Item]:
    """Return items by URN and type; what has the same as another, or none, is told apart by its order."""
    result: dict[tuple[str, str, int], Item] = {}
    count: Counter[tuple[str, str]] = Counter()
    for item in found.items:
        resource = item.resource
        # What waits for its deletion has the URN of what replaces it.
        if not resource.to_be_deleted:
            result[resource.urn, resource.type, count[resource.urn, resource.type]] = item
            count[resource.urn, resource.type] += 1
    return result


def _change(before: Item | None, after: Item | None) -> Change | None:
    was, now = _counts(before), _counts(after)
    if not was and not now:
        return None
    lines = _lines(before if was else None, after if now else None)
    if not lines and _state(before) == _state(after):
        return None
    kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
    return Change(kind, before, after, lines)


def _counts(item: Item | None) -> bool:
    """Whether a resource is on the bill at all."""
    return item is not None and item.state is not State.FREE


def _state(item: Item | None) -> tuple[State, str] | None:
    return None if item is None else (item.state, item.reason)


def _lines(before: Item | None, after: Item | None) -> tuple[LineChange, ...]:
    """Return the lines that differ, paired by what they are for and by their order."""
    old, new = _named(before), _named(after)
    pairs = (LineChange(key[0], old.get(key), new.get(key)) for key in dict.fromkeys((*new, *old)))
    return tuple(pair for pair in pairs if pair.before != pair.after)


def _named(item: Item | None) -> dict[tuple[str, int], Line]:
    result: dict[tuple[str, int], Line] = {}
    count: Counter[str] = Counter()
    for line in item.lines if item else ():
        result[line.what, count[line.what]] = line
        count[line.what] += 1
    return result


def _total(item: Item | None, name: str) -> Decimal:
    return sum((monthly(getattr(line, name)) for line in item.lines), Decimal(0)) if item else Decimal(0)


def _expected(line: Line | None) -> Decimal:
    return monthly(line.expected) if line else Decimal(0)
