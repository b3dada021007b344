"""Get every binary of the sandbox: from the cache, else from the first source that has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from sandbox.engine import cache, sources
from sandbox.engine.errors import EngineError, SourceRefusedError
from sandbox.engine.groups import GROUPS, PULUMI, Group

Report = Callable[[Group, str], None]
"""Called with a group and a line whenever something moved."""


@dataclasses.dataclass(frozen=True)
class Obtained:
    """A group that is ready to run."""

    group: Group
    folder: Path
    source: str
    """Where it came from, and why not from an earlier source, in words."""

    def binary(self, name: str) -> Path:
        """Path of one executable of the group."""
        return self.folder / name


@dataclasses.dataclass(frozen=True)
class Engine:
    """All groups, ready to run."""

    groups: dict[str, Obtained]

    def binary(self, name: str) -> Path:
        """Path of an executable by its name, whichever group it belongs to."""
        for obtained in self.groups.values():
            if any(b.name == name for b in obtained.group.binaries):
                return obtained.binary(name)
        raise KeyError(name)

    @property
    def language_host(self) -> Path | None:
        """The engine's own Python language host, if it came with the binary; None where ours must serve."""
        own = self.groups[PULUMI.key].folder / "pulumi-language-python"
        return own if own.exists() else None


def present(group: Group) -> Obtained | None:
    """Return the group if it is at hand without any download or build, else None."""
    try:
        return Obtained(group, sources.from_path(group), "found on PATH")
    except SourceRefusedError:
        pass
    place = cache.verified(group)
    return Obtained(group, place, f"cached; {cache.source_of(place)}") if place else None


def obtain(group: Group, report: Report) -> Obtained:
    """Return the group, getting it if need be. Raises `EngineError` that lists every attempt."""
    found = present(group)
    if found:
        return found
    with cache.exclusive(group):
        # Another command may have finished it while this one waited for the lock.
        found = present(group)
        return found or _obtain_now(group, report)


def _obtain_now(group: Group, report: Report) -> Obtained:
    refusals: list[str] = []
    try:
        sources.from_path(group)
    except SourceRefusedError as refusal:
        refusals.append(str(refusal))
    for source in (sources.from_download, sources.from_go):
        with cache.scratch(group) as scratch:
            if source is sources.from_go:
                report(group, f"{'; '.join(refusals)}; building it takes about {group.minutes:g} min on two cores")
            try:
                words = source(group, scratch, lambda line: report(group, line))
                _check_versions(group, scratch)
            except SourceRefusedError as refusal:
                refusals.append(str(refusal))
                continue
            explained = f"{words} ({'; '.join(refusals)})"
            return Obtained(group, cache.publish(group, scratch, explained), explained)
    attempts = "\n".join(f"  - {r}" for r in refusals)
    raise EngineError(
        f"{group.key} {group.version} could not be obtained:\n{attempts}\n"
        "Install Go 1.25 or newer, or put a supported pulumi on PATH where downloads work, "
        "and run the same command again."
    )


def _check_versions(group: Group, folder: Path) -> None:
    """Run each new binary once: a file that does not start, or tells another version, is not taken."""
    for binary in group.binaries:
        version = sources.version_of(folder / binary.name, binary.version_args)
        if version != group.version:
            raise SourceRefusedError(f"{binary.name} is {version} where {group.version} was asked for; not taken")


def obtain_all(report: Report) -> Engine:
    """Return every group, one after the other: a build already uses all cores."""
    return Engine({group.key: obtain(group, report) for group in GROUPS})
