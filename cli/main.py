"""The `mlops` command."""

from __future__ import annotations

import sys

import typer

from cli import (
    console,
    cost_commands,
    doctor,
    lists,
    misuse,
    policy_commands,
    price_commands,
    review_commands,
    sandbox_commands,
    stack_commands,
)
from sandbox.engine.errors import EngineError
from sandbox.processes import SandboxError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""

typer_app = typer.Typer(
    name="mlops",
    help="Machine learning platforms on AWS and Kubernetes, with a local cloud to try them on.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
typer_app.add_typer(sandbox_commands.app, name="sandbox")
typer_app.add_typer(lists.app, name="list")
typer_app.add_typer(policy_commands.app, name="policy")
typer_app.add_typer(price_commands.app, name="prices")
typer_app.command(name="cost", cls=misuse.Command, epilog=cost_commands.EXAMPLES)(cost_commands.cost)
typer_app.command(name="doctor", epilog=doctor.EXAMPLES)(doctor.doctor)
typer_app.command(name="review", cls=misuse.Command, epilog=review_commands.EXAMPLES)(review_commands.review)
typer_app.command(name="up", epilog=stack_commands.UP_EXAMPLES)(stack_commands.up)
typer_app.command(name="down", epilog=stack_commands.DOWN_EXAMPLES)(stack_commands.down)
typer_app.command(name="env", epilog=stack_commands.ENV_EXAMPLES)(stack_commands.env)


def app() -> None:
    """Run the command line; what users can mend is one sentence, anything else is a trace."""
    try:
        typer_app()
    except (EngineError, SandboxError) as error:
        console.fail(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        console.err.print("\ninterrupted; run the same command again to continue")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    app()
