"""Pods of the platform, as its own workflow templates describe them, given to the real scheduler."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from tests.engine.cloud import Cloud


def pod_of_template(cloud: Cloud) -> dict[str, Any]:
    """Return a pod as Argo would make it of the first workflow template that asks for a GPU, with its defaults."""
    kind = "clusterworkflowtemplates.argoproj.io"
    for item in cloud.kubectl("get", kind, "-o", "json")["items"]:
        for template in item["spec"]["templates"]:
            if "nvidia.com/gpu" in template.get("podSpecPatch", ""):
                return _pod(template, _team_namespace(cloud))
    raise AssertionError("no workflow template asks for a GPU")


def _team_namespace(cloud: Cloud) -> str:
    names: list[str] = [n["metadata"]["name"] for n in cloud.kubectl("get", "namespaces", "-o", "json")["items"]]
    return next(n for n in names if n.startswith("team-"))


def _pod(template: dict[str, Any], namespace: str) -> dict[str, Any]:
    defaults = {p["name"]: p.get("default", "") for p in template["inputs"]["parameters"]}
    filled = re.sub(
        r"\{\{inputs\.parameters\.([\w-]+)\}\}", lambda m: str(defaults[m.group(1)]), template["podSpecPatch"]
    )
    patch = json.loads(filled)
    main = {
        **patch["containers"][0],
        "image": "registry.example.com/step:1.0.0",
        "volumeMounts": template["container"]["volumeMounts"],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace},
        "spec": {
            "restartPolicy": "Never",
            "priorityClassName": template["priorityClassName"],
            "nodeSelector": template["nodeSelector"],
            "tolerations": template["tolerations"],
            "volumes": patch["volumes"],
            "containers": [main],
        },
    }


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
