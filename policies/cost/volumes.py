"""Where resources say of which type an EBS or RDS volume is."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from policies._engine.build import each
from policies._engine.model import Manifest, Resource, manifests
from policies._engine.rule import NotApplicable, Outcome
from policies._engine.values import Path, View

VOLUME = "aws:ebs/volume:Volume"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE = "aws:ec2/instance:Instance"
DATABASE = "aws:rds/instance:Instance"

SINGLE: Mapping[str, Path] = {VOLUME: "type", DATABASE: "storageType"}
"""Types with one volume, and the property that says which."""

NODE_CLASS = "karpenter.k8s.aws/EC2NodeClass"
STORAGE_CLASS = "storage.k8s.io/StorageClass"
EBS_DRIVER = "ebs.csi.aws.com"

VolumeCheck = Callable[[View, Path], Iterable[Outcome]]
"""Is given what holds a volume's type, and the path of the type in it."""

AWS = (VOLUME, TEMPLATE, INSTANCE, DATABASE)
KINDS = (NODE_CLASS, STORAGE_CLASS)


def each_volume(resource: Resource, check: VolumeCheck) -> Iterator[Outcome]:
    """Check every volume of a resource of `AWS` or `KINDS`. Raises `NotApplicable` for classes of other drivers."""
    props = resource.props
    if resource.type in SINGLE:
        yield from check(props, SINGLE[resource.type])
    elif resource.kind:
        yield from each(tuple(manifests(resource)), lambda manifest: _in_manifest(manifest, check))
    else:
        yield from each(props.sequence("blockDeviceMappings"), lambda item: check(item, "ebs.volumeType"))
        yield from each(props.sequence("ebsBlockDevices"), lambda item: check(item, "volumeType"))
        yield from check(props.mapping("rootBlockDevice"), "volumeType")


def _in_manifest(manifest: Manifest, check: VolumeCheck) -> Iterator[Outcome]:
    if manifest.kind == NODE_CLASS:
        mappings = manifest.spec.sequence("blockDeviceMappings")
        yield from each(mappings, lambda item: check(item, "ebs.volumeType"))
        return
    if manifest.props.text("provisioner") != EBS_DRIVER:
        raise NotApplicable("the storage class is not of the EBS driver")
    yield from check(manifest.props, "parameters.type")
