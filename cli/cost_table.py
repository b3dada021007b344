"""Costs for people at a terminal: the groups, what changes, what is open and why, what the numbers rest on."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli import console
from finops.estimate import Estimate
from finops.line import money
from finops.owners import Group
from finops.summary import cost_line
from review.costs.amounts import Totals, hourly, hourly_ceiling, signed
from review.costs.model import Changed, Costs, billable, details
from review.text import shown_on_a_line

WIDTH = 140
"""Columns where there is no terminal to ask."""

MOST_NAMES = 4
"""Resources that are named where several lack the same; the others are counted."""

MOST_CHANGES = 100
"""Lines of a comparison that are shown where no details are asked for; the others are counted."""


def show(costs: Costs, detailed: bool, to: Console | None = None) -> None:
    """Print everything, with each line's arithmetic where it is `detailed`."""
    where = to or console.out
    # Where there is no terminal to ask, its width is a guess, too narrow for sentences.
    wide = where if where.is_terminal else Console(file=where.file, highlight=False, width=WIDTH)
    wide.print(_groups(costs))
    where.print()
    if detailed:
        wide.print(_details(costs))
        where.print()
    if costs.comparison:
        wide.print(_sides(costs.comparison.before, costs.comparison.after))
        where.print()
        if costs.changes:
            most = len(costs.changes) if detailed else MOST_CHANGES
            wide.print(_changes(costs.changes[:most]))
            if left := len(costs.changes[most:]):
                where.print(f"and {left} lines more; --details shows them all")
            where.print()
    if costs.open:
        wide.print(_open(costs))
        where.print()
    for name, line in _lines(costs):
        where.print(f"[bold]{name:<9}[/] {escape(shown_on_a_line(line, 2000))}")
    for problem in costs.problems:
        where.print(f"[yellow]{'':<9} {escape(shown_on_a_line(problem, 400))}[/]")


def line(costs: Costs) -> str:
    """Return the result in one line."""
    return shown_on_a_line(cost_line(costs.found, costs.missing), 1000)


def _lines(costs: Costs) -> Iterable[tuple[str, str]]:
    yield "cost", line(costs)
    if costs.comparison:
        yield "compared", f"with {costs.compared_with}: {costs.change_line}"
    if costs.budget_line:
        yield "budget", costs.budget_line
    for number, assumption in enumerate(costs.found.assumptions):
        yield "" if number else "assumed", assumption
    for number, one in enumerate(costs.dates):
        yield "" if number else "data", f"{one.what} of {one.as_of}, to be reviewed by {one.review_by}"
    for name in costs.rates:
        yield "", f"own rates from {name}"


def _groups(costs: Costs) -> Table:
    rows = console.table(costs.by.value, "resources", "floor", "expected", "ceiling", "an hour", "at most", "open")
    _right(rows, range(1, 8))
    for group in costs.groups:
        rows.add_row(*_group(_text(group.name, 60), group, group.at_least))
    rows.add_section()
    name = "total, at least" if costs.at_least else "total"
    rows.add_row(*(f"[bold]{cell}[/]" for cell in _group(name, costs.total, costs.at_least)))
    return rows


def _group(name: str, group: Group, least: bool) -> Iterable[str]:
    mark = "\N{GREATER-THAN OR EQUAL TO} " if least else ""
    yield name
    yield str(billable(group))
    yield from (f"{mark}{amount}" for amount in (money(group.floor), money(group.expected)))
    yield _most(group, mark)
    yield hourly(group.expected)
    yield hourly_ceiling(group)
    yield str(sum(1 for item in group.items if item.open) or "")


def _most(found: Totals, mark: str) -> str:
    return "unbounded" if found.unbounded else f"{mark}{money(found.ceiling)}"


def _sides(before: Estimate, after: Estimate) -> Table:
    rows = console.table("", "floor", "expected", "ceiling")
    _right(rows, range(1, 4))
    for name, found in (("before", before), ("after", after)):
        mark = "\N{GREATER-THAN OR EQUAL TO} " if found.at_least else ""
        whole = Group(name, found.items)
        amounts = (money(found.floor), money(found.expected))
        rows.add_row(name, *(f"{mark}{amount}" for amount in amounts), _most(whole, mark))
    differences = (after.floor - before.floor, after.expected - before.expected, after.ceiling - before.ceiling)
    rows.add_row("difference", *(signed(one) for one in differences))
    return rows


def _changes(found: Iterable[Changed]) -> Table:
    rows = console.table("", "resource", "line", "arithmetic", "expected", "ceiling")
    _right(rows, (4, 5))
    for one in found:
        what = (one.kind.value, _label(one.item.resource.type, one.item.resource.name), _text(one.what, 80))
        rows.add_row(*what, _text(one.arithmetic, 600), _text(one.expected, 60), _text(one.ceiling, 60))
    return rows


def _details(costs: Costs) -> Table:
    rows = console.table(costs.by.value, "resource", "line", "state", "arithmetic, and what it rests on")
    for group in costs.groups:
        for item in group.items:
            for detail in details(item):
                told = " \N{MIDDLE DOT} ".join(filter(None, (detail.arithmetic, detail.note)))
                label = _label(item.resource.type, item.resource.name)
                what = _text(detail.what, 80)
                rows.add_row(_text(group.name, 40), label, what, detail.state.value, _text(told, 800))
    return rows


def _open(costs: Costs) -> Table:
    rows = console.table("open", "what", "why, or the price of one", "resources")
    for one in costs.open:
        names = ", ".join(shown_on_a_line(name, 60) for name in one.names[:MOST_NAMES])
        left = len(one.names) - MOST_NAMES
        more = f" and {left} more" if left > 0 else ""
        rows.add_row(one.state.value, _text(one.what, 80), _text(one.why, 400), escape(names + more))
    return rows


def _right(rows: Table, columns: Iterable[int]) -> None:
    for number in columns:
        rows.columns[number].justify = "right"


def _label(type_: str, name: str) -> str:
    return _text(f"{type_.rsplit(':', 1)[-1]} {name}", 120)


def _text(value: str, most: int) -> str:
    return escape(shown_on_a_line(value, most))
