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


def endpoint(public: Any, *networks: Any) -> Spec:
    return cluster(vpcConfig={"endpointPublicAccess": public, "publicAccessCidrs": list(networks)})


def support(kind: Any) -> Spec:
    return cluster(upgradePolicy={"supportType": kind})


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
    Case("SEC-EKS-006", "out of support", FAIL, (cluster(version="1.33"),), "since 2026-07-29"),
    Case("SEC-EKS-006", "unknown", OPEN, (cluster(version=UNKNOWN),)),
    Case("SEC-EKS-006", "not pinned", OPEN, (cluster(),), "pin it"),
    Case(
        "SEC-EKS-006",
        "older than the facts",
        FAIL,
        (cluster(version="1.12"),),
        "out of standard support since before 20",
    ),
    Case("SEC-EKS-006", "no version", OPEN, (cluster(version="latest"),), "is not in the facts"),
    Case("SEC-EKS-006", "newer than the facts", OPEN, (cluster(version="9.99"),), '"9.99" is not in the facts'),
    Case("SEC-EKS-006", "a number", OPEN, (cluster(version=1.36),), "a string was expected"),
    Case("SEC-EKS-006", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-002", "private", PASS, (cluster(vpcConfig={"endpointPublicAccess": False}),)),
    Case("SEC-EKS-002", "private with a list", PASS, (endpoint(False, "0.0.0.0/0"),)),
    Case("SEC-EKS-002", "an office", PASS, (endpoint(True, "203.0.113.0/24", "2001:db8::/32"),)),
    Case("SEC-EKS-002", "one host without a length", PASS, (endpoint(True, "203.0.113.7"),)),
    Case("SEC-EKS-002", "everyone", FAIL, (endpoint(True, "203.0.113.0/24", "0.0.0.0/0"),), "1 is 0.0.0.0/0; wanted"),
    Case("SEC-EKS-002", "everyone with IPv6", FAIL, (endpoint(True, "::/0"),), "is ::/0; wanted a network of /16"),
    Case("SEC-EKS-002", "everyone in halves", FAIL, (endpoint(True, "0.0.0.0/1", "128.0.0.0/1"),), "128.0.0.0/1"),
    Case("SEC-EKS-002", "public without a list", FAIL, (endpoint(True),), "the default is 0.0.0.0/0"),
    Case("SEC-EKS-002", "nothing said", FAIL, (cluster(),), "publicAccessCidrs is unset"),
    Case("SEC-EKS-002", "everyone beside an unknown", FAIL, (endpoint(True, UNKNOWN, "0.0.0.0/0"),)),
    Case(
        "SEC-EKS-002",
        "a secret list",
        FAIL,
        (cluster(vpcConfig={"endpointPublicAccess": True, "publicAccessCidrs": secret(["0.0.0.0/0"])}),),
        "is [secret]; wanted",
    ),
    Case(
        "SEC-EKS-002",
        "wider than the company's rule",
        FAIL,
        (endpoint(True, "203.0.0.0/16"),),
        "wanted a network of /20",
        {"shortest_ipv4_prefix": 20},
    ),
    Case("SEC-EKS-002", "a network unknown", OPEN, (endpoint(True, "203.0.113.0/24", UNKNOWN),), "1 is not known yet"),
    Case("SEC-EKS-002", "not a network", OPEN, (endpoint(True, "office"),), "0 is not a network"),
    Case("SEC-EKS-002", "a number", OPEN, (endpoint(True, 10),), "a network was expected"),
    Case("SEC-EKS-002", "switch as text", OPEN, (cluster(vpcConfig={"endpointPublicAccess": "no"}),)),
    Case("SEC-EKS-002", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-003", "on", PASS, (cluster(vpcConfig={"endpointPrivateAccess": True}),)),
    Case("SEC-EKS-003", "secret and on", PASS, (cluster(vpcConfig=secret({"endpointPrivateAccess": True})),)),
    Case("SEC-EKS-003", "off", FAIL, (cluster(vpcConfig={"endpointPrivateAccess": False}),), "is false; wanted true"),
    Case("SEC-EKS-003", "left to the default", FAIL, (cluster(vpcConfig={}),), "is unset"),
    Case("SEC-EKS-003", "text instead of boolean", FAIL, (cluster(vpcConfig={"endpointPrivateAccess": "true"}),)),
    Case("SEC-EKS-003", "switch unknown", OPEN, (cluster(vpcConfig={"endpointPrivateAccess": UNKNOWN_BOOL}),)),
    Case("SEC-EKS-003", "block unknown", OPEN, (cluster(vpcConfig=UNKNOWN_OBJECT),)),
    Case("SEC-EKS-003", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-007", "standard", PASS, (support("STANDARD"),)),
    Case("SEC-EKS-007", "standard in production", PASS, (support("STANDARD"),), environment="production"),
    Case("SEC-EKS-007", "extended in a sandbox", FAIL, (support("EXTENDED"),), '"EXTENDED"', environment="sandbox"),
    Case("SEC-EKS-007", "left to the default", FAIL, (cluster(),), "the default is EXTENDED", environment="staging"),
    Case(
        "SEC-EKS-007",
        "by the cluster's own tag",
        FAIL,
        (cluster(tags={"environment": "dev"}),),
    ),
    Case(
        "SEC-EKS-007",
        "nowhere",
        FAIL,
        (cluster(),),
        params={"extended_support": {"default": False}},
        environment="production",
    ),
    Case("SEC-EKS-007", "extended in production", SKIP, (support("EXTENDED"),), environment="production"),
    Case("SEC-EKS-007", "environment unknown", OPEN, (support("EXTENDED"),), "the environment is not known"),
    Case("SEC-EKS-007", "unknown", OPEN, (support(UNKNOWN),), environment="development"),
    Case("SEC-EKS-007", "block unknown", OPEN, (cluster(upgradePolicy=UNKNOWN_OBJECT),), environment="development"),
    Case("SEC-EKS-007", "another type", SKIP, (OTHER,)),
    Case("SEC-EKS-008", "protected", PASS, (cluster(deletionProtection=True),), environment="production"),
    Case("SEC-EKS-008", "protected somewhere", PASS, (cluster(deletionProtection=True),)),
    Case("SEC-EKS-008", "off", FAIL, (cluster(deletionProtection=False),), "is false", environment="production"),
    Case("SEC-EKS-008", "left to the default", FAIL, (cluster(),), "is unset; wanted true", environment="production"),
    Case("SEC-EKS-008", "a text", FAIL, (cluster(deletionProtection="true"),), environment="production"),
    Case(
        "SEC-EKS-008",
        "everywhere",
        FAIL,
        (cluster(),),
        params={"required": {"default": True, "sandbox": False}},
        environment="development",
    ),
    Case("SEC-EKS-008", "off in a sandbox", SKIP, (cluster(deletionProtection=False),), environment="sandbox"),
    Case("SEC-EKS-008", "environment unknown", OPEN, (cluster(),), "the environment is not known"),
    Case("SEC-EKS-008", "unknown", OPEN, (cluster(deletionProtection=UNKNOWN_BOOL),), environment="production"),
    Case("SEC-EKS-008", "another type", SKIP, (OTHER,)),
)
