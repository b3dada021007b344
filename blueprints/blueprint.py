"""What a blueprint is, and how its settings are checked before anything exists."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components._core.args import ArgsError
from stacks.problems import Problem
from stacks.settings import Platform


@dataclasses.dataclass(frozen=True)
class Blueprint:
    """A reference architecture."""

    name: str
    title: str
    stacks: tuple[str, ...]
    """Stack files that build it."""

    problems: Callable[[Platform], Sequence[Problem]]
    """Finds what cannot be built: every argument that is known before the run is made and checked."""

    build: Callable[[Platform], Mapping[str, Any]]
    """Creates everything; returns the stack's outputs."""


def check(settings: Platform) -> list[Problem]:
    """Return what is wrong with the choice of blueprint, or with what the chosen one is asked to build."""
    from blueprints.registry import REGISTRY

    chosen = REGISTRY.get(settings.blueprint)
    if chosen is None:
        known = ", ".join(sorted(REGISTRY))
        return [Problem("platform.blueprint", f"{settings.blueprint!r} is not a blueprint; use {known}")]
    return list(chosen.problems(settings))


def attempt(path: str, make: Callable[[], object]) -> list[Problem]:
    """Make arguments, and return what they refuse as a problem below `path`."""
    try:
        make()
    except ArgsError as error:
        return [Problem(f"{path}.{error.path}" if path else error.path, error.reason)]
    return []
