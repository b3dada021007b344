"""Karpenter NodePools: nothing at the floor, what is assumed as expected, the limits over the dearest type on top."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from finops.context import Context, Want
from finops.line import HOURS, Line, State
from finops.mapping import pools, shapes
from finops.mapping.nodes import ON_DEMAND, SPOT, Counts, Disk, disk_lines, disks_of
from finops.mapping.pools import Plan
from finops.mapping.shapes import Allowed, Requirement, Shape
from finops.resource import Resource
from finops.values import Props, Unreadable

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
PREPAID = "runs in reserved capacity only, which is paid with the reservation"

_OPEN = "it names neither its types nor their families, so that others may be allowed"
# pkg/providers/amifamily/{al2023,bottlerocket,resolver}.go of aws/karpenter-provider-aws, read 2026-11-23
_DEFAULT_DISK = Disk("gp3", Decimal(20))
_DEFAULT_DISKS = {"al2023": [_DEFAULT_DISK], "bottlerocket": [Disk("gp3", Decimal(4)), _DEFAULT_DISK]}


def pool_instances(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the instances that a pool may start."""
    wanted = shapes.requirements(_spec(resource))
    if _is_prepaid(wanted):
        return
    found = _allowed(resource, context, wanted)
    plan = _plan(resource, context, found)
    if plan is not None:
        yield _instances_line(resource, context, plan, spot="spot" in shapes.capacity_types(wanted))
        if plan.assumption:
            context.notes[f"pool {resource.name[:64]}: {plan.assumption}"] = None
        if plan.missing:
            yield Line("expected instances", State.UNKNOWN, note=plan.missing)
    if not found.closed:
        yield Line("instances of types beyond the facts", State.UNKNOWN, note=_OPEN)
    if lacking := [*found.strangers, *(s.name for s in found.shapes if _price(context, resource, s) is None)]:
        what = "instances of further types" if plan else "instances"
        yield context.unpriced(resource, what, [f"{ON_DEMAND}/{name[:32]}" for name in lacking])


def pool_disks(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the disks of the nodes that a pool may start."""
    wanted = shapes.requirements(_spec(resource))
    if _is_prepaid(wanted):
        return
    plan = _plan(resource, context, _allowed(resource, context, wanted))
    if plan is not None:
        counts = Counts(plan.floor.nodes, plan.expected.nodes, plan.ceiling.nodes if plan.ceiling else None)
        yield from disk_lines(context, resource, _disks(resource, context), counts)


def _spec(resource: Resource) -> Props:
    return Props(resource.props.mapping("spec"))


def _is_prepaid(wanted: tuple[Requirement, ...]) -> bool:
    return shapes.capacity_types(wanted) == {"reserved"}


def _allowed(resource: Resource, context: Context, wanted: tuple[Requirement, ...]) -> Allowed:
    """Return the types that a pool may start, worked out once for pools that ask for the same."""
    region = context.region(resource)
    key = ("allowed", wanted, region)
    if key not in context.cache:
        context.cache[key] = shapes.allowed(wanted, region)
    found: Allowed = context.cache[key]
    if not found.shapes and not found.strangers:
        raise Unreadable(f"no type that the facts have is allowed and offered in {region[:32]}")
    return found


def _price(context: Context, resource: Resource, shape: Shape) -> Decimal | None:
    price = context.price(resource, f"{ON_DEMAND}/{shape.name}")
    return None if price is None else price.usd


def _plan(resource: Resource, context: Context, found: Allowed) -> Plan | None:
    """Return the three sizes over the types that have a price, worked out once; None where none has."""
    key = ("plan", id(resource))
    if key not in context.cache:
        context.cache[key] = _work_out(resource, context, found)
    plan: Plan | None = context.cache[key]
    return plan


def _work_out(resource: Resource, context: Context, found: Allowed) -> Plan | None:
    disks = _disk_cost(resource, context)
    costs = {
        shape.name: usd * HOURS + disks
        for shape in found.shapes
        if (usd := _price(context, resource, shape)) is not None
    }
    priced = [shape for shape in found.shapes if shape.name in costs]
    if not priced:
        return None
    spec = _spec(resource)
    if spec.at("replicas") is not None:
        return pools.static(spec, priced, lambda shape: costs[shape.name])
    use, origin = context.assumptions.pool(resource.name, resource.urn)
    return pools.dynamic(spec, priced, lambda shape: costs[shape.name], use, origin)


def _instances_line(resource: Resource, context: Context, plan: Plan, spot: bool) -> Line:
    """Return the line of a pool's instances: spot prices below the ceiling where it may buy spot and one was seen."""
    region, notes = context.region(resource), [plan.note, plan.assumption]
    seen = spot and context.book.find(f"{SPOT}/{plan.expected.type}", region) is not None
    if spot and plan.expected.nodes:
        notes.append("expected at spot prices as seen" if seen else "no spot price is known: expected on demand")
    floor, expected, ceiling = plan.floor, plan.expected, plan.ceiling
    wants = (
        Want(floor.nodes, f"{SPOT if spot else ON_DEMAND}/{floor.type}", floor.type, low=True),
        Want(expected.nodes, f"{SPOT if seen else ON_DEMAND}/{expected.type}", expected.type),
        Want(ceiling.nodes, f"{ON_DEMAND}/{ceiling.type}", ceiling.type) if ceiling else None,
    )
    return context.span(resource, "instances", wants, "; ".join(filter(None, notes)))


def _disks(resource: Resource, context: Context) -> list[Disk]:
    """Return the disks of a pool's nodes, from its EC2NodeClass or from Karpenter's defaults for its image."""
    name = _spec(resource).text("template.spec.nodeClassRef.name")
    node_class = context.resources.named(NODE_CLASS, name)
    if node_class is None:
        raise Unreadable("its EC2NodeClass is not in this stack, and decides the disks")
    spec = _spec(node_class)
    if mappings := spec.each("blockDeviceMappings"):
        return disks_of(mappings)
    family = spec.text("amiFamily") or _alias(spec.each("amiSelectorTerms"))
    if family.lower() not in _DEFAULT_DISKS:
        raise Unreadable("the disks of its EC2NodeClass are not given, and the image decides")
    return _DEFAULT_DISKS[family.lower()]


def _alias(terms: Sequence[Props]) -> str:
    """Return the family in an image alias such as `al2023@v20261101`."""
    return next((alias.partition("@")[0] for term in terms if (alias := term.text("alias"))), "")


def _disk_cost(resource: Resource, context: Context) -> Decimal:
    """Return USD a month of one node's disks, as far as it can be told: only to find the dearest type."""
    try:
        items = [item for disk in _disks(resource, context) for item in disk.items()]
    except Unreadable:
        return Decimal(0)
    prices = [(units, context.price(resource, item)) for _, item, units in items]
    return sum((units * price.usd for units, price in prices if price is not None), Decimal(0))
