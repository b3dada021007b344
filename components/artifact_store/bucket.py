"""One bucket with everything that hangs on it.

What hangs on a bucket is deleted with it and never by itself: a destroy makes no call for it, and a bucket that is
retained keeps its policy, its encryption and its public access block.
"""

from collections.abc import Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.durability import Durability
from components.artifact_store.args import BucketPurpose, LockMode

DATA_CLASSES = {
    BucketPurpose.DATASETS: "dataset",
    BucketPurpose.MODELS: "model",
    BucketPurpose.FEATURES: "feature",
    BucketPurpose.LOGS: "log",
}


def make_bucket(
    logical: str,
    name: pulumi.Input[str],
    purpose: BucketPurpose,
    level: Optional[Durability],
    opts: pulumi.ResourceOptions,
) -> aws.s3.Bucket:
    """Create the bucket itself; the models bucket can hold locked objects."""
    return aws.s3.Bucket(
        logical,
        bucket=name,
        # Only at creation is this without side effects; without a default retention it locks nothing by itself.
        object_lock_enabled=purpose == BucketPurpose.MODELS,
        force_destroy=durability.rules(level).force_destroy,
        tags=conventions.tags("artifact-store", data_class=DATA_CLASSES[purpose]),
        opts=pulumi.ResourceOptions.merge(opts, durability.stateful(level)),
    )


def attached(
    bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions, after: Sequence[pulumi.Resource] = ()
) -> pulumi.ResourceOptions:
    """Return the options of what hangs on `bucket`, made after `after`."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(deleted_with=bucket, depends_on=list(after)))


def make_guards(
    logical: str,
    bucket: aws.s3.Bucket,
    policy: pulumi.Input[str],
    key_arn: Optional[pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Create what has to stand before the first object: public access block, ownership, encryption, policy.

    Without `key_arn` objects get SSE-S3: S3 delivers access logs to no bucket with SSE-KMS by default
    (docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html, read 2026-11-23).
    """
    block = aws.s3.BucketPublicAccessBlock(
        logical,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=attached(bucket, opts),
    )
    ownership = aws.s3.BucketOwnershipControls(
        logical,
        bucket=bucket.bucket,
        rule={"object_ownership": "BucketOwnerEnforced"},
        opts=attached(bucket, opts),
    )
    kms: Any = {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn}
    by_default = kms if key_arn is not None else {"sse_algorithm": "AES256"}
    encryption = aws.s3.BucketServerSideEncryptionConfiguration(
        logical,
        bucket=bucket.bucket,
        # One data key for the bucket instead of one for each object: KMS requests cost money and have a quota.
        rules=[
            {
                "apply_server_side_encryption_by_default": by_default,
                "bucket_key_enabled": key_arn is not None,
            }
        ],
        opts=attached(bucket, opts),
    )
    # After the block: S3 answers two changes of a bucket's access at the same time with a conflict.
    guard = aws.s3.BucketPolicy(logical, bucket=bucket.bucket, policy=policy, opts=attached(bucket, opts, [block]))
    return [block, ownership, encryption, guard]


def make_versioning(logical: str, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions) -> aws.s3.BucketVersioning:
    """Keep what is overwritten and deleted as versions."""
    return aws.s3.BucketVersioning(
        logical,
        bucket=bucket.bucket,
        versioning_configuration={"status": "Enabled"},
        opts=attached(bucket, opts),
    )


def make_lifecycle(
    logical: str,
    bucket: aws.s3.Bucket,
    rules: Any,
    versioning: aws.s3.BucketVersioning,
    opts: pulumi.ResourceOptions,
) -> None:
    """Move and end objects by age; rules on replaced versions need versioning first."""
    aws.s3.BucketLifecycleConfiguration(
        logical, bucket=bucket.bucket, rules=rules, opts=attached(bucket, opts, [versioning])
    )


def make_access_log(
    logical: str,
    bucket: aws.s3.Bucket,
    logs: aws.s3.Bucket,
    prefix: str,
    guards: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> None:
    """Log requests to `bucket` in the bucket `logs`, whose policy is among `guards`."""
    aws.s3.BucketLogging(
        logical,
        bucket=bucket.bucket,
        target_bucket=logs.bucket,
        target_prefix=prefix,
        opts=attached(bucket, opts, guards),
    )


def make_default_lock(
    logical: str,
    bucket: aws.s3.Bucket,
    mode: LockMode,
    days: int,
    versioning: aws.s3.BucketVersioning,
    opts: pulumi.ResourceOptions,
) -> None:
    """Lock each new object for `days`."""
    aws.s3.BucketObjectLockConfiguration(
        logical,
        bucket=bucket.bucket,
        rule={"default_retention": {"mode": mode.value.upper(), "days": days}},
        opts=attached(bucket, opts, [versioning]),
    )


def make_replication(
    logical: str,
    bucket: aws.s3.Bucket,
    role: aws.iam.Role,
    destination_arn: pulumi.Input[str],
    destination_key_arn: pulumi.Input[str],
    after: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> None:
    """Copy new versions to another bucket. Deletions are not copied: a mistake here does not reach the copy."""
    aws.s3.BucketReplicationConfig(
        logical,
        bucket=bucket.bucket,
        role=role.arn,
        rules=[
            {
                "id": "everything",
                "status": "Enabled",
                "priority": 0,
                "filter": {"prefix": ""},
                "delete_marker_replication": {"status": "Disabled"},
                "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                "destination": {
                    "bucket": destination_arn,
                    "encryption_configuration": {"replica_kms_key_id": destination_key_arn},
                },
            }
        ],
        opts=attached(bucket, opts, after),
    )
