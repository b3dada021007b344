"""Markdown for a comment: it fits, and whatever programs write into it stays text."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from review.costs import markdown
from review.markdown import MOST_CHARACTERS
from tests.review import kit as review_kit
from tests.review.costs import kit
from tests.unit import finops_kit

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
GOLDEN = Path(__file__).with_name("comment.md")
OURS = {"<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"}
HARMLESS = {"text", "code_inline", "softbreak", "strong_open", "strong_close"}


def inline(text: str) -> list[Token]:
    return [child for block in PARSER.parse(text) for child in (block.children or ())]


def blocks(text: str) -> list[str]:
    return [block.type for block in PARSER.parse(text) if block.type != "inline"]


def test_comment_reads_as_recorded() -> None:
    # A change is to be read as a reviewer would read it, then written: markdown.render(kit.costs(), True).
    assert markdown.render(kit.costs(), True) == GOLDEN.read_text(encoding="utf-8")


def test_comment_begins_with_the_marker_and_says_at_least() -> None:
    text = markdown.render(kit.costs(budget=None))
    assert text.startswith(
        "<!-- mlops cost: sandbox -->\n\n### Cost, `sandbox`: +$16.59 a month, to at least $447.49\n"
    )
    assert "| **Total** | 14 | at least $433.47 | at least $447.49 | at least $4,238.68 |" in text
    assert "Not the whole picture" not in text
    over = markdown.render(kit.costs(budget=Decimal(100), missing=3))
    assert "**Over budget:**" in over
    assert "> **Not the whole picture:** not in this preview, and not counted&#58; 3 unchanged resources" in over


@pytest.mark.parametrize("number", [500, 5000])
def test_comment_of_many_resources_fits_and_counts_the_rest(number: int) -> None:
    many = (
        finops_kit.aws("ec2/eip:Eip", f"address-{n}", parent=finops_kit.urn("x:y:Z", f"group-{n}"))
        for n in range(number)
    )
    groups = (finops_kit.made("x:y:Z", f"group-{n}", custom=False) for n in range(number))
    text = markdown.render(kit.of_resources(*groups, *many), True)
    assert len(text) <= MOST_CHARACTERS
    assert re.search(r"… and \d+ more", text)
    assert f"### Cost, `dev`: +${number * 3.65:,.2f} a month, to ${number * 3.65:,.2f}" in text


@pytest.mark.parametrize("value", ["http://evil.com", "see https://evil.com"])
def test_comment_has_no_address_outside_of_code(value: str) -> None:
    outside = re.sub(r"`[^`]*`", "", markdown.render(kit.hostile(value), True))
    assert "evil.com" in outside
    assert not re.search(r"https?://", outside)


@settings(max_examples=40)
@given(st.text(max_size=30) | st.text("[](){}<>!*_~`|\\&;#@:/.-+=$\"'www1 a\n", max_size=30))
@example("<!-- --> <script> [a](b) ![c](d) **e** `f` ~~g~~ &lt; http://h www.i.j a@b.cd #1 :tada:")
@example("</details><img src=x onerror=alert(1)>")
@example(review_kit.HOSTILE)
def test_comment_of_a_hostile_program_has_the_form_of_a_harmless_one(value: str) -> None:
    text = markdown.render(kit.hostile(value), True)
    found = inline(text)
    assert {token.type for token in found} <= HARMLESS | {"html_inline"}
    assert {token.content for token in found if token.type == "html_inline"} <= OURS
    shown = " ".join(token.content for token in found if token.type == "text")
    assert not re.search(r"@\w|#\d|GH-\d|:\w+:|www\.", shown)
    html = [b.content.strip() for b in PARSER.parse(text) if b.type == "html_block"]
    assert all(re.sub(r"<(/?(details|summary|sub))>", "", one).count("<") <= one.count("<!--") for one in html)
    assert set(blocks(text)) <= set(blocks(markdown.render(kit.hostile("harmless"), True)))
