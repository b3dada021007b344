"""`mlops cost` without an engine: what it is given, what it prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli import cost_commands, cost_runs, main, previews
from cli.previews import Preview
from sandbox.layout import REPOSITORY, Layout
from tests.review.costs import kit
from tests.unit import finops_kit

Ended = tuple[int, str, str]
Mlops = Callable[..., Ended]
ADDRESS = finops_kit.aws("ec2/eip:Eip", "e")
STATE = {"version": 3, "deployment": {"resources": [finops_kit.provider(), ADDRESS]}}


@pytest.fixture
def mlops(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mlops:
    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["mlops", "cost", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.app()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def to(name: str, content: Any) -> str:
        file = tmp_path / name
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(file)

    return to


def test_recorded_preview_is_priced_and_compared(mlops: Mlops) -> None:
    code, out, err = mlops("--from", str(kit.RECORDED), "--compare")
    assert (code, err) == (0, "")
    assert "total, at least" in out
    assert "with what is deployed" in out


def test_state_is_priced_and_json_stands_alone_on_standard_output(mlops: Mlops, write: Callable[..., str]) -> None:
    code, out, err = mlops("--from", write("state.json", STATE), "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out)["monthly"]["expected"] == "3.65"


def test_document_may_come_on_standard_input(write: Callable[..., str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "cost", "--from", "-", "--format", "csv"],
        input=json.dumps(STATE).encode("utf-16"),  # as a shell of Windows writes it
        capture_output=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    (row,) = csv.DictReader(io.StringIO(done.stdout.decode(), newline=""))
    assert (row["ResourceName"], row["ListCost"]) == ("e", "3.65")


@pytest.mark.parametrize("format_", list(cost_commands.Format))
def test_output_goes_to_a_file_and_one_line_to_the_terminal(mlops: Mlops, tmp_path: Path, format_: str) -> None:
    target = tmp_path / "made" / "cost.out"
    code, out, err = mlops("--from", str(kit.RECORDED), "--format", format_, "--output", str(target), "--details")
    assert (code, out) == (0, "")
    assert "a month at least" in err
    assert "network-nat-a" in target.read_text(encoding="utf-8")


def test_stack_is_previewed_without_packs_and_with_its_unchanged_resources(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: dict[str, Any] = {}

    def preview(layout: Layout, stack: str, **options: Any) -> Preview:
        seen.update(stack=stack, **options)
        options["say"](7)
        return Preview(stack, 0, kit.recorded(), tmp_path / "events", tmp_path / "errors")

    monkeypatch.setattr(previews, "preview", preview)
    monkeypatch.setattr(cost_commands, "start_sandbox", lambda _: None)
    code, out, err = mlops("sandbox", "--format", "json", "--compare")
    assert (code, seen["stack"], seen["packs"]) == (0, "sandbox", False)
    shown = json.loads(out)
    assert shown["stack"] == "sandbox"
    assert shown["budget"]["monthly"] == "1000.00"
    assert shown["comparison"]["compared_with"] == "what is deployed"
    assert "previewing sandbox" in err


def test_engine_is_asked_for_unchanged_resources_and_for_no_packs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[list[str], tuple[str, ...]]] = []

    def to_files(
        layout: Layout, arguments: list[str], output: Path, errors: Path, without: tuple[str, ...], meanwhile: Any
    ) -> int:
        asked.append((arguments, without))
        output.write_text(json.dumps({"steps": []}))
        return 0

    monkeypatch.setattr("cli.engine_runs.to_files", to_files)
    monkeypatch.setattr("sandbox.engine_home.prepare_stacks", lambda *_: None)
    layout = Layout(tmp_path)
    layout.logs.mkdir(parents=True)
    previews.preview(layout, "dev", packs=False)
    ((arguments, without),) = asked
    assert {"--show-sames", "--json"} <= set(arguments)
    assert without == ("PULUMI_OPTION_POLICY_PACK",)


def test_failed_preview_is_an_error_that_says_why(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan: Mapping[str, Any] = {
        "steps": [],
        "diagnostics": [{"severity": "error", "message": "error: \x1b[31mregion is wrong\n"}, {"severity": "info"}, 5],
    }
    monkeypatch.setattr(
        previews, "preview", lambda *_, **__: Preview("dev", 255, plan, tmp_path / "events", tmp_path / "errors")
    )
    monkeypatch.setattr(cost_commands, "start_sandbox", lambda _: None)
    code, out, err = mlops("dev")
    assert (code, out) == (1, "")
    assert "error: the preview of dev failed: error: \\x1b[31mregion is wrong" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to price; name a stack, or give a preview or a state by --from FILE"),
        (("--from", "none.json"), "none.json cannot be read: No such file or directory; give the output of"),
        (("--from", "{list}"), "is no JSON object; give the output of pulumi preview --json"),
        (("--from", "{text}"), "is no JSON (Expecting value: line 1 column 1 (char 0)); give the output of"),
        (("--from", "{empty}"), "is empty; give the output of pulumi preview --json"),
        (("--from", "{deep}"), "is nested too deeply"),
        (("--from", "{other}"), "this is no state: it has no list deployment.resources"),
        (("--from", "{state}", "--compare"), "is a state, which tells of one side; give the other by --compare-with"),
        (("--from", "-", "--compare-with", "-"), "are both standard input; give one of them as a file"),
        (("--from", "{state}", "--fail-over-budget"), "--fail-over-budget needs a budget, and no stack is named"),
        (("--from", "{state}", "--usage", "none.yaml"), "none.yaml cannot be read: No such file or directory"),
        (("--from", "{state}", "--usage", "{usage}"), "usage.yaml: meter 'made/up' is not an item of the price book"),
        (("--from", "{state}", "--usage", "{field}"), "field.yaml: as_of: Field required (and 1 more)"),
        (("--from", "{state}", "--usage", "{text}"), "text.json"),
        (("--from", "{state}", "--prices", "none.yaml"), "none.yaml: cannot be read: No such file or directory"),
        (("--from", "{state}", "--output", "{state}/x"), "cannot be written: File exists; give another --output"),
        (("nowhere",), "stacks/Pulumi.nowhere.yaml"),
        (("--from", "{state}", "--by", "colour"), "colour"),
        (("--from", "{state}", "--format", "sarif"), "sarif"),
        (("--made-up",), "No such option"),
    ],
)
def test_misuse_ends_with_one_and_a_readable_sentence(
    mlops: Mlops, write: Callable[..., str], arguments: tuple[str, ...], said: str
) -> None:
    section = {"as_of": "2026-11-27", "review_by": "2027-05-22"}
    files = {
        "list": write("list.json", []),
        "text": write("text.json", "steps: [}"),
        "empty": write("empty.json", b" \n"),
        "deep": write("deep.json", "[" * 200_000),
        "other": write("other.json", {"a": 1}),
        "state": write("state.json", STATE),
        "usage": write("usage.yaml", {**section, "defaults": {"meters": {"made/up": 1}}}),
        "field": write("field.yaml", {"environments": {}}),
    }
    code, out, err = mlops(*(one.format(**files) for one in arguments))
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    # Typer draws a frame around what it says of options, and breaks its lines.
    assert said in err or said in " ".join(err.replace("│", " ").split())


def test_budget_is_passed_only_where_that_is_to_fail(mlops: Mlops, write: Callable[..., str]) -> None:
    dear = finops_kit.aws(
        "ec2/capacityReservation:CapacityReservation", "c", {"instanceType": "p5.48xlarge", "instanceCount": 1}
    )
    document = write("state.json", {"resources": [finops_kit.provider(), dear]})
    assert mlops("sandbox", "--from", document)[0] == 0
    code, out, err = mlops("sandbox", "--from", document, "--fail-over-budget")
    assert code == 3
    assert "over budget: $1,000.00 a month" in err
    assert "budget" in out
    assert mlops("sandbox", "--from", str(kit.RECORDED), "--fail-over-budget")[0] == 0


def test_other_side_may_be_any_document(mlops: Mlops, write: Callable[..., str]) -> None:
    before = write("before.json", {"resources": [finops_kit.provider()]})
    after = write("after.json", STATE)
    code, out, _ = mlops("--from", after, "--compare-with", before, "--format", "json")
    assert code == 0
    found = json.loads(out)["comparison"]
    assert (found["compared_with"], found["difference"]["expected"]) == (before, "3.65")
    assert found["counts"]["added"] == 1


def test_region_and_environment_are_told_where_the_document_does_not(mlops: Mlops, write: Callable[..., str]) -> None:
    alone = write("alone.json", {"resources": [finops_kit.made("aws:ec2/eip:Eip", "e")]})
    unknown = json.loads(mlops("--from", alone, "--format", "json")[1])
    assert unknown["counts"]["unknown"] == 1
    shown = json.loads(mlops("--from", alone, "--format", "json", "--region", "us-east-1", "--environment", "prod")[1])
    assert (shown["monthly"]["expected"], shown["environment"]) == ("3.65", "prod")


def test_assumptions_of_a_company_replace_those_of_the_library(mlops: Mlops, write: Callable[..., str]) -> None:
    section = {"as_of": "2026-11-27", "review_by": "2027-05-22"}
    usage = write("u.yaml", {**section, "defaults": {"meters": {"vpc/nat-data": 100}}})
    gateway = finops_kit.aws("ec2/natGateway:NatGateway", "n")
    document = write("state.json", {"resources": [finops_kit.provider(), gateway]})
    shown = json.loads(mlops("--from", document, "--usage", usage, "--format", "json")[1])
    # 730 x 0.045 and 100 GB x 0.045
    assert shown["monthly"]["expected"] == "37.35"
    assert shown["assumptions"] == ["assumes 100 GB of vpc/nat-data (default)"]
    assert shown["at_least"] is False


def test_own_rates_go_on_top_of_list_prices(mlops: Mlops, write: Callable[..., str]) -> None:
    rates = write(
        "own.yaml",
        "as_of: 2026-11-27\nreview_by: 2027-05-22\nsource: contract 7\n"
        "discounts:\n  - items: vpc/public-ipv4\n    regions: [us-east-1]\n    change: -20 %\n",
    )
    code, out, err = mlops("--from", write("state.json", STATE), "--prices", rates, "--format", "json")
    assert code == 0, err
    shown = json.loads(out)
    assert shown["monthly"]["expected"] == "2.92"  # 3.65 less a fifth
    assert shown["own_rates"] == ["own.yaml"]


def test_preview_without_its_unchanged_resources_is_a_lower_bound(mlops: Mlops, write: Callable[..., str]) -> None:
    document = {"steps": [], "changeSummary": {"same": 316}}
    code, out, _ = mlops("--from", write("preview.json", document))
    assert code == 0
    assert "$0.00 a month at least" in out
    assert "316 unchanged resources" in out


def test_interruption_leaves_no_trace(mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cost_runs, "document", interrupted)
    code, out, err = mlops("--from", "-")
    assert (code, out) == (130, "")
    assert "Traceback" not in err
