"""Markdown for a comment on a pull request: short enough to be posted, and safe whatever the names in it are."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Sequence

from finops.compare import Comparison
from finops.estimate import Estimate
from finops.line import money
from finops.owners import Group
from finops.summary import cost_line
from review.costs.amounts import ceiling, hourly, hourly_ceiling, signed
from review.costs.model import Costs, Open, billable, details
from review.markdown import MOST_CHARACTERS, ROWS, code, text
from review.text import counted, one_line

MARKER = "<!-- mlops cost: {} -->"
"""First line, by stack: finds the comment again that is to be replaced."""

MOST_NAMES = 3


def render(costs: Costs, detailed: bool = False) -> str:
    """Return everything as Markdown, where `detailed` with each line's arithmetic. What does not fit is counted."""
    return next(whole for most in ROWS if len(whole := _whole(costs, detailed, most)) <= MOST_CHARACTERS)


def _whole(costs: Costs, detailed: bool, most: int) -> str:
    parts = [
        MARKER.format(urllib.parse.quote(one_line(costs.stack)[:100], safe="")),
        f"### Cost, {code(costs.stack) or 'no stack'}: {_headline(costs)}",
        text(cost_line(costs.found, costs.missing), 1000),
    ]
    parts += [f"> **Not the whole picture:** {text(problem)}" for problem in costs.problems]
    if costs.budget_line:
        mark = "**Over budget:** " if costs.over_budget else "Budget: "
        parts.append(f"{mark}{text(costs.budget_line)}")
    if costs.comparison:
        parts.append(_changes(costs, costs.comparison, most))
    parts.append(_groups(costs, most))
    if detailed:
        parts.append(_details(costs, most))
    if costs.open:
        parts.append(_open(costs.open, most))
    if costs.found.assumptions:
        told = _few([f"- {text(one)}" for one in costs.found.assumptions], most)
        parts.append(_folded(counted(len(costs.found.assumptions), "assumption"), told))
    parts.append(_data(costs))
    return "\n\n".join(parts) + "\n"


def _headline(costs: Costs) -> str:
    least = "at least " if costs.at_least else ""
    if costs.comparison:
        return f"{signed(costs.comparison.expected)} a month, to {least}{money(costs.found.expected)}"
    return f"{least}{money(costs.found.expected)} a month"


def _groups(costs: Costs, most: int) -> str:
    columns = (costs.by.value.capitalize(), "Resources", "Floor", "Expected", "Ceiling", "Expected, hourly", "Open")
    rows = [_group(code(group.name), group, group.at_least) for group in costs.groups[:most]]
    rows.append(_group("**Total**", costs.total, costs.at_least))
    left = len(costs.groups[most:])
    more = f"\n\n… and {left} more\n" if left else ""
    return _table(columns, rows, "lrrrrrr") + more


def _group(name: str, group: Group, at_least: bool) -> Sequence[str]:
    least = "at least " if at_least else ""
    hour = hourly(group.expected)
    return (
        name,
        str(billable(group)),
        f"{least}{money(group.floor)}",
        f"{least}{money(group.expected)}",
        ceiling(group) if group.unbounded else f"{least}{ceiling(group)}",
        hour if hourly_ceiling(group) == hour else f"{hour}, at most {hourly_ceiling(group)}",
        str(sum(1 for item in group.items if item.open) or ""),
    )


def _changes(costs: Costs, found: Comparison, most: int) -> str:
    title = f"#### Compared with {text(costs.compared_with) or 'what was'}"
    columns = ("", "Floor", "Expected", "Ceiling")
    rows: list[Sequence[str]] = [
        _side("Before", found.before),
        _side("After", found.after),
        ("Difference", *(signed(one) for one in (found.floor, found.expected, found.ceiling))),
    ]
    parts = [title, _table(columns, rows, "lrrr"), text(costs.change_line)]
    if costs.changes:
        lines = [
            (c.kind.value, code(_label(c.item.resource.type, c.item.resource.name)), text(c.what),
             text(c.arithmetic), c.expected, c.ceiling)
            for c in costs.changes[:most]
        ]  # fmt: skip
        heads = ("", "Resource", "Line", "Arithmetic", "Expected", "Ceiling")
        left = len(costs.changes[most:])
        told = _table(heads, lines, "llllrr") + (f"\n\n… and {left} more\n" if left else "")
        parts.append(_folded(f"Lines that differ: {len(costs.changes)}", told))
    return "\n\n".join(parts)


def _side(name: str, found: Estimate) -> Sequence[str]:
    group = Group(name, found.items)
    least = "at least " if found.at_least else ""
    most = ceiling(group) if group.unbounded else f"{least}{ceiling(group)}"
    return (name, f"{least}{money(found.floor)}", f"{least}{money(found.expected)}", most)


def _details(costs: Costs, most: int) -> str:
    rows = [
        (code(group.name, 60), code(_label(d.item.resource.type, d.item.resource.name)), text(d.what),
         d.state.value, text(d.arithmetic), text(d.note))
        for group in costs.groups for item in group.items for d in details(item)
    ]  # fmt: skip
    columns = (costs.by.value.capitalize(), "Resource", "Line", "State", "Arithmetic", "Note")
    left = len(rows[most:])
    told = _table(columns, rows[:most], "llllll") + (f"\n\n… and {left} more\n" if left else "")
    return _folded(f"Lines: {len(rows)}", told)


def _open(found: tuple[Open, ...], most: int) -> str:
    rows = [(one.state.value, text(one.what), text(one.why), _names(one.names)) for one in found[:most]]
    left = len(found[most:])
    told = _table(("State", "What", "Why", "Resources"), rows, "llll") + (f"\n\n… and {left} more\n" if left else "")
    return _folded(f"Open, which the totals lack: {len(found)}", told)


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(code(name, 80) for name in names[:MOST_NAMES])
    return shown + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")


def _data(costs: Costs) -> str:
    told = [
        f"{one.what} of {one.as_of}, to be reviewed by {one.review_by}{' (**stale**)' if one.stale else ''}"
        for one in costs.dates
    ]
    own = f"; own rates from {', '.join(code(name, 60) for name in costs.rates)}" if costs.rates else ""
    return f"<sub>USD, a month of 730 hours; {'; '.join(told)}{own}</sub>"


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _few(lines: list[str], most: int) -> str:
    left = len(lines[most:])
    return "\n".join([*lines[:most], *([f"- … and {left} more"] if left else [])])


def _table(columns: Iterable[str], rows: Iterable[Sequence[str]], sides: str) -> str:
    if not (body := [f"| {' | '.join(row)} |" for row in rows]):
        return ""
    rule = "|".join("---:" if side == "r" else "---" for side in sides)
    return "\n".join([f"| {' | '.join(columns)} |", f"|{rule}|", *body])


def _label(type_: str, name: str) -> str:
    return f"{type_.rsplit(':', 1)[-1]} {name}".strip()
