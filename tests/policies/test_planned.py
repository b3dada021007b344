"""What the cost rules hand to the estimator: inputs only, components apart, providers and regions found."""

import pytest

from policies._engine.model import Resource, Stack
from policies._engine.wire import Undetermined
from policies.cost import planned
from policies.cost.reading import asked
from tests.policies import build
from tests.policies.build import TODAY, UNKNOWN, Spec, secret, urn

CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"


def resource(spec: Spec, parent: str = "") -> Resource:
    made = build.resource(spec)
    return Resource(
        made.type,
        made.urn,
        made.name,
        made.read,
        provider=made.provider,
        parent=parent,
        property_dependencies=made.property_dependencies,
    )


def test_asked_leaves_out_what_the_provider_will_compute() -> None:
    known = asked(resource(Spec(GROUP, {"instanceTypes": UNKNOWN, "version": UNKNOWN}, depends={"version": []})))
    assert set(known.props.raw) == {"version"}


def test_asked_keeps_kubernetes_objects_as_they_are() -> None:
    pool = resource(build.object_("karpenter.sh/v1", "NodePool", spec=UNKNOWN))
    assert asked(pool) is pool


def test_estimate_of_a_component_counts_only_its_children() -> None:
    component = Spec("acme:index:Platform", {}, "platform")
    child = Spec(CLUSTER, {"version": "1.36"}, "cluster", provider={"region": "us-east-1"})
    found = planned.estimate_of(Stack([resource(component), resource(child, component.urn)]), TODAY)
    assert found.expected == 73
    assert [text for item in found.items for text in planned.lacking(item)] == []


def test_estimate_of_a_stack_is_worked_out_once() -> None:
    stack = Stack([resource(Spec(CLUSTER, {"version": "1.36"}))])
    assert planned.estimate_of(stack, TODAY) is planned.estimate_of(stack, TODAY)


def test_estimate_shows_no_secret() -> None:
    hidden = Spec("aws:rds/instance:Instance", {"engine": "postgres", "instanceClass": secret("db.hidden.class")}, "db")
    found = planned.estimate_of(Stack([resource(hidden)]), TODAY)
    assert "hidden" not in "".join(text for item in found.items for text in planned.lacking(item))


@pytest.mark.parametrize(
    ("props", "provider", "expected"),
    [
        ({"region": "us-west-2"}, {"region": "us-east-1"}, "us-west-2"),
        ({"region": UNKNOWN}, {"region": "us-east-1"}, "us-east-1"),
        ({}, {"region": "eu-west-1"}, "eu-west-1"),
    ],
    ids=["own", "computed by the provider", "of its provider"],
)
def test_region_of_a_resource(props: dict[str, str], provider: dict[str, str], expected: str) -> None:
    one = resource(Spec(GROUP, props, provider=provider))
    assert planned.region_of(Stack([one]), one) == expected


def test_region_of_a_kubernetes_object_is_that_of_the_cluster() -> None:
    pool = resource(build.object_("karpenter.sh/v1", "NodePool"))
    cluster = resource(Spec(CLUSTER, {"region": "eu-west-1"}))
    west = resource(Spec("pulumi:providers:aws", {"region": "us-west-2"}, "west"))
    east = resource(Spec("pulumi:providers:aws", {"region": "us-east-1"}, "east"))
    assert planned.region_of(Stack([pool, cluster, west]), pool) == "eu-west-1"
    assert planned.region_of(Stack([pool, west]), pool) == "us-west-2"
    with pytest.raises(Undetermined, match="the region is not known"):
        planned.region_of(Stack([pool, west, east]), pool)


def test_estimate_expands_lists_and_knows_older_versions() -> None:
    requirements = [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["m7i.large"]}]
    spec = {"limits": {"cpu": 4}, "template": {"spec": {"requirements": requirements}}}
    pool = build.object_("karpenter.sh/v1beta1", "NodePool", spec=spec)
    pools = build.object_("karpenter.sh/v1beta1", "NodePoolList", "pools", items=[pool.props, pool.props])
    aws = Spec("pulumi:providers:aws", {"region": "us-east-1"}, "aws")
    found = planned.estimate_of(Stack([resource(pools), resource(aws)]), TODAY)
    assert [item.resource.type for item in found.items if item.resource.urn == urn(pools.type, "pools")] == [
        "kubernetes:karpenter.sh/v1:NodePool"
    ] * 2
