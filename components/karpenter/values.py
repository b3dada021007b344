"""Values of the karpenter chart."""

from typing import Any

import pulumi

from components.karpenter.args import KarpenterArgs, KarpenterFeature

NAMESPACE = "kube-system"
"""Upstream's choice: pods here have the API server's own flow schema for leader election."""

SERVICE_ACCOUNT = "karpenter"


def controller_values(args: KarpenterArgs, queue_name: pulumi.Input[str]) -> dict[str, Any]:
    """Return the values of the karpenter chart.

    The chart's own affinity keeps the controller off the nodes that it makes.
    """
    wanted = args.features or []
    gates = {feature.value: feature in wanted for feature in KarpenterFeature}
    return {
        "replicas": 2 if args.replicas is None else args.replicas,
        "serviceAccount": {"name": SERVICE_ACCOUNT},
        "serviceMonitor": {"enabled": bool(args.service_monitor)},
        "settings": {
            "clusterName": args.cluster_name,
            "clusterEndpoint": args.cluster_endpoint,
            "interruptionQueue": queue_name,
            "isolatedVPC": bool(args.isolated),
            "featureGates": {"reservedCapacity": True, **gates},
        },
        "controller": {
            # Instance metadata is out of reach of pods, so the region is told.
            "env": [{"name": "AWS_REGION", "value": args.region}],
            # Equal, as Karpenter recommends: a burst of pending pods must not starve it.
            "resources": {
                "requests": {"cpu": "1", "memory": "1Gi"},
                "limits": {"cpu": "1", "memory": "1Gi"},
            },
        },
    }
