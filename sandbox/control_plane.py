"""A real Kubernetes control plane on 127.0.0.1: etcd, API server, controller manager, scheduler, and kwok.

Admission, RBAC, quotas, taints, scheduling and garbage collection are the real ones; only the kubelets are fake:
kwok keeps every node ready and moves its pods to Running.
"""

from __future__ import annotations

import json
import secrets
import ssl
import subprocess
import urllib.request

from sandbox.engine.acquire import Engine
from sandbox.layout import Layout, write_atomically
from sandbox.processes import SandboxError, Service, accepts

SERVICE_CIDR = "10.255.0.0/16"
"""Cluster addresses of Services; nothing routes there."""

PORTS = ("etcd", "etcd-peer", "kube-apiserver", "kwok")
ADMIN = "sandbox-admin"
CREATED_BY_CONTROL_PLANE = ("default", "kube-system", "kube-public", "kube-node-lease")


def prepare(layout: Layout) -> None:
    """Make the token and the service account key once; they stay with the sandbox."""
    tokens = layout.certificates / "tokens.csv"
    if not tokens.exists():
        # A token of this sandbox alone, made here, never in the repository.
        write_atomically(tokens, f'{secrets.token_urlsafe(24)},{ADMIN},{ADMIN},"system:masters"\n')
    key = layout.certificates / "service-account.key"
    if not key.exists():
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        write_atomically(key, pem.decode())


def token(layout: Layout) -> str:
    """The administrator's token."""
    return (layout.certificates / "tokens.csv").read_text().split(",", 1)[0]


def write_kubeconfig(layout: Layout) -> None:
    """Write the administrator's kubeconfig; the API server's own certificate is its authority."""
    certificate = layout.certificates / "apiserver.crt"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "sandbox",
                "cluster": {"server": layout.kubernetes_endpoint, "certificate-authority": str(certificate)},
            }
        ],
        "users": [{"name": ADMIN, "user": {"token": token(layout)}}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": ADMIN}}],
        "current-context": "sandbox",
    }
    write_atomically(layout.kubeconfig, json.dumps(config, indent=1))


def etcd(layout: Layout, engine: Engine) -> Service:
    """The store. Data is flushed lazily: losing the last second of a local cloud is fine, waiting for disks is not."""
    ports = layout.ports()
    client, peer = (f"http://127.0.0.1:{ports[p]}" for p in ("etcd", "etcd-peer"))
    command = [
        str(engine.binary("etcd")),
        f"--data-dir={layout.etcd}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # Ports may move between starts; a single member must come up with whatever its data remembers.
        "--force-new-cluster",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]
    return Service("etcd", command, ready=lambda: _http_ok(f"{client}/health"))


def apiserver(layout: Layout, engine: Engine) -> Service:
    """The API server, with RBAC and the default admission plugins."""
    ports = layout.ports()
    certificates = layout.certificates
    command = [
        str(engine.binary("kube-apiserver")),
        f"--etcd-servers=http://127.0.0.1:{ports['etcd']}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={ports['kube-apiserver']}",
        f"--cert-dir={certificates}",
        f"--token-auth-file={certificates / 'tokens.csv'}",
        "--authorization-mode=Node,RBAC",
        # As on EKS: what may be privileged is for admission policies to say, not for the server.
        "--allow-privileged=true",
        f"--service-cluster-ip-range={SERVICE_CIDR}",
        f"--service-account-signing-key-file={certificates / 'service-account.key'}",
        f"--service-account-key-file={certificates / 'service-account.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--enable-priority-and-fairness=false",
        "--endpoint-reconciler-type=none",
        # Watch caches of every built-in type would cost a second at start for nothing.
        "--storage-media-type=application/json",
        "--v=0",
    ]
    return Service("kube-apiserver", command, ready=lambda: kubernetes_ready(layout))


def controllers(layout: Layout, engine: Engine) -> list[Service]:
    """Controller manager, scheduler and kwok: ready as soon as they run, the API server queues what they miss."""
    config = f"--kubeconfig={layout.kubeconfig}"
    manager = [
        str(engine.binary("kube-controller-manager")),
        config,
        "--leader-elect=false",
        "--use-service-account-credentials=false",
        f"--service-account-private-key-file={layout.certificates / 'service-account.key'}",
        f"--root-ca-file={layout.certificates / 'apiserver.crt'}",
        "--secure-port=0",
        "--allocate-node-cidrs=false",
        "--concurrent-namespace-syncs=10",
        "--namespace-sync-period=1s",
    ]
    scheduler = [str(engine.binary("kube-scheduler")), config, "--leader-elect=false", "--secure-port=0"]
    kwok = [
        str(engine.binary("kwok")),
        config,
        "--manage-all-nodes=true",
        "--node-lease-duration-seconds=40",
        f"--server-address=127.0.0.1:{layout.ports()['kwok']}",
    ]
    port = layout.ports()["kwok"]
    return [
        Service("kube-controller-manager", manager, ready=lambda: True),
        Service("kube-scheduler", scheduler, ready=lambda: True),
        Service("kwok", kwok, ready=lambda: accepts(port)),
    ]


def _http_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def kubernetes_ready(layout: Layout) -> bool:
    """Whether the API server answers `/readyz` to the administrator."""
    certificate = layout.certificates / "apiserver.crt"
    if not certificate.exists() or not accepts(layout.ports()["kube-apiserver"]):
        return False
    request = urllib.request.Request(
        f"{layout.kubernetes_endpoint}/readyz", headers={"Authorization": f"Bearer {token(layout)}"}
    )
    try:
        context = ssl.create_default_context(cafile=str(certificate))
        with urllib.request.urlopen(request, timeout=5, context=context) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def kubectl(layout: Layout, engine: Engine, *arguments: str) -> str:
    """Run kubectl against the local cluster and return what it prints; raise `SandboxError` if it fails."""
    done = subprocess.run(
        [str(engine.binary("kubectl")), f"--kubeconfig={layout.kubeconfig}", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SandboxError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
