"""Cases of the rules on security groups."""

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
)

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
EITHER = "aws:ec2/securityGroupRule:SecurityGroupRule"
ALL, ALL6 = "0.0.0.0/0", "::/0"


def inward(low: Any, high: Any = None, cidr: Any = ALL, **props: Any) -> Spec:
    ports = {"ipProtocol": "tcp", "fromPort": low, "toPort": low if high is None else high}
    return Spec(INGRESS, {**ports, "cidrIpv4": cidr, **props})


def entry(low: Any, high: Any = None, *cidrs: Any, **props: Any) -> dict[str, Any]:
    ports = {"protocol": "tcp", "fromPort": low, "toPort": low if high is None else high}
    return {**ports, "cidrBlocks": list(cidrs) or [ALL], **props}


def group(*ingress: Any, **props: Any) -> Spec:
    return Spec(GROUP, {"ingress": list(ingress), **props})


def outward(**props: Any) -> Spec:
    return Spec(EGRESS, {"ipProtocol": "-1", "cidrIpv4": ALL, **props})


def old(kind: Any, **props: Any) -> Spec:
    return Spec(EITHER, {"type": kind, "protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ALL], **props})


EVERYTHING = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ALL]}
SAID = {"description": "TLS from the VPC"}
CASES = (
    Case("SEC-NET-001", "https to everyone", PASS, (inward(443),)),
    Case("SEC-NET-001", "ssh from the office", PASS, (inward(22, cidr="203.0.113.0/24"),)),
    Case("SEC-NET-001", "https from somewhere unknown", PASS, (inward(443, cidr=UNKNOWN),)),
    Case("SEC-NET-001", "unknown port from the VPC", PASS, (inward(UNKNOWN, UNKNOWN, "10.0.0.0/16"),)),
    Case("SEC-NET-001", "all traffic among members", PASS, (Spec(INGRESS, {"ipProtocol": "-1"}),)),
    Case("SEC-NET-001", "ping from everyone", PASS, (inward(8, 0, ipProtocol="icmp"),)),
    Case("SEC-NET-001", "group without rules", PASS, (Spec(GROUP, {"description": "nodes"}),)),
    Case("SEC-NET-001", "other ports wanted", PASS, (inward(22),), params={"ports": [3389]}),
    Case("SEC-NET-001", "ssh to everyone", FAIL, (inward(22),), "the rule opens port 22 to the internet"),
    Case("SEC-NET-001", "rdp to everyone over IPv6", FAIL, (inward(3389, cidr=None, cidrIpv6=ALL6),)),
    Case("SEC-NET-001", "notebooks inside a range", FAIL, (inward(8000, 9000),), "port 8080, 8088, 8265 and 1 more"),
    Case("SEC-NET-001", "half the internet", FAIL, (inward(22, cidr="0.0.0.0/1"),)),
    Case("SEC-NET-001", "all of IPv6 that is routed", FAIL, (inward(22, cidr=None, cidrIpv6="2000::/3"),)),
    Case("SEC-NET-001", "everything", FAIL, (Spec(INGRESS, {"ipProtocol": "-1", "cidrIpv4": ALL}),), "every port"),
    Case("SEC-NET-001", "everything as a number", FAIL, (old("ingress", protocol=-1),), "every port"),
    Case("SEC-NET-001", "everything in words", FAIL, (group({**EVERYTHING, "protocol": "All"}),)),
    Case("SEC-NET-001", "udp by its number", FAIL, (inward(3389, ipProtocol="17"),)),
    Case("SEC-NET-001", "ports left out", FAIL, (Spec(INGRESS, {"ipProtocol": "tcp", "cidrIpv4": ALL}),), "more"),
    Case("SEC-NET-001", "inline", FAIL, (group(entry(443), entry(22, 22, "10.0.0.0/8", ALL)),), "ingress.1 opens"),
    Case("SEC-NET-001", "one unknown beside ssh", FAIL, (group(UNKNOWN_OBJECT, entry(22)),)),
    Case("SEC-NET-001", "unknown range beside everyone", FAIL, (group(entry(22, 22, UNKNOWN, ALL)),)),
    Case("SEC-NET-001", "unknown IPv4 beside IPv6", FAIL, (group(entry(22, 22, UNKNOWN, ipv6CidrBlocks=[ALL6])),)),
    Case("SEC-NET-001", "default group", FAIL, (Spec(DEFAULT_GROUP, {"ingress": [EVERYTHING]}),)),
    Case("SEC-NET-001", "older resource", FAIL, (old("ingress"),)),
    Case("SEC-NET-001", "range unknown", OPEN, (inward(22, cidr=UNKNOWN),)),
    Case("SEC-NET-001", "ports unknown", OPEN, (inward(UNKNOWN, UNKNOWN),)),
    Case("SEC-NET-001", "rules unknown", OPEN, (Spec(GROUP, {"ingress": UNKNOWN_LIST}),)),
    Case("SEC-NET-001", "port is a text", OPEN, (inward("22"),), "a number was expected"),
    Case("SEC-NET-001", "no protocol", OPEN, (Spec(INGRESS, {"cidrIpv4": ALL}),), "a protocol was expected"),
    Case("SEC-NET-001", "direction unknown", OPEN, (old(UNKNOWN),)),
    Case("SEC-NET-001", "outward", SKIP, (outward(),), "no ingress rule"),
    Case("SEC-NET-001", "older resource outward", SKIP, (old("egress"),)),
    Case("SEC-NET-001", "another type", SKIP, (OTHER,)),
    Case("SEC-NET-002", "group and rules", PASS, (group({**EVERYTHING, **SAID}, description="endpoints"),)),
    Case("SEC-NET-002", "rule", PASS, (outward(**SAID),)),
    Case("SEC-NET-002", "default group without rules", PASS, (Spec(DEFAULT_GROUP, {"ingress": [], "egress": []}),)),
    Case("SEC-NET-002", "rule without", FAIL, (outward(),), "description is unset; wanted what it is for"),
    Case("SEC-NET-002", "rule with blanks", FAIL, (old("ingress", description=" "),)),
    Case("SEC-NET-002", "group left to the default", FAIL, (Spec(GROUP, {"name": "a"}),)),
    Case(
        "SEC-NET-002", "default of the provider", FAIL, (group(description="Managed by Pulumi"),), "Managed by Pulumi"
    ),
    Case(
        "SEC-NET-002",
        "inline rule without, beside unknown ones",
        FAIL,
        (Spec(GROUP, {"description": "nodes", "ingress": UNKNOWN_LIST, "egress": [EVERYTHING]}),),
        "egress.0.description",
    ),
    Case("SEC-NET-002", "rule of the default group", FAIL, (Spec(DEFAULT_GROUP, {"egress": [EVERYTHING]}),)),
    Case("SEC-NET-002", "unknown", OPEN, (outward(description=UNKNOWN),)),
    Case("SEC-NET-002", "a number", OPEN, (outward(description=3),), "a string was expected"),
    Case("SEC-NET-002", "another type", SKIP, (OTHER,)),
    Case("SEC-NET-003", "TLS alone", PASS, (outward(ipProtocol="tcp", fromPort=443, toPort=443),)),
    Case("SEC-NET-003", "everything within the VPC", PASS, (outward(cidrIpv4="10.0.0.0/16"),)),
    Case("SEC-NET-003", "everything to members", PASS, (Spec(EGRESS, {"ipProtocol": "-1"}),)),
    Case("SEC-NET-003", "no egress rules", PASS, (Spec(GROUP, {"description": "nodes"}),)),
    Case("SEC-NET-003", "everything", FAIL, (outward(),), "lets everything out", environment="production"),
    Case(
        "SEC-NET-003",
        "all TCP ports inline",
        FAIL,
        (Spec(GROUP, {"egress": [UNKNOWN_OBJECT, entry(0, 65535)]}),),
        "egress.1",
        environment="production",
    ),
    Case("SEC-NET-003", "over IPv6", FAIL, (outward(cidrIpv4=None, cidrIpv6=ALL6),), environment="production"),
    Case("SEC-NET-003", "older resource", FAIL, (old("egress"),), environment="production"),
    Case(
        "SEC-NET-003",
        "staging too",
        FAIL,
        (outward(),),
        environment="staging",
        params={"environments": ["production", "staging"]},
    ),
    Case("SEC-NET-003", "destination unknown", OPEN, (outward(cidrIpv4=UNKNOWN),), environment="production"),
    Case("SEC-NET-003", "environment unknown", OPEN, (outward(),), "the environment is not known"),
    Case("SEC-NET-003", "rules unknown", OPEN, (Spec(GROUP, {"egress": UNKNOWN_LIST}),), environment="production"),
    Case("SEC-NET-003", "development", SKIP, (outward(),), "may let everything out", environment="development"),
    Case("SEC-NET-003", "inward", SKIP, (inward(22),), "no egress rule"),
    Case("SEC-NET-003", "another type", SKIP, (OTHER,)),
)
