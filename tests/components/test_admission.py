"""Admission policies as resources."""

from __future__ import annotations

from typing import Any

import pytest

from components._core.args import ArgsError
from components.admission import Admission, AdmissionArgs, AdmissionPolicyArgs
from tests.graph import record

POLICY = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
BINDING = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding"


def one(rule: str = "SEC-K8S-002", bound: str | None = None) -> AdmissionPolicyArgs:
    name = f"{rule.lower()}.mlops.dev"
    policy: dict[str, Any] = {"metadata": {"name": name}, "spec": {"failurePolicy": "Fail", "validations": []}}
    binding = {"metadata": {"name": name}, "spec": {"policyName": bound or name, "validationActions": ["Deny"]}}
    return AdmissionPolicyArgs(rule=rule, policy=policy, binding=binding)


def test_admission_makes_a_policy_and_then_its_binding() -> None:
    graph = record(lambda: Admission("admission", AdmissionArgs(policies=[one(), one("SEC-K8S-003")])).policy_names)
    assert sorted(r.name for r in graph.of(POLICY)) == ["admission-sec-k8s-002", "admission-sec-k8s-003"]
    for policy in graph.of(POLICY):
        binding = graph.one(BINDING, f"{policy.name}-binding")
        assert binding.inputs["spec"]["policyName"] == policy.inputs["metadata"]["name"]
        assert graph.depends(binding, policy)
        assert graph.parent_of(policy) == graph.parent_of(binding) == "admission"


def test_admission_fails_when_a_rule_stands_there_twice() -> None:
    with pytest.raises(ArgsError, match="SEC-K8S-002 stand there twice"):
        AdmissionArgs(policies=[one(), one()])


def test_admission_fails_when_a_binding_names_another_policy() -> None:
    with pytest.raises(ArgsError, match=r"policies\[0\].binding: is bound to 'x'"):
        AdmissionArgs(policies=[one(bound="x")])


def test_admission_served_to_other_languages_is_the_same() -> None:
    raw: Any = {"policies": [{"rule": "SEC-K8S-002", "policy": one().policy, "binding": one().binding}]}
    graph = record(lambda: Admission("admission", raw).policy_names)
    assert graph.one(POLICY).inputs["metadata"]["name"] == "sec-k8s-002.mlops.dev"
