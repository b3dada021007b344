"""Cases of the rules on IAM policies and users."""

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
    secret,
)
from tests.policies.specs import READ, document

ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}

MANAGED = "aws:iam/policy:Policy"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"
ACCESS_KEY = "aws:iam/accessKey:AccessKey"
API_KEY = "aws:iam/serviceSpecificCredential:ServiceSpecificCredential"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
AWS_ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
NODES = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy"


def policy(*statements: Any) -> Spec:
    return Spec(MANAGED, {"policy": document(*statements)})


def partly(*statements: Any) -> Spec:
    """Return a policy given as an object, parts of which may be unknown."""
    return Spec(MANAGED, {"policy": {"Statement": list(statements)}})


def allow(actions: Any, resources: Any = "*", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def rights(actions: Any, resources: Any = "*", **condition: Any) -> Spec:
    return policy(allow(actions, resources, **condition))


EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}
OTHERS_ROLES = {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}

ADMINS = (
    Case("SEC-IAM-001", "narrow", PASS, (policy(READ),)),
    Case("SEC-IAM-001", "deny all", PASS, (policy({**ADMIN, "Effect": "Deny"}),)),
    Case("SEC-IAM-001", "all of a bucket, actions unknown", PASS, (partly(allow(UNKNOWN_LIST, "arn:aws:s3:::a/*")),)),
    Case("SEC-IAM-001", "admin", FAIL, (policy(READ, ADMIN),), "policy.Statement.1"),
    Case("SEC-IAM-001", "admin in lists", FAIL, (policy({**ADMIN, "Action": ["*"]}),)),
    Case("SEC-IAM-001", "single statement", FAIL, (Spec(MANAGED, {"policy": json.dumps({"Statement": ADMIN})}),)),
    Case("SEC-IAM-001", "secret document", FAIL, (Spec(MANAGED, {"policy": secret(document(ADMIN))}),)),
    Case("SEC-IAM-001", "inline of a role", FAIL, (Spec(ROLE, {"inlinePolicies": [{"policy": document(ADMIN)}]}),)),
    Case("SEC-IAM-001", "unknown beside admin", FAIL, (partly(UNKNOWN_OBJECT, allow([UNKNOWN, "*"])),)),
    Case("SEC-IAM-001", "document unknown", OPEN, (Spec(MANAGED, {"policy": UNKNOWN}),)),
    Case("SEC-IAM-001", "document is a number", OPEN, (Spec(MANAGED, {"policy": 3}),)),
    Case("SEC-IAM-001", "actions unknown", OPEN, (partly(allow(UNKNOWN_LIST)),)),
    Case("SEC-IAM-001", "role without inline policies", SKIP, (Spec(ROLE, {"assumeRolePolicy": "{}"}),)),
)

