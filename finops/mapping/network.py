"""Networks: gateways, endpoints, addresses, load balancers, and the traffic through them."""

from collections.abc import Iterable

from finops.context import Context
from finops.line import Line
from finops.resource import Resource
from finops.values import Unreadable


def nat_gateway(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a NAT gateway and the data through it. Its address is a resource of its own."""
    yield from context.fixed(resource, "NAT gateway", "vpc/nat-gateway")
    yield from context.metered(resource, "data through the NAT gateway", "vpc/nat-data")


def elastic_ip(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a public IPv4 address; it costs the same whether it is used or not."""
    yield from context.fixed(resource, "public IPv4 address", "vpc/public-ipv4")


def vpc_endpoint(resource: Resource, context: Context) -> Iterable[Line]:
    """Price an interface endpoint, one for each subnet. Gateway endpoints are free: they yield nothing."""
    kind = resource.props.text("vpcEndpointType", "Gateway") or "Gateway"
    if kind == "Gateway":
        return
    if kind != "Interface":
        yield context.unpriced(resource, "endpoint", [f"vpc/{kind.lower()[:32]}-endpoint"])
        return
    if not (zones := len(resource.props.items("subnetIds"))):
        raise Unreadable("subnetIds are not given, and each costs")
    yield from context.fixed(resource, "interface endpoint, for each zone", "vpc/interface-endpoint", zones)
    yield from context.metered(resource, "data through the endpoint", "vpc/interface-endpoint-data")


def internet_gateway(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter what leaves for the internet; the gateway itself costs nothing."""
    yield from context.metered(resource, "data out to the internet", "transfer/internet")


def vpc(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter what crosses zones, paid on both sides; the network itself costs nothing."""
    yield from context.metered(resource, "data between zones, each direction", "transfer/between-zones")


def peering(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter what leaves for another region; inside one the network meters what crosses zones, so it yields nothing."""
    if resource.props.text("peerRegion"):
        yield from context.metered(resource, "data to the other region", "transfer/between-regions")


def load_balancer(resource: Resource, context: Context) -> Iterable[Line]:
    """Price an application or network load balancer, and meter its capacity units."""
    kind = resource.props.text("loadBalancerType", "application") or "application"
    if kind not in ("application", "network"):
        yield context.unpriced(resource, "load balancer", [f"lb/{kind[:32]}"])
        return
    yield from context.fixed(resource, f"{kind} load balancer", f"lb/{kind}")
    yield from context.metered(resource, "capacity units", f"lb/{kind}-lcu")


def load_balancer_addresses(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the public IPv4 addresses that AWS gives an internet-facing balancer: one in each subnet."""
    props = resource.props
    if props.flag("internal"):
        return
    if props.items("subnetMappings"):
        raise Unreadable("subnetMappings may bring addresses that are resources of their own")
    if not (zones := len(props.items("subnets"))):
        raise Unreadable("subnets are not given, and each has a public address")
    yield from context.fixed(resource, "public IPv4 addresses", "vpc/public-ipv4", zones)
