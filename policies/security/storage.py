"""S3 buckets: datasets, models, features, logs."""

from collections.abc import Iterator

from policies._engine.build import differs, each, stack_rule
from policies._engine.documents import conditions, read_document, statements, texts
from policies._engine.model import Join, Resource, Stack
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import Undetermined

BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
"""Bucket, and the name under which version 6 of the provider also knew it."""

BLOCK = ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",)
POLICY = ("aws:s3/bucketPolicy:BucketPolicy",)

SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def attached(bucket: Resource, stack: Stack, types: tuple[str, ...], what: str) -> Join:
    """Return what of `types` is attached to a bucket. Raises `Undetermined` where that cannot be told."""
    join = stack.pointing_at(bucket, types, "bucket", ids=("bucket",))
    if not join.partners and join.unresolved:
        raise Undetermined(f"{join.unresolved[0].name} is {what} of a bucket that is not known yet, perhaps of this one")
    return join


def inline(bucket: Resource, prop: str) -> bool:
    """Whether the bucket sets an inline block itself (deprecated); what the provider computes does not count."""
    try:
        return bool(bucket.props.at(prop))
    except Undetermined:
        return not bucket.computed(prop)


@stack_rule(
    "SEC-S3-001", "s3-bucket-require-public-access-block", "Buckets block public access in all four ways",
    on=BUCKET, params=Params, severity=Severity.CRITICAL,
    rationale="One ACL or policy slip makes training data or model weights public; the block overrules both.",
    controls=("fsbp:S3.1", "fsbp:S3.8", "checkov:CKV2_AWS_6", "nist-800-53:AC-3", "nist-800-53:SC-7"),
    remedy=(
        "Attach a BucketPublicAccessBlock with all four switches on.",
        "aws.s3.BucketPublicAccessBlock(name, bucket=bucket.id, block_public_acls=True,\n"
        "    block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True)",
    ),
)  # fmt: skip
def public_access_block(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A block is joined to its bucket by the engine's record of dependencies where ids are not known yet."""
    join = attached(bucket, stack, BLOCK, "the public access block")
    if not join.partners:
        yield Finding("no public access block is attached to the bucket")
    yield from each(join.partners, lambda block: each(SWITCHES, lambda switch: _on(block, switch)))


def _on(block: Resource, switch: str) -> Iterator[Outcome]:
    if block.props.at(switch) is not True:
        finding = differs(block.props, switch, "true")
        yield Finding(f"{block.name}: {finding.message}")


@stack_rule(
    "SEC-S3-004", "s3-bucket-require-tls", "Bucket policies deny requests without TLS",
    on=BUCKET, params=Params, severity=Severity.MEDIUM,
    rationale="Data and credentials that travel in the clear can be read and changed on the way.",
    controls=("fsbp:S3.5", "nist-800-53:SC-8"),
    remedy=(
        "Deny s3:* to everyone where aws:SecureTransport is false.",
        '{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"],\n'
        ' "Condition": {"Bool": {"aws:SecureTransport": "false"}}}',
    ),
)  # fmt: skip
def tls_only(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A policy that names a new bucket's ARN is unknown until the bucket exists: undetermined in a first preview."""
    join = attached(bucket, stack, POLICY, "the policy")
    holders = list(join.partners) or ([bucket] if inline(bucket, "policy") else [])
    gaps: list[Undetermined] = []
    for holder in holders:
        try:
            if any(_denies_plain_http(item) for item in statements(read_document(holder.props, "policy"))):
                return
        except Undetermined as gap:
            gaps.append(gap)
    yield from gaps
    if not gaps:
        names = ", ".join(holder.name for holder in holders)
        yield Finding(f"the policy {names} denies no plain requests" if names else "the bucket has no policy")


def _denies_plain_http(statement: View) -> bool:
    everyone = statement.at("Principal") == "*" or "*" in texts(statement.mapping("Principal").at("AWS"))
    everything = bool({"s3:*", "*"} & set(texts(statement.at("Action"))))
    insecure = ("Bool", "aws:securetransport", "false") in conditions(statement)
    return statement.at("Effect") == "Deny" and everyone and everything and insecure


RULES = (public_access_block, tls_only)
