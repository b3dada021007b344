"""`mlops policy`: both packs on a preview, an event log or a deployed state, and the verdicts in any format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import console, misuse, policy_controls
from cli.policy_formats import Format
from cli.sandbox_commands import start_sandbox
from sandbox.layout import Layout
from sandbox.processes import SandboxError

CHECK_EXAMPLES = (
    "Examples:  mlops policy check prod  ·  mlops policy check dev --strict  ·  "
    "mlops policy check prod --profile regulated --format sarif --output policy.sarif"
)
REPORT_EXAMPLES = (
    "Examples:  pulumi preview --event-log e.jsonl; mlops policy report --from e.jsonl  ·  "
    "mlops policy report --from e.jsonl --format markdown --output comment.md"
)
STATE_EXAMPLES = "Examples:  mlops policy state sandbox  ·  mlops policy state sandbox --format json"
EXIT_CODES = "Exit code 0 if nothing stops the update, 2 if something does, 1 after an error."


app = typer.Typer(
    cls=misuse.Group,
    help="Verdicts of the policy packs, on a preview, a log or a deployed state.",
    no_args_is_help=True,
)

StackArgument = Annotated[str, typer.Argument(help="Stack, as in stacks/Pulumi.<stack>.yaml.")]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", help="Profile or path of one. Default: as the stack's settings say."),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Undetermined counts as failed, at the rule's level.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the findings.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write there; one line stays on the terminal.")
]
DocsOption = Annotated[
    str | None,
    typer.Option(
        "--docs-url",
        envvar="MLOPS_DOCS_URL",
        help="Address of the repository's files, for links to rules. Default: that of the GitHub Actions run.",
    ),
]


@app.command(epilog=CHECK_EXAMPLES, help=f"Judge a preview of a stack by both packs, on the local cloud. {EXIT_CODES}")
def check(
    stack: StackArgument,
    profile: ProfileOption = None,
    strict: StrictOption = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
    docs_url: DocsOption = None,
) -> None:
    """Judge a preview of a stack. Nothing is created; what hangs on it is undetermined."""
    # Here and below: only these commands need the rules, which take their time to load.
    from cli import policy_output, policy_runs

    choice = policy_runs.choose(stack, profile, strict)
    layout = Layout.current()
    start_sandbox(layout)
    with console.Steps() as steps:
        run = policy_runs.preview(layout, choice, steps)
    policy_output.conclude(run, format_, output, docs_url)


@app.command(epilog=REPORT_EXAMPLES, help=f"Render the findings in an event log of the engine. {EXIT_CODES}")
def report(
    events: Annotated[
        str,
        typer.Option("--from", help="Event log, or output of `pulumi policy analyze --json`; - is standard input."),
    ],
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
    docs_url: DocsOption = None,
) -> None:
    """Render the findings of a run that has been."""
    from cli import policy_output, policy_runs

    policy_output.conclude(policy_runs.recorded(events), format_, output, docs_url)


@app.command(
    epilog=STATE_EXAMPLES,
    help="Judge the deployed state of a stack, and compare with the last `mlops up` or `mlops policy check`: what was "
    f"undetermined is known now. {EXIT_CODES}",
)
def state(
    stack: StackArgument,
    profile: ProfileOption = None,
    strict: StrictOption = False,
    format_: FormatOption = Format.TABLE,
    output: OutputOption = None,
    docs_url: DocsOption = None,
) -> None:
    """Judge what is deployed, without changing or asking the cloud anything."""
    from cli import policy_output, policy_runs

    choice = policy_runs.choose(stack, profile, strict)
    layout = Layout.current()
    if not (layout.bin / "pulumi").exists():
        raise SandboxError(f"there is no sandbox in {layout.root}; bring the stack up first: mlops up --stack {stack}")
    with console.Steps() as steps:
        run = policy_runs.state(layout, choice, steps)
    policy_output.conclude(run, format_, output, docs_url)


app.command(name="controls", epilog=policy_controls.EXAMPLES)(policy_controls.controls)
