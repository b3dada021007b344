"""Small shared parts of the service tables: what was found, told in the form in which the program wrote it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws.client import Aws
from sandbox.aws.types import is_gone, tag_changes
from sandbox.provider.values import Props

_EMPTY: tuple[Any, ...] = (None, "", [], {}, False)


def like(known: Any, found: Any) -> Any:
    """Return `found` in the form of `known`: order of lists, numbers as text, and defaults left out as it has them.

    What really differs is kept, so that a change behind the engine's back stays visible.
    """
    if isinstance(known, Mapping) and isinstance(found, Mapping):
        kept = {k: like(known.get(k), v) for k, v in found.items()}
        silent = {k: v for k, v in known.items() if k not in found and v in _EMPTY}
        return {**silent, **{k: v for k, v in kept.items() if k in known or v not in _EMPTY}}
    if isinstance(known, list) and isinstance(found, list):
        return _like_list(known, found)
    if known in _EMPTY and found in _EMPTY:
        return known
    if isinstance(known, str | int | float) and isinstance(found, str | int | float) and _text(known) == _text(found):
        return known
    return found


def _like_list(known: list[Any], found: list[Any]) -> list[Any]:
    """Put the items of `found` that `known` has in its order; the others follow."""
    rest, ordered = list(found), []
    for item in known:
        match = next((f for f in rest if like(item, f) == item), None)
        if match is not None:
            rest.remove(match)
            ordered.append(item)
    if len(ordered) + len(rest) == len(known) and len(rest) == 1:
        # One item moved: tell it at its own place, in the form of the item that it was.
        place = next(i for i, item in enumerate(known) if i >= len(ordered) or ordered[i] != item)
        return [*ordered[:place], like(known[place], rest[0]), *ordered[place:]]
    return [*ordered, *rest]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def document(value: Any) -> str:
    """Return a policy, given as text or as a mapping, as JSON text."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def same_document(known: Any, found: Any) -> Any:
    """Return a policy that was found as the program wrote it, if it says the same; else as it was found."""
    if found is None:
        return None
    text = document(found)
    if known is not None and _meaning(document(known)) == _meaning(text):
        return known
    return text


def _meaning(text: str) -> Any:
    """A policy as data: a list of one is its item, and lists of plain texts have no order."""
    try:
        return _plain(json.loads(text))
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        items = [_plain(v) for v in value]
        if len(items) == 1:
            return items[0]
        return sorted(items) if all(isinstance(i, str) for i in items) else items
    return value


def differs(old: Mapping[str, Any], new: Mapping[str, Any], *names: str) -> bool:
    """Whether any of the named properties is another one now; null, empty and missing are the same."""
    return any(old.get(n) != new.get(n) and (old.get(n) or new.get(n)) is not None for n in names)


def retag(old: Props, new: Props, untag: Callable[[list[str]], Any], tag: Callable[[dict[str, str]], Any]) -> None:
    """Bring the tags from `old` to `new` by the service's own two operations, calling only what is needed."""
    remove, add = tag_changes(old.get("tagsAll"), new.get("tagsAll"))
    if remove:
        untag(remove)
    if add:
        tag(add)


@contextlib.contextmanager
def gone_is_fine() -> Iterator[None]:
    """Pass over an error that says the thing is not there: several-step deletions must be repeatable."""
    try:
        yield
    except ClientError as error:
        if not is_gone(error):
            raise


def or_none(call: Callable[[], Any], *codes: str) -> Any:
    """Return what a call returns, or None if it says one of these codes: an absent setting, not an absent resource."""
    try:
        return call()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in codes:
            raise
        return None


def nothing(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete nothing: the thing cannot be deleted, and the real provider leaves it too."""


def only_state(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Change nothing in the cloud: the property steers the provider alone."""


def flat(pages: Any, key: str) -> list[Any]:
    """Return the items of all pages of a paginator."""
    return [item for page in pages for item in page.get(key, ())]


def by_key(items: Sequence[Mapping[str, Any]], key: str) -> dict[str, Mapping[str, Any]]:
    """Index items by one of their members."""
    return {str(i[key]): i for i in items if key in i}


def dropped_by_moto(known: Any, found: Any, *names: str) -> Any:
    """Put back what moto forgets: members called `names` that the program wrote and the answer lacks, at any depth.

    A list is matched item by item, so this only serves where a list has kept its order.
    """
    if isinstance(known, Mapping) and isinstance(found, Mapping):
        whole = {k: dropped_by_moto(known.get(k), v, *names) for k, v in found.items()}
        return {**whole, **{k: known[k] for k in names if k in known and k not in found}}
    if isinstance(known, list) and isinstance(found, list) and len(known) == len(found):
        return [dropped_by_moto(k, f, *names) for k, f in zip(known, found, strict=True)]
    return found
