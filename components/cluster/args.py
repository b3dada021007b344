"""Arguments of `Cluster`."""

import dataclasses
import datetime
import enum
from typing import Optional

import pulumi

from components._core import facts
from components._core.args import in_range, require
from components.cluster import kubeconfig, managed_addons, rules


class SystemImage(enum.StrEnum):
    """Operating system of the system nodes, in the variant that EKS optimises."""

    AL2023 = "al2023"
    """Amazon Linux 2023."""

    BOTTLEROCKET = "bottlerocket"
    """Bottlerocket: no shell, no package manager, image-based updates."""


@dataclasses.dataclass(frozen=True)
class SystemNodesArgs:
    """The small node group that carries controllers: Karpenter, CoreDNS, operators, tracking, monitoring."""

    instance_types: Optional[list[str]] = None
    """Instance types, preferred first, on demand, of one architecture. Default: m7i.xlarge, m6i.xlarge."""

    min_nodes: Optional[int] = None
    """Fewest nodes. Karpenter's two replicas refuse to share a node. Default: 2."""

    desired_nodes: Optional[int] = None
    """Nodes to run; nothing scales this group by itself. Default: the same as min_nodes."""

    max_nodes: Optional[int] = None
    """Most nodes, one of them spare for rolling updates. Default: desired_nodes plus 1."""

    disk_gib: Optional[int] = None
    """Size of the data disk in GiB, gp3. Default: 80."""

    image: Optional[SystemImage] = None
    """Operating system. Default: al2023."""

    release_version: Optional[str] = None
    """Exact image release, such as 1.36.3-20260903. Default: the newest at creation, kept from then on."""

    @property
    def types(self) -> list[str]:
        """Instance types, defaults applied."""
        return self.instance_types if self.instance_types is not None else ["m7i.xlarge", "m6i.xlarge"]

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Fewest, desired and most nodes, defaults applied."""
        low = self.min_nodes if self.min_nodes is not None else 2
        wanted = self.desired_nodes if self.desired_nodes is not None else low
        return low, wanted, self.max_nodes if self.max_nodes is not None else wanted + 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Arguments of `Cluster`."""

    cluster_name: str
    """Name of the cluster in AWS; people and kubeconfigs use it. Letters, digits, dashes, at most 100."""

    region: str
    """AWS region of the cluster."""

    account_id: pulumi.Input[str]
    """AWS account of the cluster, twelve digits."""

    private_subnet_ids: Optional[pulumi.Input[list[pulumi.Input[str]]]] = None
    """Private subnets in two zones or more. Default: none; a new cluster needs it."""

    secrets_key_arn: Optional[pulumi.Input[str]] = None
    """KMS key of the Kubernetes secrets in etcd, for good. Default: none; a new cluster needs it."""

    volumes_key_arn: Optional[pulumi.Input[str]] = None
    """KMS key of node disks and persistent volumes. Default: none; a new cluster needs it."""

    log_key_arn: Optional[pulumi.Input[str]] = None
    """KMS key of the control plane's log group. Default: none; a new cluster needs it."""

    administrators: Optional[list[str]] = None
    """IAM roles or users with full access, the deploying one too. Default: none; a new cluster needs it."""

    version: Optional[str] = None
    """Kubernetes minor version. Default: that of facts/eks_versions.yaml; empty for an existing cluster."""

    allow_extended_support: Optional[bool] = None
    """Accept a version in extended support, at several times the price. Default: no."""

    public_access_cidrs: Optional[list[str]] = None
    """Networks that may reach the API over the internet. Default: none, the endpoint is private."""

    deletion_protection: Optional[bool] = None
    """Let AWS refuse to delete the cluster. Default: yes."""

    log_retention_days: Optional[int] = None
    """Days that control plane logs are kept. Default: 90."""

    system_nodes: Optional[SystemNodesArgs] = None
    """The system node group. Default: two m7i.xlarge."""

    addon_versions: Optional[dict[str, str]] = None
    """Exact versions of managed add-ons by name. Default: what EKS recommends for the version at creation."""

    instance_tags: Optional[dict[str, str]] = None
    """More tags of instances and disks, which the provider's default tags do not reach. Default: none."""

    node_policy_arns: Optional[dict[str, pulumi.Input[str]]] = None
    """More policies of the system nodes' role, by a short name. Default: none."""

    token_role_arn: Optional[str] = None
    """Role that the kubeconfig assumes to sign in. Default: the caller's own."""

    existing_kubeconfig: Optional[pulumi.Input[str]] = None
    """Kubeconfig of a cluster that exists; then nothing is created. Default: create a cluster."""

    existing_security_group_id: Optional[pulumi.Input[str]] = None
    """Security group of the existing cluster's nodes. Default: empty."""

    existing_node_role_arn: Optional[pulumi.Input[str]] = None
    """Role of the existing cluster's nodes. Default: empty."""

    def __post_init__(self) -> None:
        rules.check_name(self.cluster_name, "cluster_name")
        if self.existing_kubeconfig is None:
            self._check_new()
        elif isinstance(self.existing_kubeconfig, str):
            kubeconfig.cluster_entry(self.existing_kubeconfig)

    @property
    def chosen_version(self) -> str:
        """Kubernetes version, default applied."""
        return self.version or facts.default_eks_version().version

    @property
    def nodes(self) -> SystemNodesArgs:
        """System node group, defaults applied."""
        return self.system_nodes or SystemNodesArgs()

    def _check_new(self) -> None:
        """Check what only a new cluster needs."""
        for name in ("private_subnet_ids", "secrets_key_arn", "volumes_key_arn", "log_key_arn"):
            require(getattr(self, name) is not None, name, "is missing; a new cluster needs it")
        today = datetime.datetime.now(datetime.UTC).date()
        rules.check_version(self.chosen_version, bool(self.allow_extended_support), today, "version")
        rules.check_administrators(self.administrators or [], "administrators")
        if self.public_access_cidrs is not None:
            rules.check_public_cidrs(self.public_access_cidrs, "public_access_cidrs")
        if self.log_retention_days is not None:
            rules.check_retention(self.log_retention_days, "log_retention_days")
        managed_addons.check_versions(self.addon_versions or {}, "addon_versions")
        rules.check_system_types(self.nodes.types, self.region, "system_nodes.instance_types")
        rules.check_sizes(*self.nodes.sizes, "system_nodes")
        in_range(self.nodes.disk_gib or 80, 20, 16384, "system_nodes.disk_gib", "GiB")
