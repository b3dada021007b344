"""Which fake nodes come and go: sizes of groups, waiting pods, limits, weights, idle nodes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.nodes import matching
from sandbox.nodes.plan import Plan, plan
from sandbox.nodes.pools import POOL_LABEL, Pool, Shape, shapes
from sandbox.nodes.quantities import amounts, fits, pod_requests, total

GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists"}
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


def pool(name: str = "gpu", *types: str, **changes: Any) -> Pool:
    values: dict[str, Any] = {
        "key": f"karpenter-{name}",
        "instance_types": types or ("g5.xlarge", "g5.12xlarge"),
        "zones": ZONES[:2],
        "capacity_types": ("spot",),
        "labels": {"pool": name},
        "taints": (GPU_TAINT,),
        "consolidate_after_s": 60.0,
        **changes,
    }
    return Pool(**values)


def group(size: int, **changes: Any) -> Pool:
    values = {"key": "group-system", "taints": (), "fixed_size": size, "zones": ZONES, **changes}
    return pool("system", "m7i.xlarge", **values)


names = itertools.count()


def node(shape: Shape, name: str = "", taints: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return a node as the keeper makes it and the API server shows it."""
    capacity = {k: str(int(v)) for k, v in shape.capacity.items()}
    return {
        "metadata": {"name": name or f"n{next(names)}", "labels": dict(shape.labels)},
        "spec": {"taints": [*shape.pool.taints, *taints]},
        "status": {"capacity": capacity, "allocatable": capacity},
    }


def nodes(of: Pool, count: int, zone: str = ZONES[0]) -> list[dict[str, Any]]:
    shape = next(s for s in shapes(of) if s.zone == zone)
    return [node(shape) for _ in range(count)]


def pod(gpus: int = 1, on: str = "", reason: str = "Unschedulable", **changes: Any) -> dict[str, Any]:
    """Return a pod that waits, or one that is bound to the node `on`."""
    spec = {
        "containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": str(gpus)} if gpus else {}}}],
        "tolerations": [TOLERATION],
        **changes,
    }
    if on:
        return {"metadata": {"name": "p"}, "spec": {**spec, "nodeName": on}, "status": {"phase": "Running"}}
    condition = {"type": "PodScheduled", "status": "False", "reason": reason}
    return {"metadata": {"name": "p"}, "spec": spec, "status": {"phase": "Pending", "conditions": [condition]}}


def created(found: Plan) -> list[tuple[str, str, str]]:
    return [(s.pool.key, s.instance_type, s.zone) for s in found.create]


# -- node groups --------------------------------------------------------------------------------------------------


def test_plan_group_without_nodes_gets_its_size_spread_over_zones() -> None:
    found = plan([group(5)], [], [], {})
    assert [s.zone for s in found.create] == [*ZONES, *ZONES[:2]]
    assert found.remove == ()


def test_plan_group_of_its_size_is_left_alone() -> None:
    assert plan([group(2)], nodes(group(2), 2), [], {}) == Plan((), ())


def test_plan_group_that_grew_is_evened_out() -> None:
    found = plan([group(4)], nodes(group(4), 2), [], {})
    assert [s.zone for s in found.create] == [ZONES[1], ZONES[2]]


def test_plan_group_that_shrank_loses_nodes_of_its_fullest_zone() -> None:
    there = [*nodes(group(2), 3), *nodes(group(2), 1, ZONES[1])]
    found = plan([group(2)], there, [], {})
    assert len(found.remove) == 2
    assert set(found.remove) < {n["metadata"]["name"] for n in there[:3]}


def test_plan_group_that_shrank_loses_empty_nodes_first() -> None:
    there = nodes(group(1), 3)
    idle = there[1]["metadata"]["name"]
    assert plan([group(2)], there, [], {idle: 0.1}).remove == (idle,)


def test_plan_group_of_nothing_loses_all() -> None:
    assert len(plan([group(0)], nodes(group(1), 2), [], {}).remove) == 2


def test_plan_group_keeps_idle_nodes() -> None:
    there = nodes(group(1), 1)
    assert plan([group(1)], there, [], {there[0]["metadata"]["name"]: 1e9}).remove == ()


def test_plan_group_without_zones_waits_for_its_subnets() -> None:
    assert plan([group(2, zones=())], [], [], {}) == Plan((), ())


def test_plan_node_that_was_deleted_by_hand_comes_again() -> None:
    assert len(plan([group(3)], nodes(group(3), 2), [], {}).create) == 1


# -- pods that wait -----------------------------------------------------------------------------------------------


def test_plan_waiting_pod_gets_the_smallest_node_on_which_it_fits() -> None:
    assert created(plan([pool()], [], [pod()], {})) == [("karpenter-gpu", "g5.xlarge", ZONES[0])]
    assert created(plan([pool()], [], [pod(4)], {})) == [("karpenter-gpu", "g5.12xlarge", ZONES[0])]


def test_plan_pod_that_fits_nowhere_gets_nothing() -> None:
    assert plan([pool()], [], [pod(8)], {}) == Plan((), ())


