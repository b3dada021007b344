"""Cases of the rules on IAM policies, roles and KMS keys."""

import json

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    Case,
    Spec,
    secret,
)
from tests.policies.specs import READ, document

ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}

MANAGED = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
CASES = (
    Case("SEC-IAM-001", "narrow", PASS, (Spec(MANAGED, {"policy": document(READ)}),)),
    Case("SEC-IAM-001", "deny all", PASS, (Spec(MANAGED, {"policy": document({**ADMIN, "Effect": "Deny"})}),)),
    Case(
        "SEC-IAM-001",
        "admin",
        FAIL,
        (Spec(MANAGED, {"policy": document(READ, ADMIN)}),),
        "policy.Statement.1",
    ),
    Case(
        "SEC-IAM-001",
        "admin in lists",
        FAIL,
        (Spec(MANAGED, {"policy": document({**ADMIN, "Action": ["*"]})}),),
    ),
    Case(
        "SEC-IAM-001",
        "single statement",
        FAIL,
        (Spec(MANAGED, {"policy": json.dumps({"Statement": ADMIN})}),),
    ),
    Case("SEC-IAM-001", "secret document", FAIL, (Spec(MANAGED, {"policy": secret(document(ADMIN))}),)),
    Case(
        "SEC-IAM-001",
        "inline of a role",
        FAIL,
        (Spec(ROLE, {"inlinePolicies": [{"policy": document(ADMIN)}]}),),
    ),
    Case("SEC-IAM-001", "document unknown", OPEN, (Spec(MANAGED, {"policy": UNKNOWN}),)),
    Case("SEC-IAM-001", "document is a number", OPEN, (Spec(MANAGED, {"policy": 3}),)),
    Case("SEC-IAM-001", "role without inline policies", SKIP, (Spec(ROLE, {"assumeRolePolicy": "{}"}),)),
    Case("SEC-KMS-001", "rotates", PASS, (Spec(KEY, {"enableKeyRotation": True}),)),
    Case("SEC-KMS-001", "default", FAIL, (Spec(KEY, {"description": "data"}),), "enableKeyRotation is unset"),
    Case("SEC-KMS-001", "unknown", OPEN, (Spec(KEY, {"enableKeyRotation": UNKNOWN_BOOL}),)),
    Case("SEC-KMS-001", "asymmetric", SKIP, (Spec(KEY, {"customerMasterKeySpec": "RSA_4096"}),)),
    Case("SEC-KMS-001", "for signatures", SKIP, (Spec(KEY, {"keyUsage": "GENERATE_VERIFY_MAC"}),)),
)
