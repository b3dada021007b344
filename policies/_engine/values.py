"""How a rule reads properties: a plain mapping in which an unknown cannot be mistaken for a value.

Touching an unknown raises `UnknownValue`, whichever way it is touched (`props["a"]`, `props.at("a.b")`,
iteration, `in`, comparison). The verdict is then *undetermined*. Secrets read as their plain value and are
never shown.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, overload

from policies._engine.wire import MalformedValue, UnknownValue, is_unknown, open_secret

T = TypeVar("T")

SHOWN_LENGTH: Final = 80
"""Longest value that a message quotes, in characters."""

SHOWN_ITEMS: Final = 6
"""Longest list that a message quotes item by item."""

Path = str | tuple[str, ...]
"""`"vpcConfig.endpointPublicAccess"`, or a tuple where a key holds a dot: `("limits", "nvidia.com/gpu")`."""


def parts(path: Path) -> tuple[str, ...]:
    """Return the keys of a path."""
    return tuple(path.split(".")) if isinstance(path, str) else path


def joined(path: str, *keys: str) -> str:
    """Return the path of `keys` below `path`, as messages show it."""
    return ".".join((path, *keys) if path else keys)


def wrap(raw: Any, path: str, secret: bool = False) -> Any:
    """Return a raw value as rules see it: a `View`, `Items` or a scalar. Raises `UnknownValue`."""
    raw, opened = open_secret(raw)
    if is_unknown(raw):
        raise UnknownValue(path)
    if isinstance(raw, Mapping):
        return View(raw, path, secret or opened)
    if isinstance(raw, list):
        return Items(raw, path, secret or opened)
    return raw


class View(Mapping[str, Any]):
    """A mapping of properties. Nested mappings are views and nested lists are `Items`, made when read."""

    __slots__ = ("path", "raw", "secret")

    def __init__(self, raw: Mapping[str, Any], path: str = "", secret: bool = False) -> None:
        self.raw = raw
        self.path = path
        self.secret = secret

    def __getitem__(self, key: str) -> Any:
        return wrap(self.raw[key], joined(self.path, key), self.secret)

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __hash__(self) -> int:
        # A test like `value in {"a", "b"}` must answer no to an object, not fail on it.
        return id(self)

    def __repr__(self) -> str:
        return f"View({self.path or '.'}, {len(self.raw)} keys)"

    def at(self, path: Path, default: Any = None) -> Any:
        """Return the value at `path`, or `default` where any part of it is missing or null.

        Raises `UnknownValue` where the path meets an unknown and `MalformedValue` where it leads through a
        scalar.
        """
        raw, secret, trail = self._find(parts(path))
        found = wrap(raw, trail, secret)
        return default if found is None else found

    def mapping(self, path: Path) -> "View":
        """Return the mapping at `path`; missing or null reads as an empty one.

        Raises `MalformedValue` otherwise.
        """
        return self._typed(path, View, View({}, joined(self.path, *parts(path))), "an object")

    def sequence(self, path: Path) -> "Items":
        """Return the list at `path`; missing or null reads as an empty one.

        Raises `MalformedValue` otherwise.
        """
        return self._typed(path, Items, Items([], joined(self.path, *parts(path))), "a list")

    def text(self, path: Path, default: str = "") -> str:
        """Return the string at `path`, `default` where it is missing or null.

        Raises `MalformedValue` otherwise.
        """
        return self._typed(path, str, default, "a string")

    def flag(self, path: Path, default: bool = False) -> bool:
        """Return the boolean at `path`, `default` where it is missing or null.

        Raises `MalformedValue` otherwise.
        """
        return self._typed(path, bool, default, "a boolean")

    def number(self, path: Path, default: int | None = None) -> int | float:
        """Return the number at `path`, `default` where it is missing or null.

        Raises `MalformedValue` otherwise, also where it is missing and there is no default.
        """
        found = self.at(path, default)
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise MalformedValue(joined(self.path, *parts(path)), "a number", found)
        return found

    def declared(self, path: Path) -> bool:
        """Whether something other than null is written at `path`, known or not; what lies above it must be
        known.

        For properties that the provider requires below a block that is there: what is unknown in the preview
        cannot turn out empty. For all others use `at`, which does not let an unknown pass.
        """
        keys = parts(path)
        holder = self.at(keys[:-1])
        return isinstance(holder, View) and holder.raw.get(keys[-1]) is not None

    def shown(self, path: Path) -> str:
        """Return the value at `path` for a message: quoted, shortened, never an unknown's mark, never a
        secret."""
        try:
            raw, secret, trail = self._find(parts(path))
            raw, opened = open_secret(raw)
            if secret or opened:
                return "[secret]"
            return show(wrap(raw, trail))
        except (UnknownValue, MalformedValue):
            return "unknown"

    def _find(self, keys: tuple[str, ...]) -> tuple[Any, bool, str]:
        """Return the raw value at `keys`, whether it lies inside a secret, and its path."""
        raw: Any = self.raw
        secret, trail = self.secret, self.path
        for key in keys:
            raw, opened = open_secret(raw)
            secret = secret or opened
            if is_unknown(raw):
                raise UnknownValue(trail)
            if raw is None:
                return None, secret, joined(trail, key)
            if isinstance(raw, list):
                raw = raw[int(key)] if key.isdecimal() and int(key) < len(raw) else None
            elif isinstance(raw, Mapping):
                raw = raw.get(key)
            else:
                raise MalformedValue(trail, "an object", raw)
            trail = joined(trail, key)
        return raw, secret, trail

    def _typed(self, path: Path, kind: type[T], default: T, wanted: str) -> T:
        found = self.at(path)
        if found is None:
            return default
        if not isinstance(found, kind):
            raise MalformedValue(joined(self.path, *parts(path)), wanted, found)
        return found


class Items(Sequence[Any]):
    """A list of values, read as `View` reads a mapping."""

    __slots__ = ("path", "raw", "secret")

    def __init__(self, raw: Sequence[Any], path: str = "", secret: bool = False) -> None:
        self.raw = raw
        self.path = path
        self.secret = secret

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> "Items": ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Items(self.raw[index], self.path, self.secret)
        return wrap(self.raw[index], joined(self.path, str(index)), self.secret)

    def __len__(self) -> int:
        return len(self.raw)

    def __repr__(self) -> str:
        return f"Items({self.path or '.'}, {len(self.raw)} items)"

    def known(self) -> list[Any]:
        """Return the items that are known, for conditions that a part of the list can settle."""
        return [self[index] for index, raw in enumerate(self.raw) if not is_unknown(open_secret(raw)[0])]

    def mappings(self) -> Iterator["View"]:
        """Yield the items as views. Raises `MalformedValue` at an item that is not a mapping."""
        for index in range(len(self)):
            item = self[index]
            if not isinstance(item, View):
                raise MalformedValue(joined(self.path, str(index)), "an object", item)
            yield item


def show(value: Any) -> str:
    """Return a value for a message: `unset` for nothing, JSON for scalars and short lists, else the size."""
    if value is None:
        return "unset"
    if isinstance(value, View):
        return f"an object with {len(value)} keys"
    if isinstance(value, Items):
        if len(value) > SHOWN_ITEMS:
            return f"a list with {len(value)} items"
        return f"[{', '.join(_show_item(value, index) for index in range(len(value)))}]"
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}... ({len(text)} characters)"


def _show_item(items: Items, index: int) -> str:
    raw, secret = open_secret(items.raw[index])
    if secret or items.secret:
        return "[secret]"
    return "unknown" if is_unknown(raw) else show(items[index])
