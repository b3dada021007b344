"""What is wrong in a stack file: one line for each problem, all of them at once."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong."""

    path: str
    """Where, such as `platform.gpu_pools[0].efa`."""

    text: str
    """What was given, what is allowed, what to change."""


class SettingsError(ValueError):
    """A stack file that cannot be used. The message has a line for each problem: file, path, value, what is allowed."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}: {p.path}: {p.text}" for p in problems))


def from_validation(error: ValidationError, model: type[BaseModel], root: str) -> list[Problem]:
    """Turn pydantic's errors into problems, in the order of the file's paths."""
    found = [_problem(dict(detail), model, root) for detail in error.errors(include_url=False)]
    return sorted(set(found))


def _problem(detail: dict[str, Any], model: type[BaseModel], root: str) -> Problem:
    location = [part for part in detail["loc"] if part not in ("[key]",)]
    path = _path(root, location)
    given, kind, context = detail.get("input"), detail["type"], detail.get("ctx") or {}
    if kind == "missing":
        return Problem(path, f"is required and missing; {_meaning(model, location)}")
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(location[-1]), _known(model, location[:-1]), n=1)
        hint = f"did you mean {close[0]}?" if close else f"use {', '.join(_known(model, location[:-1]))}"
        return Problem(path, f"is not a setting; {hint}")
    return Problem(path, f"{_short(given)} {_reason(kind, context, str(detail['msg']))}")


def _reason(kind: str, context: Mapping[str, Any], message: str) -> str:
    """Say what is allowed, for each kind of pydantic error that these models can give."""
    bounds = {
        "greater_than_equal": ("ge", "is too small; use {} or more"),
        "less_than_equal": ("le", "is too large; use {} or less"),
        "too_short": ("min_length", "has too few entries; give {} or more"),
        "too_long": ("max_length", "has too many entries; give {} or fewer"),
        "string_too_short": ("min_length", "is too short; use {} characters or more"),
        "string_too_long": ("max_length", "is too long; use {} characters or fewer"),
        "string_pattern_mismatch": ("pattern", "does not fit the pattern {}"),
        "enum": ("expected", "is not allowed; use {}"),
        "literal_error": ("expected", "is not allowed; use {}"),
    }
    if kind in bounds:
        key, text = bounds[kind]
        return text.format(str(context[key]).replace("'", ""))
    if kind == "format":
        return f"does not fit; {context['allowed']}" if "allowed" in context else message
    types = {
        "int_type": "a whole number",
        "int_parsing": "a whole number",
        "int_from_float": "a whole number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "string_type": "text; put it in quotes",
        "list_type": "a list",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
    }
    return f"is of the wrong type; use {types[kind]}" if kind in types else message


def _path(root: str, location: Sequence[Any]) -> str:
    return root + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in location)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _walk(model: type[BaseModel], location: Sequence[Any]) -> type[BaseModel] | None:
    """Return the model of a section, following names and list positions."""
    current: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(str(part)) if current else None
        current = _model_in(field.annotation) if field else None
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found:
            return found
    return None


def _known(model: type[BaseModel], location: Sequence[Any]) -> list[str]:
    section = _walk(model, location)
    return list(section.model_fields) if section else []


def _meaning(model: type[BaseModel], location: Sequence[Any]) -> str:
    section = _walk(model, location[:-1])
    field = section.model_fields.get(str(location[-1])) if section else None
    text = (field.description or "see stacks/settings.py") if field else "see stacks/settings.py"
    return text.split("\n")[0].rstrip(".")
