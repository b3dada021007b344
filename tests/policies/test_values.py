"""Reading properties: nothing unknown passes for a value, nothing secret is shown."""

from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import proxy
from pulumi_policy.deserialize import deserialize_properties

from policies._engine import wire
from policies._engine.adapter import read_struct
from policies._engine.values import Items, View
from policies._engine.wire import MalformedValue, UnknownValue
from tests.policies.build import UNKNOWN, UNKNOWN_OBJECT, secret, to_struct, to_wire

SCALARS = st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.floats(allow_nan=False, allow_infinity=False)
# The SDK knows no redacted secrets: it takes their stand-in for a value.
TEXTS = st.text(max_size=8).filter(lambda text: text != wire.REDACTED) | st.sampled_from(
    sorted(wire.UNKNOWNS - {wire.REDACTED})
)
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6).filter(lambda key: key != "__target")
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4) | inner.map(secret),
    max_leaves=20,
)


def view(props: dict[str, Any]) -> View:
    return View(to_wire(props))


def opened(value: Any) -> Any:
    """Return a value read in full; raises at an unknown anywhere in it."""
    if isinstance(value, View):
        return {key: opened(value[key]) for key in value}
    return [opened(item) for item in value] if isinstance(value, Items) else value


def by_the_sdk(value: Any) -> Any:
    if isinstance(value, proxy._DictProxy):
        return {key: by_the_sdk(value[key]) for key in value}
    return [by_the_sdk(item) for item in value] if isinstance(value, proxy._ListProxy) else value


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_view_any_properties_reads_as_the_sdk_proxies_read(props: dict[str, Any]) -> None:
    struct = to_struct(props)
    theirs = proxy.unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(struct)))
    mine = View(read_struct(struct))
    for key in mine:
        try:
            wanted = by_the_sdk(theirs[key])
        except proxy.UnknownValueError:
            with pytest.raises(UnknownValue):
                opened(mine[key])
        else:
            assert opened(mine[key]) == wanted


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_read_struct_any_properties_is_what_protobuf_says(props: dict[str, Any]) -> None:
    struct = to_struct(props)
    assert read_struct(struct) == json_format.MessageToDict(struct)


def test_read_struct_whole_number_is_an_int() -> None:
    assert [repr(to_wire({"x": value})["x"]) for value in (30, 0.5, 1e300)] == ["30", "0.5", repr(int(1e300))]


def test_read_struct_unset_value_is_null() -> None:
    assert read_struct(struct_pb2.Struct(fields={"a": struct_pb2.Value()})) == {"a": None}


