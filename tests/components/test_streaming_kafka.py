"""Streams on MSK: private brokers, IAM over TLS, own key, logs, topics with copies, growing storage; or serverless."""

from __future__ import annotations

import json
from typing import Any

import pulumi

from components._core.durability import Durability
from components.streaming import BrokerKind, KafkaArgs, StreamArgs, Streaming
from tests.components.streaming_program import BROKERS, CLICKS, KAFKA, KEY, OUTPUTS, TOPIC, kafka_args, streaming
from tests.graph import ACCOUNT, Graph, record

CLUSTER, SERVERLESS = "aws:msk/cluster:Cluster", "aws:msk/serverlessCluster:ServerlessCluster"
TARGET, POLICY = "aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy"
MSK_TOPIC = "aws:msk/topic:Topic"
UNTAGGABLE = (
    "aws:iam/rolePolicy:RolePolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:cloudwatch/dashboard:Dashboard",
    MSK_TOPIC,
    POLICY,
)


def kafka(**more: Any) -> Graph:
    return streaming(kafka_args(kafka=KafkaArgs(**{**BROKERS, **more})))


def serverless() -> Graph:
    given = KafkaArgs(**{**BROKERS, "log_key_arn": None, "kind": BrokerKind.SERVERLESS})
    return streaming(kafka_args(kafka=given, streams=[CLICKS, StreamArgs(name="orders")], alarm_topic_arn=TOPIC))


def test_kafka_brokers_are_private_ask_who_calls_and_use_tls_and_the_own_key() -> None:
    graph = streaming(kafka_args())
    inputs = graph.one(CLUSTER).inputs
    assert inputs["clusterName"] == "acme-ml-dev"
    assert inputs["kafkaVersion"] == "3.9.x.kraft"
    assert inputs["numberOfBrokerNodes"] == 3
    assert inputs["clientAuthentication"] == {"sasl": {"iam": True}, "unauthenticated": False}
    assert inputs["encryptionInfo"] == {
        "encryptionAtRestKmsKeyArn": KEY,
        "encryptionInTransit": {"clientBroker": "TLS", "inCluster": True},
    }
    assert inputs["brokerNodeGroupInfo"] == {
        "instanceType": "kafka.m7g.large",
        "clientSubnets": ["subnet-a", "subnet-b", "subnet-c"],
        "securityGroups": ["events-access-id"],
        "connectivityInfo": {"publicAccess": {"type": "DISABLED"}},
        "storageInfo": {"ebsStorageInfo": {"volumeSize": 100}},
    }


def test_kafka_is_reached_by_its_clients_on_the_iam_port_only() -> None:
    graph = streaming(kafka_args())
    assert not {"ingress", "egress"} & graph.one("aws:ec2/securityGroup:SecurityGroup").inputs.keys()
    rule = graph.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"], rule["referencedSecurityGroupId"]) == (9098, 9098, "sg-cluster")
    assert not {"cidrIpv4", "cidrIpv6", "prefixListId"} & rule.keys()


def test_kafka_brokers_log_to_a_group_with_key_and_end() -> None:
    graph = kafka(log_retention_days=30)
    group = graph.one("aws:cloudwatch/logGroup:LogGroup")
    assert (group.inputs["name"], group.inputs["retentionInDays"]) == ("/aws/msk/acme-ml-dev", 30)
    assert group.inputs["kmsKeyId"] == BROKERS["log_key_arn"]
    logs = graph.one(CLUSTER).inputs["loggingInfo"]["brokerLogs"]
    assert logs == {"cloudwatchLogs": {"enabled": True, "logGroup": group.inputs["name"]}}


def test_kafka_storage_grows_up_to_its_bound_and_an_update_does_not_shrink_it() -> None:
    graph = kafka(storage_gib=200, max_storage_gib=900)
    cluster = graph.one(CLUSTER)
    assert cluster.ignore_changes == ("brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",)
    target, policy = graph.one(TARGET).inputs, graph.one(POLICY).inputs
    place = {"scalableDimension": "kafka:broker-storage:VolumeSize", "serviceNamespace": "kafka"}
    assert {**target, **place} == target
    assert (target["minCapacity"], target["maxCapacity"]) == (1, 900)
    assert target["resourceId"] == policy["resourceId"] == f"arn:aws:msk:us-east-1:{ACCOUNT}:events-cluster"
    assert policy["targetTrackingScalingPolicyConfiguration"] == {
        "predefinedMetricSpecification": {"predefinedMetricType": "KafkaBrokerStorageUtilization"},
        "targetValue": 60,
        "disableScaleIn": True,
    }


