"""IAM policies and KMS keys."""

from collections.abc import Iterator, Mapping

from policies._engine.build import differs, each, rule
from policies._engine.documents import read_document, statements, texts
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View

DOCUMENTS = (
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
)
ROLE = "aws:iam/role:Role"


@rule(
    "SEC-IAM-001",
    "iam-policy-disallow-full-admin",
    "No IAM policy allows every action on every resource",
    on=(*DOCUMENTS, ROLE),
    params=Params,
    severity=Severity.CRITICAL,
    rationale="Whoever takes over a workload with such a policy owns the account.",
    controls=("fsbp:IAM.1", "checkov:CKV_AWS_62", "checkov:CKV_AWS_63", "nist-800-53:AC-6"),
    bad='{"Effect": "Allow", "Action": "*", "Resource": "*"}',
    remedy=(
        "List the actions and the resources that the workload uses.",
        '{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"{arn}/*"}',
    ),
)
def no_full_admin(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Managed, inline, and the inline policies of a role."""
    if resource.type == ROLE:
        inline = resource.props.sequence("inlinePolicies")
        if not len(inline):
            raise NotApplicable("the role has no inline policies")
        yield from each(inline, _admin_statements)
    else:
        yield from _admin_statements(resource.props)


def _admin_statements(holder: View) -> Iterator[Outcome]:
    document = read_document(holder, "policy")
    yield from each(tuple(statements(document)), _admin)


def _admin(statement: View) -> Iterator[Outcome]:
    if statement.at("Effect") != "Allow":
        return
    actions, resources = texts(statement.at("Action")), texts(statement.at("Resource"))
    if {"*", "*:*"} & set(actions) and "*" in resources:
        yield Finding(f'{statement.path} allows Action "*" on Resource "*"; wanted the actions that are needed')


def _rotate(_key: Resource, _ctx: Context[Params]) -> Mapping[Path, bool]:
    return {"enableKeyRotation": True}


@rule(
    "SEC-KMS-001",
    "kms-key-require-rotation",
    "Symmetric KMS keys rotate every year",
    on=("aws:kms/key:Key",),
    params=Params,
    fix=_rotate,
    severity=Severity.MEDIUM,
    rationale="A key that never rotates protects ever more data, all of which is lost with it.",
    controls=("fsbp:KMS.4", "checkov:CKV_AWS_7", "nist-800-53:SC-12"),
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


RULES = (no_full_admin, key_rotation)
