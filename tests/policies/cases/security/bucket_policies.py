"""Cases of the rules on policies of buckets and access points."""

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
    urn,
)
from tests.policies.cases.security.storage import NEW, OF_NEW, OLD, POLICY
from tests.policies.specs import BUCKET, READ, document

POINT = "aws:s3/accessPoint:AccessPoint"
POINT_POLICY = "aws:s3control/accessPointPolicy:AccessPointPolicy"


def deny(*resources: str, **changes: Any) -> str:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": list(resources)}
    return document(READ, {**statement, "Condition": insecure, **changes})


BOTH = ("arn:aws:s3:::data-1", "arn:aws:s3:::data-1/*")


def policy(text: Any) -> Spec:
    return Spec(POLICY, {"bucket": "data-1", "policy": text}, "tls")


def grant(principal: Any = "*", **changes: Any) -> dict[str, Any]:
    return {**READ, "Principal": principal, **changes}


def alone(*statements: Any) -> tuple[Spec, ...]:
    """Return a bucket policy of these statements as the subject."""
    return (Spec(POLICY, {"bucket": "data-1", "policy": document(*statements)}),)


def under(condition: Any) -> tuple[Spec, ...]:
    return alone(grant(Condition=condition))


CASES = (
    Case("SEC-S3-004", "denied", PASS, (OLD, policy(deny(*BOTH)))),
    Case("SEC-S3-004", "denied by a glob", PASS, (OLD, policy(deny("arn:aws:s3:::data-1*")))),
    Case("SEC-S3-004", "principal as object", PASS, (OLD, policy(deny(*BOTH, Principal={"AWS": ["*"]})))),
    Case("SEC-S3-004", "inline", PASS, (Spec(BUCKET, {**OLD.props, "policy": deny(*BOTH)}),)),
    Case("SEC-S3-004", "no policy", FAIL, (OLD,), "the bucket has no policy"),
    Case("SEC-S3-004", "no policy on a new bucket", FAIL, (Spec(BUCKET, {"id": UNKNOWN, "policy": UNKNOWN}),)),
    Case("SEC-S3-004", "only a grant", FAIL, (OLD, policy(document(READ))), "tls does not deny"),
    Case(
        "SEC-S3-004", "one principal only", FAIL, (OLD, policy(deny(*BOTH, Principal={"AWS": "arn:aws:iam::1:root"})))
    ),
    Case("SEC-S3-004", "allowed, not denied", FAIL, (OLD, policy(deny(*BOTH, Effect="Allow")))),
    Case(
        "SEC-S3-004",
        "denied with TLS",
        FAIL,
        (OLD, policy(deny(*BOTH, Condition={"Bool": {"aws:SecureTransport": "true"}}))),
    ),
    Case("SEC-S3-004", "bucket only", FAIL, (OLD, policy(deny(BOTH[0])))),
    Case("SEC-S3-004", "two buckets, no objects", FAIL, (OLD, policy(deny(BOTH[0], "arn:aws:s3:::data-2")))),
    Case("SEC-S3-004", "objects only", FAIL, (OLD, policy(deny(BOTH[1])))),
    Case("SEC-S3-004", "reads only", FAIL, (OLD, policy(deny(*BOTH, Action="s3:GetObject")))),
    Case(
        "SEC-S3-004",
        "policy of a new bucket",
        OPEN,
        (NEW, Spec(POLICY, {"policy": UNKNOWN, "bucket": UNKNOWN}, "tls", OF_NEW)),
    ),
    Case(
        "SEC-S3-004",
        "inline from other resources",
        OPEN,
        (Spec(BUCKET, {**OLD.props, "policy": UNKNOWN}, depends={"policy": [urn("aws:iam/role:Role", "r")]}),),
    ),
    Case("SEC-S3-004", "not json", OPEN, (OLD, policy("{")), "not a valid JSON document"),
    Case("SEC-S3-004", "another type", SKIP, (OTHER,)),
    Case("SEC-S3-005", "a role", PASS, alone(grant({"AWS": "arn:aws:iam::111122223333:role/reader"}))),
    Case("SEC-S3-005", "a service", PASS, alone(grant({"Service": "logging.s3.amazonaws.com"}))),
    Case("SEC-S3-005", "everyone denied", PASS, (policy(deny(*BOTH)),)),
    Case("SEC-S3-005", "everyone of the organisation", PASS, under({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
    Case(
        "SEC-S3-005", "everyone by an endpoint", PASS, under({"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}})
    ),
    Case("SEC-S3-005", "everyone from some addresses", PASS, under({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
    Case("SEC-S3-005", "everyone in a private range", PASS, under({"IpAddress": {"aws:SourceIp": "10.0.0.5/8"}})),
    Case("SEC-S3-005", "key in other letters", PASS, under({"StringLike": {"AWS:sourcevpc": "vpc-1"}})),
    Case(
        "SEC-S3-005",
        "policy as an object",
        PASS,
        (Spec(POLICY, {"policy": {"Statement": grant({"AWS": "arn:aws:iam::1:root"})}}),),
    ),
    Case("SEC-S3-005", "secret and named", PASS, (policy(secret(document(grant({"AWS": "arn:aws:iam::1:root"})))),)),
    Case("SEC-S3-005", "everyone", FAIL, alone(grant()), "policy.Statement.0 allows everyone in"),
    Case("SEC-S3-005", "everyone as aws", FAIL, alone(grant({"AWS": "*"}))),
    Case("SEC-S3-005", "everyone in a list", FAIL, alone(grant({"AWS": ["arn:aws:iam::1:root", "*"]}))),
    Case(
        "SEC-S3-005",
        "the second of two statements",
        FAIL,
        alone(grant({"AWS": "arn:aws:iam::1:root"}), grant()),
        "policy.Statement.1 allows",
    ),
    Case("SEC-S3-005", "all but some", FAIL, alone({**READ, "NotPrincipal": {"AWS": "arn:aws:iam::1:root"}})),
    Case("SEC-S3-005", "a condition on transport", FAIL, under({"Bool": {"aws:SecureTransport": "true"}})),
    Case(
        "SEC-S3-005", "a condition anyone can meet", FAIL, under({"StringLike": {"aws:Referer": "https://a.example/"}})
    ),
    Case("SEC-S3-005", "a wildcard in the condition", FAIL, under({"StringLike": {"aws:SourceArn": "arn:aws:s3:::*"}})),
    Case("SEC-S3-005", "any one letter", FAIL, under({"StringLike": {"aws:SourceVpc": "vpc-?"}})),
    Case("SEC-S3-005", "an empty value", FAIL, under({"StringEquals": {"aws:SourceVpc": ""}})),
    Case("SEC-S3-005", "a variable in the condition", FAIL, under({"StringEquals": {"aws:userid": "${aws:userid}"}})),
    Case(
        "SEC-S3-005",
        "one wildcard among fixed values",
        FAIL,
        under({"StringLike": {"aws:SourceVpce": ["vpce-1", "*"]}}),
    ),
    Case(
        "SEC-S3-005", "half of the internet", FAIL, under({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/1"]}})
    ),
    Case("SEC-S3-005", "the whole of version 6", FAIL, under({"IpAddress": {"aws:SourceIp": "::/0"}})),
    Case("SEC-S3-005", "no range of addresses", FAIL, under({"IpAddress": {"aws:SourceIp": "office"}})),
    Case("SEC-S3-005", "content without the key", FAIL, under({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})),
    Case(
        "SEC-S3-005",
        "all of no values",
        FAIL,
        under({"ForAllValues:StringEquals": {"aws:SourceVpce": "vpce-1"}}),
    ),
    Case("SEC-S3-005", "all but a value", FAIL, under({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})),
    Case("SEC-S3-005", "any endpoint", FAIL, under({"Null": {"aws:SourceVpce": "false"}})),
    Case(
        "SEC-S3-005",
        "everyone beside an unknown statement",
        FAIL,
        (Spec(POLICY, {"policy": {"Statement": [UNKNOWN_OBJECT, grant()]}}),),
        "policy.Statement.1 allows",
    ),
    Case(
        "SEC-S3-005",
        "everyone beside an unknown principal",
        FAIL,
        (Spec(POLICY, {"policy": {"Statement": [grant({"AWS": [UNKNOWN, "*"]})]}}),),
    ),
    Case("SEC-S3-005", "inline", FAIL, (Spec(BUCKET, {"bucket": "data-1", "policy": document(grant())}),)),
    Case("SEC-S3-005", "access point", FAIL, (Spec(POINT, {"bucket": "data-1", "policy": document(grant())}),)),
    Case("SEC-S3-005", "policy of an access point", FAIL, (Spec(POINT_POLICY, {"policy": document(grant())}),)),
    Case("SEC-S3-005", "policy unknown", OPEN, (policy(UNKNOWN),), "policy is not known yet"),
    Case(
        "SEC-S3-005",
        "condition unknown",
        OPEN,
        (Spec(POLICY, {"policy": {"Statement": [grant(Condition=UNKNOWN_OBJECT)]}}),),
    ),
    Case(
        "SEC-S3-005",
        "a value of the condition unknown",
        OPEN,
        (
            Spec(
                POLICY, {"policy": {"Statement": [grant(Condition={"StringEquals": {"aws:SourceVpce": UNKNOWN_LIST}})]}}
            ),
        ),
    ),
    *(
        Case(
            "SEC-S3-005", f"{kind} as a value", OPEN, under({"StringEquals": {"aws:SourceVpc": [odd]}}), "was expected"
        )
        for kind, odd in (("an object", {"a": "b"}), ("a list", ["vpc-1"]))
    ),
    Case("SEC-S3-005", "not json", OPEN, (policy("{"),), "not a valid JSON document"),
    Case("SEC-S3-005", "no policy of its own", SKIP, (OLD,), "no policy"),
    Case("SEC-S3-005", "another type", SKIP, (OTHER,)),
)
