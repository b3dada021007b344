"""What a template of Argo Workflows becomes: a pod made of what it says, what it inherits and what patches it.

Nearest first: the patch of the template, that of the workflow, the template, `templateDefaults`, the workflow. A
template and its defaults are merged field by field; of the workflow counts what neither sets, as a whole. Sources:
argoproj/argo-workflows `workflow/controller/workflowpod.go` and `docs/template-defaults.md`, read 2026-11-27.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import yaml

from policies._engine.values import View, joined
from policies._engine.wire import REDACTED, UNKNOWNS, Undetermined, open_secret

PATCH: Final = "podSpecPatch"
MAIN: Final = "main"
"""Name of a template's container that has none."""

LONGEST: Final = 65_536
"""Longest patch that is read, in characters."""

ADDED: Final = frozenset({"volumes"})
"""What a template has beside its workflow's, not instead of it."""

_UNFILLED: Final = min(UNKNOWNS - {REDACTED})
_ALIAS: Final = re.compile(r"(?:^|[\s\[{,:-])[&*]\w", re.MULTILINE)


def settings(template: View, defaults: View, workflow: View) -> tuple[View, ...]:
    """Return where a setting of the pod may stand, nearest first. Raises `Undetermined` at an unreadable patch."""
    nearer = (template,) if template is defaults else (template, defaults)
    said = tuple(_part(level, _says) for level in nearer)
    taken = {key for level in said for key, value in level.raw.items() if value is not None} - ADDED
    return (*patches(nearer, workflow), *said, _part(workflow, lambda key, _value: key not in taken))


def _says(key: str, value: Any) -> bool:
    """Whether a template sets something. An empty security context counts, an empty list of tolerations does not."""
    return key == "securityContext" or value not in ("", [], {})


def _part(level: View, wanted: Callable[[str, Any], bool]) -> View:
    return View({key: value for key, value in level.raw.items() if wanted(key, value)}, level.path, level.secret)


def patches(nearer: tuple[View, ...], workflow: View) -> tuple[View, ...]:
    """Return the patches of a template's pod, nearest first. Raises `Undetermined` where one cannot be read."""
    holders = [next((level for level in nearer if level.text(PATCH).strip()), None), workflow]
    return tuple(patch for holder in holders if holder is not None for patch in _patch(holder))


def patched(name: str, key: str, patch: View) -> Iterator[View]:
    """Yield what a patch says of a container; `key` is the list of the pod that holds it."""
    for item in patch.sequence(key).mappings():
        if item.text("name") == name:
            yield item


def _patch(holder: View) -> Iterator[View]:
    text, where = holder.text(PATCH), joined(holder.path, PATCH)
    if text.strip():
        yield View(_parsed(text, where), where, holder.secret or open_secret(holder.raw[PATCH])[1])


def _parsed(text: str, where: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise Undetermined(f"{where} has {len(text)} characters and is not read")
    try:
        found = _filled(json.loads(text) if text.lstrip().startswith("{") else _yaml(text))
    except (ValueError, RecursionError, yaml.YAMLError):
        raise Undetermined(f"{where} is neither JSON nor plain YAML before a workflow fills it in") from None
    if not isinstance(found, dict):
        raise Undetermined(f"{where} is not the patch of a pod")
    return found


def _yaml(text: str) -> Any:
    if _ALIAS.search(text):
        raise ValueError("aliases can stand for more than memory holds")
    return yaml.safe_load(text)


def _filled(value: Any) -> Any:
    """Return a value in which texts that a workflow fills in are unknown."""
    if isinstance(value, str):
        return _UNFILLED if "{{" in value else value
    if isinstance(value, dict):
        return {str(key): _filled(inner) for key, inner in value.items()}
    return [_filled(item) for item in value] if isinstance(value, list) else value
