"""The one schema of an environment: what a stack file may say, each field with its meaning and default.

A stack file holds one structured key, `mlops:platform`. Names are those of the components' arguments, so a message
of a component points at the setting. Nothing here calls the cloud. The sections are in `infrastructure.py` and
`services.py`; what they must satisfy together is in `consistency.py`.
"""
# ruff: noqa: RUF012  (pydantic gives each section its own copy of a default)

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from stacks import consistency
from stacks.base import IMMUTABLE, Base, Durability, Environment, Region
from stacks.fields import AccountId, ChartMirror, CostCenter, Email, RoleArn, Slug
from stacks.infrastructure import Cluster, GpuPool, Network
from stacks.services import (
    Admission,
    ArtifactStore,
    Budget,
    ContainerRegistry,
    DatabaseSettings,
    ModelRegistry,
    Monitoring,
    Orchestrator,
)

__all__ = ["DatabaseSettings", "GpuPool", "Platform"]


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

    budget: Budget | None = None
    """Budget of the account, with alerts. Default: none; then somebody else must keep it."""

    admission: Admission = Admission()
    """Policies at admission. Default: those of the environment's profile."""

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
