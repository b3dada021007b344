"""Which pool must carry which pods, and how many of its nodes they need. Pure arithmetic over what pools say."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from components._core import facts
from components._core.facts.errors import FactError
from finops.mapping.pools import Choice, Cost
from finops.mapping.shapes import CAPACITY_TYPE, Requirement, Shape
from finops.mapping.workloads import MIG, NEURON, NEURON_CORE, NVIDIA, Ask, Toleration
from finops.resource import Resource

# Labels that something in the cluster sets on nodes, so that no pool tells them; zones are not told apart either.
_SET_LATER = ("topology.", "kubernetes.io/hostname", "nvidia.com/", "aws.amazon.com/", "feature.node.kubernetes.io/")

_SHOWN = 4


def devices(shape: Shape, resource: str, units: Decimal) -> Fraction | None:
    """Return how many accelerators of a type so many units of a resource take; None where it has none of them.

    A part of a GPU (MIG) counts as the smallest share that the GPU's model allows: never more nodes than needed.
    """
    amount = Fraction(units)
    if resource == NVIDIA or resource in NEURON:
        return amount if shape.capacity.get(NVIDIA if resource == NVIDIA else NEURON[0]) else None
    found = facts.instance_type(shape.name)
    if resource == NEURON_CORE:
        return amount * found.neuron.devices / found.neuron.cores if found.neuron else None
    try:
        model = facts.mig_model(found) if found.gpus else None
    except FactError:
        return None
    profiles = model.profiles if model is not None else ()
    fits = next((one.max_instances for one in profiles if one.resource == resource), None)
    return amount / fits if fits and resource.startswith(MIG) else None


def pack(pods: Iterable[tuple[Fraction, int]], capacity: Fraction) -> int | None:
    """Return how many nodes hold so many pods of each size, the largest first; None where one is larger than a node."""
    free: dict[Fraction, int] = {}
    nodes = 0

    def put(size: Fraction, room: Fraction, count: int) -> int:
        """Fill so many nodes with `room` left each, as far as `count` pods do, and return the nodes used."""
        each = int(room // size)
        full, rest = divmod(count, each)
        for left, number in ((room - each * size, full), (room - rest * size, 1 if rest else 0)):
            if number and left:
                free[left] = free.get(left, 0) + number
        return full + (1 if rest else 0)

    for size, number in sorted(pods, reverse=True):
        if size > capacity:
            return None
        left = number
        for room in sorted(one for one in free if one >= size):
            placed = min(left, free[room] * int(room // size))
            if placed:
                open_nodes = free.pop(room)
                used = put(size, room, placed)
                free[room] = free.get(room, 0) + open_nodes - used
                left -= placed
        if left:
            nodes += put(size, capacity, left)
    return nodes


@dataclass(slots=True)
class Load:
    """The pods that a pool carries, alike ones together."""

    most: Callable[[Shape], Decimal | None]
    """How many nodes of a type the pool may have; None without a limit."""
    pods: dict[tuple[str, Decimal, frozenset[str]], list[int]] = field(default_factory=dict)
    """Resource, units and the types that suit, to pods at the floor and as expected."""
    owners: dict[str, int] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    """Pods for which no limit leaves room, by owner."""

    @property
    def notes(self) -> list[str]:
        """What it carries, in words."""
        carried = [f"carries {_listed(self.owners)}"] if self.owners else []
        return [*carried, *([f"limits leave no room for {_listed(self.pending)}"] if self.pending else [])]

    def nodes(self, shape: Shape, floor: bool, more: tuple[Ask, int, frozenset[str]] | None = None) -> int | None:
        """Return how many nodes of one type carry all of it, and perhaps `more`; None where that type cannot."""
        wanted = {key: counts[0 if floor else 1] for key, counts in self.pods.items()}
        if more is not None:
            key = (more[0].resource, more[0].units, more[2])
            wanted[key] = wanted.get(key, 0) + more[1]
        sizes = []
        for (resource, units, suits), count in wanted.items():
            size = devices(shape, resource, units) if count and shape.name in suits else None
            if count and size is None:
                return None
            if size is not None:
                sizes.append((size, count))
        return pack(sizes, _capacity(shape))

    def room(self, ask: Ask, suits: Sequence[Shape]) -> int:
        """Return how many of the pods of `ask` fit beside the others below the limits."""
        names = frozenset(shape.name for shape in suits)
        if any(self.most(shape) is None for shape in suits):
            return ask.expected
        low, high = 0, ask.expected
        while low < high:
            middle = (low + high + 1) // 2
            fits = any(self._within(shape, ask, middle, names) for shape in suits)
            low, high = (middle, high) if fits else (low, middle - 1)
        return low

    def add(self, ask: Ask, count: int, suits: Sequence[Shape]) -> None:
        """Take so many pods; those that always run come first."""
        key = (ask.resource, ask.units, frozenset(shape.name for shape in suits))
        counts = self.pods.setdefault(key, [0, 0])
        counts[0] += min(ask.floor, count)
        counts[1] += count
        owner = ask.owner.name[:64] if ask.floor else f"{ask.owner.name[:64]} while it runs, counted all month"
        self.owners[owner] = self.owners.get(owner, 0) + count

    def least(self, shapes: Sequence[Shape], cost: Cost, floor: bool) -> Choice | None:
        """Return the cheapest nodes of one type that carry it, None where it is empty.

        Where no single type suits all pods, the nodes of each kind are added and counted as the cheapest type that
        is among them: what they cost at least.
        """
        options = [
            (cost(shape) * nodes, Choice(Decimal(nodes), shape.name))
            for shape in shapes
            if (nodes := self.nodes(shape, floor))
        ]
        if options:
            return min(options, key=lambda option: option[0])[1]
        parts = [self._alone(key, counts[0 if floor else 1], shapes, cost) for key, counts in self.pods.items()]
        known = [part for part in parts if part is not None]
        if not known:
            return None
        by_name = {shape.name: shape for shape in shapes}
        cheapest = min((part.type for part in known), key=lambda name: cost(by_name[name]))
        return Choice(sum((part.nodes for part in known), Decimal(0)), cheapest)

    def _within(self, shape: Shape, ask: Ask, count: int, names: frozenset[str]) -> bool:
        more, most = (ask, count, names), self.most(shape)
        nodes = self.nodes(shape, False, more)
        if nodes is None:  # other pods of the pool need other types: these have nodes of their own
            nodes = Load(self.most).nodes(shape, False, more)
        return nodes is not None and (most is None or nodes <= most)

    def _alone(
        self, key: tuple[str, Decimal, frozenset[str]], count: int, shapes: Sequence[Shape], cost: Cost
    ) -> Choice | None:
        if not count:
            return None
        alone = Load(self.most, {key: [count, count]})
        options = [
            (cost(shape) * nodes, Choice(Decimal(nodes), shape.name))
            for shape in shapes
            if (nodes := alone.nodes(shape, floor=True))
        ]
        return min(options, key=lambda option: option[0])[1] if options else None


@dataclass(slots=True)
class Carrier:
    """A pool or node group that may carry pods."""

    resource: Resource
    shapes: Sequence[Shape]
    labels: Mapping[str, str]
    """Of its nodes, as far as it tells."""
    taints: Sequence[tuple[str, str, str]]
    """Key, value, effect."""
    bought: frozenset[str]
    requirements: Sequence[Requirement]
    weight: Decimal
    usd: Decimal
    """Of an accelerator for an hour at its cheapest, to choose between pools that suit alike."""
    shape_labels: Callable[[str], bool]
    """Whether a label is one that tells types apart on its nodes."""
    there: Callable[[Shape], Decimal | None] | None
    """Nodes that exist anyway; None for a pool that follows its pods."""
    load: Load

    def suits(self, ask: Ask) -> Sequence[Shape]:
        """Return the types of the pool that pods may run on; empty where they may not, or are larger than a node."""
        if not all(_tolerated(taint, ask.tolerations) for taint in self.taints):
            return ()
        found: dict[str, Shape] = {}
        for term in ask.where:
            found |= {shape.name: shape for shape in self._meeting(term)}
        return [
            shape
            for shape in found.values()
            if (size := devices(shape, ask.resource, ask.units)) is not None and size <= _capacity(shape)
        ]

    def _meeting(self, term: Iterable[Requirement]) -> Sequence[Shape]:
        shapes = self.shapes
        for wanted in term:
            if wanted.key in self.labels:
                met = wanted.holds(self.labels[wanted.key])
            elif wanted.key == CAPACITY_TYPE:
                met = any(wanted.holds(kind) for kind in self.bought)
            elif self.shape_labels(wanted.key):
                shapes = [shape for shape in shapes if wanted.allows(shape)]
                continue
            elif own := [one for one in self.requirements if one.key == wanted.key]:
                met = any(one.operator != "In" or any(wanted.holds(v) for v in one.values) for one in own)
            else:
                met = wanted.key.startswith(_SET_LATER) or wanted.holds(None)
            if not met:
                return ()
        return shapes


@dataclass(slots=True)
class Slots:
    """The pools for alike pods, in the order in which they fill. Those without room left are dropped."""

    first: Carrier | None
    """The first that suits, None where none does."""
    open: list[tuple[Callable[[Shape], Decimal | None], Carrier, Sequence[Shape]]]
    """How many nodes there may be, the pool, the types that suit."""

    @classmethod
    def of(cls, ask: Ask, carriers: Iterable[Carrier]) -> "Slots":
        """Order pools: nodes that are there anyway, pools that follow their pods, node groups that may grow.

        Of pools that follow their pods the heaviest comes first, as with Karpenter, then the cheapest.
        """
        suited = [(carrier, shapes) for carrier in carriers if (shapes := carrier.suits(ask))]
        there = [(one.there, one, shapes) for one, shapes in suited if one.there is not None]
        following = sorted((p for p in suited if p[0].there is None), key=lambda pair: (-pair[0].weight, pair[0].usd))
        growing = [(one.load.most, one, shapes) for _, one, shapes in there]
        found = [*there, *((one.load.most, one, shapes) for one, shapes in following), *growing]
        return cls(found[0][1] if found else None, found)


def place(ask: Ask, slots: Slots) -> bool:
    """Put the pods of `ask` onto the pools that must carry them; False where none of them can.

    What no limit leaves room for is noted at the first that suits.
    """
    if slots.first is None:
        return False
    left, steady = ask.expected, ask.floor
    while left and slots.open:
        most, carrier, shapes = slots.open[0]
        part = replace(ask, floor=min(steady, left), expected=left)
        count = Load(most, carrier.load.pods).room(part, shapes)
        if count:
            carrier.load.add(part, count, shapes)
            left, steady = left - count, max(0, steady - count)
        if left:
            slots.open.pop(0)  # pods of this kind never find room here again
    if left:
        pending, name = slots.first.load.pending, ask.owner.name[:64]
        pending[name] = pending.get(name, 0) + left
    return True


def _tolerated(taint: tuple[str, str, str], tolerations: Iterable[Toleration]) -> bool:
    key, value, effect = taint
    return effect == "PreferNoSchedule" or any(one.tolerates(key, value, effect) for one in tolerations)


def _capacity(shape: Shape) -> Fraction:
    """Return how many accelerators a node of a type has."""
    return Fraction(shape.capacity.get(NVIDIA) or shape.capacity.get(NEURON[0]) or Decimal(0))


def _listed(counts: Mapping[str, int]) -> str:
    named = [f"{count:,} {'replica' if count == 1 else 'replicas'} of {name}" for name, count in counts.items()]
    more = f" and of {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return ", ".join(named[:_SHOWN]) + more
