"""The formats of `mlops policy`, apart from what renders them: naming them must not load every rule."""

from __future__ import annotations

import enum


class Format(enum.StrEnum):
    """How findings are printed."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"
