"""Pools as the fake cloud sees them, and the nodes that they can have."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components._core.facts import NVIDIA_RESOURCE, InstanceType, instance_type, mig_resources
from sandbox.nodes.quantities import Amounts, amounts

POOL_LABEL = "sandbox.mlops.dev/pool"
"""Label of every fake node: the pool that it belongs to, `karpenter-<name>` or `group-<name>`."""

_CAPACITY_ORDER = ("reserved", "spot", "on-demand")
_INSTANCE_TYPE = "node.kubernetes.io/instance-type"
_ZONE = "topology.kubernetes.io/zone"
_ZONE_ID = "topology.k8s.aws/zone-id"
_CAPACITY_TYPE = "karpenter.sh/capacity-type"
_MIG_CONFIG = "nvidia.com/mig.config"
_MIG_STRATEGY = "nvidia.com/mig.strategy"
_SHARING = "nvidia.com/device-plugin.config"


@dataclasses.dataclass(frozen=True)
class Pool:
    """One pool, whatever made it."""

    key: str
    """Value of `POOL_LABEL`."""

    instance_types: tuple[str, ...]
    zones: tuple[str, ...]
    capacity_types: tuple[str, ...]
    labels: Mapping[str, str]
    taints: tuple[Mapping[str, Any], ...]
    limits: Amounts = dataclasses.field(default_factory=dict)
    weight: int = 0
    fixed_size: int | None = None
    """Nodes that are always there; None for a pool that follows its pods."""

    consolidate_after_s: float = 30.0


@dataclasses.dataclass(frozen=True)
class Shape:
    """One kind of node that a pool can have."""

    pool: Pool
    instance_type: str
    zone: str
    capacity_type: str
    capacity: Amounts
    labels: Mapping[str, str]


def _key(kind: str, name: str) -> str:
    """Return a pool's key; one too long for a label value ends in a hash, so that no two pools share it."""
    key = f"{kind}-{name}"
    return key if len(key) <= 63 else f"{key[:54]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def zone_of_id(zone_id: str, region: str) -> str:
    """Return the zone that a zone id such as use1-az2 stands for here: the second one. It differs by account."""
    found = re.search(r"-az([1-6])$", zone_id)
    if not found:
        raise ValueError(f"{zone_id!r} is not a zone id; use one such as use1-az2")
    return f"{region}{'abcdef'[int(found[1]) - 1]}"


def from_node_pool(manifest: Mapping[str, Any], region: str) -> Pool:
    """Read a Karpenter NodePool."""
    name = manifest["metadata"]["name"]
    spec = manifest["spec"]
    template = spec.get("template") or {}
    requirements = {
        r["key"]: list(r.get("values") or [])
        for r in template.get("spec", {}).get("requirements") or []
        if r.get("operator") == "In"
    }
    capacity = requirements.get(_CAPACITY_TYPE) or ["on-demand"]
    disruption = spec.get("disruption") or {}
    named = [zone_of_id(z, region) for z in requirements.get(_ZONE_ID) or ()]
    return Pool(
        key=_key("karpenter", name),
        instance_types=tuple(requirements.get(_INSTANCE_TYPE) or ()),
        zones=tuple(requirements.get(_ZONE) or named or (f"{region}a",)),
        capacity_types=tuple(c for c in _CAPACITY_ORDER if c in capacity),
        labels={
            **{k: v[0] for k, v in requirements.items() if len(v) == 1},
            **(template.get("metadata", {}).get("labels") or {}),
            "karpenter.sh/nodepool": name,
        },
        taints=tuple(template.get("spec", {}).get("taints") or ()),
        limits=amounts(spec.get("limits")),
        weight=int(spec.get("weight") or 0),
        consolidate_after_s=_seconds(disruption.get("consolidateAfter"), 30.0),
    )


