"""Arguments of components: one error type, one way in for local programs and for the component host.

The component host hands a plain dict with camel-cased-to-snake keys and whole numbers as floats; a Python
program hands the dataclass. `coerce` makes the dataclass of both, so a constructor sees one shape only.
"""

import dataclasses
import difflib
import enum
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pulumi

T = TypeVar("T")


class ArgsError(ValueError):
    """An argument that cannot be built, found before any resource exists.

    `path` names the argument (`gpu_pools[0].mig_profile`); `reason` says what was given, what is allowed and
    what to change.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def coerce(cls: type[T], args: Any, path: str = "args") -> T:
    """Return `args` as an instance of the dataclass `cls`.

    Accepts an instance (returned unchanged) or a mapping. Whole floats become integers, enum values become
    members, nested mappings become nested dataclasses. Unknown keys raise `ArgsError` with the closest name.
    """
    if isinstance(args, cls):
        return args
    if not isinstance(args, Mapping):
        raise ArgsError(path, f"got {type(args).__name__}; pass {cls.__name__} or a mapping of its fields")
    # pulumi.Input holds the forward reference "Output[T]", which only pulumi's own module can resolve.
    hints = typing.get_type_hints(cls, localns={"Output": pulumi.Output, "T": Any})
    known = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in args:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ArgsError(f"{path}.{key}", f"is not an argument of {cls.__name__}{hint}")
    values = {k: _convert(v, hints[k], f"{path}.{k}") for k, v in args.items() if v is not None}
    missing = [
        name
        for name, field in known.items()
        if name not in values and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise ArgsError(path, f"missing {', '.join(missing)}; {cls.__name__} needs each of them")
    return cls(**values)


_LISTS = (str(list), str(Sequence))
"""Origins of hints that stand for lists; compared as text, since the type checker forbids comparing them."""

_MAPPINGS = (str(dict), str(Mapping))
"""Origins of hints that stand for mappings."""


def _convert(value: Any, hint: Any, path: str) -> Any:
    """Turn one value of the component host into what the field's hint names."""
    if isinstance(value, pulumi.Output):
        return value
    if isinstance(value, list):
        inner = _first(hint, lambda h: str(typing.get_origin(h)) in _LISTS)
        item = typing.get_args(inner)[0] if inner is not None and typing.get_args(inner) else Any
        return [_convert(v, item, f"{path}[{i}]") for i, v in enumerate(value)]
    target = _first(hint, lambda h: isinstance(h, type) and issubclass(h, enum.Enum))
    if target is not None and not isinstance(value, target):
        return enum_member(target, value, path)
    target = _first(hint, dataclasses.is_dataclass)
    if target is not None and isinstance(value, Mapping):
        return coerce(target, value, path)
    if isinstance(value, Mapping):
        inner = _first(hint, lambda h: str(typing.get_origin(h)) in _MAPPINGS)
        item = typing.get_args(inner)[1] if inner is not None else Any
        return {k: _convert(v, item, f"{path}.{k}") for k, v in value.items()}
    if isinstance(value, float) and value.is_integer() and _first(hint, lambda h: h is int) is not None:
        return int(value)
    return value


def _first(hint: Any, wanted: Any) -> Any:
    """Find the first part of a hint (through Optional, Input and unions) that satisfies `wanted`."""
    if wanted(hint):
        return hint
    if typing.get_origin(hint) in (list, dict):
        return None
    for part in typing.get_args(hint):
        found = _first(part, wanted)
        if found is not None:
            return found
    return None


def enum_member(cls: type[enum.Enum], value: Any, path: str) -> enum.Enum:
    """Return the member of `cls` with this value, or raise `ArgsError` that lists the allowed values."""
    try:
        return cls(value)
    except ValueError:
        allowed = ", ".join(str(m.value) for m in cls)
        raise ArgsError(path, f"{value!r} is not allowed; use one of {allowed}") from None


def require(condition: bool, path: str, reason: str) -> None:
    """Raise `ArgsError(path, reason)` unless `condition` holds. `condition` must be a plain bool."""
    if not condition:
        raise ArgsError(path, reason)


def one_of(value: Any, allowed: Iterable[Any], path: str) -> None:
    """Raise `ArgsError` unless `value` is among `allowed`; the message lists them."""
    options = list(allowed)
    require(value in options, path, f"{value!r} is not allowed; use one of {', '.join(map(str, options))}")


def in_range(value: float, low: float, high: float, path: str, unit: str = "") -> None:
    """Raise `ArgsError` unless `low <= value <= high`; `unit` is printed behind the bounds."""
    suffix = f" {unit}" if unit else ""
    require(low <= value <= high, path, f"{value} is outside {low} to {high}{suffix}; choose a value inside")
