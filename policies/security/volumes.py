"""EBS volumes: of their own, of instances, and of what launches instances or claims volumes."""

from collections.abc import Callable, Iterator, Mapping

from pydantic import Field

from policies._engine.build import differs, each, rule, some
from policies._engine.keys import AWS_MANAGED
from policies._engine.model import Manifest, Resource, manifests
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View
from policies._engine.wire import Undetermined
from policies.security.compute import (
    ALSO_ON_AWS,
    CONFIGURATION,
    INSTANCE,
    NODE_CLASS,
    SPOT_REQUEST,
    TEMPLATE,
    switch,
)

VOLUME = "aws:ebs/volume:Volume"
STORAGE_CLASS = "storage.k8s.io/StorageClass"
DRIVERS = ("ebs.csi.aws.com", "kubernetes.io/aws-ebs")
"""The EBS driver, and the name under which Kubernetes hands old storage classes on to it."""


class EncryptionParams(Params):
    """Parameters of SEC-EC2-003."""

    own_key: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether volumes need a customer managed KMS key, by environment; `default` for the others."""


def _encrypt(resource: Resource, _ctx: Context[EncryptionParams]) -> Mapping[Path, bool | str]:
    # Of volumes and instances that stand it would force a replacement, and with it the loss of what they hold.
    if resource.type != TEMPLATE and resource.kind != NODE_CLASS:
        return {}
    holder, on = (resource.props.mapping("spec"), True) if resource.kind else (resource.props, "true")
    mappings = holder.sequence("blockDeviceMappings").mappings()
    plain = [one for one in mappings if _has_volume(one) and switch(one, "ebs.encrypted") is not True]
    return {f"{mapping.path}.ebs.encrypted": on for mapping in plain}


@rule(
    "SEC-EC2-003",
    "ec2-volume-require-encryption",
    "EBS volumes are encrypted, in production with an own key",
    on=(VOLUME, TEMPLATE, INSTANCE, SPOT_REQUEST, CONFIGURATION),
    kinds=(NODE_CLASS, STORAGE_CLASS),
    params=EncryptionParams,
    fix=_encrypt,
    severity=Severity.HIGH,
    rationale="Disks hold datasets, weights and image layers; a snapshot shared by mistake hands them over in clear.",
    controls=(
        "fsbp:EC2.3",
        "fsbp:EC2.181",
        "checkov:CKV_AWS_3",
        "checkov:CKV_AWS_8",
        "checkov:CKV_AWS_189",
        "aisf:AISF-INFRA-05",
        "nist-800-53:SC-28",
        "nist-800-53:SC-28(1)",
        "soc2:CC6.1",
    ),
    bad='block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {"volume_size": 200}}]',
    remedy=(
        "Encrypt every volume; with an own key, access to it can be revoked and is logged.",
        'block_device_mappings=[{"device_name": "/dev/xvda",\n'
        '    "ebs": {"volume_size": 200, "encrypted": "true", "kms_key_id": key.arn}}]',
    ),
    not_at_admission=ALSO_ON_AWS,
)
def encrypted_volumes(resource: Resource, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    """An account may encrypt by default, but no program can rely on it."""
    if resource.kind:
        yield from each(tuple(manifests(resource)), lambda manifest: _manifest(manifest, ctx))
    elif resource.type == VOLUME:
        yield from _volume(resource.props, "kmsKeyId", ctx)
    elif resource.type == TEMPLATE:
        yield from _template(resource.props, ctx)
    else:
        yield from _instance(resource, ctx)


def _template(template: View, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    mappings = template.sequence("blockDeviceMappings")
    if not len(mappings):
        yield Finding("blockDeviceMappings is unset, and most images have plain volumes; wanted encrypted ones")
    yield from each(mappings, lambda mapping: _mapping(mapping, "kmsKeyId", ctx))


def _instance(resource: Resource, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    # Launch configurations have no property for a key.
    key = "" if resource.type == CONFIGURATION else "kmsKeyId"
    yield from each((resource.props,), lambda props: _root(props, key, ctx))
    disks = resource.props.sequence("ebsBlockDevices")
    yield from each(disks, lambda disk: () if disk.at("noDevice") is True else _volume(disk, key, ctx))


def _root(instance: View, key: str, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    if instance.at("rootBlockDevice") is None and instance.at("launchTemplate") is not None:
        raise Undetermined("rootBlockDevice is unset, so the launch template decides")
    yield from _volume(instance.mapping("rootBlockDevice"), key, ctx)


def _manifest(manifest: Manifest, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    if manifest.kind == NODE_CLASS:
        yield from _node_class(manifest.spec, ctx)
    elif manifest.kind == STORAGE_CLASS and manifest.props.text("provisioner") in DRIVERS:
        yield from _volume(manifest.props.mapping("parameters"), "kmsKeyId", ctx)
    else:
        raise NotApplicable("it makes no EBS volumes")


def _node_class(spec: View, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    """Karpenter encrypts where no mapping is given, with AWS's key; of custom images it knows no device."""
    mappings = spec.sequence("blockDeviceMappings")
    if len(mappings):
        yield from each(mappings, lambda mapping: _mapping(mapping, "kmsKeyID", ctx))
    elif spec.at("amiFamily") == "Custom":
        raise Undetermined(f"{mappings.path} is unset, so the image decides")
    elif ctx.by_environment(ctx.params.own_key):
        yield Finding(f"{mappings.path} is unset, so AWS's key is used; wanted a customer managed key")


def _mapping(mapping: View, key: str, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    if _has_volume(mapping):
        yield from _volume(mapping.mapping("ebs"), key, ctx)


def _has_volume(mapping: View) -> bool:
    """Whether a mapping is not of an instance store, and does not take a device of the image away, which any
    text in `noDevice` does."""
    return not mapping.at("virtualName") and not mapping.at("noDevice")


def _volume(volume: View, key: str, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    if switch(volume, "encrypted") is not True:
        if volume.at("snapshotId") or volume.at("snapshotID"):
            raise Undetermined(
                f"{volume.path or 'the volume'} is of a snapshot, which decides unless encrypted is true"
            )
        yield differs(volume, "encrypted", "true")
    elif not _key_suits(volume, key, ctx):
        if not key:
            raise Undetermined("a launch configuration names no key, so the account's default decides")
        yield differs(volume, key, "the ARN of a customer managed key")


def _key_suits(volume: View, key: str, ctx: Context[EncryptionParams]) -> bool:
    """Whether the key is an own one, or need not be; one of the two may be unknown."""
    tests: tuple[Callable[[], bool], ...] = (
        lambda: _has_own_key(volume, key),
        lambda: not ctx.by_environment(ctx.params.own_key),
    )
    return some(tests, lambda holds: holds())


def _has_own_key(volume: View, key: str) -> bool:
    named = volume.text(key) if key else ""
    return bool(named) and not AWS_MANAGED.search(named)


RULES = (encrypted_volumes,)
