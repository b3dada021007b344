"""Conditions: what they say of known values, and that what is unknown never makes them say something wrong."""

import itertools
from typing import Any

import pytest

from policies._engine.conditions import (
    ALWAYS,
    NEVER,
    OBJECT,
    PARTIAL,
    POD,
    SELF,
    Bindings,
    Condition,
    Matches,
    failing_item,
    holds,
    namespace,
    place,
    pod,
    this,
    whole,
)
from policies._engine.wire import UnknownValue
from tests.policies.bindings import MARKS, YES, answer, of, view
from tests.policies.build import UNKNOWN, UNKNOWN_LIST, UNKNOWN_OBJECT, secret

KNOWN: list[tuple[Condition, dict[str, Any], bool | None]] = [
    (this("a").is_("x"), {"a": "x"}, True),
    (this("a").is_("x"), {"a": "y"}, False),
    (this("a").is_("x"), {}, False),
    (this("a").is_("x"), {"a": None}, False),
    (this("a").is_("x"), {"a": ["x"]}, False),
    (this("a").is_("x"), {"a": {"x": 1}}, False),
    (this("a").is_(True), {"a": True}, True),
    (this("a").is_(True), {"a": 1}, False),
    (this("a").is_(True), {"a": "true"}, False),
    (this("a").is_(1), {"a": 1}, True),
    (this("a").is_(1), {"a": True}, False),
    (this("a").is_(0), {"a": False}, False),
    (this("a").is_(0), {"a": 0.0}, True),
    (this("a").is_not("x"), {}, True),
    (this("a").is_not("x"), {"a": "x"}, False),
    (this("a").one_of("x", "y"), {"a": "y"}, True),
    (this("a").one_of(), {"a": "y"}, False),
    (this("a").one_of(), {"a": UNKNOWN}, False),
    (this("a").missing(), {}, True),
    (this("a").missing(), {"a": None}, True),
    (this("a").missing(), {"a": ""}, False),
    (this("a").missing(), {"a": {}}, False),
    (this("a").present(), {"a": False}, True),
    (this("a.b").missing(), {"a": None}, True),
    (this("a.b").missing(), {"a": {}}, True),
    (this("a.b").missing(), {"a": "x"}, None),
    (this(("a", "b.c/d")).is_("x"), {"a": {"b.c/d": "x"}}, True),
    (this("a").matches("^x"), {"a": "xy"}, True),
    (this("a").matches("^x"), {"a": "yx"}, False),
    (this("a").matches("y"), {"a": "xyz"}, True),
    (this("a").matches("x"), {}, False),
    (this("a").matches("x"), {"a": 5}, None),
    (this("a").at_most(5), {"a": 5}, True),
    (this("a").at_most(5), {"a": 5.5}, False),
    (this("a").at_most(5), {}, False),
    (this("a").at_most(5), {"a": "4"}, None),
    (this("a").at_most(5), {"a": True}, None),
    (this("a").every(NEVER), {}, True),
    (this("a").every(NEVER), {"a": []}, True),
    (this("a").every(NEVER), {"a": [1]}, False),
    (this("a").every(ALWAYS), {"a": "x"}, None),
    (this("a").every(ALWAYS), {"a": {"b": 1}}, None),
    (this("a").every(this("b").is_(1)), {"a": [{"b": 1}, {"b": 1}]}, True),
    (this("a").every(this("b").is_(1)), {"a": [{"b": 1}, {"b": 2}]}, False),
    (this("a").every(this("b").is_(1)), {"a": [{"b": 1}, "b"]}, None),
    (this("a").every(this("b").is_(1)), {"a": ["b", {"b": 2}]}, False),
    (this("a").every(this("b").is_(1)), {"a": [None]}, None),
    (this("a").some(this("b").is_(1)), {"a": [{"b": 2}, {"b": 1}]}, True),
    (this("a").some(ALWAYS), {"a": []}, False),
    (this("a").some(ALWAYS), {"a": [None]}, True),
    (this("a").within("x", "y"), {"a": ["x", "y", "x"]}, True),
    (this("a").within("x"), {"a": ["x", "z"]}, False),
    (this("a").within(), {"a": ["x"]}, False),
    (this("a").within(), {}, True),
    (this("a").includes("x"), {"a": ["z", "x"]}, True),
    (this("a").includes("x"), {"a": ["z"]}, False),
    (this("a").includes("x"), {"a": [["x"], {"x": 1}, None, 1]}, False),
    (this("a").every(this("b").every(this().is_(1))), {"a": [{"b": [1, 1]}, {"b": []}, {}]}, True),
    (this("a").every(this("b").every(this().is_(1))), {"a": [{"b": [1]}, {"b": [1, 2]}]}, False),
    (this().present(), {}, True),
    (ALWAYS, {}, True),
    (NEVER, {}, False),
    (~ALWAYS, {}, False),
]


