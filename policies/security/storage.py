"""What keeps data in buckets and file systems: encryption, versions, locks."""

from collections.abc import Iterator

from pydantic import Field

from components._core.conventions import DATA_CLASS_TAG
from policies._engine.buckets import BUCKET, attached
from policies._engine.build import differs, each, rule, some, stack_rule
from policies._engine.keys import own_key
from policies._engine.model import Resource, Stack
from policies._engine.rule import (
    ByEnvironment,
    Context,
    Finding,
    NotApplicable,
    Outcome,
    Params,
    Severity,
)
from policies._engine.values import View
from policies.security.data_stores import (
    blocks,
    excuse_log_destination,
    own_blocks,
    own_key_where,
    some_block,
)

ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
VERSIONING = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
LOCK = (
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
)


@stack_rule(
    "SEC-S3-002",
    "s3-bucket-require-own-key",
    "Buckets encrypt objects with an own KMS key",
    on=BUCKET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Under S3's own key whoever may read may decrypt; its use can be neither refused nor seen.",
    controls=(
        "fsbp:S3.17",
        "checkov:CKV_AWS_145",
        "nist-800-53:SC-28",
        "nist-800-53:SC-28(1)",
        "soc2:CC6.1",
        "aisf:AISF-DATA-04",
        "aisf:AISF-INFRA-05",
    ),
    bad='{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}',
    remedy=(
        "Attach a BucketServerSideEncryptionConfiguration with aws:kms and a customer managed key.",
        "aws.s3.BucketServerSideEncryptionConfiguration(name, bucket=bucket.id, rules=[{\n"
        '    "apply_server_side_encryption_by_default": {\n'
        '        "sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},\n'
        '    "bucket_key_enabled": True}])',
    ),
)
def encrypted_objects(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A bucket that receives access logs cannot have SSE-KMS; S3 encrypts it with its own key in any case."""
    outcomes = list(_default_encryption(bucket, stack))
    if any(isinstance(outcome, Finding) for outcome in outcomes):
        excuse_log_destination(bucket, stack)
    yield from outcomes


def _default_encryption(bucket: Resource, stack: Stack) -> Iterator[Outcome]:
    partners = attached(bucket, stack, ENCRYPTION).partners
    holders = own_blocks(bucket, "serverSideEncryptionConfiguration") if not partners else ()
    if not partners and not len(holders):
        yield Finding("nothing sets the bucket's default encryption; wanted aws:kms with a customer managed key")
    yield from each(partners, lambda partner: _of_rules(partner.props, f"{partner.name}: "))
    yield from each(holders, lambda holder: _of_rules(holder, ""))


def _of_rules(holder: View, who: str) -> Iterator[Outcome]:
    rules = blocks(holder, "rule")
    if not len(rules):
        yield Finding(f"{who}there is no rule for the default encryption")
    yield from each(rules, lambda rule: _of_rule(rule, who))


def _of_rule(rule: View, who: str) -> Iterator[Outcome]:
    defaults = blocks(rule, "applyServerSideEncryptionByDefault")
    if not len(defaults):
        yield Finding(f"{who}{rule.path} names no algorithm; wanted aws:kms")
    for outcome in each(defaults, _kms):
        yield Finding(f"{who}{outcome.message}") if isinstance(outcome, Finding) else outcome


def _kms(default: View) -> Iterator[Outcome]:
    if default.at("sseAlgorithm") not in ("aws:kms", "aws:kms:dsse"):
        yield differs(default, "sseAlgorithm", '"aws:kms"')
    else:
        yield from own_key(default, "kmsMasterKeyId", "aws/s3")


@stack_rule(
    "SEC-S3-003",
    "s3-bucket-require-versioning",
    "Buckets keep what is overwritten and deleted",
    on=BUCKET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Without versions a wrong job or a stolen role destroys datasets and models in one call, for good.",
    controls=(
        "fsbp:S3.14",
        "checkov:CKV_AWS_21",
        "nist-800-53:CP-9",
        "nist-800-53:CP-10",
        "soc2:A1.2",
        "aisf:AISF-DATA-04",
    ),
    bad='versioning_configuration={"status": "Suspended"}',
    remedy=(
        "Attach a BucketVersioning; end old versions by a lifecycle rule.",
        'aws.s3.BucketVersioning(name, bucket=bucket.id,\n    versioning_configuration={"status": "Enabled"})',
    ),
)
def versions(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A resource of its own, or the deprecated block of the bucket itself."""
    partners = attached(bucket, stack, VERSIONING).partners
    yield from each(partners, _versioned)
    if not partners and not some_block(own_blocks(bucket, "versioning"), _switched_on):
        yield Finding("the bucket is not versioned")


def _versioned(versioning: Resource) -> Iterator[Outcome]:
    if versioning.props.at("versioningConfiguration.status") != "Enabled":
        finding = differs(versioning.props, "versioningConfiguration.status", '"Enabled"')
        yield Finding(f"{versioning.name}: {finding.message}")


def _switched_on(block: View) -> bool:
    return block.at("enabled") is True


class LockParams(Params):
    """Parameters of SEC-S3-007."""

    data_classes: tuple[str, ...] = ("model",)
    """Values of the tag `data-class` whose buckets can lock objects."""


@stack_rule(
    "SEC-S3-007",
    "s3-bucket-require-object-lock",
    "Buckets with models can lock objects",
    on=BUCKET,
    params=LockParams,
    severity=Severity.MEDIUM,
    rationale="Whoever replaces a released model decides what production answers; a locked one outlasts even admins.",
    controls=("checkov:CKV_AWS_143", "nist-800-53:CP-6(2)"),
    bad='aws.s3.Bucket(name, tags={"data-class": "model"})',
    remedy=(
        "Switch on Object Lock when the bucket is made; it locks nothing until a retention is set.",
        'aws.s3.Bucket(name, object_lock_enabled=True, tags={"data-class": "model"})',
    ),
)
def object_lock(bucket: Resource, stack: Stack, ctx: Context[LockParams]) -> Iterator[Outcome]:
    """The tag says what a bucket holds; `ArtifactStore` sets it."""
    if bucket.props.at(("tags", DATA_CLASS_TAG)) not in ctx.params.data_classes:
        raise NotApplicable(f"the tag {DATA_CLASS_TAG} is none of {', '.join(ctx.params.data_classes)}")
    if bucket.sets("objectLockEnabled") and bucket.props.at("objectLockEnabled") is True:
        return
    inline = some_block(own_blocks(bucket, "objectLockConfiguration"), _lockable)
    if not inline and not some(attached(bucket, stack, LOCK).partners, lambda lock: _lockable(lock.props)):
        yield Finding("Object Lock is off; wanted objectLockEnabled")


def _lockable(lock: View) -> bool:
    return bool(lock.at("objectLockEnabled", "Enabled") == "Enabled")


class DestroyParams(Params):
    """Parameters of SEC-S3-009."""

    allowed: ByEnvironment[bool] = Field(default={"default": False, "sandbox": True, "development": True})
    """Where a destroy may delete the objects of a bucket with it."""


@rule(
    "SEC-S3-009",
    "s3-bucket-disallow-force-destroy",
    "A destroy does not delete a bucket that holds objects",
    on=(*BUCKET, "aws:s3/directoryBucket:DirectoryBucket"),
    params=DestroyParams,
    severity=Severity.HIGH,
    rationale="With force_destroy one wrong `pulumi destroy` or replacement deletes all objects, locked ones included.",
    controls=("nist-800-53:SI-12", "soc2:A1.2"),
    bad="aws.s3.Bucket(name, force_destroy=True)",
    remedy=("Leave force_destroy out; empty the bucket by hand if it has to go.", "aws.s3.Bucket(name)"),
)
def no_force_destroy(bucket: Resource, ctx: Context[DestroyParams]) -> Iterator[Outcome]:
    """The default is false."""
    if bucket.props.flag("forceDestroy") and not ctx.by_environment(ctx.params.allowed):
        yield differs(bucket.props, "forceDestroy", "false")


class FileSystemParams(Params):
    """Parameters of SEC-EFS-001."""

    own_key: ByEnvironment[bool] = Field(default={"default": True})
    """Where the key must be a customer managed one."""


@rule(
    "SEC-EFS-001",
    "efs-filesystem-require-encryption",
    "EFS file systems are encrypted with an own KMS key",
    on=("aws:efs/fileSystem:FileSystem",),
    params=FileSystemParams,
    severity=Severity.HIGH,
    rationale="EFS encrypts nothing by default and nothing afterwards: notebooks and datasets would have to be moved.",
    controls=(
        "fsbp:EFS.1",
        "fsbp:EFS.8",
        "checkov:CKV_AWS_42",
        "checkov:CKV_AWS_184",
        "nist-800-53:SC-28",
        "nist-800-53:SC-28(1)",
        "soc2:CC6.1",
    ),
    bad='aws.efs.FileSystem(name, throughput_mode="elastic")  # not encrypted',
    remedy=(
        "Encrypt it under a customer managed key when it is made; an existing one has to be copied.",
        "aws.efs.FileSystem(name, encrypted=True, kms_key_id=key.arn)",
    ),
)
def encrypted_files(files: Resource, ctx: Context[FileSystemParams]) -> Iterator[Outcome]:
    """The API makes unencrypted file systems unless told otherwise, whatever the console proposes."""
    if files.props.at("encrypted") is not True:
        yield differs(files.props, "encrypted", "true (the default is false)")
    else:
        yield from own_key_where(ctx.params.own_key, files.props, "kmsKeyId", "aws/elasticfilesystem", ctx)


RULES = (encrypted_objects, versions, object_lock, no_force_destroy, encrypted_files)
