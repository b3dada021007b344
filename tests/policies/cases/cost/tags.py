"""Cases of the rules on tags."""

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
AWS = "pulumi:providers:aws"
VPC = "aws:ec2/vpc:Vpc"
PROVIDER = {"defaultTags": json.dumps({"tags": DEFAULTS})}
GROUP = "aws:autoscaling/group:Group"


def as_list(tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value, "propagateAtLaunch": True} for key, value in tags.items()]


def default(name: str, expected: Any, inputs: dict[str, Any], says: str = "", params: Any = ()) -> Case:
    """A case of a provider that manages a network."""
    specs = (Spec(AWS, inputs, "aws"), Spec(VPC, {"tags": OWN}, "network", provider=inputs))
    return Case("COST-TAG-003", name, expected, specs, says, dict(params))


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
    default("all keys", PASS, PROVIDER),
    default("as object", PASS, {"defaultTags": {"tags": DEFAULTS}}),
    default("secret", PASS, {"defaultTags": secret(PROVIDER["defaultTags"])}),
    default("own parameter", PASS, {"defaultTags": {"tags": {"team": "ml"}}}, params={"required": ["team"]}),
    default("none", FAIL, {"region": "us-east-1"}, "default tag environment is missing"),
    default("one missing", FAIL, {"defaultTags": {"tags": {**DEFAULTS, "owner": ""}}}, "default tag owner is missing"),
    default(
        "one missing beside an unknown",
        FAIL,
        {"defaultTags": {"tags": {"environment": UNKNOWN, "owner": "ml"}}},
        "cost-center is missing",
    ),
    default(
        "value unknown", OPEN, {"defaultTags": {"tags": {**DEFAULTS, "owner": UNKNOWN}}}, "tags.owner is not known"
    ),
    default("tags unknown", OPEN, {"defaultTags": UNKNOWN}),
    default("not json", OPEN, {"defaultTags": "{"}, "not a valid JSON document"),
    Case("COST-TAG-003", "manages nothing", SKIP, (Spec(AWS, PROVIDER, "aws"),), "manages nothing"),
    Case(
        "COST-TAG-003",
        "manages what takes no tags",
        SKIP,
        (Spec(AWS, {}, "aws"), Spec("aws:iam/rolePolicy:RolePolicy", provider={})),
    ),
    Case(
        "COST-TAG-003",
        "another provider manages it",
        SKIP,
        (Spec(AWS, {}, "second"), Spec(VPC, provider=PROVIDER)),
    ),
    Case("COST-TAG-003", "another type", SKIP, (Spec(VPC, provider={}),)),
)
