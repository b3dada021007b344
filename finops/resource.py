"""Resources as the estimator sees them: plain data, from a state, a preview or anywhere else."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from finops.values import Props, Unreadable

AWS_PROVIDER = "pulumi:providers:aws"
CLUSTER = "aws:eks/cluster:Cluster"


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource. What was malformed in the plain mapping reads as missing: an empty text, an empty mapping."""

    urn: str
    type: str
    name: str
    id: str
    custom: bool
    """False for components, which only group other resources."""
    external: bool
    """Read by the stack, not created by it."""
    to_be_deleted: bool
    """Replaced already; the next run deletes it."""
    parent: str
    provider: str
    """URN of its provider, without the id."""
    props: Props
    property_dependencies: Mapping[str, Any]
    """Property to the URNs that its value comes from."""

    @classmethod
    def of(cls, plain: Any) -> "Resource":
        """Read a plain mapping: `type`, `name`, `urn`, `inputs`, `outputs` or `props`, `parent` and so on.

        Never raises: whatever is wrong in it leaves the resource unknown.
        """
        raw: Mapping[str, Any] = plain if isinstance(plain, Mapping) else {}
        urn = _text(raw, "urn")
        outputs = _mapping(raw, "outputs") or _mapping(raw, "props")
        return cls(
            urn=urn,
            type=_text(raw, "type") or _type_in(urn),
            name=_text(raw, "name") or urn.rpartition("::")[2],
            id=_text(raw, "id"),
            custom=raw.get("custom") is not False,
            external=raw.get("external") is True,
            to_be_deleted=raw.get("delete") is True,
            parent=_text(raw, "parent"),
            provider=_text(raw, "provider").rpartition("::")[0],
            props=Props(_mapping(raw, "inputs"), outputs),
            property_dependencies=_mapping(raw, "propertyDependencies"),
        )

    @property
    def stack(self) -> str:
        """Name of its stack, from the URN; empty without one."""
        head = self.urn.partition("::")[0]
        return head.removeprefix("urn:pulumi:") if head.startswith("urn:pulumi:") else ""


def _text(raw: Mapping[str, Any], key: str) -> str:
    found = raw.get(key)
    return found if isinstance(found, str) else ""


def _mapping(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = raw.get(key)
    return found if isinstance(found, Mapping) else {}


def _type_in(urn: str) -> str:
    """Return the type token inside a URN: the last of the chain of parent types."""
    pieces = urn.split("::")
    return pieces[2].rpartition("$")[2] if len(pieces) > 3 else ""


class Resources(Sequence[Resource]):
    """All resources of a stack, with what they say about each other. Indexes are made once, when asked for."""

    def __init__(self, resources: Iterable[Resource], region: str | None = None) -> None:
        self._all = tuple(resources)
        self._region = region
        self._regions: dict[str, str] = {}
        self._region_of: dict[int, str | None] = {}
        self._named: dict[tuple[str, str], dict[str, Resource]] = {}

    def __getitem__(self, index: Any) -> Any:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    @cached_property
    def by_type(self) -> Mapping[str, Sequence[Resource]]:
        """Resources by type token."""
        result: dict[str, list[Resource]] = {}
        for resource in self._all:
            result.setdefault(resource.type, []).append(resource)
        return result

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """Resources by URN."""
        return {resource.urn: resource for resource in self._all}

    @cached_property
    def by_id(self) -> Mapping[tuple[str, str], Resource]:
        """Resources by type token and id; those without an id yet are left out."""
        return {(resource.type, resource.id): resource for resource in self._all if resource.id}

    def named(self, type_: str, name: str, path: str = "metadata.name") -> Resource | None:
        """Return the resource of a type whose property at `path` is `name`."""
        index = self._named.get((type_, path))
        if index is None:
            index = self._named[type_, path] = {}
            for resource in self.by_type.get(type_, ()):
                try:
                    index[resource.props.text(path)] = resource
                except Unreadable:
                    continue
        return index.get(name)

    @cached_property
    def stack(self) -> str:
        """Name of the stack, from the first URN that has one."""
        return next((resource.stack for resource in self._all if resource.stack), "")

    @cached_property
    def region(self) -> str | None:
        """Where objects without a region of their own run, which are those of Kubernetes; None if it cannot be told.

        The region that was given; else that of the clusters, of the AWS providers, or of anything in AWS: the
        first of these that is one region and not several.
        """
        if self._region:
            return self._region
        aws = (resource for resource in self._all if resource.type.startswith("aws:"))
        candidates = (
            (self._own_region(cluster) for cluster in self.by_type.get(CLUSTER, ())),
            (self._provider_region(provider.urn) for provider in self.by_type.get(AWS_PROVIDER, ())),
            (self._own_region(resource) for resource in aws),
        )
        found = ({region for region in regions if region} for regions in candidates)
        return next((regions.pop() for regions in found if len(regions) == 1), None)

    def region_of(self, resource: Resource) -> str | None:
        """Return a resource's region: its own, else its provider's, else that of the stack."""
        key = id(resource)
        if key not in self._region_of:
            self._region_of[key] = self._own_region(resource) or self.region
        return self._region_of[key]

    def _own_region(self, resource: Resource) -> str:
        if not resource.type.startswith("aws:"):
            return ""
        with contextlib.suppress(Unreadable):
            if own := resource.props.text("region"):
                return own
        return self._provider_region(resource.provider)

    def _provider_region(self, urn: str) -> str:
        if urn not in self._regions:
            self._regions[urn] = ""
            provider = self.by_urn.get(urn)
            if provider is not None and provider.type == AWS_PROVIDER:
                with contextlib.suppress(Unreadable):
                    self._regions[urn] = provider.props.text("region")
        return self._regions[urn]
