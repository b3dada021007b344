"""A misused option ends with 1, as every error does: 2 means a mandatory finding in commands that judge."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

UsageError: Any = typer.BadParameter.__bases__[0]
"""What Typer raises for an unknown or malformed option; only its child has a public name."""


@contextlib.contextmanager
def is_an_error() -> Iterator[None]:
    """Let a misuse inside the block end with 1."""
    try:
        yield
    except UsageError as error:
        error.exit_code = 1
        raise


class Command(TyperCommand):
    """A command in which a misused option ends with 1."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the command's options."""
        with is_an_error():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Check what belongs together, and run."""
        with is_an_error():
            return super().invoke(ctx)


class Group(TyperGroup):
    """A group in which a misused option ends with 1."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the group's own options."""
        with is_an_error():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Read a command's options and run it."""
        with is_an_error():
            return super().invoke(ctx)
