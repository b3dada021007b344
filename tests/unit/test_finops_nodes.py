"""Node groups and Karpenter pools: floor, expected, ceiling, spot, what has no limit."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops import UNKNOWN, Estimate, Item, State, Usage
from finops.mapping import pools
from finops.mapping.placement import pack
from finops.mapping.shapes import Shape
from finops.values import Props
from tests.unit import finops_kit
from tests.unit.finops_kit import (
    Plain,
    aws,
    bought,
    group,
    node_class,
    notes,
    pool,
    requirement,
    three,
    types,
    urn,
    usage,
)

D = Decimal
DISK = D("0.08") * 100  # of each node of `node_class`
G5_2 = D("1.212") * 730 + DISK
G5_12 = D("5.672") * 730 + DISK
G6_2 = D("0.9776") * 730 + DISK
GPUS = "nvidia.com/gpu"
NOTHING = usage()
"""No assumptions: the library's own change with what is known of use."""


def estimated(*resources: Plain, **options: Any) -> Estimate:
    return finops_kit.estimated(*resources, **{"usage": NOTHING, **options})


def item(*resources: Plain, **options: Any) -> Item:
    return finops_kit.item(*resources, **{"usage": NOTHING, **options})


def template(**ebs: object) -> Plain:
    mapping = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 50, **ebs}}
    inputs = {"name": "nodes", "blockDeviceMappings": [mapping]}
    return aws("ec2/launchTemplate:LaunchTemplate", "template", inputs, id="lt-1")


def assumed(**pools_: object) -> Usage:
    return usage(defaults={"pools": pools_})


# --- managed node groups ---------------------------------------------------------------------------------------------


def test_node_group_of_several_types_spans_cheapest_first_and_dearest() -> None:
    found = item(group(instanceTypes=["m7i.xlarge", "m6i.xlarge", "m7i.2xlarge"]), template())
    first = found.lines[0]
    assert first.floor is not None
    assert first.expected is not None
    assert first.ceiling is not None
    assert (first.floor.of, first.expected.of, first.ceiling.of) == ("m6i.xlarge", "m7i.xlarge", "m7i.2xlarge")
    # Two, two and four nodes; the disks are not known without the template's id.
    assert three(found) == (D("0.192") * 1460, D("0.2016") * 1460, D("0.4032") * 2920)


@pytest.mark.parametrize("named", [{"id": "lt-1"}, {"name": "nodes"}, {"id": UNKNOWN}])
def test_node_group_finds_its_disks_by_id_by_name_or_before_there_is_an_id(named: Plain) -> None:
    made_from = {"launchTemplate": [urn("aws:ec2/launchTemplate:LaunchTemplate", "template")]}
    nodes = {**group(launchTemplate=named), "propertyDependencies": made_from if UNKNOWN in named.values() else {}}
    found = item(nodes, template(iops=3500, throughput="200"))
    each = D("0.2016") * 730 + D("0.08") * 50 + D("0.005") * 500 + D("0.04") * 75
    assert found.state is State.PRICED
    assert three(found) == (2 * each, 2 * each, 4 * each)


def test_node_group_on_spot_is_a_range_with_the_price_on_demand_on_top() -> None:
    found = item(group(capacityType="SPOT", instanceTypes=["g5.2xlarge"], launchTemplate={"id": "lt-1"}), template())
    disk = D("0.08") * 50
    assert three(found) == (
        2 * (D("0.474") * 730 + disk),
        2 * (D("0.593") * 730 + disk),
        4 * (D("1.212") * 730 + disk),
    )
    assert "on demand at the ceiling" in notes(found)


def test_node_group_on_spot_without_a_seen_price_is_unpriced_below_its_ceiling() -> None:
    found = item(group(capacityType="SPOT"), template())
    assert found.lines[0].state is State.UNPRICED
    assert three(found) == (D(0), D(0), D("0.2016") * 2920)
    assert "no figure for ec2.spot/m7i.xlarge in us-east-1" in notes(found)


def test_node_group_with_a_type_without_a_figure_claims_neither_floor_nor_ceiling() -> None:
    found = item(group(instanceTypes=["m7i.xlarge", "m7a.xlarge"]), template())
    assert found.lines[0].state is State.UNPRICED
    assert three(found) == (D(0), D("0.2016") * 1460, D(0))