RULE = "SEC-IAM-002"
SWEEPING = (
    Case(RULE, "narrow", PASS, (policy(READ),)),
    Case(RULE, "one role to a service", PASS, (rights("iam:PassRole", "arn:aws:iam::1:role/nodes", StringEquals=EC2),)),
    Case(RULE, "any role to a service", PASS, (rights("iam:PassRole", StringEquals=EC2),)),
    Case(RULE, "roles under a path", PASS, (rights("iam:PassRole", "arn:aws:iam::1:role/jobs/*"),)),
    Case(RULE, "secrets under a prefix", PASS, (rights("secretsmanager:*", "arn:aws:secretsmanager:r:1:secret:ml/*"),)),
    Case(RULE, "parameters of AWS", PASS, (rights("ssm:GetParameter", "arn:aws:ssm:r::parameter/aws/service/*"),)),
    Case(RULE, "grants for AWS", PASS, (rights("kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": "true"}),)),
    Case(RULE, "own tags", PASS, (rights("ssm:SendCommand", StringEquals={"ssm:ResourceTag/team": "ml"}),)),
    Case(RULE, "all buckets, but no S3 action", PASS, (rights("iam:PassRole", "arn:aws:s3:::*"),)),
    Case(RULE, "reads without names", PASS, (rights(["ec2:Describe*", "ecr:GetAuthorizationToken"]),)),
    Case(RULE, "denied to all", PASS, (policy(allow("iam:PassRole"), OTHERS_ROLES),)),
    Case(RULE, "all but everything", PASS, (policy({"Effect": "Allow", "NotAction": "*", "Resource": "*"}),)),
    Case(RULE, "full admin is another rule's", PASS, (policy(ADMIN),)),
    Case(RULE, "accepted", PASS, (rights("s3:GetObject"),), params={"accepted": ["s3:getobject"]}),
    Case(RULE, "harmless action, resources unknown", PASS, (partly(allow("ec2:DescribeSubnets", UNKNOWN_LIST)),)),
    Case(RULE, "actions unknown, one bucket", PASS, (partly(allow(UNKNOWN_LIST, "arn:aws:s3:::data/*")),)),
    Case(RULE, "any role", FAIL, (rights("iam:PassRole"),), "policy.Statement.0 allows iam:PassRole on everything"),
    Case(RULE, "any role by pattern", FAIL, (rights("IAM:pass*", "arn:aws:iam::123456789012:role/*"),)),
    Case(RULE, "any role by another pattern", FAIL, (rights("iam:PassRole", "arn:aws:iam::*"),)),
    Case(RULE, "any role to any service", FAIL, (rights("iam:PassRole", StringLike={"iam:PassedToService": "*"}),)),
    Case(RULE, "any role to all but one", FAIL, (rights("iam:PassRole", StringNotEquals=EC2),)),
    Case(RULE, "any role in one region", FAIL, (rights("iam:PassRole", StringEquals={"aws:RequestedRegion": "r"}),)),
    Case(RULE, "if the service is named", FAIL, (rights("iam:PassRole", StringEqualsIfExists=EC2),)),
    Case(RULE, "all of IAM", FAIL, (rights("iam:*"),), "and 16 more"),
    Case(RULE, "all but S3", FAIL, (policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}),)),
    Case(
        RULE,
        "all but one role",
        FAIL,
        (policy({"Effect": "Allow", "Action": "sts:*", "NotResource": "arn:aws:iam::1:role/a"}),),
    ),
    Case(RULE, "code of any function", FAIL, (rights("lambda:UpdateFunctionCode", "arn:aws:lambda:r:1:function:*"),)),
    Case(
        RULE,
        "shell by an agreed document",
        FAIL,
        (rights("ssm:StartSession", Bool={"ssm:SessionDocumentAccessCheck": "true"}),),
    ),
    Case(RULE, "shell on any instance", FAIL, (rights("ssm:StartSession", ["arn:aws:ec2:*:*:instance/*"]),)),
    Case(RULE, "all objects", FAIL, (rights(["s3:GetObject"], ["arn:aws:s3:::*/*"]),), "s3:GetObject"),
    Case(RULE, "all secrets", FAIL, (rights("secretsmanager:Get*", "arn:aws:secretsmanager:*:*:secret:*"),)),
    Case(RULE, "any key's policy", FAIL, (rights("kms:PutKeyPolicy", "arn:aws:kms:r:1:key/*"),)),
    Case(RULE, "admin of any cluster", FAIL, (rights("eks:AssociateAccessPolicy"),)),
    Case(RULE, "denied for some", FAIL, (policy(allow("iam:PassRole"), {**OTHERS_ROLES, "Condition": {"Bool": EC2}}),)),
    Case(RULE, "inline of a role", FAIL, (Spec(ROLE, {"inlinePolicies": [{"policy": document(allow("iam:*"))}]}),)),
    Case(RULE, "secret document", FAIL, (Spec(INLINE, {"policy": secret(document(allow("sts:AssumeRole")))}),)),
    Case(RULE, "unknown beside a bad action", FAIL, (partly(UNKNOWN_OBJECT, allow([UNKNOWN, "iam:PassRole"])),)),
    Case(
        RULE,
        "unknown beside a bad inline policy",
        FAIL,
        (Spec(ROLE, {"inlinePolicies": [{"policy": UNKNOWN}, {"policy": document(allow("iam:PassRole"))}]}),),
    ),
    Case(RULE, "document unknown", OPEN, (Spec(MANAGED, {"policy": UNKNOWN}),)),
    Case(RULE, "actions unknown", OPEN, (partly(allow(UNKNOWN_LIST)),)),
    Case(RULE, "resources unknown", OPEN, (partly(allow("iam:PassRole", UNKNOWN)),)),
    Case(RULE, "condition unknown", OPEN, (partly({**allow("iam:PassRole"), "Condition": UNKNOWN_OBJECT}),)),
    Case(RULE, "an action is a number", OPEN, (rights([3]),), "a text was expected"),
    Case(RULE, "not json", OPEN, (Spec(MANAGED, {"policy": "{"}),), "not a valid JSON document"),
    Case(RULE, "role without inline policies", SKIP, (Spec(ROLE, {"assumeRolePolicy": "{}"}),)),
    Case(RULE, "another type", SKIP, (OTHER,)),
)

