"""The file of a company's rates: its schema, and what is said of a file that does not fit."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from finops.book import Unit, Usd

_CHANGE = re.compile(r"([+-])\s?(\d{1,3}(?:\.\d{1,6})?)\s?%")


def _change(value: Any) -> Any:
    """Read `-12 %` as -0.12. A number alone could be a share or a percentage, so it is refused."""
    if isinstance(value, Decimal):
        return value
    found = _CHANGE.fullmatch(value) if isinstance(value, str) else None
    share = Decimal(found[1] + found[2]) / 100 if found else None
    if share is None or not -1 < share <= 1:
        raise PydanticCustomError("said", "is no change; use one above -100 % and up to +100 %, such as -12 %")
    return share


def _number(value: Any) -> Any:
    """Refuse texts and flags where an amount belongs."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("said", "is no plain number; use one such as 0.0832, without quotes or a currency")
    return value


def _day(value: Any) -> Any:
    """Refuse numbers, which would be taken for seconds since 1970."""
    if type(value) is not date:
        raise PydanticCustomError("said", "is no date; use YYYY-MM-DD without quotes")
    return value


Amount = Annotated[Usd, BeforeValidator(_number)]
Upfront = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=100_000_000, allow_inf_nan=False)]
Share = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=1, allow_inf_nan=False)]
Change = Annotated[Decimal, BeforeValidator(_change)]
Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Pattern = Annotated[str, Field(pattern=r"^[a-z0-9.*?-]+/[a-z0-9.*?-]+$")]
"""Items of the price book: `ec2.on-demand/*`, `s3.storage/standard`."""
ItemName = Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[a-z0-9.-]+$")]
RegionPattern = Annotated[str, Field(pattern=r"^[a-z0-9*?-]+$")]
RegionName = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Term(_Strict):
    """What every term can say."""

    valid_from: Day | None = None
    """First day on which it holds. Default: it holds already."""

    valid_until: Day | None = None
    """Last day on which it holds. Default: no end."""

    source: Text | None = None
    """Reference of its contract. Default: that of the file."""

    @model_validator(mode="after")
    def _days(self) -> "Term":
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise PydanticCustomError("said", "valid_from is after valid_until; swap them")
        return self


class Discount(Term):
    """A flat change of list prices. Of several that match an item, the last one counts: they do not add up."""

    items: Pattern
    """Items, with * and ?."""

    regions: tuple[RegionPattern, ...] = Field(("*",), min_length=1)
    """Regions, with * and ?. Default: all."""

    change: Change
    """What is added to the list price: -12 %."""


class Rate(Term):
    """A price of the company's own for one item. It goes before every discount of the same file."""

    item: ItemName
    """One item."""

    regions: tuple[RegionName, ...] = Field(min_length=1)
    """Where it holds."""

    usd: Amount
    """USD for one unit."""

    unit: Unit | None = None
    """What it is for. Default: the book's unit; needed for an item that the book does not have."""


class Commitment(Term):
    """A share of the use of an item that is committed to, whatever of it is used."""

    items: Pattern
    """Items with a price an hour, with * and ?."""

    regions: tuple[RegionPattern, ...] = Field(("*",), min_length=1)
    """Regions, with * and ?. Default: all."""

    share: Share
    """How much of the use without it is covered: 0.7. The rest costs what it costs without."""

    change: Change | None = None
    usd: Amount | None = None


class SavingsPlan(Commitment):
    """A compute savings plan, by its rate: a change of the list price, or USD an hour for one item."""

    @model_validator(mode="after")
    def _one_rate(self) -> "SavingsPlan":
        if (self.change is None) == (self.usd is None):
            raise PydanticCustomError("said", "needs one rate; give change (-28 %) or usd (an hour), not both")
        if self.usd is not None and re.search(r"[*?]", self.items):
            raise PydanticCustomError("said", "has one usd for a pattern of items; name one item, or give change")
        return self


class Reserved(Commitment):
    """Reserved instances of one item: USD an hour, and what was paid upfront spread over the hours of the term."""

    items: ItemName
    """One item: a reservation is for a type."""

    change: None = None
    usd: Upfront
    """USD an hour during the term; 0 if all was paid upfront."""

    upfront_usd: Upfront = Decimal(0)
    """USD paid at the start for one instance. Default: nothing."""

    months: Literal[12, 36] | None = None
    """Length of the term; needed with upfront_usd."""

    @model_validator(mode="after")
    def _term(self) -> "Reserved":
        if self.upfront_usd and self.months is None:
            raise PydanticCustomError("said", "has upfront_usd without months; give 12 or 36")
        if not self.usd and not self.upfront_usd:
            raise PydanticCustomError("said", "costs nothing; give usd (an hour), upfront_usd or both")
        return self


