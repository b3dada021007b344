"""Elastic Fabric Adapter: which network interfaces a node has, and what a pool with them must satisfy. Pure."""

import dataclasses
from collections.abc import Sequence

from components._core.args import ArgsError, require
from components._core.facts import InstanceType


@dataclasses.dataclass(frozen=True)
class Interface:
    """One network interface at launch: `kind` is `interface` (IP only) or `efa-only` (no IP address)."""

    card: int
    device: int
    kind: str


def interfaces(instance: InstanceType) -> tuple[Interface, ...]:
    """Return the interfaces that give a type its full EFA bandwidth with a single IP interface.

    Card 0 has the IP interface and, where the card can, an EFA of its own beside it; each further card has one EFA.
    The p6-b300's first card cannot: it has one EFA fewer than cards. Source: EC2 user guide, "Maximize network
    bandwidth on Amazon EC2 instances with multiple network cards", read 2026-11-23.
    """
    count = instance.efa.max_interfaces
    first = instance.network_cards - count
    if count == 0 or first not in (0, 1):
        raise ArgsError(
            "efa",
            f"{instance.name} has {count} efa interfaces on {instance.network_cards} network cards, a layout that "
            "is not known here; use another type or turn efa off",
        )
    cards = range(first, instance.network_cards)
    return (
        Interface(0, 0, "interface"),
        *(Interface(card, 1 if card == 0 else 0, "efa-only") for card in cards),
    )


def check(types: Sequence[InstanceType], zones: Sequence[str] | None, vpc_given: bool) -> None:
    """Refuse EFA on a type without it, over zones, over network layouts, and without a VPC for its group."""
    for i, instance in enumerate(types):
        require(
            instance.efa.supported,
            f"instance_types[{i}]",
            f"{instance.name} has no efa; use a type that has it (such as its larger sizes) or turn efa off",
        )
    require(
        zones is not None and len(zones) == 1,
        "zones",
        f"{', '.join(zones or []) or 'all zones'} with efa: its traffic does not leave a zone; name exactly one",
    )
    require(vpc_given, "vpc_id", "is missing; efa needs a security group of its own, and that a vpc")
    layouts = {interfaces(t): t.name for t in types}
    require(
        len(layouts) == 1,
        "instance_types",
        f"{' and '.join(sorted(layouts.values()))} have different efa interfaces, and a pool launches one layout; "
        "use a pool for each",
    )
