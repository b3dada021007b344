"""Networks: gateways and endpoints that are paid for by the hour, and those that save their traffic."""

from collections.abc import Iterator
from functools import partial

from pydantic import Field

from policies._engine.build import some, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import show
from policies._engine.wire import Undetermined
from policies.cost.instances import shown
from policies.cost.reading import asked

VPC = "aws:ec2/vpc:Vpc"
SUBNET = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROUTES = ("aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",)
SUBNET_LINK = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"


class NatParams(Params):
    """Parameters of COST-NET-001."""

    most: ByEnvironment[int] = Field(default={"default": 3, "staging": 1, "development": 1, "sandbox": 1})
    """NAT gateways that a stack may have; a regional one counts once for each of its zones."""


@stack_rule(
    "COST-NET-001",
    "vpc-nat-gateway-limit-number",
    "A stack has no more NAT gateways than its environment needs",
    params=NatParams,
    severity=Severity.LOW,
    rationale="Each costs 32.85 USD a month in us-east-1 with no byte through it; only production needs one per zone.",
    controls=("aws-wa-cost:COST08-BP02", "aws-wa-cost:COST05-BP05"),
    bad='nat = [aws.ec2.NatGateway(f"nat-{zone}", subnet_id=public[zone].id) for zone in zones]',
    remedy=(
        "Send all private subnets through one NAT gateway; give production one for each zone.",
        'nat = aws.ec2.NatGateway("nat", subnet_id=public[zones[0]].id, allocation_id=address.id)',
    ),
)
def nat_gateways(_root: Resource, stack: Stack, ctx: Context[NatParams]) -> Iterator[Outcome]:
    """Regional gateways are billed by zone (VPC pricing, read 2026-11-23), and how many may be left to AWS."""
    found = [asked(one) for one in stack.of(NAT)]
    if not found:
        raise NotApplicable("the stack has no NAT gateway")
    most = ctx.by_environment(ctx.params.most)
    count, gaps = 0, []
    for gateway in found:
        try:
            count += _zones(gateway)
        except Undetermined as gap:
            count += 1
            gaps.append(gap)
    if count > most:
        where = ctx.environment or "any environment"
        yield Finding(f"{count} NAT gateways ({shown(one.name for one in found)}); wanted at most {most} in {where}")
    else:
        yield from gaps


def _zones(gateway: Resource) -> int:
    if gateway.props.text("availabilityMode", "zonal") != "regional":
        return 1
    zones = len(gateway.props.sequence("availabilityZoneAddresses"))
    if not zones:
        raise Undetermined(f"{gateway.name[:64]} is regional and chooses its zones by itself, each of which is billed")
    return zones


class GatewayParams(Params):
    """Parameters of COST-NET-002."""

    services: tuple[str, ...] = ("s3", "dynamodb")
    """Services with gateway endpoints."""


@stack_rule(
    "COST-NET-002",
    "vpc-network-require-gateway-endpoints",
    "Traffic to S3 and DynamoDB goes around the NAT gateways",
    on=(VPC,),
    params=GatewayParams,
    severity=Severity.MEDIUM,
    rationale="Through NAT each GB of checkpoints costs 0.045 USD in us-east-1; through a gateway endpoint, nothing.",
    controls=("aws-wa-cost:COST08-BP03", "aws-wa-cost:COST08-BP02"),
    bad="aws.ec2.NatGateway(name, subnet_id=public.id, allocation_id=address.id)  # and no endpoints",
    remedy=(
        "Add gateway endpoints for S3 and DynamoDB with the route tables of the private subnets.",
        'aws.ec2.VpcEndpoint(name, vpc_id=vpc.id, vpc_endpoint_type="Gateway",\n'
        '    service_name=f"com.amazonaws.{region}.s3", route_table_ids=[private.id])',
    ),
)
def gateway_endpoints(vpc: Resource, stack: Stack, ctx: Context[GatewayParams]) -> Iterator[Outcome]:
    """An endpoint without a route table carries nothing."""
    if not _has_nat(vpc, stack):
        raise NotApplicable("the VPC has no NAT gateway in this stack")
    join = stack.pointing_at(vpc, (ENDPOINT,), "vpcId", ids=())
    for service in ctx.params.services:
        try:
            if some(join.partners, partial(_carries, service=service, stack=stack)):
                continue
        except Undetermined as gap:
            yield gap
            continue
        if join.unresolved:
            yield Undetermined(
                f"{join.unresolved[0].name[:64]} belongs to a VPC that is not known yet, perhaps to this one"
            )
        else:
            yield Finding(f"no gateway endpoint with a route table carries traffic to {service}")