def test_node_group_without_types_takes_those_of_its_template_or_of_eks() -> None:
    sizes = {"minSize": 1, "desiredSize": 1, "maxSize": 1}
    bare = aws("eks/nodeGroup:NodeGroup", "n", {"scalingConfig": sizes})
    assert three(item(bare))[0] == D("0.0416") * 730
    typed = template()
    typed["inputs"]["instanceType"] = "m5.large"
    named = aws("eks/nodeGroup:NodeGroup", "n", {"scalingConfig": sizes, "launchTemplate": {"id": "lt-1"}})
    assert three(item(named, typed))[0] == D("0.096") * 730 + D("0.08") * 50


# --- Karpenter -------------------------------------------------------------------------------------------------------


def test_pool_of_one_type_has_whole_nodes_below_its_limit() -> None:
    found = item(pool(types("g5.12xlarge"), limits={GPUS: 10}), node_class())
    assert three(found) == (D(0), D(0), 2 * G5_12)
    assert "limit 10 nvidia.com/gpu" in notes(found)


def test_pool_of_several_types_is_bounded_by_the_dearest_for_each_unit() -> None:
    found = item(pool(types("g5.2xlarge", "g5.12xlarge", "g6.2xlarge"), limits={GPUS: 10}), node_class())
    # 4 GPUs for 5.672 are 1.418 each: dearer than 1.212 and 0.9776. Ten of them are two nodes and a half.
    assert three(found)[2] == D("2.5") * G5_12


def test_pool_with_several_limits_is_bounded_by_the_tightest() -> None:
    found = item(pool(types("g5.2xlarge"), limits={GPUS: 10, "cpu": "20", "memory": "10Ti"}), node_class())
    assert three(found)[2] == 2 * G5_2  # 20 of 8 vCPUs each
    assert "limit 20 cpu" in notes(found)


def test_pool_limited_in_memory_counts_it_as_the_nodes_have_it() -> None:
    found = item(pool(types("g5.2xlarge"), limits={"memory": "250Gi"}), node_class())
    assert three(found)[2] == 8 * G5_2  # of 32 GiB Karpenter counts 29.6
    assert "limit 250 GiB of memory" in notes(found)


@pytest.mark.parametrize(
    ("requirements", "limits"),
    [
        ([types("g5.2xlarge")], None),
        ([types("g5.2xlarge")], {}),
        ([types("g5.2xlarge")], {"ephemeral-storage": "100Gi"}),
        ([types("g5.2xlarge", "m7i.2xlarge")], {GPUS: 8}),
        ([types("g5.2xlarge")], {"aws.amazon.com/neuron": 8}),
    ],
)
def test_pool_without_a_limit_on_every_type_is_unbounded_and_said_so(requirements: list[Plain], limits: Plain) -> None:
    found = item(pool(*requirements, limits=limits), node_class())
    assert found.unbounded
    assert found.state is State.PRICED
    assert "unbounded" in notes(found)
    assert found.lines[0].ceiling is None
    assert found.lines[0].arithmetic.endswith("ceiling unbounded")


def test_pool_whose_limit_no_type_fits_costs_nothing_at_its_ceiling() -> None:
    assert not any(three(item(pool(types("p5.48xlarge"), limits={GPUS: 4}), node_class())))


def test_pool_of_neuron_devices_is_limited_by_them() -> None:
    found = item(pool(types("trn1.32xlarge"), limits={"aws.amazon.com/neuron": 32}), node_class())
    assert three(found)[2] == 2 * (D("21.5") * 730 + DISK)


def test_pool_expected_is_the_assumed_share_over_the_cheapest_for_each_unit() -> None:
    resources = pool(types("g5.12xlarge", "g6.2xlarge"), limits={GPUS: 8}), node_class()
    found = item(*resources, usage=assumed(share_of_limit="0.5"))
    assert three(found) == (D(0), 4 * G6_2, 2 * G5_12)


def test_pool_expected_in_nodes_needs_no_limit() -> None:
    found = item(pool(types("g5.2xlarge")), node_class(), usage=assumed(nodes="1.5"))
    assert three(found)[1] == D("1.5") * G5_2
    assert "1.5 nodes run on average (default)" in notes(found)


def test_pool_expected_as_a_share_of_no_limit_is_unknown() -> None:
    found = item(pool(types("g5.2xlarge")), node_class(), usage=assumed(share_of_limit="0.5"))
    assert found.state is State.UNKNOWN
    assert found.unbounded
    assert "assume a number of nodes instead" in found.reason


