"""Cases of the rules on SageMaker."""

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
    secret,
)

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
VPC = {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}
NOTEBOOK = {
    "directInternetAccess": "Disabled",
    "rootAccess": "Disabled",
    "instanceMetadataServiceConfiguration": {"minimumInstanceMetadataServiceVersion": "2"},
    "subnetId": "subnet-1",
    "kmsKeyId": KEY,
}


def notebook(**changes: Any) -> Spec:
    return Spec("aws:sagemaker/notebookInstance:NotebookInstance", {**NOTEBOOK, **changes})


def model(**props: Any) -> Spec:
    return Spec("aws:sagemaker/model:Model", {"enableNetworkIsolation": True, "vpcConfig": VPC, **props})


def endpoint(*types: Any, **props: Any) -> Spec:
    variants = [{"instanceType": kind} if kind else {"serverlessConfig": {"maxConcurrency": 1}} for kind in types]
    kind = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    return Spec(kind, {"productionVariants": variants, **props})


def domain(**changes: Any) -> Spec:
    return Spec("aws:sagemaker/domain:Domain", {"appNetworkAccessType": "VpcOnly", "kmsKeyId": KEY, **changes})


RULE = "SEC-ML-003"

CASES = (
    Case(RULE, "closed notebook", PASS, (notebook(),)),
    Case(RULE, "secret key id", PASS, (notebook(kmsKeyId=secret(KEY)),)),
    Case(RULE, "notebook with internet", FAIL, (notebook(directInternetAccess=None),), 'wanted "Disabled"'),
    Case(RULE, "notebook with root", FAIL, (notebook(rootAccess="Enabled"),), 'rootAccess is "Enabled"'),
    Case(RULE, "notebook with IMDSv1", FAIL, (notebook(instanceMetadataServiceConfiguration=None),), 'wanted "2"'),
    Case(RULE, "notebook outside a VPC", FAIL, (notebook(subnetId=None),), "subnetId is unset"),
    Case(RULE, "notebook without a key", FAIL, (notebook(kmsKeyId=None),), "kmsKeyId is unset"),
    Case(RULE, "root beside an unknown subnet", FAIL, (notebook(subnetId=UNKNOWN, rootAccess=None),), "rootAccess"),
    Case(RULE, "subnet unknown", OPEN, (notebook(subnetId=UNKNOWN),)),
    Case(RULE, "root unknown", OPEN, (notebook(rootAccess=UNKNOWN),)),
    Case(RULE, "metadata options are a text", OPEN, (notebook(instanceMetadataServiceConfiguration="2"),)),
    Case(RULE, "isolated model", PASS, (model(),)),
    Case(RULE, "model in subnets of the same stack", PASS, (model(vpcConfig={**VPC, "subnets": UNKNOWN_LIST}),)),
    Case(RULE, "model with a network", FAIL, (model(enableNetworkIsolation=None),), "enableNetworkIsolation is unset"),
    Case(RULE, "text instead of boolean", FAIL, (model(enableNetworkIsolation="true"),)),
    Case(RULE, "model outside a VPC", FAIL, (model(vpcConfig=None),), "vpcConfig is unset"),
    Case(RULE, "isolation unknown", OPEN, (model(enableNetworkIsolation=UNKNOWN_BOOL),)),
    Case(RULE, "VPC unknown", OPEN, (model(vpcConfig=UNKNOWN_OBJECT),)),
    Case(RULE, "endpoint with a key", PASS, (endpoint("ml.m5.xlarge", kmsKeyArn=KEY),)),
    Case(RULE, "endpoint on disks of its own", PASS, (endpoint("ml.g5.xlarge"),)),
    Case(RULE, "one variant on disks of its own", PASS, (endpoint("ml.m5.xlarge", "ml.g5.xlarge"),)),
    Case(
        RULE,
        "shadow on disks of its own",
        PASS,
        (endpoint("ml.m5.xlarge", shadowProductionVariants=[{"instanceType": "ml.p4d.24xlarge"}]),),
    ),
    Case(
        RULE,
        "captured data with a key",
        PASS,
        (endpoint("ml.g5.xlarge", dataCaptureConfig={"enableCapture": True, "kmsKeyId": KEY}),),
    ),
    Case(RULE, "capture switched off", PASS, (endpoint("ml.g5.xlarge", dataCaptureConfig={"enableCapture": False}),)),
    Case(RULE, "endpoint without a key", FAIL, (endpoint("ml.m5.xlarge"),), "kmsKeyArn is unset"),
    Case(RULE, "serverless without a key", FAIL, (endpoint(None),), "kmsKeyArn is unset"),
    Case(
        RULE,
        "captured data without a key",
        FAIL,
        (endpoint("ml.g5.xlarge", dataCaptureConfig={"enableCapture": True}),),
        "dataCaptureConfig.kmsKeyId is unset",
    ),
    Case(
        RULE,
        "results without a key",
        FAIL,
        (endpoint("ml.g5.xlarge", asyncInferenceConfig={"outputConfig": {"s3OutputPath": "s3://a"}}),),
        "asyncInferenceConfig.outputConfig.kmsKeyId is unset",
    ),
    Case(RULE, "type not in the facts", OPEN, (endpoint("ml.c5.xlarge"),), "whose disks are not in the facts"),
    Case(RULE, "type unknown", OPEN, (endpoint(UNKNOWN),)),
    Case(RULE, "key of the same stack", OPEN, (endpoint("ml.m5.xlarge", kmsKeyArn=UNKNOWN),)),
    Case(RULE, "variant is a text", OPEN, (endpoint(productionVariants=["a"]),), "an object was expected"),
    Case(RULE, "closed domain", PASS, (domain(),)),
    Case(RULE, "domain with internet", FAIL, (domain(appNetworkAccessType=None),), "PublicInternetOnly"),
    Case(RULE, "domain with AWS's key", FAIL, (domain(kmsKeyId="alias/aws/elasticfilesystem"),)),
    Case(RULE, "domain's access unknown", OPEN, (domain(appNetworkAccessType=UNKNOWN),)),
    Case(RULE, "another type", SKIP, (OTHER,)),
)