def test_kafka_topics_have_a_copy_in_each_zone_and_lose_no_record_that_was_taken() -> None:
    graph = streaming(kafka_args())
    clicks, orders = graph.named("events-clicks-topic").inputs, graph.named("events-orders-topic").inputs
    assert (clicks["name"], clicks["partitionCount"], clicks["replicationFactor"]) == ("acme-ml-dev-clicks", 6, 3)
    assert orders["partitionCount"] == 12
    assert json.loads(clicks["configs"]) == {
        "cleanup.policy": "delete",
        "min.insync.replicas": "2",
        "retention.ms": str(168 * 3_600_000),
        "unclean.leader.election.enable": "false",
    }
    assert json.loads(orders["configs"])["retention.ms"] == str(48 * 3_600_000)


def test_kafka_in_two_zones_keeps_taking_records_when_one_is_lost() -> None:
    graph = kafka(subnet_ids=["subnet-a", "subnet-b"], zones=2, brokers_per_zone=2)
    assert graph.one(CLUSTER).inputs["numberOfBrokerNodes"] == 4
    topic = graph.named("events-clicks-topic").inputs
    assert (topic["replicationFactor"], json.loads(topic["configs"])["min.insync.replicas"]) == (2, "1")


def test_kafka_durability_decides_protection_of_cluster_and_topics() -> None:
    for durability, protect in ((None, True), (Durability.EPHEMERAL, False)):
        graph = streaming(kafka_args(durability=durability))
        for resource in (graph.one(CLUSTER), graph.named("events-clicks-topic")):
            assert (resource.protect, resource.retain_on_delete) == (protect, protect)


def test_kafka_without_servers_asks_who_calls_and_has_nothing_to_size() -> None:
    graph = serverless()
    inputs = graph.one(SERVERLESS).inputs
    assert inputs["clientAuthentication"] == {"sasl": {"iam": {"enabled": True}}}
    assert inputs["vpcConfigs"] == [
        {"subnetIds": ["subnet-a", "subnet-b", "subnet-c"], "securityGroupIds": ["events-access-id"]}
    ]
    for absent in (CLUSTER, MSK_TOPIC, TARGET, POLICY, "aws:cloudwatch/logGroup:LogGroup"):
        assert graph.of(absent) == []
    names = {a.name for a in graph.of("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert names == {f"events-{n}-alarm" for n in ("online-reads-clicks-lag", "dead-letters-depth", "dead-letters-age")}


def test_kafka_makes_no_kinesis_and_kinesis_no_kafka() -> None:
    assert [r.type for r in streaming(kafka_args()).resources if "kinesis" in r.type] == []
    assert [r.type for r in serverless().resources if "kinesis" in r.type] == []


def test_kafka_outputs_name_topics_group_and_brokers() -> None:
    graph = streaming(kafka_args())
    assert tuple(Streaming.__annotations__) == OUTPUTS
    assert graph.outputs_of("events").keys() == set(OUTPUTS)
    assert graph.result["stream_names"] == {"clicks": "acme-ml-dev-clicks", "orders": "acme-ml-dev-orders"}
    assert graph.result["stream_arns"]["clicks"].endswith("/acme-ml-dev-clicks")
    assert graph.result["security_group_id"] == "events-access-id"
    # The mocks, as the local provider, know no addresses of brokers.
    assert graph.result["bootstrap_brokers"] == ""


def test_kafka_children_are_its_own_and_tagged() -> None:
    for graph in (streaming(kafka_args(alarm_topic_arn=TOPIC)), serverless()):
        for child in [r for r in graph.resources if r.custom]:
            assert graph.parent_of(child) == "events"
            if child.type not in UNTAGGABLE:
                assert child.inputs["tags"]["component"] == "streaming", child.name


def test_kafka_takes_subnets_that_are_not_known_yet() -> None:
    def program() -> Any:
        later = pulumi.Output.from_input(["subnet-a", "subnet-b", "subnet-c"])
        given = KafkaArgs(**{**BROKERS, "subnet_ids": later})
        return Streaming("events", kafka_args(kafka=given)).stream_names

    late, known = record(program), streaming(kafka_args())
    assert {r.name: r.inputs for r in late.resources} == {r.name: r.inputs for r in known.resources}


def test_kafka_preview_has_all_resources() -> None:
    assert len(streaming(kafka_args(), preview=True).resources) == len(streaming(kafka_args()).resources)
    assert KAFKA["kafka"].serverless is False
