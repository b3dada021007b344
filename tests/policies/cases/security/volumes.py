"""Cases of the rule on EBS volumes."""

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

CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
OWN = "arn:aws:kms:us-east-1:1:key/1"
PRODUCTION, DEVELOPMENT = "production", "development"


def volume(**props: Any) -> Spec:
    return Spec("aws:ebs/volume:Volume", {"availabilityZone": "us-east-1a", **props})


def template(*disks: Any) -> Spec:
    return Spec("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": [{"ebs": disk} for disk in disks]})


def mapping(**props: Any) -> Spec:
    return Spec(
        "aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}, props]}
    )


def instance(**props: Any) -> Spec:
    return Spec("aws:ec2/instance:Instance", props)


def node_class(*disks: Any, **spec: Any) -> Spec:
    mappings = {"blockDeviceMappings": [{"ebs": disk} for disk in disks]} if disks else {}
    return object_("karpenter.k8s.aws/v1", "EC2NodeClass", spec={**mappings, **spec})


def storage_class(provisioner: Any = "ebs.csi.aws.com", **parameters: Any) -> Spec:
    return object_("storage.k8s.io/v1", "StorageClass", provisioner=provisioner, parameters=parameters)


def case(name: str, expected: Any, spec: Spec, says: str = "", environment: str | None = DEVELOPMENT) -> Case:
    return Case("SEC-EC2-003", name, expected, (spec,), says, environment=environment)


CASES = (
    case("volume", PASS, volume(encrypted=True)),
    case("volume with own key", PASS, volume(encrypted=True, kmsKeyId=OWN), environment=None),
    case("volume with secret key", PASS, volume(encrypted=True, kmsKeyId=secret(OWN)), environment=PRODUCTION),
    case("template", PASS, template({"encrypted": "true"}, {"encrypted": True})),
    case("template of a new key in development", PASS, template({"encrypted": "true", "kmsKeyId": UNKNOWN})),
    case("template with an instance store", PASS, mapping(virtualName="ephemeral0")),
    case("template that takes a device away", PASS, mapping(noDevice="true")),
    case("snapshot that is encrypted anew", PASS, volume(snapshotId="snap-1", encrypted=True)),
    case("instance", PASS, instance(rootBlockDevice={"encrypted": True}, ebsBlockDevices=[{"encrypted": True}])),
    case("karpenter", PASS, node_class({"encrypted": True, "kmsKeyID": OWN}), environment=PRODUCTION),
    case("karpenter default", PASS, node_class(amiFamily="AL2023")),
    case("storage class", PASS, storage_class(encrypted="true")),
    case("volume left to the default", FAIL, volume(size=10), "encrypted is unset; wanted true"),
    case("volume in the clear", FAIL, volume(encrypted=False)),
    case("template in the clear", FAIL, template({"encrypted": "false"}), "blockDeviceMappings.0.ebs.encrypted"),
    case("template left to the default", FAIL, template({"encrypted": "true"}, {"volumeSize": 20}), "Mappings.1.ebs"),
    case("template that keeps a device", FAIL, mapping(noDevice=""), "blockDeviceMappings.1.ebs.encrypted"),
    case("template without volumes", FAIL, template(), "blockDeviceMappings is unset"),
    case("instance whose root is in the clear", FAIL, instance(ami="ami-1"), "rootBlockDevice.encrypted is unset"),
    case("instance with an unknown disk and a plain one", FAIL, instance(ebsBlockDevices=[UNKNOWN_OBJECT, {}])),
    case("configuration", FAIL, Spec(CONFIGURATION, {"ebsBlockDevices": [{"noDevice": True}]}), "rootBlockDevice"),
    case(
        "karpenter mapping left to the default", FAIL, node_class({"volumeSize": "20Gi"}), "spec.blockDeviceMappings.0"
    ),
    case("karpenter default in production", FAIL, node_class(), "wanted a customer managed key", PRODUCTION),
    case("storage class left to the default", FAIL, storage_class(type="gp3"), "parameters.encrypted is unset"),
    case("storage class of old", FAIL, storage_class("kubernetes.io/aws-ebs", encrypted="false")),
    case("no own key in production", FAIL, volume(encrypted=True), "kmsKeyId is unset; wanted the ARN", PRODUCTION),
    case(
        "the key of AWS in production",
        FAIL,
        template({"encrypted": "true", "kmsKeyId": "alias/aws/ebs"}),
        "a customer managed key",
        PRODUCTION,
    ),
    case("unknown", OPEN, volume(encrypted=UNKNOWN_BOOL)),
    case(
        "mappings unknown", OPEN, Spec("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": UNKNOWN_LIST})
    ),
    case("neither true nor false", OPEN, template({"encrypted": "yes"}), "a boolean was expected"),
    case("snapshot decides", OPEN, template({"snapshotId": "snap-1"}), "of a snapshot, which decides"),
    case("launch template decides", OPEN, instance(launchTemplate={"id": UNKNOWN}), "the launch template decides"),
    case("image decides", OPEN, node_class(amiFamily="Custom"), "the image decides"),
    case("key unknown in production", OPEN, template({"encrypted": "true", "kmsKeyId": UNKNOWN}), "", PRODUCTION),
    case("environment unknown", OPEN, volume(encrypted=True), "the environment is not known", None),
    case(
        "configuration in production",
        OPEN,
        Spec(CONFIGURATION, {"rootBlockDevice": {"encrypted": True}}),
        "names no key",
        PRODUCTION,
    ),
    case("storage class of another driver", SKIP, storage_class("efs.csi.aws.com")),
    case("another type", SKIP, OTHER),
)
