"""Models as artifacts: which version is served, and who made it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import Field

from policies._engine.arguments import Arguments, arguments
from policies._engine.build import each, kubernetes_rule, some
from policies._engine.devices import (
    COMPONENTS,
    INFERENCE,
    LLM_INFERENCE,
    MODELS,
    RUNTIMES,
    each_container_anywhere,
)
from policies._engine.model import Manifest
from policies._engine.objects import annotation
from policies._engine.pods import WORKLOADS
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View, joined, parts, show
from policies._engine.wire import Undetermined

PARSED = "the arguments of containers are parsed, which conditions cannot do"
COMMIT = re.compile(r"[0-9a-f]{40}")
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
HUB = re.compile(r"[\w.-]+/[\w.-]+")
"""A model of a hub, as servers take it: `organisation/name`."""

VERSION = (
    r"(?i)(?:(?:^|[/_=-])(?:v\d+(?:[._-]\d+)*|\d+(?:\.\d+)+|\d{4}-\d{2}-\d{2}[\w-]*|(?:sha256[-:_])?[0-9a-f]{12,64})"
    r"|(?:^|[/=])\d+)(?:\.[a-z.]{1,12})?(?:/|$)"
)
"""A part of a path that names a version: a number, a date, a commit, a digest."""

MOVING = re.compile(r"(?i)(?:^|/)(?:latest|main|master|head|current|production|prod|staging|champion)(?:/|$)")
"""A part of a path that means another model tomorrow."""


class PinnedParams(Params):
    """Parameters of SEC-SUP-004."""

    version: str = VERSION
    """Pattern of the part of an address that names a version."""

    signature: str = "mlops.dev/model-signature"
    """Annotation that says where the signature of the model is, as OpenSSF Model Signing or cosign makes it."""

    signed: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether that annotation is needed, by environment; an OCI artifact by digest has its signature beside it."""


@dataclass(frozen=True)
class _Model:
    """What serves as model, and where that is written."""

    where: str
    address: str
    revision: str | None = None

    @property
    def local(self) -> bool:
        """Whether it is a path inside the container, which something else puts there."""
        return "://" not in self.address and not self.of_hub and not self.of_registry

    @property
    def of_hub(self) -> bool:
        """Whether it is `organisation/name`."""
        return HUB.fullmatch(self.address) is not None and not self.address.startswith(".")

    @property
    def of_registry(self) -> bool:
        """Whether it is of MLflow's registry: `models:/name/7`."""
        return self.address.startswith("models:/")


@kubernetes_rule(
    "SEC-SUP-004",
    "inference-model-require-pinned-artifact",
    "Models are served by version or digest, and in production with a signature",
    kinds=(INFERENCE, LLM_INFERENCE, *RUNTIMES, *WORKLOADS),
    params=PinnedParams,
    not_at_admission=PARSED,
    severity=Severity.HIGH,
    rationale=(
        "A model is a program that nobody reads. Under a moving address the next restart serves whatever lies there: "
        "an untested run, or weights with a back door."
    ),
    controls=(
        "mitre-atlas:AML.M0013",
        "mitre-atlas:AML.M0014",
        "owasp-llm:LLM04",
        "nist-800-53:CM-14",
        "nist-800-53:SI-7",
        "nist-800-53:SR-4",
    ),
    bad='model={"modelFormat": {"name": "onnx"}, "storageUri": "s3://models/fraud/latest"}',
    remedy=(
        "Name a version in the path, a commit of the hub, or a digest; annotate where the signature is.",
        'model={"modelFormat": {"name": "onnx"}, "storageUri": "s3://models/fraud/v14/model.onnx"}',
    ),
)
def pinned_models(manifest: Manifest, ctx: Context[PinnedParams]) -> Iterator[Outcome]:
    """KServe's addresses, and the models that vLLM, SGLang, TGI, Triton and the like are started with."""
    found: list[_Model] = []

    def collect(container: View) -> Iterator[Outcome]:
        found.extend(_of_container(container, manifest.kind in SERVERS))
        yield from ()

    gaps = [*_collect_addresses(manifest, found), *each_container_anywhere(manifest, collect)]
    if not found and not gaps:
        raise NotApplicable("it serves no model whose address is written here")
    yield from each(found, lambda model: _pinned(model, ctx.params))
    yield from gaps
    yield from _signed(manifest, found, ctx)


