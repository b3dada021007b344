"""JSON: everything, in a form that is told by its version."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from review.costs import json_report
from tests.review import kit as review_kit
from tests.review.costs import kit
from tests.unit import finops_kit


def document(**options: Any) -> dict[str, Any]:
    return dict(json.loads(json_report.render(kit.costs(**options))))


def test_document_holds_totals_groups_open_things_budget_and_data() -> None:
    shown = document(budget=Decimal(400), rates=["own.yaml"])
    assert (shown["schema_version"], shown["stack"], shown["currency"]) == (1, "sandbox", "USD")
    assert shown["monthly"] == {"floor": "433.47", "expected": "447.49", "ceiling": "4238.68"}
    assert shown["at_least"] is True
    cluster = shown["groups"][0]
    assert (cluster["name"], cluster["resources"], cluster["monthly"]["expected"]) == ("cluster", 2, "367.34")
    assert cluster["hourly"]["expected"] == "0.5032"  # 367.336 / 730
    assert shown["budget"]["over"] is True
    assert {one["what"] for one in shown["data"]} == {"prices", "assumptions on use"}
    assert shown["own_rates"] == ["own.yaml"]
    assert any(one["state"] == "unpriced" and one["resources"] == ["tracking-db-instance"] for one in shown["open"])
    gateway = next(one for one in shown["resources"] if one["name"] == "network-nat-a" and one["lines"][1:])
    assert (gateway["component"], gateway["team"], gateway["cost_center"]) == (
        "network",
        "ml-platform@example.com",
        "ml-0001",
    )
    assert gateway["lines"][1]["rate"] == "$0.045 per GB"


def test_comparison_holds_both_sides_of_each_line() -> None:
    found = document()["comparison"]
    assert found["compared_with"] == "what is deployed"
    assert found["difference"] == {"floor": "16.59", "expected": "16.59", "ceiling": "-5868.71"}
    assert found["counts"] == {"added": 2, "removed": 1, "changed": 2}
    database = next(one for one in found["changes"] if one["name"] == "tracking-db-instance")
    assert database["states"] == {"before": "priced", "after": "unpriced"}
    storage = next(line for line in database["lines"] if line["what"] == "gp3 storage")
    assert storage["before"]["monthly"]["expected"] == "2.30"
    assert storage["after"]["monthly"]["expected"] == "5.75"
    assert document(compared=False)["comparison"] is None


def test_missing_resources_are_counted_and_make_a_lower_bound() -> None:
    one = finops_kit.aws("ec2/eip:Eip", "e")
    shown = json_report.document(kit.of_resources(one, missing=4))
    assert (shown["missing"], shown["at_least"]) == (4, True)
    assert "at least" in shown["line"]
    assert json_report.document(kit.of_resources(one))["at_least"] is False


def test_an_unbounded_pool_is_marked_in_its_group_and_line() -> None:
    shown = json_report.document(
        kit.of_resources(finops_kit.pool(finops_kit.types("g6.xlarge")), finops_kit.node_class())
    )
    assert shown["groups"][0]["unbounded"] is True
    pool = next(one for one in shown["resources"] if one["name"] == "gpu" and one["lines"])
    assert pool["lines"][0]["unbounded"] is True
    assert pool["lines"][0]["monthly"]["ceiling"] is None


@settings(max_examples=40)
@given(st.text(max_size=30))
@example(review_kit.HOSTILE)
@example("\ud800")
def test_document_of_a_hostile_program_is_ascii_and_reads_back(value: str) -> None:
    text = json_report.render(kit.hostile(value))
    assert text.isascii()
    assert json.loads(text)["stack"] == (value or json.loads(text)["environment"])
