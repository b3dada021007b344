"""The gate, run as a promotion step runs it, against something that answers like Prometheus."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.slo import Kind, SloArgs, gate, manifests, rules
from tests.components.test_slo_args import objective

QUERY = rules.freeze_query("ranker")


class Answers(http.server.ThreadingHTTPServer):
    """Gives its answers one after the other, the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, str]] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        code, text = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def prometheus() -> Iterator[Answers]:
    server = Answers()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def answer(*values: str) -> tuple[int, str]:
    result = [{"metric": {}, "value": [1764271200.123, value]} for value in values]
    return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})


def settings(url: str) -> dict[str, Any]:
    args = SloArgs(objectives=[objective(Kind.LATENCY)], prometheus_retention_days=30, prometheus_url=url)
    found: dict[str, Any] = json.loads(manifests.gate_files(args)["gate.json"])
    return found


def run(server: Answers, *arguments: str) -> int:
    return gate.main(arguments, settings(server.url), pause=lambda _: None)


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        ([answer("0")], gate.GO, "ranker: within its budgets"),
        ([answer("1")], gate.FROZEN, "ranker: its error budget is spent, releases wait"),
        ([answer()], gate.UNKNOWN, "has 0 values; are the rules of all objectives evaluated?"),
        ([answer("0", "0")], gate.UNKNOWN, "has 2 values"),
        ([answer("NaN")], gate.UNKNOWN, "is nan, neither 0 nor 1"),
        ([answer("0.5")], gate.UNKNOWN, "is 0.5, neither 0 nor 1"),
        ([(503, "not ready")], gate.UNKNOWN, "gives no answer in 3 tries; HTTPError"),
        ([(200, "<html>")], gate.UNKNOWN, "gives no answer in 3 tries; JSONDecodeError"),
        ([(200, '{"status": "error"}')], gate.UNKNOWN, "gives no answer in 3 tries; KeyError"),
        ([(200, '{"data": {"result": null}}')], gate.UNKNOWN, "gives no answer in 3 tries; TypeError"),
        ([(503, ""), (503, ""), answer("0")], gate.GO, "within its budgets"),
    ],
)
def test_gate_opens_for_zero_and_nothing_else(
    prometheus: Answers, answers: list[tuple[int, str]], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prometheus.answers = answers
    assert run(prometheus, "ranker") == code
    printed = capsys.readouterr()
    assert said in (printed.err if code else printed.out)


def test_gate_asks_the_query_of_the_service(prometheus: Answers) -> None:
    prometheus.answers = [answer("0")]
    run(prometheus, "ranker")
    parts = urllib.parse.urlsplit(prometheus.asked[0])
    assert (parts.path, urllib.parse.parse_qs(parts.query)) == ("/api/v1/query", {"query": [QUERY]})


def test_gate_fails_when_the_service_has_no_objective(prometheus: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(prometheus, "ranger") == gate.UNKNOWN
    assert "ranger: has no objective; those that have are ranker" in capsys.readouterr().err
    assert prometheus.asked == []


@pytest.mark.parametrize("given", [answer("1"), answer(), (503, "")])
def test_gate_opens_despite_a_spent_budget_for_a_reason(
    prometheus: Answers, given: tuple[int, str], capsys: pytest.CaptureFixture[str]
) -> None:
    prometheus.answers = [given]
    assert run(prometheus, "ranker", "--despite", "mends the outage, INC-17") == gate.GO
    assert "released despite that: mends the outage, INC-17" in capsys.readouterr().out
    # An empty reason is none: it is what a parameter without a value becomes.
    assert run(prometheus, "ranker", "--despite", " ") != gate.GO


def test_gate_needs_nothing_but_python_and_ignores_proxies(prometheus: Answers, tmp_path: Path) -> None:
    args = SloArgs(objectives=[objective(Kind.LATENCY)], prometheus_retention_days=30, prometheus_url=prometheus.url)
    for name, text in manifests.gate_files(args).items():
        (tmp_path / name).write_text(text)
    prometheus.answers = [answer("1")]
    environment = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    command = [sys.executable, "-I", str(tmp_path / "gate.py"), "ranker"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (1, "ranker: its error budget is spent, releases wait\n")
    assert prometheus.asked
