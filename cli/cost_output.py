"""What `mlops cost` ends with: the costs in the format asked for, and the exit code."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from cli import console, cost_table
from cli.cost_commands import OVER_BUDGET, Format
from cli.cost_runs import CostError
from review.costs import focus, html, json_report, markdown
from review.costs.model import Costs


def conclude(costs: Costs, format_: Format, output: Path | None, details: bool, fail_over_budget: bool) -> None:
    """Print or write the costs, and exit: 0, or `OVER_BUDGET` where that was asked for and is so."""
    _put(costs, format_, output, details)
    if fail_over_budget and costs.over_budget:
        console.fail(f"over budget: {costs.budget_line}")
        raise typer.Exit(OVER_BUDGET)


def render(costs: Costs, format_: Format, details: bool) -> str:
    """Return the costs as text in a format."""
    if format_ is Format.JSON:
        return json_report.render(costs)
    if format_ is Format.CSV:
        return focus.render(costs)
    if format_ is Format.MARKDOWN:
        return markdown.render(costs, details)
    if format_ is Format.HTML:
        return html.render(costs, details)
    plain = Console(file=io.StringIO(), highlight=False, soft_wrap=True, width=cost_table.WIDTH)
    cost_table.show(costs, details, plain)
    assert isinstance(plain.file, io.StringIO)
    return plain.file.getvalue()


def _put(costs: Costs, format_: Format, output: Path | None, details: bool) -> None:
    if format_ is Format.TABLE and output is None:
        cost_table.show(costs, details)
        return
    text = render(costs, format_, details)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        # CSV has line ends of its own.
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CostError(f"{output} cannot be written: {error.strerror}; give another --output") from None
    console.err.print(escape(f"{output}: {cost_table.line(costs)}"))
    for problem in costs.problems:
        console.err.print(f"[yellow]{escape(problem)}[/]")
