"""Who may assume IAM roles."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from pydantic import Field

from policies._engine.build import each, rule, some
from policies._engine.documents import read_document
from policies._engine.grants import WILDCARDS, elements, for_everybody, limited, names_callers, statement_list
from policies._engine.model import Resource
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import MalformedValue

ROLE = ("aws:iam/role:Role",)

GITHUB: Final = "token.actions.githubusercontent.com"
"""Issuer of GitHub Actions; the one of an enterprise has a path after it."""

AUDIENCES: Final = {
    "accounts.google.com": "aud",
    "cognito-identity.amazonaws.com": "aud",
    "graph.facebook.com": "app_id",
    "www.amazon.com": "app_id",
}
"""Identity providers that IAM knows without a resource, and their claim that says whose tokens are meant
(IAM user guide, condition keys for web identity federation, read 2026-11-27)."""

CLUSTER: Final = ("oidc.eks.", "oidc-eks.")
"""What the issuers of EKS clusters begin with."""

ACCOUNT: Final = "system:serviceaccount:"
"""What the subjects of Kubernetes begin with."""

EXACT: Final = ("stringequals", "stringequalsignorecase")
"""Operators to which a wildcard is a character."""

ONE_ACCOUNT = re.compile(rf"{ACCOUNT}[^*?:]+:[^*?:]+")
ONE_NAMESPACE = re.compile(rf"{ACCOUNT}[^*?:]+:[^:]+")
SOMEBODY = re.compile(r"(?:[\w-]+:)?+[^*?].*")
"""A subject of another provider that is not all of them: not `*`, nor `project_path:*`."""

_NAME = r"[^*?:/]+"
REPOSITORY = {
    # Also with ids that cannot be taken over with a name: repo:owner@123/name@456:... (GitHub changelog 2026-04-23).
    "sub": re.compile(
        rf"repo:{_NAME}/{_NAME}:.+|[^*?]*(?<![^:])(?:repository|repository_id|job_workflow_ref):[^*?:]+(?::.*)?"
    ),
    "repository": re.compile(rf"{_NAME}/{_NAME}"),
    "repository_id": re.compile(r"\d+"),
    "job_workflow_ref": re.compile(rf"{_NAME}/{_NAME}/.+"),
}
"""What names a repository, by claim; STS checks claims other than the subject since January 2026 (AWS, What's new)."""

REF = {
    "sub": re.compile(
        r"[^*?]*:(?:ref:refs/(?:heads|tags)/|environment:)[^*?].*|[^*?]*(?<![^:])job_workflow_ref:[^*?]+@[^*?]+"
    ),
    "ref": re.compile(r"refs/(?:heads|tags)/[^*?].*"),
    "environment": re.compile(r"[^*?].*"),
    "job_workflow_ref": re.compile(r"[^*?]+@[^*?]+"),
}
"""What names a branch, a tag, an environment or a reviewed workflow. `pull_request` names any branch that asks."""


class TrustParams(Params):
    """Parameters of SEC-IAM-004."""

    whole_namespaces: bool = False
    """Whether a role may be given to all service accounts of one namespace."""


@rule(
    "SEC-IAM-004",
    "iam-role-limit-trust",
    "Trust policies name who may assume a role",
    on=ROLE,
    params=TrustParams,
    severity=Severity.CRITICAL,
    rationale="A role that trusts everybody, or every pod of a cluster, belongs to whoever finds its ARN.",
    controls=("checkov:CKV_AWS_60", "nist-800-53:AC-3", "soc2:CC6.1"),
    bad='{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}',
    remedy=(
        "Name accounts, roles or services. With a cluster's provider, ask for subject and audience.",
        '{"Effect": "Allow", "Principal": {"Federated": provider.arn}, "Action": "sts:AssumeRoleWithWebIdentity",\n'
        ' "Condition": {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com",\n'
        '                                f"{issuer}:sub": "system:serviceaccount:serving:predictor"}}}',
    ),
)
def named_trust(role: Resource, ctx: Context[TrustParams]) -> Iterator[Outcome]:
    """GitHub Actions has a rule of its own."""
    document = read_document(role.props, "assumeRolePolicy")
    yield from each(statement_list(document), lambda statement: _trust(statement, ctx.params.whole_namespaces))


def _trust(statement: View, whole_namespaces: bool) -> Iterator[Outcome]:
    if statement.at("Effect") != "Allow":
        return
    if for_everybody(statement) and not names_callers(statement):
        yield Finding(f"{statement.path} lets anybody assume the role; wanted principals, or a condition on callers")
    yield from _each_provider(statement, lambda issuer: _claims(statement, issuer, whole_namespaces))


def _claims(statement: View, issuer: str, whole_namespaces: bool) -> Iterator[Outcome]:
    """A provider gives tokens to all its users: subject and audience say to whom the role is given."""
    if not issuer or issuer.startswith(GITHUB):
        return
    audience = AUDIENCES.get(issuer, "aud")
    tests: dict[str, Callable[[str, Any], bool]] = {audience: _literal}
    if issuer not in AUDIENCES:
        tests["sub"] = lambda operator, value: _subject(issuer, operator, value, whole_namespaces)
    for claim, test in tests.items():
        if not limited(statement, f"{issuer}:{claim}".__eq__, test):
            yield Finding(f"{statement.path} has no condition that pins {issuer}:{claim}; wanted one with StringEquals")


def _literal(operator: str, value: Any) -> bool:
    return operator in EXACT or (operator == "stringlike" and WILDCARDS.isdisjoint(str(value)))


def _subject(issuer: str, operator: str, value: Any, whole_namespaces: bool) -> bool:
    if operator != "stringlike":
        return operator in EXACT
    if issuer.startswith(CLUSTER) or str(value).startswith(ACCOUNT):
        return bool((ONE_NAMESPACE if whole_namespaces else ONE_ACCOUNT).fullmatch(str(value)))
    return bool(SOMEBODY.fullmatch(str(value)))


class GithubParams(Params):
    """Parameters of SEC-IAM-005."""

    ref_required: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether a branch, a tag or an environment of the repository must be named too, by environment."""


@rule(
    "SEC-IAM-005",
    "iam-role-limit-github-trust",
    "Roles of GitHub Actions are for named repositories",
    on=ROLE,
    params=GithubParams,
    severity=Severity.HIGH,
    rationale="GitHub signs tokens for every repository of the world: only the subject says whose workflow it is.",
    controls=("checkov:CKV_AWS_358", "checkov:CKV_AWS_393", "nist-800-53:AC-3", "soc2:CC6.1"),
    bad=f'{{"Condition": {{"StringLike": {{"{GITHUB}:sub": "repo:my-org/*"}}}}}}',
    remedy=(
        "Ask for owner and repository in the subject, and for the branch or environment that may deploy.",
        f'{{"Condition": {{"StringEquals": {{"{GITHUB}:aud": "sts.amazonaws.com",\n'
        f'    "{GITHUB}:sub": "repo:my-org/platform:environment:production"}}}}}}',
    ),
)
def github_trust(role: Resource, ctx: Context[GithubParams]) -> Iterator[Outcome]:
    """The first claim of a subject can be made up by any repository, unless it names one."""
    document = read_document(role.props, "assumeRolePolicy")
    yield from each(statement_list(document), lambda statement: _github(statement, ctx))


def _github(statement: View, ctx: Context[GithubParams]) -> Iterator[Outcome]:
    if statement.at("Effect") != "Allow":
        raise NotApplicable("the statement allows nothing")
    if not len(_providers(statement)):
        raise NotApplicable("the role does not trust GitHub Actions")
    yield from _each_provider(statement, lambda issuer: _repository(statement, issuer, ctx))


def _repository(statement: View, issuer: str, ctx: Context[GithubParams]) -> Iterator[Outcome]:
    if not issuer.startswith(GITHUB):
        raise NotApplicable("the role does not trust GitHub Actions")
    if not _claimed(statement, issuer, REPOSITORY):
        yield Finding(
            f"{statement.path} names no repository; wanted {issuer}:sub of the form repo:<owner>/<name>:<ref>"
        )
    elif not _claimed(statement, issuer, REF) and ctx.by_environment(ctx.params.ref_required):
        yield Finding(f"{statement.path} is for any branch and pull request; wanted a branch, a tag or an environment")


def _claimed(statement: View, issuer: str, forms: dict[str, re.Pattern[str]]) -> bool:
    """Whether a condition on any of the claims takes only values of its form."""

    def holds(claim: str) -> bool:
        return limited(
            statement,
            f"{issuer}:{claim}".__eq__,
            lambda operator, value: operator.startswith("string") and bool(forms[claim].fullmatch(str(value))),
        )

    return some(tuple(forms), holds)


def _each_provider(statement: View, check: Callable[[str], Iterator[Outcome]]) -> Iterator[Outcome]:
    """Check the issuers of the identity providers that a statement trusts; empty for those that have none."""
    names = _providers(statement)

    def provider(index: int) -> Iterator[Outcome]:
        name = names[index]
        if not isinstance(name, str):
            raise MalformedValue(f"{statement.path}.Principal.Federated", "an ARN", name)
        return check(name if name in AUDIENCES else name.lower().partition(":oidc-provider/")[2])

    # By index: an unknown ARN does not hide the next one.
    return each(range(len(names)), provider)


def _providers(statement: View) -> Sequence[Any]:
    principal = statement.at("Principal")
    return elements(principal, "Federated") if isinstance(principal, View) else ()


RULES = (named_trust, github_trust)
