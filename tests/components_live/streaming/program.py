"""Streams on Kinesis, on brokers and without servers, each with keys and a bucket of its own, for a real engine."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components._core import conventions, providers
from components._core.durability import Durability
from components.artifact_store import ArtifactStore, ArtifactStoreArgs, BucketPurpose
from components.encryption import Encryption, EncryptionArgs, KeyPurpose
from components.network import NatMode, Network, NetworkArgs
from components.streaming import (
    Access,
    BrokerKind,
    DeadLetterArgs,
    KafkaArgs,
    LoadArgs,
    StreamArgs,
    StreamEngine,
    Streaming,
    StreamingArgs,
    StreamMode,
    WorkloadArgs,
)

ACCOUNT, REGION = "123456789012", "us-east-1"
TAGS = {
    "environment": "development",
    "owner": "features",
    "cost-center": "ml",
    "platform": "live",
    "managed-by": "pulumi",
}
WORKLOADS = [
    WorkloadArgs(name="online", namespace="features", service_account="online", access=Access.READ, streams=["clicks"]),
    WorkloadArgs(name="shop", namespace="shop", service_account="shop", access=Access.WRITE, streams=["clicks"]),
    WorkloadArgs(
        name="replay", namespace="features", service_account="replay", access=Access.REPLAY, streams=["clicks"]
    ),
]


def build() -> None:
    """Make all three; `shards` in the configuration is what changes between two runs."""
    shards = pulumi.Config().get_int("shards") or 2
    provider = providers.aws_provider("aws", REGION, TAGS, ACCOUNT)
    opts = pulumi.ResourceOptions(provider=provider)
    keys = Encryption(
        "keys",
        EncryptionArgs(account_id=ACCOUNT, region=REGION, alias_prefix="live", durability=Durability.EPHEMERAL),
        opts,
    ).key_arns
    store = ArtifactStore(
        "store",
        ArtifactStoreArgs(
            bucket_prefix="live",
            account_id=ACCOUNT,
            region=REGION,
            key_arn=keys[KeyPurpose.ARTIFACTS],
            durability=Durability.EPHEMERAL,
        ),
        opts,
    )
    tags = conventions.tags("live")
    topic = aws.sns.Topic("alerts", kms_master_key_id=keys[KeyPurpose.NOTIFICATIONS], tags=tags, opts=opts)
    letters = DeadLetterArgs(
        bucket_name=store.bucket_names[BucketPurpose.FEATURES],
        bucket_arn=store.bucket_arns[BucketPurpose.FEATURES],
        bucket_key_arn=keys[KeyPurpose.ARTIFACTS],
    )

    def args(
        prefix: str,
        streams: list[StreamArgs],
        workloads: list[WorkloadArgs],
        engine: StreamEngine = StreamEngine.KINESIS,
        kafka: KafkaArgs | None = None,
    ) -> StreamingArgs:
        return StreamingArgs(
            name_prefix=prefix,
            account_id=ACCOUNT,
            region=REGION,
            cluster_name="live",
            key_arn=keys[KeyPurpose.ARTIFACTS],
            streams=streams,
            workloads=workloads,
            dead_letters=letters,
            engine=engine,
            kafka=kafka,
            alarm_topic_arn=topic.arn,
            durability=Durability.EPHEMERAL,
        )

    load = LoadArgs(records_per_second=1500, record_bytes=900)
    orders = StreamArgs(name="orders", mode=StreamMode.PROVISIONED, shards=shards, retention_hours=48, load=load)
    fast = WorkloadArgs(
        name="fraud", namespace="fraud", service_account="fraud", access=Access.READ, streams=["orders"], fan_out=True
    )
    kinesis = Streaming("events", args("live-events", [StreamArgs(name="clicks"), orders], [*WORKLOADS, fast]), opts)
    for name in ("stream_names", "stream_arns", "role_arns", "consumer_names", "dead_letter_addresses"):
        pulumi.export(name, getattr(kinesis, name))
    pulumi.export("dead_letter_queue_url", kinesis.dead_letter_queue_url)

    network = Network(
        "network",
        NetworkArgs(
            region=REGION,
            cidr="10.40.0.0/16",
            zones=[f"{REGION}{zone}" for zone in "abc"],
            nat=NatMode.NONE,
            log_key_arn=keys[KeyPurpose.LOGS],
        ),
        opts,
    )
    vpc, subnets = network.vpc_id, network.private_subnet_ids
    text = "workloads that use Kafka"
    clients = aws.ec2.SecurityGroup("clients", vpc_id=vpc, description=text, tags=tags, opts=opts).id
    kafka = KafkaArgs(
        vpc_id=vpc, subnet_ids=subnets, client_security_group_id=clients, log_key_arn=keys[KeyPurpose.LOGS]
    )
    clicks = [StreamArgs(name="clicks")]
    brokers = Streaming("kafka", args("live-kafka", clicks, WORKLOADS, StreamEngine.MSK, kafka), opts)
    pulumi.export("kafka_topics", brokers.stream_arns)
    none = KafkaArgs(vpc_id=vpc, subnet_ids=subnets, client_security_group_id=clients, kind=BrokerKind.SERVERLESS)
    trials = Streaming("trials", args("live-trials", clicks, WORKLOADS, StreamEngine.MSK, none), opts)
    pulumi.export("trials_brokers", trials.bootstrap_brokers)
