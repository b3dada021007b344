"""`mlops sandbox`: start, stop and look at the local cloud."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from cli import console
from sandbox import lifecycle
from sandbox.engine.acquire import Engine, obtain_all
from sandbox.layout import Layout

app = typer.Typer(help="The local cloud: start, stop, status.", no_args_is_help=True)


def start_sandbox(layout: Layout) -> Engine:
    """Get the engine, start what does not run yet, and show both."""
    with console.Steps() as steps:
        engine = obtain_all(steps.engine)
        for obtained in engine.groups.values():
            steps.step(f"{obtained.group.key} {obtained.group.version}: {obtained.source}")
        lifecycle.start(layout, engine, steps.step)
    return engine


@app.command(epilog="Examples:  mlops sandbox start  ·  MLOPS_SANDBOX_DIR=/tmp/other mlops sandbox start")
def start() -> None:
    """Start the local cloud: a control plane with fake nodes, moto, and the local providers.

    What runs already is left alone; what died is started again with its data and ports.
    """
    layout = Layout.current()
    start_sandbox(layout)
    console.err.print('the sandbox is ready; for plain pulumi and kubectl commands:  eval "$(mlops env)"')


@app.command(epilog="Examples:  mlops sandbox stop  ·  mlops sandbox stop --delete")
def stop(
    delete: Annotated[bool, typer.Option("--delete", help="Remove the sandbox's folder with its state too.")] = False,
) -> None:
    """End the processes of the local cloud. Data on disk stays, the memory of moto does not."""
    layout = Layout.current()
    if not layout.root.exists():
        console.err.print(f"there is no sandbox in {layout.root}")
        return
    ended = lifecycle.stop_all(layout, keep_data=not delete)
    console.err.print(f"ended {', '.join(ended)}" if ended else "nothing was running")


@app.command(epilog="Examples:  mlops sandbox status  ·  mlops sandbox status --format json")
def status(
    format_: Annotated[console.Format, typer.Option("--format", help="How to print.")] = console.Format.TABLE,
) -> None:
    """Show each process of the local cloud. Exit code 0 if all run, 3 if some do not."""
    found = lifecycle.status(Layout.current())
    if format_ is console.Format.JSON:
        console.print_json([dataclasses.asdict(s) for s in found])
    else:
        rows = console.table("service", "state", "pid", "port", "memory")
        for s in found:
            memory = f"{s.memory_mib:.0f} MiB" if s.running else ""
            rows.add_row(s.name, "running" if s.running else "stopped", str(s.pid or ""), str(s.port or ""), memory)
        console.out.print(rows)
    if not all(s.running for s in found):
        raise typer.Exit(3)
