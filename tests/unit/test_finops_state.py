"""Exports and previews of Pulumi become plain resources; secrets and unknowns become neither values nor text."""

import json
from typing import Any

import pytest

from finops import UNKNOWN, State, StateError, estimate, estimate_state, from_preview, from_state, read
from finops.resource import Resource
from finops.state import SECRET, SIGNATURE, UNKNOWN_MARKS, plain
from finops.values import Malformed, NotKnown, Props, Unreadable
from tests.unit.finops_kit import TODAY, Plain, aws, provider, urn

CLUSTER = aws("eks/cluster:Cluster", "c", {"version": "1.36"})
LATER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PLANTED = "hunter2-planted-secret"


def step(op: str, resource: Plain, **more: Any) -> Plain:
    return {"op": op, "urn": resource["urn"], "newState": resource, **more}


@pytest.mark.parametrize(
    "document",
    [
        {"version": 3, "deployment": {"resources": [provider(), CLUSTER]}},
        {"version": 3, "checkpoint": {"stack": "dev", "latest": {"resources": [provider(), CLUSTER]}}},
        {"resources": [provider(), CLUSTER]},
        {"steps": [step("same", provider()), step("create", CLUSTER)], "changeSummary": {"create": 1}},
    ],
)
def test_document_of_any_kind_gives_its_resources(document: Plain) -> None:
    found = estimate(read(document), TODAY)
    assert [item.resource.name for item in found.items] == ["aws", "c"]
    assert found.environment == "dev"
    assert (found.items[1].region, found.items[1].state) == ("us-east-1", State.PRICED)


@pytest.mark.parametrize("document", [{"deployment": {}}, {"deployment": {"resources": None}}, {"resources": []}])
def test_document_without_resources_costs_nothing(document: Plain) -> None:
    shown = estimate_state(document, TODAY)
    assert shown["line"] == "$0.00 a month (floor $0.00, ceiling $0.00): 0 priced, 0 free"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "this is list, and neither a state nor a preview"),
        ("{}", "this is str"),
        ({}, "no list deployment.resources; give the output of pulumi stack export"),
        ({"deployment": {"resources": {}}}, "no list deployment.resources"),
        ({"deployment": None, "checkpoint": []}, "no list deployment.resources"),
        ({"steps": {}}, "no list of steps; give the output of pulumi preview --json"),
    ],
)
def test_document_of_another_kind_is_refused(document: Any, said: str) -> None:
    with pytest.raises(StateError, match=said):
        read(document)


def test_state_entry_that_is_no_object_is_an_unknown_resource() -> None:
    found = estimate(from_state({"resources": [None, 5, "x"]}), TODAY)
    assert [item.state for item in found.items] == [State.UNKNOWN] * 3


@pytest.mark.parametrize("op", ["delete", "delete-replaced", "read-discard"])
def test_preview_step_that_removes_is_left_out(op: str) -> None:
    assert from_preview({"steps": [step(op, CLUSTER)]}) == []


def test_preview_of_a_replacement_counts_the_resource_once() -> None:
    steps = [step("create-replacement", CLUSTER), step("replace", CLUSTER), step("delete-replaced", CLUSTER)]
    assert len(from_preview({"steps": steps})) == 1


def test_preview_steps_without_urn_are_kept_apart() -> None:
    assert len(from_preview({"steps": [{"op": "create"}, {"op": "create"}, "?"]})) == 2


@pytest.mark.parametrize("mark", sorted(UNKNOWN_MARKS))
def test_mark_of_an_unknown_is_unknown_at_any_depth(mark: str) -> None:
    assert plain({"a": [mark, {"b": mark}]}) == {"a": [UNKNOWN, {"b": UNKNOWN}]}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({SIGNATURE: SECRET, "ciphertext": "v1:abc"}, UNKNOWN),
        ({SIGNATURE: SECRET, "plaintext": json.dumps(PLANTED)}, UNKNOWN),
        ({SIGNATURE: SECRET, "value": PLANTED}, UNKNOWN),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 3}, 3),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": PLANTED, "secret": True}, UNKNOWN),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}, UNKNOWN),
        ({"a": None, "b": [1, True, 1.5]}, {"a": None, "b": [1, True, 1.5]}),
    ],
)
def test_special_object_is_opened_only_where_it_is_no_secret(raw: Plain, expected: Any) -> None:
    assert plain(raw) == expected


