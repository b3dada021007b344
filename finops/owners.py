"""Whose cost it is: component, environment, team and cost centre of each resource, and totals by any of them."""

import contextlib
import enum
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from components._core.conventions import REQUIRED_TAGS
from finops.estimate import Estimate, Item
from finops.line import monthly
from finops.resource import Resource, Resources
from finops.values import Unreadable

STACK_TYPE: Final = "pulumi:pulumi:Stack"
NONE: Final = "(none)"
"""Shown where a resource has no component or does not carry the tag."""

_ENVIRONMENT, _TEAM, _COST_CENTER, *_ = REQUIRED_TAGS
_SHOWN = 128
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    _ENVIRONMENT: ("environment", "env"),
    _TEAM: ("team", "owner"),
    _COST_CENTER: ("costcenter", "costcentre"),
}
"""What other programs call our tags, in lower case and without what parts words."""

_SEPARATORS = re.compile(r"[^0-9A-Za-z]")
_CARRY_TAGS = ("aws:", "aws-native:")
"""Beginnings of the types that say by themselves whose they are."""


class Dimension(enum.StrEnum):
    """What totals can be grouped by."""

    COMPONENT = "component"
    """The component right below the stack that the resource belongs to."""

    ENVIRONMENT = "environment"
    TEAM = "team"
    """The tag `owner`."""

    COST_CENTER = "cost-center"
    TYPE = "type"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a resource is. Texts come from the program: whoever shows them escapes them."""

    component: str
    """Name of the component right below the stack, with its type where several have that name; `NONE` without."""
    component_urn: str
    environment: str
    team: str
    cost_center: str


@dataclass(frozen=True, slots=True)
class Group:
    """The totals of some items, in USD a month."""

    name: str
    items: tuple[Item, ...]

    @property
    def floor(self) -> Decimal:
        """Everything at its smallest size."""
        return sum((monthly(line.floor) for item in self.items for line in item.lines), Decimal(0))

    @property
    def expected(self) -> Decimal:
        """As wanted and assumed."""
        return sum((monthly(line.expected) for item in self.items for line in item.lines), Decimal(0))

    @property
    def ceiling(self) -> Decimal:
        """At the limits; what has none is left out, see `unbounded`."""
        return sum((monthly(line.ceiling) for item in self.items for line in item.lines), Decimal(0))

    @property
    def unbounded(self) -> bool:
        """Whether nothing limits what a part of it can cost."""
        return any(item.unbounded for item in self.items)

    @property
    def at_least(self) -> bool:
        """Whether something is missing from its totals."""
        return any(item.open for item in self.items)


def owners(found: Estimate) -> Mapping[str, Owner]:
    """Return the owner of each item by URN; of two items with one URN, that of the one which stays.

    Tags are read from the resource, in any usual spelling: `cost-center`, `CostCenter`, `cost_centre`. Kubernetes
    objects carry none; they have those that all tagged resources of the stack share, so that a platform with one
    team is one team's whole. An AWS resource without a tag has none: untagged cost is to be seen.
    """
    result: dict[str, Owner] = {}
    for item, owner in zip(found.items, _each(found), strict=True):
        if item.resource.urn not in result or not item.resource.to_be_deleted:
            result[item.resource.urn] = owner
    return result


def _each(found: Estimate) -> list[Owner]:
    """Return the owner of each item, in their order."""
    resources = Resources(item.resource for item in found.items)
    tops = _Tops(resources.by_urn)
    tagged = [_tags(resource) for resource in resources]
    shared = _shared(tagged)
    above = [tops.of(resource) for resource in resources]
    shown = _names(above)
    result = []
    for resource, tags, top in zip(resources, tagged, above, strict=True):
        own = tags if resource.type.startswith(_CARRY_TAGS) else {**shared, **tags}
        result.append(
            Owner(
                component=shown[top.urn] if top else NONE,
                component_urn=top.urn if top else "",
                environment=own.get(_ENVIRONMENT) or found.environment or NONE,
                team=own.get(_TEAM) or NONE,
                cost_center=own.get(_COST_CENTER) or NONE,
            )
        )
    return result


def component_of(resource: Resource, by_urn: Mapping[str, Resource]) -> Resource | None:
    """Return the component right below the stack that a resource is in, or is.

    None where there is none, and where parents form a circle: then nothing is right below the stack.
    """
    return _Tops(by_urn).of(resource)


class _Tops:
    """Finds the component right below the stack, and remembers it for everything on the way."""

    def __init__(self, by_urn: Mapping[str, Resource]) -> None:
        self._by_urn = by_urn
        self._known: dict[str, Resource | None] = {}
        self._circles: set[str] = set()

    def of(self, resource: Resource) -> Resource | None:
        """Return it for one resource."""
        way: list[Resource] = []
        seen: set[str] = set()
        found: Resource | None = None
        circle = False
        here: Resource | None = resource
        while here is not None and here.type != STACK_TYPE:
            if here.urn in self._known and here is self._by_urn.get(here.urn):
                found, circle = self._known[here.urn], here.urn in self._circles
                break
            if here.urn in seen:
                circle = True
                break
            seen.add(here.urn)
            way.append(here)
            here = self._by_urn.get(here.parent) if here.parent else None
        for one in reversed(way):
            if found is None and not one.custom and not circle:
                found = one
            # Of several resources with one URN, or none, only one is anybody's parent.
            if one is self._by_urn.get(one.urn):
                self._known[one.urn] = found
                if circle:
                    self._circles.add(one.urn)
        return found


def _names(components: Iterable[Resource | None]) -> dict[str, str]:
    """Return what components are called by URN: with their type where several have one name."""
    by_urn = {one.urn: one for one in components if one is not None}
    count = Counter(one.name for one in by_urn.values())
    return {
        urn: (one.name if count[one.name] == 1 else f"{one.name} ({one.type})")[:_SHOWN] for urn, one in by_urn.items()
    }


def groups(found: Estimate, by: Dimension) -> tuple[Group, ...]:
    """Return the totals by a dimension, the dearest first; groups that cost nothing and lack nothing are left out."""
    parts: dict[str, list[Item]] = {}
    for item, name in zip(found.items, _named(found, by), strict=True):
        parts.setdefault(name, []).append(item)
    result = (Group(key, tuple(items)) for key, items in parts.items())
    kept = (group for group in result if group.ceiling or group.expected or group.unbounded or group.at_least)
    return tuple(sorted(kept, key=lambda group: (-group.expected, -group.ceiling, group.name)))


def _named(found: Estimate, by: Dimension) -> Iterable[str]:
    """Return the name of the group of each item, in their order."""
    if by is Dimension.TYPE:
        return [item.resource.type[:_SHOWN] or NONE for item in found.items]
    if by is Dimension.REGION:
        return [(item.region or NONE)[:_SHOWN] for item in found.items]
    attribute = by.value.replace("-", "_")
    return [str(getattr(owner, attribute)) for owner in _each(found)]


def _shared(tagged: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the tags that have one value wherever they are."""
    values: dict[str, set[str]] = {}
    for tags in tagged:
        for key, value in tags.items():
            values.setdefault(key, set()).add(value)
    return {key: next(iter(found)) for key, found in values.items() if len(found) == 1}


