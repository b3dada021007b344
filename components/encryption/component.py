"""Customer-managed KMS keys by purpose, rotated yearly, each with a key policy of least privilege.

After this runs there is one key and one alias for each purpose. Cost: 1 USD a month for each key plus requests.
Stateful: a deleted key makes everything that it encrypted unreadable, so `durability` protects it.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.args import coerce, require
from components._core.base import PlatformComponent
from components._core.durability import Durability
from components._core.policy_documents import document, statement, to_json


class KeyPurpose(enum.StrEnum):
    """What a key encrypts. Separate keys keep a grant on one kind of data from opening another."""

    CLUSTER = "cluster"
    """Kubernetes secrets in etcd."""

    VOLUMES = "volumes"
    """EBS volumes of nodes and of persistent volume claims."""

    ARTIFACTS = "artifacts"
    """Buckets with datasets, models and features."""

    IMAGES = "images"
    """Container image repositories."""

    DATABASES = "databases"
    """RDS storage, its managed passwords, and Secrets Manager secrets."""

    LOGS = "logs"
    """CloudWatch log groups."""

    NOTIFICATIONS = "notifications"
    """SNS topics and SQS queues."""


# Which AWS service may use the key, and through which condition it is held to this account.
# docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html and
# docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html, read 2026-11-23.
_SERVICES: Mapping[KeyPurpose, tuple[str, ...]] = {
    KeyPurpose.LOGS: ("logs.{region}.amazonaws.com",),
    KeyPurpose.NOTIFICATIONS: ("events.amazonaws.com", "cloudwatch.amazonaws.com", "sns.amazonaws.com"),
}

_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncryptionArgs:
    """Arguments of `Encryption`."""

    account_id: pulumi.Input[str]
    """AWS account that owns the keys, twelve digits."""

    region: str
    """AWS region of the keys; it is part of the service principals in the key policies."""

    alias_prefix: str
    """Prefix of the aliases: `alias/<alias_prefix>-<purpose>`. Lower-case words joined by dashes."""

    purposes: Optional[list[KeyPurpose]] = None
    """Purposes that get a key. Default: all of them."""

    administrators: Optional[list[str]] = None
    """ARNs of IAM principals that administer the keys but cannot use them. Default: the account's IAM decides."""

    durability: Optional[Durability] = None
    """Resistance to loss: deletion window, protection. Default: protected."""

    def __post_init__(self) -> None:
        require(self.purposes != [], "purposes", "is empty; name at least one purpose or leave it out for all")


class Encryption(PlatformComponent):
    """Customer-managed keys, one for each purpose."""

    key_arns: pulumi.Output[dict[str, str]]
    """Key ARN by purpose."""

    def __init__(self, name: str, args: EncryptionArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Encryption", name, opts)
        args = coerce(EncryptionArgs, args)
        keys = {purpose: self._make_key(purpose, args) for purpose in args.purposes or list(KeyPurpose)}
        self.key_arns = pulumi.Output.all(**{p.value: key.arn for p, key in keys.items()})
        self._keys = keys
        self._register()

    def arn(self, purpose: KeyPurpose) -> pulumi.Output[str]:
        """Return the ARN of the key for `purpose`; raises `KeyError` if no such key was asked for."""
        return pulumi.Output.from_input(self._keys[purpose].arn)

    def _make_key(self, purpose: KeyPurpose, args: EncryptionArgs) -> aws.kms.Key:
        chosen = durability.rules(args.durability)
        key = aws.kms.Key(
            self._child(purpose.value),
            description=f"{args.alias_prefix}: {purpose.value}",
            enable_key_rotation=True,
            deletion_window_in_days=chosen.key_deletion_window_days,
            policy=to_json(_key_policy(purpose, args)),
            tags=conventions.tags("encryption", {"purpose": purpose.value}),
            opts=self._opts(durability.stateful(args.durability)),
        )
        aws.kms.Alias(
            self._child(f"{purpose.value}-alias"),
            name=f"alias/{args.alias_prefix}-{purpose.value}",
            target_key_id=key.key_id,
            opts=self._opts(),
        )
        return key


def _key_policy(purpose: KeyPurpose, args: EncryptionArgs) -> dict[str, Any]:
    """Return the key policy: the account's IAM delegates use, named administrators manage, one service uses."""
    root = pulumi.Output.concat("arn:aws:iam::", args.account_id, ":root")
    statements = [
        # Without this statement no IAM policy works on the key, and the key can become unmanageable.
        statement("AccountDelegates", ["kms:*"], "*", principals={"AWS": root}),
    ]
    if args.administrators:
        manage = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Enable*", "kms:Disable*"]
        manage += ["kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"]
        statements.append(statement("Administrators", manage, "*", principals={"AWS": args.administrators}))
    if purpose is KeyPurpose.VOLUMES:
        statements.append(_volumes_through_ec2(args))
    for service in _SERVICES.get(purpose, ()):
        statements.append(
            statement(
                f"Service{len(statements)}",
                _USE,
                "*",
                principals={"Service": service.format(region=args.region)},
                conditions=_service_condition(purpose, args),
            )
        )
    return document(*statements)


def _volumes_through_ec2(args: EncryptionArgs) -> dict[str, Any]:
    """Let whoever of this account starts instances use the key through EC2: Auto Scaling and Spot do it by roles
    of their own, which no identity policy of ours reaches.

    docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html, read 2026-11-23.
    """
    return statement(
        "VolumesThroughEc2",
        [*_USE, "kms:CreateGrant"],
        "*",
        principals={"AWS": "*"},
        conditions={
            "StringEquals": {
                "kms:CallerAccount": args.account_id,
                "kms:ViaService": f"ec2.{args.region}.amazonaws.com",
            }
        },
    )


def _service_condition(purpose: KeyPurpose, args: EncryptionArgs) -> dict[str, Any]:
    """Hold a service to this account: logs name the log group as encryption context, others the source account."""
    if purpose is KeyPurpose.LOGS:
        arn = pulumi.Output.concat("arn:aws:logs:", args.region, ":", args.account_id, ":*")
        return {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}}
    return {"StringEquals": {"aws:SourceAccount": args.account_id}}
