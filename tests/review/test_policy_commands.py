"""`mlops policy` without an engine: what it is given, what it prints, and how it ends."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sarif_kit.validate import validation_errors

from cli import engine_runs, main, policy_commands
from cli.policy_formats import Format
from sandbox import engine_home
from sandbox.layout import REPOSITORY, Layout
from tests.review import kit

FINE = kit.run(kit.passes("SEC-S3-001"))
ADVISORY = kit.run(kit.policy(level="advisory"))
MANDATORY = kit.run(kit.policy(), result="failed")
OPEN = kit.run(kit.policy(level="advisory", undetermined=True))

Ended = tuple[int, str, str]
Mlops = Callable[..., Ended]


@pytest.fixture
def mlops(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mlops:
    for name in ("SERVER_URL", "REPOSITORY", "SHA"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)
    monkeypatch.delenv("MLOPS_DOCS_URL", raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["mlops", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.app()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def log(tmp_path: Path) -> Callable[[list[str]], str]:
    def write(lines: list[str]) -> str:
        (tmp_path / "events.jsonl").write_text("".join(lines))
        return str(tmp_path / "events.jsonl")

    return write


class FakeEngine:
    """Stands for the engine: writes the events it is told to, and remembers how it was called."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.events: list[str] = FINE
        self.code = 0
        self.arguments: list[str] = []
        self.without: tuple[str, ...] = ()
        self.state: list[str] = [kit.urn(), kit.STACK_URN]

    def to_files(
        self,
        layout: Layout,
        arguments: list[str],
        output: Path,
        errors: Path | None = None,
        without: tuple[str, ...] = (),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> int:
        self.arguments, self.without = arguments, without
        target = Path(arguments[arguments.index("--event-log") + 1]) if "--event-log" in arguments else output
        output.write_text("what the engine printed\n")
        (errors or output).write_text("what the engine printed\n")
        target.write_text("".join(self.events))
        meanwhile()
        return self.code

    def answer(self, layout: Layout, *arguments: str) -> str:
        return json.dumps({"deployment": {"resources": [{"urn": urn} for urn in self.state]}})

    def config(self) -> dict[str, Any]:
        """The packs' configuration, the same for both."""
        flags = [
            value
            for flag, value in zip(self.arguments, self.arguments[1:], strict=False)
            if flag == "--policy-pack-config"
        ]
        assert len(flags) == 2
        assert len(set(flags)) == 1
        return dict(json.loads(Path(flags[0]).read_text())["profile"])


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEngine:
    monkeypatch.setenv("MLOPS_SANDBOX_DIR", str(tmp_path / "sandbox"))
    layout = Layout.current()
    layout.make()
    (layout.bin / "pulumi").touch()
    fake = FakeEngine(layout)
    monkeypatch.setattr(engine_runs, "to_files", fake.to_files)
    monkeypatch.setattr(engine_runs, "answer", fake.answer)
    monkeypatch.setattr(engine_home, "prepare_stacks", lambda layout, more: None)
    monkeypatch.setattr(policy_commands, "start_sandbox", lambda layout: None)
    return fake


@pytest.mark.parametrize(
    ("events", "code"),
    [(FINE, 0), (ADVISORY, 0), (OPEN, 0), (MANDATORY, 2), (MANDATORY[:2], 2), (ADVISORY[:2], 1), (kit.run()[:1], 1)],
)
def test_report_exit_code_is_2_for_what_stops_and_1_where_not_all_was_judged(
    mlops: Mlops, log: Callable[[list[str]], str], events: list[str], code: int
) -> None:
    ended, out, err = mlops("policy", "report", "--from", log(events))
    assert ended == code
    assert ("not everything was judged" in err) == (code == 1)
    assert "findings  " in out


@pytest.mark.parametrize("format_", list(Format))
def test_report_every_format_is_what_it_says_on_standard_output_and_in_a_file(
    mlops: Mlops, log: Callable[[list[str]], str], tmp_path: Path, format_: Format
) -> None:
    events, file = log(kit.run(*kit.MANY)), tmp_path / "new" / "report"
    code, out, _ = mlops("policy", "report", "--from", events, "--format", format_)
    assert code == 2
    ended, nothing, told = mlops("policy", "report", "--from", events, "--format", format_, "--output", str(file))
    assert (ended, nothing) == (2, "")
    assert f"{file}: 2 mandatory, 2 advisory, 1 undetermined, 1 exempted; 2 passed" in told
    assert file.read_text() == out
    _read(out, format_)


def _read(text: str, format_: Format) -> None:
    match format_:
        case Format.JSON:
            assert json.loads(text)["counts"]["mandatory"] == 2
        case Format.SARIF:
            assert validation_errors(json.loads(text)) == []
        case Format.JUNIT:
            assert ET.fromstring(text).attrib["failures"] == "2"
        case Format.MARKDOWN:
            assert text.startswith("<!-- mlops policy: dev -->")
        case Format.TABLE:
            assert "SEC-S3-001" in text
            assert "\x1b" not in text


def test_report_reads_standard_input(mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(MANDATORY)))
    code, out, _ = mlops("policy", "report", "--from", "-", "--format", "json")
    assert (code, json.loads(out)["stack"]) == (2, "dev")


