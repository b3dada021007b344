"""What proposals are made from: an estimate, the prices beside it, and how careful its environment makes one."""

import contextlib
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from finops.book import Price, PriceBook, Unit
from finops.estimate import Estimate, Item
from finops.line import HOURS, Line, State, Term
from finops.owners import owners
from finops.resource import Resource, Resources
from finops.values import Unreadable


class Place(enum.StrEnum):
    """What an environment is for, as far as proposals care."""

    TRIAL = "trial"
    """People try things: it may be gone at night, and lose a zone."""

    REHEARSAL = "rehearsal"
    """The shape of production, used on working days."""

    PRODUCTION = "production"
    """Somebody depends on it. Every environment whose name says nothing else."""


PLACES: Final = {
    "sandbox": Place.TRIAL,
    "dev": Place.TRIAL,
    "development": Place.TRIAL,
    "test": Place.TRIAL,
    "stage": Place.REHEARSAL,
    "staging": Place.REHEARSAL,
    "preprod": Place.REHEARSAL,
}
"""Names of environments that are not production, the same that the policy packs know."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A line that is paid: known price, and more than nothing expected of it."""

    item: Item
    index: int
    line: Line
    term: Term
    price: Price

    @property
    def usd(self) -> Decimal:
        """USD a month expected."""
        return self.term.monthly

    @property
    def unit(self) -> Decimal:
        """USD of one unit, as the estimate took it."""
        return self.term.usd or Decimal(0)

    def times(self) -> Decimal:
        """Units a month: nodes times hours, or gigabytes."""
        return self.term.quantity * (HOURS if self.term.hourly else 1)


@dataclass(frozen=True)
class Scene:
    """One stack, seen by all proposals."""

    found: Estimate
    book: PriceBook
    environment: str
    protected: bool
    """Whether its data must resist being lost: what weakens that is not proposed."""
    cache: dict[str, Any] = field(default_factory=dict)
    """What is worked out once for many resources."""

    @cached_property
    def resources(self) -> Resources:
        """All resources, with the joins that the estimator uses."""
        return Resources(item.resource for item in self.found.items)

    @cached_property
    def place(self) -> Place:
        """What the environment is for: by its name, else by the one that all tags of the stack agree on."""
        name = self.environment.strip().lower()
        if name in PLACES or not self.found.items:
            return PLACES.get(name, Place.PRODUCTION)
        tagged = {owner.environment.lower() for owner in owners(self.found).values()}
        return PLACES.get(tagged.pop(), Place.PRODUCTION) if len(tagged) == 1 else Place.PRODUCTION

    @cached_property
    def by_type(self) -> dict[str, list[Item]]:
        """Items by type token, in order."""
        found: dict[str, list[Item]] = {}
        for item in self.found.items:
            found.setdefault(item.resource.type, []).append(item)
        return found

    def of(self, *types: str) -> Iterator[Item]:
        """Yield the items of some types."""
        for type_ in types:
            yield from self.by_type.get(type_, ())

    def price(self, item: Item, name: str) -> Price | None:
        """Return a price where a resource is; None without a figure, and where its region is not known."""
        return self.book.find(name, item.region) if item.region else None

    def target(self, resource: Resource, path: str, type_: str, key: str = "") -> Resource | None:
        """Return the resource of a type that a property names; None where it names none of the stack.

        A known value is an id, or the target's property `key`. One that is not known yet stems from other resources,
        of which one must be of the type.
        """
        if value := _text(resource, path):
            found = self.resources.by_id.get((type_, value))
            found = found or (self.resources.named(type_, value, key) if key else None)
            if found is not None:
                return found
        sources = (self.resources.by_urn.get(urn) for urn in stems(resource, path))
        found_all = [source for source in sources if source is not None and source.type == type_]
        return found_all[0] if len(found_all) == 1 else None


def paid(item: Item, *prefixes: str) -> Iterator[Paid]:
    """Yield the paid lines of an item whose price begins with one of `prefixes`; all without any."""
    for index, line in enumerate(item.lines):
        term = line.expected
        if term is None or term.price is None or line.state not in (State.PRICED, State.USAGE) or term.monthly <= 0:
            continue
        if not prefixes or term.price.item.startswith(prefixes):
            yield Paid(item, index, line, term, term.price)


def each_hour(price: Price | None) -> Decimal | None:
    """Return USD an hour; None without a price, or for one that is not for an hour."""
    return price.usd if price is not None and price.unit is Unit.HOUR else None


def names(items: Sequence[Item]) -> str:
    """Return the names of resources, at most four of them."""
    shown = [item.resource.name[:64] for item in items[:4]]
    return ", ".join(shown) + (f" and {len(items) - 4} more" if len(items) > 4 else "")


def stems(resource: Resource, path: str) -> tuple[str, ...]:
    """Return the URNs that a property is computed from."""
    found = resource.property_dependencies.get(path)
    return tuple(urn for urn in found if isinstance(urn, str)) if isinstance(found, list | tuple) else ()


def _text(resource: Resource, path: str) -> str:
    with contextlib.suppress(Unreadable):
        return resource.props.text(path)
    return ""
