"""Which proposals can be had together, and what the best of them save."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from finops.savings.proposal import Proposal

_MOST: Final = 14
"""Proposals that all hang together, of which every choice is tried; beyond, the largest first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Proposals that do not conflict, in order, and what they save together in USD a month."""

    proposals: tuple[Proposal, ...]

    @property
    def low(self) -> Decimal:
        """Saved at least."""
        return sum((one.low for one in self.proposals), Decimal(0))

    @property
    def high(self) -> Decimal:
        """Saved at most; never more than what the estimate expects."""
        return sum((one.high for one in self.proposals), Decimal(0))


def with_conflicts(proposals: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Return the proposals, each with the ids of those that cut a line which it cuts too."""
    by_line: dict[tuple[str, int], list[str]] = {}
    for one in proposals:
        for cut in one.cuts:
            by_line.setdefault(cut.key, []).append(one.id)
    return tuple(
        replace(one, conflicts_with=tuple(sorted({id_ for cut in one.cuts for id_ in by_line[cut.key]} - {one.id})))
        for one in proposals
    )


def best(proposals: Iterable[Proposal]) -> Choice:
    """Return the proposals that save most together, none of them with a conflict.

    Largest by the middle of the ranges. Proposals that share no line are chosen apart from each other, so that the
    time grows with their number and not with the number of choices.
    """
    given = {one.id: one for one in proposals}
    chosen: set[str] = set()
    seen: set[str] = set()
    for one in given.values():
        if one.id not in seen:
            group = _together(one, given)
            seen |= {member.id for member in group}
            chosen |= {member.id for member in (_try_all(group) if len(group) <= _MOST else _largest_first(group))}
    return Choice(tuple(one for one in given.values() if one.id in chosen))


def _together(start: Proposal, given: dict[str, Proposal]) -> list[Proposal]:
    """Return all that conflict with each other, directly or through others, in order."""
    found, todo = {start.id}, [start]
    while todo:
        for id_ in todo.pop().conflicts_with:
            if id_ in given and id_ not in found:
                found.add(id_)
                todo.append(given[id_])
    return [one for one in given.values() if one.id in found]


def _try_all(group: list[Proposal]) -> list[Proposal]:
    if not group:
        return []
    first, rest = group[0], group[1:]
    free = [one for one in rest if one.id not in first.conflicts_with]
    taken = [first, *_try_all(free)]
    if len(free) == len(rest):
        return taken
    left = _try_all(rest)
    return left if _middle(left) > _middle(taken) else taken


def _largest_first(group: list[Proposal]) -> list[Proposal]:
    found: list[Proposal] = []
    for one in sorted(group, key=lambda proposal: (-proposal.middle, proposal.id)):
        if not any(one.id in other.conflicts_with for other in found):
            found.append(one)
    return found


def _middle(proposals: list[Proposal]) -> Decimal:
    return sum((one.middle for one in proposals), Decimal(0))
