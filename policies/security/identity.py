"""What IAM policies grant, and IAM users."""

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

from policies._engine.build import each, rule, some
from policies._engine.documents import read_document
from policies._engine.grants import allows, denies_all, elements, narrows, reaches_all, statement_list
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import MalformedValue, Undetermined
from policies.security.powers import DECRYPTION, SWEEPING, Power

DOCUMENTS = (
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
)
ROLE = "aws:iam/role:Role"

ATTACHED = {
    ROLE: "managedPolicyArns",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
    "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive": "managedPolicyArns",
}
"""Where each type says which managed policies it attaches."""

USERS = {
    "aws:iam/accessKey:AccessKey": "user",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": "userName",
    "aws:iam/user:User": "name",
    "aws:iam/userLoginProfile:UserLoginProfile": "user",
}
"""Where each type of user and of long-term credential names the user."""

SHOWN = 5
"""Actions that a message names."""


@rule(
    "SEC-IAM-001",
    "iam-policy-disallow-full-admin",
    "No IAM policy allows every action on every resource",
    on=(*DOCUMENTS, ROLE),
    params=Params,
    severity=Severity.CRITICAL,
    rationale="Whoever takes over a workload with such a policy owns the account.",
    controls=("fsbp:IAM.1", "checkov:CKV_AWS_62", "checkov:CKV_AWS_63", "nist-800-53:AC-6", "aisf:AISF-IAM-02"),
    bad='{"Effect": "Allow", "Action": "*", "Resource": "*"}',
    remedy=(
        "List the actions and the resources that the workload uses.",
        '{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"{arn}/*"}',
    ),
)
def no_full_admin(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Managed, inline, and the inline policies of a role."""
    return _each_document(resource, lambda document: each(statement_list(document), _admin))


def _admin(statement: View) -> Iterator[Outcome]:
    if _is_admin(statement):
        yield Finding(f'{statement.path} allows Action "*" on Resource "*"; wanted the actions that are needed')


class PowersParams(Params):
    """Parameters of SEC-IAM-002."""

    accepted: tuple[str, ...] = ()
    """Actions that may be allowed on every resource, such as `s3:GetObject` in an account of public data."""


@rule(
    "SEC-IAM-002",
    "iam-policy-limit-sweeping-rights",
    "Rights that escalate privileges or leak data are for named resources",
    on=(*DOCUMENTS, ROLE),
    params=PowersParams,
    severity=Severity.HIGH,
    rationale="Who may change any role, run code as any of them, or read and share any data needs no admin policy: "
    "one stolen session is enough.",
    controls=(
        "checkov:CKV_AWS_286",
        "checkov:CKV_AWS_287",
        "checkov:CKV_AWS_288",
        "checkov:CKV_AWS_289",
        "nist-800-53:AC-6",
        "soc2:CC6.3",
        "aisf:AISF-IAM-02",
    ),
    bad='{"Effect": "Allow", "Action": ["ec2:RunInstances", "iam:PassRole"], "Resource": "*"}',
    remedy=(
        "Name the roles, secrets and buckets by ARN or prefix, or narrow them down by a condition on tags or services.",
        '{"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": role.arn,\n'
        ' "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}',
    ),
)
def no_sweeping_rights(resource: Resource, ctx: Context[PowersParams]) -> Iterator[Outcome]:
    """As IAM Access Analyzer does, `iam:PassRole` on all roles is accepted with the service that they are passed to.

    A policy that serves as a permissions boundary grants nothing, but nothing in it says so: exempt it.
    Source: IAM user guide, policy check reference, PASS_ROLE_WITH_STAR_IN_RESOURCE, read 2026-11-27.
    """
    accepted = {action.lower() for action in ctx.params.accepted}
    powers = tuple(power for power in SWEEPING if power.action.lower() not in accepted)
    return _each_excess(resource, powers, frozenset())


class AttachedParams(Params):
    """Parameters of SEC-IAM-003."""

    policies: tuple[str, ...] = ("AdministratorAccess", "IAMFullAccess")
    """Names of AWS managed policies that nobody gets. `IAMFullAccess` lets its holder attach the other."""


@rule(
    "SEC-IAM-003",
    "iam-principal-disallow-admin-policy",
    "Nobody is given AWS's policy for administrators",
    on=tuple(ATTACHED),
    params=AttachedParams,
    severity=Severity.CRITICAL,
    rationale="A platform's roles are used by programs that run other people's code; as administrators they own the "
    "account.",
    controls=(
        "checkov:CKV_AWS_274",
        "checkov:CKV2_AWS_56",
        "nist-800-53:AC-6",
        "soc2:CC6.3",
        "aisf:AISF-IAM-02",
    ),
    bad='policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"',
    remedy=(
        "Attach a policy with the actions and resources that are used.",
        "aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=artifacts_policy.arn)",
    ),
)
def no_admin_policy(resource: Resource, ctx: Context[AttachedParams]) -> Iterator[Outcome]:
    """Attached to roles, groups, users or permission sets; the account's own policies are judged as documents."""
    key = ATTACHED[resource.type]
    arns = elements(resource.props, key)
    if resource.type == ROLE and not len(arns):
        raise NotApplicable("the role attaches no managed policies itself")
    # By index: an unknown ARN does not hide the next one.
    yield from each(range(len(arns)), lambda index: _attached(key, arns[index], ctx.params.policies))


def _attached(key: str, arn: object, refused: tuple[str, ...]) -> Iterator[Outcome]:
    if not isinstance(arn, str):
        raise MalformedValue(key, "an ARN", arn)
    owner, _, name = arn.partition(":policy/")
    if owner.endswith(":iam::aws") and name.rpartition("/")[2] in refused:
        yield Finding(f"{key} has {name}; wanted a policy with the actions that are needed")


@rule(
    "SEC-IAM-006",
    "iam-policy-limit-decryption",
    "IAM policies allow decryption with named KMS keys only",
    on=(*DOCUMENTS, ROLE),
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Separate keys keep kinds of data apart only as long as nobody may decrypt with all of them.",
    controls=("fsbp:KMS.1", "fsbp:KMS.2", "nist-800-53:AC-3", "nist-800-53:AC-6", "soc2:CC6.1"),
    bad='{"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*"}',
    remedy=(
        "Name the keys by ARN, or by alias or tag in a condition.",
        '{"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [artifacts_key.arn]}',
    ),
)
def no_decryption_of_all(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """`kms:ViaService` says by which way and not with which key, so it does not count."""
    return _each_excess(resource, DECRYPTION, frozenset({"kms:calleraccount", "kms:viaservice"}))


class UsersParams(Params):
    """Parameters of SEC-IAM-007."""

    allowed: tuple[str, ...] = ()
    """Patterns of names of users that may exist: break-glass access, senders of mail by SMTP."""


@rule(
    "SEC-IAM-007",
    "iam-user-disallow-long-term-credentials",
    "There are no IAM users and no long-term credentials",
    on=tuple(USERS),
    params=UsersParams,
    severity=Severity.HIGH,
    rationale="Access keys never expire, end up in repositories and notebooks, and their secret is in the state.",
    controls=(
        "fsbp:IAM.3",
        "checkov:CKV_AWS_273",
        "nist-800-53:AC-2(1)",
        "soc2:CC6.1",
        "aisf:AISF-IAM-03",
    ),
    bad='aws.iam.AccessKey(name, user="trainer")',
    remedy=(
        "Give people access by IAM Identity Center, pods by EKS Pod Identity, pipelines by OpenID Connect.",
        'aws.eks.PodIdentityAssociation(name, cluster_name=cluster, namespace="training",\n'
        '    service_account="trainer", role_arn=role.arn)',
    ),
)
def no_users(resource: Resource, ctx: Context[UsersParams]) -> Iterator[Outcome]:
    """A credential that is switched off gives access to nothing."""
    if resource.type != "aws:iam/user:User" and resource.props.text("status", "Active") == "Inactive":
        return
    key = USERS[resource.type]
    if ctx.params.allowed:
        name = resource.props.text(key)
        if any(fnmatchcase(name, pattern) for pattern in ctx.params.allowed):
            return
    what = resource.type.rpartition(":")[2]
    yield Finding(f"{what}: {key} is {resource.props.shown(key)}; wanted a role with temporary credentials instead")


def _each_document(resource: Resource, check: Callable[[View], Iterable[Outcome]]) -> Iterator[Outcome]:
    """Check the policy documents of a resource: its own, or the inline policies of a role."""
    if resource.type != ROLE:
        yield from check(read_document(resource.props, "policy"))
        return
    inline = resource.props.sequence("inlinePolicies")
    if not len(inline):
        raise NotApplicable("the role has no inline policies")
    yield from each(inline, lambda holder: check(read_document(holder, "policy")))


def _each_excess(resource: Resource, powers: tuple[Power, ...], but: frozenset[str]) -> Iterator[Outcome]:
    """Find the statements that give away any of `powers`; conditions on the keys `but` do not narrow them down."""

    def check(document: View) -> Iterator[Outcome]:
        return each(statement_list(document), lambda statement: _excess(document, statement, powers, but))

    return _each_document(resource, check)


def _excess(document: View, statement: View, powers: tuple[Power, ...], but: frozenset[str]) -> Iterator[Outcome]:
    found: list[str] = []
    gap: Undetermined | None = None
    for power in powers:
        try:
            if _gives(document, statement, power, but):
                found.append(power.action)
        except Undetermined as unclear:
            gap = gap or unclear
    if found and not _surely_admin(statement):
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        actions = f"{', '.join(found[:SHOWN])}{more}"
        yield Finding(
            f"{statement.path} allows {actions} on everything; wanted named resources, or a condition on them"
        )
    elif not found and gap is not None:
        yield gap


def _gives(document: View, statement: View, power: Power, but: frozenset[str]) -> bool:
    return _all(
        lambda: allows(statement, power.action),
        lambda: reaches_all(statement, power.target),
        lambda: not narrows(statement, but),
        lambda: not denies_all(document, power.action, power.target),
    )


def _surely_admin(statement: View) -> bool:
    """Whether SEC-IAM-001 finds fault with a statement already."""
    try:
        return _is_admin(statement)
    except Undetermined:
        return False


def _is_admin(statement: View) -> bool:
    return _all(
        lambda: statement.at("Effect") == "Allow",
        lambda: some(elements(statement, "Action"), lambda action: action in ("*", "*:*")),
        lambda: some(elements(statement, "Resource"), lambda arn: arn == "*"),
    )


def _all(*tests: Callable[[], bool]) -> bool:
    """Whether every test holds. One that does not settles it, whatever is unknown to the others."""
    return not some(tests, lambda test: not test())


RULES = (no_full_admin, no_sweeping_rights, no_admin_policy, no_decryption_of_all, no_users)
