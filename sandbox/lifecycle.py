"""Start, stop and look at a sandbox. Every step can be repeated: a second start only starts what is missing."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence

from sandbox import control_plane, engine_home
from sandbox.engine.acquire import Engine
from sandbox.layout import Layout, write_atomically, write_json
from sandbox.processes import SandboxError, Service, accepts, find, free_ports, spawn, stop, wait_ready

Progress = Callable[[str], None]

ORDER = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "aws", "nodes")
"""Services in the order in which they start; they are ended in reverse."""

CLIENTS = ("kwok", "kube-scheduler", "kube-controller-manager")
"""Clients of the API server that back off while it is away."""


@dataclasses.dataclass(frozen=True)
class ServiceStatus:
    """One service as it is now."""

    name: str
    running: bool
    pid: int | None
    port: int | None
    memory_mib: float


@contextlib.contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the sandbox's lock: two commands at once must not start it twice. The kernel frees it if we die."""
    layout.make()
    with (layout.run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError(
                f"another command is starting or stopping the sandbox in {layout.root}; wait for it, then try again"
            ) from None
        yield


def start(layout: Layout, engine: Engine, progress: Progress = lambda _: None) -> None:
    """Bring the sandbox up, or back up: processes that died are started again on the ports that they had."""
    with locked(layout):
        _check_disk(layout)
        control_plane.prepare(layout)
        _passphrase(layout)
        _choose_ports(layout)
        aws = _aws(layout)
        _ensure(layout, [control_plane.etcd(layout, engine)], progress, wait=True)
        # moto needs nothing of the control plane: its import runs beside the API server's start.
        server = control_plane.apiserver(layout, engine)
        if find(layout, server.name) is None:
            # Its clients have backed off from a dead server, for up to minutes: new ones look at once.
            stop(layout, CLIENTS, at_once=True)
        _ensure(layout, [aws, server], progress, wait=False)
        engine_home.install(layout, engine)
        engine_home.prepare_stacks(layout)
        wait_ready(layout, server)
        control_plane.write_kubeconfig(layout)
        _ensure(layout, [*control_plane.controllers(layout, engine), _nodes(layout)], progress, wait=True)
        wait_ready(layout, aws)


def _ensure(layout: Layout, services: Sequence[Service], progress: Progress, wait: bool) -> None:
    for service in services:
        if find(layout, service.name) is None:
            progress(f"starting {service.name}")
            spawn(layout, service)
    if wait:
        for service in services:
            wait_ready(layout, service)


def stop_all(layout: Layout, keep_data: bool = True) -> list[str]:
    """End every process of the sandbox, in reverse order; with `keep_data` False remove its folder too."""
    with locked(layout):
        # Only etcd has something to finish; the others wait for each other, some for minutes.
        ended = stop(layout, ORDER[:0:-1], at_once=True) + stop(layout, ORDER[:1])
    if not keep_data:
        shutil.rmtree(layout.root)
    return ended


def status(layout: Layout) -> list[ServiceStatus]:
    """Look at every service without starting anything."""
    ports = {**layout.ports()}
    result = []
    for name in ORDER:
        process = find(layout, name)
        memory = process.memory_info().rss / 2**20 if process else 0.0
        port = ports.get(name)
        running = process is not None and (port is None or accepts(port))
        result.append(ServiceStatus(name, running, process.pid if process else None, port, round(memory, 1)))
    return result


def is_running(layout: Layout) -> bool:
    """Whether every service runs and answers."""
    return bool(layout.ports()) and all(s.running for s in status(layout))


def _aws(layout: Layout) -> Service:
    port = layout.ports()["aws"]
    # moto checks nothing of these, but boto3 and moto both want some to be there.
    env = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    command = [sys.executable, "-m", "sandbox.aws.server", "--port", str(port)]
    return Service("aws", command, ready=lambda: accepts(port), env=env)


def _nodes(layout: Layout) -> Service:
    command = [sys.executable, "-m", "sandbox.nodes", "--sandbox", str(layout.root)]
    return Service("nodes", command, ready=lambda: True)


def _choose_ports(layout: Layout) -> None:
    """Keep the ports of services that run; give the others the port they had, or a new one if it was taken."""
    known = layout.ports()
    names = [*control_plane.PORTS, "aws"]
    owner = {"etcd-peer": "etcd"}
    running = {n: known[n] for n in names if n in known and find(layout, owner.get(n, n)) is not None}
    wanted = [n for n in names if n not in running]
    if wanted:
        write_json(layout.ports_file, {**free_ports(wanted, known), **running})


def _passphrase(layout: Layout) -> None:
    """Make the passphrase that encrypts secrets in the local stack states, once."""
    path = layout.root / "passphrase"
    if not path.exists():
        write_atomically(path, secrets.token_urlsafe(24))


def _check_disk(layout: Layout) -> None:
    free = shutil.disk_usage(layout.root).free
    if free < 500 * 2**20:
        raise SandboxError(
            f"{free / 2**20:.0f} MiB are free below {layout.root}; the sandbox needs 500 MiB. Free some, or set "
            "MLOPS_SANDBOX_DIR to a folder on a larger disk"
        )
