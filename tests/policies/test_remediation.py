"""Fixes: asked for, safe, idempotent, and blind to what they need not touch."""

from typing import Any

import pytest

from policies._engine import wire
from policies._engine.evaluate import Judge, Settings
from policies._engine.exemptions import Exemption
from policies._engine.model import Resource
from policies._engine.profiles import Level
from policies._engine.registry import Pack
from policies._engine.rule import Rule, Verdict
from policies._engine.values import View
from tests.policies import build
from tests.policies.build import RULES, UNKNOWN, Case, Spec, secret
from tests.policies.cases import CASES
from tests.policies.cases.cost import storage as disks
from tests.policies.cases.security import cluster

FIXABLE = [rule for rule in RULES.values() if rule.fix is not None]
BROKEN = [case for case in CASES if RULES[case.rule].fix is not None and case.expected is Verdict.FAIL]
OTHERS = [case for case in CASES if RULES[case.rule].fix is not None and case.expected is not Verdict.FAIL]
CLUSTER = "aws:eks/cluster:Cluster"


def judge(case: Case, level: Level = Level.REMEDIATE, **kwargs: Any) -> Judge:
    pack = build.pack_of(case.rule)
    levels = {rule.id: level if rule.id == case.rule else Level.DISABLED for rule in pack.rules}
    profile = build.profile(pack, {case.rule: case.params}, levels=levels, exemptions=kwargs.pop("exemptions", ()))
    return Judge(pack, Settings(profile, environment=case.environment, **kwargs), build.TODAY)


def repaired(judging: Judge, resource: Resource) -> Resource:
    repairs = list(judging.repairs(resource))
    return resource.with_properties(repairs[-1].raw) if repairs else resource


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_fix_failing_case_passes_after_it_and_a_second_one_changes_nothing(case: Case) -> None:
    judging = judge(case)
    before = build.resource(case.specs[0])
    after = repaired(judging, before)
    if after is before:
        assert case.rule in NOT_REPAIRED.get(case.name, ())
        return
    assert judging.judge(RULES[case.rule], after).verdict is Verdict.PASS
    assert list(judging.repairs(after)) == []


NOT_REPAIRED = {
    # Replacing an instance's root volume replaces the instance.
    "root of an instance": ("COST-EC2-001",),
    # So does encrypting a volume or an instance that stands. Of devices and keys that nobody named, none is guessed.
    **dict.fromkeys(
        (
            "volume left to the default",
            "volume in the clear",
            "template without volumes",
            "instance whose root is in the clear",
            "instance with an unknown disk and a plain one",
            "configuration",
            "karpenter default in production",
            "storage class left to the default",
            "storage class of old",
            "no own key in production",
            "the key of AWS in production",
        ),
        ("SEC-EC2-003",),
    ),
}


@pytest.mark.parametrize("case", OTHERS, ids=str)
def test_fix_other_verdicts_are_left_alone(case: Case) -> None:
    assert list(judge(case).repairs(build.resource(case.specs[0]))) == []


@pytest.mark.parametrize("rule", FIXABLE, ids=lambda rule: rule.id)
def test_fix_any_repairs_at_least_one_case(rule: Rule) -> None:
    cases = [case for case in BROKEN if case.rule == rule.id]
    assert any(list(judge(case).repairs(build.resource(case.specs[0]))) for case in cases)


def test_fixes_are_those_that_change_a_running_platform_least() -> None:
    assert {rule.id for rule in FIXABLE} == {
        "SEC-EKS-005",
        "SEC-EC2-001",
        "SEC-EC2-003",
        "SEC-ECR-002",
        "SEC-KMS-001",
        "COST-EC2-001",
        "COST-LOG-001",
    }


LOGS = Case("SEC-EKS-005", "logs", Verdict.FAIL, (Spec(CLUSTER, {"name": "a"}),))


@pytest.mark.parametrize(
    ("level", "asked", "count"),
    [
        (Level.MANDATORY, False, 0),
        (Level.ADVISORY, False, 0),
        (Level.REMEDIATE, False, 1),
        (Level.ADVISORY, True, 1),
        (Level.DISABLED, True, 0),
    ],
)
def test_fix_runs_only_where_asked_for(level: Level, asked: bool, count: int) -> None:
    judging = judge(LOGS, level, remediate=asked)
    assert len(list(judging.repairs(build.resource(LOGS.specs[0])))) == count


def test_fix_exempted_resource_is_left_alone() -> None:
    exemption = Exemption(
        rule="SEC-EKS-005",
        urn=LOGS.specs[0].urn,
        owner="platform",
        reason="The log account is being moved.",
        ticket="SEC-2",
        expires="2026-12-31",  # type: ignore[arg-type]
    )
    assert list(judge(LOGS, exemptions=(exemption,)).repairs(build.resource(LOGS.specs[0]))) == []


def test_fix_keeps_secrets_unknowns_and_internal_keys() -> None:
    props = {
        "roleArn": UNKNOWN,
        "tags": secret({"a": "hunter2"}),
        "__defaults": ["name"],
        "vpcConfig": {"x": UNKNOWN},
    }
    before = build.resource(Spec(CLUSTER, props))
    after = repaired(judge(LOGS), before)
    assert after.props.raw == {**before.props.raw, "enabledClusterLogTypes": cluster.LOGS}
    assert after.props.raw["tags"][wire.SIGNATURE] == wire.SECRET
    assert "enabledClusterLogTypes" not in before.props.raw


def test_fix_that_meets_an_unknown_says_so_and_leaves_the_resource() -> None:
    template = Spec("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": [*disks.GP2, UNKNOWN]})
    case = Case("COST-EC2-001", "volumes", Verdict.FAIL, (template,))
    [repair] = judge(case).repairs(build.resource(template))
    assert "cannot be repaired: blockDeviceMappings.1 is not known yet" in repair.problem


def test_fix_that_breaks_is_reported_without_stopping() -> None:
    broken = RULES["SEC-KMS-001"].model_copy(update={"fix": lambda *_: {"a": 1 / 0}})
    pack = Pack("mlops-test", "0.1.0", "SEC", "Rules of a test", (broken,))
    judging = Judge(pack, Settings(build.profile(pack), remediate=True), build.TODAY)
    [repair] = judging.repairs(build.resource(Spec("aws:kms/key:Key")))
    assert "ZeroDivisionError" in repair.problem


def test_fixes_of_several_rules_build_on_each_other() -> None:
    template = Spec(
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"blockDeviceMappings": [*disks.GP2, *disks.GP3, *disks.GP2]},
    )
    case = Case("COST-EC2-001", "volumes", Verdict.FAIL, (template,))
    after = repaired(judge(case), build.resource(template))
    volumes = [item.at("ebs.volumeType") for item in after.props.sequence("blockDeviceMappings").mappings()]
    assert volumes == ["gp3"] * 3
    names = [View(item)["deviceName"] for item in after.props.raw["blockDeviceMappings"]]
    assert names == ["/dev/xvda"] * 3
