"""Networks: NAT gateways, the traffic through them, interface endpoints, addresses that nobody uses."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from finops.estimate import Item
from finops.line import HOURS, money, plain, unit_price
from finops.resource import Resource
from finops.savings.proposal import Confidence, Cut, Kind, Proposal, id_of, sources
from finops.savings.scene import Paid, Place, Scene, names, paid, stems
from finops.values import Unreadable

VPC: Final = "aws:ec2/vpc:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
NAT: Final = "aws:ec2/natGateway:NatGateway"
ADDRESS: Final = "aws:ec2/eip:Eip"
ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"

# Assumed: what goes from private subnets of such a platform to S3 is a third to four fifths of it. Image layers of ECR,
# datasets and checkpoints are in S3; packages and models of the internet are not.
_TO_S3: Final = (Decimal("0.3"), Decimal("0.8"))

# What an address can be attached to, and the property that names it: the provider's own schema.
_HOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    NAT: ("allocationId", "secondaryAllocationIds"),
    "aws:ec2/eipAssociation:EipAssociation": ("allocationId", "publicIp"),
    "aws:lb/loadBalancer:LoadBalancer": ("subnetMappings",),
    "aws:alb/loadBalancer:LoadBalancer": ("subnetMappings",),
    "aws:transfer/server:Server": ("endpointDetails",),
}


def single_nat(scene: Scene) -> Iterator[Proposal]:
    """Propose one NAT gateway for a VPC outside of production; the addresses of the others go with them."""
    if scene.place is Place.PRODUCTION or scene.protected:
        return
    for vpc, gateways in _by_vpc(scene, NAT).items():
        spare = sorted(gateways, key=lambda item: item.resource.name)[1:]
        hours = [line for item in spare for line in paid(item, "vpc/nat-gateway")]
        if vpc is None or not spare or len(hours) < len(spare):
            continue
        addresses = [one for item in spare for one in _addresses_of(item, scene)]
        lines = [*hours, *(line for one in addresses for line in paid(one, "vpc/public-ipv4"))]
        data = sum((line.term.quantity for item in spare for line in paid(item, "vpc/nat-data")), Decimal(0))
        more = _between(scene, spare[0], data)
        if more is None:
            continue
        high = sum((line.usd for line in lines), Decimal(0))
        changed = [*spare, *addresses]
        yield Proposal(
            id=id_of(Kind.NAT, [item.resource.urn for item in changed]),
            kind=Kind.NAT,
            title=f"Send all private subnets through one NAT gateway instead of {len(gateways)}",
            todo=f"Keep one gateway, take out {names(spare)} with their addresses.",
            resources=tuple(item.resource.urn for item in changed),
            low=max(Decimal(0), high - more),
            high=high,
            arithmetic=_sum(lines) + _less(data, more),
            price="when the zone of the gateway fails, no private subnet reaches the internet",
            confidence=Confidence.HIGH,
            source=sources(*(line.price for line in lines)),
            cuts=_cuts(lines),
        )


def gateway_endpoint(scene: Scene) -> Iterator[Proposal]:
    """Propose a gateway endpoint for S3 where assumed data goes through a NAT gateway, and the VPC has none."""
    with_one = _by_vpc(scene, ENDPOINT, lambda item: _service(item.resource) == ("Gateway", "s3"))
    if None in with_one:
        return
    for vpc, gateways in _by_vpc(scene, NAT).items():
        lines = [line for item in gateways for line in paid(item, "vpc/nat-data")]
        if vpc is None or vpc in with_one or not lines:
            continue
        whole = sum((line.usd for line in lines), Decimal(0))
        (least, most), (low, high) = _TO_S3, (whole * _TO_S3[0], whole * _TO_S3[1])
        yield Proposal(
            id=id_of(Kind.GATEWAY, [vpc]),
            kind=Kind.GATEWAY,
            title="Let traffic to S3 go around the NAT gateways",
            todo="Add a VPC endpoint of type Gateway for s3, and one for dynamodb, with the private route tables.",
            resources=(vpc,),
            low=low,
            high=high,
            arithmetic=f"{_sum(lines)}; {least} to {most} of it to S3 (assumed) = {money(low)} to {money(high)}",
            price="none: gateway endpoints are free, and a bucket policy may demand them",
            confidence=Confidence.LOW,
            source=sources(*(line.price for line in lines)),
            cuts=_cuts(lines),
        )


def fewer_endpoints(scene: Scene) -> Iterator[Proposal]:
    """Propose interface endpoints in one zone, or none where NAT can carry what they do; not in production."""
    if scene.place is Place.PRODUCTION or scene.protected:
        return
    gateways = _by_vpc(scene, NAT)
    groups = _by_vpc(scene, ENDPOINT, lambda item: _service(item.resource)[0] == "Interface")
    for vpc, endpoints in groups.items():
        routed = vpc is not None and vpc in gateways
        parts: dict[bool, list[Item]] = {True: [], False: []}
        for one in endpoints:
            parts[routed and _cheaper_by_nat(one, scene)].append(one)
        if parts[True]:
            yield _without(parts[True], scene)
        yield from _in_one_zone(parts[False], scene)


def _cheaper_by_nat(item: Item, scene: Scene) -> bool:
    """Whether NAT would carry an endpoint's assumed traffic, and twice as much, for less than its hours.

    A policy wants S3 by an endpoint also where there is NAT: see SEC-NET-007.
    """
    hours, data = list(paid(item, "vpc/interface-endpoint")), list(paid(item, "vpc/interface-endpoint-data"))
    fixed = [line for line in hours if line.term.hourly]
    nat = scene.price(item, "vpc/nat-data")
    if not fixed or not data or nat is None or _service(item.resource)[1] == "s3":
        return False
    return sum((line.term.quantity * (nat.usd * 2) for line in data), Decimal(0)) < fixed[0].usd


def _without(endpoints: list[Item], scene: Scene) -> Proposal:
    lines = [line for item in endpoints for line in paid(item, "vpc/interface-endpoint")]
    price = scene.price(endpoints[0], "vpc/nat-data")
    rate = price.usd if price is not None else Decimal(0)
    data = sum((line.term.quantity for line in lines if not line.term.hourly), Decimal(0))
    whole, instead = sum((line.usd for line in lines), Decimal(0)), data * rate
    low, high = max(Decimal(0), whole - 2 * instead), max(Decimal(0), whole - instead)
    return Proposal(
        id=id_of(Kind.ENDPOINT, [item.resource.urn for item in endpoints]),
        kind=Kind.ENDPOINT,
        title=f"Take out {_count(endpoints)} that carry little",
        todo=f"Take out {names(endpoints)}: the NAT gateway carries what they do.",
        resources=tuple(item.resource.urn for item in endpoints),
        low=low,
        high=high,
        arithmetic=(
            f"{_sum(lines)}, less {plain(data)} GB by NAT x {unit_price(rate)} = {money(high)}; "
            f"with twice as much by NAT {money(low)}"
        ),
        price="calls to these services leave by the NAT gateway; endpoint policies no longer hold them",
        confidence=Confidence.LOW,
        source=sources(*(line.price for line in lines), price),
        cuts=_cuts(lines),
    )


def _in_one_zone(endpoints: list[Item], scene: Scene) -> Iterator[Proposal]:
    hours = [line for item in endpoints for line in paid(item, "vpc/interface-endpoint") if line.term.hourly]
    wide = [line for line in hours if line.term.quantity > 1]
    if not wide:
        return
    spare = sum((line.term.quantity - 1 for line in wide), Decimal(0))
    high = sum((line.unit * (line.term.quantity - 1) * HOURS for line in wide), Decimal(0))
    traffic = (one.term.quantity for line in wide for one in paid(line.item, "vpc/interface-endpoint-data"))
    data = sum(traffic, Decimal(0))
    more = _between(scene, wide[0].item, data)
    if more is None:
        return
    items = [line.item for line in wide]
    yield Proposal(
        id=id_of(Kind.ENDPOINT, [item.resource.urn for item in items]),
        kind=Kind.ENDPOINT,
        title=f"Keep {_count(items)} in one zone",
        todo=f"Give {names(items)} one subnet each; nodes of other zones reach them there.",
        resources=tuple(item.resource.urn for item in items),
        low=max(Decimal(0), high - more),
        high=high,
        arithmetic=f"{plain(spare)} zones x {unit_price(wide[0].unit)} x {HOURS} h = {money(high)}{_less(data, more)}",
        price="when that zone fails, the others reach these services by NAT, or not at all",
        confidence=Confidence.MEDIUM if data else Confidence.HIGH,
        source=sources(*(line.price for line in wide)),
        cuts=_cuts(wide),
    )


def _count(endpoints: list[Item]) -> str:
    return "1 interface endpoint" if len(endpoints) == 1 else f"{len(endpoints)} interface endpoints"


def _between(scene: Scene, item: Item, data: Decimal) -> Decimal | None:
    """Return what data costs that crosses zones, there and back; None where it has no price."""
    price = scene.price(item, "transfer/between-zones")
    if not data:
        return Decimal(0)
    return None if price is None else data * 2 * price.usd


def _less(data: Decimal, more: Decimal) -> str:
    return f", less {plain(data)} GB between zones, both directions: {money(more)}" if more else ""


def _by_vpc(scene: Scene, type_: str, test: Callable[[Item], bool] = lambda _: True) -> Mapping[str | None, list[Item]]:
    """Return items by their VPC: its URN, its id where it is not in the stack, None where it cannot be told."""
    found: dict[str | None, list[Item]] = {}
    for item in scene.of(type_):
        if item.lines or type_ == ENDPOINT:
            with contextlib.suppress(Unreadable):
                if test(item):
                    found.setdefault(_vpc_of(item.resource, scene), []).append(item)
    return found


def _vpc_of(resource: Resource, scene: Scene) -> str | None:
    direct = scene.target(resource, "vpcId", VPC)
    if direct is not None:
        return direct.urn
    if identifier := _known(resource, "vpcId"):
        return identifier
    subnet = scene.target(resource, "subnetId", SUBNET)
    return _vpc_of(subnet, scene) if subnet is not None and subnet is not resource else None


def _service(resource: Resource) -> tuple[str, str]:
    """Return type and service of an endpoint, such as Gateway and s3. Raises `Unreadable`."""
    kind = resource.props.text("vpcEndpointType", "Gateway") or "Gateway"
    return kind, resource.props.text("serviceName").rpartition(".")[2]


def _addresses_of(gateway: Item, scene: Scene) -> Iterator[Item]:
    """Yield the item of a gateway's address, where it is told which it is."""
    address = scene.target(gateway.resource, "allocationId", ADDRESS)
    return (item for item in scene.of(ADDRESS) if item.resource is address)


