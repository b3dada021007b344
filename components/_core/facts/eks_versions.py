"""Kubernetes versions on Amazon EKS: when standard and extended support end, and which version to start with.

Extended support multiplies the price of a control plane by six (0.60 instead of 0.10 USD an hour, 2026-11), and
what is past it cannot be created. Dates are of `eks_versions.yaml`, with their sources.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from components._core.facts._data import FactError, Provenance, day, provenance, read_yaml

_FILE = "eks_versions.yaml"
_SHOWN = 64  # characters of a wrong version that a message repeats


class UnknownEksVersionError(FactError):
    """A Kubernetes version that the facts do not have."""


@dataclass(frozen=True, slots=True)
class EksVersion:
    """One Kubernetes minor version on EKS. Days are UTC; a support period excludes the day on which it ends."""

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
def eks_versions() -> tuple[EksVersion, ...]:
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
    for known in eks_versions():
        if known.version == version:
            return known
    raise UnknownEksVersionError(
        f"kubernetes version {version[:_SHOWN]!r} is not in the facts of {eks_version_provenance().as_of}; use one of "
        f"{', '.join(known.version for known in eks_versions())} (the minor version, without a patch number)"
    )


def supported_versions(on: date) -> tuple[EksVersion, ...]:
    """Return the versions in standard support on this day, oldest first. Extended support is left out: it costs."""
    return tuple(known for known in eks_versions() if known.in_standard_support(on))


def default_eks_version() -> EksVersion:
    """Return the version for a new cluster that names none: at least 60 days of standard support at `as_of`."""
    return eks_version(_file()["default"])
