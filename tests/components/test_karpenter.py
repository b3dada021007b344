"""Karpenter: what wakes it, what it may do, and what must outlive it."""

import json
from typing import Any

import pytest

from components._core import catalogue
from components._core.args import ArgsError
from components.karpenter import Karpenter, KarpenterArgs, KarpenterFeature, policy
from components.karpenter.values import controller_values
from tests.graph import ACCOUNT, Graph, record

RELEASE = "kubernetes:helm.sh/v3:Release"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
ENTRY = "aws:eks/accessEntry:AccessEntry"
CLUSTER = "acme-ml-dev"


def given(**overrides: Any) -> dict[str, Any]:
    args: dict[str, Any] = {
        "cluster_name": CLUSTER,
        "cluster_endpoint": "https://api.example.internal",
        "region": "eu-west-1",
        "account_id": ACCOUNT,
        "queue_key_arn": "arn:aws:kms:eu-west-1:1:key/queue",
        "volumes_key_arn": "arn:aws:kms:eu-west-1:1:key/volumes",
    }
    return {**args, **overrides}


def karpenter(preview: bool = False, **overrides: Any) -> Graph:
    args = KarpenterArgs(**given(**overrides))
    return record(lambda: Karpenter("karpenter", args).instance_profile_name, preview=preview)


def rights() -> dict[str, dict[str, Any]]:
    document = policy.controller_policy("eu-west-1", ACCOUNT, CLUSTER, "role", "queue", "queue-key", "volumes-key")
    return {s["Sid"]: s for s in document["Statement"]}


def test_karpenter_queue_is_encrypted_short_lived_and_fed_by_five_rules() -> None:
    graph = karpenter()
    queue = graph.one("aws:sqs/queue:Queue")
    assert queue.inputs["kmsMasterKeyId"] == "arn:aws:kms:eu-west-1:1:key/queue"
    assert queue.inputs["messageRetentionSeconds"] == 300
    patterns = {r.name: json.loads(r.inputs["eventPattern"]) for r in graph.of(RULE)}
    assert {p["detail-type"][0] for p in patterns.values()} == {
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Capacity Reservation Instance Interruption Warning",
        "AWS Health Event",
    }
    assert patterns["karpenter-on-health"]["detail"] == {
        "service": ["EC2"],
        "eventTypeCategory": ["scheduledChange"],
    }
    assert {t.inputs["arn"] for t in graph.of(TARGET)} == {f"arn:aws:sqs:us-east-1:{ACCOUNT}:karpenter-interruptions"}
    assert len(graph.of(TARGET)) == 5


def test_karpenter_queue_takes_messages_of_its_rules_and_only_by_tls() -> None:
    send, tls = json.loads(karpenter().named("karpenter-interruptions-policy").inputs["policy"])["Statement"]
    assert send["Principal"] == {"Service": "events.amazonaws.com"}
    assert len(send["Condition"]["ArnEquals"]["aws:SourceArn"]) == 5
    assert (tls["Effect"], tls["Principal"], tls["Action"]) == ("Deny", {"AWS": "*"}, ["sqs:*"])
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_karpenter_makes_and_ends_only_what_carries_the_tag_of_the_cluster() -> None:
    found = rights()
    for sid in ("LaunchTagged", "TagAtLaunch"):
        tags = found[sid]["Condition"]["StringEquals"]
        assert tags[f"aws:RequestTag/kubernetes.io/cluster/{CLUSTER}"] == "owned", sid
        assert all(f":{ACCOUNT}:" in arn for arn in found[sid]["Resource"]), sid
    for sid in ("LaunchOwn", "TagOwn", "EndOwn"):
        tags = found[sid]["Condition"]["StringEquals"]
        assert tags == {f"aws:ResourceTag/kubernetes.io/cluster/{CLUSTER}": "owned"}, sid


def test_karpenter_can_use_reservations_and_placement_groups() -> None:
    resources = rights()["LaunchFrom"]["Resource"]
    assert "arn:aws:ec2:eu-west-1:*:capacity-reservation/*" in resources
    assert "arn:aws:ec2:eu-west-1:*:placement-group/*" in resources


