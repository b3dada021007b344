"""The NodePool of a pool: which nodes Karpenter may make, how many, and when it gives them up. Pure."""

import math
from typing import Any

from components._core.kubernetes import requirement
from components.gpu_node_pool import marks
from components.gpu_node_pool.args import GpuNodePoolArgs
from components.gpu_node_pool.choices import CapacityType, Consolidation, DisruptionBudgetArgs
from components.gpu_node_pool.node_class import KIND as NODE_CLASS_KIND

API_VERSION = "karpenter.sh/v1"
KIND = "NodePool"
DEFAULT_GRACE = "1h"
"""Longest time that pods may take to leave a node, without which one pod could hold a destroy up for ever."""


def spec(args: GpuNodePoolArgs, node_class: Any) -> dict[str, Any]:
    """Return the spec; `node_class` is the name of the EC2NodeClass."""
    budgets = args.budgets if args.budgets is not None else [DisruptionBudgetArgs(nodes="10%")]
    return {
        "template": {
            "metadata": {"labels": marks.node_labels(args)},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": NODE_CLASS_KIND, "name": node_class},
                "requirements": requirements(args),
                "taints": marks.taint_objects(args),
                "expireAfter": args.expire_after or "720h",
                "terminationGracePeriod": args.termination_grace_period or DEFAULT_GRACE,
            },
        },
        "disruption": {
            "consolidationPolicy": (args.consolidation or Consolidation.WHEN_EMPTY).value,
            "consolidateAfter": args.consolidate_after or "5m",
            "budgets": [_budget(b) for b in budgets],
        },
        "limits": limits(args),
    }


def requirements(args: GpuNodePoolArgs) -> list[dict[str, Any]]:
    """Return what nodes must be; Karpenter tries reserved, then spot, then on-demand."""
    result = [
        requirement("node.kubernetes.io/instance-type", args.instance_types),
        requirement("karpenter.sh/capacity-type", [c.sold_as for c in args.capacity]),
        requirement("kubernetes.io/arch", [args.types[0].architecture]),
        requirement("kubernetes.io/os", ["linux"]),
    ]
    if args.zones:
        named = args.zones[0].startswith(args.region)
        key = "topology.kubernetes.io/zone" if named else "topology.k8s.aws/zone-id"
        result.append(requirement(key, args.zones))
    if args.held.capacity_block and args.capacity == [CapacityType.RESERVED]:
        # Only reserved nodes have this label, so with other capacity beside it they alone would be allowed.
        result.append(requirement("karpenter.k8s.aws/capacity-reservation-type", ["capacity-block"]))
    return result


def limits(args: GpuNodePoolArgs) -> dict[str, str]:
    """Return the pool's limits. By default vCPUs and memory never bind before the accelerators do.

    Karpenter counts what nodes offer: a shared GPU counts once for each pod that it serves, and only once the device
    plugin has said so. So a pool of shared GPUs is also limited by nodes, which count from the start.
    """
    types, most = args.types, args.gpu_limit
    cpu = max(math.ceil(most / t.accelerator_count * t.vcpu) for t in types)
    memory = max(math.ceil(most / t.accelerator_count * t.memory_mib / 1024) for t in types)
    result = {
        "cpu": str(args.cpu_limit or cpu),
        "memory": f"{args.memory_limit_gib or memory}Gi",
        types[0].accelerator_resource or "": str(most * args.share),
    }
    if args.share > 1:
        result["nodes"] = str(most // types[0].accelerator_count)
    return result


def grace_minutes(duration: str) -> int:
    """Return a duration such as 1h30m in minutes, rounded up."""
    seconds, number = 0, ""
    for char in duration:
        if char.isdigit():
            number += char
        else:
            seconds += int(number) * {"h": 3600, "m": 60, "s": 1}[char]
            number = ""
    return math.ceil(seconds / 60)


def _budget(budget: DisruptionBudgetArgs) -> dict[str, str]:
    found = {"nodes": budget.nodes, "schedule": budget.schedule, "duration": budget.duration}
    return {key: value for key, value in found.items() if value is not None}
