"""Sharing of GPUs: Multi-Instance GPU and time-slicing. What fits, what a pod then asks for, how it is set. Pure."""

from collections.abc import Mapping, Sequence

from components._core import facts
from components._core.args import ArgsError, in_range, require
from components._core.facts import InstanceType
from components.gpu_node_pool.choices import AmiFamily, MigStrategy, PoolKind


def time_slicing_config(replicas: int) -> str:
    """Return the name of the device plugin's configuration that gives each GPU to so many pods."""
    return f"time-slicing-{replicas}"


def share(types: Sequence[InstanceType], mig_config: str | None, replicas: int | None) -> int:
    """Return how many pods each accelerator serves, if each asks for one."""
    if mig_config is not None:
        return sum(facts.mig_layout(mig_config, types[0]).values()) or 1
    return replicas or 1


def resource(types: Sequence[InstanceType], mig_config: str | None, strategy: MigStrategy) -> str:
    """Return the resource that pods ask for; of a pool cut into several sizes the smallest."""
    whole = types[0].accelerator_resource or ""
    if mig_config is None or strategy is MigStrategy.SINGLE:
        return whole
    return next(iter(facts.mig_resources(mig_config, types[0])), whole)


def labels(family: AmiFamily, mig_config: str | None, replicas: int | None) -> dict[str, str]:
    """Return the node labels that the GPU operator acts on.

    Bottlerocket has its own device plugin and cuts GPUs at boot, so the operator's are kept off.
    """
    if family is AmiFamily.BOTTLEROCKET:
        return {f"nvidia.com/gpu.deploy.{part}": "false" for part in ("device-plugin", "mig-manager")}
    result = {}
    if mig_config is not None:
        result["nvidia.com/mig.config"] = mig_config
    if replicas is not None:
        result["nvidia.com/device-plugin.config"] = time_slicing_config(replicas)
    return result


def bottlerocket(types: Sequence[InstanceType], mig_config: str | None, replicas: int | None) -> Mapping[str, object]:
    """Return the same as settings of Bottlerocket (`settings.kubelet-device-plugins.nvidia`); empty for whole GPUs."""
    if mig_config not in (None, facts.ALL_DISABLED):
        return {
            "device-partitioning-strategy": "mig",
            "mig": {"profile": dict(_bottlerocket_profile(t, mig_config or "") for t in types)},
        }
    if replicas is not None:
        # Renamed resources, its default, are unknown to Karpenter.
        slicing = {"replicas": replicas, "rename-by-default": False, "fail-requests-greater-than-one": True}
        return {"device-sharing-strategy": "time-slicing", "time-slicing": slicing}
    return {}


def _bottlerocket_profile(instance: InstanceType, config: str) -> tuple[str, str]:
    """Return Bottlerocket's key of a GPU model and the profile to cut it into."""
    model = facts.mig_model(instance)
    profiles = {p.config: p.name for p in model.profiles} if model else {}
    key = model.bottlerocket if model else None
    if key is None or config not in profiles:
        raise ArgsError(
            "mig_config",
            f"bottlerocket cannot cut the gpus of {instance.name} by {config}; "
            "use al2023, or a configuration of one profile",
        )
    return key, profiles[config]


def check(
    kind: PoolKind,
    family: AmiFamily,
    types: Sequence[InstanceType],
    mig_config: str | None,
    strategy: MigStrategy | None,
    replicas: int | None,
) -> None:
    """Refuse sharing that the GPU, the image or Karpenter cannot do, and two ways of it at once."""
    require(
        mig_config is None or replicas is None,
        "time_slicing_replicas",
        f"{replicas} together with mig_config {mig_config}: a gpu is either cut or time-sliced; remove one",
    )
    require(
        strategy is None or mig_config is not None,
        "mig_strategy",
        f"{strategy} without mig_config: nothing is cut; name a configuration or remove the strategy",
    )
    if replicas is not None:
        in_range(replicas, 2, 64, "time_slicing_replicas", "pods on a gpu")
        require(
            types[0].is_gpu,
            "time_slicing_replicas",
            f"{replicas} on {types[0].accelerator_resource}: only gpus are time-sliced; remove it",
        )
    if mig_config is not None:
        _check_mig(kind, family, types, mig_config, strategy or MigStrategy.SINGLE)


def _check_mig(
    kind: PoolKind, family: AmiFamily, types: Sequence[InstanceType], config: str, strategy: MigStrategy
) -> None:
    layouts = set()
    for instance in types:
        try:
            layouts.add(tuple(facts.mig_layout(config, instance).items()))
        except facts.FactError as error:
            raise ArgsError("mig_config", str(error)) from None
    require(
        len(layouts) == 1,
        "mig_config",
        f"{config} cuts the gpus of {', '.join(t.name for t in types)} into different numbers; use a pool for each",
    )
    require(
        strategy is MigStrategy.SINGLE or kind is not PoolKind.KARPENTER,
        "mig_strategy",
        "mixed on a karpenter pool: it offers nvidia.com/mig-<profile>, which karpenter does not know, so no node "
        "would ever start; use single with one profile, or a managed_node_group",
    )
    require(
        strategy is MigStrategy.MIXED or len(next(iter(layouts))) <= 1,
        "mig_strategy",
        f"single with {config}: its instances differ in size, and single offers them all as nvidia.com/gpu; "
        "use a configuration of one profile, or mixed on a managed_node_group",
    )
    if family is AmiFamily.BOTTLEROCKET:
        require(
            strategy is MigStrategy.SINGLE,
            "mig_strategy",
            "mixed on bottlerocket: its device plugin only offers nvidia.com/gpu; use single, or al2023",
        )
        bottlerocket(types, config, None)
