"""Assumptions on a month's use, by environment. Each answer says where it comes from, and is printed where used."""

import difflib
import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from finops.book import PriceBook, default_book, read_yaml

# Beside the stack files, which it belongs to; the folder is installed with the library.
FILE = Path(__file__).resolve().parents[1] / "stacks" / "usage.yaml"

ALIASES: Final = {
    "development": "dev",
    "test": "dev",
    "stage": "staging",
    "preprod": "staging",
    "production": "prod",
}
"""Other usual names of environments, and the section that holds for them where none has their name."""

Amount = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False)]


class UsageError(ValueError):
    """A usage file is wrong; the text says where and what is allowed."""


class PoolUse(BaseModel):
    """How much of an elastic pool runs on average over the month: a share of its limit, or nodes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    share_of_limit: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    nodes: Amount | None = None

    @model_validator(mode="after")
    def _one(self) -> "PoolUse":
        if self.share_of_limit is not None and self.nodes is not None:
            raise ValueError("share_of_limit and nodes say the same twice; keep one of them")
        return self

    @property
    def given(self) -> bool:
        """Whether anything is assumed."""
        return self.share_of_limit is not None or self.nodes is not None


class _Narrow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pools: PoolUse = PoolUse()
    meters: dict[str, Amount] = {}


class _Section(_Narrow):
    resources: dict[str, _Narrow] = {}


class Usage(BaseModel):
    """A usage file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    review_by: date
    defaults: _Section = _Section()
    environments: dict[str, _Section] = {}

    def section(self, environment: str) -> str | None:
        """Return the name of the section of an environment, by its name or an alias; None where it has none."""
        name = environment.strip().lower()
        found = (one for one in (environment, name, ALIASES.get(name, "")) if one in self.environments)
        return next(found, None)

    def check_meters(self, items: frozenset[str]) -> None:
        """Raise `UsageError` for a meter that the price book does not have."""
        for section in (self.defaults, *self.environments.values()):
            for part in (section, *section.resources.values()):
                for item in part.meters:
                    if item not in items:
                        like = difflib.get_close_matches(item, sorted(items), n=3, cutoff=0.5)
                        raise UsageError(
                            f"meter {item!r} is not an item of the price book; use one of finops/prices, such as "
                            f"{', '.join(like or ['s3.storage/standard', 'vpc/nat-data'])}"
                        )


@dataclass(frozen=True, slots=True)
class Assumed:
    """An assumption, and where it was made: "default", "environment dev", "dev, resource gpu-*"."""

    pool: PoolUse
    meters: Mapping[str, Decimal]
    origin: str


class Assumptions:
    """The assumptions of one environment."""

    def __init__(self, usage: Usage, environment: str) -> None:
        self.environment = environment
        self._usage = usage
        self._layers = tuple(self._sections())
        self._patterns = any(section.resources for section, _ in self._layers)

    def _sections(self) -> Iterator[tuple[_Section, str]]:
        if (name := self._usage.section(self.environment)) is not None:
            yield self._usage.environments[name], f"environment {name}"
        yield self._usage.defaults, "default"

    def _levels(self, name: str, urn: str) -> Iterator[Assumed]:
        if self._patterns:
            for section, origin in self._layers:
                for pattern, found in section.resources.items():
                    if fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(urn, pattern):
                        yield Assumed(found.pools, found.meters, f"{origin}, resource {pattern}")
        for section, origin in self._layers:
            yield Assumed(section.pools, section.meters, origin)

    def pool(self, name: str, urn: str) -> tuple[PoolUse, str]:
        """Return the use of a pool and where it was assumed: the first that says anything, 0 without one."""
        for level in self._levels(name, urn):
            if level.pool.given:
                return level.pool, level.origin
        return PoolUse(share_of_limit=Decimal(0)), "default"

    def meter(self, item: str, name: str, urn: str) -> tuple[Decimal, str] | None:
        """Return the monthly units of a meter and where they were assumed; None where nothing is."""
        for level in self._levels(name, urn):
            if item in level.meters:
                return level.meters[item], level.origin
        return None


def read_usage(path: Path, book: PriceBook) -> Usage:
    """Read a usage file. Raises `UsageError` for what is wrong in it, meters without a price item included."""
    try:
        usage = Usage.model_validate(read_yaml(path))
    except (ValidationError, yaml.YAMLError, ArithmeticError) as error:
        raise UsageError(f"{path.name}: {error}") from error
    usage.check_meters(book.items)
    return usage


@cache
def default_usage() -> Usage:
    """Return the assumptions that come with the library, `stacks/usage.yaml`."""
    return read_usage(FILE, default_book())
