"""Demands compiled to CEL: the text of expressions, and what a profile makes of a rule. The API server's own
judgement is in tests/engine/test_admission.py."""

import datetime
from typing import Any

import pytest

from policies._engine.conditions import ALWAYS, NEVER, Condition, namespace, pod, this, whole
from policies._engine.exemptions import Exemption
from policies._engine.profiles import Level
from policies._engine.rule import Context, Rule
from policies.admission import cel
from policies.admission.compiler import compile_packs, compile_rule, not_at_admission
from policies.admission.kinds import JUDGED_AS_PODS, OF_CHARTS, served
from policies.catalogue import PACKS
from tests.policies import build
from tests.policies.build import RULES

ON_KUBERNETES = [rule for rule in RULES.values() if rule.kinds]
DEMANDS = [rule for rule in ON_KUBERNETES if rule.demand is not None]
CONTAINER = cel.names_of("c")


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (this("a.b").is_(True), "(c.?a.?b.orValue(null) != null && c.?a.?b.value() == true)"),
        (this("a").is_not("x"), '!((c.?a.orValue(null) != null && c.?a.value() == "x"))'),
        (this("a").one_of("x", 2), '(c.?a.orValue(null) != null && c.?a.value() in ["x", 2])'),
        (this("a").one_of(), "false"),
        (this("a").missing(), "c.?a.orValue(null) == null"),
        (this("a").matches("^a\\d+$"), '(c.?a.orValue(null) != null && c.?a.value().matches("^a\\\\d+$"))'),
        (this("a").at_most(3), "(c.?a.orValue(null) != null && c.?a.value() <= 3)"),
        (this("a").within("x"), '(c.?a.orValue(null) == null || c.?a.value().all(i0, (i0 == "x")))'),
        (
            this("a").every(this("b").every(this("c").missing())),
            "(c.?a.orValue(null) == null || c.?a.value().all(i0, (i0.?b.orValue(null) == null || "
            "i0.?b.value().all(i1, i1.?c.orValue(null) == null))))",
        ),
        (this(("labels", "a.b/c")).missing(), 'c.?labels[?"a.b/c"].orValue(null) == null'),
        (this("namespace").missing(), 'c[?"namespace"].orValue(null) == null'),
        (pod("hostPID").missing(), "variables.pod.?hostPID.orValue(null) == null"),
        (whole("spec.a").missing(), "object.?spec.?a.orValue(null) == null"),
        (namespace().is_("default"), '(request.namespace == "default")'),
        (ALWAYS, "true"),
        (NEVER, "false"),
        (this('a"\\\n').missing(), 'c[?"a\\"\\\\\\n"].orValue(null) == null'),
    ],
)
def test_expression_table(condition: Condition, text: str) -> None:
    assert cel.expression(condition, CONTAINER) == text


@pytest.mark.parametrize("rule", ON_KUBERNETES, ids=lambda rule: rule.id)
def test_rule_on_kubernetes_any_is_compiled_or_says_why_not(rule: Rule) -> None:
    reason = not_at_admission(rule)
    assert bool(reason) != (rule.demand is not None and not set(rule.kinds) <= JUDGED_AS_PODS), rule.id
    assert not reason.endswith(".")


@pytest.mark.parametrize("rule", DEMANDS, ids=lambda rule: rule.id)
def test_demand_any_names_kinds_that_the_api_server_serves(rule: Rule) -> None:
    for kind in set(rule.kinds) - JUDGED_AS_PODS:
        assert served(kind).resources


@pytest.mark.parametrize("rule", DEMANDS, ids=lambda rule: rule.id)
@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_demand_any_becomes_a_policy_that_explains_itself(rule: Rule, environment: str) -> None:
    made = compile_rule(rule, Context(rule.params(), build.TODAY, environment))
    assert made.name == f"{rule.id.lower()}.mlops.dev"
    assert made.policy["spec"]["validations"]
    for validation in made.policy["spec"]["validations"]:
        assert validation["message"].startswith(f"{rule.id} {rule.title}")
        # A person must still be able to read them; the longest asks for one of many labels of accelerators.
        assert len(validation["message"]) < 500
        assert len(validation["expression"]) < 10_000


def compiled(level: Level, *exemptions: Exemption, rule: str = "SEC-K8S-002") -> Any:
    chosen = {
        pack: build.profile(pack, levels=dict.fromkeys(pack.by_id, level), exemptions=exemptions) for pack in PACKS
    }
    made, left_out = compile_packs(chosen, "production", build.TODAY)
    return next((one for one in made if one.rule == rule), None), left_out


def test_mandatory_rule_denies_and_fails_closed() -> None:
    made, _ = compiled(Level.MANDATORY)
    assert made.binding["spec"]["validationActions"] == ["Deny"]
    assert made.policy["spec"]["failurePolicy"] == "Fail"


def test_advisory_rule_warns_and_never_stops_anybody() -> None:
    made, _ = compiled(Level.ADVISORY)
    assert made.binding["spec"]["validationActions"] == ["Warn", "Audit"]
    assert made.policy["spec"]["failurePolicy"] == "Ignore"


def test_disabled_rule_is_left_out_with_the_reason() -> None:
    made, left_out = compiled(Level.DISABLED)
    assert made is None
    assert left_out["SEC-K8S-002"] == "the profile disables it"


@pytest.mark.parametrize(("days", "actions"), [(0, ["Warn", "Audit"]), (-1, ["Deny"])])
def test_exempted_rule_warns_while_the_exemption_holds(days: int, actions: list[str]) -> None:
    exemption = Exemption.model_validate(
        {
            "rule": "SEC-K8S-002",
            "urn": "urn:pulumi:prod::*::*::driver",
            "owner": "gpu-team",
            "reason": "A driver that must see its device",
            "ticket": "SEC-1",
            "expires": (build.TODAY + datetime.timedelta(days)).isoformat(),
        }
    )
    assert compiled(Level.MANDATORY, exemption)[0].binding["spec"]["validationActions"] == actions


def test_rules_on_cluster_wide_kinds_of_charts_never_deny() -> None:
    found = [rule for rule in DEMANDS if OF_CHARTS.intersection(rule.kinds)]
    for rule in found:
        made, _ = compiled(Level.MANDATORY, rule=rule.id)
        assert made.binding["spec"]["validationActions"] == ["Warn", "Audit"]
