"""Conditions as data: what a Kubernetes rule demands, in a form that can be evaluated here and compiled to CEL.

A condition is a tree of frozen dataclasses over references into an object. `holds` answers it for a planned
resource, where parts may be unknown: an unknown matters only if what is known does not settle the answer
(Kleene's logic), and then it raises `Undetermined`. `policies/admission` compiles the same tree, so that a
rule and its admission policy cannot drift apart.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from policies._engine import argo
from policies._engine.values import Items, View, joined, parts, show
from policies._engine.wire import MalformedValue, Undetermined, UnknownValue, is_unknown, open_secret

Scalar = str | int | bool
Bindings = Mapping[str, tuple[Any, ...]]
"""What each root stands for. Several values: where the first says nothing, the next one counts."""

SELF: Final = "self"
POD: Final = "pod"
OBJECT: Final = "object"
NAMESPACE: Final = "namespace"
ROOTS: Final = (SELF, POD, OBJECT, NAMESPACE)
NAMESPACE_KEYS: Final = ("metadata", "namespace")

PARTIAL: Final = "partial"
"""Bound where the object is not whole, such as a patch, or a template with defaults elsewhere: what it lacks is not
known."""

ADD_UP: Final = frozenset({"env", "ports", "volumes"})
"""Lists that Kubernetes merges instead of replacing them: where there are several levels, those of all count."""


class Condition:
    """Base of all conditions; `&`, `|` and `~` combine them."""

    __slots__ = ()

    def __and__(self, other: "Condition") -> "Condition":
        return AllOf((self, other))

    def __or__(self, other: "Condition") -> "Condition":
        return AnyOf((self, other))

    def __invert__(self) -> "Condition":
        return Not(self)


@dataclass(frozen=True, slots=True)
class Ref:
    """A place in an object: a root and the keys below it."""

    root: str
    keys: tuple[str, ...] = ()

    def is_(self, value: Scalar) -> Condition:
        """The value is exactly `value`, of the same JSON type."""
        return OneOf(self, (value,))

    def is_not(self, value: Scalar) -> Condition:
        """The value is anything else, or missing."""
        return Not(OneOf(self, (value,)))

    def one_of(self, *values: Scalar) -> Condition:
        """The value is one of `values`."""
        return OneOf(self, values)

    def missing(self) -> Condition:
        """There is no value, or null."""
        return Missing(self)

    def present(self) -> Condition:
        """There is a value."""
        return Not(Missing(self))

    def matches(self, pattern: str) -> Condition:
        """The value is a text in which `pattern` is found.

        Only what Python and RE2 share: no look-around, back-references, `\\z`, Unicode or POSIX classes.
        """
        return Matches(self, pattern)

    def at_most(self, limit: int) -> Condition:
        """The value is a number of at most `limit`."""
        return AtMost(self, limit)

    def every(self, condition: Condition) -> Condition:
        """Every item of the list meets `condition`, in which `this` is the item; a missing list has none."""
        return Every(self, condition)

    def some(self, condition: Condition) -> Condition:
        """Some item of the list meets `condition`, in which `this` is the item."""
        return Not(Every(self, Not(condition)))

    def within(self, *values: Scalar) -> Condition:
        """Every item of the list is one of `values`."""
        return Every(self, OneOf(Ref(SELF), values))

    def includes(self, *values: Scalar) -> Condition:
        """Some item of the list is one of `values`."""
        return self.some(OneOf(Ref(SELF), values))


def this(path: str | tuple[str, ...] = ()) -> Ref:
    """Refer to the subject: the container, pod or object of a rule, or the item inside `every` and `some`."""
    return Ref(SELF, parts(path))


def pod(path: str | tuple[str, ...]) -> Ref:
    """Refer to the pod's spec that holds the container."""
    return Ref(POD, parts(path))


def whole(path: str | tuple[str, ...]) -> Ref:
    """Refer to the whole object."""
    return Ref(OBJECT, parts(path))


def namespace() -> Ref:
    """Refer to the object's namespace; `default` where none is given."""
    return Ref(NAMESPACE)


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """The value is one of some constants."""

    ref: Ref
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Missing(Condition):
    """There is no value."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Matches(Condition):
    """A pattern is found in a text."""

    ref: Ref
    pattern: str


@dataclass(frozen=True, slots=True)
class AtMost(Condition):
    """A number has an upper bound."""

    ref: Ref
    limit: int


@dataclass(frozen=True, slots=True)
class Every(Condition):
    """Every item of a list meets a condition."""

    ref: Ref
    condition: Condition


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    """All conditions hold."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """Some condition holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """A condition does not hold."""

    condition: Condition


ALWAYS: Final = AllOf(())
NEVER: Final = AnyOf(())


