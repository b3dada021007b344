"""A pack as the engine starts it: a process that prints a port, serves, and ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2_grpc

from policies._engine.server import engine_is_gone

ROOT = Path(__file__).resolve().parents[2]
PACKS = pytest.mark.parametrize("name", ["security", "cost"])


def start(command: list[str], cwd: Path) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MLOPS_POLICY_PROFILE")}
    return subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def serve(name: str, cwd: Path, processes: list[subprocess.Popen[str]]) -> tuple[subprocess.Popen[str], str]:
    process = start([sys.executable, str(ROOT / "policies" / name), "127.0.0.1:1"], cwd)
    processes.append(process)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


@PACKS
def test_pack_started_from_any_folder_serves(name: str, tmp_path: Path, processes: list[subprocess.Popen[str]]) -> None:
    begin = time.perf_counter()
    process, port = serve(name, tmp_path, processes)
    print(f"{name}: port after {time.perf_counter() - begin:.2f} s")
    assert port.isdecimal(), process.communicate(timeout=20)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        info = analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty(), timeout=20)
    assert info.name == f"mlops-{name}"


@PACKS
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_pack_signalled_ends_quietly(
    name: str, number: signal.Signals, tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    process, _port = serve(name, tmp_path, processes)
    process.send_signal(number)
    _out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def test_pack_whose_parent_is_gone_ends(tmp_path: Path, processes: list[subprocess.Popen[str]]) -> None:
    pack = ROOT / "policies" / "security"
    code = (
        "import subprocess, sys\n"
        "quiet = {'stdout': subprocess.PIPE, 'stderr': subprocess.DEVNULL}\n"
        f"child = subprocess.Popen([sys.executable, {str(pack)!r}], **quiet)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
    )
    parent = start([sys.executable, "-c", code], tmp_path)
    processes.append(parent)
    out, _err = parent.communicate(timeout=20)
    ended = _ends_within(int(out), 15)
    if not ended:
        os.kill(int(out), signal.SIGKILL)
    assert ended


def _ends_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = Path(f"/proc/{pid}/stat")
        # A process that ended but was not collected by its new parent is a zombie.
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


def test_pack_process_does_not_load_the_sdk(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from policies._engine import protocol\n"
        "assert protocol.load_alone()\n"
        "from policies._engine import server\n"
        "print(sorted(name for name in sys.modules if name.startswith('pulumi.') and 'proto' not in name))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pulumi.runtime']"


def test_protocol_with_the_sdk_loaded_is_left_alone() -> None:
    code = "import pulumi; from policies._engine import protocol as own; assert not own.load_alone(); pulumi.Config"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)


def test_engine_is_gone_only_when_its_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        assert not engine_is_gone(["security", address])
    assert engine_is_gone(["security", address])
    assert not engine_is_gone(["security", "-x"])
