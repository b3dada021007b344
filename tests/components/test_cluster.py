"""The cluster: what is created, how it is closed, and in what order it comes and goes."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.cluster import Cluster, ClusterArgs, SystemImage, SystemNodesArgs
from tests.graph import ACCOUNT, Graph, record

CONTROL_PLANE = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
NODES = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
OUTPUTS = {
    "cluster_name",
    "endpoint",
    "certificate_authority",
    "kubeconfig",
    "security_group_id",
    "node_role_arn",
    "node_role_name",
    "version",
    "access_ready",
}


def minimal(**overrides: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "cluster_name": "acme-ml-dev",
        "region": "eu-west-1",
        "account_id": ACCOUNT,
        "private_subnet_ids": ["subnet-a", "subnet-b"],
        "secrets_key_arn": "arn:aws:kms:eu-west-1:1:key/secrets",
        "volumes_key_arn": "arn:aws:kms:eu-west-1:1:key/volumes",
        "log_key_arn": "arn:aws:kms:eu-west-1:1:key/logs",
        "administrators": [DEPLOYER],
    }
    return {**given, **overrides}


def cluster(preview: bool = False, **overrides: Any) -> Graph:
    args = ClusterArgs(**minimal(**overrides))
    return record(lambda: Cluster("cluster", args).kubeconfig, preview=preview)


def test_cluster_by_default_is_private_logged_encrypted_and_protected() -> None:
    inputs = cluster().one(CONTROL_PLANE).inputs
    assert inputs["vpcConfig"] == {
        "subnetIds": ["subnet-a", "subnet-b"],
        "endpointPrivateAccess": True,
        "endpointPublicAccess": False,
    }
    assert inputs["enabledClusterLogTypes"] == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    assert inputs["encryptionConfig"] == {
        "provider": {"keyArn": "arn:aws:kms:eu-west-1:1:key/secrets"},
        "resources": ["secrets"],
    }
    assert inputs["deletionProtection"] is True
    assert inputs["upgradePolicy"] == {"supportType": "STANDARD"}
    assert inputs["bootstrapSelfManagedAddons"] is False


def test_cluster_access_comes_from_entries_only_and_not_from_having_created_it() -> None:
    other = f"arn:aws:iam::{ACCOUNT}:user/ops"
    graph = cluster(administrators=[DEPLOYER, other])
    assert graph.one(CONTROL_PLANE).inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert [e.inputs["principalArn"] for e in graph.of(ENTRY)] == [DEPLOYER, other]
    for association in graph.of(ASSOCIATION):
        assert association.inputs["policyArn"].endswith("/AmazonEKSClusterAdminPolicy")
        assert association.inputs["accessScope"] == {"type": "cluster"}


def test_cluster_administrator_keeps_its_name_when_another_leaves_the_list() -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    before = {e.inputs["principalArn"]: e.name for e in cluster(administrators=[other, DEPLOYER]).of(ENTRY)}
    after = {e.inputs["principalArn"]: e.name for e in cluster(administrators=[DEPLOYER]).of(ENTRY)}
    assert after[DEPLOYER] == before[DEPLOYER]


def test_cluster_logs_have_a_key_and_an_end_and_are_there_first() -> None:
    graph = cluster(log_retention_days=365)
    logs = graph.one("aws:cloudwatch/logGroup:LogGroup")
    assert logs.inputs["name"] == "/aws/eks/acme-ml-dev/cluster"
    assert (logs.inputs["retentionInDays"], logs.inputs["kmsKeyId"]) == (
        365,
        "arn:aws:kms:eu-west-1:1:key/logs",
    )
    assert graph.depends(graph.one(CONTROL_PLANE), on=logs)


def test_cluster_named_networks_open_the_public_endpoint_to_them_only() -> None:
    vpc = cluster(public_access_cidrs=["203.0.113.0/24"]).one(CONTROL_PLANE).inputs["vpcConfig"]
    assert (vpc["endpointPublicAccess"], vpc["publicAccessCidrs"]) == (True, ["203.0.113.0/24"])
    assert vpc["endpointPrivateAccess"] is True


def test_cluster_addons_are_managed_and_sign_in_with_pod_identity() -> None:
    graph = cluster(addon_versions={"coredns": "v1.13.2-eksbuild.4"})
    addons = {a.inputs["addonName"]: a.inputs for a in graph.of(ADDON)}
    assert set(addons) == {
        "vpc-cni",
        "kube-proxy",
        "coredns",
        "eks-pod-identity-agent",
        "aws-ebs-csi-driver",
        "metrics-server",
    }
    assert {n for n, a in addons.items() if "podIdentityAssociations" in a} == {
        "vpc-cni",
        "aws-ebs-csi-driver",
    }
    assert json.loads(addons["vpc-cni"]["configurationValues"]) == {"enableNetworkPolicy": "true"}
    assert addons["coredns"]["addonVersion"] == "v1.13.2-eksbuild.4"
    assert "addonVersion" not in addons["vpc-cni"]
    for inputs in addons.values():
        assert (inputs["resolveConflictsOnCreate"], inputs["resolveConflictsOnUpdate"]) == (
            "OVERWRITE",
            "OVERWRITE",
        )
        assert "serviceAccountRoleArn" not in inputs


def test_cluster_nodes_hold_no_right_but_to_join_and_to_pull() -> None:
    graph = cluster()
    attached = {
        a.inputs["policyArn"].rpartition("/")[2]
        for a in graph.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if a.inputs["role"] == "cluster-nodes-role"
    }
    assert attached == {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"}
    policy = json.loads(graph.named("cluster-nodes-join").inputs["policy"])
    assert {a for s in policy["Statement"] for a in s["Action"]} == {
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceTypes",
        "eks:DescribeCluster",
    }
    assert policy["Statement"][1]["Resource"] == f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/acme-ml-dev"


def test_cluster_volume_driver_uses_the_key_through_ec2_only() -> None:
    policy = json.loads(cluster().named("cluster-ebs-csi-driver-key").inputs["policy"])
    for statement in policy["Statement"]:
        assert statement["Resource"] == "arn:aws:kms:eu-west-1:1:key/volumes"
        assert statement["Condition"]["StringEquals"] == {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}
    assert policy["Statement"][1]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_cluster_system_nodes_by_default_are_two_with_closed_metadata_and_encrypted_disks() -> None:
    graph = cluster()
    template = graph.one(TEMPLATE).inputs
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (disk,) = template["blockDeviceMappings"]
    assert disk["ebs"]["kmsKeyId"] == "arn:aws:kms:eu-west-1:1:key/volumes"
    assert (disk["ebs"]["volumeType"], disk["ebs"]["encrypted"], disk["ebs"]["volumeSize"]) == (
        "gp3",
        "true",
        80,
    )
    group = graph.one(NODES).inputs
    assert group["scalingConfig"] == {"minSize": 2, "desiredSize": 2, "maxSize": 3}
    assert group["instanceTypes"] == ["m7i.xlarge", "m6i.xlarge"]
    assert group["amiType"] == "AL2023_x86_64_STANDARD"
    assert group["labels"] == {"mlops.dev/pool": "system"}
    assert "taints" not in group


def test_cluster_bottlerocket_on_arm_keeps_its_data_on_a_disk_of_its_own() -> None:
    nodes = SystemNodesArgs(instance_types=["m7g.xlarge"], image=SystemImage.BOTTLEROCKET, disk_gib=120)
    graph = cluster(system_nodes=nodes)
    disks = graph.one(TEMPLATE).inputs["blockDeviceMappings"]
    assert [(d["deviceName"], d["ebs"]["volumeSize"]) for d in disks] == [
        ("/dev/xvda", 4),
        ("/dev/xvdb", 120),
    ]
    assert graph.one(NODES).inputs["amiType"] == "BOTTLEROCKET_ARM_64"


def test_cluster_instances_and_disks_carry_the_cost_tags() -> None:
    specifications = cluster(instance_tags={"cost-center": "42"}).one(TEMPLATE).inputs["tagSpecifications"]
    assert [s["resourceType"] for s in specifications] == ["instance", "volume", "network-interface"]
    for specification in specifications:
        assert specification["tags"] == {"component": "cluster", "node-pool": "system", "cost-center": "42"}


def test_cluster_nodes_come_after_network_and_identity_and_before_the_other_addons() -> None:
    graph = cluster()
    nodes = graph.one(NODES)
    addons = {a.inputs["addonName"]: a for a in graph.of(ADDON)}
    for name in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent"):
        assert graph.depends(nodes, on=addons[name]), name
    for name in ("coredns", "aws-ebs-csi-driver", "metrics-server"):
        assert graph.depends(addons[name], on=nodes), name
    for right in ("cluster-nodes-minimal", "cluster-nodes-images", "cluster-nodes-join"):
        assert graph.depends(nodes, on=graph.named(right)), right


def test_cluster_kubernetes_provider_waits_for_access_nodes_and_addons() -> None:
    def program() -> pulumi.Output[str]:
        made = Cluster("cluster", ClusterArgs(**minimal()))
        k8s.Provider("kubernetes", kubeconfig=made.kubeconfig)
        return made.access_ready

    graph = record(program)
    provider = graph.one("pulumi:providers:kubernetes")
    for later in [*graph.of(ASSOCIATION), *graph.of(NODES), *graph.of(ADDON)]:
        assert graph.depends(provider, on=later), later.name
    assert graph.result == "acme-ml-dev"


def test_cluster_kubeconfig_signs_in_by_the_aws_command_and_holds_no_secret() -> None:
    config = json.loads(cluster(token_role_arn=DEPLOYER).result)
    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "aws"
    assert user["user"]["exec"]["args"] == [
        *["eks", "get-token", "--cluster-name", "acme-ml-dev", "--region", "eu-west-1", "--output", "json"],
        *["--role-arn", DEPLOYER],
    ]
    assert config["clusters"][0]["cluster"] == {
        "server": "cluster-control-plane.example.internal",
        "certificate-authority-data": "LS0t",
    }


def test_cluster_registers_exactly_its_annotated_outputs() -> None:
    outputs = cluster().outputs_of("cluster")
    assert outputs.keys() == OUTPUTS
    assert outputs["security_group_id"] == "sg-cluster-control-plane"
    assert outputs["node_role_name"] == "cluster-nodes-role"


def test_cluster_children_are_parented_and_tagged() -> None:
    graph = cluster()
    untaggable = ("rolePolicy", "accessPolicyAssociation")
    for child in graph.resources:
        if child.name != "cluster":
            assert graph.parent_of(child) == "cluster", child.name
            if not any(word in child.type for word in untaggable):
                assert child.inputs["tags"]["component"] == "cluster", child.name


def test_cluster_preview_with_everything_unknown_works() -> None:
    graph = cluster(preview=True)
    assert {r.type for r in graph.resources} == {r.type for r in cluster().resources}


def test_cluster_hosted_mapping_equals_local_args() -> None:
    nodes = {"instance_types": ["m7g.large"], "min_nodes": 3.0, "image": "bottlerocket"}
    hosted = minimal(system_nodes=nodes, deletion_protection=False)
    local = cluster(
        system_nodes=SystemNodesArgs(instance_types=["m7g.large"], min_nodes=3, image=SystemImage.BOTTLEROCKET),
        deletion_protection=False,
    )
    graph = record(lambda: Cluster("cluster", hosted).kubeconfig)  # type: ignore[arg-type]
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}
