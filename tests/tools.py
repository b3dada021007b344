"""Binaries that tests call beside the engine's own."""

from __future__ import annotations

import functools
from pathlib import Path

from sandbox.engine.acquire import obtain
from sandbox.engine.groups import PROMTOOL


@functools.cache
def promtool() -> Path:
    """The tool that checks and tests alert rules: from PATH, or built once. Missing it is a failure, never a skip."""
    return obtain(PROMTOOL, lambda group, text: print(f"{group.key}: {text}")).binary("promtool")
