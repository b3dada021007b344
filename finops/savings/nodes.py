"""Nodes: spot instead of on demand, Graviton instead of x86, and machines of the size that pods ask for."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from components._core import facts
from components._core.facts import InstanceType
from finops.book import Price
from finops.estimate import Item
from finops.line import HOURS, money, plain, unit_price
from finops.mapping import shapes
from finops.mapping.nodes import ON_DEMAND, SPOT
from finops.resource import Resource
from finops.savings import pods
from finops.savings.pods import NODE_GROUP, NODE_POOL, Workload
from finops.savings.proposal import Confidence, Cut, Kind, Proposal, id_of, sources
from finops.savings.scene import Paid, Place, Scene, each_hour, paid
from finops.values import Props

INSTANCE: Final = "aws:ec2/instance:Instance"

# What a name says of people or programs that wait for an answer: such pools must not lose nodes at two minutes' notice.
_ANSWERS: Final = re.compile(r"serv|infer|online|notebook|api|web|gateway|system", re.IGNORECASE)
_STEADY_LABEL: Final = ("mlops.dev/pool", "system")
_STEADY_TAINT: Final = "CriticalAddonsOnly"

# Kubelet, operating system and agents keep a part of each node; a tenth covers them on all but the smallest types
# (kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources, read 2026-11-27: nodes set it by themselves).
_USABLE: Final = Decimal("0.9")


def spot(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose spot for a pool or node group that buys on demand and may be interrupted."""
    if not _interruptible(item.resource, scene):
        return
    for line in paid(item, f"{ON_DEMAND}/"):
        price = scene.price(item, f"{SPOT}/{line.term.of}")
        dear = each_hour(price)
        if price is None or dear is None or line.unit <= (cheap := price.low or dear):
            continue
        low = max(Decimal(0), line.unit - dear) * line.times()
        high = (line.unit - cheap) * line.times()
        yield Proposal(
            id=id_of(Kind.SPOT, [item.resource.urn]),
            kind=Kind.SPOT,
            title=f"Run {item.resource.name[:64]} on spot",
            todo=_spot_todo(item.resource),
            resources=(item.resource.urn,),
            low=low,
            high=high,
            arithmetic=(
                f"{_nodes(line)} x ({unit_price(line.unit)} on demand - {unit_price(dear)} to {unit_price(cheap)} "
                f"spot) x {HOURS} h = {money(low)} to {money(high)}"
            ),
            price="AWS takes a node back at two minutes' notice: jobs need checkpoints; spot may be sold out",
            confidence=Confidence.MEDIUM,
            source=sources(line.price, price),
            cuts=(Cut(item.resource.urn, line.index, high),),
        )


def _spot_todo(resource: Resource) -> str:
    if resource.type == NODE_GROUP:
        return "Set capacityType to SPOT, with several instance types of like size (it replaces the node group)."
    return "Put spot before on-demand in the requirement karpenter.sh/capacity-type."


def _interruptible(resource: Resource, scene: Scene) -> bool:
    """Whether nodes may go at any time: in production only where nothing says that somebody waits for an answer."""
    if _STEADY_TAINT in pods.taint_keys(resource):
        return False
    labels = pods.labels_of(resource)
    if labels.get(_STEADY_LABEL[0]) == _STEADY_LABEL[1]:
        return False
    if resource.type == NODE_POOL:
        spec = Props(resource.props.mapping("spec"))
        if spec.text("template.spec.expireAfter") == "Never":
            return False
        if shapes.capacity_types(shapes.requirements(spec)) != {"on-demand"}:
            return False
    if scene.place is Place.TRIAL:
        return True
    named = (resource.name, *labels.values())
    serving = any(one.resource.type in pods.SERVING for one in pods.of_pool(scene, resource))
    return not serving and not any(_ANSWERS.search(name) for name in named)


