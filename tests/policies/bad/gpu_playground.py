"""A development cluster for whoever wants to try a large model.

Auto Mode because it was one checkbox, on-demand GPUs because spot was interrupted once, a pool without a limit because
the limit was in the way of a demo, and a group of old V100s that still trains something. Nobody looks at their use, at
the version, or at where the logs go.
"""

from __future__ import annotations

import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "development"
TAGS = tags(ENVIRONMENT, "research")
ACCOUNT = "210987654321"
SUBNETS = ["subnet-0aa1bb2cc3dd4ee5f", "subnet-0ff5ee4dd3cc2bb1a"]


def program() -> None:
    """The cluster, two node groups and two Karpenter pools."""
    watch_spending("research")
    cluster = playground()
    node_groups(cluster)
    pools()


def playground() -> aws.eks.Cluster:
    """Sound as a cluster, but for its age and for what it costs."""
    key = aws.kms.Key("playground", description="Secrets of the playground", enable_key_rotation=True)
    role = f"arn:aws:iam::{ACCOUNT}:role/playground-cluster"
    aws.eks.Addon(
        "vpc-cni",
        cluster_name="playground",
        addon_name="vpc-cni",
        service_account_role_arn=f"arn:aws:iam::{ACCOUNT}:role/playground-cni",
        configuration_values='{"enableNetworkPolicy": "true"}',
    )
    return aws.eks.Cluster(
        "playground",
        name="playground",
        version="1.30",
        role_arn=role,
        access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False},
        compute_config={"enabled": True, "node_pools": ["general-purpose"], "node_role_arn": role},
        enabled_cluster_log_types=["api", "audit", "authenticator", "controllerManager", "scheduler"],
        encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
        kubernetes_network_config={"elastic_load_balancing": {"enabled": True}},
        storage_config={"block_storage": {"enabled": True}},
        vpc_config={"subnet_ids": SUBNETS, "endpoint_private_access": True, "endpoint_public_access": False},
    )


def node_groups(cluster: aws.eks.Cluster) -> None:
    """V100s that somebody keeps warm, and Trainium that this region does not even have."""
    for name, kind, least, most in (("v100", "p3dn.24xlarge", 1, 50), ("trainium", "trn2.48xlarge", 0, 2)):
        aws.eks.NodeGroup(
            name,
            cluster_name=cluster.name,
            node_role_arn=f"arn:aws:iam::{ACCOUNT}:role/playground-nodes",
            subnet_ids=SUBNETS,
            ami_type="AL2023_x86_64_NVIDIA",
            capacity_type="ON_DEMAND",
            instance_types=[kind],
            scaling_config={"min_size": least, "desired_size": least, "max_size": most},
        )


def pools() -> None:
    """One pool for every GPU there is, without a limit; one for CPUs that buys a single type on spot."""
    kubernetes.apiextensions.CustomResource(
        "playground-nodes",
        api_version="karpenter.k8s.aws/v1",
        kind="EC2NodeClass",
        metadata={"name": "playground"},
        spec={
            "role": "playground-nodes",
            "amiSelectorTerms": [{"alias": "al2023@v20261110"}],
            "associatePublicIPAddress": False,
            "subnetSelectorTerms": [{"id": subnet} for subnet in SUBNETS],
            "securityGroupSelectorTerms": [{"tags": {"aws:eks:cluster-name": "playground"}}],
        },
    )
    pool(
        "any-gpu",
        [
            {"key": "karpenter.k8s.aws/instance-family", "operator": "In", "values": ["g5", "g6", "p4d"]},
            {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
        ],
        disruption={"consolidationPolicy": "WhenEmpty", "consolidateAfter": "Never"},
    )
    pool(
        "cpu",
        [
            {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["m6i.4xlarge"]},
            {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]},
        ],
        disruption={"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "1m"},
        limits={"cpu": "64"},
    )


def pool(name: str, requirements: list[dict[str, object]], **spec: object) -> None:
    """A NodePool without taints and without labels."""
    reference = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "playground"}
    kubernetes.apiextensions.CustomResource(
        f"pool-{name}",
        api_version="karpenter.sh/v1",
        kind="NodePool",
        metadata={"name": name},
        spec={"template": {"spec": {"nodeClassRef": reference, "requirements": requirements}}, **spec},
    )
