"""Cases of the rules on what keeps data in buckets and file systems."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    secret,
    urn,
)
from tests.policies.specs import BUCKET

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ENCRYPTION_V2 = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
VERSIONING_V2 = "aws:s3/bucketVersioningV2:BucketVersioningV2"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LOCK_V2 = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
V2 = "aws:s3/bucketV2:BucketV2"
DIRECTORY = "aws:s3/directoryBucket:DirectoryBucket"
FILES = "aws:efs/fileSystem:FileSystem"

ON = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
NEW = Spec(BUCKET, {"id": UNKNOWN, "arn": UNKNOWN, "bucket": "subject-1a2b3c4"})
OLD = Spec(BUCKET, {"id": "data-1", "arn": "arn:aws:s3:::data-1", "bucket": "data-1"})
SECOND = Spec(BUCKET, {"id": UNKNOWN}, "second")
OF_NEW = {"bucket": [urn(BUCKET, "subject")]}
BLANK = Spec(BUCKET, {"id": UNKNOWN, "bucket": UNKNOWN})
OF_BLANK = [BLANK.urn]
TO_OTHER = Spec("aws:lb/loadBalancer:LoadBalancer", {"accessLogs": {"bucket": "data-2"}}, "lb")
"""A load balancer that logs into the other bucket, which is nobody's business then either."""

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
KMS = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
SSE_S3 = {"sseAlgorithm": "AES256"}


def rules(default: Any) -> list[Any]:
    return [{"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": True}]


def encrypted(default: Any, kind: str = ENCRYPTION) -> Spec:
    return Spec(kind, {"bucket": "data-1", "rules": rules(default)}, "encryption")


def versioned(status: Any, kind: str = VERSIONING) -> Spec:
    return Spec(kind, {"bucket": "data-1", "versioningConfiguration": {"status": status}}, "versioning")


def model(**props: Any) -> Spec:
    return Spec(BUCKET, {"id": "models-1", "bucket": "models-1", "tags": {"data-class": "model"}, **props})


def lock(**props: Any) -> Spec:
    return Spec(LOCK, {"bucket": "models-1", **props}, "lock")


def files(**props: Any) -> Spec:
    return Spec(FILES, props)


