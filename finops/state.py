"""Reads what Pulumi writes, `pulumi stack export` and `pulumi preview --json`, into plain resources.

The marks of unknown and secret values are the engine's own, the same for every language. Source: pulumi/pulumi,
`sdk/go/common/resource/properties.go` and `sdk/go/common/resource/plugin/rpc.go`, read 2026-11-23 at v3.259.0.
"""

from collections.abc import Mapping
from typing import Any, Final

from finops.values import UNKNOWN

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""Key of objects that are not ordinary ones."""

OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
"""Value under `SIGNATURE` of an output: its value, when known, is under `value`."""

SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
"""Value under `SIGNATURE` of a secret."""

UNKNOWN_MARKS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string, and everything in a preview
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
        "[secret]",  # what a preview shows instead of a secret
    }
)

_DEPTH: Final = 100
_GONE = ("delete", "delete-replaced", "read-discard", "discard-replaced", "remove-pending-replace")
"""Steps of a preview after which the resource is not there, or is there under another step."""


class StateError(ValueError):
    """A document is neither a state nor a preview; the text says what was expected."""


def plain(value: Any, depth: int = _DEPTH) -> Any:
    """Return a value with `UNKNOWN` in place of unknowns and secrets. Secrets are never opened."""
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWN_MARKS else value
    if isinstance(value, Mapping):
        if depth == 0:
            return UNKNOWN
        mark = value.get(SIGNATURE)
        if mark == SECRET:
            return UNKNOWN
        if mark == OUTPUT:
            hidden = value.get("secret") is True or "value" not in value
            return UNKNOWN if hidden else plain(value["value"], depth - 1)
        return {key: plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return UNKNOWN if depth == 0 else [plain(item, depth - 1) for item in value]
    return value


def resource(raw: Any) -> dict[str, Any]:
    """Return one resource of a state as a plain resource; what is no object becomes one without a type."""
    if not isinstance(raw, Mapping):
        return {}
    return {**raw, "inputs": plain(raw.get("inputs")), "outputs": plain(raw.get("outputs"))}


def from_state(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of `pulumi stack export`, or of a file of a self-managed backend. Raises `StateError`."""
    for path in (("deployment",), ("checkpoint", "latest"), ()):
        found: Any = document
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping) and (path or "resources" in found):
            resources = found.get("resources")
            if resources is None or isinstance(resources, list):
                return [resource(raw) for raw in resources or []]
    raise StateError("this is no state: it has no list deployment.resources; give the output of pulumi stack export")


def from_preview(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources that are there after what `pulumi preview --json` plans. Raises `StateError`."""
    steps = document.get("steps")
    if not isinstance(steps, list):
        raise StateError("this is no preview: it has no list of steps; give the output of pulumi preview --json")
    found: dict[Any, dict[str, Any]] = {}
    for step in steps:
        if not isinstance(step, Mapping) or step.get("op") in _GONE:
            continue
        after = resource(step.get("newState"))
        urn = step.get("urn")
        after.setdefault("urn", urn)
        # A replacement is two steps with one URN, and both tell of the same resource afterwards.
        found[urn if isinstance(urn, str) and urn else len(found)] = after
    return list(found.values())


def before_preview(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources that are there before what `pulumi preview --json` plans. Raises `StateError`."""
    steps = document.get("steps")
    if not isinstance(steps, list):
        raise StateError("this is no preview: it has no list of steps; give the output of pulumi preview --json")
    found: dict[Any, dict[str, Any]] = {}
    for step in steps:
        if isinstance(step, Mapping) and isinstance(step.get("oldState"), Mapping):
            before = resource(step["oldState"])
            before.setdefault("urn", step.get("urn"))
            urn = before["urn"]
            found.setdefault(urn if isinstance(urn, str) and urn else len(found), before)
    return list(found.values())


def read(document: Any) -> list[dict[str, Any]]:
    """Return the resources of a state or of a preview, whichever it is. Raises `StateError`."""
    if not isinstance(document, Mapping):
        raise StateError(f"this is {type(document).__name__}, and neither a state nor a preview: give a JSON object")
    return from_preview(document) if "steps" in document else from_state(document)
