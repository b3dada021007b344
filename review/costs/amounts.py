"""How amounts are written: with their sign, by the hour, "at least", "unbounded"."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, Protocol

from finops.line import HOURS, cents, money

HOURLY: Final = Decimal("0.0001")
"""An hour is shown to a hundredth of a cent: a public address costs half a cent."""

_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP)


class Totals(Protocol):
    """What has the three numbers: an estimate's whole, or a group of it."""

    @property
    def floor(self) -> Decimal:
        """USD a month at the smallest size."""

    @property
    def expected(self) -> Decimal:
        """USD a month as wanted and assumed."""

    @property
    def ceiling(self) -> Decimal:
        """USD a month at the limits, without what has none."""

    @property
    def unbounded(self) -> bool:
        """Whether a part of it has no limit."""

    @property
    def at_least(self) -> bool:
        """Whether something is missing from the numbers."""


def by_hour(monthly: Decimal) -> Decimal:
    """Return what an hour of a month costs in USD, rounded half up to four digits."""
    return (monthly / HOURS).quantize(HOURLY, context=_ROUNDING)


def hourly(monthly: Decimal) -> str:
    """Return what an hour of a month costs: $0.6517."""
    return f"${by_hour(monthly):,}"


def signed(difference: Decimal) -> str:
    """Return a difference with its sign in front of the currency: +$3.00, -$3.00, and $0.00 without one."""
    rounded = cents(difference)
    sign = "+" if rounded > 0 else "-" if rounded < 0 else ""
    return f"{sign}{money(abs(rounded))}"


def ceiling(found: Totals) -> str:
    """Return the amount at the limits; where a part has none "unbounded", and what the rest can come to."""
    if not found.unbounded:
        return money(found.ceiling)
    return f"unbounded, {money(found.ceiling)} without" if found.ceiling else "unbounded"


def hourly_ceiling(found: Totals) -> str:
    """Return the hourly amount at the limits, "unbounded" where a part has none."""
    return "unbounded" if found.unbounded else hourly(found.ceiling)


def plain(value: Decimal) -> str:
    """Return all digits of a number without exponent, separators and zeros at its end, as machines read it."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
