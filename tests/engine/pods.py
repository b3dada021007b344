"""Pods of the platform, as its own workflow templates describe them, given to the real scheduler."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.engine.cloud import Cloud


def pod_of_template(cloud: Cloud) -> dict[str, Any]:
    """Return a pod made of the first template step that asks for an accelerator."""
    kinds = "workflowtemplates.argoproj.io,clusterworkflowtemplates.argoproj.io"
    for item in cloud.kubectl("get", kinds, "--all-namespaces", "-o", "json")["items"]:
        for template in item["spec"].get("templates", []):
            container = template.get("container") or {}
            limits = (container.get("resources") or {}).get("limits") or {}
            if "nvidia.com/gpu" in limits:
                return _pod(template, container, item["metadata"].get("namespace"))
    raise AssertionError("no workflow template asks for a GPU")


def _pod(template: dict[str, Any], container: dict[str, Any], namespace: str | None) -> dict[str, Any]:
    limits = {k: _number(v) for k, v in container["resources"]["limits"].items()}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace or "default"},
        "spec": {
            "nodeSelector": template.get("nodeSelector", {}),
            "tolerations": template.get("tolerations", []),
            "containers": [
                {
                    "name": "main",
                    "image": "registry.example.com/step:1.0.0",
                    "resources": {"limits": limits, "requests": limits},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "runAsNonRoot": True,
                        "capabilities": {"drop": ["ALL"]},
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                }
            ],
        },
    }


def _number(value: Any) -> str:
    """A template's parameter stands for one."""
    return "1" if "{{" in str(value) else str(value)


def placed(cloud: Cloud, pod: dict[str, Any], name: str, wait_s: float = 30.0) -> dict[str, Any]:
    """Create a pod, wait until it runs or the time is up, and return it with its node; removes it again."""
    namespace = pod["metadata"]["namespace"]
    manifest = {**pod, "metadata": {"name": name, "namespace": namespace}}
    cloud.kubectl("create", "-f", "-", stdin=json.dumps(manifest))
    deadline = time.monotonic() + wait_s
    while True:
        live: dict[str, Any] = cloud.kubectl("get", "pod", name, "--namespace", namespace, "-o", "json")
        if live["status"].get("phase") == "Running" or time.monotonic() > deadline:
            break
        time.sleep(0.25)
    node = live["spec"].get("nodeName")
    live["node"] = cloud.kubectl("get", "node", node, "-o", "json") if node else None
    cloud.kubectl("delete", "pod", name, "--namespace", namespace, "--wait=false")
    return live
