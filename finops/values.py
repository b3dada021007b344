"""How the estimator reads properties: plain values, in which one that is not known is never taken for another.

Reading raises `Unreadable`, with a reason that can be printed: it says which property, never what was in it.
"""

import enum
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final


class Unknown(enum.Enum):
    """The type of `UNKNOWN`: an enum, so that there is one value and type checkers know it."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""Stands in plain resources for a value that is not known yet, or that is secret."""

LARGEST: Final = Decimal(10**9)
"""Largest count or size that is believed. Anything above is a mistake, and would swallow every other figure."""

Path = str | tuple[str, ...]
"""`"scalingConfig.minSize"`, or a tuple where a key holds a dot: `("limits", "nvidia.com/gpu")`."""

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


class Unreadable(Exception):  # noqa: N818 - an answer that the estimator gives, not an error
    """A price cannot be worked out from what is known; `reason` says why, without a full stop."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotKnown(Unreadable):
    """A property is not known yet, or secret."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{shown_path(path)} is not known yet")


class Malformed(Unreadable):
    """A property is of another type than the provider takes."""

    def __init__(self, path: Path, wanted: str) -> None:
        super().__init__(f"{shown_path(path)} is not {wanted}")


def parts(path: Path) -> tuple[str, ...]:
    """Return the keys of a path."""
    return tuple(path.split(".")) if isinstance(path, str) else path


def shown_path(path: Path) -> str:
    """Return a path as messages show it."""
    return path if isinstance(path, str) else ".".join(path)


def number(value: Any, path: Path) -> Decimal:
    """Return a count or size, also from its text. Raises `Malformed` for what is none, or negative, or absurd."""
    found: Decimal | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        found = Decimal(value)
    elif isinstance(value, float) and math.isfinite(value):
        found = Decimal(repr(value))
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        found = Decimal(value)
    if found is None or not 0 <= found <= LARGEST:
        raise Malformed(path, f"a number from 0 to {LARGEST:,}")
    return found if found == found.to_integral_value() else round(found, 12).normalize()


def _find(tree: Any, keys: tuple[str, ...], path: Path) -> Any:
    """Return the value at `keys`; None where it is missing or null, `UNKNOWN` where the way to it is not known."""
    for key in keys:
        if tree is None or tree is UNKNOWN:
            return tree
        if tree.__class__ is not dict and not isinstance(tree, Mapping):
            raise Malformed(path, "inside an object")
        tree = tree.get(key)
    return tree


class Props:
    """Properties of a resource or of a part of one. Inputs come before outputs: they are what was asked for."""

    __slots__ = ("trees",)

    def __init__(self, *trees: Any) -> None:
        self.trees = trees

    def at(self, path: Path) -> Any:
        """Return the value at `path`, None where it is missing. Raises `NotKnown` and `Malformed`."""
        keys = parts(path)
        unknown = False
        for tree in self.trees:
            found = _find(tree, keys, path)
            if found is UNKNOWN:
                unknown = True
            elif found is not None:
                return found
        if unknown:
            raise NotKnown(path)
        return None

    def text(self, path: Path, default: str = "") -> str:
        """Return the string at `path`, `default` where it is missing."""
        found = self.at(path)
        if found is None:
            return default
        if not isinstance(found, str):
            raise Malformed(path, "a string")
        return found

    def number(self, path: Path, default: Decimal | int | None = None) -> Decimal:
        """Return the number at `path`; where it is missing `default`, or `Unreadable` without one."""
        found = self.at(path)
        if found is not None:
            return number(found, path)
        if default is None:
            raise Unreadable(f"{shown_path(path)} is not given")
        return Decimal(default)

    def flag(self, path: Path, default: bool = False) -> bool:
        """Return the boolean at `path`, also from its text (launch templates take it so)."""
        found = self.at(path)
        if found is None:
            return default
        if isinstance(found, str) and found.lower() in ("true", "false"):
            return found.lower() == "true"
        if not isinstance(found, bool):
            raise Malformed(path, "a boolean")
        return found

    def items(self, path: Path) -> Sequence[Any]:
        """Return the list at `path`, empty where it is missing. Its elements may be `UNKNOWN`."""
        found = self.at(path)
        if found is None:
            return ()
        if not isinstance(found, list | tuple):
            raise Malformed(path, "a list")
        return found

    def texts(self, path: Path) -> list[str]:
        """Return the list of strings at `path`, empty where it is missing."""
        found = self.items(path)
        if UNKNOWN in found:
            raise NotKnown(path)
        texts = [item for item in found if isinstance(item, str)]
        if len(texts) != len(found):
            raise Malformed(path, "a list of strings")
        return texts

    def each(self, path: Path) -> list["Props"]:
        """Return the objects in the list at `path`, empty where it is missing."""
        found = self.items(path)
        if UNKNOWN in found:
            raise NotKnown(path)
        if not all(isinstance(item, Mapping) for item in found):
            raise Malformed(path, "a list of objects")
        return [Props(item) for item in found]

    def mapping(self, path: Path) -> Mapping[str, Any]:
        """Return the object at `path`, empty where it is missing. Its values may be `UNKNOWN`."""
        found = self.at(path)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise Malformed(path, "an object")
        return found
