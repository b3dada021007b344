"""Exact policies of the workloads: each statement is there for a reason, and no other is."""

from __future__ import annotations

import json
from typing import Any

from components.streaming import BrokerKind, DeadLetterArgs, KafkaArgs, StreamArgs, WorkloadArgs
from components.streaming.access import kafka_arn
from tests.components.streaming_program import (
    BROKERS,
    BUCKET,
    BUCKET_KEY,
    KEY,
    LETTERS,
    OFFLINE,
    REPLAY,
    SHOP,
    args,
    kafka_args,
    streaming,
)
from tests.graph import ACCOUNT, record

KINESIS = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/acme-ml-dev"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/acme-ml-dev-offline"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:acme-ml-dev-dead-letters"
CLUSTER = f"arn:aws:msk:us-east-1:{ACCOUNT}:events-cluster"


def allow(sid: str, actions: list[str], resource: Any, condition: Any = None) -> dict[str, Any]:
    made = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
    return {**made, "Condition": condition} if condition else made


def via(service: str, **equals: Any) -> dict[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com", **equals}}


def stream_key(action: str, *streams: str) -> dict[str, Any]:
    context = {"kms:EncryptionContext:aws:kinesis:arn": [f"{KINESIS}-{s}" for s in streams]}
    return allow("StreamKey", [action], KEY, via("kinesis", **context))


def queue_key(*actions: str) -> dict[str, Any]:
    return allow("QueueKey", list(actions), KEY, via("sqs", **{"kms:EncryptionContext:aws:sqs:arn": QUEUE}))


def bucket_key(action: str, prefix: str = "dead-letters") -> dict[str, Any]:
    context = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": [BUCKET, f"{BUCKET}/{prefix}/*"]}}
    return allow("BucketKey", [action], BUCKET_KEY, {**via("s3"), **context})


def letters(workload: str, prefix: str = "dead-letters") -> list[dict[str, Any]]:
    return [
        allow("SendDeadLetters", ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"], QUEUE),
        queue_key("kms:Decrypt", "kms:GenerateDataKey"),
        allow("PutDeadLetters", ["s3:PutObject"], f"{BUCKET}/{prefix}/{workload}/*"),
        bucket_key("kms:GenerateDataKey", prefix),
    ]


READ_STREAMS = [
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
]
ITEMS = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
TABLES = ["dynamodb:CreateTable", "dynamodb:DescribeTable"]
METRICS = {"StringEquals": {"cloudwatch:namespace": "acme-ml-dev-offline"}}
TAKE = [
    allow(
        "TakeDeadLetters",
        [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
        ],
        QUEUE,
    ),
    queue_key("kms:Decrypt"),
    allow("ListDeadLetters", ["s3:ListBucket"], BUCKET, {"StringLike": {"s3:prefix": ["dead-letters/*"]}}),
    allow("GetDeadLetters", ["s3:GetObject"], f"{BUCKET}/dead-letters/*"),
    bucket_key("kms:Decrypt"),
]


def kinesis(workload: WorkloadArgs, **more: Any) -> list[dict[str, Any]]:
    graph = streaming(args(workloads=[workload], **more))
    document = json.loads(graph.named(f"events-{workload.name}-policy").inputs["policy"])
    assert document["Version"] == "2012-10-17"
    return list(document["Statement"])


def kafka(workload: WorkloadArgs, **more: Any) -> list[dict[str, Any]]:
    graph = streaming(kafka_args(workloads=[workload], **more))
    return list(json.loads(graph.named(f"events-{workload.name}-policy").inputs["policy"])["Statement"])


def test_reader_that_shares_reads_its_stream_keeps_its_leases_and_puts_away_dead_letters() -> None:
    assert kinesis(OFFLINE) == [
        allow("ReadStreams", READ_STREAMS, [f"{KINESIS}-clicks"]),
        stream_key("kms:Decrypt", "clicks"),
        allow("Leases", [*TABLES, "dynamodb:UpdateTable", *ITEMS], TABLE),
        allow("LeasesByOwner", ["dynamodb:Query"], f"{TABLE}/index/*"),
        allow("WorkerState", [*TABLES, *ITEMS], [f"{TABLE}-CoordinatorState", f"{TABLE}-WorkerMetricStats"]),
        allow("Metrics", ["cloudwatch:PutMetricData"], "*", METRICS),
        *letters("offline"),
    ]


def test_reader_with_fan_out_and_without_kcl_uses_its_own_registrations_and_no_table() -> None:
    flink = WorkloadArgs(
        name="flink",
        namespace="f",
        service_account="f",
        access=OFFLINE.access,
        streams=["clicks", "orders"],
        fan_out=True,
        leases=False,
    )
    assert kinesis(flink) == [
        allow("ReadStreams", READ_STREAMS, [f"{KINESIS}-clicks", f"{KINESIS}-orders"]),
        stream_key("kms:Decrypt", "clicks", "orders"),
        allow(
            "OwnFanOut",
            ["kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"],
            [f"{KINESIS}-{name}/consumer/acme-ml-dev-flink:*" for name in ("clicks", "orders")],
        ),
        *letters("flink"),
    ]


def test_writer_writes_its_streams_and_reads_nothing() -> None:
    write = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords"]
    assert kinesis(SHOP) == [
        allow("WriteStreams", write, [f"{KINESIS}-clicks", f"{KINESIS}-orders"]),
        stream_key("kms:GenerateDataKey", "clicks", "orders"),
    ]


def test_replay_takes_dead_letters_and_writes_its_streams() -> None:
    write = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords"]
    assert kinesis(REPLAY) == [
        allow("WriteStreams", write, [f"{KINESIS}-clicks"]),
        stream_key("kms:GenerateDataKey", "clicks"),
        *TAKE,
    ]


def test_dead_letters_go_below_the_prefix_that_was_given() -> None:
    given = DeadLetterArgs(**LETTERS, prefix="lost/events")
    assert kinesis(OFFLINE, dead_letters=given)[-4:] == letters("offline", "lost/events")


def test_kafka_reader_reads_its_topics_in_its_own_group() -> None:
    reader = WorkloadArgs(name="online", namespace="f", service_account="o", access=OFFLINE.access, streams=["clicks"])
    assert kafka(reader) == [
        allow("Connect", ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"], CLUSTER),
        allow(
            "ReadTopics", ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"], [f"{CLUSTER}/acme-ml-dev-clicks"]
        ),
        allow("OwnGroup", ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"], f"{CLUSTER}/acme-ml-dev-online"),
        *letters("online"),
    ]


CONNECT = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:WriteDataIdempotently"]
TOPICS = [f"{CLUSTER}/acme-ml-dev-{name}" for name in ("clicks", "orders")]


def test_kafka_writer_writes_its_topics() -> None:
    assert kafka(SHOP) == [
        allow("Connect", CONNECT, CLUSTER),
        allow("WriteTopics", ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"], TOPICS),
    ]


def test_kafka_writer_without_servers_makes_its_own_topics() -> None:
    given = {k: v for k, v in BROKERS.items() if k != "log_key_arn"}
    serverless = KafkaArgs(**given, kind=BrokerKind.SERVERLESS)
    streams = [StreamArgs(name="clicks"), StreamArgs(name="orders")]
    assert kafka(SHOP, kafka=serverless, streams=streams)[1] == allow(
        "WriteTopics", ["kafka-cluster:CreateTopic", "kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"], TOPICS
    )


def test_kafka_replay_takes_dead_letters() -> None:
    assert kafka(REPLAY)[2:] == TAKE


def test_arns_of_topics_and_groups_have_the_cluster_in_them() -> None:
    cluster = "arn:aws:kafka:eu-west-1:123456789012:cluster/acme-ml-dev/0a1b2c3d-1"
    graph = record(lambda: {"topic": kafka_arn(cluster, "topic", "t"), "group": kafka_arn(cluster, "group", "g")})
    assert graph.result == {
        "topic": "arn:aws:kafka:eu-west-1:123456789012:topic/acme-ml-dev/0a1b2c3d-1/t",
        "group": "arn:aws:kafka:eu-west-1:123456789012:group/acme-ml-dev/0a1b2c3d-1/g",
    }
