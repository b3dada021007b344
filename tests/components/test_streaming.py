"""Streams on Kinesis: encrypted, kept as long as said, reached by their own workloads only, watched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components._core.durability import Durability
from components.streaming import StreamArgs, Streaming, StreamMode
from sandbox.layout import REPOSITORY
from tests.components.streaming_program import (
    BUCKET,
    BUCKET_KEY,
    CLICKS,
    KEY,
    NEEDED,
    OFFLINE,
    ORDERS,
    OUTPUTS,
    SHOP,
    TOPIC,
    args,
    streaming,
)
from tests.graph import ACCOUNT, record

STREAM, READER = "aws:kinesis/stream:Stream", "aws:kinesis/streamConsumer:StreamConsumer"
QUEUE, ALARM = "aws:sqs/queue:Queue", "aws:cloudwatch/metricAlarm:MetricAlarm"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
UNTAGGABLE = (
    "aws:iam/rolePolicy:RolePolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:cloudwatch/dashboard:Dashboard",
)


def test_streaming_streams_are_encrypted_with_the_given_key_and_kept_as_long_as_said() -> None:
    graph = streaming(args())
    clicks, orders = graph.named("events-clicks-stream"), graph.named("events-orders-stream")
    for stream in (clicks, orders):
        assert (stream.inputs["encryptionType"], stream.inputs["kmsKeyId"]) == ("KMS", KEY)
    assert clicks.inputs["name"] == "acme-ml-dev-clicks"
    assert clicks.inputs["streamModeDetails"] == {"streamMode": "ON_DEMAND"}
    assert "shardCount" not in clicks.inputs
    assert clicks.inputs["retentionPeriod"] == 168
    assert orders.inputs["streamModeDetails"] == {"streamMode": "PROVISIONED"}
    assert (orders.inputs["shardCount"], orders.inputs["retentionPeriod"]) == (4, 48)


@pytest.mark.parametrize(
    ("durability", "hours", "protect"),
    [
        (None, 168, True),
        (Durability.PROTECTED, 168, True),
        (Durability.STANDARD, 72, False),
        (Durability.EPHEMERAL, 24, False),
    ],
)
def test_streaming_durability_decides_protection_and_retention(
    durability: Durability | None, hours: int, protect: bool
) -> None:
    graph = streaming(args(durability=durability))
    clicks, queue = graph.named("events-clicks-stream"), graph.one(QUEUE)
    assert clicks.inputs["retentionPeriod"] == hours
    assert clicks.inputs["enforceConsumerDeletion"] is (durability is Durability.EPHEMERAL)
    for resource in (clicks, queue):
        assert (resource.protect, resource.retain_on_delete) == (protect, protect)


def test_streaming_registers_fan_out_readers_and_no_others() -> None:
    graph = streaming(args())
    assert {r.name: r.inputs["name"] for r in graph.of(READER)} == {
        "events-online-reads-clicks": "acme-ml-dev-online",
        "events-online-reads-orders": "acme-ml-dev-online",
    }
    assert graph.depends(graph.named("events-online-reads-orders"), graph.named("events-orders-stream"))


def test_streaming_dead_letters_wait_two_weeks_in_an_encrypted_queue_over_tls() -> None:
    graph = streaming(args())
    queue = graph.one(QUEUE).inputs
    assert (queue["name"], queue["messageRetentionSeconds"], queue["kmsMasterKeyId"]) == (
        "acme-ml-dev-dead-letters",
        14 * 86_400,
        KEY,
    )
    policy = json.loads(graph.one("aws:sqs/queuePolicy:QueuePolicy").inputs["policy"])
    assert policy["Statement"] == [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Action": ["sqs:*"],
            "Principal": {"AWS": "*"},
            "Resource": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:acme-ml-dev-dead-letters",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_streaming_gives_each_workload_a_role_by_pod_identity() -> None:
    graph = streaming(args())
    ties = {
        r.name: (r.inputs["namespace"], r.inputs["serviceAccount"], r.inputs["clusterName"]) for r in graph.of(IDENTITY)
    }
    assert ties == {
        "events-online-identity": ("features", "online-features", "acme-ml-dev"),
        "events-offline-identity": ("features", "offline-features", "acme-ml-dev"),
        "events-shop-identity": ("shop", "shop", "acme-ml-dev"),
        "events-replay-identity": ("features", "replay", "acme-ml-dev"),
    }
    for name in ("online", "offline", "shop", "replay"):
        role = graph.named(f"events-{name}")
        trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]["Principal"]
        assert trust == {"Service": "pods.eks.amazonaws.com"}
        assert graph.named(f"events-{name}-policy").inputs["role"] == role.name
        assert graph.result["role_arns"][name].endswith(f":events-{name}")


def test_streaming_alarms_only_with_a_topic_and_all_of_them_notify_it() -> None:
    assert streaming(args()).of(ALARM) == []
    alarms = streaming(args(alarm_topic_arn=TOPIC)).of(ALARM)
    assert {(tuple(a.inputs["alarmActions"]), tuple(a.inputs["okActions"])) for a in alarms} == {((TOPIC,), (TOPIC,))}
    # 2 readers with fan-out, 1 that shares: lag and expiry each; 2 streams: 2 throttles each; 2 on dead letters.
    assert len(alarms) == 3 * 2 + 2 * 2 + 2


def test_streaming_dashboard_can_be_left_out() -> None:
    token = "aws:cloudwatch/dashboard:Dashboard"
    graph = streaming(args())
    assert graph.one(token).inputs["dashboardName"] == "acme-ml-dev-streaming"
    assert streaming(args(dashboard=False)).of(token) == []


def test_streaming_outputs_name_what_others_need() -> None:
    result = streaming(args()).result
    assert result["stream_names"] == {"clicks": "acme-ml-dev-clicks", "orders": "acme-ml-dev-orders"}
    assert result["stream_arns"] == {
        name: f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/acme-ml-dev-{name}" for name in ("clicks", "orders")
    }
    assert result["consumer_names"] == {"online": "acme-ml-dev-online", "offline": "acme-ml-dev-offline"}
    assert result["dead_letter_addresses"] == {
        name: f"s3://acme-ml-features/dead-letters/{name}/" for name in ("online", "offline")
    }
    assert (result["bootstrap_brokers"], result["security_group_id"]) == ("", "")


def test_streaming_registers_exactly_its_annotated_outputs() -> None:
    assert streaming(args()).outputs_of("events").keys() == set(OUTPUTS)


def test_streaming_children_are_its_own_and_tagged_with_their_data() -> None:
    graph = streaming(args(streams=[CLICKS, StreamArgs(name="orders", data_class="dataset")], alarm_topic_arn=TOPIC))
    for child in [r for r in graph.resources if r.custom]:
        assert graph.parent_of(child) == "events"
        if child.type not in UNTAGGABLE:
            assert child.inputs["tags"]["component"] == "streaming", child.name
    assert graph.named("events-clicks-stream").inputs["tags"]["data-class"] == "feature"
    assert graph.named("events-orders-stream").inputs["tags"]["data-class"] == "dataset"


def test_streaming_preview_knows_policies_before_anything_exists() -> None:
    graph = streaming(args(), preview=True)
    policy = json.loads(graph.named("events-online-policy").inputs["policy"])
    assert policy["Statement"][0]["Resource"][0] == f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/acme-ml-dev-clicks"
    assert len(graph.resources) == len(streaming(args()).resources)


def test_streaming_hosted_mapping_equals_local_args() -> None:
    hosted: dict[str, Any] = {
        **{k: NEEDED[k] for k in ("name_prefix", "account_id", "region", "cluster_name", "key_arn")},
        "streams": [
            {"name": "clicks"},
            {
                "name": "orders",
                "mode": "provisioned",
                "shards": 4.0,
                "retention_hours": 48.0,
                "lag_seconds": 5.0,
                "load": {"records_per_second": 3000.0, "record_bytes": 800.0},
            },
        ],
        "workloads": [
            {
                "name": "offline",
                "namespace": "features",
                "service_account": "offline-features",
                "access": "read",
                "streams": ["clicks"],
            },
            {
                "name": "shop",
                "namespace": "shop",
                "service_account": "shop",
                "access": "write",
                "streams": SHOP.streams,
            },
        ],
        "dead_letters": {"bucket_name": "acme-ml-features", "bucket_arn": BUCKET, "bucket_key_arn": BUCKET_KEY},
        "durability": "standard",
    }
    graph = record(lambda: Streaming("events", hosted).stream_names)  # type: ignore[arg-type]
    local = streaming(args(workloads=[OFFLINE, SHOP], durability=Durability.STANDARD))
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}


def test_streaming_minimal_is_one_on_demand_stream_with_a_queue() -> None:
    graph = streaming(args(streams=[CLICKS], workloads=[]))
    assert graph.one(STREAM).inputs["streamModeDetails"] == {"streamMode": "ON_DEMAND"}
    assert graph.of(READER) == graph.of("aws:iam/role:Role") == []
    assert graph.result["role_arns"] == {}


def test_streaming_example_of_the_documentation_builds() -> None:
    text = (REPOSITORY / "docs/components/streaming.md").read_text(encoding="utf-8")
    code = text.split("```python\n", 1)[1].split("```", 1)[0]
    graph = record(lambda: exec(compile(code, "streaming.md", "exec"), {}))
    assert graph.one(STREAM).inputs["name"] == "acme-ml-dev-clicks"


def test_streaming_grows_a_stream_in_place() -> None:
    before = streaming(args()).named("events-orders-stream").inputs
    more = StreamArgs(name="orders", mode=StreamMode.PROVISIONED, shards=8, retention_hours=48, load=ORDERS.load)
    after = streaming(args(streams=[CLICKS, more])).named("events-orders-stream").inputs
    assert {k for k in after if after[k] != before.get(k)} == {"shardCount"}
