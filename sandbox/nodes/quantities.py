"""Kubernetes quantities and resource sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SUFFIXES = {
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
}  # fmt: skip

Amounts = dict[str, float]


def amount(quantity: Any) -> float:
    """Return a quantity (`500m`, `4Gi`, `8`) as a number; raises `ValueError` for text that is none."""
    text = str(quantity).strip()
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if text.endswith(suffix):
            return float(text[: -len(suffix)]) * _SUFFIXES[suffix]
    return float(text)


def amounts(quantities: Mapping[str, Any] | None) -> Amounts:
    """Return a resource map as numbers."""
    return {name: amount(value) for name, value in (quantities or {}).items()}


def total(parts: Iterable[Amounts]) -> Amounts:
    """Add resource maps."""
    result: Amounts = {}
    for part in parts:
        for name, value in part.items():
            result[name] = result.get(name, 0.0) + value
    return result


def fits(wanted: Amounts, free: Amounts) -> bool:
    """Whether every wanted amount is free; a resource that is not there at all is none."""
    return all(value <= free.get(name, 0.0) + 1e-9 for name, value in wanted.items() if value > 0)


def pod_requests(pod: Mapping[str, Any]) -> Amounts:
    """Return what a pod asks for, one place among the pods of its node included.

    Init containers run one after another: the largest of them counts where it is larger than all containers.
    """
    spec = pod["spec"]

    def request(container: Mapping[str, Any]) -> Amounts:
        resources = container.get("resources") or {}
        return amounts({**(resources.get("limits") or {}), **(resources.get("requests") or {})})

    together = total(request(c) for c in spec.get("containers") or [])
    for container in spec.get("initContainers") or []:
        for name, value in request(container).items():
            together[name] = max(together.get(name, 0.0), value)
    return {**together, "pods": 1.0}
