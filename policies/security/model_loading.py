"""How models are loaded: from formats that hold data, or from such as run code."""

import re
from collections.abc import Iterator

from policies._engine.arguments import Arguments, arguments
from policies._engine.build import each, kubernetes_rule
from policies._engine.devices import COMPONENTS, INFERENCE, ML_KINDS, each_container_anywhere
from policies._engine.model import Manifest
from policies._engine.pods import WORKLOADS
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import View, show
from policies.security.model_artifacts import PARSED, is_server

REMOTE_CODE = "--trust-remote-code"
CODE_VARIABLES = ("TRUST_REMOTE_CODE", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "MLFLOW_ALLOW_PICKLE_DESERIALIZATION")
"""Ends of the names of variables that let a model bring code, or let pickles be loaded as they are."""

PICKLED = re.compile(r"(?i)\.(?:pkl|pickle|joblib|dill|ckpt|pt|pth|mar)(?:$|[?#])")
"""Files that are pickles, or archives of them: loading one runs what it says (docs.python.org, pickle)."""

LOAD_FORMATS = ("pt", "npcache")
"""Load formats of vLLM that read pickles."""


class LoadingParams(Params):
    """Parameters of SEC-ML-005."""

    formats: tuple[str, ...] = ()
    """Model formats of KServe that count as unsafe: `sklearn` and `pytorch` load pickles, too."""


@kubernetes_rule(
    "SEC-ML-005",
    "inference-model-disallow-code",
    "Models are loaded from formats that hold data, and bring no code",
    kinds=(*ML_KINDS, *WORKLOADS),
    params=LoadingParams,
    not_at_admission=PARSED,
    severity=Severity.CRITICAL,
    rationale=(
        "A pickle, or a repository with trust_remote_code, runs its author's code in the pod that loads it: with the "
        "pod's role, its secrets and the requests of all users."
    ),
    controls=(
        "mitre-atlas:AML.M0011",
        "mitre-atlas:AML.T0011.000",
        "owasp-llm:LLM04",
        "nist-800-53:CM-7(5)",
        "nist-800-53:SC-18",
        "nist-800-53:SI-7",
        "soc2:CC6.8",
    ),
    bad='args=["serve", "org/model", "--trust-remote-code", "--load-format", "pt"]',
    remedy=(
        "Serve safetensors, ONNX or GGUF. Where a model needs code, review it and build it into the image.",
        'args=["serve", "/models/org-model", "--load-format", "safetensors"]',
    ),
)
def no_code(manifest: Manifest, ctx: Context[LoadingParams]) -> Iterator[Outcome]:
    """Also trainers and notebooks: what they load runs with their rights."""
    yield from each_container_anywhere(manifest, _loads)
    if manifest.kind == INFERENCE:
        yield from each(COMPONENTS, lambda name: _formats(manifest.spec.mapping(name), ctx.params))


def _loads(container: View) -> Iterator[Outcome]:
    given = arguments(container)
    yield from each((_remote_code, _variables, _load_format, _files), lambda check: check(container, given))


def _remote_code(container: View, given: Arguments) -> Iterator[Outcome]:
    if given.has(REMOTE_CODE):
        yield Finding(f"{container.path}.args hold {REMOTE_CODE}, which runs code that the model brings")


def _variables(container: View, given: Arguments) -> Iterator[Outcome]:
    names = [name for name in given.names() if name.endswith(CODE_VARIABLES)]
    yield from each(names or CODE_VARIABLES[:1], lambda name: _variable(container, given, name))


def _variable(container: View, given: Arguments, name: str) -> Iterator[Outcome]:
    if given.switched_on(name):
        yield Finding(f"{container.path}.env sets {show(name)}, which lets a model run code; wanted it unset")


def _load_format(container: View, given: Arguments) -> Iterator[Outcome]:
    found = given.value("--load-format")
    if found in LOAD_FORMATS:
        yield Finding(f"{container.path}.args load the format {found}, which is pickled; wanted safetensors")


def _files(container: View, given: Arguments) -> Iterator[Outcome]:
    pickled = next((word for word in given.words if PICKLED.search(word)), None)
    if _storage_is_pickled(container):
        shown = container.shown("storageUri")
    elif pickled is not None and is_server(container, given):
        shown = show(pickled)
    else:
        return
    yield Finding(f"{container.path} serves {shown}, which is pickled; wanted safetensors, ONNX or the like")


def _storage_is_pickled(container: View) -> bool:
    return PICKLED.search(container.text("storageUri")) is not None


def _formats(component: View, params: LoadingParams) -> Iterator[Outcome]:
    named = component.text("model.modelFormat.name")
    legacy = [name for name in params.formats if component.declared(name)]
    if named in params.formats or legacy:
        yield Finding(
            f"{component.path} serves the format {show(named or legacy[0])}, which loads pickles; wanted another"
        )


RULES = (no_code,)
