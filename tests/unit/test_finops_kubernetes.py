"""Kubernetes objects: what brings volumes and load balancers, and what is free because nodes carry it."""

import time
from decimal import Decimal
from typing import Any

import pytest

from finops import UNKNOWN, State
from finops.quantities import gib, quantity
from finops.values import Malformed
from tests.unit.finops_kit import (
    CLAIM,
    STORAGE_CLASS,
    Plain,
    bought,
    estimated,
    group,
    item,
    made,
    node_class,
    notes,
    pool,
    requirement,
    three,
    types,
    usage,
)

D = Decimal
DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
PROMETHEUS = "kubernetes:monitoring.coreos.com/v1:Prometheus"
RELEASE = "kubernetes:helm.sh/v3:Release"
LB_TYPE = "service.beta.kubernetes.io/aws-load-balancer-type"


def storage(name: str = "gp3", annotations: Plain | None = None, **parameters: str) -> Plain:
    """A storage class of the EBS driver."""
    return made(
        STORAGE_CLASS,
        name,
        {
            "metadata": {"name": name, "annotations": annotations or {}},
            "provisioner": "ebs.csi.aws.com",
            "parameters": parameters,
        },
    )


def asks(size: object = "10Gi", storage_class: str | None = "gp3") -> Plain:
    named = {"storageClassName": storage_class} if storage_class else {}
    return {**named, "resources": {"requests": {"storage": size}}}


def claim(size: object = "10Gi", storage_class: str | None = "gp3") -> Plain:
    return made(CLAIM, "data", {"spec": asks(size, storage_class)})


@pytest.mark.parametrize(
    ("parameters", "size", "expected"),
    [
        ({}, "10Gi", D("0.08") * 10),
        ({"type": "gp3"}, "1500Mi", D("0.08") * 2),  # volumes come in whole GiB
        ({"type": "gp2"}, "1Ti", D("0.10") * 1024),
        ({"type": "GP3", "iops": "4000", "throughput": "250"}, "100Gi", D(8) + D("0.005") * 1000 + D("0.04") * 125),
        ({"type": "io1", "iopsPerGB": "10"}, "20Gi", D("0.125") * 20 + D("0.065") * 200),
    ],
)
def test_claim_is_priced_by_its_class(parameters: dict[str, str], size: str, expected: Decimal) -> None:
    found = item(claim(size), storage("gp3", None, **parameters))
    assert found.state is State.PRICED
    assert three(found) == (expected, expected, expected)


def test_claim_without_a_class_takes_the_default_one() -> None:
    resources = [claim(storage_class=None), storage("slow", type="sc1"), storage("gp2", DEFAULT, type="gp2")]
    assert three(item(*resources))[1] == D("0.10") * 10
    assert "storage class is not in this stack" in item(*resources[:2]).reason


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (claim(storage_class="other"), "its storage class is not in this stack"),
        (claim(size=None), "resources.requests.storage is not given"),
        (claim(size="a lot"), "resources.requests.storage is not a Kubernetes quantity"),
        (claim(size=UNKNOWN), "resources.requests.storage is not known yet"),
        (made(CLAIM, "data", {"spec": {**asks(), "volumeName": "pv-1"}}), "it claims a volume that exists"),
        (made(CLAIM, "data", {"spec": "none"}), "spec is not an object"),
    ],
)
def test_claim_that_cannot_be_told_is_unknown(resource: Plain, said: str) -> None:
    found = item(resource, storage())
    assert found.state is State.UNKNOWN
    assert said in found.reason


def test_claim_of_another_driver_is_unknown() -> None:
    efs = storage("efs")
    efs["inputs"]["provisioner"] = "efs.csi.aws.com"
    assert "its storage class is not one of EBS" in item(claim(storage_class="efs"), efs).reason


