"""Cases of the rules on pools of nodes."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)
from tests.policies.cases.cost.gpu import CAPACITY, CATEGORY, FAMILY, G5, NODE_GROUP, SPOT, TYPE, group, need, node_pool

ARCH = "kubernetes.io/arch"
OS = "kubernetes.io/os"
ROOT = Spec("pulumi:pulumi:Stack", {}, "platform-dev")
MOST = {"most_nodes": {"default": 10}}


def size(name: str, expected: Any, most: Any, says: str = "", **rest: Any) -> Case:
    scaling = {"minSize": 0, "desiredSize": 1, "maxSize": most}
    return Case("COST-EKS-002", name, expected, (group(scalingConfig=scaling),), says, **{"params": MOST, **rest})


SIZES = (
    size("below", PASS, 4),
    size("at it", PASS, 10),
    size("of the environment", PASS, 100, params={}, environment="production"),
    size("above", FAIL, 11, "scalingConfig.maxSize is 11; wanted at most 10"),
    size("above that of the environment", FAIL, 100, params={}, environment="sandbox"),
    size("unknown", OPEN, UNKNOWN),
    size("a text", OPEN, "4", "a number was expected"),
    size("missing", OPEN, None, "a number was expected"),
    size("environment unknown", OPEN, 4, params={}),
    Case("COST-EKS-002", "block unknown", OPEN, (group(scalingConfig=UNKNOWN_OBJECT),), params=MOST),
    Case("COST-EKS-002", "another type", SKIP, (OTHER,), params=MOST),
)


def arm(name: str, expected: Any, spec: Spec, says: str = "") -> Case:
    return Case("COST-EKS-003", name, expected, (spec,), says)


M7I = need(FAMILY, "m7i")
GRAVITON = (
    arm("graviton group", PASS, group(instanceTypes=["m7g.large"])),
    arm("group by its image", PASS, group(amiType="AL2023_ARM_64_STANDARD", instanceTypes=UNKNOWN_LIST)),
    arm("pool of both", PASS, node_pool(need(FAMILY, "m7i", "m7g"))),
    arm("pool of categories", PASS, node_pool(need(CATEGORY, "c", "m", "r"), need(ARCH, "amd64", "arm64"))),
    arm("pool without a word", PASS, node_pool(SPOT)),
    arm("both beside unknown", OPEN, node_pool(need(FAMILY, "m7g", UNKNOWN))),
    arm("intel group", FAIL, group(instanceTypes=["m7i.large"]), "m7i are amd64 only; wanted Graviton as well: m7g"),
    arm("group of the default type", FAIL, group(clusterName="main"), "t4g"),
    arm("intel pool", FAIL, node_pool(M7I)),
    arm("pool for amd64", FAIL, node_pool(need(CATEGORY, "c", "m"), need(ARCH, "amd64"))),
    arm("pool without arm64", FAIL, node_pool(need(CATEGORY, "m"), need(ARCH, "arm64", operator="NotIn"))),
    arm("intel pool in a list", FAIL, object_("karpenter.sh/v1", "NodePoolList", items=[node_pool(M7I).props])),
    arm("architecture unknown", OPEN, node_pool(need(CATEGORY, "m"), need(ARCH, UNKNOWN))),
    arm("type unknown", OPEN, group(instanceTypes=["m7i.large", UNKNOWN])),
    arm("family unknown", OPEN, node_pool(need(FAMILY, "m7i", UNKNOWN))),
    arm("not in the facts", OPEN, group(instanceTypes=["z9.large"])),
    arm("nothing allowed", OPEN, node_pool(need(FAMILY, "m7i"), need(FAMILY, "c7i"))),
    arm("group of a template", OPEN, group(launchTemplate={"id": UNKNOWN})),
    arm("image unknown", OPEN, group(amiType=UNKNOWN, instanceTypes=["m7i.large"])),
    arm("windows group", SKIP, group(amiType="WINDOWS_CORE_2022_x86_64", instanceTypes=["m7i.large"])),
    arm("windows pool", SKIP, node_pool(M7I, need(OS, "windows"))),
    arm("storage pool", SKIP, node_pool(need(FAMILY, "i4i")), "no such types with Graviton"),
    arm("gpu group", SKIP, group(instanceTypes=["g5.xlarge"])),
    arm("gpu pool", SKIP, node_pool(G5)),
    arm("another type", SKIP, OTHER),
)

HALF = {"minimum_percent": {"default": 50}}
SYSTEM = Spec(NODE_GROUP, {"instanceTypes": ["m7i.large"], "labels": {"mlops.dev/pool": "system"}}, "system")
DEMAND = Spec(NODE_GROUP, {"instanceTypes": ["m7i.large"]}, "steady")
RESERVED = node_pool(need(TYPE, "p5.48xlarge"), need(CAPACITY, "reserved"))


def named(spec: Spec, name: str) -> Spec:
    return Spec(spec.type, spec.props, name, spec.depends)


def share(name: str, expected: Any, *specs: Spec, says: str = "", **rest: Any) -> Case:
    return Case("COST-EKS-004", name, expected, (ROOT, *specs), says, **{"params": HALF, **rest})


SHARES = (
    share("all on spot", PASS, node_pool(G5, SPOT)),
    share("half of them", PASS, node_pool(G5, need(CAPACITY, "spot", "on-demand")), DEMAND),
    share("beside controllers and reservations", PASS, node_pool(G5, SPOT), SYSTEM, named(RESERVED, "reserved")),
    share("spot group", PASS, Spec(NODE_GROUP, {"capacityType": "SPOT"}, "group")),
    share("enough whatever is unknown", PASS, node_pool(G5, SPOT), named(node_pool(need(CAPACITY, UNKNOWN)), "new")),
    share("capacity computed by the provider", FAIL, Spec(NODE_GROUP, {"capacityType": UNKNOWN}, "group")),
    share("none", FAIL, DEMAND, says="0 of 1 pools may run on spot; wanted 50 %; without: steady"),
    share("default of karpenter", FAIL, node_pool(G5)),
    share("too few whatever is unknown", FAIL, DEMAND, named(DEMAND, "other"), node_pool(need(CAPACITY, UNKNOWN))),
    share("in a list", FAIL, object_("karpenter.sh/v1", "NodePoolList", items=[node_pool(G5).props])),
    share("share of the environment", FAIL, node_pool(G5), params={}, environment="production"),
    share("capacity unknown", OPEN, node_pool(G5, need(CAPACITY, UNKNOWN)), says="subject: "),
    share("labels unknown", OPEN, Spec(NODE_GROUP, {"labels": UNKNOWN_OBJECT}, "group", {"labels": []})),
    share("list unknown", OPEN, object_("karpenter.sh/v1", "NodePoolList", items=UNKNOWN_LIST)),
    share("environment unknown", OPEN, DEMAND, params={}),
    share("controllers only", SKIP, SYSTEM, says="no pools that could run on spot"),
    share("no pools", SKIP, OTHER),
    Case("COST-EKS-004", "another type", SKIP, (DEMAND,), params=HALF),
)

CASES = (*SIZES, *GRAVITON, *SHARES)
