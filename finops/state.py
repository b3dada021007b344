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
_REMOVED = ("delete", "discard", "read-discard")
"""Steps of a preview after which the resource is not there. Source of all steps: pulumi/pulumi,
`pkg/resource/deploy/step.go`, read 2026-11-27 at v3.259.0."""

_REPLACED = ("delete-replaced", "discard-replaced")
"""Steps after which it is there by another step."""

_GONE = (*_REMOVED, *_REPLACED, "remove-pending-replace")


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
    """Return the resources that are there after what `pulumi preview --json` plans. Raises `StateError`.

    What stays the same is among them only with `--show-sames`; see `left_out`.
    """
    found: dict[Any, dict[str, Any]] = {}
    for number, step in enumerate(_steps(document)):
        op, urn = step.get("op"), _text(step.get("urn"))
        if op in _REMOVED:
            # A preview that refreshes tells of what it removes twice.
            found.pop(urn, None)
        if op in _GONE:
            continue
        after = resource(step.get("newState"))
        after.setdefault("urn", step.get("urn"))
        if isinstance(outputs := after.get("outputs"), Mapping):
            # The provider decides them later. Steps that create do not show them, so neither do those that replace.
            after["outputs"] = {key: value for key, value in outputs.items() if value is not UNKNOWN}
        # A replacement is two steps with one URN, and both tell of the same resource afterwards.
        found[urn or number] = after
    return list(found.values())


def before_preview(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources that are there before what `pulumi preview --json` plans. Raises `StateError`.

    They have the URNs that they will have: what the program renames by an alias is the same before and after.
    """
    found: dict[Any, dict[str, Any]] = {}
    renamed: dict[str, str] = {}
    # Where the program asks for something else than it adopts, a second step has an old state: not one of the stack.
    adopted = {_text(step.get("urn")) for step in _steps(document) if step.get("op") == "import"}
    # Last, so that the other steps of a replacement have told what is replaced: what remains was replaced earlier.
    steps = sorted(_steps(document), key=lambda step: step.get("op") in _REPLACED)
    for number, step in enumerate(steps):
        old, urn = step.get("oldState"), _text(step.get("urn"))
        if not isinstance(old, Mapping) or (urn and urn in adopted):
            continue
        before = resource(old)
        was = _text(before.get("urn"))
        urn = urn or was
        key: Any = (urn, _text(before.get("id"))) if urn else number
        if key in found:
            continue
        if step.get("op") not in _REPLACED:
            # The engine marks what it is about to replace; until then it is there like any other.
            before.pop("delete", None)
        if urn:
            before["urn"] = urn
            renamed[was] = urn
        found[key] = before
    changed = {was: urn for was, urn in renamed.items() if was and was != urn}
    return [_renamed(before, changed) for before in found.values()] if changed else list(found.values())


def left_out(document: Mapping[str, Any]) -> int:
    """Return how many resources a preview counts as the same and does not show. Raises `StateError`.

    `pulumi preview --json` leaves them out unless it is told `--show-sames`. Totals lack them; what changes does not.
    """
    shown = sum(1 for step in _steps(document) if step.get("op") == "same")
    summary = document.get("changeSummary")
    counted = summary.get("same") if isinstance(summary, Mapping) else None
    return max(counted - shown, 0) if isinstance(counted, int) and not isinstance(counted, bool) else 0


def configured_region(document: Any) -> str | None:
    """Return the AWS region in the configuration of a preview's stack; None where it says none.

    A preview does not show the provider that the engine makes by itself, and before version 7 of `pulumi-aws` no
    resource tells its region.
    """
    config = document.get("config") if isinstance(document, Mapping) else None
    found = config.get("aws:region") if isinstance(config, Mapping) else None
    return found if isinstance(found, str) and found and found not in UNKNOWN_MARKS else None


def _steps(document: Any) -> list[Mapping[str, Any]]:
    steps = document.get("steps") if isinstance(document, Mapping) else None
    if not isinstance(steps, list):
        raise StateError("this is no preview: it has no list of steps; give the output of pulumi preview --json")
    return [step for step in steps if isinstance(step, Mapping)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _renamed(before: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a resource that names others by the URNs which they will have."""
    result = dict(before)
    if (parent := _text(before.get("parent"))) in names:
        result["parent"] = names[parent]
    provider, colons, identifier = _text(before.get("provider")).rpartition("::")
    if provider in names:
        result["provider"] = f"{names[provider]}{colons}{identifier}"
    if isinstance(dependencies := before.get("propertyDependencies"), Mapping):
        result["propertyDependencies"] = {
            key: [names.get(urn, urn) if isinstance(urn, str) else urn for urn in urns]
            if isinstance(urns, list)
            else urns
            for key, urns in dependencies.items()
        }
    return result


def read(document: Any) -> list[dict[str, Any]]:
    """Return the resources of a state or of a preview, whichever it is. Raises `StateError`."""
    if not isinstance(document, Mapping):
        raise StateError(f"this is {type(document).__name__}, and neither a state nor a preview: give a JSON object")
    return from_preview(document) if "steps" in document else from_state(document)
