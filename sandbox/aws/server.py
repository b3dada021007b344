"""moto as a server of its own, with two additions: a boot id, and answers that are given once.

moto keeps everything in memory. The boot id tells a provider that the memory it once filled is gone. A request that
carries an idempotency token gets the recorded answer when it comes again: a provider that is killed between a
creation and its note of it asks again with the same token, and nothing is created twice.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import threading
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sandbox import parent  # noqa: F401  (kept importable for the tests' own servers)

BOOT_PATH = "/_sandbox/boot"
TOKEN_HEADER = "X-Sandbox-Idempotency-Token"

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Once:
    """WSGI middleware: a token that was seen with the same request gets the same answer again."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._answers: dict[str, tuple[str, str, list[tuple[str, str]], bytes]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._boot = uuid.uuid4().hex

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the record, or pass the request on and record an answer that succeeded."""
        if environ.get("PATH_INFO") == BOOT_PATH:
            return self._tell_boot(start_response)
        token = environ.get(f"HTTP_{TOKEN_HEADER.upper().replace('-', '_')}")
        if not token:
            return self._application(environ, start_response)
        with self._guard:
            lock = self._locks.setdefault(token, threading.Lock())
        # A killed client's request may still run: the repeat waits for it instead of running beside it.
        with lock:
            return self._once(token, environ, start_response)

    def _once(self, token: str, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        import io

        # The body is read whatever the answer: a connection that is kept open would take it for the next request.
        length = environ.get("CONTENT_LENGTH")
        if length:
            body = environ["wsgi.input"].read(int(length))
        else:
            body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""
        environ["wsgi.input"] = io.BytesIO(body)
        named = (environ.get(key, "") for key in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING"))
        request = hashlib.sha256(" ".join(named).encode()).hexdigest()
        known = self._answers.get(token)
        if known and known[0] == request:
            start_response(known[1], known[2])
            return [known[3]]
        told: list[Any] = []

        def remember(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            told[:] = [status, headers]

        parts = self._application(environ, remember)
        try:
            content = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        status, headers = told
        if status.startswith("2"):
            self._answers[token] = (request, status, headers, content)
        start_response(status, headers)
        return [content]

    def _tell_boot(self, start_response: StartResponse) -> Iterator[bytes]:
        content = json.dumps({"boot": self._boot}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
        yield content


def boot_of(endpoint: str) -> str:
    """Ask the local AWS for the id of its memory. Raises `OSError` where it does not answer."""
    with urllib.request.urlopen(f"{endpoint}{BOOT_PATH}", timeout=10) as response:
        return str(json.load(response)["boot"])


def judge_only_plain_statements() -> None:
    """Keep moto from denying everything that a bucket policy denies under a condition.

    moto 5.2.5 takes no account of conditions, so a policy that denies requests without TLS would deny all.
    """
    from moto.iam.access_control import PermissionResult
    from moto.s3 import models

    judge = models.FakeBucket.get_permission

    def get_permission(self: Any, action: Any, resource: Any) -> Any:
        whole = self.policy
        if not whole:
            return judge(self, action, resource)
        document = json.loads(whole)
        plain = [s for s in document["Statement"] if not s.get("Condition")]
        if not plain:
            return PermissionResult.NEUTRAL
        judged = copy.copy(self)
        judged.policy = json.dumps({**document, "Statement": plain}).encode()
        return judge(judged, action, resource)

    models.FakeBucket.get_permission = get_permission  # type: ignore[method-assign]


def main() -> None:
    """Serve moto on a port of 127.0.0.1 until ended."""
    parser = argparse.ArgumentParser(description="The local AWS: moto with a boot id and idempotency tokens.")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    arguments = parser.parse_args()
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        # Keep connections open: a connection for each call costs more than the call.
        protocol_version = "HTTP/1.1"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            if not str(code).startswith(("2", "3")):
                super().log_request(code, size)

    judge_only_plain_statements()
    application = Once(DomainDispatcherApplication(create_backend_app))
    make_server("127.0.0.1", arguments.port, application, threaded=True, request_handler=Handler).serve_forever()


if __name__ == "__main__":
    main()
