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
    """Return what a pod asks of labels: alternatives, each a list of requirements that hold together.

    An affinity term without a requirement matches no node, as in the scheduler.
    """
    spec = pod["spec"]
    selector: list[Requirement] = [
        {"key": k, "operator": "In", "values": [v]} for k, v in (spec.get("nodeSelector") or {}).items()
    ]
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    if not affinity:
        return [selector]
    terms = [
        [*(term.get("matchExpressions") or []), *(term.get("matchFields") or [])]
        for term in affinity.get("nodeSelectorTerms") or []
    ]
    return [[*selector, *term] for term in terms if term]


def accepts(labels: Mapping[str, str], requirements: Sequence[Requirement]) -> bool:
    """Whether labels satisfy every requirement. The name of a node that exists is its label `metadata.name`."""
    return all(_OPERATORS[r["operator"]](labels.get(r["key"]), list(r.get("values") or [])) for r in requirements)


def _numbers(value: str | None, values: list[str]) -> tuple[int, int] | None:
    """Return both sides of a comparison; None where one is no whole number, which matches nothing."""
    try:
        return int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return None


def _greater(value: str | None, values: list[str]) -> bool:
    found = _numbers(value, values)
    return found is not None and found[0] > found[1]


def _less(value: str | None, values: list[str]) -> bool:
    found = _numbers(value, values)
    return found is not None and found[0] < found[1]


_OPERATORS: dict[str, Callable[[str | None, list[str]], bool]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
    "Exists": lambda value, values: value is not None,
    "DoesNotExist": lambda value, values: value is None,
    "Gt": _greater,
    "Lt": _less,
}
