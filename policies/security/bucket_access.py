"""S3 buckets: what opens them past the policies, and whether access is seen."""

from collections.abc import Iterator

from policies._engine.buckets import BUCKET, attached
from policies._engine.build import differs, each, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import View
from policies.security.data_stores import LOGGING, excuse_log_destination, own_blocks

BLOCK = ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",)
OWNERSHIP = ("aws:s3/bucketOwnershipControls:BucketOwnershipControls",)
ACL = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")

SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@stack_rule(
    "SEC-S3-001",
    "s3-bucket-require-public-access-block",
    "Buckets block public access in all four ways",
    on=BUCKET,
    params=Params,
    severity=Severity.CRITICAL,
    rationale="One ACL or policy slip makes training data or model weights public; the block overrules both.",
    controls=(
        "fsbp:S3.8",
        "checkov:CKV2_AWS_6",
        "checkov:CKV_AWS_53",
        "checkov:CKV_AWS_54",
        "checkov:CKV_AWS_55",
        "checkov:CKV_AWS_56",
        "nist-800-53:AC-3",
        "nist-800-53:SC-7",
        "soc2:CC6.1",
        "soc2:CC6.6",
        "aisf:AISF-DATA-04",
    ),
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
    "SEC-S3-006",
    "s3-bucket-require-access-logs",
    "Buckets log who accesses them, in another bucket",
    on=BUCKET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Without access logs nobody can tell afterwards who read a dataset or replaced a model.",
    controls=(
        "fsbp:S3.9",
        "checkov:CKV_AWS_18",
        "nist-800-53:AU-2",
        "nist-800-53:AU-12",
        "soc2:CC7.2",
        "aisf:AISF-DATA-04",
    ),
    bad="aws.s3.Bucket(name)  # no BucketLogging attached",
    remedy=(
        "Attach a BucketLogging that delivers to a bucket for logs, under a prefix of its own.",
        'aws.s3.BucketLogging(name, bucket=bucket.id, target_bucket=logs.id,\n    target_prefix="access/datasets/")',
    ),
)
def access_logs(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A bucket that receives access logs needs none of its own."""
    senders = attached(bucket, stack, LOGGING).partners
    targets = {one.urn for one in stack.pointing_at(bucket, LOGGING, "targetBucket", ids=("bucket",)).partners}
    loops = [sender.name for sender in senders if sender.urn in targets]
    if loops:
        yield Finding(f"{', '.join(loops)} logs the bucket into itself, without end; wanted another bucket")
    elif not senders and not len(own_blocks(bucket, "logging")):
        excuse_log_destination(bucket, stack)
        yield Finding("access to the bucket is not logged")


@stack_rule(
    "SEC-S3-008",
    "s3-bucket-disallow-acls",
    "Buckets have ACLs switched off",
    on=BUCKET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="ACLs grant access past the policies that are reviewed, object by object, and survive them.",
    controls=(
        "fsbp:S3.12",
        "checkov:CKV2_AWS_65",
        "nist-800-53:AC-3",
        "nist-800-53:AC-6",
        "soc2:CC6.1",
        "aisf:AISF-DATA-04",
    ),
    bad='aws.s3.BucketOwnershipControls(name, bucket=bucket.id,\n    rule={"object_ownership": "ObjectWriter"})',
    remedy=(
        "Set BucketOwnerEnforced and remove the ACLs; grant access by policies.",
        'aws.s3.BucketOwnershipControls(name, bucket=bucket.id,\n    rule={"object_ownership": "BucketOwnerEnforced"})',
    ),
)
def acls_off(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """New buckets have no ACLs (S3 user guide, object ownership, read 2026-11-23): what switches them on is wrong."""
    yield from each((_ownership, _acls, _inline_acl), lambda part: part(bucket, stack))


def _ownership(bucket: Resource, stack: Stack) -> Iterator[Outcome]:
    yield from each(attached(bucket, stack, OWNERSHIP).partners, _enforced)


def _enforced(controls: Resource) -> Iterator[Outcome]:
    if controls.props.at("rule.objectOwnership") != "BucketOwnerEnforced":
        finding = differs(controls.props, "rule.objectOwnership", '"BucketOwnerEnforced"')
        yield Finding(f"{controls.name}: {finding.message}")


def _acls(bucket: Resource, stack: Stack) -> Iterator[Outcome]:
    for acl in attached(bucket, stack, ACL).partners:
        yield Finding(f"{acl.name} gives the bucket an ACL; wanted none")


def _inline_acl(bucket: Resource, _stack: Stack) -> Iterator[Outcome]:
    """Every bucket's output grants its owner everything; a group is what somebody added."""
    if bucket.sets("acl") and bucket.props.text("acl") != "private":
        yield differs(bucket.props, "acl", "no ACL")
    grants = own_blocks(bucket, "grant")
    yield from each(grants, _to_group)


def _to_group(grant: View) -> Iterator[Outcome]:
    if grant.at("type") == "Group":
        yield Finding(f"{grant.path} grants access to a group by ACL; wanted none")


RULES = (public_access_block, access_logs, acls_off)
