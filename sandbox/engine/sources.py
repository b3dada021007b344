"""The three places that a binary can come from, tried in order: PATH, a published download, Go modules."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from sandbox.engine import cache
from sandbox.engine.errors import EngineError, SourceRefusedError
from sandbox.engine.groups import PULUMI, Group
from sandbox.layout import Layout

Progress = Callable[[str], None]
"""Called with a line of text whenever something moved; the caller decides how to show it."""

_DOWNLOAD_TIMEOUT_S = 20.0
_END_TIMEOUT_S = 5.0
_OLDEST_GO = (1, 25)


def from_path(group: Group) -> Path:
    """Return the folder of a usable copy on PATH; raise `SourceRefusedError` with the reason otherwise.

    Our own cache is never searched this way: `mlops env` may have put it on PATH already.
    """
    if not group.on_path:
        raise SourceRefusedError("not taken from PATH: the sandbox needs this exact version")
    name = group.binaries[0].name
    found = shutil.which(name, path=_foreign_path())
    if not found:
        raise SourceRefusedError(f"no {name} on PATH")
    version = version_of(Path(found), group.binaries[0].version_args)
    if not group.oldest_on_path or not (_order(group.oldest_on_path) <= _order(version) < (4,)):
        raise SourceRefusedError(f"{name} on PATH is {version}; {group.oldest_on_path} or newer, below v4, is needed")
    return Path(found).parent


def _foreign_path() -> str:
    """PATH without the folders of this project's own cache and sandboxes: what is there came from here."""
    own = (cache.cache_root(), Layout.current().root)
    parts = os.environ.get("PATH", "").split(os.pathsep)
    foreign = [p for p in parts if not any(Path(p).is_relative_to(o) for o in own) and f"{os.sep}.sandbox" not in p]
    return os.pathsep.join(foreign)


def from_download(group: Group, into: Path, progress: Progress) -> str:
    """Fetch a published build into `into`; return the source in words or raise `SourceRefusedError`."""
    if group is PULUMI:
        return _pulumi_installer(group, into, progress)
    if not group.download:
        raise SourceRefusedError("no single-file download is published")
    os_name, arch = cache.system()
    for binary in group.binaries:
        url = group.download[0].format(version=group.version, os=os_name, arch=arch, name=binary.name)
        progress(f"downloading {binary.name} {group.version}")
        target = into / binary.name
        _fetch(url, target)
        expected = _checksum(url)
        actual = cache.sha256(target)
        if actual != expected:
            raise SourceRefusedError(f"{binary.name}: checksum is {actual[:12]}, published is {expected[:12]}")
        target.chmod(0o755)
    return "published download"


def _fetch(url: str, target: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=_DOWNLOAD_TIMEOUT_S) as response, target.open("wb") as file:
            shutil.copyfileobj(response, file)
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise SourceRefusedError(f"download refused ({getattr(error, 'reason', error)})") from error


def _checksum(url: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sha256"
        _fetch(f"{url}.sha256", file)
        first = file.read_text(errors="replace").split()[:1]
    if not first or not re.fullmatch("[0-9a-f]{64}", first[0]):
        raise SourceRefusedError(f"{url.rsplit('/', 1)[-1]}.sha256 holds no checksum")
    return first[0]


def _pulumi_installer(group: Group, into: Path, progress: Progress) -> str:
    """The official installer, through the Automation API."""
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    progress(f"asking the official installer for pulumi {group.version}")
    try:
        command = PulumiCommand.install(root=str(into / "pulumi-home"), version=VersionInfo.parse(group.version[1:]))
    except Exception as error:
        said = str(error).strip() or type(error).__name__
        raise SourceRefusedError(f"official installer: {said.splitlines()[-1]}") from error
    for file in Path(command.command).parent.iterdir():
        shutil.copy2(file, into / file.name)
    shutil.rmtree(into / "pulumi-home")
    return "official installer"


def from_go(group: Group, into: Path, progress: Progress) -> str:
    """Build the group from its pinned Go modules; return the source in words.

    The module folder is copied first: `go build -mod=mod` may rewrite go.mod, and the repository stays clean.
    """
    go = shutil.which("go")
    if not go:
        raise SourceRefusedError("no go on PATH")
    text = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    version = _order(text)
    if version[:2] < _OLDEST_GO:
        raise SourceRefusedError(
            f"go is {text.strip() or 'broken'}; {'.'.join(map(str, _OLDEST_GO))} or newer is needed"
        )
    with tempfile.TemporaryDirectory(prefix="mlops-engine-") as folder:
        work = Path(folder) / group.key
        shutil.copytree(group.modules, work)
        packages = [b.package for b in group.binaries]
        progress("resolving modules")
        total = len(_run([go, "list", "-mod=mod", f"-tags={','.join(group.tags)}", "-deps", *packages], work, progress))
        flags = [
            "-mod=mod",
            f"-tags={','.join(group.tags)}",
            "-trimpath",
            "-v",
            "-ldflags",
            " ".join(("-s", "-w", *group.ldflags)),
        ]
        # One package with `-o <file>`; several with `-o <folder>/`, each named by its last element.
        target = str(into / group.binaries[0].name) if len(packages) == 1 else f"{into}{os.sep}"
        done = 0

        def compiled(line: str) -> None:
            nonlocal done
            done += not line.startswith("go: ")
            progress(f"compiled {done} of {total} packages" if done else line)

        _run([go, "build", *flags, "-o", target, *packages], work, compiled)
    return f"built from Go modules with {text.split()[2]}"


def _run(command: list[str], cwd: Path, progress: Progress) -> list[str]:
    """Run a Go command, feed its lines to `progress`, return its standard output; end it if we are interrupted."""
    errors: list[str] = []
    with (
        tempfile.TemporaryFile("w+") as stdout,
        subprocess.Popen(
            command, cwd=cwd, stdout=stdout, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process,
    ):
        try:
            assert process.stderr is not None
            for line in process.stderr:
                errors.append(line.rstrip())
                progress(line.rstrip())
        except BaseException:
            _end_group(process)
            raise
        if process.wait() != 0:
            tail = "\n".join(errors[-15:])
            raise EngineError(f"{' '.join(command[:2])} failed with exit code {process.returncode}:\n{tail}")
        stdout.seek(0)
        return stdout.read().splitlines()


def _end_group(process: subprocess.Popen[str]) -> None:
    """End a command and what it started, and wait for it: its scratch folder is removed next."""
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=_END_TIMEOUT_S)
    with contextlib.suppress(ProcessLookupError):
        # What did not heed the request, the command itself or one that it started.
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def version_of(binary: Path, arguments: tuple[str, ...]) -> str:
    """Version that a binary prints, with its leading v; `unknown` if it prints none or does not run."""
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            [str(binary), *arguments], capture_output=True, text=True, timeout=60, check=False, env=env
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    match = re.search(r"\bv?(\d+\.\d+\.\d+[-+.\w]*)", done.stdout + done.stderr)
    return f"v{match.group(1)}" if match and done.returncode == 0 else "unknown"


def _order(version: str) -> tuple[int, ...]:
    """A version as numbers that compare; the empty tuple when there are none."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in match.groups()) if match else ()
