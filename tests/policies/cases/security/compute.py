"""Cases of the rules on instances and their templates."""

import base64
import gzip
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
    object_,
    secret,
)

NODE_CLASS = "karpenter.k8s.aws/v1"
CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"


def template(**props: Any) -> Spec:
    return Spec("aws:ec2/launchTemplate:LaunchTemplate", props)


def instance(**props: Any) -> Spec:
    return Spec("aws:ec2/instance:Instance", {"ami": "ami-1", **props})


def node_class(**spec: Any) -> Spec:
    return object_(NODE_CLASS, "EC2NodeClass", spec=spec)


def hops(limit: Any) -> Spec:
    return template(metadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": limit})


def public(*addresses: Any) -> Spec:
    return template(networkInterfaces=[{"associatePublicIpAddress": one} for one in addresses])


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# In two parts, so that no scanner takes it for a real one.
KEY_ID = "AKIA" + "Q" * 16
HARMLESS = """#!/bin/sh
TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 21600")
export DB_PASSWORD="$(aws secretsmanager get-secret-value --secret-id db --query SecretString --output text)"
aws ecr get-login-password | docker login --username AWS --password-stdin registry
lock_passwd: true
password: see the runbook
"""
LEAKY = "#!/bin/sh\nexport DB_PASSWORD=hunter22\n"
SQUEEZED = base64.b64encode(gzip.compress((HARMLESS + LEAKY).encode(), mtime=0)).decode()
BROKEN = base64.b64encode(b"\x1f\x8b\x08 not gzip at all, whatever it says").decode()
FILES = f"#cloud-config\nwrite_files:\n- path: /etc/job.env\n  encoding: b64\n  content: {packed(LEAKY * 2)}\n"

CASES = (
    Case("SEC-EC2-001", "required", PASS, (template(metadataOptions={"httpTokens": "required"}),)),
    Case("SEC-EC2-001", "metadata off", PASS, (template(metadataOptions={"httpEndpoint": "disabled"}),)),
    Case("SEC-EC2-001", "default", FAIL, (template(imageId="ami-1"),), "metadataOptions.httpTokens is unset"),
    Case("SEC-EC2-001", "optional", FAIL, (template(metadataOptions={"httpTokens": "optional"}),)),
    Case("SEC-EC2-001", "instance", FAIL, (Spec("aws:ec2/instance:Instance", {"ami": "ami-1"}),)),
    Case("SEC-EC2-001", "unknown", OPEN, (template(metadataOptions=UNKNOWN_OBJECT),)),
    Case("SEC-EC2-001", "another type", SKIP, (OTHER,)),
    Case("SEC-EC2-001", "karpenter default", PASS, (object_(NODE_CLASS, "EC2NodeClass", spec={}),)),
    Case(
        "SEC-EC2-001",
        "karpenter optional",
        FAIL,
        (object_(NODE_CLASS, "EC2NodeClass", spec={"metadataOptions": {"httpTokens": "optional"}}),),
        "spec.metadataOptions.httpTokens",
    ),
    Case("SEC-EC2-001", "karpenter unknown", OPEN, (node_class(metadataOptions=UNKNOWN_OBJECT),)),
    Case("SEC-EC2-001", "spot request", FAIL, (Spec("aws:ec2/spotInstanceRequest:SpotInstanceRequest", {}),)),
    Case("SEC-EC2-002", "one hop", PASS, (hops(1),)),
    Case("SEC-EC2-002", "metadata off", PASS, (template(metadataOptions={"httpEndpoint": "disabled"}),)),
    Case("SEC-EC2-002", "two hops allowed", PASS, (hops(2),), params={"most": 2}),
    Case("SEC-EC2-002", "karpenter default", PASS, (node_class(),)),
    Case("SEC-EC2-002", "two hops", FAIL, (hops(2),), "httpPutResponseHopLimit is 2; wanted at most 1"),
    Case("SEC-EC2-002", "default", FAIL, (template(imageId="ami-1"),), "is unset; wanted 1 (images"),
    Case("SEC-EC2-002", "instance with tokens alone", FAIL, (instance(metadataOptions={"httpTokens": "required"}),)),
    Case(
        "SEC-EC2-002",
        "karpenter two hops",
        FAIL,
        (node_class(metadataOptions={"httpPutResponseHopLimit": 2}),),
        "spec.metadataOptions.httpPutResponseHopLimit",
    ),
    Case(
        "SEC-EC2-002",
        "second node class of a list",
        FAIL,
        (
            object_(
                "v1",
                "List",
                items=[
                    node_class(metadataOptions=UNKNOWN_OBJECT).props,
                    node_class(metadataOptions={"httpPutResponseHopLimit": 3}).props,
                ],
            ),
        ),
    ),
    Case("SEC-EC2-002", "unknown", OPEN, (hops(UNKNOWN),)),
    Case("SEC-EC2-002", "options unknown", OPEN, (template(metadataOptions=UNKNOWN_OBJECT),)),
    Case("SEC-EC2-002", "a text", OPEN, (hops("1"),), "a number was expected"),
    Case("SEC-EC2-002", "another type", SKIP, (OTHER,)),
    Case("SEC-EC2-004", "off", PASS, (public("false"),)),
    Case("SEC-EC2-004", "off as boolean", PASS, (public(False, "false"),)),
    Case("SEC-EC2-004", "instance off", PASS, (instance(associatePublicIpAddress=False),)),
    Case("SEC-EC2-004", "karpenter off", PASS, (node_class(associatePublicIPAddress=False),)),
    Case("SEC-EC2-004", "on", FAIL, (public("true"),), "networkInterfaces.0.associatePublicIpAddress"),
    Case("SEC-EC2-004", "second interface on", FAIL, (public(UNKNOWN, True),), "networkInterfaces.1"),
    Case("SEC-EC2-004", "instance on", FAIL, (instance(associatePublicIpAddress=True, subnetId="subnet-1"),)),
    Case("SEC-EC2-004", "instance without subnet", FAIL, (instance(),), "default subnets give public addresses"),
    Case("SEC-EC2-004", "configuration on", FAIL, (Spec(CONFIGURATION, {"associatePublicIpAddress": True}),)),
    Case("SEC-EC2-004", "karpenter on", FAIL, (node_class(associatePublicIPAddress=True),), "spec.associatePublicIP"),
    Case("SEC-EC2-004", "unknown", OPEN, (public(UNKNOWN),)),
    Case("SEC-EC2-004", "interfaces unknown", OPEN, (template(networkInterfaces=UNKNOWN_LIST),)),
    Case("SEC-EC2-004", "karpenter unknown", OPEN, (node_class(associatePublicIPAddress=UNKNOWN_BOOL),)),
    Case("SEC-EC2-004", "neither on nor off", OPEN, (public("maybe"),), "a boolean was expected"),
    Case("SEC-EC2-004", "subnet decides", SKIP, (instance(subnetId=UNKNOWN),)),
    Case("SEC-EC2-004", "template without interfaces", SKIP, (template(imageId="ami-1"),), "SEC-NET-006"),
    Case("SEC-EC2-004", "template with silent interfaces", SKIP, (public(None, ""),), "SEC-NET-006"),
    Case("SEC-EC2-004", "configuration silent", SKIP, (Spec(CONFIGURATION, {}),)),
    Case("SEC-EC2-004", "another type", SKIP, (OTHER,)),
    Case("SEC-EC2-005", "harmless", PASS, (instance(userData=HARMLESS),)),
    Case("SEC-EC2-005", "harmless in base64", PASS, (template(userData=packed(HARMLESS)),)),
    Case("SEC-EC2-005", "karpenter settings", PASS, (node_class(userData='[settings.kubernetes]\n"max-pods" = 50\n'),)),
    Case("SEC-EC2-005", "password", FAIL, (instance(userData=LEAKY),), "userData holds a password (line 2)"),
    Case("SEC-EC2-005", "password in base64", FAIL, (template(userData=packed(LEAKY)),), "a password (line 2)"),
    Case("SEC-EC2-005", "password in gzip", FAIL, (instance(userDataBase64=SQUEEZED),), "a password (line 8)"),
    Case("SEC-EC2-005", "password in a file", FAIL, (instance(userData=FILES),), "(line 2 of an encoded part)"),
    Case("SEC-EC2-005", "access key", FAIL, (instance(userData=f"key={KEY_ID}"),), "an AWS access key id"),
    Case(
        "SEC-EC2-005",
        "private key",
        FAIL,
        (Spec(CONFIGURATION, {"userData": "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE\n"}),),
        "a private key (line 1)",
    ),
    Case("SEC-EC2-005", "token of karpenter", FAIL, (node_class(userData="HF=hf_" + "aB3" * 12),), "a Hugging Face"),
    Case("SEC-EC2-005", "secret of Pulumi", FAIL, (instance(userData=secret(LEAKY)),), "a password"),
    Case(
        "SEC-EC2-005",
        "one unknown beside a leak",
        FAIL,
        (instance(userData=UNKNOWN, userDataBase64=packed(LEAKY)),),
        "userDataBase64",
    ),
    Case("SEC-EC2-005", "unknown", OPEN, (template(userData=UNKNOWN),)),
    Case("SEC-EC2-005", "gzip that is none", OPEN, (template(userData=BROKEN),), "could not be unpacked"),
    Case("SEC-EC2-005", "too long", OPEN, (instance(userData="x" * 70_000),), "longer than EC2 takes"),
    Case("SEC-EC2-005", "a number", OPEN, (instance(userData=3),), "a string was expected"),
    Case("SEC-EC2-005", "no user data", SKIP, (template(imageId="ami-1"),), "there is no user data"),
    Case("SEC-EC2-005", "another type", SKIP, (OTHER,)),
)
