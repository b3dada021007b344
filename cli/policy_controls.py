"""`mlops policy controls`: which rules cover a framework's controls, and why nothing covers the others."""

from __future__ import annotations

import csv
import enum
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli import console

if TYPE_CHECKING:
    from policies.frameworks import Coverage, Framework

EXAMPLES = (
    "Examples:  mlops policy controls --framework cis-eks  ·  "
    "mlops policy controls --framework fsbp --only uncovered  ·  "
    "mlops policy controls --framework soc2 --format csv > soc2.csv"
)
COLUMNS = ("framework", "version", "control", "title", "rules", "reason")


class Format(enum.StrEnum):
    """How the controls are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class Only(enum.StrEnum):
    """Which controls are shown; the summary is of all of them."""

    ALL = "all"
    COVERED = "covered"
    UNCOVERED = "uncovered"


def controls(
    framework: Annotated[str, typer.Option("--framework", help="cis-eks, fsbp, nist-800-53, pss or soc2.")],
    format_: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    only: Annotated[Only, typer.Option("--only", help="Which controls to show.")] = Only.ALL,
) -> None:
    """List a framework's controls, each with the rules that cover it or the reason why none does."""
    from policies import catalogue, frameworks

    try:
        found = frameworks.framework(framework)
    except frameworks.FrameworkError as error:
        console.fail(str(error))
        raise typer.Exit(2) from None
    rows = frameworks.coverage(framework, catalogue.PACKS)
    wanted = {Only.ALL: (True, False), Only.COVERED: (True,), Only.UNCOVERED: (False,)}[only]
    PRINTERS[format_](found, rows, [row for row in rows if bool(row.rules) in wanted])


def _table(framework: Framework, rows: Sequence[Coverage], shown: Sequence[Coverage]) -> None:
    from policies import matrix

    listing = console.table("control", "what it asks for", "covered by")
    listing.columns[0].no_wrap = True
    for row in shown:
        by = ", ".join(row.rules) or f"[yellow]not covered[/]: {escape(row.reason)}"
        listing.add_row(escape(row.ref), escape(row.title), by)
    console.out.print(f"[bold]{escape(matrix.heading(framework))}[/]")
    console.out.print(listing)
    console.out.print(escape(matrix.line(framework, rows)))


def _json(framework: Framework, rows: Sequence[Coverage], shown: Sequence[Coverage]) -> None:
    from policies import matrix

    about = {"framework": framework.name, **framework.model_dump(include={"title", "version", "source", "judged"})}
    console.print_json(
        {
            **about,
            "checked": framework.checked.isoformat(),
            "total": len(rows),
            "covered": sum(bool(row.rules) for row in rows),
            "rules": matrix.served(rows),
            "controls": [{**row.model_dump(mode="json"), "covered": bool(row.rules)} for row in shown],
        }
    )


def _csv(framework: Framework, rows: Sequence[Coverage], shown: Sequence[Coverage]) -> None:
    """Write rows alone to standard output, which a spreadsheet can read then; the summary goes to standard error."""
    from policies import matrix

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    for row in shown:
        out.writerow((framework.name, framework.version, row.ref, row.title, " ".join(row.rules), row.reason))
    console.err.print(escape(matrix.line(framework, rows)))


def _markdown(framework: Framework, rows: Sequence[Coverage], shown: Sequence[Coverage]) -> None:
    from policies import matrix

    sys.stdout.write(matrix.section(framework, rows, shown, {}))


PRINTERS = {Format.TABLE: _table, Format.JSON: _json, Format.CSV: _csv, Format.MARKDOWN: _markdown}
