"""Arguments of `ModelRegistry`."""

import dataclasses
import enum
import re
from typing import Optional

import pulumi

from components._core.args import in_range, require

_DNS_LABEL = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")
_PREFIX = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*(?:/[a-zA-Z0-9_.-]+)*$")
_DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
_TAG = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")


class RegistryPermission(enum.StrEnum):
    """What a user of MLflow may do with what others made."""

    READ = "READ"
    """See everything, change what is one's own or granted."""

    NO_PERMISSIONS = "NO_PERMISSIONS"
    """See and change only what is one's own or granted."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelRegistryArgs:
    """Arguments of `ModelRegistry`."""

    cluster_name: pulumi.Input[str]
    """EKS cluster, for the Pod Identity association."""

    region: pulumi.Input[str]
    """AWS region of the bucket and its key."""

    vpc_cidr: pulumi.Input[str]
    """Address range of the VPC; PostgreSQL is reached only inside it."""

    database_endpoint: pulumi.Input[str]
    """Host name of the PostgreSQL instance."""

    database_name: pulumi.Input[str]
    """Name of the database; MLflow makes its tables in it."""

    database_user: pulumi.Input[str]
    """Name of the database user, owner of the database."""

    database_secret_arn: pulumi.Input[str]
    """ARN of the AWS secret whose key `password` is the user's; it may rotate at any time."""

    secret_store: pulumi.Input[str]
    """Name of the ClusterSecretStore of external-secrets that reads AWS Secrets Manager."""

    bucket_name: pulumi.Input[str]
    """Bucket of models and artifacts."""

    bucket_arn: pulumi.Input[str]
    """ARN of that bucket."""

    bucket_key_arn: pulumi.Input[str]
    """KMS key of that bucket."""

    image_repository: pulumi.Input[str]
    """Repository, without tag, that images/mlflow is pushed to."""

    database_port: Optional[pulumi.Input[int]] = None
    """Port of the PostgreSQL instance. Default: 5432."""

    verify_database: Optional[bool] = None
    """Whether the database must show a certificate that RDS signed; needs the authorities in the image, which
    MLflow's own images lack. Default: yes; else the connection is encrypted but its end not verified."""

    image_tag: Optional[str] = None
    """Tag of the image. Default: the version of MLflow that was tried here, and a build number."""

    image_digest: Optional[str] = None
    """Digest of the image, `sha256:...`; it wins over the tag. Default: the tag decides."""

    namespace: Optional[str] = None
    """Namespace of the server. Default: mlflow."""

    artifact_prefix: Optional[str] = None
    """Key prefix in the bucket; the server reaches nothing outside. Default: mlflow."""

    replicas: Optional[int] = None
    """Pods of the server. Default: 2."""

    workers: Optional[int] = None
    """Server processes in each pod. Default: 2."""

    cpu: Optional[str] = None
    """CPU that each pod asks for, no limit. Default: 500m."""

    memory: Optional[str] = None
    """Memory that each pod asks for and is held to. Default: 2Gi."""

    scratch_gib: Optional[int] = None
    """Disk of each pod for artifacts in transit, in GiB; the largest model must fit. Default: 20."""

    default_permission: Optional[RegistryPermission] = None
    """What users may do with what others made. Default: read."""

    allowed_hosts: Optional[list[str]] = None
    """Further host names that the server answers to, as of an ingress. Default: its names in the cluster."""

    client_namespace_label: Optional[str] = None
    """Label whose presence on a namespace lets its pods in. Default: mlops.dev/team."""

    monitoring_namespace: Optional[str] = None
    """Namespace of Prometheus, which then scrapes the server. Default: no monitoring."""

    def __post_init__(self) -> None:
        for path in ("namespace", "monitoring_namespace"):
            value = getattr(self, path)
            require(
                value is None or bool(_DNS_LABEL.match(value)),
                path,
                f"{value!r} is not a namespace; use lower-case letters, digits and dashes, at most 63",
            )
        require(
            bool(_PREFIX.match(self.prefix)),
            "artifact_prefix",
            f"{self.artifact_prefix!r} is not a key prefix; use words joined by slashes, none at the ends",
        )
        require(
            self.image_tag is None or (bool(_TAG.match(self.image_tag)) and self.image_tag != "latest"),
            "image_tag",
            f"{self.image_tag!r} does not pin an image; use a tag that is never moved, as 3.17.2-1",
        )
        require(
            self.image_digest is None or bool(_DIGEST.match(self.image_digest)),
            "image_digest",
            f"{self.image_digest!r} is not a digest; use sha256: and 64 hexadecimal digits",
        )
        for path, low, high, unit in (
            ("replicas", 1, 10, "pods"),
            ("workers", 1, 16, "processes"),
            ("scratch_gib", 1, 1000, "GiB"),
        ):
            value = getattr(self, path)
            if value is not None:
                in_range(value, low, high, path, unit)

    @property
    def space(self) -> str:
        """Namespace of the server."""
        return self.namespace or "mlflow"

    @property
    def prefix(self) -> str:
        """Key prefix in the bucket."""
        return self.artifact_prefix if self.artifact_prefix is not None else "mlflow"

    @property
    def port(self) -> pulumi.Input[int]:
        """Port of the PostgreSQL instance."""
        return 5432 if self.database_port is None else self.database_port

    @property
    def client_label(self) -> str:
        """Label whose presence on a namespace lets its pods in."""
        return self.client_namespace_label or "mlops.dev/team"
