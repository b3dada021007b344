"""The cluster that was up in an afternoon, three years ago.

Somebody followed a tutorial: one VPC of public subnets, an API that answers the whole internet, one big group of Intel
nodes on demand with an SSH key, everybody an administrator. It went into production with the first model, and nobody
has dared to upgrade it.
"""

from __future__ import annotations

import json

import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "platform")
ACCOUNT = "210987654321"


def program() -> None:
    """Network, cluster, nodes and who may use them."""
    watch_spending("platform")
    subnets = network()
    cluster = control_plane(subnets)
    nodes(cluster, subnets)
    add_ons(cluster)
    people(cluster)


def network() -> list[aws.ec2.Subnet]:
    """The tutorial's: public subnets only, and no way to AWS but through the internet."""
    vpc = aws.ec2.Vpc("tutorial", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
    gateway = aws.ec2.InternetGateway("tutorial", vpc_id=vpc.id)
    routes = aws.ec2.RouteTable(
        "tutorial-public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}]
    )
    subnets = []
    for number, zone in enumerate(("us-east-1a", "us-east-1b")):
        subnet = aws.ec2.Subnet(
            f"tutorial-public-{zone[-1]}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=f"10.0.{number}.0/24",
            map_public_ip_on_launch=True,
        )
        aws.ec2.RouteTableAssociation(f"tutorial-public-{zone[-1]}", subnet_id=subnet.id, route_table_id=routes.id)
        subnets.append(subnet)
    return subnets


def control_plane(subnets: list[aws.ec2.Subnet]) -> aws.eks.Cluster:
    """All defaults: public endpoint, no log, no key, and the creator is administrator for good."""
    role = aws.iam.Role("cluster", assume_role_policy=trusting("eks.amazonaws.com"))
    aws.iam.RolePolicyAttachment("cluster", role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")
    return aws.eks.Cluster(
        "ml",
        name="ml",
        version="1.30",
        role_arn=role.arn,
        vpc_config={
            "subnet_ids": [subnet.id for subnet in subnets],
            "endpoint_public_access": True,
            "public_access_cidrs": ["0.0.0.0/0"],
        },
    )


def nodes(cluster: aws.eks.Cluster, subnets: list[aws.ec2.Subnet]) -> None:
    """Amazon Linux 2, because the bootstrap script was written for it; SSH for when a node hangs."""
    role = aws.iam.Role("nodes", assume_role_policy=trusting("ec2.amazonaws.com"))
    for policy in ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"):
        aws.iam.RolePolicyAttachment(policy, role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}")
    aws.eks.NodeGroup(
        "workers",
        cluster_name=cluster.name,
        node_role_arn=role.arn,
        subnet_ids=[subnet.id for subnet in subnets],
        ami_type="AL2_x86_64",
        instance_types=["m5.2xlarge"],
        remote_access={"ec2_ssh_key": "ml-team"},
        scaling_config={"min_size": 3, "desired_size": 6, "max_size": 200},
    )


def add_ons(cluster: aws.eks.Cluster) -> None:
    """They call AWS with the node's role, as the tutorial left it; nothing enforces network policies."""
    for name in ("vpc-cni", "aws-ebs-csi-driver"):
        aws.eks.Addon(name, cluster_name=cluster.name, addon_name=name)


def people(cluster: aws.eks.Cluster) -> None:
    """Everybody is administrator: the first ones through aws-auth, the scientists through an access entry."""
    users = [{"userarn": f"arn:aws:iam::{ACCOUNT}:user/anna", "username": "anna", "groups": ["system:masters"]}]
    kubernetes.core.v1.ConfigMap(
        "aws-auth",
        metadata={"name": "aws-auth", "namespace": "kube-system"},
        data={"mapUsers": json.dumps(users)},
    )
    scientists = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Science_0f1e2d3c4b5a6978"
    aws.eks.AccessEntry("scientists", cluster_name=cluster.name, principal_arn=scientists)
    aws.eks.AccessPolicyAssociation(
        "scientists",
        cluster_name=cluster.name,
        principal_arn=scientists,
        policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        access_scope={"type": "cluster"},
    )


def trusting(service: str) -> str:
    """A trust policy for one service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
