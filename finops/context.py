"""What the mappings get: prices for the region, assumptions, the other resources, and how to make lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from finops.book import Price, PriceBook, Unit
from finops.line import Line, State, Term, plain, unit_price
from finops.resource import Resource, Resources
from finops.usage import Assumptions
from finops.values import Unreadable


@dataclass(frozen=True, slots=True)
class Want:
    """Units of an item. `low` takes the low end of a range."""

    quantity: Decimal
    item: str
    of: str = ""
    low: bool = False


@dataclass(frozen=True)
class Context:
    """One estimate's surroundings. `notes` collects the assumptions that lines rest on."""

    book: PriceBook
    assumptions: Assumptions
    resources: Resources
    on: date
    notes: dict[str, None] = field(default_factory=dict)
    """An ordered set."""
    cache: dict[Any, Any] = field(default_factory=dict)
    """What mappings work out once for many resources."""

    def region(self, resource: Resource) -> str:
        """Return a resource's region. Raises `Unreadable` where it is not known."""
        region = self.resources.region_of(resource)
        if region is None:
            raise Unreadable("its region is not known")
        return region

    def price(self, resource: Resource, item: str) -> Price | None:
        """Return the price of an item where the resource is; None without a figure."""
        return self.book.find(item, self.region(resource))

    def fixed(
        self, resource: Resource, what: str, item: str, quantity: Decimal | int = 1, note: str = ""
    ) -> Iterable[Line]:
        """Yield the lines of a fixed amount: one, or one for each step of a price with steps."""
        price, wanted = self.price(resource, item), Decimal(quantity)
        if price is None:
            yield self.unpriced(resource, what, [item], note)
            return
        steps, beyond = price.steps(wanted)
        for units, usd in steps:
            term = Term(units, usd, price.unit is Unit.HOUR, price=price)
            yield Line(what, State.PRICED, term, term, term, note=note)
        if beyond:
            yield Line(what, State.UNPRICED, note=f"the book has no figure for the last {plain(beyond)} of {item}")

    def span(self, resource: Resource, what: str, wants: tuple[Want, Want, Want | None], note: str = "") -> Line:
        """Return a line with three numbers: floor, expected, and ceiling (None: unbounded)."""
        lacking: dict[str, None] = {}
        floor, expected, ceiling = (self._term(resource, want, lacking) if want else None for want in wants)
        if lacking:
            note = "; ".join(filter(None, (note, self._no_figure(resource, lacking))))
        state = State.UNPRICED if lacking else State.PRICED
        return Line(what, state, floor, expected, ceiling, unbounded=wants[2] is None, note=note)

    def metered(self, resource: Resource, what: str, item: str) -> Iterable[Line]:
        """Yield the lines of a meter: its price, or what the assumed use costs at each step."""
        price = self.price(resource, item)
        if price is None:
            yield self.unpriced(resource, what, [item])
            return
        assumed = self.assumptions.meter(item, resource.name, resource.urn)
        if assumed is None:
            upwards = "from " if price.tiers else ""
            yield Line(what, State.USAGE, rate=f"{upwards}{unit_price(price.usd)} per {price.unit}")
            return
        quantity, origin = assumed
        note = f"assumes {plain(quantity)} {price.unit} of {item} ({origin})"
        self.notes[note] = None
        steps, beyond = price.steps(quantity)
        for units, usd in steps:
            term = Term(units, usd, hourly=False, price=price)
            yield Line(what, State.USAGE, None, term, term, note=note)
        if beyond:
            yield Line(what, State.UNPRICED, note=f"the book has no figure for the last {plain(beyond)} of {item}")

    def unpriced(self, resource: Resource, what: str, items: Iterable[str], note: str = "") -> Line:
        """Return the line of something that costs, for which the book has no figure."""
        reason = self._no_figure(resource, dict.fromkeys(items))
        return Line(what, State.UNPRICED, note="; ".join(filter(None, (note, reason))))

    def _no_figure(self, resource: Resource, items: Mapping[str, None]) -> str:
        named = ", ".join(list(items)[:3]) + (f" and {len(items) - 3} more" if len(items) > 3 else "")
        return f"no figure for {named} in {self.region(resource)[:32]}"

    def _term(self, resource: Resource, want: Want, lacking: dict[str, None]) -> Term | None:
        price = self.price(resource, want.item)
        if price is None:
            if want.quantity == 0:
                return Term(want.quantity, None, hourly=False, of=want.of)
            lacking[want.item] = None
            return None
        usd = price.low if want.low and price.low is not None else price.usd
        return Term(want.quantity, usd, price.unit is Unit.HOUR, want.of, price)
