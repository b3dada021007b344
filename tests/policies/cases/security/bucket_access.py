"""Cases of the rules on what opens buckets, and on access logs."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    secret,
    urn,
)
from tests.policies.cases.security.storage import BLANK, BLOCK, NEW, OF_NEW, OLD, ON, SECOND, V2
from tests.policies.specs import BUCKET

LOGGING = "aws:s3/bucketLogging:BucketLogging"
LOGGING_V2 = "aws:s3/bucketLoggingV2:BucketLoggingV2"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ACL = "aws:s3/bucketAcl:BucketAcl"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"

LOGS = Spec(BUCKET, {"id": "logs-1", "bucket": "logs-1"})
"""A bucket that others log into."""

NEW_LOGS = Spec(BUCKET, {"id": UNKNOWN, "bucket": UNKNOWN})
OF_LOGS = [urn(BUCKET, "subject")]


def logging(**props: Any) -> Spec:
    return Spec(LOGGING, {"bucket": "data-1", "targetBucket": "logs-1", "targetPrefix": "data/", **props}, "logging")


def owned(ownership: Any, bucket: Any = "data-1", **spec: Any) -> Spec:
    return Spec(OWNERSHIP, {"bucket": bucket, "rule": {"objectOwnership": ownership}}, "ownership", **spec)


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
    *(
        Case(
            "SEC-S3-001",
            f"{switch} is left out",
            FAIL,
            (OLD, Spec(BLOCK, {"bucket": "data-1", **ON, switch: None}, "block")),
            f"block: {switch} is unset",
        )
        for switch in ON
    ),
    Case("SEC-S3-006", "logged", PASS, (OLD, logging())),
    Case(
        "SEC-S3-006",
        "first preview",
        PASS,
        (NEW, Spec(LOGGING, {"bucket": UNKNOWN, "targetBucket": UNKNOWN}, "logging", OF_NEW)),
    ),
    Case("SEC-S3-006", "name of version 6", PASS, (OLD, Spec(LOGGING_V2, logging().props, "logging"))),
    Case("SEC-S3-006", "inline", PASS, (Spec(BUCKET, {**OLD.props, "logging": {"targetBucket": "logs-1"}}),)),
    Case(
        "SEC-S3-006", "inline in version 6", PASS, (Spec(V2, {**OLD.props, "loggings": [{"targetBucket": "logs-1"}]}),)
    ),
    Case("SEC-S3-006", "not logged", FAIL, (OLD,), "access to the bucket is not logged"),
    Case("SEC-S3-006", "another bucket is logged", FAIL, (OLD, logging(bucket="data-2"))),
    Case(
        "SEC-S3-006",
        "output of a preview that nobody set",
        FAIL,
        (Spec(BUCKET, {"id": UNKNOWN, "bucket": "subject-1", "logging": UNKNOWN_OBJECT}),),
        "is not logged",
    ),
    Case("SEC-S3-006", "into itself", FAIL, (OLD, logging(targetBucket="data-1")), "into itself"),
    Case("SEC-S3-006", "logs of another bucket", SKIP, (LOGS, logging()), "access logs are delivered"),
    Case(
        "SEC-S3-006",
        "logs of another bucket in a first preview",
        SKIP,
        (
            NEW_LOGS,
            Spec(LOGGING, {"bucket": "data-1", "targetBucket": UNKNOWN}, "logging", {"targetBucket": OF_LOGS}),
        ),
    ),
    Case(
        "SEC-S3-006",
        "logs of a load balancer",
        SKIP,
        (LOGS, Spec(BALANCER, {"accessLogs": {"bucket": "logs-1", "enabled": True}}, "lb")),
    ),
    *(
        Case(
            "SEC-S3-006",
            f"{logs} of a load balancer by its old name",
            SKIP,
            (LOGS, Spec("aws:alb/loadBalancer:LoadBalancer", {logs: {"bucket": "logs-1", "enabled": True}}, "lb")),
        )
        for logs in ("accessLogs", "connectionLogs", "healthCheckLogs")
    ),
    *(
        Case(
            "SEC-S3-006",
            f"logs of a load balancer, {name} known",
            SKIP,
            (Spec(BUCKET, {name: "logs-1"}), Spec(BALANCER, {"accessLogs": {"bucket": "logs-1"}}, "lb")),
        )
        for name in ("bucket", "id")
    ),
    Case(
        "SEC-S3-006",
        "nameless bucket, nameless target",
        FAIL,
        (Spec(BUCKET, {"bucket": ""}), Spec(BALANCER, {"accessLogs": {"bucket": ""}}, "lb")),
    ),
    Case(
        "SEC-S3-006",
        "secret name, odd blocks elsewhere",
        FAIL,
        (Spec(BUCKET, {"bucket": secret("data-1")}), Spec(V2, {"bucket": "data-2", "loggings": ["x"]}, "other")),
    ),
    Case(
        "SEC-S3-006",
        "logs of a new load balancer",
        SKIP,
        (NEW_LOGS, Spec(BALANCER, {"accessLogs": {"bucket": UNKNOWN}}, "lb", {"accessLogs": OF_LOGS})),
    ),
    Case(
        "SEC-S3-006",
        "a load balancer that logs elsewhere",
        FAIL,
        (OLD, Spec(BALANCER, {"accessLogs": {"bucket": "logs-1"}, "connectionLogs": "x"}, "lb")),
    ),
    Case(
        "SEC-S3-006",
        "no dependency recorded",
        OPEN,
        (NEW, Spec(LOGGING, {"bucket": UNKNOWN, "targetBucket": "logs-1"}, "logging")),
        "perhaps to this one",
    ),
    Case(
        "SEC-S3-006",
        "target unknown",
        OPEN,
        (OLD, Spec(LOGGING, {"bucket": "data-2", "targetBucket": UNKNOWN}, "logging")),
        "delivers access logs to a bucket that is not known yet",
    ),
    Case("SEC-S3-006", "another type", SKIP, (OTHER,)),
    Case("SEC-S3-008", "switched off", PASS, (OLD, owned("BucketOwnerEnforced"))),
    Case("SEC-S3-008", "left to the default, which is off", PASS, (OLD,)),
    Case(
        "SEC-S3-008",
        "first preview",
        PASS,
        (NEW, owned("BucketOwnerEnforced", UNKNOWN, depends=OF_NEW), SECOND),
    ),
    Case("SEC-S3-008", "private by the old default", PASS, (Spec(BUCKET, {**OLD.props, "acl": "private"}),)),
    Case(
        "SEC-S3-008",
        "the owner's own grant among the outputs",
        PASS,
        (
            Spec(
                BUCKET,
                {**OLD.props, "grants": [{"id": "1f", "permissions": ["FULL_CONTROL"], "type": "CanonicalUser"}]},
            ),
        ),
    ),
    Case("SEC-S3-008", "of the writer", FAIL, (OLD, owned("ObjectWriter")), 'ownership: rule.objectOwnership is "Obj'),
    Case("SEC-S3-008", "preferred only", FAIL, (OLD, owned("BucketOwnerPreferred"))),
    Case("SEC-S3-008", "no rule", FAIL, (OLD, Spec(OWNERSHIP, {"bucket": "data-1"}, "ownership")), "is unset"),
    Case(
        "SEC-S3-008",
        "an acl of its own",
        FAIL,
        (OLD, owned("BucketOwnerEnforced"), Spec(ACL, {"bucket": "data-1", "acl": "public-read"}, "acl")),
        "acl gives the bucket an ACL",
    ),
    Case(
        "SEC-S3-008",
        "an acl by the name of version 6",
        FAIL,
        (OLD, Spec("aws:s3/bucketAclV2:BucketAclV2", {"bucket": "data-1", "acl": "private"}, "acl")),
    ),
    Case("SEC-S3-008", "inline acl", FAIL, (Spec(BUCKET, {**OLD.props, "acl": "public-read"}),), "acl is"),
    Case(
        "SEC-S3-008",
        "inline grant to a group beside an unknown one",
        FAIL,
        (Spec(BUCKET, {**OLD.props, "grants": [UNKNOWN_OBJECT, {"type": "Group", "permissions": ["READ"]}]}),),
        "grants.1 grants access to a group",
    ),
    Case("SEC-S3-008", "ownership unknown", OPEN, (OLD, owned(UNKNOWN))),
    Case(
        "SEC-S3-008",
        "unknown whose acl",
        OPEN,
        (NEW, Spec(ACL, {"bucket": UNKNOWN, "acl": "private"}, "acl")),
        "perhaps to this one",
    ),
    Case("SEC-S3-008", "nothing known", PASS, (BLANK,)),
    Case("SEC-S3-008", "another type", SKIP, (OTHER,)),
)
