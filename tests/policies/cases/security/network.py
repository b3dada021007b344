"""Cases of the rules on VPCs and subnets."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    urn,
)

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
CLUSTER = "aws:eks/cluster:Cluster"
NAT = "aws:ec2/natGateway:NatGateway"

NEW = Spec(VPC, {"id": UNKNOWN, "arn": UNKNOWN, "cidrBlock": "10.0.0.0/16", "defaultSecurityGroupId": UNKNOWN})
OLD = Spec(VPC, {"id": "vpc-1", "cidrBlock": "10.0.0.0/16", "defaultSecurityGroupId": "sg-0"})
SECOND = Spec(VPC, {"id": UNKNOWN}, "second")
OF_NEW = {"vpcId": [urn(VPC, "subject")]}
OF_SECOND = {"vpcId": [urn(VPC, "second")]}


def flow_log(vpc: Any = "vpc-1", traffic: Any = "ALL", name: str = "log", **more: Any) -> Spec:
    return Spec(FLOW_LOG, {"vpcId": vpc, "trafficType": traffic}, name, **more)


def closed(vpc: Any = "vpc-1", depends: Any = None, **rules: Any) -> Spec:
    props = {"id": "sg-0", "vpcId": vpc, "ingress": [], "egress": [], **rules}
    return Spec(DEFAULT_GROUP, props, "default", depends or {})


def entry(group: Any, **more: Any) -> Spec:
    return Spec(INGRESS, {"securityGroupId": group, "ipProtocol": "-1"}, "extra", **more)


def endpoint(service: str, vpc: Any = "vpc-1", kind: Any = "Interface", dns: Any = True, **more: Any) -> Spec:
    name = f"com.amazonaws.us-east-1.{service}"
    props = {"vpcId": vpc, "serviceName": name, "vpcEndpointType": kind, "privateDnsEnabled": dns}
    return Spec(ENDPOINT, props, service, **more)


def subnet(**props: Any) -> Spec:
    return Spec(SUBNET, props)


NODES = Spec(SUBNET, {"id": "subnet-1", "vpcId": "vpc-1"}, "nodes")
EKS = Spec(CLUSTER, {"vpcConfig": {"subnetIds": ["subnet-1"], "endpointPublicAccess": False}}, "cluster")
S3 = endpoint("s3", kind="Gateway", dns=None)
PRIVATE = (S3, *(endpoint(service) for service in ("ec2", "ecr.api", "ecr.dkr", "sts")))
NEW_NODES = Spec(SUBNET, {"id": UNKNOWN, "vpcId": UNKNOWN}, "nodes", OF_NEW)
NEW_EKS = Spec(CLUSTER, {"vpcConfig": {"subnetIds": UNKNOWN_LIST}}, "cluster", {"vpcConfig": [urn(SUBNET, "nodes")]})
WAY_OUT = Spec(NAT, {"id": UNKNOWN, "subnetId": "subnet-1", "vpcId": UNKNOWN}, "nat")

CASES = (
    Case("SEC-NET-004", "logged", PASS, (OLD, flow_log())),
    Case("SEC-NET-004", "refused traffic alone", PASS, (OLD, flow_log(traffic="REJECT"))),
    Case("SEC-NET-004", "logged in a first preview", PASS, (NEW, flow_log(UNKNOWN, depends=OF_NEW))),
    Case("SEC-NET-004", "unknown log beside one that does", PASS, (OLD, flow_log(traffic=UNKNOWN), flow_log(name="b"))),
    Case("SEC-NET-004", "nothing attached", FAIL, (OLD,), "the VPC has no flow log"),
    Case("SEC-NET-004", "log of another VPC", FAIL, (NEW, SECOND, flow_log(UNKNOWN, depends=OF_SECOND))),
    Case("SEC-NET-004", "log of a subnet", FAIL, (OLD, Spec(FLOW_LOG, {"subnetId": "subnet-1"}, "log"))),
    Case("SEC-NET-004", "accepted traffic alone", FAIL, (OLD, flow_log(traffic="ACCEPT")), "log does not log traffic"),
    Case("SEC-NET-004", "all wanted", FAIL, (OLD, flow_log(traffic="REJECT")), params={"traffic": ["ALL"]}),
    Case("SEC-NET-004", "default VPC", FAIL, (Spec("aws:ec2/defaultVpc:DefaultVpc", {"id": "vpc-9"}), flow_log())),
    Case("SEC-NET-004", "traffic unknown", OPEN, (OLD, flow_log(traffic=UNKNOWN))),
    Case("SEC-NET-004", "log of who knows what", OPEN, (NEW, flow_log(UNKNOWN)), "perhaps to this one"),
    Case("SEC-NET-004", "another type", SKIP, (OTHER,)),
    Case("SEC-NET-005", "closed", PASS, (OLD, closed())),
    Case("SEC-NET-005", "closed in a first preview", PASS, (NEW, closed(UNKNOWN, OF_NEW, id=UNKNOWN))),
    Case(
        "SEC-NET-005",
        "rules left out",
        PASS,
        (NEW, closed(UNKNOWN, OF_NEW, id=UNKNOWN, ingress=UNKNOWN_LIST, egress=UNKNOWN_LIST)),
    ),
    Case("SEC-NET-005", "rule of another group", PASS, (OLD, closed(), entry("sg-1"))),
    Case(
        "SEC-NET-005",
        "rule of another new group",
        PASS,
        (
            NEW,
            closed(UNKNOWN, OF_NEW),
            entry(UNKNOWN, depends={"securityGroupId": [urn(GROUP, "a")]}),
            Spec(GROUP, {}, "a"),
        ),
    ),
    Case("SEC-NET-005", "left as AWS makes it", FAIL, (OLD,), "no DefaultSecurityGroup"),
    Case("SEC-NET-005", "opened", FAIL, (OLD, closed(ingress=[{"protocol": "-1", "self": True}])), "default: ingress"),
    Case("SEC-NET-005", "opened beside unknown", FAIL, (OLD, closed(egress=[UNKNOWN_OBJECT], ingress=UNKNOWN_LIST))),
    Case("SEC-NET-005", "rule added by id", FAIL, (OLD, closed(), entry("sg-0")), "extra adds a rule"),
    Case(
        "SEC-NET-005",
        "rule added by the group",
        FAIL,
        (NEW, closed(UNKNOWN, OF_NEW), entry(UNKNOWN, depends={"securityGroupId": [urn(DEFAULT_GROUP, "default")]})),
        "extra adds a rule",
    ),
    Case(
        "SEC-NET-005",
        "rules unknown",
        OPEN,
        (NEW, closed(UNKNOWN, {**OF_NEW, "ingress": []}, ingress=UNKNOWN_LIST)),
        "ingress is not known yet",
    ),
    Case(
        "SEC-NET-005",
        "rule added by the VPC",
        OPEN,
        (NEW, closed(UNKNOWN, OF_NEW), entry(UNKNOWN, depends={"securityGroupId": [urn(VPC, "subject")]})),
        "perhaps the default one",
    ),
    Case("SEC-NET-005", "group of who knows what", OPEN, (NEW, closed(UNKNOWN)), "perhaps to this one"),
    Case("SEC-NET-005", "another type", SKIP, (OTHER,)),
    Case("SEC-NET-006", "off", PASS, (subnet(mapPublicIpOnLaunch=False),)),
    Case("SEC-NET-006", "default", PASS, (subnet(cidrBlock="10.0.0.0/24"),)),
    Case("SEC-NET-006", "on", FAIL, (subnet(mapPublicIpOnLaunch=True),), "mapPublicIpOnLaunch is true; wanted false"),
    Case("SEC-NET-006", "default subnet", FAIL, (Spec("aws:ec2/defaultSubnet:DefaultSubnet", {}),), "default subnets"),
    Case(
        "SEC-NET-006",
        "tagged, which exempts nobody",
        FAIL,
        (subnet(mapPublicIpOnLaunch=True, tags={"tier": "public"}),),
    ),
    Case(
        "SEC-NET-006",
        "another tag",
        FAIL,
        (subnet(mapPublicIpOnLaunch=True, tags={"tier": "private"}),),
        params={"public_tags": ["tier=public"]},
    ),
    Case("SEC-NET-006", "unknown", OPEN, (subnet(mapPublicIpOnLaunch=UNKNOWN_BOOL),)),
    Case(
        "SEC-NET-006",
        "tag unknown",
        OPEN,
        (subnet(mapPublicIpOnLaunch=True, tags={"tier": UNKNOWN}),),
        params={"public_tags": ["tier=public"]},
    ),
    Case(
        "SEC-NET-006",
        "tagged where that is allowed",
        SKIP,
        (subnet(mapPublicIpOnLaunch=True, tags={"tier": "public"}),),
        params={"public_tags": ["zone=dmz", "tier=public"]},
    ),
    Case("SEC-NET-006", "another type", SKIP, (OTHER,)),
    Case("SEC-NET-007", "all of a private cluster", PASS, (OLD, NODES, EKS, *PRIVATE)),
    Case("SEC-NET-007", "s3 where there is NAT", PASS, (OLD, NODES, EKS, WAY_OUT, S3)),
    Case(
        "SEC-NET-007",
        "s3 where there is a transit gateway",
        PASS,
        (OLD, NODES, EKS, Spec("aws:ec2transitgateway/vpcAttachment:VpcAttachment", {"vpcId": "vpc-1"}, "hub"), S3),
    ),
    Case(
        "SEC-NET-007",
        "first preview",
        PASS,
        (NEW, NEW_NODES, NEW_EKS, endpoint("s3", UNKNOWN, "Gateway", UNKNOWN_BOOL, depends=OF_NEW)),
        params={"private": ["s3"]},
    ),
    Case("SEC-NET-007", "fips endpoint", PASS, (OLD, NODES, EKS, endpoint("sts-fips")), params={"private": ["sts"]}),
    Case("SEC-NET-007", "none", FAIL, (OLD, NODES, EKS), "no endpoint serves ecr.api"),
    Case("SEC-NET-007", "one missing", FAIL, (OLD, NODES, EKS, *PRIVATE[1:]), "no endpoint serves s3"),
    Case("SEC-NET-007", "NAT and nothing else", FAIL, (OLD, NODES, EKS, WAY_OUT), "no endpoint serves s3"),
    Case("SEC-NET-007", "no private DNS", FAIL, (OLD, NODES, EKS, *PRIVATE[:-1], endpoint("sts", dns=False)), "sts"),
    Case("SEC-NET-007", "endpoint of another VPC", FAIL, (OLD, NODES, EKS, *PRIVATE[:-1], endpoint("sts", "vpc-2"))),
    Case(
        "SEC-NET-007",
        "private DNS left out in a first preview",
        FAIL,
        (
            NEW,
            NEW_NODES,
            NEW_EKS,
            endpoint("sts", UNKNOWN, dns=UNKNOWN_BOOL, depends={**OF_NEW, "vpcEndpointType": []}),
        ),
        params={"private": ["sts"]},
    ),
    Case(
        "SEC-NET-007",
        "endpoint of who knows what",
        OPEN,
        (NEW, NEW_NODES, NEW_EKS, endpoint("sts", UNKNOWN)),
        "perhaps to this one",
        params={"private": ["sts"]},
    ),
    Case(
        "SEC-NET-007",
        "service unknown",
        OPEN,
        (OLD, NODES, EKS, Spec(ENDPOINT, {"vpcId": "vpc-1", "serviceName": UNKNOWN}, "which")),
    ),
    Case(
        "SEC-NET-007",
        "cluster anywhere",
        OPEN,
        (OLD, NODES, Spec(CLUSTER, {"vpcConfig": {"subnetIds": [UNKNOWN]}}, "cluster")),
    ),
    Case("SEC-NET-007", "no cluster", SKIP, (OLD, NODES), "no EKS cluster"),
    Case(
        "SEC-NET-007",
        "cluster in another VPC",
        SKIP,
        (OLD, NODES, Spec(CLUSTER, {"vpcConfig": {"subnetIds": ["subnet-9"]}}, "cluster")),
    ),
    Case("SEC-NET-007", "another type", SKIP, (OTHER,)),
)
