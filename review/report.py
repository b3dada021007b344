"""A run as all reports tell it: what was judged, what was found, and whether that is everything."""

from __future__ import annotations

import datetime
import enum
from typing import Literal

from pydantic import Field

from review.events import Log
from review.findings import Finding, Level, Shape, Verdict, findings, passed
from review.text import counted


class Operation(enum.StrEnum):
    """What the engine did when it judged."""

    PREVIEW = "preview"
    UPDATE = "update"
    STATE = "state"
    """Nothing: a deployed state was judged as it is."""

    UNKNOWN = "unknown"
    """The log ends before it says so."""


class Counts(Shape):
    """Number of findings by kind; every finding is in exactly one."""

    mandatory: int
    """Broken rules and faults of exemptions that stop the update; with `strict` undetermined ones too."""

    advisory: int
    """Broken rules and faults of exemptions that do not stop it."""

    undetermined: int
    """Not known yet, and not stopping."""

    exempted: int
    """Broken or undetermined, and covered by an exemption in force."""


class Resolution(Shape):
    """How a verdict differs between an earlier run and the deployed state."""

    rule: str
    """Id of the rule."""

    pack: str
    """Policy pack of the rule."""

    urn: str
    """The resource."""

    before: Literal["none", "fail", "undetermined", "exempted"]
    """Verdict in the earlier run; `none` if nothing was found then."""

    now: Literal["pass", "fail", "undetermined", "exempted", "gone", "off"]
    """Verdict on the state. `pass`: nothing is found any more; `gone`: the resource is not in the state; `off`: the
    profile switches the rule off."""

    level: Level
    """Level of the finding now, else of the one before."""


class Comparison(Shape):
    """The verdicts on a deployed state beside those of an earlier run."""

    earlier: str
    """The earlier run: `preview` or `update`, and when it ended."""

    same: int
    """Findings that both have, with the same verdict."""

    changed: tuple[Resolution, ...]
    """What differs, by pack, rule and resource."""


class Report(Shape):
    """One run. The schema is stable: fields are added, and none changes its meaning, within one `schema_version`."""

    schema_version: Literal[1] = 1
    """Grows when a field goes or means something else."""

    stack: str
    """Empty where the log names no resource."""

    operation: Operation
    """What the engine did in this run."""

    date: datetime.date
    """Day of the report in UTC; days left of exemptions count from it."""

    complete: bool
    """Whether everything was judged. Where it was not, what is not here may be only not judged yet."""

    problems: tuple[str, ...] = ()
    """Why it may not be everything: errors of the engine, a log that breaks off."""

    packs: dict[str, str]
    """Version by name of each pack that judged."""

    changes: dict[str, int] = Field(default_factory=dict)
    """Number of resources by what is done to them: `create`, `update`, `same` ...; empty for a state."""

    passed: dict[str, dict[str, int]]
    """By pack and rule, on how many resources it passed. Empty for a state: the engine does not tell of it then."""

    counts: Counts
    """Number of findings by kind."""

    findings: tuple[Finding, ...]
    """Worst first: by severity, then what stops the update, then rule and resource."""

    comparison: Comparison | None = None
    """The verdicts beside those of an earlier run; only for a state, and if there was one."""


MOST_PROBLEMS = 5
"""Errors of the engine that are kept; those of one cause come in great numbers."""


def of_log(log: Log, today: datetime.date) -> Report:
    """Return the report of a run's events; `today` is a date in UTC."""
    found = findings(log, today)
    return Report(
        stack=log.stack,
        operation=_operation(log),
        date=today,
        complete=log.complete,
        problems=_problems(log),
        packs=dict(sorted(log.packs.items())),
        changes=log.changes,
        passed=passed(log),
        counts=count(found),
        findings=found,
    )


def _operation(log: Log) -> Operation:
    if log.preview is None:
        return Operation.UNKNOWN
    if not log.began:
        return Operation.STATE
    return Operation.PREVIEW if log.preview else Operation.UPDATE


def kind(finding: Finding) -> str:
    """Return which of the `Counts` a finding belongs to."""
    if finding.stops:
        return "mandatory"
    return finding.verdict.value if finding.verdict in (Verdict.UNDETERMINED, Verdict.EXEMPTED) else "advisory"


def count(found: tuple[Finding, ...]) -> Counts:
    """Count findings by kind."""
    kinds = [kind(finding) for finding in found]
    return Counts(**{name: kinds.count(name) for name in Counts.model_fields})


_BROKEN_OFF = {
    "failed": "the run stopped before the whole stack was judged",
    "canceled": "the run was cancelled",
}


def _problems(log: Log) -> tuple[str, ...]:
    errors = list(dict.fromkeys(error for error in log.errors if error))
    problems = errors[:MOST_PROBLEMS]
    if len(errors) > MOST_PROBLEMS:
        problems.append(f"{counted(len(errors) - MOST_PROBLEMS, 'error')} more")
    if log.torn:
        problems.append(f"{counted(log.torn, 'line')} of the log could not be read")
    if not log.packs:
        problems.append("no policy pack judged in this run")
    elif not log.complete:
        problems.append(f"{_BROKEN_OFF.get(log.result, 'the log ends before the run did')}: verdicts may be missing")
    return tuple(problems)
