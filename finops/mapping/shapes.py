"""Which instance types a Karpenter NodePool may start, from its requirements and the dated facts."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from components._core import facts
from finops.values import Malformed, Props

INSTANCE_TYPE = "node.kubernetes.io/instance-type"
FAMILY = "karpenter.k8s.aws/instance-family"
CAPACITY_TYPE = "karpenter.sh/capacity-type"

# Karpenter takes a node for smaller by the memory that its machine keeps: VM_MEMORY_OVERHEAD_PERCENT, 0.075 by
# default (karpenter.sh/docs/reference/settings, read 2026-11-23). So more nodes fit below a limit.
_MEMORY_LEFT = Decimal("0.925")

_CATEGORY = re.compile(r"(?P<category>[a-z]+)(?P<generation>\d+)")


@dataclass(frozen=True, slots=True)
class Shape:
    """One instance type as Karpenter sees it."""

    name: str
    labels: Mapping[str, str]
    capacity: Mapping[str, Decimal]
    """What counts against the limits of a pool: cores, bytes, devices, nodes."""
    regions: Mapping[str, Sequence[str]]


@cache
def _catalogue() -> Mapping[str, Shape]:
    return {name: _shape(facts.instance_type(name)) for name in facts.instance_type_names()}


def _shape(found: facts.InstanceType) -> Shape:
    """Return a type with the labels of karpenter.sh/docs/reference/instance-types, read 2026-11-23."""
    prefix = "karpenter.k8s.aws/instance"
    named = _CATEGORY.match(found.family)
    labels = {
        INSTANCE_TYPE: found.name,
        FAMILY: found.family,
        f"{prefix}-category": named["category"] if named else "",
        f"{prefix}-generation": named["generation"] if named else "",
        f"{prefix}-size": found.name.partition(".")[2],
        f"{prefix}-cpu": str(found.vcpu),
        f"{prefix}-memory": str(found.memory_mib),
        "kubernetes.io/arch": found.architecture,
        "kubernetes.io/os": "linux",
    }
    if found.gpus:
        labels |= {
            f"{prefix}-gpu-name": found.gpus.name.lower().replace(" ", "-"),
            f"{prefix}-gpu-manufacturer": found.gpus.manufacturer.lower(),
            f"{prefix}-gpu-count": str(found.gpus.count),
            f"{prefix}-gpu-memory": str(found.gpus.memory_mib),
        }
    capacity = {
        "nodes": Decimal(1),
        "cpu": Decimal(found.vcpu),
        "memory": Decimal(found.memory_mib) * 2**20 * _MEMORY_LEFT,
    }
    if found.accelerator_resource:
        capacity[found.accelerator_resource] = Decimal(found.accelerator_count)
    return Shape(found.name, labels, capacity, found.regions)


_DECIDED = frozenset(f"karpenter.k8s.aws/instance-gpu-{what}" for what in ("name", "manufacturer", "count", "memory"))
"""Labels that only some types have: those without it are told apart from those whose label is not known."""


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _compare(holds: Callable[[int, int], bool]) -> Callable[[str | None, Sequence[str]], bool]:
    def check(found: str | None, values: Sequence[str]) -> bool:
        left = _number(found) if found is not None else None
        right = _number(values[0]) if len(values) == 1 else None
        return left is not None and right is not None and holds(left, right)

    return check


_OPERATORS: Mapping[str, Callable[[str | None, Sequence[str]], bool]] = {
    "In": lambda found, values: found in values,
    "NotIn": lambda found, values: found not in values,
    "Exists": lambda found, values: found is not None,
    "DoesNotExist": lambda found, values: found is None,
    "Gt": _compare(lambda left, right: left > right),
    "Lt": _compare(lambda left, right: left < right),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a pool."""

    key: str
    operator: str
    values: tuple[str, ...]

    def holds(self, value: str | None) -> bool:
        """Whether a label with that value meets it, None where there is no such label."""
        return _OPERATORS[self.operator](value, self.values)

    def allows(self, shape: Shape) -> bool:
        """Whether a type meets it. A label that is not known of types (its zone) excludes none: the ceiling holds."""
        if self.key not in shape.labels and self.key not in _DECIDED:
            return True
        return self.holds(shape.labels.get(self.key))


def requirements(spec: Props) -> tuple[Requirement, ...]:
    """Return the requirements of a NodePool's template. Raises `Unreadable`."""
    path = "template.spec.requirements"
    return tuple(requirement(entry, path) for entry in spec.each(path))


def requirement(entry: Props, path: str) -> Requirement:
    """Return one requirement, of a pool or of a pod. Raises `Unreadable`."""
    operator = entry.text("operator")
    if operator not in _OPERATORS:
        raise Malformed(f"{path}.operator", f"one of {', '.join(_OPERATORS)}")
    return Requirement(entry.text("key"), operator, tuple(entry.texts("values")))


def named(names: Iterable[str]) -> list[Shape]:
    """Return the types of these names that the facts have."""
    catalogue = _catalogue()
    return [catalogue[name] for name in names if name in catalogue]


def is_label(key: str) -> bool:
    """Whether a label tells types apart on nodes that Karpenter starts."""
    return key in _DECIDED or key in next(iter(_catalogue().values())).labels


def capacity_types(wanted: Sequence[Requirement]) -> frozenset[str]:
    """Return how the pool may buy: on-demand alone where it does not say, as Karpenter's documentation has it."""
    found = {"on-demand", "spot", "reserved"}
    named = [r for r in wanted if r.key == CAPACITY_TYPE]
    for requirement in named:
        found = {kind for kind in found if _OPERATORS[requirement.operator](kind, requirement.values)}
    return frozenset(found) if named else frozenset({"on-demand"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """The types that a pool may start, and those that it names and the facts do not have."""

    shapes: tuple[Shape, ...]
    strangers: tuple[str, ...]
    closed: bool
    """Whether the pool names its types or families; otherwise there may be more than the facts have."""


def allowed(wanted: tuple[Requirement, ...], region: str) -> Allowed:
    """Return what a pool may start in a region."""
    named = [r for r in wanted if r.operator == "In" and r.key == INSTANCE_TYPE]
    closed = bool(named) or any(r.operator == "In" and r.key == FAMILY for r in wanted)
    catalogue = _catalogue()
    pool: Iterable[Shape] = catalogue.values()
    strangers: list[str] = []
    if named:
        names = dict.fromkeys(named[0].values)
        pool = [catalogue[name] for name in names if name in catalogue]
        strangers = [name for name in names if name not in catalogue]
    known_region = region in facts.regions()
    return Allowed(
        tuple(
            shape
            for shape in pool
            if all(requirement.allows(shape) for requirement in wanted)
            and (not known_region or shape.regions.get(region))
        ),
        tuple(strangers),
        closed,
    )
