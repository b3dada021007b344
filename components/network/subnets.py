"""Address arithmetic of a VPC: where each subnet lies. Pure functions over `ipaddress`.

The VPC is cut into quarters. Zone number i (0, 1, 2) gets quarter i whole as its private subnet, because the
VPC CNI gives every node and every pod an address of it. The last quarter is cut into sixteen parts; part i is
zone i's public subnet, which holds only load balancers and NAT gateways, and thirteen parts stay free.
In 10.0.0.0/16:

    10.0.0.0/18     private, first zone     16 379 usable addresses
    10.0.64.0/18    private, second zone    16 379
    10.0.128.0/18   private, third zone     16 379, free while there are two zones
    10.0.192.0/22   public, first zone       1 019
    10.0.196.0/22   public, second zone      1 019
    10.0.200.0/22   public, third zone       1 019, free while there are two zones
    10.0.204.0 - 10.0.255.255               free

A zone's addresses follow from its place in the list alone: a third zone appended later moves nothing.
"""

import dataclasses
import ipaddress
import re
from collections.abc import Sequence
from typing import Optional

from components._core.args import require

SMALLEST, LARGEST = 20, 16
"""Bounds of the prefix length of a VPC.

/16 is the largest that AWS allows (docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html,
read 2026-11-23). In a /20 a private subnet has 1 019 usable addresses and a public one, a /26, has 59.
"""

FEWEST_ZONES, MOST_ZONES = 2, 3
"""EKS asks for subnets in two zones at least (docs.aws.amazon.com/eks/latest/userguide/network-reqs.html,
read 2026-11-23); the layout has room for three."""

RESERVED_PER_SUBNET = 5
"""Addresses that AWS keeps in each subnet: the first four and the last (VPC user guide, read 2026-11-23)."""

_QUARTER, _PUBLIC = 2, 4

# RFC 1918 and RFC 6598: AWS accepts public ranges too, and then the hosts of their owners cannot be reached.
_PRIVATE = tuple(ipaddress.IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))

# Docker's bridge, which some AWS services use on their hosts (VPC user guide, CIDR blocks, read 2026-11-23).
_BRIDGE = ipaddress.IPv4Network("172.17.0.0/16")


@dataclasses.dataclass(frozen=True)
class ZoneSubnets:
    """The two subnets of one availability zone."""

    zone: str
    private: ipaddress.IPv4Network
    public: ipaddress.IPv4Network

    @property
    def letter(self) -> str:
        """Last letter of the zone's name: unique in a region, short in names."""
        return self.zone[-1]


def layout(cidr: str, zones: Sequence[str]) -> tuple[ZoneSubnets, ...]:
    """Return the subnets of each zone, in the order of `zones`. Both arguments have passed their checks."""
    *quarters, last = ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=_QUARTER)
    parts = last.subnets(prefixlen_diff=_PUBLIC)
    return tuple(ZoneSubnets(*row) for row in zip(zones, quarters, parts, strict=False))


def usable(network: ipaddress.IPv4Network) -> int:
    """Return how many addresses of a subnet AWS leaves to its users."""
    return network.num_addresses - RESERVED_PER_SUBNET


def check_cidr(cidr: str, avoid: Optional[Sequence[str]] = None) -> None:
    """Raise `ArgsError` unless `cidr` can be cut up as above and overlaps nothing in `avoid`."""
    network = _parse(cidr, "cidr")
    require(
        LARGEST <= network.prefixlen <= SMALLEST,
        "cidr",
        f"{cidr} has prefix length {network.prefixlen}; use /{LARGEST} to /{SMALLEST}",
    )
    allowed = ", ".join(str(n) for n in _PRIVATE)
    require(
        any(network.subnet_of(n) for n in _PRIVATE),
        "cidr",
        f"{cidr} is not a private range; choose one inside {allowed}",
    )
    require(
        not network.overlaps(_BRIDGE),
        "cidr",
        f"{cidr} overlaps {_BRIDGE}, which AWS services use on their hosts; choose another range",
    )
    for index, other in enumerate(avoid or ()):
        require(
            not network.overlaps(_parse(other, f"avoid_cidrs[{index}]")),
            "cidr",
            f"{cidr} overlaps {other} of avoid_cidrs; choose a range outside it",
        )


def check_zones(zones: Optional[Sequence[str]], region: str) -> None:
    """Raise `ArgsError` unless `zones` are two or three different zones of `region`."""
    example = f"such as {region}a, {region}b"
    require(zones is not None, "zones", f"is missing; name two or three zones of {region}, {example}")
    names = list(zones or ())
    require(
        FEWEST_ZONES <= len(names) <= MOST_ZONES,
        "zones",
        f"has {len(names)} of them; name {FEWEST_ZONES} to {MOST_ZONES} zones of {region}, {example}",
    )
    for index, zone in enumerate(names):
        path = f"zones[{index}]"
        require(
            re.fullmatch(re.escape(region) + "[a-z]", zone) is not None,
            path,
            f"{zone!r} is not an availability zone of {region}; use a name {example}",
        )
        require(zone not in names[:index], path, f"{zone!r} is named twice; name each zone once")


def _parse(cidr: str, path: str) -> ipaddress.IPv4Network:
    """Return the network, or raise `ArgsError` that shows what was meant where that can be told."""
    try:
        network = ipaddress.IPv4Network(cidr, strict=False)
    except ValueError:
        network = None
    require(
        network is not None and "/" in cidr,
        path,
        f"{cidr!r} is not an IPv4 range; use an address and a prefix length, such as 10.0.0.0/16",
    )
    assert network is not None
    given = cidr.partition("/")[0]
    require(given == str(network.network_address), path, f"{cidr} has host bits set; use {network} for that range")
    return network
