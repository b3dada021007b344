"""A small platform's bill, worked out by hand from the price sources, compared to the cent."""

from decimal import Decimal
from typing import Any

from finops import Estimate, State, cost_line
from finops.line import cents
from tests.unit import finops_kit
from tests.unit.finops_kit import (
    STORAGE_CLASS,
    Plain,
    aws,
    bought,
    group,
    made,
    node_class,
    pool,
    types,
    usage,
)

D = Decimal
NOTHING = usage()
"""No assumptions: the library's own change with what is known of use."""


def estimated(*resources: Plain, **options: Any) -> Estimate:
    return finops_kit.estimated(*resources, **{"usage": NOTHING, **options})


def platform() -> list[Plain]:
    """One of everything that a small platform has, in us-east-1."""
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 80}}
    return [
        made("mlops:index:Network", "network", custom=False),
        aws("ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"}),
        aws("ec2/subnet:Subnet", "private-a"),
        aws("ec2/internetGateway:InternetGateway", "internet"),
        aws("ec2/natGateway:NatGateway", "nat"),
        aws("ec2/eip:Eip", "nat-address"),
        aws("ec2/vpcEndpoint:VpcEndpoint", "s3", {"vpcEndpointType": "Gateway"}),
        aws("ec2/vpcEndpoint:VpcEndpoint", "ecr", {"vpcEndpointType": "Interface", "subnetIds": ["a", "b", "c"]}),
        aws("kms/key:Key", "data-key"),
        aws("kms/key:Key", "secrets-key"),
        aws("eks/cluster:Cluster", "cluster", {"version": "1.36"}),
        aws("ec2/launchTemplate:LaunchTemplate", "template", {"blockDeviceMappings": [disk]}, id="lt-1"),
        group(launchTemplate={"id": "lt-1", "version": "1"}),
        node_class(),
        pool(types("g5.2xlarge"), bought("on-demand"), limits={"nvidia.com/gpu": "8"}),
        aws(
            "rds/instance:Instance",
            "database",
            {
                "engine": "postgres",
                "instanceClass": "db.t4g.small",
                "storageType": "gp3",
                "allocatedStorage": 20,
                "maxAllocatedStorage": 100,
                "backupRetentionPeriod": 7,
                "manageMasterUserPassword": True,
            },
        ),
        aws("secretsmanager/secret:Secret", "token"),
        aws("lb/loadBalancer:LoadBalancer", "door", {"loadBalancerType": "network", "internal": True}),
        made(
            STORAGE_CLASS,
            "gp3",
            {"metadata": {"name": "gp3"}, "provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3"}},
        ),
        made(
            "kubernetes:core/v1:PersistentVolumeClaim",
            "metrics",
            {"spec": {"storageClassName": "gp3", "resources": {"requests": {"storage": "50Gi"}}}},
        ),
        aws("s3/bucket:Bucket", "models"),
        aws("ecr/repository:Repository", "images"),
        aws("cloudwatch/logGroup:LogGroup", "logs"),
        aws("sqs/queue:Queue", "interruptions"),
    ]


# USD a month. 730 hours.
ALWAYS = [
    D("0.045") * 730,  # NAT gateway             32.85
    D("0.005") * 730,  # its public IPv4 address  3.65
    D("0.01") * 3 * 730,  # endpoint, three zones 21.90
    D("1.00") * 2,  # two keys                    2.00
    D("0.10") * 730,  # control plane            73.00
    D("0.032") * 730,  # PostgreSQL db.t4g.small 23.36
    D("0.40"),  # the secret of its password      0.40
    D("0.40"),  # the other secret                0.40
    D("0.0225") * 730,  # load balancer         16.425
    D("0.08") * 50,  # claimed volume             4.00
]  # together                                   177.985
NODE = D("0.2016") * 730 + D("0.08") * 80  # m7i.xlarge with 80 GiB: 147.168 + 6.40 = 153.568
GPU_NODE = D("1.212") * 730 + D("0.08") * 100  # g5.2xlarge with 100 GiB: 884.76 + 8.00 = 892.76
FLOOR = sum(ALWAYS) + 2 * NODE + D("0.115") * 20  # 177.985 + 307.136 + 2.30
CEILING = sum(ALWAYS) + 4 * NODE + D("0.115") * 100 + 8 * GPU_NODE  # 177.985 + 614.272 + 11.50 + 7142.08


