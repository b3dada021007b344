"""What is wrong in a stack file: one line for each problem, all of them at once, in the file's order."""

from __future__ import annotations

import ast
import dataclasses
import datetime
import difflib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from stacks.documents import WrittenFloat, WrittenNumber

_LONGEST = 80
"""Characters of a value that a message shows."""


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
    """Turn pydantic's errors into problems, each of them once."""
    found = [_problem(dict(detail), model, root) for detail in error.errors(include_url=False)]
    return list(dict.fromkeys(found))


def in_file_order(problems: Iterable[Problem], raw: Any) -> list[Problem]:
    """Sort problems as their places follow each other in the file; what is missing comes last in its section."""
    return sorted(problems, key=lambda p: (_position(_location(p.path), raw), p))


def _position(location: Sequence[Any], raw: Any) -> tuple[float, ...]:
    result: list[float] = []
    for part in location:
        if isinstance(raw, Mapping) and part in raw:
            result.append(list(raw).index(part))
            raw = raw[part]
        elif isinstance(raw, list) and isinstance(part, int) and part < len(raw):
            result.append(part)
            raw = raw[part]
        else:
            result.append(float("inf"))
            break
    return tuple(result)


def _location(path: str) -> list[Any]:
    """Return the names and indexes of a path, the root left out."""
    found = re.findall(r"""\.([^.\[\]]+)|\[(\d+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]""", path)
    return [name or ast.literal_eval(inner) for name, inner in found]


def shown(value: Any, depth: int = 2) -> str:
    """Return a value as a message shows it: ASCII, on one line, at most 80 characters, as the file has it.

    Other letters are escaped, because one that looks like a Latin one is found in no other way.
    """
    if value is None or isinstance(value, bool):
        text = {None: "nothing", True: "true", False: "false"}[value]
    elif isinstance(value, WrittenNumber | WrittenFloat):
        text = ascii(value.written)[1:-1]
    elif isinstance(value, str):
        text = ascii(value[: _LONGEST * 2])
    elif isinstance(value, int):
        text = str(value) if value.bit_length() < 256 else f"a number of {value.bit_length()} bits"
    elif isinstance(value, datetime.date):
        text = value.isoformat()
    elif isinstance(value, Mapping):
        text = _some((f"{shown(k, 0)}: {shown(v, depth - 1)}" for k, v in value.items()), depth, "{", "}")
    elif isinstance(value, list):
        text = _some((shown(item, depth - 1) for item in value), depth, "[", "]")
    else:
        text = ascii(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _some(items: Iterable[str], depth: int, start: str, end: str) -> str:
    """Write the first items of a container; a file of aliases may hold very many of them."""
    few = list(itertools.islice(items, 5)) if depth > 0 else ["..."]
    return start + ", ".join([*few[:4], "..."] if len(few) > 4 else few) + end


def _problem(detail: dict[str, Any], model: type[BaseModel], root: str) -> Problem:
    location = [part for part in detail["loc"] if part not in ("[key]",)]
    path = _path(root, location)
    given, kind, context = detail.get("input"), detail["type"], detail.get("ctx") or {}
    if kind == "missing":
        return Problem(path, f"is required and missing; {_meaning(model, location)}")
    if kind in ("extra_forbidden", "invalid_key"):
        known = _known(model, location[:-1])
        if kind == "invalid_key":
            return Problem(path, f"is no name of a setting; use {', '.join(known)}")
        close = difflib.get_close_matches(str(location[-1])[:_LONGEST], known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"use {', '.join(known)}"
        return Problem(path, f"is not a setting; {hint}")
    if kind == "rule":
        return Problem(path, context["said"])
    if given is None and kind in _TYPES:
        field = _field(model, location)
        optional = ", or leave it out" if field is not None and not field.is_required() else ""
        return Problem(path, f"is empty; use {_TYPES[kind]}{optional}")
    return Problem(path, f"{shown(given)} {_reason(kind, given, context, str(detail['msg']))}")


_BOUNDS = {
    "greater_than_equal": ("ge", "is too small; use {} or more"),
    "less_than_equal": ("le", "is too large; use {} or less"),
    "too_short": ("min_length", "has too few entries; give {} or more"),
    "too_long": ("max_length", "has too many entries; give {} or fewer"),
    "string_too_short": ("min_length", "is too short; use {} characters or more"),
    "string_too_long": ("max_length", "is too long; use {} characters or fewer"),
    "enum": ("expected", "is not allowed; use {}"),
}
_TYPES = {
    "int_type": "a whole number",
    "finite_number": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def _reason(kind: str, given: Any, context: Mapping[str, Any], message: str) -> str:
    """Say what is allowed, for each kind of pydantic error that these models can give."""
    if kind in _BOUNDS:
        key, text = _BOUNDS[kind]
        return text.format(str(context[key]).replace("'", ""))
    if kind == "format":
        return f"does not fit; {context['allowed']}"
    if kind in _TYPES:
        quotes = "; put it in quotes" if kind == "string_type" and not isinstance(given, Mapping | list) else ""
        return f"is of the wrong type; use {_TYPES[kind]}{quotes}"
    return f"is refused: {message[:1].lower()}{message[1:]}"


def _path(root: str, location: Sequence[Any]) -> str:
    return root + "".join(map(_step, location))


def _step(part: Any) -> str:
    if isinstance(part, int):
        return f"[{shown(part)}]"
    plain = re.fullmatch(r"[A-Za-z0-9_/-]{1,80}", part)
    return f".{part}" if plain else f"[{shown(part)}]"


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


def _field(model: type[BaseModel], location: Sequence[Any]) -> FieldInfo | None:
    section = _walk(model, location[:-1]) if location else None
    return section.model_fields.get(str(location[-1])) if section else None


def _meaning(model: type[BaseModel], location: Sequence[Any]) -> str:
    field = _field(model, location)
    text = (field.description if field else None) or "see stacks/settings.py"
    return text.split("\n")[0].rstrip(".")
