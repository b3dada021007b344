"""Cases of the rule on tags."""

import json
from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    secret,
)
from tests.policies.specs import BUCKET

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


CASES = (
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