def test_plan_several_pods_share_a_planned_node() -> None:
    found = plan([pool("gpu", "g5.12xlarge")], [], [pod()] * 5, {})
    assert [s.instance_type for s in found.create] == ["g5.12xlarge"] * 2


def test_plan_pod_that_nobody_looked_at_yet_gets_nothing() -> None:
    fresh = pod()
    fresh["status"] = {"phase": "Pending"}
    assert plan([pool()], [], [fresh, pod(reason="SchedulingGated")], {}) == Plan((), ())


def test_plan_pod_that_ends_or_goes_gets_nothing() -> None:
    failed, going = pod(), pod()
    failed["status"]["phase"] = "Failed"
    going["metadata"]["deletionTimestamp"] = "2026-11-23T00:00:00Z"
    assert plan([pool()], [], [failed, going], {}) == Plan((), ())


def test_plan_pod_without_the_toleration_gets_nothing() -> None:
    assert plan([pool()], [], [pod(tolerations=[])], {}) == Plan((), ())


def test_plan_pod_for_another_pool_gets_a_node_there() -> None:
    found = plan([pool("a"), pool("b")], [], [pod(nodeSelector={"pool": "b"})], {})
    assert [s.pool.key for s in found.create] == ["karpenter-b"]


def test_plan_pod_for_a_zone_gets_a_node_there() -> None:
    chosen = {"topology.kubernetes.io/zone": ZONES[1]}
    assert created(plan([pool()], [], [pod(nodeSelector=chosen)], {}))[0][2] == ZONES[1]


def test_plan_pod_of_a_daemon_set_gets_no_node_of_its_own() -> None:
    # The controller binds such a pod to one node by its name: a new node would not help, and would get its own pod.
    field = {"key": "metadata.name", "operator": "In", "values": ["n1"]}
    terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    assert plan([pool()], [], [pod(affinity=affinity)], {}) == Plan((), ())


def test_plan_free_capacity_is_used_before_a_node_is_made() -> None:
    of = pool("gpu", "g5.12xlarge")
    there = nodes(of, 1)
    name = there[0]["metadata"]["name"]
    assert plan([of], there, [pod(2, on=name), pod(), pod()], {}) == Plan((), ())
    assert len(plan([of], there, [pod(2, on=name), pod(), pod(), pod()], {}).create) == 1


def test_plan_pods_that_ended_leave_their_place() -> None:
    of = pool("gpu", "g5.xlarge")
    there = nodes(of, 1)
    ended = pod(1, on=there[0]["metadata"]["name"])
    ended["status"]["phase"] = "Succeeded"
    assert plan([of], there, [ended, pod()], {}) == Plan((), ())


def test_plan_nodes_that_are_coming_are_counted() -> None:
    # The scheduler will find room on the node of the group; Karpenter's pool need not grow for it.
    waits = pod(0, tolerations=[])
    found = plan([group(1), pool("cpu", "m7i.xlarge", taints=())], [], [waits], {})
    assert [s.pool.key for s in found.create] == ["group-system"]


@pytest.mark.parametrize(
    ("taint", "grows"),
    [
        ({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}, False),
        ({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}, True),
        ({"key": "upkeep", "effect": "NoExecute"}, True),
    ],
    ids=["new", "cordoned", "tainted"],
)
def test_plan_node_behind_a_taint_offers_room_only_if_it_is_new(taint: dict[str, str], grows: bool) -> None:
    of = pool("gpu", "g5.xlarge")
    there = [node(next(iter(shapes(of))), taints=[taint])]
    assert bool(plan([of], there, [pod()], {}).create) is grows


def test_plan_slices_serve_a_pod_each() -> None:
    of = pool("mig", "p4d.24xlarge", labels={"nvidia.com/mig.config": "all-3g.20gb"})
    assert len(plan([of], [], [pod()] * 16, {}).create) == 1
    assert len(plan([of], [], [pod()] * 17, {}).create) == 2


def test_plan_named_slices_serve_those_who_ask_for_them() -> None:
    of = pool("mig", "p4d.24xlarge", labels={"nvidia.com/mig.config": "all-balanced"})
    slice_: dict[str, Any] = {"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/mig-2g.10gb": "1"}}}]}
    assert len(plan([of], [], [pod(**slice_)] * 8, {}).create) == 1
    assert plan([of], [], [pod()], {}) == Plan((), ())


# -- limits and weights -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "count"),
    [
        ({}, 4),
        ({"nvidia.com/gpu": 2.0}, 2),
        ({"cpu": 11.0}, 2),
        ({"memory": 16 * 2.0**30}, 1),
        ({"nodes": 3.0}, 3),
        ({"nvidia.com/gpu": 0.0}, 0),
        ({"nvidia.com/gpu": 8.0, "nodes": 1.0}, 1),
    ],
)
def test_plan_limits_are_kept(limits: dict[str, float], count: int) -> None:
    assert len(plan([pool("gpu", "g5.xlarge", limits=limits)], [], [pod()] * 4, {}).create) == count


