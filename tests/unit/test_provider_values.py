"""Values on the wire and back, differences of inputs, and what a refresh does to inputs."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.provider.changes import Change, compare, refreshed_inputs
from sandbox.provider.values import (
    UNKNOWN,
    UNKNOWN_ON_WIRE,
    contains_unknown,
    from_wire,
    leaves,
    to_wire,
)

# Whole numbers beyond 2**53 are no longer exact on the wire, which has only doubles.
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda n: not n.is_integer()
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda t: t != UNKNOWN_ON_WIRE)
scalars = st.booleans() | numbers | text | st.just(UNKNOWN)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=10,
)
props = st.dictionaries(text, values, max_size=4)


@settings(deadline=None, max_examples=50)
@given(props)
def test_wire_round_trip_keeps_everything(value: dict[str, Any]) -> None:
    assert from_wire(to_wire(value)) == value


@settings(deadline=None, max_examples=50)
@given(props)
def test_wire_bytes_round_trip_keeps_everything(value: dict[str, Any]) -> None:
    struct = struct_pb2.Struct.FromString(to_wire(value).SerializeToString())
    assert from_wire(struct) == value


def test_wire_null_members_are_left_out_and_null_items_stay() -> None:
    assert from_wire(to_wire({"a": None, "b": {"c": None}, "d": [None, {"e": None}]})) == {"b": {}, "d": [None, {}]}


def test_wire_whole_numbers_come_back_as_integers() -> None:
    found = from_wire(to_wire({"a": 3, "b": 3.0, "c": 3.5, "d": True}))
    assert [(type(v), v) for _, v in sorted(found.items())] == [(int, 3), (int, 3), (float, 3.5), (bool, True)]


def test_wire_infinite_numbers_stay_numbers() -> None:
    found = from_wire(to_wire({"a": math.inf, "b": math.nan}))
    assert found["a"] == math.inf
    assert math.isnan(found["b"])


def test_wire_other_containers_become_lists() -> None:
    assert from_wire(to_wire({"a": (1, 2), "b": {3}, "c": frozenset()})) == {"a": [1, 2], "b": [3], "c": []}


def test_wire_unknown_is_the_engines_word_for_it() -> None:
    assert to_wire({"a": UNKNOWN}).fields["a"].string_value == UNKNOWN_ON_WIRE
    assert from_wire(to_wire({"a": UNKNOWN}))["a"] is UNKNOWN


def test_unknown_is_no_condition() -> None:
    with pytest.raises(TypeError, match="an unknown value was used as a condition"):
        bool(UNKNOWN)
    assert repr(UNKNOWN) == "<unknown>"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UNKNOWN, True),
        ({"a": [{"b": UNKNOWN}]}, True),
        ([[], UNKNOWN], True),
        ({"a": [{"b": None}]}, False),
        ("<unknown>", False),
        (None, False),
    ],
)
def test_contains_unknown_table(value: Any, expected: bool) -> None:
    assert contains_unknown(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1}, [("a", 1)]),
        ({"a": {"b": [1, {"c": 2}]}}, [("a.b[0]", 1), ("a.b[1].c", 2)]),
        ({"a": {}, "b": []}, [("a", {}), ("b", [])]),
        ({"tags": {"kubernetes.io/role/elb": "1"}}, [('tags["kubernetes.io/role/elb"]', "1")]),
        ({"a": {'say "hi"\\': 1}}, [('a["say \\"hi\\"\\\\"]', 1)]),
        ({"a": {"": 1}}, [('a[""]', 1)]),
        ({"a-b": 1, "$c": 2, "_d": 3}, [("a-b", 1), ("$c", 2), ("_d", 3)]),
        ({"a": {"0": 1}}, [('a["0"]', 1)]),
    ],
)
def test_leaves_paths_are_those_of_the_engine(value: Any, expected: list[tuple[str, Any]]) -> None:
    assert list(leaves(value)) == expected


@settings(deadline=None, max_examples=50)
@given(props)
def test_leaves_no_two_share_a_path(value: dict[str, Any]) -> None:
    paths = [path for path, _ in leaves(value)]
    assert len(set(paths)) == len(paths)


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    return [(c.path, c.kind) for c in compare(old, new, lambda _: False)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", "update")]),
        ({}, {"a": 1}, [("a", "add")]),
        ({"a": 1}, {}, [("a", "delete")]),
        ({"a": None}, {}, []),
        ({"a": {}}, {"a": []}, []),
        ({"a": {"b": None}}, {}, []),
        ({"a": {"b": {"c": {}}}}, {"a": {}}, []),
        ({"a": [{"b": None, "c": 1}]}, {"a": [{"c": 1}]}, []),
        ({"a": [{}, 1]}, {"a": [1]}, [("a[0]", "update"), ("a[1]", "delete")]),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, [("a[2]", "add")]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [("a.b", "delete"), ("a.c", "add")]),
        ({"a.b": 1}, {"a": {"b": 1}}, [('["a.b"]', "delete"), ("a.b", "add")]),
        ({"a": "1"}, {"a": 1}, [("a", "update")]),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": True}, {"a": 1}, [("a", "update")]),
        ({"a": False}, {"a": 0}, [("a", "update")]),
        ({"a": False}, {}, [("a", "delete")]),
        ({"a": ""}, {}, [("a", "delete")]),
        ({"a": 1}, {"a": UNKNOWN}, [("a", "update")]),
        ({"a": UNKNOWN}, {"a": UNKNOWN}, [("a", "update")]),
        ({}, {"a": UNKNOWN}, [("a", "add")]),
        ({"a": [1, 2]}, {"a": UNKNOWN}, [("a", "add"), ("a[0]", "delete"), ("a[1]", "delete")]),
        ({"__defaults": ["x"], "a": {"__defaults": []}}, {"__defaults": [], "a": {}}, []),
    ],
)
def test_compare_table(old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert changes(old, new) == expected


@settings(deadline=None, max_examples=50)
@given(props.filter(lambda p: not contains_unknown(p)))
def test_compare_a_value_with_itself_gives_nothing(value: dict[str, Any]) -> None:
    assert changes(value, value) == []


@settings(deadline=None, max_examples=50)
@given(props, props)
def test_compare_backwards_gives_the_opposite(old: dict[str, Any], new: dict[str, Any]) -> None:
    opposite = {"add": "delete", "delete": "add", "update": "update"}
    assert changes(new, old) == [(path, opposite[kind]) for path, kind in changes(old, new)]


def test_compare_asks_for_each_path_whether_it_replaces() -> None:
    found = compare({"name": "a", "tags": {"x": 1}}, {"name": "b", "tags": {"x": 2}}, lambda path: path == "name")
    assert found == [Change("name", "update", True), Change("tags.x", "update", False)]


@pytest.mark.parametrize(
    ("path", "top"), [("a", "a"), ("a.b", "a"), ("a[0].b", "a"), ('tags["x.y/z"]', "tags"), ("a.b[0]", "a")]
)
def test_change_top_is_the_property_of_the_resource(path: str, top: str) -> None:
    assert Change(path, "add", False).top == top


@pytest.mark.parametrize(
    ("inputs", "before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": "One"}, {"a": "one"}, {"a": "one"}, {"a": "One"}),
        ({"a": "One"}, {"a": "one"}, {"a": "two"}, {"a": "two"}),
        ({"a": 1}, {}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 1}, {}, {"a": 1}),
        ({}, {"arn": "x"}, {"arn": "y"}, {}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1]}, {"a": [1]}, {"a": []}, {"a": []}),
    ],
)
def test_refreshed_inputs_table(
    inputs: dict[str, Any], before: dict[str, Any], after: dict[str, Any], expected: dict[str, Any]
) -> None:
    given_ = dict(inputs)
    assert refreshed_inputs(inputs, before, after) == expected
    assert inputs == given_


@settings(deadline=None, max_examples=50)
@given(props, props)
def test_refreshed_inputs_nothing_moved_keeps_what_the_program_wrote(
    inputs: dict[str, Any], state: dict[str, Any]
) -> None:
    assert refreshed_inputs(inputs, state, state) == inputs
