"""The cache believes complete, untouched, executable binaries, and nothing else."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.engine import cache, groups
from sandbox.engine.groups import GROUPS, TEST_TOOLS
from tests.unit import fake_engine
from tests.unit.fake_engine import executable, script, toy

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake_engine.prepare(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(groups, "MODULES", tmp_path / "modules")


def published() -> Path:
    with cache.exclusive(toy()), cache.scratch(toy()) as folder:
        for binary in toy().binaries:
            executable(folder / binary.name, script())
        return cache.publish(toy(), folder, "made by hand")


def edit_manifest(place: Path, change: Callable[[dict[str, object]], object]) -> None:
    content = json.loads((place / cache.MANIFEST).read_text())
    (place / cache.MANIFEST).write_text(json.dumps(change(content)))


def replaced_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replaced_by_dead_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def rewritten(path: Path, text: str) -> None:
    """Change a file and make sure that its time moves."""
    path.write_text(text)
    os.utime(path, ns=(1, 1))


SPOILT: dict[str, Callable[[Path], object]] = {
    "truncated": lambda place: rewritten(place / "toy", script()[:-3]),
    "emptied": lambda place: rewritten(place / "toyctl", ""),
    "same_size_other_content": lambda place: rewritten(place / "toy", script().replace("1.2.3", "9.9.9")),
    "not_executable": lambda place: (place / "toy").chmod(0o644),
    "one_binary_gone": lambda place: (place / "toyctl").unlink(),
    "binary_is_a_folder": lambda place: replaced_by_folder(place / "toy"),
    "binary_is_a_dead_link": lambda place: replaced_by_dead_link(place / "toy"),
    "no_manifest": lambda place: (place / cache.MANIFEST).unlink(),
    "manifest_cut": lambda place: (place / cache.MANIFEST).write_text('{"files": {'),
    "manifest_empty": lambda place: (place / cache.MANIFEST).write_text(""),
    "manifest_a_list": lambda place: edit_manifest(place, lambda m: [m]),
    "manifest_without_files": lambda place: edit_manifest(place, lambda m: {**m, "files": {}}),
    "manifest_of_other_shape": lambda place: edit_manifest(place, lambda m: {**m, "files": {"toy": 1, "toyctl": 2}}),
    "manifest_not_text": lambda place: (place / cache.MANIFEST).write_bytes(b"\xff\xfe\x00"),
}


def test_verified_published_group_is_believed() -> None:
    place = published()
    assert cache.verified(toy()) == place
    assert cache.source_of(place) == "made by hand"
    assert all(os.access(place / binary.name, os.X_OK) for binary in toy().binaries)


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_verified_spoilt_group_is_not_believed(spoil: Callable[[Path], object]) -> None:
    place = published()
    spoil(place)
    assert cache.verified(toy()) is None


def test_verified_nothing_published_is_not_believed() -> None:
    assert cache.verified(toy()) is None


def test_verified_touched_file_with_the_same_content_is_believed() -> None:
    place = published()
    os.utime(place / "toy", ns=(1, 1))
    assert cache.verified(toy()) == place


def test_verified_other_version_is_not_believed() -> None:
    published()
    assert cache.verified(replace(toy(), version="v1.2.4")) is None


def test_folder_other_modules_are_another_build(tmp_path: Path) -> None:
    before = cache.folder(toy())
    (tmp_path / "modules" / "toy" / "go.sum").write_text("example.com/toy v1.2.3 h1:x=\n")
    assert cache.folder(toy()) != before


def test_folder_other_flags_are_another_build() -> None:
    flags, tags = replace(toy(), ldflags=("-X a.b=c",)), replace(toy(), tags=("small",))
    assert len({cache.folder(toy()), cache.folder(flags), cache.folder(tags)}) == 3


def test_folder_names_group_version_and_system() -> None:
    assert cache.folder(toy()).name.startswith(f"toy-v1.2.3-{'-'.join(cache.system())}-")


def test_publish_over_a_spoilt_group_replaces_it() -> None:
    place = published()
    SPOILT["truncated"](place)
    (place / "stray").write_text("left over")
    assert published() == place
    assert cache.verified(toy()) == place
    assert not (place / "stray").exists()


def test_publish_missing_binary_publishes_nothing() -> None:
    with cache.scratch(toy()) as folder:
        executable(folder / "toy", script())
        with pytest.raises(FileNotFoundError):
            cache.publish(toy(), folder, "half")
    assert list(cache.cache_root().iterdir()) == []


def test_scratch_failed_build_leaves_nothing() -> None:
    def build() -> None:
        with cache.scratch(toy()) as folder:
            executable(folder / "toy", script())
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        build()
    assert list(cache.cache_root().iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from sandbox.engine import cache, groups
from tests.unit.fake_engine import executable, script, toy
groups.MODULES = Path(sys.argv[1])
with cache.exclusive(toy()), cache.scratch(toy()) as folder:
    for binary in toy().binaries:
        executable(folder / binary.name, script())
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_exclusive_after_a_killed_build_believes_nothing_and_clears_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "modules")]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == -signal.SIGKILL
    left = [p for p in cache.cache_root().iterdir() if p.is_dir()]
    assert [p.name[:5] for p in left] == [".toy-"]
    assert cache.verified(toy()) is None
    with cache.exclusive(toy()):
        assert not left[0].exists()


def test_exclusive_other_groups_scratch_stays() -> None:
    other = replace(toy(), key="toyota")
    with cache.scratch(other) as folder, cache.exclusive(toy()):
        assert folder.exists()


def test_exclusive_two_processes_at_once_build_once(tmp_path: Path) -> None:
    log = tmp_path / "builds"
    fake_engine.go(tmp_path / "path", log, before="sleep 0.5")
    command = [sys.executable, "-m", "tests.unit.fake_engine", str(tmp_path / "modules")]
    both = [
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert {out.strip() for out, _ in told} == {str(cache.folder(toy()))}
    assert log.read_text() == "built\n"
    assert cache.verified(toy())


def test_cache_root_explicit_folder_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache.cache_root() == Path(os.environ["MLOPS_ENGINE_CACHE"])
    monkeypatch.delenv("MLOPS_ENGINE_CACHE")
    assert cache.cache_root() == Path("/x/mlops-blueprints/engine")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert cache.cache_root() == Path("/home/me/.cache/mlops-blueprints/engine")


@pytest.mark.parametrize(
    ("machine", "arch"), [("x86_64", "amd64"), ("AMD64", "amd64"), ("aarch64", "arm64"), ("riscv64", "riscv64")]
)
def test_system_is_told_in_gos_words(machine: str, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    assert cache.system() == ("linux", arch)


def test_groups_have_their_modules_and_folders_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MODULES", REPOSITORY / "sandbox" / "engine" / "modules")
    everything = (*GROUPS, *TEST_TOOLS)
    assert all((group.modules / name).is_file() for group in everything for name in ("go.mod", "go.sum"))
    assert len({cache.folder(group) for group in everything}) == len(everything)
