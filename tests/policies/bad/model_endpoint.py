"""The model that marketing wanted on the website.

The newest weights of a hub, with the code that came with them, behind an internet-facing load balancer without a login.
Whatever visitors type goes to an analytics vendor in the clear. There are GPU servers for each of four markets; the
namespace makes their containers harmless, and asks neither what they need nor who talks to them.
"""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "web")
SPACE = "chat"


def program() -> None:
    """Namespace, models, servers and their doors."""
    watch_spending("web")
    kubernetes.core.v1.Namespace(
        "chat",
        metadata={
            "name": SPACE,
            "labels": {"mlops.dev/purpose": "serving", "pod-security.kubernetes.io/enforce": "restricted"},
        },
    )
    kserve()
    for market in ("de", "es", "fr", "it"):
        server(market)
    ingress()
    load_balancer()


def kserve() -> None:
    """A classifier from a pickle, and a language model that brings its own code."""
    kubernetes.apiextensions.CustomResource(
        "intent",
        api_version="serving.kserve.io/v1beta1",
        kind="InferenceService",
        metadata={"name": "intent", "namespace": SPACE},
        spec={
            "predictor": {
                "minReplicas": 1,
                "logger": {"mode": "all", "url": "http://collect.vendor.example/acme"},
                "model": {
                    "modelFormat": {"name": "sklearn"},
                    "storageUri": "s3://acme-models/intent/latest/model.pkl",
                },
            }
        },
    )


def server(market: str) -> None:
    """vLLM, as its documentation starts it, with a load balancer for each market."""
    labels = {"app": f"chat-{market}"}
    image = "vllm/vllm-openai:latest"
    container: dict[str, Any] = {
        "name": "server",
        "image": image,
        "args": ["--model", "acme-labs/chat-7b", "--trust-remote-code"],
        "ports": [{"containerPort": 8000}],
        "resources": {"limits": {"nvidia.com/gpu": 1}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    kubernetes.apps.v1.Deployment(
        f"chat-{market}",
        metadata={"name": f"chat-{market}", "namespace": SPACE},
        spec={
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"automountServiceAccountToken": False, "containers": [container]},
            },
        },
    )
    kubernetes.core.v1.Service(
        f"chat-{market}",
        metadata={
            "name": f"chat-{market}",
            "namespace": SPACE,
            "annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"},
        },
        spec={"type": "LoadBalancer", "selector": labels, "ports": [{"port": 80, "targetPort": 8000}]},
    )


def ingress() -> None:
    """For the website itself."""
    kubernetes.networking.v1.Ingress(
        "intent",
        metadata={
            "name": "intent",
            "namespace": SPACE,
            "annotations": {"alb.ingress.kubernetes.io/scheme": "internet-facing"},
        },
        spec={
            "ingressClassName": "alb",
            "defaultBackend": {"service": {"name": "intent-predictor", "port": {"number": 80}}},
        },
    )


def load_balancer() -> None:
    """An older one beside it, made by hand, that speaks plain HTTP and an old TLS."""
    balancer = aws.lb.LoadBalancer(
        "website",
        load_balancer_type="application",
        internal=False,
        subnets=["subnet-0aa1bb2cc3dd4ee5f", "subnet-0ff5ee4dd3cc2bb1a"],
        security_groups=["sg-0123456789abcdef0"],
    )
    group = aws.lb.TargetGroup("website", port=8000, protocol="HTTP", target_type="ip", vpc_id="vpc-0123456789abcdef0")
    forward = [{"type": "forward", "target_group_arn": group.arn}]
    aws.lb.Listener("website-http", load_balancer_arn=balancer.arn, port=80, protocol="HTTP", default_actions=forward)
    aws.lb.Listener(
        "website-https",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        certificate_arn="arn:aws:acm:us-east-1:210987654321:certificate/1a2b3c4d-1111-2222-3333-444455556666",
        ssl_policy="ELBSecurityPolicy-TLS-1-0-2015-04",
        default_actions=forward,
    )
