"""The same stack a year later: renamed, resized, replaced, adopted, and one part read from another team's account."""

import pulumi
import pulumi_aws as aws

OLD = {"owner": "legacy", "environment": "live"}
tags = {"owner": "payments", "environment": "live", "cost-center": "7001"}

network = aws.ec2.Vpc("net", cidr_block="10.7.0.0/16", tags=OLD)
subnet = aws.ec2.Subnet("net-a", vpc_id=network.id, cidr_block="10.7.1.0/24", availability_zone="us-east-1a")
# Renamed, not replaced.
archive = aws.s3.Bucket(
    "ledger",
    bucket="legacy-archive",
    tags=tags,
    opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="archive")], protect=True),
)
# Another name is another repository.
images = aws.ecr.Repository(
    "images", name="payments-images", tags=tags, opts=pulumi.ResourceOptions(delete_before_replace=True)
)
key = aws.kms.Key("key", description="everything", tags=tags, opts=pulumi.ResourceOptions(retain_on_delete=True))
logs = aws.cloudwatch.LogGroup("app", name="/legacy/app", retention_in_days=30, tags=tags)
# Bigger, and with room.
database = aws.rds.Instance(
    "db",
    identifier="legacy-db",
    engine="mysql",
    instance_class="db.m5.large",
    allocated_storage=200,
    storage_type="gp3",
    username="legacy",
    password=pulumi.Output.secret("New-And-Not-Real-2"),
    skip_final_snapshot=True,
    tags=tags,
    opts=pulumi.ResourceOptions(protect=True, ignore_changes=["tags"]),
)
address = aws.ec2.Eip("fixed", domain="vpc", tags=OLD)
# In another zone: a new volume comes before the old one goes.
disk = aws.ebs.Volume(
    "disk",
    availability_zone="us-east-1b",
    size=200,
    type="gp3",
    iops=4000,
    tags=tags,
    opts=pulumi.ResourceOptions(replace_on_changes=["availabilityZone"], delete_before_replace=False),
)
mail = aws.sqs.Queue("mail", tags=tags, visibility_timeout_seconds=60)
# Made by hand, managed from now on.
adopted = aws.s3.Bucket(
    "adopted",
    bucket="made-by-hand-in-2019",
    opts=pulumi.ResourceOptions(import_="made-by-hand-in-2019", ignore_changes=["region"]),
)
# Another team's.
shared = aws.ec2.Vpc.get("shared", pulumi.Config().require("sharedVpc"))
shared_key = aws.kms.Key.get("shared-key", pulumi.Config().require("sharedKey"))
endpoint = aws.ec2.VpcEndpoint(
    "s3",
    vpc_id=shared.id,
    service_name="com.amazonaws.us-east-1.secretsmanager",
    vpc_endpoint_type="Interface",
    subnet_ids=[subnet.id],
    tags=tags,
)
desktops = aws.appstream.Fleet(
    "desktops",
    instance_type="stream.standard.medium",
    image_name="desktops-2026-10",
    compute_capacity={"desired_instances": 4},
    tags=tags,
)

pulumi.export("database", database.endpoint)