def test_stateful_set_pays_for_the_volumes_of_each_replica() -> None:
    templates = [{"metadata": {"name": "data"}, "spec": asks("20Gi")}, {"spec": asks("5Gi")}]
    workload = made("kubernetes:apps/v1:StatefulSet", "s", {"spec": {"replicas": 3, "volumeClaimTemplates": templates}})
    assert three(item(workload, storage()))[0] == D("0.08") * 75
    bare = made("kubernetes:apps/v1:StatefulSet", "s", {"spec": {"replicas": 3}})
    assert item(bare).state is State.FREE


def test_prometheus_pays_for_the_volumes_of_its_replicas_and_shards() -> None:
    spec = {"replicas": 2, "shards": 2, "storage": {"volumeClaimTemplate": {"spec": asks("50Gi")}}}
    assert three(item(made(PROMETHEUS, "p", {"spec": spec}), storage()))[0] == D("0.08") * 200
    assert item(made(PROMETHEUS, "p", {"spec": {}})).state is State.FREE


def test_release_is_unknown_with_the_volumes_that_its_values_ask_for() -> None:
    values = {"prometheus": {"prometheusSpec": {"storageSpec": {"volumeClaimTemplate": {"spec": asks("50Gi")}}}}}
    found = item(made(RELEASE, "monitoring", {"values": values}), storage())
    assert found.state is State.UNKNOWN
    assert "volumes and load balancers of a chart are not seen" in found.reason
    assert three(found)[0] == D("0.08") * 50


@pytest.mark.parametrize(
    ("spec", "annotations"),
    [
        ({"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb"}, {}),
        ({"type": "LoadBalancer"}, {LB_TYPE: "external"}),
    ],
)
def test_service_with_a_network_load_balancer_is_priced(spec: Plain, annotations: Plain) -> None:
    found = item(made(SERVICE, "s", {"metadata": {"annotations": annotations}, "spec": spec}), usage=usage())
    assert three(found)[0] == D("0.0225") * 730
    assert found.lines[1].rate == "$0.006 per LCU-hour"


@pytest.mark.parametrize(
    ("resource", "state", "said"),
    [
        (made(SERVICE, "s", {"spec": {"type": "LoadBalancer"}}), State.UNPRICED, "lb/classic"),
        (made(SERVICE, "s", {"spec": {"type": "ClusterIP"}}), State.FREE, "inside the cluster"),
        (made(SERVICE, "s", {"spec": {"type": UNKNOWN}}), State.UNKNOWN, "spec.type is not known yet"),
        (made(INGRESS, "i", {"spec": {"ingressClassName": "nginx"}}), State.FREE, "inside the cluster"),
        (made(INGRESS, "i", {"spec": {"ingressClassName": "alb"}}), State.PRICED, ""),
        (
            made(
                INGRESS,
                "i",
                {
                    "metadata": {"annotations": {"alb.ingress.kubernetes.io/group.name": "shared"}},
                    "spec": {"ingressClassName": "alb"},
                },
            ),
            State.UNKNOWN,
            "shares a load balancer",
        ),
        (made("kubernetes:apps/v1:Deployment", "d", {"spec": {"replicas": 50}}), State.FREE, "nodes"),
        (made("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "c"), State.FREE, "nodes"),
    ],
)
def test_object_has_the_state_of_what_it_brings(resource: Plain, state: State, said: str) -> None:
    found = item(resource)
    assert found.state is state
    assert said in found.reason


def test_objects_run_in_the_region_of_the_cluster_where_providers_are_in_several() -> None:
    there = made("pulumi:providers:aws", "replica", {"region": "us-west-2"})
    cluster = made("aws:eks/cluster:Cluster", "c", {}, provider="urn:pulumi:dev::mlops::pulumi:providers:aws::aws::1")
    assert "region is not known" in item(claim(), storage(), there).reason
    assert item(claim(), storage(), there, cluster).region == "us-east-1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500m", D("0.5")), ("8", D(8)), (8, D(8)), ("1.5Gi", D(3 * 2**29)), ("2k", D(2000)), (".5", D("0.5"))],
)
def test_quantity_is_read_in_its_base_unit(text: object, expected: Decimal) -> None:
    assert quantity(text, "x") == expected