def _tags(resource: Resource) -> Mapping[str, str]:
    """Return the tags that say whose it is, by our names; what is not known, or no text, is left out."""
    for path in ("tagsAll", "tags"):
        with contextlib.suppress(Unreadable):
            if told := _told(_pairs(resource.props.at(path))):
                return told
    return {}


def _pairs(tags: Any) -> Mapping[str, Any]:
    """Return tags as a mapping; auto scaling groups have a list of keys and values."""
    if isinstance(tags, Mapping):
        return tags
    if not isinstance(tags, list | tuple):
        return {}
    listed = (one for one in tags if isinstance(one, Mapping) and isinstance(one.get("key"), str))
    return {one["key"]: one.get("value") for one in listed}


def _told(pairs: Mapping[str, Any]) -> Mapping[str, str]:
    """Return our tags: each from our own key, else from the first usual name in any spelling."""
    told = {ours: value for ours in _NAMES if isinstance(value := pairs.get(ours), str) and value}
    if pairs and len(told) < len(_NAMES):
        spelt = {_spelling(key[:_SHOWN]): value for key, value in pairs.items() if isinstance(value, str) and value}
        for ours, names in _NAMES.items():
            if ours not in told and (name := next((name for name in names if name in spelt), None)):
                told[ours] = spelt[name]
    return {ours: value[:_SHOWN] for ours, value in told.items()}


@lru_cache(maxsize=4096)
def _spelling(key: str) -> str:
    """Return a key in lower case and without what parts words."""
    return _SEPARATORS.sub("", key).casefold()
