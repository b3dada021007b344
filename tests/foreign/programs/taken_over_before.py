"""What the last team left: a database on old hardware, buckets, volumes and a queue, all by hand."""

import pulumi
import pulumi_aws as aws

tags = {"owner": "legacy", "environment": "live"}

network = aws.ec2.Vpc("net", cidr_block="10.7.0.0/16", tags=tags)
subnet = aws.ec2.Subnet("net-a", vpc_id=network.id, cidr_block="10.7.1.0/24", availability_zone="us-east-1a")
archive = aws.s3.Bucket("archive", bucket="legacy-archive", tags=tags)
scratch = aws.s3.Bucket("scratch", tags=tags, force_destroy=True)
images = aws.ecr.Repository("images", name="legacy-images", tags=tags)
key = aws.kms.Key("key", description="everything", tags=tags)
logs = aws.cloudwatch.LogGroup("app", name="/legacy/app", retention_in_days=90, tags=tags)
secret = aws.secretsmanager.Secret("login", name="legacy-login", tags=tags)
database = aws.rds.Instance(
    "db",
    identifier="legacy-db",
    engine="mysql",
    instance_class="db.t3.large",
    allocated_storage=100,
    username="legacy",
    password=pulumi.Output.secret("Old-And-Not-Real-1"),
    skip_final_snapshot=True,
    tags=tags,
)
address = aws.ec2.Eip("fixed", domain="vpc", tags=tags)
nat = aws.ec2.NatGateway("nat", subnet_id=subnet.id, allocation_id=address.allocation_id, tags=tags)
disk = aws.ebs.Volume("disk", availability_zone="us-east-1a", size=100, type="gp2", tags=tags)
mail = aws.sqs.Queue("mail", tags=tags)
search = aws.opensearch.Domain("search", cluster_config={"instance_type": "t3.small.search"}, tags=tags)

pulumi.export("database", database.endpoint)
