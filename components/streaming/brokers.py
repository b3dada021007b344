"""Kafka on MSK: private brokers that ask who calls, TLS only, own key, logs, storage that grows; and the topics."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.base import PlatformComponent
from components.streaming.args import KafkaArgs, StreamingArgs

IAM_PORT = 9098
"""Port of clients that authenticate by IAM (docs.aws.amazon.com/msk/latest/developerguide/port-info.html,
read 2026-11-27)."""

VERSION = "3.9.x.kraft"
"""Newest of the 3.x line (supported-kafka-versions.html there, read 2026-11-27). With KRaft from the start: MSK cannot
turn a cluster with ZooKeeper into one."""

GROW_AT_PERCENT = 60
"""Fill of a disk at which it grows: the upper end of what AWS advises (msk-autoexpand.html there, read 2026-11-27)."""

_STORAGE = {"scalable_dimension": "kafka:broker-storage:VolumeSize", "service_namespace": "kafka"}


class Brokers:
    """Creates a cluster and its topics, as children of the component: a plain class, no resource of its own."""

    def __init__(self, owner: PlatformComponent, args: StreamingArgs, kafka: KafkaArgs) -> None:
        self._owner, self._args, self._kafka = owner, args, kafka
        self._tags = conventions.tags("streaming", data_class="feature")
        self._stateful = durability.stateful(args.durability)
        self.group = self._make_group()
        self.topics: list[pulumi.Resource] = []
        if kafka.serverless:
            self._use(self._make_serverless())
        else:
            cluster = self._make_cluster(self._make_log_group())
            self._use(cluster)
            self._make_growth(cluster)
            self._make_topics(cluster)

    def _use(self, cluster: aws.msk.Cluster | aws.msk.ServerlessCluster) -> None:
        self.arn = cluster.arn
        # The local provider records a cluster without brokers: it has no addresses.
        self.bootstrap = cluster.bootstrap_brokers_sasl_iam.apply(lambda brokers: brokers or "")

    def _make_group(self) -> aws.ec2.SecurityGroup:
        """Create a group that lets the clients in by IAM over TLS and nothing out."""
        child, opts = self._owner._child, self._owner._opts()
        group = aws.ec2.SecurityGroup(
            child("access"),
            description=f"Kafka {self._args.name_prefix}: from its clients only",
            vpc_id=self._kafka.vpc_id,
            tags=self._tags,
            opts=opts,
        )
        aws.vpc.SecurityGroupIngressRule(
            child("clients"),
            security_group_id=group.id,
            referenced_security_group_id=self._kafka.client_security_group_id,
            ip_protocol="tcp",
            from_port=IAM_PORT,
            to_port=IAM_PORT,
            description="Kafka from the clients",
            tags=self._tags,
            opts=opts,
        )
        return group

    def _make_log_group(self) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            self._owner._child("broker-log"),
            name=f"/aws/msk/{self._args.name_prefix}",
            retention_in_days=self._kafka.log_retention_days or 90,
            kms_key_id=self._kafka.log_key_arn,
            tags=conventions.tags("streaming", data_class="log"),
            opts=self._owner._opts(),
        )

    def _make_serverless(self) -> aws.msk.ServerlessCluster:
        return aws.msk.ServerlessCluster(
            self._owner._child("cluster"),
            cluster_name=self._args.name_prefix,
            vpc_configs=[{"subnet_ids": self._kafka.subnet_ids, "security_group_ids": [self.group.id]}],
            client_authentication={"sasl": {"iam": {"enabled": True}}},
            tags=self._tags,
            opts=self._owner._opts(self._stateful),
        )

    def _make_cluster(self, logs: aws.cloudwatch.LogGroup) -> aws.msk.Cluster:
        return aws.msk.Cluster(
            self._owner._child("cluster"),
            cluster_name=self._args.name_prefix,
            kafka_version=self._kafka.version or VERSION,
            number_of_broker_nodes=self._kafka.brokers,
            broker_node_group_info={
                "instance_type": self._kafka.broker_type or "kafka.m7g.large",
                "client_subnets": self._kafka.subnet_ids,
                "security_groups": [self.group.id],
                "connectivity_info": {"public_access": {"type": "DISABLED"}},
                "storage_info": {"ebs_storage_info": {"volume_size": self._kafka.storage}},
            },
            client_authentication={"sasl": {"iam": True}, "unauthenticated": False},
            encryption_info={
                "encryption_at_rest_kms_key_arn": self._args.key_arn,
                "encryption_in_transit": {"client_broker": "TLS", "in_cluster": True},
            },
            logging_info={"broker_logs": {"cloudwatch_logs": {"enabled": True, "log_group": logs.name}}},
            # The alarms need no more, and no more is free.
            enhanced_monitoring="DEFAULT",
            tags=self._tags,
            # Storage grows by itself and never shrinks: an update must not ask for the first size again.
            opts=self._owner._opts(
                self._stateful, ignore_changes=["brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"]
            ),
        )

    def _make_growth(self, cluster: aws.msk.Cluster) -> None:
        """Let the disks grow; they cannot shrink, so scaling in is off."""
        target = aws.appautoscaling.Target(
            self._owner._child("storage"),
            resource_id=cluster.arn,
            min_capacity=1,
            max_capacity=self._kafka.max_storage,
            tags=self._tags,
            opts=self._owner._opts(),
            **_STORAGE,
        )
        aws.appautoscaling.Policy(
            self._owner._child("storage-growth"),
            policy_type="TargetTrackingScaling",
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration={
                "predefined_metric_specification": {"predefined_metric_type": "KafkaBrokerStorageUtilization"},
                "target_value": GROW_AT_PERCENT,
                "disable_scale_in": True,
            },
            opts=self._owner._opts(depends_on=[target]),
            **_STORAGE,
        )

    def _make_topics(self, cluster: aws.msk.Cluster) -> None:
        for stream in self._args.streams:
            topic = aws.msk.Topic(
                self._owner._child(f"{stream.name}-topic"),
                cluster_arn=cluster.arn,
                name=self._args.physical(stream.name),
                partition_count=stream.partition_count,
                # A copy in each zone; one zone may be lost and producers still write.
                replication_factor=self._kafka.copies,
                configs=json.dumps(topic_settings(self._args.retention(stream), self._kafka.copies), sort_keys=True),
                opts=self._owner._opts(self._stateful),
            )
            self.topics.append(topic)


def topic_settings(retention_hours: int, copies: int) -> dict[str, Any]:
    """Return the settings of a topic: no leader that lacks records; a write counts when all copies but one have it."""
    return {
        "cleanup.policy": "delete",
        "min.insync.replicas": str(max(1, copies - 1)),
        "retention.ms": str(retention_hours * 3_600_000),
        "unclean.leader.election.enable": "false",
    }
