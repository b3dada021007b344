"""What differs between two sets of inputs, and what a refreshed reality does to the inputs of a state."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.provider.values import UNKNOWN, Props, leaves

ABSENT = object()


@dataclasses.dataclass(frozen=True)
class Change:
    """One property that differs."""

    path: str
    kind: str
    """`add`, `delete` or `update`."""

    replaces: bool

    @property
    def top(self) -> str:
        """Name of the top-level property."""
        return self.path.split(".", 1)[0].split("[", 1)[0]


def compare(old: Mapping[str, Any], new: Mapping[str, Any], replaces: Callable[[str], bool]) -> list[Change]:
    """List the differing leaves of two sets of inputs; a property that is unknown now may differ, so it does.

    `None` and a missing property are the same. Empty containers count as missing too: providers drop them.
    """
    before, after = _leaves(old), _leaves(new)
    changes = []
    for path in sorted(before.keys() | after.keys()):
        was, now = before.get(path, ABSENT), after.get(path, ABSENT)
        if _same(was, now):
            continue
        kind = "add" if was is ABSENT else "delete" if now is ABSENT else "update"
        changes.append(Change(path, kind, replaces(path)))
    return changes


def _leaves(inputs: Mapping[str, Any]) -> dict[str, Any]:
    pruned = _pruned(inputs)
    return dict(leaves(pruned)) if pruned else {}


def _same(was: Any, now: Any) -> bool:
    if now is UNKNOWN:
        return False
    # True equals 1 in Python, and nowhere else.
    return bool(was == now) and isinstance(was, bool) == isinstance(now, bool)


def _pruned(value: Any) -> Any:
    """Drop null members and empty containers of mappings, at any depth; lists keep their length."""
    if isinstance(value, Mapping):
        kept = {k: _pruned(v) for k, v in value.items() if not k.startswith("__")}
        return {k: v for k, v in kept.items() if v is not None and v != {} and v != []}
    return [_pruned(item) for item in value] if isinstance(value, list) else value


def refreshed_inputs(inputs: Props, before: Props, after: Props) -> Props:
    """Return the inputs that would give what was found: where reality moved, its value replaces the old input.

    `before` and `after` are the state's outputs before and after a look at reality. What did not move keeps its old
    input, whatever form the program wrote it in.
    """
    result = dict(inputs)
    for key in inputs:
        if key in after and after[key] != before.get(key):
            result[key] = _moved(inputs[key], before.get(key), after[key])
    return result


def _moved(given: Any, before: Any, after: Any) -> Any:
    """Return an input with what moved; of a mapping only the members that moved, computed ones stay out."""
    if not (isinstance(given, Mapping) and isinstance(before, Mapping) and isinstance(after, Mapping)):
        return after
    moved = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
    kept = {k: v for k, v in given.items() if k not in moved}
    return {**kept, **{k: _moved(given.get(k), before.get(k), after[k]) for k in moved if k in after}}
