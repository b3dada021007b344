"""Volumes and buckets."""

from collections.abc import Iterator, Mapping

from policies._engine.buckets import BUCKET, attached
from policies._engine.build import differs, each, rule, some, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Items, Path, View

VOLUME = "aws:ebs/volume:Volume"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE = "aws:ec2/instance:Instance"
DATABASE = "aws:rds/instance:Instance"

SINGLE: Mapping[str, Path] = {VOLUME: "type", DATABASE: "storageType"}
"""Types with one volume, and the property that says which; both are gp2 where it is unset."""

NODE_CLASS = "karpenter.k8s.aws/EC2NodeClass"
STORAGE_CLASS = "storage.k8s.io/StorageClass"
EBS_DRIVER = "ebs.csi.aws.com"

LIFECYCLE = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
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
    return {f"{mapping.path}.ebs.volumeType": "gp3" for mapping in mappings if _is_gp2(mapping, "ebs.volumeType")}


def _is_gp2(volume: View, path: Path) -> bool:
    return bool(volume.at(path) == "gp2")


@rule(
    "COST-EC2-001",
    "ec2-volume-require-gp3",
    "General purpose volumes are gp3, not gp2",
    on=(VOLUME, TEMPLATE, INSTANCE, DATABASE),
    kinds=(NODE_CLASS, STORAGE_CLASS),
    params=Params,
    fix=_use_gp3,
    severity=Severity.LOW,
    rationale="gp3 costs 20 % less per GB than gp2 in us-east-1 and has its throughput apart from its size.",
    controls=("aws-wa-cost:COST06-BP02",),
    bad='type="gp2"',
    remedy=("Choose gp3; a volume is converted in place, without a stop.", 'type="gp3"'),
)
def gp3_volumes(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """EBS volumes, launch templates, instances, RDS, Karpenter node classes and storage classes."""
    if resource.type in SINGLE:
        path = SINGLE[resource.type]
        if resource.props.at(path, "gp2") == "gp2" and not resource.props.at("iops"):
            yield differs(resource.props, path, '"gp3" (the default is gp2)')
    elif resource.kind:
        yield from each(tuple(manifests(resource)), _manifest)
    else:
        yield from each(resource.props.sequence("blockDeviceMappings"), lambda item: _no_gp2(item, "ebs.volumeType"))
        yield from each(resource.props.sequence("ebsBlockDevices"), lambda item: _no_gp2(item, "volumeType"))
        yield from _no_gp2(resource.props.mapping("rootBlockDevice"), "volumeType")


def _manifest(manifest: Manifest) -> Iterator[Outcome]:
    if manifest.kind == NODE_CLASS:
        yield from each(manifest.spec.sequence("blockDeviceMappings"), lambda item: _no_gp2(item, "ebs.volumeType"))
        return
    if manifest.props.text("provisioner") != EBS_DRIVER:
        raise NotApplicable("the storage class is not of the EBS driver")
    yield from _no_gp2(manifest.props, "parameters.type")


def _no_gp2(volume: View, path: Path) -> Iterator[Outcome]:
    if _is_gp2(volume, path):
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
    inline = bucket.props.sequence("lifecycleRules") if bucket.sets("lifecycleRules") else ()
    holders = attached(bucket, stack, LIFECYCLE).partners if not inline else ()
    if not inline and not holders:
        yield Finding("no lifecycle configuration is attached to the bucket")
        return
    lists = [inline] if isinstance(inline, Items) else [holder.props.sequence("rules") for holder in holders]
    if not some(lists, lambda rules: some(tuple(rules.mappings()), _enabled)):
        yield Finding("no lifecycle rule of the bucket is enabled")


def _enabled(rule: View) -> bool:
    return rule.at("status") == "Enabled" or rule.at("enabled") is True


RULES = (gp3_volumes, lifecycle)
