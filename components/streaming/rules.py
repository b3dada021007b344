"""What makes a set of streams and workloads buildable, checked before any resource exists."""

import enum
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from components._core.args import in_range, require
from components.streaming import capacity

if TYPE_CHECKING:
    from components.streaming.args import KafkaArgs, StreamArgs, StreamingArgs, WorkloadArgs

RETENTION_HOURS = (24, 8760)
"""Bounds of a stream's retention (API reference of IncreaseStreamRetentionPeriod, read 2026-11-27)."""

STORAGE_GIB = (1, 16384)
"""Bounds of a broker's storage (docs.aws.amazon.com/msk/latest/developerguide/limits.html, read 2026-11-27)."""

DATA_CLASSES = ("dataset", "model", "feature", "log", "metadata")

_NAME = re.compile(r"^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,23}$")
_PREFIX = re.compile(r"^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,31}$")
_DNS_LABEL = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")
_ACCOUNT = re.compile(r"^\d{12}$")
_REGION = re.compile(r"^[a-z]{2}(?:-[a-z]+)+-\d$")
_KEY_PREFIX = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*(?:/[a-zA-Z0-9_.-]+)*$")
_KAFKA = re.compile(r"^\d+\.\d+\.(?:\d+|x)(?:\.kraft)?$")
_NAME_HELP = "use lower-case letters, digits and single dashes, a letter first, at most {} characters"


def check(args: "StreamingArgs") -> None:
    """Raise `ArgsError` at the first argument that cannot be built."""
    _matches(_PREFIX, args.name_prefix, "name_prefix", "a prefix", _NAME_HELP.format(32))
    _matches(_ACCOUNT, args.account_id, "account_id", "an account", "use its 12 digits")
    _matches(_REGION, args.region, "region", "a region", "use one as eu-west-1")
    require(bool(args.streams), "streams", "is empty; name at least one stream")
    _check_engine(args)
    _unique([s.name for s in args.streams], "streams")
    for index, stream in enumerate(args.streams):
        _check_stream(args, stream, f"streams[{index}]")
    _unique([w.name for w in args.workloads], "workloads")
    for index, workload in enumerate(args.workloads):
        _check_workload(args, workload, f"workloads[{index}]")
    _check_accounts(args.workloads)
    for index, stream in enumerate(args.streams):
        _check_readers(args, stream, f"streams[{index}]")
    _check_dead_letters(args)


def _matches(pattern: re.Pattern[str], value: str, path: str, what: str, help_: str) -> None:
    require(bool(pattern.match(value)), path, f"{value!r} is not {what}; {help_}")


def _unique(names: Sequence[str], path: str) -> None:
    for index, name in enumerate(names):
        require(name not in names[:index], f"{path}[{index}].name", f"{name!r} is taken; name each once")


def _none(owner: Any, path: str, names: Iterable[str], reason: str) -> None:
    """Refuse values that would be ignored without a word."""
    for name in names:
        value = getattr(owner, name)
        given = repr(value.value) if isinstance(value, enum.Enum) else repr(value)
        require(value is None, f"{path}.{name}", f"{given} has no effect: {reason}; leave it out")


def _check_engine(args: "StreamingArgs") -> None:
    if args.kinesis:
        require(args.kafka is None, "kafka", "has no effect with the engine kinesis; leave it out, or use msk")
        return
    require(args.kafka is not None, "kafka", "is missing; the engine msk needs network and brokers")
    if args.kafka is not None:
        _check_kafka(args.kafka)


def _check_kafka(kafka: "KafkaArgs") -> None:
    in_range(kafka.copies, 2, 3, "kafka.zones", "zones")
    if isinstance(kafka.subnet_ids, list):
        found = len(kafka.subnet_ids)
        reason = f"{found} subnets for {kafka.copies} zones; use one in each, or change kafka.zones"
        require(found == kafka.copies, "kafka.subnet_ids", reason)
    _matches(_KAFKA, kafka.version or "3.9.x", "kafka.version", "a version of Kafka", "use one as 3.9.x.kraft")
    size = kafka.broker_type or "kafka.m7g.large"
    # They have no storage to size and other metrics: alarms and growth here would be wrong for them.
    express = f"{size!r} is an Express broker, which is not supported; use one as kafka.m7g.large"
    require(not size.startswith("express."), "kafka.broker_type", express)
    other = f"{size!r} is not a size of brokers; use one that begins with kafka., as kafka.m7g.large"
    require(size.startswith("kafka."), "kafka.broker_type", other)
    if kafka.serverless:
        sized = ["version", "broker_type", "brokers_per_zone", "storage_gib", "max_storage_gib"]
        sized += ["log_retention_days", "log_key_arn"]
        _none(kafka, "kafka", sized, "a serverless cluster has no brokers")
        return
    require(kafka.log_key_arn is not None, "kafka.log_key_arn", "is missing; the brokers' log group needs a key")
    in_range(kafka.per_zone, 1, 10, "kafka.brokers_per_zone", "brokers")
    in_range(kafka.storage, *STORAGE_GIB, "kafka.storage_gib", "GiB")
    in_range(kafka.max_storage, kafka.storage, STORAGE_GIB[1], "kafka.max_storage_gib", "GiB")


