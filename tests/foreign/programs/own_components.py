"""Sites of an agency in two regions, each a component of the agency's own with a component inside it."""

import json

import pulumi
import pulumi_aws as aws


class Storage(pulumi.ComponentResource):
    """A bucket with its settings."""

    def __init__(self, name: str, keep_days: int, tags: dict[str, str], opts: pulumi.ResourceOptions) -> None:
        super().__init__("agency:storage:Storage", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(f"{name}-files", tags=tags, opts=child)
        aws.s3.BucketVersioning(
            f"{name}-files",
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-files",
            bucket=self.bucket.id,
            rules=[{"id": "old", "status": "Enabled", "expiration": {"days": keep_days}}],
            opts=child,
        )
        self.register_outputs({"bucket": self.bucket.bucket})


class Site(pulumi.ComponentResource):
    """One customer's site: a server, its database, its files, its name."""

    def __init__(self, name: str, size: str, database: str, customer: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("agency:web:Site", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tags = {"environment": "live", "owner": customer, "cost-center": f"customer-{customer}"}
        self.storage = Storage(f"{name}-storage", 365, tags, child)
        group = aws.ec2.SecurityGroup(f"{name}-web", description=f"web of {customer}", tags=tags, opts=child)
        self.server = aws.ec2.Instance(
            f"{name}-server",
            ami="ami-0a1b2c3d4e5f60718",
            instance_type=size,
            associate_public_ip_address=True,
            vpc_security_group_ids=[group.id],
            root_block_device={"volume_type": "gp3", "volume_size": 40},
            tags={**tags, "Backup": "nightly"},
            opts=child,
        )
        self.database = aws.rds.Instance(
            f"{name}-database",
            engine="mysql",
            instance_class=database,
            allocated_storage=20,
            storage_type="gp2",
            username="site",
            password=pulumi.Output.secret("Not-A-Real-Password-1"),
            skip_final_snapshot=True,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["address"]),
        )
        self.register_outputs({"server": self.server.public_ip})


class Watch(pulumi.ComponentResource):
    """Alarms of everything, and whom they go to."""

    def __init__(self, name: str, servers: dict[str, pulumi.Output[str]]) -> None:
        super().__init__("agency:ops:Watch", name, None)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(f"{name}-alarms", tags={"environment": "live", "owner": "agency"}, opts=child)
        for server, server_id in servers.items():
            aws.cloudwatch.MetricAlarm(
                f"{name}-{server}",
                comparison_operator="GreaterThanThreshold",
                evaluation_periods=2,
                metric_name="StatusCheckFailed",
                namespace="AWS/EC2",
                period=60,
                statistic="Maximum",
                threshold=0,
                dimensions={"InstanceId": server_id},
                alarm_actions=[topic.arn],
                opts=child,
            )
        self.register_outputs({})


home = aws.Provider("virginia", region="us-east-1")
coast = aws.Provider("oregon", region="us-west-2")
bakery = Site("bakery", "t3.medium", "db.t3.large", "bakery", pulumi.ResourceOptions(providers=[home]))
museum = Site("museum", "m7i.large", "db.m5.large", "museum", pulumi.ResourceOptions(providers=[coast]))
Watch("watch", {"bakery": bakery.server.id, "museum": museum.server.id})

distribution = aws.cloudfront.Distribution(
    "museum",
    enabled=True,
    origins=[{"domain_name": museum.storage.bucket.bucket_regional_domain_name, "origin_id": "files"}],
    default_cache_behavior={
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "target_origin_id": "files",
        "viewer_protocol_policy": "redirect-to-https",
    },
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
)
aws.shield.Protection("museum", name="museum", resource_arn=distribution.arn)
aws.ssm.Parameter(
    "customers", type="String", value=json.dumps(["bakery", "museum"]), tags={"environment": "live", "owner": "agency"}
)

pulumi.export("bakery", bakery.server.public_ip)
pulumi.export("museum", museum.server.public_ip)
