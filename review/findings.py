"""What a reviewer is told: each verdict that is no pass, with everything known about it, from a run's events."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from pydantic import BaseModel, ConfigDict

from policies._engine import wording
from policies._engine.rule import Rule, Severity
from policies._engine.session import EXEMPTIONS, OWN_POLICIES
from policies._engine.session import UNDETERMINED as COUNT
from policies.catalogue import PACKS
from review.events import Log, PolicyLine
from review.urns import Urn

RULES: dict[str, Rule] = {rule.id: rule for pack in PACKS for rule in pack.rules}
"""Every rule of ours by id."""

OURS = frozenset(pack.name for pack in PACKS)


class Shape(BaseModel):
    """Base of what reports are made of: frozen, no unknown fields, described field by field."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Verdict(enum.StrEnum):
    """What was found."""

    FAIL = "fail"
    """The rule is broken."""

    UNDETERMINED = "undetermined"
    """The answer hangs on a value that is not known yet: neither a pass nor a failure."""

    EXEMPTED = "exempted"
    """An exemption in force covers it."""

    EXEMPTION_FAULT = "exemption_fault"
    """An exemption itself is malformed, past its day, or needed no more."""


class Level(enum.StrEnum):
    """What it does to the update."""

    MANDATORY = "mandatory"
    """Stops it."""

    ADVISORY = "advisory"


class Exemption(Shape):
    """The exemption that covers a finding."""

    owner: str
    """Who answers for it."""

    ticket: str
    """Where it was decided."""

    reason: str
    """Why it is accepted."""

    expires: datetime.date
    """Last day on which it holds, in UTC."""

    days_left: int
    """Days from the day of the report to the last day; 0 on that day, negative in a report made later."""

    covers: Verdict
    """The verdict without it: `fail` or `undetermined`."""


class Finding(Shape):
    """One rule's verdict on one resource."""

    rule: str
    """Id of the rule; `exemptions` for a fault of an exemption; the policy's name in packs of others."""

    pack: str
    """Policy pack of the rule."""

    pack_version: str
    """Version of the pack that judged."""

    title: str
    """The good state."""

    verdict: Verdict
    """What was found, never a pass."""

    level: Level
    """Whether it stops the update."""

    severity: Severity | None
    """How bad a failure is, whatever the environment; None where the policy does not say."""

    urn: str
    """The resource; the stack's own where it is about the stack as a whole."""

    type: str
    """Type token of the resource."""

    name: str
    """Logical name of the resource."""

    reasons: tuple[str, ...]
    """What is wrong or not known."""

    fix: str
    """How to mend it; empty where it is not known to be broken, or nobody says."""

    controls: tuple[str, ...] = ()
    """External requirements that the rule serves, `framework:reference`."""

    url: str
    """Page of the rule, from the root of the repository; empty for packs of others."""

    exemption: Exemption | None = None
    """The exemption in force that covers it."""

    @property
    def stops(self) -> bool:
        """Whether it stops the update."""
        return self.level is Level.MANDATORY

    @property
    def where(self) -> Urn:
        """The resource's URN, taken apart."""
        return Urn.parse(self.urn)

    @property
    def order(self) -> tuple[Any, ...]:
        """Worst first: by severity, then what stops the update, then rule and resource."""
        ranks = list(reversed(Severity))
        rank = ranks.index(self.severity) if self.severity else len(ranks)
        return (rank, not self.stops, self.pack, self.rule, self.urn)


def findings(log: Log, today: datetime.date) -> tuple[Finding, ...]:
    """Return the findings of a run, worst first; `today` is a date in UTC.

    Messages of one policy on one resource are one finding: the engine may judge a resource twice, and a repair that
    is not possible is told beside the failure.
    """
    merged: dict[tuple[str, ...], Finding] = {}
    for line in log.lines:
        if line.policy == COUNT and line.pack in OURS:
            continue
        found = _finding(line, today)
        # Faults of several exemptions have the same resource and are findings of their own.
        own = found.reasons if found.verdict is Verdict.EXEMPTION_FAULT else ()
        key = (line.pack, line.policy, line.urn, *own)
        merged[key] = _both(merged[key], found) if key in merged else found
    return tuple(sorted(merged.values(), key=lambda finding: finding.order))


