"""What a proposal to spend less says, and how its lines of the bill keep amounts from being added twice."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Final

from finops.book import Price

_DIGITS: Final = 8


class Kind(enum.StrEnum):
    """What is proposed; the beginning of a proposal's id."""

    SPOT = "SAVE-SPOT"
    ARM = "SAVE-ARM"
    SIZE = "SAVE-SIZE"
    HOURS = "SAVE-HOURS"
    ZERO = "SAVE-ZERO"
    TIER = "SAVE-TIER"
    NAT = "SAVE-NAT"
    GATEWAY = "SAVE-GATEWAY"
    ENDPOINT = "SAVE-ENDPOINT"
    GP3 = "SAVE-GP3"
    SUPPORT = "SAVE-SUPPORT"
    STANDBY = "SAVE-STANDBY"
    ADDRESS = "SAVE-ADDRESS"
    LOGS = "SAVE-LOGS"


class Confidence(enum.StrEnum):
    """How sure the amount is, if the proposal is followed."""

    HIGH = "high"
    """A difference of two list prices of the same thing."""

    MEDIUM = "medium"
    """Prices that move, or hours that people must keep."""

    LOW = "low"
    """It rests on an assumption of use that nobody measured."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One line of the bill that becomes smaller, by at most so much a month; never by more than is expected of it."""

    urn: str
    line: int
    """Place of the line among those of its resource."""
    usd: Decimal

    @property
    def key(self) -> tuple[str, int]:
        """The line: two proposals that cut the same one conflict."""
        return self.urn, self.line


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to spend less. Texts hold names from the program: whoever shows them escapes them."""

    id: str
    """Kind and resources: the same in every run as long as the resources keep their URNs."""
    kind: Kind
    title: str
    todo: str
    """What to do, in a sentence or two."""
    resources: tuple[str, ...]
    """URNs of what changes."""
    low: Decimal
    """USD saved a month at least, if it is done and the assumptions hold."""
    high: Decimal
    """USD saved a month at most."""
    arithmetic: str
    """The calculation of both in words."""
    price: str
    """What it costs in risk or effort."""
    confidence: Confidence
    source: str
    """Where the figures come from."""
    cuts: tuple[Cut, ...]
    """Lines of the bill that it makes smaller; their amounts are together `high` or more."""
    conflicts_with: tuple[str, ...] = ()
    """Ids of proposals for the same lines: only one of them can be had."""

    @property
    def middle(self) -> Decimal:
        """The middle of the range, by which proposals are ranked."""
        return (self.low + self.high) / 2


def id_of(kind: Kind, urns: Iterable[str]) -> str:
    """Return the id of a proposal: its kind and a digest of its resources."""
    digest = sha256("\n".join(sorted(urns)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind}-{digest[:_DIGITS]}"


def sources(*prices: Price | None) -> str:
    """Return where prices come from, each source once."""
    told = (f"{price.source.name} at {price.source.version}, {price.source.date}" for price in prices if price)
    return "; ".join(dict.fromkeys(told))