@pytest.mark.parametrize("text", ["", "Gi", "-1", "1 Gi", "1e3", "1Xi", True, None, [], "9" * 30, "9999999Ei", "१"])
def test_quantity_that_is_none_is_refused(text: object) -> None:
    with pytest.raises(Malformed, match="x is not a"):
        quantity(text, "x")


def test_gib_rounds_up_to_whole_ones() -> None:
    assert [gib(size, "x") for size in ("1", "1Gi", "1025Mi")] == [D(1), D(1), D(2)]


def test_release_without_volumes_says_only_that_it_is_not_seen() -> None:
    found = item(made(RELEASE, "operator", {"values": {"a": [{"volumeClaimTemplate": "none"}]}}))
    assert notes(found) == "what the chart creates: volumes and load balancers of a chart are not seen"


def test_release_with_values_nested_without_end_is_estimated() -> None:
    values: Plain = {}
    for _ in range(5000):
        values = {"deeper": values}
    assert item(made(RELEASE, "operator", {"values": values})).state is State.UNKNOWN


# --- pods that ask for accelerators ----------------------------------------------------------------------------------

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
G5_2 = D("1.212") * 730 + D("0.08") * 100  # a node of one GPU, with the disk of `node_class`
G5_12 = D("5.672") * 730 + D("0.08") * 100  # a node of four


def pods(gpus: object = 1, resource: str = "nvidia.com/gpu", **spec: Any) -> Plain:
    return {"template": {"spec": {"containers": [{"resources": {"limits": {resource: gpus}}}], **spec}}}


def deployment(name: str, gpus: object = 1, replicas: int = 1, **spec: Any) -> Plain:
    return made(DEPLOYMENT, name, {"metadata": {"name": name}, "spec": {"replicas": replicas, **pods(gpus, **spec)}})


def fours(limit: int = 16, **spec: Any) -> Plain:
    return pool(types("g5.12xlarge"), limits={"nvidia.com/gpu": limit}, **spec)


def test_two_workloads_on_one_pool_are_counted_once_and_a_removed_one_no_more() -> None:
    chat, embed = deployment("chat", gpus=3), deployment("embed", gpus=1, replicas=5)
    both = item(fours(), node_class(), chat, embed)
    # Three and one fill a node; four more the next: eight GPUs are two nodes, not one and two.
    assert three(both)[:2] == (2 * G5_12, 2 * G5_12)
    assert "carries 1 replica of chat, 5 replicas of embed" in notes(both)
    assert three(item(fours(), node_class(), embed))[0] == 2 * G5_12
    assert three(item(fours(), node_class(), chat))[0] == G5_12
    assert three(item(fours(), node_class()))[0] == 0
    workloads = estimated(fours(), node_class(), chat, embed).items[3:]
    assert [found.state for found in workloads] == [State.FREE, State.FREE]


def test_pods_larger_than_half_a_node_need_one_each() -> None:
    assert three(item(fours(), node_class(), deployment("train", gpus=3, replicas=3)))[0] == 3 * G5_12


def test_pods_that_no_node_is_large_enough_for_are_told_and_cost_nothing() -> None:
    found = estimated(deployment("train", gpus=8), fours(), node_class())
    assert found.items[1].state is State.UNKNOWN
    assert "no pool of this stack can carry 1 pod with 8 nvidia.com/gpu each" in found.items[1].reason
    assert three(found.items[2])[0] == 0


def test_pods_beyond_the_limit_of_a_pool_go_to_the_next_and_the_rest_waits() -> None:
    first = pool(types("g5.2xlarge"), name="first", limits={"nvidia.com/gpu": 2}, weight=10)
    second = pool(types("g5.12xlarge"), name="second", limits={"nvidia.com/gpu": 4})
    found = estimated(first, second, node_class(), deployment("chat", replicas=7)).items
    assert three(found[1])[0] == 2 * G5_2
    assert three(found[2])[0] == G5_12
    assert "carries 2 replicas of chat; limits leave no room for 1 replica of chat" in notes(found[1])
    assert "carries 4 replicas of chat" in notes(found[2])


