"""What a GPU can be cut into (Multi-Instance GPU), and which configurations of the GPU operator fit it.

Facts of `mig.yaml`, with their sources. A GPU is named by an `InstanceType` or by a model of that file
(`A100-40GB`, `H100-80GB`, `L4`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from components._core.facts._data import SHOWN, Provenance, closest, provenance, read_yaml
from components._core.facts.errors import MigConfigError, UnknownGpuModelError
from components._core.facts.instance_types import NVIDIA_RESOURCE, InstanceType

ALL_DISABLED = "all-disabled"
"""The GPU operator's configuration that leaves every GPU whole."""

ALL_BALANCED = "all-balanced"
"""The GPU operator's configuration that cuts every GPU into a mix of sizes."""

_FILE = "mig.yaml"


@dataclass(frozen=True, slots=True)
class MigProfile:
    """One size of GPU instance: `memory_gb` is nominal, `max_instances` is of a GPU with nothing else."""

    name: str
    max_instances: int
    compute_slices: int
    memory_gb: int

    @property
    def config(self) -> str:
        """The GPU operator's configuration that cuts a whole node into this profile: `all-1g.10gb`."""
        return f"all-{self.name.replace('+', '.')}"

    @property
    def resource(self) -> str:
        """The Kubernetes resource of one instance under the device plugin's strategy `mixed`."""
        return f"nvidia.com/mig-{self.name.replace('+', '.')}"


@dataclass(frozen=True, slots=True)
class MigModel:
    """A GPU model that can be cut."""

    name: str
    gpu_name: str
    """EC2's name of the GPU."""
    gpu_memory_mib: int
    """Memory of one GPU as EC2 reports it: it tells the two A100 apart."""
    profiles: tuple[MigProfile, ...]
    balanced: Mapping[str, int] = field(hash=False)
    """Profiles and counts on each GPU under `all-balanced`."""
    bottlerocket: str | None
    """Key of the model in Bottlerocket's `nvidia.mig.profile` settings; None where Bottlerocket has none."""


@cache
def _file() -> dict[str, Any]:
    return read_yaml(_FILE)


@cache
def mig_provenance() -> Provenance:
    """Return the dates and sources of the MIG facts."""
    return provenance(_file())


@cache
def mig_models() -> Mapping[str, MigModel]:
    """Return the GPU models that can be cut, by name."""
    return {name: _model(name, raw) for name, raw in _file()["models"].items()}


def _model(name: str, raw: dict[str, Any]) -> MigModel:
    profiles = tuple(
        MigProfile(profile, values["max"], values["slices"], values["memory_gb"])
        for profile, values in raw["profiles"].items()
    )
    gpu = raw["gpu"]
    return MigModel(name, gpu["name"], gpu["memory_mib"], profiles, raw["balanced"], raw["bottlerocket"])


def mig_model(gpu: str | InstanceType) -> MigModel | None:
    """Return the model of a GPU, or None when it cannot be cut or the instance type has no NVIDIA GPU.

    Raises `UnknownGpuModelError` for a GPU that the facts do not have: unknown is not the same as cannot.
    """
    if isinstance(gpu, InstanceType):
        if gpu.gpus is None or gpu.gpus.manufacturer != "NVIDIA":
            return None
        for model in mig_models().values():
            if (model.gpu_name, model.gpu_memory_mib) == (gpu.gpus.name, gpu.gpus.memory_mib):
                return model
        name = gpu.gpus.name
    else:
        name = gpu
    whole_only: list[str] = _file()["without_mig"]
    if name in whole_only:
        return None
    if name in mig_models():
        return mig_models()[name]
    known = [*mig_models(), *whole_only]
    close = closest(name, known)
    raise UnknownGpuModelError(
        f"gpu {name[:SHOWN]!r} is not in the facts of {mig_provenance().as_of}; "
        f"use {' or '.join(close) if close else ', '.join(known)}, or add the model to {_FILE}"
    )


def mig_profiles(gpu: str | InstanceType) -> tuple[MigProfile, ...]:
    """Return the profiles of a GPU, smallest first; empty when it cannot be cut."""
    model = mig_model(gpu)
    return model.profiles if model else ()


def mig_configs(gpu: str | InstanceType) -> tuple[str, ...]:
    """Return the GPU operator's configurations that fit, `all-disabled` first; empty without a GPU."""
    model = mig_model(gpu)
    if model is None:
        return () if isinstance(gpu, InstanceType) and not gpu.is_gpu else (ALL_DISABLED,)
    return (ALL_DISABLED, ALL_BALANCED, *(profile.config for profile in model.profiles))


def mig_layout(config: str, gpu: str | InstanceType) -> Mapping[str, int]:
    """Return what a configuration makes of one GPU: profile name to count; empty for `all-disabled`.

    Raises `MigConfigError` with the configurations that fit this GPU.
    """
    fitting = mig_configs(gpu)
    if config not in fitting:
        raise MigConfigError(_refusal(config, gpu, fitting))
    if config == ALL_DISABLED:
        return {}
    model = mig_model(gpu)
    assert model is not None  # only a model has configurations beside all-disabled
    if config == ALL_BALANCED:
        return model.balanced
    profile = next(p for p in model.profiles if p.config == config)
    return {profile.name: profile.max_instances}


def _refusal(config: str, gpu: str | InstanceType, fitting: tuple[str, ...]) -> str:
    """Return why a configuration does not fit, and what to change."""
    where = gpu if isinstance(gpu, str) else gpu.name
    said = f"mig configuration {config[:SHOWN]!r} does not fit {where}"
    if not fitting:
        return f"{said}: it has no nvidia gpu; remove the mig configuration"
    if len(fitting) == 1:
        cuttable = ", ".join(mig_models())
        return f"{said}: its gpu cannot be cut; use {ALL_DISABLED}, time-slicing, or a gpu of {cuttable}"
    return f"{said}; use one of {', '.join(fitting)}"


def mig_config_fits(config: str, gpu: str | InstanceType) -> bool:
    """Return whether a configuration fits. Raises `UnknownGpuModelError` for a GPU beyond the facts."""
    return config in mig_configs(gpu)


def mig_resources(config: str, instance: InstanceType) -> dict[str, int]:
    """Return what a node offers under the device plugin's strategy `mixed`: resource name to count.

    Under `all-disabled` these are its whole GPUs. Raises `MigConfigError` for one that does not fit.
    """
    layout = mig_layout(config, instance)
    if not layout:
        return {NVIDIA_RESOURCE: instance.gpu_count}
    by_name = {profile.name: profile for profile in mig_profiles(instance)}
    return {by_name[name].resource: count * instance.gpu_count for name, count in layout.items()}
