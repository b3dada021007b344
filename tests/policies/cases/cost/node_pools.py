"""Cases of the rule on spot pools."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, UNKNOWN_LIST, Case, Spec, object_

TYPE = "node.kubernetes.io/instance-type"
FAMILY = "karpenter.k8s.aws/instance-family"
CATEGORY = "karpenter.k8s.aws/instance-category"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
SIZES = ["m7i.large", "m7i.xlarge", "m6i.large", "m6i.xlarge", "m7a.large"]


def need(key: str, *values: Any, operator: str = "In") -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


SPOT = need("karpenter.sh/capacity-type", "spot")
BOTH = need("karpenter.sh/capacity-type", "spot", "on-demand")


def spot(name: str, expected: Any, spec: Spec, says: str = "", **more: Any) -> Case:
    return Case("COST-EKS-005", name, expected, (spec,), says, **more)


def pool(*requirements: Any, **spec: Any) -> Spec:
    template = {"spec": {"requirements": requirements[0] if requirements == (UNKNOWN_LIST,) else list(requirements)}}
    return object_("karpenter.sh/v1", "NodePool", spec={"template": template, **spec})


def group(types: Any, capacity: Any = "SPOT", **props: Any) -> Spec:
    return Spec(NODE_GROUP, {"capacityType": capacity, "instanceTypes": types, **props})


CASES = (
    spot("five types", PASS, pool(SPOT, need(TYPE, *SIZES))),
    spot("three gpu types", PASS, pool(SPOT, need(TYPE, "g5.xlarge", "g6.xlarge", "g4dn.xlarge"))),
    spot("a family", PASS, pool(BOTH, need(FAMILY, "g5"))),
    spot("categories", PASS, pool(SPOT, need(CATEGORY, "c", "m", "r"))),
    spot("group", PASS, group(SIZES)),
    spot("group of gpus", PASS, group(["g5.xlarge", "g6.xlarge", "g4dn.xlarge"])),
    spot(
        "types that the facts do not have", PASS, pool(SPOT, need(TYPE, *(f"z9.{n}xlarge" for n in (1, 2, 4, 8, 16))))
    ),
    spot("enough beside one that is not known", PASS, pool(SPOT, need(TYPE, *SIZES, UNKNOWN))),
    spot("one gpu type", FAIL, pool(SPOT, need(TYPE, "g6.xlarge")), "allow g6.xlarge; wanted 3 instance types"),
    spot("one type with a fallback", FAIL, pool(BOTH, need(TYPE, "g6.xlarge"))),
    spot("four cpu types", FAIL, pool(SPOT, need(TYPE, *SIZES[:4])), "wanted 5 instance types"),
    spot("twice the same", FAIL, group(["g5.xlarge", "g5.xlarge", "g5.xlarge"])),
    spot(
        "a family cut down to a size",
        FAIL,
        pool(SPOT, need(FAMILY, "g5", "g6"), need("karpenter.k8s.aws/instance-size", "xlarge")),
        "g5.xlarge, g6.xlarge",
    ),
    spot(
        "any capacity but on-demand",
        FAIL,
        pool(need("karpenter.sh/capacity-type", "on-demand", operator="NotIn"), need(TYPE, "g5.xlarge")),
    ),
    spot("group of one type", FAIL, group(["g5.xlarge"])),
    spot("group without types", FAIL, Spec(NODE_GROUP, {"capacityType": "SPOT"}), "leaves one type"),
    spot("group of a template", FAIL, Spec(NODE_GROUP, {"capacityType": "SPOT", "launchTemplate": {"id": UNKNOWN}})),
    spot("parameter", FAIL, group(SIZES), "wanted 8", params={"types": 8}),
    spot("one type beside one that is not known", OPEN, pool(SPOT, need(TYPE, "g6.xlarge", UNKNOWN))),
    spot("family not in the facts", OPEN, pool(SPOT, need(FAMILY, "z9")), '"z9" is not among the facts'),
    spot("requirements unknown", OPEN, pool(UNKNOWN_LIST)),
    spot("capacity unknown", OPEN, pool(need("karpenter.sh/capacity-type", UNKNOWN), need(TYPE, "g6.xlarge"))),
    spot("group's types unknown", OPEN, group(UNKNOWN_LIST)),
    spot("group's capacity unknown", OPEN, group(["g5.xlarge"], UNKNOWN)),
    spot("on-demand", SKIP, pool(need("karpenter.sh/capacity-type", "on-demand"), need(TYPE, "g6.xlarge"))),
    spot("capacity left to karpenter", SKIP, pool(need(TYPE, "g6.xlarge"))),
    spot("group on demand", SKIP, group(["g5.xlarge"], None)),
    spot("another type", SKIP, OTHER),
)
