"""CSV: FOCUS's names where they fit, sums that hold, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from finops import State
from review.costs import focus
from review.costs.model import Costs
from tests.review import kit as review_kit
from tests.review.costs import kit

D = Decimal
Rows = list[dict[str, str]]
FORMULAS = "=+-@＝＋－＠"
NUMBERS = {"ContractedCost", "ContractedUnitPrice", "ListCost", "ListUnitPrice", "PricingQuantity"} | {
    "x_FloorCost",
    "x_ExpectedCost",
    "x_CeilingCost",
    "x_BeforeExpectedCost",
}


def rows(shown: Costs) -> Rows:
    return list(csv.DictReader(io.StringIO(focus.render(shown), newline=""), strict=True))


def row(found: Rows, name: str, line: str) -> dict[str, str]:
    (one,) = [r for r in found if (r["ResourceName"], r["x_Line"]) == (name, line)]
    return one


@pytest.fixture(scope="module")
def found() -> Rows:
    return rows(kit.costs())


def test_columns_of_focus_come_first_and_own_ones_are_marked() -> None:
    own = [name.startswith("x_") for name in focus.COLUMNS]
    assert own == sorted(own)
    assert list(focus.FOCUS) == sorted(focus.FOCUS)
    assert all(re.fullmatch(r"(x_)?([A-Z][a-z0-9]*)+", name) and len(name) <= 50 for name in focus.COLUMNS)
    # What only a bill knows is not there at all, rather than there and wrong.
    assert not {"BilledCost", "EffectiveCost", "BillingPeriodStart", "ChargePeriodStart", "SkuId"} & set(focus.COLUMNS)


def test_priced_line_has_quantity_unit_price_and_cost(found: Rows) -> None:
    gateway = row(found, "network-nat-a", "NAT gateway")
    assert (gateway["PricingQuantity"], gateway["PricingUnit"]) == ("730", "Hours")
    assert (gateway["ListUnitPrice"], gateway["ListCost"]) == ("0.045", "32.85")
    assert (gateway["ServiceName"], gateway["ServiceCategory"]) == ("Amazon Virtual Private Cloud", "Networking")
    assert (gateway["ProviderName"], gateway["RegionId"]) == ("AWS", "us-east-1")
    assert (gateway["ContractedCost"], gateway["x_Change"], gateway["x_PriceBasis"]) == ("", "", "read")
    assert (gateway["x_Component"], gateway["x_Team"]) == ("network", "ml-platform@example.com")
    assert json.loads(gateway["Tags"])["cost-center"] == "ml-0001"


def test_list_cost_is_exactly_quantity_times_unit_price(found: Rows) -> None:
    priced = [r for r in found if r["ListUnitPrice"]]
    assert len(priced) >= 10
    for one in priced:
        assert D(one["ListUnitPrice"]) * D(one["PricingQuantity"]) == D(one["ListCost"])


def test_columns_add_up_to_the_totals(found: Rows) -> None:
    shown = kit.costs()
    sums = {name: sum(D(r[name] or 0) for r in found) for name in NUMBERS}
    assert sums["ListCost"] == sums["x_ExpectedCost"] == shown.found.expected
    assert sums["x_FloorCost"] == shown.found.floor
    assert sums["x_CeilingCost"] == shown.found.ceiling
    before = {(r["x_Urn"], r["x_Line"], r["x_Change"]): D(r["x_BeforeExpectedCost"] or 0) for r in found}
    assert shown.comparison is not None
    unchanged = sum(D(r["x_ExpectedCost"] or 0) for r in found if not r["x_Change"])
    assert sum(before.values()) + unchanged == shown.comparison.before.expected


def test_what_is_open_has_empty_costs_and_its_state(found: Rows) -> None:
    empty = [r for r in found if r["x_State"] in (State.UNPRICED, State.UNKNOWN) and not r["x_Change"]]
    assert {r["ResourceName"] for r in empty} >= {"karpenter-controller", "karpenter-interruptions"}
    assert all(r["ListCost"] == r["x_ExpectedCost"] == "" for r in empty)
    meter = row(found, "network-nat-a", "data through the NAT gateway")
    assert (meter["x_State"], meter["ListCost"], meter["x_Arithmetic"]) == (
        "usage-dependent",
        "",
        "depends on usage: $0.045 per GB",
    )


def test_change_is_marked_and_what_is_gone_has_no_cost(found: Rows) -> None:
    assert row(found, "network-nat-b", "NAT gateway")["x_Change"] == "added"
    storage = row(found, "tracking-db-instance", "gp3 storage")
    assert storage["x_Change"] == "changed"
    assert (storage["x_BeforeExpectedCost"], storage["x_ExpectedCost"]) == ("2.3", "5.75")
    gone = row(found, "pool-training-pool", "instances")
    assert (gone["x_Change"], gone["x_ExpectedCost"], gone["x_CeilingCost"]) == ("removed", "", "")
    assert gone["x_Component"] == "pool-training"


def test_resource_keeps_the_name_that_aws_gave_it_and_its_account(found: Rows) -> None:
    bucket = row(found, "artifacts-models", "storage, standard")
    assert bucket["ResourceId"] == "arn:aws:s3:::acme-mlp-sandbox-models-123456789012"
    assert bucket["SubAccountId"] == ""  # the ARN of a bucket has none
    cluster = row(found, "cluster-control-plane", "control plane, standard support")
    assert cluster["SubAccountId"] == "123456789012"
    assert row(found, "network-nat-b", "NAT gateway")["ResourceId"] == ""
    named = rows(kit.costs(account="210987654321"))
    assert row(named, "network-nat-b", "NAT gateway")["SubAccountId"] == "210987654321"


def test_own_rate_is_contracted_beside_the_list_price() -> None:
    gateway = row(rows(kit.costs(company=True)), "network-nat-a", "NAT gateway")
    assert (gateway["ContractedUnitPrice"], gateway["ContractedCost"]) == ("0.0405", "29.565")
    assert (gateway["ListUnitPrice"], gateway["ListCost"]) == ("0.045", "32.85")
    assert (gateway["x_ExpectedCost"], gateway["x_PriceBasis"]) == ("29.565", "company")


def test_numbers_are_plain_and_other_cells_of_the_recording_are_untouched(found: Rows) -> None:
    for one in found:
        assert all(re.fullmatch(r"(\d+(\.\d+)?)?", one[name]) for name in NUMBERS)
        assert not any(value.startswith("'") for value in one.values())


@given(st.text(max_size=40) | st.text("=+-@＝＋－＠;,\t\r\n\"'| 1A(!", max_size=20))
@example('=HYPERLINK("http://evil","x")')
@example("\t=1+1")
@example("a\";=cmd|'/C calc'!A0;\"")
@example("＝1+1")
@example(review_kit.HOSTILE)
def test_cell_of_programs_is_text_for_every_spreadsheet(value: str) -> None:
    safe = focus.cell(value)
    assert not safe.startswith(tuple(FORMULAS))
    assert safe == safe.strip()
    # A spreadsheet that separates by semicolons finds no second cell, one that separates by tabs or lines neither.
    assert not re.search(r"[;\t\r\n\x00-\x1f\x7f-\x9f\u2028\u2029]", safe)


@settings(max_examples=40)
@given(st.text(max_size=30) | st.text("=+-@;,\t\r\n\"'| 1A(!", max_size=12))
@example("=1+1")
@example('";=1+1;"')
@example(review_kit.HOSTILE)
def test_table_of_a_hostile_program_keeps_its_columns_and_holds_no_formula(value: str) -> None:
    text = focus.render(kit.hostile(value))
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(line) for line in lines} == {len(focus.COLUMNS)}
    cells = [cell for line in lines[1:] for name, cell in zip(focus.COLUMNS, line, strict=True) if name not in NUMBERS]
    assert not [cell for cell in cells if cell.startswith(tuple(FORMULAS))]
    assert ";" not in text
    text.encode()
    for line in lines[1:]:
        tags = dict(zip(focus.COLUMNS, line, strict=True))["Tags"]
        assert not tags or isinstance(json.loads(tags), dict)
