"""Arguments of `Streaming`."""

import dataclasses
import enum
from typing import Optional

import pulumi

from components._core.durability import Durability
from components.streaming import rules


class StreamEngine(enum.StrEnum):
    """What carries the streams."""

    KINESIS = "kinesis"
    """Kinesis Data Streams: nothing to run, paid by use or by shard."""

    MSK = "msk"
    """Managed Kafka: for clients that speak Kafka."""


class StreamMode(enum.StrEnum):
    """Who decides how much a Kinesis stream can carry."""

    ON_DEMAND = "on-demand"
    """AWS does, by the traffic of the last 30 days: twice its peak; a new stream starts at 4 MB a second."""

    PROVISIONED = "provisioned"
    """The number of shards does: cheaper for a load that is known and even."""


class BrokerKind(enum.StrEnum):
    """How MSK runs Kafka."""

    PROVISIONED = "provisioned"
    """Brokers of a chosen size, with storage that grows."""

    SERVERLESS = "serverless"
    """No brokers to size; writers create the topics, since AWS offers no API for it here."""


class Access(enum.StrEnum):
    """What a workload does with its streams."""

    READ = "read"
    """Reads, and puts away what it cannot process as dead letters."""

    WRITE = "write"
    """Writes."""

    REPLAY = "replay"
    """Takes dead letters and writes them to the streams again."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadArgs:
    """The load that a stream must carry at its peak."""

    records_per_second: int
    """Records a second, written by all producers together."""

    record_bytes: int
    """Size of a record with its partition key, in bytes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class StreamArgs:
    """One stream of events: a Kinesis stream, or a Kafka topic."""

    name: str
    """Name of the stream; the physical name has the prefix before it."""

    mode: Optional[StreamMode] = None
    """Kinesis: who decides the capacity. Default: on-demand."""

    shards: Optional[int] = None
    """Kinesis, provisioned: number of shards. Default: none, and on-demand takes none."""

    partitions: Optional[int] = None
    """MSK, provisioned: partitions of the topic; may grow, never shrink. Default: 6."""

    retention_hours: Optional[int] = None
    """Hours that records can be read, 24 to 8760. Default by durability: 24, 72 or 168."""

    data_class: Optional[str] = None
    """Value of the tag data-class. Default: feature."""

    load: Optional[LoadArgs] = None
    """Kinesis: peak load; a capacity that cannot carry it is refused. Default: not checked."""

    lag_seconds: Optional[int] = None
    """Seconds that a reader may be behind before the alarm. Default: 60."""

    @property
    def shard_count(self) -> Optional[int]:
        """Number of shards of a provisioned stream; None on demand."""
        return self.shards if self.mode is StreamMode.PROVISIONED else None

    @property
    def partition_count(self) -> int:
        """Partitions of a topic."""
        return 6 if self.partitions is None else self.partitions

    @property
    def lag(self) -> int:
        """Seconds that a reader may be behind."""
        return 60 if self.lag_seconds is None else self.lag_seconds


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """A workload in the cluster that uses streams."""

    name: str
    """Name of the workload; with the prefix it names the KCL application or the consumer group."""

    namespace: str
    """Kubernetes namespace of its pods."""

    service_account: str
    """Service account of its pods; it gets the role by Pod Identity and must not have another."""

    access: Access
    """What it does with the streams."""

    streams: list[str]
    """Names of the streams that it uses."""

    fan_out: Optional[bool] = None
    """Kinesis, readers: 2 MB a second and shard of its own, at a price. Default: it shares the stream's."""

    leases: Optional[bool] = None
    """Kinesis, readers: whether it uses KCL, which keeps its leases in DynamoDB tables. Default: yes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeadLetterArgs:
    """Where readers put records that they cannot process: the record in a bucket, word of it in a queue."""

    bucket_name: pulumi.Input[str]
    """Bucket of the records; it exists already."""

    bucket_arn: pulumi.Input[str]
    """ARN of that bucket."""

    bucket_key_arn: pulumi.Input[str]
    """KMS key of that bucket."""

    prefix: Optional[str] = None
    """Key prefix in the bucket; each reader writes below it under its own name only. Default: dead-letters."""

    depth: Optional[int] = None
    """Dead letters that may wait before the alarm. Default: 0."""

    age_minutes: Optional[int] = None
    """Minutes that the oldest may wait before the second alarm. Default: 240."""

    @property
    def folder(self) -> str:
        """Key prefix in the bucket."""
        return "dead-letters" if self.prefix is None else self.prefix

    @property
    def age(self) -> int:
        """Minutes that the oldest may wait."""
        return 240 if self.age_minutes is None else self.age_minutes


@dataclasses.dataclass(frozen=True, kw_only=True)
class KafkaArgs:
    """What only MSK needs."""

    vpc_id: pulumi.Input[str]
    """VPC of the brokers."""

    subnet_ids: pulumi.Input[list[str]]
    """Private subnets, one in each zone."""

    client_security_group_id: pulumi.Input[str]
    """The only security group that may connect, for example the cluster's."""

    log_key_arn: Optional[pulumi.Input[str]] = None
    """KMS key of the brokers' log group. Default: none, which only serverless can do without."""

    zones: Optional[int] = None
    """Number of zones, 2 or 3, as many as subnets; each has a copy of every record. Default: 3."""

    kind: Optional[BrokerKind] = None
    """How MSK runs Kafka. Default: provisioned."""

    log_retention_days: Optional[int] = None
    """Days that the brokers' logs are kept. Default: 90."""

    version: Optional[str] = None
    """Version of Kafka. Default: 3.9.x.kraft."""

    broker_type: Optional[str] = None
    """Size of a broker. Default: kafka.m7g.large."""

    brokers_per_zone: Optional[int] = None
    """Brokers in each zone. Default: 1."""

    storage_gib: Optional[int] = None
    """Storage of each broker at the start, in GiB; later it only grows by itself. Default: 100."""

    max_storage_gib: Optional[int] = None
    """Bound up to which the storage of each broker grows, in GiB. Default: five times `storage_gib`."""

    @property
    def serverless(self) -> bool:
        """Whether there are no brokers to size."""
        return self.kind is BrokerKind.SERVERLESS

    @property
    def brokers(self) -> int:
        """Number of brokers, 0 without servers."""
        return 0 if self.serverless else self.copies * self.per_zone

    @property
    def copies(self) -> int:
        """Number of zones, and of copies of a record."""
        return 3 if self.zones is None else self.zones

    @property
    def per_zone(self) -> int:
        """Brokers in each zone."""
        return 1 if self.brokers_per_zone is None else self.brokers_per_zone

    @property
    def storage(self) -> int:
        """Storage of each broker at the start, in GiB."""
        return 100 if self.storage_gib is None else self.storage_gib

    @property
    def max_storage(self) -> int:
        """Bound of the storage's own growth, in GiB."""
        grown = min(5 * self.storage, rules.STORAGE_GIB[1])
        return grown if self.max_storage_gib is None else self.max_storage_gib


