"""What was found is told in the form in which it was written, and what differs stays visible."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.aws.services._shapes import differs, dropped_by_moto, like, same_document


@pytest.mark.parametrize(
    ("known", "found", "told"),
    [
        (["b", "a"], ["a", "b"], ["b", "a"]),
        (["a"], ["a", "b"], ["a", "b"]),
        (["a", "b"], ["b"], ["b"]),
        (["a", "b", "c"], ["c", "x", "a"], ["a", "x", "c"]),
        ("true", True, "true"),
        ("100", 100, "100"),
        (300, 300.0, 300.0),
        (True, False, False),
        ("a", "b", "b"),
        (None, "", None),
        (None, "x", "x"),
        ({"a": 1}, {"a": 1, "b": None, "c": False, "d": []}, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": True}, {"a": 1, "b": True}),
        ({"a": True}, {"a": False}, {"a": False}),
        ({"a": {"b": 1}}, {}, {}),
        ({"prefix": "", "kept": []}, {}, {"prefix": "", "kept": []}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": {"d": []}}}, {"a": {"b": 1, "c": {"d": []}}}),
        ([{"k": "x", "v": 1}, {"k": "y", "v": 2}], [{"k": "y", "v": 2}, {"k": "x", "v": 9, "z": False}], None),
    ],
)
def test_like_keeps_the_form_of_what_is_known(known: Any, found: Any, told: Any) -> None:
    wanted = [{"k": "x", "v": 9}, {"k": "y", "v": 2}] if told is None and isinstance(found, list) else told
    assert like(known, found) == wanted


def test_like_of_equal_values_gives_the_written_one_itself() -> None:
    written = {"sizes": ["2", "1"], "flag": "true"}
    assert like(written, {"flag": True, "sizes": [1, 2], "extra": None}) == written


def test_same_document_ignores_order_of_actions_and_lists_of_one() -> None:
    written = json.dumps({"Statement": [{"Action": ["b", "a"], "Resource": "*", "Principal": {"AWS": ["x"]}}]})
    found = {"Statement": [{"Principal": {"AWS": "x"}, "Resource": ["*"], "Action": ["a", "b"]}]}
    assert same_document(written, found) == written
    assert same_document(written, json.dumps(found)) == written


def test_same_document_tells_a_document_that_says_something_else() -> None:
    written, found = '{"Statement": [{"Action": "a"}]}', '{"Statement": [{"Action": "b"}]}'
    assert same_document(written, found) == found
    assert same_document(written, None) is None
    assert same_document("no json", "other") == "other"


def test_same_document_keeps_a_mapping_that_the_program_wrote() -> None:
    written = {"Statement": [{"Action": ["a"]}]}
    assert same_document(written, '{"Statement": {"Action": "a"}}') == written


def test_dropped_by_moto_puts_back_only_the_named_members() -> None:
    known = [{"a": 1, "lost": 2, "other": 3, "inner": {"lost": 4}}]
    assert dropped_by_moto(known, [{"a": 1, "inner": {}}], "lost") == [{"a": 1, "inner": {"lost": 4}, "lost": 2}]
    assert dropped_by_moto(known, [{"a": 1}, {"a": 2}], "lost") == [{"a": 1}, {"a": 2}]
    assert dropped_by_moto(None, [{"a": 1}], "lost") == [{"a": 1}]


def test_differs_takes_null_and_missing_as_the_same() -> None:
    assert not differs({}, {"a": None}, "a")
    assert not differs({"a": 1}, {"a": 1, "b": 2}, "a")
    assert differs({"a": 1}, {}, "a")
    assert differs({"a": True}, {"a": False}, "a")
    assert differs({}, {"a": False}, "a")
