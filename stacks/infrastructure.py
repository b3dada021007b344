"""Sections of a stack file: the network, the cluster, its pools of accelerated nodes."""
# ruff: noqa: RUF012  (pydantic gives each section its own copy of a default)

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from stacks import consistency
from stacks.base import IMMUTABLE, AmiFamily, Base, CapacityType, MigStrategy, Nat, PoolKind
from stacks.fields import (
    Cidr,
    Days,
    Duration,
    Flag,
    InstanceTypeName,
    LabelKey,
    LabelValue,
    Percentage,
    PrincipalArn,
    ReservationId,
    RoleArn,
    SecurityGroupId,
    Slug,
    SubnetId,
    TagValue,
    TaintEffect,
    VpcId,
    Whole,
    Zone,
)
from stacks.fields import Version as MinorVersion


class ExistingNetwork(Base):
    """A VPC that is there already."""

    vpc_id: VpcId
    """Id of the VPC."""

    cidr: Cidr
    """Its primary network."""

    private_subnet_ids: Annotated[list[SubnetId], Field(min_length=2)]
    """Private subnets in two zones or more."""

    public_subnet_ids: list[SubnetId] = []
    """Public subnets, for load balancers that face the internet. Default: none."""


class Network(Base):
    """The network: created, or an existing one."""

    cidr: Annotated[Cidr, Field(json_schema_extra=IMMUTABLE)] = "10.0.0.0/16"
    """Network of the VPC. Default: 10.0.0.0/16."""

    zones: Annotated[list[Zone], Field(min_length=2, max_length=3)] | None = None
    """Availability zones, two or three of the region; of an existing VPC those of its subnets. Default: a, b and c."""

    nat: Nat = Nat.SINGLE
    """NAT gateways: none, single, or one per zone. Default: single."""

    flow_log_retention_days: Days = 30
    """Days that flow logs are kept. Default: 30."""

    existing: ExistingNetwork | None = None
    """Use a VPC that is there already. Default: create one."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        consistency.refuse(consistency.network(self))
        return self


class SystemNodes(Base):
    """The small node group that carries controllers."""

    instance_types: Annotated[list[InstanceTypeName], Field(min_length=1)] | None = None
    """Instance types in order of preference. Default: m7i.xlarge, m6i.xlarge."""

    min_nodes: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """Fewest nodes. Default: 2."""

    desired_nodes: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """Nodes to run. Default: min_nodes."""

    max_nodes: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """Most nodes. Default: desired_nodes plus 1."""

    disk_gib: Annotated[Whole, Field(ge=20, le=16384)] | None = None
    """Size of the data disk in GiB. Default: 80."""

    image: AmiFamily | None = None
    """Operating system. Default: al2023."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        consistency.refuse(consistency.system_nodes(self))
        return self


class ExistingCluster(Base):
    """A cluster that is there already."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """Name of the cluster."""

    kubeconfig: Annotated[str, Field(min_length=1)]
    """Its kubeconfig, without secrets: sign-in by an exec plugin."""

    security_group_id: SecurityGroupId
    """Security group of its nodes."""

    node_role_arn: RoleArn
    """Role of its nodes."""


class Cluster(Base):
    """The Kubernetes cluster: created, or an existing one."""

    version: MinorVersion | None = None
    """Kubernetes minor version. Default: the one that components/_core/facts/eks_versions.yaml proposes."""

    allow_extended_support: Flag = False
    """Accept a version in extended support, at six times the price. Default: no."""

    administrators: list[PrincipalArn] = []
    """IAM roles or users with full access; needed unless the cluster exists. Default: none."""

    public_access_cidrs: list[str] | None = None
    """Networks that may reach the Kubernetes API over the internet. Default: none, the endpoint is private."""

    deletion_protection: Flag = True
    """Let AWS refuse to delete the cluster. Default: yes."""

    log_retention_days: Days = 90
    """Days that control plane logs are kept. Default: 90."""

    system_nodes: SystemNodes = SystemNodes()
    """The node group for controllers."""

    existing: ExistingCluster | None = None
    """Use a cluster that is there already. Default: create one."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        consistency.refuse(consistency.cluster(self))
        return self


