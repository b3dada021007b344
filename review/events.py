"""The engine's events: of `pulumi preview|up --event-log FILE`, and of `pulumi policy analyze --json`.

Both are JSON, one event a line (pulumi/pulumi `sdk/go/common/apitype/events.go`, read 2026-11-27 at v3.259.0). They
differ: an event log wraps messages in colours and tells after each resource which rules passed; an analysis does
neither. A rule that did not apply is never named, it is only missing among the passed ones.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from policies._engine import wording

KNOWN = frozenset(
    f"{name}Event"
    for name in (
        *("cancel", "stdout", "diagnostic", "prelude", "summary", "resourcePre", "resOutputs", "resOpFailed"),
        *("policy", "policyRemediation", "policyLoad", "policyAnalyzeSummary", "policyRemediateSummary"),
        *("policyAnalyzeStackSummary", "startDebugging", "progress", "error"),
    )
)
"""Kinds of event at this version; others are counted and passed over."""


@dataclass(frozen=True)
class PolicyLine:
    """One message of one policy."""

    pack: str
    version: str
    policy: str
    level: str
    severity: str
    """Empty where the policy has none."""

    urn: str
    message: str
    """As the engine hands it on, perhaps with its colours: see `policies/_engine/wording.py`."""


@dataclass
class Log:
    """What a run's events tell."""

    lines: list[PolicyLine] = field(default_factory=list)
    packs: dict[str, str] = field(default_factory=dict)
    """Version by name of each pack that judged."""

    passed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """By pack and policy, the URNs on which it passed; the empty one stands for the stack as a whole.

    Empty in an analysis, which does not tell of it.
    """

    operations: dict[str, str] = field(default_factory=dict)
    """Operation by URN: `create`, `same`, `replace` ...; the last one where there were several."""

    changes: dict[str, int] = field(default_factory=dict)
    """Number of resources by operation, as the engine sums up; empty in an analysis."""

    stack: str = ""
    """Stack of the first resource that is named; empty if none is."""

    preview: bool | None = None
    result: str = ""
    """`succeeded`, `failed` or `canceled`; empty where the log ends before the run did."""

    began: bool = False
    """Whether it is a run of a program; an analysis of a state has no beginning."""

    whole: set[str] = field(default_factory=set)
    """Packs that judged the stack as a whole, which is the last thing that they do in a run."""

    errors: list[str] = field(default_factory=list)
    """What the engine and the providers called an error."""

    torn: int = 0
    """Lines that are no event: the last one of a run that was killed, or text that got in between."""

    unknown: int = 0
    """Events of a kind that this version does not know."""

    events: int = 0

    @property
    def complete(self) -> bool:
        """Whether every verdict is in the log.

        A run that failed may have judged everything (a preview) or stopped at the first resource that must not be
        (an update).
        """
        return bool(self.result) and (not self.began or self.whole >= self.packs.keys())


def read(lines: Iterable[str]) -> Log:
    """Read an event log or an analysis, line by line; of several runs in one log, the last.

    Nothing in it is an error: what cannot be read is counted.
    """
    log = Log()
    for line in lines:
        if not line.strip():
            continue
        event = _event(line)
        if event is None:
            log.torn += 1
            continue
        if "preludeEvent" in event:
            # Packs are loaded, and may complain, before a run begins; what another run said is over.
            log = Log(began=True, events=log.events) if log.began else dataclasses.replace(log, began=True)
        log.events += 1
        if not KNOWN & event.keys():
            log.unknown += 1
        _take(log, event)
    return log


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and "sequence" in event else None


def _take(log: Log, event: dict[str, Any]) -> None:
    if found := _part(event, "policyEvent"):
        _policy(log, found)
    elif found := _part(event, "policyAnalyzeSummaryEvent"):
        _passed(log, found, _text(found, "resourceUrn"))
    elif found := _part(event, "policyAnalyzeStackSummaryEvent"):
        _passed(log, found, "")
        log.whole.add(_text(found, "policyPackName"))
    elif found := _part(_part(event, "resourcePreEvent"), "metadata"):
        _operation(log, _text(found, "urn"), _text(found, "op"))
    elif found := _part(event, "summaryEvent"):
        _summary(log, found)
    elif found := _part(event, "diagnosticEvent"):
        message = wording.uncoloured(_text(found, "message")).strip()
        if found.get("severity") == "error" and message not in ("preview failed", "update failed"):
            log.errors.append(message)
    elif found := _part(event, "errorEvent"):
        log.errors.append(_text(found, "error"))


def _policy(log: Log, found: dict[str, Any]) -> None:
    urn = _text(found, "resourceUrn")
    _name_stack(log, urn)
    log.packs[_text(found, "policyPackName")] = _text(found, "policyPackVersion")
    log.lines.append(
        PolicyLine(
            pack=_text(found, "policyPackName"),
            version=_text(found, "policyPackVersion"),
            policy=_text(found, "policyName"),
            level=_text(found, "enforcementLevel"),
            severity=_text(found, "severity"),
            urn=urn,
            message=_text(found, "message"),
        )
    )


def _passed(log: Log, found: dict[str, Any], urn: str) -> None:
    _name_stack(log, urn)
    pack = _text(found, "policyPackName")
    log.packs[pack] = _text(found, "policyPackVersion")
    names = found.get("passed")
    for name in names if isinstance(names, list) else ():
        log.passed.setdefault((pack, str(name)), set()).add(urn)


def _operation(log: Log, urn: str, operation: str) -> None:
    if urn and operation:
        _name_stack(log, urn)
        log.operations[urn] = operation


def _summary(log: Log, found: dict[str, Any]) -> None:
    log.changes = {str(k): v for k, v in _part(found, "resourceChanges").items() if isinstance(v, int)}
    for name, version in _part(found, "PolicyPacks").items():
        # A pack from a folder is called `name|local|folder` here, and by its name alone everywhere else.
        log.packs.setdefault(str(name).split("|")[0], str(version))
    log.preview = found.get("isPreview") is True
    log.result = _text(found, "result") or "succeeded"


def _name_stack(log: Log, urn: str) -> None:
    if not log.stack and urn.startswith("urn:pulumi:"):
        log.stack = urn.removeprefix("urn:pulumi:").split("::")[0]


def _part(of: dict[str, Any], key: str) -> dict[str, Any]:
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def _text(of: dict[str, Any], key: str) -> str:
    found = of.get(key)
    return found if isinstance(found, str) else ""
