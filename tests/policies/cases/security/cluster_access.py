"""Cases of the rules on who may enter EKS clusters."""

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
)
from tests.policies.cases.security.cluster import cluster

POLICIES = "arn:aws:eks::aws:cluster-access-policy/"
ADMIN = f"{POLICIES}AmazonEKSClusterAdminPolicy"
ROLE = "arn:aws:iam::123456789012:role/platform-admin"
SSO = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"
USER = "arn:aws:iam::123456789012:user/alice"


def access(mode: Any) -> Spec:
    return cluster(accessConfig={"authenticationMode": mode})


def creator(admin: Any) -> Spec:
    return cluster(accessConfig={"bootstrapClusterCreatorAdminPermissions": admin})


def association(principal: Any, policy: Any = ADMIN, scope: Any = "cluster") -> Spec:
    props = {"principalArn": principal, "policyArn": policy, "accessScope": {"type": scope}, "clusterName": "ml"}
    return Spec("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", props)


CASES = (
    Case("SEC-EKS-009", "entries", PASS, (access("API"),)),
    Case("SEC-EKS-009", "secret and entries", PASS, (access(secret("API")),)),
    Case("SEC-EKS-009", "the map", FAIL, (access("CONFIG_MAP"),), '"CONFIG_MAP"; wanted "API"'),
    Case("SEC-EKS-009", "both", FAIL, (access("API_AND_CONFIG_MAP"),)),
    Case("SEC-EKS-009", "left to the default", FAIL, (cluster(),), "authenticationMode is unset"),
    Case("SEC-EKS-009", "unknown", OPEN, (access(UNKNOWN),)),
    Case("SEC-EKS-009", "block unknown", OPEN, (cluster(accessConfig=UNKNOWN_OBJECT),)),
    Case("SEC-EKS-009", "block is a text", OPEN, (cluster(accessConfig="API"),), "an object was expected"),
    Case("SEC-EKS-009", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-010", "no", PASS, (creator(False),)),
    Case("SEC-EKS-010", "yes", FAIL, (creator(True),), "is true; wanted false"),
    Case("SEC-EKS-010", "left to the default", FAIL, (access("API"),), "Permissions is unset"),
    Case("SEC-EKS-010", "no block", FAIL, (cluster(),)),
    Case("SEC-EKS-010", "a number", FAIL, (creator(0),)),
    Case("SEC-EKS-010", "unknown", OPEN, (creator(UNKNOWN_BOOL),)),
    Case("SEC-EKS-010", "block unknown", OPEN, (cluster(accessConfig=UNKNOWN_OBJECT),)),
    Case("SEC-EKS-010", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-011", "a role", PASS, (association(ROLE),)),
    Case("SEC-EKS-011", "a role of another partition", PASS, (association(ROLE.replace("aws", "aws-us-gov", 1)),)),
    Case("SEC-EKS-011", "a listed role", PASS, (association(SSO),), params={"principals": ["arn:*:role/**Admin_*"]}),
    Case("SEC-EKS-011", "a user", FAIL, (association(USER),), "user/alice"),
    Case("SEC-EKS-011", "people by single sign-on", FAIL, (association(SSO),)),
    Case("SEC-EKS-011", "everyone", FAIL, (association("*"),)),
    Case("SEC-EKS-011", "nobody named", FAIL, (association(None),), "is unset"),
    Case(
        "SEC-EKS-011",
        "a role off the list",
        FAIL,
        (association(ROLE),),
        params={"principals": ["arn:aws:iam::*:role/break-glass"]},
    ),
    Case("SEC-EKS-011", "a dot in the list is a dot", FAIL, (association("axb"),), params={"principals": ["a.b"]}),
    Case("SEC-EKS-011", "a secret principal", FAIL, (association(secret(USER)),), "is [secret]"),
    Case("SEC-EKS-011", "principal unknown", OPEN, (association(UNKNOWN),), "principalArn is not known yet"),
    Case("SEC-EKS-011", "policy unknown", OPEN, (association(USER, UNKNOWN),)),
    Case("SEC-EKS-011", "scope unknown", OPEN, (association(USER, scope=UNKNOWN),)),
    Case("SEC-EKS-011", "a number", OPEN, (association(7),), "a string was expected"),
    Case("SEC-EKS-011", "another policy", SKIP, (association(USER, f"{POLICIES}AmazonEKSViewPolicy"),)),
    Case("SEC-EKS-011", "in a namespace", SKIP, (association(USER, scope="namespace"),)),
    Case("SEC-EKS-011", "another type", SKIP, (OTHER,)),
)