def _check_stream(args: "StreamingArgs", stream: "StreamArgs", path: str) -> None:
    _matches(_NAME, stream.name, f"{path}.name", "a stream's name", _NAME_HELP.format(24))
    in_range(args.retention(stream), *RETENTION_HOURS, f"{path}.retention_hours", "hours")
    # A lag near the retention is data that is lost before the alarm.
    in_range(stream.lag, 1, args.retention(stream) * 1800, f"{path}.lag_seconds", "seconds")
    data_class = stream.data_class or "feature"
    require(
        data_class in DATA_CLASSES,
        f"{path}.data_class",
        f"{data_class!r} is not allowed; use one of {', '.join(DATA_CLASSES)}",
    )
    if args.kinesis:
        _none(stream, path, ["partitions"], "the engine is kinesis, which has shards")
        _check_shards(stream, path)
        _check_record(stream, path)
        return
    _none(stream, path, ["mode", "shards", "load"], "the engine is msk, whose brokers are sized under kafka")
    if args.kafka is not None and args.kafka.serverless:
        _none(stream, path, ["partitions"], "the writers of a serverless cluster create the topics")
    in_range(stream.partition_count, 1, 1000, f"{path}.partitions", "partitions")


def _check_shards(stream: "StreamArgs", path: str) -> None:
    if stream.mode is None or stream.mode.value == "on-demand":
        _none(stream, path, ["shards"], "the mode is on-demand")
        return
    require(stream.shards is not None, f"{path}.shards", "is missing; the mode provisioned needs a number of shards")
    in_range(stream.shards or 0, 1, 10_000, f"{path}.shards", "shards")


def _check_record(stream: "StreamArgs", path: str) -> None:
    if stream.load is not None:
        in_range(stream.load.record_bytes, 1, capacity.RECORD_BYTES, f"{path}.load.record_bytes", "bytes")
        rate = stream.load.records_per_second
        require(rate >= 1, f"{path}.load.records_per_second", f"{rate} is no load; use 1 or more, or leave load out")


def _check_workload(args: "StreamingArgs", workload: "WorkloadArgs", path: str) -> None:
    _matches(_NAME, workload.name, f"{path}.name", "a workload's name", _NAME_HELP.format(24))
    for field in ("namespace", "service_account"):
        value = getattr(workload, field)
        _matches(_DNS_LABEL, value, f"{path}.{field}", f"a {field.replace('_', ' ')}", "use letters, digits and dashes")
    require(bool(workload.streams), f"{path}.streams", "is empty; name the streams that the workload uses")
    known = [s.name for s in args.streams]
    for index, name in enumerate(workload.streams):
        here = f"{path}.streams[{index}]"
        require(name in known, here, f"{name!r} is not a stream; use one of {', '.join(known)}")
        require(name not in workload.streams[:index], here, f"{name!r} is named twice; name each once")
    if not args.kinesis:
        _none(workload, path, ["fan_out", "leases"], "the engine is msk, whose consumer groups need neither")
    elif workload.access.value != "read":
        _none(workload, path, ["fan_out", "leases"], "the workload does not read")


def _check_accounts(workloads: Sequence["WorkloadArgs"]) -> None:
    """A service account has one role: EKS refuses a second association."""
    seen: dict[tuple[str, str], str] = {}
    for index, workload in enumerate(workloads):
        pair = (workload.namespace, workload.service_account)
        other = seen.setdefault(pair, workload.name)
        require(
            other == workload.name,
            f"workloads[{index}].service_account",
            f"{pair[0]}/{pair[1]} is the account of {other} already; give each workload its own",
        )


def _check_readers(args: "StreamingArgs", stream: "StreamArgs", path: str) -> None:
    if not args.kinesis:
        return
    readers = args.readers(stream.name)
    own = sum(bool(w.fan_out) for w in readers)
    shared = len(readers) - own
    require(
        own <= capacity.FAN_OUT_READERS,
        path,
        f"{own} workloads read {stream.name} with fan-out; at most {capacity.FAN_OUT_READERS} can",
    )
    require(
        shared <= capacity.SHARED_READERS,
        path,
        f"{shared} workloads share the reads of {stream.name}; at most {capacity.SHARED_READERS} can, "
        "give the others fan_out",
    )
    if stream.load is not None:
        load = stream.load
        shards = stream.shard_count
        short = capacity.shortfall(shards, args.region, load.records_per_second, load.record_bytes, shared)
        require(short is None, f"{path}.{'load' if shards is None else 'shards'}", short or "")


def _check_dead_letters(args: "StreamingArgs") -> None:
    letters = args.dead_letters
    _matches(
        _KEY_PREFIX,
        letters.folder,
        "dead_letters.prefix",
        "a key prefix",
        "use words joined by slashes, none at the ends",
    )
    in_range(letters.depth or 0, 0, 1_000_000, "dead_letters.depth", "messages")
    # SQS forgets a message after 14 days: an alarm after that never comes.
    in_range(letters.age, 1, 10_080, "dead_letters.age_minutes", "minutes")
