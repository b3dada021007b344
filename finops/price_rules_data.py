"""Rules of the price list for databases, caches, files, streams, functions, search and machine learning."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from finops.book import Unit
from finops.price_rule import (
    GB,
    GB_MONTHS,
    HOURS,
    IOPS_MONTHS,
    THOUSANDS,
    THROUGHPUT,
    Rule,
    one,
)

_ONE = Decimal(1)
_GB_HOURS: Final = {"gb-hours": _ONE, "gb-hrs": _ONE, "gb-hour": _ONE, "hrs": _ONE}
_CAPACITY_HOURS: Final = {"writecapacityunit-hrs": _ONE, "readcapacityunit-hrs": _ONE} | HOURS
_REQUEST_UNITS: Final = {name: Decimal(1000) for name in ("writerequestunits", "readrequestunits")} | THOUSANDS
_GB_SECONDS: Final = {
    name: Decimal(3600) for name in ("lambda-gb-second", "gb-second", "gb-seconds", "second", "seconds")
}
_STREAM_HOURS: Final = {"shardhour": _ONE, "shardhours": _ONE, "streamhour": _ONE, "stream-hr": _ONE} | HOURS
_PAYLOADS: Final = {name: Decimal(1000) for name in ("putrequestpayloadunits", "putrequest", "units")} | THOUSANDS

# Storage of RDS is listed once for `Any` engine or once for each; the engines of the book cost the same.
_ENGINES: Final = {"PostgreSQL": "postgres", "MySQL": "mysql", "MariaDB": "mariadb"}
_ANY: Final = {"databaseEngine": {"Any": "", **_ENGINES}}
_DEPLOYMENTS: Final = {"Single-AZ": "single", "Multi-AZ": "multi"}


def _rds(item: str, unit: Unit, usage: str, units: Mapping[str, Decimal], family: str, deployment: str = "") -> Rule:
    where = {"productFamily": family} | ({"deploymentOption": deployment} if deployment else {})
    return Rule(item, unit, "AmazonRDS", usage, units, Decimal("0.001"), Decimal(2), where, _ANY)


def _files(kind: str, name: str, deployment: str, storage: tuple[str, ...]) -> Iterator[Rule]:
    """Yield the rules of one kind of FSx file system in one deployment."""
    about = {"fileSystemType": name, "deploymentOption": deployment}
    word = _DEPLOYMENTS[deployment]
    for medium in storage:
        where = {"productFamily": "Storage", "storageType": medium.upper(), **about}
        item = f"fsx.storage/{kind}-{word}-{medium}"
        yield one(item, Unit.GB_MONTH, "AmazonFSx", "(?!.*Backup).*", GB_MONTHS, "5", **where)
    where = {"productFamily": "Provisioned Throughput", **about}
    yield one(f"fsx.throughput/{kind}-{word}", Unit.MBPS_MONTH, "AmazonFSx", ".*", THROUGHPUT, "50", **where)


def _kinesis(item: str, unit: Unit, usage: str, units: Mapping[str, Decimal]) -> Rule:
    return one(f"kinesis.{item}", unit, "AmazonKinesis", usage, units, "1", productFamily="Kinesis Streams")


def _dynamodb(item: str, unit: Unit, usage: str, units: Mapping[str, Decimal], family: str, **where: str) -> Rule:
    where["productFamily"] = family
    return one(f"dynamodb.{item}", unit, "AmazonDynamoDB", usage, units, "2", **where)


def _airflow(kind: str) -> Rule:
    words = {"size": {name: name.lower() for name in ("Small", "Medium", "Large")}}
    item = f"mwaa.{kind.lower()}/mw1.{{size}}"
    where = {"type": kind}
    return Rule(item, Unit.HOUR, "AmazonMWAA", ".*", HOURS, Decimal("0.001"), Decimal(50), where, words)


_SEARCH: Final = {"productFamily": "Amazon OpenSearch Service Volume"}
_CAPACITY: Final = "Provisioned IOPS"
_ON_DEMAND: Final = "Amazon DynamoDB PayPerRequest Throughput"
_MSK: Final = {"productFamily": "Managed Streaming for Apache Kafka (MSK)"}

DATA_RULES: Final = (
    Rule(
        "rds.instance/{databaseEngine}-{deploymentOption}-{instanceType}",
        Unit.HOUR,
        "AmazonRDS",
        r"(?:InstanceUsage|Multi-AZUsage):db\..+",
        HOURS,
        Decimal("0.001"),
        Decimal(500),
        {"productFamily": "Database Instance", "licenseModel": "No license required"},
        {"databaseEngine": _ENGINES, "deploymentOption": _DEPLOYMENTS},
    ),
    *(
        _rds(f"rds.storage/{word}-{kind}", Unit.GB_MONTH, f"RDS:{part}{usage}", GB_MONTHS, "Database Storage", name)
        for name, word, part in (("Single-AZ", "single", ""), ("Multi-AZ", "multi", "Multi-AZ-"))
        for kind, usage in (("gp2", "GP2-Storage"), ("gp3", "GP3-Storage"), ("io1", "PIOPS-Storage"))
    ),
    *(
        _rds(f"rds.iops/{word}-{kind}", Unit.IOPS_MONTH, f"RDS:{part}{usage}", IOPS_MONTHS, "Provisioned IOPS", name)
        for name, word, part in (("Single-AZ", "single", ""), ("Multi-AZ", "multi", "Multi-AZ-"))
        for kind, usage in (("gp3", "GP3-PIOPS"), ("io1", "PIOPS"))
    ),
    _rds("rds.backup/storage", Unit.GB_MONTH, "RDS:ChargedBackupUsage", GB_MONTHS, "Storage Snapshot"),
    Rule(
        "elasticache.node/{instanceType}",
        Unit.HOUR,
        "AmazonElastiCache",
        r"NodeUsage:cache\..+",
        HOURS,
        Decimal("0.001"),
        Decimal(200),
        {"productFamily": "Cache Instance"},
        {"cacheEngine": {"Redis": "", "Memcached": ""}},
    ),
    one(
        "elasticache/backup",
        Unit.GB_MONTH,
        "AmazonElastiCache",
        ".*Backup.*",
        GB_MONTHS,
        "1",
        productFamily="Storage Snapshot",
    ),
    *(
        one(f"elasticache.serverless/{engine.lower()}", Unit.HOUR, "AmazonElastiCache", usage, _GB_HOURS, "1")
        for engine in ("Redis", "Memcached", "Valkey")
        for usage in (f"(?:.*:)?CachedData:{engine}",)
    ),
    _dynamodb("capacity/write", Unit.HOUR, "WriteCapacityUnit-Hrs", _CAPACITY_HOURS, _CAPACITY, group="DDB-WriteUnits"),
    _dynamodb("capacity/read", Unit.HOUR, "ReadCapacityUnit-Hrs", _CAPACITY_HOURS, _CAPACITY, group="DDB-ReadUnits"),
    _dynamodb("requests/write", Unit.THOUSAND_REQUESTS, "WriteRequestUnits", _REQUEST_UNITS, _ON_DEMAND),
    _dynamodb("requests/read", Unit.THOUSAND_REQUESTS, "ReadRequestUnits", _REQUEST_UNITS, _ON_DEMAND),
    _dynamodb("requests/stream-read", Unit.THOUSAND_REQUESTS, ".*Streams.*", THOUSANDS, "API Request"),
    _dynamodb("storage/table", Unit.GB_MONTH, "TimedStorage-ByteHrs", GB_MONTHS, "Database Storage"),
    _dynamodb(
        "storage/point-in-time-recovery", Unit.GB_MONTH, "TimedPITRStorage-ByteHrs", GB_MONTHS, "Database Storage"
    ),
    _dynamodb("storage/backup", Unit.GB_MONTH, ".*Backup.*", GB_MONTHS, "Amazon DynamoDB On-Demand Backup Storage"),
    one(
        "lambda/requests", Unit.THOUSAND_REQUESTS, "AWSLambda", "Request", THOUSANDS, "0.1", group="AWS-Lambda-Requests"
    ),
    one("lambda/duration-x86-64", Unit.HOUR, "AWSLambda", "Lambda-GB-Second", _GB_SECONDS, "1"),
    one("lambda/duration-arm64", Unit.HOUR, "AWSLambda", "Lambda-GB-Second-ARM", _GB_SECONDS, "1"),
    one("lambda/ephemeral-storage", Unit.HOUR, "AWSLambda", "Lambda-Storage-GB-Second", _GB_SECONDS, "0.1"),
    *(
        one(f"efs.storage/{name}", Unit.GB_MONTH, "AmazonEFS", usage, GB_MONTHS, "5", productFamily="Storage")
        for name, usage in (
            ("standard", "TimedStorage-ByteHrs"),
            ("standard-ia", "IATimedStorage-ByteHrs"),
            ("one-zone", "TimedStorage-Z-ByteHrs"),
            ("one-zone-ia", "IATimedStorage-Z-ByteHrs"),
        )
    ),
    one("efs/ia-access", Unit.GB, "AmazonEFS", "IADataAccess.*", GB, "1", productFamily="Storage"),
    one(
        "efs/provisioned-throughput",
        Unit.MBPS_MONTH,
        "AmazonEFS",
        "ProvisionedTP-MiBpsHrs",
        THROUGHPUT,
        "50",
        productFamily="Provisioned Throughput",
    ),
    *_files("openzfs", "OpenZFS", "Single-AZ", ("ssd",)),
    *_files("windows", "Windows", "Single-AZ", ("ssd", "hdd")),
    *_files("windows", "Windows", "Multi-AZ", ("ssd", "hdd")),
    one(
        "fsx.iops/openzfs-single",
        Unit.IOPS_MONTH,
        "AmazonFSx",
        ".*",
        IOPS_MONTHS,
        "1",
        productFamily="Provisioned IOPS",
        fileSystemType="OpenZFS",
        deploymentOption="Single-AZ",
    ),
    *(
        one(
            f"fsx.backup/{name.lower()}",
            Unit.GB_MONTH,
            "AmazonFSx",
            ".*BackupUsage.*",
            GB_MONTHS,
            "1",
            productFamily="Storage",
            fileSystemType=name,
        )
        for name in ("OpenZFS", "Windows")
    ),
    Rule(
        "msk.broker/kafka.{size}",
        Unit.HOUR,
        "AmazonMSK",
        r"Kafka\.(?P<size>[a-z][a-z0-9-]*\.[a-z0-9]+)",
        HOURS,
        Decimal("0.001"),
        Decimal(200),
        _MSK,
    ),
    one("msk.storage/ebs", Unit.GB_MONTH, "AmazonMSK", "Kafka.Storage.*", GB_MONTHS, "1", storageFamily="GP2", **_MSK),
    _kinesis("stream/shard", Unit.HOUR, "Storage-ShardHour", _STREAM_HOURS),
    _kinesis("stream/on-demand", Unit.HOUR, "OnDemand-StreamHour", _STREAM_HOURS),
    _kinesis("requests/put", Unit.THOUSAND_REQUESTS, "PutRequestPayloadUnits", _PAYLOADS),
    _kinesis("data/written", Unit.GB, "OnDemand-BilledIncomingBytes", GB),
    _kinesis("data/read", Unit.GB, "OnDemand-BilledOutgoingBytes", GB),
    _kinesis("fan-out/data-on-demand", Unit.GB, "OnDemand-BilledOutgoingEFOBytes", GB),
    _kinesis("retention/on-demand-extended", Unit.GB_MONTH, "OnDemand-ExtendedRetention-ByteHrs", GB_MONTHS),
    _kinesis("retention/long", Unit.GB_MONTH, "(?:OnDemand-)?LongTermRetention-ByteHrs", GB_MONTHS),
    Rule(
        "opensearch.node/{instanceType}",
        Unit.HOUR,
        "AmazonES",
        ".+",
        HOURS,
        Decimal("0.001"),
        Decimal(200),
        {"productFamily": "Amazon OpenSearch Service Instance"},
    ),
    one("opensearch.storage/gp2", Unit.GB_MONTH, "AmazonES", "ES:GP2-Storage", GB_MONTHS, "1", **_SEARCH),
    one("opensearch.storage/gp3", Unit.GB_MONTH, "AmazonES", "ES:GP3-Storage", GB_MONTHS, "1", **_SEARCH),
    one("opensearch.storage/io1", Unit.GB_MONTH, "AmazonES", "ES:PIOPS-Storage", GB_MONTHS, "1", **_SEARCH),
    one("opensearch.storage/standard", Unit.GB_MONTH, "AmazonES", "ES:Magnetic-Storage", GB_MONTHS, "1", **_SEARCH),
    one("opensearch.iops/io1", Unit.IOPS_MONTH, "AmazonES", "ES:PIOPS", IOPS_MONTHS, "1", **_SEARCH),
    *(
        Rule(
            f"sagemaker.{word}/{{type}}",
            Unit.HOUR,
            "AmazonSageMaker",
            rf"{usage}:(?P<type>ml\.[a-z0-9-]+\.[a-z0-9]+)",
            HOURS,
            Decimal("0.01"),
            Decimal(1000),
        )
        for word, usage in (("hosting", "Host"), ("notebook", "Notebk"))
    ),
    one("sagemaker.storage/hosting", Unit.GB_MONTH, "AmazonSageMaker", "Host:VolumeUsage.gp2", GB_MONTHS, "1"),
    one("sagemaker.storage/notebook", Unit.GB_MONTH, "AmazonSageMaker", "Notebk:VolumeUsage.gp2", GB_MONTHS, "1"),
    _airflow("Environment"),
    _airflow("Worker"),
    _airflow("Scheduler"),
    one("mwaa.storage/database", Unit.GB_MONTH, "AmazonMWAA", "Airflow-StandardDatabaseStorage", GB_MONTHS, "1"),
)
