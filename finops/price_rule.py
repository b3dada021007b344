"""What a rule of the price list is: which products of the AWS Price List are one item of the price book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from finops.book import Unit

# What the API writes as a unit, in lower case, and how many of those one unit of the book is.
_ONE = Decimal(1)
HOURS: Final = {"hrs": _ONE, "hours": _ONE, "hour": _ONE}
GB_MONTHS: Final = {"gb-mo": _ONE, "gb-month": _ONE}
GB: Final = {"gb": _ONE}
IOPS_MONTHS: Final = {"iops-mo": _ONE, "iops-month": _ONE}
THROUGHPUT: Final = {"mibps-mo": _ONE, "gibps-mo": 1 / Decimal(1024)}  # 1/1024 is exact in ten digits
LCU_HOURS: Final = {"lcu-hrs": _ONE, "lcu-hours": _ONE, "nlcu-hrs": _ONE, "nlcu-hours": _ONE}
KEYS: Final = {"keys": _ONE, "key": _ONE, "months": _ONE, "month": _ONE, "mo": _ONE}
SECRETS: Final = {"secrets": _ONE, "secret": _ONE, "secret-month": _ONE, "months": _ONE, "mo": _ONE}
THOUSANDS: Final = {"requests": Decimal(1000), "request": Decimal(1000), "api requests": Decimal(1000)}
TEN_THOUSANDS: Final = {name: Decimal(10_000) for name in THOUSANDS}

PREFIXES: Final = {
    "us-east-1": ("", "USE1-", "us-east-1-"),
    "us-west-2": ("USW2-", "us-west-2-"),
    "eu-west-1": ("EU-", "EUW1-", "eu-west-1-"),
}
"""What usage types begin with in each region that the library knows. us-east-1 mostly has nothing."""

# The price of data to another region depends on both ends; each region is priced to the first of these that it is not.
_OTHER_END: Final = ("us-west-2", "us-east-1")


@dataclass(frozen=True, slots=True)
class Rule:
    """One item of the book, or a family whose names are made of attributes."""

    item: str
    """Name in the book, with attributes or groups of `usage` in braces: `ec2.on-demand/{instanceType}`."""

    unit: Unit
    service: str
    """Service code."""

    usage: str
    """Usage type without the region's prefix: a regular expression that must fit all of it."""

    units: Mapping[str, Decimal]
    """Units of the API that are allowed, and how many of each are one unit of the book."""

    least: Decimal
    most: Decimal
    """USD for a unit of the book, first step: what lies outside is a mistake of the table or of the list."""

    where: Mapping[str, str] = field(default_factory=dict)
    """Attributes that the API is asked for, `productFamily` too. `{region}` and `{other}` are put in."""

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For an attribute, the values that are allowed, with the book's word for each."""

    region_field: str = "regionCode"

    def asked(self, region: str) -> tuple[tuple[str, str], ...]:
        """Return the filters of the request for a region, each of which must match exactly."""
        other = next(name for name in _OTHER_END if name != region)
        named = {key: value.format(region=region, other=other) for key, value in self.where.items()}
        return tuple(sorted({self.region_field: region, **named}.items()))


def one(item: str, unit: Unit, service: str, usage: str, units: Mapping[str, Decimal], most: str, **where: str) -> Rule:
    """Return a rule for one item. A unit that costs less than a hundred thousandth of the most is a mistake too."""
    return Rule(item, unit, service, usage, units, Decimal(most) / 100_000, Decimal(most), where)
