"""Application Auto Scaling: between which sizes a service, a table or an endpoint moves."""

from collections.abc import Mapping
from decimal import Decimal

from finops.context import Context, Want
from finops.line import Line
from finops.mapping.links import dependencies
from finops.mapping.nodes import Counts
from finops.resource import Resource
from finops.values import Unreadable

TARGET = "aws:appautoscaling/target:Target"

_KEY = "scaling targets"


def counts(resource: Resource, context: Context, dimension: str, identifier: str, wanted: Decimal) -> Counts:
    """Return three sizes: the limits of the scalable target of this stack, or `wanted` where there is none.

    `dimension` is as `ecs:service:DesiredCount`, `identifier` the target's `resourceId`, as `service/main/api`;
    where that is not known yet, the URN that it comes from tells. Raises `Unreadable` for limits that are not known.
    """
    found = _targets(context)
    target = found.get((dimension, identifier)) or found.get((dimension, resource.urn))
    if target is None:
        return Counts(wanted, wanted, wanted)
    low, high = target.props.number("minCapacity"), target.props.number("maxCapacity")
    return Counts(low, min(max(wanted, low), max(high, low)), max(high, low))


def line(context: Context, resource: Resource, what: str, item: str, sizes: Counts, each: Decimal | int = 1) -> Line:
    """Return the line of an item at three sizes; `each` is the units of one."""
    floor, expected = Want(sizes.floor * each, item), Want(sizes.expected * each, item)
    ceiling = None if sizes.ceiling is None else Want(sizes.ceiling * each, item)
    note = "" if sizes.floor == sizes.ceiling else "from its smallest to its largest size"
    return context.span(resource, what, (floor, expected, ceiling), note)


def _targets(context: Context) -> Mapping[tuple[str, str], Resource]:
    """Return the scalable targets by dimension, and by `resourceId` or by the URN that it comes from."""
    if _KEY not in context.cache:
        index: dict[tuple[str, str], Resource] = {}
        context.cache[_KEY] = index
        for target in context.resources.by_type.get(TARGET, ()):
            try:
                dimension = target.props.text("scalableDimension")
            except Unreadable:
                continue
            for urn in dependencies(target, "resourceId"):
                index.setdefault((dimension, urn), target)
            try:
                index[dimension, target.props.text("resourceId")] = target
            except Unreadable:
                continue
    found: Mapping[tuple[str, str], Resource] = context.cache[_KEY]
    return found