def holds(condition: Condition, where: Bindings) -> bool:
    """Return whether a condition holds. Raises `Undetermined` where what is known does not settle it."""
    match condition:
        case OneOf(ref, values):
            found = read(ref, where) if values else None
            return any(found == value and isinstance(found, bool) == isinstance(value, bool) for value in values)
        case Missing(ref):
            return read(ref, where) is None
        case Matches(ref, pattern):
            text = _typed(ref, where, str, "a string", None)
            return text is not None and _re2(pattern).search(text) is not None
        case AtMost(ref, limit):
            return _number(ref, where) <= limit
        case Every(ref, of_item):
            return _all(_levels(ref, where), lambda level: _every(_items(ref, level), of_item, where))
        case AllOf(inner):
            return _all(inner, lambda one: holds(one, where))
        case AnyOf(inner):
            return not _all(inner, lambda one: not holds(one, where))
        case Not(inner):
            return not holds(inner, where)
    raise TypeError(f"{type(condition).__name__} is no condition")


def read(ref: Ref, where: Bindings) -> Any:
    """Return the value of a reference, None where it is missing. Raises `Undetermined`."""
    if ref.root == NAMESPACE:
        return where[OBJECT][0].text(NAMESPACE_KEYS) or "default"
    for root in where[ref.root]:
        if isinstance(root, _Unknown):
            raise UnknownValue(root.path)
        if ref.keys and not isinstance(root, View):
            raise MalformedValue("an item", "an object", root)
        found = root.at(ref.keys) if ref.keys else root
        if found is not None:
            return found
    if PARTIAL in where:
        raise Undetermined(f"{place(ref, where)[0]} is unset here, and may be set elsewhere")
    return None


def place(ref: Ref, where: Bindings) -> tuple[str, str]:
    """Return the path of a reference and its value as a message shows it."""
    if ref.root == NAMESPACE:
        return place(Ref(OBJECT, NAMESPACE_KEYS), where)
    views = [root for root in where[ref.root] if isinstance(root, View)]
    if not views:
        return "the item", show(where[ref.root][0]) if where[ref.root] else "unset"
    said = [view for view in views if view.shown(ref.keys) != "unset"]
    # What nobody says belongs into the object itself, not into a patch of it.
    holder = (said or [view for view in views if argo.PATCH not in view.path] or views)[0]
    return joined(holder.path, *ref.keys), holder.shown(ref.keys)


def failing_item(condition: Condition, where: Bindings) -> tuple[str, str] | None:
    """Return path and value of the first item that breaks an `every`, for messages; None for other conditions."""
    if not isinstance(condition, Every):
        return None
    ref = condition.ref
    for level in _levels(ref, where):
        with contextlib.suppress(Undetermined):
            items = _items(ref, level)
            for at in range(len(items)):
                if _breaks(condition.condition, {**where, SELF: (_item(items, at),)}):
                    return place(Ref(ref.root, (*ref.keys, str(at))), level)
    return None


def _breaks(condition: Condition, where: Bindings) -> bool:
    try:
        return not holds(condition, where)
    except Undetermined:
        return False


@dataclass(frozen=True, slots=True)
class _Unknown:
    """An item of a list that is not known yet."""

    path: str


def _item(items: Items, at: int) -> Any:
    if is_unknown(open_secret(items.raw[at])[0]):
        return _Unknown(joined(items.path, str(at)))
    return items[at]


def _levels(ref: Ref, where: Bindings) -> list[Bindings]:
    """Return the bindings under which to read a list: once, or level by level."""
    if ref.keys and ref.keys[-1] in ADD_UP and len(where[ref.root]) > 1:
        return [{**where, ref.root: (level,)} for level in where[ref.root]]
    return [where]


def _items(ref: Ref, where: Bindings) -> Items:
    """Return the list at a reference, an empty one where there is none. Raises `Undetermined`."""
    found: Items = _typed(ref, where, Items, "a list", Items([]))
    return found


def _typed(ref: Ref, where: Bindings, kind: type[Any], wanted: str, default: Any) -> Any:
    found = read(ref, where)
    if found is None:
        return default
    if not isinstance(found, kind):
        raise MalformedValue(place(ref, where)[0], wanted, found)
    return found


def _number(ref: Ref, where: Bindings) -> float:
    found = read(ref, where)
    if found is None:
        return float("inf")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise MalformedValue(place(ref, where)[0], "a number", found)
    return found


def _every(items: Items, condition: Condition, where: Bindings) -> bool:
    return _all(range(len(items)), lambda at: holds(condition, {**where, SELF: (_item(items, at),)}))


def _all(things: Iterable[Any], test: Callable[[Any], bool]) -> bool:
    """Whether all meet a test; one that fails settles it, whatever is unknown about the others."""
    gap: Undetermined | None = None
    for thing in things:
        try:
            if not test(thing):
                return False
        except Undetermined as unclear:
            gap = gap or unclear
    if gap is not None:
        raise gap
    return True


@cache
def _re2(pattern: str) -> re.Pattern[str]:
    """Return a pattern that finds what RE2 finds: its classes are ASCII, and its `$` stands at the very end only."""
    sets_and_escapes = r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])"
    return re.compile(re.sub(rf"{sets_and_escapes}|\$", lambda found: found[1] or r"\Z", pattern), re.ASCII)
