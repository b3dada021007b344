"""Cases of images, databases, secrets and parameters."""

from __future__ import annotations

import json

from sandbox.provider.values import Props
from tests.engine.aws_types.case import Case, World, policy


def _expire(days: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


def _replicate(region: str) -> Props:
    destination = {"region": region, "registryId": "123456789012"}
    filters = [{"filter": "platform/", "filterType": "PREFIX_MATCH"}]
    return {"replicationConfiguration": {"rules": [{"destinations": [destination], "repositoryFilters": filters}]}}


def _scan(frequency: str) -> list[Props]:
    return [{"scanFrequency": frequency, "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}]


_ALL_ECR = "arn:aws:ecr:us-east-1:123456789012:repository/*"
_ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def _database(w: World) -> Props:
    return {
        "allocatedStorage": 20,
        "maxAllocatedStorage": 100,
        "autoMinorVersionUpgrade": True,
        "backupRetentionPeriod": 7,
        "backupWindow": "03:00-04:00",
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "copyTagsToSnapshot": True,
        "dbName": "mlflow",
        "dbSubnetGroupName": w.make("aws:rds/subnetGroup:SubnetGroup", subnetIds=w.subnets())["id"],
        "deletionProtection": False,
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "engine": "postgres",
        "engineVersion": "17.6",
        "iamDatabaseAuthenticationEnabled": True,
        "instanceClass": "db.t4g.medium",
        "kmsKeyId": w.key(),
        "maintenanceWindow": "sun:05:00-sun:06:00",
        "manageMasterUserPassword": True,
        "masterUserSecretKmsKeyId": w.key(),
        "multiAz": True,
        "parameterGroupName": w.make("aws:rds/parameterGroup:ParameterGroup", family="postgres17")["id"],
        "performanceInsightsEnabled": True,
        "port": 5432,
        "publiclyAccessible": False,
        "skipFinalSnapshot": True,
        "storageEncrypted": True,
        "storageType": "gp3",
        "username": "mlflow",
        "vpcSecurityGroupIds": [w.group()],
    }


def _expose(w: World, name: str, state: Props) -> None:
    w.client("rds").modify_db_instance(DBInstanceIdentifier=name, PubliclyAccessible=True, ApplyImmediately=True)


def _parameter(name: str, value: str) -> Props:
    return {"name": name, "value": value, "applyMethod": "immediate"}


def _set_parameter(w: World, name: str, state: Props) -> None:
    off = {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
    w.client("rds").modify_db_parameter_group(DBParameterGroupName=name, Parameters=[off])


def _secret(w: World) -> Props:
    return {"secretArn": w.make("aws:secretsmanager/secret:Secret", recoveryWindowInDays=0)["id"], "policy": policy()}


def _rotation(w: World) -> Props:
    secret = w.make("aws:secretsmanager/secret:Secret", recoveryWindowInDays=0)["id"]
    return {"secretId": secret, "rotateImmediately": False, "rotationRules": {"automaticallyAfterDays": 30}}


def _rotate_less(w: World, arn: str, state: Props) -> None:
    w.client("secretsmanager").rotate_secret(
        SecretId=arn, RotationRules={"AutomaticallyAfterDays": 365}, RotateImmediately=False
    )


CASES = (
    Case(
        token="aws:ecr/repository:Repository",
        inputs=lambda w: {
            "name": "platform/trainer",
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": w.key()}],
            "imageScanningConfiguration": {"scanOnPush": True},
            "imageTagMutability": "IMMUTABLE",
            "forceDelete": True,
        },
        change={"imageScanningConfiguration": {"scanOnPush": False}, "tags": {"team": "vision"}},
        drift=lambda w, id_, s: w.client("ecr").put_image_tag_mutability(
            repositoryName=id_, imageTagMutability="MUTABLE"
        ),
        drifted="imageTagMutability",
        outputs=("arn", "registryId", "repositoryUrl"),
    ),
    Case(
        token="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        inputs=lambda w: {"repository": w.repository(), "policy": _expire(7)},
        change={"policy": _expire(14)},
        drift=lambda w, id_, s: w.client("ecr").delete_lifecycle_policy(repositoryName=id_),
        drifted=None,
        outputs=("registryId",),
    ),
    Case(
        token="aws:ecr/repositoryPolicy:RepositoryPolicy",
        inputs=lambda w: {"repository": w.repository(), "policy": policy("ecr:BatchGetImage", principal=_ROOT)},
        change={"policy": policy("ecr:PutImage", principal=_ROOT)},
        drift=lambda w, id_, s: w.client("ecr").set_repository_policy(
            repositoryName=id_, policyText=policy("ecr:*", principal="*")
        ),
        drifted="policy",
        outputs=("registryId",),
    ),
    Case(
        token="aws:ecr/registryPolicy:RegistryPolicy",
        inputs=lambda w: {"policy": policy("ecr:ReplicateImage", _ALL_ECR, _ROOT)},
        change={"policy": policy("ecr:CreateRepository", _ALL_ECR, _ROOT)},
        drift=lambda w, id_, s: w.client("ecr").delete_registry_policy(),
        drifted=None,
        outputs=("registryId",),
    ),
    Case(
        token="aws:ecr/replicationConfiguration:ReplicationConfiguration",
        inputs=lambda w: _replicate("eu-west-1"),
        change=_replicate("eu-central-1"),
        drift=lambda w, id_, s: w.client("ecr").put_replication_configuration(
            replicationConfiguration=_replicate("us-west-2")["replicationConfiguration"]
        ),
        drifted="replicationConfiguration",
        outputs=("registryId",),
    ),
    Case(
        token="aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        inputs=lambda w: {"scanType": "ENHANCED", "rules": _scan("CONTINUOUS_SCAN")},
        change={"rules": _scan("SCAN_ON_PUSH")},
        drift=lambda w, id_, s: w.client("ecr").put_registry_scanning_configuration(scanType="BASIC", rules=[]),
        drifted="scanType",
        # A registry always has this setting: deletion sets it back.
        stays=True,
        outputs=("registryId",),
    ),
    Case(
        token="aws:rds/instance:Instance",
        inputs=_database,
        change={
            "backupRetentionPeriod": 14,
            "enabledCloudwatchLogsExports": ["postgresql"],
            "multiAz": False,
            "tags": {"data-class": "metadata"},
        },
        drift=_expose,
        drifted="publiclyAccessible",
        outputs=("arn", "address", "endpoint", "resourceId", "masterUserSecrets"),
    ),
    Case(
        token="aws:rds/subnetGroup:SubnetGroup",
        inputs=lambda w: {"subnetIds": w.subnets(), "description": "databases"},
        change={"description": "other", "tags": {"a": "b"}},
        drift=lambda w, id_, s: w.client("rds").delete_db_subnet_group(DBSubnetGroupName=id_),
        drifted=None,
        outputs=("arn", "vpcId"),
    ),
    Case(
        token="aws:rds/parameterGroup:ParameterGroup",
        inputs=lambda w: {
            "family": "postgres17",
            "parameters": [_parameter("rds.force_ssl", "1"), _parameter("log_connections", "1")],
        },
        change={"parameters": [_parameter("rds.force_ssl", "1")], "tags": {"a": "b"}},
        drift=_set_parameter,
        drifted="parameters",
        outputs=("arn",),
    ),
    Case(
        token="aws:secretsmanager/secret:Secret",
        inputs=lambda w: {"description": "token of a registry", "kmsKeyId": w.key(), "recoveryWindowInDays": 0},
        change={"description": "token", "tags": {"a": "b"}},
        drift=lambda w, id_, s: w.client("secretsmanager").update_secret(SecretId=id_, KmsKeyId="alias/other"),
        drifted="kmsKeyId",
        outputs=("arn", "name"),
    ),
    Case(
        token="aws:secretsmanager/secretPolicy:SecretPolicy",
        inputs=_secret,
        change={"policy": policy("secretsmanager:GetSecretValue")},
        drift=lambda w, id_, s: w.client("secretsmanager").delete_resource_policy(SecretId=id_),
        drifted=None,
    ),
    Case(
        token="aws:secretsmanager/secretRotation:SecretRotation",
        inputs=_rotation,
        change={"rotationRules": {"automaticallyAfterDays": 60}},
        drift=_rotate_less,
        drifted="rotationRules",
        # Rotation by a service, without a function, ends with its secret.
        stays=True,
    ),
    Case(
        token="aws:ssm/parameter:Parameter",
        inputs=lambda w: {"name": "/platform/endpoint", "type": "String", "value": "one", "description": "d"},
        change={"value": "two", "tags": {"a": "b"}},
        drift=lambda w, id_, s: w.client("ssm").put_parameter(Name=id_, Value="three", Type="String", Overwrite=True),
        drifted="value",
        outputs=("arn", "version"),
    ),
)
