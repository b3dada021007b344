"""Cases of the cost rules."""

import json
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
    secret,
    urn,
)
from tests.policies.cases_security import BUCKET, NEW, OF_NEW, OLD

OWN = {"component": "network"}
DEFAULTS = {
    "environment": "development",
    "owner": "ml-platform",
    "cost-center": "4711",
    "platform": "demo",
    "managed-by": "pulumi",
}
ALL = {**DEFAULTS, **OWN}
VPC = "aws:ec2/vpc:Vpc"
PROVIDER = {"defaultTags": json.dumps({"tags": DEFAULTS})}
GROUP = "aws:autoscaling/group:Group"


def as_list(tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value, "propagateAtLaunch": True} for key, value in tags.items()]


TAGS = (
    Case("COST-TAG-001", "own tags", PASS, (Spec(VPC, {"tags": ALL}),)),
    Case("COST-TAG-001", "merged by the provider", PASS, (Spec(VPC, {"tags": OWN, "tagsAll": ALL}),)),
    Case("COST-TAG-001", "provider's default tags", PASS, (Spec(VPC, {"tags": OWN}, provider=PROVIDER),)),
    Case(
        "COST-TAG-001",
        "default tags as object",
        PASS,
        (Spec(VPC, {"tags": OWN}, provider={"defaultTags": {"tags": DEFAULTS}}),),
    ),
    Case(
        "COST-TAG-001",
        "secret default tags",
        PASS,
        (Spec(VPC, {"tags": OWN}, provider={"defaultTags": secret(PROVIDER["defaultTags"])}),),
    ),
    Case("COST-TAG-001", "bucket with class", PASS, (Spec(BUCKET, {"tags": {**ALL, "data-class": "model"}}),)),
    Case("COST-TAG-001", "auto scaling group", PASS, (Spec(GROUP, {"tags": as_list(ALL)}),)),
    Case("COST-TAG-001", "none", FAIL, (Spec(VPC, {"cidrBlock": "10.0.0.0/16"}),), "tags environment, owner"),
    Case(
        "COST-TAG-001",
        "empty value",
        FAIL,
        (Spec(VPC, {"tags": {**ALL, "owner": ""}}),),
        "tags owner are missing",
    ),
    Case("COST-TAG-001", "bucket without class", FAIL, (Spec(BUCKET, {"tags": ALL}),), "data-class"),
    Case(
        "COST-TAG-001",
        "value not allowed",
        FAIL,
        (Spec(VPC, {"tags": {**ALL, "managed-by": "hand"}}),),
        "tag managed-by",
    ),
    Case(
        "COST-TAG-001",
        "defaults do not reach groups",
        FAIL,
        (Spec(GROUP, {"tags": as_list(OWN)}, provider=PROVIDER),),
    ),
    Case(
        "COST-TAG-001",
        "own parameter",
        FAIL,
        (Spec(VPC, {"tags": ALL}),),
        "team",
        params={"required": ["team"]},
    ),
    Case(
        "COST-TAG-001",
        "one missing beside an unknown",
        FAIL,
        (Spec(VPC, {"tags": {"owner": UNKNOWN}}),),
        "environment",
    ),
    Case("COST-TAG-001", "value unknown", OPEN, (Spec(VPC, {"tags": {**ALL, "owner": UNKNOWN}}),), "tags.owner"),
    Case("COST-TAG-001", "tags unknown", OPEN, (Spec(VPC, {"tags": UNKNOWN_OBJECT}),)),
    Case(
        "COST-TAG-001",
        "default tags unknown",
        OPEN,
        (Spec(VPC, {"tags": OWN}, provider={"defaultTags": UNKNOWN}),),
    ),
    Case(
        "COST-TAG-001",
        "default tags not json",
        OPEN,
        (Spec(VPC, {"tags": OWN}, provider={"defaultTags": "{"}),),
    ),
    Case("COST-TAG-001", "not taggable", SKIP, (Spec("aws:iam/rolePolicyAttachment:RolePolicyAttachment"),)),
)

TYPE = "node.kubernetes.io/instance-type"
FAMILY = "karpenter.k8s.aws/instance-family"
CATEGORY = "karpenter.k8s.aws/instance-category"
CAPACITY = "karpenter.sh/capacity-type"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


def need(key: str, *values: Any, operator: str = "In") -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def node_pool(*requirements: Any, limits: Any = None, taints: Any = ()) -> Spec:
    spec: dict[str, Any] = {"template": {"spec": {"requirements": list(requirements), "taints": list(taints)}}}
    return object_("karpenter.sh/v1", "NodePool", spec={**spec, "limits": limits} if limits is not None else spec)


SPOT = need(CAPACITY, "spot")
G5 = need(FAMILY, "g5")


def gpu(name: str, expected: Any, spec: Spec, says: str = "", environment: str | None = "development") -> Case:
    return Case("COST-GPU-001", name, expected, (spec,), says, environment=environment)


def group(**props: Any) -> Spec:
    return Spec(NODE_GROUP, props)


