"""Arguments of `GpuNodePool`."""

import dataclasses
from typing import Optional

import pulumi

from components._core.args import in_range, require
from components._core.facts import InstanceType
from components.gpu_node_pool import efa, images, rules, sharing
from components.gpu_node_pool.choices import (
    AmiFamily,
    CapacityType,
    Consolidation,
    DisruptionBudgetArgs,
    KubeletArgs,
    MigArgs,
    PoolKind,
    ReservationArgs,
    TaintArgs,
)

_KARPENTER_ONLY = (
    *("instance_profile_name", "cpu_limit", "memory_limit_gib", "consolidation"),
    *("consolidate_after", "expire_after", "termination_grace_period", "budgets"),
)
_MANAGED_ONLY = ("node_role_arn", "min_nodes", "desired_nodes", "max_nodes")


@dataclasses.dataclass(frozen=True, kw_only=True)
class GpuNodePoolArgs:
    """Arguments of `GpuNodePool`."""

    pool_name: str
    """Name of the pool: label of its nodes, tag of its cost. Lower-case letters, digits, dashes, at most 40."""

    region: str
    """AWS region of the pool."""

    instance_types: list[str]
    """Exact instance types, all with GPUs or all with Neuron devices, of one architecture."""

    capacity: list[CapacityType]
    """How instances are bought, preferred first: reserved, spot, on-demand. A managed node group takes one."""

    gpu_limit: int
    """Most accelerators that the pool may ever have, GPUs or Neuron devices: the ceiling of its cost."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster in AWS."""

    subnet_ids: pulumi.Input[list[pulumi.Input[str]]]
    """Private subnets of the nodes; of a managed node group with EFA the one of its zone."""

    cluster_security_group_id: pulumi.Input[str]
    """The cluster's security group."""

    volumes_key_arn: pulumi.Input[str]
    """KMS key of the disks."""

    kind: Optional[PoolKind] = None
    """Who starts and ends nodes. Default: karpenter."""

    instance_profile_name: Optional[pulumi.Input[str]] = None
    """Instance profile of the nodes of a karpenter pool. Default: none; such a pool needs it."""

    node_role_arn: Optional[pulumi.Input[str]] = None
    """Role of the nodes of a managed node group. Default: none; such a pool needs it."""

    vpc_id: Optional[pulumi.Input[str]] = None
    """Network of the EFA security group. Default: none; EFA needs it."""

    zones: Optional[list[str]] = None
    """Zones of the nodes, as ids (use1-az4) or names (us-east-1a). Default: all zones of the subnets."""

    cpu_limit: Optional[int] = None
    """Most vCPUs of the pool. Default: what gpu_limit can bring with the types' largest share."""

    memory_limit_gib: Optional[int] = None
    """Most memory of the pool in GiB. Default: what gpu_limit can bring with the types' largest share."""

    min_nodes: Optional[int] = None
    """Fewest nodes of a managed node group. Default: 0."""

    desired_nodes: Optional[int] = None
    """Nodes of a managed node group; nothing changes it by itself. Default: the same as min_nodes."""

    max_nodes: Optional[int] = None
    """Most nodes of a managed node group. Default: as many as gpu_limit allows."""

    disk_gib: Optional[int] = None
    """Size of the data disk in GiB, gp3; images with CUDA are large. Default: 200."""

    reservation: Optional[ReservationArgs] = None
    """Capacity reservations or Capacity Blocks. Default: none."""

    placement_group: Optional[bool] = None
    """Keep nodes close together in a cluster placement group; may find no capacity. Default: no."""

    efa: Optional[bool] = None
    """Elastic Fabric Adapter on every node, in one zone, with its security group. Default: no."""

    mig: Optional[MigArgs] = None
    """How every GPU is cut into instances, isolated from each other. Default: whole GPUs."""

    time_slicing_replicas: Optional[int] = None
    """Pods that take turns on each GPU, without isolation of memory or faults. Default: one, no sharing."""

    ami_family: Optional[AmiFamily] = None
    """Operating system. Default: al2023."""

    ami_version: Optional[str] = None
    """Exact image release. Default: that of images.py; for a managed node group the newest at creation."""

    local_nvme: Optional[bool] = None
    """Use the instance's own disks, where a type has them, for images and scratch. Default: yes."""

    kubelet: Optional[KubeletArgs] = None
    """Settings of the kubelet. Default: those of the image."""

    consolidation: Optional[Consolidation] = None
    """Which nodes Karpenter gives up. Default: WhenEmpty, so that no pod is moved."""

    consolidate_after: Optional[str] = None
    """How long a node must have been so. Default: 5m."""

    expire_after: Optional[str] = None
    """Age at which nodes are replaced; no disruption budget slows that. Default: 720h."""

    termination_grace_period: Optional[str] = None
    """Longest time that pods may take to leave a node, whatever they ask for. Default: 1h."""

    budgets: Optional[list[DisruptionBudgetArgs]] = None
    """How many nodes may be given up at once; the strictest holds. Default: 10%."""

    taints: Optional[list[TaintArgs]] = None
    """Taints beside that of the accelerator. Default: none."""

    labels: Optional[dict[str, str]] = None
    """More labels of the nodes. Default: none."""

    teams: Optional[list[str]] = None
    """Teams that the pool is for: labels, and the tag team. Default: none."""

    instance_tags: Optional[dict[str, str]] = None
    """More tags of instances and disks, which the provider's default tags do not reach. Default: none."""

    def __post_init__(self) -> None:
        rules.check_name(self.pool_name)
        self._check_kind()
        types = self.types
        rules.check_offered(types, self.region, self.zones)
        rules.check_capacity(self.chosen_kind, self.capacity, types, self.reservation is not None)
        if self.reservation is not None:
            rules.check_reservation(self.chosen_kind, types, self.reservation, bool(self.placement_group))
        images.check(self.chosen_kind, self.image, self.ami_version, types)
        sharing.check(self.chosen_kind, self.image, types, self.mig, self.time_slicing_replicas)
        rules.check_limit(self.chosen_kind, types, self.gpu_limit, self.share)
        self._check_hardware(types)
        rules.check_times(
            {
                "consolidate_after": self.consolidate_after,
                "expire_after": self.expire_after,
                "termination_grace_period": self.termination_grace_period,
            },
            self.budgets or [],
        )
        rules.check_marks(self.taints or [], self.labels or {}, self.teams or [])

    @property
    def chosen_kind(self) -> PoolKind:
        """Kind, default applied."""
        return self.kind or PoolKind.KARPENTER

    @property
    def image(self) -> AmiFamily:
        """Operating system, default applied."""
        return self.ami_family or AmiFamily.AL2023

    @property
    def types(self) -> list[InstanceType]:
        """Facts of the instance types."""
        return rules.resolve_types(self.instance_types)

    @property
    def share(self) -> int:
        """Pods that each accelerator serves."""
        return sharing.share(self.types, self.mig, self.time_slicing_replicas)

    @property
    def resource(self) -> str:
        """Kubernetes resource that pods of this pool ask for."""
        return sharing.resource(self.types, self.mig)

    @property
    def held(self) -> ReservationArgs:
        """Reservation, an empty one without."""
        return self.reservation or ReservationArgs()

    @property
    def uses_nvme(self) -> bool:
        """Whether nodes join their own disks: wanted, and there on some type."""
        return self.local_nvme is not False and any(t.local_nvme for t in self.types)

    @property
    def most_nodes(self) -> int:
        """Most nodes of a managed node group."""
        allowed = self.gpu_limit // self.types[0].accelerator_count
        return allowed if self.max_nodes is None else self.max_nodes

    def _check_kind(self) -> None:
        """Refuse arguments that only the other kind uses, and the lack of those that this kind needs."""
        managed = self.chosen_kind is PoolKind.MANAGED_NODE_GROUP
        for name in _KARPENTER_ONLY if managed else _MANAGED_ONLY:
            require(
                getattr(self, name) in (None, 0),
                name,
                f"is not used by a {self.chosen_kind.value} pool; remove it, or change kind",
            )
        needed = "node_role_arn" if managed else "instance_profile_name"
        require(getattr(self, needed) is not None, needed, f"is missing; a {self.chosen_kind.value} pool needs it")

    def _check_hardware(self, types: list[InstanceType]) -> None:
        """Refuse disks, interfaces and sizes that cannot be had."""
        in_range(200 if self.disk_gib is None else self.disk_gib, 20, 16384, "disk_gib", "GiB")
        if self.efa:
            efa.check(types, self.zones, self.vpc_id is not None)
        require(
            not self.placement_group or len(self.zones or []) == 1,
            "zones",
            "with placement_group: a cluster placement group is in one zone; name exactly one",
        )
        if self.chosen_kind is PoolKind.MANAGED_NODE_GROUP:
            rules.check_sizes(
                self.min_nodes or 0,
                self.min_nodes or 0 if self.desired_nodes is None else self.desired_nodes,
                self.most_nodes,
                self.gpu_limit // types[0].accelerator_count,
            )
