"""KMS keys."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from policies._engine.build import differs, each, rule
from policies._engine.documents import read_document
from policies._engine.grants import for_everybody, names_callers, statement_list
from policies._engine.model import Resource
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View

KEY = "aws:kms/key:Key"
OTHER_KEYS = (
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
    "aws:kms/replicaKey:ReplicaKey",
)
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"

AWS_WAITS = 30
"""Days that KMS waits before it deletes a key, unless told otherwise; 7 at least (ScheduleKeyDeletion, API reference,
read 2026-11-27)."""


def _rotate(_key: Resource, _ctx: Context[Params]) -> Mapping[Path, bool]:
    return {"enableKeyRotation": True}


@rule(
    "SEC-KMS-001",
    "kms-key-require-rotation",
    "Symmetric KMS keys rotate every year",
    on=(KEY,),
    params=Params,
    fix=_rotate,
    severity=Severity.MEDIUM,
    rationale="A key that never rotates protects ever more data, all of which is lost with it.",
    controls=("fsbp:KMS.4", "checkov:CKV_AWS_7", "nist-800-53:SC-12", "soc2:CC6.1", "aisf:AISF-INFRA-07"),
    bad='aws.kms.Key(name, description="models")  # rotation is off by default',
    remedy=("Switch on automatic rotation; old material keeps decrypting.", "enable_key_rotation=True"),
)
def key_rotation(key: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """AWS rotates only symmetric keys for encryption whose material it made itself."""
    spec = key.props.text("customerMasterKeySpec", "SYMMETRIC_DEFAULT")
    if spec != "SYMMETRIC_DEFAULT" or key.props.text("keyUsage", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
        raise NotApplicable("AWS rotates symmetric encryption keys only")
    if key.props.at("customKeyStoreId"):
        raise NotApplicable("AWS does not rotate keys of a custom key store")
    if key.props.at("enableKeyRotation") is not True:
        yield differs(key.props, "enableKeyRotation", "true")


@rule(
    "SEC-KMS-002",
    "kms-key-disallow-public-policy",
    "Key policies are for named principals",
    on=(KEY, KEY_POLICY, *OTHER_KEYS),
    params=Params,
    severity=Severity.CRITICAL,
    rationale="With such a policy any AWS account may decrypt what it gets hold of, or schedule the key's deletion.",
    controls=("fsbp:KMS.5", "checkov:CKV_AWS_33", "soc2:CC6.1", "aisf:AISF-INFRA-07"),
    bad='{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}',
    remedy=(
        "Name the account, so that its IAM policies decide, or hold everybody to it by a condition.",
        '{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},\n'
        ' "Action": "kms:*", "Resource": "*"}',
    ),
)
def named_principals(key: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A key without a policy of its own gets one that names its account."""
    if key.type != KEY_POLICY and key.props.at("policy") is None:
        return
    yield from each(statement_list(read_document(key.props, "policy")), _named)


def _named(statement: View) -> Iterator[Outcome]:
    if statement.at("Effect") == "Allow" and for_everybody(statement) and not names_callers(statement):
        yield Finding(f"{statement.path} allows anybody; wanted principals, or a condition on the caller's account")


class WindowParams(Params):
    """Parameters of SEC-KMS-003, in days."""

    minimum_days: ByEnvironment[Annotated[int, Field(ge=7, le=AWS_WAITS)]] = Field(
        default={"default": 14, "sandbox": 7, "development": 7}
    )
    """Shortest time between an order to delete a key and its end, by environment; 7 to 30."""


@rule(
    "SEC-KMS-003",
    "kms-key-configure-deletion-window",
    "Keys are deleted only after two weeks and more",
    on=(KEY, *OTHER_KEYS),
    params=WindowParams,
    severity=Severity.LOW,
    rationale="A deleted key takes with it all that it encrypted; the window is the time in which somebody notices.",
    controls=("fsbp:KMS.3", "nist-800-53:SC-12", "soc2:A1.2", "aisf:AISF-INFRA-07"),
    bad="deletion_window_in_days=7",
    remedy=("Leave the window at AWS's 30 days.", "deletion_window_in_days=30"),
)
def deletion_window(key: Resource, ctx: Context[WindowParams]) -> Iterator[Outcome]:
    """The environment matters only to what lies between the shortest and the longest of the windows."""
    days = key.props.number("deletionWindowInDays", AWS_WAITS)
    table = ctx.params.minimum_days
    if days >= max(table.values()):
        return
    least = min(table.values()) if days < min(table.values()) else ctx.by_environment(table)
    if days < least:
        yield differs(key.props, "deletionWindowInDays", f"{least} days or more")


RULES = (key_rotation, named_principals, deletion_window)
