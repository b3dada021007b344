"""Cases of the rules on provisioned IOPS, CPU credits and public addresses."""

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
    secret,
    urn,
)
from tests.policies.cases.cost.gpu import NODE_GROUP
from tests.policies.cases.cost.storage import DATABASE, INSTANCE, TEMPLATE, VOLUME, storage_class

AGREED = {"tags": {"cost-approval": "FIN-1"}}


def disks(*kinds: Any) -> list[dict[str, Any]]:
    return [{"deviceName": f"/dev/xvd{at}", "ebs": {"volumeType": kind}} for at, kind in enumerate(kinds)]


def iops(name: str, expected: Any, spec: Spec, says: str = "") -> Case:
    return Case("COST-EC2-002", name, expected, (spec,), says)


def node_class(*kinds: Any) -> Spec:
    return object_("karpenter.k8s.aws/v1", "EC2NodeClass", spec={"blockDeviceMappings": disks(*kinds)})


IO2_CLASS = storage_class("ebs.csi.aws.com", "io2")
IOPS = (
    iops("gp3", PASS, Spec(VOLUME, {"type": "gp3", "iops": 20000})),
    iops("default", PASS, Spec(VOLUME, {"size": 10})),
    iops("template", PASS, Spec(TEMPLATE, {"blockDeviceMappings": disks("gp3")})),
    iops("agreed", PASS, Spec(VOLUME, {"type": "io2", "iops": 20000, **AGREED})),
    iops(
        "agreed class",
        PASS,
        Spec(IO2_CLASS.type, {**IO2_CLASS.props, "metadata": {"annotations": {"mlops.dev/cost-approval": "FIN-1"}}}),
    ),
    iops("database", PASS, Spec(DATABASE, {"storageType": "gp3", "iops": 12000})),
    iops(
        "io2",
        FAIL,
        Spec(VOLUME, {"type": "io2", "iops": 20000}),
        'type is "io2"; wanted "gp3", or the tag cost-approval',
    ),
    iops("io1 in a template", FAIL, Spec(TEMPLATE, {"blockDeviceMappings": disks("gp3", "io1")}), "Mappings.1.ebs"),
    iops("bad beside unknown", FAIL, Spec(TEMPLATE, {"blockDeviceMappings": disks(UNKNOWN, "io1")})),
    iops("root disk", FAIL, Spec(INSTANCE, {"rootBlockDevice": {"volumeType": "io2"}})),
    iops("database by its iops", FAIL, Spec(DATABASE, {"iops": 3000}), "storageType is unset"),
    iops("node class", FAIL, node_class("io2")),
    iops("storage class", FAIL, IO2_CLASS, "parameters.type"),
    iops("secret", FAIL, Spec(VOLUME, {"type": secret("io2")}), "type is [secret]"),
    iops("other approval", FAIL, Spec(VOLUME, {"type": "io2", "tags": {"owner": "ml"}})),
    iops("unknown", OPEN, Spec(VOLUME, {"type": UNKNOWN})),
    iops("approval unknown", OPEN, Spec(VOLUME, {"type": "io2", "tags": {"cost-approval": UNKNOWN}})),
    iops("mappings unknown", OPEN, Spec(TEMPLATE, {"blockDeviceMappings": UNKNOWN_LIST})),
    iops("iops of a database unknown", OPEN, Spec(DATABASE, {"iops": UNKNOWN})),
    iops("file system class", SKIP, storage_class("efs.csi.aws.com", "io2")),
    iops("another type", SKIP, OTHER),
)

STANDARD = {"creditSpecification": {"cpuCredits": "standard"}}
UNLIMITED = {"creditSpecification": {"cpuCredits": "unlimited"}}
OF_TEMPLATE = {"launchTemplate": [urn(TEMPLATE, "template")]}
REFERENCE = {"launchTemplate": {"id": UNKNOWN}}


def credit(name: str, expected: Any, spec: Spec, *others: Spec, says: str = "") -> Case:
    return Case("COST-EC2-003", name, expected, (spec, *others), says)


def template(**props: Any) -> Spec:
    return Spec(TEMPLATE, {"id": UNKNOWN, **props}, "template")


def of_template(kind: str = NODE_GROUP, **props: Any) -> Spec:
    return Spec(kind, {**REFERENCE, **props}, depends=OF_TEMPLATE)


