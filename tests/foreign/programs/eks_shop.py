"""An EKS cluster with two managed node groups, and a shop on it that two Services open to the internet."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


def trust(service: str) -> str:
    """Return the policy that lets a service take a role."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


vpc = aws.ec2.Vpc("eks", cidr_block="10.80.0.0/16", enable_dns_hostnames=True)
gateway = aws.ec2.InternetGateway("eks", vpc_id=vpc.id)
public = aws.ec2.RouteTable("public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
subnets = []
for number, zone in enumerate(ZONES):
    outer = aws.ec2.Subnet(f"public-{number}", vpc_id=vpc.id, cidr_block=f"10.80.{number}.0/24", availability_zone=zone)
    aws.ec2.RouteTableAssociation(f"public-{number}", subnet_id=outer.id, route_table_id=public.id)
    nat = aws.ec2.NatGateway(
        f"nat-{number}",
        subnet_id=outer.id,
        allocation_id=aws.ec2.Eip(f"nat-{number}", domain="vpc").allocation_id,
        opts=pulumi.ResourceOptions(depends_on=[gateway]),
    )
    inner = aws.ec2.Subnet(
        f"private-{number}", vpc_id=vpc.id, cidr_block=f"10.80.{number + 100}.0/24", availability_zone=zone
    )
    private = aws.ec2.RouteTable(
        f"private-{number}", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}]
    )
    aws.ec2.RouteTableAssociation(f"private-{number}", subnet_id=inner.id, route_table_id=private.id)
    subnets.append(inner)

role = aws.iam.Role("cluster", assume_role_policy=trust("eks.amazonaws.com"))
aws.iam.RolePolicyAttachment("cluster", role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")
cluster = aws.eks.Cluster(
    "shop",
    role_arn=role.arn,
    version="1.34",
    vpc_config={"subnet_ids": [subnet.id for subnet in subnets], "endpoint_private_access": True},
    enabled_cluster_log_types=["api", "audit"],
)

node_role = aws.iam.Role("nodes", assume_role_policy=trust("ec2.amazonaws.com"))
attached = [
    aws.iam.RolePolicyAttachment(f"nodes-{name}", role=node_role.name, policy_arn=f"arn:aws:iam::aws:policy/{name}")
    for name in ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")
]
template = aws.ec2.LaunchTemplate(
    "steady",
    block_device_mappings=[
        {"device_name": "/dev/xvda", "ebs": {"volume_type": "gp3", "volume_size": 80, "delete_on_termination": "true"}}
    ],
    metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 2},
)
steady = aws.eks.NodeGroup(
    "steady",
    cluster_name=cluster.name,
    node_role_arn=node_role.arn,
    subnet_ids=[subnet.id for subnet in subnets],
    instance_types=["m5.large"],
    scaling_config={"min_size": 3, "desired_size": 3, "max_size": 9},
    launch_template={"id": template.id, "version": template.latest_version.apply(str)},
    opts=pulumi.ResourceOptions(depends_on=attached),
)
cheap = aws.eks.NodeGroup(
    "cheap",
    cluster_name=cluster.name,
    node_role_arn=node_role.arn,
    subnet_ids=[subnet.id for subnet in subnets],
    instance_types=["m5.xlarge", "m5a.xlarge", "m6i.xlarge"],
    capacity_type="SPOT",
    disk_size=50,
    scaling_config={"min_size": 0, "desired_size": 1, "max_size": 20},
    labels={"lifecycle": "spot"},
    taints=[{"key": "spot", "value": "true", "effect": "NO_SCHEDULE"}],
    opts=pulumi.ResourceOptions(depends_on=attached),
)
for name in ("vpc-cni", "coredns", "kube-proxy", "aws-ebs-csi-driver"):
    aws.eks.Addon(name, cluster_name=cluster.name, addon_name=name, opts=pulumi.ResourceOptions(depends_on=[steady]))


