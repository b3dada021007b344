"""Cases of the rules on GPU pools."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)

TYPE = "node.kubernetes.io/instance-type"
FAMILY = "karpenter.k8s.aws/instance-family"
CATEGORY = "karpenter.k8s.aws/instance-category"
CAPACITY = "karpenter.sh/capacity-type"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


def need(key: str, *values: Any, operator: str = "In") -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def node_pool(*requirements: Any, limits: Any = None, taints: Any = ()) -> Spec:
    spec: dict[str, Any] = {"template": {"spec": {"requirements": list(requirements), "taints": list(taints)}}}
    return object_("karpenter.sh/v1", "NodePool", spec={**spec, "limits": limits} if limits is not None else spec)


SPOT = need(CAPACITY, "spot")
G5 = need(FAMILY, "g5")


def gpu(name: str, expected: Any, spec: Spec, says: str = "", environment: str | None = "development") -> Case:
    return Case("COST-GPU-001", name, expected, (spec,), says, environment=environment)


def group(**props: Any) -> Spec:
    return Spec(NODE_GROUP, props)


CASES = (
    gpu("spot pool", PASS, node_pool(G5, SPOT)),
    gpu("reserved or spot", PASS, node_pool(G5, need(CAPACITY, "reserved", "spot"))),
    gpu("not on-demand", PASS, node_pool(G5, need(CAPACITY, "on-demand", operator="NotIn"))),
    gpu("spot group", PASS, group(instanceTypes=["g5.xlarge"], capacityType="SPOT")),
    gpu("capacity left open", FAIL, node_pool(G5), "allow on-demand capacity"),
    gpu(
        "on-demand beside spot",
        FAIL,
        node_pool(need(TYPE, "m7i.large", "trn1.2xlarge"), need(CAPACITY, "spot", "on-demand")),
    ),
    gpu("category", FAIL, node_pool(need(CATEGORY, "m", "p"))),
    gpu("gpu count", FAIL, node_pool(need("karpenter.k8s.aws/instance-gpu-count", "0", operator="Gt"))),
    gpu("by its limit", FAIL, node_pool(limits={"nvidia.com/gpu": 4})),
    gpu("by its taint", FAIL, node_pool(taints=[{"key": "nvidia.com/gpu", "effect": "NoSchedule"}])),
    gpu("on-demand group", FAIL, group(instanceTypes=["g5.xlarge"]), "capacityType is unset"),
    gpu("group by its image", FAIL, group(amiType="AL2023_x86_64_NVIDIA", capacityType="ON_DEMAND")),
    gpu("in the sandbox", FAIL, node_pool(G5), environment="sandbox"),
    gpu("family unknown", OPEN, node_pool(need(FAMILY, UNKNOWN))),
    gpu("capacity unknown", OPEN, node_pool(G5, need(CAPACITY, UNKNOWN))),
    gpu("family not in the facts", OPEN, node_pool(need(FAMILY, "z99")), '"z99" is not among the facts'),
    gpu("group of a launch template", OPEN, group(launchTemplate={"id": UNKNOWN})),
    gpu("environment unknown", OPEN, node_pool(G5), "the environment is not known", environment=None),
    gpu("production", SKIP, node_pool(G5), environment="production"),
    gpu("cpu pool", SKIP, node_pool(need(FAMILY, "m7i"))),
    gpu("cpu group", SKIP, group(instanceTypes=["m7i.large"])),
    gpu("another type", SKIP, OTHER),
    Case("COST-GPU-003", "gpu limit", PASS, (node_pool(G5, limits={"nvidia.com/gpu": "16"}),)),
    Case(
        "COST-GPU-003",
        "neuron limit",
        PASS,
        (node_pool(need(FAMILY, "inf2"), limits={"aws.amazon.com/neuron": 12}),),
    ),
    Case("COST-GPU-003", "cpu limit", PASS, (node_pool(need(FAMILY, "m7i"), limits={"cpu": 64}),)),
    Case(
        "COST-GPU-003",
        "gpu pool with cpu limit",
        FAIL,
        (node_pool(G5, limits={"cpu": 64}),),
        "names no accelerator",
    ),
    Case(
        "COST-GPU-003",
        "cpu pool without limit",
        FAIL,
        (node_pool(need(FAMILY, "m7i")),),
        "spec.limits lacks cpu",
    ),
    Case(
        "COST-GPU-003",
        "parameter",
        FAIL,
        (node_pool(limits={"cpu": 1}),),
        "lacks memory",
        {"always": ["cpu", "memory"]},
    ),
    Case("COST-GPU-003", "limit unknown", OPEN, (node_pool(G5, limits={"nvidia.com/gpu": UNKNOWN}),)),
    Case("COST-GPU-003", "limits unknown", OPEN, (node_pool(G5, limits=UNKNOWN_OBJECT),)),
    Case("COST-GPU-003", "another kind", SKIP, (object_("karpenter.sh/v1", "NodeClaim"),)),
)
