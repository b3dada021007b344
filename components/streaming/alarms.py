"""Which alarms watch streams, readers, brokers and dead letters, as plain data, and the dashboard beside them.

Metrics and dimensions: docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html,
docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html and the SQS developer guide, read 2026-11-27.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from components.streaming.args import DEAD_LETTER_QUEUE, StreamArgs, StreamingArgs

_KINESIS, _KAFKA, _SQS = "AWS/Kinesis", "AWS/Kafka", "AWS/SQS"
_AGE, _BEHIND = "GetRecords.IteratorAgeMilliseconds", "SubscribeToShardEvent.MillisBehindLatest"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm: greater than `threshold` in `datapoints` of `periods` periods."""

    role: str
    text: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float
    statistic: str = "Maximum"
    period: int = 60
    periods: int = 5
    datapoints: int = 3
    silent: str = "notBreaching"
    """What missing data means: `breaching` where silence is the fault itself."""


def wanted(args: StreamingArgs) -> list[Alarm]:
    """Return all alarms of the streams, whichever engine carries them."""
    streams = [alarm for stream in args.streams for alarm in (_kinesis if args.kinesis else _kafka)(args, stream)]
    return [*streams, *_brokers(args), *_letters(args)]


def _kinesis(args: StreamingArgs, stream: StreamArgs) -> list[Alarm]:
    of = {"StreamName": args.physical(stream.name)}
    readers = args.readers(stream.name)
    lags = [(f"{w.name}-reads-{stream.name}", args.physical(w.name)) for w in readers if w.fan_out]
    result = [_lag(role, stream, _BEHIND, {**of, "ConsumerName": app}, stream.lag * 1000) for role, app in lags]
    # The metric is one for all who share the stream: its maximum is the slowest of them.
    if len(lags) < len(readers):
        result.append(_lag(stream.name, stream, _AGE, of, stream.lag * 1000))
    for alarm in list(result):
        result.append(_expiry(args, stream, alarm))
    for role, metric, text in (
        ("write-throttle", "WriteProvisionedThroughputExceeded", "producers are throttled"),
        ("read-throttle", "ReadProvisionedThroughputExceeded", "readers are throttled"),
    ):
        text = f"{stream.name}: {text}; add shards, or look for a partition key that is hot"
        result.append(_alarm(f"{stream.name}-{role}", text, _KINESIS, metric, of, 0, statistic="Sum"))
    return result


def _alarm(
    role: str, text: str, namespace: str, metric: str, of: Mapping[str, str], above: float, **more: Any
) -> Alarm:
    return Alarm(role=role, text=text, namespace=namespace, metric=metric, dimensions=of, threshold=above, **more)


def _lag(role: str, stream: StreamArgs, metric: str, of: Mapping[str, str], above: float) -> Alarm:
    # A reader that died asks for nothing and has no lag: silence is the alarm.
    text = f"{role}: records are read more than {stream.lag} s late, or not at all"
    namespace = _KINESIS if "StreamName" in of else _KAFKA
    return _alarm(f"{role}-lag", text, namespace, metric, of, above, silent="breaching")


def _expiry(args: StreamingArgs, stream: StreamArgs, lag: Alarm) -> Alarm:
    """Return the last call: half of the retention is over before the oldest record was read."""
    hours = args.retention(stream)
    text = f"{stream.name}: unread records are half way to their end after {hours} h; raise retention_hours now"
    role = lag.role.removesuffix("-lag") + "-expiry"
    return dataclasses.replace(
        lag, role=role, text=text, threshold=hours * 1_800_000, periods=1, datapoints=1, silent="notBreaching"
    )


def _kafka(args: StreamingArgs, stream: StreamArgs) -> list[Alarm]:
    return [
        _lag(
            f"{reader.name}-reads-{stream.name}",
            stream,
            "EstimatedMaxTimeLag",
            {
                "Cluster Name": args.name_prefix,
                "Consumer Group": args.physical(reader.name),
                "Topic": args.physical(stream.name),
            },
            stream.lag,
        )
        for reader in args.readers(stream.name)
    ]


def _brokers(args: StreamingArgs) -> list[Alarm]:
    if args.kafka is None or args.kafka.serverless:
        return []
    of = {"Cluster Name": args.name_prefix}
    text = "the disks of a broker are more than 85 % full and grow once in six hours at most"
    disk = _alarm("disk", text, _KAFKA, "KafkaDataLogsDiskUsed", of, 85)
    text = "partitions without a leader: nobody reads or writes them"
    offline = _alarm("offline", text, _KAFKA, "OfflinePartitionsCount", of, 0, periods=1, datapoints=1)
    text = "too few replicas in step: producers that wait for all of them are refused"
    under = [
        _alarm(f"broker-{n}-replicas", text, _KAFKA, "UnderMinIsrPartitionCount", {**of, "Broker ID": str(n)}, 0)
        for n in range(1, args.kafka.brokers + 1)
    ]
    return [disk, offline, *under]


def _letters(args: StreamingArgs) -> list[Alarm]:
    of, letters = {"QueueName": args.physical(DEAD_LETTER_QUEUE)}, args.dead_letters
    depth = letters.depth or 0
    once: dict[str, Any] = {"periods": 1, "datapoints": 1}
    return [
        _alarm(
            "dead-letters-depth",
            f"more than {depth} records could not be processed",
            _SQS,
            "ApproximateNumberOfMessagesVisible",
            of,
            depth,
            **once,
        ),
        _alarm(
            "dead-letters-age",
            f"a record that could not be processed waits for more than {letters.age} min; the queue forgets after 14 d",
            _SQS,
            "ApproximateAgeOfOldestMessage",
            of,
            letters.age * 60,
            period=300,
            **once,
        ),
    ]


def dashboard(args: StreamingArgs) -> str:
    """Return the body of the dashboard: a row for each stream, and one for dead letters and brokers."""
    groups: dict[str, list[list[str]]] = {}
    for alarm in wanted(args):
        flat = [part for pair in alarm.dimensions.items() for part in pair]
        line = [alarm.namespace, alarm.metric, *flat]
        lines = groups.setdefault(alarm.metric, [])
        if line not in lines:
            lines.append(line)
    if args.kinesis:
        for metric in ("IncomingRecords", "IncomingBytes"):
            groups[metric] = [[_KINESIS, metric, "StreamName", args.physical(s.name)] for s in args.streams]
    widgets = [_widget(args, index, metric, lines) for index, (metric, lines) in enumerate(groups.items())]
    return json.dumps({"widgets": widgets}, sort_keys=True)


def _widget(args: StreamingArgs, index: int, metric: str, lines: list[list[str]]) -> dict[str, Any]:
    summed = metric.startswith("Incoming") or metric.endswith("ThroughputExceeded")
    return {
        "type": "metric",
        "x": 8 * (index % 3),
        "y": 6 * (index // 3),
        "width": 8,
        "height": 6,
        "properties": {
            "title": metric,
            "region": args.region,
            "view": "timeSeries",
            "stat": "Sum" if summed else "Maximum",
            "period": 60,
            "metrics": lines,
        },
    }