def _sum(lines: Iterable[Paid]) -> str:
    """Return lines as a sum: equal ones together."""
    total, parts = Decimal(0), Counter[str]()
    for line in lines:
        total += line.usd
        parts[f"{line.term}"] += 1
    told = [f"{number} x ({part})" if number > 1 else part for part, number in parts.items()]
    return f"{' + '.join(told[:4])}{' + ...' if len(told) > 4 else ''} = {money(total)}"


def _cuts(lines: Iterable[Paid]) -> tuple[Cut, ...]:
    return tuple(Cut(line.item.resource.urn, line.index, line.usd) for line in lines)


def idle_address(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose to release an address that nothing in the stack names; silent where a name is not known."""
    resource = item.resource
    if any(resource.props.at(path) for path in ("instance", "networkInterface", "associationId")):
        return
    used = _used_addresses(scene)
    own = {resource.urn, resource.id, *(_known(resource, path) for path in ("allocationId", "publicIp"))}
    if used is None or used & (own - {""}):
        return
    lines = list(paid(item, "vpc/public-ipv4"))
    if not lines:
        return
    amount = sum((line.usd for line in lines), Decimal(0))
    yield Proposal(
        id=id_of(Kind.ADDRESS, [resource.urn]),
        kind=Kind.ADDRESS,
        title=f"Release the address {resource.name[:64]}",
        todo="Take it out: nothing in the stack uses it. Look first whether a record or a partner's firewall names it.",
        resources=(resource.urn,),
        low=amount,
        high=amount,
        arithmetic=_sum(lines),
        price="the address is gone for good",
        confidence=Confidence.HIGH,
        source=sources(*(line.price for line in lines)),
        cuts=_cuts(lines),
    )


def _used_addresses(scene: Scene) -> set[str] | None:
    """Return URNs and names of what is attached; None where something holds an address and does not say which."""
    if "addresses" not in scene.cache:
        scene.cache["addresses"] = _all_used(scene)
    found: set[str] | None = scene.cache["addresses"]
    return found


def _all_used(scene: Scene) -> set[str] | None:
    used: set[str] = set()
    for resource in scene.resources:
        for path in resource.property_dependencies:
            used.update(stems(resource, path))
    for type_, paths in _HOLDERS.items():
        for item in scene.of(type_):
            resource = item.resource
            told = False
            for path in paths:
                texts = set(_texts(resource, path))
                used |= texts
                told = told or bool(texts) or bool(stems(resource, path))
            if type_ == NAT and not told:
                return None
    return used


def _texts(resource: Resource, path: str) -> Iterator[str]:
    """Yield all texts anywhere in a property."""
    todo = [tree.get(path) for tree in resource.props.trees if isinstance(tree, Mapping)]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            todo.extend(value.values())
        elif isinstance(value, list | tuple):
            todo.extend(value)


def _known(resource: Resource, path: str) -> str:
    try:
        return resource.props.text(path)
    except Unreadable:
        return ""
