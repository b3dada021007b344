"""What keeps a shop's data: PostgreSQL in two zones with a replica, a cache, a search domain, and nightly backups."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
password = config.require_secret("dbPassword")
owner = {"Team": "storefront", "CostCenter": "4200", "Environment": pulumi.get_stack()}

network = aws.ec2.Vpc("shop", cidr_block="10.40.0.0/16", tags={**owner, "Name": "shop"})
internet = aws.ec2.InternetGateway("shop", vpc_id=network.id, tags=owner)
outside = aws.ec2.Subnet("outside", vpc_id=network.id, cidr_block="10.40.0.0/24", availability_zone="us-east-1a")
inside = [
    aws.ec2.Subnet(
        f"inside-{letter}", vpc_id=network.id, cidr_block=f"10.40.{10 + n}.0/24", availability_zone=f"us-east-1{letter}"
    )
    for n, letter in enumerate("abc")
]
address = aws.ec2.Eip("nat", domain="vpc", tags=owner)
nat = aws.ec2.NatGateway("nat", subnet_id=outside.id, allocation_id=address.allocation_id, tags=owner)
private = aws.ec2.RouteTable(
    "inside", vpc_id=network.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}]
)
for n, subnet in enumerate(inside):
    aws.ec2.RouteTableAssociation(f"inside-{n}", subnet_id=subnet.id, route_table_id=private.id)

data = aws.ec2.SecurityGroup("data", vpc_id=network.id, description="databases and caches", tags=owner)
for name, port in (("postgres", 5432), ("redis", 6379)):
    aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=data.id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        cidr_ipv4="10.40.0.0/16",
    )

key = aws.kms.Key("data", description="databases", enable_key_rotation=True, tags=owner)
aws.kms.Alias("data", name="alias/shop-data", target_key_id=key.key_id)

subnet_group = aws.rds.SubnetGroup("orders", subnet_ids=[subnet.id for subnet in inside], tags=owner)
parameters = aws.rds.ParameterGroup(
    "orders", family="postgres17", parameters=[{"name": "log_min_duration_statement", "value": "500"}], tags=owner
)
orders = aws.rds.Instance(
    "orders",
    engine="postgres",
    engine_version="17.5",
    instance_class="db.m6g.large",
    allocated_storage=200,
    max_allocated_storage=1000,
    storage_type="gp3",
    multi_az=True,
    db_name="orders",
    username="shop",
    password=password,
    db_subnet_group_name=subnet_group.name,
    parameter_group_name=parameters.name,
    vpc_security_group_ids=[data.id],
    storage_encrypted=True,
    kms_key_id=key.arn,
    backup_retention_period=14,
    performance_insights_enabled=True,
    final_snapshot_identifier="orders-final",
    tags=owner,
    opts=pulumi.ResourceOptions(protect=True),
)
aws.rds.Instance(
    "orders-reporting",
    replicate_source_db=orders.identifier,
    instance_class="db.t4g.medium",
    skip_final_snapshot=True,
    tags={**owner, "Team": "analytics"},
)
catalogue = aws.rds.Instance(
    "catalogue",
    engine="mysql",
    instance_class="db.t4g.small",
    allocated_storage=50,
    manage_master_user_password=True,
    username="catalogue",
    db_subnet_group_name=subnet_group.name,
    skip_final_snapshot=True,
    tags=owner,
)

caches = aws.elasticache.SubnetGroup("sessions", subnet_ids=[subnet.id for subnet in inside])
sessions = aws.elasticache.ReplicationGroup(
    "sessions",
    description="sessions and baskets",
    engine="redis",
    node_type="cache.t4g.small",
    num_cache_clusters=2,
    automatic_failover_enabled=True,
    subnet_group_name=caches.name,
    security_group_ids=[data.id],
    at_rest_encryption_enabled=True,
    transit_encryption_enabled=True,
    auth_token=config.require_secret("cacheToken"),
    tags=owner,
)
aws.elasticache.Cluster("fragments", engine="memcached", node_type="cache.t3.micro", num_cache_nodes=3, tags=owner)

login = aws.secretsmanager.Secret("orders-login", kms_key_id=key.arn, tags=owner)
aws.secretsmanager.SecretVersion(
    "orders-login",
    secret_id=login.id,
    secret_string=pulumi.Output.all(orders.endpoint, password).apply(
        lambda told: json.dumps({"endpoint": told[0], "user": "shop", "password": told[1]})
    ),
)

vault = aws.backup.Vault("nightly", kms_key_arn=key.arn, tags=owner)
plan = aws.backup.Plan(
    "nightly",
    rules=[
        {
            "rule_name": "nightly",
            "target_vault_name": vault.name,
            "schedule": "cron(0 3 * * ? *)",
            "lifecycle": {"delete_after": 35},
        }
    ],
)
role = aws.iam.Role(
    "backup",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "backup.amazonaws.com"}}
            ],
        }
    ),
)
aws.backup.Selection("databases", plan_id=plan.id, iam_role_arn=role.arn, resources=[orders.arn, catalogue.arn])

pulumi.export("orders", orders.endpoint)
pulumi.export("sessions", sessions.primary_endpoint_address)
pulumi.export("password", password)