def test_plain_value_nested_without_end_stops() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    found, depth = plain(deep), 0
    while found is not UNKNOWN:
        (found,), depth = found, depth + 1
    assert depth == 100


def test_estimate_of_a_state_never_shows_what_is_secret() -> None:
    hidden = {SIGNATURE: SECRET, "plaintext": json.dumps(PLANTED)}
    inputs = {"engine": hidden, "instanceClass": hidden, "password": hidden, "allocatedStorage": hidden}
    shown = json.dumps(estimate_state({"resources": [provider(), aws("rds/instance:Instance", "d", inputs)]}, TODAY))
    assert PLANTED not in shown
    assert "engine is not known yet" in shown


def test_preview_value_that_is_not_known_yet_leaves_that_part_unknown() -> None:
    later = aws("eks/cluster:Cluster", "c", {"version": LATER})
    found = estimate(read({"steps": [step("create", provider()), step("create", later)]}), TODAY)
    assert (found.items[1].state, found.items[1].reason) == (State.UNKNOWN, "control plane: version is not known yet")


def test_output_stands_in_for_an_input_that_is_missing_or_unknown() -> None:
    assert Props({"a": UNKNOWN}, {"a": 1}).number("a") == 1
    assert Props({}, {"a": "x"}).text("a") == "x"
    assert Props({"a": "input"}, {"a": "output"}).text("a") == "input"
    with pytest.raises(NotKnown, match="a is not known yet"):
        Props({"a": UNKNOWN}, {}).at("a")


@pytest.mark.parametrize(
    ("value", "method"),
    [
        (1, "text"),
        ("x", "number"),
        (True, "number"),
        (-1, "number"),
        (10**10, "number"),
        (float("nan"), "number"),
        (float("inf"), "number"),
        ("1e3", "number"),
        ("yes", "flag"),
        (1, "flag"),
        ({}, "items"),
        ([1], "texts"),
        (["x"], "each"),
        ([], "mapping"),
    ],
)
def test_property_of_another_type_is_malformed_and_its_value_not_repeated(value: Any, method: str) -> None:
    with pytest.raises(Malformed) as error:
        getattr(Props({"a": {"b": value}}), method)("a.b")
    assert error.value.reason.startswith("a.b is not ")
    assert not isinstance(value, str) or value not in error.value.reason.removeprefix("a.b is not ")


def test_property_on_a_way_through_a_scalar_is_malformed() -> None:
    with pytest.raises(Malformed, match=r"a\.b is not inside an object"):
        Props({"a": 1}).at("a.b")


@pytest.mark.parametrize("method", ["texts", "each"])
def test_list_with_an_unknown_element_is_not_known(method: str) -> None:
    with pytest.raises(NotKnown):
        getattr(Props({"a": [UNKNOWN]}), method)("a")


def test_number_that_is_required_and_missing_says_so() -> None:
    with pytest.raises(Unreadable, match="size is not given"):
        Props({}).number("size")


def test_resource_without_name_or_type_takes_them_from_its_urn() -> None:
    found = Resource.of({"urn": urn("mlops:index:Cluster$aws:eks/cluster:Cluster", "c", "prod")})
    assert (found.type, found.name, found.stack) == ("aws:eks/cluster:Cluster", "c", "prod")
    assert Resource.of({"urn": "nonsense"}).stack == ""


def test_resource_takes_props_where_there_are_no_outputs() -> None:
    assert Resource.of({"props": {"a": "x"}}).props.text("a") == "x"