GPU = (
    gpu("spot pool", PASS, node_pool(G5, SPOT)),
    gpu("reserved or spot", PASS, node_pool(G5, need(CAPACITY, "reserved", "spot"))),
    gpu("not on-demand", PASS, node_pool(G5, need(CAPACITY, "on-demand", operator="NotIn"))),
    gpu("spot group", PASS, group(instanceTypes=["g5.xlarge"], capacityType="SPOT")),
    gpu("capacity left open", FAIL, node_pool(G5), "allow on-demand capacity"),
    gpu(
        "on-demand beside spot",
        FAIL,
        node_pool(need(TYPE, "m7i.large", "trn1.2xlarge"), need(CAPACITY, "spot", "on-demand")),
    ),
    gpu("category", FAIL, node_pool(need(CATEGORY, "m", "p"))),
    gpu("gpu count", FAIL, node_pool(need("karpenter.k8s.aws/instance-gpu-count", "0", operator="Gt"))),
    gpu("by its limit", FAIL, node_pool(limits={"nvidia.com/gpu": 4})),
    gpu("by its taint", FAIL, node_pool(taints=[{"key": "nvidia.com/gpu", "effect": "NoSchedule"}])),
    gpu("on-demand group", FAIL, group(instanceTypes=["g5.xlarge"]), "capacityType is unset"),
    gpu("group by its image", FAIL, group(amiType="AL2023_x86_64_NVIDIA", capacityType="ON_DEMAND")),
    gpu("in the sandbox", FAIL, node_pool(G5), environment="sandbox"),
    gpu("family unknown", OPEN, node_pool(need(FAMILY, UNKNOWN))),
    gpu("capacity unknown", OPEN, node_pool(G5, need(CAPACITY, UNKNOWN))),
    gpu("family not in the facts", OPEN, node_pool(need(FAMILY, "z99")), '"z99" is not among the facts'),
    gpu("group of a launch template", OPEN, group(launchTemplate={"id": UNKNOWN})),
    gpu("environment unknown", OPEN, node_pool(G5), "the environment is not known", environment=None),
    gpu("production", SKIP, node_pool(G5), environment="production"),
    gpu("cpu pool", SKIP, node_pool(need(FAMILY, "m7i"))),
    gpu("cpu group", SKIP, group(instanceTypes=["m7i.large"])),
    gpu("another type", SKIP, OTHER),
    Case("COST-GPU-003", "gpu limit", PASS, (node_pool(G5, limits={"nvidia.com/gpu": "16"}),)),
    Case(
        "COST-GPU-003",
        "neuron limit",
        PASS,
        (node_pool(need(FAMILY, "inf2"), limits={"aws.amazon.com/neuron": 12}),),
    ),
    Case("COST-GPU-003", "cpu limit", PASS, (node_pool(need(FAMILY, "m7i"), limits={"cpu": 64}),)),
    Case(
        "COST-GPU-003",
        "gpu pool with cpu limit",
        FAIL,
        (node_pool(G5, limits={"cpu": 64}),),
        "names no accelerator",
    ),
    Case(
        "COST-GPU-003",
        "cpu pool without limit",
        FAIL,
        (node_pool(need(FAMILY, "m7i")),),
        "spec.limits lacks cpu",
    ),
    Case(
        "COST-GPU-003",
        "parameter",
        FAIL,
        (node_pool(limits={"cpu": 1}),),
        "lacks memory",
        {"always": ["cpu", "memory"]},
    ),
    Case("COST-GPU-003", "limit unknown", OPEN, (node_pool(G5, limits={"nvidia.com/gpu": UNKNOWN}),)),
    Case("COST-GPU-003", "limits unknown", OPEN, (node_pool(G5, limits=UNKNOWN_OBJECT),)),
    Case("COST-GPU-003", "another kind", SKIP, (object_("karpenter.sh/v1", "NodeClaim"),)),
)

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


STORAGE = (
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

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
CAP = {"maximum_days": {"default": 30}}
LOGS = (
    Case("COST-LOG-001", "30 days", PASS, (Spec(LOG_GROUP, {"retentionInDays": 30}),), params=CAP),
    Case(
        "COST-LOG-001",
        "a year in production",
        PASS,
        (Spec(LOG_GROUP, {"retentionInDays": 365}),),
        environment="production",
    ),
    Case("COST-LOG-001", "for ever", FAIL, (Spec(LOG_GROUP, {"name": "x"}),), "for ever", CAP),
    Case("COST-LOG-001", "zero", FAIL, (Spec(LOG_GROUP, {"retentionInDays": 0}),), "for ever", CAP),
    Case("COST-LOG-001", "too long", FAIL, (Spec(LOG_GROUP, {"retentionInDays": 90}),), "wanted 1 to 30", CAP),
    Case(
        "COST-LOG-001",
        "too short",
        FAIL,
        (Spec(LOG_GROUP, {"retentionInDays": 7}),),
        "wanted 14",
        {"minimum_days": {"default": 14}, **CAP},
    ),
    Case("COST-LOG-001", "unknown", OPEN, (Spec(LOG_GROUP, {"retentionInDays": UNKNOWN}),), params=CAP),
    Case("COST-LOG-001", "environment unknown", OPEN, (Spec(LOG_GROUP, {"retentionInDays": 5}),), "environment"),
    Case(
        "COST-LOG-001",
        "a text",
        OPEN,
        (Spec(LOG_GROUP, {"retentionInDays": "30"}),),
        "a number was expected",
        CAP,
    ),
    Case("COST-LOG-001", "another type", SKIP, (OTHER,)),
)

CASES = (*TAGS, *GPU, *STORAGE, *LOGS)
