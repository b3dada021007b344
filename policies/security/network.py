"""VPCs and subnets: flow logs, default security groups, addresses, endpoints."""

import re
from collections.abc import Iterable, Iterator

from policies._engine.build import differs, each, rule, some, stack_rule
from policies._engine.model import Join, Resource, Stack
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import Undetermined, is_unknown
from policies.security.security_groups import DEFAULT_GROUP, EGRESS, EITHER, INGRESS

VPC = ("aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc")
SUBNET = "aws:ec2/subnet:Subnet"
DEFAULT_SUBNET = "aws:ec2/defaultSubnet:DefaultSubnet"
FLOW_LOG = ("aws:ec2/flowLog:FlowLog",)
ENDPOINT = ("aws:ec2/vpcEndpoint:VpcEndpoint",)
NAT = ("aws:ec2/natGateway:NatGateway",)
TRANSIT = ("aws:ec2transitgateway/vpcAttachment:VpcAttachment",)
CLUSTER = "aws:eks/cluster:Cluster"

TARGET = "securityGroupId"
"""Property of a rule that names its group."""


class FlowLogParams(Params):
    """Parameters of SEC-NET-004."""

    traffic: tuple[str, ...] = ("ALL", "REJECT")
    """Kinds of traffic of which one is enough to log; REJECT alone shows what was tried, not what was taken."""


@stack_rule(
    "SEC-NET-004",
    "ec2-vpc-require-flow-logs",
    "VPCs write flow logs",
    on=VPC,
    params=FlowLogParams,
    severity=Severity.MEDIUM,
    rationale="Without flow logs nobody can tell where data went, or which node was the first to be taken over.",
    controls=(
        "fsbp:EC2.6",
        "checkov:CKV2_AWS_11",
        "aisf:AISF-INFRA-08",
        "nist-800-53:AU-2",
        "nist-800-53:AU-12",
        "soc2:CC7.2",
    ),
    bad="aws.ec2.Vpc(name, cidr_block=cidr)  # nothing attached",
    remedy=(
        "Attach a flow log of all traffic, to CloudWatch Logs or S3.",
        'aws.ec2.FlowLog(name, vpc_id=vpc.id, traffic_type="ALL",\n'
        "    log_destination=group.arn, iam_role_arn=role.arn)",
    ),
)
def flow_logs(vpc: Resource, stack: Stack, ctx: Context[FlowLogParams]) -> Iterator[Outcome]:
    """Of the whole VPC: logs of single subnets and interfaces leave the next ones out."""
    logs = _attached(vpc, stack, FLOW_LOG)
    if not logs:
        yield Finding("the VPC has no flow log")
    elif not some(logs, lambda log: log.props.at("trafficType") in ctx.params.traffic):
        names = ", ".join(log.name for log in logs)
        yield Finding(f"{names} does not log traffic of type {' or '.join(ctx.params.traffic)}")


