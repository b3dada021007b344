"""Kubernetes objects: what brings volumes and load balancers, and what is free because nodes carry it."""

from decimal import Decimal

import pytest

from finops import UNKNOWN, State
from finops.quantities import gib, quantity
from finops.values import Malformed
from tests.unit.finops_kit import CLAIM, STORAGE_CLASS, Plain, item, made, notes, three

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
    found = item(made(SERVICE, "s", {"metadata": {"annotations": annotations}, "spec": spec}))
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
