"""Text of programs made fit to be shown, and URNs taken apart."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import text
from review.urns import Urn
from tests.review import kit

ANY = st.text(st.characters(exclude_categories=()))
"""Lone surrogates too, which JSON can hold."""


@given(ANY)
def test_visible_text_is_valid_in_xml_and_utf8(value: str) -> None:
    shown = text.visible(value)
    shown.encode()
    element = ET.Element("a", b=shown)
    element.text = shown
    ET.fromstring(ET.tostring(element))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain, with ümläuts, 漢字 and 🚀\n\ttoo", "plain, with ümläuts, 漢字 and 🚀\n\ttoo"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("\x1b[2J\x00\x7f", "\\x1b[2J\\x00\\x7f"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800\uffff", "\\ud800\\uffff"),
        ("a\r\nb\rc", "a\nb\\x0dc"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_visible_spells_out_what_is_not_to_be_seen(value: str, shown: str) -> None:
    assert text.visible(value) == shown


def test_one_line_is_one_line() -> None:
    assert text.one_line(" a\n\tb \r\n c ") == "a b c"


@pytest.mark.parametrize(
    ("value", "most", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcdef", 2, "ab … (4 characters more)"),
        ("a\x00", 3, "a\\x … (2 characters more)"),
        ("a\nb", 9, "a\nb"),
    ],
)
def test_shown_says_how_much_is_missing(value: str, most: int, shown: str) -> None:
    assert text.shown(value, most) == shown
    assert text.shown_on_a_line(value, most) == shown.replace("\n", " ")


@pytest.mark.parametrize(
    ("urn", "label"),
    [
        (kit.urn(parent="mlops:index:ArtifactStore"), "Bucket web"),
        (kit.urn("a::b::c"), "Bucket a::b::c"),
        (kit.STACK_URN, "the stack"),
        ("", "the stack"),
        ("no urn", "no urn"),
        ("urn:pulumi:dev::only", "urn:pulumi:dev::only"),
    ],
)
def test_urn_label(urn: str, label: str) -> None:
    assert Urn.parse(urn).label == label


@given(st.text())
def test_urn_any_text_is_taken_apart(value: str) -> None:
    assert Urn.parse(value).text == value
    assert Urn.parse(f"urn:pulumi:{value}").lasting is not None


def test_urn_lasting_part_has_neither_stack_nor_the_name_made_of_it() -> None:
    assert Urn.parse(kit.urn()).lasting == Urn.parse(kit.urn(stack="other")).lasting
    other = kit.STACK_URN.replace("dev", "other")
    assert Urn.parse(kit.STACK_URN).lasting == Urn.parse(other).lasting
