"""Kubernetes quantities and resource sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SUFFIXES = {
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60,
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
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

    Init containers run one after another, beside the sidecars that were started before them; the largest sum at any
    moment counts. Requests of the pod as a whole go before those of its containers, and its overhead comes on top.
    Source: kubernetes.io/docs/concepts/workloads/pods/sidecar-containers (resource sharing), read 2026-11-23.
    """
    spec = pod["spec"]
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.get("initContainers") or []:
        if container.get("restartPolicy") == "Always":
            sidecars = total([sidecars, _requests(container)])
        else:
            peak = _larger(peak, total([sidecars, _requests(container)]))
    together = total([sidecars, *(_requests(c) for c in spec.get("containers") or [])])
    whole = {**_larger(together, peak), **_requests(spec)}
    return {**total([whole, amounts(spec.get("overhead"))]), "pods": 1.0}


def _requests(owner: Mapping[str, Any]) -> Amounts:
    """Return the requests of a container, or of a pod as a whole; a limit alone is a request too."""
    resources = owner.get("resources") or {}
    return amounts({**(resources.get("limits") or {}), **(resources.get("requests") or {})})


def _larger(one: Amounts, other: Amounts) -> Amounts:
    return {name: max(one.get(name, 0.0), other.get(name, 0.0)) for name in one.keys() | other.keys()}