@dataclasses.dataclass(frozen=True, kw_only=True)
class StreamingArgs:
    """Arguments of `Streaming`."""

    name_prefix: str
    """What physical names begin with, as `acme-ml-dev`."""

    account_id: str
    """AWS account of the streams."""

    region: str
    """AWS region of the streams."""

    cluster_name: pulumi.Input[str]
    """EKS cluster of the workloads, for the Pod Identity associations."""

    key_arn: pulumi.Input[str]
    """KMS key of streams, brokers and the dead letter queue."""

    streams: list[StreamArgs]
    """The streams."""

    workloads: list[WorkloadArgs]
    """The workloads that use them; nobody else may."""

    dead_letters: DeadLetterArgs
    """Where records go that a reader cannot process."""

    engine: Optional[StreamEngine] = None
    """What carries the streams. Default: kinesis."""

    kafka: Optional[KafkaArgs] = None
    """Network and brokers of MSK. Default: none, and kinesis takes none."""

    alarm_topic_arn: Optional[pulumi.Input[str]] = None
    """SNS topic of the alarms on lag, loss, throttling and dead letters. Default: no alarms."""

    dashboard: Optional[bool] = None
    """Whether there is a CloudWatch dashboard. Default: yes."""

    durability: Optional[Durability] = None
    """Resistance to loss: protection, and the default retention of records. Default: protected."""

    def __post_init__(self) -> None:
        rules.check(self)

    @property
    def kinesis(self) -> bool:
        """Whether Kinesis carries the streams."""
        return self.engine is not StreamEngine.MSK

    def physical(self, name: str) -> str:
        """Return the name by which AWS and outsiders know a stream or a workload."""
        return f"{self.name_prefix}-{name}"

    def stream(self, name: str) -> StreamArgs:
        """Return a stream by its name."""
        return next(stream for stream in self.streams if stream.name == name)

    def readers(self, stream: str) -> list[WorkloadArgs]:
        """Return the workloads that read a stream."""
        return [w for w in self.workloads if w.access is Access.READ and stream in w.streams]

    def retention(self, stream: StreamArgs) -> int:
        """Return the hours that records of a stream can be read."""
        hours = stream.retention_hours
        return RETENTION_HOURS[self.durability or Durability.PROTECTED] if hours is None else hours


RETENTION_HOURS = {Durability.EPHEMERAL: 24, Durability.STANDARD: 72, Durability.PROTECTED: 168}
"""Default retention. Kinesis bills hours beyond 24; a reader that fails on a Friday evening needs more than them."""

DEAD_LETTER_QUEUE = "dead-letters"
"""Name of the queue behind the prefix."""
