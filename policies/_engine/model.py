"""What rules are given: a resource, a Kubernetes manifest in it, and the stack that they are part of."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

from policies._engine.values import Items, View
from policies._engine.wire import UnknownValue, is_unknown, secret_texts

T = TypeVar("T")

STACK_TYPE: Final = "pulumi:pulumi:Stack"

UNKNOWN: Final = object()

NOT_KUBERNETES: Final = frozenset({"aws", "aws-native", "pulumi"})
"""Packages whose resources are no Kubernetes objects: their properties need not be read to know it."""

Reader = Callable[[], Mapping[str, Any]]
"""Reads the properties when first needed: most resources of a stack interest no stack rule."""


@dataclass(frozen=True)
class Provider:
    """The provider that a resource is managed by."""

    type: str
    urn: str
    read: Reader

    @cached_property
    def props(self) -> View:
        """Inputs of the provider. Nested ones may be JSON texts: providers take them so."""
        return View(self.read(), "provider")


@dataclass(frozen=True)
class Resource:
    """One resource: its inputs in resource rules, its outputs in stack rules."""

    type: str
    """Type token, such as `aws:s3/bucket:Bucket`."""

    urn: str
    name: str
    """Logical name: the last part of the URN."""

    read: Reader
    """Reads the properties, once; use `props`."""

    provider: Provider | None = None
    protect: bool = False
    parent: str = ""
    """URN of the parent, empty for the stack itself."""

    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """URNs that each property was computed from; stack rules only.

    Known in previews, where values are not.
    """

    @cached_property
    def props(self) -> View:
        """The properties, as `View` lets them be read."""
        return View(self.read())

    def with_properties(self, raw: Mapping[str, Any]) -> "Resource":
        """Return the same resource with other properties."""
        return dataclasses.replace(self, read=lambda: raw)

    def sets(self, prop: str) -> bool:
        """Whether the program sets an input, to anything but an empty value; its value may be unknown.

        For stack rules: they see outputs, in which an input that was left out may also be unknown in a
        preview.
        """
        raw = self.props.raw.get(prop)
        return prop in self.property_dependencies if is_unknown(raw) else bool(raw)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Texts that no message may hold, longest first."""
        return tuple(sorted(set(secret_texts(self.props.raw)), key=len, reverse=True))

    @cached_property
    def kind(self) -> str:
        """`group/Kind` of a Kubernetes object (`/Pod` in the core group), empty for anything else."""
        package, _, rest = self.type.partition(":")
        if package == "kubernetes" and ":" in rest:
            api_version, _, kind = rest.rpartition(":")
            group = api_version.rpartition("/")[0]
            return f"{'' if group == 'core' else group}/{kind.removesuffix('Patch')}"
        if package in NOT_KUBERNETES:
            return ""
        raw = self.props.raw
        api_version, kind = raw.get("apiVersion", ""), raw.get("kind", "")
        if isinstance(api_version, str) and isinstance(kind, str) and api_version and kind:
            return f"{api_version.rpartition('/')[0]}/{kind}"
        return ""


@dataclass(frozen=True)
class Manifest:
    """A Kubernetes object, whatever way it came into the stack: typed, custom, from a file or from a list."""

    kind: str
    """`group/Kind`, such as `apps/Deployment` or `karpenter.sh/NodePool`; `/Pod` in the core group."""

    props: View
    resource: Resource

    @property
    def name(self) -> str:
        """`metadata.name`; the logical name where the cluster or the provider chooses one."""
        return self.props.text("metadata.name") or self.resource.name

    @property
    def namespace(self) -> str:
        """`metadata.namespace`, `default` where none is given."""
        return self.props.text("metadata.namespace", "default")

    @property
    def spec(self) -> View:
        """`spec`; empty where it is missing."""
        return self.props.mapping("spec")


def manifests(resource: Resource) -> Iterator[Manifest]:
    """Yield the Kubernetes objects of a resource: itself, or the items of a list such as `DeploymentList`."""
    group, _, kind = resource.kind.rpartition("/")
    if not kind.endswith("List") or "items" not in resource.props.raw:
        if kind:
            yield Manifest(resource.kind, resource.props, resource)
        return
    for item in resource.props.sequence("items").mappings():
        item_kind = item.text("kind", kind.removesuffix("List"))
        item_group = item.text("apiVersion").rpartition("/")[0] if "apiVersion" in item.raw else group
        yield Manifest(f"{item_group}/{item_kind}", item, resource)


