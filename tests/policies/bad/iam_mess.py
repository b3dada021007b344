"""Rights by the rule that whatever does not work gets one more of them.

A role for the pipeline that may do all, one for SageMaker that may pass any role on, a trust policy for everybody
because of a partner, GitHub Actions of any repository, and the access key of somebody who left. The trail that could
tell what was done with all this records one region.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "platform", data_class="log")
ACCOUNT = "210987654321"


def program() -> None:
    """Roles, a user, keys and the trail."""
    watch_spending("platform")
    pipeline()
    sagemaker()
    outsiders()
    a_person()
    keys()
    aws.cloudtrail.Trail(
        "management",
        name="management",
        s3_bucket_name="acme-trail-logs",
        is_multi_region_trail=False,
        enable_log_file_validation=False,
    )


def pipeline() -> None:
    """May do everything, twice."""
    role = aws.iam.Role(
        "pipeline",
        assume_role_policy=document(allow("sts:AssumeRole", Principal={"Service": "pods.eks.amazonaws.com"})),
    )
    aws.iam.RolePolicy("pipeline-all", role=role.name, policy=document(allow("*", Resource="*")))
    aws.iam.RolePolicyAttachment(
        "pipeline-admin", role=role.name, policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


def sagemaker() -> None:
    """May run code as any role of the account, and read whatever any key has encrypted."""
    rights = [
        allow("iam:PassRole", "iam:CreatePolicyVersion", "sagemaker:CreateTrainingJob", Resource="*"),
        allow("secretsmanager:GetSecretValue", "s3:GetObject", Resource="*"),
        allow("kms:Decrypt", "kms:GenerateDataKey", Resource="*"),
    ]
    policy = aws.iam.Policy("sagemaker-helper", policy=document(*rights))
    role = aws.iam.Role(
        "sagemaker",
        assume_role_policy=document(allow("sts:AssumeRole", Principal={"Service": "sagemaker.amazonaws.com"})),
    )
    aws.iam.RolePolicyAttachment("sagemaker-helper", role=role.name, policy_arn=policy.arn)


def outsiders() -> None:
    """A partner, whoever that is, and the workflows of whichever repository."""
    aws.iam.Role("partner", assume_role_policy=document(allow("sts:AssumeRole", Principal={"AWS": "*"})))
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    aws.iam.Role(
        "github-deploy",
        assume_role_policy=document(
            allow(
                "sts:AssumeRoleWithWebIdentity",
                Principal={"Federated": provider},
                Condition={"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
            )
        ),
    )


def a_person() -> None:
    """Left last summer; the key is still in three notebooks."""
    user = aws.iam.User("oliver", name="oliver")
    aws.iam.AccessKey("oliver-key", user=user.name)
    aws.iam.UserPolicyAttachment(
        "oliver-admin", user=user.name, policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


def keys() -> None:
    """One key for everything, for everyone, that never rotates and is gone after a week."""
    aws.kms.Key(
        "everything",
        description="everything",
        deletion_window_in_days=7,
        enable_key_rotation=False,
        policy=document(allow("kms:*", Resource="*", Principal={"AWS": "*"})),
    )


def allow(*actions: str, **rest: Any) -> dict[str, Any]:
    """One statement that allows."""
    return {"Effect": "Allow", "Action": list(actions), **rest}


def document(*statements: dict[str, Any]) -> str:
    """A policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
