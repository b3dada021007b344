"""What is kept in the cache of Node programs is whole, or made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine import npm


def maker(made: list[Path]) -> Callable[[Path], None]:
    def make(scratch: Path) -> None:
        made.append(scratch)
        (scratch / "inner").mkdir()
        (scratch / "inner" / "file").write_text("content")

    return make


def test_once_makes_a_folder_once(tmp_path: Path) -> None:
    made: list[Path] = []
    for _ in range(2):
        place = npm._once(tmp_path / "place", maker(made))
        assert (place / "inner" / "file").read_text() == "content"
    assert len(made) == 1


def test_once_keeps_what_was_added_beside(tmp_path: Path) -> None:
    made: list[Path] = []
    place = npm._once(tmp_path / "place", maker(made), ("programs",))
    npm._once(place / "programs" / "one", maker(made))
    npm._once(tmp_path / "place", maker(made), ("programs",))
    assert len(made) == 2
    assert (place / "programs" / "one" / "inner" / "file").exists()


@pytest.mark.parametrize("damage", ["gone", "cut", "more", "unfinished"])
def test_once_makes_again_what_is_not_whole(tmp_path: Path, damage: str) -> None:
    made: list[Path] = []
    place = npm._once(tmp_path / "place", maker(made))
    file = place / "inner" / "file"
    damages: dict[str, Callable[[], object]] = {
        "gone": file.unlink,
        "cut": lambda: file.write_text(""),
        "more": lambda: (place / "other").write_text("x"),
        "unfinished": (place / npm.STAMP).unlink,
    }
    damages[damage]()
    npm._once(tmp_path / "place", maker(made))
    assert len(made) == 2
    assert file.read_text() == "content"
    assert not (place / "other").exists()


def test_once_leaves_nothing_of_what_failed(tmp_path: Path) -> None:
    def fail(scratch: Path) -> None:
        (scratch / "half").write_text("x")
        raise npm.NodeError("npm ci failed")

    (tmp_path / ".place-killed").mkdir()
    with pytest.raises(npm.NodeError):
        npm._once(tmp_path / "place", fail)
    assert [path.name for path in tmp_path.iterdir()] == [".place.lock"]


def test_node_that_is_missing_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(npm.NodeError, match=r"node and npm not found on PATH; install Node\.js 20 or newer"):
        npm.node()


def test_node_that_is_too_old_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.20.4\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(npm.NodeError, match=r"is v18\.20\.4; install Node\.js 20 or newer"):
        npm.node()
