"""Getting a group: the order of the sources, what is told of each, and what is never taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.engine import acquire, cache, groups
from sandbox.engine.acquire import Engine, Obtained
from sandbox.engine.errors import EngineError
from sandbox.engine.groups import GROUPS, PULUMI, Group
from tests.unit import fake_engine
from tests.unit.fake_engine import executable, publish, script, serving, toy

EXACT = "not taken from PATH: the sandbox needs this exact version"
UNPUBLISHED = "no single-file download is published"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake_engine.prepare(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(groups, "MODULES", tmp_path / "modules")


class Told(list[str]):
    """Collects what is reported."""

    def __call__(self, group: Group, line: str) -> None:
        assert group.key == "toy"
        self.append(line)


def cached() -> list[str]:
    """Return what is in the cache, locks left out."""
    root = cache.cache_root()
    return sorted(p.name for p in root.iterdir() if p.is_dir()) if root.exists() else []


def test_present_nothing_at_hand_gives_none() -> None:
    assert acquire.present(toy()) is None


def test_obtain_copy_on_path_is_used_without_a_cache(tmp_path: Path) -> None:
    executable(tmp_path / "path" / "toy", script())
    found = acquire.obtain(toy(on_path=True, oldest="v1.0.0"), Told())
    assert (found.folder, found.source) == (tmp_path / "path", "found on PATH")
    assert cached() == []


def test_obtain_download_is_cached_and_explained(tmp_path: Path) -> None:
    for name in ("toy", "toyctl"):
        publish(tmp_path / "web", name, script())
    with serving(tmp_path / "web") as address:
        group, told = toy((f"{address}/{{name}}",)), Told()
        found = acquire.obtain(group, told)
    assert found.source == f"published download ({EXACT})"
    assert found.folder == cache.verified(group)
    assert told == ["downloading toy v1.2.3", "downloading toyctl v1.2.3"]


def test_obtain_second_time_comes_from_the_cache(tmp_path: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    first, told = acquire.obtain(toy(), Told()), Told()
    second = acquire.obtain(toy(), told)
    assert second.folder == first.folder
    assert second.source == f"cached; built from Go modules with go1.26.0 ({EXACT}; {UNPUBLISHED})"
    assert told == []
    assert (tmp_path / "log").read_text() == "built\n"


def test_obtain_without_downloads_builds_and_says_why_and_how_long(tmp_path: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    told = Told()
    found = acquire.obtain(toy(), told)
    assert found.source == f"built from Go modules with go1.26.0 ({EXACT}; {UNPUBLISHED})"
    assert told[0] == f"{EXACT}; {UNPUBLISHED}; building it takes about 0.5 min on two cores"


def test_obtain_refused_download_falls_back_to_a_build(tmp_path: Path) -> None:
    publish(tmp_path / "web", "toy", script(), checksum="0" * 64)
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    with serving(tmp_path / "web") as address:
        found = acquire.obtain(toy((f"{address}/{{name}}",)), Told())
    assert found.source.startswith(f"built from Go modules with go1.26.0 ({EXACT}; toy: checksum is ")


def test_obtain_download_of_another_version_falls_back_to_a_build(tmp_path: Path) -> None:
    publish(tmp_path / "web", "toy", script())
    publish(tmp_path / "web", "toyctl", script("v9.9.9"))
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    with serving(tmp_path / "web") as address:
        found = acquire.obtain(toy((f"{address}/{{name}}",)), Told())
    assert "toyctl is v9.9.9 where v1.2.3 was asked for; not taken" in found.source
    assert (found.folder / "toyctl").read_text() != script("v9.9.9")


def test_obtain_old_copy_on_path_is_passed_over_and_named(tmp_path: Path) -> None:
    executable(tmp_path / "path" / "toy", script("v0.1.0"))
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    found = acquire.obtain(toy(on_path=True, oldest="v1.0.0"), Told())
    assert "(toy on PATH is v0.1.0; v1.0.0 or newer, below v4, is needed; " in found.source


def test_obtain_nothing_works_lists_every_attempt_and_what_to_do() -> None:
    with pytest.raises(EngineError) as caught:
        acquire.obtain(toy(), Told())
    assert str(caught.value).split("\n") == [
        "toy v1.2.3 could not be obtained:",
        f"  - {EXACT}",
        f"  - {UNPUBLISHED}",
        "  - no go on PATH",
        "Install Go 1.25 or newer, or put a supported pulumi on PATH where downloads work, and run the same command "
        "again.",
    ]
    assert cached() == []


@pytest.mark.parametrize("tells", ["v1.2.4", "nothing"])
def test_obtain_build_of_another_version_is_not_taken(tells: str, tmp_path: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log", tells=tells)
    with pytest.raises(EngineError) as caught:
        acquire.obtain(toy(), Told())
    version = "unknown" if tells == "nothing" else tells
    assert f"  - toy is {version} where v1.2.3 was asked for; not taken" in str(caught.value)
    assert cached() == []


def test_obtain_failed_build_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log", before="echo out of disk >&2; exit 1")
    with pytest.raises(EngineError, match="out of disk"):
        acquire.obtain(toy(), Told())
    assert cached() == []
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    assert acquire.obtain(toy(), Told()).folder == cache.verified(toy())


def test_obtain_interrupted_build_leaves_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log")

    def interrupt(group: Group, line: str) -> None:
        if line.startswith("compiled"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        acquire.obtain(toy(), interrupt)
    assert cached() == []
    assert acquire.obtain(toy(), Told()).folder == cache.verified(toy())


def test_obtain_spoilt_cache_is_built_again(tmp_path: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    place = acquire.obtain(toy(), Told()).folder
    (place / "toy").write_text("x")
    assert acquire.obtain(toy(), Told()).folder == place
    assert cache.verified(toy()) == place
    assert (tmp_path / "log").read_text() == "built\nbuilt\n"


def test_obtain_all_gets_every_group_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def obtain(group: Group, report: acquire.Report) -> Obtained:
        asked.append(group.key)
        return Obtained(group, tmp_path, "given")

    monkeypatch.setattr(acquire, "obtain", obtain)
    engine = acquire.obtain_all(Told())
    assert asked == [group.key for group in GROUPS]
    assert set(engine.groups) == set(asked)


def test_engine_binary_is_found_whichever_group_has_it(tmp_path: Path) -> None:
    other = replace(toy(), key="other", binaries=toy().binaries[1:])
    engine = Engine(
        {
            "toy": Obtained(toy(count=1), tmp_path / "a", "given"),
            "other": Obtained(other, tmp_path / "b", "given"),
        }
    )
    assert engine.binary("toyctl") == tmp_path / "b" / "toyctl"
    with pytest.raises(KeyError):
        engine.binary("kubectl")


def test_engine_language_host_is_the_one_that_came_along(tmp_path: Path) -> None:
    engine = Engine({PULUMI.key: Obtained(PULUMI, tmp_path, "given")})
    assert engine.language_host is None
    host = executable(tmp_path / "pulumi-language-python", script())
    assert engine.language_host == host
