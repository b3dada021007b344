"""Which fake nodes to make and which to remove: pure, so that it can be tested without a cluster.

This plays the parts of EKS and Karpenter that a scheduler test needs: node groups have their desired size; a Karpenter
pool gets the smallest node on which a waiting pod fits, within its limits, and loses nodes that stay empty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.nodes import matching
from sandbox.nodes.pools import POOL_LABEL, Pool, Shape, shapes
from sandbox.nodes.quantities import Amounts, amounts, fits, pod_requests, total

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to change."""

    create: tuple[Shape, ...]
    remove: tuple[str, ...]
    """Names of nodes."""


def plan(pools: Sequence[Pool], nodes: Sequence[Object], pods: Sequence[Object], idle_s: Mapping[str, float]) -> Plan:
    """Compare pools, nodes and pods. `idle_s` says for each empty node how long it has been empty, in seconds."""
    by_key = {p.key: p for p in pools}
    own = [n for n in nodes if POOL_LABEL in n["metadata"].get("labels", {})]
    remove = [_name(n) for n in own if _pool_of(n) not in by_key]
    create: list[Shape] = []
    for pool in pools:
        mine = [n for n in own if _pool_of(n) == pool.key]
        if pool.fixed_size is not None:
            create.extend(_missing(pool, mine))
            remove.extend(_surplus(pool, mine, idle_s))
        else:
            remove.extend(_name(n) for n in mine if idle_s.get(_name(n), 0.0) > pool.consolidate_after_s)
    staying = [n for n in own if _name(n) not in remove]
    waiting = _without_room([p for p in pods if _is_waiting(p)], pods, staying, create)
    create.extend(_for_pods(waiting, [p for p in pools if p.fixed_size is None], staying))
    return Plan(tuple(create), tuple(remove))


def _name(node: Object) -> str:
    return str(node["metadata"]["name"])


def _pool_of(node: Object) -> str:
    return str(node["metadata"]["labels"][POOL_LABEL])


def _missing(pool: Pool, mine: Sequence[Object]) -> list[Shape]:
    """Return the nodes that a node group lacks, spread over its zones."""
    kinds = {s.zone: s for s in reversed(list(shapes(pool)))}
    used = [_zone(n) for n in mine]
    result = []
    for _ in range((pool.fixed_size or 0) - len(mine) if pool.zones else 0):
        zone = min(pool.zones, key=lambda z: (used.count(z), pool.zones.index(z)))
        used.append(zone)
        result.append(kinds[zone])
    return result


def _zone(node: Object) -> str:
    return str(node["metadata"]["labels"].get("topology.kubernetes.io/zone"))


def _surplus(pool: Pool, mine: Sequence[Object], idle_s: Mapping[str, float]) -> list[str]:
    """Return the nodes that a node group has too many, from its fullest zone, empty ones first."""
    left = list(mine)
    result = []
    for _ in range(len(mine) - (pool.fixed_size or 0)):
        zones = [_zone(n) for n in left]
        goes = min(left, key=lambda n: (-zones.count(_zone(n)), -idle_s.get(_name(n), -1.0), _name(n)))
        left.remove(goes)
        result.append(_name(goes))
    return result


def _has_ended(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _is_waiting(pod: Object) -> bool:
    """Whether the scheduler has looked at a pod and found no node; a pod that is going needs none."""
    if _has_ended(pod) or pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = pod.get("status", {}).get("conditions") or []
    return not pod["spec"].get("nodeName") and any(
        c["type"] == "PodScheduled" and c["status"] == "False" and c.get("reason") == "Unschedulable"
        for c in conditions
    )


def _without_room(
    waiting: Sequence[Object], pods: Sequence[Object], nodes: Sequence[Object], coming: Sequence[Shape]
) -> list[Object]:
    """Return the waiting pods that fit on no node that is there or coming: the scheduler may just not have looked."""
    places = [
        ({**n["metadata"]["labels"], "metadata.name": _name(n)}, n.get("spec", {}).get("taints") or [], _free(n, pods))
        for n in nodes
    ] + [(s.labels, list(s.pool.taints), dict(s.capacity)) for s in coming]
    return [
        pod
        for pod in waiting
        if not any(
            _matches(pod, labels, taints) and fits(pod_requests(pod), free) and _take(free, pod_requests(pod))
            for labels, taints, free in places
        )
    ]


def _free(node: Object, pods: Sequence[Object]) -> Amounts:
    """Return what is left of a node's resources."""
    free = amounts(node["status"]["allocatable"])
    for pod in pods:
        if pod["spec"].get("nodeName") == _name(node) and not _has_ended(pod):
            _take(free, pod_requests(pod))
    return free


def _matches(pod: Object, labels: Mapping[str, str], taints: Sequence[Mapping[str, Any]]) -> bool:
    # A node that has just been made carries the not-ready taint until its controller has seen it; any other taint,
    # that of a cordoned node included, stays.
    lasting = [t for t in taints if t.get("key") != "node.kubernetes.io/not-ready"]
    return matching.tolerates(pod, lasting) and any(matching.accepts(labels, a) for a in matching.wanted(pod))


def _for_pods(waiting: Sequence[Object], pools: Sequence[Pool], nodes: Sequence[Object]) -> list[Shape]:
    used = {p.key: _used(p, nodes) for p in pools}
    planned: list[tuple[Shape, Amounts]] = []
    for pod in waiting:
        need = pod_requests(pod)
        if any(_may_run(pod, s) and fits(need, free) and _take(free, need) for s, free in planned):
            continue
        shape = _smallest(pod, need, pools, used)
        if shape is not None:
            free = dict(shape.capacity)
            _take(free, need)
            planned.append((shape, free))
            used[shape.pool.key] = total([used[shape.pool.key], shape.capacity, {"nodes": 1.0}])
    return [s for s, _ in planned]


def _take(free: Amounts, need: Amounts) -> bool:
    for name, value in need.items():
        free[name] = free.get(name, 0.0) - value
    return True


def _used(pool: Pool, nodes: Sequence[Object]) -> Amounts:
    mine = [n for n in nodes if _pool_of(n) == pool.key]
    return total([*(amounts(n["status"]["capacity"]) for n in mine), {"nodes": float(len(mine))}])


def _may_run(pod: Object, shape: Shape) -> bool:
    return _matches(pod, shape.labels, shape.pool.taints)


def _smallest(pod: Object, need: Amounts, pools: Sequence[Pool], used: Mapping[str, Amounts]) -> Shape | None:
    """Return the first kind of node on which a pod fits, in a pool that has room; heavier pools are asked first."""
    for pool in sorted(pools, key=lambda p: (-p.weight, p.key)):
        for shape in shapes(pool):
            after = total([used[pool.key], shape.capacity, {"nodes": 1.0}])
            within = all(after.get(name, 0.0) <= limit for name, limit in pool.limits.items())
            if within and fits(need, shape.capacity) and _may_run(pod, shape):
                return shape
    return None