class CapacityBlock(Term):
    """A Capacity Block for ML: what was paid, divided by instances and hours. Past its day it is gone."""

    instance_type: Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")]
    """Type of its instances."""

    regions: tuple[RegionName, ...] = Field(min_length=1)
    """Where it is."""

    usd: Amount
    """USD for one instance and hour."""

    valid_until: Day
    """Its last day."""

    @property
    def item(self) -> str:
        """The item of the price book that it becomes."""
        return f"ec2.capacity-block/{self.instance_type}"


class Rates(_Strict):
    """A file of rates."""

    as_of: Day
    """The day on which it was compared with the contracts."""

    review_by: Day
    """The last day on which it may be relied on; after it the whole book is stale."""

    source: Text
    """Reference of the contract."""

    discounts: tuple[Discount, ...] = ()
    rates: tuple[Rate, ...] = ()
    savings_plans: tuple[SavingsPlan, ...] = ()
    reserved: tuple[Reserved, ...] = ()
    capacity_blocks: tuple[CapacityBlock, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Rates":
        if self.review_by <= self.as_of:
            raise PydanticCustomError("said", "review_by is not after as_of; give a later day")
        if not any(getattr(self, name) for name in SECTIONS):
            raise PydanticCustomError("said", "has no terms; give at least one list", {"list": ", ".join(SECTIONS)})
        seen: dict[tuple[str, ...], int] = {}
        for name in ("rates", "capacity_blocks"):
            for index, term in enumerate(getattr(self, name)):
                days = (str(term.valid_from), str(term.valid_until))
                for region in term.regions:
                    first = seen.setdefault((name, term.item, region, *days), index)
                    if first != index:
                        said = f"{name}[{index}] gives {term.item} in {region} like {name}[{first}]; keep one"
                        raise PydanticCustomError("said", "{said}", {"said": said})
        return self


SECTIONS: dict[str, type[BaseModel]] = {
    "discounts": Discount,
    "rates": Rate,
    "savings_plans": SavingsPlan,
    "reserved": Reserved,
    "capacity_blocks": CapacityBlock,
}


def problems_of(error: ValidationError) -> Iterator[str]:
    """Yield a line for each thing that is wrong: path, value, what is allowed."""
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        path = "".join(map(_step, location)).lstrip(".")
        given, kind, message = detail.get("input"), detail["type"], detail["msg"]
        if kind == "missing":
            yield f"{path}: is required and missing; {_meaning(location)}"
        elif kind == "extra_forbidden":
            yield f"{path}: is not known; use {', '.join(_model(location).model_fields)}"
        elif isinstance(given, dict | Rates) or location == ():
            yield f"{path or 'the file'}: {message}"
        else:
            context = detail.get("ctx") or {}
            allowed = f"use what fits {context['pattern']}" if kind == "string_pattern_mismatch" else message
            refused = "" if kind == "said" else "is refused: "
            yield f"{path}: {_shown(given)} {refused}{allowed[:1].lower()}{allowed[1:]}"


def _step(part: int | str) -> str:
    """Return a part of a path; what is no plain name is shown so that a line stays a line."""
    if isinstance(part, str) and re.fullmatch(r"\w{1,80}", part, re.ASCII):
        return f".{part}"
    return f"[{_shown(part)}]"


def _model(location: tuple[int | str, ...]) -> type[BaseModel]:
    return SECTIONS.get(str(location[0]), Rates) if len(location) > 1 else Rates


def _meaning(location: tuple[int | str, ...]) -> str:
    named = _model(location).model_fields.get(str(location[-1]))
    text = (named.description if named else None) or "give it"
    return " ".join(text.split()).rstrip(".")


def _shown(value: Any) -> str:
    text = ascii(str(value) if isinstance(value, Decimal | date | int) else value)
    text = text.strip("'") if isinstance(value, Decimal | date | int) else text
    return text if len(text) <= 80 else f"{text[:77]}..."
