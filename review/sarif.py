"""SARIF 2.1.0, as GitHub code scanning and other viewers take it.

What is not obvious:

- A verdict that is undetermined has kind `open`, and level `none`: the standard (3.27.10) allows that kind no other.
  A viewer that knows no kinds may show it by the rule's severity, so the message says `undetermined` too.
- GitHub refuses a file with a result that has no physical location; the stack file is one (see `places.py`).
- It tells results apart by file, rule and `primaryLocationLineHash`, and would take the hash of the line if there were
  none. All findings of a rule in one section would be the same then, so ours is made of what a finding is about,
  without the stack's name or any position.
- The category is the part of `automationDetails.id` before the last `/`, so that stacks do not replace each other.
- Only security rules have a `security-severity`, which makes security alerts of their results.
- `suppressions` is there for every result, empty or not: not suppressed is not the same as not asked.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from policies._engine.rule import Rule, Severity
from policies.catalogue import PACKS
from review.findings import OURS, RULES, Finding, Verdict
from review.places import Place, Places
from review.report import Report
from review.telling import justification, said
from review.text import counted, shown, visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
SCORES = {Severity.LOW: "2.0", Severity.MEDIUM: "5.5", Severity.HIGH: "8.0", Severity.CRITICAL: "9.5"}
"""GitHub: above 9.0 is critical, from 7.0 high, from 4.0 medium."""

LEVELS = {Severity.LOW: "note", Severity.MEDIUM: "warning", Severity.HIGH: "error", Severity.CRITICAL: "error"}
MOST_TAGS = 20
MOST_RESULTS = 25_000
"""GitHub refuses a run with more, and a rule with more than `MOST_TAGS`."""

MOST_TEXT = 4_000
"""Characters of a message."""


def render(report: Report, places: Places, docs: str = "") -> str:
    """Return the report as SARIF.

    `docs` is the address that paths of the repository are appended to, ending in `/`; without it no rule has a link,
    since the format wants whole addresses.
    """
    rules = _rules(report, docs)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    kept = report.findings[:MOST_RESULTS]
    run = {
        "tool": {"driver": _driver(rules), "extensions": _packs(report)},
        "automationDetails": {"id": f"mlops-policy/{visible(report.stack) or 'unknown'}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "Root of the repository"}}},
        "invocations": [_invocation(report)],
        "results": [_result(finding, index, places) for finding in kept],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1) + "\n"


def fingerprint(finding: Finding) -> str:
    """Return what stays the same for a finding when its stack is renamed, its reasons change, or others come."""
    about = [finding.pack, finding.rule, finding.where.lasting]
    if finding.verdict is Verdict.EXEMPTION_FAULT:
        about += finding.reasons
    return hashlib.sha256("\0".join(about).encode("utf-8", "replace")).hexdigest()[:32]


def _driver(rules: list[dict[str, Any]]) -> dict[str, Any]:
    version = PACKS[0].version
    name = "MLOps Blueprints policy packs"
    return {"name": "mlops-policy", "fullName": name, "semanticVersion": version, "rules": rules}


def _packs(report: Report) -> list[dict[str, Any]]:
    # `version`, not `semanticVersion`: packs of others may number as they like.
    return [{"name": visible(n) or "unknown", "version": visible(v) or "unknown"} for n, v in report.packs.items()]


def _invocation(report: Report) -> dict[str, Any]:
    problems = list(report.problems)
    if len(report.findings) > MOST_RESULTS:
        problems.append(f"{counted(len(report.findings) - MOST_RESULTS, 'finding')} left out, the least severe")
    notes = [{"level": "error", "message": _message(text)} for text in problems]
    return {"executionSuccessful": report.complete, "toolExecutionNotifications": notes}


def _rules(report: Report, docs: str) -> list[dict[str, Any]]:
    """Describe every rule of the packs that judged, and whatever else a result refers to."""
    known = {
        rule.id: _rule(rule, pack.name, docs) for pack in PACKS if pack.name in report.packs for rule in pack.rules
    }
    for finding in report.findings:
        known.setdefault(_id(finding), _unlisted(finding, docs))
    return [known[id_] for id_ in sorted(known)]


def _rule(rule: Rule, pack: str, docs: str) -> dict[str, Any]:
    theme = pack.removeprefix("mlops-")
    tags = [theme, *(str(control) for control in rule.controls)]
    properties: dict[str, Any] = {"tags": tags[:MOST_TAGS], "precision": "very-high"}
    if theme == "security":
        properties["security-severity"] = SCORES[rule.severity]
    else:
        properties["problem.severity"] = LEVELS[rule.severity].replace("note", "recommendation")
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.rationale},
        "help": {"text": f"{rule.rationale}\n\n{rule.remedy.text}", "markdown": _help(rule)},
        **({"helpUri": f"{docs}{rule.url}"} if docs else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": properties,
    }


def _help(rule: Rule) -> str:
    controls = ", ".join(f"`{control}`" for control in rule.controls)
    code = "\n\n".join(f"{name}:\n\n```python\n{getattr(rule.remedy, name.lower())}\n```" for name in ("Bad", "Good"))
    return f"{rule.rationale}\n\n**Fix.** {rule.remedy.text}\n\n{code}\n\nControls: {controls}.\n"


def _unlisted(finding: Finding, docs: str) -> dict[str, Any]:
    """Describe a policy that is no rule of ours by what a finding says of it."""
    level = LEVELS[finding.severity] if finding.severity else "warning"
    return {
        "id": _id(finding),
        "shortDescription": {"text": shown(finding.title, MOST_TEXT) or _id(finding)},
        **({"helpUri": f"{docs}{finding.url}"} if docs and finding.url else {}),
        "defaultConfiguration": {"level": level},
    }


def _id(finding: Finding) -> str:
    if finding.pack in OURS and (finding.rule in RULES or finding.verdict is Verdict.EXEMPTION_FAULT):
        return finding.rule
    return visible(f"{finding.pack}/{finding.rule}")


def _result(finding: Finding, index: dict[str, int], places: Places) -> dict[str, Any]:
    kind, level = _weight(finding)
    hash_ = fingerprint(finding)
    return {
        "ruleId": _id(finding),
        "ruleIndex": index[_id(finding)],
        "kind": kind,
        "level": level,
        "message": _message(said(finding)),
        "locations": [
            {"physicalLocation": _physical(places.of(finding.where)), "logicalLocations": [_logical(finding)]}
        ],
        "relatedLocations": _related(places.source(finding.where)),
        "partialFingerprints": {"primaryLocationLineHash": f"{hash_[:16]}:1", "mlopsPolicy/v1": hash_},
        "suppressions": _suppressions(finding),
        "properties": {"verdict": finding.verdict, "level": finding.level, "pack": visible(finding.pack)},
    }


def _weight(finding: Finding) -> tuple[str, str]:
    """Return kind and level of a result; what is undetermined in a strict run counts as a failure."""
    if finding.stops:
        return "fail", "error"
    covers = finding.exemption.covers if finding.exemption else finding.verdict
    return ("open", "none") if covers is Verdict.UNDETERMINED else ("fail", "warning")


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    if finding.exemption is None:
        return []
    text = shown(justification(finding), MOST_TEXT)
    return [{"kind": "external", "status": "accepted", "justification": text}]


def _message(text: str) -> dict[str, str]:
    # In a message `[text](target)` would be a link.
    return {"text": shown(text.replace("](", "] ("), MOST_TEXT)}


def _physical(place: Place) -> dict[str, Any]:
    return {"artifactLocation": {"uri": place.path, "uriBaseId": ROOT}, "region": {"startLine": place.line}}


def _related(source: Place | None) -> list[dict[str, Any]]:
    if source is None:
        return []
    return [{"id": 1, "physicalLocation": _physical(source), "message": {"text": "the component's source"}}]


def _logical(finding: Finding) -> dict[str, str]:
    name = shown(finding.where.label, 200)
    return {
        "name": name,
        "fullyQualifiedName": shown(finding.urn, MOST_TEXT) or name,
        "kind": "resource",
    }
