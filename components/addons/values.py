"""Values of the add-ons' charts. Pure."""

from collections.abc import Sequence
from typing import Any

AGENT_TOLERATIONS: list[dict[str, Any]] = [{"operator": "Exists"}]
"""What lets agents onto accelerated nodes, whatever taints their pool has: without its agents a node offers nothing.

Selectors, not taints, keep them off other nodes.
"""

EFA_REGISTRY = "602401143452.dkr.ecr.{region}.amazonaws.com/eks/aws-efa-k8s-device-plugin"
"""EKS's registry of the three regions that this library knows (EKS user guide, add-on images, read 2026-11-23).

The chart's own default is us-west-2, which nodes elsewhere may have no way to.
"""

SYSTEM_TOLERATIONS: list[dict[str, Any]] = [{"key": "CriticalAddonsOnly", "operator": "Exists"}]
"""What lets controllers onto the system nodes."""

DEVICE_PLUGIN_CONFIG = "device-plugin-config"
"""ConfigMap of the device plugin's named configurations, made by the chart."""

DEFAULT_DEVICE_PLUGIN_CONFIG = "exclusive"
"""Configuration of nodes that name none: one pod for each GPU."""

EXTERNAL_SECRETS_ACCOUNT = "external-secrets"


_ESO_WEBHOOK_PORT = 10250
_ESO_METRICS_PORT = 8080


def secret_policies() -> dict[str, dict[str, Any]]:
    """Return the network policies of external-secrets: nothing in but the API server to its webhook, and scrapes.

    Ports are the chart's defaults (values.yaml of external-secrets, webhook.port and metrics.listen.port).
    Nothing is said of the way out: it goes to the API server and to AWS, which have no fixed addresses.
    """
    return {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress"]},
        # The API server has no pod that a selector could name.
        "webhook": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [
                {"ports": [{"port": _ESO_WEBHOOK_PORT, "protocol": "TCP"}]},
                {
                    "from": [{"namespaceSelector": {}}],
                    "ports": [{"port": _ESO_METRICS_PORT, "protocol": "TCP"}],
                },
            ],
        },
    }


def gpu_operator(mig_strategy: str, time_slicing: Sequence[int]) -> dict[str, Any]:
    """Return the values of gpu-operator: driver and toolkit belong to the EKS image, so neither is installed."""
    return {
        "driver": {"enabled": False},
        "toolkit": {"enabled": False},
        # Confidential computing needs a host that EKS does not give.
        "ccManager": {"enabled": False},
        "mig": {"strategy": mig_strategy},
        "migManager": {"enabled": True, "env": [{"name": "WITH_REBOOT", "value": "true"}]},
        "devicePlugin": {
            "config": {
                "create": True,
                "name": DEVICE_PLUGIN_CONFIG,
                "default": DEFAULT_DEVICE_PLUGIN_CONFIG,
                "data": device_plugin_configs(time_slicing),
            }
        },
        # Monitoring has a monitor of its own, which gives each series its pool.
        "dcgmExporter": {"enabled": True, "serviceMonitor": {"enabled": False}},
        "daemonsets": {"tolerations": AGENT_TOLERATIONS},
        "operator": {"tolerations": SYSTEM_TOLERATIONS},
        "node-feature-discovery": {"worker": {"tolerations": AGENT_TOLERATIONS}},
    }


def device_plugin_configs(time_slicing: Sequence[int]) -> dict[str, str]:
    """Return the device plugin's configurations by name; a node chooses by the label nvidia.com/device-plugin.config.

    The file format is that of NVIDIA's k8s-device-plugin, `version: v1`. A pod that asks for two shares of one GPU
    gets no more of it, so such requests are refused.
    """
    plain = "version: v1\nflags:\n  failOnInitError: true\n"
    configs = {DEFAULT_DEVICE_PLUGIN_CONFIG: plain}
    for replicas in sorted(set(time_slicing)):
        configs[f"time-slicing-{replicas}"] = (
            f"{plain}sharing:\n  timeSlicing:\n    failRequestsGreaterThanOne: true\n    resources:\n"
            f"      - name: nvidia.com/gpu\n        replicas: {replicas}\n"
        )
    return configs


def external_secrets() -> dict[str, Any]:
    """Return the values of external-secrets: two of each, spread, restricted, its definitions with the release."""
    return {
        "installCRDs": True,
        "replicaCount": 2,
        "leaderElect": True,
        "serviceAccount": {"create": True, "name": EXTERNAL_SECRETS_ACCOUNT},
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
        "tolerations": SYSTEM_TOLERATIONS,
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "webhook": {"replicaCount": 2, "tolerations": SYSTEM_TOLERATIONS},
        "certController": {"tolerations": SYSTEM_TOLERATIONS},
    }


def efa(instance_types: Sequence[str], region: str) -> dict[str, Any]:
    """Return the values of the EFA device plugin; its own list of instance types ends where its release did."""
    return {
        "image": {"repository": EFA_REGISTRY.format(region=region)},
        "supportedInstanceLabels": {
            "keys": ["node.kubernetes.io/instance-type"],
            "values": sorted(set(instance_types)),
        },
        "tolerations": AGENT_TOLERATIONS,
    }


def neuron(instance_types: Sequence[str]) -> dict[str, Any]:
    """Return the values of the Neuron chart: the device plugin, on our types; recovery of nodes is Karpenter's."""
    return {
        "neuronInstances": sorted(set(instance_types)),
        "devicePlugin": {"enabled": True, "tolerations": AGENT_TOLERATIONS},
        "npd": {"enabled": False},
        "scheduler": {"enabled": False},
    }
