"""A Python language host for the engine, where the official one cannot be had.

It serves the engine's `LanguageRuntime` protocol with the SDK's own server for inline programs, runs the program
from its folder, and starts plugins (policy packs, component packages) as processes of the same interpreter.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import yaml
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from sandbox import parent
from sandbox.layout import REPOSITORY

PROGRAM_IMPORTS = "blueprints"
"""What the repository's program imports first, and nearly all that it ever imports."""


class Host(LanguageServer):
    """Runs the program and plugins of one engine."""

    def __init__(self, engine: str) -> None:
        super().__init__(lambda: None)
        self._engine = engine
        self._plugins: set[subprocess.Popen[bytes]] = set()
        self._reading_ahead: threading.Thread | None = None

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Accept the engine's address."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Tell the version of this host: the SDK's."""
        from pulumi._version import version

        return plugin_pb2.PluginInfo(version=str(version))

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """End the plugins that this host started."""
        from google.protobuf import empty_pb2

        self.stop_plugins()
        return empty_pb2.Empty()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Run the program in this process, from its own folder."""
        folder = request.info.program_directory or request.pwd or str(Path.cwd())
        entry = request.info.entry_point or "."

        def program() -> None:
            os.chdir(folder)
            target = Path(folder) / entry
            sys.path.insert(0, str(target if target.is_dir() else target.parent))
            runpy.run_path(str(target / "__main__.py" if target.is_dir() else target), run_name="__main__")

        self.program = program
        request.args[:] = [self._engine]
        return super().Run(request, context)  # type: ignore[no-untyped-call]

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        """Nothing to install: the sandbox's own environment has all. Says so."""
        yield language_pb2.InstallDependenciesResponse(stdout=b"dependencies come from the project's environment\n")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        """Start a plugin with this interpreter and stream its output; it ends with the call."""
        self._read_ahead()
        folder = request.info.program_directory or request.program
        entry = request.info.entry_point or "."
        target = Path(folder) / entry
        env = {**os.environ, **dict(item.split("=", 1) for item in request.env)}
        process = subprocess.Popen(
            [sys.executable, "-u", str(target), *request.args],
            cwd=request.pwd or folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._plugins.add(process)
        context.add_callback(process.terminate)
        try:
            yield from _stream(process)
        finally:
            self._plugins.discard(process)

    def _read_ahead(self) -> None:
        """Import what the program will, while the engine waits for its plugins one after the other.

        Importing the SDKs is a third of a preview. What fails here fails again where the program can tell of it.
        """
        if self._reading_ahead is None and _runs_blueprints():
            self._reading_ahead = threading.Thread(target=_import_quietly, args=(PROGRAM_IMPORTS,), daemon=True)
            self._reading_ahead.start()

    def stop_plugins(self) -> None:
        """End every plugin that still runs."""
        for process in list(self._plugins):
            process.terminate()


def _runs_blueprints() -> bool:
    """Whether the program to come is the repository's own; another one may import nothing of this."""
    folder = Path(os.environ.get("PULUMI_OPTION_CWD") or ".")
    try:
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
        return Path(folder, project.get("main") or ".").resolve() == REPOSITORY
    except (OSError, yaml.YAMLError, AttributeError):
        return False


def _import_quietly(module: str) -> None:
    with contextlib.suppress(Exception):
        importlib.import_module(module)


def _stream(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    """Yield each line of both streams as it comes, then the exit code."""
    import queue

    lines: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def pump(stream: Any, field: str) -> None:
        for line in iter(stream.readline, b""):
            lines.put(language_pb2.RunPluginResponse(**{field: line}))
        lines.put(None)

    for stream, field in ((process.stdout, "stdout"), (process.stderr, "stderr")):
        threading.Thread(target=pump, args=(stream, field), daemon=True).start()
    open_streams = 2
    while open_streams:
        item = lines.get()
        if item is None:
            open_streams -= 1
        else:
            yield item
    yield language_pb2.RunPluginResponse(exitcode=process.wait())


def main() -> None:
    """Serve until the engine ends us, or goes away."""
    # A process for one run: the SDKs are a million objects that all stay, and looking through them again and again
    # is a sixth of the time that a program takes to import them (5.2 s against 4.3 s, 2026-11-24).
    gc.disable()
    engine = next((a for a in sys.argv[1:] if not a.startswith("-")), "")
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=_GRPC_CHANNEL_OPTIONS)
    host = Host(engine)

    def leave(*_: Any) -> None:
        host.stop_plugins()
        os._exit(0)

    # The engine ends its plugins by SIGINT, each in its own process group: Ctrl-C at a terminal does not come here.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    parent.exit_with_parent(host.stop_plugins)
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
