"""Hours in which nobody works: environments that sleep, and models that are kept waiting for nobody."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from components._core import facts
from finops.estimate import Item
from finops.line import money, plain
from finops.mapping.nodes import ON_DEMAND, SPOT
from finops.resource import Resource
from finops.savings import pods
from finops.savings.nodes import INSTANCE
from finops.savings.pods import NODE_GROUP, NODE_POOL, Workload
from finops.savings.proposal import Confidence, Cut, Kind, Proposal, id_of, sources
from finops.savings.scene import Paid, Place, Scene, paid

DATABASE: Final = "aws:rds/instance:Instance"

WEEK: Final = Decimal(168)
SHORT, LONG, ASKED = Decimal(12 * 5), Decimal(16 * 5), Decimal(4 * 5)
"""Hours of a week: people at work, the same with early and late ones, hours in which a model is really asked."""

_INSTANCES: Final = (f"{ON_DEMAND}/", f"{SPOT}/")


def schedule(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose to run nodes and databases of development and staging in working hours only."""
    if scene.place is Place.PRODUCTION or scene.protected:
        return
    lines = list(_stopped(item))
    if not lines:
        return
    whole = sum((line.usd for line in lines), Decimal(0))
    low, high = whole * (WEEK - LONG) / WEEK, whole * (WEEK - SHORT) / WEEK
    database = item.resource.type == DATABASE
    yield Proposal(
        id=id_of(Kind.HOURS, [item.resource.urn]),
        kind=Kind.HOURS,
        title=f"Run {item.resource.name[:64]} in working hours only",
        todo=(
            "Stop it in the evening and start it in the morning, by EventBridge Scheduler; RDS starts by itself what "
            "was stopped for seven days, so stop it again at week-ends."
            if database
            else "Set its size to 0 in the evening and back in the morning, by EventBridge Scheduler."
        ),
        resources=(item.resource.urn,),
        low=low,
        high=high,
        arithmetic=_share(whole, "12 x 5 h", SHORT, "16 x 5 h", LONG),
        price="nothing runs at night and at week-ends: long jobs and people in other time zones must know",
        confidence=Confidence.MEDIUM,
        # docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance, read 2026-11-27
        source=sources(*(line.price for line in lines))
        + ("; RDS user guide, stopping an instance" if database else ""),
        cuts=tuple(Cut(item.resource.urn, line.index, line.usd) for line in lines),
    )


def _stopped(item: Item) -> Iterator[Paid]:
    """Yield the lines that end when it is stopped: of nodes the disks too, of instances and databases only the hour."""
    props = item.resource.props
    if item.resource.type == NODE_GROUP:
        yield from paid(item)
    elif item.resource.type == NODE_POOL:
        # Others follow their pods, and are empty at night by themselves.
        if props.at("spec.replicas") is not None:
            yield from paid(item)
    elif item.resource.type == INSTANCE:
        yield from paid(item, *_INSTANCES)
    elif not props.at("replicateSourceDb") and not props.flag("deletionProtection"):
        # A replica cannot be stopped, and what refuses its deletion is missed.
        yield from paid(item, "rds.instance/")


def scale_to_zero(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose that accelerated nodes go when no model is asked, outside of production."""
    if scene.place is Place.PRODUCTION:
        return
    serving = [one for one in pods.of_pool(scene, item.resource) if one.resource.type in pods.SERVING]
    lines = list(paid(item))
    share = _kept(item.resource, lines, serving)
    if share <= 0:
        return
    whole = sum((line.usd for line in lines), Decimal(0)) * share
    low, high = whole * (WEEK - SHORT) / WEEK, whole * (WEEK - ASKED) / WEEK
    keepers = ", ".join(one.resource.name[:64] for one in serving[:4]) or "its smallest size"
    yield Proposal(
        id=id_of(Kind.ZERO, [item.resource.urn]),
        kind=Kind.ZERO,
        title=f"Let {item.resource.name[:64]} go to zero when no model is asked",
        todo=f"Set the smallest number of replicas, or nodes, to 0 ({keepers}), and scale by requests.",
        resources=(item.resource.urn, *(one.resource.urn for one in serving)),
        low=low,
        high=high,
        arithmetic=f"{plain(share)} of it is kept: " + _share(whole, "4 x 5 h", ASKED, "12 x 5 h", SHORT),
        price="the first request waits minutes for a node and a model; assumes that requests come in working hours",
        confidence=Confidence.LOW,
        source=sources(*(line.price for line in lines)),
        cuts=tuple(Cut(item.resource.urn, line.index, line.usd) for line in lines),
    )


def _kept(resource: Resource, lines: list[Paid], serving: list[Workload]) -> Decimal:
    """Return the share of a pool that stays although nobody asks: its smallest size, or what replicas hold."""
    instances = next((line for line in lines if line.price.item.startswith(_INSTANCES)), None)
    if instances is None:
        return Decimal(0)
    try:
        type_ = facts.instance_type(instances.term.of)
    except facts.UnknownInstanceTypeError:
        return Decimal(0)
    if not type_.accelerator_count:
        return Decimal(0)
    if resource.type == NODE_GROUP:
        held = resource.props.number("scalingConfig.minSize")
    elif resource.props.at("spec.replicas") is not None:
        held = instances.term.quantity if serving else Decimal(0)
    else:
        held = sum((one.accelerators for one in serving), Decimal(0)) / type_.accelerator_count
    return min(Decimal(1), held / instances.term.quantity)


def _share(whole: Decimal, short: str, short_hours: Decimal, long: str, long_hours: Decimal) -> str:
    """Return the calculation of what is saved outside of some hours, or of more of them."""
    low, high = whole * (WEEK - long_hours) / WEEK, whole * (WEEK - short_hours) / WEEK
    return (
        f"{money(whole)} x (168 - {long_hours}) / 168 h, running {long} a week, = {money(low)}; "
        f"x (168 - {short_hours}) / 168 h, running {short}, = {money(high)}"
    )
