"""Processes of a sandbox: only its own are found and ended; and where a sandbox keeps its files."""

from __future__ import annotations

import os
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox import processes
from sandbox.layout import ENVIRONMENT_VARIABLE, REPOSITORY, Layout, write_atomically, write_json
from sandbox.processes import SandboxError, Service, find, free_ports, record_of, spawn, stop, wait_ready

SHELL = "/bin/sh"


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    made = Layout(tmp_path / "sandbox")
    made.make()
    yield made
    for record in made.run.glob("*.json"):
        process = find(made, record.stem)
        if process is not None and process.pid != os.getpid():
            process.kill()
            process.wait(5)


def service(script: str = "exec sleep 60", name: str = "toy", ready: bool = True, timeout_s: float = 5.0) -> Service:
    return Service(name, [SHELL, "-c", script], lambda: ready, {"MLOPS_TOY": "from the service"}, timeout_s)


def started(layout: Layout, script: str, name: str = "toy") -> psutil.Process:
    """Start a service and wait until it has written `up` to its log."""
    spawn(layout, service(script, name))
    log = layout.logs / f"{name}.log"
    deadline = time.monotonic() + 10
    while "up" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.005)
    found = find(layout, name)
    assert found is not None
    return found


def is_running(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_spawn_runs_apart_with_its_log_and_environment(layout: Layout) -> None:
    process = started(layout, 'echo up "$MLOPS_TOY"; echo and errors >&2; exec sleep 60')
    deadline = time.monotonic() + 5
    while "errors" not in (layout.logs / "toy.log").read_text() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert (layout.logs / "toy.log").read_text() == "up from the service\nand errors\n"
    assert os.getsid(process.pid) == process.pid != os.getsid(0)


def test_spawn_again_appends_to_the_log(layout: Layout) -> None:
    started(layout, "echo up 1; exec sleep 60")
    stop(layout, ["toy"])
    spawn(layout, service("echo up 2; exec sleep 60"))
    deadline = time.monotonic() + 5
    while "up 2" not in (layout.logs / "toy.log").read_text() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert (layout.logs / "toy.log").read_text() == "up 1\nup 2\n"


def test_find_nothing_started_is_none(layout: Layout) -> None:
    assert find(layout, "toy") is None


@pytest.mark.parametrize("content", ["", "{", "{}", '{"pid": 1}', '{"pid": 999999999, "started": 1}'])
def test_find_record_that_says_nothing_is_none(content: str, layout: Layout) -> None:
    record_of(layout, "toy").write_text(content)
    assert find(layout, "toy") is None


def test_find_number_that_belongs_to_somebody_else_is_none(layout: Layout) -> None:
    own = psutil.Process()
    write_json(record_of(layout, "toy"), {"pid": own.pid, "started": own.create_time() - 100})
    assert find(layout, "toy") is None
    write_json(record_of(layout, "toy"), {"pid": own.pid, "started": own.create_time()})
    assert find(layout, "toy") == own


def test_find_process_that_ended_is_none(layout: Layout) -> None:
    spawn(layout, service("exit 0"))
    deadline = time.monotonic() + 5
    while find(layout, "toy") is not None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert find(layout, "toy") is None
    assert record_of(layout, "toy").exists()


def test_wait_ready_asks_until_it_serves(layout: Layout) -> None:
    answers = iter([False, False, True])
    waiting = Service("toy", [SHELL, "-c", "exec sleep 60"], lambda: next(answers), timeout_s=5)
    spawn(layout, waiting)
    wait_ready(layout, waiting)
    assert list(answers) == []


def test_wait_ready_service_that_dies_shows_the_end_of_its_log(layout: Layout) -> None:
    dying = service("for i in $(seq 30); do echo line $i; done; exit 1", ready=False)
    spawn(layout, dying)
    with pytest.raises(SandboxError) as caught:
        wait_ready(layout, dying)
    first, second, *rest = str(caught.value).split("\n")
    assert first == "toy ended while it started."
    assert second == f"Last lines of {layout.logs / 'toy.log'}:"
    assert rest == [f"line {i}" for i in range(19, 31)]


def test_wait_ready_takes_too_long_says_how_long(layout: Layout) -> None:
    slow = service("echo still thinking; exec sleep 60", ready=False, timeout_s=0.3)
    spawn(layout, slow)
    with pytest.raises(SandboxError, match=r"^toy is not ready after 0 s\.\nLast lines of ") as caught:
        wait_ready(layout, slow)
    assert str(caught.value).endswith("still thinking")


def test_stop_ends_in_order_and_says_what_ran(layout: Layout) -> None:
    ended = layout.root / "ended"
    for name in ("first", "second"):
        started(layout, f"trap 'echo {name} >> {ended}; exit 0' TERM; echo up; while :; do sleep 0.01; done", name)
    assert stop(layout, ["second", "missing", "first"]) == ["second", "first"]
    assert ended.read_text() == "second\nfirst\n"
    assert list(layout.run.iterdir()) == []


def test_stop_what_does_not_heed_is_killed(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_STOP_TIMEOUT_S", 0.2)
    process = started(layout, "trap '' TERM; echo up; while :; do sleep 0.01; done")
    assert stop(layout, ["toy"]) == ["toy"]
    assert not is_running(process)


def test_stop_ends_what_the_service_started(layout: Layout) -> None:
    process = started(layout, "sleep 60 & sleep 60 & echo up; wait")
    children = process.children()
    assert len(children) == 2
    stop(layout, ["toy"])
    assert not [child for child in children if is_running(child)]


def test_stop_leaves_processes_of_others_alone(layout: Layout) -> None:
    own = psutil.Process()
    write_json(record_of(layout, "toy"), {"pid": own.pid, "started": own.create_time() - 100})
    assert stop(layout, ["toy"]) == []
    assert not record_of(layout, "toy").exists()


def test_stop_two_sandboxes_do_not_meet(layout: Layout, tmp_path: Path) -> None:
    other = Layout(tmp_path / "other")
    other.make()
    mine, theirs = started(layout, "echo up; exec sleep 60"), started(other, "echo up; exec sleep 60")
    stop(layout, ["toy"])
    assert not is_running(mine)
    assert is_running(theirs)
    assert stop(other, ["toy"]) == ["toy"]


# -- ports --------------------------------------------------------------------------------------------------------


def test_free_ports_are_free_and_differ() -> None:
    found = free_ports(["a", "b", "c"], {})
    assert len(set(found.values())) == 3
    assert not any(processes.accepts(port) for port in found.values())


def test_free_ports_kept_ones_stay() -> None:
    kept = free_ports(["a", "b"], {})
    assert free_ports(["a", "b"], kept) == kept


def test_free_ports_one_that_was_taken_is_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert processes.accepts(port)
        assert free_ports(["a"], {"a": port})["a"] != port
    assert not processes.accepts(port)


# -- the layout ---------------------------------------------------------------------------------------------------


def test_layout_current_is_what_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    assert Layout.current().root == REPOSITORY / ".sandbox"
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "a" / ".." / "b"))
    assert Layout.current().root == tmp_path / "b"


