"""The choices that a pool offers: enumerations and small records, without Pulumi."""

import dataclasses
import enum
from typing import Optional


class PoolKind(enum.StrEnum):
    """Who starts and ends the nodes."""

    KARPENTER = "karpenter"
    """Karpenter: from zero nodes, as pods ask for them."""

    MANAGED_NODE_GROUP = "managed_node_group"
    """An EKS managed node group of a given size; nothing scales it by itself."""


class CapacityType(enum.StrEnum):
    """How instances are bought, in the order in which Karpenter tries."""

    RESERVED = "reserved"
    """Capacity reservations and Capacity Blocks, paid for already."""

    SPOT = "spot"
    """Spare capacity at a discount, taken back at two minutes' notice."""

    ON_DEMAND = "on_demand"

    @property
    def sold_as(self) -> str:
        """What EC2 and Karpenter call it."""
        return self.value.replace("_", "-")


class AmiFamily(enum.StrEnum):
    """Operating system of the nodes, in the variant for their accelerators."""

    AL2023 = "al2023"
    """Amazon Linux 2023 with the NVIDIA or the Neuron driver; the GPU operator cuts and shares GPUs."""

    BOTTLEROCKET = "bottlerocket"
    """Bottlerocket with the NVIDIA driver; it cuts and shares GPUs itself, at boot."""


class MigStrategy(enum.StrEnum):
    """How the instances of cut GPUs are offered to pods."""

    SINGLE = "single"
    """As nvidia.com/gpu, every instance alike."""

    MIXED = "mixed"
    """As nvidia.com/mig-<profile>, which Karpenter does not know."""


class Consolidation(enum.StrEnum):
    """Which nodes Karpenter gives up."""

    WHEN_EMPTY = "WhenEmpty"
    """Those without pods but daemons."""

    WHEN_EMPTY_OR_UNDERUTILIZED = "WhenEmptyOrUnderutilized"
    """Also those whose pods fit elsewhere; the pods are moved, which ends training that cannot resume."""


class TaintEffect(enum.StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


@dataclasses.dataclass(frozen=True)
class ReservationArgs:
    """Capacity that is paid for ahead."""

    ids: Optional[list[str]] = None
    """Capacity reservations by id; a managed node group takes exactly one. Default: none."""

    tags: Optional[dict[str, str]] = None
    """Tags that select reservations, all of them; karpenter pools only. Default: none."""

    capacity_block: Optional[bool] = None
    """Whether they are Capacity Blocks: bought for a fixed time, then gone. Default: no."""


@dataclasses.dataclass(frozen=True)
class MigArgs:
    """How every GPU is cut."""

    profile: str
    """Configuration of the GPU operator, such as all-1g.10gb."""

    strategy: Optional[MigStrategy] = None
    """How the instances are offered to pods. Default: single."""

    @property
    def chosen_strategy(self) -> MigStrategy:
        """Strategy, default applied."""
        return self.strategy or MigStrategy.SINGLE


@dataclasses.dataclass(frozen=True)
class TaintArgs:
    """One taint beside that of the accelerator."""

    key: str
    """Key, with a prefix that is not Kubernetes' own."""

    value: Optional[str] = None
    """Value. Default: none, pods tolerate the key."""

    effect: Optional[TaintEffect] = None
    """Effect. Default: NoSchedule."""

    @property
    def chosen_effect(self) -> TaintEffect:
        """Effect, default applied."""
        return self.effect or TaintEffect.NO_SCHEDULE


@dataclasses.dataclass(frozen=True)
class DisruptionBudgetArgs:
    """How many nodes Karpenter may give up of its own will at once, always or at times."""

    nodes: str
    """A number of nodes or a percentage; "0" forbids it."""

    schedule: Optional[str] = None
    """Start, as five cron fields in UTC; needs duration. Default: always."""

    duration: Optional[str] = None
    """Length of the time, hours and minutes such as 8h30m; needs schedule. Default: always."""


@dataclasses.dataclass(frozen=True)
class KubeletArgs:
    """Settings of the kubelet."""

    max_pods: Optional[int] = None
    """Most pods on a node. Default: what the network interfaces allow."""

    kube_reserved: Optional[dict[str, str]] = None
    """Resources kept for Kubernetes itself: cpu, memory, ephemeral-storage, pid. Default: by image and type."""

    system_reserved: Optional[dict[str, str]] = None
    """Resources kept for the system: cpu, memory, ephemeral-storage, pid. Default: by image and type."""

    eviction_hard: Optional[dict[str, str]] = None
    """Thresholds that evict pods at once, such as memory.available. Default: those of the image."""
