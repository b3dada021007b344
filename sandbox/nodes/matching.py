"""Whether a pod may run on nodes with these labels and taints: the scheduler's rules, as far as a pool needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Requirement = Mapping[str, Any]

_BLOCKING = ("NoSchedule", "NoExecute")


def tolerates(pod: Mapping[str, Any], taints: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a pod tolerates every taint that keeps pods away."""
    tolerations = pod["spec"].get("tolerations") or []
    return all(
        any(_tolerates(toleration, taint) for toleration in tolerations)
        for taint in taints
        if taint.get("effect") in _BLOCKING
    )


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return toleration.get("key") == taint.get("key") and (toleration.get("value") or "") == (taint.get("value") or "")


def wanted(pod: Mapping[str, Any]) -> list[list[Requirement]]:
    """Return what a pod asks of labels: alternatives, each a list of requirements that hold together."""
    spec = pod["spec"]
    selector = [
        {"key": k, "operator": "In", "values": [v]} for k, v in (spec.get("nodeSelector") or {}).items()
    ]
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    ) or {}
    terms = affinity.get("nodeSelectorTerms") or [{}]
    return [[*selector, *(term.get("matchExpressions") or [])] for term in terms]


def accepts(labels: Mapping[str, str], requirements: Sequence[Requirement]) -> bool:
    """Whether labels satisfy every requirement."""
    return all(_OPERATORS[r["operator"]](labels.get(r["key"]), list(r.get("values") or [])) for r in requirements)


_OPERATORS: dict[str, Callable[[str | None, list[str]], bool]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
    "Exists": lambda value, values: value is not None,
    "DoesNotExist": lambda value, values: value is None,
    "Gt": lambda value, values: value is not None and int(value) > int(values[0]),
    "Lt": lambda value, values: value is not None and int(value) < int(values[0]),
}
