"""Whatever a program holds, the estimator answers: one state each, quickly, and in time that grows with the stack."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops import UNKNOWN, State, cost_line, estimate, from_preview, from_state, to_json
from finops.mapping.registry import MAPPED, settled_types
from finops.state import UNKNOWN_MARKS
from tests.unit.finops_kit import NODE_CLASS, STORAGE_CLASS, TODAY, Plain, aws, group, node_class, pool, provider, types
from tests.unit.test_finops_bill import platform

TOKENS = sorted({*MAPPED, *(t for t in settled_types() if not t.endswith("*")), NODE_CLASS, STORAGE_CLASS})
KEYS = (
    *("spec", "template", "requirements", "key", "operator", "values", "limits", "replicas", "nodeClassRef", "name"),
    *("metadata", "annotations", "type", "size", "iops", "throughput", "version", "scalingConfig", "minSize"),
    *("desiredSize", "maxSize", "instanceTypes", "capacityType", "launchTemplate", "id", "blockDeviceMappings", "ebs"),
    *("volumeSize", "volumeType", "engine", "instanceClass", "allocatedStorage", "multiAz", "storageType", "region"),
    *("vpcEndpointType", "subnetIds", "volumeClaimTemplates", "resources", "requests", "storage", "storageClassName"),
    *("nvidia.com/gpu", "cpu", "memory", "nodes", "amiFamily", "parameters", "provisioner", "values", "internal"),
)  # fmt: skip
WORDS = (
    *("gp3", "io1", "g5.2xlarge", "m7i.xlarge", "1.36", "1.33", "Interface", "LoadBalancer", "SPOT", "ON_DEMAND"),
    *("In", "Gt", "Exists", "node.kubernetes.io/instance-type", "karpenter.k8s.aws/instance-family", "spot", "gpu"),
    *("postgres", "db.t4g.small", "10Gi", "ebs.csi.aws.com", "us-east-1", "eu-west-1", "true", "99999999999Ei"),
    *("karpenter.sh/capacity-type", "reserved", "al2023", "network", "", "\x00", "=1+1", "<b>", "[/red]"),
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 50),
    st.floats(),
    st.decimals(),
    st.text(max_size=8),
    st.sampled_from(WORDS),
    st.sampled_from(sorted(UNKNOWN_MARKS)),
    st.just(UNKNOWN),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner),
    max_leaves=12,
)
PROPERTIES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)
RESOURCES = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {"type": st.sampled_from(TOKENS), "inputs": PROPERTIES},
        optional={
            "urn": st.text(max_size=20) | st.just("urn:pulumi:dev::p::aws:s3/bucket:Bucket::b"),
            "outputs": PROPERTIES | VALUES,
            "custom": VALUES,
            "external": VALUES,
            "delete": VALUES,
            "provider": VALUES,
            "id": VALUES,
            "parent": VALUES,
            "propertyDependencies": VALUES,
        },
    ),
)
POOLS = st.builds(
    lambda limits, requirements: pool(*requirements, limits=limits),
    VALUES,
    st.lists(VALUES | st.just(types("g5.2xlarge")), max_size=2),
)
SOME = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(SOME, max_examples=500)


def check(resources: list[Any]) -> None:
    """Everything lands in one state, is counted once, and can be printed."""
    found = estimate(resources, TODAY, region="us-east-1")
    assert len(found.items) == len(resources)
    assert sum(found.counts.values()) == len(resources)
    for item in found.items:
        assert isinstance(item.state, State)
        assert item.reason or item.state in (State.PRICED, State.USAGE)
    assert Decimal(0) <= found.floor
    assert "$" in cost_line(found)
    json.dumps(to_json(found))


@SOME
@given(st.lists(RESOURCES | POOLS, max_size=4))
def test_resources_of_any_shape_land_in_one_state_each(resources: list[Any]) -> None:
    check(resources)


@SOME
@given(st.lists(RESOURCES | POOLS, max_size=4))
def test_state_of_any_shape_is_read_and_estimated(resources: list[Any]) -> None:
    check(from_state({"deployment": {"resources": resources}}))


@SOME
@given(st.lists(st.fixed_dictionaries({"op": VALUES, "urn": VALUES, "newState": RESOURCES}) | VALUES, max_size=4))
def test_preview_of_any_shape_is_read_and_estimated(steps: list[Any]) -> None:
    check(from_preview({"steps": steps}))


@st.composite
def damaged(draw: st.DrawFn) -> list[Plain]:
    """A whole platform in which one value somewhere is replaced by anything."""
    resources: list[Plain] = json.loads(json.dumps([provider(), *platform()]))
    node: Any = draw(st.sampled_from(resources))
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        inside = node[key]
        if not isinstance(inside, dict | list) or not inside or draw(st.booleans()):
            node[key] = draw(VALUES)
            return resources
        node = inside


@MANY
@given(damaged())
def test_platform_with_one_damaged_value_is_estimated(resources: list[Plain]) -> None:
    check(resources)


def big(count: int) -> list[Plain]:
    """A stack of so many resources: platforms beside each other, every name of its own."""
    resources = [provider()]
    number = 0
    while len(resources) < count:
        for plain in platform():
            resources.append({**plain, "urn": f"{plain['urn']}-{number}"})
        number += 1
    return resources[:count]


def seconds(resources: list[Plain]) -> float:
    """Processor time of an estimate, the best of three: the machine has other work."""
    times = []
    for _ in range(3):
        start = time.process_time()
        estimate(resources, TODAY)
        times.append(time.process_time() - start)
    return min(times)


def test_speed_of_ten_thousand_resources_is_about_a_second_and_linear(capsys: pytest.CaptureFixture[str]) -> None:
    estimate(big(100), TODAY)  # reads the files once
    small, large = seconds(big(2_500)), seconds(big(10_000))
    with capsys.disabled():
        print(f"\nestimate of 2,500 resources: {small:.3f} s; of 10,000: {large:.3f} s of processor time")
    assert large < 3  # aim: 1 s on an idle machine
    assert large < 8 * small  # four times as many


def test_speed_of_pools_and_groups_that_name_each_other_is_linear() -> None:
    def joined(count: int) -> list[Plain]:
        found = [provider()]
        for number in range(count):
            template = aws("ec2/launchTemplate:LaunchTemplate", f"t{number}", {}, id=f"lt-{number}")
            nodes = group(launchTemplate={"id": f"lt-{number}"})
            found += [template, nodes, node_class(f"class-{number}"), pool(types("g5.2xlarge"), limits={"cpu": 80})]
        return found

    estimate(joined(10), TODAY)
    assert seconds(joined(1_600)) < 10 * seconds(joined(400))
