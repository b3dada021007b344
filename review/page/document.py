"""The review as JSON: `review.page.model.Review`, whose fields say what they mean. Amounts are strings of USD."""

from __future__ import annotations

import json
from typing import Any

from review.page.model import Review


def render(review: Review) -> str:
    """Return the review as indented JSON in ASCII: characters that are not to be seen are spelt out."""
    return json.dumps(review.model_dump(mode="json"), indent=1) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema of what `render` writes, with a description of every field that needs one."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Review.model_json_schema(mode="serialization"),
    }
