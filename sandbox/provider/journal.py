"""Creations that the engine may not know of yet, so that a killed provider or engine leaves nothing behind.

Before a creation the provider notes URN, inputs and a token. If the engine asks to create the same URN again although
it was never seen to know the result, a creation that had ended is taken as it is. One that was cut off is repeated
under its token: every changing call carries it, and the local AWS answers a repeated call with its first answer.

A note goes only when the engine names the id. That an engine ended in good order says nothing: it also does so
after one of its several providers was killed, and then it never heard of what that one had just created.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
import uuid
from pathlib import Path

from sandbox.layout import write_json
from sandbox.provider.values import Props


@dataclasses.dataclass(frozen=True)
class Entry:
    """One noted creation."""

    urn: str
    token: str
    boot: str
    """Boot id of the local AWS that the calls went to; another one has forgotten them. Empty for the cluster."""

    inputs: Props
    resource_id: str | None
    """None while the creation runs."""

    begun: float = dataclasses.field(default=0.0, compare=False)
    """When it began, in seconds since 1970: what is undone is undone in reverse."""


class Journal:
    """The notes of one sandbox, a file for each URN."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _file(self, urn: str) -> Path:
        return self._folder / f"{hashlib.sha256(urn.encode()).hexdigest()[:32]}.json"

    def pending(self, urn: str) -> Entry | None:
        """Return the note on a URN, if there is one."""
        return _read(self._file(urn))

    def entries(self) -> list[Entry]:
        """Return all notes, the latest first."""
        read = (_read(f) for f in self._folder.glob("*.json"))
        return sorted((e for e in read if e is not None), key=lambda e: -e.begun)

    def begin(
        self, urn: str, boot: str, inputs: Props, token: str | None = None, resource_id: str | None = None
    ) -> Entry:
        """Note that a creation starts: with `token`, that it is repeated; with `resource_id`, what it will make."""
        entry = Entry(urn, token or uuid.uuid4().hex, boot, inputs, resource_id, time.time())
        write_json(self._file(urn), dataclasses.asdict(entry))
        return entry

    def done(self, entry: Entry, resource_id: str) -> None:
        """Note the id that a creation gave."""
        write_json(self._file(entry.urn), dataclasses.asdict(dataclasses.replace(entry, resource_id=resource_id)))

    def forget(self, urn: str) -> None:
        """Drop the note on a URN."""
        self._file(urn).unlink(missing_ok=True)

    def known(self, urn: str, resource_id: str) -> None:
        """The engine named this id: it knows the creation, so the note has served."""
        entry = self.pending(urn)
        if entry is not None and entry.resource_id == resource_id:
            self.forget(urn)


def _read(file: Path) -> Entry | None:
    try:
        return Entry(**json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
