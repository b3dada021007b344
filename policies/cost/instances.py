"""Which instance types a resource may start, by what it names and by the dated facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from components._core.facts.errors import FactError
from components._core.facts.instance_types import InstanceType, families, instance_type
from finops.mapping import shapes
from policies._engine.model import Manifest, Resource
from policies._engine.values import Items, joined, show
from policies._engine.wire import MalformedValue, Undetermined

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"
NODE_POOL = "karpenter.sh/NodePool"

EKS_DEFAULT = "t3.medium"
"""Type of a node group that names none (EKS API reference, CreateNodegroup, read 2026-11-23)."""

_OPERATORS = frozenset({"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"})
_TYPE_KEYS = (shapes.INSTANCE_TYPE, "kubernetes.io/arch", "kubernetes.io/os")


@dataclass(frozen=True)
class Types:
    """Instance types that may be started."""

    where: str
    """Path of what names them, for messages."""

    names: tuple[str, ...]
    """Those that are known; one that the facts do not have stands here too, a family of that kind as `x9.*`."""

    gaps: tuple[Undetermined, ...] = ()
    """What is not known and may name more."""

    closed: bool = True
    """Whether types or families are named, and not all taken that meet a condition."""

    def facts(self) -> Iterator[InstanceType | Undetermined]:
        """Yield the facts of each, or why there are none."""
        for name in self.names:
            try:
                yield instance_type(name)
            except FactError:
                yield Undetermined(f"instance type {show(name)} is not among the facts of instance types")


def of_resource(resource: Resource) -> Types:
    """Return the types of a node group, an instance, a launch template or a reservation. Raises `Undetermined`.

    Empty where a launch template names them instead, or where nothing does.
    """
    props = resource.props
    if resource.type != NODE_GROUP:
        name = props.text("instanceType")
        if not name and props.mapping("instanceRequirements"):
            raise Undetermined("instanceRequirements choose the types, which this rule does not see")
        return Types("instanceType", (name,) if name else ())
    listed = props.sequence("instanceTypes")
    if not len(listed) and not props.declared("launchTemplate"):
        return Types("instanceTypes", (EKS_DEFAULT,))
    return Types("instanceTypes", *_texts(listed))


def of_pool(pool: Manifest) -> Types:
    """Return the types that a NodePool may start in some region. Raises `Undetermined`."""
    wanted = [one for one in requirements(pool) if one.about_types]
    where = pool.spec.sequence("template.spec.requirements").path
    found = shapes.allowed(tuple(one.known() for one in wanted), "")
    named = [value for one in wanted if one.key == shapes.FAMILY and one.operator == "In" for value in one.values]
    strange = [f"{family}.*" for family in named if family not in families()]
    gaps = tuple(gap for one in wanted for gap in one.gaps)
    return Types(where, (*(shape.name for shape in found.shapes), *found.strangers, *strange), gaps, found.closed)


@dataclass(frozen=True)
class Wanted:
    """One requirement of a NodePool."""

    key: str
    operator: str
    values: tuple[str, ...]
    """Those that are known."""

    gaps: tuple[Undetermined, ...]

    @property
    def about_types(self) -> bool:
        """Whether it tells instance types apart, and not zones, say."""
        return self.key.startswith(("karpenter.k8s.aws/instance-", *_TYPE_KEYS))

    def known(self) -> shapes.Requirement:
        """Return it as the estimator takes it. What is unknown in an `In` can only add; otherwise this raises."""
        if self.gaps and self.operator != "In":
            raise self.gaps[0]
        return shapes.Requirement(self.key, self.operator, self.values)


def requirements(pool: Manifest) -> list[Wanted]:
    """Return the requirements of a NodePool. Raises `Undetermined`."""
    found = []
    for entry in pool.spec.sequence("template.spec.requirements").mappings():
        operator = entry.text("operator")
        if operator not in _OPERATORS:
            raise Undetermined(f"{entry.path}.operator is {show(operator)}, which this rule does not know")
        found.append(Wanted(entry.text("key"), operator, *_texts(entry.sequence("values"))))
    return found


def bought_as(pool: Manifest) -> frozenset[str]:
    """Return how a NodePool may buy: `on-demand`, `spot`, `reserved`. Raises `Undetermined`."""
    wanted = [one for one in requirements(pool) if one.key == shapes.CAPACITY_TYPE]
    for one in wanted:
        if one.gaps:
            raise one.gaps[0]
    return shapes.capacity_types([one.known() for one in wanted])


def prepaid(thing: Resource | Manifest) -> bool:
    """Whether its instances run in capacity that is paid for already, and so cost nothing more."""
    if isinstance(thing, Manifest):
        return bought_as(thing) == {"reserved"}
    if thing.type == TEMPLATE:
        target = "capacityReservationSpecification.capacityReservationTarget"
        return bool(thing.props.declared(target))
    return thing.type == NODE_GROUP and thing.props.at("capacityType") == "CAPACITY_BLOCK"


def _texts(items: Items) -> tuple[tuple[str, ...], tuple[Undetermined, ...]]:
    """Return the strings of a list, and what is unknown or malformed among them."""
    found: list[str] = []
    gaps: list[Undetermined] = []
    for index in range(len(items)):
        try:
            value = items[index]
        except Undetermined as gap:
            gaps.append(gap)
            continue
        if isinstance(value, str):
            found.append(value)
        else:
            gaps.append(MalformedValue(joined(items.path, str(index)), "a string", value))
    return tuple(found), tuple(gaps)


def shown(names: Iterable[str], most: int = 6) -> str:
    """Return names for a message: the first few, and how many more."""
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(name[:64] for name in listed[:most]) + more