@dataclass(frozen=True)
class Join:
    """What points at a resource: `partners` for sure, `unresolved` perhaps (its reference is not known
    yet)."""

    partners: tuple[Resource, ...]
    unresolved: tuple[Resource, ...]


@dataclass(frozen=True)
class _References:
    by_value: dict[str, list[Resource]] = field(default_factory=dict)
    by_source: dict[str, list[Resource]] = field(default_factory=dict)
    by_one_of_several: dict[str, list[Resource]] = field(default_factory=dict)
    known_by_source: dict[str, list[Resource]] = field(default_factory=dict)
    """Known, and computed from one resource of the wanted type."""

    adrift: list[Resource] = field(default_factory=list)
    """Unknown, and computed from nothing of the wanted type."""


class Stack:
    """All resources of a stack, with the joins that stack rules need."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(sorted(resources, key=lambda resource: resource.urn))
        self.by_urn = {resource.urn: resource for resource in self.resources}
        self._by_type: dict[str, list[Resource]] = {}
        self._references: dict[tuple[tuple[str, ...], str, str], _References] = {}
        self._found: dict[str, Any] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)

    def once(self, key: str, make: Callable[["Stack"], T]) -> T:
        """Return what `make` finds in the stack; computed once, for rules that ask it of every resource."""
        if key not in self._found:
            self._found[key] = make(self)
        found: T = self._found[key]
        return found

    @property
    def root(self) -> Resource:
        """The resource that stands for the stack; one without properties where the engine sent none."""
        known = self.of(STACK_TYPE)
        return known[0] if known else Resource(STACK_TYPE, "", "stack", dict)

    def of(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of the given type tokens, by URN."""
        return tuple(resource for kind in types for resource in self._by_type.get(kind, ()))

    def pointing_at(self, subject: Resource, types: tuple[str, ...], prop: str, ids: tuple[str, ...]) -> Join:
        """Find the resources of `types` whose property `prop` refers to `subject`.

        A known value is compared with the subject's own properties named in `ids` (and its `id`). An unknown
        one is followed through the engine's record of what it was computed from, so that joins hold in a
        first preview; a known one too where the subject does not tell its id, which providers need not.
        """
        key = (types, prop, subject.type)
        if key not in self._references:
            self._references[key] = self._refer(types, prop, subject.type)
        references = self._references[key]
        own = {value for name in ("id", *ids) if isinstance(value := _scalar(subject, name), str)}
        partners = [one for value in sorted(own) for one in references.by_value.get(value, ())]
        partners += references.by_source.get(subject.urn, ())
        if "id" not in subject.props.raw:
            partners += [r for r in references.known_by_source.get(subject.urn, ()) if r not in partners]
        unresolved = [*references.by_one_of_several.get(subject.urn, ()), *references.adrift]
        return Join(tuple(partners), tuple(unresolved))

    def _refer(self, types: tuple[str, ...], prop: str, wanted: str) -> "_References":
        """Sort the resources of `types` by what their `prop` refers to; once, as stacks have many of them."""
        found = _References()
        for other in self.of(*types):
            value = _scalar(other, prop)
            if isinstance(value, str):
                found.by_value.setdefault(value, []).append(other)
                sources = self._sources(other, prop, wanted)
                if len(sources) == 1:
                    found.known_by_source.setdefault(sources.pop(), []).append(other)
            elif value is UNKNOWN:
                sources = self._sources(other, prop, wanted)
                if not sources:
                    found.adrift.append(other)
                holder = found.by_source if len(sources) == 1 else found.by_one_of_several
                for urn in sources:
                    holder.setdefault(urn, []).append(other)
        return found

    def _sources(self, resource: Resource, prop: str, wanted: str, depth: int = 5) -> set[str]:
        """Return the URNs of type `wanted` that a property stems from, also by way of resources in
        between."""
        found: set[str] = set()
        for urn in resource.property_dependencies.get(prop, ()):
            source = self.by_urn.get(urn)
            if source is None:
                continue
            if source.type == wanted:
                found.add(urn)
            elif depth:
                found |= self._sources(source, prop, wanted, depth - 1)
        return found


def _scalar(resource: Resource, key: str) -> object:
    """Return a property's value, `UNKNOWN` where it is not known, None where it is no scalar."""
    try:
        value = resource.props.at(key)
    except UnknownValue:
        return UNKNOWN
    return None if isinstance(value, (View, Items)) else value
