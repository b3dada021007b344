"""`mlops policy controls`: the output in each format, and what is refused."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from cli import console
from cli.main import typer_app
from policies import catalogue, frameworks, pages
from sandbox.layout import REPOSITORY

NAMES = ("cis-eks", "fsbp", "nist-800-53", "pss", "soc2")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "out", Console(highlight=False, soft_wrap=True, width=400))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(typer_app, ["policy", "controls", *arguments])


def rows(name: str) -> list[frameworks.Coverage]:
    return frameworks.coverage(name, catalogue.PACKS)


def test_table_shows_rules_reasons_and_the_summary_at_its_end() -> None:
    result = run("--framework", "cis-eks")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "CIS Amazon EKS Benchmark (2.0.0)"
    assert any(line.startswith("5.3.1 ") and "SEC-EKS-004" in line for line in lines)
    assert any(line.startswith("3.1.1 ") and "not covered: checked at run time only" in line for line in lines)
    covered = sum(bool(row.rules) for row in rows("cis-eks"))
    assert lines[-1].startswith(f"{covered} of 47 controls covered, by ")


@pytest.mark.parametrize("name", NAMES)
def test_json_has_every_control_of_every_framework(name: str) -> None:
    found = json.loads(run("--framework", name, "--format", "json").stdout)
    assert found["framework"] == name
    assert [one["ref"] for one in found["controls"]] == list(frameworks.framework(name).controls)
    assert found["total"] == len(found["controls"])
    assert found["covered"] == sum(one["covered"] for one in found["controls"])
    assert found["rules"] == sorted({rule for one in found["controls"] for rule in one["rules"]})


def test_json_tells_source_day_and_judgement() -> None:
    found = json.loads(run("--framework", "soc2", "--format", "json").stdout)
    assert found["checked"] == "2026-11-27"
    assert "TSC-2017" in found["source"]
    assert "own judgement" in found["judged"]


@pytest.mark.parametrize("name", ["nist-800-53", "soc2"])
@pytest.mark.parametrize("format_", ["table", "json", "csv", "markdown"])
def test_output_any_says_whose_judgement_it_is(name: str, format_: str) -> None:
    assert "this library's own judgement" in run("--framework", name, "--format", format_).output


@pytest.mark.parametrize(("only", "covered"), [("covered", True), ("uncovered", False)])
def test_only_shows_some_and_counts_all(only: str, covered: bool) -> None:
    found = json.loads(run("--framework", "fsbp", "--only", only, "--format", "json").stdout)
    assert {bool(one["rules"]) for one in found["controls"]} == {covered}
    assert found["total"] == len(rows("fsbp"))
    assert len(found["controls"]) == (found["covered"] if covered else found["total"] - found["covered"])


def test_csv_is_alone_on_standard_output() -> None:
    result = run("--framework", "pss", "--format", "csv")
    read = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [one["control"] for one in read] == [row.ref for row in rows("pss")]
    assert {(one["framework"], one["version"]) for one in read} == {("pss", "1.34")}
    assert all(bool(one["rules"]) != bool(one["reason"]) for one in read)
    assert "controls covered" in result.stderr


def test_markdown_is_a_table_with_the_summary_above() -> None:
    text = run("--framework", "cis-eks", "--format", "markdown").stdout
    assert text.startswith("## CIS Amazon EKS Benchmark (2.0.0)\n\n")
    assert "| 5.1.3 | What runs in EKS may pull from ECR only | *not covered*: " in text
    assert text.count("\n| ") == 47 + 1


@pytest.mark.parametrize(("name", "why"), [("cis", "there is no framework 'cis'"), ("checkov", "of checkov only")])
def test_framework_that_cannot_be_told_ends_with_2_and_names_those_that_can(name: str, why: str) -> None:
    result = run("--framework", name)
    assert result.exit_code == 2
    assert why in result.stderr
    assert ", ".join(NAMES) in result.stderr
    assert result.stdout == ""


def test_help_names_frameworks_and_examples() -> None:
    result = run("--help")
    assert all(name in result.stdout for name in NAMES)
    assert "--only uncovered" in " ".join(result.stdout.split())


def test_page_of_controls_is_what_the_rules_say() -> None:
    page = REPOSITORY / "docs" / "policies" / "controls.md"
    assert page.read_text(encoding="utf-8") == pages.controls(), "run `make docs`"
