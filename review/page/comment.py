"""The review as a comment on a pull request: the outcome first, safe whatever the names in it are, never too long.

What does not fit is left out from the least severe up, and said: tables get fewer rows until the whole fits.
"""

from __future__ import annotations

import itertools
import urllib.parse
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from review.findings import Finding
from review.markdown import MOST_CHARACTERS, code, text
from review.page import words
from review.page.model import Change, CostChange, CostRow, OwnedFinding, Review, Saving
from review.report import kind
from review.telling import days_left
from review.text import counted, one_line

MARKER: Final = "<!-- mlops-review:{} -->"
"""First line, by stack: finds the comment again that is to be replaced."""

ROWS: Final = (200, 100, 50, 25, 10, 5, 3, 1, 0)
"""Rows of a table to try, until the whole fits."""

MOST_NAMED: Final = 3
"""Resources that are named where one rule, reason and fix goes for several."""

_Row = TypeVar("_Row")


def render(review: Review, docs: str = "", page: str = "") -> str:
    """Return the comment, shorter than `MOST_CHARACTERS`.

    `docs` is what links to rules begin with, ending in `/`; without it there are none. `page` is the address of the
    whole review, such as that of the pipeline's artefacts.
    """
    made = (_whole(review, docs, page, most) for most in ROWS)
    return next(whole for whole in made if len(whole) < MOST_CHARACTERS)


def marker(stack: str) -> str:
    """Return the hidden first line of a stack's comment; a name in it cannot end it."""
    return MARKER.format(urllib.parse.quote(one_line(stack)[:100], safe=""))


