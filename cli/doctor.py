"""`mlops doctor`: what is there, what is missing, and the exact next step."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from typing import Annotated

import typer

from cli import console
from sandbox import lifecycle
from sandbox.engine.acquire import present
from sandbox.engine.cache import cache_root
from sandbox.engine.groups import GROUPS
from sandbox.layout import Layout

EXAMPLES = "Examples:  mlops doctor  ·  mlops doctor --format json"
_DISK_GIB = 6
"""Free disk that a cold build needs, Go's caches included. Measured 2026-11-23: 5.1 GiB."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    next_step: str = ""


def checks(layout: Layout) -> list[Check]:
    """Look at everything that the commands need; changes nothing."""
    result = [_python(), _disk(layout)]
    groups = [(g, present(g)) for g in GROUPS]
    missing = [g for g, found in groups if not found]
    for group, found in groups:
        text = found.source if found else "not there yet"
        result.append(Check(f"{group.key} {group.version}", found is not None, text, "" if found else "mlops up"))
    if missing:
        result.append(_go(sum(g.minutes for g in missing)))
    running = lifecycle.is_running(layout)
    state = "running" if running else "not running"
    result.append(Check("sandbox", running, f"{state} in {layout.root}", "" if running else "mlops sandbox start"))
    return result


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", sys.version_info >= (3, 11), f"{version} in {sys.prefix}", "install Python 3.11 or newer")


def _disk(layout: Layout) -> Check:
    place = next(p for p in (layout.root, *layout.root.parents) if p.exists())
    free = shutil.disk_usage(place).free / 2**30
    return Check("disk", free >= _DISK_GIB, f"{free:.0f} GiB free", f"free {_DISK_GIB} GiB")


def _go(minutes: float) -> Check:
    go = shutil.which("go")
    text = f"{go}; builds take about {minutes:g} min" if go else "not on PATH; needed only where downloads are refused"
    return Check("go", go is not None, text, "" if go else "install Go 1.25 or newer, or allow downloads")


def doctor(
    format_: Annotated[console.Format, typer.Option("--format", help="How to print.")] = console.Format.TABLE,
) -> None:
    """Tell what is there, what is missing, and the exact next step. Exit code 0 if nothing is missing, else 3."""
    found = checks(Layout.current())
    missing = [c for c in found if not c.ok]
    if format_ is console.Format.JSON:
        console.print_json({"checks": [dataclasses.asdict(c) for c in found], "cache": str(cache_root())})
    else:
        rows = console.table("", "what", "found")
        for check in found:
            rows.add_row("[green]ok[/]" if check.ok else "[yellow]--[/]", check.name, check.found)
        console.out.print(rows)
        if missing:
            console.out.print(f"\nnext:  [bold]{missing[0].next_step}[/]")
    if missing:
        raise typer.Exit(3)
