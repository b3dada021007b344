"""YAML as the engine reads it, so that a stack file means the same to a check and to `pulumi up`.

PyYAML follows YAML 1.1. The engine (tried with v3.259.0, 2026-11-23) does not in these points: `yes` and `on` are
text, `10:20` is text, `012345678901` is a number, `1e3` is one too, and a key that comes twice is refused.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_TAGS = "tag:yaml.org,2002:"
_DEEPEST = 60
"""Levels of nesting that are read; a stack file needs 8, and Python's own stack ends long after."""


class WrittenNumber(int):
    """A whole number that remembers how it was written: `0123` is 83, and nobody who wrote it looks for an 83."""

    written: str


class WrittenFloat(float):
    """A number that remembers how it was written: `1.30` is 1.3."""

    written: str


class UnreadableError(ValueError):
    """The text is no YAML that can be used. The message is one line, with the line and column where it is known."""


class _Loader(yaml.SafeLoader):
    """Reads as the engine does."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        where = _where(event.start_mark)
        if self.depth >= _DEEPEST:
            raise UnreadableError(f"nested deeper than {_DEEPEST} levels{where}")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise UnreadableError(
                f"the tag {tag.replace(_TAGS, '!!')!a} is not understood; write the value plainly{where}"
            )
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            known = (key.tag, str(key.value))
            if isinstance(key, yaml.ScalarNode) and known in seen:
                text = f"the key {key.value!a} is there twice, first on line {seen[known]}; remove one"
                raise UnreadableError(f"{text}{_where(key.start_mark)}")
            seen[known] = key.start_mark.line + 1
        return node


def _where(mark: Any) -> str:
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    text = str(loader.construct_scalar(node))
    plain = text.replace("_", "").lower()
    digits = plain.lstrip("+-")
    base = next((b for prefix, b in (("0x", 16), ("0o", 8), ("0b", 2)) if digits.startswith(prefix)), 10)
    if base == 10 and re.fullmatch("0[0-7]+", digits):
        base = 8
    try:
        number = WrittenNumber(plain, base)
    except ValueError:
        # A prefix without digits; or thousands of digits, which Python refuses to read as a guard of its own.
        return text
    number.written = text
    return number


def _fraction(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node))
    number = WrittenFloat(re.sub(r"\.(?=[in])", "", text.replace("_", "").lower()))
    number.written = text
    return number


def _date(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        # Looks like a date and is none, such as 2026-13-45: text, as it is to the engine.
        return loader.construct_scalar(node)


_RESOLVED = {
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)",
    "float": r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
}


def _prepare() -> None:
    replaced = {f"{_TAGS}{name}" for name in (*_RESOLVED, "value")}
    _Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in replaced]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for name, pattern in _RESOLVED.items():
        starts = list("tTfF") if name == "bool" else list("-+.0123456789")
        _Loader.add_implicit_resolver(f"{_TAGS}{name}", re.compile(f"^(?:{pattern})$"), starts)
    _Loader.add_constructor("tag:yaml.org,2002:int", _number)
    _Loader.add_constructor("tag:yaml.org,2002:float", _fraction)
    _Loader.add_constructor("tag:yaml.org,2002:timestamp", _date)


_prepare()


def read(text: str) -> Any:
    """Return the content of one YAML document; raise `UnreadableError` with the place where it cannot be read."""
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        said = "; ".join(part for part in (error.context, error.problem) if part)
        raise UnreadableError(f"{said}{_where(error.problem_mark or error.context_mark)}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableError(f"the character U+{ord(text[error.position]):04X} is not allowed (line {line})") from None
