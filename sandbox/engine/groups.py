"""The binaries that the sandbox runs, at the versions that are tested together.

A group is built and cached as one; the Go modules with their checksums are in `modules/<group>/`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

MODULES = Path(__file__).parent / "modules"


@dataclasses.dataclass(frozen=True)
class Binary:
    """One executable: its name, the Go package that it is built from, and how it tells its version."""

    name: str
    package: str
    version_args: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Group:
    """Binaries of one upstream project at one version."""

    key: str
    version: str
    """Version as the binaries print it, with its leading v."""

    binaries: tuple[Binary, ...]
    ldflags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Go build tags."""

    download: tuple[str, ...] = ()
    """Published addresses, one for each binary or one archive with all; `{version}`, `{os}`, `{arch}`, `{name}`."""

    on_path: bool = False
    """Whether a copy on PATH is used. Only where any near version serves: the command line of the engine."""

    oldest_on_path: str = ""
    minutes: float = 1.0
    """Time that a cold build takes on two cores, for the message before it starts. Measured 2026-11-23."""

    @property
    def modules(self) -> Path:
        """Folder with the group's go.mod and go.sum."""
        return MODULES / self.key

    @property
    def fingerprint(self) -> str:
        """Short hash of everything that decides a build; part of the cache folder's name."""
        # Tags count where there are some: the folders of groups without stay as they were before there were tags.
        decisive = (self.version, self.binaries, self.ldflags, *((self.tags,) if self.tags else ()))
        digest = hashlib.sha256(repr(decisive).encode())
        for name in ("go.mod", "go.sum"):
            digest.update((self.modules / name).read_bytes())
        return digest.hexdigest()[:12]


def _kubernetes(version: str) -> Group:
    names = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
    major, minor = version.removeprefix("v").split(".")[:2]
    package = "k8s.io/component-base/version"
    return Group(
        key="kubernetes",
        version=version,
        binaries=tuple(
            Binary(n, f"k8s.io/kubernetes/cmd/{n}", ("version", "--client") if n == "kubectl" else ("--version",))
            for n in names
        ),
        ldflags=(
            f"-X {package}.gitVersion={version}",
            f"-X {package}.gitMajor={major}",
            f"-X {package}.gitMinor={minor}",
        ),
        download=("https://dl.k8s.io/{version}/bin/{os}/{arch}/{name}",),
        minutes=5,
    )


PULUMI = Group(
    key="pulumi",
    version="v3.259.0",
    binaries=(Binary("pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", ("version",)),),
    ldflags=("-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0",),
    on_path=True,
    oldest_on_path="v3.240.0",
    minutes=4,
)
KUBERNETES = _kubernetes("v1.34.0")
ETCD = Group(
    key="etcd",
    version="v3.6.5",
    binaries=(Binary("etcd", "go.etcd.io/etcd/server/v3", ("--version",)),),
    minutes=0.5,
)
KWOK = Group(
    key="kwok",
    version="v0.7.0",
    binaries=(Binary("kwok", "sigs.k8s.io/kwok/cmd/kwok", ("--version",)),),
    download=("https://github.com/kubernetes-sigs/kwok/releases/download/{version}/kwok-{os}-{arch}",),
    minutes=1.5,
)

PROMTOOL = Group(
    key="promtool",
    version="v3.16.0",
    binaries=(Binary("promtool", "github.com/prometheus/prometheus/cmd/promtool", ("--version",)),),
    # Prometheus v3.16.0 is module v0.316.0; service discovery of every cloud would double the build.
    ldflags=("-X github.com/prometheus/common/version.Version=3.16.0",),
    tags=("remove_all_sd",),
    on_path=True,
    oldest_on_path="v2.40.0",
    minutes=2.5,
)

GROUPS = (PULUMI, ETCD, KUBERNETES, KWOK)
"""What the sandbox runs."""

TEST_TOOLS = (PROMTOOL,)
"""What only the tests run."""
