"""The scale of the cost bars: square root, so that an idle pool's limit does not hide everything else."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from review.page.model import CostRow, Three

_ENDS: Final = tuple(Decimal(end) for end in ("1.6", "3.2", "6.4", "9.6"))
"""Ends whose sixteenths are round: a quarter of a square-root scale is a sixteenth of its end."""

WIDTH: Final = 100
"""Units of the drawing."""


class Scale:
    """Maps USD a month to units of the drawing."""

    def __init__(self, rows: Iterable[CostRow], budget: Decimal | None = None) -> None:
        amounts = [three.ceiling for row in rows for three in (row.before, row.after) if three]
        largest = max([*amounts, budget or Decimal(0), Decimal(1)])
        power = Decimal(1).scaleb(largest.adjusted())
        ends = (end * factor for factor in (power / 10, power, power * 10) for end in _ENDS)
        self.end = min(end for end in ends if end >= largest)

    @property
    def ticks(self) -> tuple[Decimal, ...]:
        """Amounts at the quarters of the scale."""
        return tuple(self.end * n * n / 16 for n in range(5))

    def at(self, amount: Decimal) -> float:
        """Return where an amount is."""
        return round(float((max(amount, Decimal(0)) / self.end).sqrt()) * WIDTH, 2)

    def bar(self, three: Three, unbounded: bool = False) -> tuple[tuple[str, float, float], ...]:
        """Return the pieces of a bar: a name, where it begins and how wide it is."""
        ends = (self.at(three.floor), self.at(three.expected), WIDTH if unbounded else self.at(three.ceiling))
        pieces, start = [], 0.0
        for name, end in zip(("floor", "expected", "ceiling"), ends, strict=True):
            if end > start:
                pieces.append((name, start, round(end - start, 2)))
                start = end
        return tuple(pieces)


def tick(amount: Decimal) -> str:
    """Return an amount as the axis shows it: $0, $400, $1.6k, $10k, $2.5M."""
    for unit, letter in ((Decimal(10**6), "M"), (Decimal(10**3), "k")):
        if amount >= unit:
            return f"${_short(amount / unit)}{letter}"
    return f"${_short(amount)}"


def _short(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01')).normalize():,f}"
