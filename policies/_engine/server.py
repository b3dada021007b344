"""Serving a pack to the engine: a gRPC server, its port on standard output, and an end when nobody needs
it."""

import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from concurrent import futures
from typing import Any

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from policies._engine.adapter import AnalyzerServicer
from policies._engine.registry import Pack

MESSAGE_SIZE = 400 * 1024 * 1024
"""Largest message, bytes: a whole stack comes in one.

The limit of Pulumi's own SDK (pulumi_policy 1.21.0).
"""

INIT = 1
"""Process that orphans fall to. Whose parent it is from the start may have lost its own before it could look."""

ADDRESS = re.compile(r"(127\.0\.0\.1|localhost):\d{1,5}")


LAST_CALLS_S = 3
"""Seconds that calls under way get to end."""


def start(servicer: AnalyzerServicer) -> tuple[Any, int]:
    """Start a gRPC server for a pack on a free local port; return both."""
    limits = [(f"grpc.max_{way}_message_length", MESSAGE_SIZE) for way in ("receive", "send")]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=limits)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def engine_is_gone(arguments: Sequence[str]) -> bool:
    """Whether nobody listens any more at the engine's address, which is the last argument that looks like one."""
    address = next((one for one in reversed(arguments) if ADDRESS.fullmatch(one)), "")
    if not address:
        return False
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return False
    except ConnectionRefusedError:
        return True
    except OSError:
        return False


def serve(pack: Pack) -> None:
    """Serve a pack until the engine stops it: print the port as the engine expects, then wait."""
    parent = os.getppid()
    done = threading.Event()
    server, port = start(AnalyzerServicer(pack, on_cancel=done.set))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # An engine that was killed cannot stop its packs; a pack whose parent is gone has nobody to serve.
    while not done.wait(timeout=2) and os.getppid() == parent and not (parent == INIT and engine_is_gone(sys.argv)):
        pass
    server.stop(grace=0.5).wait(timeout=LAST_CALLS_S)
    # A call that never returns, to an engine that is gone, would keep the process for ever.
    sys.stdout.flush()
    os._exit(0)
