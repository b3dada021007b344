"""Runs of the engine that end with verdicts: a preview, a deployed state, or one that has been."""

from __future__ import annotations

import contextlib
import datetime
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from cli import console, engine_runs
from policies._engine import environments, profiles
from policies._engine.profiles import Level, ProfileError
from policies.catalogue import PACKS
from review.comparison import compare
from review.events import read
from review.report import Report, of_log
from sandbox import engine_home
from sandbox.layout import REPOSITORY, Layout, write_json
from sandbox.processes import SandboxError
from stacks.load import load
from stacks.problems import SettingsError


class PolicyError(SandboxError):
    """Nothing can be judged; the message says what was given and what to do."""


@dataclass(frozen=True)
class Choice:
    """How a stack is to be judged."""

    stack: str
    profile: str
    """Name of a profile, or the whole path of one."""

    environment: str
    strict: bool
    off: frozenset[str]
    """Rules that the profile switches off."""

    def config(self) -> dict[str, object]:
        """Return the packs' configuration."""
        return {"profile": {"name": self.profile, "environment": self.environment, "strict": self.strict}}


@dataclass(frozen=True)
class Judged:
    """A report, and how its run ended."""

    report: Report
    code: int = 0
    """Exit code of the engine."""

    output: Path | None = None
    """What the engine printed."""


def choose(stack: str, profile: str | None, strict: bool) -> Choice:
    """Decide by which profile a stack is judged: the one named, else the settings', else the environment's.

    Raises `PolicyError` where the stack file or the profile is not in order.
    """
    try:
        settings = load(stack)
    except SettingsError as error:
        raise PolicyError(str(error)) from None
    environment = environments.normal(settings.environment.value)
    name = profile or settings.admission.profile or profiles.for_environment(environment)
    if str(name).endswith((".yaml", ".yml")):
        name = str(Path(name).resolve())  # the engine runs elsewhere
    try:
        loaded = [profiles.load(str(name), pack) for pack in PACKS]
    except ProfileError as error:
        raise PolicyError(str(error)) from None
    off = frozenset(rule for one in loaded for rule in one.levels if one.level(rule, environment) is Level.DISABLED)
    return Choice(stack, str(name), environment, strict, off)


def preview(layout: Layout, choice: Choice, steps: console.Steps) -> Judged:
    """Preview a stack in the sandbox, with both packs."""
    engine_home.prepare_stacks(layout, (choice.stack,))
    config = _config(layout, choice)
    events, output = (layout.logs / f"check-{choice.stack}.{kind}" for kind in ("events.jsonl", "log"))
    events.unlink(missing_ok=True)
    steps.step(f"previewing {choice.stack} by the profile {Path(choice.profile).stem}")
    arguments = ["preview", "--stack", choice.stack, "--event-log", str(events)]
    for _ in PACKS:
        arguments += ["--policy-pack-config", str(config)]
    look = engine_runs.counted(events, lambda n: steps.now(f"{n} resources judged"))
    code = engine_runs.to_files(layout, arguments, output, meanwhile=look)
    steps.step("reading the verdicts")
    return Judged(report_of(events), code, output)


def state(layout: Layout, choice: Choice, steps: console.Steps) -> Judged:
    """Judge the state of a stack in the sandbox, and compare with its last run."""
    config = _config(layout, choice)
    events, errors = (layout.logs / f"state-{choice.stack}.{kind}" for kind in ("events.jsonl", "log"))
    steps.step(f"judging the state of {choice.stack} by the profile {Path(choice.profile).stem}")
    deployed = _deployed(layout, choice.stack)
    arguments = ["policy", "analyze", "--stack", choice.stack, "--json"]
    for pack in engine_home.PACKS:
        arguments += ["--policy-pack", str(REPOSITORY / pack), "--policy-pack-config", str(config)]
    # This command takes the variable's list for the path of one more pack.
    code = engine_runs.to_files(layout, arguments, events, errors, without=("PULUMI_OPTION_POLICY_PACK",))
    judged = Judged(report_of(events), code, errors)
    earlier = _earlier(layout, choice.stack)
    if earlier is None:
        steps.step("nothing to compare with: there is no log of an earlier `mlops up` or `mlops policy check`")
        return judged
    before, when = earlier
    name = f"{before.operation} of {when:%Y-%m-%d %H:%M} UTC{'' if before.complete else ', which did not judge all'}"
    comparison = compare(before, judged.report, deployed, choice.off, name)
    return Judged(judged.report.model_copy(update={"comparison": comparison}), judged.code, errors)


def recorded(source: str) -> Judged:
    """Read a run that has been, from a file or, for `-`, from standard input."""
    try:
        with contextlib.ExitStack() as files:
            lines = (
                sys.stdin
                if source == "-"
                else files.enter_context(Path(source).open(encoding="utf-8", errors="replace"))
            )
            log = read(lines)
    except OSError as error:
        raise PolicyError(f"{source} cannot be read: {error.strerror}; give the file of --event-log") from None
    if not log.events:
        raise PolicyError(
            f"{source} holds no event of the engine; write one with `PULUMI_DEBUG_COMMANDS=true pulumi preview "
            f"--event-log FILE`, or with `pulumi policy analyze --json`"
        )
    return Judged(of_log(log, _today()))


def report_of(events: Path) -> Report:
    """Return the verdicts in an event log; none where the engine wrote no log."""
    if not events.exists():
        return of_log(read(()), _today())
    with events.open(encoding="utf-8", errors="replace") as lines:
        return of_log(read(lines), _today())


def _config(layout: Layout, choice: Choice) -> Path:
    path = layout.run / f"policy-config-{choice.stack}.json"
    write_json(path, choice.config())
    return path


def _deployed(layout: Layout, stack: str) -> frozenset[str]:
    try:
        exported = json.loads(engine_runs.answer(layout, "stack", "export", "--stack", stack))
    except SandboxError as error:
        raise PolicyError(
            f"the sandbox has no state of {stack}; bring it up: mlops up --stack {stack}\n{error}"
        ) from None
    urns = frozenset(str(one["urn"]) for one in exported.get("deployment", {}).get("resources") or [])
    if not urns:
        raise PolicyError(f"nothing of {stack} is deployed in the sandbox; bring it up: mlops up --stack {stack}")
    return urns


def _earlier(layout: Layout, stack: str) -> tuple[Report, datetime.datetime] | None:
    """Return the report of the stack's newest log, and when it was written."""
    logs = [layout.logs / f"{kind}-{stack}.events.jsonl" for kind in ("up", "check")]
    written = sorted((log.stat().st_mtime, log) for log in logs if log.exists())
    for when, log in reversed(written):
        report = report_of(log)
        if report.packs:
            return report, datetime.datetime.fromtimestamp(when, datetime.UTC)
    return None


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
