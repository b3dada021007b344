"""What conditions are evaluated on: values as the engine sends them, bound to the roots of references."""

from collections.abc import Mapping
from typing import Any

from policies._engine.conditions import SELF, Bindings, Condition, holds, this
from policies._engine.values import View
from policies._engine.wire import Undetermined
from tests.policies.build import UNKNOWN, UNKNOWN_BOOL, UNKNOWN_LIST, UNKNOWN_OBJECT, to_wire

MARKS = (UNKNOWN, UNKNOWN_BOOL, UNKNOWN_LIST, UNKNOWN_OBJECT)


def view(props: Mapping[str, Any], path: str = "") -> View:
    return View(to_wire(props), path)


def of(*levels: Mapping[str, Any], **roots: Mapping[str, Any]) -> Bindings:
    """Bind `this` to some levels, nearest first, and other roots to one each."""
    return {SELF: tuple(map(view, levels)), **{name: (view(props),) for name, props in roots.items()}}


def answer(condition: Condition, where: Bindings) -> bool | None:
    """Return whether a condition holds, None where that is undetermined."""
    try:
        return holds(condition, where)
    except Undetermined:
        return None


YES, NO, OPEN = this("yes").is_(1), this("no").is_(1), this("open").is_(1)
KLEENE = {"yes": 1, "no": 2, "open": UNKNOWN}
