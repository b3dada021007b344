"""Cases of the rules on volumes and buckets."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
    urn,
)
from tests.policies.cases.security.storage import NEW, OF_NEW, OLD
from tests.policies.specs import BUCKET

VOLUME = "aws:ebs/volume:Volume"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
DATABASE = "aws:rds/instance:Instance"
INSTANCE = "aws:ec2/instance:Instance"
GP2 = [{"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp2"}}]
GP3 = [{"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3"}}]
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
EXPIRE = {"id": "old", "status": "Enabled", "expiration": {"days": 30}}


def storage_class(provisioner: str, kind: Any) -> Spec:
    return object_("storage.k8s.io/v1", "StorageClass", provisioner=provisioner, parameters={"type": kind})


def configuration(*rules: Any, bucket: str = "data-1") -> Spec:
    return Spec(LIFECYCLE, {"bucket": bucket, "rules": list(rules)}, "lifecycle")


VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ABORT = {"status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}
VERSIONS = {"status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 30}}
TIERING = {"status": "Enabled", "transitions": [{"days": 30, "storageClass": "INTELLIGENT_TIERING"}]}
NARROW = {"filter": {"prefix": "old/"}}


def inline(**props: Any) -> Spec:
    """A bucket with the deprecated blocks."""
    return Spec(BUCKET, {**OLD.props, **props})


def uploads(name: str, expected: Any, *specs: Spec, says: str = "", params: Any = ()) -> Case:
    return Case("COST-S3-002", name, expected, specs, says, dict(params))


UPLOADS = (
    uploads("after a week", PASS, OLD, configuration(EXPIRE, ABORT)),
    uploads("filter for everything", PASS, OLD, configuration({**ABORT, "filter": {"prefix": ""}})),
    uploads("inline", PASS, inline(lifecycleRules=[{"enabled": True, "abortIncompleteMultipartUploadDays": 3}])),
    uploads("beside a rule that is unknown", PASS, OLD, configuration(UNKNOWN, ABORT)),
    uploads("first preview", PASS, NEW, Spec(LIFECYCLE, {"bucket": UNKNOWN, "rules": [ABORT]}, "l", OF_NEW)),
    uploads("no lifecycle", FAIL, OLD, says="aborts incomplete uploads within 7 days"),
    uploads("other rules", FAIL, OLD, configuration(EXPIRE)),
    uploads("disabled", FAIL, OLD, configuration({**ABORT, "status": "Disabled"})),
    uploads("for a prefix", FAIL, OLD, configuration({**ABORT, **NARROW})),
    uploads("for the deprecated prefix", FAIL, OLD, configuration({**ABORT, "prefix": "old/"})),
    uploads("for some tags", FAIL, OLD, configuration({**ABORT, "filter": {"and": {"tags": {"a": "b"}}}})),
    uploads("too late", FAIL, OLD, configuration(ABORT), params={"maximum_days": 3}),
    uploads("days unknown", OPEN, OLD, configuration({**ABORT, "abortIncompleteMultipartUpload": UNKNOWN_OBJECT})),
    uploads("days a text", OPEN, OLD, configuration({**EXPIRE, "abortIncompleteMultipartUploadDays": "7"})),
    uploads("rules unknown", OPEN, OLD, Spec(LIFECYCLE, {"bucket": "data-1", "rules": UNKNOWN_LIST}, "l")),
    uploads("a rule a text", OPEN, OLD, configuration("abort"), says="an object was expected"),
    uploads("another type", SKIP, OTHER),
)


def versions(name: str, expected: Any, *specs: Spec, says: str = "", params: Any = ()) -> Case:
    return Case("COST-S3-003", name, expected, specs, says, dict(params))


def versioning(status: Any, bucket: str = "data-1") -> Spec:
    return Spec(VERSIONING, {"bucket": bucket, "versioningConfiguration": {"status": status}}, "versioning")


ON = versioning("Enabled")
VERSION_CASES = (
    versions("after a month", PASS, OLD, ON, configuration(VERSIONS)),
    versions(
        "inline",
        PASS,
        inline(
            versioning={"enabled": True},
            lifecycleRules=[{"enabled": True, "noncurrentVersionExpiration": {"days": 30}}],
        ),
    ),
    versions("locked objects", PASS, inline(objectLockEnabled=True), configuration(VERSIONS)),
    versions("beside an unknown rule", PASS, OLD, ON, configuration({"status": UNKNOWN}, VERSIONS)),
    versions("no lifecycle", FAIL, OLD, ON, says="ends replaced versions within 365 days"),
    versions("other rules", FAIL, OLD, ON, configuration(EXPIRE, ABORT)),
    versions("for a prefix", FAIL, OLD, ON, configuration({**VERSIONS, **NARROW})),
    versions("too late", FAIL, OLD, ON, configuration(VERSIONS), params={"maximum_days": {"default": 14}}),
    versions("locked objects without it", FAIL, inline(objectLockEnabled=True)),
    versions("status unknown", OPEN, OLD, versioning(UNKNOWN), configuration(EXPIRE)),
    versions(
        "days unknown",
        OPEN,
        OLD,
        ON,
        configuration({"status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": UNKNOWN}}),
    ),
    versions("of a bucket that is not known", OPEN, NEW, Spec(VERSIONING, {"bucket": UNKNOWN}, "v")),
    versions("environment unknown", OPEN, OLD, ON, params={"maximum_days": {"default": 365, "sandbox": 1}}),
    versions("not versioned", SKIP, OLD, configuration(EXPIRE), says="not versioned"),
    versions("suspended", SKIP, OLD, versioning("Suspended")),
    versions("of another bucket", SKIP, OLD, versioning("Enabled", "data-2")),
    versions("another type", SKIP, OTHER),
)


def tiers(name: str, expected: Any, *rules: Any, kind: Any = "model", says: str = "", params: Any = ()) -> Case:
    bucket = inline(tags={"data-class": kind})
    return Case("COST-S3-004", name, expected, (bucket, configuration(*rules)), says, dict(params))


def moving(days: Any, to: Any = "STANDARD_IA") -> dict[str, Any]:
    return {"status": "Enabled", "transitions": [{"days": days, "storageClass": to}]}


TIERS = (
    tiers("after a month", PASS, TIERING),
    tiers("at once", PASS, {"status": "Enabled", "transitions": [{"storageClass": "INTELLIGENT_TIERING"}]}),
    tiers("for a prefix", PASS, {**TIERING, "filter": {"prefix": "checkpoints/"}}),
    tiers("gone by then", PASS, EXPIRE),
    tiers("beside unknown", PASS, moving(UNKNOWN), TIERING),
    Case(
        "COST-S3-004",
        "inline",
        PASS,
        (
            inline(
                tags={"data-class": "dataset"},
                lifecycleRules=[{"enabled": True, "transitions": [{"days": 30, "storageClass": "GLACIER_IR"}]}],
            ),
        ),
    ),
    tiers("stays", FAIL, ABORT, says="moves objects to INTELLIGENT_TIERING"),
    tiers("too late", FAIL, moving(90)),
    tiers(
        "on a date", FAIL, {"status": "Enabled", "transitions": [{"date": "2030-01-01", "storageClass": "STANDARD_IA"}]}
    ),
    tiers("to the archive", FAIL, moving(30, "DEEP_ARCHIVE")),
    tiers("disabled", FAIL, {**TIERING, "status": "Disabled"}),
    tiers("own parameter", FAIL, TIERING, params={"storage_classes": ["GLACIER_IR"]}),
    Case("COST-S3-004", "no lifecycle", FAIL, (inline(tags={"data-class": "feature"}),)),
    tiers("days unknown", OPEN, moving(UNKNOWN)),
    tiers("days a text", OPEN, moving("30"), says="a number was expected"),
    tiers("class unknown", OPEN, TIERING, kind=UNKNOWN),
    tiers("logs", SKIP, ABORT, kind="log", says="tag data-class is not one of"),
    Case("COST-S3-004", "no tags", SKIP, (OLD,)),
    Case("COST-S3-004", "another type", SKIP, (OTHER,)),
)

CASES = (
    *UPLOADS,
    *VERSION_CASES,
    *TIERS,
    Case("COST-EC2-001", "gp3", PASS, (Spec(VOLUME, {"type": "gp3"}),)),
    Case("COST-EC2-001", "throughput optimised", PASS, (Spec(VOLUME, {"type": "st1"}),)),
    Case("COST-EC2-001", "template gp3", PASS, (Spec(TEMPLATE, {"blockDeviceMappings": GP3}),)),
    Case("COST-EC2-001", "database with io1 by its iops", PASS, (Spec(DATABASE, {"iops": 3000}),)),
    Case("COST-EC2-001", "gp2", FAIL, (Spec(VOLUME, {"type": "gp2"}),), 'type is "gp2"; wanted "gp3"'),
    Case("COST-EC2-001", "left to the default", FAIL, (Spec(VOLUME, {"size": 10}),)),
    Case(
        "COST-EC2-001",
        "template gp2",
        FAIL,
        (Spec(TEMPLATE, {"blockDeviceMappings": GP2}),),
        "Mappings.0.ebs.volumeType",
    ),
    Case("COST-EC2-001", "database gp2", FAIL, (Spec(DATABASE, {"storageType": "gp2"}),)),
    Case(
        "COST-EC2-001",
        "root of an instance",
        FAIL,
        (Spec(INSTANCE, {"rootBlockDevice": {"volumeType": "gp2"}}),),
    ),
    Case(
        "COST-EC2-001",
        "node class",
        FAIL,
        (object_("karpenter.k8s.aws/v1", "EC2NodeClass", spec={"blockDeviceMappings": GP2}),),
    ),
    Case("COST-EC2-001", "storage class", FAIL, (storage_class("ebs.csi.aws.com", "gp2"),), "parameters.type"),
    Case("COST-EC2-001", "unknown", OPEN, (Spec(VOLUME, {"type": UNKNOWN}),)),
    Case("COST-EC2-001", "mappings unknown", OPEN, (Spec(TEMPLATE, {"blockDeviceMappings": UNKNOWN_LIST}),)),
    Case("COST-EC2-001", "file system class", SKIP, (storage_class("efs.csi.aws.com", "gp2"),)),
    Case("COST-EC2-001", "another type", SKIP, (OTHER,)),
    Case("COST-S3-001", "attached", PASS, (OLD, configuration(EXPIRE))),
    Case(
        "COST-S3-001",
        "first preview",
        PASS,
        (NEW, Spec(LIFECYCLE, {"bucket": UNKNOWN, "rules": [EXPIRE]}, "lifecycle", OF_NEW)),
    ),
    Case("COST-S3-001", "inline", PASS, (Spec(BUCKET, {**OLD.props, "lifecycleRules": [{"enabled": True}]}),)),
    Case("COST-S3-001", "one of two enabled", PASS, (OLD, configuration({"status": UNKNOWN}, EXPIRE))),
    Case("COST-S3-001", "none", FAIL, (OLD,), "no lifecycle configuration"),
    Case(
        "COST-S3-001",
        "computed by the provider",
        FAIL,
        (Spec(BUCKET, {"id": UNKNOWN, "lifecycleRules": UNKNOWN_LIST}),),
    ),
    Case("COST-S3-001", "disabled", FAIL, (OLD, configuration({"status": "Disabled"})), "no lifecycle rule"),
    Case(
        "COST-S3-001",
        "rules unknown",
        OPEN,
        (OLD, Spec(LIFECYCLE, {"bucket": "data-1", "rules": UNKNOWN_LIST}, "l")),
    ),
    Case(
        "COST-S3-001",
        "inline unknown",
        OPEN,
        (
            Spec(
                BUCKET,
                {**OLD.props, "lifecycleRules": UNKNOWN_LIST},
                depends={"lifecycleRules": [urn(BUCKET, "x")]},
            ),
        ),
    ),
    Case(
        "COST-S3-001",
        "bucket not resolved",
        OPEN,
        (NEW, Spec(LIFECYCLE, {"bucket": UNKNOWN, "rules": [EXPIRE]}, "l")),
    ),
    Case("COST-S3-001", "another type", SKIP, (OTHER,)),
)
