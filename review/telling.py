"""A finding in plain text, for formats that have no better place for its parts."""

from __future__ import annotations

from review.findings import Finding, Verdict


def message(finding: Finding) -> str:
    """Return what is wrong on one line: the good state, and what was found instead."""
    return "; ".join((finding.title, *finding.reasons))


def said(finding: Finding) -> str:
    """Return everything in a few lines: resource, good state, reasons, and the fix or the exemption."""
    covered = finding.exemption.covers if finding.exemption else finding.verdict
    open_ = "undetermined: " if covered is Verdict.UNDETERMINED else ""
    lines = [f"{finding.where.label}: {open_}{finding.title}", *(f"- {reason}" for reason in finding.reasons)]
    if finding.exemption:
        lines.append(f"Exempted: {justification(finding)}")
    elif finding.fix:
        lines.append(f"Fix: {finding.fix}")
    return "\n".join(lines)


def justification(finding: Finding) -> str:
    """Return why an exempted finding is accepted, who answers for that, and until when; empty for others."""
    own = finding.exemption
    return f"{own.reason} ({own.owner}, {own.ticket}, through {own.expires})" if own else ""


def days_left(days: int) -> str:
    """Return how long an exemption still holds."""
    if days < 0:
        return "expired"
    return "last day" if days == 0 else f"{days} day left" if days == 1 else f"{days} days left"
