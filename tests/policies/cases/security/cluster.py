"""Cases of the rules on EKS clusters."""

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


def cluster(**props: Any) -> Spec:
    return Spec("aws:eks/cluster:Cluster", props)


LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

CASES = (
    Case("SEC-EKS-001", "private only", PASS, (cluster(vpcConfig={"endpointPublicAccess": False}),)),
    Case("SEC-EKS-001", "public", FAIL, (cluster(vpcConfig={"endpointPublicAccess": True}),), "is true; wanted"),
    Case("SEC-EKS-001", "left to the default", FAIL, (cluster(vpcConfig={}),), "is unset; wanted false"),
    Case("SEC-EKS-001", "no vpc config at all", FAIL, (cluster(),)),
    Case(
        "SEC-EKS-001",
        "text instead of boolean",
        FAIL,
        (cluster(vpcConfig={"endpointPublicAccess": "false"}),),
    ),
    Case("SEC-EKS-001", "switch unknown", OPEN, (cluster(vpcConfig={"endpointPublicAccess": UNKNOWN_BOOL}),)),
    Case(
        "SEC-EKS-001",
        "block unknown",
        OPEN,
        (cluster(vpcConfig=UNKNOWN_OBJECT),),
        "vpcConfig is not known yet",
    ),
    Case("SEC-EKS-001", "block is a text", OPEN, (cluster(vpcConfig="x"),), "an object was expected"),
    Case("SEC-EKS-001", "secret and off", PASS, (cluster(vpcConfig=secret({"endpointPublicAccess": False})),)),
    Case("SEC-EKS-001", "another type", SKIP, (OTHER,)),
    Case(
        "SEC-EKS-004",
        "own key",
        PASS,
        (cluster(encryptionConfig={"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:x"}}),),
    ),
    Case(
        "SEC-EKS-004",
        "key of the same stack",
        PASS,
        (cluster(encryptionConfig={"resources": ["secrets"], "provider": {"keyArn": UNKNOWN}}),),
    ),
    Case("SEC-EKS-004", "not encrypted", FAIL, (cluster(),), "encryptionConfig.resources is unset"),
    Case("SEC-EKS-004", "no key", FAIL, (cluster(encryptionConfig={"resources": ["secrets"]}),), "keyArn"),
    Case("SEC-EKS-004", "config unknown", OPEN, (cluster(encryptionConfig=UNKNOWN_OBJECT),)),
    Case(
        "SEC-EKS-004",
        "provider unknown",
        OPEN,
        (cluster(encryptionConfig={"resources": ["secrets"], "provider": UNKNOWN_OBJECT}),),
    ),
    Case("SEC-EKS-004", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-005", "all five", PASS, (cluster(enabledClusterLogTypes=LOGS),)),
    Case("SEC-EKS-005", "all five and one unknown", PASS, (cluster(enabledClusterLogTypes=[*LOGS, UNKNOWN]),)),
    Case("SEC-EKS-005", "audit alone", FAIL, (cluster(enabledClusterLogTypes=["audit"]),), '["audit"]'),
    Case("SEC-EKS-005", "none", FAIL, (cluster(),), "is unset"),
    Case("SEC-EKS-005", "list unknown", OPEN, (cluster(enabledClusterLogTypes=UNKNOWN_LIST),)),
    Case("SEC-EKS-005", "an item unknown", OPEN, (cluster(enabledClusterLogTypes=["api", UNKNOWN]),)),
    Case("SEC-EKS-005", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-006", "supported", PASS, (cluster(version="1.36"),)),
    Case("SEC-EKS-006", "out of support", FAIL, (cluster(version="1.33"),), "ended on 2026-07-29"),
    Case("SEC-EKS-006", "unknown", OPEN, (cluster(version=UNKNOWN),)),
    Case("SEC-EKS-006", "not pinned", OPEN, (cluster(),), "pin it"),
    Case("SEC-EKS-006", "newer than the facts", OPEN, (cluster(version="9.99"),), '"9.99" is not in the facts'),
    Case("SEC-EKS-006", "a number", OPEN, (cluster(version=1.36),), "a string was expected"),
    Case("SEC-EKS-006", "another type", SKIP, (OTHER,)),
)
