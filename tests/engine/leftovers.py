"""What of a program is still in a sandbox's cluster."""

from __future__ import annotations

from tests.engine.cloud import Cloud

_OWN_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_BOOTSTRAP = {"system-node-critical", "system-cluster-critical"}


def cluster_objects(cloud: Cloud) -> dict[str, list[str]]:
    """Names by kind of everything in the cluster that the control plane itself did not make."""
    found: dict[str, list[str]] = {}
    kinds = "namespaces,nodes,customresourcedefinitions,storageclasses,priorityclasses,persistentvolumes"
    for item in cloud.kubectl("get", kinds, "-o", "json")["items"]:
        name = item["metadata"]["name"]
        if name not in _OWN_NAMESPACES and name not in _BOOTSTRAP:
            found.setdefault(item["kind"], []).append(name)
    inside = "pods,deployments,statefulsets,daemonsets,jobs,secrets,services,configmaps,serviceaccounts,roles"
    for item in cloud.kubectl("get", inside, "--all-namespaces", "-o", "json")["items"]:
        name = item["metadata"]["name"]
        if name not in ("kubernetes", "kube-root-ca.crt", "default") and not _of_control_plane(item):
            found.setdefault(item["kind"], []).append(f"{item['metadata']['namespace']}/{name}")
    return found


def _of_control_plane(item: dict[str, dict[str, str]]) -> bool:
    namespace, name = item["metadata"]["namespace"], item["metadata"]["name"]
    return namespace in _OWN_NAMESPACES and (
        name.startswith(("system:", "extension-apiserver", "kube-apiserver"))
        or item["kind"] in ("ServiceAccount", "Role")  # type: ignore[comparison-overlap]
    )
