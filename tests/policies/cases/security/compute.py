"""Cases of the rules on instances and their templates."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)


def template(**props: Any) -> Spec:
    return Spec("aws:ec2/launchTemplate:LaunchTemplate", props)


NODE_CLASS = "karpenter.k8s.aws/v1"
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
)
