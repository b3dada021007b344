"""The comment on a pull request: its marker, its length, and that texts of programs stay texts."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from review.page import comment
from review.page.assemble import assemble
from review.page.model import Review
from tests.review import kit as short
from tests.review.page import kit, record

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OWN_HTML = re.compile(r"</?details>|<summary>[\w ,.:$]+</summary>|<br>|<!-- mlops-review:[\w%.-]+ -->\n?")


def inline(text: str) -> list[tuple[str, str]]:
    return [(one.type, one.content) for block in PARSER.parse(text) for one in (block.children or ())]


def many(number: int) -> Review:
    """A plan whose findings, changes and costs are too many for any comment."""
    names = [f"bucket-{n}-{'x' * 60}" for n in range(number)]
    steps = [{"op": "delete", "urn": short.urn(name), "oldState": {"type": "aws:s3/bucket:Bucket"}} for name in names]
    found = [
        short.policy("SEC-S3-001", (f"blockPublicAcls of {name} is false",), resource=short.urn(name)) for name in names
    ]
    found += [
        short.policy("COST-S3-001", (f"{name} has no rule",), "advisory", resource=short.urn(name)) for name in names
    ]
    return assemble({"steps": steps}, kit.report(short.run(*found, result="failed")), kit.run(stack="dev"))


def test_comment_begins_with_the_marker_that_finds_it_again(recorded: Review) -> None:
    assert comment.render(recorded).splitlines()[0] == "<!-- mlops-review:sandbox -->"
    assert comment.marker("a --> b\n<script>") == "<!-- mlops-review:a%20--%3E%20b%20%3Cscript%3E -->"


def test_comment_tells_outcome_lost_data_cost_and_findings(recorded: Review) -> None:
    text = comment.render(recorded, kit.DOCS, "https://ci.example/7")
    assert "6 findings stop this update" in text
    assert "> 1 resource that holds data is replaced or deleted.\n> - delete `Repository images-serving`" in text
    assert "at least $692.56, +$215.60 compared with now; floor $671.54, ceiling $23,332.83" in text
    assert "| `network` | $36.50 | $109.50 | +$73.00 | $109.50 |" in text
    assert f"[SEC-RDS-002]({kit.DOCS}docs/policies/rules/SEC-RDS-002.md)" in text
    assert "[The whole review](https://ci.example/7)" in text
    assert "2026-12-04 (7 days left)" in text


def test_comment_without_addresses_has_no_links(recorded: Review) -> None:
    assert not any(kind == "link_open" for kind, _ in inline(comment.render(recorded)))


@pytest.mark.parametrize("number", [10, 300, 3000])
def test_comment_is_short_whatever_the_size_of_the_stack(number: int) -> None:
    text = comment.render(many(number), kit.DOCS)
    assert len(text) < 60_000
    assert f"{number} findings stop this update" in text
    assert f"{number} resources that hold data are replaced or deleted." in text
    left = re.findall(r"… and (\d+) rows more", text)
    # Alike findings are one row; these all have a reason of their own. Rows and what is left out are everything.
    if number > 200:
        section = text.split("#### ")[1].split("<details>")[0]
        rows = section.count("| critical |") + section.count("| high |")
        assert rows + int(re.findall(r"… and (\d+) rows? more", section)[0]) == number
    else:
        assert left == []


def test_comment_of_a_megabyte_of_names_still_fits() -> None:
    plan, verdicts = kit.hostile(kit.HOSTILE * 200)
    text = comment.render(assemble(plan, verdicts, kit.run(stack=kit.HOSTILE * 200)), kit.DOCS)
    assert len(text) < 60_000


@pytest.mark.parametrize(
    "text", [kit.HOSTILE, "[a](http://evil)", "<b>x</b> ![i](http://evil/i.png)", "@octocat fixes #1", "a`b``c|d"]
)
def test_texts_of_programs_are_nothing_but_text(text: str) -> None:
    made = comment.render(kit.hostile_review(text))
    blocks = PARSER.parse(made)
    html = "".join(one.content for one in blocks if one.type == "html_block")
    html += "".join(content for kind, content in inline(made) if kind == "html_inline")
    assert OWN_HTML.sub("", html).strip() == ""
    kinds = {kind for kind, _ in inline(made)}
    assert kinds <= {"text", "code_inline", "softbreak", "strong_open", "strong_close", "html_inline"}
    told = "".join(content for kind, content in inline(made) if kind == "text")
    assert not re.search(r"@\w|(?<!&)#\d|\bwww\.\w", told)


def test_comment_of_nothing_says_so() -> None:
    text = comment.render(kit.empty())
    assert "This review is not complete" in text
    assert "**Changes:** no change" in text


def test_every_heading_of_a_table_has_its_columns() -> None:
    for review in (kit.review(), kit.hostile_review("a|b")):
        for block in comment.render(review).split("\n\n"):
            if block.startswith("| "):
                counts = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
                assert len(counts) == 1, block[:300]


def test_recorded_comment_keeps_every_row(recorded: Review) -> None:
    assert "rows more" not in comment.render(recorded)
    assert len(record.read_events()) > 500
