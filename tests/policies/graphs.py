"""A recorded program as the packs see it: resources with their inputs, unknowns marked as on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi import Output
from pulumi.runtime import rpc

from policies._engine.evaluate import Judge, Judgement, Settings
from policies._engine.model import STACK_TYPE, Provider, Resource, Stack
from policies._engine.registry import Pack
from tests.graph import Graph, Recorded
from tests.policies.build import TODAY, UNKNOWN


def resources(graph: Graph, stack: str = "test") -> list[Resource]:
    """Return the stack's own resource and every custom resource of a recorded program."""
    providers = {r.urn: r for r in graph.resources if r.type.startswith("pulumi:providers:")}
    root = Resource(STACK_TYPE, f"urn:pulumi:{stack}::mlops::{STACK_TYPE}::mlops-{stack}", f"mlops-{stack}", dict)
    return [root, *(_resource(r, providers) for r in graph.resources if r.custom)]


def _resource(recorded: Recorded, providers: Mapping[str, Recorded]) -> Resource:
    # A reference to a provider is its URN and its id.
    used = providers.get(recorded.provider.rpartition("::")[0])
    held = Provider(used.type, used.urn, lambda: _wire(used.inputs)) if used else None
    return Resource(
        recorded.type,
        recorded.urn,
        recorded.name,
        lambda: _wire(recorded.inputs),
        provider=held,
        protect=recorded.protect,
        parent=recorded.parent,
        dependencies=recorded.dependencies,
        property_dependencies=recorded.property_dependencies,
    )


def _wire(value: Any) -> Any:
    """Return a value as the engine would send it."""
    if rpc.is_rpc_secret(value):
        return _wire(value["value"])
    if isinstance(value, Mapping):
        return {key: _wire(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_wire(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float | bool | None) and not isinstance(value, Output) else UNKNOWN


def judged(graph: Graph, pack: Pack, settings: Settings, stack: str = "test") -> list[Judgement]:
    """Return every judgement of a pack on a recorded program, as in its first preview."""
    all_of_it = resources(graph, stack)
    judge = Judge(pack, settings, TODAY)
    found = [judgement for one in all_of_it for judgement in judge.resource(one)]
    return [*found, *judge.stack(Stack(all_of_it))]
