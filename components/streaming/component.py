"""Streams of events for real-time features: Kinesis or Kafka, who may read and write them, and what watches them.

After this runs there are the streams, encrypted with the given key and kept for their retention; a role for each
workload that reaches its own streams and nothing else, tied to its service account; a queue that tells of records
which could not be processed, while the records lie in the given bucket; alarms on lag, on records about to expire, on
throttling and on dead letters; a dashboard. Cost: Kinesis by the shard-hour or by the stream-hour and the GB, more for
what fan-out readers get, retention beyond 24 hours; MSK by the broker-hour and the GB-month; each alarm and the
dashboard by the month. The arithmetic is in docs/components/streaming.md. Stateful: see `durability`.

Needs on the cluster: the Pod Identity agent, and the namespaces and service accounts of the workloads.
"""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, to_json
from components.streaming import access, alarms
from components.streaming.args import DEAD_LETTER_QUEUE, Access, StreamingArgs, StreamMode, WorkloadArgs
from components.streaming.brokers import Brokers

_QUEUE_DAYS = 14
"""As long as SQS keeps a message (quotas-messages.html of its developer guide, read 2026-11-27)."""


class Streaming(PlatformComponent):
    """Streams, the workloads that may use them, dead letters and alarms."""

    stream_names: pulumi.Output[dict[str, str]]
    """Name of the Kinesis stream or the Kafka topic by stream."""

    stream_arns: pulumi.Output[dict[str, str]]
    """ARN of the Kinesis stream or the Kafka topic by stream."""

    role_arns: pulumi.Output[dict[str, str]]
    """Role by workload."""

    consumer_names: pulumi.Output[dict[str, str]]
    """KCL application or consumer group by reading workload; its role works under this name only."""

    bootstrap_brokers: pulumi.Output[str]
    """Addresses of the brokers for clients with IAM over TLS; empty with Kinesis."""

    security_group_id: pulumi.Output[str]
    """Security group of the brokers; empty with Kinesis."""

    dead_letter_queue_url: pulumi.Output[str]
    """Queue that tells of records which could not be processed."""

    dead_letter_queue_arn: pulumi.Output[str]
    """ARN of that queue."""

    dead_letter_addresses: pulumi.Output[dict[str, str]]
    """Address in S3 below which a reading workload puts records that it cannot process, by workload."""

    def __init__(self, name: str, args: StreamingArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Streaming", name, opts)
        args = coerce(StreamingArgs, args)
        self._args = args
        self._stateful = durability.stateful(args.durability)
        queue = self._make_queue()
        brokers = Brokers(self, args, args.kafka) if args.kafka is not None else None
        if brokers is None:
            self._make_streams()
        else:
            names = {s.name: access.kafka_arn(brokers.arn, "topic", args.physical(s.name)) for s in args.streams}
            self._export_streams(pulumi.Output.all(**names), brokers.topics)
        roles = {w.name: self._make_role(w, brokers) for w in args.workloads}
        # Of nothing, `all` makes a list.
        self.role_arns = pulumi.Output.all(**roles).apply(dict)
        if args.alarm_topic_arn is not None:
            self._make_alarms(args.alarm_topic_arn)
        if args.dashboard is not False:
            self._make_dashboard()
        self._export(queue, brokers)
        self._register()

    def _make_queue(self) -> aws.sqs.Queue:
        queue = aws.sqs.Queue(
            self._child("dead-letters"),
            name=self._args.physical(DEAD_LETTER_QUEUE),
            message_retention_seconds=_QUEUE_DAYS * 86_400,
            visibility_timeout_seconds=300,
            kms_master_key_id=self._args.key_arn,
            tags=conventions.tags("streaming", data_class="metadata"),
            opts=self._opts(self._stateful),
        )
        aws.sqs.QueuePolicy(
            self._child("dead-letters-access"),
            queue_url=queue.url,
            policy=to_json(access.queue_policy(self._args)),
            opts=self._opts(),
        )
        return queue

    def _make_streams(self) -> None:
        """Create the Kinesis streams and the registrations of fan-out readers."""
        args, waits = self._args, list[pulumi.Resource]()
        for stream in args.streams:
            mode = "PROVISIONED" if stream.mode is StreamMode.PROVISIONED else "ON_DEMAND"
            made = aws.kinesis.Stream(
                self._child(f"{stream.name}-stream"),
                name=args.physical(stream.name),
                stream_mode_details={"stream_mode": mode},
                shard_count=stream.shard_count,
                retention_period=args.retention(stream),
                encryption_type="KMS",
                kms_key_id=args.key_arn,
                # Registrations that somebody made by hand keep a stream from being deleted.
                enforce_consumer_deletion=durability.rules(args.durability).force_destroy,
                tags=conventions.tags("streaming", data_class=stream.data_class or "feature"),
                opts=self._opts(self._stateful),
            )
            waits.append(made)
            waits += [self._register_reader(w, stream.name, made) for w in args.readers(stream.name) if w.fan_out]
        self._export_streams({s.name: access.stream_arn(args, s.name) for s in args.streams}, waits)

    def _register_reader(
        self, reader: WorkloadArgs, stream: str, made: aws.kinesis.Stream
    ) -> aws.kinesis.StreamConsumer:
        """Register a reader here rather than by itself: it goes with the stack, is tagged, and needs no right to."""
        return aws.kinesis.StreamConsumer(
            self._child(f"{reader.name}-reads-{stream}"),
            name=self._args.physical(reader.name),
            stream_arn=made.arn,
            tags=conventions.tags("streaming", {"workload": reader.name}),
            opts=self._opts(),
        )

    def _export_streams(self, arns: pulumi.Input[dict[str, str]], waits: list[pulumi.Resource]) -> None:
        """Export names that are known before; whoever uses them waits for what carries them."""
        names = {s.name: self._args.physical(s.name) for s in self._args.streams}
        ready = pulumi.Output.all(*(resource.urn for resource in waits))
        self.stream_names = ready.apply(lambda _: names)
        self.stream_arns = pulumi.Output.all(ready, arns).apply(lambda found: dict(found[1]))

    def _make_role(self, workload: WorkloadArgs, brokers: Optional[Brokers]) -> pulumi.Output[str]:
        """Create the role of a workload and tie it to its service account."""
        args, tags = self._args, conventions.tags("streaming", {"workload": workload.name})
        role = aws.iam.Role(
            self._child(workload.name),
            assume_role_policy=pod_identity_trust(),
            description=f"{workload.name}: {workload.access.value} {', '.join(workload.streams)}",
            tags=tags,
            opts=self._opts(),
        )
        aws.iam.RolePolicy(
            self._child(f"{workload.name}-policy"),
            role=role.name,
            policy=to_json(self._policy(workload, brokers)),
            opts=self._opts(),
        )
        aws.eks.PodIdentityAssociation(
            self._child(f"{workload.name}-identity"),
            cluster_name=args.cluster_name,
            namespace=workload.namespace,
            service_account=workload.service_account,
            role_arn=role.arn,
            tags=tags,
            opts=self._opts(),
        )
        arn: pulumi.Output[str] = role.arn
        return arn

    def _policy(self, workload: WorkloadArgs, brokers: Optional[Brokers]) -> dict[str, Any]:
        if brokers is None:
            return access.kinesis_policy(self._args, workload)
        kafka = self._args.kafka
        return access.kafka_policy(self._args, workload, brokers.arn, kafka is not None and kafka.serverless)

    def _make_alarms(self, topic_arn: pulumi.Input[str]) -> None:
        for alarm in alarms.wanted(self._args):
            aws.cloudwatch.MetricAlarm(
                self._child(f"{alarm.role}-alarm"),
                alarm_description=alarm.text,
                namespace=alarm.namespace,
                metric_name=alarm.metric,
                dimensions=dict(alarm.dimensions),
                statistic=alarm.statistic,
                period=alarm.period,
                evaluation_periods=alarm.periods,
                datapoints_to_alarm=alarm.datapoints,
                threshold=alarm.threshold,
                comparison_operator="GreaterThanThreshold",
                treat_missing_data=alarm.silent,
                alarm_actions=[topic_arn],
                ok_actions=[topic_arn],
                tags=conventions.tags("streaming"),
                opts=self._opts(),
            )

    def _make_dashboard(self) -> None:
        aws.cloudwatch.Dashboard(
            self._child("dashboard"),
            dashboard_name=self._args.physical("streaming"),
            dashboard_body=alarms.dashboard(self._args),
            opts=self._opts(),
        )

    def _export(self, queue: aws.sqs.Queue, brokers: Optional[Brokers]) -> None:
        args = self._args
        readers = [w for w in args.workloads if w.access is Access.READ]
        self.consumer_names = pulumi.Output.from_input({w.name: args.physical(w.name) for w in readers})
        self.bootstrap_brokers = brokers.bootstrap if brokers else pulumi.Output.from_input("")
        self.security_group_id = brokers.group.id if brokers else pulumi.Output.from_input("")
        self.dead_letter_queue_url = queue.url
        self.dead_letter_queue_arn = queue.arn
        self.dead_letter_addresses = pulumi.Output.from_input(args.dead_letters.bucket_name).apply(
            lambda bucket: {w.name: f"s3://{bucket}/{access.letters_of(args, w)}/" for w in readers}
        )
