"""Where everything of one sandbox is: one folder, so that two sandboxes never meet."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT_VARIABLE = "MLOPS_SANDBOX_DIR"


@dataclasses.dataclass(frozen=True)
class Layout:
    """Paths of one sandbox below its folder."""

    root: Path

    @classmethod
    def current(cls) -> Layout:
        """The sandbox that `$MLOPS_SANDBOX_DIR` names, else `.sandbox` in the repository."""
        explicit = os.environ.get(ENVIRONMENT_VARIABLE)
        return cls(Path(explicit).resolve() if explicit else REPOSITORY / ".sandbox")

    @property
    def state(self) -> Path:
        """Stack states: the engine's file backend."""
        return self.root / "state"

    @property
    def pulumi_home(self) -> Path:
        """The engine's own home: only the local providers are plugins here."""
        return self.root / "pulumi-home"

    @property
    def bin(self) -> Path:
        """Executables that are put in front of PATH."""
        return self.root / "bin"

    @property
    def engine(self) -> Path:
        """The engine and its language host, side by side."""
        return self.root / "engine"

    @property
    def project(self) -> Path:
        """The sandbox's view of the project: its project file and copies of the stack files."""
        return self.root / "project"

    @property
    def logs(self) -> Path:
        """One log file for each process."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Process records and the lock."""
        return self.root / "run"

    @property
    def etcd(self) -> Path:
        """Data of etcd: the cluster survives a restart."""
        return self.root / "etcd"

    @property
    def certificates(self) -> Path:
        """Certificate and keys of the API server."""
        return self.root / "certificates"

    @property
    def journal(self) -> Path:
        """Creations that the engine may not know of yet."""
        return self.root / "journal"

    @property
    def kubeconfig(self) -> Path:
        """Administrator's access to the local cluster."""
        return self.root / "kubeconfig"

    @property
    def ports_file(self) -> Path:
        """Ports by service, as JSON."""
        return self.root / "ports.json"

    def make(self) -> None:
        """Create the folders; secrets live below, so nobody else may read them."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (
            self.state,
            self.pulumi_home,
            self.bin,
            self.engine,
            self.project,
            self.logs,
            self.run,
            self.etcd,
            self.certificates,
            self.journal,
        ):
            path.mkdir(exist_ok=True, mode=0o700)

    def ports(self) -> dict[str, int]:
        """Ports by service; empty before the first start."""
        try:
            loaded: dict[str, int] = json.loads(self.ports_file.read_text())
        except FileNotFoundError:
            return {}
        return loaded

    @property
    def aws_endpoint(self) -> str:
        """Address of the local AWS."""
        return f"http://127.0.0.1:{self.ports()['aws']}"

    @property
    def kubernetes_endpoint(self) -> str:
        """Address of the local API server."""
        return f"https://127.0.0.1:{self.ports()['kube-apiserver']}"


def write_atomically(path: Path, content: str, mode: int = 0o600) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new and never a part."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    scratch.write_text(content)
    scratch.chmod(mode)
    scratch.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, atomically."""
    write_atomically(path, json.dumps(value, indent=1, sort_keys=True))
