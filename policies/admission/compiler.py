"""From rules and a profile to ValidatingAdmissionPolicies with their bindings.

A mandatory rule denies, an advisory one warns and is audited. They bind to the namespaces that carry
`POLICY_LABEL`: those of teams and of serving. What charts install lives elsewhere and is judged by nobody's
plan either. An exemption is a pattern of URNs, which a request does not have; so while a rule has an
exemption in force, its policy warns instead of denying.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components._core.conventions import POLICY_ENFORCED, POLICY_LABEL
from policies._engine.conditions import ALWAYS, NAMESPACE, OBJECT, AllOf, AnyOf, Condition, Every, Not
from policies._engine.demands import Demand, Requirement, Subject
from policies._engine.profiles import Level, Profile
from policies._engine.registry import Pack
from policies._engine.rule import Context, Rule
from policies.admission import cel
from policies.admission.kinds import JUDGED_AS_PODS, OF_CHARTS, served

API_VERSION: Final = "admissionregistration.k8s.io/v1"
POD_VARIABLE: Final = (
    "object.kind == 'Pod' ? object.spec : object.kind == 'PodTemplate' ? object.template.spec : "
    "object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec : object.spec.template.spec"
)
CONTAINERS_VARIABLE: Final = (
    "variables.pod.containers + variables.pod.?initContainers.orValue([]) + "
    "variables.pod.?ephemeralContainers.orValue([])"
)


@dataclass(frozen=True)
class AdmissionPolicy:
    """One rule at admission: the two manifests that install it."""

    rule: str
    name: str
    policy: Mapping[str, Any]
    binding: Mapping[str, Any]


def compile_packs(
    packs: Mapping[Pack, Profile], environment: str, today: datetime.date
) -> tuple[list[AdmissionPolicy], dict[str, str]]:
    """Return the policies of all rules that are in force, and why each other Kubernetes rule has none, by id."""
    made: list[AdmissionPolicy] = []
    left_out: dict[str, str] = {}
    for pack, profile in packs.items():
        exempted = {e.rule for e in profile.exemptions if not e.expired(today)}
        for rule in pack.rules:
            reason = not_at_admission(rule, profile.levels[rule.id])
            if reason:
                left_out[rule.id] = reason
            elif rule.demand is not None:
                context = Context(profile.params[rule.id], today, environment)
                deny = profile.levels[rule.id] is not Level.ADVISORY and rule.id not in exempted
                made.append(compile_rule(rule, context, deny))
    return made, left_out


def not_at_admission(rule: Rule, level: Level = Level.MANDATORY) -> str:
    """Return why a rule on Kubernetes objects has no admission policy; empty where it has one, or is on AWS alone."""
    if level is Level.DISABLED:
        return "the profile disables it"
    if rule.demand is None:
        return rule.not_at_admission
    return "" if _kinds(rule) else "its kinds are judged when their controllers create pods"


def _kinds(rule: Rule) -> list[str]:
    return [kind for kind in rule.kinds if kind not in JUDGED_AS_PODS]


def compile_rule(rule: Rule, context: Context[Any], deny: bool = True) -> AdmissionPolicy:
    """Return a rule's policy and binding under given parameters."""
    if rule.demand is None:
        raise ValueError(f"{rule.id} is no demand and cannot be compiled")
    kinds = _kinds(rule)
    actions = ["Deny"] if deny and not OF_CHARTS.intersection(kinds) else ["Warn", "Audit"]
    name = f"{rule.id.lower()}.mlops.dev"
    metadata = {"name": name, "labels": {"app.kubernetes.io/managed-by": "pulumi", "mlops.dev/rule": rule.id}}
    binding = {
        "policyName": name,
        "validationActions": actions,
        # Cluster-wide objects have no namespace: the selector passes them all.
        "matchResources": {"namespaceSelector": {"matchLabels": {POLICY_LABEL: POLICY_ENFORCED}}},
    }
    return AdmissionPolicy(
        rule=rule.id,
        name=name,
        policy={"metadata": metadata, "spec": _spec(rule, rule.demand(context), kinds, deny)},
        binding={"metadata": metadata, "spec": binding},
    )


def _spec(rule: Rule, demand: Demand, kinds: list[str], deny: bool) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "failurePolicy": "Fail" if deny else "Ignore",
        "matchConstraints": {"resourceRules": _resource_rules(kinds)},
        "validations": [_validation(rule, demand, one) for one in demand.requires],
    }
    if rule.per != Subject.OBJECT:
        spec["variables"] = [{"name": "pod", "expression": POD_VARIABLE}]
    if rule.per == Subject.CONTAINER:
        spec["variables"].append({"name": "containers", "expression": CONTAINERS_VARIABLE})
    if demand.applies != ALWAYS and _of_object(demand.applies):
        spec["matchConditions"] = [{"name": "applies", "expression": _say(demand.applies, "object")}]
    return spec


def _validation(rule: Rule, demand: Demand, requirement: Requirement) -> dict[str, Any]:
    condition = requirement.condition
    if demand.applies != ALWAYS and not _of_object(demand.applies):
        condition = ~demand.applies | condition
    if rule.per == Subject.CONTAINER:
        expression = f"variables.containers.all(c, {_say(condition, 'c')})"
    else:
        expression = _say(condition, "object" if rule.per == Subject.OBJECT else "variables.pod")
    where = ".".join(requirement.about.keys) or rule.per
    message = f"{rule.id} {rule.title}: {where} must be {requirement.wanted}. {rule.url}"
    return {"expression": expression, "message": message, "reason": "Forbidden"}


def _say(condition: Condition, subject: str) -> str:
    return cel.expression(condition, cel.names_of(subject))


def _of_object(condition: Condition) -> bool:
    """Whether a condition looks at the object and its namespace alone, not at a pod or container in it."""
    return set(_roots(condition)) <= {OBJECT, NAMESPACE}


def _roots(condition: Condition) -> Iterable[str]:
    match condition:
        case AllOf(inner) | AnyOf(inner):
            for one in inner:
                yield from _roots(one)
        case Not(inner):
            yield from _roots(inner)
        case Every(ref, _):
            yield ref.root
        case _:
            yield condition.ref.root  # type: ignore[attr-defined]


def _resource_rules(kinds: Iterable[str]) -> list[dict[str, Any]]:
    by_group: dict[str, list[str]] = {}
    for kind in kinds:
        found = served(kind)
        by_group.setdefault(found.group, []).extend(found.resources)
    return [
        {"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": resources}
        for group, resources in by_group.items()
    ]
