"""All proposals for a stack, from its estimate. Pure: no clock, no network, no Pulumi."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from finops.book import PriceBook, default_book
from finops.estimate import Estimate, Item
from finops.line import cents
from finops.savings import hours, managed, network, nodes, pods, storage
from finops.savings.choose import best, with_conflicts
from finops.savings.proposal import Proposal
from finops.savings.scene import Scene
from finops.values import Unreadable

LEAST: Final = Decimal(1)
"""USD a month below which a proposal is not worth reading."""

PROTECTED: Final = "protected"
"""Durability of a stack file under which no proposal weakens what keeps data."""

OfItem = Callable[[Item, Scene], Iterable[Proposal]]

_NODES: Final = (
    nodes.spot,
    nodes.graviton,
    nodes.right_size,
    hours.schedule,
    hours.scale_to_zero,
    storage.gp3,
)
_BY_TYPE: Final[Mapping[str, tuple[OfItem, ...]]] = {
    pods.NODE_GROUP: _NODES,
    pods.NODE_POOL: _NODES,
    nodes.INSTANCE: (nodes.graviton, hours.schedule, storage.gp3),
    "aws:ebs/volume:Volume": (storage.gp3,),
    "kubernetes:core/v1:PersistentVolumeClaim": (storage.gp3,),
    "kubernetes:apps/v1:StatefulSet": (storage.gp3,),
    "kubernetes:helm.sh/v3:Release": (storage.gp3,),
    managed.DATABASE: (hours.schedule, managed.standby, managed.graviton_database),
    managed.CLUSTER: (managed.extended_support,),
    network.ADDRESS: (network.idle_address,),
    "aws:cloudwatch/logGroup:LogGroup": (storage.retention,),
    **dict.fromkeys(storage.BUCKET, (storage.tiering,)),
}
_OF_STACK: Final = (network.single_nat, network.gateway_endpoint, network.fewer_endpoints)


def proposals(
    found: Estimate,
    book: PriceBook | None = None,
    environment: str | None = None,
    durability: str = "",
) -> tuple[Proposal, ...]:
    """Return ways to spend less, the largest first, each with the ids of those that it excludes.

    `book` is the one that the estimate was made with; the default is the library's. `environment` decides what may be
    weakened; the default is that of the estimate, else the one of all tags; one that is not known counts as
    production. `durability` is that of the stack file. Nothing is proposed where a price is missing, and nothing
    below `LEAST`. Never raises for what is in the resources.
    """
    scene = Scene(
        found,
        book or default_book(),
        found.environment if environment is None else environment,
        protected=durability == PROTECTED,
    )
    ordered = sorted((one for one in _all(scene) if one.high >= LEAST), key=lambda one: (-one.middle, one.id))
    # Resources with one URN, which only damaged states have, would be proposed twice under one id.
    first: dict[str, Proposal] = {}
    for one in ordered:
        first.setdefault(one.id, one)
    return with_conflicts(tuple(first.values()))


def _all(scene: Scene) -> Iterator[Proposal]:
    for item in scene.found.items:
        for propose in _BY_TYPE.get(item.resource.type, ()):
            # What cannot be read now may be known in the next run.
            with contextlib.suppress(Unreadable):
                yield from propose(item, scene)
    for of_stack in _OF_STACK:
        yield from of_stack(scene)


def to_json(given: Iterable[Proposal]) -> dict[str, Any]:
    """Return proposals as JSON types, with the best that can be had together. Amounts are strings of USD."""
    ordered = tuple(given)
    choice = best(ordered)
    chosen = {one.id for one in choice.proposals}
    return {
        "currency": "USD",
        "monthly": {"low": str(cents(choice.low)), "high": str(cents(choice.high))},
        "proposals": [{**_proposal(one), "chosen": one.id in chosen} for one in ordered],
    }


def _proposal(one: Proposal) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "title": one.title,
        "todo": one.todo,
        "resources": list(one.resources),
        "monthly": {"low": str(cents(one.low)), "high": str(cents(one.high))},
        "arithmetic": one.arithmetic,
        "price": one.price,
        "confidence": one.confidence.value,
        "source": one.source,
        "conflicts_with": list(one.conflicts_with),
    }
