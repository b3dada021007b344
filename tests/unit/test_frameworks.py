"""The frameworks: how their files are read, which of them can be asked, and how coverage is counted."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from policies import catalogue, frameworks, matrix
from policies.frameworks import Coverage, Framework, FrameworkError

ABOUT = {"framework": "toy", "title": "Toy", "version": "1", "source": "toys", "checked": "2026-11-27"}
CONTROLS = {"1.1": "First", "1.2": "Second", "2.1": "Third"}


def made(**more: Any) -> Framework:
    return Framework.model_validate({**ABOUT, "controls": CONTROLS, **more})


def toy(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    monkeypatch.setattr(frameworks, "frameworks", lambda: {"toy": made(**more)})


def test_not_covered_without_complete_is_refused() -> None:
    with pytest.raises(ValidationError, match="complete list only"):
        made(not_covered={"1.1": "no rule yet"})


def test_file_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra"):
        made(notcovered={})


def test_reason_of_a_reference_wins_over_a_glob() -> None:
    one = made(complete=True, not_covered={"1.*": "by glob", "1.2": "by reference"})
    assert (one.reason("1.1"), one.reason("1.2"), one.reason("2.1")) == ("by glob", "by reference", "")


def test_reason_of_the_first_glob_wins_over_later_ones() -> None:
    one = made(complete=True, not_covered={"1.*": "first", "*": "second"})
    assert (one.reason("1.1"), one.reason("2.1")) == ("first", "second")


def test_reason_glob_takes_parentheses_as_they_are() -> None:
    one = made(complete=True, not_covered={"AC-2(*)": "an enhancement"})
    assert (one.reason("AC-2(3)"), one.reason("AC-2")) == ("an enhancement", "")


def test_framework_unknown_names_those_that_can_be_asked() -> None:
    with pytest.raises(FrameworkError, match=r"no framework 'cis'; use one of .*cis-eks.*soc2") as caught:
        frameworks.framework("cis")
    assert "checkov" not in str(caught.value)


def test_framework_incomplete_says_so_and_names_those_that_can_be_asked() -> None:
    with pytest.raises(FrameworkError, match=r"of checkov only the controls that rules serve .* use one of .*cis-eks"):
        frameworks.framework("checkov")


def test_frameworks_are_read_in_the_order_of_their_names() -> None:
    assert list(frameworks.frameworks()) == sorted(frameworks.frameworks())


def test_coverage_has_each_control_once_in_the_order_of_the_file() -> None:
    rows = frameworks.coverage("cis-eks", catalogue.PACKS)
    assert [row.ref for row in rows] == list(frameworks.framework("cis-eks").controls)


def test_coverage_gives_rules_or_a_reason_and_never_both() -> None:
    for row in frameworks.coverage("fsbp", catalogue.PACKS):
        assert bool(row.rules) != bool(row.reason), row.ref


def test_coverage_names_a_rule_for_a_control_that_it_lists() -> None:
    rows = {row.ref: row.rules for row in frameworks.coverage("fsbp", catalogue.PACKS)}
    assert "SEC-EKS-001" in rows["EKS.1"]


def test_coverage_without_packs_covers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch, complete=True, not_covered={"1.*": "later"})
    rows = frameworks.coverage("toy", ())
    assert [(row.ref, row.rules, row.reason) for row in rows] == [
        ("1.1", (), "later"),
        ("1.2", (), "later"),
        ("2.1", (), ""),
    ]


def row(ref: str, *rules: str) -> Coverage:
    return Coverage(ref=ref, title="t", rules=rules, reason="" if rules else "a | b")


ROWS = (row("1", "SEC-A", "SEC-B"), row("2", "SEC-A"), row("3"))


def test_summary_counts_a_rule_once_however_many_controls_it_serves() -> None:
    assert matrix.served(ROWS) == ["SEC-A", "SEC-B"]
    assert matrix.line(made(), ROWS) == "2 of 3 controls covered, by 2 rules."


def test_summary_says_whose_judgement_it_is() -> None:
    assert matrix.line(made(judged="Ours."), ROWS) == "2 of 3 controls covered, by 2 rules. Ours."


def test_table_links_rules_and_gives_reasons_without_breaking_its_columns() -> None:
    lines = matrix.table(ROWS, {"SEC-A": "rules/SEC-A.md"}).splitlines()[2:]
    assert lines[0] == "| 1 | t | [SEC-A](rules/SEC-A.md), SEC-B |"
    assert lines[2] == r"| 3 | t | *not covered*: a \| b |"