CREDITS = (
    credit("standard", PASS, Spec(INSTANCE, {"instanceType": "t3.large", **STANDARD})),
    credit("default of t2", PASS, Spec(INSTANCE, {"instanceType": "t2.micro"})),
    credit("template", PASS, Spec(TEMPLATE, {"instanceType": "t4g.small", **STANDARD})),
    credit("group with template", PASS, of_template(instanceTypes=["t3.large"]), template(**STANDARD)),
    credit("type in the template", PASS, of_template(), template(instanceType="t3.large", **STANDARD)),
    credit(
        "template by its id",
        PASS,
        Spec(NODE_GROUP, {"instanceTypes": ["t3.large"], "launchTemplate": {"id": "lt-1"}}),
        Spec(TEMPLATE, {"id": "lt-1", **STANDARD}, "template"),
    ),
    credit(
        "default",
        FAIL,
        Spec(INSTANCE, {"instanceType": "t3.large"}),
        says="cpuCredits of t3.large are unset: unlimited",
    ),
    credit("asked for", FAIL, Spec(INSTANCE, {"instanceType": "t2.micro", **UNLIMITED}), says="are unlimited"),
    credit("template asks for it", FAIL, Spec(TEMPLATE, UNLIMITED), says='wanted "standard"'),
    credit("template of a type", FAIL, Spec(TEMPLATE, {"instanceType": "t3a.medium"})),
    credit("group", FAIL, Spec(NODE_GROUP, {"instanceTypes": ["m7i.large", "t3.large"]})),
    credit("group of the default type", FAIL, Spec(NODE_GROUP, {"clusterName": "main"}), says="t3.medium"),
    credit("group with template of no credits", FAIL, of_template(instanceTypes=["t3.large"]), template()),
    credit("instance of a template", FAIL, of_template(INSTANCE), template(instanceType="t3.large")),
    credit("bad beside unknown", FAIL, Spec(NODE_GROUP, {"instanceTypes": [UNKNOWN, "t3.large"]})),
    credit("type unknown", OPEN, Spec(NODE_GROUP, {"instanceTypes": [UNKNOWN]})),
    credit(
        "credits unknown",
        OPEN,
        Spec(
            INSTANCE,
            {"instanceType": "t3.large", "creditSpecification": UNKNOWN_OBJECT},
            depends={"creditSpecification": []},
        ),
    ),
    credit("template not in the stack", OPEN, Spec(NODE_GROUP, {"launchTemplate": {"id": "lt-9"}}), template()),
    credit("template a text", OPEN, Spec(NODE_GROUP, {"launchTemplate": "lt-9"})),
    credit("not burstable", SKIP, Spec(INSTANCE, {"instanceType": "m7i.large"})),
    credit("group that is not", SKIP, of_template(instanceTypes=["m7i.large"])),
    credit("template without a type", SKIP, Spec(TEMPLATE, {"name": "x"})),
    credit("another type", SKIP, OTHER),
)

EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
NEW = Spec(EIP, {"id": UNKNOWN, "allocationId": UNKNOWN, "instance": UNKNOWN, "networkInterface": UNKNOWN})
OLD = Spec(EIP, {"id": "eipalloc-1", "allocationId": "eipalloc-1", "publicIp": "198.51.100.7", "instance": ""})
SECOND = Spec(EIP, {"id": UNKNOWN}, "second")


def address(name: str, expected: Any, spec: Spec, *others: Spec, says: str = "") -> Case:
    return Case("COST-EC2-004", name, expected, (spec, *others), says)


def of(which: str, prop: str) -> dict[str, list[str]]:
    return {prop: [urn(EIP, which)]}


MAPPING = [{"subnetId": "subnet-1", "allocationId": "eipalloc-1"}]
ADDRESSES = (
    address(
        "first preview", PASS, NEW, SECOND, Spec(NAT, {"allocationId": UNKNOWN}, "nat", of("subject", "allocationId"))
    ),
    address("deployed", PASS, OLD, Spec(NAT, {"allocationId": "eipalloc-1"}, "nat")),
    address("second address of a gateway", PASS, OLD, Spec(NAT, {"secondaryAllocationIds": ["eipalloc-1"]}, "nat")),
    address("association", PASS, OLD, Spec(ASSOCIATION, {"publicIp": "198.51.100.7"}, "link")),
    address("load balancer", PASS, OLD, Spec(BALANCER, {"subnetMappings": MAPPING}, "lb")),
    address("instance of its own", PASS, Spec(EIP, {"instance": "i-1"})),
    address(
        "instance that is not known", PASS, Spec(EIP, {"instance": UNKNOWN}, depends={"instance": [urn(INSTANCE, "x")]})
    ),
    address(
        "annotation of a service",
        PASS,
        NEW,
        Spec("kubernetes:core/v1:Service", {"apiVersion": "v1", "kind": "Service"}, "s", of("subject", "metadata")),
    ),
    address("nothing", FAIL, OLD, says="nothing in the stack uses the address"),
    address("computed by the provider", FAIL, NEW),
    address(
        "a record only", FAIL, NEW, Spec("aws:route53/record:Record", {"name": "x"}, "r", of("subject", "records"))
    ),
    address("gateway of another", FAIL, OLD, Spec(NAT, {"allocationId": "eipalloc-2"}, "nat")),
    address(
        "gateway of another new one",
        FAIL,
        NEW,
        SECOND,
        Spec(NAT, {"allocationId": UNKNOWN}, "n", of("second", "allocationId")),
    ),
    address(
        "gateway of an address in a component",
        FAIL,
        NEW,
        Spec(NAT, {"allocationId": UNKNOWN}, "n", {"allocationId": [urn(f"acme:net:Network${EIP}", "inner")]}),
    ),
    address("gateway of who knows", OPEN, OLD, Spec(NAT, {"allocationId": UNKNOWN}, "nat", {"allocationId": []})),
    address(
        "mappings unknown", OPEN, OLD, Spec(BALANCER, {"subnetMappings": UNKNOWN_LIST}, "lb", {"subnetMappings": []})
    ),
    address("another type", SKIP, OTHER),
)

CASES = (*IOPS, *CREDITS, *ADDRESSES)
