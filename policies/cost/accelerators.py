"""Whether a pool of nodes has GPUs or Neuron devices, by facts of instance types rather than by their
names."""

from functools import cache

from components._core.facts.errors import FactError
from components._core.facts.instance_types import (
    NEURON_RESOURCE,
    NVIDIA_RESOURCE,
    families,
    instance_type,
    types_in_family,
)
from policies._engine.build import some
from policies._engine.model import Manifest
from policies._engine.values import View, show
from policies._engine.wire import Undetermined

RESOURCES = (NVIDIA_RESOURCE, NEURON_RESOURCE, "aws.amazon.com/neuroncore", "aws.amazon.com/neurondevice")
"""Kubernetes resources of accelerators, whole or in parts."""

TYPE_KEY = "node.kubernetes.io/instance-type"
FAMILY_KEY = "karpenter.k8s.aws/instance-family"
CATEGORY_KEY = "karpenter.k8s.aws/instance-category"
DEVICE_KEYS = ("karpenter.k8s.aws/instance-gpu-", "karpenter.k8s.aws/instance-accelerator-")
"""Well-known labels of Karpenter 1.x (karpenter.sh/docs/reference/instance-types, read 2026-11-23)."""

GPU_IMAGES = ("GPU", "NVIDIA", "NEURON")
"""Parts of the `amiType` of EKS node groups whose image is for accelerators."""


def pool_is_accelerated(pool: Manifest) -> bool:
    """Whether a Karpenter NodePool asks for nodes with accelerators.

    Its requirements, its limits or a taint say so. A pool that says nothing about types, families, categories
    or devices is not counted as one. Raises `Undetermined` for what is unknown, or not among the facts.
    """
    spec = pool.spec
    if any(key in spec.mapping("limits").raw for key in RESOURCES):
        return True
    template = spec.mapping("template.spec")
    if some(tuple(template.sequence("taints").mappings()), lambda taint: taint.at("key") in RESOURCES):
        return True
    return some(tuple(template.sequence("requirements").mappings()), _asks_for)


def _asks_for(requirement: View) -> bool:
    key, operator = requirement.text("key"), requirement.text("operator")
    if key.startswith(DEVICE_KEYS):
        return operator in ("In", "Exists", "Gt")
    if operator != "In":
        return False
    values = requirement.sequence("values")
    if key == TYPE_KEY:
        return some(values, type_is_accelerated)
    if key == FAMILY_KEY:
        return some(values, _family_is_accelerated)
    return key == CATEGORY_KEY and some(values, lambda value: value in _accelerated_categories())


def node_group_is_accelerated(group: View) -> bool:
    """Whether an EKS node group has accelerators: by its image, or by its instance types.

    Raises `Undetermined`.
    """
    if any(part in group.text("amiType") for part in GPU_IMAGES):
        return True
    types = group.sequence("instanceTypes")
    if not len(types) and group.declared("launchTemplate"):
        raise Undetermined("instanceTypes is unset: the launch template chooses the type, which this rule does not see")
    return some(types, type_is_accelerated)


def type_is_accelerated(name: object) -> bool:
    """Whether an instance type has accelerators. Raises `Undetermined` if the facts do not know it."""
    try:
        return instance_type(str(name)).accelerator_resource is not None
    except FactError:
        raise Undetermined(f"instance type {show(name)} is not among the facts of instance types") from None


def _family_is_accelerated(family: object) -> bool:
    try:
        return any(known.accelerator_resource is not None for known in types_in_family(str(family)))
    except FactError:
        raise Undetermined(f"instance family {show(family)} is not among the facts of instance types") from None


@cache
def _accelerated_categories() -> frozenset[str]:
    """Karpenter's category of a type is the letters before its generation: `g` of `g6e`, `trn` of `trn1n`."""
    found = set()
    for family in families():
        if _family_is_accelerated(family):
            found.add(family[: next((at for at, char in enumerate(family) if char.isdigit()), len(family))])
    return frozenset(found)