def test_pool_default_assumption_is_printed() -> None:
    found = estimated(pool(types("g5.2xlarge"), limits={GPUS: 8}), node_class())
    assert found.assumptions == ("pool gpu: 0 of its limit runs on average (default)",)
    assert "0 of its limit runs on average (default)" in notes(found.items[1])


def test_pool_expected_on_spot_takes_seen_prices_and_says_where_there_are_none() -> None:
    use = assumed(nodes=1)
    seen = item(pool(types("g5.2xlarge"), bought("spot", "on-demand")), node_class(), usage=use)
    assert three(seen)[1] == D("0.593") * 730 + DISK
    none = item(pool(types("g5.xlarge"), bought("spot")), node_class(), usage=use)
    assert three(none)[1] == D("1.006") * 730 + DISK
    assert "no spot price is known: expected on demand" in notes(none)


def test_pool_in_reserved_capacity_alone_is_paid_with_the_reservation() -> None:
    found = item(pool(types("p5.48xlarge"), bought("reserved"), limits={GPUS: 8}), node_class())
    assert found.state is State.FREE
    assert "paid with the reservation" in found.reason
    mixed = item(pool(types("p5.48xlarge"), bought("reserved", "on-demand"), limits={GPUS: 8}), node_class())
    assert three(mixed)[2] == D("55.04") * 730 + DISK


def test_static_pool_always_has_its_replicas_and_a_limit_on_top() -> None:
    fixed = item(pool(types("g5.2xlarge", "g6.2xlarge"), replicas=3, limits={"nodes": 4}), node_class())
    assert three(fixed) == (3 * G6_2, 3 * G6_2, 4 * G5_2)
    without = item(pool(types("g5.2xlarge"), replicas=3), node_class())
    assert three(without) == (3 * G5_2, 3 * G5_2, 3 * G5_2)
    assert not without.unbounded


def test_static_pool_on_spot_has_the_low_end_at_its_floor() -> None:
    found = item(pool(types("g5.2xlarge"), bought("spot"), replicas=2), node_class())
    assert three(found)[0] == 2 * (D("0.474") * 730 + DISK)


def test_pool_with_types_without_a_figure_is_unpriced_and_names_them() -> None:
    found = item(pool(types("g5.2xlarge", "g7e.2xlarge", "g9.huge"), limits={GPUS: 2}), node_class())
    assert found.state is State.UNPRICED
    assert three(found)[2] == 2 * G5_2
    assert "ec2.on-demand/g9.huge, ec2.on-demand/g7e.2xlarge" in found.reason
    none = item(pool(types("g7e.2xlarge"), limits={GPUS: 2}), node_class())
    assert none.state is State.UNPRICED
    assert not any(three(none))


def test_pool_of_families_takes_their_types_and_other_requirements_into_account() -> None:
    family = requirement("karpenter.k8s.aws/instance-family", "g5")
    small = requirement("karpenter.k8s.aws/instance-cpu", "9", operator="Lt")
    one = requirement("karpenter.k8s.aws/instance-gpu-count", "1")
    zone = requirement("topology.kubernetes.io/zone", "us-east-1a")
    found = item(pool(family, small, one, zone, limits={GPUS: 4}), node_class())
    assert three(found)[2] == 4 * G5_2  # g5.xlarge and g5.2xlarge are left
    assert found.state is State.PRICED


def test_pool_that_names_neither_types_nor_families_may_start_others() -> None:
    found = item(pool(requirement("karpenter.k8s.aws/instance-gpu-name", "a10g"), limits={GPUS: 4}), node_class())
    assert found.state is State.UNKNOWN
    assert "names neither its types nor their families" in found.reason
    assert three(found)[2] == 4 * (D("4.096") * 730 + DISK)  # g5.16xlarge: the dearest with an A10G


def test_pool_of_types_that_the_region_does_not_offer_is_unknown() -> None:
    away = pool(types("p5.48xlarge"), limits={GPUS: 8}), node_class()
    found = item(*({**resource} for resource in away), region="eu-west-1")
    assert found.state is State.UNKNOWN
    assert "no type that the facts have is allowed and offered in eu-west-1" in found.reason


