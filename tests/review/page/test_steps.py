"""Steps of a plan: one for each resource, what loses data first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.page.steps import steps, totals
from tests.review.page import record

BUCKET = "aws:s3/bucket:Bucket"
RULE = "aws:ec2/securityGroup:SecurityGroup"


def urn(name: str, kind: str = BUCKET) -> str:
    return f"urn:pulumi:dev::shop::{kind}::{name}"


def step(op: str, name: str, kind: str = BUCKET, **more: Any) -> dict[str, Any]:
    return {"op": op, "urn": urn(name, kind), "newState": {"type": kind, "urn": urn(name, kind)}, **more}


def test_recorded_plan_has_the_numbers_of_the_engine() -> None:
    plan = record.read_plan()
    found = totals(steps(plan))
    # The stack itself is among the engine's unchanged ones.
    assert found == {**plan["changeSummary"], "same": plan["changeSummary"]["same"] - 1}


def test_replacement_is_one_however_many_steps_it_takes() -> None:
    parts = ("create-replacement", "replace", "delete-replaced")
    for order in (parts, parts[::-1]):
        found = steps({"steps": [step(op, "data", replaceReasons=["bucket"]) for op in order]})
        assert [one.operation for one in found.values()] == ["replace"]


@pytest.mark.parametrize(("kind", "stateful"), [(BUCKET, True), (RULE, False)])
def test_what_holds_data_is_told_apart(kind: str, stateful: bool) -> None:
    [found] = steps({"steps": [step("delete", "data", kind)]}).values()
    assert found.stateful is stateful


def test_lost_data_comes_first_then_replacements_deletions_updates_creations() -> None:
    plan = {
        "steps": [
            step("create", "a", RULE),
            step("update", "b"),
            step("replace", "c", RULE),
            step("delete", "d", RULE),
            step("delete", "e"),
            step("replace", "f"),
        ]
    }
    ordered = sorted(steps(plan).values(), key=lambda one: one.rank)
    assert [one.name for one in ordered] == ["f", "e", "c", "d", "b", "a"]


def test_elements_of_a_list_that_differs_are_not_told_beside_it() -> None:
    paths = ["subnetIds", "subnetIds[0]", "subnetIds[1]", "tags.owner", "rules[0].port"]
    [found] = steps({"steps": [step("update", "x", detailedDiff={path: {} for path in paths})]}).values()
    assert found.properties == ("subnetIds", "tags.owner", "rules[0].port")


def test_protection_of_what_goes_is_seen_in_its_old_state() -> None:
    raw = {"op": "delete", "urn": urn("a"), "oldState": {"type": BUCKET, "protect": True}}
    [found] = steps({"steps": [raw]}).values()
    assert found.protected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("op", "urn", "newState", "oldState", "detailedDiff", "replaceReasons", "diffReasons")


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON, max_size=4), JSON)
def test_malformed_plans_break_nothing(listed: list[Any], other: Any) -> None:
    for one in listed:
        if isinstance(one, dict):
            one.setdefault("urn", urn("x"))
    totals(steps({"steps": listed}))
    assert steps({"steps": other if not isinstance(other, list) else None}) == {}
