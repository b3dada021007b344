"""What a pool's arguments must satisfy, checked against the facts before any resource exists. No Pulumi."""

import re
from collections.abc import Mapping, Sequence

from components._core import facts
from components._core.args import ArgsError, require
from components._core.facts import InstanceType
from components.gpu_node_pool.choices import CapacityType, DisruptionBudgetArgs, PoolKind, ReservationArgs, TaintArgs

_POOL = re.compile(r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")
_RESERVATION = re.compile(r"^cr-[0-9a-z]+$")
_DURATION = re.compile(r"^([0-9]+(s|m|h))+$")
_NODES = re.compile(r"^((100|[0-9]{1,2})%|[0-9]+)$")
_LABEL_KEY = re.compile(r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")
_RESERVED_PREFIXES = ("kubernetes.io", "k8s.io", "karpenter.sh", "karpenter.k8s.aws", "mlops.dev", "nvidia.com")


def check_name(name: str) -> None:
    """Refuse what cannot name a pool: it is a label value, an object and part of names of resources."""
    require(
        _POOL.match(name) is not None,
        "pool_name",
        f"{name!r} is not a pool name; use lower-case letters, digits and dashes, at most 40, a letter first",
    )


def resolve_types(names: Sequence[str]) -> list[InstanceType]:
    """Return the facts of the types; refuse none, doubles, unknown ones and mixtures that no pool can be."""
    require(len(names) > 0, "instance_types", "is empty; name at least one instance type")
    types = []
    for i, name in enumerate(names):
        path = f"instance_types[{i}]"
        require(name not in names[:i], path, f"{name} is named twice; remove one")
        try:
            types.append(facts.instance_type(name))
        except facts.FactError as error:
            raise ArgsError(path, str(error)) from None
        known = types[-1]
        require(
            known.accelerator_resource is not None,
            path,
            f"{name} has no gpu and no neuron device; use a type that has, or the cluster's system nodes",
        )
    _same({t.accelerator_resource or "": t.name for t in types}, "accelerators: pods ask for one resource")
    _same({t.architecture: t.name for t in types}, "architectures: a pool has one image")
    return types


def _same(found: Mapping[str, str], what: str) -> None:
    """Refuse types that differ in something of which a pool has one."""
    examples = " and ".join(f"{key} ({name})" for key, name in sorted(found.items()))
    require(len(found) == 1, "instance_types", f"mix {examples}, different {what}; use a pool for each")


def check_offered(types: Sequence[InstanceType], region: str, zones: Sequence[str] | None) -> None:
    """Refuse types that the region, or every zone asked for, does not offer. Zone names cannot be checked."""
    try:
        known = facts.zone_ids(region)
    except facts.FactError as error:
        raise ArgsError("region", str(error)) from None
    ids = _zone_ids(region, known, zones)
    for i, instance in enumerate(types):
        here = instance.zones_in(region)
        others = [r for r in facts.regions() if instance.zones_in(r)]
        require(
            len(here) > 0,
            f"instance_types[{i}]",
            f"{instance.name} is not offered in {region}; it is in {', '.join(others) or 'no region known here'}",
        )
        require(
            not ids or not set(ids).isdisjoint(here),
            f"instance_types[{i}]",
            f"{instance.name} is not offered in {', '.join(ids)}; in {region} it is in {', '.join(here)}",
        )


def _zone_ids(region: str, known: Sequence[str], zones: Sequence[str] | None) -> list[str]:
    """Return the zone ids among `zones`: all of them or, when they are names, none."""
    require(zones is None or len(zones) > 0, "zones", "is empty; leave it out for all zones of the subnets")
    wanted = list(zones or [])
    named = [z for z in wanted if re.fullmatch(rf"{re.escape(region)}[a-z]", z)]
    for i, zone in enumerate(wanted):
        require(
            zone in known or zone in named,
            f"zones[{i}]",
            f"{zone!r} is no zone of {region}; use its ids ({', '.join(known)}) or names such as {region}a",
        )
    require(
        len(named) in (0, len(wanted)),
        "zones",
        f"mixes names and ids ({', '.join(wanted)}); use one kind, ids mean the same zones in every account",
    )
    return [] if named else wanted


def check_capacity(
    kind: PoolKind, capacity: Sequence[CapacityType], types: Sequence[InstanceType], reserved: bool
) -> None:
    """Refuse an order that cannot be followed, and reserved capacity without a reservation or the reverse."""
    said = ", ".join(capacity)
    require(len(capacity) > 0, "capacity", "is empty; name reserved, spot, on_demand or several, in this order")
    require(
        [c for c in CapacityType if c in capacity] == list(capacity),
        "capacity",
        f"{said} is not an order that can be followed: reserved comes before spot, spot before on_demand, each "
        "once; list them so",
    )
    require(
        kind is PoolKind.KARPENTER or len(capacity) == 1,
        "capacity",
        f"{said} in a managed node group, which buys in one way; keep one, or use a karpenter pool",
    )
    require(
        (CapacityType.RESERVED in capacity) == reserved,
        "capacity",
        f"{said} {'with' if reserved else 'without'} a reservation; "
        + ("add reserved, or remove the reservation" if reserved else "name a reservation, or remove reserved"),
    )
    for i, instance in enumerate(types):
        for bought in (c for c in capacity if c is not CapacityType.RESERVED):
            require(
                bought.sold_as in instance.usage_classes,
                f"instance_types[{i}]",
                f"{instance.name} cannot be bought as {bought.sold_as}; use {', '.join(instance.usage_classes)}",
            )


def check_reservation(
    kind: PoolKind, types: Sequence[InstanceType], held: ReservationArgs, placement_group: bool
) -> None:
    """Refuse a reservation that cannot be used as it is said."""
    ids, tags = held.ids or [], held.tags or {}
    for i, reservation in enumerate(ids):
        require(
            _RESERVATION.match(reservation) is not None,
            f"reservation.ids[{i}]",
            f"{reservation!r} is not the id of a capacity reservation; use one such as cr-0123456789abcdef0",
        )
    require(bool(ids or tags), "reservation", "names no reservation; give ids or tags, or leave it out")
    require(
        not placement_group,
        "placement_group",
        "is on together with a reservation: reserved capacity has its place already, and launching it into another "
        "group fails for want of capacity; turn placement_group off",
    )
    require(
        kind is PoolKind.KARPENTER or (len(ids) == 1 and not tags and len(types) == 1),
        "reservation",
        f"{len(ids)} ids, {len(tags)} tags and {len(types)} instance types in a managed node group, whose launch "
        "template names one reservation of one type; name one id and one type, or use a karpenter pool",
    )
    for i, instance in enumerate(types if held.capacity_block else []):
        require(
            "capacity-block" in instance.usage_classes,
            f"instance_types[{i}]",
            f"{instance.name} is not sold in capacity blocks, only as {', '.join(instance.usage_classes)}; "
            "use another type, or remove capacity_block",
        )


def check_limit(kind: PoolKind, types: Sequence[InstanceType], limit: int, share: int) -> None:
    """Refuse a limit that is none, that leaves accelerators over, or that cannot be held."""
    counts = sorted({t.accelerator_count for t in types})
    unit = types[0].accelerator_resource
    require(limit >= 1, "gpu_limit", f"{limit} is below 1; name the most {unit} that the pool may ever have")
    below = limit - limit % counts[0]
    near = [str(n) for n in (below, below + counts[0]) if n > 0]
    require(
        limit % counts[0] == 0,
        "gpu_limit",
        f"{limit} is not a multiple of {counts[0]}, the {unit} of the smallest type; use {' or '.join(near)}",
    )
    numbers = " and ".join(map(str, counts))
    require(
        kind is PoolKind.KARPENTER or len(counts) == 1,
        "instance_types",
        f"have {numbers} {unit} each: a managed node group is limited by nodes, which need one number; "
        "use types of one size",
    )
    require(
        share == 1 or len(counts) == 1,
        "instance_types",
        f"have {numbers} {unit} each: a pool of shared gpus is limited by nodes, which need one number; "
        "use types of one size",
    )


def check_sizes(low: int, wanted: int, most: int, allowed: int) -> None:
    """Refuse sizes of a managed node group that are out of order or above the limit of accelerators."""
    require(
        most <= allowed,
        "max_nodes",
        f"{most} is above the {allowed} that gpu_limit allows; lower it, or raise gpu_limit",
    )
    require(
        0 <= low <= wanted <= most,
        "desired_nodes",
        f"min_nodes {low}, desired_nodes {wanted} and {most} nodes at most are out of order; "
        "use 0 <= min <= desired <= most",
    )


def check_times(durations: Mapping[str, str | None], budgets: Sequence[DisruptionBudgetArgs]) -> None:
    """Refuse durations and disruption budgets that Karpenter refuses."""
    for path, value in durations.items():
        forever = value == "Never" and path != "termination_grace_period"
        require(
            value is None or forever or _DURATION.match(value) is not None,
            path,
            f"{value!r} is not a duration; use one such as 90s, 30m or 720h"
            + ("" if path == "termination_grace_period" else ", or Never"),
        )
    for i, budget in enumerate(budgets):
        path = f"budgets[{i}]"
        require(
            _NODES.match(budget.nodes) is not None,
            f"{path}.nodes",
            f"{budget.nodes!r} is neither a number of nodes nor a percentage; use one such as 1 or 10%",
        )
        require(
            (budget.schedule is None) == (budget.duration is None),
            path,
            "has schedule or duration alone; name both, or neither for always",
        )


def check_marks(taints: Sequence[TaintArgs], labels: Mapping[str, str], teams: Sequence[str]) -> None:
    """Refuse taints, labels and teams that are ill-formed or belong to somebody else."""
    keys = {f"taints[{i}].key": taint.key for i, taint in enumerate(taints)}
    for path, key in {**keys, **{f"labels.{key}": key for key in labels}}.items():
        require(_LABEL_KEY.match(key) is not None, path, f"{key!r} is not a key; use one such as example.com/use")
        domain = key.partition("/")[0] if "/" in key else ""
        owner = next((p for p in _RESERVED_PREFIXES if domain == p or domain.endswith(f".{p}")), None)
        require(owner is None, path, f"{key!r} is in the domain {owner}, which is set elsewhere; use another")
    for i, team in enumerate(teams):
        require(_POOL.match(team) is not None, f"teams[{i}]", f"{team!r} is not a team; use lower-case words")
