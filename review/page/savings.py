"""Proposals to spend less, as a review tells them."""

from __future__ import annotations

from finops import Estimate
from finops.line import cents
from finops.savings import Proposal, best, proposals
from review.page.model import Saving, Savings


def found(after: Estimate, durability: str) -> Savings:
    """Return the proposals for a stack; `durability` is that of its settings."""
    given = proposals(after, durability=durability)
    choice = best(given)
    chosen = {one.id for one in choice.proposals}
    names = {item.resource.urn: item.resource.name for item in after.items}
    return Savings(
        low=cents(choice.low),
        high=cents(choice.high),
        proposals=tuple(_saving(one, one.id in chosen, names) for one in given),
    )


def _saving(one: Proposal, chosen: bool, names: dict[str, str]) -> Saving:
    return Saving(
        id=one.id,
        title=one.title,
        todo=one.todo,
        urns=one.resources,
        names=tuple(dict.fromkeys(names.get(urn, urn) for urn in one.resources)),
        low=cents(one.low),
        high=cents(one.high),
        arithmetic=one.arithmetic,
        price=one.price,
        confidence=one.confidence.value,
        chosen=chosen,
        conflicts_with=one.conflicts_with,
    )
