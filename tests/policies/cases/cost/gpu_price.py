"""Cases of the rules on what accelerators may cost."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, UNKNOWN_LIST, Case, Spec, object_
from tests.policies.cases.cost.gpu import CAPACITY, CATEGORY, FAMILY, G5, NODE_GROUP, SPOT, TYPE, need, node_pool

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE = "aws:ec2/instance:Instance"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"
STACK = "pulumi:pulumi:Stack"
EAST = {"region": "us-east-1"}
AWS = Spec("pulumi:providers:aws", EAST, "aws")
IRELAND = Spec("pulumi:providers:aws", {"region": "eu-west-1"}, "aws")
P5 = need(TYPE, "p5.48xlarge")
AGREED = {"tags": {"cost-approval": "FIN-1"}}


def hour(name: str, expected: Any, spec: Spec, *others: Spec, says: str = "", environment: str = "development") -> Case:
    return Case("COST-GPU-002", name, expected, (spec, *(others or (AWS,))), says, environment=environment)


def aws(kind: str, depends: Any = (), **props: Any) -> Spec:
    return Spec(kind, props, provider=EAST, depends=dict(depends))


def agreed_pool(value: Any) -> Spec:
    metadata = {"name": "big", "annotations": {"mlops.dev/cost-approval": value}}
    return object_("karpenter.sh/v1", "NodePool", metadata=metadata, spec=node_pool(P5).props["spec"])


HOURS = (
    hour("cheap pool", PASS, node_pool(need(TYPE, "g5.xlarge", "g4dn.xlarge"))),
    hour("pool of families below the ceiling", PASS, node_pool(need(TYPE, "g5.12xlarge"))),
    hour("cheap group", PASS, aws(NODE_GROUP, instanceTypes=["g6.xlarge"])),
    hour("types that the region lacks", PASS, node_pool(need(TYPE, "g5.2xlarge", "p5.48xlarge")), IRELAND),
    hour("agreed group", PASS, aws(NODE_GROUP, instanceTypes=["p5.48xlarge"], **AGREED)),
    hour("agreed pool", PASS, agreed_pool("FIN-1")),
    hour("allowed in production", PASS, node_pool(need(TYPE, "g6e.12xlarge")), environment="production"),
    hour("dear pool", FAIL, node_pool(P5), says="p5.48xlarge ($55.04) above $6 an hour"),
    hour("dear on spot", FAIL, node_pool(P5, SPOT)),
    hour("dear by its family", FAIL, node_pool(need(FAMILY, "p4d"))),
    hour("dear by its category", FAIL, node_pool(need(CATEGORY, "p"))),
    hour("dear beside unknown", FAIL, node_pool(need(TYPE, UNKNOWN, "p5.48xlarge"))),
    hour("dear beside unpriced", FAIL, node_pool(need(TYPE, "trn2.48xlarge", "p5.48xlarge"))),
    hour(
        "dear in a list",
        FAIL,
        object_("karpenter.sh/v1", "NodePoolList", items=[node_pool(G5).props, node_pool(P5).props]),
    ),
    hour(
        "dear group", FAIL, aws(NODE_GROUP, instanceTypes=["g5.xlarge", "p4d.24xlarge"]), says="instanceTypes: p4d.24xl"
    ),
    hour("dear instance", FAIL, aws(INSTANCE, instanceType="p5.48xlarge")),
    hour("dear template", FAIL, aws(TEMPLATE, instanceType="p5.48xlarge")),
    hour("dear reservation", FAIL, aws(RESERVATION, instanceType="p5.48xlarge"), environment="production"),
    hour("region of its own", FAIL, Spec(INSTANCE, {"instanceType": "p5.48xlarge", "region": "us-west-2"})),
    hour("agreed with nobody", FAIL, aws(NODE_GROUP, instanceTypes=["p5.48xlarge"], tags={"cost-approval": " "})),
    hour("agreement unknown", OPEN, agreed_pool(UNKNOWN), says="cost-approval is not known"),
    hour("types unknown", OPEN, aws(NODE_GROUP, {"instanceTypes": []}, instanceTypes=UNKNOWN_LIST)),
    hour(
        "no price",
        OPEN,
        node_pool(need(TYPE, "g7e.2xlarge")),
        says="no figure for ec2.on-demand/g7e.2xlarge in us-east-1",
    ),
    hour("not in the facts", OPEN, aws(INSTANCE, instanceType="z9.large"), says='"z9.large" is not among the facts'),
    hour("region not known", OPEN, node_pool(P5), OTHER, says="the region is not known"),
    hour("two regions", OPEN, node_pool(P5), AWS, Spec("pulumi:providers:aws", {"region": "us-west-2"}, "west")),
    hour("requirements of a template", OPEN, aws(TEMPLATE, instanceRequirements={"acceleratorCount": {"min": 8}})),
    Case("COST-GPU-002", "environment unknown", OPEN, (node_pool(P5), AWS), "the environment is not known"),
    hour("reserved pool", SKIP, node_pool(P5, need(CAPACITY, "reserved")), says="reserved capacity"),
    hour("capacity block", SKIP, aws(NODE_GROUP, instanceTypes=["p5.48xlarge"], capacityType="CAPACITY_BLOCK")),
    hour("cpu pool", SKIP, node_pool(need(FAMILY, "m7i"))),
    hour("cpu group", SKIP, aws(NODE_GROUP, instanceTypes=["m7i.large"])),
    hour("group of a template", SKIP, aws(NODE_GROUP, {"launchTemplate": []}, launchTemplate={"id": UNKNOWN})),
    hour("types computed by the provider", SKIP, aws(NODE_GROUP, instanceTypes=UNKNOWN_LIST)),
    hour("another type", SKIP, OTHER),
)

ROOT = Spec(STACK, {}, "platform-dev")
BUDGET = {"monthly_usd": {"default": 5000}}


def node_class(name: str = "default") -> Spec:
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": "100Gi"}}
    spec = {"blockDeviceMappings": [disk]}
    return object_("karpenter.k8s.aws/v1", "EC2NodeClass", name, metadata={"name": name}, spec=spec)


def limited(*requirements: Any, limits: Any, name: str = "pool") -> Spec:
    spec: dict[str, Any] = {"limits": limits, "template": {"spec": {"requirements": list(requirements)}}}
    spec["template"]["spec"]["nodeClassRef"] = {"name": "default"}
    return object_("karpenter.sh/v1", "NodePool", name, spec=spec)


def exposure(name: str, expected: Any, *specs: Spec, says: str = "", params: Any = None, **rest: Any) -> Case:
    return Case("COST-GPU-004", name, expected, (ROOT, AWS, node_class(), *specs), says, params or BUDGET, **rest)


GROUP_SIZE = {"minSize": 1, "desiredSize": 1, "maxSize": 4}
GROUP = aws(NODE_GROUP, instanceTypes=["m7i.xlarge"], scalingConfig=GROUP_SIZE, launchTemplate={"id": "lt-1"})
GROUP_DISK = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 50}}
GROUP_TEMPLATE = Spec(TEMPLATE, {"id": "lt-1", "blockDeviceMappings": [GROUP_DISK]}, "template", provider=EAST)
FOUR = limited(need(TYPE, "g5.xlarge"), limits={"nvidia.com/gpu": "4"})
EIGHT = limited(need(TYPE, "g5.xlarge"), limits={"nvidia.com/gpu": "8"}, name="more")

EXPOSURES = (
    exposure("one pool", PASS, FOUR),
    exposure("pool and group", PASS, FOUR, GROUP, GROUP_TEMPLATE),
    exposure("reserved pool", PASS, limited(P5, need(CAPACITY, "reserved"), limits={"nvidia.com/gpu": 64})),
    exposure("two pools together", FAIL, FOUR, EIGHT, says="a month, above the budget of $5,000.00: more $"),
    exposure("in a list", FAIL, object_("karpenter.sh/v1", "NodePoolList", items=[FOUR.props, EIGHT.props])),
    exposure("older version", FAIL, object_("karpenter.sh/v1beta1", "NodePool", "old", spec=EIGHT.props["spec"])),
    exposure("no limit", FAIL, limited(need(TYPE, "g5.xlarge"), limits={}), says="pool has no limit that holds"),
    exposure("limit that does not hold", FAIL, limited(need(TYPE, "g5.xlarge"), limits={"aws.amazon.com/neuron": 4})),
    exposure(
        "above it without the unpriced part",
        FAIL,
        limited(need(TYPE, "g5.xlarge", "g7e.2xlarge"), limits={"nvidia.com/gpu": 8}),
        says="cost at least $",
    ),
    exposure(
        "budget of the environment",
        FAIL,
        FOUR,
        params={"monthly_usd": {"default": None, "development": 1000}},
        environment="development",
    ),
    exposure("group alone", FAIL, GROUP, GROUP_TEMPLATE, params={"monthly_usd": {"default": 500}}),
    exposure(
        "no price", OPEN, limited(need(TYPE, "g7e.2xlarge"), limits={"nvidia.com/gpu": 1}), says="no figure for ec2.on"
    ),
    exposure(
        "limits unknown", OPEN, limited(need(TYPE, "g5.xlarge"), limits={"nvidia.com/gpu": UNKNOWN}), says="pool: "
    ),
    exposure("limit no quantity", OPEN, limited(need(TYPE, "g5.xlarge"), limits={"nvidia.com/gpu": "many"})),
    exposure("size unknown", OPEN, aws(NODE_GROUP, instanceTypes=["g5.xlarge"], scalingConfig={"maxSize": UNKNOWN})),
    exposure("auto scaling group", OPEN, Spec("aws:autoscaling/group:Group", {"maxSize": 3}), says="not in this stack"),
    Case("COST-GPU-004", "no region", OPEN, (ROOT, node_class(), FOUR), "its region is not known", BUDGET),
    exposure("environment unknown", OPEN, FOUR, params={"monthly_usd": {"default": None, "sandbox": 9}}),
    exposure("no budget", SKIP, FOUR, params={"monthly_usd": {"default": None}}, says="no budget of pools is set"),
    exposure(
        "no budget for the environment",
        SKIP,
        FOUR,
        params={"monthly_usd": {"default": None, "sandbox": 9}},
        environment="production",
        says="is set for production",
    ),
    Case("COST-GPU-004", "no pools", SKIP, (ROOT, OTHER), "no pools", BUDGET),
    Case("COST-GPU-004", "another type", SKIP, (FOUR, AWS), params=BUDGET),
)

CASES = (*HOURS, *EXPOSURES)
