"""What `Network` refuses before anything is created, and the defaults of its endpoints."""

from typing import Any

import pytest

from components._core.args import ArgsError, coerce
from components.network import NatMode, NetworkArgs
from components.network.endpoints import CLUSTER_NEEDS, PRIVATE_DEFAULT
from tests.graph import ACCOUNT

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/logs"
ISOLATED = sorted({*CLUSTER_NEEDS, "sqs"})
ZONES = ["us-east-1a", "us-east-1b"]


def new(**overrides: Any) -> NetworkArgs:
    given = {"region": "us-east-1", "cidr": "10.0.0.0/16", "zones": ZONES, "log_key_arn": KEY}
    return NetworkArgs(**{**given, **overrides})


def existing(**overrides: Any) -> NetworkArgs:
    given = {"existing_vpc_id": "vpc-1", "existing_private_subnet_ids": ["subnet-1", "subnet-2"]}
    return NetworkArgs(region="us-east-1", cidr="10.0.0.0/16", **{**given, **overrides})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"cidr": "10.0.0.0/24"}, "cidr: 10.0.0.0/24 has prefix length 24; use /16 to /20"),
        (
            {"avoid_cidrs": ["10.0.0.0/8"]},
            "cidr: 10.0.0.0/16 overlaps 10.0.0.0/8 of avoid_cidrs; choose a range outside it",
        ),
        (
            {"zones": ["eu-west-1a", "eu-west-1b"]},
            "zones[0]: 'eu-west-1a' is not an availability zone of us-east-1; "
            "use a name such as us-east-1a, us-east-1b",
        ),
        (
            {"log_key_arn": None},
            "log_key_arn: is missing; pass the ARN of a KMS key for logs, flow logs are kept encrypted",
        ),
        (
            {"flow_log_retention_days": 45},
            "flow_log_retention_days: 45 is not allowed; use one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, "
            "180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
        ),
        (
            {"gateway_endpoints": ["s3", "sqs"]},
            "gateway_endpoints[1]: 'sqs' is not a service that this library knows; use one of s3, dynamodb",
        ),
        (
            {"interface_endpoints": ["ecr-api"]},
            "interface_endpoints[0]: 'ecr-api' is not a service that this library knows; did you mean ecr.api?",
        ),
        (
            {"interface_endpoints": ["sts", "sts"]},
            "interface_endpoints[1]: 'sts' is named twice; name each service once",
        ),
        (
            {"interface_endpoints": ["s3"]},
            "interface_endpoints[0]: 's3' has a gateway endpoint without hourly price; move it to gateway_endpoints",
        ),
        (
            {"nat": NatMode.NONE, "interface_endpoints": ["ec2", "ecr.api", "sts"]},
            "interface_endpoints: is without ecr.dkr (nodes pull images), "
            "eks-auth (pods get their roles by Pod Identity) while nat is none; "
            "add them, or set nat to single or per_zone",
        ),
        (
            {"nat": NatMode.NONE, "gateway_endpoints": ["dynamodb"]},
            "gateway_endpoints: is without s3 (image layers) while nat is none; "
            "add it, or set nat to single or per_zone",
        ),
        (
            {"nat": NatMode.SINGLE, "public_subnets": False},
            "public_subnets: is false, but NAT gateways stand in public subnets; set nat to none or leave it out",
        ),
        (
            {"existing_public_subnet_ids": ["subnet-1"]},
            "existing_public_subnet_ids: is set without existing_vpc_id; set that too, or leave it out",
        ),
    ],
)
def test_network_args_fail_with_what_a_new_vpc_cannot_have(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        new(**overrides)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"existing_private_subnet_ids": None},
            "existing_private_subnet_ids: is missing; "
            "name the private subnets of the existing VPC, in two zones at least",
        ),
        (
            {"existing_private_subnet_ids": ["subnet-1"]},
            "existing_private_subnet_ids: has 1 of them; EKS needs 2 at least, in different zones",
        ),
        (
            {"nat": NatMode.SINGLE},
            "nat: is only for a VPC to build, and existing_vpc_id is set; leave out one of the two",
        ),
        (
            {"interface_endpoints": []},
            "interface_endpoints: is only for a VPC to build, and existing_vpc_id is set; leave out one of the two",
        ),
    ],
)
def test_network_args_fail_with_what_an_existing_vpc_cannot_have(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        existing(**overrides)
    assert str(caught.value) == message


def test_network_args_without_nat_default_to_every_endpoint_that_the_platform_calls() -> None:
    assert tuple(new(nat=NatMode.NONE).interfaces()) == PRIVATE_DEFAULT
    assert {*CLUSTER_NEEDS} < {*PRIVATE_DEFAULT}


def test_network_args_with_nat_default_to_no_paid_endpoint() -> None:
    assert (new().interfaces(), new().gateways()) == ([], ["s3", "dynamodb"])


def test_network_args_without_nat_accept_the_least_that_works() -> None:
    assert new(nat=NatMode.NONE, interface_endpoints=ISOLATED, gateway_endpoints=["s3"]).gateways() == ["s3"]


@pytest.mark.parametrize(
    ("nat", "public", "expected"),
    [
        (None, None, True),
        (NatMode.SINGLE, None, True),
        (NatMode.NONE, None, False),
        (NatMode.NONE, True, True),
        (NatMode.NONE, False, False),
    ],
)
def test_network_args_public_subnets_follow_nat_unless_said(
    nat: NatMode | None, public: bool | None, expected: bool
) -> None:
    assert new(nat=nat, public_subnets=public).has_public_subnets() is expected


def test_network_args_from_a_mapping_name_the_nat_modes() -> None:
    with pytest.raises(ArgsError) as caught:
        coerce(NetworkArgs, {"region": "us-east-1", "cidr": "10.0.0.0/16", "nat": "one"})
    assert str(caught.value) == "args.nat: 'one' is not allowed; use one of none, single, per_zone"
