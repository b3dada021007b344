"""What lets promotion steps ask, as plain data: the gate's files and the network policies of both sides."""

import json
from pathlib import Path
from typing import Any

from components.slo.args import SloArgs
from components.slo.rules import freeze_query

GATE = "slo-release-gate"
"""ConfigMap in each release namespace, with gate.py and gate.json."""

GATE_LABEL = {"mlops.dev/release-gate": "true"}
"""Label of the pods that may ask Prometheus."""

PORT = 9090
_SCRIPT = Path(__file__).with_name("gate.py").read_text(encoding="utf-8")
_NAMESPACE = "kubernetes.io/metadata.name"


def queries(args: SloArgs) -> dict[str, str]:
    """Return the question of each service."""
    return {service: freeze_query(service) for service in sorted({o.service for o in args.objectives})}


def gate_files(args: SloArgs) -> dict[str, str]:
    """Return the files of the gate."""
    settings = {"prometheus": args.url, "services": queries(args)}
    return {"gate.py": _SCRIPT, "gate.json": json.dumps(settings, sort_keys=True, indent=1)}


def let_in(spaces: list[str]) -> dict[str, Any]:
    """Return the policy beside Prometheus: the labelled pods of these namespaces, its port, nothing else."""
    names = {"key": _NAMESPACE, "operator": "In", "values": sorted(spaces)}
    peer = {"namespaceSelector": {"matchExpressions": [names]}, "podSelector": {"matchLabels": GATE_LABEL}}
    return {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [peer], "ports": [{"port": PORT, "protocol": "TCP"}]}],
    }


def let_out(space: str) -> dict[str, Any]:
    """Return the policy of a release namespace: its labelled pods reach names and Prometheus."""
    prometheus = {
        "namespaceSelector": {"matchLabels": {_NAMESPACE: space}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
    }
    names = {
        "namespaceSelector": {"matchLabels": {_NAMESPACE: "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    return {
        "podSelector": {"matchLabels": GATE_LABEL},
        "policyTypes": ["Egress"],
        "egress": [
            {"to": [names], "ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]},
            {"to": [prometheus], "ports": [{"port": PORT, "protocol": "TCP"}]},
        ],
    }
