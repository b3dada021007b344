"""Exact alarms: lag of each reader, records about to end, throttling, brokers, dead letters; and the dashboard."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from components.streaming import DeadLetterArgs, StreamArgs, StreamingArgs
from components.streaming.alarms import Alarm, dashboard, wanted
from tests.components.streaming_program import (
    CLICKS,
    LETTERS,
    OFFLINE,
    ONLINE,
    SHOP,
    TOPIC,
    args,
    kafka_args,
    streaming,
)

Row = tuple[str, dict[str, str], str, float, int, int, int, str]
CLUSTER = {"Cluster Name": "acme-ml-dev"}


def rows(given: StreamingArgs) -> dict[str, Row]:
    """Alarms by role: metric, dimensions, statistic, threshold, period, periods, datapoints, missing data."""
    return {
        a.role: (
            a.metric,
            dict(a.dimensions),
            a.statistic,
            a.threshold,
            a.period,
            a.periods,
            a.datapoints,
            a.silent,
        )
        for a in wanted(given)
    }


LETTER_ROWS: dict[str, Row] = {
    "dead-letters-depth": (
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": "acme-ml-dev-dead-letters"},
        "Maximum",
        0,
        60,
        1,
        1,
        "notBreaching",
    ),
    "dead-letters-age": (
        "ApproximateAgeOfOldestMessage",
        {"QueueName": "acme-ml-dev-dead-letters"},
        "Maximum",
        14_400,
        300,
        1,
        1,
        "notBreaching",
    ),
}


def throttles(stream: str) -> dict[str, Row]:
    of = {"StreamName": f"acme-ml-dev-{stream}"}
    return {
        f"{stream}-write-throttle": ("WriteProvisionedThroughputExceeded", of, "Sum", 0, 60, 5, 3, "notBreaching"),
        f"{stream}-read-throttle": ("ReadProvisionedThroughputExceeded", of, "Sum", 0, 60, 5, 3, "notBreaching"),
    }


def test_kinesis_alarms_of_shared_and_fan_out_readers() -> None:
    age, behind = "GetRecords.IteratorAgeMilliseconds", "SubscribeToShardEvent.MillisBehindLatest"
    clicks, orders = {"StreamName": "acme-ml-dev-clicks"}, {"StreamName": "acme-ml-dev-orders"}
    app = {"ConsumerName": "acme-ml-dev-online"}
    half_week, day = 168 * 1_800_000, 48 * 1_800_000
    assert rows(args()) == {
        "online-reads-clicks-lag": (behind, {**clicks, **app}, "Maximum", 60_000, 60, 5, 3, "breaching"),
        "clicks-lag": (age, clicks, "Maximum", 60_000, 60, 5, 3, "breaching"),
        "online-reads-clicks-expiry": (behind, {**clicks, **app}, "Maximum", half_week, 60, 1, 1, "notBreaching"),
        "clicks-expiry": (age, clicks, "Maximum", half_week, 60, 1, 1, "notBreaching"),
        **throttles("clicks"),
        "online-reads-orders-lag": (behind, {**orders, **app}, "Maximum", 5_000, 60, 5, 3, "breaching"),
        "online-reads-orders-expiry": (behind, {**orders, **app}, "Maximum", day, 60, 1, 1, "notBreaching"),
        **throttles("orders"),
        **LETTER_ROWS,
    }


def test_kinesis_stream_that_nobody_reads_has_no_lag() -> None:
    assert rows(args(streams=[CLICKS, StreamArgs(name="orders")], workloads=[SHOP])) == {
        **throttles("clicks"),
        **throttles("orders"),
        **LETTER_ROWS,
    }


def test_dead_letter_alarms_wait_as_long_as_said() -> None:
    found = rows(args(dead_letters=DeadLetterArgs(**LETTERS, depth=10, age_minutes=30)))
    assert (found["dead-letters-depth"][3], found["dead-letters-age"][3]) == (10, 1_800)


def test_kafka_alarms_of_each_reader_and_broker() -> None:
    of = {**CLUSTER, "Consumer Group": "acme-ml-dev-online", "Topic": "acme-ml-dev-clicks"}
    assert rows(kafka_args()) == {
        "online-reads-clicks-lag": ("EstimatedMaxTimeLag", of, "Maximum", 60, 60, 5, 3, "breaching"),
        "disk": ("KafkaDataLogsDiskUsed", CLUSTER, "Maximum", 85, 60, 5, 3, "notBreaching"),
        "offline": ("OfflinePartitionsCount", CLUSTER, "Maximum", 0, 60, 1, 1, "notBreaching"),
        **{
            f"broker-{n}-replicas": (
                "UnderMinIsrPartitionCount",
                {**CLUSTER, "Broker ID": str(n)},
                "Maximum",
                0,
                60,
                5,
                3,
                "notBreaching",
            )
            for n in (1, 2, 3)
        },
        **LETTER_ROWS,
    }


def test_alarms_have_namespaces_of_their_metrics_and_roles_of_their_own() -> None:
    for given in (args(), kafka_args()):
        alarms = wanted(given)
        assert len({a.role for a in alarms}) == len(alarms)
        for alarm in alarms:
            first = next(iter(alarm.dimensions))
            expected = {"StreamName": "AWS/Kinesis", "Cluster Name": "AWS/Kafka", "QueueName": "AWS/SQS"}[first]
            assert alarm.namespace == expected, alarm.role


def test_roles_of_alarms_do_not_clash_when_names_look_alike() -> None:
    streams = [StreamArgs(name="b"), StreamArgs(name="a-b")]
    readers = [
        dataclasses.replace(ONLINE, name="a", service_account="a", streams=["b"]),
        dataclasses.replace(OFFLINE, name="c", service_account="c", streams=["a-b"]),
    ]
    graph = streaming(args(streams=streams, workloads=readers, alarm_topic_arn=TOPIC))
    names = [r.name for r in graph.resources]
    assert len(set(names)) == len(names)


def test_alarm_resources_say_what_the_alarms_say() -> None:
    graph = streaming(args(alarm_topic_arn=TOPIC))
    made = graph.named("events-clicks-lag-alarm").inputs
    wanted_alarm: Alarm = next(a for a in wanted(args()) if a.role == "clicks-lag")
    assert {k: made[k] for k in made if k not in ("tags", "alarmActions", "okActions")} == {
        "alarmDescription": wanted_alarm.text,
        "namespace": "AWS/Kinesis",
        "metricName": "GetRecords.IteratorAgeMilliseconds",
        "dimensions": {"StreamName": "acme-ml-dev-clicks"},
        "statistic": "Maximum",
        "period": 60,
        "evaluationPeriods": 5,
        "datapointsToAlarm": 3,
        "threshold": 60_000,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "breaching",
    }


def widgets(given: StreamingArgs) -> dict[str, dict[str, Any]]:
    body = json.loads(dashboard(given))["widgets"]
    return {w["properties"]["title"]: w for w in body}


def test_dashboard_shows_what_is_watched_and_what_comes_in() -> None:
    found = widgets(args())
    assert set(found) == {a.metric for a in wanted(args())} | {"IncomingRecords", "IncomingBytes"}
    assert found["IncomingRecords"]["properties"]["metrics"] == [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", f"acme-ml-dev-{name}"] for name in ("clicks", "orders")
    ]
    # Lag and expiry watch the same metric: one line each is enough.
    assert len(found["SubscribeToShardEvent.MillisBehindLatest"]["properties"]["metrics"]) == 2
    assert found["WriteProvisionedThroughputExceeded"]["properties"]["stat"] == "Sum"
    assert found["ApproximateAgeOfOldestMessage"]["properties"]["stat"] == "Maximum"
    places = {(w["x"], w["y"]) for w in found.values()}
    assert len(places) == len(found)
    assert {w["properties"]["region"] for w in found.values()} == {"eu-west-1"}


def test_dashboard_of_kafka_has_no_kinesis() -> None:
    assert set(widgets(kafka_args())) == {a.metric for a in wanted(kafka_args())}
