"""What each workload may do, as policy documents: its streams, its leases, its dead letters, their keys only by them.

Sources: docs.aws.amazon.com/streams/latest/dev/kcl-iam-permissions.html, permissions-user-key-KMS.html there, and
docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html, read 2026-11-27.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components._core.policy_documents import document, statement
from components.streaming.args import DEAD_LETTER_QUEUE, Access, StreamingArgs, WorkloadArgs

Document = dict[str, Any]

_ITEMS = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem")
_TABLE = ("dynamodb:CreateTable", "dynamodb:DescribeTable")
_LOOK = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl")


def _arn(args: StreamingArgs, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{args.region}:{args.account_id}:{rest}"


def stream_arn(args: StreamingArgs, stream: str) -> str:
    """Return the ARN of a Kinesis stream, which is known before it exists."""
    return _arn(args, "kinesis", f"stream/{args.physical(stream)}")


def queue_arn(args: StreamingArgs) -> str:
    """Return the ARN of the dead letter queue, which is known before it exists."""
    return _arn(args, "sqs", args.physical(DEAD_LETTER_QUEUE))


def kafka_arn(cluster_arn: pulumi.Input[str], kind: str, name: str) -> pulumi.Output[str]:
    """Return the ARN of a topic or a group of a Kafka cluster."""
    cluster = pulumi.Output.from_input(cluster_arn)
    return cluster.apply(lambda arn: f"{arn.replace(':cluster/', f':{kind}/', 1)}/{name}")


def kinesis_policy(args: StreamingArgs, workload: WorkloadArgs) -> Document:
    """Return the policy of a workload on Kinesis."""
    streams = [stream_arn(args, name) for name in workload.streams]
    if workload.access is Access.READ:
        app = args.physical(workload.name)
        own = _subscribe(streams, app) if workload.fan_out else []
        leases = [] if workload.leases is False else _leases(args, app)
        return document(*_read(args, streams), *own, *leases, *dead_letters(args, workload))
    letters = replay(args) if workload.access is Access.REPLAY else []
    return document(*_write(args, streams), *letters)


def kafka_policy(
    args: StreamingArgs, workload: WorkloadArgs, cluster_arn: pulumi.Input[str], serverless: bool
) -> Document:
    """Return the policy of a workload on Kafka."""
    topics = [kafka_arn(cluster_arn, "topic", args.physical(name)) for name in workload.streams]
    connect = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"]
    if workload.access is Access.READ:
        group = kafka_arn(cluster_arn, "group", args.physical(workload.name))
        return document(
            statement("Connect", connect, cluster_arn),
            statement("ReadTopics", ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"], topics),
            statement("OwnGroup", ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"], group),
            *dead_letters(args, workload),
        )
    write = ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"]
    # AWS has no API for topics of a serverless cluster, so a writer makes its own, of these names only.
    more = ["kafka-cluster:CreateTopic"] if serverless else []
    letters = replay(args) if workload.access is Access.REPLAY else []
    return document(
        statement("Connect", [*connect, "kafka-cluster:WriteDataIdempotently"], cluster_arn),
        statement("WriteTopics", [*more, *write], topics),
        *letters,
    )


def _read(args: StreamingArgs, streams: Sequence[str]) -> list[Document]:
    actions = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"]
    return [
        statement("ReadStreams", [f"kinesis:{action}" for action in actions], list(streams)),
        _stream_key(args, "kms:Decrypt", streams),
    ]


def _write(args: StreamingArgs, streams: Sequence[str]) -> list[Document]:
    actions = ["DescribeStreamSummary", "ListShards", "PutRecord", "PutRecords"]
    return [
        statement("WriteStreams", [f"kinesis:{action}" for action in actions], list(streams)),
        _stream_key(args, "kms:GenerateDataKey", streams),
    ]


def _stream_key(args: StreamingArgs, action: str, streams: Sequence[str]) -> Document:
    """Return the use of the key through Kinesis for these streams only: Kinesis names the stream to KMS."""
    context = {"kms:EncryptionContext:aws:kinesis:arn": list(streams)}
    return _key("StreamKey", [action], args.key_arn, f"kinesis.{args.region}.amazonaws.com", context)


def _key(
    sid: str, actions: Sequence[str], key_arn: pulumi.Input[str], service: str, equals: Mapping[str, Any]
) -> Document:
    conditions = {"StringEquals": {"kms:ViaService": service, **equals}}
    return statement(sid, actions, key_arn, conditions=conditions)


def _subscribe(streams: Sequence[str], app: str) -> list[Document]:
    """Return the use of the workload's registrations; a registration's ARN ends with the time that it was made."""
    actions = ["kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"]
    return [statement("OwnFanOut", actions, [f"{arn}/consumer/{app}:*" for arn in streams])]


def _leases(args: StreamingArgs, app: str) -> list[Document]:
    """Return what KCL needs for its three tables, which it makes itself, and for its metrics."""
    lease = _arn(args, "dynamodb", f"table/{app}")
    state = [f"{lease}-{name}" for name in ("CoordinatorState", "WorkerMetricStats")]
    return [
        statement("Leases", [*_TABLE, "dynamodb:UpdateTable", *_ITEMS], lease),
        statement("LeasesByOwner", ["dynamodb:Query"], f"{lease}/index/*"),
        statement("WorkerState", [*_TABLE, *_ITEMS], state),
        # CloudWatch has no ARNs to name here; the namespace is KCL's own, the application's name.
        statement(
            "Metrics", ["cloudwatch:PutMetricData"], "*", conditions={"StringEquals": {"cloudwatch:namespace": app}}
        ),
    ]


def _queue_key(args: StreamingArgs, actions: Sequence[str]) -> Document:
    context = {"kms:EncryptionContext:aws:sqs:arn": queue_arn(args)}
    return _key("QueueKey", actions, args.key_arn, f"sqs.{args.region}.amazonaws.com", context)


def _bucket_key(args: StreamingArgs, action: str) -> Document:
    """Return the use of the bucket's key through S3 for this bucket only.

    S3 names the bucket to KMS where the bucket has a bucket key, else the object
    (docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html, read 2026-11-27).
    """
    letters = args.dead_letters
    arns = [letters.bucket_arn, pulumi.Output.concat(letters.bucket_arn, f"/{letters.folder}/*")]
    made = _key("BucketKey", [action], letters.bucket_key_arn, f"s3.{args.region}.amazonaws.com", {})
    made["Condition"]["StringLike"] = {"kms:EncryptionContext:aws:s3:arn": arns}
    return made


def letters_of(args: StreamingArgs, workload: WorkloadArgs) -> str:
    """Return the key prefix under which a reader puts its dead letters."""
    return f"{args.dead_letters.folder}/{workload.name}"


def dead_letters(args: StreamingArgs, workload: WorkloadArgs) -> list[Document]:
    """Return how a reader puts away what it cannot process: it cannot read or change what is there."""
    place = pulumi.Output.concat(args.dead_letters.bucket_arn, "/", letters_of(args, workload), "/*")
    return [
        statement("SendDeadLetters", [*_LOOK, "sqs:SendMessage"], queue_arn(args)),
        # SQS asks for both when it takes a message (SQS developer guide, "Key management", read 2026-11-27).
        _queue_key(args, ["kms:Decrypt", "kms:GenerateDataKey"]),
        statement("PutDeadLetters", ["s3:PutObject"], place),
        _bucket_key(args, "kms:GenerateDataKey"),
    ]


def replay(args: StreamingArgs) -> list[Document]:
    """Return how dead letters are taken up again. Objects stay: their lifecycle is the bucket's."""
    letters = args.dead_letters
    take = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", *_LOOK, "sqs:ReceiveMessage"]
    below = {"StringLike": {"s3:prefix": [f"{letters.folder}/*"]}}
    return [
        statement("TakeDeadLetters", take, queue_arn(args)),
        _queue_key(args, ["kms:Decrypt"]),
        statement("ListDeadLetters", ["s3:ListBucket"], letters.bucket_arn, conditions=below),
        statement("GetDeadLetters", ["s3:GetObject"], pulumi.Output.concat(letters.bucket_arn, f"/{letters.folder}/*")),
        _bucket_key(args, "kms:Decrypt"),
    ]


def queue_policy(args: StreamingArgs) -> Document:
    """Return the policy of the queue: TLS only. Who gets in is decided by the roles."""
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return document(statement("TlsOnly", ["sqs:*"], queue_arn(args), "Deny", {"AWS": "*"}, plain))
