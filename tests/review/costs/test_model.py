"""What is shown of a recorded preview: totals worked out by hand, what is open, what changes, budget and dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finops import Dimension, State
from finops.line import cents
from review.costs.amounts import ceiling, hourly, plain, signed
from review.costs.model import Costs, details, identities
from tests.review.costs import kit
from tests.unit import finops_kit

D = Decimal


@pytest.fixture(scope="module")
def shown() -> Costs:
    return kit.costs()


def test_totals_are_those_of_the_hand_computed_bill(shown: Costs) -> None:
    gateways = 2 * (D("0.045") + D("0.005")) * 730
    control_plane, key, secret = D("0.10") * 730, D(1), D("0.40")
    nodes = [D(2) * D("0.192") * 730, D(2) * D("0.2016") * 730, D(3) * D("0.2016") * 730]
    database = [D(50) * D("0.115"), D(50) * D("0.115"), D(250) * D("0.115")]
    pool = [D(0), D(0), 6 * D("0.8048") * 730 + 6 * 200 * D("0.08")]
    by_hand = [
        gateways + control_plane + key + secret + nodes[n] + database[n] + pool[n] for n in range(3)
    ]  # floor, expected, ceiling
    assert [cents(one) for one in by_hand] == [D("433.47"), D("447.49"), D("4238.68")]
    total = shown.total
    assert [cents(one) for one in (total.floor, total.expected, total.ceiling)] == [cents(one) for one in by_hand]
    assert shown.at_least


def test_groups_are_the_components_and_add_up(shown: Costs) -> None:
    assert [(group.name, cents(group.expected)) for group in shown.groups][:4] == [
        ("cluster", D("367.34")),
        ("network", D("73.00")),
        ("tracking-db", D("6.15")),
        ("keys", D("1.00")),
    ]
    assert sum(group.expected for group in shown.groups) == shown.found.expected


@pytest.mark.parametrize(
    ("by", "name"),
    [
        (Dimension.ENVIRONMENT, "sandbox"),
        (Dimension.TEAM, "ml-platform@example.com"),
        (Dimension.COST_CENTER, "ml-0001"),
        (Dimension.REGION, "us-east-1"),
        (Dimension.TYPE, "aws:eks/nodeGroup:NodeGroup"),
    ],
)
def test_groups_by_any_dimension_hold_the_whole(by: Dimension, name: str) -> None:
    shown = kit.costs(by=by)
    assert shown.groups[0].name == name
    assert sum(group.expected for group in shown.groups) == shown.found.expected


def test_open_things_come_with_their_reason_and_all_their_resources(shown: Costs) -> None:
    found = {(one.state, one.what): one for one in shown.open}
    database = found[State.UNPRICED, "postgres db.t4g.medium, single-AZ"]
    assert database.names == ("tracking-db-instance",)
    assert "no figure for rds.instance/postgres-single-db.t4g.medium in us-east-1" in database.why
    assert found[State.USAGE, "data through the NAT gateway"].names == ("network-nat-a", "network-nat-b")
    assert found[State.USAGE, "data through the NAT gateway"].why == "$0.045 per GB"
    assert found[State.UNKNOWN, "what the chart creates"].names == ("karpenter-controller",)
    states = [one.state for one in shown.open]
    assert states == sorted(states, key=[State.UNPRICED, State.UNKNOWN, State.USAGE].index)


def test_every_open_resource_is_named(shown: Costs) -> None:
    named = {name for one in shown.open for name in one.names}
    assert {item.resource.name for item in shown.found.items if item.open} == named


def test_changes_tell_added_removed_and_changed_with_their_arithmetic(shown: Costs) -> None:
    found = {(one.kind.value, one.item.resource.name, one.what): one for one in shown.changes}
    gateway = found["added", "network-nat-b", "NAT gateway"]
    assert (gateway.arithmetic, gateway.expected) == ("1 x $0.045 x 730 h = $32.85", "+$32.85")
    pool = found["removed", "pool-training-pool", "instances"]
    assert (pool.expected, pool.ceiling) == ("$0.00", "-$8,281.12")  # two g5.12xlarge for 730 hours
    storage = found["changed", "tracking-db-instance", "gp3 storage"]
    assert " -> floor 50 x $0.115 = $5.75" in storage.arithmetic
    assert (storage.expected, storage.ceiling) == ("+$3.45", "+$17.25")


def test_change_to_something_unpriced_is_not_known_and_never_nothing(shown: Costs) -> None:
    found = {one.what: one for one in shown.changes}
    assert found["postgres db.t4g.medium, single-AZ"].expected == "not known: unpriced"
    assert found["postgres db.t4g.medium, single-AZ"].arithmetic.startswith("new: no figure for")
    assert found["postgres db.t4g.small, single-AZ"].arithmetic == "no longer: 1 x $0.032 x 730 h = $23.36"
    whole = kit.of_resources(finops_kit.aws("sqs/queue:Queue", "q"))
    (queue,) = [one for one in whole.changes if one.item.resource.name == "q"]
    assert queue.expected.startswith("not known: ")


def test_change_line_says_what_is_left_out(shown: Costs) -> None:
    # 36.50 for the gateway and its address, 3.45 for storage, less 23.36 for the class that has no figure.
    assert shown.change_line == (
        "+$16.59 a month as expected, at least $430.90 -> at least $447.49: 2 added, 1 removed, 2 changed; "
        "what is open on either side is left out"
    )
    assert kit.costs(compared=False).change_line == ""


def test_pool_without_a_limit_is_unbounded_before_and_after() -> None:
    shown = kit.of_resources(finops_kit.pool(finops_kit.types("g6.xlarge")), finops_kit.node_class())
    assert ceiling(shown.total) == "unbounded"
    assert {one.ceiling for one in shown.changes} == {"unbounded"}
    beside = kit.of_resources(
        finops_kit.pool(finops_kit.types("g6.xlarge")), finops_kit.node_class(), finops_kit.aws("ec2/eip:Eip", "e")
    )
    assert ceiling(beside.total) == "unbounded, $3.65 without"


def test_missing_resources_make_a_lower_bound_and_say_how_to_get_them() -> None:
    shown = kit.of_resources(finops_kit.aws("ec2/eip:Eip", "e"), missing=2)
    assert not shown.found.at_least
    assert shown.at_least
    assert "2 unchanged resources" in shown.problems[0]
    assert "--show-sames" in shown.problems[0]


def test_stale_data_and_notes_of_the_book_are_problems() -> None:
    assert kit.costs().problems == ()
    shown = kit.costs(on=date(2027, 5, 23), notes=["own.yaml: rates[0] ended on 2026-10-31 and is not used"])
    assert shown.problems == (
        "own.yaml: rates[0] ended on 2026-10-31 and is not used",
        "prices are of 2026-11-23 and were to be reviewed by 2027-05-22",
        "assumptions on use are of 2026-11-27 and were to be reviewed by 2027-05-22",
    )


@pytest.mark.parametrize(
    ("budget", "over", "line"),
    [
        ("1000", False, "$1,000.00 a month: expected is 45 % of it; the ceiling passes it"),
        ("447.49", False, "$447.49 a month: expected is 100 % of it; the ceiling passes it"),
        ("447.48", True, "$447.48 a month: expected is 100 % of it and passes it by $0.01"),
        ("10000", False, "$10,000.00 a month: expected is 4 % of it"),
    ],
)
def test_budget_is_passed_by_the_expected_figure_alone(budget: str, over: bool, line: str) -> None:
    shown = kit.costs(budget=D(budget))
    assert (shown.over_budget, shown.budget_line) == (over, line)
    assert not kit.costs().over_budget


def test_free_resources_have_no_line_and_others_have_one(shown: Costs) -> None:
    for item in shown.found.items:
        assert bool(list(details(item))) is (item.state is not State.FREE)


def test_identities_are_those_of_resources_that_stay() -> None:
    found = {urn.rsplit("::", 1)[-1]: name for urn, name in identities(kit.recorded()).items()}
    assert found["artifacts-models"] == "arn:aws:s3:::acme-mlp-sandbox-models-123456789012"
    assert "pool-training-pool" not in found
    assert "network-nat-b" not in found
    old = finops_kit.aws("ec2/eip:Eip", "e", id="eip-1")
    assert identities({"steps": [{"op": "replace", "oldState": old}, {"op": "same"}, 5]}) == {}
    assert identities({"steps": None}) == identities({"deployment": {}}) == {}


@pytest.mark.parametrize(
    ("amount", "text"),
    [("3", "+$3.00"), ("-3", "-$3.00"), ("0", "$0.00"), ("-0.001", "$0.00"), ("-1234.5", "-$1,234.50")],
)
def test_signed_amount_has_its_sign_in_front(amount: str, text: str) -> None:
    assert signed(D(amount)) == text


def test_hourly_amount_keeps_four_digits() -> None:
    assert hourly(D("3.65")) == "$0.0050"
    assert hourly(D("7300000")) == "$10,000.0000"


@pytest.mark.parametrize(("value", "text"), [("1E+3", "1000"), ("2.50", "2.5"), ("0.00", "0"), ("100", "100")])
def test_plain_number_is_one_for_machines(value: str, text: str) -> None:
    assert plain(D(value)) == text
