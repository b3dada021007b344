"""What the policies of S3 buckets and access points say."""

import ipaddress
from collections.abc import Iterator
from typing import Any, Final

from policies._engine.buckets import BUCKET, attached
from policies._engine.build import each, rule, some, stack_rule
from policies._engine.documents import conditions, read_document, statements, texts
from policies._engine.grants import for_everybody, limited, statement_list
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Items, View
from policies._engine.wire import MalformedValue

POLICY = ("aws:s3/bucketPolicy:BucketPolicy",)
ACCESS_POINT = ("aws:s3/accessPoint:AccessPoint", "aws:s3control/accessPointPolicy:AccessPointPolicy")

NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""Condition keys whose fixed values make a policy for everyone not public (S3 user guide, the meaning of "public",
read 2026-11-23), but for those that a caller chooses as he likes."""

NARROWING_OPERATORS: Final = frozenset({"arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike"})

WIDEST: Final = {4: 8, 6: 32}
"""Shortest prefix of a range of addresses that S3 does not take for the whole internet, by version of IP."""


@stack_rule(
    "SEC-S3-004",
    "s3-bucket-require-tls",
    "Bucket policies deny requests without TLS",
    on=BUCKET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Data and credentials that travel in the clear can be read and changed on the way.",
    controls=("fsbp:S3.5", "checkov:CKV_AWS_379", "nist-800-53:SC-8", "soc2:CC6.7", "aisf:AISF-DATA-04"),
    bad="aws.s3.Bucket(name)  # no policy, so plain HTTP is accepted",
    remedy=(
        "Deny s3:* to everyone where aws:SecureTransport is false.",
        '{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"],\n'
        ' "Condition": {"Bool": {"aws:SecureTransport": "false"}}}',
    ),
)
def tls_only(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A policy that names a new bucket's ARN is unknown until the bucket exists: undetermined in a first
    preview."""
    join = attached(bucket, stack, POLICY)
    holders = list(join.partners) or ([bucket] if bucket.sets("policy") else [])
    if not holders:
        yield Finding("the bucket has no policy")
    elif not some(holders, _denies_plain_requests):
        yield Finding(f"{', '.join(holder.name for holder in holders)} does not deny requests without TLS")


def _denies_plain_requests(holder: Resource) -> bool:
    return some(tuple(statements(read_document(holder.props, "policy"))), _denies_plain_http)


def _denies_plain_http(statement: View) -> bool:
    everyone = statement.at("Principal") == "*" or "*" in texts(statement.mapping("Principal").at("AWS"))
    everything = bool({"s3:*", "*"} & set(texts(statement.at("Action"))))
    insecure = ("Bool", "aws:securetransport", "false") in conditions(statement)
    covered = _bucket_and_objects(texts(statement.at("Resource")))
    return statement.at("Effect") == "Deny" and everyone and everything and insecure and covered


def _bucket_and_objects(arns: list[str]) -> bool:
    """`bucket/*` is the objects alone, `bucket` the bucket alone, `bucket*` and `*` are both."""
    objects = [arn for arn in arns if arn.endswith("/*")]
    both = [arn for arn in arns if arn.endswith("*") and arn not in objects]
    return bool(both) or (bool(objects) and len(objects) < len(arns))


@rule(
    "SEC-S3-005",
    "s3-policy-disallow-public-principal",
    "Bucket and access point policies let in nobody but named principals",
    on=(*POLICY, *ACCESS_POINT, *BUCKET),
    params=Params,
    severity=Severity.CRITICAL,
    rationale="Everyone means every AWS account and callers without any: nothing but the access block keeps data in.",
    controls=(
        "fsbp:S3.2",
        "fsbp:S3.3",
        "checkov:CKV_AWS_70",
        "nist-800-53:AC-3",
        "nist-800-53:SC-7",
        "soc2:CC6.1",
        "soc2:CC6.6",
        "aisf:AISF-DATA-04",
    ),
    bad='{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/*"}',
    remedy=(
        "Name the roles, accounts or services that need access; or add a condition on fixed values, such as "
        "aws:PrincipalOrgID.",
        '{"Effect": "Allow", "Principal": {"AWS": reader.arn}, "Action": "s3:GetObject",\n "Resource": f"{arn}/*"}',
    ),
)
def named_principals(holder: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Public as S3 itself defines it, so that what passes here is not refused by a public access block."""
    if not holder.props.at("policy"):
        raise NotApplicable("it has no policy of its own")
    yield from each(statement_list(read_document(holder.props, "policy")), _public)


def _public(statement: View) -> Iterator[Outcome]:
    if statement.at("Effect") != "Allow" or not for_everybody(statement):
        return
    if not limited(statement, NARROWING.__contains__, _fixed):
        yield Finding(f"{statement.path} allows everyone in; wanted named principals or a condition on fixed values")


def _fixed(operator: str, value: Any) -> bool:
    if isinstance(value, (View, Items)):
        raise MalformedValue("a condition's value", "a text", value)
    text = str(value)
    if operator == "ipaddress":
        return _few_addresses(text)
    return operator in NARROWING_OPERATORS and bool(text) and not any(mark in text for mark in ("*", "?", "${"))


def _few_addresses(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= WIDEST[network.version]


RULES = (tls_only, named_principals)