def graviton(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose the cheapest type of the same size and memory with an Arm processor, where one has a price."""
    for line in paid(item, f"{ON_DEMAND}/", f"{SPOT}/"):
        offers = [(usd, name, price) for name, price in _siblings(line, scene) if (usd := each_hour(price)) is not None]
        if not offers:
            continue
        usd, name, price = min(offers, key=lambda offer: offer[:2])
        if usd >= line.unit:
            continue
        amount = (line.unit - usd) * line.times()
        yield Proposal(
            id=id_of(Kind.ARM, [item.resource.urn]),
            kind=Kind.ARM,
            title=f"Run {item.resource.name[:64]} on Graviton",
            todo=f"Use {name} instead of {line.term.of}, with the arm64 image of the same operating system.",
            resources=(item.resource.urn,),
            low=amount,
            high=amount,
            arithmetic=(
                f"{_nodes(line)} x ({unit_price(line.unit)} {line.term.of} - {unit_price(usd)} {name}) "
                f"x {HOURS} h = {money(amount)}"
            ),
            price="every image that runs there must be built for arm64",
            confidence=Confidence.HIGH,
            source=sources(line.price, price),
            cuts=(Cut(item.resource.urn, line.index, amount),),
        )


def _siblings(line: Paid, scene: Scene) -> Iterator[tuple[str, Price | None]]:
    region, prefix = line.item.region or "", line.price.item.partition("/")[0]
    for name in _arm_siblings(line.term.of):
        if facts.instance_type(name).offered_in(region):
            yield name, scene.book.find(f"{prefix}/{name}", region)


@cache
def _arm_siblings(name: str) -> tuple[str, ...]:
    """Return the Arm types of a type's category, size, cores and memory: m7g.xlarge for m7i.xlarge."""
    try:
        one = facts.instance_type(name)
    except facts.UnknownInstanceTypeError:
        return ()
    if one.architecture == "arm64" or one.accelerator_resource:
        return ()
    return tuple(
        other.name
        for family in facts.families()
        if _category(family) == _category(one.family)
        for other in facts.types_in_family(family)
        if other.architecture == "arm64" and not other.accelerator_resource and _same_size(one, other)
    )


def _category(family: str) -> str:
    return re.split(r"\d", family, maxsplit=1)[0]


def _same_size(one: InstanceType, other: InstanceType) -> bool:
    same = (one.vcpu, one.memory_mib) == (other.vcpu, other.memory_mib)
    return same and one.name.partition(".")[2] == other.name.partition(".")[2]


def right_size(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose a smaller type of the family where all pods of a pool of fixed size would fit on as many of them.

    Only for pools with a taint, whose pods all say what they ask for: of others it is not known what runs on them.
    """
    resource = item.resource
    if not pods.tainted(resource) or (resource.type == NODE_POOL and resource.props.at("spec.replicas") is None):
        return
    running = pods.of_pool(scene, resource)
    if not running or any(one.requests is None for one in running):
        return
    for line in paid(item, f"{ON_DEMAND}/", f"{SPOT}/"):
        offers = list(_smaller(line, scene, running))
        if not offers:
            continue
        cheapest, nearest = min(offers, key=lambda o: o[0]), max(offers, key=lambda o: o[0])
        low, high = ((line.unit - usd) * line.times() for usd, _, _ in (nearest, cheapest))
        asked = ", ".join(f"{one.resource.name[:64]} x {plain(one.replicas)}" for one in running[:4])
        yield Proposal(
            id=id_of(Kind.SIZE, [resource.urn]),
            kind=Kind.SIZE,
            title=f"Make the nodes of {resource.name[:64]} as large as its pods ask",
            todo=f"Use {cheapest[1]} instead of {line.term.of}: what runs there asks for less ({asked}).",
            resources=(resource.urn,),
            low=low,
            high=high,
            arithmetic=(
                f"{_nodes(line)} x ({unit_price(line.unit)} {line.term.of} - {unit_price(nearest[0])} {nearest[1]}, "
                f"or {unit_price(cheapest[0])} {cheapest[1]}) x {HOURS} h = {money(low)} to {money(high)}"
            ),
            price="pods that are not in the stack, such as DaemonSets, must fit into what is left: a tenth of a node",
            confidence=Confidence.MEDIUM,
            source=sources(line.price, cheapest[2], nearest[2]),
            cuts=(Cut(resource.urn, line.index, high),),
        )


def _smaller(line: Paid, scene: Scene, running: Sequence[Workload]) -> Iterator[tuple[Decimal, str, Price]]:
    """Yield cheaper types of the family, with price, on as many of which everything fits."""
    try:
        one = facts.instance_type(line.term.of)
    except facts.UnknownInstanceTypeError:
        return
    prefix = line.price.item.partition("/")[0]
    for other in facts.types_in_family(one.family):
        price = scene.price(line.item, f"{prefix}/{other.name}")
        usd = each_hour(price)
        smaller = other.vcpu < one.vcpu and other.offered_in(line.item.region or "")
        if price is None or usd is None or usd >= line.unit or not smaller:
            continue
        if fits(running, other, int(line.term.quantity)):
            yield usd, other.name, price


def fits(running: Sequence[Workload], type_: InstanceType, nodes: int) -> bool:
    """Whether all pods find room on so many nodes of a type, placed one after the other, the largest first."""
    room = {"cpu": Decimal(type_.vcpu) * _USABLE, "memory": Decimal(type_.memory_mib) * 2**20 * _USABLE}
    if type_.accelerator_resource:
        room[type_.accelerator_resource] = Decimal(type_.accelerator_count)
    waiting = [(one.requests or {}, int(one.replicas)) for one in running]
    if sum(number for _, number in waiting) > _MOST_PODS:
        return False
    free = [dict(room) for _ in range(min(nodes, _MOST_PODS))]
    for requests, number in sorted(waiting, key=lambda one: -_weight(one[0], room)):
        for _ in range(number):
            node = next((n for n in free if all(n.get(k, 0) >= v for k, v in requests.items())), None)
            if node is None:
                return False
            for name, amount in requests.items():
                node[name] -= amount
    return True


_MOST_PODS: Final = 500
"""Pods of one pool that are placed one by one; more are not judged."""


def _weight(requests: object, room: dict[str, Decimal]) -> Decimal:
    found = requests if isinstance(requests, dict) else {}
    return max((amount / room[name] for name, amount in found.items() if room.get(name)), default=Decimal(0))


def _nodes(line: Paid) -> str:
    return f"{plain(line.term.quantity)} nodes"
