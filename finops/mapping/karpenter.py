"""Karpenter NodePools: what must run at the floor, what is assumed as expected, limits over the dearest type on top."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from finops.context import Context, Want
from finops.line import HOURS, Line, State
from finops.mapping import carrying, nodepool, pools, shapes
from finops.mapping.nodes import ON_DEMAND, SPOT, Counts, disk_lines
from finops.mapping.placement import Load
from finops.mapping.pools import Choice, Cost, Plan
from finops.mapping.shapes import Allowed, Shape
from finops.resource import Resource

PREPAID = "runs in reserved capacity only, which is paid with the reservation"

_OPEN = "it names neither its types nor their families, so that others may be allowed"


def pool_instances(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the instances that a pool may start."""
    wanted = shapes.requirements(nodepool.spec(resource))
    if nodepool.is_prepaid(wanted):
        return
    found = nodepool.allowed(resource, context, wanted)
    plan = _plan(resource, context, found)
    if plan is not None:
        yield _instances_line(resource, context, plan, spot="spot" in shapes.capacity_types(wanted))
        if plan.assumption:
            context.notes[f"pool {resource.name[:64]}: {plan.assumption}"] = None
        if plan.missing:
            yield Line("expected instances", State.UNKNOWN, note=plan.missing)
    if not found.closed:
        yield Line("instances of types beyond the facts", State.UNKNOWN, note=_OPEN)
    if lacking := [
        *found.strangers,
        *(s.name for s in found.shapes if nodepool.price(context, resource, s) is None),
    ]:
        what = "instances of further types" if plan else "instances"
        yield context.unpriced(resource, what, [f"{ON_DEMAND}/{name[:32]}" for name in lacking])


def pool_disks(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the disks of the nodes that a pool may start."""
    wanted = shapes.requirements(nodepool.spec(resource))
    if nodepool.is_prepaid(wanted):
        return
    plan = _plan(resource, context, nodepool.allowed(resource, context, wanted))
    if plan is not None:
        counts = Counts(plan.floor.nodes, plan.expected.nodes, plan.ceiling.nodes if plan.ceiling else None)
        yield from disk_lines(context, resource, nodepool.disks(resource, context), counts)


def _plan(resource: Resource, context: Context, found: Allowed) -> Plan | None:
    """Return the three sizes over the types that have a price, worked out once; None where none has."""
    key = ("plan", id(resource))
    if key not in context.cache:
        context.cache[key] = _work_out(resource, context, found)
    plan: Plan | None = context.cache[key]
    return plan


def _work_out(resource: Resource, context: Context, found: Allowed) -> Plan | None:
    disks = nodepool.disk_cost(resource, context)
    costs = {
        shape.name: usd * HOURS + disks
        for shape in found.shapes
        if (usd := nodepool.price(context, resource, shape)) is not None
    }
    priced = [shape for shape in found.shapes if shape.name in costs]
    if not priced:
        return None
    spec = nodepool.spec(resource)

    def cost(shape: Shape) -> Decimal:
        return costs[shape.name]

    if spec.at("replicas") is not None:
        plan = pools.static(spec, priced, cost)
    else:
        use, origin = context.assumptions.pool(resource.name, resource.urn)
        plan = pools.dynamic(spec, priced, cost, use, origin)
    load = carrying.load_of(resource, context)
    return plan if load is None else _with_load(plan, load, priced, cost, fixed=spec.at("replicas") is not None)


def _with_load(plan: Plan, load: Load, priced: Sequence[Shape], cost: Cost, fixed: bool) -> Plan:
    """Return a plan with the nodes that its pods must have: never less than they need, never counted twice."""
    note = "; ".join((plan.note, *load.notes))
    if fixed:
        return replace(plan, note=note)
    by_name = {shape.name: shape for shape in priced}

    def usd(choice: Choice) -> Decimal:
        return choice.nodes * cost(by_name[choice.type])

    def needed(choice: Choice, floor: bool) -> Choice:
        least = load.least(priced, cost, floor)
        if least is None or usd(choice) >= usd(least):
            return choice
        return plan.ceiling if plan.ceiling and usd(plan.ceiling) < usd(least) else least

    return replace(plan, floor=needed(plan.floor, True), expected=needed(plan.expected, False), note=note)


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
