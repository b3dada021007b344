"""What programs look up in the local AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.provider.servicer import ProviderError
from sandbox.provider.values import UNKNOWN
from tests.engine.aws_types.case import TAGS, World


def test_functions_of_the_account_tell_who_and_where(world: World) -> None:
    call = world.provider.invoke
    assert call("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "123456789012"
    assert call("aws:index/getRegion:getRegion", {})["region"] == "us-east-1"
    assert call("aws:index/getRegion:getRegion", {"region": "eu-west-1"})["name"] == "eu-west-1"
    assert call("aws:index/getPartition:getPartition", {})["partition"] == "aws"


def test_availability_zones_are_sorted_and_can_be_excluded(world: World) -> None:
    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    every = world.provider.invoke(token, {"state": "available"})
    fewer = world.provider.invoke(token, {"excludeNames": ["us-east-1b"]})
    assert every["names"] == sorted(every["names"])
    assert len(every["names"]) == len(every["zoneIds"]) >= 3
    assert fewer["names"] == [z for z in every["names"] if z != "us-east-1b"]


def test_network_is_found_by_id_and_by_tag_with_its_subnets(world: World) -> None:
    vpc = world.make("aws:ec2/vpc:Vpc", cidrBlock="10.8.0.0/16", tags={"Name": "shared"})["id"]
    subnets = [world.make("aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock=f"10.8.{n}.0/24")["id"] for n in range(2)]
    for arguments in ({"id": vpc}, {"tags": {"Name": "shared"}}):
        found = world.provider.invoke("aws:ec2/getVpc:getVpc", arguments)
        assert (found["id"], found["cidrBlock"]) == (vpc, "10.8.0.0/16")
        assert found["tags"] == {**TAGS, "Name": "shared"}
    by_vpc = {"filters": [{"name": "vpc-id", "values": [vpc]}]}
    assert world.provider.invoke("aws:ec2/getSubnets:getSubnets", by_vpc)["ids"] == sorted(subnets)
    one = world.provider.invoke("aws:ec2/getSubnet:getSubnet", {"id": subnets[0]})
    assert (one["vpcId"], one["cidrBlock"]) == (vpc, "10.8.0.0/24")


def test_network_that_is_not_there_is_an_error_that_says_so(world: World) -> None:
    with pytest.raises(ProviderError, match="found 0 networks"):
        world.provider.invoke("aws:ec2/getVpc:getVpc", {"tags": {"Name": "nowhere"}})


def test_cluster_is_told_with_what_a_kubeconfig_needs(world: World) -> None:
    name = world.cluster()
    found = world.provider.invoke("aws:eks/getCluster:getCluster", {"name": name})
    assert found["endpoint"].startswith("https://")
    assert found["certificateAuthorities"][0]["data"]
    assert found["vpcConfig"]["subnetIds"] == world.subnets()
    assert found["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")


def test_parameter_is_told_with_its_value(world: World) -> None:
    world.make("aws:ssm/parameter:Parameter", name="/platform/version", type="String", value="7")
    found = world.provider.invoke("aws:ssm/getParameter:getParameter", {"name": "/platform/version"})
    assert (found["value"], found["insecureValue"], found["type"]) == ("7", "7", "String")


def test_parameter_that_is_not_there_is_an_error_with_the_code(world: World) -> None:
    with pytest.raises(ProviderError, match="ParameterNotFound"):
        world.provider.invoke("aws:ssm/getParameter:getParameter", {"name": "/platform/nothing"})


def test_function_with_unknown_arguments_has_no_result_yet(world: World) -> None:
    assert world.provider.invoke("aws:ec2/getVpc:getVpc", {"id": UNKNOWN}) == {}


def test_unknown_function_is_refused(world: World) -> None:
    with pytest.raises(ProviderError, match="does not know the function aws:ec2/getAmi:getAmi"):
        world.provider.invoke("aws:ec2/getAmi:getAmi", {})


def _document(world: World, **arguments: Any) -> dict[str, Any]:
    found = world.provider.invoke("aws:iam/getPolicyDocument:getPolicyDocument", arguments)
    text: dict[str, Any] = json.loads(found["json"])
    assert json.loads(found["minifiedJson"]) == text
    return text


def test_policy_document_has_principals_and_conditions_as_iam_writes_them(world: World) -> None:
    statement = {
        "sid": "Read",
        "actions": ["s3:GetObject", "s3:ListBucket"],
        "resources": ["arn:aws:s3:::b"],
        "principals": [{"type": "AWS", "identifiers": ["a", "b"]}, {"type": "Service", "identifiers": ["c"]}],
        "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}],
    }
    everybody = {"effect": "Deny", "notActions": ["s3:*"], "principals": [{"type": "*", "identifiers": ["*"]}]}
    assert _document(world, statements=[statement, everybody]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:GetObject"],
                "Resource": "arn:aws:s3:::b",
                "Principal": {"AWS": ["b", "a"], "Service": "c"},
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            {"Effect": "Deny", "NotAction": "s3:*", "Principal": "*"},
        ],
    }


def test_policy_document_overrides_statements_of_the_same_sid(world: World) -> None:
    source = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Sid": "B", "Effect": "Allow"}]})
    override = json.dumps({"Statement": {"Sid": "B", "Effect": "Deny"}})
    found = _document(world, sourcePolicyDocuments=[source], overridePolicyDocuments=[override], policyId="P")
    assert found["Statement"] == [{"Sid": "A", "Effect": "Allow"}, {"Sid": "B", "Effect": "Deny"}]
    assert found["Id"] == "P"
