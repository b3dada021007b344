"""A preview of a stack in the sandbox, as data: the plan for the estimator, the events for the verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import engine_runs
from sandbox import engine_home
from sandbox.layout import Layout
from sandbox.processes import SandboxError


@dataclass(frozen=True)
class Preview:
    """What one run of `pulumi preview --json --event-log` gave."""

    stack: str
    code: int
    """Exit code of the engine: not 0 also where a mandatory rule is broken."""

    plan: Mapping[str, Any]
    """The engine's JSON: every step with the old and the new state. Empty if the program failed before the first."""

    events: Path
    """Log of the engine's events, policy findings among them."""

    errors: Path
    """What the engine printed beside."""


def preview(
    layout: Layout,
    stack: str,
    packs: bool = True,
    config: Path | None = None,
    say: Callable[[int], None] = lambda _: None,
) -> Preview:
    """Preview a stack in the sandbox; without `packs` nothing is judged. `config` is that of each pack.

    The plan holds the unchanged resources too, which the engine leaves out unless asked: without them an up-to-date
    stack costs nothing. `say` is called every half second with the number of resources so far, for a progress line.
    Raises `SandboxError` where the engine's plan cannot be read.
    """
    engine_home.prepare_stacks(layout, (stack,))
    events, plan, errors = (layout.logs / f"preview-{stack}.{kind}" for kind in ("events.jsonl", "json", "log"))
    events.unlink(missing_ok=True)
    arguments = ["preview", "--stack", stack, "--json", "--show-sames", "--event-log", str(events)]
    if packs and config is not None:
        for _ in engine_home.PACKS:
            arguments += ["--policy-pack-config", str(config)]
    without = () if packs else ("PULUMI_OPTION_POLICY_PACK",)
    code = engine_runs.to_files(layout, arguments, plan, errors, without, engine_runs.counted(events, say))
    return Preview(stack, code, _plan(plan, errors), events, errors)


def _plan(file: Path, errors: Path) -> Mapping[str, Any]:
    text = file.read_text(encoding="utf-8", errors="replace").strip()
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise SandboxError(f"the engine's plan in {file} is no JSON ({error}); see {errors}") from None
    return found if isinstance(found, dict) else {}
