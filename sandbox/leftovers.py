"""What a killed engine created and never wrote into its state: found in the journals, and undone.

The engine of a sandbox writes the state at its end only (docs/decisions/2026-11-27-state-written-once.md). What it had
created before it was killed is taken up by the next run of the same program. What that run does not ask for any more
is undone here, once the run has ended whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox import engine_home, recorded
from sandbox.layout import Layout
from sandbox.provider.journal import Entry, Journal

PROVIDERS = ("kubernetes", "aws")
"""Objects of the cluster go first: what they run on goes with the rest."""


def undo(layout: Layout, stack: str) -> list[str]:
    """Delete what the journals hold of a stack and its state does not; return its URNs, and forget all notes.

    What cannot be deleted keeps its note, so that the next run tries again.
    """
    known = _state(layout, stack)
    undone = []
    for package in PROVIDERS:
        journal = Journal(layout.journal / package)
        unknown = []
        for entry in (e for e in journal.entries() if _belongs(e.urn, stack)):
            if (entry.urn, entry.resource_id) in known:
                journal.forget(entry.urn)
            else:
                unknown.append(entry)
        undone += _undo_all(layout, package, unknown)
    urns = {urn for urn, _ in known}
    for urn, _ in recorded.listed(layout):
        if _belongs(urn, stack) and urn not in urns:
            recorded.remove(layout, urn)
    return undone


def _undo_all(layout: Layout, package: str, unknown: list[Entry]) -> list[str]:
    """Undo in rounds: what is held by something else goes once that is gone."""
    from sandbox.provider.servicer import ProviderError

    if not unknown:
        return []
    run, undone, left = _undoer(layout, package), [], unknown
    while left:
        held = []
        for entry in left:
            try:
                undone += [entry.urn] if run(entry) else []
            except ProviderError:
                held.append(entry)
        if len(held) == len(left):
            break
        left = held
    return undone


def _undoer(layout: Layout, package: str) -> Callable[[Entry], bool]:
    # Read when there is something to undo, which is rare: both take most of a second.
    if package == "kubernetes":
        from sandbox.kubernetes.provider import KubernetesProvider

        return KubernetesProvider(lambda *_: None, layout).undo
    from sandbox.aws.provider import AwsProvider

    provider = AwsProvider(lambda *_: None, layout)
    provider.configure({})
    return provider.undo


def _state(layout: Layout, stack: str) -> set[tuple[str, str]]:
    """URNs and ids, as the stack's state has them: a URN twice while its old resource waits to be deleted."""
    file = layout.state / ".pulumi" / "stacks" / engine_home.PROJECT / f"{stack}.json"
    latest = json.loads(file.read_text())["checkpoint"].get("latest") or {}
    return {(r["urn"], r.get("id", "")) for r in latest.get("resources") or ()}


def _belongs(urn: str, stack: str) -> bool:
    return urn.startswith(f"urn:pulumi:{stack}::{engine_home.PROJECT}::")
