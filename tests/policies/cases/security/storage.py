"""Cases of the rules on buckets and file systems."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    Case,
    Spec,
    urn,
)
from tests.policies.specs import BUCKET, READ, document

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"


ON = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
NEW = Spec(BUCKET, {"id": UNKNOWN, "arn": UNKNOWN, "bucket": "subject-1a2b3c4"})
OLD = Spec(BUCKET, {"id": "data-1", "arn": "arn:aws:s3:::data-1", "bucket": "data-1"})
SECOND = Spec(BUCKET, {"id": UNKNOWN}, "second")
OF_NEW = {"bucket": [urn(BUCKET, "subject")]}
BLANK = Spec(BUCKET, {"id": UNKNOWN, "bucket": UNKNOWN})


def deny(*resources: str, **changes: Any) -> str:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": list(resources)}
    return document(READ, {**statement, "Condition": insecure, **changes})


BOTH = ("arn:aws:s3:::data-1", "arn:aws:s3:::data-1/*")


def policy(text: Any) -> Spec:
    return Spec(POLICY, {"bucket": "data-1", "policy": text}, "tls")


CASES = (
    Case("SEC-S3-001", "deployed", PASS, (OLD, Spec(BLOCK, {"bucket": "data-1", **ON}, "block"))),
    Case(
        "SEC-S3-001",
        "first preview",
        PASS,
        (NEW, Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "block", OF_NEW), SECOND),
    ),
    Case(
        "SEC-S3-001",
        "by name in preview",
        PASS,
        (NEW, Spec(BLOCK, {"bucket": "subject-1a2b3c4", **ON}, "block")),
    ),
    Case(
        "SEC-S3-001",
        "by way of another resource",
        PASS,
        (
            NEW,
            Spec("aws:s3/bucketVersioning:BucketVersioning", {"bucket": UNKNOWN}, "versioning", OF_NEW),
            Spec(
                BLOCK,
                {"bucket": UNKNOWN, **ON},
                "block",
                {"bucket": [urn("aws:s3/bucketVersioning:BucketVersioning", "versioning")]},
            ),
        ),
    ),
    Case("SEC-S3-001", "none", FAIL, (OLD,), "no public access block"),
    Case("SEC-S3-001", "of another bucket", FAIL, (OLD, Spec(BLOCK, {"bucket": "data-2", **ON}, "block"))),
    Case(
        "SEC-S3-001",
        "of another new bucket",
        FAIL,
        (NEW, SECOND, Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "block", {"bucket": [urn(BUCKET, "second")]})),
    ),
    Case(
        "SEC-S3-001",
        "three of four",
        FAIL,
        (OLD, Spec(BLOCK, {"bucket": "data-1", **ON, "ignorePublicAcls": False}, "block")),
        "block: ignorePublicAcls is false",
    ),
    Case("SEC-S3-001", "no dependency recorded", OPEN, (NEW, Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "block"))),
    Case(
        "SEC-S3-001",
        "one of two buckets",
        OPEN,
        (
            NEW,
            SECOND,
            Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "b", {"bucket": [NEW.urn, urn(BUCKET, "second")]}),
        ),
        "perhaps to this one",
    ),
    Case(
        "SEC-S3-001",
        "a switch unknown",
        OPEN,
        (OLD, Spec(BLOCK, {"bucket": "data-1", **ON, "ignorePublicAcls": UNKNOWN_BOOL}, "block")),
    ),
    Case("SEC-S3-001", "another type", SKIP, (OTHER,)),
    Case("SEC-S3-004", "denied", PASS, (OLD, policy(deny(*BOTH)))),
    Case("SEC-S3-004", "denied by a glob", PASS, (OLD, policy(deny("arn:aws:s3:::data-1*")))),
    Case("SEC-S3-004", "principal as object", PASS, (OLD, policy(deny(*BOTH, Principal={"AWS": ["*"]})))),
    Case("SEC-S3-004", "inline", PASS, (Spec(BUCKET, {**OLD.props, "policy": deny(*BOTH)}),)),
    Case("SEC-S3-004", "no policy", FAIL, (OLD,), "the bucket has no policy"),
    Case("SEC-S3-004", "no policy on a new bucket", FAIL, (Spec(BUCKET, {"id": UNKNOWN, "policy": UNKNOWN}),)),
    Case("SEC-S3-004", "only a grant", FAIL, (OLD, policy(document(READ))), "tls does not deny"),
    Case(
        "SEC-S3-004", "one principal only", FAIL, (OLD, policy(deny(*BOTH, Principal={"AWS": "arn:aws:iam::1:root"})))
    ),
    Case("SEC-S3-004", "objects only", FAIL, (OLD, policy(deny(BOTH[1])))),
    Case("SEC-S3-004", "reads only", FAIL, (OLD, policy(deny(*BOTH, Action="s3:GetObject")))),
    Case(
        "SEC-S3-004",
        "policy of a new bucket",
        OPEN,
        (NEW, Spec(POLICY, {"policy": UNKNOWN, "bucket": UNKNOWN}, "tls", OF_NEW)),
    ),
    Case(
        "SEC-S3-004",
        "inline from other resources",
        OPEN,
        (Spec(BUCKET, {**OLD.props, "policy": UNKNOWN}, depends={"policy": [urn("aws:iam/role:Role", "r")]}),),
    ),
    Case("SEC-S3-004", "not json", OPEN, (OLD, policy("{")), "not a valid JSON document"),
    Case("SEC-S3-004", "another type", SKIP, (OTHER,)),
)
