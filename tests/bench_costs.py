"""How the estimator's time grows with the number of resources: the starter's own, repeated under other names."""

from __future__ import annotations

import datetime
import math
import time
from typing import Any

from blueprints import REGISTRY, check
from finops import estimate
from stacks.load import load
from tests.graph import record
from tests.policies.graphs import resources

SIZES = (1_000, 10_000)
ON = datetime.date(2026, 11, 27)


def some() -> list[dict[str, Any]]:
    """Return the starter's resources as plain mappings."""
    settings = load("sandbox", check)
    graph = record(lambda: REGISTRY[settings.blueprint].build(settings))
    return [
        {"type": r.type, "urn": r.urn, "name": r.name, "inputs": dict(r.props.raw), "parent": r.parent}
        for r in resources(graph)
    ]


def many(found: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Return `count` resources: copies under names and URNs of their own."""
    copies = (count // len(found)) + 1
    renamed = ({**r, "urn": f"{r['urn']}-{n}", "name": f"{r['name']}-{n}"} for n in range(copies) for r in found)
    return [r for r, _ in zip(renamed, range(count), strict=False)]


def measure() -> dict[str, float]:
    """Return the seconds for each size, the best of three, and the exponent by which they grow."""
    platform, seconds = some(), []
    for size in SIZES:
        stack = many(platform, size)
        seconds.append(min(_timed(stack) for _ in range(3)))
    exponent = math.log(seconds[1] / seconds[0]) / math.log(SIZES[1] / SIZES[0])
    named = {f"estimate_{size}_s": each for size, each in zip(SIZES, seconds, strict=True)}
    return {**named, "estimate_exponent": exponent}


def _timed(stack: list[dict[str, Any]]) -> float:
    began = time.perf_counter()
    assert len(estimate(stack, ON, environment="dev").items) == len(stack)
    return time.perf_counter() - began
