"""What a cluster's Kubernetes version means today, from dated facts."""

import datetime
from dataclasses import dataclass

from components._core.facts.eks_versions import all_eks_versions, eks_version_provenance
from policies._engine.model import Resource
from policies._engine.wire import Undetermined


@dataclass(frozen=True)
class Support:
    """How long a cluster's version is in standard support."""

    shown: str
    """The version as a message quotes it."""

    ends: datetime.date
    """First day (UTC) without it."""

    older: bool
    """Whether the version is older than the facts go back, so that it ended on that day at the latest."""

    def told(self) -> str:
        """Return the end for a message."""
        return f"{'before ' if self.older else ''}{self.ends}"


def standard_support(cluster: Resource) -> Support:
    """Return the support of a cluster's version. Raises `Undetermined` for one that is unset or newer than that."""
    version, shown = cluster.props.text("version"), cluster.props.shown("version")
    if not version:
        raise Undetermined("version is unset, so EKS chooses one when it creates the cluster: pin it")
    known = {one.version: one for one in all_eks_versions()}
    if version in known:
        return Support(shown, known[version].standard_support_ends, False)
    oldest = min(known.values(), key=lambda one: _ordered(one.version))
    if _ordered(version) < _ordered(oldest.version):
        return Support(shown, oldest.standard_support_ends, True)
    raise Undetermined(f"version {shown} is not in the facts of {eks_version_provenance().as_of}")


def _ordered(version: str) -> tuple[int, ...]:
    """Return a version for comparison; what is none counts as the newest."""
    major, _, minor = version.partition(".")
    if major.isdecimal() and minor.isdecimal() and len(version) < 10:
        return int(major), int(minor)
    return (10_000,)
