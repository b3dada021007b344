"""Every rule against its cases, by the evaluator; over the analyzer protocol in test_adapter.py."""

from collections.abc import Iterator

import pytest

from policies._engine.rule import Verdict
from tests.policies import build
from tests.policies.build import RULES, Case
from tests.policies.cases import CASES


@pytest.mark.parametrize("rule", RULES)
def test_rule_gives_the_verdict_of_each_of_its_cases(rule: str) -> None:
    # One test for each rule: there are thousands of cases, and a test of its own costs more than a case.
    assert [problem for case in CASES if case.rule == rule for problem in problems(case)] == []


def problems(case: Case) -> Iterator[str]:
    """Yield what a rule answers otherwise than a case says."""
    judgement = build.answer(case)
    text = "\n".join(judgement.reasons)
    if judgement.verdict is not case.expected:
        yield f"{case} is {judgement.verdict}: {text}"
    if case.says not in text:
        yield f"{case} does not say {case.says!r}: {text}"
    if "the rule itself failed" in text or (case.expected is Verdict.FAIL and build.UNKNOWN in text):
        yield f"{case} names a crash or the mark of an unknown: {text}"
