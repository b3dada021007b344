"""What the typed SDK says of a resource type: its inputs, which are required, and its outputs.

The provider refuses an unknown, missing or wrongly typed input as the real one would. The SDK's classes are read
once for each type and version, and kept as JSON, because importing them costs more than an operation.
"""

from __future__ import annotations

import dataclasses
import difflib
import enum
import importlib
import importlib.metadata
import importlib.util
import json
import re
import threading
import typing
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.layout import write_json
from sandbox.provider.servicer import Failure
from sandbox.provider.values import UNKNOWN

Spec = dict[str, Any]
"""`{"type": …, "items": …, "fields": …, "required": …}`; the type is string, number, integer, boolean, any, list,
map or object. With `"text": true` a structured value may be given as text too (a policy document).
"""

_FORMAT = 2
"""Of the kept files; a new one makes them be written again."""


@dataclasses.dataclass(frozen=True)
class TypeSchema:
    """Inputs and outputs of one resource type, in Pulumi's names."""

    inputs: dict[str, Spec]
    required: list[str]
    outputs: list[str]


class Schemas:
    """Schemas of the installed SDK, by token, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self.version = importlib.metadata.version("pulumi-aws")
        self._folder = folder / f"aws-{self.version}-{_FORMAT}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, TypeSchema] = {}
        self._lock = threading.Lock()

    def of(self, token: str) -> TypeSchema:
        """Return the schema of a type; raises `KeyError` for a token that the SDK does not have."""
        if token not in self._known:
            # One thread at a time: two that write the same file would take each other's scratch file away.
            with self._lock:
                self._known[token] = self._kept(token)
        return self._known[token]

    def __contains__(self, token: str) -> bool:
        """Whether the SDK has a type."""
        try:
            self.of(token)
        except KeyError:
            return False
        return True

    def _kept(self, token: str) -> TypeSchema:
        file = self._folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', token)}.json"
        try:
            return TypeSchema(**json.loads(file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            found = _introspect(token)
            write_json(file, dataclasses.asdict(found))
            return found

    def check(self, token: str, inputs: Mapping[str, Any]) -> list[Failure]:
        """List every unknown, missing or wrongly typed input."""
        schema = self.of(token)
        spec: Spec = {"type": "object", "fields": schema.inputs, "required": schema.required}
        return list(_check(spec, dict(inputs), ""))


def tokens() -> dict[str, tuple[str, str]]:
    """Module and class of every resource of the installed SDK, by token; read from its registration table."""
    spec = importlib.util.find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pulumi_aws is not installed")
    text = Path(spec.origin).read_text()
    table = json.loads(text.split('resource_modules="""', 1)[1].split('"""', 1)[0])
    return {token: (entry["fqn"], name) for entry in table for token, name in entry["classes"].items()}


def _introspect(token: str) -> TypeSchema:
    module_name, class_name = tokens()[token]
    with warnings.catch_warnings():
        # The SDK's modules warn at import of classes of theirs that nobody asked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        module = importlib.import_module(module_name)
        resource = getattr(module, class_name)
    # Where a nested type has taken the name, the SDK calls the resource's own arguments InitArgs.
    args = getattr(module, f"{class_name}InitArgs", None) or getattr(module, f"{class_name}Args")
    fields, required = _fields(args)
    outputs = [
        getattr(value.fget, "_pulumi_name", name)
        for name, value in vars(resource).items()
        if isinstance(value, property)
    ]
    return TypeSchema(fields, required, sorted(outputs))


def _fields(args: type, inside: frozenset[type] = frozenset()) -> tuple[dict[str, Spec], list[str]]:
    """Fields of an args class by Pulumi's names, and the names without a default. `inside`: the classes around it."""
    import inspect

    fields, required = {}, []
    parameters = inspect.signature(args.__init__).parameters  # type: ignore[misc]
    for name, value in vars(args).items():
        if not isinstance(value, property) or value.fget is None:
            continue
        pulumi_name = getattr(value.fget, "_pulumi_name", name)
        hints = _hints(value.fget)
        fields[pulumi_name] = _spec(hints.get("return", Any), inside | {args})
        if name in parameters and parameters[name].default is inspect.Parameter.empty:
            required.append(pulumi_name)
    return fields, required


