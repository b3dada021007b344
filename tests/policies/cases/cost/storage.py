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


CASES = (
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
