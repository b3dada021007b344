"""What the local provider knows of one resource type: how to create, read, change and delete it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws.client import Aws
from sandbox.provider.values import Props


@dataclasses.dataclass(frozen=True)
class Name:
    """How a resource is named when the program does not: the engine's way, logical name and seven characters."""

    property: str = "name"
    limit: int = 255
    separator: str = "-"


@dataclasses.dataclass(frozen=True, kw_only=True)
class AwsType:
    """One resource type. The functions get plain dicts in Pulumi's camelCase names."""

    token: str

    create: Callable[[Aws, Props], str]
    """Create from complete inputs (`tagsAll` is in them where `tags` may be); return the id."""

    read: Callable[[Aws, str, Props], Props | None]
    """Return what is found, by property name: every property that can drift, and computed outputs. None: gone.

    Gets the id and the last known properties (inputs, or state). Must give the same values every time for an
    unchanged resource. `ClientError`s that say "not found" mean gone: they need not be caught.
    """

    delete: Callable[[Aws, str, Props], None]
    """Delete; gets the id and the state. A `ClientError` that says "not found" is fine."""

    update: Callable[[Aws, str, Props, Props], None] | None = None
    """Change in place; gets id, old state and new inputs. None: every change replaces."""

    replaces: frozenset[str] = frozenset()
    """Top-level inputs whose change replaces the resource, beside the name."""

    name: Name | None = None
    delete_before_replace: bool = False

    not_compared: frozenset[str] = frozenset()
    """Inputs that only steer an operation (`forceDestroy`): their change updates state alone."""


_GONE = re.compile(r"NotFound|NoSuch|\.NotFound$|DoesNotExist|NonExistent|ResourceNotFound|404|NotExist", re.IGNORECASE)


def is_gone(error: ClientError) -> bool:
    """Whether an error says that the resource does not exist."""
    return bool(_GONE.search(str(error.response.get("Error", {}).get("Code", ""))))


def pascal(value: Any, rename: Mapping[str, str] | None = None) -> Any:
    """Turn camelCase keys into PascalCase, at every depth; `rename` maps single keys. Nulls are dropped."""
    if isinstance(value, Mapping):
        names = rename or {}
        return {names.get(k, k[:1].upper() + k[1:]): pascal(v, rename) for k, v in value.items() if v is not None}
    return [pascal(v, rename) for v in value] if isinstance(value, list) else value


def camel(value: Any, rename: Mapping[str, str] | None = None) -> Any:
    """Turn PascalCase keys into camelCase, at every depth: the reverse of `pascal`."""
    if isinstance(value, Mapping):
        names = rename or {}
        return {names.get(k, k[:1].lower() + k[1:]): camel(v, rename) for k, v in value.items()}
    return [camel(v, rename) for v in value] if isinstance(value, list) else value


def pick(props: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the named properties that are set."""
    return {n: props[n] for n in names if props.get(n) is not None}


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return tags the way most of AWS wants them: `[{"Key": …, "Value": …}]`, sorted."""
    return [{"Key": k, "Value": v} for k, v in sorted((tags or {}).items())]


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Return a tag list as a mapping, whatever the case of its keys; AWS's own tags are left out."""
    pairs = {t.get("Key", t.get("key", "")): t.get("Value", t.get("value", "")) for t in tags or []}
    return {k: v for k, v in pairs.items() if not k.startswith("aws:")}


def tag_changes(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> tuple[list[str], dict[str, str]]:
    """Return the tag keys to remove and the tags to set."""
    before, after = old or {}, new or {}
    return sorted(before.keys() - after.keys()), {k: v for k, v in after.items() if before.get(k) != v}


def put(create: Callable[[Aws, Props], str]) -> Callable[[Aws, str, Props, Props], None]:
    """Return an update that writes the whole again, for types whose creation is a put."""

    def update(aws: Aws, _id: str, _old: Props, new: Props) -> None:
        create(aws, new)

    return update
