"""Kubeconfigs as plain data. None made here holds a secret: `aws eks get-token` signs in when it is used."""

from collections.abc import Mapping
from typing import Any, Optional

import yaml

from components._core.args import ArgsError


def kubeconfig(
    name: str, endpoint: str, certificate_authority: str, region: str, role_arn: Optional[str] = None
) -> dict[str, Any]:
    """Return the kubeconfig of an EKS cluster; `role_arn` is assumed to sign in, or else the caller's own."""
    token = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"]
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": [*token, "--role-arn", role_arn] if role_arn else token,
        "interactiveMode": "Never",
    }
    server = {"server": endpoint, "certificate-authority-data": certificate_authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": {"exec": plugin}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }


def cluster_entry(text: str, path: str = "existing_kubeconfig") -> tuple[str, str]:
    """Return the address and the certificate authority (base64, may be empty) of the current context.

    Raises `ArgsError` when the text is no kubeconfig or its current context leads nowhere.
    """
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError:
        config = None
    if not isinstance(config, Mapping) or not config.get("clusters"):
        raise ArgsError(path, "is not a kubeconfig; pass the text of one, with clusters, users and contexts")
    contexts = {c["name"]: c["context"]["cluster"] for c in config.get("contexts") or []}
    clusters = {c["name"]: c["cluster"] for c in config["clusters"]}
    current = config.get("current-context") or ""
    entry = clusters.get(contexts.get(current, ""))
    if entry is None or "server" not in entry:
        raise ArgsError(path, f"current-context {current!r} leads to no cluster; use one of {', '.join(contexts)}")
    return entry["server"], entry.get("certificate-authority-data", "")
