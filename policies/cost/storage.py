"""Volumes and buckets."""

from collections.abc import Iterator, Mapping

from pydantic import Field

from components._core.conventions import DATA_CLASS_TAG
from policies._engine.buckets import BUCKET, attached
from policies._engine.build import differs, rule, some, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View
from policies.cost.lifecycles import covers_everything, lifecycles, some_in_force
from policies.cost.reading import asked
from policies.cost.volumes import AWS, KINDS, NODE_CLASS, SINGLE, STORAGE_CLASS, TEMPLATE, each_volume

VERSIONING = (
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
)


def _use_gp3(resource: Resource, _ctx: Context[Params]) -> Mapping[Path, str]:
    if resource.type in SINGLE:
        return {SINGLE[resource.type]: "gp3"}
    if resource.kind == STORAGE_CLASS:
        return {"parameters.type": "gp3"}
    if resource.type != TEMPLATE and resource.kind != NODE_CLASS:
        return {}
    holder = resource.props.mapping("spec") if resource.kind else resource.props
    mappings = holder.sequence("blockDeviceMappings").mappings()
    return {f"{mapping.path}.ebs.volumeType": "gp3" for mapping in mappings if mapping.at("ebs.volumeType") == "gp2"}


@rule(
    "COST-EC2-001",
    "ec2-volume-require-gp3",
    "General purpose volumes are gp3, not gp2",
    on=AWS,
    kinds=KINDS,
    params=Params,
    fix=_use_gp3,
    severity=Severity.LOW,
    rationale="gp3 costs 20 % less per GB than gp2 in us-east-1 and has its throughput apart from its size.",
    controls=("aws-wa-cost:COST06-BP02",),
    bad='type="gp2"',
    remedy=("Choose gp3; a volume is converted in place, without a stop.", 'type="gp3"'),
    not_at_admission="it judges volumes in AWS by the same function, which is no demand on an object",
)
def gp3_volumes(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """EBS volumes, launch templates, instances, RDS, Karpenter node classes and storage classes."""
    if resource.type not in SINGLE:
        yield from each_volume(resource, _no_gp2)
    # Both are gp2 where the type is unset, unless IOPS are given.
    elif resource.props.at(SINGLE[resource.type], "gp2") == "gp2" and not resource.props.at("iops"):
        yield differs(resource.props, SINGLE[resource.type], '"gp3" (the default is gp2)')


def _no_gp2(volume: View, path: Path) -> Iterator[Outcome]:
    if volume.at(path) == "gp2":
        yield differs(volume, path, '"gp3"')


@stack_rule(
    "COST-S3-001",
    "s3-bucket-require-lifecycle",
    "Buckets have a lifecycle rule in force",
    on=BUCKET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Checkpoints, old versions and broken uploads pile up in the dearest storage class.",
    controls=("fsbp:S3.13", "checkov:CKV2_AWS_61", "aws-wa-cost:COST04-BP05"),
    bad="aws.s3.Bucket(name)  # no lifecycle",
    remedy=(
        "Attach a lifecycle configuration: expire what may go, move to a cheaper class what may not.",
        "aws.s3.BucketLifecycleConfiguration(name, bucket=bucket.id, rules=[{\n"
        '    "id": "uploads", "status": "Enabled",\n'
        '    "abort_incomplete_multipart_upload": {"days_after_initiation": 7}}])',
    ),
)
def lifecycle(bucket: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A separate configuration, or the deprecated block of the bucket itself."""
    lists = lifecycles(bucket, stack)
    if not lists:
        yield Finding("no lifecycle configuration is attached to the bucket")
    elif not some_in_force(lists, lambda _rule: True):
        yield Finding("no lifecycle rule of the bucket is enabled")


class UploadParams(Params):
    """Parameters of COST-S3-002."""

    maximum_days: int = Field(default=7, ge=1)
    """Days after which an upload that nobody finished is given up."""


@stack_rule(
    "COST-S3-002",
    "s3-bucket-require-abort-of-uploads",
    "Buckets give up uploads that nobody finishes",
    on=BUCKET,
    params=UploadParams,
    severity=Severity.LOW,
    rationale="The parts of a broken upload of a checkpoint are billed like objects and stand in no listing.",
    controls=("checkov:CKV_AWS_300", "aws-wa-cost:COST04-BP04"),
    bad='rules=[{"id": "old", "status": "Enabled", "expiration": {"days": 400}}]',
    remedy=(
        "Add a rule without a filter that aborts incomplete multipart uploads after a week.",
        'rules=[{"id": "uploads", "status": "Enabled",\n'
        '    "abort_incomplete_multipart_upload": {"days_after_initiation": 7}}]',
    ),
)
def aborts_uploads(bucket: Resource, stack: Stack, ctx: Context[UploadParams]) -> Iterator[Outcome]:
    """A rule for a prefix leaves the parts elsewhere."""
    most = ctx.params.maximum_days
    if not some_in_force(lifecycles(bucket, stack), lambda item: covers_everything(item) and _aborts(item, most)):
        yield Finding(f"no enabled lifecycle rule for all objects aborts incomplete uploads within {most} days")


def _aborts(item: View, most: int) -> bool:
    inline = item.number("abortIncompleteMultipartUploadDays", 0)
    return 0 < (inline or item.number("abortIncompleteMultipartUpload.daysAfterInitiation", 0)) <= most


class VersionParams(Params):
    """Parameters of COST-S3-003."""

    maximum_days: ByEnvironment[int] = Field(default={"default": 365})
    """Days that a version may be kept after a newer one replaced it."""


@stack_rule(
    "COST-S3-003",
    "s3-bucket-require-expiry-of-versions",
    "Versioned buckets let replaced versions expire",
    on=BUCKET,
    params=VersionParams,
    severity=Severity.MEDIUM,
    rationale="Versioning keeps everything that was overwritten or deleted, at full price, until a rule ends it.",
    controls=("fsbp:S3.10", "nist-800-53:CP-9", "nist-800-53:SI-13(5)", "aws-wa-cost:COST04-BP05"),
    bad='aws.s3.BucketVersioning(name, bucket=bucket.id,\n    versioning_configuration={"status": "Enabled"})',
    remedy=(
        "Let noncurrent versions expire after as long as a mistake may go unnoticed.",
        'rules=[{"id": "versions", "status": "Enabled",\n'
        '    "noncurrent_version_expiration": {"noncurrent_days": 30}}]',
    ),
)
def expires_versions(bucket: Resource, stack: Stack, ctx: Context[VersionParams]) -> Iterator[Outcome]:
    """Object Lock brings versioning with it. NIST controls as AWS gives them for S3.10, which asks the same."""
    if not _is_versioned(bucket, stack):
        raise NotApplicable("the bucket is not versioned")
    most = ctx.by_environment(ctx.params.maximum_days)
    if not some_in_force(lifecycles(bucket, stack), lambda item: covers_everything(item) and _expires(item, most)):
        yield Finding(f"no enabled lifecycle rule for all objects ends replaced versions within {most} days")


def _is_versioned(bucket: Resource, stack: Stack) -> bool:
    props = asked(bucket).props
    if props.flag("objectLockEnabled") or props.flag("versioning.enabled"):
        return True
    holders = attached(bucket, stack, VERSIONING).partners
    return some(holders, lambda holder: holder.props.at("versioningConfiguration.status") == "Enabled")


def _expires(item: View, most: int) -> bool:
    inline = item.number("noncurrentVersionExpiration.days", 0)
    return 0 < (inline or item.number("noncurrentVersionExpiration.noncurrentDays", 0)) <= most


class ClassParams(Params):
    """Parameters of COST-S3-004."""

    data_classes: tuple[str, ...] = ("dataset", "feature", "model")
    """Values of the tag `data-class` of buckets whose objects grow old and large."""

    maximum_days: int = Field(default=30, ge=0)
    """Age at which objects have left the standard class."""

    storage_classes: tuple[str, ...] = ("INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR")
    """Cheaper classes that still answer at once."""


@stack_rule(
    "COST-S3-004",
    "s3-bucket-require-cheaper-class",
    "Datasets, features and models move to a cheaper storage class",
    on=BUCKET,
    params=ClassParams,
    severity=Severity.LOW,
    rationale="Most checkpoints are never read again; Intelligent-Tiering halves their price after 30 idle days.",
    controls=("aws-wa-cost:COST06-BP03", "aws-wa-cost:COST04-BP05"),
    bad='aws.s3.Bucket(name, tags={"data-class": "model"})  # everything stays in STANDARD',
    remedy=(
        "Move objects to Intelligent-Tiering within 30 days; it charges no reads.",
        'rules=[{"id": "ages", "status": "Enabled",\n'
        '    "transitions": [{"days": 30, "storage_class": "INTELLIGENT_TIERING"}]}]',
    ),
)
def cheaper_class(bucket: Resource, stack: Stack, ctx: Context[ClassParams]) -> Iterator[Outcome]:
    """A rule for a prefix is enough here: teams know where their cold data is. Early expiry is as good."""
    if asked(bucket).props.mapping("tags").at((DATA_CLASS_TAG,)) not in ctx.params.data_classes:
        raise NotApplicable(f"tag {DATA_CLASS_TAG} is not one of {', '.join(ctx.params.data_classes)}")
    if not some_in_force(lifecycles(bucket, stack), lambda item: _moves(item, ctx.params)):
        classes = ", ".join(ctx.params.storage_classes)
        yield Finding(f"no enabled lifecycle rule moves objects to {classes} within {ctx.params.maximum_days} days")


def _moves(item: View, params: ClassParams) -> bool:
    ends = item.number("expiration.days", 0)
    return 0 < ends <= params.maximum_days or some(item.sequence("transitions"), lambda move: _in_time(move, params))


def _in_time(move: object, params: ClassParams) -> bool:
    """A transition without days or date happens at once (provider documentation, read 2026-11-23)."""
    if not isinstance(move, View) or move.at("storageClass") not in params.storage_classes or move.at("date"):
        return False
    return move.number("days", 0) <= params.maximum_days


RULES = (gp3_volumes, lifecycle, aborts_uploads, expires_versions, cheaper_class)
