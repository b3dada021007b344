"""A company's own rates on top of the list prices: discounts, fixed rates, commitments, Capacity Blocks.

Its files are read here, all errors at once; `docs/prices.md` has an example. What a term changes is a `Price` of its
own, whose source names the file and the contract, and whose basis is `company`.
"""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from finops.book import Basis, Price, PriceBook, Source, Tier, Unit, read_yaml
from finops.line import HOURS, plain, unit_price
from finops.rates_file import CapacityBlock, Commitment, Rates, Reserved, Term, problems_of

_SHOWN = Decimal("0.0000000001")  # ten digits, as AWS's own price list has them
_LARGEST = 1_000_000  # bytes; a file of terms has some thousands

Key = tuple[str, str]
"""Item and region."""


class RatesError(ValueError):
    """Files of rates are wrong. The message has a line for each problem: file, path, value, what is allowed."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    rates: Rates

    def source(self, term: Term, how: str) -> Source:
        return Source(name=f"{self.name}, {term.source or self.rates.source}", version=how, date=self.rates.as_of)


@dataclass(frozen=True, slots=True)
class _Part:
    """A share of the use of an item, at a rate that is committed to."""

    share: Decimal
    usd: Decimal
    file: _File
    term: Term
    where: str


@dataclass(slots=True)
class _Overlay:
    """What files make of a book. Of an item, a later file replaces what earlier ones say."""

    book: PriceBook
    on: date
    single: dict[Key, Price] = field(default_factory=dict)
    parts: dict[Key, list[_Part]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, file: _File) -> None:
        single: dict[Key, Price] = {}
        parts: dict[Key, list[_Part]] = {}
        for where, discount in self._in_force(file, "discounts"):
            for price in self._matching(file, where, discount.items, discount.regions):
                single[price.item, price.region] = _changed(price, discount.change, file, discount)
        for where, rate in self._in_force(file, "rates"):
            unit = self._unit(file, where, rate.item, rate.unit)
            for region in rate.regions if unit else ():
                source = file.source(rate, "fixed rate")
                single[rate.item, region] = _own(rate.item, region, unit, rate.usd, source)
        for _, block in self._in_force(file, "capacity_blocks"):
            for region in block.regions:
                source = file.source(block, f"Capacity Block until {block.valid_until}")
                single[block.item, region] = _own(block.item, region, Unit.HOUR, block.usd, source)
        for section in ("savings_plans", "reserved"):
            for where, term in self._in_force(file, section):
                for price in self._matching(file, where, term.items, term.regions):
                    part = self._part(file, where, term, price)
                    if part is not None:
                        parts.setdefault((price.item, price.region), []).append(part)
        for key, found in parts.items():
            if sum(part.share for part in found) > 1:
                shares = " and ".join(f"{plain(part.share)} ({part.where})" for part in found)
                self.problems.append(
                    f"{file.name}: {found[-1].where}.share: {shares} of {key[0]} in {key[1]} are more than all of its "
                    "use; give shares that add up to 1 or less"
                )
        self.single |= single
        self.parts |= parts

    def result(self, files: Sequence[_File]) -> PriceBook:
        prices = dict(self.book.prices) | self.single
        for key, parts in self.parts.items():
            if key in prices:
                prices[key] = _blended(prices[key], parts)
        return PriceBook(
            as_of=min(self.book.as_of, *(file.rates.as_of for file in files)),
            review_by=min(self.book.review_by, *(file.rates.review_by for file in files)),
            prices=prices,
            notes=(*self.book.notes, *self.notes),
        )

    def _in_force(self, file: _File, section: str) -> Iterator[tuple[str, Any]]:
        for index, term in enumerate(getattr(file.rates, section)):
            where = f"{section}[{index}]"
            if term.valid_until is not None and term.valid_until < self.on:
                self.notes.append(
                    f"{file.name}: {where} ended on {term.valid_until} and is not used; remove or renew it"
                )
            elif term.valid_from is not None and term.valid_from > self.on:
                self.notes.append(f"{file.name}: {where} begins on {term.valid_from} and is not used yet")
            else:
                yield where, term

    def _matching(self, file: _File, where: str, items: str, regions: Iterable[str]) -> list[Price]:
        """Return the list prices of a pattern; one that matches none is a slip of the pen, which would cost money."""
        found = [
            price
            for price in self.book.prices.values()
            if fnmatch.fnmatchcase(price.item, items)
            and any(fnmatch.fnmatchcase(price.region, region) for region in regions)
        ]
        if not found:
            families = ", ".join(sorted({item.partition("/")[0] for item in self.book.items}))
            self.problems.append(
                f"{file.name}: {where}.items: {items!r} in {', '.join(regions)} matches no list price; "
                f"use items of {families} in {', '.join(self.book.regions)}"
            )
        return found

    def _unit(self, file: _File, where: str, item: str, given: Unit | None) -> Unit | None:
        """Return the unit of an item: the book's, or the given one for an item that the book does not have."""
        known = {price.unit for price in self.book.prices.values() if price.item == item}
        if given is not None and known and given not in known:
            allowed = ", ".join(sorted(known))
            self.problems.append(f"{file.name}: {where}.unit: {given.value!r} is not the item's unit; use {allowed}")
            return None
        if given is None and not known:
            self.problems.append(
                f"{file.name}: {where}.unit: is missing, and the book has no {item}; "
                f"give one of {', '.join(Unit)}, or an item of the book"
            )
            return None
        return given or known.pop()

    def _part(self, file: _File, where: str, term: Commitment, price: Price) -> _Part | None:
        if price.unit is not Unit.HOUR or price.tiers or price.low is not None:
            kind = "a range" if price.low is not None else "with steps" if price.tiers else f"per {price.unit.value}"
            self.problems.append(
                f"{file.name}: {where}.items: {price.item} in {price.region} is {kind}, and only one price an hour can "
                "be committed to; use a narrower pattern"
            )
            return None
        if isinstance(term, Reserved):
            usd = term.usd if term.months is None else term.usd + term.upfront_usd / (term.months * HOURS)
        else:
            usd = term.usd if term.usd is not None else price.usd * (1 + (term.change or Decimal(0)))
        return _Part(term.share, usd.quantize(_SHOWN, ROUND_HALF_UP), file, term, where)


