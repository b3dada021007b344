"""Kubernetes versions on Amazon EKS: when standard and extended support end, and which version to start with.

A control plane in extended support costs several times as much, and past it none can be created. The dates
and their sources: `eks_versions.yaml`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from components._core.facts._data import SHOWN, Provenance, day, provenance, read_yaml
from components._core.facts.errors import UnknownEksVersionError

_FILE = "eks_versions.yaml"


@dataclass(frozen=True, slots=True)
class EksVersion:
    """One Kubernetes minor version on EKS. Days are UTC; a period of support excludes the day of its end."""

    version: str
    released: date
    standard_support_ends: date
    extended_support_ends: date
    computed: tuple[str, ...]
    """The dates above that follow from the 14 and 12 month rule instead of a printed source."""

    def in_standard_support(self, on: date) -> bool:
        """Return whether the version is in standard support on this day."""
        return self.released <= on < self.standard_support_ends

    def in_extended_support(self, on: date) -> bool:
        """Return whether the version is in extended support, at its price, on this day."""
        return self.standard_support_ends <= on < self.extended_support_ends

    def standard_support_days(self, on: date) -> int:
        """Return the days of standard support left on this day; 0 when it has ended or not begun."""
        return (self.standard_support_ends - on).days if self.in_standard_support(on) else 0


@cache
def _file() -> dict[str, Any]:
    return read_yaml(_FILE)


@cache
def eks_version_provenance() -> Provenance:
    """Return the dates and sources of the EKS version facts."""
    return provenance(_file())


@cache
def all_eks_versions() -> tuple[EksVersion, ...]:
    """Return all versions that the facts have, oldest first."""
    return tuple(
        EksVersion(
            version=row["version"],
            released=day(row["released"]),
            standard_support_ends=day(row["standard_support_ends"]),
            extended_support_ends=day(row["extended_support_ends"]),
            computed=tuple(row["computed"]),
        )
        for row in _file()["versions"]
    )


def eks_version(version: str) -> EksVersion:
    """Return the facts of a version such as "1.36". Raises `UnknownEksVersionError` with the known ones."""
    for known in all_eks_versions():
        if known.version == version:
            return known
    raise UnknownEksVersionError(
        f"kubernetes version {version[:SHOWN]!r} is not in the facts of {eks_version_provenance().as_of}; "
        f"use one of {', '.join(known.version for known in all_eks_versions())}, without a patch number"
    )


def supported_versions(on: date) -> tuple[EksVersion, ...]:
    """Return the versions in standard support on this day, oldest first."""
    return tuple(known for known in all_eks_versions() if known.in_standard_support(on))


def default_eks_version() -> EksVersion:
    """Return the version of a cluster that names none: 60 days or more of standard support at `as_of`."""
    return eks_version(_file()["default"])
