"""Products of the AWS Price List, built by hand in its format, and an API that answers with them.

Attributes, usage types and units are as public code shows them; prices are list prices of us-east-1 in AWS's own units.
Beside what the book wants are products that only look like it.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

Plain = dict[str, Any]
Steps = Sequence[tuple[str, str, str]]
"""Begin, end, USD."""

VERSION, PUBLISHED = "20261120193045", "2026-11-20T19:30:45Z"


def product(service: str, family: str, unit: str, steps: Steps | str, sku: str = "", **attributes: str) -> str:
    """A product as `GetProducts` returns it; `steps` is the price alone where there is one step."""
    listed = [("0", "Inf", steps)] if isinstance(steps, str) else steps
    code = sku or f"SKU{zlib.crc32(repr((service, family, sorted(attributes.items()))).encode()):010}"
    term = f"{code}.JRTCKXETXF"
    dimensions = {
        f"{term}.{number}": {
            "rateCode": f"{term}.{number}",
            "description": f"${usd} per {unit}",
            "unit": unit,
            "beginRange": begin,
            "endRange": end,
            "pricePerUnit": {"USD": usd},
            "appliesTo": [],
        }
        for number, (begin, end, usd) in enumerate(listed)
    }
    found: Plain = {
        "product": {"sku": code, "attributes": {"servicecode": service, "regionCode": "us-east-1", **attributes}},
        "serviceCode": service,
        "terms": {
            "OnDemand": {
                term: {
                    "sku": code,
                    "offerTermCode": "JRTCKXETXF",
                    "effectiveDate": "2026-11-01T00:00:00Z",
                    "priceDimensions": dimensions,
                    "termAttributes": {},
                }
            }
        },
        "version": VERSION,
        "publicationDate": PUBLISHED,
    }
    if family:
        found["product"]["productFamily"] = family
    return json.dumps(found)


def instance(usd: str, name: str, usage: str = "", **attributes: str) -> str:
    """An EC2 instance: Linux, shared, on demand unless attributes say otherwise."""
    about = {
        "instanceType": name,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "licenseModel": "No License required",
        "operation": "RunInstances",
        "usagetype": usage or f"BoxUsage:{name}",
    }
    return product("AmazonEC2", "Compute Instance", "Hrs", usd, **{**about, **attributes})


def _database(usd: str, engine: str, deployment: str, name: str) -> str:
    usage = f"{'Multi-AZUsage' if deployment == 'Multi-AZ' else 'InstanceUsage'}:{name}"
    about = {"databaseEngine": engine, "deploymentOption": deployment, "instanceType": name, "usagetype": usage}
    return product("AmazonRDS", "Database Instance", "Hrs", usd, licenseModel="No license required", **about)


def _rds(family: str, unit: str, usd: str, deployment: str, usage: str, engine: str = "Any") -> str:
    about = {"deploymentOption": deployment, "databaseEngine": engine, "usagetype": usage}
    return product("AmazonRDS", family, unit, usd, **about)


def _transfer(kind: str, usage: str, steps: Steps | str, **ends: str) -> str:
    about = {"transferType": kind, "fromRegionCode": "us-east-1", "usagetype": usage, **ends}
    return product("AWSDataTransfer", "Data Transfer", "GB", steps, **about)


def _s3(usd: Steps | str, usage: str, volume: str, service: str = "AmazonS3") -> str:
    return product(service, "Storage", "GB-Mo", usd, usagetype=usage, volumeType=volume)


def _kinesis(unit: str, usd: str, usage: str) -> str:
    return product("AmazonKinesis", "Kinesis Streams", unit, usd, usagetype=usage)


def _dynamodb(family: str, unit: str, usd: Steps | str, usage: str, group: str = "") -> str:
    about = {"usagetype": usage, **({"group": group} if group else {})}
    return product("AmazonDynamoDB", family, unit, usd, **about)


_ALB, _NLB = "Load Balancer-Application", "Load Balancer-Network"
_VOLUME = "Amazon OpenSearch Service Volume"
_THROUGHPUT = "Amazon DynamoDB PayPerRequest Throughput"

SAMPLES: tuple[str, ...] = (
    # EC2: what is shared, on demand and used; then a host's, a reservation's, Windows', a Local Zone's.
    instance("0.0960000000", "m5.large"),
    instance("55.0400000000", "p5.48xlarge"),
    instance("0.0000000000", "m5.large", "HostBoxUsage:m5.large", tenancy="Host"),
    instance("0.1060000000", "m5.large", "DedicatedUsage:m5.large", tenancy="Dedicated"),
    instance("0.0960000000", "m5.large", "UnusedBox:m5.large", capacitystatus="UnusedCapacityReservation"),
    instance("0.1880000000", "m5.large", operatingSystem="Windows"),
    instance("0.1200000000", "m5.large", "BOS1-BoxUsage:m5.large", regionCode="us-east-1-bos-1"),
    product("AmazonEC2", "NAT Gateway", "Hrs", "0.0450000000", usagetype="NatGateway-Hours"),
    product("AmazonEC2", "NAT Gateway", "GB", "0.0450000000", usagetype="NatGateway-Bytes"),
    product("AmazonEC2", "NAT Gateway", "Hrs", "0.0600000000", usagetype="RegionalNatGateway-Hours"),
    product("AmazonEC2", "NAT Gateway", "Gbps-hrs", "1.1640000000", usagetype="NatGateway-Prvd-Bytes"),
    product("AmazonEC2", "Storage", "GB-Mo", "0.0800000000", volumeApiName="gp3", usagetype="EBS:VolumeUsage.gp3"),
    product("AmazonEC2", "Storage", "GB-Mo", "0.0960000000", volumeApiName="gp3", usagetype="BOS1-EBS:VolumeUsage.gp3"),
    product("AmazonEC2", "Storage", "GB-Mo", "0.1000000000", volumeApiName="gp2", usagetype="EBS:VolumeUsage.gp2"),
    product("AmazonEC2", "Storage", "GB-Mo", "0.1250000000", volumeApiName="io1", usagetype="EBS:VolumeUsage.piops"),
    product("AmazonEC2", "Storage", "GB-month", "0.1250000000", volumeApiName="io2", usagetype="EBS:VolumeUsage.io2"),
    product("AmazonEC2", "Storage", "GB-Mo", "0.0450000000", volumeApiName="st1", usagetype="EBS:VolumeUsage.st1"),
    product("AmazonEC2", "Storage", "GB-Mo", "0.0150000000", volumeApiName="sc1", usagetype="EBS:VolumeUsage.sc1"),
    product(
        "AmazonEC2",
        "System Operation",
        "IOPS-Mo",
        [("0", "3000", "0.0000000000"), ("3000", "Inf", "0.0050000000")],
        usagetype="EBS:VolumeP-IOPS.gp3",
    ),
    product("AmazonEC2", "System Operation", "IOPS-Mo", "0.0650000000", usagetype="EBS:VolumeP-IOPS.piops"),
    product("AmazonEC2", "System Operation", "IOPS-Mo", "0.0650000000", usagetype="EBS:VolumeP-IOPS.io2"),
    product("AmazonEC2", "System Operation", "IOPS-Mo", "0.0455000000", usagetype="EBS:VolumeP-IOPS.io2.tier2"),
    product("AmazonEC2", "System Operation", "IOPS-Mo", "0.0318500000", usagetype="EBS:VolumeP-IOPS.io2.tier3"),
    product("AmazonEC2", "Provisioned Throughput", "GiBps-mo", "40.9600000000", usagetype="EBS:VolumeP-Throughput.gp3"),
    product("AmazonEC2", "Storage Snapshot", "GB-Mo", "0.0500000000", usagetype="EBS:SnapshotUsage"),
    product("AmazonEC2", "Storage Snapshot", "GB-Mo", "0.0125000000", usagetype="EBS:SnapshotArchiveStorage"),
    # EKS: the list has what extended support adds.
    product("AmazonEKS", "Compute", "Hours", "0.1000000000", usagetype="USE1-AmazonEKS-Hours:perCluster"),
    product("AmazonEKS", "Compute", "Hours", "0.5000000000", usagetype="USE1-AmazonEKS-Hours:extendedSupport"),
    product("AmazonECS", "Compute", "hours", "0.0404800000", usagetype="USE1-Fargate-vCPU-Hours:perCPU"),
    product("AmazonECS", "Compute", "hours", "0.0044450000", usagetype="USE1-Fargate-GB-Hours"),
    product("AmazonECS", "Compute", "hours", "0.0323800000", usagetype="USE1-Fargate-ARM-vCPU-Hours:perCPU"),
    product("AmazonECR", "EC2 Container Registry", "GB-Mo", "0.1000000000", usagetype="TimedStorage-ByteHrs"),
    product("AmazonVPC", "VpcEndpoint", "Hrs", "0.0100000000", usagetype="USE1-VpcEndpoint-Hours"),
    product("AmazonVPC", "VpcEndpoint", "Hrs", "0.0125000000", usagetype="USE1-VpcEndpoint-GWLBE-Hours"),
    product(
        "AmazonVPC",
        "VpcEndpoint",
        "GB",
        [("0", "1048576", "0.0100000000"), ("1048576", "5242880", "0.0060000000"), ("5242880", "Inf", "0.0040000000")],
        usagetype="USE1-VpcEndpoint-Bytes",
    ),
    product("AmazonVPC", "", "Hrs", "0.0050000000", usagetype="USE1-PublicIPv4:InUseAddress"),
    product("AmazonVPC", "", "Hrs", "0.0080000000", usagetype="USE1-PublicIPv4:ContiguousBlock"),
    product("AWSELB", _ALB, "Hrs", "0.0225000000", usagetype="LoadBalancerUsage"),
    product("AWSELB", _ALB, "Hrs", "0.0056000000", usagetype="TS-LoadBalancerUsage"),
    product("AWSELB", _ALB, "LCU-Hrs", "0.0080000000", usagetype="LCUUsage"),
    product("AWSELB", _ALB, "LCU-Hrs", "0.0000000000", usagetype="Outposts-LCUUsage"),
    product("AWSELB", _NLB, "Hrs", "0.0225000000", usagetype="LoadBalancerUsage"),
    product("AWSELB", _NLB, "NLCU-Hrs", "0.0060000000", usagetype="LCUUsage"),
    _transfer(
        "AWS Outbound",
        "DataTransfer-Out-Bytes",
        [
            ("0", "10240", "0.0900000000"),
            ("10240", "51200", "0.0850000000"),
            ("51200", "153600", "0.0700000000"),
            ("153600", "Inf", "0.0500000000"),
        ],
        toLocation="External",
    ),
    _transfer("IntraRegion", "DataTransfer-Regional-Bytes", "0.0100000000"),
    _transfer("InterRegion Outbound", "USE1-USW2-AWS-Out-Bytes", "0.0200000000", toRegionCode="us-west-2"),
    _transfer("InterRegion Outbound", "USE1-USE2-AWS-Out-Bytes", "0.0100000000", toRegionCode="us-east-2"),
    _s3(
        [
            ("0", "51200", "0.0230000000"),
            ("51200", "512000", "0.0220000000"),
            ("512000", "Inf", "0.0210000000"),
        ],
        "TimedStorage-ByteHrs",
        "Standard",
    ),
    _s3("0.0210000000", "TimedStorage-ByteHrs", "INTAAS3ObjectOverhead"),
    _s3([("0", "51200", "0.0230000000"), ("51200", "Inf", "0.0220000000")], "TimedStorage-INT-FA-ByteHrs", "IT"),
    _s3("0.0125000000", "TimedStorage-INT-IA-ByteHrs", "IT"),
    _s3("0.0040000000", "TimedStorage-INT-AIA-ByteHrs", "IT"),
    _s3("0.0036000000", "TimedStorage-INT-AA-ByteHrs", "IT"),
    _s3("0.0009900000", "TimedStorage-INT-DAA-ByteHrs", "IT"),
    _s3("0.0125000000", "TimedStorage-SIA-ByteHrs", "Standard - Infrequent Access"),
    _s3("0.0100000000", "TimedStorage-ZIA-ByteHrs", "One Zone - Infrequent Access"),
    _s3("0.0036000000", "TimedStorage-GlacierByteHrs", "Amazon Glacier"),
    _s3("0.0009900000", "TimedStorage-GDA-ByteHrs", "Glacier Deep Archive", "AmazonS3GlacierDeepArchive"),
    product("AmazonS3", "API Request", "Requests", "0.0000050000", group="S3-API-Tier1", usagetype="Requests-Tier1"),
    product("AmazonS3", "API Request", "Requests", "0.0000004000", group="S3-API-Tier2", usagetype="Requests-Tier2"),
    _database("0.0320000000", "MySQL", "Single-AZ", "db.t4g.small"),
    _database("0.1360000000", "MySQL", "Single-AZ", "db.t3.large"),
    _database("0.1710000000", "MySQL", "Single-AZ", "db.m5.large"),
    _database("0.1450000000", "PostgreSQL", "Single-AZ", "db.t3.large"),
    _database("0.2900000000", "PostgreSQL", "Multi-AZ", "db.t3.large"),
    _database("0.0320000000", "PostgreSQL", "Single-AZ", "db.t4g.small"),
    _database("0.0820000000", "Aurora PostgreSQL", "Single-AZ", "db.t3.large"),
    _rds("Database Storage", "GB-Mo", "0.1150000000", "Single-AZ", "RDS:GP2-Storage"),
    _rds("Database Storage", "GB-Mo", "0.1150000000", "Single-AZ", "RDS:GP3-Storage", "MySQL"),
    _rds("Database Storage", "GB-Mo", "0.1150000000", "Single-AZ", "RDS:GP3-Storage", "PostgreSQL"),
    _rds("Database Storage", "GB-Mo", "0.1250000000", "Single-AZ", "RDS:PIOPS-Storage"),
    _rds("Database Storage", "GB-Mo", "0.2300000000", "Multi-AZ", "RDS:Multi-AZ-GP2-Storage"),
    _rds("Database Storage", "GB-Mo", "0.2300000000", "Multi-AZ", "RDS:Multi-AZ-GP3-Storage"),
    _rds("Database Storage", "GB-Mo", "0.2530000000", "Multi-AZ", "RDS:Mirror-GP3-Storage", "SQL Server"),
    _rds("Provisioned IOPS", "IOPS-Mo", "0.1000000000", "Single-AZ", "RDS:PIOPS"),
    _rds("Storage Snapshot", "GB-Mo", "0.0950000000", "", "RDS:ChargedBackupUsage", "MySQL"),
    _rds("Storage Snapshot", "GB-Mo", "0.0950000000", "", "RDSCustom:ChargedBackupUsage", "MySQL"),
    product("awskms", "Encryption Key", "Keys", "1.0000000000", usagetype="us-east-1-KMS-Keys"),
    product(
        "awskms",
        "API Request",
        "Requests",
        [("0", "20000", "0.0000000000"), ("20000", "Inf", "0.0000030000")],
        usagetype="us-east-1-KMS-Requests",
    ),
    product("awskms", "", "Requests", "0.0000030000", usagetype="us-east-1-KMS-Requests-Asymmetric-RSA_2048"),
    product("awskms", "", "Requests", "0.0000150000", usagetype="us-east-1-KMS-Requests-Asymmetric"),
    product("awskms", "", "Requests", "0.0012000000", usagetype="us-east-1-KMS-Requests-GenerateDatakeyPair-RSA"),
    product("AWSSecretsManager", "Secret", "Secrets", "0.4000000000", usagetype="USE1-AWSSecretsManager-Secrets"),
    product(
        "AWSSecretsManager", "API Request", "API Requests", "0.0000050000", usagetype="USE1-AWSSecretsManagerAPIRequest"
    ),
    product("AmazonCloudWatch", "Data Payload", "GB", "0.5000000000", usagetype="USE1-DataProcessing-Bytes"),
    product("AmazonCloudWatch", "Data Payload", "GB", "0.0050000000", usagetype="USE1-DataScanned-Bytes"),
    product("AmazonCloudWatch", "Storage Snapshot", "GB-Mo", "0.0300000000", usagetype="USE1-TimedStorage-ByteHrs"),
    product(
        "AmazonElastiCache",
        "Cache Instance",
        "Hrs",
        "0.1560000000",
        cacheEngine="Redis",
        instanceType="cache.m4.large",
        usagetype="NodeUsage:cache.m4.large",
    ),
    product(
        "AmazonElastiCache",
        "Cache Instance",
        "Hrs",
        "0.1248000000",
        cacheEngine="Valkey",
        instanceType="cache.m4.large",
        usagetype="NodeUsage:cache.m4.large",
    ),
    product("AmazonElastiCache", "Storage Snapshot", "GB-Mo", "0.0850000000", usagetype="USE1-BackupUsage:cache"),
    product(
        "AmazonElastiCache", "ElastiCache Serverless", "GB-Hours", "0.1250000000", usagetype="USE1-CachedData:Redis"
    ),
    _dynamodb(
        "Provisioned IOPS",
        "WriteCapacityUnit-Hrs",
        [("0", "18600", "0.0000000000"), ("18600", "Inf", "0.0006500000")],
        "WriteCapacityUnit-Hrs",
        "DDB-WriteUnits",
    ),
    _dynamodb("Provisioned IOPS", "ReadCapacityUnit-Hrs", "0.0001300000", "ReadCapacityUnit-Hrs", "DDB-ReadUnits"),
    _dynamodb("Provisioned IOPS", "WriteCapacityUnit-Hrs", "0.0008100000", "IA-WriteCapacityUnit-Hrs", "DDB-WriteIA"),
    _dynamodb(_THROUGHPUT, "WriteRequestUnits", "0.0000006250", "WriteRequestUnits", "DDB-WriteUnits"),
    _dynamodb(_THROUGHPUT, "ReadRequestUnits", "0.0000001250", "ReadRequestUnits", "DDB-ReadUnits"),
    _dynamodb("API Request", "Requests", "0.0000002000", "USE1-Streams-Requests", "DDB-StreamsReadRequests"),
    _dynamodb("Database Storage", "GB-Mo", [("0", "25", "0"), ("25", "Inf", "0.25")], "TimedStorage-ByteHrs"),
    _dynamodb("Database Storage", "GB-Mo", "0.2500000000", "USE1-TimedStorage-ByteHrs"),
    _dynamodb("Database Storage", "GB-Mo", "0.1000000000", "IA-TimedStorage-ByteHrs"),
    _dynamodb("Database Storage", "GB-Mo", "0.2000000000", "USE1-TimedPITRStorage-ByteHrs"),
    _dynamodb("Amazon DynamoDB On-Demand Backup Storage", "GB-Mo", "0.1", "USE1-TimedBackupStorage-ByteHrs"),
    product("AWSLambda", "Serverless", "Requests", "0.0000002000", group="AWS-Lambda-Requests", usagetype="Request"),
    product(
        "AWSLambda",
        "Serverless",
        "Lambda-GB-Second",
        [
            ("0", "6000000000", "0.0000166667"),
            ("6000000000", "15000000000", "0.0000150000"),
            ("15000000000", "Inf", "0.0000133334"),
        ],
        group="AWS-Lambda-Duration",
        usagetype="Lambda-GB-Second",
    ),
    product("AWSLambda", "Serverless", "Lambda-GB-Second", "0.0000133334", usagetype="Lambda-GB-Second-ARM"),
    product("AWSLambda", "Serverless", "Lambda-GB-Second", "0.0000000309", usagetype="USE1-Lambda-Storage-GB-Second"),
    product("AmazonEFS", "Storage", "GB-Mo", "0.3000000000", usagetype="USE1-TimedStorage-ByteHrs"),
    product("AmazonEFS", "Storage", "GB-Mo", "0.0250000000", usagetype="USE1-IATimedStorage-ByteHrs"),
    product("AmazonEFS", "Provisioned Throughput", "MiBps-Mo", "6.0000000000", usagetype="USE1-ProvisionedTP-MiBpsHrs"),
    product(
        "AmazonFSx",
        "Storage",
        "GB-Mo",
        "0.0900000000",
        fileSystemType="OpenZFS",
        deploymentOption="Single-AZ",
        storageType="SSD",
        usagetype="USE1-Storage.SAZ:OpenZFS-SSD",
    ),
    product(
        "AmazonFSx",
        "Storage",
        "GB-Mo",
        "0.0500000000",
        fileSystemType="OpenZFS",
        deploymentOption="N/A",
        storageType="N/A",
        usagetype="USE1-BackupUsage.OpenZFS",
    ),
    product(
        "AmazonMSK",
        "Managed Streaming for Apache Kafka (MSK)",
        "Hrs",
        "0.0456000000",
        usagetype="USE1-Kafka.t3.small",
    ),
    product(
        "AmazonMSK",
        "Managed Streaming for Apache Kafka (MSK)",
        "GB-Mo",
        "0.1000000000",
        storageFamily="GP2",
        usagetype="USE1-Kafka.Storage.GP2",
    ),
    _kinesis("ShardHour", "0.0150000000", "Storage-ShardHour"),
    _kinesis("PutRequestPayloadUnits", "0.0000000140", "PutRequestPayloadUnits"),
    _kinesis("GB", "0.0800000000", "OnDemand-BilledIncomingBytes"),
    _kinesis("GB", "0.0500000000", "OnDemand-BilledOutgoingEFOBytes"),
    product(
        "AmazonES",
        "Amazon OpenSearch Service Instance",
        "Hrs",
        "0.2380000000",
        instanceType="ultrawarm1.medium.search",
        usagetype="USE1-ESInstance:ultrawarm1.medium",
    ),
    product("AmazonES", _VOLUME, "GB-Mo", "0.1350000000", usagetype="ES:GP2-Storage"),
    product("AmazonSageMaker", "ML Instance", "Hrs", "1.4084000000", usagetype="USE1-Host:ml.g5.xlarge"),
    product("AmazonSageMaker", "ML Instance", "Hrs", "1.4084000000", usagetype="USE1-Train:ml.g5.xlarge"),
    product(
        "AmazonMWAA", "", "Hrs", "0.7400000000", type="Environment", size="Medium", usagetype="USE1-Airflow-Medium"
    ),
    product("AmazonMWAA", "", "Hrs", "0.1100000000", type="Worker", size="Medium", usagetype="USE1-Airflow-W-Medium"),
)


class Api:
    """The Price List Query API behind a real client: its requests are checked, sent, and answered from samples."""

    def __init__(self, products: Sequence[str] = SAMPLES) -> None:
        self.products = list(products)
        self.requests: list[Plain] = []
        self.failures: list[tuple[int, str]] = []
        """Status and code of the next answers, before any products."""

    def client(self) -> Any:
        retries: Any = {"mode": "standard", "total_max_attempts": 8}
        found = boto3.client(
            "pricing",
            region_name="us-east-1",
            aws_access_key_id="example",
            aws_secret_access_key="example",
            config=Config(retries=retries),
        )
        found.meta.events.register("before-send.pricing.GetProducts", self._answer)
        return found

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        asked = json.loads(request.body)
        self.requests.append(asked)
        if self.failures:
            status, code = self.failures.pop(0)
            return _response(request.url, status, {"__type": code, "message": "Rate exceeded"})
        found = [text for text in self.products if _fits(text, asked)]
        start = int(asked.get("NextToken", "0"))
        end = start + asked["MaxResults"]
        page: Plain = {"FormatVersion": "aws_v1", "PriceList": found[start:end]}
        if end < len(found):
            page["NextToken"] = str(end)
        return _response(request.url, 200, page)


def _fits(text: str, asked: Mapping[str, Any]) -> bool:
    try:
        found = json.loads(text)
        about = found["product"]["attributes"] | {"productFamily": found["product"].get("productFamily", "")}
    except (ValueError, KeyError, TypeError):
        return True
    return about["servicecode"] == asked["ServiceCode"] and all(
        about.get(part["Field"]) == part["Value"] for part in asked["Filters"]
    )


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._body

    def read(self, *_: Any, **__: Any) -> bytes:
        return self._body


def _response(url: str, status: int, body: Plain) -> AWSResponse:
    headers: Any = {"content-type": "application/x-amz-json-1.1"}
    return AWSResponse(url, status, headers, _Raw(json.dumps(body).encode()))
