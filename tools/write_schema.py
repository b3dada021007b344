"""Write `stacks/schema.json`, the JSON schema of a stack file: editors complete, explain and check with it.

    python tools/write_schema.py           # write the file
    python tools/write_schema.py --check   # exit 1 when it differs from stacks/settings.py

The same models give the same bytes. Rules between settings (`stacks/consistency.py`) are not in it.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from stacks.load import FOLDER, KEY
from stacks.settings import Platform

TARGET = FOLDER / "schema.json"


def schema() -> dict[str, Any]:
    """Return the schema of a whole stack file."""
    platform = Platform.model_json_schema()
    definitions = platform.pop("$defs")
    text = {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file",
        "description": "One environment. Written by tools/write_schema.py from stacks/settings.py.",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "description": "Configuration of the stack: the platform, and secrets that the engine encrypts.",
                "properties": {KEY: {"$ref": "#/$defs/Platform"}},
                "required": [KEY],
            },
            "secretsprovider": {**text, "description": "Where the key of the secrets is. Written by the engine."},
            "encryptedkey": {**text, "description": "Key of the secrets, encrypted. Written by the engine."},
            "encryptionsalt": {**text, "description": "Salt of the secrets' key. Written by the engine."},
        },
        "required": ["config"],
        "additionalProperties": False,
        "$defs": {**definitions, "Platform": platform},
    }


def render() -> str:
    """Return the text of the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main(argv: list[str] | None = None, target: Path = TARGET) -> int:
    """Run the command. Returns 1 if `--check` finds another content, else 0."""
    parser = argparse.ArgumentParser(description="Write the JSON schema of stack files, or check it.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when the file differs")
    check: bool = parser.parse_args(argv).check
    text = render()
    current = target.exists() and target.read_text(encoding="utf-8") == text
    if check and not current:
        print(f"{target.name} is not what stacks/settings.py says; run `make schema`", file=sys.stderr)
        return 1
    if not check:
        target.write_text(text, encoding="utf-8")
    print(f"{target.name}: {'is current' if current else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
