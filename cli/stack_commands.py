"""`mlops up`, `mlops down`, `mlops env`: the engine's own commands, run against the local cloud."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from cli import console, engine_runs, summary
from cli.sandbox_commands import start_sandbox
from sandbox import engine_home, lifecycle, recovery
from sandbox.layout import Layout
from sandbox.processes import SandboxError

UP_EXAMPLES = "Examples:  mlops up  ·  mlops up --stack sandbox --format json"
DOWN_EXAMPLES = "Examples:  mlops down  ·  mlops down --keep-running"
ENV_EXAMPLES = 'Example:  eval "$(mlops env)" && pulumi preview -s dev'

StackOption = Annotated[str, typer.Option("--stack", "-s", help="Stack to bring up or down.")]


def up(
    stack: StackOption = "sandbox",
    format_: Annotated[
        console.Format, typer.Option("--format", help="How to print the summary.")
    ] = console.Format.TABLE,
) -> None:
    """Bring a stack up on the local cloud: a real `pulumi up` with both policy packs.

    Gets the engine if need be, starts the sandbox, and ends with the outputs, the monthly cost, the findings and
    what was only recorded. After an interruption the same command continues.
    """
    layout = Layout.current()
    start_sandbox(layout)
    arguments = ["up", "--stack", stack, "--yes", "--skip-preview"]
    reason = recovery.prepare(layout, stack)
    if reason:
        console.err.print(f"[yellow]refreshing first:[/] {reason}")
        arguments.append("--refresh")
    events = layout.logs / f"up-{stack}.events.jsonl"
    events.unlink(missing_ok=True)
    code = engine_runs.foreground(
        layout,
        [*arguments, "--event-log", str(events)],
        interactive=console.err.is_terminal,
        quiet=format_ is console.Format.JSON,
    )
    if code == 0:
        _completed(layout, stack)
    summary.show(layout, stack, events, code, format_)
    if code != 0:
        raise typer.Exit(code)


def down(
    stack: StackOption = "sandbox",
    keep_running: Annotated[bool, typer.Option("--keep-running", help="Leave the local cloud running.")] = False,
) -> None:
    """Destroy a stack on the local cloud and stop the local cloud. Nothing of either is left running."""
    layout = Layout.current()
    if not layout.root.exists():
        console.err.print(f"there is no sandbox in {layout.root}; nothing to do")
        return
    start_sandbox(layout)
    reason = recovery.prepare(layout, stack)
    arguments = ["destroy", "--stack", stack, "--yes", "--skip-preview"]
    if reason:
        console.err.print(f"[yellow]refreshing first:[/] {reason}")
        arguments.append("--refresh")
    code = engine_runs.foreground(layout, arguments, interactive=console.err.is_terminal)
    if code != 0:
        console.fail("the stack was not destroyed whole; run `mlops down` again to continue")
        raise typer.Exit(code)
    _completed(layout, stack)
    if not keep_running:
        lifecycle.stop_all(layout)
    console.err.print(f"{stack} is gone" + ("" if keep_running else " and the local cloud is stopped"))


def _completed(layout: Layout, stack: str) -> None:
    undone = recovery.completed(layout, stack)
    if undone:
        console.err.print(f"deleted {len(undone)} resources that an earlier run created and could not write down")


def env() -> None:
    """Print the shell lines with which plain `pulumi` and `kubectl` commands work against the local cloud."""
    layout = Layout.current()
    if not lifecycle.is_running(layout):
        raise SandboxError("the sandbox is not running; start it with `mlops sandbox start`")
    for name, value in engine_home.environment(layout).items():
        console.out.print(f"export {name}={shlex.quote(value)}", markup=False)
    console.out.print("unset AWS_PROFILE AWS_DEFAULT_PROFILE PULUMI_CONFIG_PASSPHRASE", markup=False)
