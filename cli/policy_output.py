"""What `mlops policy` ends with: the findings in the format asked for, and the exit code."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from cli import console, findings_table
from cli.policy_formats import Format
from cli.policy_runs import Judged, PolicyError
from review import json_report, junit, markdown, sarif
from review.places import Places
from review.report import Report
from review.text import shown_on_a_line, visible
from sandbox.layout import REPOSITORY

ERROR = 1
MANDATORY = 2
LAST_LINES = 12
"""Lines of a failed engine's output that are repeated."""


def conclude(run: Judged, format_: Format, output: Path | None, docs_url: str | None) -> None:
    """Print or write the findings, say what went wrong, and exit: 0, `ERROR` or `MANDATORY`."""
    _put(run.report, format_, output, _docs(docs_url))
    code = exit_code(run)
    if code == ERROR:
        _say_why(run)
    if code:
        raise typer.Exit(code)


def exit_code(run: Judged) -> int:
    """Return 2 if a finding stops the update, 1 if the run failed otherwise or did not judge everything, else 0."""
    if run.report.counts.mandatory:
        return MANDATORY
    return ERROR if run.code or not run.report.complete or not run.report.packs else 0


def _say_why(run: Judged) -> None:
    """Say what the engine said at its end, and that not everything was judged."""
    if run.output is not None and run.code:
        lines = run.output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        for line in lines[-LAST_LINES:]:
            console.err.print(f"[dim]  {escape(visible(line))}[/]")
        console.err.print(f"[dim]all of it: {escape(str(run.output))}[/]")
    problems = [shown_on_a_line(problem, 200) for problem in run.report.problems]
    why = "; ".join(problems) or f"the engine ended with code {run.code}"
    console.fail(f"not everything was judged: {why}")


def _put(report: Report, format_: Format, output: Path | None, docs: str) -> None:
    if format_ is Format.TABLE and output is None:
        findings_table.show(report)
        return
    text = _rendered(report, format_, docs)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PolicyError(f"{output} cannot be written: {error.strerror}; give another --output") from None
    console.err.print(escape(f"{output}: {findings_table.line(report)}"))


def _rendered(report: Report, format_: Format, docs: str) -> str:
    if format_ is Format.JSON:
        return json_report.render(report)
    if format_ is Format.SARIF:
        return sarif.render(report, Places(REPOSITORY, report.stack), docs)
    if format_ is Format.JUNIT:
        return junit.render(report)
    if format_ is Format.MARKDOWN:
        return markdown.render(report, docs)
    plain = Console(file=io.StringIO(), highlight=False, soft_wrap=True, width=findings_table.WIDTH)
    findings_table.show(report, plain)
    assert isinstance(plain.file, io.StringIO)
    return plain.file.getvalue()


def _docs(given: str | None) -> str:
    """Return the address that paths of the repository are appended to, with `/` at its end; empty if none is known.

    In GitHub Actions that is the commit that runs.
    """
    if given is None:
        parts = [os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "SHA")]
        if not all(parts):
            return ""
        given = "{}/{}/blob/{}".format(*parts)
    if not given.startswith(("https://", "http://")):
        raise PolicyError(f"--docs-url {given} is no address; begin it with https://")
    return given.rstrip("/") + "/"
