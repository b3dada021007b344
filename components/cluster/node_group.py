"""What the system node group is made of, as plain data: image, disks, metadata options, policies."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components._core.policy_documents import document, statement
from components.cluster.args import SystemImage

NODE_LABEL = "mlops.dev/pool"
"""Label that names a node's pool; system nodes have the value `system`."""

NODE_POLICIES = {
    # Pod Identity credentials only; AmazonEKSWorkerNodePolicy would also read routes, volumes and groups.
    "minimal": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    "images": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
}
"""Managed policies of node roles, by short name."""

_IMAGE_TYPES = {
    (SystemImage.AL2023, "amd64"): "AL2023_x86_64_STANDARD",
    (SystemImage.AL2023, "arm64"): "AL2023_ARM_64_STANDARD",
    (SystemImage.BOTTLEROCKET, "amd64"): "BOTTLEROCKET_x86_64",
    (SystemImage.BOTTLEROCKET, "arm64"): "BOTTLEROCKET_ARM_64",
}


def image_type(image: SystemImage, architecture: str) -> str:
    """Return EKS's image type for an operating system and an architecture."""
    return _IMAGE_TYPES[image, architecture]


def node_policy(region: str, account_id: pulumi.Input[str], cluster_name: str) -> dict[str, Any]:
    """Return what a node needs beside the managed policies to join.

    nodeadm asks EC2 for its own DNS name and, for a type newer than the image, for its pod limit;
    Bottlerocket asks EKS for the service network. Source: awslabs/amazon-eks-ami issues 2436 and 2632, read
    2026-11-23.
    """
    cluster = pulumi.Output.concat(f"arn:aws:eks:{region}:", account_id, f":cluster/{cluster_name}")
    describe = ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"]
    here = {"StringEquals": {"aws:RequestedRegion": region}}
    return document(
        # Describe calls of EC2 know no resources, only the region narrows them.
        statement("DescribeSelf", describe, "*", conditions=here),
        statement("DescribeCluster", ["eks:DescribeCluster"], cluster),
    )


def volume_key_policy(region: str, key_arn: pulumi.Input[str]) -> dict[str, Any]:
    """Return what the volume driver needs on the volumes' key: use through EC2 only, grants for AWS only."""
    through = {"kms:ViaService": f"ec2.{region}.amazonaws.com"}
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    return document(
        statement("UseVolumesKey", use, key_arn, conditions={"StringEquals": through}),
        statement(
            "GrantVolumesKey",
            ["kms:CreateGrant"],
            key_arn,
            conditions={"StringEquals": through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )


def secrets_key_policy(key_arn: pulumi.Input[str]) -> dict[str, Any]:
    """Return what the control plane's role needs on the key of the Kubernetes secrets."""
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"]
    return document(statement("UseSecretsKey", use, key_arn))


def disks(image: SystemImage, disk_gib: int, key_arn: pulumi.Input[str]) -> list[Any]:
    """Return block device mappings: gp3, with our key. Bottlerocket keeps data on a disk of its own."""
    sizes = {"/dev/xvda": disk_gib}
    if image is SystemImage.BOTTLEROCKET:
        sizes = {"/dev/xvda": 4, "/dev/xvdb": disk_gib}
    return [
        {
            "device_name": name,
            "ebs": {
                "volume_type": "gp3",
                "volume_size": size,
                "encrypted": "true",
                "kms_key_id": key_arn,
                "delete_on_termination": "true",
            },
        }
        for name, size in sizes.items()
    ]


def metadata_options() -> Any:
    """Return instance metadata options: version 2 only, and out of reach of pods.

    One hop reaches the host network, where the CNI and the Pod Identity agent run. Nothing else needs it:
    pods sign in with Pod Identity, and the volume driver falls back to the Kubernetes API.
    """
    return {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1}


def tag_specifications(tags: Mapping[str, str]) -> list[Any]:
    """Return the same tags for everything that a launch makes."""
    return [{"resource_type": kind, "tags": dict(tags)} for kind in ("instance", "volume", "network-interface")]
