"""Exemptions: a failing rule that somebody answers for, on some resources, until a date.

They are written in the profile only, so that the team that is judged cannot exempt itself. A malformed or
expired one exempts nothing and is itself a mandatory finding; an unused one warns; each use is printed.
"""

import datetime
import enum
import fnmatch
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

URN_PREFIX = "urn:pulumi:"


class Exemption(BaseModel):
    """One entry under `exemptions` in a profile."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rule: str = Field(pattern=r"^[A-Z]+-[A-Z0-9]+-\d{3}$")
    urn: str
    """Glob (`fnmatch`) over whole URNs, such as `urn:pulumi:prod::*::aws:s3/bucket:Bucket::web-*`."""

    owner: str = Field(min_length=2)
    """Who answers for it: a team or a person."""

    reason: str = Field(min_length=10)
    ticket: str = Field(min_length=2)
    expires: datetime.date
    """Last day on which it holds, through its end in UTC. Written as YYYY-MM-DD."""

    @field_validator("expires", mode="before")
    @classmethod
    def _a_date(cls, value: Any) -> Any:
        # pydantic would also take a Unix time or a date with a time; a reviewer must be able to read it.
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError(f"{value!r} is not a date; write YYYY-MM-DD")
        return value

    @field_validator("urn")
    @classmethod
    def _narrow(cls, value: str) -> str:
        if not value.startswith(URN_PREFIX):
            raise ValueError(f"{value!r} does not begin with {URN_PREFIX}; write a glob over whole URNs")
        kind_and_name = value.split("::")[2:]
        if not any(part.strip("*?") for part in kind_and_name):
            raise ValueError(f"{value!r} names no type and no name; to turn a rule off set its level to disabled")
        return value

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(fnmatch.translate(self.urn))

    def covers(self, rule: str, urn: str) -> bool:
        """Whether it is about this rule and this resource, whatever the date."""
        return rule == self.rule and self._regex.match(urn) is not None

    def expired(self, today: datetime.date) -> bool:
        """Whether its last day is over. `today` is a date in UTC."""
        return today > self.expires

    def meant_for(self, stack: str) -> bool:
        """Whether its pattern can match a resource of this stack at all."""
        pattern = self.urn.removeprefix(URN_PREFIX).split("::")[0]
        return fnmatch.fnmatchcase(stack, pattern)


class FaultKind(enum.StrEnum):
    """What is wrong with an entry under `exemptions`."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    UNUSED = "unused"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an exemption, as a sentence without full stop."""

    kind: FaultKind
    message: str


def parse(entries: list[Any], known: frozenset[str], prefix: str) -> tuple[tuple[Exemption, ...], tuple[Fault, ...]]:
    """Read the entries of a profile that are a pack's business: ids that begin with `prefix`, or that nobody
    can read.

    `known` are the pack's rule ids. Returns the well-formed exemptions and what is wrong with the others.
    """
    good, faults = [], []
    for number, entry in enumerate(entries):
        rule = entry.get("rule") if isinstance(entry, dict) else None
        if isinstance(rule, str) and re.match(r"[A-Z]+-", rule) and not rule.startswith(f"{prefix}-"):
            continue
        try:
            exemption = Exemption.model_validate(entry)
        except ValidationError as error:
            faults.append(Fault(FaultKind.MALFORMED, f"exemptions[{number}] is malformed: {_reasons(error)}"))
            continue
        if exemption.rule not in known:
            text = f"exemptions[{number}] is malformed: there is no rule {exemption.rule}"
            faults.append(Fault(FaultKind.MALFORMED, text))
            continue
        good.append(exemption)
    return tuple(good), tuple(faults)


def expired(exemptions: tuple[Exemption, ...], stack: str, today: datetime.date) -> list[Fault]:
    """Return a fault for each expired exemption that is meant for the stack."""
    return [
        Fault(
            FaultKind.EXPIRED,
            f"{_named(exemption)} expired on {exemption.expires}: renew it or repair the resource",
        )
        for exemption in exemptions
        if exemption.expired(today) and exemption.meant_for(stack)
    ]


def unused(exemptions: tuple[Exemption, ...], used: set[Exemption], stack: str, today: datetime.date) -> list[Fault]:
    """Return a fault for each exemption that is meant for the stack, holds, and exempted nothing."""
    return [
        Fault(FaultKind.UNUSED, f"{_named(exemption)} exempts nothing any more: remove it")
        for exemption in exemptions
        if exemption not in used and not exemption.expired(today) and exemption.meant_for(stack)
    ]


def _named(exemption: Exemption) -> str:
    return f"exemption of {exemption.rule} for {exemption.urn} ({exemption.owner}, {exemption.ticket})"


def _reasons(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'entry'}: {item['msg']}" for item in error.errors())
