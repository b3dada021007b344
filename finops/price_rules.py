"""Which products of the AWS Price List are which items of the price book: a table, one rule for each item or family.

Attributes and usage types are as AWS writes them. They were read on 2026-11-27 in public code that queries or stores
the price list; `docs/prices.md` names it, and says what of it has not been asked of AWS itself. Databases, files,
streams and machine learning are in `finops.price_rules_data`.
"""

from decimal import Decimal
from typing import Final

from finops.book import Unit
from finops.price_rule import (
    GB,
    GB_MONTHS,
    HOURS,
    IOPS_MONTHS,
    KEYS,
    LCU_HOURS,
    SECRETS,
    TEN_THOUSANDS,
    THOUSANDS,
    THROUGHPUT,
    Rule,
    one,
)
from finops.price_rules_data import DATA_RULES


def _s3(variant: str, usage: str, most: str, service: str = "AmazonS3", **where: str) -> Rule:
    return one(f"s3.storage/{variant}", Unit.GB_MONTH, service, usage, GB_MONTHS, most, **where)


def _ebs(kind: str, usage: str, most: str) -> Rule:
    where = {"productFamily": "Storage", "volumeApiName": kind}
    return one(f"ebs.storage/{kind}", Unit.GB_MONTH, "AmazonEC2", usage, GB_MONTHS, most, **where)


def _iops(name: str, usage: str) -> Rule:
    where = {"productFamily": "System Operation"}
    return one(f"ebs.iops/{name}", Unit.IOPS_MONTH, "AmazonEC2", usage, IOPS_MONTHS, "1", **where)


