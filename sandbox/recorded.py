"""What was only recorded rather than executed: kept as data, so that every run can say it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sandbox.layout import Layout, write_atomically, write_json


def _folder(layout: Layout) -> Path:
    return layout.journal / "recorded"


def _file(layout: Layout, urn: str) -> Path:
    return _folder(layout) / f"{hashlib.sha256(urn.encode()).hexdigest()[:32]}.json"


def add(layout: Layout, urn: str, reason: str) -> None:
    """Note that a resource is in the state only, and why."""
    _folder(layout).mkdir(parents=True, exist_ok=True)
    write_json(_file(layout, urn), {"urn": urn, "reason": reason})


def remove(layout: Layout, urn: str) -> None:
    """Drop the note on a resource."""
    _file(layout, urn).unlink(missing_ok=True)


def listed(layout: Layout) -> list[tuple[str, str]]:
    """URN and reason of everything that is recorded only, sorted by URN."""
    notes = [json.loads(f.read_text()) for f in _folder(layout).glob("*.json")]
    return sorted((n["urn"], n["reason"]) for n in notes)


def note_boot(layout: Layout, boot: str) -> None:
    """Note which memory of the local AWS the state's resources live in."""
    write_atomically(_boot_file(layout), boot)


def noted_boot(layout: Layout) -> str | None:
    """Boot id of the local AWS that last executed something; None before that."""
    try:
        return _boot_file(layout).read_text()
    except FileNotFoundError:
        return None


def _boot_file(layout: Layout) -> Path:
    return layout.journal / "aws-boot"
