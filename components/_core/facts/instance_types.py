"""What EC2 instance types are: sizes, accelerators, EFA, local disks, and the zones that offer them.

Facts of `instance_types.json`, which `tools/refresh_instance_facts.py` writes. None is guessed from a name:
`g4dn.metal` has eight GPUs, `g5g` is arm64, `p5.4xlarge` has one GPU and `g6e.xlarge` has no EFA.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from components._core.facts._data import SHOWN, Provenance, closest, provenance, read_json
from components._core.facts.errors import (
    UnknownFamilyError,
    UnknownInstanceTypeError,
    UnknownRegionError,
    UnknownZoneError,
)

NVIDIA_RESOURCE = "nvidia.com/gpu"
"""Kubernetes resource of whole NVIDIA GPUs (k8s-device-plugin)."""

NEURON_RESOURCE = "aws.amazon.com/neuron"
"""Kubernetes resource of whole Neuron devices (Neuron device plugin)."""

_FILE = "instance_types.json"


@dataclass(frozen=True, slots=True)
class Gpu:
    """The GPUs of an instance type; `memory_mib` is of one, as EC2 reports it: 22888 for an A10G of 24 GB."""

    name: str
    manufacturer: str
    count: int
    memory_mib: int


@dataclass(frozen=True, slots=True)
class Neuron:
    """The Neuron devices of an instance type; `memory_mib` is that of one device, `cores` those of all."""

    name: str
    devices: int
    cores: int
    memory_mib: int


@dataclass(frozen=True, slots=True)
class Efa:
    """Elastic Fabric Adapter: whether there is one, and how many interfaces at most (0 without)."""

    supported: bool
    max_interfaces: int


@dataclass(frozen=True, slots=True)
class Eni:
    """The default network card: interfaces at most, and IPv4 addresses of each."""

    interfaces: int
    ipv4: int


@dataclass(frozen=True, slots=True)
class LocalNvme:
    """Disks of the instance itself: how many, and the size of one in GB (10^9 bytes)."""

    disks: int
    size_gb: int


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One EC2 instance type, with the facts that pools, validation, fake nodes and prices need."""

    name: str
    vcpu: int
    memory_mib: int
    architecture: str
    """Of nodes: amd64 or arm64."""
    bare_metal: bool
    current_generation: bool
    """EC2's own flag; a previous generation can still be on offer."""
    gpus: Gpu | None
    neuron: Neuron | None
    efa: Efa
    network_cards: int
    eni: Eni
    network_gbps: float | None
    """Gigabit per second of all cards; None where EC2 gives a word instead of a figure."""
    network_up_to: bool
    """True when `network_gbps` is a peak that EC2 does not sustain ("Up to ...")."""
    local_nvme: LocalNvme | None
    usage_classes: tuple[str, ...]
    """Of on-demand, spot and capacity-block."""
    regions: Mapping[str, tuple[str, ...]] = field(hash=False)
    """Zone ids by region; an empty tuple means not offered there."""
    max_pods: int
    """Pods by the VPC CNI without prefix delegation; formula and source are in the data file."""

    @property
    def family(self) -> str:
        """The part before the dot: `p6-b200` of `p6-b200.48xlarge`."""
        return self.name.partition(".")[0]

    @property
    def is_gpu(self) -> bool:
        """Whether it has GPUs."""
        return self.gpus is not None

    @property
    def is_neuron(self) -> bool:
        """Whether it has Inferentia or Trainium devices."""
        return self.neuron is not None

    @property
    def gpu_count(self) -> int:
        """Whole GPUs; 0 without."""
        return self.gpus.count if self.gpus else 0

    @property
    def gpu_memory_mib(self) -> int:
        """Memory of one GPU in MiB, as EC2 reports it; 0 without."""
        return self.gpus.memory_mib if self.gpus else 0

    @property
    def accelerator_resource(self) -> str | None:
        """The Kubernetes resource that pods ask for; None without an accelerator."""
        if self.gpus:
            return NVIDIA_RESOURCE
        return NEURON_RESOURCE if self.neuron else None

    @property
    def accelerator_count(self) -> int:
        """How many of `accelerator_resource` a node has; 0 without."""
        return self.neuron.devices if self.neuron else self.gpu_count

    @property
    def ebs_only(self) -> bool:
        """Whether it has no disks of its own."""
        return self.local_nvme is None

    def zones_in(self, region: str) -> tuple[str, ...]:
        """Return the zone ids that offer it, sorted; empty when the region does not.

        Raises `UnknownRegionError` for a region that the facts do not cover.
        """
        zone_ids(region)
        return self.regions[region]

    def offered_in(self, region: str, zones: Iterable[str] | None = None) -> bool:
        """Return whether the region offers it, in every one of `zones` when they are given.

        `zones` are zone ids (`use1-az4`): a zone name means other places in other accounts, so no fact about
        it can be kept. Raises `UnknownRegionError`, and `UnknownZoneError` for what is no zone id there.
        """
        offered = self.zones_in(region)
        wanted = set(zones) if zones is not None else set()
        if strangers := sorted(wanted.difference(zone_ids(region))):
            raise UnknownZoneError(
                f"{strangers[0][:SHOWN]!r} is not a zone id of {region}; use {', '.join(zone_ids(region))} "
                "(aws ec2 describe-availability-zones gives the id of a zone name, which differs by account)"
            )
        return bool(offered) and wanted.issubset(offered)


