"""`mlops cost`: what a stack costs, from a preview in the sandbox or from any program's preview or state."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.sandbox_commands import start_sandbox
from sandbox.layout import Layout

if TYPE_CHECKING:
    from cli.cost_runs import Choice
    from review.costs.model import Costs

OVER_BUDGET = 3
"""Exit code where the expected figure passes the budget and that was asked for."""

EXAMPLES = (
    "Examples:  mlops cost dev  ·  mlops cost dev --compare --details  ·  mlops cost prod --by team --fail-over-budget"
    "  ·  pulumi preview --json --show-sames | mlops cost --from - --format markdown --output comment.md  ·  "
    "mlops cost --from state.json --region eu-west-1 --usage usage.yaml --prices discounts.yaml --format csv"
)


class Format(enum.StrEnum):
    """How costs are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"


class By(enum.StrEnum):
    """What totals are grouped by: `finops.Dimension`, named here since loading the estimator takes its time."""

    COMPONENT = "component"
    ENVIRONMENT = "environment"
    TEAM = "team"
    COST_CENTER = "cost-center"
    TYPE = "type"
    REGION = "region"


def cost(
    stack: Annotated[
        str | None,
        typer.Argument(help="Stack, as in stacks/Pulumi.<stack>.yaml. With --from it tells only budget and account."),
    ] = None,
    document: Annotated[
        str | None,
        typer.Option("--from", help="Output of `pulumi preview --json` or `pulumi stack export`; - is standard input."),
    ] = None,
    by: Annotated[By, typer.Option("--by", help="What to group by.")] = By.COMPONENT,
    compare: Annotated[bool, typer.Option("--compare", help="Compare with what is deployed.")] = False,
    compare_with: Annotated[
        str | None, typer.Option("--compare-with", help="Compare with this preview or state instead.")
    ] = None,
    details: Annotated[bool, typer.Option("--details", help="Show the arithmetic of each line.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to print the costs.")] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write there; one line stays on the terminal.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="Region of resources that do not say theirs.")] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", help="Whose assumptions hold. Default: the name of the stack.")
    ] = None,
    usage: Annotated[
        Path | None, typer.Option("--usage", help="Assumptions on use. Default: stacks/usage.yaml.")
    ] = None,
    prices: Annotated[
        list[Path] | None, typer.Option("--prices", help="Own rates on top of list prices; may be repeated.")
    ] = None,
    fail_over_budget: Annotated[
        bool, typer.Option("--fail-over-budget", help="End with 3 if expected passes the settings' budget.")
    ] = False,
) -> None:
    """Price a stack before it exists. Nothing is created, and no cloud credentials are needed.

    Exit code 0 if all went well, 3 over budget with --fail-over-budget, 1 after an error.
    """
    # Only this command needs the estimator, which takes its time to load.
    from cli import cost_output, cost_runs
    from finops import Dimension

    choice = cost_runs.Choice(
        stack=stack,
        document=document,
        by=Dimension(by.value),
        compare=compare,
        compare_with=compare_with,
        region=region,
        environment=environment,
        usage=usage,
        prices=tuple(prices or ()),
    )
    cost_runs.check(choice, fail_over_budget)
    cost_output.conclude(_priced(choice), format_, output, details, fail_over_budget)


def _priced(choice: Choice) -> Costs:
    """Price what is chosen; only a preview needs the sandbox."""
    from cli import cost_runs

    layout = Layout.current()

    def preview(stack: str) -> Mapping[str, Any]:
        start_sandbox(layout)
        with console.Steps() as steps:
            return cost_runs.preview(layout, stack, steps)

    return cost_runs.costs(choice, preview)
