"""The review as one HTML file that loads nothing, runs only our script, and treats every text of the program as text.

Jinja2 escapes what it puts in. Behind that stands a policy in the page itself: only the style and the script with the
hashes named there count, so that whatever got in as markup could not run and could not reach the network.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2

from review.page import words
from review.page.layout import HEIGHT, WIDTH, Drawing, draw
from review.page.model import Change, Component, OwnedFinding, Review, Unpriced
from review.page.scale import Scale, tick
from review.report import kind
from review.telling import days_left
from review.text import counted, shown, shown_on_a_line

_FOLDER: Final = Path(__file__).resolve().parent / "templates"
MOST_ROWS: Final = 2_000
"""Rows of a table; a browser takes long over more, and nobody reads them. `review.json` has all."""

MOST_TEXT: Final = 600
OPEN_PLACES: Final = 5
"""Resources of a rule that are shown at once; the others are behind a click."""


@dataclass(frozen=True)
class RuleGroup:
    """Findings of one rule that end the same way."""

    findings: tuple[OwnedFinding, ...]
    link: str

    @property
    def cases(self) -> list[tuple[str, list[OwnedFinding]]]:
        """Findings with the same reasons, which are said once."""
        found: dict[str, list[OwnedFinding]] = {}
        for one in self.findings:
            found.setdefault("; ".join(one.reasons), []).append(one)
        return list(found.items())

    @property
    def first(self) -> OwnedFinding:
        """What all of them share: rule, title, fix, severity."""
        return self.findings[0]


@dataclass(frozen=True)
class OpenCost:
    """Resources that the totals lack for the same reason."""

    state: str
    reason: str
    resources: tuple[Unpriced, ...]


def render(review: Review, docs: str = "") -> str:
    """Return the page. `docs` is what links to rules begin with, ending in `/`; without it there are none."""
    css, js = _asset("page.css"), _asset("page.js")
    drawing = draw({one.name: one.uses for one in review.components})
    rows = (*review.cost.components, review.cost.total)
    budget = review.cost.budget
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            review=review,
            css=css,
            js=js,
            policy=_policy(css, js),
            kinds=_kinds(review, docs),
            exempted=_exempted(review, docs),
            changes=_changes(review.changes),
            losing=[one for one in review.changes if one.loses_data],
            scale=Scale(rows, budget.monthly_usd if budget else None),
            open_cost=_open(review.cost.open),
            drawing=drawing,
            box_size=(WIDTH, HEIGHT),
            numbers={one.name: number for number, one in enumerate(review.components, start=1)},
            components={one.name: one for one in review.components},
            findings_of=_findings_of(review),
            used_by=_used_by(review.components),
            reading_order=_reading_order(review, drawing),
            listed=[one for one in review.versions if one.version or one.kind != "add-on"],
            chosen=[one for one in review.versions if not one.version and one.kind == "add-on"],
            packs=sorted({one.pack for one in review.findings}),
            severities=list(dict.fromkeys(one.severity.value for one in review.findings if one.severity)),
            owners=sorted({one.component for one in review.findings}),
            most=MOST_ROWS,
            open_places=OPEN_PLACES,
        )
    )


def _policy(css: str, js: str) -> str:
    """Return the page's content security policy."""
    return (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@functools.cache
def _asset(name: str) -> str:
    # The hash is that of everything between the tags, line breaks too.
    return "\n" + (_FOLDER / name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "t": lambda value, most=MOST_TEXT: shown_on_a_line(str(value), most),
        "lines": lambda value, most=MOST_TEXT: shown(str(value), most),
        "usd": words.usd,
        "signed": words.signed,
        "percent": words.percent,
        "counted": counted,
        "number": lambda value: f"{value:,}",
        "kind": words.kind_of,
        "left": days_left,
        "tick": tick,
        "short": _short,
        "dollars": words.dollars,
        "day": lambda value: f"{value.day} {value:%B %Y}",
    }
    made.globals |= {"words": words, "kind_names": words.KINDS}
    return made


def _short(text: str, most: int) -> str:
    """Return text that fits into a box; the whole of it is in the list beside."""
    plain = shown_on_a_line(text, MOST_TEXT)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def _grouped(findings: Iterable[OwnedFinding], docs: str) -> tuple[RuleGroup, ...]:
    groups: dict[tuple[str, ...], list[OwnedFinding]] = {}
    for one in findings:
        groups.setdefault((one.pack, one.rule, one.title), []).append(one)
    return tuple(RuleGroup(tuple(found), words.rule_link(found[0], docs)) for found in groups.values())


def _kinds(review: Review, docs: str) -> list[tuple[str, int, tuple[RuleGroup, ...]]]:
    """Return findings that are not exempted by kind, each with its number and its groups."""
    result = []
    left = MOST_ROWS
    for name in ("mandatory", "advisory", "undetermined"):
        found = [one for one in review.findings if kind(one) == name]
        result.append((name, len(found), _grouped(found[:left], docs)))
        left = max(left - len(found), 0)
    return result


def _exempted(review: Review, docs: str) -> list[RuleGroup]:
    """Return exempted findings, those of one exemption together, the soonest to end first."""
    groups: dict[tuple[object, ...], list[OwnedFinding]] = {}
    for one in sorted(
        (one for one in review.findings if one.exemption and kind(one) == "exempted"),
        key=lambda one: one.exemption.days_left if one.exemption else 0,
    ):
        own = one.exemption
        assert own is not None
        key = (one.pack, one.rule, own.owner, own.ticket, own.reason, own.expires)
        groups.setdefault(key, []).append(one)
    return [RuleGroup(tuple(found), words.rule_link(found[0], docs)) for found in groups.values()]


def _changes(found: Sequence[Change]) -> list[tuple[str, str, list[Change]]]:
    """Return changes in tables: what goes or is made anew is open to the eye, the rest is behind a click."""
    parts = (
        ("replaced and deleted", ("replace", "delete")),
        ("updated", ("update",)),
        ("created", ("create",)),
        ("imported, read, and others", ("import", "read", "other")),
    )
    tables = [(title, names[0], [one for one in found if one.operation in names]) for title, names in parts]
    return [table for table in tables if table[2]]


def _open(found: Iterable[Unpriced]) -> list[OpenCost]:
    groups: dict[tuple[str, str], list[Unpriced]] = {}
    for one in found:
        groups.setdefault((one.state.value, one.reason), []).append(one)
    return [OpenCost(state, reason, tuple(inside)) for (state, reason), inside in groups.items()]


def _findings_of(review: Review) -> dict[str, list[OwnedFinding]]:
    """Return findings by the name of the group that their resource is in."""
    group = {part.urn: one.name for one in review.components for part in one.resources}
    result: dict[str, list[OwnedFinding]] = {}
    for found in review.findings:
        result.setdefault(group.get(found.urn, ""), []).append(found)
    return result


def _used_by(components: Iterable[Component]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for one in components:
        for used in one.uses:
            result.setdefault(used, []).append(one.name)
    return result


def _reading_order(review: Review, drawing: Drawing) -> list[Component]:
    known = {one.name: one for one in review.components}
    return [known[box.name] for box in drawing.boxes]
