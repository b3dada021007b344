"""What can go wrong while the engine is obtained."""

from __future__ import annotations


class EngineError(Exception):
    """A binary could not be obtained. The message says what was tried, what each attempt said, and what to do."""


class SourceRefusedError(Exception):
    """One source cannot give a group; the next one is tried. The message is one line, for the report."""