def test_karpenter_writes_nothing_in_iam_and_passes_one_role_to_ec2() -> None:
    iam = {a for s in rights().values() for a in s["Action"] if a.startswith("iam:")}
    assert iam == {"iam:PassRole", "iam:GetInstanceProfile", "iam:ListInstanceProfiles"}
    assert rights()["PassNodeRole"]["Resource"] == "role"
    assert rights()["PassNodeRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}


def test_karpenter_star_resources_are_reads_only() -> None:
    actions = {a for s in rights().values() if s["Resource"] == "*" for a in s["Action"]}
    assert all(a.startswith(("ec2:Describe", "pricing:Get", "iam:List")) for a in actions)


def test_karpenter_inline_policy_is_within_the_limit_of_a_role() -> None:
    # 10 240 characters for all inline policies of a role: IAM user guide, quotas, read 2026-11-23.
    text = karpenter().named("karpenter-controller-policy").inputs["policy"]
    assert len(text.replace(" ", "")) < 10_240


def test_karpenter_controller_signs_in_by_pod_identity() -> None:
    association = karpenter().one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("kube-system", "karpenter")
    assert association["clusterName"] == CLUSTER


def test_karpenter_nodes_get_a_role_with_an_access_entry() -> None:
    graph = karpenter()
    entry = graph.one(ENTRY).inputs
    assert (entry["type"], entry["clusterName"]) == ("EC2_LINUX", CLUSTER)
    assert entry["principalArn"].endswith(":karpenter-node-role")
    assert graph.one("aws:iam/instanceProfile:InstanceProfile").inputs["role"] == "karpenter-node-role"
    attached = graph.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {a.inputs["policyArn"].rpartition("/")[2] for a in attached} == {
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEC2ContainerRegistryPullOnly",
    }


def test_karpenter_with_the_nodes_role_of_the_cluster_makes_neither_role_nor_entry() -> None:
    shared = f"arn:aws:iam::{ACCOUNT}:role/cluster-nodes"
    graph = karpenter(node_role_arn=shared)
    assert graph.of(ENTRY) == []
    assert [r.name for r in graph.of("aws:iam/role:Role")] == ["karpenter-controller-role"]
    assert graph.outputs_of("karpenter")["node_role_name"] == "cluster-nodes"
    passed = json.loads(graph.named("karpenter-controller-policy").inputs["policy"])["Statement"]
    assert [s["Resource"] for s in passed if s["Sid"] == "PassNodeRole"] == [shared]


def test_karpenter_definitions_come_first_and_everything_it_needs_outlives_it() -> None:
    graph = karpenter()
    release = graph.one(RELEASE, "karpenter-controller")
    assert graph.depends(release, on=graph.one(RELEASE, "karpenter-crd"))
    needed = [r for r in graph.resources if r.type.startswith("aws:")]
    for resource in needed:
        assert graph.depends(release, on=resource), resource.name


def test_karpenter_values_are_keys_of_the_chart() -> None:
    args = KarpenterArgs(**given(features=[KarpenterFeature.NODE_REPAIR], service_monitor=True, isolated=True))
    values = controller_values(args, "queue")
    catalogue.check_values("karpenter", values)
    assert values["settings"]["featureGates"] == {
        "reservedCapacity": True,
        "nodeRepair": True,
        "nodeOverlay": False,
        "spotToSpotConsolidation": False,
        "staticCapacity": False,
        "capacityBuffer": False,
    }
    assert values["settings"]["isolatedVPC"] is True
    assert values["serviceMonitor"] == {"enabled": True}


def test_karpenter_values_by_default_name_cluster_queue_and_region() -> None:
    release = karpenter().one(RELEASE, "karpenter-controller").inputs
    settings = release["values"]["settings"]
    assert settings["clusterName"] == CLUSTER
    assert settings["interruptionQueue"] == "karpenter-interruptions"
    assert release["values"]["controller"]["env"] == [{"name": "AWS_REGION", "value": "eu-west-1"}]
    assert release["namespace"] == "kube-system"


def test_karpenter_extra_values_win() -> None:
    graph = karpenter(extra_values={"replicas": 3, "logLevel": "debug"})
    values = graph.one(RELEASE, "karpenter-controller").inputs["values"]
    assert (values["replicas"], values["logLevel"]) == (3, "debug")
    assert values["serviceAccount"] == {"name": "karpenter"}


def test_karpenter_charts_come_from_the_mirror_when_there_is_one() -> None:
    charts = [r.inputs["chart"] for r in karpenter(mirror="oci://registry.example.com/charts").of(RELEASE)]
    assert sorted(charts) == [
        "oci://registry.example.com/charts/karpenter",
        "oci://registry.example.com/charts/karpenter-crd",
    ]


def test_karpenter_registers_exactly_its_annotated_outputs() -> None:
    assert karpenter().outputs_of("karpenter").keys() == {
        "node_role_name",
        "node_role_arn",
        "instance_profile_name",
        "interruption_queue_name",
        "controller_role_arn",
    }


def test_karpenter_children_are_parented_and_tagged() -> None:
    graph = karpenter()
    untaggable = ("Policy", "EventTarget")
    for child in graph.resources:
        if child.name != "karpenter":
            assert graph.parent_of(child) == "karpenter", child.name
            if child.type.startswith("aws:") and not any(word in child.type for word in untaggable):
                assert child.inputs["tags"] == {"component": "karpenter"}, child.name


def test_karpenter_preview_with_everything_unknown_works() -> None:
    assert sorted(r.name for r in karpenter(preview=True).resources) == sorted(r.name for r in karpenter().resources)


def test_karpenter_hosted_mapping_equals_local_args() -> None:
    hosted = given(features=["nodeRepair"], replicas=1.0)
    graph = record(lambda: Karpenter("karpenter", hosted).node_role_name)  # type: ignore[arg-type]
    local = karpenter(features=[KarpenterFeature.NODE_REPAIR], replicas=1)
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"region": ""}, "region: is empty; name the region of the cluster"),
        ({"replicas": 9}, "replicas: 9 is outside 1 to 5 pods; choose a value inside"),
    ],
)
def test_karpenter_fails_with_a_message_that_says_what_to_change(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        KarpenterArgs(**given(**overrides))
    assert str(caught.value) == message