CASES = (
    Case("SEC-S3-002", "own key", PASS, (OLD, encrypted(KMS))),
    Case("SEC-S3-002", "own key, twice over", PASS, (OLD, encrypted({**KMS, "sseAlgorithm": "aws:kms:dsse"}))),
    Case("SEC-S3-002", "name of version 6", PASS, (OLD, encrypted(KMS, ENCRYPTION_V2))),
    Case(
        "SEC-S3-002",
        "key of the stack, bucket known by its record",
        PASS,
        (NEW, Spec(ENCRYPTION, {"bucket": UNKNOWN, "rules": rules(KMS)}, "encryption", OF_NEW)),
    ),
    Case(
        "SEC-S3-002",
        "inline",
        PASS,
        (
            Spec(
                BUCKET,
                {
                    **OLD.props,
                    "serverSideEncryptionConfiguration": {"rule": {"applyServerSideEncryptionByDefault": KMS}},
                },
            ),
        ),
    ),
    Case(
        "SEC-S3-002",
        "inline in version 6",
        PASS,
        (
            Spec(
                V2,
                {
                    **OLD.props,
                    "serverSideEncryptionConfigurations": [
                        {"rules": [{"applyServerSideEncryptionByDefaults": [KMS]}]},
                    ],
                },
            ),
        ),
    ),
    Case("SEC-S3-002", "nothing attached", FAIL, (OLD,), "nothing sets the bucket's default encryption"),
    Case("SEC-S3-002", "key of S3", FAIL, (OLD, encrypted(SSE_S3)), 'sseAlgorithm is "AES256"'),
    Case(
        "SEC-S3-002",
        "key of S3 among the outputs",
        FAIL,
        (
            Spec(
                BUCKET,
                {
                    **OLD.props,
                    "serverSideEncryptionConfiguration": {"rule": {"applyServerSideEncryptionByDefault": SSE_S3}},
                },
            ),
        ),
    ),
    Case(
        "SEC-S3-002",
        "output of a preview that nobody set",
        FAIL,
        (Spec(BUCKET, {"id": UNKNOWN, "bucket": "subject-1", "serverSideEncryptionConfiguration": UNKNOWN_OBJECT}),),
    ),
    Case("SEC-S3-002", "no key named", FAIL, (OLD, encrypted({"sseAlgorithm": "aws:kms"})), "kmsMasterKeyId is unset"),
    Case(
        "SEC-S3-002",
        "key of AWS",
        FAIL,
        (OLD, encrypted({**KMS, "kmsMasterKeyId": "arn:aws:kms:us-east-1:111122223333:alias/aws/s3"})),
        "customer managed",
    ),
    Case(
        "SEC-S3-002",
        "no rule",
        FAIL,
        (OLD, Spec(ENCRYPTION, {"bucket": "data-1", "rules": []}, "encryption")),
        "encryption: there is no rule",
    ),
    Case(
        "SEC-S3-002",
        "no algorithm",
        FAIL,
        (OLD, Spec(ENCRYPTION, {"bucket": "data-1", "rules": [{"bucketKeyEnabled": True}]}, "encryption")),
        "rules.0 names no algorithm",
    ),
    Case(
        "SEC-S3-002",
        "a bad rule beside an unknown one",
        FAIL,
        (OLD, Spec(ENCRYPTION, {"bucket": "data-1", "rules": [UNKNOWN_OBJECT, *rules(SSE_S3)]}, "encryption")),
        "rules.1.",
    ),
    Case("SEC-S3-002", "of another bucket", FAIL, (NEW, encrypted(KMS))),
    Case("SEC-S3-002", "key unknown", OPEN, (OLD, encrypted({**KMS, "kmsMasterKeyId": UNKNOWN}))),
    Case(
        "SEC-S3-002", "rules unknown", OPEN, (OLD, Spec(ENCRYPTION, {"bucket": "data-1", "rules": UNKNOWN_LIST}, "e"))
    ),
    Case(
        "SEC-S3-002",
        "no dependency recorded",
        OPEN,
        (NEW, Spec(ENCRYPTION, {"bucket": UNKNOWN, "rules": rules(KMS)}, "encryption")),
        "perhaps to this one",
    ),
    Case(
        "SEC-S3-002",
        "perhaps a bucket for logs",
        OPEN,
        (OLD, encrypted(SSE_S3), Spec(LOGGING, {"bucket": "data-2", "targetBucket": UNKNOWN}, "logging")),
        "delivers access logs to a bucket that is not known yet",
    ),
    Case(
        "SEC-S3-002",
        "a bucket for logs",
        SKIP,
        (OLD, encrypted(SSE_S3), Spec(LOGGING, {"bucket": "data-2", "targetBucket": "data-1"}, "logging")),
        "rules out SSE-KMS",
    ),
    Case(
        "SEC-S3-002",
        "logs of another bucket that says so inline",
        SKIP,
        (OLD, Spec(BUCKET, {"bucket": "data-2", "logging": {"targetBucket": "data-1"}}, "other"), TO_OTHER),
    ),
    Case(
        "SEC-S3-002",
        "logs of another bucket that says so inline in version 6",
        SKIP,
        (
            BLANK,
            Spec(V2, {"bucket": "data-2", "loggings": [{"targetBucket": UNKNOWN}]}, "other", {"loggings": OF_BLANK}),
            TO_OTHER,
        ),
    ),
    Case("SEC-S3-002", "another type", SKIP, (OTHER,)),
    Case("SEC-S3-003", "versioned", PASS, (OLD, versioned("Enabled"))),
    Case("SEC-S3-003", "name of version 6", PASS, (OLD, versioned("Enabled", VERSIONING_V2))),
    Case(
        "SEC-S3-003",
        "first preview",
        PASS,
        (
            NEW,
            Spec(
                VERSIONING,
                {"bucket": UNKNOWN, "versioningConfiguration": {"status": "Enabled"}},
                "versioning",
                OF_NEW,
            ),
            SECOND,
        ),
    ),
    Case("SEC-S3-003", "inline", PASS, (Spec(BUCKET, {**OLD.props, "versioning": {"enabled": True}}),)),
    Case("SEC-S3-003", "inline in version 6", PASS, (Spec(V2, {**OLD.props, "versionings": [{"enabled": True}]}),)),
    Case(
        "SEC-S3-003",
        "a resource of its own overrules an old output",
        PASS,
        (Spec(BUCKET, {**OLD.props, "versioning": {"enabled": False}}), versioned("Enabled")),
    ),
    Case("SEC-S3-003", "not versioned", FAIL, (OLD,), "the bucket is not versioned"),
    Case("SEC-S3-003", "suspended", FAIL, (OLD, versioned("Suspended")), 'status is "Suspended"; wanted "Enabled"'),
    Case("SEC-S3-003", "off inline", FAIL, (Spec(BUCKET, {**OLD.props, "versioning": {"enabled": False}}),)),
    Case(
        "SEC-S3-003",
        "output of a preview that nobody set",
        FAIL,
        (Spec(BUCKET, {"id": UNKNOWN, "bucket": "subject-1", "versioning": UNKNOWN_OBJECT}),),
    ),
    Case("SEC-S3-003", "odd block", OPEN, (Spec(V2, {**OLD.props, "versionings": ["x"]}),), "an object was expected"),
    Case("SEC-S3-003", "status unknown", OPEN, (OLD, versioned(UNKNOWN))),
    Case(
        "SEC-S3-003",
        "no dependency recorded",
        OPEN,
        (NEW, Spec(VERSIONING, {"bucket": UNKNOWN}, "versioning")),
        "perhaps to this one",
    ),
    Case("SEC-S3-003", "another type", SKIP, (OTHER,)),
    Case("SEC-S3-007", "lockable", PASS, (model(objectLockEnabled=True),)),
    Case("SEC-S3-007", "inline", PASS, (model(objectLockConfiguration={"objectLockEnabled": "Enabled"}),)),
    Case("SEC-S3-007", "switched on later", PASS, (model(), lock())),
    Case(
        "SEC-S3-007", "switched on later by the name of version 6", PASS, (model(), Spec(LOCK_V2, lock().props, "lock"))
    ),
    Case(
        "SEC-S3-007",
        "with a retention",
        PASS,
        (model(), lock(objectLockEnabled="Enabled", rule={"defaultRetention": {"mode": "GOVERNANCE", "days": 30}})),
    ),
    Case("SEC-S3-007", "not lockable", FAIL, (model(),), "Object Lock is off"),
    Case("SEC-S3-007", "switched off", FAIL, (model(objectLockEnabled=False),)),
    Case("SEC-S3-007", "lock of another bucket", FAIL, (model(), lock(bucket="models-2"))),
    Case(
        "SEC-S3-007",
        "output of a preview that nobody set",
        FAIL,
        (model(id=UNKNOWN, objectLockEnabled=UNKNOWN_BOOL),),
    ),
    Case(
        "SEC-S3-007",
        "another class by parameter",
        FAIL,
        (Spec(BUCKET, {**OLD.props, "tags": {"data-class": "dataset"}}),),
        params={"data_classes": ["dataset", "model"]},
    ),
    Case(
        "SEC-S3-007",
        "switch from a configuration that is not known",
        OPEN,
        (
            Spec(
                BUCKET,
                model(objectLockEnabled=UNKNOWN_BOOL).props,
                depends={"objectLockEnabled": [urn("aws:sqs/queue:Queue", "q")]},
            ),
        ),
    ),
    Case("SEC-S3-007", "tag unknown", OPEN, (Spec(BUCKET, {**OLD.props, "tags": {"data-class": UNKNOWN}}),)),
    Case("SEC-S3-007", "datasets", SKIP, (Spec(BUCKET, {**OLD.props, "tags": {"data-class": "dataset"}}),)),
    Case("SEC-S3-007", "no tags", SKIP, (OLD,), "data-class"),
    Case("SEC-S3-009", "left out", PASS, (OLD,), environment="production"),
    Case("SEC-S3-009", "false", PASS, (Spec(BUCKET, {"forceDestroy": False}),)),
    Case("SEC-S3-009", "sandbox", PASS, (Spec(BUCKET, {"forceDestroy": True}),), environment="sandbox"),
    Case(
        "SEC-S3-009",
        "production",
        FAIL,
        (Spec(BUCKET, {"forceDestroy": True}),),
        "forceDestroy is true; wanted false",
        environment="production",
    ),
    Case("SEC-S3-009", "an environment of its own", FAIL, (Spec(V2, {"forceDestroy": True}),), environment="qa"),
    Case("SEC-S3-009", "directory bucket", FAIL, (Spec(DIRECTORY, {"forceDestroy": True}),), environment="staging"),
    Case(
        "SEC-S3-009",
        "environment in a tag",
        FAIL,
        (Spec(BUCKET, {"forceDestroy": secret(True), "tags": {"environment": "prod"}}),),
        "forceDestroy is [secret]",
    ),
    Case(
        "SEC-S3-009",
        "nowhere allowed",
        FAIL,
        (Spec(BUCKET, {"forceDestroy": True}),),
        params={"allowed": {"default": False}},
    ),
    Case("SEC-S3-009", "environment not known", OPEN, (Spec(BUCKET, {"forceDestroy": True}),), "the environment"),
    Case("SEC-S3-009", "unknown", OPEN, (Spec(BUCKET, {"forceDestroy": UNKNOWN_BOOL}),)),
    Case("SEC-S3-009", "a text", OPEN, (Spec(BUCKET, {"forceDestroy": "true"}),), "a boolean was expected"),
    Case("SEC-S3-009", "another type", SKIP, (OTHER,)),
    Case("SEC-EFS-001", "own key", PASS, (files(encrypted=True, kmsKeyId=KEY),)),
    Case("SEC-EFS-001", "secret key", PASS, (files(encrypted=True, kmsKeyId=secret(KEY)),)),
    Case(
        "SEC-EFS-001",
        "any key, by parameter",
        PASS,
        (files(encrypted=True),),
        params={"own_key": {"default": True, "sandbox": False}},
        environment="sandbox",
    ),
    Case("SEC-EFS-001", "left to the default", FAIL, (files(),), "encrypted is unset; wanted true"),
    Case("SEC-EFS-001", "not encrypted", FAIL, (files(encrypted=False),)),
    Case("SEC-EFS-001", "text instead of boolean", FAIL, (files(encrypted="true", kmsKeyId=KEY),)),
    Case("SEC-EFS-001", "no own key", FAIL, (files(encrypted=True),), "kmsKeyId is unset"),
    Case("SEC-EFS-001", "key of AWS", FAIL, (files(encrypted=True, kmsKeyId="alias/aws/elasticfilesystem"),)),
    Case("SEC-EFS-001", "key unknown", OPEN, (files(encrypted=True, kmsKeyId=UNKNOWN),)),
    Case("SEC-EFS-001", "switch unknown", OPEN, (files(encrypted=UNKNOWN_BOOL),)),
    Case("SEC-EFS-001", "key is a number", OPEN, (files(encrypted=True, kmsKeyId=3),), "a string was expected"),
    Case("SEC-EFS-001", "another type", SKIP, (OTHER,)),
)