def kubeconfig(told: list[str]) -> str:
    """Return a kubeconfig that asks the aws command for a token."""
    name, endpoint, authority = told
    command = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws"}
    user = {"exec": {**command, "args": ["eks", "get-token", "--cluster-name", name]}}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": endpoint, "certificate-authority-data": authority}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
            "users": [{"name": name, "user": user}],
        }
    )


authority = cluster.certificate_authority.apply(lambda found: found.data)
provider = k8s.Provider(
    "shop", kubeconfig=pulumi.Output.all(cluster.name, cluster.endpoint, authority).apply(kubeconfig)
)
inside = pulumi.ResourceOptions(provider=provider, depends_on=[steady, cheap])

namespace = k8s.core.v1.Namespace("shop", metadata={"name": "shop"}, opts=inside)
k8s.storage.v1.StorageClass(
    "fast",
    metadata={"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    provisioner="ebs.csi.aws.com",
    parameters={"type": "gp3", "iops": "5000"},
    opts=inside,
)
k8s.core.v1.Secret(
    "shop", metadata={"name": "shop", "namespace": "shop"}, string_data={"TOKEN": "local-only"}, opts=inside
)


def workload(name: str, replicas: int) -> None:
    """A Deployment with what it needs to run."""
    labels = {"app": name}
    container = {
        "name": name,
        "image": f"registry.example.com/{name}:1.8",
        "resources": {"requests": {"cpu": "500m", "memory": "512Mi"}},
    }
    k8s.apps.v1.Deployment(
        name,
        metadata={"name": name, "namespace": "shop"},
        spec={
            "replicas": replicas,
            "selector": {"match_labels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
        opts=inside,
    )


workload("storefront", 6)
workload("checkout", 3)
k8s.apps.v1.StatefulSet(
    "basket",
    metadata={"name": "basket", "namespace": "shop"},
    spec={
        "serviceName": "basket",
        "replicas": 3,
        "selector": {"matchLabels": {"app": "basket"}},
        "template": {
            "metadata": {"labels": {"app": "basket"}},
            "spec": {"containers": [{"name": "valkey", "image": "valkey/valkey:8"}]},
        },
        "volumeClaimTemplates": [
            {
                "metadata": {"name": "data"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "20Gi"}}},
            }
        ],
    },
    opts=inside,
)
storefront = k8s.core.v1.Service(
    "storefront",
    metadata={
        "name": "storefront",
        "namespace": "shop",
        "annotations": {"service.beta.kubernetes.io/aws-load-balancer-type": "nlb"},
    },
    spec={"type": "LoadBalancer", "selector": {"app": "storefront"}, "ports": [{"port": 443}]},
    opts=inside,
)
k8s.core.v1.Service(
    "partners",
    metadata={"name": "partners", "namespace": "shop"},
    spec={"type": "LoadBalancer", "selector": {"app": "checkout"}, "ports": [{"port": 8443}]},
    opts=inside,
)
k8s.core.v1.Service(
    "checkout",
    metadata={"name": "checkout", "namespace": "shop"},
    spec={"selector": {"app": "checkout"}, "ports": [{"port": 80}]},
    opts=inside,
)
k8s.core.v1.PersistentVolumeClaim(
    "uploads",
    metadata={"name": "uploads", "namespace": "shop"},
    spec={
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "efs-shared",
        "resources": {"requests": {"storage": "500Gi"}},
    },
    opts=inside,
)
k8s.autoscaling.v2.HorizontalPodAutoscaler(
    "storefront",
    metadata={"name": "storefront", "namespace": "shop"},
    spec={
        "minReplicas": 6,
        "maxReplicas": 30,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "storefront"},
    },
    opts=inside,
)
k8s.helm.v3.Release(
    "metrics",
    chart="metrics-server",
    version="3.12.2",
    namespace="kube-system",
    repository_opts={"repo": "https://kubernetes-sigs.github.io/metrics-server"},
    opts=inside,
)

pulumi.export("cluster", cluster.name)
