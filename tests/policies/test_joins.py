"""What points at a resource is found by its id, and by what the engine recorded where no id is told."""

from __future__ import annotations

from typing import Any

import pytest

from policies._engine.model import Resource, Stack

VPC = "aws:ec2/vpc:Vpc"
LOG = "aws:ec2/flowLog:FlowLog"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def made(type_: str, name: str, props: dict[str, Any], sources: tuple[str, ...] = ()) -> Resource:
    return Resource(type_, name, name, lambda: props, property_dependencies={"vpcId": sources})


def partners(vpc: dict[str, Any], log: dict[str, Any], sources: tuple[str, ...], *more: Resource) -> list[str]:
    subject = made(VPC, "urn-vpc", vpc)
    stack = Stack([subject, made(LOG, "urn-log", log, sources), *more])
    return [one.name for one in stack.pointing_at(subject, (LOG,), "vpcId", ()).partners]


@pytest.mark.parametrize(
    ("vpc", "log"),
    [
        pytest.param({"id": "vpc-1"}, {"vpcId": "vpc-1"}, id="both-known"),
        pytest.param({"id": UNKNOWN}, {"vpcId": UNKNOWN}, id="both-unknown"),
        pytest.param({"cidrBlock": "10.0.0.0/16"}, {"vpcId": "vpc-1"}, id="no-id-told"),
    ],
)
def test_reference_is_found(vpc: dict[str, Any], log: dict[str, Any]) -> None:
    assert partners(vpc, log, ("urn-vpc",)) == ["urn-log"]


def test_reference_to_another_id_is_none_although_it_was_computed_from_the_subject() -> None:
    assert partners({"id": "vpc-1"}, {"vpcId": "vpc-2"}, ("urn-vpc",)) == []


def test_known_reference_that_comes_from_nothing_or_from_two_is_none_without_an_id() -> None:
    assert partners({}, {"vpcId": "vpc-1"}, ()) == []
    assert partners({}, {"vpcId": "vpc-1"}, ("urn-vpc", "urn-other"), made(VPC, "urn-other", {})) == []
