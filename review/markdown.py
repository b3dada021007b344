"""Markdown for a comment on a pull request: short enough to be posted, and safe whatever the names in it are."""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Callable, Iterable

from review.findings import OURS, Finding
from review.report import Operation, Report, kind
from review.telling import days_left
from review.text import counted, one_line, shown_on_a_line
from review.urns import Urn

MOST_CHARACTERS = 60_000
"""GitHub takes 65,536 characters."""

ROWS = (400, 200, 100, 50, 25, 10, 3, 1, 0)
"""Rows of a table to try, until the whole fits."""

MARKER = "<!-- mlops policy: {} -->"
"""First line, by stack: finds the comment again that is to be replaced."""

INVISIBLE = "\N{ZERO WIDTH SPACE}"

_SOUGHT = re.compile(r"[@#]|\bgh-(?=\d)|\bwww(?=\.)|:(?=[\w+-]+:)", re.IGNORECASE)
_MARKUP = re.compile(rf"""[^\w\s{INVISIBLE}…,.;'"%=()/+?-]|_""")
"""Everything but letters, digits and what means nothing inside a line."""

OPERATIONS = {
    Operation.PREVIEW: "preview",
    Operation.UPDATE: "update",
    Operation.STATE: "deployed state",
    Operation.UNKNOWN: "run that broke off",
}
KINDS = {
    "mandatory": "stop the update",
    "advisory": "advisory",
    "undetermined": "not known before the update",
    "exempted": "exempted",
}


def render(report: Report, docs: str = "") -> str:
    """Return the report as Markdown; links to rules only with `docs`, the address that paths are appended to."""
    return next(text for most in ROWS if len(text := _whole(report, docs, most)) <= MOST_CHARACTERS)


@functools.lru_cache(maxsize=8192)
def text(value: str, most: int = 400) -> str:
    """Return text that programs control, so that Markdown and GitHub read nothing but text in it.

    Every character that could be markup is written as a number; what GitHub looks for in the text that comes out
    (mentions, references to issues, names of emoji) is broken up by a character without width.
    """
    plain = shown_on_a_line(value, most)
    broken = re.sub(_SOUGHT, lambda match: match[0] + INVISIBLE, plain)
    return re.sub(_MARKUP, lambda match: f"&#{ord(match[0])};", broken)


def code(value: str, most: int = 200) -> str:
    """Return a name as code, in a table too."""
    plain = shown_on_a_line(value, most).replace("|", "\N{DIVIDES}")
    if not plain:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", plain)), default=0))
    space = " " if "`" in plain else ""
    return f"{fence}{space}{plain}{space}{fence}"


def _whole(report: Report, docs: str, most: int) -> str:
    parts = [
        MARKER.format(urllib.parse.quote(one_line(report.stack)[:100], safe="")),
        _heading(report),
        _summary(report),
    ]
    parts += [f"> **Not the whole picture:** {text(problem)}" for problem in report.problems]
    for name, title in KINDS.items():
        found = [finding for finding in report.findings if kind(finding) == name]
        if found:
            parts.append(_section(name, f"{len(found)} {title}", found, most, docs))
    if report.comparison:
        parts.append(_comparison(report, most))
    return "\n\n".join(parts) + "\n"


def _heading(report: Report) -> str:
    counts = report.counts
    if counts.mandatory:
        what = f"{counted(counts.mandatory, 'finding')} that must be mended"
    elif not report.complete:
        what = "incomplete"
    elif counts.advisory:
        what = f"passed, {counted(counts.advisory, 'finding')} to look at"
    else:
        what = "passed"
    return f"### Policies, {code(report.stack) or 'no stack'} ({OPERATIONS[report.operation]}): {what}"


def _summary(report: Report) -> str:
    passes = sum(number for rules in report.passed.values() for number in rules.values())
    found = [f"**{getattr(report.counts, name)}** {name}" for name in KINDS]
    if passes:
        found.append(f"**{passes}** passed")
    packs = _few(tuple(f"{name} {version}" for name, version in report.packs.items()), 10) or ("no pack",)
    changes = _few(tuple(f"{number} {name}" for name, number in sorted(report.changes.items())), 10)
    return " · ".join([*found, *(", ".join(text(one, 100) for one in some) for some in (packs, changes) if some)])


def _section(name: str, title: str, found: list[Finding], most: int, docs: str) -> str:
    """What stops the update is open to the eye, the rest at a click."""
    if name == "exempted":
        columns = "| Rule | Resource | Reason | Owner, ticket | Until |\n|---|---|---|---|---|"
        body = _table(columns, found, most, lambda finding: _exempted_row(finding, docs))
    else:
        columns = "| Severity | Rule | Resource | What is wrong | Fix |\n|---|---|---|---|---|"
        body = _table(columns, found, most, lambda finding: _row(finding, docs))
    if name == "mandatory":
        return f"#### {title}\n\n{body}"
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _table(columns: str, found: list[Finding], most: int, row: Callable[[Finding], Iterable[str]]) -> str:
    rows = [f"| {' | '.join(row(finding))} |" for finding in found[:most]]
    table = "\n".join([columns, *rows]) if rows else ""
    left = len(found) - len(rows)
    return table + (f"\n\n… and {left} more\n" if left else "")


def _row(finding: Finding, docs: str) -> Iterable[str]:
    yield finding.severity.value if finding.severity else ""
    yield _rule(finding, docs)
    yield code(finding.where.label)
    yield "<br>".join([f"**{text(finding.title)}**", *(text(reason) for reason in _few(finding.reasons))])
    yield text(finding.fix)


def _exempted_row(finding: Finding, docs: str) -> Iterable[str]:
    own = finding.exemption
    assert own is not None
    yield _rule(finding, docs)
    yield code(finding.where.label)
    yield text(own.reason)
    yield f"{text(own.owner, 100)}, {text(own.ticket, 100)}"
    yield f"{own.expires} ({days_left(own.days_left)})"


def _few(reasons: tuple[str, ...], most: int = 3) -> tuple[str, ...]:
    return reasons if len(reasons) <= most else (*reasons[:most], f"… and {len(reasons) - most} more")


def _rule(finding: Finding, docs: str) -> str:
    name = text(finding.rule, 100)
    # Only pages of our own rules: the address of a page of others could lead anywhere.
    known = finding.pack in OURS and re.fullmatch(r"docs/[\w./#-]+", finding.url)
    return f"[{name}]({docs}{finding.url})" if docs and known else name


def _comparison(report: Report, most: int) -> str:
    found = report.comparison
    assert found is not None
    rows = [
        f"| {text(r.rule, 100)} | {code(_label(r.urn))} | {r.before} | {r.now} | {r.level} |"
        for r in found.changed[:most]
    ]
    left = len(found.changed) - len(rows)
    title = f"Compared with the {text(found.earlier)}: {len(found.changed)} differ, {found.same} are the same"
    table = "\n".join(["| Rule | Resource | Before | Now | Level |\n|---|---|---|---|---|", *rows]) if rows else ""
    more = f"\n\n… and {left} more\n" if left else ""
    return f"#### {title}\n\n{table}{more}"


def _label(urn: str) -> str:
    return Urn.parse(urn).label