@pytest.mark.parametrize(
    ("spec", "disks"),
    [
        ({"amiSelectorTerms": [{"alias": "al2023@v20261101"}]}, D("0.08") * 20),
        ({"amiFamily": "Bottlerocket"}, D("0.08") * 24),
        ({"blockDeviceMappings": [{"ebs": {"volumeType": "gp2", "volumeSize": "30Gi"}}, {"rootVolume": True}]}, D(3)),
    ],
)
def test_pool_disks_are_those_of_its_class_or_of_its_image(spec: Plain, disks: Decimal) -> None:
    found = item(pool(types("g5.2xlarge"), limits={GPUS: 1}), node_class(**spec))
    assert three(found)[2] == D("1.212") * 730 + disks


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ([], "EC2NodeClass is not in this stack"),
        ([node_class("other")], "EC2NodeClass is not in this stack"),
        ([node_class(amiFamily="Custom")], "the image decides"),
        ([node_class(blockDeviceMappings=[{"ebs": {"volumeType": "gp3"}}])], "the size of a disk is not given"),
    ],
)
def test_pool_whose_disks_cannot_be_told_still_has_its_instances(classes: list[Plain], said: str) -> None:
    found = item(pool(types("g5.2xlarge"), limits={GPUS: 1}), *classes)
    assert found.state is State.UNKNOWN
    assert said in found.reason
    assert three(found)[2] == D("1.212") * 730


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (pool(types("g5.2xlarge"), limits={GPUS: "many"}), "limits.nvidia.com/gpu is not a Kubernetes quantity"),
        (pool(types("g5.2xlarge"), limits={GPUS: UNKNOWN}), "limits.nvidia.com/gpu is not known yet"),
        (pool(requirement("a", "b", operator="Like"), limits={}), "operator is not one of In, NotIn"),
        (pool({"key": 1, "operator": "In", "values": []}), "key is not a string"),
        (pool(types("g5.2xlarge"), replicas="three"), "replicas is not a number"),
        ({**pool(), "inputs": {"spec": UNKNOWN}}, "spec is not known yet"),
    ],
)
def test_pool_that_is_malformed_or_not_known_is_unknown(wrong: Plain, said: str) -> None:
    found = item(wrong, node_class())
    assert found.state is State.UNKNOWN
    assert said in found.reason


def mixes(shapes: list[Shape], left: Decimal) -> Iterator[dict[str, int]]:
    """Every mix of nodes within a limit."""
    if not shapes:
        yield {}
        return
    units = shapes[0].capacity["gpu"]
    for count in range(int(left / units) + 1):
        for rest in mixes(shapes[1:], left - count * units):
            yield {shapes[0].name: count, **rest}


@given(
    nodes=st.lists(st.tuples(st.integers(1, 8), st.integers(1, 90)), min_size=1, max_size=3),
    limit=st.integers(0, 12),
)
def test_bound_is_reached_by_no_mix_of_nodes_within_the_limit(nodes: list[tuple[int, int]], limit: int) -> None:
    shapes = [Shape(str(n), {}, {"gpu": D(units)}, {}) for n, (units, _) in enumerate(nodes)]
    cost = {str(n): D(usd) for n, (_, usd) in enumerate(nodes)}
    (bound,) = pools.bounds({"gpu": D(limit)}, shapes, lambda shape: cost[shape.name])
    dearest = max(sum(cost[name] * count for name, count in mix.items()) for mix in mixes(shapes, D(limit)))
    assert dearest <= bound.cost + D("1e-20")
    if len(nodes) == 1:
        assert dearest == bound.cost


def test_limits_of_a_pool_leave_out_what_is_null() -> None:
    assert pools.limits(Props({"limits": {"cpu": None, "memory": "1Gi"}})) == {"memory": D(2**30)}


@given(
    pods=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(0, 9)), max_size=4),
    capacity=st.integers(1, 8),
)
def test_packing_is_that_of_one_pod_after_the_other(pods: list[tuple[int, int, int]], capacity: int) -> None:
    sizes = {Fraction(top, bottom): count for top, bottom, count in pods}
    free: list[Fraction] = []
    for size in sorted((size for size, count in sizes.items() for _ in range(count)), reverse=True):
        if size > capacity:
            return
        fitting = [room for room in free if room >= size]
        room = min(fitting) if fitting else Fraction(capacity)
        if fitting:
            free.remove(room)
        free.append(room - size)
    wanted = [(size, count) for size, count in sizes.items() if count]
    assert pack(wanted, Fraction(capacity)) == len(free)


def test_packing_of_a_pod_larger_than_a_node_is_none_and_of_very_many_is_quick() -> None:
    assert pack([(Fraction(5), 1)], Fraction(4)) is None
    assert pack([(Fraction(3), 10**9), (Fraction(1), 10**9 + 1)], Fraction(4)) == 10**9 + 1
