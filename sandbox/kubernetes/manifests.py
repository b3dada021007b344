"""Inputs, manifests and what of a live object belongs to a program."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sandbox.provider.values import Props

# Changing these is refused by the API server; the object must be replaced.
# kubernetes.io/docs/reference, "immutable" fields of each kind, read 2026-11-23.
_IMMUTABLE: dict[str, tuple[str, ...]] = {
    "Deployment": ("spec.selector",),
    "DaemonSet": ("spec.selector",),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"),
    "Job": ("spec.template", "spec.selector", "spec.completions", "spec.completionMode"),
    "Service": ("spec.clusterIP",),
    "PersistentVolumeClaim": ("spec.storageClassName", "spec.accessModes", "spec.volumeName", "spec.selector"),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
    "PriorityClass": ("value", "globalDefault", "preemptionPolicy"),
    "Secret": ("type",),
}
_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")


def replaces(kind: str, path: str) -> bool:
    """Whether a change of this path replaces an object of this kind."""
    prefixes = (*_IDENTITY, *_IMMUTABLE.get(kind, ()))
    return any(path == p or path.startswith((f"{p}.", f"{p}[")) for p in prefixes)


def named(urn: str, inputs: Props, old: Props) -> Props:
    """Return inputs with a name: the program's, the one it had, or the logical name and a hash of the URN."""
    metadata = dict(inputs.get("metadata") or {})
    if metadata.get("name") is None and metadata.get("generateName") is None:
        known = (old.get("metadata") or {}).get("name")
        digest = hashlib.sha256(urn.encode()).hexdigest()[:8]
        metadata["name"] = known or f"{urn.rsplit('::', 1)[-1]}-{digest}"
    return {**inputs, "metadata": metadata}


def manifest(inputs: Props) -> Props:
    """Return what is sent to the API server."""
    return {k: v for k, v in inputs.items() if v is not None and not k.startswith("__")}


def identity(inputs: Props) -> Props:
    """Return what of inputs tells which object or release they are, and nothing that may be secret."""
    named = {k: inputs[k] for k in ("apiVersion", "kind", "chart", "name", "namespace") if inputs.get(k) is not None}
    metadata = inputs.get("metadata") or {}
    told = {k: metadata[k] for k in ("name", "namespace") if metadata.get(k) is not None}
    return {**named, "metadata": told}


def identifier(namespace: str | None, name: str) -> str:
    """Id of an object: `namespace/name`, or the name of a cluster-scoped one."""
    return f"{namespace}/{name}" if namespace else name


def split(resource_id: str) -> tuple[str | None, str]:
    """Namespace and name of an id."""
    namespace, _, name = resource_id.rpartition("/")
    return (namespace or None), name


def outputs(live: Mapping[str, Any], inputs: Props) -> Props:
    """Return the part of a live object that the program wrote, with its uid: what it says must not move by itself."""
    result: Props = project(live, manifest(inputs))
    metadata = live["metadata"]
    result["metadata"] = {**result.get("metadata", {}), "uid": metadata["uid"], "name": metadata["name"]}
    if metadata.get("namespace"):
        result["metadata"]["namespace"] = metadata["namespace"]
    if live["kind"] == "Service":
        result.setdefault("spec", {})["clusterIP"] = live["spec"].get("clusterIP")
    return result


def project(live: Any, shape: Any) -> Any:
    """Return of a live value what a shape names; a list is compared whole when its length moved."""
    if isinstance(shape, Mapping) and isinstance(live, Mapping):
        return {k: project(live[k], v) for k, v in shape.items() if k in live}
    if isinstance(shape, list) and isinstance(live, list) and len(shape) == len(live):
        return [project(item, pattern) for item, pattern in zip(live, shape, strict=True)]
    return live
