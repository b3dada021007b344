"""Lines of an estimate: what is counted, the arithmetic of each of its three numbers, and in which state it is."""

import enum
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from finops.book import Price

HOURS: Final = Decimal(730)
"""Hours of a month: 365 x 24 / 12, which AWS's own calculator and infracost use too."""

CENT: Final = Decimal("0.01")

_SHOWN = Decimal("0.000001")
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP)  # room for the absurd sizes that previews can hold


class State(enum.StrEnum):
    """What is known of the cost of a resource. They are never mixed: a resource has one."""

    PRICED = "priced"
    """It has a fixed price, and the book has all of it. It may have meters beside."""

    FREE = "free"
    """It costs nothing by itself."""

    USAGE = "usage-dependent"
    """It costs what is used of it."""

    UNPRICED = "unpriced"
    """It costs something, and the book has no figure for all or part of it."""

    UNKNOWN = "unknown"
    """It is not known what it costs: its type is not, or a property that decides it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One product: units, the price of one, and whether that is for an hour."""

    quantity: Decimal
    usd: Decimal | None
    """None only with a quantity of zero, whatever one would cost."""
    hourly: bool
    of: str = ""
    """What is counted, where the number needs it: the instance type."""
    price: Price | None = None
    """The figure in the book: its source, date and basis."""

    @property
    def monthly(self) -> Decimal:
        """USD a month, exact."""
        if self.usd is None:
            return Decimal(0)
        return self.quantity * self.usd * (HOURS if self.hourly else 1)

    def __str__(self) -> str:
        if self.usd is None:
            return "0"
        what = f" ({self.of})" if self.of else ""
        return f"{plain(self.quantity)} x {unit_price(self.usd)}{what}" + (f" x {HOURS} h" if self.hourly else "")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a resource pays for. A missing term counts nothing: its state and note say why."""

    what: str
    state: State
    floor: Term | None = None
    """At the smallest size. None for a meter: the least use is none."""
    expected: Term | None = None
    ceiling: Term | None = None
    """At the limits. None also where there is no limit: see `unbounded`."""
    unbounded: bool = False
    rate: str = ""
    """The price of a meter without an assumption: "$0.045 per GB"."""
    note: str = ""

    @property
    def open(self) -> bool:
        """Whether the totals lack something because of it."""
        if self.state is State.USAGE:
            return self.expected is None
        return self.state in (State.UNPRICED, State.UNKNOWN)

    @property
    def arithmetic(self) -> str:
        """The calculation in words: one product, or one for each of the three numbers."""
        if self.rate:
            return f"depends on usage: {self.rate}"
        if self.floor is not None and self.floor == self.expected == self.ceiling:
            return f"{self.floor} = {money(self.floor.monthly)}"
        if self.state is State.USAGE and self.expected is not None:
            return f"{self.expected} = {money(self.expected.monthly)}"
        named = (("floor", self.floor), ("expected", self.expected), ("ceiling", self.ceiling))
        shown = [f"{name} {term} = {money(term.monthly)}" for name, term in named if term is not None]
        return ", ".join([*shown, "ceiling unbounded"] if self.unbounded else shown)


def monthly(term: Term | None) -> Decimal:
    """Return what a term adds to a total."""
    return Decimal(0) if term is None else term.monthly


def cents(amount: Decimal) -> Decimal:
    """Return an amount rounded to the cent, half up; totals are rounded once, after adding."""
    return amount.quantize(CENT, context=_ROUNDING)


def money(amount: Decimal) -> str:
    """Return an amount as people write it: $1,234.50."""
    return f"${cents(amount):,.2f}"


def unit_price(usd: Decimal) -> str:
    """Return a unit price with all its digits, at least two after the point."""
    text = f"{usd.normalize():,f}"
    whole, _, rest = text.partition(".")
    return f"${whole}.{rest:0<2}"


def plain(value: Decimal) -> str:
    """Return a number without exponent and without zeros at its end, at most six digits after the point."""
    text = f"{value.quantize(_SHOWN, context=_ROUNDING):,f}"
    return text.rstrip("0").rstrip(".")
