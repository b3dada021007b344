"""The pipeline that builds its own images, on the nodes' Docker socket.

An Argo workflow that was made to work one permission at a time, a nightly job that has hung before, and a loader that
runs uploads of customers beside everything else. Images are those of the public hub. The namespace was made by hand
and says nothing: no standard, no quota, no policy, and no pod says what it needs.
"""

from __future__ import annotations

from typing import Any

import pulumi_kubernetes as kubernetes

from tests.policies.bad._account import tags

ENVIRONMENT = "staging"
TAGS = tags(ENVIRONMENT, "training")
SPACE = "training"


def program() -> None:
    """Namespace, workflow, nightly job, loader."""
    kubernetes.core.v1.Namespace("training", metadata={"name": SPACE, "labels": {"mlops.dev/team": "training"}})
    workflow()
    nightly()
    loader()


def workflow() -> None:
    """Builds and trains in one privileged container, as root, with the node's network and the node's disk."""
    container: dict[str, Any] = {
        "image": "docker:20.10-dind",
        "command": ["sh", "-c", "docker build -t trainer . && docker run --gpus all trainer"],
        "securityContext": {"privileged": True, "runAsUser": 0, "capabilities": {"add": ["SYS_ADMIN"]}},
        "env": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzLrmBqTest"}],
        "volumeMounts": [{"name": "docker", "mountPath": "/var/run/docker.sock"}],
        "resources": {"limits": {"nvidia.com/gpu": 4}},
    }
    kubernetes.apiextensions.CustomResource(
        "train",
        api_version="argoproj.io/v1alpha1",
        kind="WorkflowTemplate",
        metadata={"name": "train", "namespace": SPACE},
        spec={
            "entrypoint": "train",
            "hostNetwork": True,
            "templates": [{"name": "train", "container": container}],
            "volumes": [{"name": "docker", "hostPath": {"path": "/var/run/docker.sock"}}],
        },
    )


def nightly() -> None:
    """Starts again whatever has hung, with the token of the namespace's default account."""
    kubernetes.batch.v1.CronJob(
        "nightly-features",
        metadata={"name": "nightly-features", "namespace": SPACE},
        spec={
            "schedule": "0 2 * * *",
            "jobTemplate": {
                "spec": {
                    "template": {
                        "spec": {
                            "restartPolicy": "OnFailure",
                            "hostPID": True,
                            "containers": [
                                {"name": "features", "image": "python:3.11-slim", "args": ["-m", "features"]}
                            ],
                        }
                    }
                }
            },
        },
    )


def loader() -> None:
    """Opens what customers upload; somebody has said that it is not to be trusted, and it runs like the rest."""
    labels = {"app": "loader", "mlops.dev/trust": "untrusted"}
    kubernetes.apps.v1.Deployment(
        "upload-loader",
        metadata={"name": "upload-loader", "namespace": SPACE},
        spec={
            "replicas": 1,
            "selector": {"matchLabels": {"app": "loader"}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [
                        {
                            "name": "loader",
                            "image": "210987654321.dkr.ecr.us-east-1.amazonaws.com/loader:1.8.2",
                            "ports": [{"containerPort": 8080, "hostPort": 8080}],
                        }
                    ]
                },
            },
        },
    )
