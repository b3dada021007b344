"""Which add-ons a set of pools cannot do without, and what they agree on. Pure."""

import dataclasses
from collections.abc import Iterable

from components._core.args import ArgsError

ALWAYS = ("external-secrets", "prometheus-operator-crds")
"""Secrets reach pods, and monitors are declared, on every platform."""


@dataclasses.dataclass(frozen=True)
class PoolNeeds:
    """What a pool asks of the cluster's add-ons."""

    accelerator_resource: str
    """Resource that its nodes offer, such as nvidia.com/gpu or aws.amazon.com/neuron."""

    efa: bool
    """Whether its pods use Elastic Fabric Adapter."""

    mig_strategy: str | None = None
    """How it offers instances of cut GPUs, single or mixed; None if its GPUs are whole."""


def required_addons(pools: Iterable[PoolNeeds]) -> list[str]:
    """Return the catalogue keys that the platform needs for these pools, sorted."""
    keys = set(ALWAYS)
    for pool in pools:
        keys.add("aws-neuron" if pool.accelerator_resource.startswith("aws.amazon.com/neuron") else "gpu-operator")
        if pool.efa:
            keys.add("aws-efa-k8s-device-plugin")
    return sorted(keys)


def mig_strategy(pools: Iterable[PoolNeeds]) -> str | None:
    """Return the one strategy of all pools that cut GPUs, None if none does.

    The GPU operator has one for the whole cluster. Raises `ArgsError` when pools differ.
    """
    wanted = sorted({pool.mig_strategy for pool in pools if pool.mig_strategy})
    if len(wanted) > 1:
        raise ArgsError(
            "mig.strategy",
            f"pools ask for {' and '.join(wanted)}, and the gpu operator has one strategy for the cluster; choose one",
        )
    return wanted[0] if wanted else None
