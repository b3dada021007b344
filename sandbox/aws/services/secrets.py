"""Secrets Manager and the parameter store."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import differs, document, like, retag, same_document
from sandbox.aws.types import AwsType, Name, camel, pascal, put, tag_list, tag_map
from sandbox.provider.values import Props


def _create_secret(aws: Aws, props: Props) -> str:
    manager = aws.client("secretsmanager")
    names = {"description": "Description", "kmsKeyId": "KmsKeyId"}
    replicas = [pascal({k: r[k] for k in ("region", "kmsKeyId") if r.get(k)}) for r in props.get("replicas") or ()]
    optional = {"AddReplicaRegions": replicas} if replicas else {}
    made = manager.create_secret(
        Name=props["name"],
        Tags=tag_list(props.get("tagsAll")),
        **{api: props[ours] for ours, api in names.items() if props.get(ours)},
        **optional,
    )
    if props.get("policy"):
        manager.put_resource_policy(SecretId=made["ARN"], ResourcePolicy=document(props["policy"]))
    return str(made["ARN"])


def _secret(aws: Aws, arn: str) -> Any:
    found = aws.client("secretsmanager").describe_secret(SecretId=arn)
    return None if found.get("DeletedDate") else found


def _read_secret(aws: Aws, arn: str, props: Props) -> Props | None:
    found = _secret(aws, arn)
    if found is None:
        return None
    result = {
        "arn": arn,
        "name": found["Name"],
        "description": found.get("Description") or None,
        "kmsKeyId": found.get("KmsKeyId"),
        "tagsAll": tag_map(found.get("Tags")),
    }
    if props.get("policy") is not None:
        policy = aws.client("secretsmanager").get_resource_policy(SecretId=arn).get("ResourcePolicy")
        result["policy"] = same_document(props["policy"], policy)
    return result


def _update_secret(aws: Aws, arn: str, old: Props, new: Props) -> None:
    manager = aws.client("secretsmanager")
    if differs(old, new, "description", "kmsKeyId"):
        key = {"KmsKeyId": new["kmsKeyId"]} if new.get("kmsKeyId") else {}
        manager.update_secret(SecretId=arn, Description=new.get("description") or "", **key)
    if differs(old, new, "policy"):
        if new.get("policy"):
            manager.put_resource_policy(SecretId=arn, ResourcePolicy=document(new["policy"]))
        else:
            manager.delete_resource_policy(SecretId=arn)
    retag(
        old,
        new,
        lambda keys: manager.untag_resource(SecretId=arn, TagKeys=keys),
        lambda tags: manager.tag_resource(SecretId=arn, Tags=tag_list(tags)),
    )


def _delete_secret(aws: Aws, arn: str, props: Props) -> None:
    # moto answers the deletion of an unknown secret with success, and a secret that waits for its end with an error.
    if _secret(aws, arn) is None:
        return
    window = props.get("recoveryWindowInDays", 30)
    how = {"RecoveryWindowInDays": int(window)} if window else {"ForceDeleteWithoutRecovery": True}
    aws.client("secretsmanager").delete_secret(SecretId=arn, **how)


def _create_policy(aws: Aws, props: Props) -> str:
    block = {"BlockPublicPolicy": props["blockPublicPolicy"]} if "blockPublicPolicy" in props else {}
    aws.client("secretsmanager").put_resource_policy(
        SecretId=props["secretArn"], ResourcePolicy=document(props["policy"]), **block
    )
    return str(props["secretArn"])


def _read_policy(aws: Aws, arn: str, props: Props) -> Props | None:
    if _secret(aws, arn) is None:
        return None
    found = aws.client("secretsmanager").get_resource_policy(SecretId=arn).get("ResourcePolicy")
    return {"secretArn": arn, "policy": same_document(props.get("policy"), found)} if found else None


def _delete_policy(aws: Aws, arn: str, props: Props) -> None:
    aws.client("secretsmanager").delete_resource_policy(SecretId=arn)


def _create_rotation(aws: Aws, props: Props) -> str:
    function = {"RotationLambdaARN": props["rotationLambdaArn"]} if props.get("rotationLambdaArn") else {}
    aws.client("secretsmanager").rotate_secret(
        SecretId=props["secretId"],
        RotationRules=pascal(props.get("rotationRules") or {}),
        RotateImmediately=props.get("rotateImmediately", True),
        **function,
    )
    return str(props["secretId"])


def _read_rotation(aws: Aws, arn: str, props: Props) -> Props | None:
    found = _secret(aws, arn)
    if found is None or not found.get("RotationEnabled"):
        return None
    rules = camel(found.get("RotationRules") or {})
    # moto keeps the number of days alone of the rules.
    known = {k: v for k, v in (props.get("rotationRules") or {}).items() if k != "automaticallyAfterDays"}
    return {
        "secretId": arn,
        "rotationEnabled": True,
        "rotationLambdaArn": found.get("RotationLambdaARN") or None,
        "rotationRules": like(props.get("rotationRules"), {**known, **rules}),
    }


def _delete_rotation(aws: Aws, arn: str, props: Props) -> None:
    found = _secret(aws, arn)
    # Rotation without a function belongs to a service; it cannot be cancelled, and ends with the secret.
    if found and found.get("RotationEnabled") and found.get("RotationLambdaARN"):
        aws.client("secretsmanager").cancel_rotate_secret(SecretId=arn)


def _value(props: Props) -> str:
    return str(props.get("value") or props.get("insecureValue") or props.get("valueWo") or "")


def _put_parameter(aws: Aws, props: Props, overwrite: bool) -> None:
    names = {
        "allowedPattern": "AllowedPattern",
        "dataType": "DataType",
        "description": "Description",
        "tier": "Tier",
    }
    optional = {api: props[ours] for ours, api in names.items() if props.get(ours)}
    if props["type"] == "SecureString" and props.get("keyId"):
        optional["KeyId"] = props["keyId"]
    # Tags are refused together with overwriting.
    tags = {} if overwrite else {"Tags": tag_list(props.get("tagsAll"))}
    aws.client("ssm").put_parameter(
        Name=props["name"], Type=props["type"], Value=_value(props), Overwrite=overwrite, **optional, **tags
    )


def _create_parameter(aws: Aws, props: Props) -> str:
    _put_parameter(aws, props, bool(props.get("overwrite")))
    return str(props["name"])


def _read_parameter(aws: Aws, name: str, props: Props) -> Props | None:
    ssm = aws.client("ssm")
    found = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    filters = [{"Key": "Name", "Values": [name]}]
    about = ssm.describe_parameters(ParameterFilters=filters)["Parameters"][0]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    result = {
        "arn": found["ARN"],
        "name": name,
        "type": found["Type"],
        "version": found["Version"],
        "dataType": found.get("DataType"),
        "description": about.get("Description") or None,
        "tier": about.get("Tier"),
        "tagsAll": tag_map(tags),
    }
    # A value that was handed over for writing alone never comes back into the state.
    for way in ("value", "insecureValue"):
        if props.get(way) is not None:
            result[way] = found["Value"]
    return result


def _update_parameter(aws: Aws, name: str, old: Props, new: Props) -> None:
    ssm = aws.client("ssm")
    if differs(old, new, "value", "insecureValue", "valueWoVersion", "description", "tier", "type", "allowedPattern"):
        _put_parameter(aws, new, overwrite=True)
    of = {"ResourceType": "Parameter", "ResourceId": name}
    retag(
        old,
        new,
        lambda keys: ssm.remove_tags_from_resource(**of, TagKeys=keys),
        lambda tags: ssm.add_tags_to_resource(**of, Tags=tag_list(tags)),
    )


def _delete_parameter(aws: Aws, name: str, props: Props) -> None:
    aws.client("ssm").delete_parameter(Name=name)


TYPES = (
    AwsType(
        token="aws:secretsmanager/secret:Secret",
        create=_create_secret,
        read=_read_secret,
        update=_update_secret,
        delete=_delete_secret,
        replaces=frozenset({"namePrefix"}),
        name=Name("name", 512),
        not_compared=frozenset({"recoveryWindowInDays", "forceOverwriteReplicaSecret"}),
    ),
    AwsType(
        token="aws:secretsmanager/secretPolicy:SecretPolicy",
        create=_create_policy,
        read=_read_policy,
        update=put(_create_policy),
        delete=_delete_policy,
        replaces=frozenset({"secretArn"}),
    ),
    AwsType(
        token="aws:secretsmanager/secretRotation:SecretRotation",
        create=_create_rotation,
        read=_read_rotation,
        update=put(_create_rotation),
        delete=_delete_rotation,
        replaces=frozenset({"secretId"}),
        not_compared=frozenset({"rotateImmediately"}),
    ),
    AwsType(
        token="aws:ssm/parameter:Parameter",
        create=_create_parameter,
        read=_read_parameter,
        update=_update_parameter,
        delete=_delete_parameter,
        replaces=frozenset({"dataType"}),
        name=Name("name", 2048),
        not_compared=frozenset({"overwrite"}),
    ),
)
