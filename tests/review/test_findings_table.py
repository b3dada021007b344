"""The table at a terminal: what says the same is said once, and nothing in it is markup."""

from __future__ import annotations

import io

from rich.console import Console

from cli import findings_table
from review.events import read
from review.report import of_log
from tests.review import kit


def shown(*found: kit.Event) -> str:
    to = Console(file=io.StringIO(), highlight=False, soft_wrap=True)
    findings_table.show(kit.report(*found), to)
    assert isinstance(to.file, io.StringIO)
    return to.file.getvalue()


def test_table_is_by_kind_and_severity_with_reason_and_fix() -> None:
    text = shown(*kit.MANY)
    order = ["mandatory", "advisory", "undetermined", "exempted"]
    assert [line.split()[0] for line in text.splitlines() if line.split()[:1] and line.split()[0] in order] == [
        *("mandatory", "mandatory", "advisory", "advisory", "undetermined", "exempted")
    ]
    assert "- Bucket web: blockPublicAcls is false" in text
    assert "fix: Attach a BucketPublicAccessBlock" in text
    said = " ".join(text.split())
    assert "exempted: Published documentation. (docs team, SEC-9; through 2026-12-07, 10 days left)" in said
    assert "findings  2 mandatory, 2 advisory, 1 undetermined, 1 exempted; 2 passed" in text


def test_table_same_reason_on_many_resources_is_one_row_with_a_count() -> None:
    text = shown(*(kit.policy(resource=kit.urn(f"b{n}")) for n in range(9)))
    assert "- Bucket b0, Bucket b1, Bucket b2 and 6 more: blockPublicAcls is false" in text
    assert text.count("SEC-S3-001") == 1


def test_table_many_reasons_are_cut_with_a_count() -> None:
    text = shown(*(kit.policy(reasons=(f"reason {n}",), resource=kit.urn(f"b{n}")) for n in range(9)))
    assert "- Bucket b4: reason 4" in text
    assert "reason 5" not in text
    assert "and 4 more" in text


def test_table_hostile_names_are_neither_markup_nor_control_characters() -> None:
    text = shown(kit.policy(reasons=("[red]a[/] [/nope] \x1b[2J\u202e",), resource=kit.urn("[bold]x[/]")))
    assert "[red]a[/] [/nope] \\x1b[2J\\u202e" in text
    assert "[bold]x[/]" in text


def test_table_of_nothing_says_so_and_of_no_pack_too() -> None:
    assert "findings  nothing found; 1 passed; mlops-security 0.1.0" in shown(kit.passes("SEC-S3-001"))
    assert findings_table.line(of_log(read(()), kit.TODAY)) == "nothing found; no pack was on"
