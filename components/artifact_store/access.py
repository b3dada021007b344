"""Who may do what with a bucket: bucket policies and the policies of readers, writers and replication.

The account's IAM policies decide who gets in; bucket policies only take away. Deny statements never ask for the
absence of a header, so a client that sends no encryption headers gets the bucket's default key.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components._core.policy_documents import document, statement

Document = dict[str, Any]

EVERYONE = {"AWS": "*"}

_SSE = "s3:x-amz-server-side-encryption"
_SSE_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_SSE_CUSTOMER = "s3:x-amz-server-side-encryption-customer-algorithm"

_LIST = ("s3:GetBucketLocation", "s3:ListBucket")
_READ = ("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion")
# Not s3:DeleteObjectVersion: what a writer deletes or overwrites stays as a version until the lifecycle ends it.
_WRITE = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
)


def objects(arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the ARN pattern of a bucket's objects."""
    return pulumi.Output.concat(arn, "/*")


def data_bucket_policy(arn: pulumi.Input[str], key_arn: pulumi.Input[str]) -> Document:
    """Return the policy of a bucket with data: TLS only, and the own key or none named in an upload.

    `StringNotEquals` also holds where the key's header is absent, so one statement refuses SSE-S3, the account's
    default KMS key and other keys alike. Clients that name the key name it by its ARN.
    """
    other_key = {"Null": {_SSE: "false"}, "StringNotEquals": {_SSE_KEY: key_arn}}
    return document(
        _tls_only(arn),
        statement("OwnKeyOnly", ["s3:PutObject"], objects(arn), "Deny", EVERYONE, other_key),
        _no_customer_keys(arn),
    )


def log_bucket_policy(
    arn: pulumi.Input[str], sources: Mapping[str, pulumi.Input[str]], account_id: pulumi.Input[str]
) -> Document:
    """Return the policy of the bucket that receives access logs, each of `sources` (ARNs) under its own prefix.

    Source: docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html, read 2026-11-23.
    """
    service = {"Service": "logging.s3.amazonaws.com"}
    deliveries = [
        statement(
            f"AccessLogs{index}",
            ["s3:PutObject"],
            pulumi.Output.concat(arn, "/", prefix, "*"),
            "Allow",
            service,
            {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": account_id}},
        )
        for index, (prefix, source) in enumerate(sources.items())
    ]
    return document(_tls_only(arn), _no_customer_keys(arn), *deliveries)


def _tls_only(arn: pulumi.Input[str]) -> Document:
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return statement("TlsOnly", ["s3:*"], [arn, objects(arn)], "Deny", EVERYONE, plain)


def _no_customer_keys(arn: pulumi.Input[str]) -> Document:
    # An object under a key that its uploader keeps is lost to the platform when that person leaves.
    named = {"Null": {_SSE_CUSTOMER: "false"}}
    return statement("NoCustomerKeys", ["s3:PutObject"], objects(arn), "Deny", EVERYONE, named)


def read_policy(arn: pulumi.Input[str], key: Sequence[Document]) -> Document:
    """Return the policy of readers; `key` are the statements of `use_key`, none for the access logs."""
    return document(statement("List", _LIST, arn), statement("Read", _READ, objects(arn)), *key)


def read_write_policy(arn: pulumi.Input[str], key: Sequence[Document], lock: Sequence[Document]) -> Document:
    """Return the policy of writers; `lock` are the statements of `lock_objects`, none without Object Lock."""
    listing = [*_LIST, "s3:ListBucketMultipartUploads"]
    return document(
        statement("List", listing, arn),
        statement("Read", _READ, objects(arn)),
        statement("Write", _WRITE, objects(arn)),
        *key,
        *lock,
    )


def use_key(arn: pulumi.Input[str], key_arn: pulumi.Input[str], region: str, actions: Sequence[str]) -> list[Document]:
    """Return the right to use the key through S3 for this bucket only, although buckets share the key.

    The encryption context is the bucket's ARN with a bucket key, the object's for objects written without one
    (docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html, read 2026-11-23).
    """
    conditions = {
        "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [arn, objects(arn)]},
    }
    return [statement("UseKey", actions, key_arn, conditions=conditions)]


def lock_objects(arn: pulumi.Input[str], mode: str, longest_days: int) -> list[Document]:
    """Return the right to lock objects in this mode for at most `longest_days`; a lock cannot be taken back."""
    conditions = {
        "StringEquals": {"s3:object-lock-mode": mode},
        "NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": str(longest_days)},
    }
    return [
        statement("Lock", ["s3:PutObjectRetention"], objects(arn), conditions=conditions),
        statement("SeeLocks", ["s3:GetObjectRetention"], objects(arn)),
    ]


def replication_policy(
    arn: pulumi.Input[str],
    key_arn: pulumi.Input[str],
    region: str,
    destination_arn: pulumi.Input[str],
    destination_key_arn: pulumi.Input[str],
) -> Document:
    """Return what S3 needs to copy versions, tags and locks of objects under one key to another.

    Source: docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html and
    object-lock-managing.html there, read 2026-11-23.
    """
    read = [
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionTagging",
    ]
    # Decrypt on the copies' key too: S3 checks a bucket key with it before use.
    seal = ["kms:Decrypt", "kms:Encrypt"]
    conditions = {
        "StringLike": {
            "kms:ViaService": "s3.*.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": [destination_arn, objects(destination_arn)],
        }
    }
    write = ["s3:ReplicateObject", "s3:ReplicateTags"]
    return document(
        statement("Configuration", ["s3:GetReplicationConfiguration", "s3:ListBucket"], arn),
        statement("ReadVersions", read, objects(arn)),
        statement("WriteCopies", write, objects(destination_arn)),
        *use_key(arn, key_arn, region, ["kms:Decrypt"]),
        statement("SealCopies", seal, destination_key_arn, conditions=conditions),
    )
