"""The report as JSON: `review.report.Report`, whose fields say what they mean."""

from __future__ import annotations

import json
from typing import Any

from review.report import Report


def render(report: Report) -> str:
    """Return the report as indented JSON in ASCII: characters that are not to be seen are spelt out."""
    return json.dumps(report.model_dump(mode="json"), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema of the report, with a description of every field."""
    return Report.model_json_schema()
