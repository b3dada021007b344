"""The price book: dated figures with their sources. What has no figure for a region has no price there.

The figures are in `prices/*.yaml`, one file for each theme. They are list prices in US dollars, Linux, shared
tenancy, without taxes, discounts, savings plans or free tiers.
"""

import enum
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER = Path(__file__).resolve().parent / "prices"

Usd = Annotated[Decimal, Field(gt=0, le=100_000, allow_inf_nan=False)]


class BookError(ValueError):
    """A price file is wrong; the text says which, where and what is allowed."""


class Unit(enum.StrEnum):
    """What a price is for. Only `hour` is multiplied by the hours of a month."""

    HOUR = "hour"
    MONTH = "month"
    GB_MONTH = "GB-month"
    IOPS_MONTH = "IOPS-month"
    MBPS_MONTH = "MB/s-month"
    GB = "GB"
    THOUSAND_REQUESTS = "1,000 requests"
    TEN_THOUSAND_REQUESTS = "10,000 requests"
    LCU_HOUR = "LCU-hour"


class Basis(enum.StrEnum):
    """How a figure came into the book."""

    READ = "read"
    """It stands in the source."""

    DERIVED = "derived"
    """The source shows that the region's price of the family equals that of another region."""

    COMPANY = "company"
    """It is the company's own, from a file of rates: see `finops.rates`. No price file may say so."""


class Source(BaseModel):
    """Where figures were read: `date` is the source's own date, or the day it was read if it has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    date: date


class Tier(BaseModel):
    """One step of a price: up to so many units a month in all, None for all the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    up_to: Annotated[Decimal, Field(gt=0)] | None = None
    usd: Usd


class Price(BaseModel):
    """One figure: an item in one region."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str
    region: str
    unit: Unit
    usd: Usd
    """The list price; the high end of a range; the first step of tiers."""
    low: Usd | None = None
    """The low end of a range, of spot prices for one."""
    tiers: tuple[Tier, ...] = ()
    source: Source
    basis: Basis = Basis.READ

    def steps(self, quantity: Decimal) -> tuple[list[tuple[Decimal, Decimal]], Decimal]:
        """Return (units, price of one) for each step of a monthly quantity, and the units beyond the last step."""
        tiers = self.tiers or (Tier(usd=self.usd),)
        steps: list[tuple[Decimal, Decimal]] = []
        start, left = Decimal(0), quantity
        for tier in tiers:
            units = left if tier.up_to is None else min(left, tier.up_to - start)
            if units > 0 or not steps:
                steps.append((units, tier.usd))
            left -= units
            if left <= 0 or tier.up_to is None:
                break
            start = tier.up_to
        return steps, max(left, Decimal(0))


class _Range(BaseModel):
    model_config = ConfigDict(extra="forbid")

    low: Usd
    high: Usd

    @model_validator(mode="after")
    def _in_order(self) -> "_Range":
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}; swap them")
        return self


class _Block(BaseModel):
    """Figures that share a unit, regions and a source. `usd` maps what follows `item/` to a figure."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(pattern=r"^[a-z0-9.-]+$")
    unit: Unit
    regions: tuple[str, ...] = Field(min_length=1)
    source: str
    basis: Basis = Basis.READ
    usd: dict[str, Usd | _Range | tuple[Tier, ...]] = Field(min_length=1)

    @model_validator(mode="after")
    def _listed(self) -> "_Block":
        if self.basis is Basis.COMPANY:
            raise ValueError("basis company is for files of rates; use read or derived")
        return self

    def prices(self, source: Source) -> Iterator[Price]:
        for region in self.regions:
            for variant, figure in self.usd.items():
                shape: dict[str, Any] = {"usd": figure}
                if isinstance(figure, _Range):
                    shape = {"usd": figure.high, "low": figure.low}
                elif isinstance(figure, tuple):
                    shape = {"usd": figure[0].usd, "tiers": figure}
                yield Price(
                    item=f"{self.item}/{variant}",
                    region=region,
                    unit=self.unit,
                    source=source,
                    basis=self.basis,
                    **shape,
                )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: date
    review_by: date
    sources: dict[str, Source]
    figures: tuple[_Block, ...]


class PriceBook(BaseModel):
    """All figures. `as_of` and `review_by` are the earliest of its files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    review_by: date
    prices: dict[tuple[str, str], Price]
    """By item and region."""
    notes: tuple[str, ...] = ()
    """What a reader must know of it: terms of a company's file that are past their day, for one."""

    def find(self, item: str, region: str) -> Price | None:
        """Return the price of an item in a region; None where the book has no figure."""
        return self.prices.get((item, region))

    def is_stale(self, on: date) -> bool:
        """Return True on every day after `review_by`."""
        return on > self.review_by

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions that have any figure."""
        return tuple(dict.fromkeys(region for _, region in self.prices))

    @property
    def items(self) -> frozenset[str]:
        """Items that have a figure in any region."""
        return frozenset(item for item, _ in self.prices)


class DecimalLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML whose numbers with a point are `Decimal`: money never passes through a binary fraction.

    A key given twice in one mapping is refused: the first figure would be lost without a word.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping. Raises `yaml.YAMLError` for a key that is given twice."""
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"{key.value!r} is given twice; keep one"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(str(key.value))
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


DecimalLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node)))


def read_yaml(path: Path) -> Any:
    """Return a YAML file with decimals."""
    return yaml.load(path.read_bytes(), Loader=DecimalLoader)


def read_book(paths: Iterable[Path]) -> PriceBook:
    """Read price files. Raises `BookError` for a wrong file, and for a figure that two files or blocks give."""
    prices: dict[tuple[str, str], Price] = {}
    dates: list[tuple[date, date]] = []
    for path in sorted(paths):
        try:
            found = _File.model_validate(read_yaml(path))
        except (ValidationError, yaml.YAMLError, ArithmeticError) as error:
            raise BookError(f"{path.name}: {error}") from error
        dates.append((found.as_of, found.review_by))
        for block in found.figures:
            if block.source not in found.sources:
                raise BookError(
                    f"{path.name}: {block.item}: source {block.source!r} is not among {', '.join(found.sources)}"
                )
            for price in block.prices(found.sources[block.source]):
                if prices.setdefault((price.item, price.region), price) is not price:
                    raise BookError(f"{path.name}: {price.item} in {price.region} is given twice; keep one figure")
    if not dates:
        raise BookError("there is no price file; give at least one")
    return PriceBook(as_of=min(d[0] for d in dates), review_by=min(d[1] for d in dates), prices=prices)


@cache
def default_book() -> PriceBook:
    """Return the book that comes with the library."""
    return read_book(FOLDER.glob("*.yaml"))
