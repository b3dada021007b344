"""Which add-ons a set of pools cannot do without. Pure."""

import dataclasses
from collections.abc import Iterable

ALWAYS = ("external-secrets", "prometheus-operator-crds")
"""Secrets reach pods, and monitors are declared, on every platform."""


@dataclasses.dataclass(frozen=True)
class PoolNeeds:
    """What a pool asks of the cluster's add-ons."""

    accelerator_resource: str
    """Resource that its nodes offer, such as nvidia.com/gpu or aws.amazon.com/neuron."""

    efa: bool
    """Whether its pods use Elastic Fabric Adapter."""


def required_addons(pools: Iterable[PoolNeeds]) -> list[str]:
    """Return the catalogue keys that the platform needs for these pools, sorted."""
    keys = set(ALWAYS)
    for pool in pools:
        keys.add("aws-neuron" if pool.accelerator_resource.startswith("aws.amazon.com/neuron") else "gpu-operator")
        if pool.efa:
            keys.add("aws-efa-k8s-device-plugin")
    return sorted(keys)
