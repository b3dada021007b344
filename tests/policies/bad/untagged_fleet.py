"""A development account that nobody pays attention to, because nobody gets the invoice.

No tags but the one that the template would not do without, no budget, and everything in the size of production: a NAT
gateway per zone, fourteen endpoints in each but for S3, workers that run all night on borrowed credits, a database with
a standby, logs that are kept for ever.
"""

from __future__ import annotations

import pulumi_aws as aws

ENVIRONMENT = "development"
TAGS = {"environment": ENVIRONMENT}
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
SERVICES = (
    *("athena", "bedrock-runtime", "ec2", "ecr.api", "ecr.dkr", "events", "glue"),
    *("kms", "lambda", "logs", "monitoring", "sagemaker.api", "sqs", "sts"),
)


def program() -> None:
    """Network, workers, their disks and logs, a database."""
    vpc = aws.ec2.Vpc("dev", cidr_block="10.30.0.0/16")
    aws.ec2.DefaultSecurityGroup("closed", vpc_id=vpc.id, ingress=[], egress=[])
    flow_log(vpc)
    subnets = network(vpc)
    workers(subnets[0])
    aws.cloudwatch.LogGroup("experiments", name="/dev/experiments")
    aws.rds.Instance(
        "tracking",
        identifier="dev-tracking",
        engine="postgres",
        engine_version="17",
        instance_class="db.r6g.4xlarge",
        allocated_storage=500,
        storage_type="gp3",
        multi_az=True,
        storage_encrypted=True,
        kms_key_id=f"arn:aws:kms:us-east-1:210987654321:key/{'0' * 8}-1111-2222-3333-444455556666",
        publicly_accessible=False,
        iam_database_authentication_enabled=True,
        parameter_group_name=tls_only(),
        backup_retention_period=7,
        username="tracking",
        manage_master_user_password=True,
        db_subnet_group_name="dev",
        engine_lifecycle_support="open-source-rds-extended-support-disabled",
        skip_final_snapshot=True,
    )


def flow_log(vpc: aws.ec2.Vpc) -> None:
    """Somebody from security insisted."""
    aws.ec2.FlowLog(
        "flows",
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination="arn:aws:s3:::acme-flow-logs/dev/",
    )


def tls_only() -> object:
    """The parameter group that the database team hands out."""
    group = aws.rds.ParameterGroup(
        "tls-only", family="postgres17", parameters=[{"name": "rds.force_ssl", "value": "1"}]
    )
    return group.name


def network(vpc: aws.ec2.Vpc) -> list[aws.ec2.Subnet]:
    """Copied from production: a gateway per zone, and an endpoint for whatever has one, but for S3."""
    private = []
    for number, zone in enumerate(ZONES):
        public = aws.ec2.Subnet(f"public-{zone[-1]}", vpc_id=vpc.id, cidr_block=f"10.30.{number}.0/24")
        subnet = aws.ec2.Subnet(f"private-{zone[-1]}", vpc_id=vpc.id, cidr_block=f"10.30.{10 + number}.0/24")
        address = aws.ec2.Eip(f"address-{zone[-1]}", domain="vpc")
        gateway = aws.ec2.NatGateway(f"nat-{zone[-1]}", subnet_id=public.id, allocation_id=address.id)
        routes = aws.ec2.RouteTable(
            f"routes-{zone[-1]}", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": gateway.id}]
        )
        aws.ec2.RouteTableAssociation(f"routes-{zone[-1]}", subnet_id=subnet.id, route_table_id=routes.id)
        private.append(subnet)
    for service in SERVICES:
        aws.ec2.VpcEndpoint(
            f"to-{service.replace('.', '-')}",
            vpc_id=vpc.id,
            vpc_endpoint_type="Interface",
            service_name=f"com.amazonaws.us-east-1.{service}",
            subnet_ids=[subnet.id for subnet in private],
            private_dns_enabled=True,
        )
    return private


def workers(subnet: aws.ec2.Subnet) -> None:
    """Burstable instances that are never idle, a disk with more IOPS than anyone has counted, an address for a VPN."""
    for number in range(3):
        aws.ec2.Instance(
            f"worker-{number}",
            ami="ami-0123456789abcdef0",
            instance_type="t3.2xlarge",
            subnet_id=subnet.id,
            credit_specification={"cpu_credits": "unlimited"},
            metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1},
            associate_public_ip_address=False,
            root_block_device={"volume_type": "gp2", "volume_size": 500, "encrypted": True},
        )
    aws.ebs.Volume("scratch", availability_zone=ZONES[0], size=2000, type="io2", iops=40000, encrypted=True)
    aws.ec2.Eip("vpn-someday", domain="vpc")