def _has_nat(vpc: Resource, stack: Stack) -> bool:
    """Whether a NAT gateway is in one of the VPC's subnets, or, a regional one, in the VPC itself."""
    regional = stack.pointing_at(vpc, (NAT,), "vpcId", ids=())
    zonal = [stack.pointing_at(subnet, (NAT,), "subnetId", ids=()) for subnet in _subnets(vpc, stack)]
    if regional.partners or any(join.partners for join in zonal):
        return True
    unclear = [gateway for join in zonal for gateway in join.unresolved]
    if unclear:
        raise Undetermined(f"{unclear[0].name[:64]} belongs to a subnet that is not known yet, perhaps of this VPC")
    return False


def _subnets(vpc: Resource, stack: Stack) -> tuple[Resource, ...]:
    return tuple(one for kind in SUBNET for one in stack.pointing_at(vpc, (kind,), "vpcId", ids=()).partners)


def _carries(endpoint: Resource, service: str, stack: Stack) -> bool:
    """The service's name ends in the service; the type is Gateway where it is unset."""
    props = asked(endpoint).props
    if props.text("vpcEndpointType", "Gateway") != "Gateway":
        return False
    if props.text("serviceName").rpartition(".")[2] != service:
        return False
    if endpoint.sets("routeTableIds"):
        return True
    return bool(stack.pointing_at(endpoint, ROUTES, "vpcEndpointId", ids=()).partners)


class EndpointParams(Params):
    """Parameters of COST-NET-003."""

    most: ByEnvironment[int] = Field(default={"default": 40, "production": 60, "sandbox": 26})
    """Interface endpoints, each counted once for each of its subnets. A private platform has 13 in each zone."""


@stack_rule(
    "COST-NET-003",
    "vpc-interface-endpoint-limit-number",
    "A stack has no more interface endpoints than its environment needs",
    params=EndpointParams,
    severity=Severity.LOW,
    rationale="Each costs 7.30 USD a month in each zone in us-east-1: 30 services in three zones cost 657.",
    controls=("aws-wa-cost:COST08-BP02", "aws-wa-cost:COST05-BP05"),
    bad='[aws.ec2.VpcEndpoint(s, vpc_endpoint_type="Interface", subnet_ids=subnets) for s in services]',
    remedy=(
        "Keep the endpoints that the platform calls; share one VPC's endpoints, or put them in fewer zones.",
        'aws.ec2.VpcEndpoint("ecr", vpc_endpoint_type="Interface", subnet_ids=subnets[:1])',
    ),
)
def interface_endpoints(_root: Resource, stack: Stack, ctx: Context[EndpointParams]) -> Iterator[Outcome]:
    """Subnets may be unknown one by one: they are counted, not read."""
    count, gaps, any_interface = 0, [], False
    for endpoint in stack.of(ENDPOINT):
        try:
            found = _interfaces(asked(endpoint))
        except Undetermined as gap:
            gaps.append(Undetermined(f"{endpoint.name[:64]}: {gap.reason}"))
            continue
        any_interface = any_interface or found is not None
        count += found or 0
    if not any_interface and not gaps:
        raise NotApplicable("the stack has no interface endpoint")
    count += len(stack.of(SUBNET_LINK))
    most = ctx.by_environment(ctx.params.most)
    if count > most:
        where = ctx.environment or "any environment"
        yield Finding(f"{count} interface endpoints, counted by subnet; wanted at most {most} in {where}")
    else:
        yield from gaps


def _interfaces(endpoint: Resource) -> int | None:
    """Return in how many subnets an endpoint is; None for one of another type."""
    kind = endpoint.props.at("vpcEndpointType", "Gateway")
    if not isinstance(kind, str):
        raise Undetermined(f"vpcEndpointType is {show(kind)}")
    return len(endpoint.props.sequence("subnetIds")) if kind == "Interface" else None


RULES = (nat_gateways, gateway_endpoints, interface_endpoints)
