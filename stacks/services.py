"""Sections of a stack file: stores, registries, workflows, monitoring."""
# ruff: noqa: RUF012  (pydantic gives each section its own copy of a default)

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks import consistency
from stacks.base import Base, Region
from stacks.fields import Amount, BucketArn, DatabaseClass, Email, Flag, ImageReference, KeyArn, SecretArn, Slug, Whole


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


class Budget(Base):
    """What the account may cost, and who is told before the invoice does."""

    monthly_usd: Annotated[Amount, Field(gt=0, le=100_000_000)]
    """What the account may cost in a month, in USD."""

    emails: Annotated[list[Email], Field(min_length=1, max_length=10)] | None = None
    """Addresses that are told. Default: the owner."""

    anomaly_usd: Annotated[Amount, Field(gt=0)] | None = None
    """Unusual cost from which on people are told, in USD. Default: a twentieth of the budget, at least 10."""


class PolicyProfile(enum.StrEnum):
    """Profiles of the policy packs, `policies/profiles`."""

    DEVELOPMENT = "development"
    BASELINE = "baseline"
    REGULATED = "regulated"


class Admission(Base):
    """The policy packs' Kubernetes rules, enforced by the API server in the namespaces of teams and of this library."""

    enabled: Flag = True
    """Whether they are installed. Default: yes."""

    profile: PolicyProfile | None = None
    """Profile whose levels and parameters they have. Default: development in sandboxes and dev, else baseline."""


class Monitoring(Base):
    """Prometheus, Alertmanager, Grafana."""

    alert_emails: Annotated[list[Email], Field(min_length=1)]
    """Addresses that alerts are sent to; each must confirm the subscription."""

    retention_days: Annotated[Whole, Field(ge=1, le=365)] = 15
    """Days that metrics are kept. Default: 15."""

    storage_gib: Annotated[Whole, Field(ge=10, le=16384)] = 50
    """Volume for metrics in GiB. Default: 50."""
