"""What a node is told at launch beyond what EKS and Karpenter say themselves. Pure: text from plain values."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, Optional

import yaml

from components.gpu_node_pool.choices import AmiFamily, KubeletArgs

_BOUNDARY = "mlops-node"


def toml(table: Mapping[str, Any]) -> str:
    """Return nested mappings of strings, whole numbers, booleans and lists as TOML."""
    return "\n".join(_toml_table(table, ())) + "\n"


def _toml_table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    plain = {k: v for k, v in table.items() if not isinstance(v, Mapping)}
    if plain:
        if path:
            yield f"[{'.'.join(map(json.dumps, path))}]"
        # JSON writes strings, numbers, booleans and lists of them as TOML does.
        yield from (f"{json.dumps(key)} = {json.dumps(value)}" for key, value in sorted(plain.items()))
    for key in sorted(k for k, v in table.items() if isinstance(v, Mapping)):
        yield from _toml_table(table[key], (*path, key))


def kubelet_settings(kubelet: Optional[KubeletArgs]) -> dict[str, Any]:
    """Return kubelet settings by their names in Kubernetes, those that are set."""
    if kubelet is None:
        return {}
    found = {
        "maxPods": kubelet.max_pods,
        "kubeReserved": kubelet.kube_reserved,
        "systemReserved": kubelet.system_reserved,
        "evictionHard": kubelet.eviction_hard,
    }
    return {key: value for key, value in found.items() if value is not None}


def bottlerocket_settings(kubelet: Mapping[str, Any], nvidia: Mapping[str, Any], local_nvme: bool) -> dict[str, Any]:
    """Return Bottlerocket's settings: kubelet, GPU sharing, and its own disks for images and scratch."""
    names = {
        "maxPods": "max-pods",
        "kubeReserved": "kube-reserved",
        "systemReserved": "system-reserved",
        "evictionHard": "eviction-hard",
    }
    settings: dict[str, Any] = {}
    if kubelet:
        settings["kubernetes"] = {names[key]: value for key, value in kubelet.items()}
    if nvidia:
        settings["kubelet-device-plugins"] = {"nvidia": nvidia}
    if local_nvme:
        places = ["/var/lib/containerd", "/var/lib/kubelet", "/var/log/pods"]
        commands = [
            ["apiclient", "ephemeral-storage", "init"],
            ["apiclient", "ephemeral-storage", "bind", "--dirs", *places],
        ]
        mount = {"commands": commands, "essential": True, "mode": "always"}
        settings["bootstrap-commands"] = {"000-mount-instance-storage": mount}
    return {"settings": settings} if settings else {}


def node_config(kubelet: Mapping[str, Any], local_nvme: bool) -> dict[str, Any]:
    """Return nodeadm's NodeConfig of Amazon Linux 2023; empty when there is nothing to say."""
    spec: dict[str, Any] = {}
    if kubelet:
        spec["kubelet"] = {"config": dict(kubelet)}
    if local_nvme:
        spec["instance"] = {"localStorage": {"strategy": "RAID0"}}
    return {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": spec} if spec else {}


def managed(
    family: AmiFamily, kubelet: Mapping[str, Any], nvidia: Mapping[str, Any], local_nvme: bool
) -> Optional[str]:
    """Return the user data of a managed node group's launch template, base64; EKS merges its own part in."""
    if family is AmiFamily.BOTTLEROCKET:
        settings = bottlerocket_settings(kubelet, nvidia, local_nvme)
        text = toml(settings) if settings else ""
    else:
        config = node_config(kubelet, local_nvme)
        text = _mime(yaml.safe_dump(config, sort_keys=True)) if config else ""
    return base64.b64encode(text.encode()).decode() if text else None


def _mime(part: str) -> str:
    return "\n".join(
        [
            "MIME-Version: 1.0",
            f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
            "",
            f"--{_BOUNDARY}",
            "Content-Type: application/node.eks.aws",
            "",
            f"{part.rstrip()}",
            f"--{_BOUNDARY}--",
            "",
        ]
    )