def from_node_group(group: Mapping[str, Any], zones: Sequence[str]) -> Pool:
    """Read an EKS managed node group, as `DescribeNodegroup` gives it."""
    name = group["nodegroupName"]
    effects = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
    return Pool(
        key=_key("group", name),
        instance_types=tuple(group.get("instanceTypes") or ("m6i.large",)),
        zones=tuple(zones),
        capacity_types=("spot" if group.get("capacityType") == "SPOT" else "on-demand",),
        labels={
            **(group.get("labels") or {}),
            "eks.amazonaws.com/nodegroup": name,
            "eks.amazonaws.com/capacityType": group.get("capacityType", "ON_DEMAND"),
        },
        taints=tuple({**t, "effect": effects.get(t["effect"], t["effect"])} for t in group.get("taints") or ()),
        fixed_size=int(group["scalingConfig"]["desiredSize"]),
    )


def _seconds(text: Any, default: float) -> float:
    """Read a duration such as `1h30m` or `30s`; `Never` is a year."""
    if not text:
        return default
    if text == "Never":
        return 365 * 86400.0
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    number, result = "", 0.0
    for character in str(text):
        if character in units:
            result += float(number) * units[character]
            number = ""
        else:
            number += character
    return result


def shapes(pool: Pool) -> Iterator[Shape]:
    """Yield every kind of node that a pool can have, cheapest purchase and smallest machine first."""
    types = sorted(
        (instance_type(t) for t in pool.instance_types),
        key=lambda t: (t.accelerator_count, t.vcpu, t.memory_mib),
    )
    for purchase, machine, zone in itertools.product(pool.capacity_types, types, pool.zones):
        offered = capacity(machine, pool.labels)
        yield Shape(pool, machine.name, zone, purchase, offered, labels(pool, machine, zone, purchase))


def capacity(machine: InstanceType, pool_labels: Mapping[str, str]) -> Amounts:
    """Return what a node of a type offers; its GPUs are shared as the pool's labels say."""
    result: Amounts = {
        "cpu": float(machine.vcpu),
        "memory": float(machine.memory_mib) * 2**20,
        "pods": float(machine.max_pods or 110),
        "ephemeral-storage": 100.0 * 2**30,
    }
    if machine.is_gpu:
        result.update(_gpus(machine, pool_labels))
    elif machine.accelerator_resource:
        result[machine.accelerator_resource] = float(machine.accelerator_count)
    if machine.efa.supported:
        result["vpc.amazonaws.com/efa"] = float(machine.efa.max_interfaces)
    return result


def _gpus(machine: InstanceType, pool_labels: Mapping[str, str]) -> Amounts:
    """Return what the device plugin offers: whole GPUs, slices of MIG, or turns of time-slicing.

    Slices of one size are offered as GPUs (strategy single) unless the pool's labels say `mixed`; slices of several
    sizes are always offered by their own names.
    """
    slices = mig_resources(pool_labels.get(_MIG_CONFIG, "all-disabled"), machine)
    if len(slices) == 1 and pool_labels.get(_MIG_STRATEGY) != "mixed":
        slices = {NVIDIA_RESOURCE: sum(slices.values())}
    turns = re.fullmatch(r"time-slicing-(\d+)", pool_labels.get(_SHARING, ""))
    return {name: float(count * (int(turns[1]) if turns else 1)) for name, count in slices.items()}


def labels(pool: Pool, machine: InstanceType, zone: str, purchase: str) -> dict[str, str]:
    """Return the labels of a node: what the kubelet, the cloud, Karpenter and GPU feature discovery would say."""
    result = {
        **pool.labels,
        POOL_LABEL: pool.key,
        _INSTANCE_TYPE: machine.name,
        _ZONE: zone,
        "topology.kubernetes.io/region": zone[:-1],
        "kubernetes.io/arch": machine.architecture,
        "kubernetes.io/os": "linux",
    }
    if pool.fixed_size is None:
        result[_CAPACITY_TYPE] = purchase
    if machine.is_gpu:
        result["nvidia.com/gpu.present"] = "true"
        result["nvidia.com/gpu.count"] = str(machine.gpu_count)
    return result