def test_plan_limit_counts_the_nodes_that_are_there() -> None:
    of = pool("gpu", "g5.xlarge", limits={"nvidia.com/gpu": 2.0})
    there = nodes(of, 1)
    busy = [pod(1, on=there[0]["metadata"]["name"])]
    assert len(plan([of], there, [*busy, pod(), pod()], {}).create) == 1


def test_plan_heavier_pool_is_asked_first_and_the_next_when_it_is_full() -> None:
    pools = [pool("a", "g5.xlarge"), pool("b", "g5.xlarge", weight=10, limits={"nodes": 1.0})]
    assert [s.pool.key for s in plan(pools, [], [pod()] * 2, {}).create] == ["karpenter-b", "karpenter-a"]


def test_plan_purchase_follows_the_pools_order() -> None:
    of = pool("gpu", "g5.xlarge", "g5.12xlarge", capacity_types=("reserved", "spot", "on-demand"))
    assert [s.capacity_type for s in plan([of], [], [pod(4)], {}).create] == ["reserved"]


# -- nodes that go ------------------------------------------------------------------------------------------------


def test_plan_node_that_stayed_empty_goes() -> None:
    there = nodes(pool(), 2)
    first, second = (n["metadata"]["name"] for n in there)
    assert plan([pool()], there, [], {first: 61.0, second: 60.0}).remove == (first,)


def test_plan_nodes_of_a_pool_that_is_gone_go() -> None:
    there = nodes(pool("old"), 2)
    assert set(plan([pool("new")], there, [], {}).remove) == {n["metadata"]["name"] for n in there}


def test_plan_nodes_of_others_are_left_alone() -> None:
    stranger = nodes(pool(), 1)[0]
    del stranger["metadata"]["labels"][POOL_LABEL]
    assert plan([], [stranger], [], {stranger["metadata"]["name"]: 1e9}) == Plan((), ())


def test_plan_nothing_to_do_does_nothing() -> None:
    assert plan([], [], [], {}) == Plan((), ())


# -- whatever there is --------------------------------------------------------------------------------------------

pools_of_any_kind = st.lists(
    st.builds(
        lambda name, types, zones, gpus, most, weight, tainted: pool(
            name,
            *types,
            zones=tuple(zones),
            limits={k: float(v) for k, v in (("nvidia.com/gpu", gpus), ("nodes", most)) if v is not None},
            weight=weight,
            taints=(GPU_TAINT,) if tainted else (),
        ),
        st.sampled_from("abc"),
        st.lists(st.sampled_from(["g5.xlarge", "g5.12xlarge", "g6.xlarge", "m7i.xlarge"]), min_size=1, max_size=2),
        st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(0, 3),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda p: p.key,
)
waiting_pods = st.lists(
    st.builds(
        lambda gpus, tolerant, selector: pod(gpus, tolerations=[TOLERATION] if tolerant else [], nodeSelector=selector),
        st.integers(0, 5),
        st.booleans(),
        st.sampled_from(
            [{}, {"pool": "a"}, {"topology.kubernetes.io/zone": ZONES[1]}, {"kubernetes.io/hostname": "x"}]
        ),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=150)
@given(pools_of_any_kind, waiting_pods, st.lists(st.integers(0, 2), max_size=3))
def test_plan_never_exceeds_limits_nor_makes_a_node_in_vain(
    pools: list[Pool], pods: list[dict[str, Any]], there: list[int]
) -> None:
    standing = [n for p, count in zip(pools, there, strict=False) for n in nodes(p, count, p.zones[0])]
    found = plan(pools, standing, pods, {})
    for of in pools:
        new = [s for s in found.create if s.pool == of]
        old = [n for n in standing if n["metadata"]["labels"][POOL_LABEL] == of.key]
        after = total([*(s.capacity for s in new), *(amounts(n["status"]["capacity"]) for n in old)])
        after["nodes"] = float(len(new) + len(old))
        assert not new or all(after.get(name, 0.0) <= limit for name, limit in of.limits.items())
    assert len(found.create) <= len(pods)
    for shape in found.create:
        assert any(may_run(p, shape) for p in pods)


def may_run(waiting: dict[str, Any], shape: Shape) -> bool:
    return (
        matching.tolerates(waiting, shape.pool.taints)
        and any(matching.accepts(shape.labels, a) for a in matching.wanted(waiting))
        and fits(pod_requests(waiting), dict(shape.capacity))
    )


@settings(deadline=None, max_examples=60)
@given(pools_of_any_kind, waiting_pods)
def test_plan_second_look_asks_for_nothing_more(pools: list[Pool], pods: list[dict[str, Any]]) -> None:
    first = plan(pools, [], pods, {})
    again = plan(pools, [node(shape) for shape in first.create], pods, {})
    assert again == Plan((), ())


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 7), st.integers(0, 7), st.integers(1, 3))
def test_plan_group_reaches_its_size_evenly(size: int, there: int, zones: int) -> None:
    of = group(size, zones=ZONES[:zones])
    standing = nodes(of, there)
    found = plan([of], standing, [], {})
    assert there + len(found.create) - len(found.remove) == size
    if not there:
        spread = Counter(s.zone for s in found.create).values()
        assert not spread or max(spread) - min(spread) <= 1
