"""The pods of a stack that ask for accelerators, on the pools of the stack that must carry them: each counted once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from finops.context import Context
from finops.line import Line, State, plain
from finops.mapping import nodegroup, nodepool, pools, shapes
from finops.mapping.nodes import ON_DEMAND
from finops.mapping.placement import Carrier, Load, Slots, place
from finops.mapping.shapes import Shape
from finops.mapping.workloads import NEURON, NVIDIA, READERS, Ask, asks
from finops.resource import Resource
from finops.values import UNKNOWN, NotKnown, Props, Unreadable

_DEAR = Decimal(10**9)
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_GROUP_LABELS = (shapes.INSTANCE_TYPE, "kubernetes.io/arch", "kubernetes.io/os")
_KEY = "carried"


@dataclass(frozen=True, slots=True)
class Carried:
    """What is carried where: loads by the id of the pool, and asks that nothing carries by that of their owner."""

    loads: dict[int, Load] = field(default_factory=dict)
    stranded: dict[int, list[Ask]] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    """Pools that cannot be read: they may carry what nothing else does."""


def load_of(resource: Resource, context: Context) -> Load | None:
    """Return the pods that a pool or node group must carry; None where it carries none."""
    return _carried(context).loads.get(id(resource))


def pods(resource: Resource, context: Context) -> Iterable[Line]:
    """Say which pods with accelerators no pool carries; others cost nothing, for their nodes are counted."""
    if not _asks(resource, context):  # raises for what cannot be read
        return
    found = _carried(context)
    for ask in found.stranded.get(id(resource), ()):
        count = "1 pod" if ask.expected == 1 else f"{ask.expected:,} pods"
        note = f"no pool of this stack can carry {count} with {plain(ask.units)} {ask.resource[:64]} each"
        if found.gaps:
            note += f", unless one that is not known can: {', '.join(found.gaps[:3])}"
        yield Line("pods with accelerators", State.UNKNOWN, note=note)


def _carried(context: Context) -> Carried:
    if _KEY not in context.cache:
        context.cache[_KEY] = _carry(context)
    found: Carried = context.cache[_KEY]
    return found


def _carry(context: Context) -> Carried:
    """Place all pods. Pools are only read where any pod asks for accelerators."""
    found = Carried()
    owners = (owner for type_ in READERS for owner in context.resources.by_type.get(type_, ()))
    wanted = [ask for owner in owners for ask in _read(owner, context)]
    if not wanted:
        return found
    carriers = _carriers(context, found.gaps)
    index = _Index(carriers)
    for ask in wanted:
        if not place(ask, index.slots(ask)):
            found.stranded.setdefault(id(ask.owner), []).append(ask)
    for carrier in carriers:
        if carrier.load.owners or carrier.load.pending:
            found.loads[id(carrier.resource)] = carrier.load
    return found


class _Index:
    """Finds the pools for pods without asking every pool for each of them."""

    def __init__(self, carriers: Sequence[Carrier]) -> None:
        self._carriers = carriers
        self._slots: dict[tuple[object, ...], Slots] = {}
        self._by_label: dict[tuple[str, str], list[Carrier]] = {}
        self._keys: dict[str, int] = {}
        for carrier in carriers:
            for key, value in carrier.labels.items():
                self._by_label.setdefault((key, value), []).append(carrier)
                self._keys[key] = self._keys.get(key, 0) + 1

    def slots(self, ask: Ask) -> Slots:
        """Return the pools for pods like these, the same ones for all that are alike."""
        alike = (ask.resource, ask.units, ask.where, ask.tolerations)
        if alike not in self._slots:
            self._slots[alike] = Slots.of(ask, self._candidates(ask))
        return self._slots[alike]

    def _candidates(self, ask: Ask) -> Sequence[Carrier]:
        """Return all pools, or only those with a selected label that every pool has, whatever its value."""
        if len(ask.where) == 1:
            for wanted in ask.where[0]:
                if wanted.operator == "In" and self._keys.get(wanted.key) == len(self._carriers):
                    return [one for value in wanted.values for one in self._by_label.get((wanted.key, value), ())]
        return self._carriers


def _asks(owner: Resource, context: Context) -> Sequence[Ask]:
    """Return what the pods of an object ask for, read once. Raises `Unreadable`."""
    key = ("asks", id(owner))
    if key not in context.cache:
        try:
            context.cache[key] = asks(owner, context)
        except Unreadable as error:
            context.cache[key] = error
    found: Sequence[Ask] | Unreadable = context.cache[key]
    if isinstance(found, Unreadable):
        raise found
    return found


def _read(owner: Resource, context: Context) -> Sequence[Ask]:
    if not owner.custom or owner.external or owner.to_be_deleted:
        return ()
    try:
        return _asks(owner, context)
    except Unreadable:
        return ()  # its own line says so


def _carriers(context: Context, gaps: list[str]) -> list[Carrier]:
    found = []
    readers = ((nodegroup.NODE_GROUP, _group), (nodepool.NODE_POOL, _pool))
    for type_, reader in readers:
        for resource in context.resources.by_type.get(type_, ()):
            if resource.external or resource.to_be_deleted:
                continue
            try:
                carrier = reader(resource, context)
            except Unreadable:
                gaps.append(resource.name[:64])
                continue
            if carrier.shapes:
                found.append(carrier)
    return found


def _pool(resource: Resource, context: Context) -> Carrier:
    """Read a Karpenter pool."""
    spec = nodepool.spec(resource)
    wanted = shapes.requirements(spec)
    allowed = [shape for shape in nodepool.allowed(resource, context, wanted).shapes if _accelerators(shape)]
    limits = pools.limits(spec)
    name = resource.props.text("metadata.name") or resource.name
    fixed = spec.number("replicas", 0) if spec.at("replicas") is not None else None

    def most(shape: Shape) -> Decimal | None:
        bounds = [limit // need for key, limit in limits.items() if (need := shape.capacity.get(key))]
        return min(bounds, default=None)

    there: Callable[[Shape], Decimal | None] | None = None if fixed is None else lambda shape: fixed
    return Carrier(
        resource,
        allowed,
        {**_texts(spec, "template.metadata.labels"), "karpenter.sh/nodepool": name},
        [_taint(taint) for taint in spec.each("template.spec.taints")],
        shapes.capacity_types(wanted),
        wanted,
        spec.number("weight", 0),
        _cheapest(resource, context, allowed),
        shapes.is_label,
        there,
        Load(there or most),
    )


def _group(resource: Resource, context: Context) -> Carrier:
    """Read a managed node group; of several types the first is the one that its pods get."""
    props = resource.props
    names = nodegroup.types(resource, context)[:1]
    allowed = [shape for shape in shapes.named(names) if _accelerators(shape)]
    sizes = nodegroup.sizes(resource)
    name, kind = props.text("nodeGroupName") or resource.name, props.text("capacityType", "ON_DEMAND")
    labels = {"eks.amazonaws.com/nodegroup": name, "eks.amazonaws.com/capacityType": kind}
    return Carrier(
        resource,
        allowed,
        {**_texts(props, "labels"), **labels},
        [_taint(taint) for taint in props.each("taints")],
        frozenset(),
        (),
        Decimal(0),
        _cheapest(resource, context, allowed),
        lambda key: key in _GROUP_LABELS,
        lambda shape: sizes.expected,
        Load(lambda shape: sizes.ceiling),
    )


def _accelerators(shape: Shape) -> Decimal | None:
    return shape.capacity.get(NVIDIA) or shape.capacity.get(NEURON[0])


def _cheapest(resource: Resource, context: Context, found: Iterable[Shape]) -> Decimal:
    """Return USD an hour for an accelerator of the cheapest type; a great amount where no type has a price."""
    region = context.region(resource)
    prices = ((context.book.find(f"{ON_DEMAND}/{shape.name}", region), _accelerators(shape)) for shape in found)
    return min((price.usd / count for price, count in prices if price is not None and count), default=_DEAR)


def _taint(taint: Props) -> tuple[str, str, str]:
    effect = taint.text("effect")
    return taint.text("key"), taint.text("value"), _EFFECTS.get(effect, effect)


def _texts(props: Props, path: str) -> dict[str, str]:
    found = props.mapping(path)
    if any(value is UNKNOWN for value in found.values()):
        raise NotKnown(path)
    return {str(key): str(value) for key, value in found.items()}
