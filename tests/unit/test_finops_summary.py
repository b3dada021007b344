"""The cost line and the JSON: what they say, and how amounts are written."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finops import Estimate, Term, cost_line, default_book, estimate, estimate_state, to_json
from finops.line import HOURS, Line, State, cents, money, plain, unit_price
from tests.unit import finops_kit
from tests.unit.finops_kit import TODAY, Plain, aws, made, node_class, pool, provider, types, usage

D = Decimal
KEY = aws("kms/key:Key", "k")
ADDRESS = aws("ec2/eip:Eip", "e")
NOTHING = usage()
"""No assumptions: the library's own change with what is known of use."""
GPU = pool(types("g5.2xlarge"), limits={"nvidia.com/gpu": 1}), node_class()


def estimated(*resources: Plain) -> Estimate:
    return finops_kit.estimated(*resources, usage=NOTHING)


def test_cost_line_of_a_stack_without_open_ends_is_no_lower_bound() -> None:
    assert cost_line(estimated(ADDRESS)) == "$3.65 a month (floor $3.65, ceiling $3.65): 1 priced, 1 free"


@pytest.mark.parametrize(
    ("resource", "ending"),
    [
        (KEY, "2 priced, 1 free"),  # a key meters its requests
        (aws("s3/bucket:Bucket", "b"), "1 priced, 1 free, 1 depends on usage"),
        (aws("sqs/queue:Queue", "q"), "1 priced, 1 free, 1 unpriced"),
        (aws("made/up:Up", "u"), "1 priced, 1 free, 1 unknown"),
    ],
)
def test_cost_line_with_anything_missing_reads_at_least(resource: Plain, ending: str) -> None:
    line = cost_line(estimated(ADDRESS, resource))
    assert " a month at least (floor " in line
    assert line.endswith(f": {ending}")


def test_cost_line_of_an_incomplete_document_reads_at_least() -> None:
    line = cost_line(estimated(ADDRESS), missing=7)
    assert line == "$3.65 a month at least (floor $3.65, ceiling $3.65): 1 priced, 1 free, 7 not in the document"
    shown = to_json(estimated(ADDRESS), missing=7)
    assert (shown["line"], shown["missing"], shown["at_least"]) == (line, 7, True)
    assert to_json(estimated(ADDRESS))["at_least"] is False


def test_cost_line_shows_three_different_numbers() -> None:
    # 892.76 is a g5.2xlarge for 730 hours with its 100 GiB.
    assert cost_line(estimated(ADDRESS, *GPU)) == ("$3.65 a month (floor $3.65, ceiling $896.41): 2 priced, 2 free")


def test_cost_line_names_pools_without_a_limit() -> None:
    without = [pool(types("g5.2xlarge"), name=f"pool-{n}") for n in range(4)]
    line = cost_line(estimated(ADDRESS, node_class(), *without))
    assert "ceiling unbounded by pool-0, pool-1, pool-2 and 1 more, $3.65 without)" in line


def test_cost_line_of_stale_prices_says_so() -> None:
    review = default_book().review_by
    after = date.fromordinal(review.toordinal() + 1)
    assert "were to be reviewed by" not in cost_line(estimate([provider(), ADDRESS], review))
    line = cost_line(estimate([provider(), ADDRESS], after))
    assert line.endswith(f"; prices are of 2026-11-23 and were to be reviewed by {review}")


def test_cost_line_counts_every_resource_once() -> None:
    found = estimated(ADDRESS, KEY, aws("sqs/queue:Queue", "q"), *GPU, made("pulumi:pulumi:Stack", "s"))
    assert sum(found.counts.values()) == len(found.items) == 7
    assert set(found.counts) == set(State)


