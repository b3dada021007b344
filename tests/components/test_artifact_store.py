"""Buckets and what guards them, access logs, Object Lock, replication, and what waits for what."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components._core.durability import Durability
from components.artifact_store import (
    ArtifactStore,
    ArtifactStoreArgs,
    BucketPurpose,
    LockMode,
    ReplicationArgs,
    TierArgs,
)
from tests import graph as recorder
from tests.graph import ACCOUNT, Graph, Recorded, record

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/artifacts"
COPY_KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/copies"
DATASETS, MODELS, FEATURES, LOGS = BucketPurpose
DATA = [DATASETS, MODELS, FEATURES]

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
USER = "aws:s3/bucketObjectv2:BucketObjectv2"

ATTACHED = {VERSIONING, ENCRYPTION, BLOCK, OWNERSHIP, POLICY, LIFECYCLE, LOGGING, LOCK, REPLICATION}
UNTAGGABLE = {*ATTACHED, ATTACHMENT, "aws:iam/rolePolicy:RolePolicy", "mlops:index:ArtifactStore"}


def build(args: Any, preview: bool = False) -> Graph:
    """The store, and beside it somebody who uses one of its buckets."""

    def program() -> dict[str, Any]:
        store = ArtifactStore("artifacts", args)
        aws.s3.BucketObjectv2("user", bucket=store.bucket_names["models"])
        return {key: getattr(store, key) for key in ArtifactStore.__annotations__}

    return record(program, preview=preview)


def store(preview: bool = False, **overrides: Any) -> Graph:
    given = {"bucket_prefix": "acme-ml-dev", "account_id": ACCOUNT, "region": "us-east-1", "key_arn": KEY}
    return build(ArtifactStoreArgs(**{**given, **overrides}), preview)


def everything() -> Graph:
    copy = ReplicationArgs(purpose=MODELS, destination_bucket_arn="arn:aws:s3:::copies", destination_key_arn=COPY_KEY)
    return store(object_lock_days=30, replication=[copy])


def unknown() -> Any:
    return pulumi.Output.from_input("").apply(lambda _: pulumi.UNKNOWN)


def own(graph: Graph) -> list[Recorded]:
    return [r for r in graph.resources if r.type != USER]


def statements(resource: Recorded) -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(resource.inputs["policy"])["Statement"]}


def test_artifact_store_names_buckets_by_prefix_purpose_and_account() -> None:
    names = {p.value: f"acme-ml-dev-{p.value}-{ACCOUNT}" for p in BucketPurpose}
    graph = store()
    assert graph.result["bucket_names"] == names
    assert graph.result["bucket_arns"] == {p: f"arn:aws:s3:::{name}" for p, name in names.items()}
    assert {b.inputs["bucket"] for b in graph.of(BUCKET)} == {*names.values()}


def test_artifact_store_names_and_arns_are_known_in_a_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even while the guards, and the key in them, are not."""
    monkeypatch.setattr(recorder._Computed, "new_resource", lambda _, args: (None, dict(args.inputs)))

    def program() -> dict[str, Any]:
        args = ArtifactStoreArgs(bucket_prefix="acme", account_id=ACCOUNT, region="us-east-1", key_arn=unknown())
        made = ArtifactStore("artifacts", args)
        return {"names": made.bucket_names.is_known(), "arns": made.bucket_arns.is_known()}

    assert record(program, preview=True).result == {"names": True, "arns": True}


def test_artifact_store_every_bucket_is_closed_versioned_and_owned() -> None:
    graph = store()
    for purpose in BucketPurpose:
        name = f"artifacts-{purpose.value}"
        block = graph.one(BLOCK, name).inputs
        assert [v for k, v in block.items() if k != "bucket"] == [True] * 4
        assert graph.one(VERSIONING, name).inputs["versioningConfiguration"] == {"status": "Enabled"}
        assert graph.one(OWNERSHIP, name).inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
        assert statements(graph.one(POLICY, name))["TlsOnly"] == {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["s3:*"],
            "Resource": [f"arn:aws:s3:::acme-ml-dev-{purpose}-{ACCOUNT}{end}" for end in ("", "/*")],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }


def test_artifact_store_data_is_encrypted_with_the_own_key_and_a_bucket_key() -> None:
    graph = store()
    for purpose in DATA:
        (rule,) = graph.one(ENCRYPTION, f"artifacts-{purpose.value}").inputs["rules"]
        assert rule == {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
            "bucketKeyEnabled": True,
        }


