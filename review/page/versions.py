"""Versions that a stack hangs on, how old they are, and how long they are supported."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from components._core.catalogue import Chart, load_catalogue
from components._core.facts import EksVersion, all_eks_versions, default_eks_version
from finops.resource import Resource
from finops.values import Unreadable
from policies.cost.databases import support as rds_support
from review.page.model import SOON_DAYS, Support, Version

_KINDS: Final = ("Kubernetes", "database", "chart", "add-on", "SDK", "policy pack")
_PROVIDER: Final = "pulumi:providers:"
OLD_DAYS: Final = 180
"""A chart that nobody looked at for longer is said to be old; the price book has the same half year."""


def versions(
    resources: Iterable[Resource], sdks: Mapping[str, str], packs: Mapping[str, str], on: datetime.date
) -> tuple[Version, ...]:
    """Return each version once, by kind and name.

    `sdks` has the versions of the libraries that the program runs on, `packs` those of the policy packs that judged.
    """
    found: dict[tuple[str, str, str], Version] = {}
    for resource in resources:
        for version in _of(resource, on):
            found.setdefault((version.kind, version.name, version.version), version)
    for name, number in sdks.items():
        found.setdefault(("SDK", name, number), Version(kind="SDK", name=name, version=number))
    for name, number in packs.items():
        found["policy pack", name, number] = Version(kind="policy pack", name=name, version=number)
    return tuple(sorted(found.values(), key=lambda one: (_KINDS.index(one.kind), one.name, one.version)))


def _of(resource: Resource, on: datetime.date) -> Iterator[Version]:
    if resource.type.startswith(_PROVIDER):
        if number := _text(resource, "version"):
            name = f"pulumi-{resource.type.removeprefix(_PROVIDER)}"
            yield Version(kind="SDK", name=name, version=number)
    elif resource.type == "aws:eks/cluster:Cluster":
        yield _kubernetes(_text(resource, "version"), on)
    elif resource.type == "aws:eks/addon:Addon":
        number = _text(resource, "addonVersion")
        name = _text(resource, "addonName") or resource.name
        note = "" if number else "no version is asked for: AWS chooses its default for the cluster"
        yield Version(kind="add-on", name=name, version=number, note=note)
    elif resource.type in ("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"):
        yield _database(_text(resource, "engine"), _text(resource, "engineVersion"), on)
    elif resource.type in ("kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v4:Chart"):
        yield _chart(_text(resource, "chart"), _text(resource, "version"), on)


def _kubernetes(number: str, on: datetime.date) -> Version:
    proposed = default_eks_version().version
    known = next((one for one in all_eks_versions() if one.version == number), None)
    if known is None:
        note = "not in the facts on EKS versions" if number else "not known before the update"
        return Version(kind="Kubernetes", name="EKS", version=number, latest=proposed, note=note)
    support, until, note = _eks_support(known, on)
    return Version(
        kind="Kubernetes",
        name="EKS",
        version=number,
        latest="" if number == proposed else proposed,
        since=known.released,
        until=until,
        days_left=(until - on).days,
        support=support,
        note=note,
    )


def _eks_support(known: EksVersion, on: datetime.date) -> tuple[Support, datetime.date, str]:
    """Return how long a version will do; on the day of an end, support has ended (AWS bills from its start)."""
    if on < known.standard_support_ends:
        left = (known.standard_support_ends - on).days
        support = Support.SOON if left <= SOON_DAYS else Support.GOOD
        return support, known.standard_support_ends, f"then extended support until {known.extended_support_ends}"
    if on < known.extended_support_ends:
        note = f"standard support ended on {known.standard_support_ends}: extended support costs six times as much"
        return Support.EXTENDED, known.extended_support_ends, note
    return Support.OVER, known.extended_support_ends, "no cluster of it can be created any more"


def _database(engine: str, number: str, on: datetime.date) -> Version:
    ends = rds_support().engines.get(engine, {})
    # Major versions are `18` or `8.0`: the longest that the version begins with.
    parts = number.split(".")
    until = next((ends[key] for n in (2, 1) if (key := ".".join(parts[:n])) in ends), None)
    if until is None:
        return Version(kind="database", name=engine or "database", version=number, note="end of support not known")
    left = (until - on).days
    support = Support.EXTENDED if left < 0 else Support.SOON if left <= SOON_DAYS else Support.GOOD
    return Version(kind="database", name=engine, version=number, until=until, days_left=left, support=support)


def _chart(reference: str, number: str, on: datetime.date) -> Version:
    name = reference.rstrip("/").rpartition("/")[2]
    known = _charts().get(name)
    if known is None:
        return Version(kind="chart", name=name or "chart", version=number, note="not in the catalogue")
    if known.version != number:
        note = "another version than the catalogue's, whose keys were not checked"
        return Version(kind="chart", name=name, version=number, latest=known.version, note=note)
    age = (on - known.checked_on).days
    support = Support.GOOD if age <= OLD_DAYS else Support.SOON
    note = f"application {known.app_version}" if known.app_version != number else ""
    return Version(kind="chart", name=name, version=number, since=known.checked_on, support=support, note=note)


@functools.cache
def _charts() -> Mapping[str, Chart]:
    """Charts of the catalogue by the name in their repository."""
    return {one.name: one for one in load_catalogue().charts.values()}


def _text(resource: Resource, path: str) -> str:
    try:
        return resource.props.text(path)
    except Unreadable:
        return ""
