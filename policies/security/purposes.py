"""What namespaces are for: serving, training, notebooks; by their labels or by what is in them."""

from components._core.conventions import LABEL_PREFIX
from policies._engine.build import some
from policies._engine.devices import INFERENCE, LLM_INFERENCE, RUNTIMES
from policies._engine.model import Manifest, Stack
from policies._engine.objects import NAMESPACE, inside, marked, objects

PURPOSE = f"{LABEL_PREFIX}/purpose"
"""Label of a namespace that says what it is for."""

SERVING = (f"{PURPOSE}=serving",)
NOTEBOOKS = (f"{PURPOSE}=notebooks", "app.kubernetes.io/part-of=kubeflow-profile")
TEAMS = (
    *(f"{LABEL_PREFIX}/team", f"{PURPOSE}=training", *SERVING),
    "app.kubernetes.io/part-of=kubeflow-profile",
)
"""Labels of namespaces where teams train and serve: this library's own, and that of Kubeflow's profiles."""

SERVING_KINDS = (INFERENCE, LLM_INFERENCE, "serving.kserve.io/InferenceGraph")
"""Kinds that answer requests with models."""


def serving_spaces(stack: Stack, marks: tuple[str, ...]) -> tuple[Manifest, ...]:
    """Return the namespaces of a stack that serve models. Raises `Undetermined`."""
    return tuple(one for one in objects(stack, NAMESPACE) if _serves(stack, one, marks))


def _serves(stack: Stack, space: Manifest, marks: tuple[str, ...]) -> bool:
    return marked(space, marks) or bool(inside(stack, space, *SERVING_KINDS).sure)


def serves(stack: Stack, namespace: str, marks: tuple[str, ...]) -> bool:
    """Whether a namespace serves models: by its own label, or by a kind that does. Raises `Undetermined`."""
    if any(one.namespace == namespace for one in objects(stack, *SERVING_KINDS, *RUNTIMES[:1])):
        return True
    named = [one for one in objects(stack, NAMESPACE) if one.props.at("metadata.name") == namespace]
    return some(named, lambda one: marked(one, marks))
