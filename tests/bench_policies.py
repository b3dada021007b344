"""How the packs' time grows with the number of resources: the starter's own resources, repeated under other names."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any

from blueprints import REGISTRY, check
from policies._engine import profiles
from policies._engine.evaluate import Settings
from policies._engine.model import STACK_TYPE, Resource, Stack
from policies._engine.session import Session
from stacks.load import load
from tests.graph import record
from tests.policies.build import PACKS, TODAY
from tests.policies.graphs import resources

SIZES = (100, 1_000, 10_000)


def many(some: list[Resource], count: int) -> list[Resource]:
    """Return `count` resources: copies of `some`, each copy under names and urns of its own."""
    root = next(r for r in some if r.type == STACK_TYPE)
    rest = [r for r in some if r.type != STACK_TYPE]
    found = [root]
    copy = 0
    while len(found) < count:
        found += [_renamed(r, f"-{copy}") for r in rest[: count - len(found)]]
        copy += 1
    return found


def _renamed(resource: Resource, suffix: str) -> Resource:
    def urns(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{urn}{suffix}" for urn in given)

    return dataclasses.replace(
        resource,
        urn=f"{resource.urn}{suffix}",
        name=f"{resource.name}{suffix}",
        dependencies=urns(resource.dependencies),
        property_dependencies={key: urns(value) for key, value in resource.property_dependencies.items()},
    )


class Reads:
    """Counts how often the properties of resources are read."""

    def __init__(self) -> None:
        self.count = 0

    def counted(self, resource: Resource) -> Resource:
        inner = resource.read

        def read() -> Any:
            self.count += 1
            return inner()

        return dataclasses.replace(resource, read=read)


def judge(all_of_it: list[Resource]) -> tuple[float, int]:
    """Judge resources and then their stack by both packs; return the seconds and the reads of properties."""
    sessions = [
        Session(pack, Settings(profiles.load("baseline", pack), stack_environment="staging"), TODAY) for pack in PACKS
    ]
    reads = Reads()
    began = time.perf_counter()
    for session in sessions:
        for resource in all_of_it:
            session.analyze(reads.counted(resource))
        session.analyze_stack(Stack([reads.counted(r) for r in all_of_it]))
    return time.perf_counter() - began, reads.count


def measure() -> dict[str, float]:
    """Return seconds by size, the exponent of growth, and reads a resource in each of its two judgements by a pack."""
    settings = load("staging", check)
    some = resources(record(lambda: dict(REGISTRY["starter"].build(settings)), preview=True, stack="staging"))
    taken = {size: judge(many(some, size)) for size in SIZES}
    small, large = taken[SIZES[1]][0], taken[SIZES[2]][0]
    return {
        **{f"policies_{size}_s": seconds for size, (seconds, _) in taken.items()},
        "policies_exponent": math.log(large / small) / math.log(SIZES[2] / SIZES[1]),
        # Two packs, each judging every resource by itself and in the stack.
        "policies_reads": taken[SIZES[2]][1] / SIZES[2] / len(PACKS) / 2,
    }
