"""What the settings of one file must satisfy together; each refusal points at the setting to change.

Only what follows from the file alone. What depends on facts, such as whether an instance type has EFA, is checked
by the component that builds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from stacks.infrastructure import Cluster, GpuPool, Network, SystemNodes

Location = tuple[str | int, ...]
Refusals = Iterator[tuple[Location, str]]
"""Places below the checked value, and what is wrong there."""


def refuse(found: Refusals) -> None:
    """Raise pydantic's error for all that was found, each at its own place."""
    details = [
        InitErrorDetails(type=PydanticCustomError("rule", "{said}", {"said": said}), loc=location, input=None)
        for location, said in found
    ]
    if details:
        raise ValidationError.from_exception_data("settings", details)


def only_for_new(section: BaseModel, names: Sequence[str], what: str) -> Refusals:
    """Refuse settings of what is to be created where an existing one is given."""
    for name in names:
        if name in section.model_fields_set:
            yield (name,), f"is only for a {what} to create, and existing is given; leave out one of the two"


def distinct(values: Sequence[str], below: Location = (), last: Location = ()) -> Refusals:
    """Refuse values that come twice; `below` and `last` are what stands before and after the index in the place."""
    for index, value in enumerate(values):
        if value in values[:index]:
            text = f"{value!r} is there already, at [{values.index(value)}]; use each one once"
            yield (*below, index, *last), text


def network(section: Network) -> Refusals:
    """Refuse doubled zones, and settings of a new network beside an existing one."""
    yield from distinct(section.zones or [], ("zones",))
    if section.existing:
        yield from only_for_new(section, ("cidr", "nat", "flow_log_retention_days"), "network")


def zones_of_region(zones: Sequence[str] | None, region: str, below: Location) -> Refusals:
    """Refuse zones of another region."""
    for index, zone in enumerate(zones or []):
        if zone[:-1] != region:
            yield (*below, index), f"{zone!r} is not in {region}; use a zone such as {region}a"


def cluster(section: Cluster) -> Refusals:
    """Refuse a new cluster that nobody may use, and settings of a new one beside an existing one."""
    if section.existing:
        names = (
            "allow_extended_support",
            "administrators",
            "public_access_cidrs",
            "deletion_protection",
            "log_retention_days",
            "system_nodes",
        )
        yield from only_for_new(section, names, "cluster")
    elif not section.administrators:
        yield (
            ("administrators",),
            "is empty; name the IAM role that deploys, nobody else can reach a new cluster",
        )
    yield from distinct(section.administrators, ("administrators",))


def system_nodes(section: SystemNodes) -> Refusals:
    """Refuse sizes out of order, defaults included."""
    low = section.min_nodes if section.min_nodes is not None else 2
    wanted = section.desired_nodes if section.desired_nodes is not None else low
    if wanted < low:
        yield ("desired_nodes",), f"{wanted} is below min_nodes, which is {low}; use {low} or more"
    if section.max_nodes is not None and section.max_nodes < wanted:
        yield ("max_nodes",), f"{section.max_nodes} is below desired_nodes, which is {wanted}; use {wanted} or more"


def gpu_pool(section: GpuPool) -> Refusals:
    """Refuse reserved capacity without a reservation, a reservation that nothing uses, and sizes out of order."""
    purchases = [c.value for c in section.capacity]
    yield from distinct(purchases, ("capacity",))
    if "reserved" in purchases and section.reservation is None:
        yield ("reservation",), "is missing, and capacity has reserved; name the reservation, or remove reserved"
    if section.reservation is not None and "reserved" not in purchases:
        yield ("capacity",), f"has no reserved, and a reservation is given; use {', '.join(['reserved', *purchases])}"
    if section.max_nodes is not None and section.max_nodes < section.min_nodes:
        low = section.min_nodes
        yield ("max_nodes",), f"{section.max_nodes} is below min_nodes, which is {low}; use {low} or more"


def pools(found: Sequence[GpuPool], region: str | None, of: Network | None) -> Refusals:
    """Refuse pools of the same name, in zones of another region, or in zones where the network has no subnets."""
    yield from distinct([p.name for p in found], last=("name",))
    for index, pool in enumerate(found):
        below: Location = (index, "zones")
        yield from distinct(pool.zones or [], below)
        foreign = list(zones_of_region(pool.zones, region, below)) if region else []
        yield from foreign
        if region and of and not foreign:
            yield from _outside(pool.zones or [], network_zones(of, region), below)


def network_zones(section: Network, region: str) -> list[str]:
    """Return the zones of a network, default applied."""
    return section.zones or [f"{region}{letter}" for letter in "abc"]


def _outside(zones: Sequence[str], known: Sequence[str], below: Location) -> Refusals:
    for number, zone in enumerate(zones):
        if zone not in known:
            yield (*below, number), f"{zone!r} is not a zone of the network; use {', '.join(known)}"


def account_of(arn: str | None, account_id: str | None) -> Refusals:
    """Refuse a role of another account than the one that is built in."""
    if arn and account_id and arn.split(":")[4] != account_id:
        yield (), f"{arn!r} is not in account_id {account_id}; use a role of that account"
