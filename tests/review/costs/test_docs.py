"""The page on costs tells of the columns and files that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.cost_commands import By, Format
from finops import default_book, read_usage
from finops.rates import overlay
from review.costs import focus
from sandbox.layout import REPOSITORY
from tests.review.costs import kit

PAGE = (REPOSITORY / "docs" / "cost.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_every_column_is_told_and_no_other() -> None:
    there, left_out = section("FOCUS columns").split("\nLeft out:\n")
    told = {name for row in re.findall(r"^\| (`.*?`) \|", there, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert told == set(focus.COLUMNS)
    missing = set(re.findall(r"`(\w+)`", left_out)) - {"x_PriceItem"}
    assert missing.isdisjoint(focus.COLUMNS)
    assert {"BilledCost", "EffectiveCost"} <= missing


def test_files_on_the_page_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    usage, rates = (
        re.findall(r"```yaml\n(.*?)```", section(title), re.DOTALL)[0] for title in ("Assumptions on use", "Own rates")
    )
    file.write_text(usage)
    assert "prod" in read_usage(file, default_book()).environments
    file.write_text(rates)
    assert overlay(default_book(), [file], kit.TODAY) != default_book()


@pytest.mark.parametrize("name", [*Format, *By])
def test_every_format_and_dimension_is_told(name: str) -> None:
    assert f"**{name}**" in PAGE or f"`{name}`" in PAGE
