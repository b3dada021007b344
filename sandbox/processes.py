"""Processes that the sandbox starts, watches and ends: only its own, told apart by pid and start time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from sandbox.layout import Layout, write_json

_STOP_TIMEOUT_S = 10.0


class SandboxError(Exception):
    """The sandbox cannot do what was asked. The message says why, and what to do."""


@dataclasses.dataclass(frozen=True)
class Service:
    """One process of the sandbox."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    """Tells whether it serves; called again and again until it says yes."""

    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    timeout_s: float = 60.0


def record_of(layout: Layout, name: str) -> Path:
    """File with the pid and start time of a service."""
    return layout.run / f"{name}.json"


def find(layout: Layout, name: str) -> psutil.Process | None:
    """Return the running process of a service, or None.

    A pid alone is not enough: after a reboot, or a long time, the number belongs to somebody else.
    """
    try:
        record = json.loads(record_of(layout, name).read_text())
        process = psutil.Process(record["pid"])
        same = abs(process.create_time() - record["started"]) < 1.0
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        return None


def spawn(layout: Layout, service: Service) -> None:
    """Start a service in a session of its own, its output in its log; does not wait for it."""
    log = str(layout.logs / f"{service.name}.log")
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    # Not a Popen: the service outlives the command that starts it, and nobody here waits for its end.
    pid = os.posix_spawnp(
        service.command[0], list(service.command), {**os.environ, **service.env}, file_actions=files, setsid=True
    )
    started = psutil.Process(pid).create_time()
    write_json(record_of(layout, service.name), {"pid": pid, "started": started})


def wait_ready(layout: Layout, service: Service) -> None:
    """Wait until a service serves; raise `SandboxError` with the end of its log if it dies or takes too long."""
    deadline = time.monotonic() + service.timeout_s
    pause = 0.02
    while not service.ready():
        if find(layout, service.name) is None:
            raise SandboxError(f"{service.name} ended while it started.\n{_log_tail(layout, service.name)}")
        if time.monotonic() > deadline:
            raise SandboxError(
                f"{service.name} is not ready after {service.timeout_s:.0f} s.\n{_log_tail(layout, service.name)}"
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def _log_tail(layout: Layout, name: str, lines: int = 12) -> str:
    path = layout.logs / f"{name}.log"
    try:
        tail = path.read_text(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        tail = []
    return "\n".join([f"Last lines of {path}:", *tail])


def stop(layout: Layout, names: Sequence[str], at_once: bool = False) -> list[str]:
    """End services in the order given; those that do not end in time are killed. Return the names that ran.

    `at_once` kills them: for services that keep nothing, whose own way out is to wait for each other.
    """
    ended = []
    for name in names:
        process = find(layout, name)
        if process is not None:
            _end(process, 0.0 if at_once else _STOP_TIMEOUT_S)
            ended.append(name)
        record_of(layout, name).unlink(missing_ok=True)
    return ended


def _end(process: psutil.Process, grace_s: float) -> None:
    children: list[psutil.Process] = []
    # It may end by itself at any moment; then there is nothing left to do.
    with contextlib.suppress(psutil.NoSuchProcess):
        children = process.children(recursive=True)
        if grace_s:
            process.send_signal(signal.SIGTERM)
    _wait_ended([process], grace_s)
    for left in (process, *children):
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()
    _wait_ended([process, *children], _STOP_TIMEOUT_S)


def _wait_ended(waited: Sequence[psutil.Process], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while any(_runs(p) for p in waited) and time.monotonic() < deadline:
        time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    # One that nobody has reaped yet has ended all the same.
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def free_ports(names: Sequence[str], kept: Mapping[str, int]) -> dict[str, int]:
    """Return a port of 127.0.0.1 for each name: the kept one where it is free, else a new one.

    All new ones are held open together before they are given back, so none is handed out twice.
    """
    result: dict[str, int] = {}
    held: list[socket.socket] = []
    try:
        for name in names:
            port = kept.get(name, 0)
            if not port or not _is_free(port):
                port = 0
            holder = socket.socket()
            held.append(holder)
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", port))
            result[name] = holder.getsockname()[1]
    finally:
        for holder in held:
            holder.close()
    return result


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def accepts(port: int) -> bool:
    """Whether something accepts connections on a port of 127.0.0.1."""
    return not _is_free(port)
