"""Where binaries come from: PATH, a download with its checksum, Go modules. No network, no real Go."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sandbox.engine import cache, groups, sources
from sandbox.engine.errors import EngineError, SourceRefusedError
from sandbox.engine.groups import PULUMI
from tests.unit import fake_engine
from tests.unit.fake_engine import executable, publish, script, serving, toy


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake_engine.prepare(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(groups, "MODULES", tmp_path / "modules")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def quiet(_: str) -> None:
    pass


def leftovers(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "tmp").iterdir())


# -- PATH ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1.0.0", "v1.2.3", "1.9.0", "v3.999.0-dev.1"])
def test_from_path_new_enough_is_taken(version: str, tmp_path: Path) -> None:
    executable(tmp_path / "path" / "toy", script(version))
    assert sources.from_path(toy(on_path=True, oldest="v1.0.0")) == tmp_path / "path"


@pytest.mark.parametrize(
    ("version", "told"),
    [("v0.9.9", "v0.9.9"), ("v4.0.0", "v4.0.0"), ("nothing", "unknown"), ("v1.2", "unknown"), ("", "unknown")],
)
def test_from_path_other_version_is_refused(version: str, told: str, tmp_path: Path) -> None:
    executable(tmp_path / "path" / "toy", script(version))
    with pytest.raises(SourceRefusedError) as caught:
        sources.from_path(toy(on_path=True, oldest="v1.0.0"))
    assert str(caught.value) == f"toy on PATH is {told}; v1.0.0 or newer, below v4, is needed"


def test_from_path_version_of_a_failing_binary_is_not_believed(tmp_path: Path) -> None:
    executable(tmp_path / "path" / "toy", "#!/bin/sh\necho toy v1.2.3\nexit 3\n")
    with pytest.raises(SourceRefusedError, match="toy on PATH is unknown"):
        sources.from_path(toy(on_path=True, oldest="v1.0.0"))


def test_from_path_nothing_there_is_refused() -> None:
    with pytest.raises(SourceRefusedError, match=r"^no toy on PATH$"):
        sources.from_path(toy(on_path=True, oldest="v1.0.0"))


def test_from_path_group_of_an_exact_version_is_never_taken(tmp_path: Path) -> None:
    executable(tmp_path / "path" / "toy", script())
    with pytest.raises(SourceRefusedError, match="the sandbox needs this exact version"):
        sources.from_path(toy())


@pytest.mark.parametrize("place", ["cache/toy-v1", "sandbox/bin", "repository/.sandbox/bin"])
def test_from_path_own_folders_are_not_searched(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What `mlops env` has put on PATH starts the sandbox's own binaries: taken for the user's, it would start itself.
    executable(tmp_path / place / "toy", script())
    monkeypatch.setenv("PATH", f"{tmp_path / place}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SourceRefusedError, match="no toy on PATH"):
        sources.from_path(toy(on_path=True, oldest="v1.0.0"))


def test_from_path_folder_beside_the_cache_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "cache2" / "toy", script())
    monkeypatch.setenv("PATH", f"{tmp_path / 'cache2'}{os.pathsep}{os.environ['PATH']}")
    assert sources.from_path(toy(on_path=True, oldest="v1.0.0")) == tmp_path / "cache2"


# -- download -----------------------------------------------------------------------------------------------------


def test_from_download_good_checksums_are_taken(tmp_path: Path, into: Path) -> None:
    files = tmp_path / "web"
    told: list[str] = []
    for name in ("toy", "toyctl"):
        publish(files / "v1.2.3", name, script())
    with serving(files) as address:
        words = sources.from_download(toy((f"{address}/{{version}}/{{name}}",)), into, told.append)
    assert words == "published download"
    assert told == ["downloading toy v1.2.3", "downloading toyctl v1.2.3"]
    assert [sources.version_of(into / name, ("--version",)) for name in ("toy", "toyctl")] == ["v1.2.3"] * 2


@pytest.mark.parametrize(
    ("checksum", "told"),
    [
        ("0" * 64, "toy: checksum is "),
        ("", "download refused (File not found)"),
        (" ", "toy.sha256 holds no checksum"),
        ("<html>sign in</html>", "toy.sha256 holds no checksum"),
        ("0" * 63, "toy.sha256 holds no checksum"),
    ],
    ids=["other", "missing", "empty", "page", "short"],
)
def test_from_download_wrong_checksum_is_refused(checksum: str, told: str, tmp_path: Path, into: Path) -> None:
    publish(tmp_path / "web", "toy", script(), checksum)
    with serving(tmp_path / "web") as address, pytest.raises(SourceRefusedError) as caught:
        sources.from_download(toy((f"{address}/{{name}}",)), into, quiet)
    assert str(caught.value).startswith(told)
    assert leftovers(tmp_path) == []


def test_from_download_cut_off_file_is_refused(tmp_path: Path, into: Path) -> None:
    publish(tmp_path / "web", "toy", script())
    with serving(tmp_path / "web", cut="toy") as address, pytest.raises(SourceRefusedError):
        sources.from_download(toy((f"{address}/{{name}}",)), into, quiet)


def test_from_download_nobody_answers_is_refused(into: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{held.getsockname()[1]}/{{name}}"
        with pytest.raises(SourceRefusedError, match="download refused"):
            sources.from_download(toy((address,)), into, quiet)


def test_from_download_nothing_published_is_refused(into: Path) -> None:
    with pytest.raises(SourceRefusedError, match="no single-file download is published"):
        sources.from_download(toy(), into, quiet)


def test_from_download_installer_that_fails_is_told_in_its_last_line(
    into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi.automation import PulumiCommand

    def refuse(**_: object) -> None:
        raise RuntimeError("curl: (6)\ncould not resolve host\n")

    monkeypatch.setattr(PulumiCommand, "install", refuse)
    with pytest.raises(SourceRefusedError, match=r"^official installer: could not resolve host$"):
        sources.from_download(PULUMI, into, quiet)


# -- Go modules ---------------------------------------------------------------------------------------------------


def test_from_go_several_binaries_are_built(tmp_path: Path, into: Path) -> None:
    told: list[str] = []
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    assert sources.from_go(toy(), into, told.append) == "built from Go modules with go1.26.0"
    assert sorted(p.name for p in into.iterdir()) == ["toy", "toyctl"]
    assert told == ["resolving modules", "compiled 1 of 2 packages", "compiled 2 of 2 packages"]
    assert leftovers(tmp_path) == []


def test_from_go_single_binary_gets_its_name(tmp_path: Path, into: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log")
    group = toy(count=1)
    other = replace(group, binaries=(replace(group.binaries[0], package="example.com/toy/v3"),))
    sources.from_go(other, into, quiet)
    assert [p.name for p in into.iterdir()] == ["toy"]


def test_from_go_build_flags_are_handed_on(tmp_path: Path, into: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log", before=f'echo "$*" > "{tmp_path}/flags"')
    sources.from_go(replace(toy(), ldflags=("-X a.b=c",), tags=("small", "fast")), into, quiet)
    given = (tmp_path / "flags").read_text()
    assert given.startswith("build -mod=mod -tags=small,fast -trimpath -v -ldflags -s -w -X a.b=c -o ")


def test_from_go_module_files_of_the_repository_stay(tmp_path: Path, into: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log", before="echo changed >> go.mod")
    sources.from_go(toy(), into, quiet)
    assert (tmp_path / "modules" / "toy" / "go.mod").read_text() == "module toy\n"


def test_from_go_no_go_is_refused(into: Path) -> None:
    with pytest.raises(SourceRefusedError, match=r"^no go on PATH$"):
        sources.from_go(toy(), into, quiet)


@pytest.mark.parametrize("version", ["1.24.9", "1.9", "0.1"])
def test_from_go_too_old_is_refused(version: str, tmp_path: Path, into: Path) -> None:
    fake_engine.go(tmp_path / "path", tmp_path / "log", version)
    with pytest.raises(SourceRefusedError) as caught:
        sources.from_go(toy(), into, quiet)
    assert str(caught.value) == f"go is go version go{version} linux/amd64; 1.25 or newer is needed"


def test_from_go_that_says_nothing_is_refused(tmp_path: Path, into: Path) -> None:
    executable(tmp_path / "path" / "go", "#!/bin/sh\nexit 1\n")
    with pytest.raises(SourceRefusedError, match=r"^go is broken; 1\.25 or newer is needed$"):
        sources.from_go(toy(), into, quiet)


def test_from_go_failing_build_shows_the_end_of_what_it_said(tmp_path: Path, into: Path) -> None:
    failing = "for i in $(seq 40); do echo line $i >&2; done; exit 7"
    fake_engine.go(tmp_path / "path", tmp_path / "log", before=failing)
    with pytest.raises(EngineError) as caught:
        sources.from_go(toy(), into, quiet)
    first, *rest = str(caught.value).split("\n")
    assert first == f"{tmp_path / 'path' / 'go'} build failed with exit code 7:"
    assert rest == [f"line {i}" for i in range(26, 41)]
    assert leftovers(tmp_path) == []


# The first ends when it is asked to; the second ignores it; the third leaves a child behind that ignores it.
STUBBORN = {
    "heeding": "sleep 60 & echo started >&2; wait",
    "stubborn": "trap '' TERM; sleep 60 & echo started >&2; wait",
    "stubborn_child": "(trap '' TERM; echo started >&2; exec sleep 60) & wait",
}


@pytest.mark.parametrize("build", STUBBORN.values(), ids=STUBBORN)
def test_from_go_interrupted_build_ends_all_that_it_started(
    build: str, tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_END_TIMEOUT_S", 0.3)
    fake_engine.go(tmp_path / "path", tmp_path / "log", before=build)
    # Another test of this process may have a sandbox running.
    others = psutil.Process().children(recursive=True)
    started: list[psutil.Process] = []

    def interrupt(line: str) -> None:
        if line.startswith("compiled"):
            started.extend(p for p in psutil.Process().children(recursive=True) if p not in others)
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        sources.from_go(toy(), into, interrupt)
    assert time.monotonic() - began < 30
    assert len(started) >= 2
    _, alive = psutil.wait_procs(started, timeout=5)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    assert leftovers(tmp_path) == []


# -- versions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Kubernetes v1.34.0", "v1.34.0"),
        ("etcd Version: 3.6.5\nGit SHA: abc\nGo Version: go1.26.0", "v3.6.5"),
        ("kwok version v0.7.0 go1.26.0 (linux/amd64)", "v0.7.0"),
        ("v3.259.0", "v3.259.0"),
        ("Client Version: v1.34.0\nKustomize Version: v5.7.1", "v1.34.0"),
        ("v3.260.0-alpha.1+dirty", "v3.260.0-alpha.1+dirty"),
        ("no version here", "unknown"),
        ("", "unknown"),
    ],
)
def test_version_of_output_is_read(said: str, version: str, tmp_path: Path) -> None:
    binary = executable(tmp_path / "binary", f"#!/bin/sh\ncat <<'EOF'\n{said}\nEOF\n")
    assert sources.version_of(binary, ()) == version


def test_version_of_what_does_not_start_is_unknown(tmp_path: Path) -> None:
    assert sources.version_of(tmp_path / "missing", ()) == "unknown"
    (tmp_path / "plain").write_text("text")
    assert sources.version_of(tmp_path / "plain", ()) == "unknown"


def test_version_of_what_is_killed_is_unknown(tmp_path: Path) -> None:
    binary = executable(tmp_path / "binary", f"#!/bin/sh\necho v1.2.3\nkill -{int(signal.SIGKILL)} $$\n")
    assert sources.version_of(binary, ()) == "unknown"


def test_cache_folder_is_not_made_by_looking_at_path(tmp_path: Path) -> None:
    with pytest.raises(SourceRefusedError):
        sources.from_path(toy(on_path=True, oldest="v1.0.0"))
    assert not cache.cache_root().exists()