def _both(first: Finding, second: Finding) -> Finding:
    """Join two messages on the same: the worse verdict, the reasons of both."""
    worse, other = sorted((first, second), key=lambda f: (not f.stops, list(Verdict).index(f.verdict), not f.fix))
    reasons = tuple(dict.fromkeys((*first.reasons, *second.reasons)))
    severity = worse.severity or other.severity
    return worse.model_copy(update={"reasons": reasons, "fix": worse.fix or other.fix, "severity": severity})


def _finding(line: PolicyLine, today: datetime.date) -> Finding:
    urn = Urn.parse(line.urn)
    # Levels of the protocol that are not advisory stop an update: mandatory, and a repair that did not happen.
    level = Level.ADVISORY if line.level in ("advisory", "warning") else Level.MANDATORY
    told = {
        "rule": line.policy,
        "pack": line.pack,
        "pack_version": line.version,
        "level": level,
        "severity": _severity(line.severity),
        "urn": line.urn,
        "type": urn.type,
        "name": urn.name,
    }
    rule = RULES.get(line.policy) if line.pack in OURS else None
    if line.pack in OURS and line.policy == EXEMPTIONS:
        return Finding(**told | _fault(line, level))
    words = wording.parse(line.message) if line.pack in OURS else None
    if words is None:
        return Finding(**told | _foreign(line, rule))
    return Finding(**told | _ours(words, rule, today))


def _ours(words: wording.Words, rule: Rule | None, today: datetime.date) -> dict[str, Any]:
    verdict = Verdict.UNDETERMINED if words.undetermined else Verdict.FAIL
    exempted = words.exempted
    return {
        "title": words.title,
        "verdict": verdict if exempted is None else Verdict.EXEMPTED,
        "reasons": words.reasons,
        "fix": words.fix,
        "controls": tuple(str(control) for control in rule.controls) if rule else (),
        "url": words.url or (rule.url if rule else ""),
        "exemption": exempted
        and Exemption(
            owner=exempted.owner,
            ticket=exempted.ticket,
            reason=exempted.reason,
            expires=exempted.expires,
            days_left=(exempted.expires - today).days,
            covers=verdict,
        ),
    }


def _fault(line: PolicyLine, level: Level) -> dict[str, Any]:
    """A fault that stops the update is as bad as what it leaves open; one that warns is housekeeping."""
    return {
        "title": OWN_POLICIES[EXEMPTIONS],
        "verdict": Verdict.EXEMPTION_FAULT,
        "severity": Severity.HIGH if level is Level.MANDATORY else Severity.LOW,
        "reasons": (wording.plain(line.message),),
        "fix": "Renew, correct or remove the exemption in the profile.",
        "url": "docs/policies/README.md#exemptions",
    }


def _foreign(line: PolicyLine, rule: Rule | None) -> dict[str, Any]:
    """A message of another pack, or of another version of ours: its first line, and the rest."""
    heading, *rest = wording.plain(line.message).strip().split("\n")
    return {
        "title": rule.title if rule else heading,
        "verdict": Verdict.FAIL,
        "reasons": tuple(text for text in (rest if not rule else (heading, *rest)) if text.strip()),
        "fix": rule.remedy.text if rule else "",
        "controls": tuple(str(control) for control in rule.controls) if rule else (),
        "url": rule.url if rule else "",
    }


def _severity(text: str) -> Severity | None:
    return Severity(text) if text in set(Severity) else None


def passed(log: Log) -> dict[str, dict[str, int]]:
    """Return by pack and rule, on how many resources it passed; a rule about the whole stack counts as one."""
    result: dict[str, dict[str, int]] = {pack: {} for pack in sorted(log.packs)}
    for (pack, policy), urns in sorted(log.passed.items()):
        # What the engine of our packs adds for itself are no rules.
        if pack not in OURS or policy in RULES:
            result.setdefault(pack, {})[policy] = len(urns)
    return result
