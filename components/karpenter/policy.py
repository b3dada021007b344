"""What the controller may do in AWS and what wakes it, as plain data.

The rights are those of Karpenter's reference for 1.14 (the CloudFormation template of its guide, read
2026-11-23), less all that writes instance profiles: node classes here name a profile that exists. All that it
makes carries the cluster's name, and it changes nothing without that tag.
"""

from collections.abc import Mapping
from typing import Any

from components._core.policy_documents import document, statement

INTERRUPTIONS: Mapping[str, Mapping[str, Any]] = {
    "spot": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]},
    "rebalance": {"source": ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"]},
    "reservation": {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Capacity Reservation Instance Interruption Warning"],
    },
    # The controller drops every other state and every other health event: do not send them.
    "state": {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
        "detail": {"state": ["stopping", "stopped", "shutting-down", "terminated"]},
    },
    "health": {
        "source": ["aws.health"],
        "detail-type": ["AWS Health Event"],
        "detail": {"service": ["EC2"], "eventTypeCategory": ["scheduledChange"]},
    },
}
"""Event patterns by rule name: what may end an instance."""

NODE_POLICIES = {
    "minimal": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
    "images": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
}
"""Managed policies of the node role, by short name."""

_USE_KEY = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def controller_policy(
    region: str,
    account: str,
    cluster: str,
    node_role_arn: str,
    queue_arn: str,
    queue_key_arn: str,
    volumes_key_arn: str,
) -> dict[str, Any]:
    """Return the policy of the controller: launch and end its own nodes, read offers, empty the queue."""
    return document(
        *_launch(region, account, cluster),
        *_own(region, account, cluster),
        *_read(region, account, cluster),
        statement(
            "PassNodeRole",
            ["iam:PassRole"],
            node_role_arn,
            conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
        statement("EmptyQueue", ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"], queue_arn),
        statement("ReadQueue", ["kms:Decrypt"], queue_key_arn, conditions=_via("sqs", region)),
        statement("UseVolumesKey", _USE_KEY, volumes_key_arn, conditions=_via("ec2", region)),
        statement(
            "GrantVolumesKey",
            ["kms:CreateGrant"],
            volumes_key_arn,
            conditions={**_via("ec2", region), "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )


def _launch(region: str, account: str, cluster: str) -> list[dict[str, Any]]:
    """Return what launching needs: existing things to launch from, and new things with the cluster's tags."""
    shared = ["security-group", "subnet", "capacity-reservation", "placement-group"]
    made = _ec2(
        region,
        account,
        *("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"),
    )
    requested = {
        "StringEquals": {
            f"aws:RequestTag/kubernetes.io/cluster/{cluster}": "owned",
            "aws:RequestTag/eks:eks-cluster-name": cluster,
        },
        "StringLike": {"aws:RequestTag/karpenter.sh/nodepool": "*"},
    }
    at_launch = {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]}
    return [
        statement(
            "LaunchFrom",
            ["ec2:RunInstances", "ec2:CreateFleet"],
            # Subnets and reservations may be shared by another account, images belong to nobody.
            [*_ec2(region, "", "image", "snapshot"), *_ec2(region, "*", *shared)],
        ),
        statement(
            "LaunchTagged",
            ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
            made,
            conditions=requested,
        ),
        statement(
            "TagAtLaunch",
            ["ec2:CreateTags"],
            made,
            conditions={**requested, "StringEquals": {**requested["StringEquals"], **at_launch}},
        ),
    ]


def _own(region: str, account: str, cluster: str) -> list[dict[str, Any]]:
    """Return what it may do to things that carry the cluster's tags."""
    owned = {
        "StringEquals": {f"aws:ResourceTag/kubernetes.io/cluster/{cluster}": "owned"},
        "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"},
    }
    names = {"aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]}
    templates, instances = _ec2(region, account, "launch-template"), _ec2(region, account, "instance")
    return [
        statement("LaunchOwn", ["ec2:RunInstances", "ec2:CreateFleet"], templates, conditions=owned),
        statement(
            "TagOwn",
            ["ec2:CreateTags"],
            instances,
            conditions={
                **owned,
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": cluster},
                "ForAllValues:StringEquals": names,
            },
        ),
        statement(
            "EndOwn",
            ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
            [*instances, *templates],
            conditions=owned,
        ),
    ]


def _read(region: str, account: str, cluster: str) -> list[dict[str, Any]]:
    """Return what it must see; calls that know no resources are held to the region."""
    described = ["CapacityReservations", "Images", "Instances", "InstanceStatus", "InstanceTypeOfferings"]
    described += ["InstanceTypes", "LaunchTemplates", "PlacementGroups", "SecurityGroups", "SpotPriceHistory"]
    described += ["Subnets"]
    profiles = f"arn:aws:iam::{account}:instance-profile/*"
    return [
        statement(
            "ReadRegion",
            [f"ec2:Describe{what}" for what in described],
            "*",
            conditions={"StringEquals": {"aws:RequestedRegion": region}},
        ),
        statement("ReadImages", ["ssm:GetParameter"], f"arn:aws:ssm:{region}::parameter/aws/service/*"),
        # Neither call knows resources; both only read.
        statement("ReadPricesAndProfiles", ["pricing:GetProducts", "iam:ListInstanceProfiles"], "*"),
        statement("ReadProfile", ["iam:GetInstanceProfile"], profiles),
        statement("ReadCluster", ["eks:DescribeCluster"], f"arn:aws:eks:{region}:{account}:cluster/{cluster}"),
    ]


def node_policy(region: str, account: str, cluster: str) -> dict[str, Any]:
    """Return what a node needs beside the managed policies to join: its name, limits, the service network."""
    return document(
        statement(
            "DescribeSelf",
            ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
            "*",
            conditions={"StringEquals": {"aws:RequestedRegion": region}},
        ),
        statement("DescribeCluster", ["eks:DescribeCluster"], f"arn:aws:eks:{region}:{account}:cluster/{cluster}"),
    )


def queue_policy(queue_arn: str, rule_arns: list[str]) -> dict[str, Any]:
    """Return the queue's policy: our event rules may send, and nobody does anything without TLS."""
    return document(
        statement(
            "RulesSend",
            ["sqs:SendMessage"],
            queue_arn,
            principals={"Service": "events.amazonaws.com"},
            conditions={"ArnEquals": {"aws:SourceArn": rule_arns}},
        ),
        statement(
            "TlsOnly",
            ["sqs:*"],
            queue_arn,
            effect="Deny",
            principals={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    )


def _ec2(region: str, account: str, *kinds: str) -> list[str]:
    return [f"arn:aws:ec2:{region}:{account}:{kind}/*" for kind in kinds]


def _via(service: str, region: str) -> dict[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}}
