"""What surrounds the chart, as plain data: topic, roles, Grafana's password, network policies, the GPU scrape."""

import re
from typing import Any

import pulumi

from components._core.policy_documents import document, statement
from components.monitoring.values import GRAFANA_SECRET

GENERATORS = "generators.external-secrets.io/v1alpha1"


def topic_policy(topic_arn: pulumi.Input[str], account_id: pulumi.Input[str]) -> dict[str, Any]:
    """Return the topic's policy: alarms of this account publish, nobody without TLS; roles need their own right."""
    return document(
        statement(
            "Alarms",
            ["sns:Publish"],
            topic_arn,
            principals={"Service": "cloudwatch.amazonaws.com"},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        ),
        statement(
            "TlsOnly",
            ["sns:Publish"],
            topic_arn,
            effect="Deny",
            principals={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    )


def publish_policy(topic_arn: pulumi.Input[str], key_arn: pulumi.Input[str], region: str) -> dict[str, Any]:
    """Return what Alertmanager may do: publish to the topic, and use its key through SNS only."""
    via_sns = {"StringEquals": {"kms:ViaService": f"sns.{region}.amazonaws.com"}}
    return document(
        statement("Publish", ["sns:Publish"], topic_arn),
        statement("Key", ["kms:Decrypt", "kms:GenerateDataKey"], key_arn, conditions=via_sns),
    )


def slug(address: str) -> str:
    """Return a mail address as part of a logical name."""
    return re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")


def password() -> dict[str, Any]:
    """Return the spec of a generator: 40 letters and digits, about 230 bits."""
    return {"length": 40, "digits": 10, "symbols": 0, "noUpper": False, "allowRepeat": True}


def admin_secret() -> dict[str, Any]:
    """Return the spec that makes user and password of Grafana's administrator, once."""
    reference = {"apiVersion": GENERATORS, "kind": "Password", "name": GRAFANA_SECRET}
    return {
        "refreshPolicy": "CreatedOnce",
        "target": {
            "name": GRAFANA_SECRET,
            "template": {
                "engineVersion": "v2",
                "data": {"username": "admin", "password": "{{ .password }}"},
            },
        },
        "dataFrom": [{"sourceRef": {"generatorRef": reference}}],
    }


def policies() -> dict[str, dict[str, Any]]:
    """Return the network policies: nothing in but among each other, and the API server to the operator's webhook.

    Nothing is said of the way out: Prometheus scrapes whatever a monitor names.
    """
    operator = {"app": "kube-prometheus-stack-operator"}
    return {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress"]},
        "among-monitoring": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {}}]}],
        },
        # The API server has no pod that a selector could name.
        "operator-webhook": {
            "podSelector": {"matchLabels": operator},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": [{"port": 10250, "protocol": "TCP"}]}],
        },
    }


def gpu_monitor(namespace: str) -> dict[str, Any]:
    """Return the spec that scrapes the GPU operator's exporter and gives each series the pool of its node.

    Labels of the workload win over those of the exporter's pod (honorLabels), as the rules are about
    workloads. Service and port: assets/state-dcgm-exporter/0600_service.yaml of NVIDIA/gpu-operator, read
    2026-11-23.
    """
    # The last label that a node has wins: EKS's group, Karpenter's pool, then this library's own.
    sources = ("eks_amazonaws_com_nodegroup", "karpenter_sh_nodepool", "mlops_dev_pool")
    relabelings: list[dict[str, Any]] = [{"targetLabel": "pool", "replacement": "none"}]
    for source in sources:
        relabelings.append(
            {
                "sourceLabels": [f"__meta_kubernetes_node_label_{source}"],
                "regex": "(.+)",
                "targetLabel": "pool",
                "action": "replace",
            }
        )
    return {
        "namespaceSelector": {"matchNames": [namespace]},
        "selector": {"matchLabels": {"app": "nvidia-dcgm-exporter"}},
        "jobLabel": "app",
        "attachMetadata": {"node": True},
        "endpoints": [
            {
                "port": "gpu-metrics",
                "path": "/metrics",
                "interval": "15s",
                "honorLabels": True,
                "relabelings": relabelings,
            }
        ],
    }