def overlay(book: PriceBook, paths: Iterable[Path], on: date | None = None) -> PriceBook:
    """Return a book with a company's files of rates on top; `on` is the day that decides what is in force (UTC today).

    Later files win. Raises `RatesError` with every problem of all files. Terms before or past their days are not used,
    and the book's `notes` say so. `as_of` and `review_by` are the earliest of the book and the files.
    """
    files: list[_File] = []
    problems: list[str] = []
    for path in paths:
        try:
            files.append(_File(path.name, read_rates(path)))
        except RatesError as error:
            problems.extend(error.problems)
    found = _Overlay(book, on or datetime.now(UTC).date(), problems=problems)
    for file in files:
        found.add(file)
    if found.problems:
        raise RatesError(list(dict.fromkeys(found.problems)))
    return found.result(files) if files else book


def read_rates(path: Path) -> Rates:
    """Read one file of rates. Raises `RatesError` for a file that cannot be read, and for all that is wrong in it."""
    try:
        if path.stat().st_size > _LARGEST:
            raise RatesError([f"{path.name}: is larger than {_LARGEST} bytes; is it a file of rates?"])
        raw = read_yaml(path)
    except OSError as error:
        raise RatesError([f"{path.name}: cannot be read: {error.strerror}; give the path of a YAML file"]) from None
    except (yaml.YAMLError, ArithmeticError, ValueError, RecursionError) as error:
        if isinstance(error, RatesError):
            raise
        raise RatesError([f"{path.name}: is not YAML with plain numbers: {_one_line(error)}"]) from None
    if not isinstance(raw, Mapping):
        raise RatesError([f"{path.name}: is no mapping; give as_of, review_by, source and at least one list of terms"])
    try:
        return Rates.model_validate(raw)
    except ValidationError as error:
        raise RatesError([f"{path.name}: {problem}" for problem in problems_of(error)]) from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _own(item: str, region: str, unit: Unit | None, usd: Decimal, source: Source) -> Price:
    return Price(item=item, region=region, unit=unit or Unit.HOUR, usd=usd, source=source, basis=Basis.COMPANY)


def _changed(price: Price, change: Decimal, file: _File, term: Term) -> Price:
    """Return a list price with a discount, on each end of a range and each step."""
    factor = 1 + change
    how = f"{plain(abs(change) * 100)} % {'off' if change < 0 else 'on'} the list price of {unit_price(price.usd)}"
    return price.model_copy(
        update={
            "usd": price.usd * factor,
            "low": None if price.low is None else price.low * factor,
            "tiers": tuple(Tier(up_to=tier.up_to, usd=tier.usd * factor) for tier in price.tiers),
            "source": file.source(term, how),
            "basis": Basis.COMPANY,
        }
    )


def _blended(price: Price, parts: Sequence[_Part]) -> Price:
    """Return the price of an hour of which shares are committed to, and the rest costs what it costs without."""
    rest = 1 - sum((part.share for part in parts), Decimal(0))
    usd = sum((part.share * part.usd for part in parts), rest * price.usd)
    shares = [f"{plain(part.share * 100)} % at {unit_price(part.usd)}" for part in parts]
    if rest:
        shares.append(f"{plain(rest * 100)} % at {unit_price(price.usd)}")
    last = parts[-1]
    source = last.file.source(last.term, ", ".join(shares))
    return price.model_copy(update={"usd": usd, "source": source, "basis": Basis.COMPANY})


__all__ = ["CapacityBlock", "Rates", "RatesError", "overlay", "read_rates"]