def test_report_links_rules_at_the_commit_of_a_github_run(
    mlops: Mlops, log: Callable[[list[str]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SERVER_URL", "https://github.com"), ("REPOSITORY", "o/r"), ("SHA", "abc")):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    _, out, _ = mlops("policy", "report", "--from", log(MANDATORY), "--format", "markdown")
    assert "](https://github.com/o/r/blob/abc/docs/policies/" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("--from", "/nowhere/x"),
            "/nowhere/x cannot be read: No such file or directory; give the file of --event-log",
        ),
        (("--from", str(REPOSITORY)), "cannot be read: Is a directory"),
        (("--from", str(REPOSITORY / "pyproject.toml")), "holds no event of the engine; write one with"),
        (("--from", "LOG", "--format", "pdf"), "'pdf' is not one of"),
        (("--from", "LOG", "--docs-url", "github.com/o/r"), "is no address; begin it with https://"),
        (("--from", "LOG", "--output", "/proc/none/x"), "cannot be written"),
        (("--bad",), "No such option: --bad"),
        ((), "Missing option '--from'"),
    ],
)
def test_report_mistake_is_named_with_what_to_do_and_ends_with_1(
    mlops: Mlops, log: Callable[[list[str]], str], arguments: tuple[str, ...], says: str
) -> None:
    written = log(FINE)
    code, _, err = mlops("policy", "report", *(written if a == "LOG" else a for a in arguments))
    assert code == 1
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("stack", "profile", "environment"),
    [
        ("sandbox", "development", "sandbox"),
        ("dev", "development", "development"),
        ("staging", "baseline", "staging"),
        ("prod", "baseline", "production"),
    ],
)
def test_check_takes_profile_and_environment_from_the_stack_s_settings(
    mlops: Mlops, engine: FakeEngine, stack: str, profile: str, environment: str
) -> None:
    assert mlops("policy", "check", stack)[0] == 0
    assert engine.arguments[:3] == ["preview", "--stack", stack]
    assert engine.config() == {"name": profile, "environment": environment, "strict": False}


def test_check_named_profile_and_strictness_go_to_both_packs(mlops: Mlops, engine: FakeEngine) -> None:
    assert mlops("policy", "check", "dev", "--profile", "regulated", "--strict")[0] == 0
    assert engine.config() == {"name": "regulated", "environment": "development", "strict": True}


def test_check_profile_of_one_s_own_is_found_from_where_the_engine_runs(
    mlops: Mlops, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text("name: own\ndescription: All of it.\nextends: baseline\n")
    assert mlops("policy", "check", "dev", "--profile", "own.yaml")[0] == 0
    assert engine.config()["name"] == str(tmp_path / "own.yaml")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "stacks/Pulumi.nowhere.yaml: file: does not exist; there are stack files for dev, prod"),
        (("../x",), "is not the name of a stack"),
        (("dev", "--profile", "nowhere"), "profile nowhere: no such file; use one of baseline, development, regulated"),
        ((), "Missing argument 'stack'"),
    ],
)
def test_check_mistake_is_found_before_anything_starts(
    mlops: Mlops, engine: FakeEngine, arguments: tuple[str, ...], says: str
) -> None:
    code, _, err = mlops("policy", "check", *arguments)
    assert code == 1
    assert says in err
    assert engine.arguments == []