@cache
def _file() -> dict[str, Any]:
    return read_json(_FILE)


@cache
def instance_type_provenance() -> Provenance:
    """Return the dates and sources of the instance-type facts."""
    return provenance(_file())


@cache
def instance_type(name: str) -> InstanceType:
    """Return the facts of one instance type.

    Raises `UnknownInstanceTypeError`, which names the closest types and says what to do.
    """
    raw = _file()["types"].get(name)
    if raw is None:
        raise UnknownInstanceTypeError(
            f"instance type {name[:SHOWN]!r} is not in the facts of {_file()['as_of']}; "
            + _instead(name, _file()["types"], "families", families())
        )
    values = dict(raw)
    values["gpus"] = Gpu(**raw["gpus"]) if raw["gpus"] else None
    values["neuron"] = Neuron(**raw["neuron"]) if raw["neuron"] else None
    values["efa"] = Efa(**raw["efa"])
    values["eni"] = Eni(**raw["eni"])
    values["local_nvme"] = LocalNvme(**raw["local_nvme"]) if raw["local_nvme"] else None
    values["usage_classes"] = tuple(raw["usage_classes"])
    values["regions"] = {region: tuple(ids) for region, ids in raw["regions"].items()}
    return InstanceType(name=name, **values)


def _instead(name: str, known: Iterable[str], kind: str, fallback: Iterable[str]) -> str:
    """Return the second half of a message: what to use instead, and how to add what is missing."""
    close = closest(name, known)
    instead = f"use {' or '.join(close)}" if close else f"known {kind}: {', '.join(fallback)}"
    return f"{instead}; a family is added in instance_types.manual.yaml with tools/refresh_instance_facts.py"


@cache
def families() -> tuple[str, ...]:
    """Return all families in the file's order: general, compute, memory, storage, GPU, Neuron."""
    return tuple(dict.fromkeys(name.partition(".")[0] for name in _file()["types"]))


def types_in_family(family: str) -> tuple[InstanceType, ...]:
    """Return a family's types, smallest first. Raises `UnknownFamilyError` with the closest families."""
    if family not in families():
        raise UnknownFamilyError(
            f"instance family {family[:SHOWN]!r} is not in the facts of {_file()['as_of']}; "
            + _instead(family, families(), "families", families())
        )
    return tuple(instance_type(name) for name in instance_type_names() if name.partition(".")[0] == family)


@cache
def instance_type_names() -> tuple[str, ...]:
    """Return the names of all types, by family and then by size."""
    return tuple(_file()["types"])


@cache
def regions() -> tuple[str, ...]:
    """Return the regions that the facts cover."""
    return tuple(_file()["regions"])


@cache
def zone_ids(region: str) -> tuple[str, ...]:
    """Return a region's zone ids. Raises `UnknownRegionError` for a region that the facts do not cover."""
    if region not in _file()["regions"]:
        raise UnknownRegionError(
            f"region {region[:SHOWN]!r} is not in the facts of {_file()['as_of']}; use one of "
            f"{', '.join(regions())}; a region is added in instance_types.manual.yaml with "
            "tools/refresh_instance_facts.py"
        )
    return tuple(_file()["regions"][region])
