"""The estimator: resources in, a state and lines for each, and three totals. Pure: no clock, no network, no Pulumi."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from finops.book import PriceBook, default_book
from finops.context import Context
from finops.line import Line, State, monthly
from finops.mapping.registry import Mapped, lookup
from finops.resource import Resource, Resources
from finops.usage import Assumptions, Usage, default_usage
from finops.values import Unreadable

COMPONENT = "groups other resources, which are counted by themselves"
EXTERNAL = "read by this stack, not created by it: on another bill"
TO_BE_DELETED = "replaced, and waits to be deleted: it costs until the next run"

_WORST_FIRST = (State.UNKNOWN, State.UNPRICED, State.PRICED, State.USAGE)


@dataclass(frozen=True, slots=True)
class Item:
    """One resource with its state, and the lines that it pays for."""

    resource: Resource
    region: str | None
    state: State
    lines: tuple[Line, ...]
    reason: str
    """Why the state is free, unpriced or unknown; empty where the lines say all."""

    @property
    def open(self) -> bool:
        """Whether the totals lack something because of it."""
        return self.state in (State.UNPRICED, State.UNKNOWN) or any(line.open for line in self.lines)

    @property
    def unbounded(self) -> bool:
        """Whether nothing limits what it can cost."""
        return any(line.unbounded for line in self.lines)


@dataclass(frozen=True)
class Estimate:
    """What a stack costs a month in USD: at its smallest, as expected, and at its limits."""

    items: tuple[Item, ...]
    environment: str
    on: date
    as_of: date
    review_by: date
    assumptions: tuple[str, ...]
    """Every assumption that a figure rests on."""

    @cached_property
    def floor(self) -> Decimal:
        """Everything at its smallest size, and no use of meters."""
        return sum((monthly(line.floor) for line in self._lines()), Decimal(0))

    @cached_property
    def expected(self) -> Decimal:
        """Sizes as wanted, pools and meters as assumed."""
        return sum((monthly(line.expected) for line in self._lines()), Decimal(0))

    @cached_property
    def ceiling(self) -> Decimal:
        """Everything that has a limit at its limit for the whole month, meters as assumed. See `unbounded`."""
        return sum((monthly(line.ceiling) for line in self._lines()), Decimal(0))

    @cached_property
    def unbounded(self) -> tuple[Item, ...]:
        """Items without a limit: the ceiling leaves them out."""
        return tuple(item for item in self.items if item.unbounded)

    @cached_property
    def counts(self) -> Mapping[State, int]:
        """Number of resources in each of the five states."""
        found = Counter(item.state for item in self.items)
        return {state: found[state] for state in State}

    @cached_property
    def at_least(self) -> bool:
        """Whether something is missing from the totals."""
        return any(item.open for item in self.items)

    @property
    def stale(self) -> bool:
        """Whether the prices were past their review on the day of the estimate."""
        return self.on > self.review_by

    def _lines(self) -> Iterator[Line]:
        return (line for item in self.items for line in item.lines)


def estimate(
    resources: Iterable[Any],
    on: date,
    book: PriceBook | None = None,
    usage: Usage | None = None,
    environment: str | None = None,
    region: str | None = None,
) -> Estimate:
    """Estimate plain resources: mappings with `type`, `name`, `urn`, `inputs`, `outputs` (or `props`), `parent`.

    `on` is the day whose support dates count. `environment` chooses the assumptions; the default is the name of the
    stack. `region` is that of resources which do not say theirs; the default is the only region of the AWS
    providers. Never raises for what is in the resources: what cannot be read is unknown.
    """
    chosen = book or default_book()
    found = Resources((Resource.of(plain) for plain in resources), region)
    named = found.stack if environment is None else environment
    context = Context(chosen, Assumptions(usage or default_usage(), named), found, on)
    items = tuple(_item(resource, context) for resource in found)
    return Estimate(items, named, on, chosen.as_of, chosen.review_by, tuple(context.notes))


def _item(resource: Resource, context: Context) -> Item:
    """Return the state and the lines of one resource."""
    region = context.resources.region_of(resource)
    known = lookup(resource.type)
    if resource.external:
        return Item(resource, region, State.FREE, (), EXTERNAL)
    if not resource.custom and resource.type:
        return Item(resource, region, State.FREE, (), COMPONENT)
    if resource.to_be_deleted:
        return Item(resource, region, State.UNKNOWN, (), TO_BE_DELETED)
    if not isinstance(known, Mapped):
        return Item(resource, region, known.state, (), known.reason)
    lines = tuple(_lines(known, resource, context))
    if not lines:
        return Item(resource, region, State.FREE, (), known.free)
    state = next(state for state in _WORST_FIRST if any(line.state is state for line in lines))
    reason = "; ".join(f"{line.what}: {line.note}" for line in lines if line.state is state)
    return Item(resource, region, state, lines, reason if state in _WORST_FIRST[:2] else "")


def _lines(known: Mapped, resource: Resource, context: Context) -> Iterator[Line]:
    """Yield the lines of each part; a part that cannot be read becomes a line that says why."""
    for part in known.parts:
        try:
            yield from part(resource, context)
        except Unreadable as error:
            yield Line(part.__name__.replace("_", " "), State.UNKNOWN, note=error.reason)
