"""Arguments of `Orchestrator`."""

import dataclasses
import re
from typing import Any, Optional

import pulumi

from components._core.args import in_range, require
from components._core.durability import Durability

# `team-<name>` must be a namespace, and `<component>-<team>-<role>` a logical name of at most 40 characters.
_TEAM = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")
_TEAM_LENGTH = 16
_POOL_LENGTH = 40
_PREFIX = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*(?:/[a-zA-Z0-9_.-]+)*$")


@dataclasses.dataclass(frozen=True, kw_only=True)
class GpuPoolRef:
    """A pool that workflows may run on."""

    name: str
    """Name of the pool."""

    resource: pulumi.Input[str]
    """Resource that a pod asks for, as nvidia.com/gpu."""

    selector: pulumi.Input[dict[str, pulumi.Input[str]]]
    """Node labels of the pool."""

    tolerations: pulumi.Input[list[pulumi.Input[dict[str, Any]]]]
    """Tolerations of the pool's taints."""

    def __post_init__(self) -> None:
        _name("pools.name", self.name, _POOL_LENGTH)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TeamArgs:
    """A team: a namespace `team-<name>` with a quota, an account for its workflows and a prefix in the bucket."""

    name: str
    """Name of the team, lower-case words joined by dashes, at most 16 characters."""

    gpus: int
    """Accelerators that the team's pods may ask for together, for each resource that a pool offers."""

    cpu: int
    """CPUs that the team's pods may ask for together."""

    memory_gib: int
    """Memory that the team's pods may ask for together, in GiB."""

    pods: Optional[int] = None
    """Pods of the team. Default: 200."""

    groups: Optional[list[str]] = None
    """Kubernetes groups, as of access entries, that submit and read the team's workflows. Default: none."""

    def __post_init__(self) -> None:
        _name("teams.name", self.name, _TEAM_LENGTH)
        in_range(self.gpus, 0, 10_000, f"teams[{self.name}].gpus", "accelerators")
        in_range(self.cpu, 1, 100_000, f"teams[{self.name}].cpu", "CPUs")
        in_range(self.memory_gib, 1, 1_000_000, f"teams[{self.name}].memory_gib", "GiB")

    @property
    def namespace(self) -> str:
        """Namespace of the team."""
        return f"team-{self.name}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SsoArgs:
    """Sign-on at the server by OpenID Connect, beside Kubernetes tokens."""

    issuer: str
    """Address of the identity provider, https."""

    redirect_url: str
    """Address that the provider sends users back to, `<server>/oauth2/callback`, https."""

    secret_name: pulumi.Input[str]
    """Secret in the controller's namespace with the keys `client-id` and `client-secret`."""

    scopes: Optional[list[str]] = None
    """Scopes beside openid. Default: groups and email."""

    def __post_init__(self) -> None:
        for path in ("issuer", "redirect_url"):
            value = getattr(self, path)
            require(value.startswith("https://"), f"sso.{path}", f"{value!r} is not https; use an https address")


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrchestratorArgs:
    """Arguments of `Orchestrator`."""

    cluster_name: pulumi.Input[str]
    """EKS cluster, for the Pod Identity associations."""

    region: str
    """AWS region of the bucket."""

    vpc_cidr: pulumi.Input[str]
    """Address range of the VPC; PostgreSQL is reached only inside it."""

    bucket_name: pulumi.Input[str]
    """Bucket of artifacts, logs and checkpoints of workflows."""

    bucket_arn: pulumi.Input[str]
    """ARN of that bucket."""

    bucket_key_arn: pulumi.Input[str]
    """KMS key of that bucket."""

    database_endpoint: pulumi.Input[str]
    """Host name of the PostgreSQL instance of the workflow archive."""

    database_name: pulumi.Input[str]
    """Name of its database."""

    database_secret_arn: pulumi.Input[str]
    """ARN of the AWS secret with the keys `username` and `password`; it may rotate at any time."""

    secret_store: pulumi.Input[str]
    """Name of the ClusterSecretStore of external-secrets that reads AWS Secrets Manager."""

    teams: list[TeamArgs]
    """Teams; the controller runs workflows in their namespaces only."""

    pools: Optional[list[GpuPoolRef]] = None
    """Pools that get a template. Default: none, CPU only."""

    database_port: Optional[pulumi.Input[int]] = None
    """Port of the PostgreSQL instance. Default: 5432."""

    artifact_prefix: Optional[str] = None
    """Key prefix in the bucket; each team has `<prefix>/<namespace>/` under it. Default: workflows."""

    registry_namespace: Optional[str] = None
    """Namespace of MLflow, which the teams may reach. Default: mlflow."""

    service_monitor: Optional[bool] = None
    """Whether Prometheus scrapes the controller; needs prometheus-operator-crds. Default: no."""

    sso: Optional[SsoArgs] = None
    """Sign-on at the server. Default: Kubernetes tokens only."""

    parallelism: Optional[int] = None
    """Workflows that run at once. Default: 100."""

    max_days: Optional[int] = None
    """Longest run of a workflow that names no deadline of its own, in days. Default: 7."""

    keep_days: Optional[int] = None
    """Days that a finished workflow stays in the archive. Default: 180."""

    retries: Optional[int] = None
    """Times that a template of a pool starts again after it lost its node. Default: 5."""

    kubectl_image: Optional[str] = None
    """Image that restarts the controller when the database password changed. Default: that of restart.py."""

    durability: Optional[Durability] = None
    """Whether definitions of workflows outlive the release: only if protected. Default: protected."""

    mirror: Optional[str] = None
    """Where charts come from instead of upstream: `oci://...` or a folder. Default: upstream."""

    extra_values: Optional[dict[str, Any]] = None
    """More values of the argo-workflows chart, merged last and not checked. Default: none."""

    def __post_init__(self) -> None:
        require(bool(self.teams), "teams", "is empty; name at least one team, workflows run in its namespace")
        for path in ("teams", "pools"):
            names = [entry.name for entry in getattr(self, path) or []]
            twice = sorted({name for name in names if names.count(name) > 1})
            require(not twice, path, f"names {', '.join(twice)} more than once; give each a name of its own")
        require(
            bool(_PREFIX.match(self.prefix)),
            "artifact_prefix",
            f"{self.artifact_prefix!r} is not a key prefix; use words joined by slashes, none at the ends",
        )
        for path, low, high, unit in (
            ("parallelism", 1, 10_000, "workflows"),
            ("max_days", 1, 90, "days"),
            ("keep_days", 1, 3_650, "days"),
            ("retries", 0, 100, "times"),
        ):
            value = getattr(self, path)
            if value is not None:
                in_range(value, low, high, path, unit)

    @property
    def prefix(self) -> str:
        """Key prefix in the bucket."""
        return self.artifact_prefix if self.artifact_prefix is not None else "workflows"

    @property
    def port(self) -> pulumi.Input[int]:
        """Port of the PostgreSQL instance."""
        return 5432 if self.database_port is None else self.database_port


def _name(path: str, name: str, longest: int) -> None:
    require(
        bool(_TEAM.match(name)) and len(name) <= longest,
        path,
        f"{name!r} is not a name; use lower-case words joined by dashes, at most {longest} characters",
    )
