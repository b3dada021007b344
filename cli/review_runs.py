"""What `mlops review` reads: one preview, in the sandbox or of the real account, or the files of one that has been."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli import console, engine_runs, policy_runs, previews
from cli.policy_runs import Choice
from finops import Dimension, compare, default_usage
from finops.state import left_out
from review.costs.model import Costs, describe, identities
from review.page import money
from review.page.assemble import Run, assemble
from review.page.model import Review, Source
from review.report import Report
from review.text import shown_on_a_line
from sandbox import engine_home
from sandbox.layout import REPOSITORY, Layout, write_json
from sandbox.processes import SandboxError
from stacks.load import load
from stacks.settings import Platform

SDKS = ("pulumi", "pulumi-policy")
"""Libraries whose versions are told; those of providers are in the plan."""

LAST_LINES = 12
"""Lines of a failed engine's output that are repeated."""


class ReviewError(SandboxError):
    """Nothing can be reviewed; the message says what was given and what to do."""


@dataclass(frozen=True)
class Planned:
    """A plan and the verdicts of the same run."""

    source: Source
    plan: Mapping[str, Any]
    report: Report
    code: int = 0
    """Exit code of the engine."""


@dataclass(frozen=True)
class Reviewed:
    """A review and what its other files are made of."""

    review: Review
    report: Report
    costs: Costs


def sandbox(layout: Layout, choice: Choice, steps: console.Steps) -> Planned:
    """Preview a stack in the sandbox with both packs. Raises `ReviewError` where there is no plan."""
    config = layout.run / f"review-config-{choice.stack}.json"
    write_json(config, choice.config())
    steps.step(f"previewing {choice.stack} by the profile {Path(choice.profile).stem}")
    run = previews.preview(layout, choice.stack, config=config, say=_saying(steps))
    if not run.plan:
        raise ReviewError(_failed(choice.stack, run.code, run.errors.read_text(encoding="utf-8", errors="replace")))
    return Planned(Source.SANDBOX, run.plan, policy_runs.report_of(run.events), run.code)


def live(choice: Choice, steps: console.Steps) -> Planned:
    """Preview a stack with the caller's own engine, backend and credentials. Raises `ReviewError`.

    Nothing is changed, as in every preview; but the program and its providers talk to the real account.
    """
    engine = shutil.which("pulumi")
    if engine is None:
        raise ReviewError("pulumi is not on PATH; install it from https://www.pulumi.com/docs/install/")
    steps.step(f"previewing {choice.stack} with {engine}, by the profile {Path(choice.profile).stem}")
    with tempfile.TemporaryDirectory(prefix="mlops-review-") as folder:
        files = {name: Path(folder) / name for name in ("plan.json", "events.jsonl", "errors.log", "config.json")}
        write_json(files["config.json"], choice.config())
        command = [engine, "preview", "--stack", choice.stack, "--json", "--show-sames", "--non-interactive"]
        command += ["--event-log", str(files["events.jsonl"])]
        for pack in engine_home.PACKS:
            command += ["--policy-pack", str(REPOSITORY / pack), "--policy-pack-config", str(files["config.json"])]
        # The variable shows --event-log, which the engine keeps for its developers.
        environment = {**os.environ, "PULUMI_DEBUG_COMMANDS": "true"}
        with files["plan.json"].open("wb") as out, files["errors.log"].open("wb") as err:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=err, cwd=REPOSITORY)
            code = engine_runs.wait(process, engine_runs.counted(files["events.jsonl"], _saying(steps)))
        said = files["errors.log"].read_text(encoding="utf-8", errors="replace")
        if not files["plan.json"].stat().st_size:
            raise ReviewError(_failed(choice.stack, code, said))
        return Planned(Source.LIVE, _document(files["plan.json"]), policy_runs.report_of(files["events.jsonl"]), code)


def recorded(plan: Path, events: Path) -> Planned:
    """Read the files of `pulumi preview --json --show-sames --event-log FILE`. Raises `ReviewError`."""
    document = _document(plan)
    if not isinstance(document.get("steps"), list):
        raise ReviewError(f"{plan} is no plan: it has no list of steps; give the output of pulumi preview --json")
    if not events.is_file():
        raise ReviewError(f"{events} is no file; give the file of --event-log of the same preview")
    return Planned(Source.RECORDED, document, policy_runs.recorded(str(events)).report)


def review(planned: Planned, choice: Choice) -> Reviewed:
    """Put the review together. Raises `ReviewError` where plan and verdicts are of another stack."""
    settings = load(choice.stack)
    today = datetime.datetime.now(datetime.UTC).date()
    budget = Decimal(settings.budget.monthly_usd) if settings.budget else None
    run = Run(
        stack=choice.stack,
        on=today,
        source=planned.source,
        profile=Path(choice.profile).stem,
        strict=choice.strict,
        budget=budget,
        durability=settings.durability.value,
        sdks={name: importlib.metadata.version(name) for name in SDKS},
        code=planned.code,
    )
    plan = planned.plan if isinstance(planned.plan.get("steps"), list) else {**planned.plan, "steps": []}
    estimates = money.estimates(plan, today)
    for what, stack in (("events are", planned.report.stack), ("plan is", estimates.after.environment)):
        if stack not in ("", choice.stack):
            raise ReviewError(
                f"the {what} of the stack {shown_on_a_line(stack, 100)}, not of {choice.stack}; name that"
            )
    made = assemble(plan, planned.report, run, estimates)
    return Reviewed(made, planned.report, _costs(plan, estimates, settings, choice.stack, budget))


def _costs(
    plan: Mapping[str, Any], found: money.Estimates, settings: Platform, stack: str, budget: Decimal | None
) -> Costs:
    return describe(
        found.after,
        Dimension.COMPONENT,
        stack=stack,
        missing=left_out(plan),
        usage=default_usage(),
        ids=identities(plan),
        budget=budget,
        account=str(settings.account_id),
        comparison=compare(found.before, found.after),
        compared_with="what is deployed",
    )


def _document(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise ReviewError(
            f"{file} cannot be read: {error.strerror}; give the output of pulumi preview --json"
        ) from None
    except (ValueError, RecursionError):
        raise ReviewError(f"{file} is no JSON; give the output of pulumi preview --json") from None
    if not isinstance(found, dict):
        raise ReviewError(f"{file} is no JSON object; give the output of pulumi preview --json")
    return found


def _failed(stack: str, code: int, said: str) -> str:
    last = "\n".join(said.strip().splitlines()[-LAST_LINES:])
    return f"the preview of {stack} gave no plan (code {code}):\n{last}"


def _saying(steps: console.Steps) -> Callable[[int], None]:
    return lambda count: steps.now(f"{count} resources previewed and judged")