def test_layout_everything_is_below_its_folder(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    names = [name for name, value in vars(Layout).items() if isinstance(value, property)]
    paths = [value for value in (getattr(layout, n) for n in names if not n.endswith("_endpoint")) if value]
    assert len(paths) > 10
    assert all(isinstance(path, Path) and path.is_relative_to(tmp_path) for path in paths)
    assert len(set(paths)) == len(paths)


def test_layout_folders_are_for_the_owner_only(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "new" / "sandbox")
    layout.make()
    layout.make()
    made = [layout.root, *(p for p in layout.root.iterdir() if p.is_dir())]
    assert len(made) > 8
    assert {stat.S_IMODE(p.stat().st_mode) for p in made} == {0o700}


def test_layout_ports_and_addresses(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert layout.ports() == {}
    write_json(layout.ports_file, {"aws": 4566, "kube-apiserver": 6443})
    assert layout.aws_endpoint == "http://127.0.0.1:4566"
    assert layout.kubernetes_endpoint == "https://127.0.0.1:6443"


def test_write_atomically_replaces_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "secret"
    for content in ("one" * 1000, "two"):
        write_atomically(target, content)
        assert target.read_text() == content
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_write_atomically_that_fails_keeps_the_old_content(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_atomically(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(target, "\ud800")
    assert target.read_text() == "old"


def test_write_json_is_sorted(tmp_path: Path) -> None:
    write_json(tmp_path / "file", {"b": [1], "a": None})
    assert (tmp_path / "file").read_text() == '{\n "a": null,\n "b": [\n  1\n ]\n}'


def test_services_run_with_this_interpreter(layout: Layout) -> None:
    spawn(layout, Service("python", [sys.executable, "-c", "print('up', flush=True); input()"], lambda: True))
    deadline = time.monotonic() + 10
    log = layout.logs / "python.log"
    while "EOFError" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    # Its standard input is empty: a service that asks a question ends instead of waiting for ever.
    assert "EOFError" in log.read_text()
