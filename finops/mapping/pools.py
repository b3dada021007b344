"""What a Karpenter NodePool may run at its smallest, on average, and at its limits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.line import plain
from finops.mapping.shapes import Shape
from finops.quantities import quantity
from finops.usage import PoolUse
from finops.values import UNKNOWN, NotKnown, Props

Cost = Callable[[Shape], Decimal]
"""USD a month of a node of a type, on demand, disks included."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Choice:
    """So many nodes of one type."""

    nodes: Decimal
    type: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The three sizes of a pool. Without a ceiling it is unbounded."""

    floor: Choice
    expected: Choice
    ceiling: Choice | None
    note: str
    assumption: str = ""
    """The assumption that `expected` rests on; empty for a pool of fixed size."""
    missing: str = ""
    """Why `expected` cannot be told, if it cannot."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that holds for every allowed type: no mix of them costs more than `most`."""

    limit: Decimal
    resource: str
    most: Choice
    cost: Decimal

    def __str__(self) -> str:
        if self.resource == "memory":
            return f"limit {plain(self.limit / 2**30)} GiB of memory"
        return f"limit {plain(self.limit)} {self.resource[:64]}"


def static(spec: Props, shapes: Sequence[Shape], cost: Cost) -> Plan:
    """Return the plan of a pool with `replicas`: always as many nodes, up to `limits.nodes` while they are replaced.

    Source: karpenter.sh/docs/concepts/nodepools, spec.replicas, read 2026-11-23.
    """
    nodes = spec.number("replicas")
    limit = limits(spec).get("nodes", nodes)
    cheapest, dearest = min(shapes, key=cost).name, max(shapes, key=cost).name
    size = Choice(nodes, cheapest)
    return Plan(size, size, Choice(max(nodes, limit), dearest), f"{plain(nodes)} replicas")


def dynamic(spec: Props, shapes: Sequence[Shape], cost: Cost, use: PoolUse, origin: str) -> Plan:
    """Return the plan of a pool that follows its pods: from nothing up to its tightest limit."""
    bound = min(bounds(limits(spec), shapes, cost), key=lambda found: found.cost, default=None)
    cheapest = min(shapes, key=cost).name
    floor = Choice(_ZERO, cheapest)
    note = str(bound) if bound else "no limit that holds for every allowed type: unbounded"
    ceiling = bound.most if bound else None
    if use.nodes is not None:
        assumption = f"{plain(use.nodes)} nodes run on average ({origin})"
        return Plan(floor, Choice(use.nodes, cheapest), ceiling, note, assumption)
    share = use.share_of_limit or _ZERO
    assumption = f"{plain(share)} of its limit runs on average ({origin})"
    if share == 0:
        return Plan(floor, floor, ceiling, note, assumption)
    if bound is None:
        missing = f"{plain(share)} of no limit is assumed ({origin}); assume a number of nodes instead"
        return Plan(floor, floor, ceiling, note, assumption, missing)
    resource = bound.resource
    thrifty = min(shapes, key=lambda shape: cost(shape) / shape.capacity[resource])
    expected = Choice(share * bound.limit / thrifty.capacity[resource], thrifty.name)
    return Plan(floor, expected, ceiling, note, assumption)


def limits(spec: Props) -> Mapping[str, Decimal]:
    """Return the limits of a pool in base units. Raises `Unreadable`."""
    found = {}
    for name, value in spec.mapping("limits").items():
        path = ("limits", str(name)[:64])
        if value is UNKNOWN:
            raise NotKnown(path)
        if value is not None:
            found[str(name)] = quantity(value, path)
    return found


def bounds(found: Mapping[str, Decimal], shapes: Sequence[Shape], cost: Cost) -> Iterable[Bound]:
    """Yield each limit that bounds the pool, with the most that can be spent below it.

    A limit on a resource that an allowed type lacks bounds nothing: of that type any number may start. With one
    type the nodes are whole. With several, the dearest per unit fills the limit, in fractions where it
    does not divide: no whole mix costs more.
    """
    for resource, limit in found.items():
        if not all(shape.capacity.get(resource) for shape in shapes):
            continue
        fitting = [shape for shape in shapes if shape.capacity[resource] <= limit]
        if not fitting:
            yield Bound(limit, resource, Choice(_ZERO, shapes[0].name), _ZERO)
            continue
        dearest = max(fitting, key=lambda shape: cost(shape) / shape.capacity[resource])
        nodes = limit / dearest.capacity[resource]
        if len(fitting) == 1:
            nodes = nodes.to_integral_value(rounding="ROUND_FLOOR")
        yield Bound(limit, resource, Choice(nodes, dearest.name), nodes * cost(dearest))
