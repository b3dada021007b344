"""A pool as resources: Karpenter's objects, a managed node group, and what goes before what."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components._core import kubernetes
from components.gpu_node_pool import (
    CapacityType,
    DisruptionBudgetArgs,
    GpuNodePool,
    GpuNodePoolArgs,
    MigArgs,
    MigStrategy,
    PoolKind,
    ReservationArgs,
    TaintArgs,
    TaintEffect,
)
from tests.graph import Graph, record

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODES = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
PLACEMENT = "aws:ec2/placementGroup:PlacementGroup"
KEY = "arn:aws:kms:us-west-2:1:key/volumes"
RESERVATION = "cr-0123456789abcdef0"


def given(**overrides: Any) -> dict[str, Any]:
    args: dict[str, Any] = {
        "pool_name": "train",
        "region": "us-west-2",
        "instance_types": ["g6.12xlarge"],
        "capacity": [CapacityType.SPOT, CapacityType.ON_DEMAND],
        "gpu_limit": 16,
        "cluster_name": "acme-ml-dev",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "cluster_security_group_id": "sg-cluster",
        "volumes_key_arn": KEY,
        "instance_profile_name": "nodes",
    }
    return {**args, **overrides}


def managed(**overrides: Any) -> dict[str, Any]:
    common = given(kind=PoolKind.MANAGED_NODE_GROUP, capacity=[CapacityType.ON_DEMAND], node_role_arn="role")
    del common["instance_profile_name"]
    return {**common, **overrides}


def pool(preview: bool = False, **args: Any) -> Graph:
    made = GpuNodePoolArgs(**args)
    return record(lambda: GpuNodePool("pool", made).tolerations, preview=preview)


def spec(graph: Graph, type_: str) -> dict[str, Any]:
    found: dict[str, Any] = graph.one(type_).inputs["spec"]
    return found


def test_pool_by_default_is_karpenters_limited_and_scales_to_zero() -> None:
    found = spec(pool(**given()), NODE_POOL)
    assert found["limits"] == {"nvidia.com/gpu": "16", "cpu": "192", "memory": "768Gi"}
    assert found["disruption"] == {
        "consolidationPolicy": "WhenEmpty",
        "consolidateAfter": "5m",
        "budgets": [{"nodes": "10%"}],
    }
    template = found["template"]["spec"]
    assert template["taints"] == [{"key": "nvidia.com/gpu", "effect": "NoSchedule", "value": "true"}]
    assert (template["expireAfter"], template["terminationGracePeriod"]) == ("720h", "1h")
    assert template["nodeClassRef"] == {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "train"}


def test_pool_node_class_is_pinned_encrypted_and_closed_to_pods() -> None:
    found = spec(pool(**given()), NODE_CLASS)
    assert found["amiSelectorTerms"] == [{"alias": "al2023@v20260903"}]
    assert found["instanceProfile"] == "nodes"
    assert found["subnetSelectorTerms"] == [{"id": "subnet-a"}, {"id": "subnet-b"}]
    assert found["securityGroupSelectorTerms"] == [{"id": "sg-cluster"}]
    assert found["metadataOptions"]["httpTokens"] == "required"
    assert found["metadataOptions"]["httpPutResponseHopLimit"] == 1
    (disk,) = found["blockDeviceMappings"]
    assert disk["ebs"]["kmsKeyID"] == KEY
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeSize"]) == (True, "200Gi")
    assert found["associatePublicIPAddress"] is False
    assert found["tags"] == {"component": "gpu-node-pool", "node-pool": "train"}


def test_pool_outputs_tell_pods_what_to_ask_for() -> None:
    dedicated = TaintArgs(key="example.com/team", value="vision", effect=TaintEffect.NO_EXECUTE)
    outputs = pool(**given(taints=[dedicated])).outputs_of("pool")
    assert outputs == {
        "pool_name": "train",
        "node_class_name": "train",
        "accelerator_resource": "nvidia.com/gpu",
        "selector": {"mlops.dev/pool": "train"},
        "tolerations": [
            {"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"},
            {"key": "example.com/team", "operator": "Equal", "value": "vision", "effect": "NoExecute"},
        ],
    }


def test_pool_teams_are_labels_and_a_cost_tag() -> None:
    graph = pool(**given(teams=["vision", "speech"], instance_tags={"cost-center": "42"}))
    labels = spec(graph, NODE_POOL)["template"]["metadata"]["labels"]
    assert labels == {
        "mlops.dev/pool": "train",
        "mlops.dev/team-vision": "true",
        "mlops.dev/team-speech": "true",
    }
    assert spec(graph, NODE_CLASS)["tags"] == {
        "component": "gpu-node-pool",
        "cost-center": "42",
        "node-pool": "train",
        "team": "vision+speech",
    }


def test_pool_with_everything_asks_for_everything() -> None:
    graph = pool(
        **given(
            instance_types=["p5.48xlarge", "p5e.48xlarge"],
            capacity=[CapacityType.RESERVED],
            reservation=ReservationArgs(ids=[RESERVATION], tags={"team": "vision"}, capacity_block=True),
            gpu_limit=64,
            zones=["usw2-az3"],
            efa=True,
            vpc_id="vpc-1",
            budgets=[DisruptionBudgetArgs("1"), DisruptionBudgetArgs("0", "0 8 * * mon-fri", "10h")],
            expire_after="Never",
        )
    )
    found = spec(graph, NODE_CLASS)
    assert found["capacityReservationSelectorTerms"] == [{"id": RESERVATION}, {"tags": {"team": "vision"}}]
    assert found["instanceStorePolicy"] == "RAID0"
    assert len(found["networkInterfaces"]) == 33
    assert found["securityGroupSelectorTerms"] == [{"id": "sg-cluster"}, {"id": "pool-efa-id"}]
    assert "placementGroupSelector" not in found
    wanted = spec(graph, NODE_POOL)
    keys = {r["key"]: r["values"] for r in wanted["template"]["spec"]["requirements"]}
    assert keys["karpenter.sh/capacity-type"] == ["reserved"]
    assert keys["karpenter.k8s.aws/capacity-reservation-type"] == ["capacity-block"]
    assert keys["topology.k8s.aws/zone-id"] == ["usw2-az3"]
    assert wanted["disruption"]["budgets"] == [
        {"nodes": "1"},
        {"nodes": "0", "schedule": "0 8 * * mon-fri", "duration": "10h"},
    ]


def test_pool_efa_group_lets_its_own_traffic_through_and_comes_first() -> None:
    graph = pool(**given(efa=True, zones=["us-west-2a"], vpc_id="vpc-1"))
    assert graph.one(GROUP).inputs["vpcId"] == "vpc-1"
    for rule in (graph.one(INGRESS), graph.one(EGRESS)):
        assert rule.inputs["securityGroupId"] == rule.inputs["referencedSecurityGroupId"] == "pool-efa-id"
        assert rule.inputs["ipProtocol"] == "-1"
        assert graph.depends(graph.one(NODE_CLASS), on=rule)


def test_pool_in_a_placement_group_names_it() -> None:
    graph = pool(**given(placement_group=True, zones=["us-west-2a"]))
    assert graph.one(PLACEMENT).inputs["strategy"] == "cluster"
    assert spec(graph, NODE_CLASS)["placementGroupSelector"] == {"name": "pool-close"}


def test_pool_without_efa_and_placement_makes_neither() -> None:
    graph = pool(**given())
    assert [r.type for r in graph.resources] == ["mlops:index:GpuNodePool", NODE_CLASS, NODE_POOL]


def test_pool_goes_before_its_class_and_before_the_controller() -> None:
    def program() -> pulumi.Output[str]:
        # Stands in for Karpenter's release: any resource that the pool depends on.
        controller = aws.sqs.Queue("controller")
        options = pulumi.ResourceOptions(depends_on=[controller])
        return GpuNodePool("pool", GpuNodePoolArgs(**given()), options).pool_name

    graph = record(program)
    controller = graph.named("controller")
    assert graph.depends(graph.one(NODE_POOL), on=graph.one(NODE_CLASS))
    for child in (graph.one(NODE_POOL), graph.one(NODE_CLASS)):
        assert controller.urn in child.dependencies, child.name


def test_pool_deletion_may_take_as_long_as_pods_may_take_to_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    real = kubernetes.custom

    def spy(logical: str, *rest: Any) -> Any:
        seen[logical] = rest[-1].custom_timeouts
        return real(logical, *rest)

    monkeypatch.setattr(kubernetes, "custom", spy)
    pool(**given(termination_grace_period="2h"))
    assert seen["pool-pool"].delete == "135m"
    assert seen["pool-class"] is None


def test_pool_managed_group_is_sized_by_the_limit() -> None:
    graph = pool(**managed(min_nodes=1, taints=[TaintArgs("example.com/use", effect=TaintEffect.PREFER_NO_SCHEDULE)]))
    group = graph.one(NODES).inputs
    assert group["scalingConfig"] == {"minSize": 1, "desiredSize": 1, "maxSize": 4}
    assert (group["capacityType"], group["amiType"]) == ("ON_DEMAND", "AL2023_x86_64_NVIDIA")
    assert group["instanceTypes"] == ["g6.12xlarge"]
    assert group["labels"] == {"mlops.dev/pool": "train"}
    assert group["taints"] == [
        {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"},
        {"key": "example.com/use", "effect": "PREFER_NO_SCHEDULE"},
    ]
    template = graph.one(TEMPLATE).inputs
    assert template["vpcSecurityGroupIds"] == ["sg-cluster"]
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["blockDeviceMappings"][0]["ebs"]["kmsKeyId"] == KEY
    assert [s["tags"]["node-pool"] for s in template["tagSpecifications"]] == ["train"] * 3
    assert graph.outputs_of("pool")["node_class_name"] == ""


def test_pool_managed_capacity_block_is_named_in_the_template_alone() -> None:
    graph = pool(
        **managed(
            instance_types=["p5.48xlarge"],
            capacity=[CapacityType.RESERVED],
            reservation=ReservationArgs(ids=[RESERVATION], capacity_block=True),
            desired_nodes=2,
        )
    )
    template, group = graph.one(TEMPLATE).inputs, graph.one(NODES).inputs
    assert template["instanceMarketOptions"] == {"marketType": "capacity-block"}
    assert template["capacityReservationSpecification"] == {
        "capacityReservationTarget": {"capacityReservationId": RESERVATION}
    }
    assert template["instanceType"] == "p5.48xlarge"
    assert "instanceTypes" not in group
    assert group["capacityType"] == "CAPACITY_BLOCK"
    assert group["scalingConfig"] == {"minSize": 0, "desiredSize": 2, "maxSize": 2}


def test_pool_managed_reservation_is_launched_as_on_demand() -> None:
    graph = pool(**managed(capacity=[CapacityType.RESERVED], reservation=ReservationArgs(ids=[RESERVATION])))
    assert graph.one(NODES).inputs["capacityType"] == "ON_DEMAND"
    assert "instanceMarketOptions" not in graph.one(TEMPLATE).inputs


def test_pool_managed_efa_puts_both_groups_on_every_interface() -> None:
    efa = managed(instance_types=["p4d.24xlarge"], efa=True, zones=["us-west-2a"], vpc_id="vpc-1")
    graph = pool(**efa)
    template = graph.one(TEMPLATE).inputs
    assert "vpcSecurityGroupIds" not in template
    assert [(i["networkCardIndex"], i["deviceIndex"], i["interfaceType"]) for i in template["networkInterfaces"]] == [
        (0, 0, "interface"),
        (0, 1, "efa-only"),
        (1, 0, "efa-only"),
        (2, 0, "efa-only"),
        (3, 0, "efa-only"),
    ]
    for interface in template["networkInterfaces"]:
        assert interface["securityGroups"] == ["sg-cluster", "pool-efa-id"]
    assert graph.depends(graph.one(NODES), on=graph.one(INGRESS))


def test_pool_managed_spot_mixed_mig_offers_the_slice() -> None:
    graph = pool(
        **managed(
            instance_types=["p4d.24xlarge"],
            capacity=[CapacityType.SPOT],
            mig=MigArgs("all-1g.5gb", MigStrategy.MIXED),
        )
    )
    assert graph.one(NODES).inputs["capacityType"] == "SPOT"
    assert graph.one(NODES).inputs["labels"]["nvidia.com/mig.config"] == "all-1g.5gb"
    assert graph.outputs_of("pool")["accelerator_resource"] == "nvidia.com/mig-1g.5gb"


def test_pool_children_are_parented_and_tagged() -> None:
    efa = {"efa": True, "zones": ["us-west-2a"], "vpc_id": "vpc-1", "placement_group": True}
    for graph in (pool(**given(**efa)), pool(**managed(**efa))):
        for child in graph.resources:
            if child.name == "pool":
                continue
            assert graph.parent_of(child) == "pool", child.name
            if child.type.startswith("aws:"):
                assert child.inputs["tags"] == {"component": "gpu-node-pool", "node-pool": "train"}, child.name
            else:
                assert child.inputs["metadata"]["labels"]["app.kubernetes.io/component"] == "gpu-node-pool"


def test_pool_preview_with_everything_unknown_works() -> None:
    efa = {"efa": True, "zones": ["us-west-2a"], "vpc_id": "vpc-1", "placement_group": True}
    for args in (given(**efa), managed(**efa)):
        assert {r.name for r in pool(preview=True, **args).resources} == {r.name for r in pool(**args).resources}


def test_pool_hosted_mapping_equals_local_args() -> None:
    hosted = given(
        capacity=["spot", "on_demand"],
        gpu_limit=16.0,
        mig={"profile": "all-disabled"},
        budgets=[{"nodes": "1"}],
        instance_types=["p4d.24xlarge"],
        taints=[{"key": "example.com/use", "effect": "NoExecute"}],
    )
    local = pool(
        **given(
            mig=MigArgs("all-disabled"),
            budgets=[DisruptionBudgetArgs("1")],
            instance_types=["p4d.24xlarge"],
            taints=[TaintArgs("example.com/use", effect=TaintEffect.NO_EXECUTE)],
        )
    )
    graph = record(lambda: GpuNodePool("pool", hosted).pool_name)  # type: ignore[arg-type]
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}
