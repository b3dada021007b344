"""Whose cost it is: component, environment, team and cost centre of each resource, and totals by any of them."""

import contextlib
import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from components._core.conventions import COMPONENT_TAG, REQUIRED_TAGS
from finops.estimate import Estimate, Item
from finops.line import monthly
from finops.resource import Resource, Resources
from finops.values import Unreadable

STACK_TYPE: Final = "pulumi:pulumi:Stack"
NONE: Final = "(none)"
"""Shown where a resource has no component or does not carry the tag."""

_ENVIRONMENT, _TEAM, _COST_CENTER, *_ = REQUIRED_TAGS
_SHOWN = 128


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
    """Name of the component right below the stack; `NONE` for a resource that has none."""
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
    """Return the owner of each item by URN.

    Tags are read from the resource; what carries none (Kubernetes objects do not) has those that all tagged resources
    of the stack share, so that a platform with one team is one team's whole.
    """
    resources = Resources(item.resource for item in found.items)
    shared = _shared(resources)
    result = {}
    for resource in resources:
        top = component_of(resource, resources.by_urn)
        own = {**shared, **_tags(resource)}
        result[resource.urn] = Owner(
            component=top.name[:_SHOWN] if top else NONE,
            component_urn=top.urn if top else "",
            environment=own.get(_ENVIRONMENT) or found.environment or NONE,
            team=own.get(_TEAM) or NONE,
            cost_center=own.get(_COST_CENTER) or NONE,
        )
    return result


def component_of(resource: Resource, by_urn: Mapping[str, Resource]) -> Resource | None:
    """Return the component right below the stack that a resource is in, or is; None where there is none."""
    found, seen = None, set()
    here: Resource | None = resource
    while here is not None and here.urn not in seen and here.type != STACK_TYPE:
        seen.add(here.urn)
        if not here.custom:
            found = here
        here = by_urn.get(here.parent)
    return found


def groups(found: Estimate, by: Dimension) -> tuple[Group, ...]:
    """Return the totals by a dimension, the dearest first; groups that cost nothing and lack nothing are left out."""
    name = _namer(found, by)
    parts: dict[str, list[Item]] = {}
    for item in found.items:
        parts.setdefault(name(item), []).append(item)
    result = (Group(key, tuple(items)) for key, items in parts.items())
    kept = (group for group in result if group.ceiling or group.expected or group.unbounded or group.at_least)
    return tuple(sorted(kept, key=lambda group: (-group.expected, -group.ceiling, group.name)))


def _namer(found: Estimate, by: Dimension) -> Callable[[Item], str]:
    if by is Dimension.TYPE:
        return lambda item: item.resource.type[:_SHOWN] or NONE
    if by is Dimension.REGION:
        return lambda item: (item.region or NONE)[:_SHOWN]
    whose = owners(found)
    attribute = by.value.replace("-", "_")
    return lambda item: str(getattr(whose[item.resource.urn], attribute))


def _shared(resources: Iterable[Resource]) -> dict[str, str]:
    """Return the tags that have one value wherever they are."""
    values: dict[str, set[str]] = {}
    for resource in resources:
        for key, value in _tags(resource).items():
            values.setdefault(key, set()).add(value)
    return {key: next(iter(found)) for key, found in values.items() if len(found) == 1 and key != COMPONENT_TAG}


def _tags(resource: Resource) -> dict[str, str]:
    """Return the tags that say whose it is; what is not known, or no text, is left out."""
    for path in ("tagsAll", "tags"):
        with contextlib.suppress(Unreadable):
            found = resource.props.mapping(path)
            told = {key: found[key][:_SHOWN] for key in REQUIRED_TAGS if isinstance(found.get(key), str)}
            if told:
                return told
    return {}