@stack_rule(
    "SEC-NET-005",
    "ec2-vpc-require-closed-default-group",
    "The default security group of a VPC lets nothing through",
    on=VPC,
    params=Params,
    severity=Severity.HIGH,
    rationale="What names no group gets the default one, which as AWS makes it lets its members talk to all others.",
    controls=("fsbp:EC2.2", "checkov:CKV2_AWS_12", "nist-800-53:AC-4", "nist-800-53:SC-7", "soc2:CC6.6"),
    bad="aws.ec2.Vpc(name, cidr_block=cidr)  # AWS opens its default group",
    remedy=(
        "Take the group over with empty lists of rules; empty, not absent, so that added rules are removed.",
        "aws.ec2.DefaultSecurityGroup(name, vpc_id=vpc.id, ingress=[], egress=[])",
    ),
)
def closed_default_group(vpc: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """The provider removes AWS's own rules when it takes the group over. Rules may come back as resources."""
    groups = _attached(vpc, stack, (DEFAULT_GROUP,))
    if not groups:
        yield Finding("no DefaultSecurityGroup empties the default group, which AWS opens for its members")
    yield from each(groups, _closed)
    yield from _added(vpc, groups, stack)


def _closed(group: Resource) -> Iterable[Outcome]:
    return each(("ingress", "egress"), lambda direction: _empty(group, direction))


def _empty(group: Resource, direction: str) -> Iterator[Outcome]:
    if group.sets(direction) and len(group.props.sequence(direction)):
        yield Finding(f"{group.name}: {differs(group.props, direction, 'an empty list').message}")


def _added(vpc: Resource, groups: Iterable[Resource], stack: Stack) -> Iterator[Outcome]:
    """Rules of the group as resources, whether they name it by the group or by the VPC."""
    types = (INGRESS, EGRESS, EITHER)
    sure = {one.urn: one for group in groups for one in stack.pointing_at(group, types, TARGET, ids=()).partners}
    for one in stack.pointing_at(vpc, types, TARGET, ids=("defaultSecurityGroupId",)).partners:
        if is_unknown(one.props.raw.get(TARGET)) and one.urn not in sure:
            yield Undetermined(f"{one.name} is of a security group that is not known yet, perhaps the default one")
        else:
            sure[one.urn] = one
    for one in sure.values():
        yield Finding(f"{one.name} adds a rule to the default security group; wanted none")


class SubnetParams(Params):
    """Parameters of SEC-NET-006."""

    public_tags: tuple[str, ...] = ()
    """Tags, each as key=value, of subnets that may give public addresses. None by default: a team could exempt
    itself."""


@rule(
    "SEC-NET-006",
    "ec2-subnet-disallow-public-addresses",
    "Subnets give instances no public addresses",
    on=(SUBNET, DEFAULT_SUBNET),
    params=SubnetParams,
    severity=Severity.MEDIUM,
    rationale="Whatever is launched there is on the internet at once. Load balancers and NAT gateways do not need it.",
    controls=(
        "cis-eks:5.4.3",
        "fsbp:EC2.15",
        "checkov:CKV_AWS_130",
        "aisf:AISF-INFRA-08",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "soc2:CC6.6",
    ),
    bad="aws.ec2.Subnet(name, vpc_id=vpc.id, map_public_ip_on_launch=True)",
    remedy=(
        "Switch it off, in public subnets too, and give single interfaces an address where they need one.",
        "aws.ec2.Subnet(name, vpc_id=vpc.id, map_public_ip_on_launch=False)",
    ),
)
def no_public_addresses(subnet: Resource, ctx: Context[SubnetParams]) -> Iterator[Outcome]:
    """IPv4 only: an IPv6 address is public in form, and the routes decide whether it is reached."""
    default = subnet.type == DEFAULT_SUBNET
    if subnet.props.at("mapPublicIpOnLaunch", default) is False:
        return
    if some(ctx.params.public_tags, lambda tag: _has_tag(subnet.props, tag)):
        raise NotApplicable("its tags say that it may give public addresses")
    yield differs(subnet.props, "mapPublicIpOnLaunch", "false" + " (default subnets have true)" * default)


def _has_tag(props: View, tag: str) -> bool:
    key, _, value = tag.partition("=")
    return bool(props.at(("tags", key)) == value)


class EndpointParams(Params):
    """Parameters of SEC-NET-007; services as in the last part of an endpoint's name, such as `ecr.api`."""

    private: tuple[str, ...] = ("ec2", "ecr.api", "ecr.dkr", "s3", "sts")
    """Services that a cluster's VPC has endpoints of where it has no NAT gateway and no transit gateway."""

    routed: tuple[str, ...] = ("s3",)
    """Services that it has endpoints of where it has one of these."""


@stack_rule(
    "SEC-NET-007",
    "ec2-vpc-require-endpoints",
    "VPCs of clusters reach AWS services by endpoints",
    on=VPC,
    params=EndpointParams,
    severity=Severity.MEDIUM,
    rationale="Without endpoints, data and credentials pass through NAT, or nodes in private subnets never start.",
    controls=(
        "fsbp:EC2.10",
        "fsbp:EC2.55",
        "fsbp:EC2.56",
        "aisf:AISF-INFRA-08",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
    ),
    bad="aws.ec2.Vpc(name, cidr_block=cidr)  # a private cluster, and no endpoints",
    remedy=(
        "Add a gateway endpoint for s3, and interface endpoints with private DNS for the rest.",
        'aws.ec2.VpcEndpoint(name, vpc_id=vpc.id, vpc_endpoint_type="Interface",\n'
        '    service_name=f"com.amazonaws.{region}.ecr.api", private_dns_enabled=True,\n'
        "    subnet_ids=subnets, security_group_ids=[group.id])",
    ),
)
def endpoints(vpc: Resource, stack: Stack, ctx: Context[EndpointParams]) -> Iterator[Outcome]:
    """Of VPCs in which the stack has an EKS cluster; what is needed depends on whether there is another way out."""
    subnets = stack.pointing_at(vpc, (SUBNET,), "vpcId", ids=()).partners
    inhabited, homeless = stack.once("vpcs of clusters", _homes_of_clusters)
    if vpc.urn not in inhabited:
        if homeless:
            raise Undetermined(f"{homeless[0].name} is in subnets that are not known yet, perhaps of this VPC")
        raise NotApplicable("no EKS cluster of the stack is in the VPC")
    services = ctx.params.routed if _has_way_out(vpc, subnets, stack) else ctx.params.private
    join = stack.pointing_at(vpc, ENDPOINT, "vpcId", ids=())
    yield from each(services, lambda service: _served(service, join))


def _served(service: str, join: Join) -> Iterator[Outcome]:
    if some(join.partners, lambda one: _serves(one, service)):
        return
    if some(join.unresolved, lambda one: _serves(one, service)):
        raise Undetermined(f"an endpoint of {service} belongs to a VPC that is not known yet, perhaps to this one")
    yield Finding(f"no endpoint serves {service} inside the VPC")


def _homes_of_clusters(stack: Stack) -> tuple[frozenset[str], tuple[Resource, ...]]:
    """Return the URNs of the VPCs in which clusters are, and the clusters of which that is not known."""
    homes: dict[object, str] = {}
    for vpc in stack.of(*VPC):
        homes[vpc.urn] = vpc.urn
        for subnet in stack.pointing_at(vpc, (SUBNET,), "vpcId", ids=()).partners:
            homes[subnet.urn] = vpc.urn
            if not is_unknown(name := subnet.props.raw.get("id")) and isinstance(name, str):
                homes[name] = vpc.urn
    inhabited: set[str] = set()
    homeless: list[Resource] = []
    for cluster in stack.of(CLUSTER):
        sources = cluster.property_dependencies.get("vpcConfig", ())
        known, whole = _subnets_of(cluster)
        # All subnets of a cluster are in one VPC, so one that is known is enough.
        found = {homes[one] for one in (*sources, *known) if one in homes}
        inhabited |= found
        if not found and not whole:
            homeless.append(cluster)
    return frozenset(inhabited), tuple(homeless)


def _subnets_of(cluster: Resource) -> tuple[list[str], bool]:
    """Return the ids of a cluster's subnets that are known, and whether all are."""
    try:
        listed = cluster.props.sequence("vpcConfig.subnetIds")
    except Undetermined:
        return [], False
    known = [one for one in listed.known() if isinstance(one, str)]
    return known, len(known) == len(listed)


def _has_way_out(vpc: Resource, subnets: Iterable[Resource], stack: Stack) -> bool:
    if stack.pointing_at(vpc, (*NAT, *TRANSIT), "vpcId", ids=()).partners:
        return True
    return any(stack.pointing_at(subnet, NAT, "subnetId", ids=()).partners for subnet in subnets)


def _serves(endpoint: Resource, service: str) -> bool:
    """Whether an endpoint answers to the service's usual name: an interface does so by private DNS only."""
    name = re.fullmatch(r"(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\.(.+?)(?:-fips)?", endpoint.props.text("serviceName"))
    if name is None or name.group(1) != service:
        return False
    kind = endpoint.props.at("vpcEndpointType") if endpoint.sets("vpcEndpointType") else "Gateway"
    return kind == "Gateway" or (endpoint.sets("privateDnsEnabled") and endpoint.props.flag("privateDnsEnabled"))


def _attached(vpc: Resource, stack: Stack, types: tuple[str, ...]) -> tuple[Resource, ...]:
    """Return what of `types` belongs to a VPC. Raises `Undetermined` where that cannot be told."""
    join = stack.pointing_at(vpc, types, "vpcId", ids=())
    if not join.partners and join.unresolved:
        raise Undetermined(f"{join.unresolved[0].name} belongs to a VPC that is not known yet, perhaps to this one")
    return join.partners


RULES = (flow_logs, closed_default_group, no_public_addresses, endpoints)
