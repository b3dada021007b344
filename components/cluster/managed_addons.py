"""The add-ons that EKS manages: which, in what order, with which permissions. Pure data."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Optional

from components._core.args import ArgsError

CNI = "vpc-cni"
POD_IDENTITY = "eks-pod-identity-agent"
EBS_CSI = "aws-ebs-csi-driver"


@dataclasses.dataclass(frozen=True)
class ManagedAddon:
    """One add-on of EKS.

    `before_nodes`: a node is ready only with it, so it comes first and leaves last; the others need a node.
    `service_account` and `policy_arn`: its rights in AWS, through Pod Identity and never the node's role.
    """

    name: str
    before_nodes: bool
    service_account: Optional[str] = None
    policy_arn: Optional[str] = None
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def role(self) -> str:
        """Logical role of its child resources: the name without vendor prefixes."""
        return self.name.removeprefix("aws-").removeprefix("eks-")


def managed_addons(cluster_name: str) -> tuple[ManagedAddon, ...]:
    """Return the add-ons of a cluster; volumes carry the cluster's name, so that lost ones can be found."""
    return (
        ManagedAddon(POD_IDENTITY, before_nodes=True),
        ManagedAddon("kube-proxy", before_nodes=True),
        ManagedAddon(
            CNI,
            before_nodes=True,
            service_account="aws-node",
            policy_arn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
            # A string: the add-on's schema says so (aws eks describe-addon-configuration).
            settings={"enableNetworkPolicy": "true"},
        ),
        ManagedAddon("coredns", before_nodes=False),
        ManagedAddon(
            EBS_CSI,
            before_nodes=False,
            service_account="ebs-csi-controller-sa",
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
            settings={"controller": {"extraVolumeTags": {"mlops.dev/cluster": cluster_name}}},
        ),
        ManagedAddon("metrics-server", before_nodes=False),
    )


def settings_json(addon: ManagedAddon) -> Optional[str]:
    """Return an add-on's configuration as EKS takes it; None for its defaults."""
    return json.dumps(addon.settings, sort_keys=True) if addon.settings else None


def check_versions(versions: Mapping[str, str], path: str) -> None:
    """Refuse versions of add-ons that are not installed."""
    known = [addon.name for addon in managed_addons("any")]
    for name in versions:
        if name not in known:
            raise ArgsError(f"{path}.{name}", f"is not a managed add-on here; use one of {', '.join(known)}")