def test_bill_of_a_small_platform_matches_the_hand_computed_one_to_the_cent() -> None:
    found = estimated(*platform())
    assert D("487.421") == FLOOR
    assert found.floor == found.expected == FLOOR
    assert D("7945.837") == CEILING == found.ceiling
    assert cost_line(found) == (
        "$487.42 a month at least (floor $487.42, ceiling $7,945.84): 12 priced, 7 free, 5 depend on usage, 1 unpriced"
    )


def test_bill_of_a_small_platform_names_what_is_not_in_its_total() -> None:
    found = estimated(*platform())
    assert [item.resource.name for item in found.items if item.state is State.UNPRICED] == ["interruptions"]
    metered = [item.resource.name for item in found.items if item.state is State.USAGE]
    assert metered == ["vpc", "internet", "models", "images", "logs"]
    assert found.at_least


def test_bill_with_assumptions_adds_them_to_what_is_expected_and_prints_them() -> None:
    assumed = usage(
        defaults={"pools": {"share_of_limit": "0.25"}, "meters": {"vpc/nat-data": 200}},
        environments={
            "dev": {
                "meters": {"s3.storage/standard": 500, "transfer/internet": 12288},
                "resources": {"*::logs": {"meters": {"logs/ingested": 40}}},
            }
        },
    )
    found = estimated(*platform(), usage=assumed)
    extra = (
        2 * GPU_NODE  # a quarter of eight GPUs, one in each node          1785.52
        + D("0.045") * 200  # GB through the NAT gateway                      9.00
        + D("0.023") * 500  # GB-month in the bucket                         11.50
        + D("0.09") * 10240  # the first 10 TB out                          921.60
        + D("0.085") * 2048  # and the next 2 TB                            174.08
        + D("0.50") * 40  # GB of logs                                       20.00
    )
    assert D("2921.70") == extra
    assert found.floor == FLOOR
    assert found.expected == FLOOR + extra
    # Meters count at the ceiling as they are expected; the pool is there at its limit already.
    assert found.ceiling == CEILING + extra - 2 * GPU_NODE
    assert cents(found.expected) == D("3409.12")
    assert found.assumptions == (
        "assumes 12,288 GB of transfer/internet (environment dev)",
        "assumes 200 GB of vpc/nat-data (default)",
        "pool gpu: 0.25 of its limit runs on average (default)",
        "assumes 500 GB-month of s3.storage/standard (environment dev)",
        "assumes 40 GB of logs/ingested (environment dev, resource *::logs)",
    )


def test_bill_lines_show_number_price_and_hours() -> None:
    found = {item.resource.name: item for item in estimated(*platform()).items}
    assert found["nat"].lines[0].arithmetic == "1 x $0.045 x 730 h = $32.85"
    assert found["nat"].lines[1].arithmetic == "depends on usage: $0.045 per GB"
    assert found["ecr"].lines[0].arithmetic == "3 x $0.01 x 730 h = $21.90"
    assert found["data-key"].lines[0].arithmetic == "1 x $1.00 = $1.00"
    assert found["nodes"].lines[0].arithmetic == (
        "floor 2 x $0.2016 (m7i.xlarge) x 730 h = $294.34, "
        "expected 2 x $0.2016 (m7i.xlarge) x 730 h = $294.34, "
        "ceiling 4 x $0.2016 (m7i.xlarge) x 730 h = $588.67"
    )
    assert found["gpu"].lines[0].arithmetic.endswith("ceiling 8 x $1.212 (g5.2xlarge) x 730 h = $7,078.08")


def test_bill_in_a_region_with_few_figures_is_at_least_what_is_known() -> None:
    resources = [{**resource} for resource in platform()]
    found = estimated(*resources, region="eu-west-1")
    here = {item.resource.name: item for item in found.items}
    assert here["cluster"].region == "us-east-1"  # its provider says so
    elsewhere = [{**resource, "provider": ""} for resource in platform()]
    moved = {item.resource.name: item for item in estimated(*elsewhere, region="eu-west-1").items}
    assert moved["cluster"].state is State.UNPRICED
    assert moved["cluster"].lines[0].note.endswith("no figure for eks.control-plane/standard in eu-west-1")
    assert moved["internet"].state is State.USAGE
    assert moved["gpu"].lines[0].ceiling is not None
    assert moved["gpu"].lines[0].ceiling.monthly == D("1.35296") * 730 * 8
