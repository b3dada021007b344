"""How nodes of a pool are marked, and what pods need to land on them. Pure."""

from typing import Any

from components._core import conventions
from components.gpu_node_pool import sharing
from components.gpu_node_pool.args import GpuNodePoolArgs
from components.gpu_node_pool.choices import TaintArgs

POOL_LABEL = f"{conventions.LABEL_PREFIX}/pool"
"""Label that names a node's pool."""


def selector(args: GpuNodePoolArgs) -> dict[str, str]:
    """Return the labels that select the nodes of this pool and no others."""
    return {POOL_LABEL: args.pool_name}


def node_labels(args: GpuNodePoolArgs) -> dict[str, str]:
    """Return all labels of the nodes: pool, teams, GPU sharing, the user's own."""
    teams = {f"{conventions.LABEL_PREFIX}/team-{team}": "true" for team in args.teams or []}
    shared = sharing.labels(args.image, args.mig, args.time_slicing_replicas)
    return {**(args.labels or {}), **teams, **(shared if args.types[0].is_gpu else {}), **selector(args)}


def node_taints(args: GpuNodePoolArgs) -> list[TaintArgs]:
    """Return all taints: that of the accelerator, which keeps other pods away, and the user's own."""
    return [TaintArgs(key=args.types[0].accelerator_resource or "", value="true"), *(args.taints or [])]


def tolerations(args: GpuNodePoolArgs) -> list[dict[str, str]]:
    """Return what pods must tolerate to land here."""
    result = []
    for taint in node_taints(args):
        match = {"operator": "Equal", "value": taint.value} if taint.value else {"operator": "Exists"}
        result.append({"key": taint.key, **match, "effect": taint.chosen_effect.value})
    return result


def instance_tags(args: GpuNodePoolArgs) -> dict[str, str]:
    """Return the tags of instances and disks; the cost report groups by them."""
    own = {"node-pool": args.pool_name}
    if args.teams:
        own["team"] = "+".join(args.teams)
    return conventions.tags("gpu-node-pool", {**(args.instance_tags or {}), **own})


def taint_objects(args: GpuNodePoolArgs) -> list[dict[str, Any]]:
    """Return the taints as Kubernetes writes them."""
    return [
        {"key": t.key, "effect": t.chosen_effect.value, **({"value": t.value} if t.value else {})}
        for t in node_taints(args)
    ]
