"""Cases of the rules on which accelerators are started, where, and whether they stay up."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, UNKNOWN_LIST, Case, Spec, object_
from tests.policies.cases.cost.gpu import CAPACITY, CATEGORY, FAMILY, G5, NODE_GROUP, TYPE, group, need, node_pool
from tests.policies.cases.cost.gpu_price import AWS, INSTANCE, IRELAND, RESERVATION, TEMPLATE, aws

GENERATION = "karpenter.k8s.aws/instance-generation"


def old(name: str, expected: Any, spec: Spec, says: str = "", **rest: Any) -> Case:
    return Case("COST-GPU-009", name, expected, (spec,), says, **rest)


def pools(*specs: Spec) -> Spec:
    return object_("karpenter.sh/v1", "NodePoolList", items=[spec.props for spec in specs])


OLD = (
    old("current group", PASS, group(instanceTypes=["g6.xlarge"])),
    old("current pool", PASS, node_pool(G5)),
    old("current instance", PASS, Spec(INSTANCE, {"instanceType": "g6e.xlarge"})),
    old("category from a generation on", PASS, node_pool(need(CATEGORY, "p"), need(GENERATION, "3", operator="Gt"))),
    old("category without them", PASS, node_pool(need(CATEGORY, "p"), need(FAMILY, "p3", "p3dn", operator="NotIn"))),
    old("own parameter", PASS, group(instanceTypes=["p3.2xlarge"]), params={"families": ["g5"]}),
    old("old group", FAIL, group(instanceTypes=["g5.xlarge", "p3.2xlarge"]), "instanceTypes: p3.2xlarge have outdated"),
    old("older than the facts", FAIL, group(instanceTypes=["p2.xlarge"])),
    old("old instance", FAIL, Spec(INSTANCE, {"instanceType": "p3.8xlarge"})),
    old("old template", FAIL, Spec(TEMPLATE, {"instanceType": "g4ad.xlarge"})),
    old("old reservation", FAIL, Spec(RESERVATION, {"instanceType": "p3dn.24xlarge"})),
    old("old pool", FAIL, node_pool(need(TYPE, "p3.2xlarge"))),
    old("old family", FAIL, node_pool(need(FAMILY, "g6", "g3")), "g3.*"),
    old("old by its category", FAIL, node_pool(need(CATEGORY, "p", "g"))),
    old("old beside unknown", FAIL, node_pool(need(FAMILY, UNKNOWN, "p2"))),
    old("old beside unknown in a group", FAIL, group(instanceTypes=[UNKNOWN, "p3.2xlarge"])),
    old("old in a list", FAIL, pools(node_pool(G5), node_pool(need(FAMILY, "p3")))),
    old("any type of a limit on GPUs", FAIL, node_pool(limits={"nvidia.com/gpu": 4})),
    old("unknown in a group", OPEN, group(instanceTypes=["g5.xlarge", UNKNOWN])),
    old("types unknown", OPEN, group(instanceTypes=UNKNOWN_LIST)),
    old("family unknown", OPEN, node_pool(need(FAMILY, "g6", UNKNOWN))),
    old("generation unknown", OPEN, node_pool(need(CATEGORY, "p"), need(GENERATION, UNKNOWN, operator="Gt"))),
    old("operator not known", OPEN, node_pool(need(CATEGORY, "p"), need(GENERATION, "3", operator="Above"))),
    old("not in the facts", OPEN, group(instanceTypes=["z9.large"]), '"z9.large" is not among the facts'),
    old("type a number", OPEN, group(instanceTypes=[4]), "a string was expected"),
    old("zone unknown", PASS, node_pool(G5, need("topology.kubernetes.io/zone", UNKNOWN))),
    old("cpu group", SKIP, group(instanceTypes=["m7i.large"])),
    old("default type", SKIP, group(clusterName="main")),
    old("cpu pool", SKIP, node_pool(need(CATEGORY, "m"))),
    old("pool without a word on types", SKIP, node_pool(need(CAPACITY, "spot"))),
    old("group of a template", SKIP, group(launchTemplate={"id": UNKNOWN})),
    old("another type", SKIP, OTHER),
)


def idle(name: str, expected: Any, spec: Spec, says: str = "", environment: str | None = "development") -> Case:
    return Case("COST-GPU-010", name, expected, (spec,), says, environment=environment)


def sized(low: Any, **props: Any) -> Spec:
    scaling = {"minSize": low, "desiredSize": 1, "maxSize": 4}
    return group(**{"instanceTypes": ["g5.xlarge"], "scalingConfig": scaling, **props})


def static(replicas: Any, *more: Any) -> Spec:
    spec = node_pool(G5, *more).props["spec"]
    return object_("karpenter.sh/v1", "NodePool", spec={**spec, "replicas": replicas})


IDLE = (
    idle("from nothing", PASS, sized(0)),
    idle("karpenter", PASS, node_pool(G5)),
    idle("no replicas", PASS, static(0)),
    idle("one always up", FAIL, sized(1), "scalingConfig.minSize is 1; wanted 0"),
    idle("in staging", FAIL, sized(2), environment="staging"),
    idle("by its image", FAIL, sized(1, instanceTypes=None, amiType="BOTTLEROCKET_x86_64_NVIDIA")),
    idle("static pool", FAIL, static(2), "spec.replicas is 2"),
    idle("minimum unknown", OPEN, sized(UNKNOWN)),
    idle("minimum a text", OPEN, sized("0"), "a number was expected"),
    idle("minimum missing", OPEN, group(instanceTypes=["g5.xlarge"])),
    idle("replicas unknown", OPEN, static(UNKNOWN)),
    idle("types unknown", OPEN, sized(1, instanceTypes=UNKNOWN_LIST)),
    idle("environment unknown", OPEN, sized(1), environment=None),
    idle("production", SKIP, sized(1), "production may keep", "production"),
    idle("capacity block", SKIP, sized(1, capacityType="CAPACITY_BLOCK")),
    idle("reserved static pool", SKIP, static(2, need(CAPACITY, "reserved"))),
    idle("cpu group", SKIP, sized(1, instanceTypes=["m7i.large"])),
    idle("cpu pool", SKIP, node_pool(need(FAMILY, "m7i"))),
    idle("another type", SKIP, OTHER),
)


def offer(name: str, expected: Any, spec: Spec, *others: Spec, says: str = "") -> Case:
    return Case("COST-GPU-011", name, expected, (spec, *others), says)


def in_ireland(kind: str, **props: Any) -> Spec:
    return Spec(kind, props, provider={"region": "eu-west-1"})


CLUSTER = Spec("aws:eks/cluster:Cluster", {"name": "main", "region": "eu-west-1"}, "cluster")
OFFERS = (
    offer("group", PASS, aws(NODE_GROUP, instanceTypes=["g6.xlarge"])),
    offer("pool", PASS, node_pool(need(TYPE, "g6.xlarge")), AWS),
    offer("one of the pool's types", PASS, node_pool(need(TYPE, "g6.xlarge", "g5.xlarge")), IRELAND),
    offer("one of them beside unknown", PASS, node_pool(need(TYPE, UNKNOWN, "g5.xlarge")), IRELAND),
    offer(
        "group elsewhere", FAIL, in_ireland(NODE_GROUP, instanceTypes=["g5.xlarge", "g6.xlarge"]), says="g6.xlarge not"
    ),
    offer("group beside unknown", FAIL, in_ireland(NODE_GROUP, instanceTypes=[UNKNOWN, "p5.48xlarge"])),
    offer("instance elsewhere", FAIL, in_ireland(INSTANCE, instanceType="p5.48xlarge"), says="in eu-west-1"),
    offer("template elsewhere", FAIL, in_ireland(TEMPLATE, instanceType="trn1.2xlarge")),
    offer("pool elsewhere", FAIL, node_pool(need(FAMILY, "g6", "g6e")), IRELAND, says="none of g6."),
    offer("region of the cluster", FAIL, node_pool(need(FAMILY, "g6")), AWS, CLUSTER),
    offer("nowhere in the facts", FAIL, aws(INSTANCE, instanceType="p3.2xlarge")),
    offer("pool beside unknown", OPEN, node_pool(need(TYPE, UNKNOWN, "g6.xlarge")), IRELAND),
    offer("group with unknown", OPEN, aws(NODE_GROUP, instanceTypes=["g6.xlarge", UNKNOWN])),
    offer(
        "region without facts",
        OPEN,
        Spec(INSTANCE, {"instanceType": "g5.xlarge", "region": "sa-east-1"}),
        says="sa-east-1",
    ),
    offer(
        "region unknown", OPEN, Spec(INSTANCE, {"instanceType": "g5.xlarge", "region": UNKNOWN}, depends={"region": []})
    ),
    offer("no region", OPEN, node_pool(G5), OTHER, says="the region is not known"),
    offer("not in the facts", OPEN, aws(INSTANCE, instanceType="p9.xlarge")),
    offer("cpu group", SKIP, aws(NODE_GROUP, instanceTypes=["m7i.large"])),
    offer("cpu pool", SKIP, node_pool(need(FAMILY, "m7i")), AWS),
    offer("another type", SKIP, OTHER),
)

CASES = (*OLD, *IDLE, *OFFERS)
