"""Every rule against its cases, by the evaluator and over the analyzer protocol."""

import pytest

from policies._engine.rule import Verdict
from tests.policies import build
from tests.policies.build import Case
from tests.policies.cases import CASES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule_case_gives_its_verdict(case: Case) -> None:
    judgement = build.answer(case)
    assert judgement.verdict is case.expected, judgement.reasons
    if case.says:
        assert case.says in "\n".join(judgement.reasons)


@pytest.mark.parametrize("case", [case for case in CASES if case.expected is Verdict.FAIL], ids=str)
def test_rule_failing_case_names_no_unknown_mark_and_no_crash(case: Case) -> None:
    text = "\n".join(build.answer(case).reasons)
    assert "the rule itself failed" not in text
    assert build.UNKNOWN not in text
