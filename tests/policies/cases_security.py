"""Cases of the security rules."""

import json
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
    object_,
    secret,
    urn,
)

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"


def cluster(**props: Any) -> Spec:
    return Spec("aws:eks/cluster:Cluster", props)


def template(**props: Any) -> Spec:
    return Spec("aws:ec2/launchTemplate:LaunchTemplate", props)


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::data/*"]}
LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

EKS = (
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

NODE_CLASS = "karpenter.k8s.aws/v1"
EC2 = (
    Case("SEC-EC2-001", "required", PASS, (template(metadataOptions={"httpTokens": "required"}),)),
    Case("SEC-EC2-001", "metadata off", PASS, (template(metadataOptions={"httpEndpoint": "disabled"}),)),
    Case("SEC-EC2-001", "default", FAIL, (template(imageId="ami-1"),), "metadataOptions.httpTokens is unset"),
    Case("SEC-EC2-001", "optional", FAIL, (template(metadataOptions={"httpTokens": "optional"}),)),
    Case("SEC-EC2-001", "instance", FAIL, (Spec("aws:ec2/instance:Instance", {"ami": "ami-1"}),)),
    Case("SEC-EC2-001", "unknown", OPEN, (template(metadataOptions=UNKNOWN_OBJECT),)),
    Case("SEC-EC2-001", "another type", SKIP, (OTHER,)),
    Case("SEC-EC2-001", "karpenter default", PASS, (object_(NODE_CLASS, "EC2NodeClass", spec={}),)),
    Case(
        "SEC-EC2-001",
        "karpenter optional",
        FAIL,
        (object_(NODE_CLASS, "EC2NodeClass", spec={"metadataOptions": {"httpTokens": "optional"}}),),
        "spec.metadataOptions.httpTokens",
    ),
)

ON = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
NEW = Spec(BUCKET, {"id": UNKNOWN, "arn": UNKNOWN, "bucket": "subject-1a2b3c4"})
OLD = Spec(BUCKET, {"id": "data-1", "arn": "arn:aws:s3:::data-1", "bucket": "data-1"})
SECOND = Spec(BUCKET, {"id": UNKNOWN}, "second")
OF_NEW = {"bucket": [urn(BUCKET, "subject")]}
BLANK = Spec(BUCKET, {"id": UNKNOWN, "bucket": UNKNOWN})


def deny(*resources: str, **changes: Any) -> str:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": list(resources)}
    return document(READ, {**statement, "Condition": insecure, **changes})


BOTH = ("arn:aws:s3:::data-1", "arn:aws:s3:::data-1/*")


def policy(text: Any) -> Spec:
    return Spec(POLICY, {"bucket": "data-1", "policy": text}, "tls")


S3 = (
    Case("SEC-S3-001", "deployed", PASS, (OLD, Spec(BLOCK, {"bucket": "data-1", **ON}, "block"))),
    Case(
        "SEC-S3-001",
        "first preview",
        PASS,
        (NEW, Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "block", OF_NEW), SECOND),
    ),
    Case(
        "SEC-S3-001",
        "by name in preview",
        PASS,
        (NEW, Spec(BLOCK, {"bucket": "subject-1a2b3c4", **ON}, "block")),
    ),
    Case(
        "SEC-S3-001",
        "by way of another resource",
        PASS,
        (
            NEW,
            Spec("aws:s3/bucketVersioning:BucketVersioning", {"bucket": UNKNOWN}, "versioning", OF_NEW),
            Spec(
                BLOCK,
                {"bucket": UNKNOWN, **ON},
                "block",
                {"bucket": [urn("aws:s3/bucketVersioning:BucketVersioning", "versioning")]},
            ),
        ),
    ),
    Case("SEC-S3-001", "none", FAIL, (OLD,), "no public access block"),
    Case("SEC-S3-001", "of another bucket", FAIL, (OLD, Spec(BLOCK, {"bucket": "data-2", **ON}, "block"))),
    Case(
        "SEC-S3-001",
        "of another new bucket",
        FAIL,
        (NEW, SECOND, Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "block", {"bucket": [urn(BUCKET, "second")]})),
    ),
    Case(
        "SEC-S3-001",
        "three of four",
        FAIL,
        (OLD, Spec(BLOCK, {"bucket": "data-1", **ON, "ignorePublicAcls": False}, "block")),
        "block: ignorePublicAcls is false",
    ),
    Case("SEC-S3-001", "no dependency recorded", OPEN, (NEW, Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "block"))),
    Case(
        "SEC-S3-001",
        "one of two buckets",
        OPEN,
        (
            NEW,
            SECOND,
            Spec(BLOCK, {"bucket": UNKNOWN, **ON}, "b", {"bucket": [NEW.urn, urn(BUCKET, "second")]}),
        ),
        "perhaps to this one",
    ),
    Case(
        "SEC-S3-001",
        "a switch unknown",
        OPEN,
        (OLD, Spec(BLOCK, {"bucket": "data-1", **ON, "ignorePublicAcls": UNKNOWN_BOOL}, "block")),
    ),
    Case("SEC-S3-001", "another type", SKIP, (OTHER,)),
    Case("SEC-S3-004", "denied", PASS, (OLD, policy(deny(*BOTH)))),
    Case("SEC-S3-004", "denied by a glob", PASS, (OLD, policy(deny("arn:aws:s3:::data-1*")))),
    Case("SEC-S3-004", "principal as object", PASS, (OLD, policy(deny(*BOTH, Principal={"AWS": ["*"]})))),
    Case("SEC-S3-004", "inline", PASS, (Spec(BUCKET, {**OLD.props, "policy": deny(*BOTH)}),)),
    Case("SEC-S3-004", "no policy", FAIL, (OLD,), "the bucket has no policy"),
    Case("SEC-S3-004", "no policy on a new bucket", FAIL, (Spec(BUCKET, {"id": UNKNOWN, "policy": UNKNOWN}),)),
    Case("SEC-S3-004", "only a grant", FAIL, (OLD, policy(document(READ))), "tls does not deny"),
    Case(
        "SEC-S3-004", "one principal only", FAIL, (OLD, policy(deny(*BOTH, Principal={"AWS": "arn:aws:iam::1:root"})))
    ),
    Case("SEC-S3-004", "objects only", FAIL, (OLD, policy(deny(BOTH[1])))),
    Case("SEC-S3-004", "reads only", FAIL, (OLD, policy(deny(*BOTH, Action="s3:GetObject")))),
    Case(
        "SEC-S3-004",
        "policy of a new bucket",
        OPEN,
        (NEW, Spec(POLICY, {"policy": UNKNOWN, "bucket": UNKNOWN}, "tls", OF_NEW)),
    ),
    Case(
        "SEC-S3-004",
        "inline from other resources",
        OPEN,
        (Spec(BUCKET, {**OLD.props, "policy": UNKNOWN}, depends={"policy": [urn("aws:iam/role:Role", "r")]}),),
    ),
    Case("SEC-S3-004", "not json", OPEN, (OLD, policy("{")), "not a valid JSON document"),
    Case("SEC-S3-004", "another type", SKIP, (OTHER,)),
)

MANAGED = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
IDENTITY = (
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

CASES = (*EKS, *EC2, *S3, *IDENTITY)
