"""Rules look at types and properties that the providers have."""

import re
from pathlib import Path

import pytest

from policies._engine.rule import Rule, Verdict
from policies.cost.tags import STATEFUL, taggable
from tests.policies import aws_types
from tests.policies.build import RULES
from tests.policies.cases import CASES

SIX = {"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "aws:s3/bucketV2:BucketV2"}
"""Types of version 6 of the provider that version 7 keeps as aliases."""

PROVIDERS = {"pulumi:providers:aws"}
"""Tokens of providers, which the packages do not register as resources."""

OUTPUTS = {"id", "arn", "tagsAll"}


@pytest.mark.parametrize("rule", list(RULES.values()), ids=list(RULES))
def test_rule_any_looks_at_types_that_exist(rule: Rule) -> None:
    assert set(rule.on) <= set(aws_types.classes()) | SIX | PROVIDERS


def test_taggable_file_lists_the_types_of_the_installed_provider() -> None:
    assert list(taggable()) == aws_types.taggable()


def test_stateful_types_are_taggable() -> None:
    assert set(taggable()) >= STATEFUL


@pytest.mark.parametrize("rule", RULES)
def test_cases_any_have_properties_that_the_provider_has(rule: str) -> None:
    specs = [spec for case in CASES if case.rule == rule for spec in case.specs]
    for spec in specs:
        if spec.type.startswith("aws:") and spec.type not in SIX:
            assert set(spec.props) <= aws_types.inputs(spec.type) | OUTPUTS, spec


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.kinds], ids=lambda rule: rule.id)
def test_rule_any_names_kinds_as_group_and_kind(rule: Rule) -> None:
    for kind in rule.kinds:
        assert re.fullmatch(r"([a-z0-9.-]+)?/[A-Z][A-Za-z0-9]+", kind)


def test_sources_no_rule_guesses_a_gpu_by_the_letters_of_a_type() -> None:
    # Facts say what has a GPU; a list of prefixes in a rule would rot unseen.
    for path in (Path(__file__).resolve().parents[2] / "policies").rglob("*.py"):
        assert not re.search(r"""["'](g4dn|g5|g6|p4d|p5|trn1|inf2)\b""", path.read_text()), path


def test_cases_all_verdicts_are_reached_by_typed_and_custom_kubernetes_objects() -> None:
    typed = {case.expected for case in CASES if case.specs[0].type.startswith("kubernetes:core/")}
    custom = {case.expected for case in CASES if case.specs[0].type.startswith("kubernetes:karpenter.sh/")}
    assert {Verdict.PASS, Verdict.FAIL, Verdict.UNDETERMINED} <= typed & custom