def _hints(function: Any) -> dict[str, Any]:
    import pulumi

    return typing.get_type_hints(function, localns={"Output": pulumi.Output, "T": Any})


def _spec(hint: Any, inside: frozenset[type]) -> Spec:
    """Describe a type hint of an args class. What holds itself (statements of a web ACL) is not followed again."""
    text = {"text": True} if str in _alternatives(hint) else {}
    if len({part for part in _alternatives(hint) if _is_args(part)}) > 1:
        return {"type": "any"}
    for part in _alternatives(hint):
        origin = typing.get_origin(part)
        if origin in (list, typing.Sequence) or getattr(origin, "__name__", "") == "Sequence":
            return {"type": "list", "items": _spec(typing.get_args(part)[0], inside), **text}
        if origin in (dict, typing.Mapping) or getattr(origin, "__name__", "") == "Mapping":
            return {"type": "map", "items": _spec(typing.get_args(part)[1], inside)}
        if _is_args(part) and part in inside:
            return {"type": "any"}
        if _is_args(part):
            fields, required = _fields(part, inside)
            return {"type": "object", "fields": fields, "required": required, **text}
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    for part in _alternatives(hint):
        if isinstance(part, type) and issubclass(part, enum.Enum):
            return {"type": "any"}
    for part in _alternatives(hint):
        if part in names:
            return {"type": names[part]}
    return {"type": "any"}


def _is_args(part: Any) -> bool:
    return isinstance(part, type) and part.__name__.endswith("Args")


def _alternatives(hint: Any) -> Iterator[Any]:
    """Every concrete type that a hint allows: through Optional, Input, Awaitable and Output."""
    origin = typing.get_origin(hint)
    if origin is typing.Union or getattr(origin, "__name__", "") in ("UnionType", "Awaitable", "Output"):
        for part in typing.get_args(hint):
            yield from _alternatives(part)
    elif hint is not type(None):
        yield hint


_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str, int, float, bool),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def _check(spec: Spec, value: Any, path: str) -> Iterator[Failure]:
    kind = spec["type"]
    if value is None or value is UNKNOWN or kind == "any" or (isinstance(value, str) and spec.get("text")):
        return
    if kind == "list":
        yield from _check_list(spec, value, path)
    elif kind == "map":
        yield from _check_map(spec, value, path)
    elif kind == "object":
        yield from _check_object(spec, value, path)
    elif not isinstance(value, _PYTHON[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
        yield Failure(path, f"got {_short(value)}; {'an' if kind == 'integer' else 'a'} {kind} is needed")


def _check_list(spec: Spec, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, list):
        yield Failure(path, f"got {_short(value)}; a list is needed")
        return
    for index, item in enumerate(value):
        yield from _check(spec["items"], item, f"{path}[{index}]")


def _check_map(spec: Spec, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, dict):
        yield Failure(path, f"got {_short(value)}; a mapping is needed")
        return
    for key, item in value.items():
        yield from _check(spec["items"], item, f"{path}.{key}")


def _check_object(spec: Spec, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, dict):
        yield Failure(path, f"got {_short(value)}; an object is needed")
        return
    fields = spec["fields"]
    for key, item in value.items():
        inner = f"{path}.{key}" if path else key
        if key.startswith("__"):
            continue
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1)
            yield Failure(inner, f"is not a property of this type{f'; did you mean {close[0]}?' if close else ''}")
        else:
            yield from _check(fields[key], item, inner)
    for key in spec["required"]:
        if value.get(key) is None:
            yield Failure(f"{path}.{key}" if path else key, "is required and missing")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
