"""Properties on the wire as plain Python values, and back. Only the unknown of a preview is special."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf import struct_pb2

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")

UNKNOWN_ON_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine's protocol says "not known yet" (sdk/go/common/resource/plugin, UnknownStringValue)."""


class _Unknown:
    """A value that a preview cannot know."""

    def __repr__(self) -> str:
        return "<unknown>"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value was used as a condition")


UNKNOWN: Final = _Unknown()

Props = dict[str, Any]


def from_wire(struct: struct_pb2.Struct) -> Props:
    """Turn a protobuf struct into a dict; whole numbers become integers, unknowns become `UNKNOWN`."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_wire(value.struct_value)
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_ON_WIRE else value.string_value
    if kind == "bool_value":
        return value.bool_value
    return None


def to_wire(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Turn a dict into a protobuf struct; `None` values are left out."""
    struct = struct_pb2.Struct()
    for key, value in props.items():
        if value is not None:
            _to_value(value, struct.fields[key])
    return struct


def _to_value(value: Any, into: struct_pb2.Value) -> None:
    if value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, _Unknown):
        into.string_value = UNKNOWN_ON_WIRE
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, int | float):
        into.number_value = value
    elif isinstance(value, Mapping):
        into.struct_value.CopyFrom(to_wire({str(k): v for k, v in value.items()}))
    elif isinstance(value, list | tuple | set | frozenset):
        into.list_value.SetInParent()
        for item in value:
            _to_value(item, into.list_value.values.add())
    else:
        into.string_value = str(value)


def contains_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside a value."""
    if isinstance(value, _Unknown):
        return True
    if isinstance(value, Mapping):
        return any(contains_unknown(v) for v in value.values())
    return isinstance(value, list) and any(contains_unknown(v) for v in value)


def compact(value: Any) -> Any:
    """Drop null members of mappings, at every depth: they are not there for the engine either."""
    if isinstance(value, Mapping):
        return {k: compact(v) for k, v in value.items() if v is not None}
    return [compact(v) for v in value] if isinstance(value, list) else value


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and value of each leaf, as the engine writes paths: `a.b[0]["kubernetes.io/role"]`."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves(item, _below(path, str(key)))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def _below(path: str, key: str) -> str:
    """Append a name to a path; one that is no plain name goes in brackets and quotes, so that no two paths meet."""
    if not _PLAIN.fullmatch(key):
        quoted = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{key}" if path else key
