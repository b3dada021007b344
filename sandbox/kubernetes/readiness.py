"""When an object counts as ready: what the engine waits for after a creation or an update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Live = Mapping[str, Any]
SKIP_AWAIT = "pulumi.com/skipAwait"


def waiting_for(live: Live) -> str | None:
    """Return what an object still waits for, in words; None when it is ready or needs no wait."""
    if live["metadata"].get("annotations", {}).get(SKIP_AWAIT) == "true":
        return None
    check = _CHECKS.get(live["kind"])
    # A definition has `conditions: null` right after its creation.
    status = {k: v for k, v in (live.get("status") or {}).items() if v is not None}
    return check(live.get("spec") or {}, status, live["metadata"]) if check else None


def _deployment(spec: Live, status: Live, metadata: Live) -> str | None:
    wanted = spec.get("replicas", 1)
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        return "the controller to see it"
    available = min(status.get("updatedReplicas", 0), status.get("availableReplicas", 0))
    if available < wanted:
        reasons = [
            c["message"] for c in status.get("conditions", []) if c.get("status") == "False" and c.get("message")
        ]
        return f"{available} of {wanted} replicas are available" + "".join(f"; {r}" for r in reasons)
    return None


def _stateful_set(spec: Live, status: Live, metadata: Live) -> str | None:
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        return "the controller to see it"
    ready, wanted = status.get("readyReplicas", 0), spec.get("replicas", 1)
    return None if ready >= wanted else f"{ready} of {wanted} replicas are ready"


def _daemon_set(spec: Live, status: Live, metadata: Live) -> str | None:
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        return "the controller to see it"
    ready, wanted = status.get("numberReady", 0), status.get("desiredNumberScheduled", 0)
    return None if ready >= wanted else f"{ready} of {wanted} pods are ready"


def _job(spec: Live, status: Live, metadata: Live) -> str | None:
    holding = {c["type"]: c.get("message", "") for c in status.get("conditions", []) if c["status"] == "True"}
    if "Complete" in holding or spec.get("suspend"):
        return None
    return f"the job to complete; it failed: {holding['Failed']}" if "Failed" in holding else "the job to complete"


def _definition(spec: Live, status: Live, metadata: Live) -> str | None:
    established = any(c["type"] == "Established" and c["status"] == "True" for c in status.get("conditions", []))
    return None if established else "the definition to be established"


def _namespace(spec: Live, status: Live, metadata: Live) -> str | None:
    return None if status.get("phase") == "Active" else f"the namespace to be active; it is {status.get('phase')}"


_CHECKS: dict[str, Callable[[Live, Live, Live], str | None]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CustomResourceDefinition": _definition,
    "Namespace": _namespace,
}
