"""Customer-managed keys: which keys, how protected, and who may use them."""

import json

import pytest

from components._core.args import ArgsError
from components._core.durability import Durability
from components.encryption import Encryption, EncryptionArgs, KeyPurpose
from tests.graph import ACCOUNT, Graph, record

KEY = "aws:kms/key:Key"


def keys(**overrides: object) -> Graph:
    args = EncryptionArgs(account_id=ACCOUNT, region="eu-west-1", alias_prefix="acme-ml-dev", **overrides)  # type: ignore[arg-type]
    return record(lambda: Encryption("keys", args).key_arns)


def test_encryption_by_default_makes_one_rotated_protected_key_per_purpose() -> None:
    graph = keys()
    assert {r.inputs["tags"]["purpose"] for r in graph.of(KEY)} == {p.value for p in KeyPurpose}
    for key in graph.of(KEY):
        assert key.inputs["enableKeyRotation"] is True
        assert key.inputs["deletionWindowInDays"] == 30
        assert key.protect
        assert key.retain_on_delete
    assert graph.result.keys() == {p.value for p in KeyPurpose}
    assert len(graph.of("aws:kms/alias:Alias")) == len(KeyPurpose)


def test_encryption_ephemeral_can_be_destroyed() -> None:
    graph = keys(durability=Durability.EPHEMERAL, purposes=[KeyPurpose.LOGS])
    key = graph.one(KEY)
    assert (key.protect, key.retain_on_delete, key.inputs["deletionWindowInDays"]) == (False, False, 7)


def test_encryption_log_key_is_usable_by_the_log_service_of_this_account_only() -> None:
    policy = json.loads(keys(purposes=[KeyPurpose.LOGS]).one(KEY).inputs["policy"])
    service = policy["Statement"][1]
    assert service["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert service["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:*"}
    }


def test_encryption_volume_key_is_usable_through_ec2_of_this_account_only() -> None:
    policy = json.loads(keys(purposes=[KeyPurpose.VOLUMES]).one(KEY).inputs["policy"])
    use = policy["Statement"][1]
    assert "kms:CreateGrant" in use["Action"]
    assert use["Condition"] == {
        "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "ec2.eu-west-1.amazonaws.com"}
    }


def test_encryption_artifact_key_names_no_service() -> None:
    policy = json.loads(keys(purposes=[KeyPurpose.ARTIFACTS]).one(KEY).inputs["policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["AccountDelegates"]


def test_encryption_administrators_cannot_decrypt() -> None:
    admin = f"arn:aws:iam::{ACCOUNT}:role/security"
    policy = json.loads(keys(purposes=[KeyPurpose.ARTIFACTS], administrators=[admin]).one(KEY).inputs["policy"])
    actions = policy["Statement"][1]["Action"]
    assert policy["Statement"][1]["Principal"] == {"AWS": [admin]}
    assert not [a for a in actions if a.startswith(("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:*"))]


def test_encryption_registers_exactly_its_annotated_outputs() -> None:
    assert keys().outputs_of("keys").keys() == {"key_arns"}


def test_encryption_hosted_mapping_equals_local_args() -> None:
    hosted = {"account_id": ACCOUNT, "region": "eu-west-1", "alias_prefix": "acme-ml-dev", "purposes": ["logs"]}
    graph = record(lambda: Encryption("keys", hosted).key_arns)  # type: ignore[arg-type]
    local = keys(purposes=[KeyPurpose.LOGS])
    assert [r.inputs for r in graph.resources] == [r.inputs for r in local.resources]


def test_encryption_fails_with_no_purpose() -> None:
    with pytest.raises(ArgsError, match="purposes: is empty; name at least one purpose"):
        EncryptionArgs(account_id=ACCOUNT, region="eu-west-1", alias_prefix="x", purposes=[])
