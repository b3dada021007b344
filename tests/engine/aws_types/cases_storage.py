"""Cases of buckets and their settings."""

from __future__ import annotations

from sandbox.provider.values import Props
from tests.engine.aws_types.case import Case, World, policy, trust


def _versioned(w: World) -> str:
    bucket = w.bucket()
    w.make("aws:s3/bucketVersioning:BucketVersioning", bucket=bucket, versioningConfiguration={"status": "Enabled"})
    return bucket


def _encryption(w: World) -> Props:
    default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": w.key()}
    rule = {"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": True}
    return {"bucket": w.bucket(), "rules": [rule]}


def _weaken(w: World, bucket: str, state: Props) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    w.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


_LIFECYCLE = [
    {
        "id": "tiers",
        "status": "Enabled",
        "filter": {"prefix": "raw/"},
        "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}, {"days": 90, "storageClass": "GLACIER"}],
        "noncurrentVersionTransitions": [{"noncurrentDays": 30, "storageClass": "STANDARD_IA"}],
        "noncurrentVersionExpiration": {"noncurrentDays": 180, "newerNoncurrentVersions": 3},
    },
    {
        "id": "uploads",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    },
    {
        "id": "tagged",
        "status": "Enabled",
        "filter": {"and": {"prefix": "tmp/", "tags": {"keep": "no", "team": "vision"}}},
        "expiration": {"days": 14},
    },
]


def _shorten(w: World, bucket: str, state: Props) -> None:
    rule = {"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    w.client("s3").put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})


def _logging(w: World) -> Props:
    target = w.bucket()
    service = {"Service": "logging.s3.amazonaws.com"}
    text = policy("s3:PutObject", f"arn:aws:s3:::{target}/*", principal=service)
    w.make("aws:s3/bucketPolicy:BucketPolicy", bucket=target, policy=text)
    keys = {"partitionedPrefix": {"partitionDateSource": "EventTime"}}
    return {"bucket": w.bucket(), "targetBucket": target, "targetPrefix": "s3/", "targetObjectKeyFormat": keys}


def _replication(w: World) -> Props:
    target = _versioned(w)
    role = w.make("aws:iam/role:Role", assumeRolePolicy=trust("s3.amazonaws.com"))["arn"]
    rule = {
        "id": "models",
        "priority": 1,
        "status": "Enabled",
        "filter": {"prefix": "models/"},
        "deleteMarkerReplication": {"status": "Disabled"},
        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        "destination": {
            "bucket": f"arn:aws:s3:::{target}",
            "storageClass": "STANDARD",
            "encryptionConfiguration": {"replicaKmsKeyId": w.key()},
        },
    }
    return {"bucket": _versioned(w), "role": role, "rules": [rule]}


def _stop_replication(w: World, bucket: str, state: Props) -> None:
    s3 = w.client("s3")
    found = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    found["Rules"][0]["Status"] = "Disabled"
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=found)


def _notification(w: World) -> Props:
    queue = w.queue()["arn"]
    wanted = {"queueArn": queue, "events": ["s3:ObjectCreated:*"], "filterPrefix": "in/", "id": "arrivals"}
    return {"bucket": w.bucket(), "queues": [wanted], "eventbridge": True}


CASES = (
    Case(
        token="aws:s3/bucket:Bucket",
        inputs=lambda w: {"forceDestroy": True, "objectLockEnabled": True, "tags": {"data-class": "model"}},
        change={"tags": {"data-class": "dataset"}},
        drift=lambda w, id_, s: w.client("s3").delete_bucket_tagging(Bucket=id_),
        drifted="tagsAll",
        outputs=("arn", "bucketDomainName", "bucketRegionalDomainName"),
    ),
    Case(
        token="aws:s3/bucketVersioning:BucketVersioning",
        inputs=lambda w: {"bucket": w.bucket(), "versioningConfiguration": {"status": "Enabled"}},
        change={"versioningConfiguration": {"status": "Suspended"}},
        drift=lambda w, id_, s: w.client("s3").put_bucket_versioning(
            Bucket=id_, VersioningConfiguration={"Status": "Enabled"}
        ),
        drifted="versioningConfiguration",
        stays=True,
    ),
    Case(
        token="aws:s3/bucketPolicy:BucketPolicy",
        inputs=lambda w: {"bucket": w.bucket(), "policy": policy(principal="*")},
        change={"policy": policy("s3:PutObject", principal="*")},
        drift=lambda w, id_, s: w.client("s3").put_bucket_policy(Bucket=id_, Policy=policy("s3:*", principal="*")),
        drifted="policy",
    ),
    Case(
        token="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        inputs=lambda w: {
            "bucket": w.bucket(),
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        change={"blockPublicAcls": False},
        drift=lambda w, id_, s: w.client("s3").delete_public_access_block(Bucket=id_),
        drifted=None,
    ),
    Case(
        token="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        inputs=lambda w: {"bucket": w.bucket(), "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        change={"rule": {"objectOwnership": "BucketOwnerPreferred"}},
        drift=lambda w, id_, s: w.client("s3").put_bucket_ownership_controls(
            Bucket=id_, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
        drifted="rule",
    ),
    Case(
        token="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        inputs=_encryption,
        change=lambda p: {"rules": [{**p["rules"][0], "bucketKeyEnabled": False}]},
        drift=_weaken,
        drifted="rules",
    ),
    Case(
        token="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        inputs=lambda w: {"bucket": w.bucket(), "rules": _LIFECYCLE},
        change={"rules": _LIFECYCLE[:2]},
        drift=_shorten,
        drifted="rules",
    ),
    Case(
        token="aws:s3/bucketLogging:BucketLogging",
        inputs=_logging,
        change={"targetPrefix": "other/"},
        drift=lambda w, id_, s: w.client("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus={}),
        drifted=None,
    ),
    Case(
        token="aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        inputs=lambda w: {
            "bucket": w.bucket(objectLockEnabled=True),
            "objectLockEnabled": "Enabled",
            "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}},
        },
        change={"rule": {"defaultRetention": {"mode": "GOVERNANCE", "years": 1}}},
        drift=lambda w, id_, s: w.client("s3").put_object_lock_configuration(
            Bucket=id_,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
            },
        ),
        drifted="rule",
    ),
    Case(
        token="aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        inputs=_replication,
        change=lambda p: {"rules": [{**p["rules"][0], "filter": {"prefix": "released/"}}]},
        drift=_stop_replication,
        drifted="rules",
    ),
    Case(
        token="aws:s3/bucketNotification:BucketNotification",
        inputs=_notification,
        change=lambda p: {"queues": [{**p["queues"][0], "filterPrefix": "new/"}]},
        drift=lambda w, id_, s: w.client("s3").put_bucket_notification_configuration(
            Bucket=id_, NotificationConfiguration={}
        ),
        drifted="queues",
        # moto does not tell whether EventBridge is on, so its absence cannot be seen.
        stays=True,
    ),
)