def test_pods_go_to_the_heaviest_pool_and_else_to_the_cheapest() -> None:
    cheap, dear = pool(types("g6.2xlarge"), name="cheap"), pool(types("g5.2xlarge"), name="dear")
    found = estimated(dear, cheap, node_class(), deployment("chat"))
    assert [three(one)[0] > 0 for one in found.items[1:3]] == [False, True]
    dear["inputs"]["spec"]["weight"] = 5
    assert [three(one)[0] > 0 for one in estimated(dear, cheap, node_class(), deployment("chat")).items[1:3]] == [
        True,
        False,
    ]


def test_pods_use_nodes_that_are_there_before_new_ones() -> None:
    sizes = {"minSize": 0, "desiredSize": 1, "maxSize": 4}
    nodes = group(instanceTypes=["g5.12xlarge"], scalingConfig=sizes)
    found = estimated(nodes, fours(), node_class(), deployment("chat", replicas=6)).items
    assert three(found[1])[:2] == (D("5.672") * 730, D("5.672") * 730)  # the floor is raised to the node they are on
    assert three(found[2])[0] == G5_12  # the other two


def test_pods_on_a_static_pool_raise_nothing() -> None:
    static = pool(types("g5.12xlarge"), replicas=2)
    found = item(static, node_class(), deployment("chat", replicas=3))
    assert three(found) == (2 * G5_12, 2 * G5_12, 2 * G5_12)
    assert "carries 3 replicas of chat" in notes(found)


def test_pods_never_lower_what_is_assumed_to_run() -> None:
    use = usage(defaults={"pools": {"share_of_limit": "0.75"}})
    found = item(fours(), node_class(), deployment("chat"), usage=use)
    assert three(found)[:2] == (G5_12, 3 * G5_12)