ATTACHED = (
    Case("SEC-IAM-003", "for nodes", PASS, (Spec(ATTACHMENT, {"role": "a", "policyArn": NODES}),)),
    Case(
        "SEC-IAM-003",
        "of the account",
        PASS,
        (Spec(ATTACHMENT, {"policyArn": "arn:aws:iam::123456789012:policy/AdministratorAccess"}),),
    ),
    Case("SEC-IAM-003", "roles of nodes", PASS, (Spec(ROLE, {"managedPolicyArns": [NODES]}),)),
    Case(
        "SEC-IAM-003", "administrator", FAIL, (Spec(ATTACHMENT, {"policyArn": AWS_ADMIN}),), "has AdministratorAccess"
    ),
    Case("SEC-IAM-003", "in China", FAIL, (Spec(ATTACHMENT, {"policyArn": AWS_ADMIN.replace("aws", "aws-cn", 1)}),)),
    Case(
        "SEC-IAM-003", "all of IAM", FAIL, (Spec(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/IAMFullAccess"}),)
    ),
    Case("SEC-IAM-003", "in the role itself", FAIL, (Spec(ROLE, {"managedPolicyArns": [NODES, AWS_ADMIN]}),)),
    Case("SEC-IAM-003", "unknown beside it", FAIL, (Spec(EXCLUSIVE, {"policyArns": [UNKNOWN, AWS_ADMIN]}),)),
    Case(
        "SEC-IAM-003",
        "another one refused",
        FAIL,
        (Spec(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}),),
        params={"policies": ["PowerUserAccess"]},
    ),
    Case("SEC-IAM-003", "of the same stack", OPEN, (Spec(ATTACHMENT, {"policyArn": UNKNOWN}),)),
    Case("SEC-IAM-003", "list unknown", OPEN, (Spec(EXCLUSIVE, {"policyArns": UNKNOWN_LIST}),)),
    Case("SEC-IAM-003", "a number", OPEN, (Spec(ATTACHMENT, {"policyArn": 3}),), "an ARN was expected"),
    Case("SEC-IAM-003", "role without any", SKIP, (Spec(ROLE, {"assumeRolePolicy": "{}"}),)),
    Case("SEC-IAM-003", "another type", SKIP, (OTHER,)),
)

DECRYPTION = (
    Case("SEC-IAM-006", "one key", PASS, (rights("kms:Decrypt", "arn:aws:kms:r:1:key/2"),)),
    Case(
        "SEC-IAM-006",
        "keys of an alias",
        PASS,
        (rights("kms:Decrypt", **{"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/ml"}}),),
    ),
    Case(
        "SEC-IAM-006",
        "one bucket's data",
        PASS,
        (rights("kms:Decrypt", StringLike={"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::data/*"}),),
    ),
    Case("SEC-IAM-006", "encryption", PASS, (rights(["kms:Encrypt", "kms:GenerateDataKey"]),)),
    Case("SEC-IAM-006", "all keys", FAIL, (rights(["kms:Decrypt"]),), "allows kms:Decrypt on everything"),
    Case("SEC-IAM-006", "all of KMS", FAIL, (rights("kms:*", "arn:aws:kms:*:*:key/*"),), "kms:ReEncryptFrom"),
    Case(
        "SEC-IAM-006",
        "through a service",
        FAIL,
        (rights("kms:Decrypt", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"}),),
    ),
    Case(
        "SEC-IAM-006",
        "inline of a role",
        FAIL,
        (Spec(ROLE, {"inlinePolicies": [{"policy": document(allow("kms:De*"))}]}),),
    ),
    Case("SEC-IAM-006", "unknown beside all keys", FAIL, (partly(allow("kms:Decrypt", [UNKNOWN, "*"])),)),
    Case("SEC-IAM-006", "unknown beside all of KMS", FAIL, (partly(allow(["kms:*", UNKNOWN])),)),
    Case("SEC-IAM-006", "key of the same stack", OPEN, (partly(allow("kms:Decrypt", UNKNOWN)),)),
    Case("SEC-IAM-006", "document unknown", OPEN, (Spec(INLINE, {"policy": UNKNOWN}),)),
    Case("SEC-IAM-006", "role without inline policies", SKIP, (Spec(ROLE, {"assumeRolePolicy": "{}"}),)),
    Case("SEC-IAM-006", "another type", SKIP, (OTHER,)),
)

MAILERS = {"allowed": ["break-glass", "smtp-*"]}
USERS = (
    Case("SEC-IAM-007", "for emergencies", PASS, (Spec(USER, {"name": "break-glass"}),), params=MAILERS),
    Case("SEC-IAM-007", "sends mail", PASS, (Spec(ACCESS_KEY, {"user": "smtp-alerts"}),), params=MAILERS),
    Case("SEC-IAM-007", "switched off", PASS, (Spec(ACCESS_KEY, {"user": "trainer", "status": "Inactive"}),)),
    Case("SEC-IAM-007", "a user", FAIL, (Spec(USER, {"name": "trainer"}),), 'User: name is "trainer"'),
    Case("SEC-IAM-007", "another user", FAIL, (Spec(USER, {"name": "trainer"}),), params=MAILERS),
    Case("SEC-IAM-007", "an access key", FAIL, (Spec(ACCESS_KEY, {"user": UNKNOWN}),), "AccessKey: user is unknown"),
    Case(
        "SEC-IAM-007",
        "a key of Bedrock",
        FAIL,
        (Spec(API_KEY, {"serviceName": "bedrock.amazonaws.com", "userName": "a"}),),
    ),
    Case("SEC-IAM-007", "a password", FAIL, (Spec("aws:iam/userLoginProfile:UserLoginProfile", {"user": "a"}),)),
    Case("SEC-IAM-007", "a secret name", FAIL, (Spec(USER, {"name": secret("trainer")}),), "[secret]"),
    Case("SEC-IAM-007", "name unknown, some allowed", OPEN, (Spec(USER, {"name": UNKNOWN}),), params=MAILERS),
    Case("SEC-IAM-007", "status unknown", OPEN, (Spec(ACCESS_KEY, {"user": "a", "status": UNKNOWN}),)),
    Case("SEC-IAM-007", "name is a number", OPEN, (Spec(USER, {"name": 3}),), "a string", params=MAILERS),
    Case("SEC-IAM-007", "a role", SKIP, (Spec(ROLE, {"assumeRolePolicy": "{}"}),)),
)

CASES = (*ADMINS, *SWEEPING, *ATTACHED, *DECRYPTION, *USERS)
