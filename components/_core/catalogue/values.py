"""Which keys of a chart's values were never seen in the chart's own values file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components._core.catalogue.catalogue import chart
from components._core.catalogue.models import CatalogueError, did_you_mean, listed


def unknown_value_keys(chart_key: str, values: Mapping[Any, Any]) -> list[str]:
    """Return the dotted paths in `values` that were not seen in the chart's values file.

    Children of a free-form key are the user's; a list, an Output or a scalar is one value; null under a known
    section is Helm's way to drop a default.
    """
    pinned = chart(chart_key)
    seen = {split_path(path) for path in pinned.values_keys}
    free = {split_path(path) for path in pinned.free_form}
    sections = {path[:n] for path in seen | free for n in range(1, len(path))}
    return sorted({join_path(path) for path in _unseen(values, (), seen, free, sections)})


def check_values(chart_key: str, values: Mapping[Any, Any]) -> None:
    """Raise `CatalogueError` listing every unseen key of `values` with the seen keys nearest to it."""
    unseen = unknown_value_keys(chart_key, values)
    if not unseen:
        return
    pinned = chart(chart_key)
    seen = [*pinned.values_keys, *pinned.free_form]
    lines = [f"{path}{did_you_mean(path, seen)}" for path in unseen]
    head = f"chart {pinned.name} {pinned.version}: values keys that were not seen in {', '.join(pinned.sources)}"
    raise CatalogueError(
        listed(head, lines) + "\nread the file at the pinned version and add the key to "
        f"components/_core/catalogue/keys/{chart_key}.yaml, or remove it"
    )


def split_path(path: str) -> tuple[str, ...]:
    """Return the keys of a dotted path; a backslash keeps the next character as it is."""
    segments, escaped = [""], False
    for character in path:
        if escaped or character not in "\\.":
            segments[-1] += character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            segments.append("")
    return tuple(segments)


def join_path(segments: Iterable[str]) -> str:
    """Return keys as a dotted path, the inverse of `split_path`."""
    return ".".join(s.replace("\\", "\\\\").replace(".", "\\.") for s in segments)


def _unseen(
    values: Mapping[Any, Any],
    prefix: tuple[str, ...],
    seen: set[tuple[str, ...]],
    free: set[tuple[str, ...]],
    sections: set[tuple[str, ...]],
) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        path = (*prefix, str(key))
        if path in free:
            continue
        if path in seen and not (isinstance(value, Mapping) and value):
            continue
        if path in sections and value is None:
            continue
        if isinstance(value, Mapping) and (value or path in sections):
            yield from _unseen(value, path, seen, free, sections)
        else:
            yield path
