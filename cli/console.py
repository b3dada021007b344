"""What the commands print: people's text to standard error or output, JSON for machines to standard output alone."""

from __future__ import annotations

import enum
import json
import sys
import time
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from sandbox.engine.groups import Group

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Format(enum.StrEnum):
    """How a command prints its result."""

    TABLE = "table"
    JSON = "json"


def print_json(value: Any) -> None:
    """Print a value as JSON, sorted and indented, without any colour."""
    sys.stdout.write(json.dumps(value, indent=2, sort_keys=True, default=str) + "\n")


def table(*columns: str) -> Table:
    """Return a plain table with these columns."""
    result = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        result.add_column(column, overflow="fold")
    return result


def fail(message: str) -> None:
    """Print an error for people."""
    err.print(f"[red bold]error:[/] {escape(message)}")


class Steps:
    """Progress of long work: one live line on a terminal, a plain line for each step elsewhere."""

    def __init__(self) -> None:
        self._status: Status | None = None
        self._began = time.monotonic()
        self._last = ""
        self._printed = 0.0

    def __enter__(self) -> Steps:
        if err.is_terminal:
            self._status = err.status("")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def step(self, text: str) -> None:
        """Begin a step that ought to stay visible."""
        elapsed = time.monotonic() - self._began
        err.print(f"[dim]{elapsed:6.1f} s[/]  {escape(text)}")
        self._show(text)

    def engine(self, group: Group, text: str) -> None:
        """Show where a binary's download or build is; a line every 15 s where there is no terminal."""
        self._show(f"{group.key} {group.version}: {text}")
        now = time.monotonic()
        first = group.key != self._last
        if first or (not err.is_terminal and now - self._printed > 15.0):
            self._last, self._printed = group.key, now
            self.step(f"{group.key} {group.version}: {text}")

    def now(self, text: str) -> None:
        """Change the live line alone: nothing of it stays, and without a terminal nothing is printed."""
        self._show(text)

    def _show(self, text: str) -> None:
        if self._status:
            self._status.update(f"{escape(text[:100])} ({time.monotonic() - self._began:.0f} s)")
