"""The table at a terminal: what it shows, and that no text of a program steers the terminal or is taken for markup."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli.cost_commands import By, Format
from cli.cost_output import render
from finops import Dimension
from review.costs.model import Costs
from tests.review import kit as review_kit
from tests.review.costs import kit
from tests.unit import finops_kit


def table(shown: Costs, details: bool = False) -> str:
    return render(shown, Format.TABLE, details)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_table_shows_groups_totals_and_says_at_least() -> None:
    text = table(kit.costs())
    lines = [flat(line) for line in text.splitlines()]
    assert "component resources floor expected ceiling an hour at most open" in lines
    assert "cluster 2 ≥ $353.32 ≥ $367.34 ≥ $514.50 $0.5032 $0.7048 1" in lines
    assert "total, at least 14 ≥ $433.47 ≥ $447.49 ≥ $4,238.68 $0.6130 $5.8064 10" in lines
    assert "difference +$16.59 +$16.59 -$5,868.71" in lines
    assert any(line.startswith("cost $447.49 a month at least (floor $433.47, ceiling $4,238.68)") for line in lines)
    assert "assumed pool pool-serving-pool: 0 of its limit runs on average (default)" in lines
    assert "data prices of 2026-11-23, to be reviewed by 2027-05-22" in lines


def test_total_of_a_stack_without_open_ends_is_no_lower_bound() -> None:
    text = table(kit.of_resources(finops_kit.aws("ec2/eip:Eip", "e")))
    assert "at least" not in text
    assert "≥" not in text
    assert re.search(r"^total +1 +\$3\.65", text, re.MULTILINE)


def test_details_show_the_arithmetic_of_each_line() -> None:
    text = flat(table(kit.costs(compared=False), True))
    assert "1 x $0.10 x 730 h = $73.00" in text
    assert "1 x $0.10 x 730 h = $73.00" not in flat(table(kit.costs(compared=False)))


def test_many_changes_are_cut_and_counted_unless_details_are_asked_for() -> None:
    shown = kit.of_resources(*(finops_kit.aws("ec2/eip:Eip", f"address-{n}") for n in range(130)))
    assert "and 30 lines more; --details shows them all" in table(shown)
    assert "lines more" not in table(shown, True)


def test_pool_without_a_limit_reads_unbounded() -> None:
    shown = kit.of_resources(finops_kit.pool(finops_kit.types("g6.xlarge")), finops_kit.node_class())
    assert re.search(r"^total +1 +\$0\.00 +\$0\.00 +unbounded +\$0\.0000 +unbounded", table(shown), re.MULTILINE)


def test_problems_budget_and_own_rates_are_below() -> None:
    text = flat(table(kit.costs(budget=Decimal(400), missing=2, rates=["own.yaml"])))
    assert "budget $400.00 a month: expected is 112 % of it and passes it by $47.49" in text
    assert "not in this preview, and not counted: 2 unchanged resources of the stack" in text
    assert "own rates from own.yaml" in text


@settings(max_examples=40)
@given(st.text(max_size=30) | st.text("\x1b[]()/\\0;mJbold red\x07\x9b\r\n", max_size=30))
@example("\x1b[2J\x1b]0;title\x07\x9b31m")
@example("[bold red]x[/] [/] [link=http://e]y[/link] \\[ \\")
@example(review_kit.HOSTILE)
def test_table_of_a_hostile_program_steers_no_terminal_and_is_no_markup(value: str) -> None:
    text = table(kit.hostile(value), True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)
    text.encode()


def test_text_that_looks_like_markup_is_shown_as_it_is() -> None:
    assert "[bold red]x[/]" in table(kit.hostile("[bold red]x[/]"))


def test_names_of_dimensions_are_those_of_the_estimator() -> None:
    assert [by.value for by in By] == [dimension.value for dimension in Dimension]
