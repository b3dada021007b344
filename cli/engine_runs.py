"""The engine as a child of a command: in the foreground, or quietly for its output."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from sandbox import engine_home
from sandbox.layout import Layout
from sandbox.processes import SandboxError

POLL_S = 0.5


def wait(process: subprocess.Popen[bytes], meanwhile: Callable[[], None] = lambda: None) -> int:
    """Wait for a child and return its exit code; after a signal, 128 and its number.

    Ctrl-C reaches the child directly. We wait until it has ended in good order and raise `KeyboardInterrupt` then.
    """
    interrupted = False

    def note(*_: object) -> None:
        nonlocal interrupted
        interrupted = True

    previous = signal.signal(signal.SIGINT, note)
    try:
        while process.poll() is None:
            meanwhile()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(POLL_S)
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, previous)
    if interrupted:
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code


def foreground(layout: Layout, arguments: list[str], interactive: bool, quiet: bool = False) -> int:
    """Run the engine where people see it, on standard error if machines read standard output; return its code."""
    command = [str(layout.bin / "pulumi"), *arguments, *([] if interactive else ["--non-interactive"])]
    environment = engine_home.process_environment(layout)
    # Machines get JSON alone on standard output; what the engine said still goes where people see it.
    return wait(subprocess.Popen(command, env=environment, stdout=2 if quiet else None, cwd=layout.project))


def to_files(
    layout: Layout,
    arguments: list[str],
    output: Path,
    errors: Path | None = None,
    without: tuple[str, ...] = (),
    meanwhile: Callable[[], None] = lambda: None,
) -> int:
    """Run the engine with its output in a file, and its errors in the same one or another; return its code.

    `without` names variables of its environment that must not be there.
    """
    environment: Mapping[str, str] = engine_home.process_environment(layout)
    environment = {name: value for name, value in environment.items() if name not in without}
    command = [str(layout.bin / "pulumi"), *arguments, "--non-interactive"]
    with contextlib.ExitStack() as files:
        out = files.enter_context(output.open("wb"))
        err = files.enter_context(errors.open("wb")) if errors else subprocess.STDOUT
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=err, cwd=layout.project)
        return wait(process, meanwhile)


def answer(layout: Layout, *arguments: str) -> str:
    """Run a short command of the engine and return what it prints; raise `SandboxError` if it fails."""
    done = subprocess.run(
        [str(layout.bin / "pulumi"), *arguments, "--non-interactive"],
        env=engine_home.process_environment(layout),
        capture_output=True,
        text=True,
        check=False,
        cwd=layout.project,
    )
    if done.returncode != 0:
        raise SandboxError(f"pulumi {' '.join(arguments)} failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def counted(events: Path, say: Callable[[int], None]) -> Callable[[], None]:
    """Return what counts resources in a growing event log and tells how many, reading each part once."""
    seen = at = 0

    def look() -> None:
        nonlocal seen, at
        if not events.exists():
            return
        with events.open("rb") as log:
            log.seek(at)
            new = log.read()
        at += len(new)
        seen += new.count(b'"resourcePreEvent":')
        say(seen)

    return look
