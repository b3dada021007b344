"""Killed processes in mid-up: the next `mlops up` finishes, and nothing is left that the state does not know.

Each part is killed five times at different moments of a bring-up, which `mlops up` continues each time; then everything
is destroyed, and what is still there would be an orphan. Two parts share a bring-up: what the engine runs in one
process tree, and what the sandbox keeps running.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from blueprints import REGISTRY, check
from sandbox import processes
from sandbox.engine.acquire import Engine
from stacks.load import load
from tests.engine.cloud import STACK, Cloud
from tests.engine.leftovers import cluster_objects
from tests.graph import record
from tests.policies.graphs import resources

pytestmark = pytest.mark.engine

MOMENTS = (0.08, 0.25, 0.45, 0.65, 0.85)
"""Shares of the steps of a run that are done when the kill comes."""


@pytest.fixture
def fresh(engine: Engine, tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "sandbox", engine)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def total() -> int:
    """How many resources the stack has."""
    settings = load(STACK, check)
    return len(resources(record(lambda: dict(REGISTRY[settings.blueprint].build(settings)))))


def provider(name: str) -> Callable[[Cloud, psutil.Process], psutil.Process | None]:
    def find(cloud: Cloud, command: psutil.Process) -> psutil.Process | None:
        # Processes come and go while they are listed.
        with contextlib.suppress(psutil.Error):
            for child in command.children(recursive=True):
                if f"sandbox.{name}.provider" in " ".join(child.cmdline()):
                    return child
        return None

    return find


def engine_itself(cloud: Cloud, command: psutil.Process) -> psutil.Process | None:
    with contextlib.suppress(psutil.Error):
        for child in command.children(recursive=True):
            if Path(child.exe()) == cloud.layout.engine / "pulumi":
                return child
    return None


def service(name: str) -> Callable[[Cloud, psutil.Process], psutil.Process | None]:
    return lambda cloud, command: processes.find(cloud.layout, name)


Victim = Callable[[Cloud, psutil.Process], psutil.Process | None]
AWS, KUBERNETES = provider("aws"), provider("kubernetes")


@pytest.mark.parametrize(
    "victims",
    [
        pytest.param(((AWS, engine_itself), (KUBERNETES, engine_itself)), id="providers-and-engine"),
        pytest.param(((service("aws"), service("kube-apiserver")),), id="moto-and-api-server"),
    ],
)
def test_up_killed_again_and_again_finishes_and_leaves_no_orphan(
    fresh: Cloud, total: int, victims: tuple[tuple[Victim, ...], ...]
) -> None:
    for moment, pair in zip(MOMENTS, itertools.cycle(victims)):
        for victim in pair:
            kill_at(fresh, victim, round(moment * total))

    finished = fresh.mlops("up", "--format", "json")
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert fresh.up().changes.keys() == {"same"}

    gone(fresh)


def test_down_after_a_killed_engine_deletes_what_its_state_never_knew(fresh: Cloud, total: int) -> None:
    kill_at(fresh, engine_itself, round(0.63 * total))
    assert fresh.state() == []
    assert len(fresh.inventory()) > 20
    assert "Namespace" in cluster_objects(fresh)
    told = gone(fresh)
    assert "resources that an earlier run created" in told


def test_up_interrupted_once_writes_its_state_and_is_continued(fresh: Cloud, total: int) -> None:
    code, _ = kill_at(fresh, engine_itself, round(0.3 * total), signal.SIGINT)
    assert code == 130
    written = len(fresh.state())
    assert total > written > 20
    continued = fresh.mlops("up", "--format", "json")
    assert continued.returncode == 0, continued.stderr[-3000:]
    assert "resources that an earlier run created" not in continued.stderr
    assert len(fresh.state()) >= total


def gone(cloud: Cloud) -> str:
    """Destroy, see that nothing is left anywhere, and return what the command said."""
    down = cloud.mlops("down", "--keep-running")
    assert down.returncode == 0, down.stdout[-3000:] + down.stderr[-3000:]
    assert cloud.state() == []
    assert cloud.inventory() == []
    assert cluster_objects(cloud) == {}
    return down.stderr


def kill_at(
    cloud: Cloud,
    victim: Callable[[Cloud, psutil.Process], psutil.Process | None],
    done: int,
    number: signal.Signals = signal.SIGKILL,
) -> tuple[int, str]:
    """Run `mlops up` and kill the victim when so many steps of that run are done; fails if that moment never comes.

    A terminal sends SIGINT to the command too. Returns the command's exit code and output.
    """
    (cloud.layout.logs / f"up-{STACK}.events.jsonl").unlink(missing_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "up", "--format", "json"],
        env={**os.environ, "MLOPS_SANDBOX_DIR": str(cloud.layout.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as command:
        hit = False
        process = psutil.Process(command.pid)
        while command.poll() is None and not hit:
            target = victim(cloud, process) if finished_steps(cloud) >= done else None
            if target is not None:
                os.kill(target.pid, number)
                if number is signal.SIGINT:
                    command.send_signal(number)
                hit = True
            time.sleep(0.05)
        output, _ = command.communicate(timeout=300)
    assert hit, f"{done} steps were never reached:\n{output[-3000:]}"
    return command.returncode, output


def finished_steps(cloud: Cloud) -> int:
    """Steps that the engine has finished in this run, as it keeps writing them to its event log."""
    file = cloud.layout.logs / f"up-{STACK}.events.jsonl"
    try:
        return file.read_text().count('"resOutputsEvent"')
    except OSError:
        return 0
