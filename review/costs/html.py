"""One self-contained page: no network, no script, light and dark, printable, tables that a screen reader can read."""

from __future__ import annotations

import functools
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from finops.line import HOURS, money
from finops.owners import Group
from finops.summary import cost_line
from review.costs.amounts import ceiling, hourly, hourly_ceiling, signed
from review.costs.model import Costs, billable, details
from review.text import shown_on_a_line

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
PAGE: Final = "costs.html.j2"


def render(costs: Costs, detailed: bool = False) -> str:
    """Return the page; the arithmetic of each line is in it, unfolded where it is `detailed`."""
    return environment().get_template(PAGE).render(costs=costs, detailed=detailed, hours=HOURS, line=_line(costs))


@functools.cache
def environment() -> Environment:
    """Return the templates' environment: it escapes everything, and fails where a template names what is not there."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        t=_text, money=money, signed=signed, hourly=hourly, ceiling=ceiling, hourly_ceiling=hourly_ceiling
    )
    made.globals.update(billable=billable, opened=_opened, lines=_lines, share=_share, group=Group)
    return made


def _text(value: object, most: int = 400) -> str:
    """Return text that programs control on one line, with what cannot be seen in it spelt out. Escaping comes after."""
    return shown_on_a_line(str(value), most)


def _line(costs: Costs) -> str:
    return cost_line(costs.found, costs.missing)


def _opened(group: Group) -> int:
    return sum(1 for item in group.items if item.open)


def _lines(group: Group) -> list[Any]:
    return [detail for item in group.items for detail in details(item)]


def _share(part: Decimal, whole: Decimal) -> str:
    """Return a part of a whole in percent, with one digit after the point; 0 of nothing."""
    return f"{min(part / whole * 100, Decimal(100)):.1f}" if whole else "0.0"
