"""Kinesis: streams and the registrations of their fan-out readers."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import differs, like, only_state, retag
from sandbox.aws.types import AwsType, Name, tag_map
from sandbox.provider.values import Props

_ON_DEMAND = "ON_DEMAND"


def _mode(props: Props) -> str:
    return str((props.get("streamModeDetails") or {}).get("streamMode") or "PROVISIONED")


def _arn(aws: Aws, props: Props) -> str:
    return aws.arn("kinesis", f"stream/{props['name']}")


def _create_stream(aws: Aws, props: Props) -> str:
    kinesis, arn = aws.client("kinesis"), _arn(aws, props)
    shards = {} if _mode(props) == _ON_DEMAND else {"ShardCount": props.get("shardCount") or 1}
    kinesis.create_stream(StreamName=props["name"], StreamModeDetails={"StreamMode": _mode(props)}, **shards)
    _set_retention(aws, arn, 24, props.get("retentionPeriod") or 24)
    _set_encryption(aws, arn, props)
    if props.get("shardLevelMetrics"):
        kinesis.enable_enhanced_monitoring(StreamARN=arn, ShardLevelMetrics=props["shardLevelMetrics"])
    if props.get("tagsAll"):
        kinesis.add_tags_to_stream(StreamARN=arn, Tags=props["tagsAll"])
    return arn


def _set_retention(aws: Aws, arn: str, old: int, new: int) -> None:
    if int(new) > int(old):
        aws.client("kinesis").increase_stream_retention_period(StreamARN=arn, RetentionPeriodHours=int(new))
    elif int(new) < int(old):
        aws.client("kinesis").decrease_stream_retention_period(StreamARN=arn, RetentionPeriodHours=int(new))


def _set_encryption(aws: Aws, arn: str, props: Props) -> None:
    if props.get("encryptionType") == "KMS":
        aws.client("kinesis").start_stream_encryption(StreamARN=arn, EncryptionType="KMS", KeyId=props["kmsKeyId"])


def _stream(aws: Aws, arn: str) -> dict[str, Any]:
    return dict(aws.client("kinesis").describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"])


def _read_stream(aws: Aws, arn: str, props: Props) -> Props | None:
    found = _stream(aws, arn)
    mode = found["StreamModeDetails"]["StreamMode"]
    metrics = [m for level in found["EnhancedMonitoring"] for m in level["ShardLevelMetrics"]]
    return {
        "arn": found["StreamARN"],
        "name": found["StreamName"],
        "encryptionType": found.get("EncryptionType", "NONE"),
        "kmsKeyId": found.get("KeyId"),
        "retentionPeriod": like(props.get("retentionPeriod"), found["RetentionPeriodHours"]),
        # On demand the number is AWS's, and changes.
        "shardCount": None if mode == _ON_DEMAND else like(props.get("shardCount"), found["OpenShardCount"]),
        "shardLevelMetrics": like(props.get("shardLevelMetrics"), sorted(metrics)),
        "streamModeDetails": {"streamMode": mode},
        "tagsAll": tag_map(aws.client("kinesis").list_tags_for_stream(StreamARN=arn)["Tags"]),
    }


def _update_stream(aws: Aws, arn: str, old: Props, new: Props) -> None:
    kinesis = aws.client("kinesis")
    if _mode(old) != _mode(new):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": _mode(new)})
    if _mode(new) != _ON_DEMAND and new.get("shardCount") and differs(old, new, "shardCount", "streamModeDetails"):
        kinesis.update_shard_count(
            StreamARN=arn, TargetShardCount=int(new["shardCount"]), ScalingType="UNIFORM_SCALING"
        )
    _set_retention(aws, arn, old.get("retentionPeriod") or 24, new.get("retentionPeriod") or 24)
    if differs(old, new, "encryptionType", "kmsKeyId"):
        if old.get("encryptionType") == "KMS":
            kinesis.stop_stream_encryption(StreamARN=arn, EncryptionType="KMS", KeyId=old["kmsKeyId"])
        _set_encryption(aws, arn, new)
    before, after = (set(p.get("shardLevelMetrics") or ()) for p in (old, new))
    if before - after:
        kinesis.disable_enhanced_monitoring(StreamARN=arn, ShardLevelMetrics=sorted(before - after))
    if after - before:
        kinesis.enable_enhanced_monitoring(StreamARN=arn, ShardLevelMetrics=sorted(after - before))
    retag(
        old,
        new,
        lambda keys: kinesis.remove_tags_from_stream(StreamARN=arn, TagKeys=keys),
        lambda tags: kinesis.add_tags_to_stream(StreamARN=arn, Tags=tags),
    )


def _delete_stream(aws: Aws, arn: str, props: Props) -> None:
    kinesis = aws.client("kinesis")
    # AWS refuses to delete a stream with registered readers unless told otherwise; moto deletes it in any case.
    readers = kinesis.list_stream_consumers(StreamARN=_stream(aws, arn)["StreamARN"])["Consumers"]
    if readers and not props.get("enforceConsumerDeletion"):
        names = ", ".join(sorted(r["ConsumerName"] for r in readers))
        raise kinesis.exceptions.ResourceInUseException(
            {"Error": {"Code": "ResourceInUseException", "Message": f"stream has registered consumers: {names}"}},
            "DeleteStream",
        )
    kinesis.delete_stream(StreamARN=arn, EnforceConsumerDeletion=bool(props.get("enforceConsumerDeletion")))


def _register(aws: Aws, props: Props) -> str:
    made = aws.client("kinesis").register_stream_consumer(StreamARN=props["streamArn"], ConsumerName=props["name"])
    return str(made["Consumer"]["ConsumerARN"])


def _read_reader(aws: Aws, arn: str, props: Props) -> Props | None:
    """Tell what moto keeps: it keeps no tags of registrations, which are known from the state alone."""
    found = aws.client("kinesis").describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]
    return {
        "arn": found["ConsumerARN"],
        "name": found["ConsumerName"],
        "streamArn": found["StreamARN"],
        "creationTimestamp": found["ConsumerCreationTimestamp"].isoformat(),
    }


def _deregister(aws: Aws, arn: str, props: Props) -> None:
    aws.client("kinesis").deregister_stream_consumer(ConsumerARN=arn)


TYPES = (
    AwsType(
        token="aws:kinesis/stream:Stream",
        create=_create_stream,
        read=_read_stream,
        update=_update_stream,
        delete=_delete_stream,
        name=Name("name", 128),
        not_compared=frozenset({"enforceConsumerDeletion"}),
    ),
    AwsType(
        token="aws:kinesis/streamConsumer:StreamConsumer",
        create=_register,
        read=_read_reader,
        update=only_state,
        delete=_deregister,
        replaces=frozenset({"streamArn"}),
        name=Name("name", 128),
    ),
)
