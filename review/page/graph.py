"""Which component takes values from which, read from the dependencies of their resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

OUTSIDE = "outside of components"
"""Resources of the stack that belong to no component, where others do."""


def group_names(resources: Iterable[Mapping[str, Any]], owners: Mapping[str, str]) -> dict[str, str]:
    """Return the name of the group of each resource by URN: its component, from `owners`.

    A program without any component is grouped by service, such as `aws ec2`; providers and the stack are in no group.
    """
    listed = [(str(one.get("urn") or ""), str(one.get("type") or "")) for one in resources]
    listed = [(urn, type_) for urn, type_ in listed if not type_.startswith("pulumi:")]
    if any(owners.get(urn) for urn, _ in listed):
        return {urn: owners.get(urn) or OUTSIDE for urn, _ in listed}
    return {urn: _service(type_) for urn, type_ in listed}


def _service(type_: str) -> str:
    """Return `aws ec2` for `aws:ec2/vpc:Vpc`, `kubernetes apps/v1` for `kubernetes:apps/v1:Deployment`."""
    package, _, rest = type_.partition(":")
    module = rest.rpartition(":")[0]
    short = module if package == "kubernetes" else module.partition("/")[0]
    return " ".join(part for part in (package, short) if part and part != "index") or OUTSIDE


def uses(resources: Iterable[Mapping[str, Any]], groups: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return for each group the groups that its resources take values from, or are made by a provider of.

    What belongs to no group, such as a provider, hands on what it depends on itself.
    """
    needs = {str(one.get("urn") or ""): _needs(one) for one in resources}
    found: dict[str, dict[str, None]] = {name: {} for name in dict.fromkeys(groups.values())}
    through: dict[str, tuple[str, ...]] = {}
    for urn, name in groups.items():
        for target in needs.get(urn, ()):
            for other in _reached(target, groups, needs, through):
                if other != name:
                    found[name][other] = None
    return {name: tuple(sorted(others)) for name, others in found.items()}


def _reached(
    urn: str,
    groups: Mapping[str, str],
    needs: Mapping[str, tuple[str, ...]],
    through: dict[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """Return the groups behind a URN: its own, else those of what it needs. Cycles and depth do no harm."""
    if urn in groups:
        return (groups[urn],)
    if urn not in through:
        names: dict[str, None] = {}
        seen, waiting = {urn}, list(needs.get(urn, ()))
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            if here in groups:
                names[groups[here]] = None
            else:
                waiting.extend(needs.get(here, ()))
        through[urn] = tuple(names)
    return through[urn]


def _needs(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the URNs that a resource hangs on: values of its properties, else all its dependencies, and its provider.

    Explicit dependencies are order alone where the values are known, and would draw a line that carries nothing.
    """
    values = raw.get("propertyDependencies")
    listed: list[Any] = []
    for urns in values.values() if isinstance(values, Mapping) else ():
        listed += urns if isinstance(urns, list) else []
    if not listed and isinstance(raw.get("dependencies"), list):
        listed += raw["dependencies"]
    provider = raw.get("provider")
    if isinstance(provider, str):
        listed.append(provider.rpartition("::")[0])
    return tuple(dict.fromkeys(urn for urn in listed if isinstance(urn, str) and urn))
