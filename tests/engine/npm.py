"""Node programs for tests: packages of a lock file and what was compiled with them, made once and kept in the cache."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sandbox.engine.cache import cache_root

OLDEST = 20
"""Oldest major version of Node that the packages run on."""

PACKAGES = ("package.json", "package-lock.json", ".npmrc")
STAMP = "complete.json"
"""Written last: the number of files and bytes beside it. What is not as it says is made anew."""


class NodeError(Exception):
    """Node or npm is missing, too old, or has failed; says what to do."""


def node() -> Path:
    """Return Node's executable. Raises `NodeError` where it, or npm, is missing or too old."""
    found = {name: shutil.which(name) for name in ("node", "npm")}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise NodeError(f"{' and '.join(missing)} not found on PATH; install Node.js {OLDEST} or newer, which has both")
    path = Path(str(found["node"]))
    version = _run([str(path), "--version"], Path.cwd()).strip()
    if int(version.removeprefix("v").split(".")[0]) < OLDEST:
        raise NodeError(f"{path} is {version}; install Node.js {OLDEST} or newer")
    return path


def compiled(folder: Path) -> Path:
    """Return a folder with the JavaScript of all TypeScript in `folder`, and its packages within reach."""
    node()
    sources = [*folder.glob("*.ts"), folder / "tsconfig.json"]
    packages = installed(folder)

    def compile_(scratch: Path) -> None:
        _copy(sources, scratch)
        _run([str(packages / "node_modules" / ".bin" / "tsc"), "--project", str(scratch)], scratch)

    return _once(packages / "programs" / _digest(sources), compile_)


def installed(folder: Path) -> Path:
    """Return a folder in the cache that holds exactly the packages of the folder's lock file."""
    files = [folder / name for name in PACKAGES]

    def install(scratch: Path) -> None:
        _copy(files, scratch)
        # No script of a package runs: those of Pulumi's would ask for plugins, which the sandbox brings.
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], scratch)

    return _once(cache_root().parent / "npm" / _digest(files), install, ("programs",))


def locked(folder: Path) -> Mapping[str, str]:
    """Return the version of each package in the lock file."""
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    return {path.removeprefix("node_modules/"): one["version"] for path, one in packages.items() if path}


def _once(place: Path, make: Callable[[Path], None], beside: tuple[str, ...] = ()) -> Path:
    """Make a folder that does not depend on who makes it, or take it as it is; `beside` may be added later."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f".{place.name}.lock").open("w") as lock:
        # The kernel frees it if we die; what we had made until then has another name, and goes the next time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        for abandoned in place.parent.glob(f".{place.name}-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        if not _is_whole(place, beside):
            shutil.rmtree(place, ignore_errors=True)
            scratch = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
            try:
                make(scratch)
                (scratch / STAMP).write_text(json.dumps(_measure(scratch, ())))
                scratch.rename(place)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return place


def _is_whole(place: Path, beside: tuple[str, ...]) -> bool:
    try:
        stamp = json.loads((place / STAMP).read_text())
    except (OSError, ValueError):
        return False
    return bool(stamp == _measure(place, beside))


def _measure(place: Path, beside: tuple[str, ...]) -> list[int]:
    """Count files and bytes below a folder, the stamp left out."""
    files = size = 0
    for folder, folders, names in os.walk(place):
        if Path(folder) == place:
            folders[:] = [name for name in folders if name not in beside]
            names = [name for name in names if name != STAMP]
        files += len(names)
        size += sum((Path(folder) / name).lstat().st_size for name in names)
    return [files, size]


def _digest(files: Iterable[Path]) -> str:
    parts = (f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0" for path in sorted(files))
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


def _copy(files: Iterable[Path], into: Path) -> None:
    for path in files:
        shutil.copy(path, into)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NodeError(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout
