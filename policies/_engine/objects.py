"""Kubernetes objects of a stack: by kind, by namespace, and the charts that bring more of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from policies._engine.build import some
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.values import View
from policies._engine.wire import MalformedValue, Undetermined, UnknownValue

NAMESPACE: Final = "/Namespace"
RELEASES: Final = ("helm.sh/Release", "helm.sh/Chart")
"""Charts as Pulumi installs them. A `Chart` of `helm.sh/v3` is no resource of its own and is not among them."""

LISTS: Final = "List"


@dataclass(frozen=True)
class _Index:
    by_kind: dict[str, list[Manifest]] = field(default_factory=dict)
    unread: dict[str, Undetermined] = field(default_factory=dict)
    """Why the items of a list could not be read, by the kind of the list."""


_INDEXES: WeakKeyDictionary[Stack, _Index] = WeakKeyDictionary()


def objects(stack: Stack, *kinds: str) -> tuple[Manifest, ...]:
    """Return the stack's objects of these kinds, also those in lists."""
    index = _index(stack)
    return tuple(manifest for kind in kinds for manifest in index.by_kind.get(kind, ()))


def any_object(stack: Stack, kinds: Sequence[str], test: Callable[[Manifest], bool]) -> bool:
    """Whether an object of these kinds meets a test.

    Raises `Undetermined` if none surely does but one might, perhaps inside a list that is not known yet.
    """
    if some(objects(stack, *kinds), test):
        return True
    for listed, gap in _index(stack).unread.items():
        if listed in (f"/{LISTS}", *(f"{kind}{LISTS}" for kind in kinds)):
            raise gap
    return False


def _index(stack: Stack) -> _Index:
    if stack not in _INDEXES:
        index = _Index()
        for resource in stack.resources:
            try:
                for manifest in manifests(resource):
                    index.by_kind.setdefault(manifest.kind, []).append(manifest)
            except Undetermined as gap:
                index.unread[resource.kind] = gap
        _INDEXES[stack] = index
    return _INDEXES[stack]


@dataclass(frozen=True)
class Inside:
    """What is in a namespace: `sure`, and `perhaps` where its own namespace is not known yet."""

    sure: tuple[Manifest, ...]
    perhaps: tuple[Manifest, ...]


def inside(stack: Stack, space: Manifest, *kinds: str) -> Inside:
    """Return the objects of these kinds in a namespace.

    Names are compared where both are known. Otherwise the engine's record of what `metadata` was computed
    from tells, so that joins hold in a first preview.
    """
    sure: list[Manifest] = []
    perhaps: list[Manifest] = []
    name = known_name(space)
    for manifest in objects(stack, *kinds):
        answer = _is_inside(manifest, space, name)
        if answer is not False:
            (perhaps if answer is None else sure).append(manifest)
    return Inside(tuple(sure), tuple(perhaps))


def _is_inside(manifest: Manifest, space: Manifest, name: str | None) -> bool | None:
    """Whether an object is in a namespace; None where that cannot be told."""
    try:
        return manifest.namespace == name
    except UnknownValue:
        sources = namespaces_of(manifest)
        if not sources:
            return None
        return space.resource.urn in sources and (True if len(sources) == 1 else None)
    except MalformedValue:
        return False


def namespaces_of(manifest: Manifest) -> tuple[str, ...]:
    """Return the URNs of the namespaces that an object's `metadata` was computed from."""
    sources = manifest.resource.property_dependencies.get("metadata", ())
    return tuple(urn for urn in sources if urn.rpartition("::")[0].endswith(":Namespace"))


def known_name(manifest: Manifest) -> str | None:
    """Return `metadata.name`; None where the cluster or the provider chooses one, or it is not known yet."""
    try:
        return manifest.props.text("metadata.name") or None
    except Undetermined:
        return None


def labels(manifest: Manifest) -> View:
    """Return `metadata.labels`. Raises `Undetermined`."""
    return manifest.props.mapping("metadata.labels")


def annotation(manifest: Manifest, key: str) -> str:
    """Return an annotation, empty where it is missing. Raises `Undetermined`."""
    return manifest.props.text(("metadata", "annotations", key))


def marked(manifest: Manifest, marks: Sequence[str]) -> bool:
    """Whether an object has one of some labels: `key` with any value, or `key=value`.

    Raises `Undetermined` where that is not known yet and no other label settles it.
    """
    found = labels(manifest)
    return some(marks, lambda mark: _has(found, mark))


def _has(found: View, mark: str) -> bool:
    key, equals, value = mark.partition("=")
    return found.at((key,)) == value if equals else found.raw.get(key) is not None


def chart_name(resource: Resource) -> str:
    """Return the name of a release's chart: `karpenter` of `oci://public.ecr.aws/karpenter/karpenter`.

    Raises `Undetermined`.
    """
    reference = resource.props.text("chart").rstrip("/")
    name = reference.rpartition("/")[2]
    if name.endswith(".tgz"):
        name = name.removesuffix(".tgz").rpartition("-")[0]
    return name.partition("@")[0].partition(":")[0]
