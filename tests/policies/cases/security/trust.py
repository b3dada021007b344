"""Cases of the rules on trust policies."""

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
from tests.policies.specs import document

ROLE = "aws:iam/role:Role"
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF"
HOST = "token.actions.githubusercontent.com"
ACCOUNT = "system:serviceaccount:serving:predictor"
SERVICE = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
GITLAB = "gitlab.com"


def role(*statements: Any) -> Spec:
    return Spec(ROLE, {"assumeRolePolicy": document(*statements)})


def trust(principal: Any, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {**statement, "Condition": condition} if condition else statement


def provider(issuer: str, **condition: Any) -> dict[str, Any]:
    return trust({"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"}, **condition)


def cluster(sub: Any, operator: str = "StringEquals") -> dict[str, Any]:
    key = ISSUER.lower()
    claims: dict[str, Any] = {"StringEquals": {f"{key}:aud": "sts.amazonaws.com"}}
    claims.setdefault(operator, {})[f"{key}:sub"] = sub
    return provider(ISSUER, **claims)


def github(sub: Any, operator: str = "StringLike", host: str = HOST, **more: Any) -> Spec:
    return role(provider(host, **{operator: {f"{host}:sub": sub}}, **more))


MAIN = "repo:octo-org/platform:ref:refs/heads/main"

CASES = (
    Case("SEC-IAM-004", "a service", PASS, (role(SERVICE),)),
    Case("SEC-IAM-004", "an account", PASS, (role(trust({"AWS": "arn:aws:iam::123456789012:root"})),)),
    Case("SEC-IAM-004", "nobody", PASS, (role({**trust("*"), "Effect": "Deny"}),)),
    Case("SEC-IAM-004", "own organisation", PASS, (role(trust("*", StringEquals={"aws:PrincipalOrgID": "o-1"})),)),
    Case("SEC-IAM-004", "one service account", PASS, (role(cluster(ACCOUNT)),)),
    Case("SEC-IAM-004", "two, without wildcards", PASS, (role(cluster([ACCOUNT, ACCOUNT + "-b"], "StringLike")),)),
    Case(
        "SEC-IAM-004",
        "a namespace where that is accepted",
        PASS,
        (role(cluster("system:serviceaccount:jobs:*", "StringLike")),),
        params={"whole_namespaces": True},
    ),
    Case(
        "SEC-IAM-004",
        "a project of another provider",
        PASS,
        (
            role(
                provider(GITLAB, StringEquals={f"{GITLAB}:aud": "a"}, StringLike={f"{GITLAB}:sub": "project_path:t/*"})
            ),
        ),
    ),
    Case(
        "SEC-IAM-004",
        "an identity pool",
        PASS,
        (
            role(
                trust(
                    {"Federated": "cognito-identity.amazonaws.com"},
                    StringEquals={"cognito-identity.amazonaws.com:aud": "eu-west-1:1"},
                )
            ),
        ),
    ),
    Case("SEC-IAM-004", "SAML", PASS, (role(trust({"Federated": "arn:aws:iam::123456789012:saml-provider/corp"})),)),
    Case("SEC-IAM-004", "GitHub is another rule's", PASS, (github("*"),)),
    Case("SEC-IAM-004", "everybody", FAIL, (role(trust({"AWS": "*"})),), "Statement.0 lets anybody assume"),
    Case("SEC-IAM-004", "everybody in short", FAIL, (role(trust("*")),)),
    Case("SEC-IAM-004", "everybody who knows an id", FAIL, (role(trust("*", StringEquals={"sts:ExternalId": "a"})),)),
    Case(
        "SEC-IAM-004",
        "a role of that name in one account",
        PASS,
        (role(trust("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::123456789012:role/deploy-*"})),),
    ),
    Case(
        "SEC-IAM-004",
        "a role of that name in any account",
        FAIL,
        (role(trust("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"})),),
    ),
    Case("SEC-IAM-004", "any organisation", FAIL, (role(trust("*", StringLike={"aws:PrincipalOrgID": "o-*"})),)),
    Case("SEC-IAM-004", "everybody but", FAIL, (role({"Effect": "Allow", "NotPrincipal": {"AWS": "a"}}),)),
    Case("SEC-IAM-004", "everybody, secretly", FAIL, (Spec(ROLE, {"assumeRolePolicy": secret(document(trust("*")))}),)),
    Case("SEC-IAM-004", "every pod", FAIL, (role(provider(ISSUER)),), f"pins {ISSUER.lower()}:aud"),
    Case(
        "SEC-IAM-004",
        "audience alone",
        FAIL,
        (role(provider(ISSUER, StringEquals={f"{ISSUER.lower()}:aud": "sts.amazonaws.com"})),),
        ":sub",
    ),
    Case(
        "SEC-IAM-004", "subject alone", FAIL, (role(provider(ISSUER, StringEquals={f"{ISSUER}:sub": ACCOUNT})),), ":aud"
    ),
    Case("SEC-IAM-004", "any subject", FAIL, (role(cluster("*", "StringLike")),)),
    Case("SEC-IAM-004", "any namespace", FAIL, (role(cluster("system:serviceaccount:*:predictor", "StringLike")),)),
    Case("SEC-IAM-004", "a whole namespace", FAIL, (role(cluster("system:serviceaccount:jobs:*", "StringLike")),)),
    Case(
        "SEC-IAM-004",
        "every namespace where one is accepted",
        FAIL,
        (role(cluster("system:serviceaccount:*", "StringLike")),),
        params={"whole_namespaces": True},
    ),
    Case("SEC-IAM-004", "one of two is any", FAIL, (role(cluster([ACCOUNT, "*"], "StringLike")),)),
    Case("SEC-IAM-004", "content without the claim", FAIL, (role(cluster(ACCOUNT, "ForAllValues:StringEquals")),)),
    Case("SEC-IAM-004", "the claim is there", FAIL, (role(cluster("false", "Null")),)),
    Case(
        "SEC-IAM-004",
        "any project of another provider",
        FAIL,
        (role(provider(GITLAB, StringEquals={f"{GITLAB}:aud": "a"}, StringLike={f"{GITLAB}:sub": "project_path:*"})),),
    ),
    Case("SEC-IAM-004", "any identity pool", FAIL, (role(trust({"Federated": "cognito-identity.amazonaws.com"})),)),
    Case(
        "SEC-IAM-004",
        "unknown beside everybody",
        FAIL,
        (Spec(ROLE, {"assumeRolePolicy": {"Statement": [UNKNOWN_OBJECT, trust("*")]}}),),
    ),
    Case("SEC-IAM-004", "provider of the same stack", OPEN, (Spec(ROLE, {"assumeRolePolicy": UNKNOWN}),)),
    Case(
        "SEC-IAM-004",
        "provider unknown",
        OPEN,
        (Spec(ROLE, {"assumeRolePolicy": {"Statement": [trust({"Federated": UNKNOWN})]}}),),
    ),
    Case(
        "SEC-IAM-004",
        "principals unknown",
        OPEN,
        (Spec(ROLE, {"assumeRolePolicy": {"Statement": [trust({"AWS": UNKNOWN_LIST})]}}),),
    ),
    Case("SEC-IAM-004", "not json", OPEN, (Spec(ROLE, {"assumeRolePolicy": "{"}),), "not a valid JSON document"),
    Case("SEC-IAM-004", "principal is a number", OPEN, (role(trust({"Federated": 3})),), "an ARN was expected"),
    Case("SEC-IAM-004", "another type", SKIP, (OTHER,)),
    Case("SEC-IAM-005", "a branch", PASS, (github(MAIN, "StringEquals"),), environment="production"),
    Case(
        "SEC-IAM-005",
        "with ids that stay",
        PASS,
        (github("repo:octo-org@123456/platform@456789:environment:production", "StringEquals"),),
        environment="production",
    ),
    Case("SEC-IAM-005", "release branches", PASS, (github("repo:octo-org/platform:ref:refs/heads/release-*"),)),
    Case("SEC-IAM-005", "any branch", PASS, (github("repo:octo-org/platform:*"),), environment="staging"),
    Case(
        "SEC-IAM-005",
        "any branch, one environment",
        PASS,
        (github("repo:octo-org/platform:*", StringEquals={f"{HOST}:environment": "production"}),),
        environment="production",
    ),
    Case(
        "SEC-IAM-005",
        "by id beside the organisation",
        PASS,
        (
            github(
                "repo:octo-org/*", StringEquals={f"{HOST}:repository_id": "456789", f"{HOST}:ref": "refs/heads/main"}
            ),
        ),
        environment="production",
    ),
    Case(
        "SEC-IAM-005",
        "a subject of another make",
        PASS,
        (github("repository_owner_id:65:job_workflow_ref:octo-org/ci/.github/workflows/a.yml@refs/heads/main"),),
        environment="production",
    ),
    Case(
        "SEC-IAM-005",
        "issuer of an enterprise",
        PASS,
        (github(MAIN, "StringEquals", f"{HOST}/octo-enterprise"),),
    ),
    Case("SEC-IAM-005", "no condition", FAIL, (role(provider(HOST)),), "names no repository"),
    Case(
        "SEC-IAM-005",
        "audience alone",
        FAIL,
        (role(provider(HOST, StringEquals={f"{HOST}:aud": "sts.amazonaws.com"})),),
    ),
    Case("SEC-IAM-005", "anything", FAIL, (github("*"),)),
    Case("SEC-IAM-005", "whole organisation", FAIL, (github("repo:octo-org/*"),), "repo:<owner>/<name>:<ref>"),
    Case("SEC-IAM-005", "organisations of that beginning", FAIL, (github("repo:octo-*/platform:ref:refs/heads/main"),)),
    Case("SEC-IAM-005", "repositories of that beginning", FAIL, (github("repo:octo-org/platform*"),)),
    Case("SEC-IAM-005", "environment of anybody", FAIL, (github("environment:production", "StringEquals"),)),
    Case("SEC-IAM-005", "one of two is any", FAIL, (github([MAIN, "*"]),)),
    Case("SEC-IAM-005", "content without the claim", FAIL, (github(MAIN, "ForAllValues:StringLike"),)),
    Case("SEC-IAM-005", "all but one", FAIL, (github(MAIN, "StringNotLike"),)),
    Case(
        "SEC-IAM-005",
        "any branch in production",
        FAIL,
        (github("repo:octo-org/platform:*"),),
        "any branch and pull request",
        environment="production",
    ),
    Case(
        "SEC-IAM-005",
        "pull requests in production",
        FAIL,
        (github("repo:octo-org/platform:pull_request", "StringEquals"),),
        environment="production",
    ),
    Case(
        "SEC-IAM-005",
        "any environment in production",
        FAIL,
        (github("repo:octo-org/platform:environment:*"),),
        environment="production",
    ),
    Case("SEC-IAM-005", "second statement", FAIL, (role(SERVICE, provider(HOST)),), "Statement.1"),
    Case(
        "SEC-IAM-005",
        "unknown beside an open one",
        FAIL,
        (Spec(ROLE, {"assumeRolePolicy": {"Statement": [UNKNOWN_OBJECT, provider(HOST)]}}),),
    ),
    Case("SEC-IAM-005", "any branch, nobody says where", OPEN, (github("repo:octo-org/platform:*"),), "environment"),
    Case("SEC-IAM-005", "provider of the same stack", OPEN, (Spec(ROLE, {"assumeRolePolicy": UNKNOWN}),)),
    Case(
        "SEC-IAM-005",
        "subject unknown",
        OPEN,
        (Spec(ROLE, {"assumeRolePolicy": {"Statement": provider(HOST, StringLike={f"{HOST}:sub": UNKNOWN})}}),),
    ),
    Case("SEC-IAM-005", "a service", SKIP, (role(SERVICE),)),
    Case("SEC-IAM-005", "a cluster", SKIP, (role(cluster(ACCOUNT)),)),
    Case("SEC-IAM-005", "denied", SKIP, (role({**provider(HOST), "Effect": "Deny"}),)),
    Case("SEC-IAM-005", "another type", SKIP, (OTHER,)),
)