def test_marks_are_those_of_the_sdk() -> None:
    theirs = {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")}
    assert wire.UNKNOWNS - {wire.REDACTED} == theirs


@pytest.mark.parametrize(
    "touch",
    [
        lambda props: props["key"],
        lambda props: props.at("key"),
        lambda props: props.get("key"),
        lambda props: "key" in props,
        lambda props: props == {},
        lambda props: list(props.values()),
        lambda props: props.at("key.below"),
        lambda props: props.text("key"),
        lambda props: props.mapping("key"),
        lambda props: props.sequence("key"),
    ],
)
def test_view_unknown_touched_in_any_way_raises(touch: Any) -> None:
    with pytest.raises(UnknownValue, match="key is not known yet"):
        touch(view({"key": UNKNOWN}))


def test_view_redacted_secret_is_unknown() -> None:
    with pytest.raises(UnknownValue):
        view({"key": "[secret]"})["key"]


def test_view_secret_without_plain_text_is_unknown() -> None:
    with pytest.raises(UnknownValue):
        View({"key": {wire.SIGNATURE: wire.SECRET, "ciphertext": "v1:abc"}})["key"]


def test_at_missing_or_null_gives_the_default() -> None:
    props = view({"a": {"b": None}, "list": [{"c": 1}]})
    assert props.at("a.b", 5) == props.at("a.x", 5) == props.at("x.y.z", 5) == props.at("list.7.c", 5) == 5
    assert props.at("list.0.c") == 1


def test_at_key_with_dots_is_given_as_a_tuple() -> None:
    assert view({"limits": {"nvidia.com/gpu": 4}}).at(("limits", "nvidia.com/gpu")) == 4


def test_at_through_a_scalar_is_malformed() -> None:
    with pytest.raises(MalformedValue, match="a is a string, an object was expected"):
        view({"a": "text"}).at("a.b")


@pytest.mark.parametrize(("read", "wanted"), [("text", "a string"), ("sequence", "a list"), ("mapping", "an object")])
def test_typed_read_of_another_type_is_malformed(read: str, wanted: str) -> None:
    with pytest.raises(MalformedValue, match=f"a is a number, {wanted} was expected"):
        getattr(view({"a": 3}), read)("a")


def test_flag_of_a_text_is_malformed() -> None:
    assert view({"on": True}).flag("on") is True
    assert view({}).flag("on", True) is True
    with pytest.raises(MalformedValue):
        view({"on": "true"}).flag("on")


def test_declared_says_whether_something_is_written_known_or_not() -> None:
    props = view({"a": {"known": 1, "unknown": UNKNOWN, "null": None}})
    assert props.declared("a.known")
    assert props.declared("a.unknown")
    assert not props.declared("a.null")
    assert not props.declared("a.missing")
    assert not props.declared("b.missing")


def test_declared_below_an_unknown_raises() -> None:
    with pytest.raises(UnknownValue):
        view({"a": UNKNOWN_OBJECT}).declared("a.b")


def test_shown_secret_unknown_and_long_values_are_not_quoted() -> None:
    props = view({"s": secret("hunter2"), "in": secret({"x": "hunter2"}), "u": UNKNOWN, "long": "x" * 1_000_000})
    assert props.shown("s") == props.shown("in.x") == "[secret]"
    assert props.shown("u") == "unknown"
    assert len(props.shown("long")) < 120
    assert props.shown("missing") == "unset"


def test_shown_list_hides_secret_items() -> None:
    props = view({"items": ["a", secret("hunter2"), UNKNOWN], "secret": secret(["hunter2"]), "many": [1] * 50})
    assert props.shown("items") == '["a", [secret], unknown]'
    assert props.shown("secret") == "[secret]"
    assert props.shown("many") == "a list with 50 items"


def test_items_known_leaves_unknown_ones_out() -> None:
    items = view({"list": ["a", UNKNOWN, secret("b")]}).sequence("list")
    assert items.known() == ["a", "b"]
    assert len(items) == 3
    with pytest.raises(UnknownValue, match=r"list\.1"):
        list(items)


def test_items_slice_reads_like_the_whole() -> None:
    items = view({"list": ["a", UNKNOWN]}).sequence("list")
    assert list(items[:1]) == ["a"]


def test_secret_texts_are_found_at_any_depth_but_not_short_ones() -> None:
    raw = to_wire({"a": secret({"b": ["hunter2", 12345, True, "no"]}), "plain": "visible"})
    assert set(wire.secret_texts(raw)) == {"hunter2", "12345"}


def test_patched_keeps_what_is_beside_and_envelopes() -> None:
    raw = to_wire({"a": secret({"b": 1, "c": 2}), "list": [{"x": 1}], "u": UNKNOWN})
    new = wire.patched(wire.patched(raw, ("a", "b"), 9), ("list", "0", "x"), 8)
    assert View(new).at("a.b") == 9
    assert View(new).at("a.c") == 2
    assert new["a"][wire.SIGNATURE] == wire.SECRET
    assert new["list"] == [{"x": 8}]
    assert new["u"] == raw["u"]
    assert View(raw).at("a.b") == 1


def test_patched_through_an_unknown_or_a_scalar_raises() -> None:
    with pytest.raises(UnknownValue):
        wire.patched({"a": UNKNOWN}, ("a", "b"), 1)
    with pytest.raises(MalformedValue):
        wire.patched({"a": 3}, ("a", "b"), 1)


def test_view_in_a_set_of_texts_is_answered() -> None:
    assert view({"a": {}})["a"] not in {"x"}
    assert view({"a": []})["a"] not in {"x"}


def test_repr_of_views_holds_no_values() -> None:
    props = view({"a": "hunter2", "list": ["hunter2"]})
    assert "hunter2" not in repr(props) + repr(props["list"])