def test_artifact_store_access_logs_are_encrypted_as_s3_can_deliver_them() -> None:
    (rule,) = store().one(ENCRYPTION, "artifacts-logs").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_artifact_store_uploads_name_the_own_key_or_none() -> None:
    policy = statements(store().one(POLICY, "artifacts-models"))
    deny = policy["OwnKeyOnly"]
    assert (deny["Effect"], deny["Action"]) == ("Deny", ["s3:PutObject"])
    # Both conditions have to hold: an upload without encryption headers passes and gets the bucket's default.
    assert deny["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption": "false"},
        "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY},
    }
    assert policy["NoCustomerKeys"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}
    }
    assert "OwnKeyOnly" not in statements(store().one(POLICY, "artifacts-logs"))


def test_artifact_store_buckets_log_their_requests_each_under_its_own_prefix() -> None:
    graph = store()
    logs = f"acme-ml-dev-logs-{ACCOUNT}"
    assert {r.inputs["bucket"]: (r.inputs["targetBucket"], r.inputs["targetPrefix"]) for r in graph.of(LOGGING)} == {
        f"acme-ml-dev-{p}-{ACCOUNT}": (logs, f"access/{p}/") for p in DATA
    }
    allowed = [s for s in statements(graph.one(POLICY, "artifacts-logs")).values() if s["Effect"] == "Allow"]
    for purpose, rule in zip(DATA, allowed, strict=True):
        assert rule["Principal"] == {"Service": "logging.s3.amazonaws.com"}
        assert rule["Resource"] == f"arn:aws:s3:::{logs}/access/{purpose}/*"
        assert rule["Condition"] == {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::acme-ml-dev-{purpose}-{ACCOUNT}"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        }


def test_artifact_store_only_models_can_be_locked_and_by_default_nothing_is() -> None:
    graph = store()
    locked = {b.name: b.inputs["objectLockEnabled"] for b in graph.of(BUCKET)}
    assert [name for name, value in locked.items() if value] == ["artifacts-models"]
    assert not graph.of(LOCK)


@pytest.mark.parametrize("mode", [None, LockMode.GOVERNANCE, LockMode.COMPLIANCE])
def test_artifact_store_default_retention_locks_every_new_model(mode: LockMode | None) -> None:
    lock = store(object_lock_days=30, object_lock_mode=mode).one(LOCK)
    assert lock.inputs["bucket"] == f"acme-ml-dev-models-{ACCOUNT}"
    name = (mode or LockMode.GOVERNANCE).value.upper()
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": name, "days": 30}}


def test_artifact_store_given_tiers_reach_the_bucket() -> None:
    graph = store(tiers=[TierArgs(purpose=FEATURES, expire_days=60)])
    (_, ages) = graph.one(LIFECYCLE, "artifacts-features").inputs["rules"]
    assert ages["expiration"] == {"days": 60}
    assert len(graph.of(LIFECYCLE)) == len(BucketPurpose)


def test_artifact_store_replication_copies_objects_under_kms_but_no_deletions() -> None:
    inputs = everything().one(REPLICATION).inputs
    assert inputs["bucket"] == f"acme-ml-dev-models-{ACCOUNT}"
    (rule,) = inputs["rules"]
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}
    assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    assert rule["destination"] == {
        "bucket": "arn:aws:s3:::copies",
        "encryptionConfiguration": {"replicaKmsKeyId": COPY_KEY},
    }


