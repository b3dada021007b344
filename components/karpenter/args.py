"""Arguments of `Karpenter`."""

import dataclasses
import enum
from typing import Any, Optional

import pulumi

from components._core.args import in_range, require


class KarpenterFeature(enum.StrEnum):
    """Features that are off by default (karpenter.sh, v1.14, reference, settings; read 2026-11-23)."""

    NODE_REPAIR = "nodeRepair"
    NODE_OVERLAY = "nodeOverlay"
    SPOT_TO_SPOT_CONSOLIDATION = "spotToSpotConsolidation"
    STATIC_CAPACITY = "staticCapacity"
    CAPACITY_BUFFER = "capacityBuffer"


@dataclasses.dataclass(frozen=True, kw_only=True)
class KarpenterArgs:
    """Arguments of `Karpenter`."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster in AWS."""

    cluster_endpoint: pulumi.Input[str]
    """Address of the Kubernetes API, which new nodes join."""

    region: str
    """AWS region of the cluster."""

    account_id: pulumi.Input[str]
    """AWS account of the cluster, twelve digits."""

    queue_key_arn: pulumi.Input[str]
    """KMS key of the interruption queue; its policy must let events.amazonaws.com use it."""

    volumes_key_arn: pulumi.Input[str]
    """KMS key of the disks of nodes."""

    node_role_arn: Optional[pulumi.Input[str]] = None
    """Role of the nodes, if one with an access entry exists. Default: a role of their own with its entry."""

    node_policy_arns: Optional[dict[str, pulumi.Input[str]]] = None
    """More policies of the nodes' own role, by a short name. Default: none."""

    features: Optional[list[KarpenterFeature]] = None
    """Features that are off by default and wanted. Default: none; reserved capacity is always on."""

    isolated: Optional[bool] = None
    """Whether the network has no way to the internet: prices are then not looked up. Default: no."""

    replicas: Optional[int] = None
    """Controller pods, each on a node of its own. Default: 2."""

    service_monitor: Optional[bool] = None
    """Let Prometheus scrape the controller; needs the add-on prometheus-operator-crds. Default: no."""

    mirror: Optional[str] = None
    """Where charts come from instead of upstream: `oci://...` or a folder. Default: upstream."""

    extra_values: Optional[dict[str, Any]] = None
    """More values of the karpenter chart, merged last. Default: none."""

    def __post_init__(self) -> None:
        require(bool(self.region), "region", "is empty; name the region of the cluster")
        in_range(2 if self.replicas is None else self.replicas, 1, 5, "replicas", "pods")
