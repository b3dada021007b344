"""The cache of obtained binaries: a folder by group, version and platform, complete or not there at all.

A build happens in a scratch folder beside its final place; a manifest with the size and SHA-256 of each binary is
written last, and one rename makes the whole visible. So a killed or failed build leaves nothing that is believed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.engine.groups import Group

MANIFEST = "manifest.json"


def cache_root() -> Path:
    """Folder of the cache: `$MLOPS_ENGINE_CACHE`, else `mlops-blueprints/engine` in the user's cache folder."""
    explicit = os.environ.get("MLOPS_ENGINE_CACHE")
    if explicit:
        return Path(explicit)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "mlops-blueprints" / "engine"


def system() -> tuple[str, str]:
    """Operating system and processor in Go's words, for example `("linux", "amd64")`."""
    machine = platform.machine().lower()
    arch = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)
    return platform.system().lower(), arch


def folder(group: Group) -> Path:
    """Final folder of a group's binaries; it exists only when they are complete."""
    return cache_root() / f"{group.key}-{group.version}-{'-'.join(system())}-{group.fingerprint}"


def verified(group: Group) -> Path | None:
    """Return the group's folder if every binary is there, of the recorded size and content; else None.

    Content is hashed again only where a file's modification time moved since it was recorded.
    """
    place = folder(group)
    try:
        manifest: dict[str, Any] = json.loads((place / MANIFEST).read_text())
        for binary in group.binaries:
            _verify(place / binary.name, manifest["files"][binary.name])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return place


def source_of(place: Path) -> str:
    """How the binaries in a cache folder were obtained, in words."""
    return str(json.loads((place / MANIFEST).read_text())["source"])


def _verify(path: Path, recorded: dict[str, Any]) -> None:
    stat = path.stat()
    if stat.st_size != recorded["size"] or not os.access(path, os.X_OK):
        raise ValueError(f"{path.name}: size or mode differs from the record")
    if stat.st_mtime_ns != recorded["mtime_ns"] and sha256(path) != recorded["sha256"]:
        raise ValueError(f"{path.name}: content differs from the record")


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def scratch(group: Group) -> Iterator[Path]:
    """A scratch folder for one build, on the cache's own file system; removed whatever happens.

    Take it under the group's lock only.
    """
    root = cache_root()
    root.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=f".{group.key}-", dir=root))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def exclusive(group: Group) -> Iterator[None]:
    """Hold the group's lock, so that two commands at once build it once. The kernel frees it if we die."""
    root = cache_root()
    root.mkdir(parents=True, exist_ok=True)
    with (root / f".{group.key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for abandoned in root.glob(f".{group.key}-*"):
            # Scratch folders are used under the lock only: this one is of a command that was killed.
            shutil.rmtree(abandoned, ignore_errors=True)
        yield


def publish(group: Group, built: Path, source: str) -> Path:
    """Record the binaries in `built`, make them durable and move them to their final place in one rename."""
    files = {}
    for binary in group.binaries:
        path = built / binary.name
        path.chmod(0o755)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        stat = path.stat()
        files[binary.name] = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256(path)}
    manifest = {"group": group.key, "version": group.version, "source": source, "files": files}
    (built / MANIFEST).write_text(json.dumps(manifest, indent=1))
    place = folder(group)
    if place.exists():
        # Reached only when what is there failed verification.
        shutil.rmtree(place)
    built.rename(place)
    return place
