"""Taints, node affinity and resource requests as the scheduler's documentation has them.

kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration and .../assign-pod-node, read 2026-11-23.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.nodes import matching
from sandbox.nodes.quantities import amount, amounts, fits, pod_requests, total

GPU = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
EXECUTE = {"key": "maintenance", "effect": "NoExecute"}
SOFT = {"key": "busy", "value": "yes", "effect": "PreferNoSchedule"}


def pod(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": spec}


@pytest.mark.parametrize(
    ("tolerations", "taints", "expected"),
    [
        (None, [], True),
        (None, [GPU], False),
        ([], [GPU], False),
        (None, [SOFT], True),
        (None, [EXECUTE], False),
        ([{"key": "nvidia.com/gpu", "operator": "Exists"}], [GPU], True),
        ([{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}], [GPU], True),
        ([{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoExecute"}], [GPU], False),
        ([{"key": "nvidia.com/gpu", "operator": "Equal", "value": "true"}], [GPU], True),
        ([{"key": "nvidia.com/gpu", "value": "true"}], [GPU], True),
        ([{"key": "nvidia.com/gpu", "value": "false"}], [GPU], False),
        ([{"key": "nvidia.com/gpu"}], [GPU], False),
        ([{"key": "nvidia.com/gpu"}], [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}], True),
        ([{"key": "nvidia.com/gpu", "value": ""}], [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}], True),
        ([{"key": "nvidia.com", "operator": "Exists"}], [GPU], False),
        ([{"operator": "Exists"}], [GPU, EXECUTE], True),
        ([{"key": "", "operator": "Exists"}], [GPU, EXECUTE], True),
        ([{"operator": "Exists", "effect": "NoSchedule"}], [GPU, EXECUTE], False),
        ([{"key": "maintenance", "operator": "Exists"}], [GPU, EXECUTE], False),
        (
            [{"key": "maintenance", "operator": "Exists"}, {"key": "nvidia.com/gpu", "operator": "Exists"}],
            [GPU, EXECUTE],
            True,
        ),
        ([{"key": "maintenance", "operator": "Exists", "tolerationSeconds": 60}], [EXECUTE], True),
    ],
)
def test_tolerates_table(tolerations: Any, taints: list[dict[str, Any]], expected: bool) -> None:
    assert matching.tolerates(pod(tolerations=tolerations), taints) is expected


LABELS = {"zone": "a", "gpus": "8", "name": "x", "empty": ""}


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("In", "zone", ["a", "b"], True),
        ("In", "zone", ["b"], False),
        ("In", "missing", ["a"], False),
        ("In", "empty", [""], True),
        ("NotIn", "zone", ["b"], True),
        ("NotIn", "zone", ["a"], False),
        ("NotIn", "missing", ["a"], True),
        ("Exists", "zone", [], True),
        ("Exists", "empty", [], True),
        ("Exists", "missing", [], False),
        ("DoesNotExist", "missing", [], True),
        ("DoesNotExist", "empty", [], False),
        ("Gt", "gpus", ["7"], True),
        ("Gt", "gpus", ["8"], False),
        ("Gt", "missing", ["1"], False),
        ("Gt", "name", ["1"], False),
        ("Gt", "gpus", ["many"], False),
        ("Gt", "gpus", [], False),
        ("Lt", "gpus", ["9"], True),
        ("Lt", "gpus", ["8"], False),
        ("Lt", "name", ["1"], False),
        ("Lt", "missing", ["1"], False),
    ],
)
def test_accepts_table(operator: str, key: str, values: list[str], expected: bool) -> None:
    assert matching.accepts(LABELS, [{"key": key, "operator": operator, "values": values}]) is expected


def required(*terms: dict[str, Any]) -> dict[str, Any]:
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}}


def expression(key: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}


A, B = {"matchExpressions": [expression("zone", "a")]}, {"matchExpressions": [expression("zone", "b")]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, True),
        ({"nodeSelector": {"zone": "a"}}, True),
        ({"nodeSelector": {"zone": "a", "gpus": "8"}}, True),
        ({"nodeSelector": {"zone": "a", "gpus": "4"}}, False),
        ({"affinity": required(A)}, True),
        ({"affinity": required(B)}, False),
        ({"affinity": required(B, A)}, True),
        ({"affinity": required({"matchExpressions": [expression("zone", "a"), expression("gpus", "4")]})}, False),
        ({"nodeSelector": {"gpus": "4"}, "affinity": required(A)}, False),
        ({"nodeSelector": {"gpus": "8"}, "affinity": required(B, A)}, True),
        ({"affinity": required({})}, False),
        ({"affinity": required({}, A)}, True),
        ({"affinity": required({"matchExpressions": []})}, False),
        ({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [B]}}}, True),
        ({"affinity": {"podAntiAffinity": {}}}, True),
        ({"affinity": None, "nodeSelector": None}, True),
        ({"affinity": required({"matchFields": [expression("metadata.name", "n1")]})}, True),
        ({"affinity": required({"matchFields": [expression("metadata.name", "n2")]})}, False),
    ],
)
def test_wanted_table(spec: dict[str, Any], expected: bool) -> None:
    labels = {**LABELS, "metadata.name": "n1"}
    assert any(matching.accepts(labels, alternative) for alternative in matching.wanted(pod(**spec))) is expected


@pytest.mark.parametrize(
    ("quantity", "number"),
    [
        ("500m", 0.5), ("1", 1), (2, 2), (0.5, 0.5), ("4Gi", 4 * 2**30), ("1Ki", 1024), ("5M", 5e6), ("1k", 1e3),
        ("1e3", 1e3), ("2E", 2e18), ("1Ei", 2**60), ("1.5Gi", 1.5 * 2**30), (" 8 ", 8), ("100n", 1e-7), ("0", 0),
    ],
)  # fmt: skip
def test_amount_table(quantity: Any, number: float) -> None:
    assert amount(quantity) == pytest.approx(number)


@pytest.mark.parametrize("quantity", ["", "Gi", "four", "1 Gi B", "4gib"])
def test_amount_no_quantity_is_refused(quantity: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        amount(quantity)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**9), st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi"]))
def test_amount_grows_with_its_number(number: int, suffix: str) -> None:
    assert amount(f"{number}{suffix}") <= amount(f"{number + 1}{suffix}")


def test_fits_missing_resource_is_none() -> None:
    assert not fits({"nvidia.com/gpu": 1}, {"cpu": 4})
    assert fits({"nvidia.com/gpu": 0, "cpu": 4}, {"cpu": 4})


def test_fits_sums_of_fractions_fill_a_node_exactly() -> None:
    assert fits(total([amounts({"cpu": "100m"})] * 30), {"cpu": 3})


def container(restart: str = "", **requests: str) -> dict[str, Any]:
    policy = {"restartPolicy": restart} if restart else {}
    return {"name": "c", "resources": {"requests": requests}, **policy}


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        ({"containers": [container(cpu="1"), container(cpu="2")]}, 3),
        ({"containers": [container(cpu="1")], "initContainers": [container(cpu="4"), container(cpu="3")]}, 4),
        ({"containers": [container(cpu="5")], "initContainers": [container(cpu="4")]}, 5),
        ({"containers": [container(cpu="1")], "initContainers": [container("Always", cpu="2")]}, 3),
        (
            {
                "containers": [container(cpu="1")],
                "initContainers": [container("Always", cpu="2"), container(cpu="5"), container("Always", cpu="1")],
            },
            7,
        ),
        (
            {"containers": [container(cpu="1")], "initContainers": [container(cpu="3"), container("Always", cpu="2")]},
            3,
        ),
        ({"containers": [container(cpu="1")], "overhead": {"cpu": "250m"}}, 1.25),
        ({"containers": [container(cpu="1")], "resources": {"requests": {"cpu": "6"}}}, 6),
        ({"containers": [{"name": "c"}]}, 0),
        ({"containers": [{"name": "c", "resources": None}], "initContainers": None}, 0),
    ],
)
def test_pod_requests_table(spec: dict[str, Any], cpu: float) -> None:
    found = pod_requests(pod(**spec))
    assert found.get("cpu", 0.0) == pytest.approx(cpu)
    assert found["pods"] == 1.0


def test_pod_requests_limit_alone_is_a_request() -> None:
    resources = {"limits": {"nvidia.com/gpu": "2", "cpu": "8"}, "requests": {"cpu": "4"}}
    assert pod_requests(pod(containers=[{"name": "c", "resources": resources}])) == {
        "nvidia.com/gpu": 2.0,
        "cpu": 4.0,
        "pods": 1.0,
    }
