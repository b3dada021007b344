"""The recorded run as a review, and the same run with hostile texts wherever a program can write one."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from policies._engine import wording
from review import events
from review.page.assemble import Run, assemble
from review.page.model import Review, Source
from review.report import Report, of_log
from tests.review.page import record

TODAY = datetime.date(2026, 11, 27)
"""Day of the recording."""

DOCS = "https://example.com/o/r/blob/main/"
STACK = "sandbox"
HOSTILE = (
    '"><img src=x onerror=alert(1)><script>alert(2)</script></script></style><style>*{display:none}</style>'
    "' onfocus=alert(3) autofocus x=' {{7*7}} {% raw %} javascript:alert(4) --> ]]> \u202e\x1b[2J @octocat #1 |"
)
"""What no format may let through as anything but text."""

FORMULA = '=HYPERLINK("http://evil.example","x")'


def run(**changes: Any) -> Run:
    """How the recording came about."""
    told: dict[str, Any] = {
        "stack": STACK,
        "on": TODAY,
        "source": Source.RECORDED,
        "profile": "baseline",
        "budget": Decimal(1000),
        "sdks": {"pulumi": "3.259.0", "pulumi-policy": "1.21.0"},
        "code": 1,
    }
    return Run(**{**told, **changes})


def report(lines: list[str] | None = None) -> Report:
    """Return the verdicts of the recorded run, or of other events."""
    return of_log(events.read(record.read_events() if lines is None else lines), TODAY)


def review(**changes: Any) -> Review:
    """Return the review of the recorded run."""
    return assemble(record.read_plan(), report(), run(**changes))


def empty(**changes: Any) -> Review:
    """Return the review of a plan without any resource."""
    return assemble({"steps": []}, report([]), run(budget=None, **changes))


def hostile(text: str = HOSTILE) -> tuple[dict[str, Any], Report]:
    """Return plan and verdicts of the recorded run in which names, tags, values and messages hold a text.

    Types and the structure of URNs stay, so that every part of the page is still filled.
    """
    plan = _infected(copy.deepcopy(record.read_plan()), text)
    # Rules of the cost pack become those of nobody; those of the security pack stay, with exemptions and fixes.
    lines = [
        json.dumps(_infected(json.loads(line), text)).replace("mlops-cost", "others") for line in record.read_events()
    ]
    return plan, report(lines)


def hostile_review(text: str = HOSTILE) -> Review:
    """Return the review of `hostile`."""
    plan, verdicts = hostile(text)
    return assemble(plan, verdicts, run(stack=text, profile=text, sdks={text: text}))


_NAMED = ("version", "chart", "engineVersion", "addonName", "engine", "replaceReasons", "diffReasons")


def _infected(value: Any, text: str, key: str = "") -> Any:
    if isinstance(value, Mapping):
        if key == "detailedDiff":
            return {f"{path}{text}": item for path, item in value.items()}
        return {name: _infected(item, text, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_infected(item, text, key) for item in value]
    if not isinstance(value, str):
        return value
    if key == "message":
        return _told(value, text)
    if value.startswith("urn:pulumi:") and value.count("::") >= 3:
        return value + text
    if key in _NAMED or key in ("owner", "cost-center", "environment"):
        return value + text
    return value


def _told(message: str, text: str) -> str:
    """Return a verdict's words with a text in the title, reasons, fix and exemption; what is no verdict at its end."""
    words = wording.parse(message)
    if words is None:
        return message + text
    exempted = words.exempted and dataclasses.replace(
        words.exempted, owner=words.exempted.owner + text, ticket=text, reason=text
    )
    fix = words.fix and words.fix + text
    reasons = tuple(reason + text for reason in words.reasons)
    told = dataclasses.replace(words, title=words.title + text, reasons=reasons, fix=fix, exempted=exempted)
    return wording.render(told) + "\n"
