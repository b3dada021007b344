"""VPC endpoints as resources: routes to S3 and DynamoDB, network interfaces for everything else."""

from collections.abc import Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions
from components.network import endpoints
from components.network.args import NetworkArgs


def make_gateway_endpoints(
    name: str,
    title: str,
    vpc: aws.ec2.Vpc,
    tables: Sequence[aws.ec2.RouteTable],
    args: NetworkArgs,
    opts: pulumi.ResourceOptions,
) -> list[aws.ec2.VpcEndpoint]:
    """Create an endpoint for each gateway service, with routes in `tables`."""
    return [
        aws.ec2.VpcEndpoint(
            conventions.child(name, f"endpoint-{service}"),
            vpc_id=vpc.id,
            service_name=endpoints.service_name(args.region, service),
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags=_tags(title, service),
            opts=opts,
        )
        for service in args.gateways()
    ]


def make_interface_endpoints(
    name: str,
    title: str,
    vpc: aws.ec2.Vpc,
    private: Sequence[aws.ec2.Subnet],
    args: NetworkArgs,
    opts: pulumi.ResourceOptions,
) -> tuple[Optional[aws.ec2.SecurityGroup], list[aws.ec2.VpcEndpoint]]:
    """Create the interface endpoints and the security group by which only the VPC reaches them."""
    if not args.interfaces():
        return None, []
    logical = conventions.child(name, "endpoints")
    tags = _tags(title, "endpoints")
    group = aws.ec2.SecurityGroup(
        logical,
        vpc_id=vpc.id,
        description="TLS from the VPC to AWS service endpoints",
        tags=tags,
        opts=opts,
    )
    rule = aws.vpc.SecurityGroupIngressRule(
        logical,
        security_group_id=group.id,
        description="TLS from the VPC",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4=args.cidr,
        tags=tags,
        opts=opts,
    )
    # Private DNS sends callers to an endpoint as soon as it stands: its security group is open by then.
    opened = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[rule]))
    made = [
        aws.ec2.VpcEndpoint(
            conventions.child(name, f"endpoint-{service.replace('.', '-')}"),
            vpc_id=vpc.id,
            service_name=endpoints.service_name(args.region, service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=[subnet.id for subnet in private],
            security_group_ids=[group.id],
            tags=_tags(title, service),
            opts=opened,
        )
        for service in args.interfaces()
    ]
    return group, made


def _tags(title: str, role: str) -> dict[str, str]:
    return conventions.tags("network", {"Name": f"{title}-{role}"})
