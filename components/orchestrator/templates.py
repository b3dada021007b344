"""Workflow templates of GPU pools and the classes of priority, as plain data.

A pool's template runs one container on the pool's nodes. When its node goes away (a spot interruption, a
replacement) it starts again on another, with the same checkpoint address: a program that saves there, and
looks there first, loses only the time since its last save.
"""

import json
from typing import Any

from components.orchestrator.values import POD_SECURITY, RESTRICTED

ENTRY = "train"
"""Name of the template inside each ClusterWorkflowTemplate."""

TRAINING = "mlops-training"

# Values of users end at 1 000 000 000; the classes of Kubernetes itself are above.
PRIORITIES: dict[str, tuple[int, str, str]] = {
    "mlops-system": (1_000_000, "PreemptLowerPriority", "services that the platform cannot be without"),
    "mlops-inference": (100_000, "PreemptLowerPriority", "models that answer users"),
    TRAINING: (1_000, "Never", "training and pipelines: wait for room, displace nobody"),
}
"""Classes of priority by name: value, whether they displace, what they are for."""

# Fields: docs/retries.md of argoproj/argo-workflows, read 2026-11-23. A drained node ends the container by
# SIGTERM (143) or, past its grace, SIGKILL (137); one that vanished ends the step with Error. SIGKILL for
# want of memory has the same code and would only come again.
LOST_NODE = (
    'lastRetry.status == "Error" or (asInt(lastRetry.exitCode) in [137, 143]'
    ' and not (lastRetry.message contains "OOMKilled"))'
)

_PARAMETERS = (
    ("image", "", "image of the program"),
    ("command", "", "shell command that runs it; it finds its checkpoints at $CHECKPOINT_URI"),
    ("gpus", "1", "accelerators of the pool's resource"),
    ("cpu", "4", "CPUs that it asks for"),
    ("memory", "16Gi", "memory that it asks for and is held to"),
    ("shared-memory", "8Gi", "size of /dev/shm, part of the memory"),
    ("scratch", "100Gi", "size of /scratch on the node's disk"),
    ("run", "{{workflow.name}}", "name of the run; give an earlier one to go on from its checkpoints"),
)


def gpu_template(pool: str, place: dict[str, Any], checkpoints: str, retries: int) -> dict[str, Any]:
    """Return the spec of a pool's ClusterWorkflowTemplate.

    `place` has the pool's `resource`, `selector` and `tolerations`; `checkpoints` is the address of the
    prefix in which each namespace has its own part.
    """
    return {
        "entrypoint": ENTRY,
        "arguments": {
            "parameters": [
                {"name": name, "description": text, **({"value": value} if value else {})}
                for name, value, text in _PARAMETERS
            ]
        },
        "templates": [
            {
                "name": ENTRY,
                "inputs": {"parameters": [_input(name, value) for name, value, _ in _PARAMETERS]},
                "metadata": {"labels": {"mlops.dev/pool": pool}},
                "nodeSelector": place["selector"],
                "tolerations": place["tolerations"],
                "priorityClassName": TRAINING,
                "retryStrategy": retry(retries),
                "podSpecPatch": patch(place["resource"]),
                # Argo replaces the controller's default by this one, whole; it says the same.
                "securityContext": POD_SECURITY,
                "volumes": [{"name": "scratch", "emptyDir": {}}, {"name": "shared-memory", "emptyDir": {}}],
                "container": _container(checkpoints),
            }
        ],
    }


def retry(times: int) -> dict[str, Any]:
    """Return a strategy that starts again after a lost node, elsewhere, and lets every other failure stand."""
    return {
        "limit": str(times),
        "retryPolicy": "Always",
        "expression": LOST_NODE,
        "backoff": {"duration": "30s", "factor": "2", "cap": "10m"},
        "affinity": {"nodeAntiAffinity": {}},
    }


def patch(resource: str) -> str:
    """Return what parameters set in the pod: Argo parses the quantities of a container before it fills them in."""
    amounts = {"memory": "{{inputs.parameters.memory}}", resource: "{{inputs.parameters.gpus}}"}
    main = {
        "name": "main",
        "resources": {"requests": {"cpu": "{{inputs.parameters.cpu}}", **amounts}, "limits": amounts},
    }
    volumes = [
        {"name": "scratch", "emptyDir": {"sizeLimit": "{{inputs.parameters.scratch}}"}},
        {
            "name": "shared-memory",
            "emptyDir": {"medium": "Memory", "sizeLimit": "{{inputs.parameters.shared-memory}}"},
        },
    ]
    return json.dumps({"containers": [main], "volumes": volumes}, sort_keys=True)


def _input(name: str, value: str) -> dict[str, str]:
    return {"name": name, "default": value} if value else {"name": name}


def _container(checkpoints: str) -> dict[str, Any]:
    return {
        "name": "main",
        "image": "{{inputs.parameters.image}}",
        # The root file system stays writable: what training programs write where is not ours to know.
        "securityContext": RESTRICTED,
        "command": ["/bin/sh", "-c"],
        "args": ["{{inputs.parameters.command}}"],
        "env": [
            {
                "name": "CHECKPOINT_URI",
                "value": f"{checkpoints}/{{{{workflow.namespace}}}}/checkpoints/{{{{inputs.parameters.run}}}}",
            },
            {"name": "ATTEMPT", "value": "{{retries}}"},
        ],
        "volumeMounts": [
            {"name": "scratch", "mountPath": "/scratch"},
            {"name": "shared-memory", "mountPath": "/dev/shm"},
        ],
    }
