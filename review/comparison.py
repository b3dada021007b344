"""The verdicts on a deployed state beside those of the preview or update before: what became of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from review.findings import Finding, Verdict
from review.report import Comparison, Report, Resolution
from review.urns import Urn

Before = Literal["none", "fail", "undetermined", "exempted"]
Now = Literal["pass", "fail", "undetermined", "exempted", "gone", "off"]


def compare(before: Report, now: Report, deployed: Collection[str], off: Collection[str], earlier: str) -> Comparison:
    """Compare an earlier run with the state now.

    The engine does not say of a state which rules passed. So a finding that is there no more is a pass, unless its
    resource is not among `deployed`, the URNs in the state, or its rule among `off`, those that do not judge now.
    `earlier` says which run it was.
    """
    old, new = _by_subject(before), _by_subject(now)
    changed = []
    same = 0
    for key in sorted(old.keys() | new.keys()):
        was: Before = _verdict(old[key]) if key in old else "none"
        is_: Now = _verdict(new[key]) if key in new else _absent(old[key], deployed, off)
        if was == is_:
            same += 1
            continue
        pack, rule, urn = key
        level = (new.get(key) or old[key]).level
        changed.append(Resolution(rule=rule, pack=pack, urn=urn, before=was, now=is_, level=level))
    return Comparison(earlier=earlier, same=same, changed=tuple(changed))


def _by_subject(report: Report) -> dict[tuple[str, str, str], Finding]:
    # Faults of exemptions are about the profile, not about a resource.
    return {(f.pack, f.rule, f.urn): f for f in report.findings if f.verdict is not Verdict.EXEMPTION_FAULT}


def _verdict(finding: Finding) -> Literal["fail", "undetermined", "exempted"]:
    if finding.verdict is Verdict.EXEMPTED:
        return "exempted"
    return "undetermined" if finding.verdict is Verdict.UNDETERMINED else "fail"


def _absent(finding: Finding, deployed: Collection[str], off: Collection[str]) -> Literal["pass", "gone", "off"]:
    if finding.rule in off:
        return "off"
    return "pass" if finding.urn in deployed or Urn.parse(finding.urn).is_stack else "gone"
