"""Makes the recorded run of the page's tests from a real one: what the page reads, and nothing of the machine.

    PULUMI_DEBUG_COMMANDS=true pulumi preview --json --show-sames --event-log events.jsonl > plan.json
    python -m tests.review.page.record plan.json events.jsonl

The run that is kept is a preview of the deployed stack `sandbox` with changed settings: a third zone, NAT gateways in
all of them, an older version of Kubernetes, a larger database, one GPU pool more and one less.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "recorded"
LONGEST = 400
"""Characters of a text that are kept: dashboards and policies are long, and not shown."""

_STEP = ("op", "urn", "diffReasons", "replaceReasons", "detailedDiff")
_STATE = ("urn", "type", "custom", "external", "delete", "id", "parent", "provider", "protect", "retainOnDelete")
_SEEN = ("inputs", "propertyDependencies", "dependencies")
_EVENTS = ("preludeEvent", "policyEvent", "policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent", "summaryEvent")


def plan(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan with what the page reads of it."""
    steps = [
        {key: step[key] for key in _STEP if key in step}
        | {key: _state(step[key]) for key in ("oldState", "newState") if key in step}
        for step in document["steps"]
    ]
    return {"steps": steps, "changeSummary": document["changeSummary"]}


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _short(state[key]) for key in (*_STATE, *_SEEN) if key in state}


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return value[:LONGEST] if isinstance(value, str) else value


def events(lines: list[str]) -> list[str]:
    """Return the events that tell of verdicts, and what was done to each resource."""
    kept = []
    for line in lines:
        event = json.loads(line)
        if found := event.get("resourcePreEvent"):
            told = {key: found["metadata"][key] for key in ("op", "urn")}
            event = {"sequence": event["sequence"], "resourcePreEvent": {"metadata": told}}
        elif "preludeEvent" in event:
            event["preludeEvent"] = {"config": {}}
        elif not event.keys() & set(_EVENTS):
            continue
        if found := event.get("summaryEvent"):
            # A pack's name holds its folder here.
            found["PolicyPacks"] = {name.split("|")[0]: version for name, version in found["PolicyPacks"].items()}
        kept.append(json.dumps(event))
    return kept


def write(name: str, text: str) -> None:
    """Write a file whose bytes hang on its text alone."""
    (FOLDER / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def read_plan() -> dict[str, Any]:
    """Return the recorded plan."""
    found: dict[str, Any] = json.loads(gzip.decompress((FOLDER / "plan.json.gz").read_bytes()))
    return found


def read_events() -> list[str]:
    """Return the recorded events, one a line."""
    return gzip.decompress((FOLDER / "events.jsonl.gz").read_bytes()).decode().splitlines()


if __name__ == "__main__":
    write("plan.json.gz", json.dumps(plan(json.loads(Path(sys.argv[1]).read_text()))))
    write("events.jsonl.gz", "\n".join(events(Path(sys.argv[2]).read_text().splitlines())) + "\n")
