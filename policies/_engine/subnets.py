"""Subnets that a resource is put into, and whether one is public."""

from collections.abc import Sequence
from dataclasses import dataclass

from policies._engine.build import some
from policies._engine.model import Resource, Stack
from policies._engine.values import Path, View
from policies._engine.wire import Undetermined, UnknownValue

OWN_SUBNET = "aws:ec2/subnet:Subnet"
DEFAULT_SUBNET = "aws:ec2/defaultSubnet:DefaultSubnet"
SUBNETS = (OWN_SUBNET, DEFAULT_SUBNET)

GATEWAY = "aws:ec2/internetGateway:InternetGateway"
ROUTE = ("aws:ec2/route:Route",)
TABLE = ("aws:ec2/routeTable:RouteTable",)
ASSOCIATION = ("aws:ec2/routeTableAssociation:RouteTableAssociation",)

ANYWHERE = ("0.0.0.0/0", "::/0")
OF_ROUTE = ("destinationCidrBlock", "destinationIpv6CidrBlock")
OF_TABLE = ("cidrBlock", "ipv6CidrBlock")
"""Where a route of its own, and one listed in a table, says which addresses it is for."""


@dataclass(frozen=True)
class Placement:
    """Subnets of a resource, as far as they can be told."""

    sure: tuple[Resource, ...] = ()
    """Subnets of the stack that it is in."""

    perhaps: tuple[Resource, ...] = ()
    """Subnets of the stack, some of which it is in: those that its ids were computed from."""

    foreign: tuple[str, ...] = ()
    """Ids of subnets that are not part of the stack."""

    unclear: bool = False
    """Whether some ids are unknown and come from no subnet of the stack."""


def placement(resource: Resource, stack: Stack, prop: str = "subnetIds") -> Placement:
    """Return the subnets whose ids are listed in a property. Raises `MalformedValue`.

    Ids that are not known yet are followed through the engine's record of what they were computed from.
    """
    known, missing = _listed(resource, prop)
    by_id = subnets_by_id(stack)
    sure = tuple(by_id[one] for one in known if one in by_id)
    foreign = tuple(one for one in known if one not in by_id)
    if missing == 0:
        return Placement(sure, foreign=foreign)
    found = {one.urn for one in sure}
    sources = tuple(one for one in sources_of(resource, stack, prop) if one.type in SUBNETS and one.urn not in found)
    if len(sources) == missing:
        return Placement((*sure, *sources), foreign=foreign)
    return Placement(sure, sources, foreign, unclear=len(sources) < (missing or 1))


def _listed(resource: Resource, prop: str) -> tuple[list[str], int | None]:
    """Return the known texts of a list and how many of its items are unknown, None if the list itself is."""
    try:
        items = resource.props.sequence(prop)
    except UnknownValue:
        return [], None
    known = items.known()
    return [item for item in known if isinstance(item, str)], len(items) - len(known)


def subnets_by_id(stack: Stack) -> dict[str, Resource]:
    """Return the subnets of a stack whose ids are known."""
    return {name: one for one in stack.of(*SUBNETS) if (name := known_text(one.props, "id"))}


def sources_of(resource: Resource, stack: Stack, prop: str) -> Sequence[Resource]:
    """Return the resources of the stack that a property was computed from."""
    urns = dict.fromkeys(resource.property_dependencies.get(prop, ()))
    return [stack.by_urn[urn] for urn in urns if urn in stack.by_urn]


def known_text(props: View, path: Path) -> str:
    """Return the text at `path`, empty where it is missing, unknown or none."""
    try:
        found = props.at(path)
    except Undetermined:
        return ""
    return found if isinstance(found, str) else ""


def why_public(subnet: Resource, stack: Stack) -> str:
    """Return what makes a subnet public, empty for a private one. Raises `Undetermined`.

    It gives public addresses to what is started in it, or its own route table leads to an internet gateway.
    The main table of a VPC, which serves subnets without one of their own, is not looked at: AWS makes it
    without a way to the internet, but for the default VPC, whose subnets give public addresses.
    """
    if subnet.props.flag("mapPublicIpOnLaunch", subnet.type == DEFAULT_SUBNET):
        return "gives public addresses to instances"
    join = stack.pointing_at(subnet, ASSOCIATION, "subnetId", ids=())
    if not join.partners and join.unresolved:
        raise Undetermined(f"{join.unresolved[0].name} is of a subnet that is not known yet, perhaps of {subnet.name}")
    if some(join.partners, lambda one: _leads_out(_table(one, stack), stack)):
        return "has a route to an internet gateway"
    return ""


def _table(association: Resource, stack: Stack) -> Resource:
    for table in stack.of(*TABLE):
        partners = stack.pointing_at(table, ASSOCIATION, "routeTableId", ids=()).partners
        if any(one.urn == association.urn for one in partners):
            return table
    raise Undetermined(f"the route table that {association.name} names is not known, or not part of this stack")


def _leads_out(table: Resource, stack: Stack) -> bool:
    routes = stack.pointing_at(table, ROUTE, "routeTableId", ids=()).partners
    if some(routes, lambda route: _to_gateway(route.props, OF_ROUTE, sources_of(route, stack, "gatewayId"))):
        return True
    # Where the program lists no routes, the output is unknown in a preview and no input of ours after it.
    if not table.sets("routes"):
        return False
    listed = tuple(table.props.sequence("routes").mappings())
    return some(listed, lambda route: _to_gateway(route, OF_TABLE, sources_of(table, stack, "routes")))


def _to_gateway(route: View, destinations: tuple[str, str], sources: Sequence[Resource]) -> bool:
    """Whether a route sends what has no nearer one to an internet gateway."""
    if not some(destinations, lambda name: route.at(name) in ANYWHERE):
        return False
    try:
        return route.text("gatewayId").startswith("igw-")
    except UnknownValue:
        # NAT gateways have a property of their own; beside internet gateways there are those of VPNs.
        if any(source.type == GATEWAY for source in sources):
            return True
        raise
