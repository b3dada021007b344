"""Cases of the rules on KMS keys."""

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
)
from tests.policies.specs import document

KEY = "aws:kms/key:Key"
REPLICA = "aws:kms/replicaKey:ReplicaKey"
POLICY = "aws:kms/keyPolicy:KeyPolicy"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
OPEN_TO_ALL = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}


def policy(*statements: Any) -> Spec:
    return Spec(KEY, {"policy": document(*statements)})


def everybody(**changes: Any) -> Spec:
    return policy({**OPEN_TO_ALL, **changes})


def waits(days: Any, kind: str = KEY) -> Spec:
    return Spec(kind, {"deletionWindowInDays": days})


THROUGH_EC2 = {"kms:CallerAccount": "123456789012", "kms:ViaService": "ec2.eu-west-1.amazonaws.com"}

CASES = (
    Case("SEC-KMS-001", "rotates", PASS, (Spec(KEY, {"enableKeyRotation": True}),)),
    Case("SEC-KMS-001", "default", FAIL, (Spec(KEY, {"description": "data"}),), "enableKeyRotation is unset"),
    Case("SEC-KMS-001", "unknown", OPEN, (Spec(KEY, {"enableKeyRotation": UNKNOWN_BOOL}),)),
    Case("SEC-KMS-001", "asymmetric", SKIP, (Spec(KEY, {"customerMasterKeySpec": "RSA_4096"}),)),
    Case("SEC-KMS-001", "for signatures", SKIP, (Spec(KEY, {"keyUsage": "GENERATE_VERIFY_MAC"}),)),
    Case("SEC-KMS-001", "in a custom key store", SKIP, (Spec(KEY, {"customKeyStoreId": "cks-1"}),)),
    Case("SEC-KMS-002", "policy of AWS", PASS, (Spec(KEY, {"description": "data"}),)),
    Case("SEC-KMS-002", "the account", PASS, (everybody(Principal=ROOT),)),
    Case("SEC-KMS-002", "through EC2 for own account", PASS, (everybody(Condition={"StringEquals": THROUGH_EC2}),)),
    Case("SEC-KMS-002", "denied to all", PASS, (everybody(Effect="Deny"),)),
    Case(
        "SEC-KMS-002",
        "own organisation's accounts",
        PASS,
        (everybody(Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-1/r-1/*"]}}),),
    ),
    Case("SEC-KMS-002", "everybody", FAIL, (everybody(),), "policy.Statement.0 allows anybody"),
    Case("SEC-KMS-002", "everybody in short", FAIL, (everybody(Principal="*"),)),
    Case("SEC-KMS-002", "everybody in a list", FAIL, (everybody(Principal={"AWS": [ROOT["AWS"], "*"]}),)),
    Case(
        "SEC-KMS-002", "through a service only", FAIL, (everybody(Condition={"StringEquals": {"kms:ViaService": "x"}}),)
    ),
    Case(
        "SEC-KMS-002",
        "one of the accounts is any",
        FAIL,
        (everybody(Condition={"StringLike": {"kms:CallerAccount": ["123456789012", "*"]}}),),
    ),
    Case("SEC-KMS-002", "any bucket", FAIL, (everybody(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}),)),
    Case(
        "SEC-KMS-002", "one bucket", PASS, (everybody(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::data"}}),)
    ),
    Case("SEC-KMS-002", "policy of its own resource", FAIL, (Spec(POLICY, {"policy": document(OPEN_TO_ALL)}),)),
    Case("SEC-KMS-002", "replica", FAIL, (Spec(REPLICA, {"policy": document(OPEN_TO_ALL)}),)),
    Case("SEC-KMS-002", "secret", FAIL, (Spec(KEY, {"policy": secret(document(OPEN_TO_ALL))}),)),
    Case(
        "SEC-KMS-002",
        "unknown beside everybody",
        FAIL,
        (Spec(KEY, {"policy": {"Statement": [UNKNOWN_OBJECT, OPEN_TO_ALL]}}),),
    ),
    Case("SEC-KMS-002", "unknown", OPEN, (Spec(KEY, {"policy": UNKNOWN}),)),
    Case("SEC-KMS-002", "statements unknown", OPEN, (Spec(KEY, {"policy": {"Statement": UNKNOWN_LIST}}),)),
    Case(
        "SEC-KMS-002",
        "condition unknown",
        OPEN,
        (Spec(KEY, {"policy": {"Statement": {**OPEN_TO_ALL, "Condition": UNKNOWN_OBJECT}}}),),
    ),
    Case("SEC-KMS-002", "a statement is a text", OPEN, (policy("Allow"),), "an object was expected"),
    Case("SEC-KMS-002", "policy left out", OPEN, (Spec(POLICY, {"keyId": "1"}),), "a policy document was expected"),
    Case("SEC-KMS-002", "another type", SKIP, (OTHER,)),
    Case("SEC-KMS-003", "default", PASS, (Spec(KEY, {"description": "data"}),)),
    Case("SEC-KMS-003", "longest", PASS, (waits(30),)),
    Case("SEC-KMS-003", "two weeks anywhere", PASS, (waits(14),)),
    Case("SEC-KMS-003", "a week in a sandbox", PASS, (waits(7),), environment="sandbox"),
    Case("SEC-KMS-003", "a week in production", FAIL, (waits(7),), "wanted 14 days or more", environment="production"),
    Case("SEC-KMS-003", "replica", FAIL, (waits(7, REPLICA),), "is 7", environment="staging"),
    Case("SEC-KMS-003", "too short anywhere", FAIL, (waits(3),), "wanted 7 days or more"),
    Case("SEC-KMS-003", "stricter profile", FAIL, (waits(14),), params={"minimum_days": {"default": 30}}),
    Case("SEC-KMS-003", "unknown", OPEN, (waits(UNKNOWN),)),
    Case("SEC-KMS-003", "a week, nobody says where", OPEN, (waits(7),), "the environment is not known"),
    Case("SEC-KMS-003", "a text", OPEN, (waits("30"),), "a number was expected"),
    Case("SEC-KMS-003", "another type", SKIP, (OTHER,)),
)
