"""A provider that is killed in a creation leaves nothing twice and nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.aws.inventory import inventory
from sandbox.provider.values import Props
from tests.engine.aws_types.case import World, killed_after, policy, provider_on, trust


def _cluster(w: World) -> Props:
    return {"name": "cut", "roleArn": w.role()["arn"], "vpcConfig": {"subnetIds": w.subnets()}}


Made = tuple[str, int, Callable[[World], Props], Props]

MADE: dict[str, Made] = {
    # token, changing calls of its creation, inputs, what a changed program says
    "vpc": (
        "aws:ec2/vpc:Vpc",
        2,
        lambda w: {"cidrBlock": "10.1.0.0/16", "enableDnsHostnames": True},
        {"cidrBlock": "10.2.0.0/16"},
    ),
    "bucket": ("aws:s3/bucket:Bucket", 2, lambda w: {"bucket": "cut-off"}, {"objectLockEnabled": True}),
    "role": (
        "aws:iam/role:Role",
        2,
        lambda w: {"assumeRolePolicy": trust(), "inlinePolicies": [{"name": "one", "policy": policy()}]},
        {"path": "/other/"},
    ),
    "group": (
        "aws:ec2/securityGroup:SecurityGroup",
        2,
        lambda w: {"vpcId": w.vpc(), "description": "one"},
        {"description": "two"},
    ),
    "key": ("aws:kms/key:Key", 2, lambda w: {"enableKeyRotation": True}, {"multiRegion": True}),
    "cluster": ("aws:eks/cluster:Cluster", 2, _cluster, {"version": "1.35"}),
}


def _restarted(world: World) -> World:
    """The same world seen by a provider that has just started."""
    return World(provider_on(world.layout), world.layout)


@pytest.mark.parametrize("what", sorted(MADE))
@pytest.mark.parametrize("calls", [1, 2])
def test_creation_killed_after_any_call_is_completed_once(what: str, calls: int, world: World) -> None:
    token, _, make, _ = MADE[what]
    urn, program = world.urn(token, "cut"), make(world)
    before = inventory(world.aws)
    with killed_after(calls):
        world.provider.create(urn, world.checked(urn, program), 60)
    later = _restarted(world)
    inputs = later.checked(urn, program)
    resource_id, outputs = later.provider.create(urn, inputs, 60)
    again_id, again = _restarted(world).provider.create(urn, inputs, 60)
    world.made.append((urn, resource_id, outputs))
    assert (again_id, again) == (resource_id, outputs)
    world.provider.delete(*world.made.pop(), 60)
    assert inventory(world.aws) == before


@pytest.mark.parametrize("what", sorted(MADE))
def test_creation_killed_before_the_program_changed_leaves_nothing_of_the_old_one(what: str, world: World) -> None:
    token, calls, make, change = MADE[what]
    urn, program = world.urn(token, "changed"), make(world)
    before = inventory(world.aws)
    with killed_after(calls):
        world.provider.create(urn, world.checked(urn, program), 60)
    old = set(inventory(world.aws)) - set(before)
    later = _restarted(world)
    changed = later.checked(urn, {**program, **change})
    resource_id, outputs = later.provider.create(urn, changed, 60)
    world.made.append((urn, resource_id, outputs))
    made = set(inventory(world.aws)) - set(before)
    assert {line.rsplit(" ", 1)[0] for line in made} == {line.rsplit(" ", 1)[0] for line in old}
    assert len(made) == len(old)
    for name, value in change.items():
        assert outputs[name] == value
    world.provider.delete(*world.made.pop(), 60)
    assert inventory(world.aws) == before


def test_creation_that_the_engine_noted_is_not_resumed(world: World) -> None:
    urn = world.urn("aws:sqs/queue:Queue", "noted")
    inputs = world.checked(urn, {"name": "noted-one"})
    first, outputs = world.provider.create(urn, inputs, 60)
    world.made.append((urn, first, outputs))
    world.provider.diff(urn, first, outputs, inputs, inputs)
    second_inputs = world.checked(urn, {"name": "noted-two"})
    second, outputs = world.provider.create(urn, second_inputs, 60)
    world.made.append((urn, second, outputs))
    assert first != second
    assert {f"sqs QueueUrls {first}", f"sqs QueueUrls {second}"} <= set(inventory(world.aws))
