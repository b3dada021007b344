"""Markdown for a comment: it fits, and whatever programs write into it stays text."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from review import markdown
from review.comparison import compare
from review.events import read
from review.report import of_log
from tests.review import kit

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
DOCS = "https://example.com/o/r/blob/main/"
HARMLESS = {"text", "code_inline", "softbreak"}


def tokens(text: str) -> list[tuple[str, str]]:
    """Kind and content of everything inside lines."""
    return [(t.type, t.content) for block in PARSER.parse(text) for t in (block.children or ())]


def seen(text: str) -> str:
    return "".join(content for kind, content in tokens(text) if kind in HARMLESS)


@given(st.text(max_size=60) | st.text("[](){}<>!*_~`|\\&;#@:/.-+=$\"'www1 a", max_size=40))
@example("<!-- --> <script> [a](b) ![c](d) **e** `f` ~~g~~ &lt; http://h www.i.j a@b.cd")
def test_text_of_programs_is_nothing_but_text(value: str) -> None:
    safe = markdown.text(value)
    assert {kind for kind, _ in tokens(f"a {safe} b")} <= {"text"}
    assert "|" not in safe
    assert "\n" not in safe


@pytest.mark.parametrize(
    "value", ["@octocat", "a@b.cd", "see #12", "GH-12", "o/r#3", ":tada:", "www.evil.com", "https://evil.com"]
)
def test_text_has_nothing_left_that_github_makes_a_link_of(value: str) -> None:
    shown = seen(f"a {markdown.text(value)}")
    assert not re.search(r"@\w|#\d|GH-\d|:\w+:|www\.", shown)
    assert not re.search(r"https?://", markdown.text(value))


@given(st.text(max_size=60) | st.text("`| ", max_size=20))
def test_code_is_one_piece_of_code_in_a_table_too(value: str) -> None:
    row = f"| a | b |\n|---|---|\n| {markdown.code(value) or 'x'} | c |\n"
    kinds = [kind for kind, _ in tokens(row)]
    assert kinds.count("text") + kinds.count("code_inline") == 4


def test_report_shows_kinds_apart_worst_open_and_the_rest_at_a_click() -> None:
    text = markdown.render(kit.report(*kit.MANY), DOCS)
    assert text.startswith(
        "<!-- mlops policy: dev -->\n\n### Policies, `dev` (preview): 2 findings that must be mended"
    )
    assert text.index("#### 2 stop the update") < text.index("<details><summary>2 advisory</summary>")
    assert "<summary>1 not known before the update</summary>" in text
    assert "<summary>1 exempted</summary>" in text
    assert "2026-12-07 (10 days left)" in text
    assert f"[SEC-S3-001]({DOCS}docs/policies/" in text


def test_report_links_pages_of_our_rules_alone() -> None:
    text = markdown.render(kit.report(*kit.MANY), DOCS)
    parsed = [child for block in PARSER.parse(text) for child in (block.children or ())]
    targets = {str(child.attrs["href"]) for child in parsed if child.type == "link_open"}
    assert len(targets) == 5
    assert all(target.startswith(f"{DOCS}docs/policies/") for target in targets)
    assert not any(child.type == "image" for child in parsed)


def test_report_without_findings_says_passed_and_how_many() -> None:
    text = markdown.render(kit.report(kit.passes("SEC-S3-001")))
    assert ": passed\n" in text
    assert "**1** passed" in text


def test_report_that_is_not_whole_never_says_passed() -> None:
    text = markdown.render(of_log(read(kit.run(kit.passes("SEC-S3-001"))[:2]), kit.TODAY))
    assert ": incomplete\n" in text
    assert "> **Not the whole picture:** the log ends before the run did" in text


@pytest.mark.parametrize("number", [10, 1_000])
@pytest.mark.parametrize("what", ["x", kit.HOSTILE, "&" * 3_000], ids=["short", "hostile", "long"])
def test_report_of_any_size_fits_into_a_comment_and_counts_what_is_cut(number: int, what: str) -> None:
    levels = ("mandatory", "advisory")
    found = [
        kit.policy(reasons=(what,) * 9, level=levels[n % 2], resource=kit.urn(f"{n}{what}")) for n in range(number)
    ]
    text = markdown.render(kit.report(*found), DOCS)
    assert len(text) <= markdown.MOST_CHARACTERS
    left = sum(map(int, re.findall(r"^… and (\d+) more$", text, re.MULTILINE)))
    assert left + text.count("| critical |") == number


def test_report_of_hostile_packs_and_names_fits_and_has_one_marker() -> None:
    urn = kit.urn(kit.HOSTILE, stack="--><b>@all")
    packs = [kit.policy(policyPackName=f"{kit.HOSTILE}{n}", resource=urn, message=kit.HOSTILE * 99) for n in range(300)]
    text = markdown.render(kit.report(*packs), DOCS)
    assert len(text) <= markdown.MOST_CHARACTERS
    assert {content for kind, content in tokens(text) if kind == "html_inline"} <= {"<br>"}
    blocks = [block.content for block in PARSER.parse(text) if block.type == "html_block"]
    assert blocks[0] == "<!-- mlops policy: --%3E%3Cb%3E%40all -->\n"
    assert not any("<!--" in block for block in blocks[1:])


def test_comparison_is_a_table_of_what_differs() -> None:
    before = kit.report(kit.policy("SEC-KMS-001", level="advisory", undetermined=True))
    now = kit.report(kit.policy("SEC-KMS-001"))
    found = compare(before, now, {kit.urn()}, set(), "preview of 2026-11-27 10:00 UTC")
    text = markdown.render(now.model_copy(update={"comparison": found}))
    assert "#### Compared with the preview of 2026-11-27 10&#58;00 UTC: 1 differ, 0 are the same" in text
    assert "| SEC-KMS-001 | `Bucket web` | undetermined | fail | mandatory |" in text
