"""What a refresh changes in the price book: figures that moved, new ones, and those of which nothing was read."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finops.book import Price, PriceBook, Tier
from finops.line import plain
from finops.price_files import tiers_text
from finops.price_list import Answer

LIMIT = Decimal(50)
"""Percent. A figure that moves by more is likelier to be a mistake of the table than a price of AWS."""


class Kind(enum.StrEnum):
    """What became of a figure."""

    MOVED = "moved"
    NEW = "new"
    VANISHED = "vanished"
    """The book has it, and the price list did not give it: it stays as it is, with its own source."""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that is not what it was."""

    kind: Kind
    item: str
    region: str
    unit: str
    old: str
    """As a file has it; empty for a new one."""
    new: str
    """As a file has it; the reason for a vanished one."""
    percent: Decimal | None
    """How far it moved: of the steps, the one that moved most. None for new and vanished ones."""

    @property
    def far(self) -> bool:
        """Whether it moved by more than is believed without a look."""
        return self.percent is not None and abs(self.percent) > LIMIT

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        percent = None if self.percent is None else plain(self.percent)
        return {
            "kind": self.kind.value,
            "item": self.item,
            "region": self.region,
            "unit": self.unit,
            "old": self.old or None,
            "new": None if self.kind is Kind.VANISHED else self.new,
            "reason": self.new if self.kind is Kind.VANISHED else None,
            "percent": percent,
        }


def changes(book: PriceBook, answer: Answer) -> list[Change]:
    """Return what an answer changes in a book, in order of item and region; what stays is left out."""
    found = []
    for key, figure in answer.figures.items():
        price = book.prices.get(key)
        new = tiers_text(figure.tiers)
        if price is None:
            found.append(Change(Kind.NEW, *key, figure.unit.value, "", new, None))
        elif (old := _tiers(price)) != figure.tiers:
            percent = _percent(old, figure.tiers)
            found.append(Change(Kind.MOVED, *key, figure.unit.value, tiers_text(old), new, percent))
    for key, why in answer.problems.items():
        price = book.prices.get(key)
        if price is not None:
            found.append(Change(Kind.VANISHED, *key, price.unit.value, tiers_text(_tiers(price)), why, None))
    return sorted(found, key=lambda change: (list(Kind).index(change.kind), change.item, change.region))


def units_differ(book: PriceBook, answer: Answer) -> dict[tuple[str, str], str]:
    """Return the figures whose unit is not the book's, with a sentence: the table and the book do not fit together."""
    return {
        key: f"the table has it per {figure.unit.value}, the book per {price.unit.value}; mend the table"
        for key, figure in answer.figures.items()
        if (price := _any(book, key)) is not None and price.unit is not figure.unit
    }


def _any(book: PriceBook, key: tuple[str, str]) -> Price | None:
    if key in book.prices:
        return book.prices[key]
    return next((book.prices[key[0], region] for region in book.regions if (key[0], region) in book.prices), None)


def _tiers(price: Price) -> tuple[Tier, ...]:
    return price.tiers or (Tier(usd=price.usd),)


def _percent(old: Sequence[Tier], new: Sequence[Tier]) -> Decimal | None:
    """Return how far prices moved, over all bounds of either.

    Where one of them has no steps, the first step alone: what the book has as one figure is the first step.
    """
    if 1 in (len(old), len(new)):
        return (new[0].usd - old[0].usd) / old[0].usd * 100
    bounds = sorted({tier.up_to for tier in (*old, *new) if tier.up_to is not None})
    moved = []
    for bound in (*bounds, None):
        before, after = _at(old, bound), _at(new, bound)
        if before is not None and after is not None:
            moved.append((after - before) / before * 100)
    return max(moved, key=abs, default=None)


def _at(tiers: Iterable[Tier], bound: Decimal | None) -> Decimal | None:
    """Return the price of the last unit up to a bound; of units without end for None."""
    for tier in tiers:
        if tier.up_to is None or (bound is not None and bound <= tier.up_to):
            return tier.usd
    return None


def counts(found: Iterable[Change]) -> Mapping[Kind, int]:
    """Return how many changes of each kind there are."""
    listed = list(found)
    return {kind: sum(change.kind is kind for change in listed) for kind in Kind}
