"""A group of toy binaries, a `go` that is a shell script, and a web server: the engine's sources without a network."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from sandbox.engine import acquire, groups
from sandbox.engine.groups import Binary, Group

VERSION = "v1.2.3"


def toy(download: tuple[str, ...] = (), on_path: bool = False, oldest: str = "", count: int = 2) -> Group:
    """Return a group of scripts that print a version."""
    names = ("toy", "toyctl")[:count]
    binaries = tuple(Binary(n, f"example.com/toy/cmd/{n}", ("--version",)) for n in names)
    return Group("toy", VERSION, binaries, (), (), download, on_path, oldest, minutes=0.5)


def script(version: str = VERSION) -> str:
    """Return the text of an executable that tells a version."""
    return f"#!/bin/sh\necho toy version {version}\n"


def executable(path: Path, text: str) -> Path:
    """Write an executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


GO = """#!/bin/sh
case "$1" in
version) echo "go version go{version} linux/amd64"; exit 0 ;;
list) echo a; echo b; exit 0 ;;
esac
echo built >> "{log}"
{before}
while [ "$1" != "-o" ]; do shift; done
target="$2"; shift 2
for package in "$@"; do
    case "$target" in */) file="$target${{package##*/}}" ;; *) file="$target" ;; esac
    printf '#!/bin/sh\\necho toy version {tells}\\n' > "$file"
    chmod 755 "$file"
    echo "$package" >&2
done
"""


def go(folder: Path, log: Path, version: str = "1.26.0", tells: str = VERSION, before: str = "") -> Path:
    """Write a `go` that makes scripts of packages; `before` runs in each build, `log` gets a line for each."""
    return executable(folder / "go", GO.format(version=version, log=log, tells=tells, before=before))


def prepare(root: Path) -> dict[str, str]:
    """Make the folders that the toy group needs; return the environment in which it is obtained."""
    modules = root / "modules" / "toy"
    modules.mkdir(parents=True, exist_ok=True)
    (modules / "go.mod").write_text("module toy\n")
    (modules / "go.sum").write_text("")
    path = root / "path"
    path.mkdir(exist_ok=True)
    return {
        "MLOPS_ENGINE_CACHE": str(root / "cache"),
        "MLOPS_SANDBOX_DIR": str(root / "sandbox"),
        "PATH": f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "TMPDIR": str(root / "tmp"),
    }


@contextlib.contextmanager
def serving(folder: Path, cut: str = "") -> Iterator[str]:
    """Serve a folder on 127.0.0.1; the file named `cut` ends halfway. Yields the address."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object, **_: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            if cut and self.path.endswith(cut):
                content = (folder / cut).read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2])
                return
            super().do_GET()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def publish(folder: Path, name: str, text: str, checksum: str | None = None) -> None:
    """Put a file and its checksum where `serving` finds them; an empty checksum leaves its file out."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    told = hashlib.sha256(text.encode()).hexdigest() if checksum is None else checksum
    if told:
        (folder / f"{name}.sha256").write_text(f"{told}  {name}\n")


def main() -> None:
    """Obtain the toy group in a process of its own; the only argument is the folder of modules."""
    groups.MODULES = Path(sys.argv[1])
    print(acquire.obtain(toy(), lambda group, line: print(line, file=sys.stderr)).folder)


if __name__ == "__main__":
    main()
