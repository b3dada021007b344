"""What a cluster's arguments must satisfy, checked before any resource exists. No Pulumi, no clock."""

import datetime
import ipaddress
import re
from collections.abc import Sequence

from components._core import facts
from components._core.args import ArgsError, one_of, require

CLUSTER_NAME = re.compile(r"^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$")
"""What EKS accepts: docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html, read 2026-11-23."""

PRINCIPAL = re.compile(r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$")
"""What an access entry can name: IAM roles and users, no sessions and no account roots."""

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs allows: API reference of PutRetentionPolicy, read 2026-11-23."""


def check_name(name: str, path: str) -> None:
    """Refuse a name that EKS refuses."""
    require(
        CLUSTER_NAME.match(name) is not None,
        path,
        f"{name!r} is not a cluster name; use letters, digits, dashes and underscores, at most 100, "
        "beginning with a letter or digit",
    )


def check_version(version: str, allow_extended: bool, today: datetime.date, path: str) -> None:
    """Refuse a Kubernetes version out of standard support, or of all; the message names the end."""
    try:
        known = facts.eks_version(version)
    except facts.FactError as error:
        raise ArgsError(path, str(error)) from None
    if known.in_standard_support(today):
        return
    instead = ", ".join(v.version for v in facts.supported_versions(today)) or "a version of newer facts"
    if known.in_extended_support(today):
        require(
            allow_extended,
            path,
            f"{version} left standard support on {known.standard_support_ends} and costs the extended price "
            f"since; use one of {instead}, or set allow_extended_support to pay it until "
            f"{known.extended_support_ends}",
        )
        return
    when = f"is not released before {known.released}"
    if today >= known.extended_support_ends:
        when = f"left all support on {known.extended_support_ends}"
    raise ArgsError(path, f"{version} {when}; use one of {instead}")


def check_administrators(principals: Sequence[str], path: str) -> None:
    """Refuse an empty list, what is not an IAM role or user, and doubles."""
    require(
        len(principals) > 0,
        path,
        "is empty; name at least the IAM role or user that deploys, nobody else can reach the cluster: "
        "its creator gets no access by itself",
    )
    for i, principal in enumerate(principals):
        require(
            PRINCIPAL.match(principal) is not None,
            f"{path}[{i}]",
            f"{principal!r} is not an iam role or user; use arn:aws:iam::<account>:role/<name>, "
            "for a session the arn of its role",
        )
        require(principal not in principals[:i], f"{path}[{i}]", f"{principal!r} is named twice; remove one")


def check_public_cidrs(cidrs: Sequence[str], path: str) -> None:
    """Refuse what is not a network and what is the whole internet."""
    require(len(cidrs) > 0, path, "is empty; leave it out for a private endpoint only")
    for i, cidr in enumerate(cidrs):
        try:
            network = ipaddress.ip_network(cidr)
        except ValueError as error:
            raise ArgsError(f"{path}[{i}]", f"{error}; use a network such as 203.0.113.0/24") from None
        require(
            network.prefixlen > 0,
            f"{path}[{i}]",
            f"{cidr} is the whole internet; name the networks that may reach the cluster's api, "
            "or leave public_access_cidrs out",
        )


def check_system_types(names: Sequence[str], region: str, path: str) -> str:
    """Refuse types that are unknown, not offered or with accelerators; return their architecture."""
    require(len(names) > 0, path, "is empty; name at least one instance type")
    found = []
    for i, name in enumerate(names):
        where = f"{path}[{i}]"
        try:
            known = facts.instance_type(name)
            offered = known.offered_in(region)
        except facts.UnknownRegionError as error:
            raise ArgsError("region", str(error)) from None
        except facts.FactError as error:
            raise ArgsError(where, str(error)) from None
        require(offered, where, f"{name} is not offered in {region}; choose a type that is")
        require(
            known.accelerator_resource is None,
            where,
            f"{name} has {known.accelerator_count} {known.accelerator_resource}; system nodes run "
            "controllers, put accelerators into a GpuNodePool",
        )
        found.append(known)
    architectures = sorted({t.architecture for t in found})
    require(
        len(architectures) == 1,
        path,
        f"mixes {' and '.join(architectures)}, a node group has one image; keep types of one architecture",
    )
    return architectures[0]


def check_sizes(minimum: int, desired: int, maximum: int, path: str) -> None:
    """Refuse sizes out of order."""
    require(
        1 <= minimum <= desired <= maximum,
        path,
        f"min_nodes {minimum}, desired_nodes {desired}, max_nodes {maximum} are out of order; "
        "use 1 <= min <= desired <= max",
    )


def check_retention(days: int, path: str) -> None:
    """Refuse a retention that CloudWatch Logs does not have."""
    one_of(days, RETENTION_DAYS, path)
