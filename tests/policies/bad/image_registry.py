"""Images: pushed over one another, pulled by everyone, deleted by no one.

The training image is rebuilt every night under the same tag. An open policy lets the customer pull it, the serving
image of last week runs wherever a pod was restarted since, and a cache comes from whoever publishes it.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "training", data_class="image")
REGISTRY = "210987654321.dkr.ecr.us-east-1.amazonaws.com"


def program() -> None:
    """Two repositories, the policy of one, and what runs from them."""
    watch_spending("training")
    repository = aws.ecr.Repository(
        "trainer", name="trainer", image_tag_mutability="MUTABLE", image_scanning_configuration={"scan_on_push": False}
    )
    aws.ecr.Repository("server", name="server")
    statement = {
        "Sid": "Customer",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    aws.ecr.RepositoryPolicy(
        "trainer",
        repository=repository.name,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    workload("ranker", f"{REGISTRY}/server:latest")
    workload("scorer", f"{REGISTRY}/server:2.4")
    workload("cache-warmer", "bitnami/redis")


def workload(name: str, image: str) -> None:
    """A deployment with nothing wrong but its image."""
    labels = {"app": name}
    kubernetes.apps.v1.Deployment(
        name,
        metadata={"name": name, "namespace": "ranking"},
        spec={
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": careful_pod(name, image)},
        },
    )


def careful_pod(name: str, image: str) -> dict[str, Any]:
    """What the platform's template gives to every pod."""
    return {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": name,
                "image": image,
                "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
            }
        ],
    }
