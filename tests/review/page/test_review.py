"""The review as data: what the recorded run changes, costs and breaks, worked out by hand where it is an amount."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.resource import Resource
from review.page import document, words
from review.page.assemble import assemble
from review.page.model import CostRow, Outcome, Review, Support, Three
from review.page.scale import Scale, tick
from review.page.versions import versions
from tests.review import kit as short
from tests.review.page import kit, record


def row(review: Review, name: str) -> CostRow:
    return next(one for one in review.cost.components if one.name == name)


def test_cost_of_the_network_is_that_of_three_gateways_instead_of_one(recorded: Review) -> None:
    # A NAT gateway is $0.045 x 730 h = $32.85 and its address $0.005 x 730 h = $3.65.
    found = row(recorded, "network")
    assert found.before is not None
    assert found.after is not None
    assert found.before.expected == Decimal("36.50")
    assert found.after.expected == Decimal("109.50")
    assert found.difference.expected == Decimal("73.00")


def test_cost_of_a_pool_is_all_in_its_ceiling(recorded: Review) -> None:
    # Four g6e.xlarge: 4 x $1.861 x 730 h = $5,434.12; their disks 4 x 200 x $0.08 = $64.00.
    found = row(recorded, "pool-batch")
    assert found.before is None
    assert found.after == Three(floor=Decimal(0), expected=Decimal(0), ceiling=Decimal("5498.12"))


def test_differences_by_component_add_up_to_that_of_the_stack(recorded: Review) -> None:
    together = sum((one.difference.expected for one in recorded.cost.components), Decimal(0))
    assert abs(together - recorded.cost.total.difference.expected) <= Decimal("0.05")
    assert together == Decimal("215.60")


def test_repository_that_goes_is_the_only_data_that_is_lost(recorded: Review) -> None:
    [lost] = [one for one in recorded.changes if one.loses_data]
    assert (lost.name, lost.type, lost.operation) == ("images-serving", "aws:ecr/repository:Repository", "delete")
    assert recorded.changes[0] == lost


def test_findings_have_component_and_team(recorded: Review) -> None:
    found = next(one for one in recorded.findings if one.name == "tracking-db-instance")
    assert (found.component, found.team) == ("tracking-db", "ml-platform@example.com")


def test_exemptions_have_days_left(recorded: Review) -> None:
    days = {one.exemption.ticket: one.exemption.days_left for one in recorded.findings if one.exemption}
    # 2026-11-27 to 2026-12-04, and to 2027-02-26: 3 + 31 + 31 + 26 days.
    assert days == {"SEC-231": 7, "SEC-198": 91}


def test_component_whose_use_nobody_assumed_is_no_silent_zero(recorded: Review) -> None:
    found = next(one for one in recorded.components if one.name == "artifacts")
    assert found.cost.expected == 0
    assert found.at_least


def test_component_lists_its_resources_and_what_it_uses(recorded: Review) -> None:
    found = next(one for one in recorded.components if one.name == "pool-batch")
    assert found.operations == {"create": 3}
    assert not found.at_least
    assert set(found.uses) == {"cluster", "karpenter", "keys", "network"}
    assert sum(len(one.resources) for one in recorded.components) == 343 - 2  # two providers are in no component


@pytest.mark.parametrize(
    ("budget", "events", "code", "outcome"),
    [
        (Decimal(1000), short.run(short.passes("SEC-S3-001")), 0, Outcome.FINE),
        (None, short.run(short.passes("SEC-S3-001")), 0, Outcome.FINE),
        (Decimal(692), short.run(short.passes("SEC-S3-001")), 0, Outcome.OVER_BUDGET),
        (Decimal(692), short.run(short.policy(), result="failed"), 1, Outcome.MANDATORY),
        (Decimal(692), short.lines(short.PRELUDE, short.policy()), 1, Outcome.MANDATORY),
        (Decimal(692), short.lines(short.PRELUDE, short.passes("SEC-S3-001")), 1, Outcome.ERROR),
        (Decimal(1000), short.run(short.passes("SEC-S3-001")), 1, Outcome.ERROR),
        (Decimal(1000), [], 0, Outcome.ERROR),
    ],
)
def test_outcome_is_the_worst_that_is_certain(
    budget: Decimal | None, events: list[str], code: int, outcome: Outcome
) -> None:
    made = assemble(record.read_plan(), kit.report(events), kit.run(budget=budget, code=code))
    assert made.outcome is outcome
    assert made.exit_code == {"fine": 0, "error": 1, "mandatory": 2, "over-budget": 3}[outcome.value]


def test_plan_that_leaves_out_what_stays_is_not_whole() -> None:
    plan = record.read_plan()
    plan["steps"] = [step for step in plan["steps"] if step["op"] != "same"]
    made = assemble(plan, kit.report(short.run(short.passes("SEC-S3-001"))), kit.run(code=0))
    assert made.outcome is Outcome.ERROR
    assert any("283 unchanged resources" in problem and "--show-sames" in problem for problem in made.problems)


def test_plan_without_a_step_is_an_error_and_still_a_review() -> None:
    made = kit.empty()
    assert made.outcome is Outcome.ERROR
    assert made.cost.total.after is not None
    assert made.cost.total.after.expected == 0


@pytest.mark.parametrize("made", ["recorded", "hostile", "empty"])
def test_json_is_as_its_schema_says(made: str, recorded: Review) -> None:
    review = {"recorded": lambda: recorded, "hostile": kit.hostile_review, "empty": kit.empty}[made]()
    text = document.render(review)
    assert text.isascii()
    jsonschema.Draft202012Validator.check_schema(document.schema())
    jsonschema.validate(json.loads(text), document.schema(), format_checker=jsonschema.FormatChecker())
    assert Review.model_validate_json(text) == review


def test_schema_refuses_what_is_no_review(recorded: Review) -> None:
    whole = json.loads(document.render(recorded))
    for broken in ({**whole, "outcome": "good"}, {**whole, "schema_version": 2}, {**whole, "more": 1}, {}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, document.schema())


def eks(version: str, on: datetime.date) -> tuple[Support, int | None]:
    cluster = Resource.of({"urn": "u", "type": "aws:eks/cluster:Cluster", "inputs": {"version": version}})
    [found] = versions([cluster], {}, {}, on)
    return found.support, found.days_left


def test_kubernetes_is_supported_until_the_day_before_its_end() -> None:
    # 1.35: standard support ends on 2027-03-27, extended support on 2028-03-27.
    assert eks("1.35", datetime.date(2026, 11, 27)) == (Support.GOOD, 120)
    assert eks("1.35", datetime.date(2027, 3, 26)) == (Support.SOON, 1)
    assert eks("1.35", datetime.date(2027, 3, 27)) == (Support.EXTENDED, 366)
    assert eks("1.35", datetime.date(2028, 3, 27)) == (Support.OVER, 0)
    assert eks("9.99", datetime.date(2028, 3, 27)) == (Support.UNKNOWN, None)


def test_versions_name_charts_by_the_catalogue(recorded: Review) -> None:
    charts = {one.name: one for one in recorded.versions if one.kind == "chart"}
    assert charts["karpenter"].since == datetime.date(2026, 11, 23)
    other = {
        "urn": "u",
        "type": "kubernetes:helm.sh/v3:Release",
        "inputs": {"chart": "oci://r/karpenter", "version": "0.1.0"},
    }
    [found] = versions([Resource.of(other)], {}, {}, kit.TODAY)
    assert (found.support, found.latest) == (Support.UNKNOWN, "1.14.0")


AMOUNT = st.decimals(0, 10**9, places=2, allow_nan=False)


@given(st.lists(st.tuples(AMOUNT, AMOUNT, AMOUNT), max_size=4), AMOUNT)
def test_bars_are_within_the_scale_and_in_order(amounts: list[tuple[Decimal, ...]], budget: Decimal) -> None:
    threes = [Three(floor=a, expected=b, ceiling=c) for a, b, c in map(sorted, amounts)]
    rows = [CostRow(name="", before=None, after=one, difference=one, at_least=False, unbounded=False) for one in threes]
    scale = Scale(rows, budget)
    assert all(one.ceiling <= scale.end for one in threes)
    assert budget <= scale.end
    for one in threes:
        pieces = scale.bar(one)
        assert all(width > 0 and x + width <= 100.01 for _, x, width in pieces)
        assert [x for _, x, _ in pieces] == sorted(x for _, x, _ in pieces)


def test_scale_ends_at_a_round_number_whose_quarters_are_round_too() -> None:
    one = Three(floor=Decimal(0), expected=Decimal(0), ceiling=Decimal("23332.83"))
    scale = Scale([CostRow(name="", before=None, after=one, difference=one, at_least=False, unbounded=False)])
    assert [tick(amount) for amount in scale.ticks] == ["$0", "$2k", "$8k", "$18k", "$32k"]
    assert [scale.at(amount) for amount in scale.ticks] == [0, 25, 50, 75, 100]


@pytest.mark.parametrize(
    ("share", "told"),
    [("1", "100%"), ("0.9999", "just under 100%"), ("1.0001", "just over 100%"), ("0.6926", "69%"), ("12.5", "1,250%")],
)
def test_share_of_the_budget_is_never_rounded_across_it(share: str, told: str) -> None:
    assert words.percent(Decimal(share)) == told


@pytest.mark.parametrize(("amount", "told"), [("-14.155", "−$14.16"), ("0", "$0.00"), ("3", "+$3.00")])
def test_difference_has_its_sign(amount: str, told: str) -> None:
    assert words.signed(Decimal(amount)) == told


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
STATE = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["aws:eks/cluster:Cluster", "aws:rds/instance:Instance", "kubernetes:helm.sh/v3:Release", ""]
        )
    },
    optional={
        "inputs": st.dictionaries(st.sampled_from(["version", "chart", "engine", "engineVersion", "tags"]), JSON)
        | JSON,
        "propertyDependencies": JSON,
        "provider": JSON,
        "parent": JSON,
    },
)
STEP = st.fixed_dictionaries(
    {"urn": st.text(max_size=20).map(lambda name: f"urn:pulumi:s::p::a:b:C::{name}")},
    optional={
        "op": st.sampled_from(["create", "same", "delete", "replace", "odd"]),
        "newState": STATE,
        "oldState": STATE | JSON,
    },
)


@given(st.lists(STEP | JSON, max_size=4))
def test_plans_of_any_program_become_a_page_and_a_comment(listed: list[Any]) -> None:
    from review.page import comment, html

    made = assemble({"steps": listed}, kit.report([]), kit.run())
    assert "</html>" in html.render(made)
    assert len(comment.render(made)) < 60_000