def _whole(review: Review, docs: str, page: str, most: int) -> str:
    parts = [
        marker(review.stack),
        f"### {code(review.stack, 100) or 'stack'}: {words.heading(review)}",
        *(f"> **Not the whole picture:** {text(problem)}" for problem in review.problems[:5]),
        _losing(review, most),
        _summary(review),
        _by_component(review, most),
        *(_findings(review, name, docs, most) for name in ("mandatory", "advisory", "undetermined")),
        _exempted(review, docs, most),
        _changes(review, most),
        _bill(review, most),
        _savings(review, most),
        _ending(review, page),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _losing(review: Review, most: int) -> str:
    """Warn of data that goes: this is at the top, and open."""
    found = [one for one in review.changes if one.loses_data]
    if not found:
        return ""
    told = [f"> - {one.operation} {code(_label(one.type, one.name))}" for one in found[:most]]
    if len(found) > len(told):
        told.append(f"> - … and {len(found) - len(told)} more")
    holds = "that holds data is" if len(found) == 1 else "that hold data are"
    return "\n".join(["> [!WARNING]", f"> {counted(len(found), 'resource')} {holds} replaced or deleted.", *told])


def _summary(review: Review) -> str:
    total, counts = review.cost.total, review.counts
    least = "at least " if total.at_least else ""
    now = (
        f", {words.signed(total.difference.expected)} compared with now"
        if total.before
        else ", nothing is deployed now"
    )
    after = words.usd(total.after.expected) if total.after else "nothing"
    floor = words.usd(total.after.floor) if total.after else "$0.00"
    lines = [
        f"- **Changes:** {words.operations(review.operations)}",
        f"- **Cost a month:** {least}{after}{now}; floor {floor}, ceiling {words.ceiling(total)}",
        f"- **Findings:** {counts.mandatory} mandatory, {counts.advisory} advisory, {counts.undetermined} not known "
        f"before the update, {counts.exempted} exempted; {review.passed} passed",
    ]
    if said := words.budget(review):
        lines.insert(2, f"- **Budget:** {said}")
    return "\n".join(lines)


def _by_component(review: Review, most: int) -> str:
    rows = [row for row in review.cost.components if row.difference.expected or row.difference.ceiling]
    head = "| Component | Before | Expected | Difference | Ceiling |\n|---|--:|--:|--:|--:|"
    return _folded("Cost by component, where it differs", _table(head, rows, most, _cost_row))


def _cost_row(row: CostRow) -> Sequence[str]:
    before = words.usd(row.before.expected) if row.before else "none"
    after = words.usd(row.after.expected) if row.after else "none"
    name = code(row.name, 80) if row.name else "outside of components"
    return name, before, after, words.signed(row.difference.expected), words.ceiling(row) or "none"


def _findings(review: Review, name: str, docs: str, most: int) -> str:
    """Tell findings of one rule with one reason in one row; what stops the update is open to the eye."""
    found = [one for one in review.findings if kind(one) == name]
    if not found:
        return ""
    head = "| Severity | Rule | Where | What is wrong | Fix |\n|---|---|---|---|---|"
    body = _table(head, _alike(found), most, lambda group: _finding_row(group, docs))
    title = f"{len(found)} {words.KINDS[name] if len(found) == 1 or name != 'mandatory' else 'stop the update'}"
    return f"#### {title}\n\n{body}" if name == "mandatory" else _folded(title, body)


def _alike(found: Iterable[OwnedFinding]) -> list[list[OwnedFinding]]:
    groups: dict[tuple[object, ...], list[OwnedFinding]] = {}
    for one in found:
        own = one.exemption.model_dump_json() if one.exemption else ""
        groups.setdefault((one.pack, one.rule, one.title, one.reasons, own), []).append(one)
    return list(groups.values())


def _finding_row(group: list[OwnedFinding], docs: str) -> Sequence[str]:
    one = group[0]
    wrong = "<br>".join([f"**{text(one.title)}**", *(text(reason) for reason in one.reasons[:MOST_NAMED])])
    if len(one.reasons) > MOST_NAMED:
        wrong += f"<br>… and {len(one.reasons) - MOST_NAMED} more"
    severity = one.severity.value if one.severity else ""
    return severity, _rule(one, docs), _places(group), wrong, text(one.fix)


def _places(group: list[OwnedFinding]) -> str:
    """Name the resources, each with its team where that is another than before."""
    told = [code(one.where.label, 120) for one in group[:MOST_NAMED]]
    if len(group) > MOST_NAMED:
        told.append(f"and {len(group) - MOST_NAMED} more")
    teams = list(dict.fromkeys(text(one.team, 80) for one in group if one.team))
    return "<br>".join([*told, *teams[:MOST_NAMED]])


def _rule(found: Finding, docs: str) -> str:
    name, link = text(found.rule, 100), words.rule_link(found, docs)
    return f"[{name}]({link})" if link else name


def _exempted(review: Review, docs: str, most: int) -> str:
    found = [one for one in review.findings if kind(one) == "exempted" and one.exemption]
    found.sort(key=lambda one: one.exemption.days_left if one.exemption else 0)
    head = "| Rule | Where | Reason | Owner, ticket | Until |\n|---|---|---|---|---|"
    body = _table(head, _alike(found), most, lambda group: _exempted_row(group, docs))
    return _folded(f"{len(found)} exempted", body) if found else ""


def _exempted_row(group: list[OwnedFinding], docs: str) -> Sequence[str]:
    own = group[0].exemption
    assert own is not None
    who = f"{text(own.owner, 100)}, {text(own.ticket, 100)}"
    return _rule(group[0], docs), _places(group), text(own.reason), who, f"{own.expires} ({days_left(own.days_left)})"


def _changes(review: Review, most: int) -> str:
    if not review.changes:
        return ""
    head = "| Operation | Resource | Component | What differs |\n|---|---|---|---|"
    return _folded(counted(len(review.changes), "change"), _table(head, review.changes, most, _change_row))


def _change_row(one: Change) -> Sequence[str]:
    differs = ", ".join(code(path, 60) for path in one.properties[:5])
    if len(one.properties) > 5:
        differs += f" and {len(one.properties) - 5} more"
    if one.forced_by:
        differs += f"; replaced because of {', '.join(code(path, 60) for path in one.forced_by[:3])}"
    return one.operation, code(_label(one.type, one.name), 150), code(one.component, 80), differs


def _bill(review: Review, most: int) -> str:
    if not review.cost.changes:
        return ""
    head = "| Resource | Arithmetic | Expected | Ceiling |\n|---|---|--:|--:|"
    return _folded("What makes the difference in cost", _table(head, review.cost.changes, most, _bill_row))


def _bill_row(one: CostChange) -> Sequence[str]:
    told = []
    for line in one.lines[:MOST_NAMED]:
        both = " then " if line.before and line.after else ""
        told.append(f"**{text(line.what, 100)}** {text(line.before, 200)}{both}{text(line.after, 200)}")
    if len(one.lines) > MOST_NAMED:
        told.append(f"… and {len(one.lines) - MOST_NAMED} more")
    amounts = words.signed(one.difference.expected), words.signed(one.difference.ceiling)
    return code(_label(one.type, one.name), 150), "<br>".join(told), *amounts


def _savings(review: Review, most: int) -> str:
    found = review.savings
    if not found.proposals:
        return ""
    chosen = sorted(found.proposals, key=lambda one: not one.chosen)
    head = "| Proposal | Resources | What it costs | A month |\n|---|---|---|--:|"
    body = _table(head, chosen, most, _saving_row)
    return _folded(f"{counted(len(found.proposals), 'way')} to save: together {words.span(found)} a month", body)


def _saving_row(one: Saving) -> Sequence[str]:
    names = [code(name, 100) for name in one.names[:MOST_NAMED]]
    if len(one.names) > MOST_NAMED:
        names.append(f"and {len(one.names) - MOST_NAMED} more")
    return f"**{text(one.title)}**<br>{text(one.todo)}", "<br>".join(names), text(one.price), words.span(one)


def _ending(review: Review, page: str) -> str:
    stale = [f"{one.what} were to be reviewed by {one.review_by}" for one in review.data if one.stale]
    told = [f"Prices of {review.data[0].as_of}" if review.data else "", *stale, f"reviewed on {review.date}"]
    link = f"[The whole review]({page}). " if page else ""
    return f"{link}{'; '.join(part for part in told if part)}."


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>" if body else ""


def _table(head: str, rows: Sequence[_Row], most: int, row: Callable[[_Row], Sequence[str]]) -> str:
    """Return a table of the first rows, and how many are left out: rows come with the worst first."""
    kept = list(itertools.islice(rows, most))
    if not rows:
        return ""
    lines = [f"| {' | '.join(row(one))} |" for one in kept]
    left = len(rows) - len(kept)
    note = f"\n\n… and {counted(left, 'row')} more, the least of them; all are in review.json" if left else ""
    return "\n".join([head, *lines] if lines else []) + note


def _label(type_: str, name: str) -> str:
    return f"{words.kind_of(type_)} {name}"
