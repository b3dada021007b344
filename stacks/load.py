"""Read an environment: from a stack file, or from what the engine hands to a program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from stacks.problems import Problem, SettingsError, from_validation
from stacks.settings import Platform

KEY = "mlops:platform"
FOLDER = Path(__file__).parent
ROOT = "platform"

Check = Callable[[Platform], Sequence[Problem]]
"""Finds what a blueprint cannot build of settings that are well-formed."""


def file_of(stack: str) -> str:
    """Name of a stack's file as messages write it, from the repository's root."""
    return f"stacks/Pulumi.{stack}.yaml"


def parse(raw: Any, file: str, check: Check = lambda _: ()) -> Platform:
    """Return the settings in `raw`; raise `SettingsError` with every problem of shape and of sense at once."""
    if not isinstance(raw, Mapping):
        raise SettingsError(file, [Problem(KEY, f"{raw!r} is of the wrong type; use a mapping of settings")])
    try:
        settings = Platform.model_validate(raw)
    except ValidationError as error:
        found = from_validation(error, Platform, ROOT)
        raise SettingsError(file, [*found, *_sensible(raw, error, check)]) from None
    problems = sorted(check(settings))
    if problems:
        raise SettingsError(file, problems)
    return settings


def _sensible(raw: Mapping[str, Any], error: ValidationError, check: Check) -> list[Problem]:
    """Check the sense of the sections whose shape is right, so that a file is mended in one go, not in two."""
    broken = {str(e["loc"][0]) for e in error.errors() if e["loc"]}
    try:
        rest = Platform.model_validate({k: v for k, v in raw.items() if k not in broken})
    except ValidationError:
        # A section that everything needs is broken: nothing can be said of the others yet.
        return []
    return [p for p in sorted(check(rest)) if re.split(r"[.\[]", p.path)[1] not in broken]


def load(stack: str, check: Check = lambda _: (), folder: Path = FOLDER) -> Platform:
    """Read and check a stack file; raise `SettingsError` if it is missing, is no YAML, or has problems."""
    file = file_of(stack)
    path = folder / f"Pulumi.{stack}.yaml"
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        known = ", ".join(sorted(p.name.split(".")[1] for p in folder.glob("Pulumi.*.yaml")))
        raise SettingsError(file, [Problem("file", f"does not exist; there are stack files for {known}")]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        text = " ".join(str(error).split())
        raise SettingsError(file, [Problem("file", f"is not YAML: {text}")]) from None
    config = content.get("config") if isinstance(content, Mapping) else None
    if not isinstance(config, Mapping) or KEY not in config:
        raise SettingsError(file, [Problem("config", f"has no {KEY}; see stacks/Pulumi.sandbox.yaml for one that works")])
    return parse(config[KEY], file, check)