def test_json_holds_the_line_the_totals_and_the_arithmetic_of_each_resource() -> None:
    shown = json.loads(json.dumps(to_json(estimated(ADDRESS, *GPU))))
    assert shown["line"] == "$3.65 a month (floor $3.65, ceiling $896.41): 2 priced, 2 free"
    assert shown["monthly"] == {"floor": "3.65", "expected": "3.65", "ceiling": "896.41"}
    assert shown["hourly_expected"] == "0.01"
    assert shown["counts"] == {"priced": 2, "free": 2, "usage-dependent": 0, "unpriced": 0, "unknown": 0}
    assert shown["assumptions"] == ["pool gpu: 0 of its limit runs on average (default)"]
    assert shown["prices"] == {"as_of": "2026-11-23", "review_by": "2027-05-22", "stale": False}
    address = shown["resources"][1]
    assert (address["name"], address["state"], address["region"]) == ("e", "priced", "us-east-1")
    assert address["lines"][0]["arithmetic"] == "1 x $0.005 x 730 h = $3.65"
    assert address["lines"][0]["monthly"] == {"floor": "3.65", "expected": "3.65", "ceiling": "3.65"}
    (source,) = address["lines"][0]["sources"]
    assert (source["item"], source["basis"], source["date"]) == ("vpc/public-ipv4", "read", "2026-08-21")


def test_json_tells_whose_each_resource_is_and_what_a_meter_costs() -> None:
    tags = {"owner": "research", "cost-center": "cc-7", "environment": "trial"}
    group = made("x:y:Platform", "platform", custom=False)
    bucket = aws("s3/bucket:Bucket", "b", {"tags": tags}, parent=group["urn"])
    shown = to_json(estimated(group, bucket))["resources"][2]
    told = [shown[key] for key in ("component", "team", "cost_center", "environment")]
    assert told == ["platform", "research", "cc-7", "trial"]
    assert shown["lines"][0]["rate"] == "$0.023 per GB-month"
    assert shown["lines"][0]["unbounded"] is False


def test_json_of_an_unbounded_pool_has_no_amount_at_its_ceiling() -> None:
    shown = to_json(estimated(pool(types("g5.2xlarge")), node_class()))
    assert shown["unbounded"] == ["gpu"]
    assert shown["resources"][1]["lines"][0]["monthly"]["ceiling"] is None
    assert shown["resources"][1]["lines"][0]["unbounded"] is True


def test_estimate_state_takes_today_and_the_stack_of_the_document() -> None:
    shown = estimate_state({"resources": [provider(), ADDRESS]})
    assert shown["environment"] == "dev"
    assert abs((datetime.now(UTC).date() - date.fromisoformat(shown["on"])).days) <= 1
    assert estimate_state({"resources": []}, TODAY, "prod")["environment"] == "prod"


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0.00"), ("0.005", "$0.01"), ("0.0049", "$0.00"), ("1234567.895", "$1,234,567.90"), ("2.675", "$2.68")],
)
def test_money_is_rounded_half_up_to_the_cent(amount: str, text: str) -> None:
    assert money(D(amount)) == text


@pytest.mark.parametrize(
    ("usd", "text"), [("1", "$1.00"), ("0.1", "$0.10"), ("0.00099", "$0.00099"), ("55.04", "$55.04"), ("10", "$10.00")]
)
def test_unit_price_keeps_its_digits(usd: str, text: str) -> None:
    assert unit_price(D(usd)) == text


@pytest.mark.parametrize(
    ("value", "text"), [("2", "2"), ("1E+3", "1,000"), ("2.50", "2.5"), ("0.3333333333", "0.333333"), ("0", "0")]
)
def test_plain_number_has_no_exponent_and_no_zeros_at_its_end(value: str, text: str) -> None:
    assert plain(D(value)) == text


def test_totals_are_rounded_once_after_adding() -> None:
    reserved = {"instanceType": "t3.medium", "instanceCount": 1}
    found = estimated(*(aws("ec2/capacityReservation:CapacityReservation", str(n), reserved) for n in range(3)))
    each = D("0.0416") * HOURS
    assert each == D("30.368")
    assert cents(found.expected) == D("91.10")  # 91.104
    assert 3 * cents(each) == D("91.11")


def test_line_is_open_where_the_totals_lack_something() -> None:
    term = Term(D(1), D(1), hourly=False)
    assert not Line("a", State.PRICED, term, term, term).open
    assert Line("a", State.USAGE, rate="$1 per GB").open
    assert not Line("a", State.USAGE, None, term, term).open
    assert Line("a", State.UNPRICED).open
    assert Line("a", State.UNKNOWN).open


def test_term_of_nothing_needs_no_price() -> None:
    assert Term(D(0), None, hourly=True).monthly == 0
    assert str(Term(D(0), None, hourly=True)) == "0"
    assert str(Term(D(2), D("0.5"), True, "m5.large")) == "2 x $0.50 (m5.large) x 730 h"
