"""`mlops review`: one preview, and from it everything that a reviewer asks: changes, cost, verdicts, versions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cli import console
from cli.policy_commands import DocsOption, ProfileOption, StackArgument, StrictOption
from cli.sandbox_commands import start_sandbox
from sandbox.layout import REPOSITORY, Layout

if TYPE_CHECKING:
    from cli.policy_runs import Choice
    from cli.review_runs import Planned, Reviewed
    from review.page.model import Review

OUTPUT = Path("build/review")
EXAMPLES = (
    "Examples:  mlops review dev  ·  mlops review prod --strict --output /tmp/review  ·  mlops review prod --live  ·  "
    "mlops review dev --from-plan plan.json --from-events events.jsonl"
)
EXIT_CODES = "Exit code 0 if nothing stops the update, 2 if a finding does, 3 if it is over budget, 1 after an error."


OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Folder of the files; those of a review replaced.")]
EventsOption = Annotated[
    Path | None, typer.Option("--from-events", help="Event log of a preview that has been; needs --from-plan.")
]
PlanOption = Annotated[
    Path | None,
    typer.Option("--from-plan", help="Output of `pulumi preview --json --show-sames` of the same preview."),
]
LiveOption = Annotated[
    bool, typer.Option("--live", help="Preview with the pulumi on PATH, its backend and its credentials.")
]
PageOption = Annotated[
    str | None,
    typer.Option("--page-url", envvar="MLOPS_PAGE_URL", help="Address where the files will be, for the comment."),
]


def review(
    stack: StackArgument,
    profile: ProfileOption = None,
    strict: StrictOption = False,
    output: OutputOption = OUTPUT,
    plan: PlanOption = None,
    events: EventsOption = None,
    live: LiveOption = False,
    docs_url: DocsOption = None,
    page_url: PageOption = None,
) -> None:
    """Review what an update would do: a page, a comment for the pull request, JSON, SARIF and CSV.

    The preview runs on the local cloud, without credentials. Exit code 0 if nothing stops the update, 2 if a finding
    does, 3 if the expected cost is over budget, 1 after an error.
    """
    from cli import policy_runs, review_runs

    _check(plan, events, live, page_url)
    choice = policy_runs.choose(stack, profile, strict)
    docs = _docs(docs_url, output)
    planned = _planned(choice, plan, events, live)
    with console.Steps() as steps:
        steps.step("pricing, judging and drawing it")
        made = review_runs.review(planned, choice)
        files = _write(made, output, docs, page_url or "")
    _summary(made.review, files)
    if made.review.exit_code:
        raise typer.Exit(made.review.exit_code)


def _check(plan: Path | None, events: Path | None, live: bool, page_url: str | None) -> None:
    """Refuse options that do not go together, before anything long begins."""
    if (plan is None) != (events is None):
        raise typer.BadParameter("--from-plan and --from-events belong together; give the files of one preview")
    if live and plan is not None:
        raise typer.BadParameter("--live makes a preview and --from-plan reads one; give one of them")
    if page_url and not page_url.startswith(("https://", "http://")):
        raise typer.BadParameter(f"--page-url {page_url} is no address; begin it with https://")


def _planned(choice: Choice, plan: Path | None, events: Path | None, live: bool) -> Planned:
    from cli import review_runs

    if plan is not None and events is not None:
        return review_runs.recorded(plan, events)
    if live:
        with console.Steps() as steps:
            return review_runs.live(choice, steps)
    layout = Layout.current()
    start_sandbox(layout)
    with console.Steps() as steps:
        return review_runs.sandbox(layout, choice, steps)


def _docs(given: str | None, output: Path) -> str:
    """Return what links to rules begin with: the address given, that of the CI's commit, else the repository beside."""
    if given is None:
        parts = [os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "SHA")]
        if not all(parts):
            return Path(os.path.relpath(REPOSITORY, output)).as_posix() + "/"
        given = "{}/{}/blob/{}".format(*parts)
    if not given.startswith(("https://", "http://")):
        raise typer.BadParameter(f"--docs-url {given} is no address; begin it with https://")
    return given.rstrip("/") + "/"


def _write(made: Reviewed, output: Path, docs: str, page_url: str) -> list[Path]:
    """Write all files of a review; a comment and SARIF have links only where there are whole addresses."""
    from cli.review_runs import ReviewError
    from review import sarif
    from review.costs import focus
    from review.page import comment, document, html
    from review.places import Places

    whole = docs if docs.startswith("http") else ""
    texts = {
        "review.html": html.render(made.review, docs),
        "review.md": comment.render(made.review, whole, page_url),
        "review.json": document.render(made.review),
        "findings.sarif": sarif.render(made.report, Places(REPOSITORY, made.review.stack), whole),
        "cost.csv": focus.render(made.costs),
    }
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (output / name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ReviewError(f"{output} cannot be written: {error.strerror}; give another --output") from None
    return [output / name for name in texts]


def _summary(found: Review, files: list[Path]) -> None:
    """Print the outcome and where the files are."""
    from review.page import words

    total = found.cost.total
    least = " at least" if total.at_least else ""
    expected = words.usd(total.after.expected) if total.after else "$0.00"
    now = f", {words.signed(total.difference.expected)} compared with now" if total.before else ""
    counts = found.counts
    told = {
        "review": words.heading(found),
        "changes": words.operations(found.operations),
        "cost": f"{expected} a month{least}{now}; ceiling {words.ceiling(total)}",
        "budget": words.budget(found),
        "findings": f"{counts.mandatory} mandatory, {counts.advisory} advisory, {counts.undetermined} undetermined, "
        f"{counts.exempted} exempted; {found.passed} passed",
        "files": ", ".join([str(files[0]), *(file.name for file in files[1:])]),
    }
    for name, text in told.items():
        if text:
            console.out.print(f"[bold]{name:<9}[/] {escape(text)}")
    for problem in found.problems:
        console.fail(problem)