def _collect_addresses(manifest: Manifest, found: list[_Model]) -> Iterator[Outcome]:
    """Collect the addresses of KServe's own fields."""
    if manifest.kind == LLM_INFERENCE:
        holders: tuple[tuple[View, Path], ...] = ((manifest.spec, "model.uri"), (manifest.spec, "speculator.model.uri"))
    elif manifest.kind == INFERENCE:
        components = [manifest.spec.mapping(name) for name in COMPONENTS]
        models = [component.mapping(name) for component in components for name in MODELS]
        holders = tuple((model, "storageUri") for model in models)
        listed = [uri for component in components for uri in component.sequence("storageUris").mappings()]
        holders = (*holders, *((uri, "uri") for uri in listed))
    else:
        return
    for holder, path in holders:
        try:
            address = holder.text(path)
        except Undetermined as gap:
            yield gap
            continue
        if address:
            found.append(_Model(joined(holder.path, *parts(path)), address))


SERVERS = (INFERENCE, LLM_INFERENCE, *RUNTIMES)
MODEL_OPTIONS = ("--model", "--model-path", "--model-id", "--model-repository", "--model-store")
REVISIONS = ("--revision", "--model-revision")
PROGRAMS = re.compile(r"(?:^|/)(?:vllm|tritonserver|text-generation-launcher|sglang|lmdeploy|huggingfaceserver)")
VARIABLES = (("MODEL_ID", "REVISION"), ("STORAGE_URI", ""))
"""Variables by which servers take a model and its revision: TGI's, and the one that KServe's custom servers read."""


def _of_container(container: View, serves: bool) -> list[_Model]:
    given = arguments(container)
    found = []
    address = given.value(*MODEL_OPTIONS) or given.after("serve")
    if address:
        found.append(_Model(f"{container.path}.args", address, given.value(*REVISIONS)))
    for name, revision in VARIABLES:
        value = given.variable(name)
        if value:
            found.append(_Model(f"{container.path}.env {name}", value, given.variable(revision) if revision else None))
    # Only now: what names no model need not be told from a server, whose image may not be known yet.
    return found if found and (serves or is_server(container, given)) else []


def is_server(container: View, given: Arguments) -> bool:
    """Told by the image or by the words, so that a trainer with --model is not taken for one."""
    tests: tuple[Callable[[], bool], ...] = (
        lambda: PROGRAMS.search(container.text("image")) is not None,
        lambda: given.matches(PROGRAMS),
    )
    return some(tests, lambda test: test())


def _pinned(model: _Model, params: PinnedParams) -> Iterator[Outcome]:
    scheme, _, rest = model.address.partition("://")
    if model.local:
        return
    if model.of_hub:
        yield from _of_hub(model, model.revision or "")
    elif model.of_registry:
        yield from _of_registry(model)
    elif scheme == "hf":
        yield from _of_hub(model, rest.rpartition(":")[2] if ":" in rest else model.revision or "")
    elif scheme == "oci":
        if not DIGEST.search(rest):
            yield Finding(f"{model.where} is {show(model.address)}; wanted a sha256 digest")
    elif MOVING.search(rest.partition("/")[2]) or not re.search(params.version, rest.partition("/")[2]):
        yield Finding(f"{model.where} is {show(model.address)}; wanted a version, a date or a digest in its path")


def _of_hub(model: _Model, revision: str) -> Iterator[Outcome]:
    """A branch moves and a tag can be moved; a commit cannot."""
    if not COMMIT.fullmatch(revision):
        yield Finding(f"{model.where} is {show(model.address)} at revision {show(revision or None)}; wanted a commit")


def _of_registry(model: _Model) -> Iterator[Outcome]:
    """MLflow: `models:/name/7` is a version, `models:/name@alias` and `models:/name/Stage` move."""
    if not model.address.rpartition("/")[2].isdecimal():
        yield Finding(f"{model.where} is {show(model.address)}; wanted models:/<name>/<version>")


def _signed(manifest: Manifest, models: list[_Model], ctx: Context[PinnedParams]) -> Iterator[Outcome]:
    unsigned = [model for model in models if not model.local and not DIGEST.search(model.address)]
    if not unsigned or annotation(manifest, ctx.params.signature):
        return
    if ctx.by_environment(ctx.params.signed):
        yield Finding(f"metadata.annotations lack {ctx.params.signature}; wanted where the model's signature is")


RULES = (pinned_models,)