@pytest.mark.parametrize(
    ("spec", "carried"),
    [
        ({"nodeSelector": {"karpenter.sh/nodepool": "gpu"}}, True),
        ({"nodeSelector": {"karpenter.sh/nodepool": "other"}}, False),
        ({"nodeSelector": {"team": "vision"}}, True),
        ({"nodeSelector": {"team": "speech"}}, False),
        ({"nodeSelector": {"unheard-of": "x"}}, False),
        ({"nodeSelector": {"topology.kubernetes.io/zone": "us-east-1a"}}, True),
        ({"nodeSelector": {"node.kubernetes.io/instance-type": "g5.12xlarge"}}, True),
        ({"nodeSelector": {"node.kubernetes.io/instance-type": "g5.2xlarge"}}, False),
        ({"nodeSelector": {"karpenter.sh/capacity-type": "spot"}}, False),
        ({"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-A10G"}}, True),
        ({"affinity": "teams"}, True),
        ({"affinity": "others"}, False),
        ({"tolerations": []}, False),
        ({"tolerations": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoExecute"}]}, False),
        ({"tolerations": [{"operator": "Exists"}]}, True),
    ],
)
def test_pods_run_where_their_selectors_and_tolerations_let_them(spec: Plain, carried: bool) -> None:
    terms = {
        "teams": [requirement("team", "speech"), requirement("team", "vision", "video")],
        "others": [requirement("team", "vision", operator="NotIn")],
    }
    if "affinity" in spec:
        wanted = [{"matchExpressions": [one]} for one in terms[spec["affinity"]]]
        rule = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": wanted}}
        spec = {"affinity": {"nodeAffinity": rule}}
    tainted = fours()
    template = tainted["inputs"]["spec"]["template"]
    template["metadata"] = {"labels": {"team": "vision"}}
    template["spec"]["taints"] = [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]
    spec = {"tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}], **spec}
    assert bool(three(item(tainted, node_class(), deployment("chat", **spec)))[0]) is carried


@pytest.mark.parametrize(
    ("autoscaler", "nodes"),
    [
        (("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", {"minReplicas": 3}), 3),
        (("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", {"minReplicas": 3, "named": "other"}), 1),
        (("kubernetes:keda.sh/v1alpha1:ScaledObject", {"minReplicaCount": 2}), 2),
        (("kubernetes:keda.sh/v1alpha1:ScaledObject", {}), 0),
    ],
)
def test_pods_under_an_autoscaler_are_its_fewest(autoscaler: tuple[str, Plain], nodes: int) -> None:
    type_, spec = autoscaler
    target = {"scaleTargetRef": {"name": spec.pop("named", "chat")}}
    scaler = made(type_, "scaler", {"spec": {**spec, **target}})
    assert three(item(fours(), node_class(), deployment("chat", gpus=4), scaler))[0] == nodes * G5_12


def test_pods_on_parts_of_gpus_and_on_whole_ones_share_nodes() -> None:
    h100 = pool(types("p5.48xlarge"), limits={"nvidia.com/gpu": 16})
    # `3g.40gb` fits twice on an H100, so that 14 of them are seven GPUs of the eight.
    parts = made(DEPLOYMENT, "parts", {"spec": {"replicas": 14, **pods(1, "nvidia.com/mig-3g.40gb")}})
    node = D("55.04") * 730 + 8
    assert three(item(h100, node_class(), parts, deployment("whole", gpus=1)))[0] == node
    assert three(item(h100, node_class(), parts, deployment("whole", gpus=2)))[0] == 2 * node


def test_pods_of_disjoint_types_in_one_pool_cost_at_least_the_cheapest_of_them() -> None:
    small = deployment("small", nodeSelector={"node.kubernetes.io/instance-type": "g5.2xlarge"})
    large = deployment("large", gpus=4, nodeSelector={"node.kubernetes.io/instance-type": "g5.12xlarge"})
    found = item(pool(types("g5.2xlarge", "g5.12xlarge"), limits={"nvidia.com/gpu": 8}), node_class(), small, large)
    assert three(found)[0] == 2 * G5_2


def test_pods_in_reserved_capacity_cost_nothing_more() -> None:
    found = estimated(pool(types("p5.48xlarge"), bought("reserved")), node_class(), deployment("chat")).items
    assert found[1].state is State.FREE
    assert found[3].state is State.FREE


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        (deployment("d", gpus=UNKNOWN), "resources.limits.nvidia.com/gpu is not known yet"),
        (deployment("d", gpus="many"), "is not a Kubernetes quantity"),
        (deployment("d", nodeSelector=UNKNOWN), "nodeSelector is not known yet"),
        (made(DEPLOYMENT, "d", {"spec": {**pods(), "replicas": UNKNOWN}}), "replicas is not known yet"),
        (made(DEPLOYMENT, "d", {"spec": UNKNOWN}), "spec is not known yet"),
    ],
)
def test_pods_that_cannot_be_read_are_unknown_and_raise_nothing(workload: Plain, said: str) -> None:
    found = estimated(workload, fours(), node_class()).items
    assert found[1].state is State.UNKNOWN
    assert said in found[1].reason
    assert three(found[2])[0] == 0


def test_pods_beside_a_pool_that_is_not_known_may_be_carried_by_it() -> None:
    unknown = pool(types("g5.12xlarge"), limits={"nvidia.com/gpu": UNKNOWN})
    assert "unless one that is not known can: gpu" in item(deployment("chat"), unknown, node_class()).reason


def test_speed_of_pods_on_pools_is_linear() -> None:
    def many(count: int) -> float:
        resources = [node_class()]
        for number in range(count):
            resources += [fours(limit=8, name=f"pool-{number}"), deployment(f"chat-{number}", gpus=2, replicas=3)]
        start = time.process_time()
        found = estimated(*resources)
        took = time.process_time() - start
        assert not any(one.open for one in found.items)  # each pool of two nodes takes four replicas
        return took

    many(10)
    assert many(1_600) < 10 * max(many(400), 0.05)  # four times as many
