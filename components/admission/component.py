"""ValidatingAdmissionPolicies with their bindings.

After this runs, the API server refuses (or warns of) what the policy packs refuse in a plan, whoever sends it: people
with kubectl, controllers, workflows. Only namespaces that carry the label `mlops.dev/policies: enforced` are judged,
and kinds without a namespace. Cost: none. Not stateful. There is no webhook: the expressions run inside the API server.
"""

import dataclasses
from typing import Any, Optional

import pulumi
import pulumi_kubernetes as k8s

from components._core.args import coerce, require
from components._core.base import PlatformComponent


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdmissionPolicyArgs:
    """One policy and its binding."""

    rule: str
    """Id of the rule, such as SEC-K8S-002."""

    policy: dict[str, Any]
    """`metadata` and `spec` of the ValidatingAdmissionPolicy."""

    binding: dict[str, Any]
    """`metadata` and `spec` of the ValidatingAdmissionPolicyBinding."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdmissionArgs:
    """Arguments of `Admission`."""

    policies: list[AdmissionPolicyArgs]
    """Policies to install, as `policies.admission` compiles them from rules and a profile."""

    def __post_init__(self) -> None:
        rules = [p.rule for p in self.policies]
        twice = sorted({r for r in rules if rules.count(r) > 1})
        require(not twice, "policies", f"{', '.join(twice)} stand there twice; a rule has one policy")
        for i, one in enumerate(self.policies):
            named, bound = one.policy["metadata"]["name"], one.binding["spec"]["policyName"]
            require(named == bound, f"policies[{i}].binding", f"is bound to {bound!r}; its policy is called {named!r}")


class Admission(PlatformComponent):
    """The policy packs' Kubernetes rules at admission."""

    policy_names: pulumi.Output[list[str]]
    """Names of the policies."""

    def __init__(self, name: str, args: AdmissionArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Admission", name, opts)
        args = coerce(AdmissionArgs, args)
        names = [self._make(policy) for policy in args.policies]
        self.policy_names = pulumi.Output.all(*names).apply(sorted)
        self._register()

    def _make(self, args: AdmissionPolicyArgs) -> pulumi.Output[str]:
        """Create a policy, then its binding: a binding without a policy is an error that nobody sees."""
        role = args.rule.lower()
        policy = k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
            self._child(role), metadata=args.policy["metadata"], spec=args.policy["spec"], opts=self._opts()
        )
        k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
            self._child(f"{role}-binding"),
            metadata=args.binding["metadata"],
            spec=args.binding["spec"],
            opts=self._opts(depends_on=[policy]),
        )
        name: pulumi.Output[str] = policy.metadata.apply(lambda m: str(m.name))
        return name
