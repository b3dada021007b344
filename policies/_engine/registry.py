"""The rules of a pack: an explicit tuple, checked once, indexed by what they look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies._engine.model import Resource, manifests
from policies._engine.rule import Rule, Scope
from policies._engine.wire import Undetermined


class RegistryError(ValueError):
    """A pack's tuple of rules contradicts itself."""


@dataclass(frozen=True)
class Pack:
    """A policy pack: what `PulumiPolicy.yaml` names, and its rules."""

    name: str
    version: str
    prefix: str
    """What the ids of its rules begin with, such as `SEC`."""

    description: str
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        for what in ("id", "name"):
            seen: set[str] = set()
            for rule in self.rules:
                value = getattr(rule, what)
                if value in seen:
                    raise RegistryError(f"{self.name}: {what} {value} is used twice; ids and names are never reused")
                seen.add(value)
        for rule in self.rules:
            if not rule.id.startswith(f"{self.prefix}-"):
                raise RegistryError(f"{self.name}: {rule.id} does not begin with {self.prefix}-")

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        """The rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _index(self) -> dict[tuple[Scope, str], list[Rule]]:
        index: dict[tuple[Scope, str], list[Rule]] = {}
        for rule in self.rules:
            for key in (*rule.on, *rule.kinds):
                index.setdefault((rule.scope, key), []).append(rule)
        return index

    @cached_property
    def _scopes_with_kinds(self) -> frozenset[Scope]:
        return frozenset(rule.scope for rule in self.rules if rule.kinds)

    @cached_property
    def whole_stack(self) -> tuple[Rule, ...]:
        """Stack rules that judge the stack itself rather than resources in it."""
        return tuple(rule for rule in self.rules if rule.scope is Scope.STACK and not rule.on and not rule.kinds)

    def looking_at(self, resource: Resource, scope: Scope) -> Iterator[Rule]:
        """Yield the rules that look at a resource, in the pack's order within each of its types and kinds."""
        seen: set[str] = set()
        # The kind of some resources is in their properties, which are not to be read for nothing.
        kinds = _kinds(resource) if scope in self._scopes_with_kinds else ()
        for key in (resource.type, *kinds):
            for rule in self._index.get((scope, key), ()):
                if rule.id not in seen:
                    seen.add(rule.id)
                    yield rule


def _kinds(resource: Resource) -> tuple[str, ...]:
    kind = resource.kind
    if not kind.endswith("List"):
        return (kind,) if kind else ()
    try:
        inside = [manifest.kind for manifest in manifests(resource)]
    except Undetermined:
        inside = []
    # What is in a list may be unknown; then its own name says what it must hold.
    return tuple(dict.fromkeys((kind, kind.removesuffix("List"), *inside)))
