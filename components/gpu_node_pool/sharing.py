"""Sharing of GPUs: Multi-Instance GPU and time-slicing. What fits, what a pod then asks for, how it is set. Pure."""

from collections.abc import Mapping, Sequence

from components._core import facts
from components._core.args import ArgsError, in_range, require
from components._core.facts import InstanceType
from components.gpu_node_pool.choices import AmiFamily, MigArgs, MigStrategy, PoolKind


def time_slicing_config(replicas: int) -> str:
    """Return the name of the device plugin's configuration that gives each GPU to so many pods."""
    return f"time-slicing-{replicas}"


def share(types: Sequence[InstanceType], mig: MigArgs | None, replicas: int | None) -> int:
    """Return how many pods each accelerator serves, if each asks for one."""
    if mig is not None:
        return sum(facts.mig_layout(mig.profile, types[0]).values()) or 1
    return replicas or 1


def resource(types: Sequence[InstanceType], mig: MigArgs | None) -> str:
    """Return the resource that pods ask for; of a pool cut into several sizes the smallest."""
    whole = types[0].accelerator_resource or ""
    if mig is None or mig.chosen_strategy is MigStrategy.SINGLE:
        return whole
    return next(iter(facts.mig_resources(mig.profile, types[0])), whole)


def labels(family: AmiFamily, mig: MigArgs | None, replicas: int | None) -> dict[str, str]:
    """Return the node labels that the GPU operator acts on.

    Bottlerocket has its own device plugin and cuts GPUs at boot, so the operator's are kept off.
    """
    if family is AmiFamily.BOTTLEROCKET:
        return {f"nvidia.com/gpu.deploy.{part}": "false" for part in ("device-plugin", "mig-manager")}
    result = {}
    if mig is not None:
        result["nvidia.com/mig.config"] = mig.profile
    if replicas is not None:
        result["nvidia.com/device-plugin.config"] = time_slicing_config(replicas)
    return result


def bottlerocket(types: Sequence[InstanceType], mig: MigArgs | None, replicas: int | None) -> Mapping[str, object]:
    """Return the same as Bottlerocket's `settings.kubelet-device-plugins.nvidia`; empty for whole GPUs."""
    if mig is not None and mig.profile != facts.ALL_DISABLED:
        cut = dict(_bottlerocket_profile(t, mig.profile) for t in types)
        return {"device-partitioning-strategy": "mig", "mig": {"profile": cut}}
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
            "mig.profile",
            f"bottlerocket cannot cut the gpus of {instance.name} by {config}; "
            "use al2023, or a configuration of one profile",
        )
    return key, profiles[config]


def check(
    kind: PoolKind,
    family: AmiFamily,
    types: Sequence[InstanceType],
    mig: MigArgs | None,
    replicas: int | None,
) -> None:
    """Refuse sharing that the GPU, the image or Karpenter cannot do, and two ways of it at once."""
    if mig is not None:
        require(
            replicas is None,
            "time_slicing_replicas",
            f"{replicas} together with mig {mig.profile}: a gpu is either cut or time-sliced; remove one",
        )
        _check_layout(types, mig.profile)
        _check_strategy(kind, types, mig)
        if family is AmiFamily.BOTTLEROCKET:
            require(
                mig.chosen_strategy is MigStrategy.SINGLE,
                "mig.strategy",
                "mixed on bottlerocket: its device plugin only offers nvidia.com/gpu; use single, or al2023",
            )
            bottlerocket(types, mig, None)
    if replicas is not None:
        in_range(replicas, 2, 64, "time_slicing_replicas", "pods on a gpu")
        require(
            types[0].is_gpu,
            "time_slicing_replicas",
            f"{replicas} on {types[0].accelerator_resource}: only gpus are time-sliced; remove it",
        )


def _check_layout(types: Sequence[InstanceType], profile: str) -> None:
    """Refuse a configuration that a GPU does not have, or that cuts the pool's GPUs differently."""
    layouts = set()
    for instance in types:
        try:
            layouts.add(tuple(facts.mig_layout(profile, instance).items()))
        except facts.FactError as error:
            raise ArgsError("mig.profile", str(error)) from None
    require(
        len(layouts) == 1,
        "mig.profile",
        f"{profile} cuts the gpus of {', '.join(t.name for t in types)} into different numbers; use a pool for each",
    )


def _check_strategy(kind: PoolKind, types: Sequence[InstanceType], mig: MigArgs) -> None:
    """Refuse mixed where Karpenter must know the resource, and single where instances differ."""
    mixed = mig.chosen_strategy is MigStrategy.MIXED
    require(
        not mixed or kind is not PoolKind.KARPENTER,
        "mig.strategy",
        "mixed on a karpenter pool: nodes offer nvidia.com/mig-<profile>, which karpenter does not know, so none "
        "would ever start; use single with one profile, or a managed_node_group",
    )
    require(
        mixed or len(facts.mig_layout(mig.profile, types[0])) <= 1,
        "mig.strategy",
        f"single with {mig.profile}: its instances differ in size, and single offers them all as nvidia.com/gpu; "
        "use a configuration of one profile, or mixed on a managed_node_group",
    )
