"""KMS: keys and their aliases."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import differs, document, flat, retag, same_document
from sandbox.aws.types import AwsType, Name, pick
from sandbox.provider.values import Props


def _tags(tags: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"TagKey": k, "TagValue": v} for k, v in sorted((tags or {}).items())]


def _create_key(aws: Aws, props: Props) -> str:
    names = {
        "description": "Description",
        "keyUsage": "KeyUsage",
        "customerMasterKeySpec": "KeySpec",
        "multiRegion": "MultiRegion",
    }
    policy = {"Policy": document(props["policy"])} if props.get("policy") else {}
    kms = aws.client("kms")
    key_id = kms.create_key(
        Tags=_tags(props.get("tagsAll")), **policy, **{names[k]: v for k, v in pick(props, *names).items()}
    )["KeyMetadata"]["KeyId"]
    if props.get("enableKeyRotation"):
        _rotate(aws, key_id, props)
    if props.get("isEnabled") is False:
        kms.disable_key(KeyId=key_id)
    return str(key_id)


def _rotate(aws: Aws, key_id: str, props: Props) -> None:
    # moto takes the period and forgets it: it is known from the state alone.
    period = {"RotationPeriodInDays": props["rotationPeriodInDays"]} if props.get("rotationPeriodInDays") else {}
    aws.client("kms").enable_key_rotation(KeyId=key_id, **period)


def _metadata(aws: Aws, key_id: str) -> Any:
    found = aws.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    return None if found["KeyState"] == "PendingDeletion" else found


def _read_key(aws: Aws, key_id: str, props: Props) -> Props | None:
    kms, found = aws.client("kms"), _metadata(aws, key_id)
    if found is None:
        return None
    policy = kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    symmetric = found["KeySpec"] == "SYMMETRIC_DEFAULT"
    tags = kms.list_resource_tags(KeyId=key_id)["Tags"]
    return {
        "arn": found["Arn"],
        "keyId": key_id,
        "description": found.get("Description", ""),
        "keyUsage": found.get("KeyUsage") or props.get("keyUsage", "ENCRYPT_DECRYPT"),
        "customerMasterKeySpec": found["KeySpec"],
        "isEnabled": found["Enabled"],
        "multiRegion": bool(found.get("MultiRegion")),
        "enableKeyRotation": symmetric and kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"],
        "policy": same_document(props.get("policy"), policy),
        "tagsAll": {t["TagKey"]: t["TagValue"] for t in tags},
    }


def _update_key(aws: Aws, key_id: str, old: Props, new: Props) -> None:
    kms = aws.client("kms")
    if differs(old, new, "isEnabled") and new.get("isEnabled", True):
        kms.enable_key(KeyId=key_id)
    if differs(old, new, "description"):
        kms.update_key_description(KeyId=key_id, Description=new.get("description") or "")
    if differs(old, new, "policy") and new.get("policy"):
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=document(new["policy"]))
    if differs(old, new, "enableKeyRotation", "rotationPeriodInDays"):
        if new.get("enableKeyRotation"):
            _rotate(aws, key_id, new)
        else:
            kms.disable_key_rotation(KeyId=key_id)
    retag(
        old,
        new,
        lambda keys: kms.untag_resource(KeyId=key_id, TagKeys=keys),
        lambda tags: kms.tag_resource(KeyId=key_id, Tags=_tags(tags)),
    )
    if differs(old, new, "isEnabled") and new.get("isEnabled") is False:
        kms.disable_key(KeyId=key_id)


def _delete_key(aws: Aws, key_id: str, props: Props) -> None:
    if _metadata(aws, key_id) is not None:
        window = int(props.get("deletionWindowInDays") or 30)
        aws.client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=window)


def _create_alias(aws: Aws, props: Props) -> str:
    aws.client("kms").create_alias(AliasName=props["name"], TargetKeyId=props["targetKeyId"])
    return str(props["name"])


def _read_alias(aws: Aws, name: str, props: Props) -> Props | None:
    pages = aws.client("kms").get_paginator("list_aliases").paginate()
    found = next((a for a in flat(pages, "Aliases") if a["AliasName"] == name), None)
    if found is None:
        return None
    known, key_id = props.get("targetKeyId"), found["TargetKeyId"]
    return {
        "arn": found["AliasArn"],
        "name": name,
        "targetKeyId": known if str(known).endswith(key_id) else key_id,
        "targetKeyArn": aws.arn("kms", f"key/{key_id}"),
    }


def _update_alias(aws: Aws, name: str, old: Props, new: Props) -> None:
    aws.client("kms").update_alias(AliasName=name, TargetKeyId=new["targetKeyId"])


def _delete_alias(aws: Aws, name: str, props: Props) -> None:
    aws.client("kms").delete_alias(AliasName=name)


TYPES = (
    AwsType(
        token="aws:kms/key:Key",
        create=_create_key,
        read=_read_key,
        update=_update_key,
        delete=_delete_key,
        replaces=frozenset({"keyUsage", "customerMasterKeySpec", "multiRegion", "customKeyStoreId", "xksKeyId"}),
        not_compared=frozenset({"deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"}),
    ),
    AwsType(
        token="aws:kms/alias:Alias",
        create=_create_alias,
        read=_read_alias,
        update=_update_alias,
        delete=_delete_alias,
        replaces=frozenset({"namePrefix"}),
        name=Name("name", 256),
    ),
)
