"""Findings for people at a terminal: worst first, those that say the same on one row."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli import console
from review.findings import Finding
from review.report import Comparison, Counts, Report, kind
from review.telling import days_left
from review.text import shown_on_a_line, visible
from review.urns import Urn

WIDTH = 140
"""Columns where there is no terminal to ask."""

COLOURS = {"mandatory": "red", "advisory": "yellow", "undetermined": "cyan", "exempted": "dim"}
MOST_NAMES = 3
MOST_REASONS = 4
MOST_ROWS = 5
"""Resources, reasons of one resource, and sets of reasons that are shown for a rule; the others are counted."""


def show(report: Report, to: Console | None = None) -> None:
    """Print a run's findings, how many there are of each kind, and why they may not be all."""
    where = to or console.out
    # Where there is no terminal to ask, its width is a guess, too narrow for sentences.
    wide = where if where.is_terminal else Console(file=where.file, highlight=False, width=WIDTH)
    if report.findings:
        wide.print(_table(report.findings))
        where.print()
    if report.comparison:
        _show_comparison(report.comparison, where, wide)
    where.print(f"[bold]{'findings':<9}[/] {escape(line(report))}")
    for problem in report.problems:
        where.print(f"[yellow]{'':<9} {escape(shown_on_a_line(problem, 200))}[/]")


def line(report: Report) -> str:
    """Return a report in one line: counts, passes, packs and their versions."""
    passes = sum(number for rules in report.passed.values() for number in rules.values())
    found = [f"{number} {name}" for name, number in _counts(report.counts) if number] or ["nothing found"]
    packs = ", ".join(f"{name} {version}" for name, version in report.packs.items())
    return visible("; ".join([", ".join(found), *([f"{passes} passed"] if passes else []), packs or "no pack was on"]))


def _counts(counts: Counts) -> Iterable[tuple[str, int]]:
    return ((name, getattr(counts, name)) for name in COLOURS)


def _table(found: Iterable[Finding]) -> Table:
    rows = console.table("", "severity", "rule", "what is wrong, where, and how to mend it")
    groups: dict[tuple[str, object], list[Finding]] = {}
    for finding in found:
        groups.setdefault((kind(finding), (finding.pack, finding.rule, finding.exemption)), []).append(finding)
    order = list(COLOURS)
    for (what, _), same in sorted(groups.items(), key=lambda item: order.index(item[0][0])):
        first = same[0]
        rows.add_row(
            f"[{COLOURS[what]}]{what}[/]",
            first.severity.value if first.severity else "",
            escape(shown_on_a_line(first.rule, 40)),
            escape("\n".join([visible(first.title), *_each(same), *_after(first)])),
        )
    return rows


def _each(same: list[Finding]) -> Iterable[str]:
    """Yield what is wrong with which resources, those with the same reasons together."""
    by_reasons: dict[tuple[str, ...], list[str]] = {}
    for finding in same:
        by_reasons.setdefault(finding.reasons, []).append(shown_on_a_line(finding.where.label, 120))
    for reasons, names in list(by_reasons.items())[:MOST_ROWS]:
        why = _few([shown_on_a_line(reason, 400) for reason in reasons], MOST_REASONS, "; ")
        yield f"- {_few(names, MOST_NAMES, ', ')}{': ' if why else ''}{why}"
    left = list(by_reasons.values())[MOST_ROWS:]
    if left:
        yield f"and {sum(map(len, left))} more"


def _after(finding: Finding) -> Iterable[str]:
    own = finding.exemption
    if own:
        until = f"through {own.expires}, {days_left(own.days_left)}"
        yield f"exempted: {visible(own.reason)} ({visible(own.owner)}, {visible(own.ticket)}; {until})"
    elif finding.fix:
        yield f"fix: {visible(finding.fix)}"


def _few(names: list[str], most: int, between: str) -> str:
    return between.join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _show_comparison(found: Comparison, where: Console, wide: Console) -> None:
    if found.changed:
        rows = console.table("rule", "before", "now", "level", "resource")
        groups: dict[tuple[str, str, str, str], list[str]] = {}
        for one in found.changed:
            label = shown_on_a_line(Urn.parse(one.urn).label, 120)
            groups.setdefault((one.rule, one.before, one.now, one.level.value), []).append(label)
        for (rule, before, now, level), names in groups.items():
            rows.add_row(escape(visible(rule)), before, now, level, escape(_few(names, 10, ", ")))
        wide.print(rows)
        where.print()
    total = f"{found.earlier}: {len(found.changed)} differ, {found.same} are the same"
    where.print(f"[bold]{'compared':<9}[/] with the {escape(total)}")
