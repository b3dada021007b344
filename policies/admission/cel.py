"""Conditions as expressions of CEL, the language of ValidatingAdmissionPolicy.

Optional field selection (`a.?b.orValue(x)`) is part of the API server's CEL since Kubernetes 1.29
(kubernetes.io/docs/reference/using-api/cel, read 2026-11-27), so a missing field never fails an expression.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from policies._engine.conditions import (
    NAMESPACE,
    OBJECT,
    POD,
    SELF,
    AllOf,
    AnyOf,
    AtMost,
    Condition,
    Every,
    Matches,
    Missing,
    Not,
    OneOf,
    Ref,
    Scalar,
)

PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
"""Words that are no field names in CEL (cel-spec, langdef, reserved identifiers); `namespace` must be indexed."""

Names = Mapping[str, str]
"""Expression of CEL by root of a reference."""


def expression(condition: Condition, names: Names, depth: int = 0) -> str:
    """Return a condition as a CEL expression that is true where it holds."""
    match condition:
        case OneOf(ref, values):
            return _one_of(ref, values, names)
        case Missing(ref):
            return f"{_optional(ref, names)}.orValue(null) == null" if ref.keys else "false"
        case Matches(ref, pattern):
            return _with_value(ref, names, lambda value: f"{value}.matches({_literal(pattern)})")
        case AtMost(ref, limit):
            return _with_value(ref, names, lambda value: f"{value} <= {limit}")
        case Every(ref, inner):
            said = _quantified("all", ref, inner, names, depth)
            # The API server keeps some empty lists of its own kinds as null.
            return f"({_optional(ref, names)}.orValue(null) == null || {said})" if ref.keys else said
        case AllOf(inner):
            return _joined(" && ", "true", [expression(one, names, depth) for one in inner])
        case AnyOf(inner):
            return _joined(" || ", "false", [expression(one, names, depth) for one in inner])
        case Not(inner):
            return _not(inner, names, depth)
    raise TypeError(f"{type(condition).__name__} cannot be said in CEL")


def _not(condition: Condition, names: Names, depth: int) -> str:
    """Return the opposite of a condition, without piling up negations: a reviewer reads these."""
    match condition:
        case Missing(ref) if ref.keys:
            return f"{_optional(ref, names)}.orValue(null) != null"
        case Not(inner):
            return expression(inner, names, depth)
        case Every(ref, Not(inner)):
            said = _quantified("exists", ref, inner, names, depth)
            return f"({_optional(ref, names)}.orValue(null) != null && {said})" if ref.keys else said
    return f"!({expression(condition, names, depth)})"


def _quantified(word: str, ref: Ref, condition: Condition, names: Names, depth: int) -> str:
    item = f"i{depth}"
    holder = f"{_optional(ref, names)}.value()" if ref.keys else names[ref.root]
    return f"{holder}.{word}({item}, {expression(condition, {**names, SELF: item}, depth + 1)})"


def _one_of(ref: Ref, values: tuple[Scalar, ...], names: Names) -> str:
    if not values:
        return "false"
    if len(values) == 1:
        return _with_value(ref, names, lambda value: f"{value} == {_literal(values[0])}")
    listed = ", ".join(map(_literal, values))
    return _with_value(ref, names, lambda value: f"{value} in [{listed}]")


def _with_value(ref: Ref, names: Names, say: Callable[[str], str]) -> str:
    """Return an expression about a value, false where there is none."""
    if not ref.keys:
        return f"({say(names[ref.root])})"
    optional = _optional(ref, names)
    return f"({optional}.orValue(null) != null && {say(f'{optional}.value()')})"


def _optional(ref: Ref, names: Names) -> str:
    """Return a chain of optional selections: `c.?securityContext.?privileged`."""
    steps = "".join(_step(key) for key in ref.keys)
    return f"{names[ref.root]}{steps}"


def _step(key: str) -> str:
    if PLAIN.fullmatch(key) and key not in RESERVED:
        return f".?{key}"
    return f"[?{_literal(key)}]"


def _literal(value: Scalar) -> str:
    """Return a constant; JSON's escapes are also those of CEL, but for the surrogates of rare characters."""
    return json.dumps(value, ensure_ascii=False)


def _joined(operator: str, empty: str, said: list[str]) -> str:
    if not said:
        return empty
    return said[0] if len(said) == 1 else f"({operator.join(said)})"


def names_of(subject: str) -> Names:
    """Return what each root is called in the policies of `compiler`."""
    return {SELF: subject, POD: "variables.pod", OBJECT: "object", NAMESPACE: "request.namespace"}
