"""What is unknown never makes conditions say something wrong: compared with all that it may turn out to be."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies._engine import conditions
from policies._engine.conditions import (
    ALWAYS,
    NEVER,
    OBJECT,
    PARTIAL,
    POD,
    SELF,
    AllOf,
    AnyOf,
    Bindings,
    Condition,
    holds,
    namespace,
)
from policies._engine.wire import MalformedValue
from tests.policies.bindings import KLEENE, MARKS, NO, OPEN, YES, answer, of, view
from tests.policies.build import secret


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (YES & NO, False),
        (YES & OPEN, None),
        (OPEN & YES, None),
        (NO & OPEN, False),
        (OPEN & NO, False),
        (OPEN & OPEN, None),
        (YES | OPEN, True),
        (OPEN | YES, True),
        (NO | OPEN, None),
        (OPEN | NO, None),
        (NO | NO, False),
        (~OPEN, None),
        (~~YES, True),
        (~(OPEN & NO), True),
        (~(OPEN | YES), False),
        ((OPEN & NO) | (OPEN & YES), None),
        ((OPEN | YES) & (NO | OPEN), None),
        (AllOf((YES, YES, OPEN, NO)), False),
        (AnyOf((NO, OPEN, NO, YES)), True),
    ],
    ids=str,
)
def test_condition_unknown_matters_only_if_nothing_else_settles_it(condition: Condition, expected: bool | None) -> None:
    assert answer(condition, of(KLEENE)) is expected


# What an unknown may turn out to be.
COMPLETIONS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    7,
    "",
    "x",
    "xy",
    [],
    ["x"],
    ["y", 1],
    [{"a": "x"}],
    [{"a": 1, "b": ["x"]}, {}],
    {},
    {"a": "x"},
    {"a": 1, "b": {"a": "x"}},
    {"b": ["x", "y"], "volumes": [{"a": "x"}]},
)
SCALARS = st.sampled_from([None, True, False, 0, 1, 2, 7, "", "x", "y", "xy"])
KEYS = st.sampled_from(["a", "b", "volumes"])
LEAVES = SCALARS | st.sampled_from(MARKS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3) | inner.map(secret),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)
CONSTANTS = st.sampled_from([True, False, 0, 1, 7, "", "x", "y"])


@st.composite
def refs(draw: st.DrawFn, roots: tuple[str, ...]) -> conditions.Ref:
    return conditions.Ref(draw(st.sampled_from(roots)), tuple(draw(st.lists(KEYS, max_size=2))))


def conditions_over(roots: tuple[str, ...] = (SELF, POD, OBJECT)) -> st.SearchStrategy[Condition]:
    ref = refs(roots)
    plain = st.one_of(
        st.builds(lambda r, v: r.one_of(*v), ref, st.lists(CONSTANTS, max_size=3)),
        st.builds(lambda r: r.missing(), ref),
        st.builds(lambda r, p: r.matches(p), ref, st.sampled_from(["x", "^x", "y$", "^$"])),
        st.builds(lambda r, n: r.at_most(n), ref, st.integers(0, 3)),
        st.builds(lambda v: namespace().one_of(*v), st.lists(st.sampled_from(["default", "x"]), max_size=2)),
        st.sampled_from([ALWAYS, NEVER]),
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a & b, inner, inner),
            st.builds(lambda a, b: a | b, inner, inner),
            st.builds(lambda a: ~a, inner),
            st.builds(lambda r, a: r.every(a), ref, inner),
            st.builds(lambda r, a: r.some(a), ref, inner),
        ),
        max_leaves=6,
    )


SPACES = st.sampled_from(["x", "", None, *MARKS])


@st.composite
def places(draw: st.DrawFn) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return what the roots are bound to, as properties; the subject and the pod have up to three levels."""
    return {
        SELF: tuple(draw(st.lists(OBJECTS, min_size=1, max_size=3))),
        POD: tuple(draw(st.lists(OBJECTS, min_size=1, max_size=3))),
        OBJECT: ({"metadata": {"namespace": draw(SPACES)}, **draw(OBJECTS)},),
    }


def completed(value: Any, draw: Any) -> Any:
    """Return a value in which every unknown has turned out to be something."""
    if isinstance(value, str) and value in MARKS:
        return draw(st.sampled_from(COMPLETIONS))
    if isinstance(value, dict):
        return {key: completed(inner, draw) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(completed(inner, draw) for inner in value)
    return value


def bound(props: dict[str, Any]) -> Bindings:
    return {root: tuple(map(view, levels)) for root, levels in props.items()}


def unwrapped(value: Any) -> Any:
    """Return properties without secrets: `completed` looks into plain values only."""
    if isinstance(value, dict):
        return {key: unwrapped(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(unwrapped(inner) for inner in value)
    return unwrapped(value.value) if type(value).__name__ == "Secret" else value


@given(conditions_over(), places(), st.data())
@settings(max_examples=400, deadline=None)
def test_condition_definite_answer_is_that_of_every_completion(
    condition: Condition, props: dict[str, Any], data: st.DataObject
) -> None:
    said = answer(condition, bound(props))
    if said is None:
        return
    plain = unwrapped(props)
    for _ in range(3):
        try:
            turned_out = holds(condition, bound(completed(plain, data.draw)))
        except MalformedValue:
            continue
        assert turned_out is said


@given(conditions_over(), places())
@settings(max_examples=200, deadline=None)
def test_condition_without_unknowns_is_answered_or_malformed(condition: Condition, props: dict[str, Any]) -> None:
    known = completed(unwrapped(props), lambda _: None)
    with contextlib.suppress(MalformedValue):
        holds(condition, bound(known))


@given(conditions_over(), conditions_over(), places())
@settings(max_examples=200, deadline=None)
def test_conditions_combined_obey_the_laws_of_logic(a: Condition, b: Condition, props: dict[str, Any]) -> None:
    where = bound(props)
    assert answer(~~a, where) is answer(a, where)
    assert answer(a & b, where) is answer(b & a, where)
    assert answer(a | b, where) is answer(b | a, where)
    assert answer(~(a & b), where) is answer(~a | ~b, where)
    assert answer(~(a | b), where) is answer(~a & ~b, where)


@given(st.lists(st.sampled_from([True, False, None]), max_size=5))
def test_conditions_of_several_are_kleenes(values: list[bool | None]) -> None:
    known = {True: YES, False: NO, None: OPEN}
    parts = tuple(known[value] for value in values)
    expected_all = False if False in values else None if None in values else True
    expected_any = True if True in values else None if None in values else False
    assert answer(AllOf(parts), of(KLEENE)) is expected_all
    assert answer(AnyOf(parts), of(KLEENE)) is expected_any


@given(conditions_over(), places())
@settings(max_examples=200, deadline=None)
def test_condition_part_of_an_object_says_nothing_that_the_rest_could_turn(
    condition: Condition, props: dict[str, Any]
) -> None:
    # A part with a definite answer keeps it when it turns out that what it lacks is nowhere else either.
    partial = answer(condition, {**bound(props), PARTIAL: ()})
    if partial is not None:
        assert answer(condition, bound(props)) in (partial, None)
