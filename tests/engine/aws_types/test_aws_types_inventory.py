"""The inventory shows what exists, and nothing that was there from the start or only waits for its end."""

from __future__ import annotations

from pathlib import Path

from sandbox.aws.inventory import inventory
from tests.engine.aws_types.case import World, local_aws, provider_on, trust


def test_inventory_of_a_new_local_aws_is_empty(tmp_path: Path) -> None:
    with local_aws(tmp_path) as layout:
        assert inventory(provider_on(layout).aws) == []


def test_inventory_shows_what_was_made_by_hand(world: World) -> None:
    before = set(inventory(world.aws))
    iam, ec2 = world.client("iam"), world.client("ec2")
    iam.create_role(RoleName="stranger", AssumeRolePolicyDocument=trust())
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    made = {line.rsplit(" ", 1)[0] for line in set(inventory(world.aws)) - before}
    ec2.delete_vpc(VpcId=vpc)
    iam.delete_role(RoleName="stranger")
    assert made == {"iam Roles", "ec2 Vpcs", "ec2 RouteTables", "ec2 SecurityGroups"}
    assert set(inventory(world.aws)) == before


def test_inventory_leaves_out_what_waits_for_its_deletion(world: World) -> None:
    before = inventory(world.aws)
    kms, secrets = world.client("kms"), world.client("secretsmanager")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/waiting", TargetKeyId=key)
    secret = secrets.create_secret(Name="waiting")["ARN"]
    assert len(inventory(world.aws)) == len(before) + 3
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    assert inventory(world.aws) == before
    kms.delete_alias(AliasName="alias/waiting")