RULES: Final = (
    Rule(
        "ec2.on-demand/{instanceType}",
        Unit.HOUR,
        "AmazonEC2",
        r"BoxUsage:[a-z0-9-]+\.[a-z0-9-]+",
        HOURS,
        Decimal("0.001"),
        Decimal(1000),
        {
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
            "licenseModel": "No License required",
        },
    ),
    # The list has what extended support adds; the book has what a cluster in it costs.
    one("eks.control-plane/standard", Unit.HOUR, "AmazonEKS", "AmazonEKS-Hours:perCluster", HOURS, "1"),
    one("eks.control-plane/#extended", Unit.HOUR, "AmazonEKS", "AmazonEKS-Hours:extendedSupport", HOURS, "5"),
    one("fargate/vcpu", Unit.HOUR, "AmazonECS", "Fargate-vCPU-Hours:perCPU", HOURS, "1"),
    one("fargate/memory", Unit.HOUR, "AmazonECS", "Fargate-GB-Hours", HOURS, "1"),
    one("ecr/storage", Unit.GB_MONTH, "AmazonECR", "TimedStorage-ByteHrs", GB_MONTHS, "1"),
    _ebs("gp3", "EBS:VolumeUsage.gp3", "1"),
    _ebs("gp2", "EBS:VolumeUsage.gp2", "1"),
    _ebs("io1", "EBS:VolumeUsage.piops", "1"),
    _ebs("io2", "EBS:VolumeUsage.io2", "1"),
    _ebs("st1", "EBS:VolumeUsage.st1", "1"),
    _ebs("sc1", "EBS:VolumeUsage.sc1", "1"),
    _iops("gp3", "EBS:VolumeP-IOPS.gp3"),
    _iops("io1", "EBS:VolumeP-IOPS.piops"),
    _iops("#io2-1", "EBS:VolumeP-IOPS.io2"),
    _iops("#io2-2", "EBS:VolumeP-IOPS.io2.tier2"),
    _iops("#io2-3", "EBS:VolumeP-IOPS.io2.tier3"),
    one(
        "ebs.throughput/gp3",
        Unit.MBPS_MONTH,
        "AmazonEC2",
        "EBS:VolumeP-Throughput.gp3",
        THROUGHPUT,
        "1",
        productFamily="Provisioned Throughput",
    ),
    one(
        "ebs.snapshot/standard",
        Unit.GB_MONTH,
        "AmazonEC2",
        "EBS:SnapshotUsage",
        GB_MONTHS,
        "1",
        productFamily="Storage Snapshot",
    ),
    # Overheads of other classes have the usage type of the standard class: the volume type tells them apart.
    _s3("standard", "TimedStorage-ByteHrs", "1", productFamily="Storage", volumeType="Standard"),
    _s3("intelligent-frequent", "TimedStorage-INT-FA-ByteHrs", "1", productFamily="Storage"),
    _s3("intelligent-infrequent", "TimedStorage-INT-IA-ByteHrs", "1", productFamily="Storage"),
    _s3("intelligent-archive", "TimedStorage-INT-AA-ByteHrs", "0.1", productFamily="Storage"),
    _s3("intelligent-deep-archive", "TimedStorage-INT-DAA-ByteHrs", "0.1", productFamily="Storage"),
    _s3("standard-ia", "TimedStorage-SIA-ByteHrs", "1", productFamily="Storage"),
    _s3("one-zone-ia", "TimedStorage-ZIA-ByteHrs", "1", productFamily="Storage"),
    _s3("glacier-flexible", "TimedStorage-GlacierByteHrs", "0.1", productFamily="Storage"),
    _s3("glacier-deep-archive", "TimedStorage-GDA-ByteHrs", "0.1", "AmazonS3GlacierDeepArchive"),
    one(
        "s3.requests/put",
        Unit.THOUSAND_REQUESTS,
        "AmazonS3",
        "Requests-Tier1",
        THOUSANDS,
        "0.5",
        productFamily="API Request",
        group="S3-API-Tier1",
    ),
    one(
        "s3.requests/get",
        Unit.THOUSAND_REQUESTS,
        "AmazonS3",
        "Requests-Tier2",
        THOUSANDS,
        "0.5",
        productFamily="API Request",
        group="S3-API-Tier2",
    ),
    one("vpc/nat-gateway", Unit.HOUR, "AmazonEC2", "NatGateway-Hours", HOURS, "1", productFamily="NAT Gateway"),
    one("vpc/nat-data", Unit.GB, "AmazonEC2", "NatGateway-Bytes", GB, "1", productFamily="NAT Gateway"),
    one("vpc/interface-endpoint", Unit.HOUR, "AmazonVPC", "VpcEndpoint-Hours", HOURS, "1"),
    one("vpc/interface-endpoint-data", Unit.GB, "AmazonVPC", "VpcEndpoint-Bytes", GB, "1"),
    one("vpc/public-ipv4", Unit.HOUR, "AmazonVPC", "PublicIPv4:InUseAddress", HOURS, "1"),
    *(
        rule
        for kind, family in (("application", "Load Balancer-Application"), ("network", "Load Balancer-Network"))
        for rule in (
            one(f"lb/{kind}", Unit.HOUR, "AWSELB", "LoadBalancerUsage", HOURS, "1", productFamily=family),
            one(f"lb/{kind}-lcu", Unit.LCU_HOUR, "AWSELB", "LCUUsage", LCU_HOURS, "1", productFamily=family),
        )
    ),
    *(
        Rule(
            f"transfer/{name}",
            Unit.GB,
            "AWSDataTransfer",
            usage,
            GB,
            Decimal("0.001"),
            Decimal(1),
            {"transferType": kind, **ends},
            region_field="fromRegionCode",
        )
        for name, usage, kind, ends in (
            ("internet", "DataTransfer-Out-Bytes", "AWS Outbound", {"toLocation": "External"}),
            ("between-zones", "DataTransfer-Regional-Bytes", "IntraRegion", {}),
            ("between-regions", "US(?:E1|W2)-AWS-Out-Bytes", "InterRegion Outbound", {"toRegionCode": "{other}"}),
        )
    ),
    one("kms/key", Unit.MONTH, "awskms", "KMS-Keys", KEYS, "10"),
    one("kms/requests", Unit.TEN_THOUSAND_REQUESTS, "awskms", "KMS-Requests", TEN_THOUSANDS, "5"),
    one(
        "kms/requests-rsa-2048",
        Unit.TEN_THOUSAND_REQUESTS,
        "awskms",
        "KMS-Requests-Asymmetric-RSA_2048",
        TEN_THOUSANDS,
        "5",
    ),
    one("kms/requests-asymmetric", Unit.TEN_THOUSAND_REQUESTS, "awskms", "KMS-Requests-Asymmetric", TEN_THOUSANDS, "5"),
    one("secretsmanager/secret", Unit.MONTH, "AWSSecretsManager", "AWSSecretsManager-Secrets?", SECRETS, "10"),
    one(
        "secretsmanager/requests",
        Unit.TEN_THOUSAND_REQUESTS,
        "AWSSecretsManager",
        "AWSSecretsManagerAPIRequest|AWSSecretsManager-APIRequests",
        TEN_THOUSANDS,
        "5",
    ),
    one("logs/ingested", Unit.GB, "AmazonCloudWatch", "DataProcessing-Bytes", GB, "10"),
    one("logs/scanned", Unit.GB, "AmazonCloudWatch", "DataScanned-Bytes", GB, "1"),
    one("logs/stored", Unit.GB_MONTH, "AmazonCloudWatch", "TimedStorage-ByteHrs", GB_MONTHS, "1"),
    *DATA_RULES,
)

SUMS: Final = {"eks.control-plane/extended": ("eks.control-plane/standard", "eks.control-plane/#extended")}
"""Items that cost what several products cost together. A name with # is of the table alone, never of the book."""

LADDERS: Final = {
    "ebs.iops/io2": (
        ("ebs.iops/#io2-1", Decimal(32_000)),
        ("ebs.iops/#io2-2", Decimal(64_000)),
        ("ebs.iops/#io2-3", None),
    )
}
"""Items whose steps are products of their own: what each step costs, and up to how many units."""

_UNSEEN: Final = "its usage type was found in no public code; read the service's pricing page"
NOT_LISTED: Final = {
    "kinesis.fan-out/consumer-shard": _UNSEEN,
    "kinesis.fan-out/data": _UNSEEN,
    "elasticache.ecpu/*": _UNSEEN,
    "ec2.spot/*": "spot prices are in no price list; they change by zone and hour (ec2:DescribeSpotPriceHistory)",
    "ec2.capacity-block/*": "Capacity Blocks are priced when they are offered (ec2:DescribeCapacityBlockOfferings)",
}
"""Items that no rule reads, with the reason. They are reviewed by hand."""
