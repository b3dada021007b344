"""The network of the first demo, which became the network of production.

Notebooks, databases and SSH were opened to the world one evening, and hardly a rule says why. There are no flow logs,
so nobody knows who has come in since; S3 is reached through the NAT gateway, by the gigabyte, and the address of a
bastion that is long gone is still paid for.
"""

from __future__ import annotations

import pulumi_aws as aws

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "network")


def program() -> None:
    """VPC, subnets, a way out, and groups that keep nobody out."""
    watch_spending("network")
    vpc = aws.ec2.Vpc("demo", cidr_block="10.20.0.0/16")
    ways_out(vpc)
    inline_rules(vpc)
    single_rules(vpc)


def ways_out(vpc: aws.ec2.Vpc) -> None:
    """A public subnet whose instances get addresses, a private one behind NAT, and an address that is left over."""
    public = aws.ec2.Subnet("demo-public", vpc_id=vpc.id, cidr_block="10.20.0.0/24", map_public_ip_on_launch=True)
    private = aws.ec2.Subnet("demo-private", vpc_id=vpc.id, cidr_block="10.20.1.0/24")
    address = aws.ec2.Eip("demo-nat", domain="vpc")
    aws.ec2.Eip("demo-old-bastion", domain="vpc")
    gateway = aws.ec2.NatGateway("demo", subnet_id=public.id, allocation_id=address.id)
    routes = aws.ec2.RouteTable(
        "demo-private", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": gateway.id}]
    )
    aws.ec2.RouteTableAssociation("demo-private", subnet_id=private.id, route_table_id=routes.id)


def inline_rules(vpc: aws.ec2.Vpc) -> None:
    """Notebooks: SSH and Jupyter from everywhere, and everything to everywhere."""
    anywhere = {"protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
    aws.ec2.SecurityGroup(
        "notebooks",
        vpc_id=vpc.id,
        ingress=[{**anywhere, "from_port": port, "to_port": port} for port in (22, 8888)],
        egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
    )


def single_rules(vpc: aws.ec2.Vpc) -> None:
    """The database, and the old kind of rule for the dashboards."""
    group = aws.ec2.SecurityGroup("databases", vpc_id=vpc.id, description="Databases of the demo, for its workers")
    aws.vpc.SecurityGroupIngressRule(
        "postgres-world",
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=5432,
        to_port=5432,
        cidr_ipv4="0.0.0.0/0",
    )
    aws.ec2.SecurityGroupRule(
        "dashboards-world",
        type="ingress",
        security_group_id=group.id,
        protocol="tcp",
        from_port=3000,
        to_port=9200,
        ipv6_cidr_blocks=["::/0"],
    )
