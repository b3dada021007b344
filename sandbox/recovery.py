"""What an interrupted run leaves, and what the next one must do about it."""

from __future__ import annotations

import json
from pathlib import Path

import psutil

from sandbox import engine_home, leftovers, recorded
from sandbox.aws.server import boot_of
from sandbox.layout import Layout, write_atomically
from sandbox.processes import SandboxError


def prepare(layout: Layout, stack: str) -> str | None:
    """Clear what a killed engine left locked; return why the state must be refreshed first, or None.

    The state must be refreshed when moto has forgotten what it holds, and when the last run was cut off.
    """
    _clear_dead_locks(layout, stack)
    reason = None
    noted = recorded.noted_boot(layout)
    if noted is not None and noted != current_boot(layout):
        reason = "the local AWS was started anew and has forgotten its resources"
    elif _marker(layout, stack).exists():
        reason = "the last run was cut off"
    write_atomically(_marker(layout, stack), "running")
    return reason


def completed(layout: Layout, stack: str) -> list[str]:
    """Note that a run ended whole, against the local AWS as it is now.

    Returns the URNs of what an earlier, killed run had created and this one did not take up; they are deleted.
    """
    undone = leftovers.undo(layout, stack)
    recorded.note_boot(layout, current_boot(layout))
    _marker(layout, stack).unlink(missing_ok=True)
    return undone


def _marker(layout: Layout, stack: str) -> Path:
    return layout.journal / f"running-{stack}"


def current_boot(layout: Layout) -> str:
    """Boot id of the local AWS that runs now."""
    try:
        return boot_of(layout.aws_endpoint)
    except OSError as error:
        raise SandboxError(f"the local AWS does not answer ({error}); run the same command again") from None


def _clear_dead_locks(layout: Layout, stack: str) -> None:
    """Remove the backend's locks of engines that are gone; the lock of a living one stays, and stops us."""
    folder = layout.state / ".pulumi" / "locks" / "organization" / engine_home.PROJECT / stack
    for lock in folder.glob("*.json"):
        try:
            pid = int(json.loads(lock.read_text())["pid"])
        except (ValueError, KeyError, OSError):
            continue
        if not psutil.pid_exists(pid):
            lock.unlink(missing_ok=True)
