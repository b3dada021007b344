"""The one schema of an environment: what a stack file may say, each field with its meaning and default.

A stack file holds one structured key, `mlops:platform`. Names are those of the components' arguments, so a message
of a component points at the setting. Nothing here calls the cloud.
"""

from __future__ import annotations

import enum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from stacks import consistency
from stacks.fields import (
    AccountId,
    BucketArn,
    ChartMirror,
    Cidr,
    CostCenter,
    DatabaseClass,
    Days,
    Duration,
    Email,
    Flag,
    ImageReference,
    InstanceTypeName,
    KeyArn,
    LabelKey,
    LabelValue,
    Percentage,
    PrincipalArn,
    ReservationId,
    RoleArn,
    SecretArn,
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

IMMUTABLE = {"immutable": True}
"""Marks a field that must not change after the first `up`: the change replaces what holds data, or the cluster."""


class Base(BaseModel):
    """A section: no unknown keys, nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=False)


class Environment(enum.StrEnum):
    """What an environment is for. Data only: no program asks for it, policy profiles and tags do."""

    SANDBOX = "sandbox"
    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class Region(enum.StrEnum):
    """AWS regions whose facts and prices are at hand."""

    US_EAST_1 = "us-east-1"
    US_WEST_2 = "us-west-2"
    EU_WEST_1 = "eu-west-1"


class Durability(enum.StrEnum):
    """How much data resists being lost: see `components/_core/durability.py`."""

    EPHEMERAL = "ephemeral"
    STANDARD = "standard"
    PROTECTED = "protected"


class Nat(enum.StrEnum):
    """NAT gateways of the network."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per_zone"


class PoolKind(enum.StrEnum):
    """What makes the nodes of a pool."""

    KARPENTER = "karpenter"
    MANAGED_NODE_GROUP = "managed_node_group"


class CapacityType(enum.StrEnum):
    """How capacity is bought."""

    RESERVED = "reserved"
    SPOT = "spot"
    ON_DEMAND = "on_demand"


class AmiFamily(enum.StrEnum):
    """Operating system of accelerated nodes, in the variant with the driver."""

    AL2023 = "al2023"
    BOTTLEROCKET = "bottlerocket"


class MigStrategy(enum.StrEnum):
    """How slices of a GPU are offered to pods."""

    SINGLE = "single"
    MIXED = "mixed"


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


class Replication(Base):
    """A second copy of objects, in another bucket."""

    purposes: Annotated[list[str], Field(min_length=1)]
    """Purposes whose buckets are copied."""

    destination_bucket_arn: BucketArn
    """Bucket that gets the copies."""

    destination_key_arn: KeyArn
    """Key that encrypts the copies."""


class ArtifactStore(Base):
    """Buckets for datasets, models, features and logs."""

    object_lock_days: Annotated[Whole, Field(ge=1, le=36500)] = 30
    """Days for which a released model cannot be deleted. Default: 30."""

    replication: Replication | None = None
    """Copies in another bucket. Default: none."""


class PullThrough(Base):
    """An upstream registry whose images are cached on first pull."""

    upstream: str
    """Name of the upstream: ecr-public, quay, registry-k8s-io, docker-hub, github."""

    credential_arn: SecretArn | None = None
    """Secret with its credentials, where the upstream asks for some. Default: none."""


class ContainerRegistry(Base):
    """Repositories for container images."""

    repositories: Annotated[list[str], Field(min_length=1)] = ["mlflow", "training", "serving"]
    """Repositories below the platform's prefix. Default: mlflow, training, serving."""

    keep_images: Annotated[Whole, Field(ge=1, le=1000)] = 50
    """Tagged images kept in each repository. Default: 50."""

    pull_through: list[PullThrough] = [PullThrough(upstream="ecr-public"), PullThrough(upstream="quay")]
    """Upstream registries to cache. Default: ecr-public and quay."""

    replication_regions: list[Region] = []
    """Regions that get a copy of every image. Default: none."""


class DatabaseSettings(Base):
    """A PostgreSQL database."""

    instance_class: DatabaseClass | None = None
    """RDS instance class. Default: db.t4g.small."""

    storage_gib: Annotated[Whole, Field(ge=20, le=65536)] | None = None
    """Storage in GiB. Default: 20."""

    multi_az: Flag | None = None
    """A standby in another zone. Default: as durability says."""


class ModelRegistry(Base):
    """MLflow: experiments, runs, models."""

    image: ImageReference | None = None
    """Image of the server, built from images/mlflow. Default: mlflow in the platform's own registry."""

    replicas: Annotated[Whole, Field(ge=1, le=20)] = 2
    """Servers. Default: 2."""

    database: DatabaseSettings = DatabaseSettings()
    """Its database."""


class Team(Base):
    """A team that runs workflows, with a namespace and a quota of its own."""

    name: Slug
    """Name of the team; its namespace is team-<name>."""

    gpus: Annotated[Whole, Field(ge=0, le=100_000)] = 0
    """Most GPUs at a time. Default: 0."""

    cpus: Annotated[Whole, Field(ge=1)] = 64
    """Most vCPUs at a time. Default: 64."""

    memory_gib: Annotated[Whole, Field(ge=1)] = 256
    """Most memory at a time, in GiB. Default: 256."""


def _named_once(teams: list[Team]) -> list[Team]:
    consistency.refuse(consistency.distinct([t.name for t in teams], last=("name",)))
    return teams


class Orchestrator(Base):
    """Argo Workflows."""

    teams: Annotated[list[Team], Field(min_length=1), AfterValidator(_named_once)] = [Team(name="research")]
    """Teams. Default: one, research, without GPUs."""

    database: DatabaseSettings = DatabaseSettings()
    """Database of the workflow archive."""

    kubectl_image: ImageReference | None = None
    """Image with kubectl for the job that watches the database password. Default: a public one, by its tag."""


class Monitoring(Base):
    """Prometheus, Alertmanager, Grafana."""

    alert_emails: Annotated[list[Email], Field(min_length=1)]
    """Addresses that alerts are sent to; each must confirm the subscription."""

    retention_days: Annotated[Whole, Field(ge=1, le=365)] = 15
    """Days that metrics are kept. Default: 15."""

    storage_gib: Annotated[Whole, Field(ge=10, le=16384)] = 50
    """Volume for metrics in GiB. Default: 50."""


class Platform(Base):
    """One environment."""

    blueprint: str = "starter"
    """Reference architecture to build: see `mlops list blueprints`. Default: starter."""

    organization: Annotated[Slug, Field(json_schema_extra=IMMUTABLE)]
    """Short name of the organisation; physical names begin with it."""

    platform: Annotated[Slug, Field(json_schema_extra=IMMUTABLE)]
    """Short name of the platform; the second part of physical names."""

    environment: Environment
    """What the environment is for; the third part of physical names, and a tag."""

    account_id: Annotated[AccountId, Field(json_schema_extra=IMMUTABLE)]
    """AWS account; every other account is refused."""

    region: Annotated[Region, Field(json_schema_extra=IMMUTABLE)]
    """AWS region."""

    deploy_role_arn: RoleArn | None = None
    """Role that is assumed for all AWS calls. Default: the caller's own."""

    owner: Email
    """Who answers for it; a tag."""

    cost_center: CostCenter
    """Who pays for it; a tag."""

    durability: Durability = Durability.PROTECTED
    """How much data resists being lost. Default: protected."""

    chart_mirror: ChartMirror | None = None
    """Registry or folder that holds all charts. Default: their own repositories."""

    network: Network = Network()
    """The network. Default: a new one with one NAT gateway."""

    cluster: Cluster
    """The Kubernetes cluster, and who administers it."""

    gpu_pools: list[GpuPool] = []
    """Pools of accelerated nodes. Default: none."""

    artifact_store: ArtifactStore = ArtifactStore()
    """Buckets. Default: without copies elsewhere."""

    container_registry: ContainerRegistry = ContainerRegistry()
    """Repositories for container images."""

    model_registry: ModelRegistry = ModelRegistry()
    """MLflow and its database."""

    orchestrator: Orchestrator = Orchestrator()
    """Argo Workflows and the teams that run them."""

    monitoring: Monitoring
    """Metrics, dashboards, and where alerts go."""

    @field_validator("deploy_role_arn")
    @classmethod
    def _of_account(cls, arn: str | None, info: ValidationInfo) -> str | None:
        consistency.refuse(consistency.account_of(arn, info.data.get("account_id")))
        return arn

    @field_validator("network")
    @classmethod
    def _in_region(cls, network: Network, info: ValidationInfo) -> Network:
        if region := info.data.get("region"):
            consistency.refuse(consistency.zones_of_region(network.zones, region.value, ("zones",)))
        return network

    @field_validator("gpu_pools")
    @classmethod
    def _pools(cls, pools: list[GpuPool], info: ValidationInfo) -> list[GpuPool]:
        region, network = info.data.get("region"), info.data.get("network")
        consistency.refuse(consistency.pools(pools, region and region.value, network))
        return pools

    @property
    def prefix(self) -> str:
        """Prefix of physical names: organisation, platform, environment."""
        return f"{self.organization}-{self.platform}-{self.environment.value}"

    @property
    def zones(self) -> list[str]:
        """Zones of the network, default applied."""
        return consistency.network_zones(self.network, self.region.value)