class Reservation(Base):
    """Capacity that is paid for ahead."""

    ids: list[ReservationId] = []
    """Capacity reservations by id. Default: none."""

    tags: dict[str, TagValue] = {}
    """Capacity reservations by tags; all must match. Default: none."""

    capacity_block: Flag = False
    """Whether they are Capacity Blocks for ML: bought for a fixed time, then gone. Default: no."""

    @model_validator(mode="after")
    def _some_selector(self) -> Self:
        if not self.ids and not self.tags:
            consistency.refuse(iter([((), "names no reservation; give ids or tags, or leave reservation out")]))
        return self


class Mig(Base):
    """Slices of each GPU, for several pods on one."""

    profile: str
    """Configuration of the GPU operator, such as all-1g.10gb."""

    strategy: MigStrategy = MigStrategy.SINGLE
    """How slices are offered. Default: single, as nvidia.com/gpu."""


class Taint(Base):
    """Keeps pods away that do not tolerate it."""

    key: LabelKey
    """Key of the taint."""

    value: LabelValue = "true"
    """Its value. Default: true, in quotes."""

    effect: TaintEffect = "NoSchedule"
    """What it does to pods: NoSchedule, PreferNoSchedule or NoExecute. Default: NoSchedule."""


class GpuPool(Base):
    """A pool of accelerated nodes."""

    name: Annotated[Slug, Field(json_schema_extra=IMMUTABLE)]
    """Name of the pool; pods ask for it by the label mlops.dev/node-pool."""

    kind: PoolKind = PoolKind.KARPENTER
    """What makes its nodes. Default: karpenter."""

    instance_types: Annotated[list[InstanceTypeName], Field(min_length=1)]
    """Exact instance types that may be used."""

    gpu_limit: Annotated[Whole, Field(ge=1, le=100_000)]
    """Most accelerators that the pool may ever have. Needed: a pool without it has no bound on its cost."""

    cpu_limit: Annotated[Whole, Field(ge=1)] | None = None
    """Most vCPUs. Default: as many as gpu_limit allows on the types given."""

    memory_limit_gib: Annotated[Whole, Field(ge=1)] | None = None
    """Most memory, in GiB. Default: as much as gpu_limit allows on the types given."""

    capacity: Annotated[list[CapacityType], Field(min_length=1)] = [CapacityType.SPOT]
    """How capacity may be bought; reserved goes before spot before on-demand. Default: spot."""

    reservation: Reservation | None = None
    """Reserved capacity. Default: none."""

    zones: list[Zone] | None = None
    """Zones of the pool. Default: those of the network."""

    efa: Flag = False
    """Elastic Fabric Adapter between the nodes, in one zone. Default: no."""

    placement_group: Flag = False
    """Place nodes close together; not together with a reservation. Default: no."""

    mig: Mig | None = None
    """Slices of each GPU. Default: whole GPUs."""

    time_slicing_replicas: Annotated[Whole, Field(ge=2, le=48)] | None = None
    """Pods that share one GPU in turns, without isolation. Default: one."""

    ami_family: AmiFamily = AmiFamily.AL2023
    """Operating system. Default: al2023."""

    local_nvme: Flag = True
    """Use local NVMe disks, where a type has them, for containers and scratch. Default: yes."""

    disk_gib: Annotated[Whole, Field(ge=20, le=16384)] = 200
    """Size of the root disk in GiB. Default: 200."""

    min_nodes: Annotated[Whole, Field(ge=0, le=1000)] = 0
    """Fewest nodes of a managed node group. Default: 0."""

    max_nodes: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    """Most nodes of a managed node group. Default: as many as gpu_limit allows."""

    consolidate_after: Duration = "5m"
    """How long a node stays empty before it goes. Default: 5m."""

    expire_after: Duration = "336h"
    """Age at which a node is replaced. Default: 336h, two weeks."""

    disruption_budget: Percentage = "10%"
    """Nodes that may be disrupted at the same time. Default: 10%."""

    labels: dict[LabelKey, LabelValue] = {}
    """Labels of its nodes. Default: none beside the library's own."""

    taints: list[Taint] = []
    """Taints beside the accelerator's own. Default: none."""

    team: Slug | None = None
    """Team that pays for it. Default: the platform's owner."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        consistency.refuse(consistency.gpu_pool(self))
        return self
