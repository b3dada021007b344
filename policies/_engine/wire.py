"""Property values as the engine sends them: plain JSON in which unknowns and secrets are marked.

The marks are the same in every language's SDK, in the gRPC messages and in a state file, so that one reading
serves previews, deployed state and programs in any language. Source: pulumi/pulumi
`sdk/go/common/resource/properties.go` and `sdk/go/common/resource/plugin/rpc.go`, read 2026-11-23 at
v3.259.0.
"""

from collections.abc import Iterator, Mapping
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key that says that a mapping is not an ordinary one."""

SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""Value under `SIGNATURE` of a secret; the value itself is under `value`."""

REDACTED = "[secret]"
"""What `pulumi policy analyze --file` puts in place of a secret that it cannot decrypt."""

UNKNOWNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
        REDACTED,
    }
)
"""Strings that stand for a value which is not known (yet)."""


class Undetermined(Exception):  # noqa: N818 - an answer of a rule, not an error
    """A rule cannot be answered from what is known; `reason` says what is missing, in a sentence without
    full stop."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownValue(Undetermined):
    """A rule touched a value that is not known before the update, or that is redacted."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path or 'the whole value'} is not known yet")


class MalformedValue(Undetermined):
    """A rule found a value of another type than the provider takes."""

    def __init__(self, path: str, wanted: str, found: Any) -> None:
        super().__init__(f"{path or 'the whole value'} is {kind_of(found)}, {wanted} was expected")


def kind_of(value: Any) -> str:
    """Return the JSON type of a value with its article, for messages: the value itself may be secret or
    huge."""
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return "null" if value is None else names.get(type(value), "an object")


def is_unknown(raw: Any) -> bool:
    """Whether a raw value is one of the marks of an unknown, or a secret that came without its plain
    value."""
    if isinstance(raw, str):
        return raw in UNKNOWNS
    return isinstance(raw, dict) and raw.get(SIGNATURE) == SECRET and "value" not in raw


def open_secret(raw: Any) -> tuple[Any, bool]:
    """Return the raw value inside any secret envelopes, and whether there was one."""
    secret = False
    while isinstance(raw, dict) and raw.get(SIGNATURE) == SECRET and "value" in raw:
        raw, secret = raw["value"], True
    return raw, secret


def secret_texts(raw: Any, inside: bool = False) -> Iterator[str]:
    """Yield every string or number that is secret, as text; shorter than four characters is left out as
    noise."""
    raw, opened = open_secret(raw)
    inside = inside or opened
    if isinstance(raw, Mapping):
        for value in raw.values():
            yield from secret_texts(value, inside)
    elif isinstance(raw, list):
        for value in raw:
            yield from secret_texts(value, inside)
    elif inside and not isinstance(raw, bool) and raw is not None and len(str(raw)) > 3:
        yield str(raw)


def patched(raw: Any, path: tuple[str, ...], value: Any, at: str = "") -> Any:
    """Return a copy of `raw` with `value` at `path`; what lies beside the path is shared, envelopes are kept.

    Raises `UnknownValue` where the path leads through an unknown and `MalformedValue` through a scalar.
    """
    if not path:
        return value
    if is_unknown(raw):
        raise UnknownValue(at)
    inner, secret = open_secret(raw)
    if secret:
        return {SIGNATURE: SECRET, "value": patched(inner, path, value, at)}
    head, rest = path[0], path[1:]
    below = f"{at}.{head}" if at else head
    if isinstance(raw, list) and head.isdigit() and int(head) < len(raw):
        copy = list(raw)
        copy[int(head)] = patched(raw[int(head)], rest, value, below)
        return copy
    if raw is None or isinstance(raw, dict):
        known = raw or {}
        return {**known, head: patched(known.get(head), rest, value, below)}
    raise MalformedValue(at, "an object", raw)
