"""Read an environment: from a stack file, or from what the engine hands to a program."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stacks.documents import UnreadableError, read
from stacks.problems import Problem, SettingsError, from_validation, in_file_order, shown
from stacks.settings import Platform

KEY = "mlops:platform"
FOLDER = Path(__file__).parent
ROOT = "platform"

Check = Callable[[Platform], Sequence[Problem]]
"""Finds what a blueprint cannot build of settings that are well-formed."""

# What stands for a broken setting while the others are checked for sense. None of these decides what is built.
_STAND_INS: Mapping[str, Any] = {
    "organization": "a",
    "platform": "a",
    "account_id": "000000000000",
    "owner": "nobody@example.com",
    "cost_center": "a",
    "monitoring": {"alert_emails": ["nobody@example.com"]},
}


def file_of(stack: str) -> str:
    """Name of a stack's file as messages write it, from the repository's root."""
    return f"stacks/Pulumi.{stack}.yaml"


def parse(raw: Any, file: str, check: Check = lambda _: ()) -> Platform:
    """Return the settings in `raw`; raise `SettingsError` with every problem of shape and of sense at once."""
    if not isinstance(raw, Mapping):
        given = "is empty" if raw is None else f"{shown(raw)} is of the wrong type"
        raise SettingsError(file, [Problem(ROOT, f"{given}; use a mapping of settings")])
    try:
        settings = Platform.model_validate(dict(raw))
    except ValidationError as error:
        found = [*from_validation(error, Platform, ROOT), *_sensible(raw, error, check)]
        raise SettingsError(file, in_file_order(found, raw)) from None
    problems = in_file_order(check(settings), raw)
    if problems:
        raise SettingsError(file, problems)
    return settings


def _sensible(raw: Mapping[Any, Any], error: ValidationError, check: Check) -> list[Problem]:
    """Check the sense of the sections whose shape is right, so that a file is mended in one go, not in two."""
    broken = {str(e["loc"][0]) for e in error.errors(include_url=False) if e["loc"]}
    sound = {k: v for k, v in raw.items() if isinstance(k, str) and k not in broken}
    stand_ins = {k: v for k, v in _STAND_INS.items() if k in broken}
    try:
        rest = Platform.model_validate({**sound, **stand_ins})
    except ValidationError:
        # A section that everything needs is broken: nothing can be said of the others yet.
        return []
    return [p for p in check(rest) if not broken.intersection(re.split(r"[.\[]", p.path)[1:2])]


def load(stack: str, check: Check = lambda _: (), folder: Path = FOLDER) -> Platform:
    """Read and check a stack file; raise `SettingsError` if it is missing, is no YAML, or has problems."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", stack):
        name = shown(stack)
        raise SettingsError(
            "stacks", [Problem(name, f"is not the name of a stack; use letters, digits, - _ . ({_there_are(folder)})")]
        )
    file = file_of(stack)
    config = _config(file, _text(file, folder / f"Pulumi.{stack}.yaml"))
    return parse(config, file, check)


def _text(file: str, path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        text = f"does not exist; {_there_are(path.parent)}"
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        text = f"is not UTF-8 text: byte {error.object[error.start]:#04x} at offset {error.start}; save it as UTF-8"
    raise SettingsError(file, [Problem("file", text)]) from None


def _there_are(folder: Path) -> str:
    known = sorted(p.name.removeprefix("Pulumi.").removesuffix(".yaml") for p in folder.glob("Pulumi.*.yaml"))
    return f"there are stack files for {', '.join(known)}" if known else "there are no stack files"


def _config(file: str, text: str) -> Any:
    """Return the value of the one key that a stack file is about."""
    try:
        content = read(text)
    except UnreadableError as error:
        raise SettingsError(file, [Problem("file", f"is not YAML: {error}")]) from None
    example = "see stacks/Pulumi.sandbox.yaml for one that works"
    if not isinstance(content, Mapping):
        given = "is empty" if content is None else f"{shown(content)} is of the wrong type"
        raise SettingsError(file, [Problem("file", f"{given}; {example}")])
    config = content.get("config")
    if not isinstance(config, Mapping):
        raise SettingsError(file, [Problem("config", f"{_instead('config', content)}; {example}")])
    if KEY not in config:
        raise SettingsError(file, [Problem("config", f"has no {KEY}{_meant(KEY, config)}; {example}")])
    return config[KEY]


def _instead(key: str, content: Mapping[Any, Any]) -> str:
    if key not in content:
        return f"is missing{_meant(key, content)}"
    given = "is empty" if content[key] is None else f"{shown(content[key])} is of the wrong type"
    return f"{given}; use a mapping with the key {KEY}"


def _meant(key: str, content: Mapping[Any, Any]) -> str:
    """Name the key that may have been meant as `key`."""
    close = difflib.get_close_matches(key, [str(k)[:80] for k in content], n=1)
    return f"; was it meant by {shown(close[0])}?" if close else ""
