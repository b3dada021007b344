"""Helm releases: recorded as what they are, with the custom resource definitions that their charts bring.

Charts cannot be had everywhere the sandbox runs, so a release is a ConfigMap that says which chart, version and
values it is, and the definitions of the catalogue, with open schemas. Every run lists the recorded releases.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from sandbox.kubernetes import readiness
from sandbox.kubernetes.api import Api, Resource
from sandbox.provider.servicer import ProviderError
from sandbox.provider.values import Props

TOKEN = "kubernetes:helm.sh/v3:Release"
REASON = "charts are recorded with their custom resource definitions; their workloads do not run here"
OWNER_LABEL = "sandbox.mlops.dev/release"

_CONFIG_MAP = Resource("v1", "ConfigMap", "configmaps", True)
_DEFINITION = Resource("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", False)


def create(api: Api, inputs: Props) -> str:
    """Record a release and bring its definitions; return its id. Can be repeated, and serves as the update too."""
    namespace, name = inputs.get("namespace") or "default", inputs["name"]
    record = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": _record_name(name), "namespace": namespace, "labels": {OWNER_LABEL: name}},
        "data": {
            "chart": str(inputs.get("chart")),
            "version": str(inputs.get("version")),
            "valuesSha256": hashlib.sha256(json.dumps(inputs.get("values") or {}, sort_keys=True).encode()).hexdigest(),
        },
    }
    api.apply(_CONFIG_MAP, record)
    for definition in definitions(inputs):
        api.apply(_DEFINITION, definition)
    _wait_established(api, [d["metadata"]["name"] for d in definitions(inputs)])
    return identifier(inputs)


def identifier(inputs: Props) -> str:
    """Id of a release: `namespace/name`."""
    return f"{inputs.get('namespace') or 'default'}/{inputs['name']}"


def read(api: Api, resource_id: str) -> Props | None:
    """Return what is recorded of a release, or None."""
    namespace, _, name = resource_id.partition("/")
    live = api.get(_CONFIG_MAP, namespace, _record_name(name))
    if live is None:
        return None
    return {"namespace": namespace, "name": name, "chart": live["data"]["chart"], "version": live["data"]["version"]}


def delete(api: Api, resource_id: str, state: Props) -> None:
    """Remove a release and the definitions that it brought, with every object of their kinds."""
    namespace, _, name = resource_id.partition("/")
    for definition in definitions(state):
        api.delete(_DEFINITION, None, definition["metadata"]["name"])
    api.delete(_CONFIG_MAP, namespace, _record_name(name))


def _record_name(name: str) -> str:
    return f"release-{name}"


def definitions(inputs: Props) -> list[dict[str, Any]]:
    """Return the custom resource definitions that a release's chart brings, with open schemas."""
    # Read when the first release comes: most runs have none to change, and the catalogue's models take a while.
    from components._core import catalogue

    chart = str(inputs.get("chart") or "").rstrip("/").rsplit("/", 1)[-1]
    # The release name is the catalogue's key; a chart from elsewhere is found by its own name.
    pins = catalogue.load_catalogue().charts
    pin = pins.get(str(inputs["name"])) or next((c for c in pins.values() if c.name == chart), None)
    return [_definition(crd, str(inputs["name"])) for crd in pin.crds] if pin else []


def _definition(crd: Any, release: str) -> dict[str, Any]:
    open_schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{crd.plural}.{crd.group}", "labels": {OWNER_LABEL: release}},
        "spec": {
            "group": crd.group,
            "names": {"kind": crd.kind, "plural": crd.plural, "singular": crd.kind.lower()},
            "scope": crd.scope,
            "versions": [
                {"name": v, "served": True, "storage": v == crd.storage, "schema": open_schema} for v in crd.versions
            ],
        },
    }


def _wait_established(api: Api, names: list[str]) -> None:
    deadline = time.monotonic() + 30
    waiting = list(names)
    while waiting:
        live = api.get(_DEFINITION, None, waiting[0])
        if live is not None and readiness.waiting_for(live) is None:
            waiting.pop(0)
        elif time.monotonic() > deadline:
            raise ProviderError(f"{waiting[0]} is not established after 30 s")
        else:
            time.sleep(0.05)
