"""Accelerators that containers ask for, and where machine learning kinds keep their containers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from components._core.facts.instance_types import NEURON_RESOURCE, NVIDIA_RESOURCE
from components._core.facts.mig import mig_models
from policies._engine.build import each, some
from policies._engine.model import Manifest
from policies._engine.pods import WORKLOADS, each_container
from policies._engine.rule import Finding, NotApplicable, Outcome
from policies._engine.values import View
from policies._engine.wire import Undetermined

WHOLE: Final = (NVIDIA_RESOURCE, NEURON_RESOURCE, "aws.amazon.com/neuroncore", "aws.amazon.com/neurondevice")
"""Kubernetes resources of accelerators, whole or in parts that have one name."""

SLICES: Final = tuple(
    sorted({profile.resource for model in mig_models().values() for profile in model.profiles}),
)
"""Resources of instances of cut GPUs under the strategy `mixed`."""

ACCELERATORS: Final = (*WHOLE, *SLICES)

_PREFIXES: Final = (*WHOLE, "nvidia.com/mig-")

NOTEBOOK: Final = "kubeflow.org/Notebook"
INFERENCE: Final = "serving.kserve.io/InferenceService"
LLM_INFERENCE: Final = "serving.kserve.io/LLMInferenceService"
RUNTIMES: Final = ("serving.kserve.io/ServingRuntime", "serving.kserve.io/ClusterServingRuntime")

COMPONENTS: Final = ("predictor", "transformer", "explainer")
"""Parts of an InferenceService, each a pod's spec of its own."""

# pkg/apis/serving/v1beta1/predictor.go of kserve/kserve, read 2026-11-27: each is a container with a little more.
MODELS: Final = (
    *("model", "huggingface", "lightgbm", "onnx", "paddle", "pmml"),
    *("pytorch", "sklearn", "tensorflow", "triton", "xgboost"),
)
"""Where a part of an InferenceService names a model."""

ML_KINDS: Final = (NOTEBOOK, INFERENCE, LLM_INFERENCE, *RUNTIMES)
"""Kinds with containers beside the plain workloads."""

_PATHS: Final = {
    NOTEBOOK: ("spec.template.spec",),
    INFERENCE: tuple(f"spec.{name}" for name in COMPONENTS),
    LLM_INFERENCE: ("spec.template", "spec.worker", "spec.prefill.template", "spec.prefill.worker"),
    **dict.fromkeys(RUNTIMES, ("spec",)),
}
_LISTS: Final = ("containers", "initContainers")


def each_container_anywhere(manifest: Manifest, check: Callable[[View], Iterable[Outcome]]) -> Iterator[Outcome]:
    """Check every container of a workload, a notebook or a model server."""
    if manifest.kind in WORKLOADS:
        yield from each_container(manifest, check)
        return
    specs = _PATHS.get(manifest.kind, ())
    yield from each(specs, lambda path: _of_spec(manifest.props.mapping(path), check))


def _of_spec(spec: View, check: Callable[[View], Iterable[Outcome]]) -> Iterator[Outcome]:
    yield from each(_LISTS, lambda key: each(spec.sequence(key), check))
    yield from each(MODELS, lambda key: check(spec.mapping(key)) if spec.declared(key) else ())


def asks_for_accelerators(container: View) -> bool:
    """Whether a container asks for accelerators. Raises `Undetermined`."""
    return some(("limits", "requests"), lambda part: _asks(container.mapping(("resources", part))))


def _asks(amounts: View) -> bool:
    names = [key for key in amounts if key.startswith(_PREFIXES)]
    return some(names, lambda key: amounts.at((key,)) not in (None, 0, "0", ""))


def has_accelerators(manifest: Manifest) -> bool:
    """Whether any container of a workload, notebook or model server asks for accelerators.

    Raises `Undetermined` where that is not known and no other container settles it.
    """
    gap: Undetermined | None = None
    for outcome in each_container_anywhere(manifest, _mark):
        if isinstance(outcome, Finding):
            return True
        gap = gap or outcome
    if gap is not None:
        raise gap
    return False


def _mark(container: View) -> Iterator[Outcome]:
    if asks_for_accelerators(container):
        yield Finding(container.path)


def need_accelerators(manifest: Manifest) -> None:
    """Raise `NotApplicable` unless a workload asks for accelerators."""
    if not has_accelerators(manifest):
        raise NotApplicable("no container asks for accelerators")
