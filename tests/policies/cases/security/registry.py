"""Cases of the rules on ECR."""

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
from tests.policies.specs import document

REPOSITORY = "aws:ecr/repository:Repository"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
REGISTRY = "aws:ecr/registryPolicy:RegistryPolicy"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
PULL = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
ACCOUNT = {"AWS": ["arn:aws:iam::123456789012:root"]}


def repository(**props: Any) -> Spec:
    return Spec(REPOSITORY, props)


def keyed(*blocks: Any) -> Spec:
    return repository(encryptionConfigurations=list(blocks))


def policy(*statements: Any) -> Spec:
    return Spec(POLICY, {"repository": "a", "policy": document(*statements)})


def pull(**changes: Any) -> Spec:
    return policy({**PULL, **changes})


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


CASES = (
    Case("SEC-ECR-001", "immutable", PASS, (repository(imageTagMutability="IMMUTABLE"),)),
    Case("SEC-ECR-001", "default", FAIL, (repository(name="x"),), 'is unset; wanted "IMMUTABLE"'),
    Case("SEC-ECR-001", "mutable", FAIL, (repository(imageTagMutability="MUTABLE"),)),
    Case("SEC-ECR-001", "with exclusions", FAIL, (repository(imageTagMutability="IMMUTABLE_WITH_EXCLUSION"),)),
    Case("SEC-ECR-001", "unknown", OPEN, (repository(imageTagMutability=UNKNOWN),)),
    Case("SEC-ECR-001", "another type", SKIP, (OTHER,)),
    Case("SEC-ECR-002", "scanned", PASS, (repository(imageScanningConfiguration={"scanOnPush": True}),)),
    Case("SEC-ECR-002", "secret", PASS, (repository(imageScanningConfiguration=secret({"scanOnPush": True})),)),
    Case("SEC-ECR-002", "default", FAIL, (repository(name="x"),), "scanOnPush is unset; wanted true"),
    Case("SEC-ECR-002", "off", FAIL, (repository(imageScanningConfiguration={"scanOnPush": False}),)),
    Case("SEC-ECR-002", "a text", FAIL, (repository(imageScanningConfiguration={"scanOnPush": "true"}),)),
    Case("SEC-ECR-002", "unknown", OPEN, (repository(imageScanningConfiguration={"scanOnPush": UNKNOWN_BOOL}),)),
    Case("SEC-ECR-002", "block unknown", OPEN, (repository(imageScanningConfiguration=UNKNOWN_OBJECT),)),
    Case("SEC-ECR-002", "block is a text", OPEN, (repository(imageScanningConfiguration="x"),), "was expected"),
    Case("SEC-ECR-002", "the registry scans", SKIP, (repository(),), params={"registry_scans": True}),
    Case("SEC-ECR-002", "another type", SKIP, (OTHER,)),
    Case("SEC-ECR-003", "own key", PASS, (keyed({"encryptionType": "KMS", "kmsKey": KEY}),)),
    Case("SEC-ECR-003", "two layers", PASS, (keyed({"encryptionType": "KMS_DSSE", "kmsKey": KEY}),)),
    Case(
        "SEC-ECR-003",
        "template with a key",
        PASS,
        (Spec(TEMPLATE, {"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}]}),),
    ),
    Case("SEC-ECR-003", "default", FAIL, (repository(),), "encryptionConfigurations is unset; wanted KMS"),
    Case("SEC-ECR-003", "AES256", FAIL, (keyed({"encryptionType": "AES256"}),), 'wanted "KMS"'),
    Case("SEC-ECR-003", "type left out", FAIL, (keyed({"kmsKey": KEY}),), "encryptionType is unset"),
    Case("SEC-ECR-003", "key of AWS", FAIL, (keyed({"encryptionType": "KMS"}),), "kmsKey is unset"),
    Case("SEC-ECR-003", "its alias", FAIL, (keyed({"encryptionType": "KMS", "kmsKey": "alias/aws/ecr"}),)),
    Case("SEC-ECR-003", "template without", FAIL, (Spec(TEMPLATE, {"prefix": "ROOT"}),)),
    Case("SEC-ECR-003", "key of the same stack", OPEN, (keyed({"encryptionType": "KMS", "kmsKey": UNKNOWN}),)),
    Case("SEC-ECR-003", "list unknown", OPEN, (repository(encryptionConfigurations=UNKNOWN_LIST),)),
    Case("SEC-ECR-003", "block is a text", OPEN, (keyed("KMS"),), "an object was expected"),
    Case("SEC-ECR-003", "another type", SKIP, (OTHER,)),
    Case("SEC-ECR-004", "named account", PASS, (pull(Principal=ACCOUNT),)),
    Case("SEC-ECR-004", "a service", PASS, (pull(Principal={"Service": "lambda.amazonaws.com"}),)),
    Case(
        "SEC-ECR-004",
        "own organisation",
        PASS,
        (pull(**when("StringEquals", "aws:PrincipalOrgID", "o-1a2b3c")),),
    ),
    Case("SEC-ECR-004", "nobody", PASS, (pull(Effect="Deny"),)),
    Case("SEC-ECR-004", "everybody", FAIL, (pull(),), "policy.Statement.0 allows anybody"),
    Case("SEC-ECR-004", "everybody as object", FAIL, (pull(Principal={"AWS": ["*"]}),)),
    Case("SEC-ECR-004", "everybody but one", FAIL, (policy({"Effect": "Allow", "NotPrincipal": ACCOUNT}),)),
    Case(
        "SEC-ECR-004", "if the key is there", FAIL, (pull(**when("StringEqualsIfExists", "aws:PrincipalOrgID", "o")),)
    ),
    Case("SEC-ECR-004", "any organisation", FAIL, (pull(**when("StringLike", "aws:PrincipalOrgID", "*")),)),
    Case("SEC-ECR-004", "by address", FAIL, (pull(**when("IpAddress", "aws:SourceIp", "10.0.0.0/8")),)),
    Case("SEC-ECR-004", "other organisations", FAIL, (pull(**when("StringNotEquals", "aws:PrincipalOrgID", "o")),)),
    Case("SEC-ECR-004", "second statement", FAIL, (policy({**PULL, "Principal": ACCOUNT}, PULL),), "Statement.1"),
    Case("SEC-ECR-004", "registry", FAIL, (Spec(REGISTRY, {"policy": document(PULL)}),)),
    Case("SEC-ECR-004", "template", FAIL, (Spec(TEMPLATE, {"repositoryPolicy": document(PULL)}),)),
    Case(
        "SEC-ECR-004",
        "unknown beside everybody",
        FAIL,
        (Spec(POLICY, {"policy": {"Statement": [UNKNOWN_OBJECT, PULL]}}),),
    ),
    Case("SEC-ECR-004", "document unknown", OPEN, (Spec(POLICY, {"policy": UNKNOWN}),)),
    Case("SEC-ECR-004", "not json", OPEN, (Spec(POLICY, {"policy": "{"}),), "not a valid JSON document"),
    Case(
        "SEC-ECR-004",
        "principal unknown",
        OPEN,
        (Spec(POLICY, {"policy": {"Statement": {**PULL, "Principal": {"AWS": UNKNOWN}}}}),),
    ),
    Case("SEC-ECR-004", "template without a policy", SKIP, (Spec(TEMPLATE, {"prefix": "ROOT"}),)),
    Case("SEC-ECR-004", "another type", SKIP, (OTHER,)),
)
