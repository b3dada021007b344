"""A VPC for the platform: subnets in two or three zones, ways out, endpoints, flow logs. Or an existing one.

After this runs there is a VPC whose nodes live in large private subnets; public ones hold load balancers and
NAT gateways. The default security group lets nothing through. Cost in us-east-1: 32.85 USD a month for each
NAT gateway and 7.30 USD for each interface endpoint in each zone, both plus traffic; flow logs by volume; the
rest is free. Not stateful, but a replaced VPC replaces everything inside it.
"""

from collections.abc import Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions
from components._core.args import coerce
from components._core.base import PlatformComponent
from components.network.args import NatMode, NetworkArgs
from components.network.flow_logs import make_flow_log
from components.network.private_endpoints import make_gateway_endpoints, make_interface_endpoints
from components.network.subnets import ZoneSubnets, layout

ANYWHERE = "0.0.0.0/0"

RETENTION_DAYS = 90
"""Default retention of flow logs, in days."""


class Network(PlatformComponent):
    """A VPC with subnets, routes, endpoints and flow logs, or an existing one behind the same outputs."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""

    cidr: pulumi.Output[str]
    """IPv4 range of the VPC."""

    private_subnet_ids: pulumi.Output[list[str]]
    """Ids of the private subnets, in the order of the zones; their users wait for routes and endpoints."""

    public_subnet_ids: pulumi.Output[list[str]]
    """Ids of the public subnets, in the order of the zones; empty where there are none."""

    private_route_table_ids: pulumi.Output[list[str]]
    """Ids of the route tables of the private subnets."""

    endpoint_security_group_id: pulumi.Output[Optional[str]]
    """Id of the security group of the interface endpoints; none where there are no interface endpoints."""

    def __init__(self, name: str, args: NetworkArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Network", name, opts)
        args = coerce(NetworkArgs, args)
        if args.existing_vpc_id is not None:
            self._adopt(args)
        else:
            self._build(args)
        self._register()

    def _adopt(self, args: NetworkArgs) -> None:
        """Hand an existing VPC on; creates nothing."""
        self.vpc_id = pulumi.Output.from_input(args.existing_vpc_id or "")
        self.cidr = pulumi.Output.from_input(args.cidr)
        self.private_subnet_ids = pulumi.Output.from_input(args.existing_private_subnet_ids or [])
        self.public_subnet_ids = pulumi.Output.from_input(args.existing_public_subnet_ids or [])
        self.private_route_table_ids = pulumi.Output.from_input(args.existing_private_route_table_ids or [])
        group = args.existing_endpoint_security_group_id
        self.endpoint_security_group_id = pulumi.Output.from_input(group)

    def _build(self, args: NetworkArgs) -> None:
        self._title = args.cluster_name or self._name
        zones = layout(args.cidr, args.zones or [])
        vpc = self._make_vpc(args)
        private = [self._make_private_subnet(vpc, zone, args.cluster_name) for zone in zones]
        tables = [self._make_route_table(vpc, f"private-{zone.letter}") for zone in zones]
        joined = [
            self._join(f"private-{zone.letter}", subnet, table)
            for zone, subnet, table in zip(zones, private, tables, strict=True)
        ]
        public, public_ready = self._make_public_side(vpc, zones, args)
        routes = self._make_ways_out(zones, public, public_ready, tables, args.nat or NatMode.PER_ZONE)
        opts = self._opts()
        gateways = make_gateway_endpoints(self._name, self._title, vpc, tables, args, opts)
        group, interfaces = make_interface_endpoints(self._name, self._title, vpc, private, args, opts)

        self.vpc_id = vpc.id
        self.cidr = vpc.cidr_block
        self.private_subnet_ids = _ids(private, after=[*joined, *routes, *gateways, *interfaces])
        self.public_subnet_ids = _ids(public, after=public_ready)
        self.private_route_table_ids = _ids(tables)
        none: pulumi.Output[Optional[str]] = pulumi.Output.from_input(None)
        self.endpoint_security_group_id = group.id.apply(lambda i: i) if group else none

    def _make_vpc(self, args: NetworkArgs) -> aws.ec2.Vpc:
        # Private endpoints of EKS and of AWS services resolve only where both DNS switches are on.
        vpc = aws.ec2.Vpc(
            self._child("vpc"),
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags("vpc"),
            opts=self._opts(),
        )
        # Empty lists, not absent ones: only these make the provider remove rules that somebody adds.
        aws.ec2.DefaultSecurityGroup(
            self._child("default"),
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=self._tags("closed"),
            opts=self._opts(),
        )
        assert args.log_key_arn is not None
        days = args.flow_log_retention_days or RETENTION_DAYS
        make_flow_log(self._child("flow-logs"), vpc, args.log_key_arn, days, self._opts())
        return vpc

    def _make_private_subnet(self, vpc: aws.ec2.Vpc, zone: ZoneSubnets, cluster_name: Optional[str]) -> aws.ec2.Subnet:
        # No kubernetes.io/cluster/<name>: load balancer controllers after 2.1.1 do not look for it
        # (docs.aws.amazon.com/eks/latest/userguide/network-reqs.html, read 2026-11-23).
        marks = {"kubernetes.io/role/internal-elb": "1"}
        if cluster_name:
            marks["karpenter.sh/discovery"] = cluster_name
        return self._make_subnet(vpc, f"private-{zone.letter}", zone.zone, str(zone.private), marks)

    def _make_subnet(self, vpc: aws.ec2.Vpc, role: str, zone: str, cidr: str, marks: dict[str, str]) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            self._child(role),
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags=self._tags(role, marks),
            opts=self._opts(),
        )

    def _make_route_table(self, vpc: aws.ec2.Vpc, role: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(self._child(role), vpc_id=vpc.id, tags=self._tags(role), opts=self._opts())

    def _join(self, role: str, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable) -> aws.ec2.RouteTableAssociation:
        return aws.ec2.RouteTableAssociation(
            self._child(role), subnet_id=subnet.id, route_table_id=table.id, opts=self._opts()
        )

    def _make_public_side(
        self, vpc: aws.ec2.Vpc, zones: Sequence[ZoneSubnets], args: NetworkArgs
    ) -> tuple[list[aws.ec2.Subnet], list[pulumi.Resource]]:
        """Create internet gateway and public subnets; return the subnets and what makes them public."""
        if not args.has_public_subnets():
            return [], []
        gateway = aws.ec2.InternetGateway(
            self._child("internet"), vpc_id=vpc.id, tags=self._tags("internet"), opts=self._opts()
        )
        table = self._make_route_table(vpc, "public")
        route = aws.ec2.Route(
            self._child("public"),
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._opts(),
        )
        marks = {"kubernetes.io/role/elb": "1"}
        subnets, ready = list[aws.ec2.Subnet](), list[pulumi.Resource]([route])
        for zone in zones:
            role = f"public-{zone.letter}"
            subnet = self._make_subnet(vpc, role, zone.zone, str(zone.public), marks)
            subnets.append(subnet)
            ready.append(self._join(role, subnet, table))
        return subnets, ready

    def _make_ways_out(
        self,
        zones: Sequence[ZoneSubnets],
        public: Sequence[aws.ec2.Subnet],
        public_ready: Sequence[pulumi.Resource],
        tables: Sequence[aws.ec2.RouteTable],
        nat: NatMode,
    ) -> list[aws.ec2.Route]:
        """Create NAT gateways and the routes of the private subnets to them."""
        count = {NatMode.NONE: 0, NatMode.SINGLE: 1, NatMode.PER_ZONE: len(zones)}[nat]
        gateways = list[aws.ec2.NatGateway]()
        for zone, subnet in list(zip(zones, public, strict=False))[:count]:
            role = f"nat-{zone.letter}"
            address = aws.ec2.Eip(self._child(role), domain="vpc", tags=self._tags(role), opts=self._opts())
            gateways.append(
                aws.ec2.NatGateway(
                    self._child(role),
                    allocation_id=address.id,
                    subnet_id=subnet.id,
                    tags=self._tags(role),
                    # A gateway without a route from its subnet to the internet ends in state failed.
                    opts=self._opts(depends_on=public_ready),
                )
            )
        return [
            aws.ec2.Route(
                self._child(f"private-{zone.letter}"),
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=gateways[min(index, count - 1)].id,
                opts=self._opts(),
            )
            for index, (zone, table) in enumerate(zip(zones, tables, strict=True))
            if gateways
        ]

    def _tags(self, role: str, marks: Optional[dict[str, str]] = None) -> dict[str, str]:
        return conventions.tags("network", {"Name": f"{self._title}-{role}", **(marks or {})})


def _ids(resources: Sequence[Any], after: Sequence[pulumi.Resource] = ()) -> pulumi.Output[list[str]]:
    """Return the ids; whoever uses them also waits for `after`, and is deleted before it.

    URNs carry the dependency because they are known in a preview: a new endpoint must not make the ids
    unknown, which would show every node group as replaced.
    """
    joined = pulumi.Output.all(
        ids=pulumi.Output.all(*[r.id for r in resources]), after=pulumi.Output.all(*[r.urn for r in after])
    )
    return joined.apply(lambda values: list(values["ids"]))
