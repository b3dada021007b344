"""Images of accelerator nodes: pinned releases, what aliases and image types are called. Pure data.

A pool never floats: with `latest`, every release of an image would replace every node.
"""

import re
from collections.abc import Sequence

from components._core.args import ArgsError, require
from components._core.facts import InstanceType
from components.gpu_node_pool.choices import AmiFamily, PoolKind

PINNED = {
    # github.com/awslabs/amazon-eks-ami/releases/tag/v20260903: Kubernetes 1.31 to 1.36; checked 2026-11-23.
    AmiFamily.AL2023: "v20260903",
    # sourceforge.net/projects/bottlerocket-os.mirror, v1.67.0 of 2026-10-13; checked 2026-11-23.
    AmiFamily.BOTTLEROCKET: "v1.67.0",
}
"""Releases that Karpenter pools use unless they name one."""

_FORMATS = {
    AmiFamily.AL2023: (re.compile(r"^v20\d{6}$"), "v20260903"),
    AmiFamily.BOTTLEROCKET: (re.compile(r"^v\d+\.\d+\.\d+$"), "v1.67.0"),
}
_RELEASE = re.compile(r"^\d+\.\d+\.\d+-[0-9a-z]+$")

_IMAGE_TYPES = {
    (AmiFamily.AL2023, "nvidia.com/gpu", "amd64"): "AL2023_x86_64_NVIDIA",
    (AmiFamily.AL2023, "nvidia.com/gpu", "arm64"): "AL2023_ARM_64_NVIDIA",
    (AmiFamily.AL2023, "aws.amazon.com/neuron", "amd64"): "AL2023_x86_64_NEURON",
    (AmiFamily.BOTTLEROCKET, "nvidia.com/gpu", "amd64"): "BOTTLEROCKET_x86_64_NVIDIA",
    (AmiFamily.BOTTLEROCKET, "nvidia.com/gpu", "arm64"): "BOTTLEROCKET_ARM_64_NVIDIA",
}
"""EKS's image types: docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html, read 2026-11-23."""


def alias(family: AmiFamily, version: str | None) -> str:
    """Return Karpenter's alias of an image, pinned."""
    return f"{family.value}@{version or PINNED[family]}"


def image_type(family: AmiFamily, instance: InstanceType) -> str:
    """Return the image type of a managed node group."""
    return _IMAGE_TYPES[family, instance.accelerator_resource or "", instance.architecture]


def check(kind: PoolKind, family: AmiFamily, version: str | None, types: Sequence[InstanceType]) -> None:
    """Refuse a combination that has no image, and a version that floats or is of another format."""
    for instance in types:
        require(
            (family, instance.accelerator_resource, instance.architecture) in _IMAGE_TYPES,
            "ami_family",
            f"{family.value} has no image for {instance.accelerator_resource} on {instance.architecture} "
            f"({instance.name}); use al2023, or other instance types",
        )
    if version is None:
        return
    if "latest" in version:
        raise ArgsError("ami_version", f"{version!r} floats: every release would replace every node; pin one")
    if kind is PoolKind.MANAGED_NODE_GROUP:
        pattern, example = _RELEASE, "1.36.3-20260903"
    else:
        pattern, example = _FORMATS[family]
    require(
        pattern.match(version) is not None,
        "ami_version",
        f"{version!r} is not a release of {family.value} for a {kind.value} pool; use one such as {example}",
    )
