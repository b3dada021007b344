"""`mlops review` without an engine of its own: what it is given, what it writes, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sarif_kit.validate import validation_errors

from cli import main, review_runs
from review.page import html
from sandbox.layout import REPOSITORY
from stacks.load import load
from stacks.settings import Platform
from tests.review import kit as short
from tests.review.page import kit, record

Ended = tuple[int, str, str]
Mlops = Callable[..., Ended]
FINE = short.run(short.passes("SEC-S3-001", resource=short.urn("web", stack="sandbox")))
FILES = {"review.html", "review.md", "review.json", "findings.sarif", "cost.csv"}


@pytest.fixture
def mlops(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mlops:
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "MLOPS_DOCS_URL", "MLOPS_PAGE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["mlops", "review", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.app()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    return given(tmp_path, record.read_events())


def given(folder: Path, events: list[str]) -> list[str]:
    """Write a recorded preview and return the options that name it."""
    (folder / "plan.json").write_text(json.dumps(record.read_plan()))
    (folder / "events.jsonl").write_text("\n".join(events) + "\n")
    return ["--from-plan", str(folder / "plan.json"), "--from-events", str(folder / "events.jsonl")]


def test_review_writes_all_files_and_ends_with_2_for_a_mandatory_finding(
    mlops: Mlops, files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, printed, _ = mlops("sandbox", *files, "--output", str(out))
    assert code == 2
    assert {file.name for file in out.iterdir()} == FILES
    assert "6 findings stop this update" in printed
    assert "28 create, 20 update, 7 replace, 6 delete" in printed
    assert str(out / "review.html") in printed
    assert (out / "review.md").read_text().startswith("<!-- mlops-review:sandbox -->\n")
    assert validation_errors(json.loads((out / "findings.sarif").read_text())) == []
    rows = list(csv.DictReader(io.StringIO((out / "cost.csv").read_text(), newline="")))
    assert any(row["ResourceName"] == "network-nat-c" and row["x_ExpectedCost"] == "32.85" for row in rows)
    assert json.loads((out / "review.json").read_text())["outcome"] == "mandatory"


def test_review_without_findings_ends_with_0(mlops: Mlops, tmp_path: Path) -> None:
    code, printed, _ = mlops("sandbox", *given(tmp_path, FINE), "--output", str(tmp_path / "out"))
    assert (code, "Nothing stops this update" in printed) == (0, True)


def test_review_over_budget_ends_with_3(mlops: Mlops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load("sandbox")
    assert settings.budget is not None
    poor = settings.model_copy(update={"budget": settings.budget.model_copy(update={"monthly_usd": 690})})

    def of(stack: str) -> Platform:
        return poor

    monkeypatch.setattr(review_runs, "load", of)
    code, printed, _ = mlops("sandbox", *given(tmp_path, FINE), "--output", str(tmp_path / "out"))
    assert code == 3
    assert "just over 100% of the monthly budget of $690.00: $2.56 over it." in printed


def test_review_of_a_run_that_broke_off_ends_with_1(mlops: Mlops, tmp_path: Path) -> None:
    events = short.lines(short.PRELUDE, short.passes("SEC-S3-001", resource=short.urn("web", stack="sandbox")))
    code, printed, said = mlops("sandbox", *given(tmp_path, events), "--output", str(tmp_path / "out"))
    assert (code, "This review is not complete" in printed) == (1, True)
    assert "the log ends before the run did" in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--from-plan", "plan.json"], "--from-plan and --from-events belong together"),
        (["--live", "--from-plan", "a", "--from-events", "b"], "--live makes a preview and --from-plan reads one"),
        (["--page-url", "javascript:alert(1)"], "--page-url javascript:alert(1) is no address"),
        (["--nonsense"], "No such option"),
    ],
)
def test_options_that_do_not_go_together_are_errors(mlops: Mlops, options: list[str], told: str) -> None:
    code, _, said = mlops("sandbox", *options)
    assert code == 1
    assert told in " ".join(said.replace("│", " ").split())


def test_docs_address_must_be_one(mlops: Mlops, files: list[str]) -> None:
    code, _, said = mlops("sandbox", *files, "--docs-url", "javascript:alert(1)//")
    assert (code, "is no address" in " ".join(said.replace("│", " ").split())) == (1, True)


def test_plan_that_is_none_is_an_error_in_a_sentence(mlops: Mlops, files: list[str], tmp_path: Path) -> None:
    for text, told in (("{", "is no JSON;"), ("[]", "is no JSON object"), ("{}", "has no list of steps")):
        (tmp_path / "plan.json").write_text(text)
        code, _, said = mlops("sandbox", *files)
        assert (code, told in said) == (1, True)


def test_plan_of_another_stack_is_an_error(mlops: Mlops, files: list[str]) -> None:
    code, _, said = mlops("dev", *files)
    assert (code, "events are of the stack sandbox, not of dev" in said) == (1, True)


def test_links_to_rules_lead_into_the_repository_or_to_an_address(
    mlops: Mlops, files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    mlops("sandbox", *files, "--output", str(out))
    beside = os.path.relpath(REPOSITORY, out)
    assert f'href="{beside}/docs/policies/rules/SEC-RDS-002.md"' in (out / "review.html").read_text()
    assert "](" not in (out / "review.md").read_text()
    mlops("sandbox", *files, "--output", str(out), "--docs-url", "https://example.com/x", "--page-url", "https://ci/1")
    assert 'href="https://example.com/x/docs/policies/rules/SEC-RDS-002.md"' in (out / "review.html").read_text()
    assert "[The whole review](https://ci/1)" in (out / "review.md").read_text()


def test_hostile_texts_are_no_formulas_in_the_csv(mlops: Mlops, tmp_path: Path) -> None:
    plan, _ = kit.hostile(kit.FORMULA)
    for step in plan["steps"]:
        for state in ("oldState", "newState"):
            if state in step:
                step[state]["urn"] = step["urn"]
                step[state]["name"] = kit.FORMULA
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    (tmp_path / "events.jsonl").write_text("".join(FINE))
    options = ["--from-plan", str(tmp_path / "plan.json"), "--from-events", str(tmp_path / "events.jsonl")]
    code, _, _ = mlops("sandbox", *options, "--output", str(tmp_path / "out"))
    assert code == 0
    cells = [
        cell for row in csv.reader(io.StringIO((tmp_path / "out" / "cost.csv").read_text(), newline="")) for cell in row
    ]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    assert not [cell for cell in cells if cell.startswith("-") and not cell[1:].replace(".", "").isdigit()]


ENGINE = """#!{python}
import os, pathlib, shutil, sys
arguments = sys.argv[1:]
given = [os.environ[name] for name in ("PULUMI_DEBUG_COMMANDS", "AWS_PROFILE")]
pathlib.Path({log!r}).write_text("\\n".join([*arguments, *given]))
shutil.copy({events!r}, arguments[arguments.index("--event-log") + 1])
sys.stdout.write(pathlib.Path({plan!r}).read_text())
sys.exit(1)
"""


def test_live_review_runs_the_engine_on_path_with_both_packs(
    mlops: Mlops, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "bin" / "pulumi"
    engine.parent.mkdir()
    told = {name: str(tmp_path / name) for name in ("log", "plan.json", "events.jsonl")}
    engine.write_text(
        ENGINE.format(python=sys.executable, log=told["log"], plan=told["plan.json"], events=told["events.jsonl"])
    )
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(engine.parent))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    code, printed, _ = mlops("sandbox", "--live", "--output", str(tmp_path / "out"))
    assert (code, "6 findings stop this update" in printed) == (2, True)
    arguments = Path(told["log"]).read_text().splitlines()
    assert arguments[:6] == ["preview", "--stack", "sandbox", "--json", "--show-sames", "--non-interactive"]
    assert arguments.count("--policy-pack") == arguments.count("--policy-pack-config") == 2
    assert arguments[-2:] == ["true", "mine"]
    assert json.loads((tmp_path / "out" / "review.json").read_text())["source"] == "live"


def test_live_review_without_an_engine_says_what_to_install(
    mlops: Mlops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, said = mlops("sandbox", "--live")
    assert (code, "pulumi is not on PATH; install it" in said) == (1, True)


def test_page_holds_nothing_of_the_machine_and_loads_nothing(files: list[str]) -> None:
    text = html.render(kit.review())
    assert str(REPOSITORY) not in text
    assert "http://" not in text
    assert "https://" not in text
    assert "<link" not in text
    assert " style=" not in text


def test_review_is_loaded_only_when_it_is_asked_for() -> None:
    script = "import sys, cli.main; print([m for m in sys.modules if m.startswith(('review', 'jinja2', 'networkx'))])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "[]"