@pytest.mark.parametrize(
    ("events", "engine_s", "code"),
    [(FINE, 0, 0), (FINE, 255, 1), (MANDATORY, 255, 2), ([], 255, 1), (ADVISORY[:3], 255, 1)],
)
def test_check_exit_code_tells_findings_from_a_failed_engine(
    mlops: Mlops, engine: FakeEngine, events: list[str], engine_s: int, code: int
) -> None:
    engine.events, engine.code = events, engine_s
    ended, _, err = mlops("policy", "check", "dev")
    assert ended == code
    assert ("what the engine printed" in err) == (code == 1)


def test_state_judges_without_the_variable_that_names_the_packs_and_tells_the_environment(
    mlops: Mlops, engine: FakeEngine
) -> None:
    engine.events = kit.lines(kit.summary(preview=False))
    assert mlops("policy", "state", "prod")[0] == 0
    assert engine.arguments[:5] == ["policy", "analyze", "--stack", "prod", "--json"]
    assert engine.without == ("PULUMI_OPTION_POLICY_PACK",)
    assert engine.config() == {"name": "baseline", "environment": "production", "strict": False}


def test_state_says_what_became_of_what_was_undetermined(mlops: Mlops, engine: FakeEngine) -> None:
    open_rules = ("SEC-S3-001", "SEC-S3-004", "SEC-IAM-001")
    before = [kit.policy(rule, level="advisory", undetermined=True) for rule in open_rules]
    (engine.layout.logs / "check-dev.events.jsonl").write_text("".join(kit.run(*before)))
    now = [kit.policy("SEC-S3-004"), kit.policy("SEC-IAM-001", level="advisory", undetermined=True)]
    engine.events = kit.lines(*now, kit.summary("failed", preview=False))
    engine.code = 255
    code, out, _ = mlops("policy", "state", "dev", "--format", "json")
    compared = json.loads(out)["comparison"]
    assert code == 2
    assert compared["earlier"].startswith("preview of 20")
    assert {one["rule"]: (one["before"], one["now"]) for one in compared["changed"]} == {
        "SEC-S3-001": ("undetermined", "pass"),
        "SEC-S3-004": ("undetermined", "fail"),
    }
    assert compared["same"] == 1
    assert json.loads(out)["operation"] == "state"
    _, table, _ = mlops("policy", "state", "dev")
    assert re.search(r"SEC-S3-001 +undetermined +pass +advisory +Bucket web", table)
    assert "compared  with the preview of 20" in table


def test_state_without_an_earlier_run_is_judged_all_the_same(mlops: Mlops, engine: FakeEngine) -> None:
    engine.events = kit.lines(kit.policy(level="advisory"), kit.summary(preview=False))
    code, out, err = mlops("policy", "state", "dev", "--format", "json")
    assert (code, json.loads(out)["comparison"]) == (0, None)
    assert "nothing to compare with" in err


@pytest.mark.parametrize("there", [True, False])
def test_state_of_nothing_says_what_to_do(mlops: Mlops, engine: FakeEngine, there: bool) -> None:
    engine.state = []
    if not there:
        (engine.layout.bin / "pulumi").unlink()
    code, _, err = mlops("policy", "state", "dev")
    assert code == 1
    assert "mlops up --stack dev" in err


def test_command_line_loads_no_rules_before_it_needs_them() -> None:
    code = "import sys, cli.main; print([n for n in sys.modules if n.startswith(('policies', 'review', 'finops'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["check", "report", "state"])
def test_help_has_examples_and_exit_codes(mlops: Mlops, command: str) -> None:
    code, out, _ = mlops("policy", command, "--help")
    assert code == 0
    text = " ".join(out.split())
    assert f"mlops policy {command}" in text
    assert "2 if something does, 1 after an error" in text