@pytest.mark.parametrize(("condition", "props", "expected"), KNOWN, ids=lambda value: str(value)[:60])
def test_condition_known_value_gives_its_answer(
    condition: Condition, props: dict[str, Any], expected: bool | None
) -> None:
    assert answer(condition, of(props)) is expected


@pytest.mark.parametrize(("condition", "props", "expected"), KNOWN, ids=lambda value: str(value)[:60])
def test_condition_secret_value_reads_like_a_plain_one(
    condition: Condition, props: dict[str, Any], expected: bool | None
) -> None:
    if not any(isinstance(value, str) and value in MARKS for value in props.values()):
        assert answer(condition, of({key: secret(value) for key, value in props.items()})) is expected


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "condition",
    [
        this("a").is_("x"),
        this("a").missing(),
        this("a").matches("x"),
        this("a").at_most(1),
        this("a").every(NEVER),
        this("a.b").is_("x"),
        this("a.b.c").missing(),
    ],
    ids=str,
)
def test_condition_on_an_unknown_value_names_its_place(condition: Condition, mark: str) -> None:
    with pytest.raises(UnknownValue, match=r"^a is not known yet"):
        holds(condition, of({"a": mark}))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([UNKNOWN, {"b": 2}], False),
        ([{"b": 2}, UNKNOWN_OBJECT], False),
        ([UNKNOWN, {"b": 1}], None),
        ([{"b": UNKNOWN}, {"b": 2}], False),
        ([{"b": UNKNOWN}, {"b": 1}], None),
        ([secret(UNKNOWN), {"b": 2}], False),
    ],
)
def test_every_unknown_item_hides_no_bad_one(items: list[Any], expected: bool | None) -> None:
    assert answer(this("a").every(this("b").is_(1)), of({"a": items})) is expected


def test_includes_known_item_settles_it_beside_an_unknown_one() -> None:
    assert holds(this("a").includes("ALL"), of({"a": [UNKNOWN, "ALL"]}))
    assert answer(this("a").includes("ALL"), of({"a": [UNKNOWN, "x"]})) is None


# Levels.


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (({"a": 1}, {"a": 2}), True),
        (({"a": None}, {"a": 1}), True),
        (({}, {"a": 1}), True),
        (({}, {}, {"a": 1}), True),
        (({"a": 2}, {"a": 1}), False),
        (({"a": UNKNOWN}, {"a": 1}), None),
        (({"a": 1}, {"a": UNKNOWN}), True),
        (({}, {"a": UNKNOWN}), None),
        (({}, {}), False),
    ],
)
def test_levels_first_that_says_something_counts(levels: tuple[dict[str, Any], ...], expected: bool | None) -> None:
    assert answer(this("a").is_(1), of(*levels)) is expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (({"volumes": [1]}, {"volumes": [1, 1]}), True),
        (({"volumes": [1]}, {"volumes": [2]}), False),
        (({"volumes": [2]}, {"volumes": [1]}), False),
        (({"volumes": UNKNOWN_LIST}, {"volumes": [2]}), False),
        (({"volumes": UNKNOWN_LIST}, {"volumes": [1]}), None),
        (({"volumes": "x"}, {"volumes": [2]}), False),
        (({}, {"volumes": [1]}), True),
        (({"volumes": None}, {}), True),
        # Other lists replace each other.
        (({"a": [1]}, {"a": [2]}), True),
        (({"a": [2]}, {"a": [1]}), False),
    ],
)
def test_levels_lists_that_kubernetes_merges_add_up(levels: tuple[dict[str, Any], ...], expected: bool | None) -> None:
    condition = this("volumes").every(this().is_(1)) & this("a").every(this().is_(1))
    assert answer(condition, of(*levels)) is expected


def test_levels_inner_condition_sees_all_of_the_pods() -> None:
    where: Bindings = {POD: (view({"volumes": [{}]}), view({"b": 1, "volumes": [{}]}))}
    assert holds(pod("volumes").every(pod("b").is_(1)), where)


# Roots.


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [({"namespace": "a"}, "a"), ({"namespace": ""}, "default"), ({"namespace": None}, "default"), ({}, "default")],
)
def test_namespace_is_default_where_none_is_given(metadata: dict[str, Any], expected: str) -> None:
    where = of({}, object={"metadata": metadata})
    assert holds(namespace().is_(expected), where)
    assert not holds(namespace().is_("b"), where)


def test_namespace_unknown_or_of_another_type_is_undetermined() -> None:
    for metadata in ({"namespace": UNKNOWN}, UNKNOWN_OBJECT, {"namespace": 5}, "x"):
        assert answer(namespace().is_("a"), of({}, object={"metadata": metadata})) is None