def test_artifact_store_replication_role_reads_one_bucket_and_writes_one() -> None:
    graph = everything()
    rights = statements(graph.one("aws:iam/rolePolicy:RolePolicy"))
    source = f"arn:aws:s3:::acme-ml-dev-models-{ACCOUNT}"
    assert {sid: s["Resource"] for sid, s in rights.items()} == {
        "Configuration": source,
        "ReadVersions": f"{source}/*",
        "WriteCopies": "arn:aws:s3:::copies/*",
        "UseKey": KEY,
        "SealCopies": COPY_KEY,
    }
    assert {"s3:GetObjectRetention", "s3:GetObjectLegalHold"} < {*rights["ReadVersions"]["Action"]}
    trust = json.loads(graph.one("aws:iam/role:Role", "artifacts-models-copy").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Service": "s3.amazonaws.com"}


@pytest.mark.parametrize(
    ("durability", "protected", "emptied"),
    [
        (None, True, False),
        (Durability.PROTECTED, True, False),
        (Durability.STANDARD, False, False),
        (Durability.EPHEMERAL, False, True),
    ],
)
def test_artifact_store_durability_decides_what_a_destroy_does(
    durability: Durability | None, protected: bool, emptied: bool
) -> None:
    for made in store(durability=durability).of(BUCKET):
        assert (made.protect, made.retain_on_delete) == (protected, protected)
        assert made.inputs["forceDestroy"] is emptied


def test_artifact_store_what_hangs_on_a_bucket_goes_and_stays_with_it() -> None:
    graph = everything()
    by_name = {b.inputs["bucket"]: b for b in graph.of(BUCKET)}
    attached = [r for r in graph.resources if r.type in ATTACHED]
    assert {r.type for r in attached} == ATTACHED
    for resource in attached:
        bucket = by_name[resource.inputs["bucket"]]
        assert (resource.deleted_with, resource.protect) == (bucket.urn, False)
        assert graph.depends(resource, bucket)


def test_artifact_store_users_come_after_the_guards_of_the_buckets() -> None:
    graph = store()
    user = graph.one(USER)
    late = [r.name for t in (BLOCK, OWNERSHIP, ENCRYPTION, POLICY) for r in graph.of(t) if not graph.depends(user, r)]
    assert late == []


def test_artifact_store_logs_bucket_goes_last() -> None:
    graph = store()
    logs = graph.one(BUCKET, "artifacts-logs")
    assert all(graph.depends(b, logs) for b in graph.of(BUCKET) if b is not logs)


def test_artifact_store_configuration_comes_in_the_order_that_s3_asks_for() -> None:
    graph = everything()
    models = "artifacts-models"
    pairs = [
        (graph.one(LIFECYCLE, models), graph.one(VERSIONING, models)),
        (graph.one(LOCK), graph.one(VERSIONING, models)),
        (graph.one(REPLICATION), graph.one(VERSIONING, models)),
        (graph.one(REPLICATION), graph.one("aws:iam/rolePolicy:RolePolicy")),
        (graph.one(POLICY, models), graph.one(BLOCK, models)),
        (graph.one(LOGGING, models), graph.one(POLICY, "artifacts-logs")),
    ]
    assert [(a.type, b.type) for a, b in pairs if not graph.depends(a, b)] == []


def test_artifact_store_children_are_parented_and_tagged() -> None:
    graph = everything()
    for resource in own(graph):
        if resource.name != "artifacts":
            assert graph.parent_of(resource) == "artifacts", resource.name
        if resource.type not in UNTAGGABLE:
            assert resource.inputs["tags"]["component"] == "artifact-store", resource.name
    classes = {b.name.removeprefix("artifacts-"): b.inputs["tags"]["data-class"] for b in graph.of(BUCKET)}
    assert classes == {"datasets": "dataset", "models": "model", "features": "feature", "logs": "log"}


def test_artifact_store_untagged_types_are_those_that_take_no_tags() -> None:
    taggable = {*Path("policies/cost/taggable.txt").read_text(encoding="utf-8").split()}
    assert {r.type for r in own(everything())} - taggable == UNTAGGABLE


def test_artifact_store_registers_exactly_its_annotated_outputs() -> None:
    assert store().outputs_of("artifacts").keys() == {*ArtifactStore.__annotations__}


def test_artifact_store_hosted_mapping_equals_local_args() -> None:
    hosted = {
        "bucket_prefix": "acme-ml-dev",
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "key_arn": KEY,
        "purposes": ["models", "logs"],
        "tiers": [{"purpose": "models", "archive_days": 120.0}],
        "object_lock_mode": "compliance",
        "object_lock_days": 7.0,
    }
    local = store(
        purposes=[MODELS, LOGS],
        tiers=[TierArgs(purpose=MODELS, archive_days=120)],
        object_lock_mode=LockMode.COMPLIANCE,
        object_lock_days=7,
    )
    assert sorted((r.type, r.name, str(r.inputs)) for r in build(hosted).resources) == sorted(
        (r.type, r.name, str(r.inputs)) for r in local.resources
    )


def test_artifact_store_with_unknown_inputs_registers_the_same_resources() -> None:
    def program() -> None:
        args = ArtifactStoreArgs(
            bucket_prefix="acme-ml-dev", account_id=unknown(), region="us-east-1", key_arn=unknown()
        )
        ArtifactStore("artifacts", args)

    preview = [(r.type, r.name) for r in record(program, preview=True).resources]
    assert sorted(preview) == sorted((r.type, r.name) for r in own(store()))
