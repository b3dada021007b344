"""The local AWS answers a request once: a repeat under the same token gets the first answer."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from sandbox.aws.server import BOOT_PATH, TOKEN_HEADER, Once


class Application:
    """A WSGI application that counts, and answers with what it was asked."""

    def __init__(self) -> None:
        self.calls = 0
        self.closed = 0
        self.status = "200 OK"
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.calls += 1
        number = self.calls
        self.started.set()
        self.go_on.wait(10)
        if self.status == "crash":
            raise RuntimeError("moto failed")
        start_response(self.status, [("X-Number", str(number))])
        return Parts(self, [f"{number}:".encode(), environ["wsgi.input"].read()])


class Parts:
    """An answer that must be closed, as werkzeug's is."""

    def __init__(self, application: Application, parts: list[bytes]) -> None:
        self._application = application
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        self._application.closed += 1


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def once(application: Application) -> Once:
    return Once(application)


Answer = tuple[str, dict[str, str], bytes]


def ask(
    once: Once,
    token: str | None = "t:0:CreateVpc",
    path: str = "/",
    body: bytes = b"",
    environ: dict[str, Any] | None = None,
) -> Answer:
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        told[:] = [status, dict(headers)]

    request = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **(environ or {}),
    }
    if token:
        request[f"HTTP_{TOKEN_HEADER.upper().replace('-', '_')}"] = token
    content = b"".join(once(request, start_response))
    return told[0], told[1], content


def test_once_repeat_gets_the_same_answer(once: Once, application: Application) -> None:
    first = ask(once, body=b"a")
    assert first == ("200 OK", {"X-Number": "1"}, b"1:a")
    assert ask(once, body=b"a") == first
    assert application.calls == 1


def test_once_without_a_token_every_request_is_executed(once: Once, application: Application) -> None:
    assert [ask(once, token=None)[2] for _ in range(2)] == [b"1:", b"2:"]
    assert application.calls == 2


def test_once_other_token_is_executed(once: Once) -> None:
    assert ask(once, "t:0:CreateVpc")[2] == b"1:"
    assert ask(once, "t:1:CreateVpc")[2] == b"2:"


@pytest.mark.parametrize(
    "other",
    [{"PATH_INFO": "/other"}, {"REQUEST_METHOD": "PUT"}, {"QUERY_STRING": "versioning"}],
    ids=["path", "method", "query"],
)
def test_once_different_request_under_the_same_token_is_executed(other: dict[str, Any], once: Once) -> None:
    assert ask(once)[2] == b"1:"
    assert ask(once, environ=other)[2] == b"2:"


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "500 Internal Server Error", "301 Moved"])
def test_once_error_is_not_recorded(status: str, once: Once, application: Application) -> None:
    application.status = status
    assert ask(once)[0] == status
    application.status = "201 Created"
    assert ask(once)[:1] == ("201 Created",)
    assert ask(once)[2] == b"2:"
    assert application.calls == 2


def test_once_crash_is_passed_on_and_frees_the_token(once: Once, application: Application) -> None:
    application.status = "crash"
    with pytest.raises(RuntimeError, match="moto failed"):
        ask(once)
    application.status = "200 OK"
    assert ask(once)[2] == b"2:"


def test_once_answers_are_closed(once: Once, application: Application) -> None:
    ask(once)
    ask(once)
    assert application.closed == 1


def test_once_body_of_unknown_length_is_read_to_its_end(once: Once) -> None:
    # A client that sends in chunks names no length; the server then marks the input as ending by itself.
    environ = {"CONTENT_LENGTH": "", "wsgi.input": io.BytesIO(b"chunked"), "wsgi.input_terminated": True}
    assert ask(once, environ=environ)[2] == b"1:chunked"


def test_once_no_length_and_no_end_reads_nothing(once: Once) -> None:
    assert ask(once, environ={"CONTENT_LENGTH": "", "wsgi.input": io.BytesIO(b"next request")})[2] == b"1:"


def test_once_repeat_reads_its_body_off_the_connection(once: Once) -> None:
    ask(once, body=b"a")
    body = io.BytesIO(b"a")
    ask(once, environ={"CONTENT_LENGTH": "1", "wsgi.input": body})
    assert body.read() == b""


def test_once_concurrent_repeat_waits_for_the_first(once: Once, application: Application) -> None:
    application.go_on.clear()
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(once))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert application.started.wait(10)
    assert answers == []
    application.go_on.set()
    for thread in threads:
        thread.join(10)
    assert [content for _, _, content in answers] == [b"1:"] * 4
    assert application.calls == 1


def test_once_other_tokens_do_not_wait(once: Once, application: Application) -> None:
    application.go_on.clear()
    slow = threading.Thread(target=lambda: ask(once, "slow:0:X"))
    slow.start()
    assert application.started.wait(10)
    assert json.loads(ask(once, path=BOOT_PATH)[2]).keys() == {"boot"}
    application.started.clear()
    other = threading.Thread(target=lambda: ask(once, "other:0:X"))
    other.start()
    assert application.started.wait(10)
    application.go_on.set()
    slow.join(10)
    other.join(10)
    assert application.calls == 2


def test_once_boot_id_stays_and_differs_between_servers(once: Once, application: Application) -> None:
    first, second = ask(once, None, BOOT_PATH), ask(once, None, BOOT_PATH)
    assert first == second
    assert first[0] == "200 OK"
    assert first[1]["Content-Length"] == str(len(first[2]))
    assert ask(Once(application), None, BOOT_PATH)[2] != first[2]
    assert application.calls == 0