def test_root_that_a_subject_does_not_have_is_an_error_of_the_rule() -> None:
    with pytest.raises(KeyError):
        holds(pod("a").missing(), of({}))


def test_condition_of_another_class_is_an_error_of_the_rule() -> None:
    with pytest.raises(TypeError, match="Condition is no condition"):
        holds(Condition(), of({}))


def test_whole_and_item_are_told_apart_inside_every() -> None:
    where = of({"a": [{"b": 1}]}, object={"b": 2})
    assert holds(this("a").every(this("b").is_(1) & whole("b").is_(2)), where)


# Patterns mean in Python what they mean in RE2, which the API server uses.


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        (r"^a\$$", "a$", True),
        (r"^a\$$", "a$\n", False),
        ("^[$]$", "$", True),
        ("^[^$]$", "$", False),
        (r"^[\]$]$", "$", True),
        ("^[]$]$", "]", True),
        (r"^\d$", "5", True),
        (r"^\d$", "\N{ARABIC-INDIC DIGIT FIVE}", False),
        (r"^\w+$", "é", False),
        (r"^\s$", "\N{NO-BREAK SPACE}", False),
        ("^.$", "é", True),
        ("(a|$)", "b", True),
        ("(?i)^KEY$", "key", True),
    ],
)
def test_pattern_finds_what_re2_finds(pattern: str, text: str, expected: bool) -> None:
    assert holds(Matches(this("a"), pattern), of({"a": text})) is expected


# Places, for messages.


def test_place_names_the_level_that_says_something() -> None:
    where: Bindings = {SELF: (view({}, "near"), view({"a": "x"}, "far"))}
    assert place(this("a"), where) == ("far.a", '"x"')
    assert place(this("b"), where) == ("near.b", "unset")
    assert place(namespace(), {OBJECT: (view({}),)}) == ("metadata.namespace", "unset")


@pytest.mark.parametrize(
    ("props", "shown"),
    [({"a": secret("x")}, "[secret]"), ({"a": UNKNOWN}, "unknown"), ({"a": [secret("x"), "y"]}, '[[secret], "y"]')],
)
def test_place_shows_no_secret_and_no_mark(props: dict[str, Any], shown: str) -> None:
    assert place(this("a"), of(props)) == ("a", shown)


def test_place_of_an_item_that_is_no_object_says_so() -> None:
    assert place(this(), {SELF: (5,)}) == ("the item", "5")
    assert place(this("a"), {SELF: ()}) == ("the item", "unset")


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([1, 2, 3], ("a.1", "2")),
        ([UNKNOWN, 2], ("a.1", "2")),
        ([1, secret(2)], ("a.1", "[secret]")),
        ([{"b": 1}], ("a.0", "an object with 1 keys")),
        ([1, UNKNOWN], None),
        ([], None),
        (UNKNOWN_LIST, None),
        ("x", None),
    ],
)
def test_failing_item_is_the_first_that_is_wrong_for_sure(items: Any, expected: tuple[str, str] | None) -> None:
    assert failing_item(this("a").every(this().is_(1)), of({"a": items})) == expected


def test_failing_item_is_told_at_its_own_level() -> None:
    where: Bindings = {SELF: (view({"volumes": UNKNOWN_LIST}, "near"), view({"volumes": [1, 2]}, "far"))}
    assert failing_item(this("volumes").every(this().is_(1)), where) == ("far.volumes.1", "2")


def test_failing_item_of_another_condition_is_none() -> None:
    where = of({"a": [2]})
    for condition in (this("a").some(this().is_(1)), this("a").missing(), ALWAYS):
        assert failing_item(condition, where) is None


# Parts of objects.


@pytest.mark.parametrize(
    ("condition", "props", "expected"),
    [
        (this("a").is_(1), {"a": 1}, True),
        (this("a").is_(1), {"a": 2}, False),
        (this("a").is_(1), {}, None),
        (this("a").missing(), {}, None),
        (this("a").every(NEVER), {}, None),
        (this("a").every(NEVER), {"a": []}, True),
        (this("a").is_(1) | this("b").is_(1), {"b": 1}, True),
        (this("a").is_(1) & this("b").is_(1), {"b": 2}, False),
    ],
    ids=str,
)
def test_part_of_an_object_lacks_nothing_for_sure(
    condition: Condition, props: dict[str, Any], expected: bool | None
) -> None:
    assert answer(condition, {**of(props), PARTIAL: ()}) is expected


def test_conditions_are_values() -> None:
    pairs = itertools.product([this("a").is_(1), this("a").is_(2), this("b").is_(1)], repeat=2)
    assert sum(a == b for a, b in pairs) == 3
    assert len({this("a").is_(1) & YES, this("a").is_(1) & YES}) == 1
