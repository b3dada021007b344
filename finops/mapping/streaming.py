"""Kafka and Kinesis: brokers and their storage, shards, and what is written and read."""

from collections.abc import Iterable

from finops.context import Context
from finops.line import Line
from finops.mapping import scaling
from finops.mapping.links import linked, needed
from finops.mapping.nodes import Counts
from finops.resource import Resource
from finops.values import Malformed, Unreadable

# Hours kept for nothing (documentation of pulumi_aws 7.51.1, `kinesis.Stream`), and those of a week, from which on the
# book's source has another price.
_FREE_HOURS, _LONG_HOURS = 24, 168
STREAM = "aws:kinesis/stream:Stream"

_BROKERS = "brokerNodeGroupInfo"
_SERVERLESS = ("cluster", "partition", "storage", "data-in", "data-out")


def kafka_brokers(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the brokers of a cluster."""
    kind, count = needed(resource.props, f"{_BROKERS}.instanceType")[:48], resource.props.number("numberOfBrokerNodes")
    yield from context.fixed(resource, f"brokers, {kind}", f"msk.broker/{kind}", count)


def kafka_storage(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the volumes of the brokers, up to what they may grow to by themselves."""
    props = resource.props
    if props.text(f"{_BROKERS}.instanceType").startswith("express."):
        yield context.unpriced(resource, "storage and data written", ["msk.express/storage", "msk.express/data-in"])
        return
    volume = f"{_BROKERS}.storageInfo.ebsStorageInfo"
    size = props.number(f"{volume}.volumeSize")
    sizes = scaling.counts(resource, context, "kafka:broker-storage:VolumeSize", _arn(resource), size)
    brokers = props.number("numberOfBrokerNodes")
    if sizes.ceiling is not None:
        # Volumes of brokers only grow: the size that is there stays the floor.
        sizes = Counts(size, max(size, sizes.expected), max(size, sizes.ceiling))
    what = f"GB of storage for each of {brokers:f} brokers"
    yield scaling.line(context, resource, what, "msk.storage/ebs", sizes, brokers)
    if props.flag(f"{volume}.provisionedThroughput.enabled"):
        yield context.unpriced(resource, "throughput of its volumes", ["msk.storage/throughput"])
    if props.text("storageMode", "LOCAL") == "TIERED":
        yield context.unpriced(resource, "tiered storage", ["msk.storage/tiered"])


def kafka_serverless(resource: Resource, context: Context) -> Iterable[Line]:
    """Name what a serverless cluster pays for."""
    yield context.unpriced(resource, "serverless cluster", [f"msk.serverless/{item}" for item in _SERVERLESS])


def stream(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the shards of a stream, or the hours of one on demand, and meter what is written and read."""
    props = resource.props
    mode = props.text("streamModeDetails.streamMode", "PROVISIONED")
    if mode == "ON_DEMAND":
        yield from context.fixed(resource, "stream on demand", "kinesis.stream/on-demand")
        yield from context.metered(resource, "data written", "kinesis.data/written")
        yield from context.metered(resource, "data read", "kinesis.data/read")
        return
    if mode != "PROVISIONED":
        raise Malformed("streamModeDetails.streamMode", "PROVISIONED or ON_DEMAND")
    yield from context.fixed(resource, "shards", "kinesis.stream/shard", props.number("shardCount"))
    yield from context.metered(resource, "payload units written", "kinesis.requests/put")


def stream_retention(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter what is kept longer than a day."""
    props = resource.props
    hours = props.number("retentionPeriod", _FREE_HOURS)
    if hours > _FREE_HOURS:
        if props.text("streamModeDetails.streamMode", "PROVISIONED") == "ON_DEMAND":
            yield from context.metered(resource, "kept from a day to a week", "kinesis.retention/on-demand-extended")
        else:
            what = "kept from a day to a week, for each shard and hour"
            yield context.unpriced(resource, what, ["kinesis.retention/shard-extended"])
    if hours > _LONG_HOURS:
        yield from context.metered(resource, "kept for more than a week", "kinesis.retention/long")


def stream_consumer(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a registered consumer, by the shards of its stream, and meter what it reads."""
    found = linked(resource, context, "streamArn", STREAM, "arn")
    if found is None:
        raise Unreadable("its stream is not in this stack, and decides how it is charged")
    if found.props.text("streamModeDetails.streamMode", "PROVISIONED") == "ON_DEMAND":
        yield from context.metered(resource, "data read", "kinesis.fan-out/data-on-demand")
        return
    shards = found.props.number("shardCount")
    yield from context.fixed(resource, "shards read by the consumer", "kinesis.fan-out/consumer-shard", shards)
    yield from context.metered(resource, "data read", "kinesis.fan-out/data")


def _arn(resource: Resource) -> str:
    try:
        return resource.props.text("arn") or resource.id
    except Unreadable:
        return resource.id
