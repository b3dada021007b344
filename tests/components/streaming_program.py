"""The streams that the tests of `Streaming` share: a typical set on Kinesis, and what MSK needs beside it."""

from __future__ import annotations

from typing import Any

from components._core.durability import Durability
from components.streaming import (
    Access,
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
from tests.graph import ACCOUNT, Graph, record

KEY = "arn:aws:kms:eu-west-1:123456789012:key/streams"
BUCKET, BUCKET_KEY = "arn:aws:s3:::acme-ml-features", "arn:aws:kms:eu-west-1:123456789012:key/artifacts"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
OUTPUTS = tuple(Streaming.__annotations__)

LETTERS: dict[str, Any] = {"bucket_name": "acme-ml-features", "bucket_arn": BUCKET, "bucket_key_arn": BUCKET_KEY}
CLICKS = StreamArgs(name="clicks")
ORDERS = StreamArgs(
    name="orders",
    mode=StreamMode.PROVISIONED,
    shards=4,
    retention_hours=48,
    lag_seconds=5,
    load=LoadArgs(records_per_second=3_000, record_bytes=800),
)
ONLINE = WorkloadArgs(
    name="online",
    namespace="features",
    service_account="online-features",
    access=Access.READ,
    streams=["clicks", "orders"],
    fan_out=True,
)
OFFLINE = WorkloadArgs(
    name="offline", namespace="features", service_account="offline-features", access=Access.READ, streams=["clicks"]
)
SHOP = WorkloadArgs(
    name="shop", namespace="shop", service_account="shop", access=Access.WRITE, streams=["clicks", "orders"]
)
REPLAY = WorkloadArgs(
    name="replay", namespace="features", service_account="replay", access=Access.REPLAY, streams=["clicks"]
)
NEEDED: dict[str, Any] = {
    "name_prefix": "acme-ml-dev",
    "account_id": ACCOUNT,
    "region": "eu-west-1",
    "cluster_name": "acme-ml-dev",
    "key_arn": KEY,
    "streams": [CLICKS, ORDERS],
    "workloads": [ONLINE, OFFLINE, SHOP, REPLAY],
    "dead_letters": DeadLetterArgs(**LETTERS),
}

BROKERS: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-a", "subnet-b", "subnet-c"],
    "client_security_group_id": "sg-cluster",
    "log_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/logs",
}
KAFKA: dict[str, Any] = {
    **NEEDED,
    "engine": StreamEngine.MSK,
    "kafka": KafkaArgs(**BROKERS),
    "streams": [CLICKS, StreamArgs(name="orders", partitions=12, retention_hours=48, lag_seconds=5)],
    "workloads": [
        WorkloadArgs(
            name="online", namespace="features", service_account="online", access=Access.READ, streams=["clicks"]
        ),
        SHOP,
        REPLAY,
    ],
}
EPHEMERAL = {"durability": Durability.EPHEMERAL}


def args(**more: Any) -> StreamingArgs:
    """Return arguments on Kinesis, some of them others."""
    return StreamingArgs(**{**NEEDED, **more})


def kafka_args(**more: Any) -> StreamingArgs:
    """Return arguments on MSK, some of them others."""
    return StreamingArgs(**{**KAFKA, **more})


def streaming(given: StreamingArgs, preview: bool = False) -> Graph:
    """Record the component `events` with its outputs as the result."""

    def program() -> dict[str, Any]:
        made = Streaming("events", given)
        return {name: getattr(made, name) for name in OUTPUTS}

    return record(program, preview=preview)
