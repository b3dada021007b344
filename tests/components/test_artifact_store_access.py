"""Who may do what with a bucket: the policies and roles of readers and writers."""

import json
from typing import Any

import pytest

from components.artifact_store import ArtifactStore, ArtifactStoreArgs, BucketPurpose, LockMode
from tests.graph import ACCOUNT, Graph, record

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/artifacts"
DATASETS, MODELS, FEATURES, LOGS = BucketPurpose
WRITABLE = [DATASETS, MODELS, FEATURES]

POLICY = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def store(**overrides: Any) -> Graph:
    args = ArtifactStoreArgs(
        bucket_prefix="acme-ml-dev", account_id=ACCOUNT, region="us-east-1", key_arn=KEY, **overrides
    )

    def program() -> dict[str, Any]:
        made = ArtifactStore("artifacts", args)
        return {key: getattr(made, key) for key in ArtifactStore.__annotations__}

    return record(program)


def rights(graph: Graph, name: str) -> dict[str, dict[str, Any]]:
    document = json.loads(graph.one(POLICY, f"artifacts-{name}").inputs["policy"])
    return {s["Sid"]: s for s in document["Statement"]}


def actions(graph: Graph, name: str) -> set[str]:
    return {action for s in rights(graph, name).values() for action in s["Action"]}


def arn(purpose: BucketPurpose) -> str:
    return f"arn:aws:s3:::acme-ml-dev-{purpose.value}-{ACCOUNT}"


@pytest.mark.parametrize("purpose", list(BucketPurpose))
def test_artifact_store_readers_list_and_read_one_bucket(purpose: BucketPurpose) -> None:
    graph = store()
    given = rights(graph, f"{purpose.value}-read")
    assert given["List"]["Resource"] == arn(purpose)
    assert given["Read"]["Resource"] == f"{arn(purpose)}/*"
    changing = ("Put", "Delete", "Abort", "Generate", "Encrypt")
    assert not [a for a in actions(graph, f"{purpose.value}-read") if any(word in a for word in changing)]


@pytest.mark.parametrize("purpose", WRITABLE)
def test_artifact_store_writers_change_one_bucket_and_delete_no_version(purpose: BucketPurpose) -> None:
    graph = store()
    given = rights(graph, f"{purpose.value}-write")
    assert given["Write"]["Resource"] == f"{arn(purpose)}/*"
    held = actions(graph, f"{purpose.value}-write")
    assert {"s3:PutObject", "s3:DeleteObject", "s3:GetObject", "s3:AbortMultipartUpload"} < held
    assert not held & {"s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", "s3:PutBucketPolicy"}


@pytest.mark.parametrize(
    ("name", "purpose", "allowed"),
    [
        ("datasets-read", DATASETS, ["kms:Decrypt"]),
        ("models-write", MODELS, ["kms:Decrypt", "kms:GenerateDataKey"]),
    ],
)
def test_artifact_store_key_is_used_through_s3_and_for_the_own_bucket_only(
    name: str, purpose: BucketPurpose, allowed: list[str]
) -> None:
    use = rights(store(), name)["UseKey"]
    assert (use["Action"], use["Resource"]) == (allowed, KEY)
    assert use["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [arn(purpose), f"{arn(purpose)}/*"]},
    }


def test_artifact_store_access_logs_need_no_key_and_have_no_writer() -> None:
    graph = store()
    assert "UseKey" not in rights(graph, "logs-read")
    assert {p.name for p in graph.of(POLICY)} == {
        *(f"artifacts-{p.value}-read" for p in BucketPurpose),
        *(f"artifacts-{p.value}-write" for p in WRITABLE),
    }


@pytest.mark.parametrize(
    ("overrides", "mode", "days"),
    [
        ({}, "GOVERNANCE", "365"),
        ({"object_lock_mode": LockMode.COMPLIANCE, "release_lock_days": 3650}, "COMPLIANCE", "3650"),
    ],
)
def test_artifact_store_writers_lock_models_in_one_mode_for_a_limited_time(
    overrides: dict[str, Any], mode: str, days: str
) -> None:
    graph = store(**overrides)
    lock = rights(graph, "models-write")["Lock"]
    assert (lock["Action"], lock["Resource"]) == (["s3:PutObjectRetention"], f"{arn(MODELS)}/*")
    assert lock["Condition"] == {
        "StringEquals": {"s3:object-lock-mode": mode},
        "NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": days},
    }
    assert "s3:PutObjectRetention" not in actions(graph, "datasets-write")


def test_artifact_store_roles_are_assumed_by_pods_and_hold_one_policy_each() -> None:
    graph = store()
    attached = {a.inputs["role"]: a.inputs["policyArn"] for a in graph.of(ATTACHMENT)}
    assert attached.keys() == {role.name for role in graph.of(ROLE)}
    assert all(policy_arn.endswith(f":{role}") for role, policy_arn in attached.items())
    for role in graph.of(ROLE):
        (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}


def test_artifact_store_outputs_tell_readers_from_writers() -> None:
    result = store().result
    made = f"arn:aws:iam:us-east-1:{ACCOUNT}:artifacts"
    read = {p.value: f"{made}-{p.value}-read" for p in BucketPurpose}
    write = {p.value: f"{made}-{p.value}-write" for p in WRITABLE}
    assert (result["read_policy_arns"], result["read_role_arns"]) == (read, read)
    assert (result["read_write_policy_arns"], result["read_write_role_arns"]) == (write, write)


def test_artifact_store_of_logs_alone_has_no_writers() -> None:
    result = store(purposes=[LOGS]).result
    assert (result["read_write_policy_arns"], result["read_write_role_arns"]) == ({}, {})
    assert result["read_role_arns"].keys() == {"logs"}
