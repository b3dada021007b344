"""Cases of the rules on NAT gateways and endpoints."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, UNKNOWN_LIST, Case, Spec, urn

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROOT = Spec("pulumi:pulumi:Stack", {}, "platform-dev")
ONE = {"most": {"default": 1}}


def nats(*names: str, **props: Any) -> tuple[Spec, ...]:
    return tuple(Spec(NAT, {"subnetId": UNKNOWN, **props}, name, {"subnetId": []}) for name in names)


def gateways(name: str, expected: Any, *specs: Spec, says: str = "", **rest: Any) -> Case:
    return Case("COST-NET-001", name, expected, (ROOT, *specs), says, **{"params": ONE, **rest})


ZONES = [{"availabilityZone": "us-east-1a"}, {"availabilityZone": "us-east-1b"}]
REGIONAL = nats("nat", availabilityMode="regional", availabilityZoneAddresses=ZONES)
AUTOMATIC = nats("nat", availabilityMode="regional", availabilityZoneAddresses=UNKNOWN_LIST)
GATEWAYS = (
    gateways("one", PASS, *nats("a")),
    gateways("one for each zone in production", PASS, *nats("a", "b", "c"), params={}, environment="production"),
    gateways("zones named", PASS, *REGIONAL, params={"most": {"default": 2}}),
    gateways("two", FAIL, *nats("a", "b"), says="2 NAT gateways (a, b); wanted at most 1 in any environment"),
    gateways("two in development", FAIL, *nats("a", "b"), params={}, environment="development", says="in development"),
    gateways("regional in two zones", FAIL, *REGIONAL, says="2 NAT gateways (nat)"),
    gateways("zones chosen by AWS", OPEN, *AUTOMATIC, says="chooses its zones by itself"),
    gateways("two beside it", FAIL, *AUTOMATIC, *nats("b")),
    gateways("mode unknown", OPEN, Spec(NAT, {"availabilityMode": UNKNOWN}, "nat", {"availabilityMode": []})),
    gateways("environment unknown", OPEN, *nats("a"), params={}),
    gateways("none", SKIP, Spec(VPC), says="no NAT gateway"),
    Case("COST-NET-001", "another type", SKIP, (OTHER, *nats("a", "b")), params=ONE),
)

NEW = Spec(VPC, {"id": UNKNOWN})
OLD = Spec(VPC, {"id": "vpc-1"})
OF_VPC = {"vpcId": [urn(VPC, "subject")]}
OF_SUBNET = {"subnetId": [urn(SUBNET, "public")]}
PUBLIC = Spec(SUBNET, {"id": UNKNOWN, "vpcId": UNKNOWN}, "public", OF_VPC)
GATEWAY = Spec(NAT, {"subnetId": UNKNOWN}, "nat", OF_SUBNET)
NETWORK = (NEW, PUBLIC, GATEWAY)


def endpoint(service: str, depends: Any = (), **props: Any) -> Spec:
    known = {"vpcId": UNKNOWN, "serviceName": f"com.amazonaws.us-east-1.{service}", "routeTableIds": [UNKNOWN], **props}
    return Spec(ENDPOINT, known, f"endpoint-{service}", {**OF_VPC, **dict(depends)})


def around(name: str, expected: Any, *specs: Spec, says: str = "", params: Any = ()) -> Case:
    return Case("COST-NET-002", name, expected, specs, says, dict(params))


S3, DYNAMODB = endpoint("s3", vpcEndpointType="Gateway"), endpoint("dynamodb")
DEPLOYED = (
    OLD,
    Spec(SUBNET, {"id": "subnet-1", "vpcId": "vpc-1"}, "public"),
    Spec(NAT, {"subnetId": "subnet-1"}, "nat"),
)
LINK = Spec(
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
    {"vpcEndpointId": UNKNOWN, "routeTableId": UNKNOWN},
    "link",
    {"vpcEndpointId": [urn(ENDPOINT, "endpoint-s3")]},
)
BARE = endpoint("s3", routeTableIds=UNKNOWN_LIST)
AROUND = (
    around("both", PASS, *NETWORK, S3, DYNAMODB),
    around("deployed", PASS, *DEPLOYED, endpoint("s3", vpcId="vpc-1"), endpoint("dynamodb", vpcId="vpc-1")),
    around("route tables apart", PASS, *NETWORK, BARE, LINK, DYNAMODB),
    around("own parameter", PASS, *NETWORK, S3, params={"services": ["s3"]}),
    around("none", FAIL, *NETWORK, says="carries traffic to s3"),
    around("one of two", FAIL, *NETWORK, S3, says="carries traffic to dynamodb"),
    around("interface endpoint", FAIL, *NETWORK, endpoint("s3", vpcEndpointType="Interface"), DYNAMODB),
    around("no route table", FAIL, *NETWORK, BARE, DYNAMODB),
    around("of another network", FAIL, *DEPLOYED, endpoint("s3", vpcId="vpc-2"), endpoint("dynamodb", vpcId="vpc-2")),
    around("regional gateway", FAIL, NEW, Spec(NAT, {"vpcId": UNKNOWN}, "nat", OF_VPC)),
    around("service unknown", OPEN, *NETWORK, endpoint("s3", {"serviceName": []}, serviceName=UNKNOWN), DYNAMODB),
    around("network of an endpoint unknown", OPEN, *NETWORK, Spec(ENDPOINT, {"vpcId": UNKNOWN}, "e"), DYNAMODB),
    around("subnet of the gateway unknown", OPEN, NEW, PUBLIC, Spec(NAT, {"subnetId": UNKNOWN}, "nat")),
    around("no gateway", SKIP, NEW, PUBLIC, says="no NAT gateway in this stack"),
    around(
        "gateway in another network", SKIP, OLD, Spec(SUBNET, {"id": "subnet-2", "vpcId": "vpc-2"}, "s"), DEPLOYED[2]
    ),
    around("another type", SKIP, OTHER),
)

FOUR = {"most": {"default": 4}}


def interface(name: str, subnets: Any, kind: Any = "Interface") -> Spec:
    return Spec(
        ENDPOINT, {"vpcEndpointType": kind, "subnetIds": subnets}, name, {"subnetIds": [], "vpcEndpointType": []}
    )


def interfaces(name: str, expected: Any, *specs: Spec, says: str = "", **rest: Any) -> Case:
    return Case("COST-NET-003", name, expected, (ROOT, *specs), says, **{"params": FOUR, **rest})


ASSOCIATION = Spec("aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation", {"subnetId": "s"}, "link")
INTERFACES = (
    interfaces("two in two zones", PASS, interface("a", ["s-1", "s-2"]), interface("b", ["s-1", "s-2"])),
    interfaces("subnets unknown one by one", PASS, interface("a", [UNKNOWN, UNKNOWN])),
    interfaces("gateways beside them", PASS, interface("a", ["s-1"]), interface("s3", ["s-1"] * 9, "Gateway")),
    interfaces("many in production", PASS, interface("a", ["s"] * 50), params={}, environment="production"),
    interfaces(
        "five", FAIL, interface("a", ["s-1", UNKNOWN, "s-3"]), interface("b", ["s", "t"]), says="5 interface endpoints"
    ),
    interfaces("with associations", FAIL, interface("a", ["s"] * 4), ASSOCIATION),
    interfaces("many beside an unknown one", FAIL, interface("a", ["s"] * 5), interface("b", UNKNOWN_LIST)),
    interfaces("subnets unknown", OPEN, interface("a", UNKNOWN_LIST), says="a: subnetIds is not known"),
    interfaces("type unknown", OPEN, interface("a", ["s"], UNKNOWN)),
    interfaces("type a number", OPEN, interface("a", ["s"], 4)),
    interfaces("environment unknown", OPEN, interface("a", ["s"]), params={}),
    interfaces("gateways only", SKIP, Spec(ENDPOINT, {"serviceName": "s3"}, "s3"), says="no interface endpoint"),
    interfaces("none", SKIP, OTHER),
    Case("COST-NET-003", "another type", SKIP, (OTHER,), params=FOUR),
)

CASES = (*GATEWAYS, *AROUND, *INTERFACES)
