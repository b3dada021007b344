"""S3 buckets: datasets, models, features, logs."""

from collections.abc import Iterator

from policies._engine.buckets import BUCKET, attached
from policies._engine.build import differs, each, some, stack_rule
from policies._engine.documents import conditions, read_document, statements, texts
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import View

BLOCK = ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",)
POLICY = ("aws:s3/bucketPolicy:BucketPolicy",)

SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@stack_rule(
    "SEC-S3-001",
    "s3-bucket-require-public-access-block",
    "Buckets block public access in all four ways",
    on=BUCKET,
    params=Params,
    severity=Severity.CRITICAL,
    rationale="One ACL or policy slip makes training data or model weights public; the block overrules both.",
    controls=("fsbp:S3.8", "checkov:CKV2_AWS_6", "nist-800-53:AC-3", "nist-800-53:SC-7"),
    bad="aws.s3.Bucket(name)  # nothing attached",
    remedy=(
        "Attach a BucketPublicAccessBlock with all four switches on.",
        "aws.s3.BucketPublicAccessBlock(name, bucket=bucket.id, block_public_acls=True,\n"
        "    block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True)",
    ),
)
def public_access_block(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A block is joined to its bucket by the engine's record of dependencies where ids are not known yet."""
    join = attached(bucket, stack, BLOCK)
    if not join.partners:
        yield Finding("no public access block is attached to the bucket")
    yield from each(join.partners, lambda block: each(SWITCHES, lambda switch: _on(block, switch)))


def _on(block: Resource, switch: str) -> Iterator[Outcome]:
    if block.props.at(switch) is not True:
        finding = differs(block.props, switch, "true")
        yield Finding(f"{block.name}: {finding.message}")


@stack_rule(
    "SEC-S3-004",
    "s3-bucket-require-tls",
    "Bucket policies deny requests without TLS",
    on=BUCKET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Data and credentials that travel in the clear can be read and changed on the way.",
    controls=("fsbp:S3.5", "nist-800-53:SC-8"),
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


RULES = (public_access_block, tls_only)
