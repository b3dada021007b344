"""The same platform in three environments, with the library's assumptions on use: bills worked out by hand.

Prices: us-east-1, list, from infracost's golden tables at 95ba4f49a (2026-08-21) and Karpenter's price table at 031e72b
(2026-01-19). Use: `stacks/usage.yaml`. 730 hours a month.
"""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from finops.line import cents
from tests.unit.finops_kit import Plain, aws, bought, estimated, group, node_class, pool, types

D = Decimal


@dataclass(frozen=True)
class Environment:
    """What differs: the stack's sizes, and what is assumed of its use."""

    name: str
    gateways: int
    nodes: tuple[int, int]
    """At least and wanted; at most."""
    share: Decimal
    nat_gb: Decimal
    bucket_gb: Decimal
    put: Decimal
    get: Decimal
    ingested: Decimal
    stored: Decimal
    backup: Decimal
    kms: Decimal
    bill: tuple[str, str, str]
    """Floor, expected and ceiling, USD a month."""

    def platform(self) -> list[Plain]:
        disk = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 80}}
        least, most = self.nodes
        sizes = {"minSize": least, "desiredSize": least, "maxSize": most}
        return [
            *(aws("ec2/natGateway:NatGateway", f"nat-{n}") for n in range(self.gateways)),
            *(aws("ec2/eip:Eip", f"address-{n}") for n in range(self.gateways)),
            aws("eks/cluster:Cluster", "cluster", {"version": "1.36"}),
            aws("ec2/launchTemplate:LaunchTemplate", "template", {"blockDeviceMappings": [disk]}, id="lt-1"),
            group(launchTemplate={"id": "lt-1", "version": "1"}, scalingConfig=sizes),
            node_class(),
            pool(types("g5.2xlarge"), bought("on-demand"), limits={"nvidia.com/gpu": "8"}),
            aws("rds/instance:Instance", "tracking", DATABASE),
            aws("kms/key:Key", "key"),
            aws("s3/bucket:Bucket", "features"),
            aws("cloudwatch/logGroup:LogGroup", "app"),
        ]

    def by_hand(self) -> tuple[Decimal, Decimal, Decimal]:
        least, most = self.nodes
        always = (
            self.gateways * (D("0.045") + D("0.005")) * 730  # gateways and their addresses: 36.50 each
            + D("0.10") * 730  # control plane                                                73.00
            + D("0.032") * 730
            + D("0.115") * 20  # PostgreSQL db.t4g.small, 20 GB of gp3     25.66
            + D("1.00")  # the key
        )
        node = D("0.2016") * 730 + D("0.08") * 80  # m7i.xlarge with 80 GiB                  153.568
        gpu_node = D("1.212") * 730 + D("0.08") * 100  # g5.2xlarge with 100 GiB             892.76
        used = (
            self.gateways * D("0.045") * self.nat_gb
            + D("0.023") * self.bucket_gb
            + D("0.005") * self.put
            + D("0.0004") * self.get
            + D("0.50") * self.ingested
            + D("0.03") * self.stored
            + D("0.095") * self.backup
            + D("0.03") * self.kms
        )
        floor = always + least * node
        expected = floor + used + self.share * 8 * gpu_node
        return floor, expected, always + most * node + used + 8 * gpu_node


DATABASE = {
    "engine": "postgres",
    "instanceClass": "db.t4g.small",
    "storageType": "gp3",
    "allocatedStorage": 20,
    "backupRetentionPeriod": 7,
}
ENVIRONMENTS = (
    Environment(
        "dev",
        1,
        (2, 4),
        D("0.09"),
        D(100),
        D(50),
        D(20),
        D(200),
        D(5),
        D("2.5"),
        D(0),
        D(10),
        ("443.30", "1094.79", "7901.22"),
    ),
    Environment(
        "staging",
        1,
        (2, 4),
        D("0.05"),
        D(150),
        D(100),
        D(50),
        D(500),
        D(10),
        D(10),
        D(20),
        D(20),
        ("443.30", "817.70", "7909.81"),
    ),
    Environment(
        "prod",
        3,
        (3, 6),
        D("0.4"),
        D(500),
        D(1000),
        D(1000),
        D(10000),
        D(50),
        D(600),
        D(200),
        D(100),
        ("669.86", "3691.20", "8437.15"),
    ),
)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_bill_of_an_environment_matches_the_hand_computed_one_to_the_cent(environment: Environment) -> None:
    found = estimated(*environment.platform(), environment=environment.name)
    assert (found.floor, found.expected, found.ceiling) == environment.by_hand()
    assert tuple(str(cents(one)) for one in (found.floor, found.expected, found.ceiling)) == environment.bill
