"""S3: encryption, life cycle, logs, locks, replication and notifications of buckets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import dropped_by_moto, like
from sandbox.aws.types import AwsType, camel, pascal, pick, put, tag_list, tag_map
from sandbox.provider.values import Props

_ENCRYPTION = {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}
_LIFECYCLE = {"id": "ID"}
_REPLICATION = {"id": "ID", "replicaKmsKeyId": "ReplicaKmsKeyID"}


def _back(rename: Mapping[str, str]) -> dict[str, str]:
    return {v: k for k, v in rename.items()}


def _create_encryption(aws: Aws, props: Props) -> str:
    rules = pascal(props["rules"], _ENCRYPTION)
    aws.client("s3").put_bucket_encryption(Bucket=props["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})
    return str(props["bucket"])


def _read_encryption(aws: Aws, name: str, props: Props) -> Props | None:
    answer = aws.client("s3").get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    found = dropped_by_moto(props.get("rules"), camel(answer["Rules"], _back(_ENCRYPTION)), "blockedEncryptionTypes")
    return {"bucket": name, "rules": like(props.get("rules"), found)}


def _delete_encryption(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").delete_bucket_encryption(Bucket=name)


def _tags_out(rule: Props) -> Props:
    """Turn the tag mapping of a rule's `and` filter into the API's list."""
    both = (rule.get("filter") or {}).get("and") or {}
    if not both.get("tags"):
        return rule
    return {**rule, "filter": {**rule["filter"], "and": {**both, "tags": tag_list(both["tags"])}}}


def _tags_in(rule: Props) -> Props:
    both = (rule.get("filter") or {}).get("and") or {}
    if not both.get("tags"):
        return rule
    return {**rule, "filter": {**rule["filter"], "and": {**both, "tags": tag_map(both["tags"])}}}


def _create_lifecycle(aws: Aws, props: Props) -> str:
    rules = []
    for rule in props.get("rules") or ():
        # A rule needs a filter or a prefix; an empty filter means every object.
        whole = rule if rule.get("filter") or rule.get("prefix") else {**rule, "filter": {}}
        rules.append(pascal(_tags_out(whole), _LIFECYCLE))
    aws.client("s3").put_bucket_lifecycle_configuration(Bucket=props["bucket"], LifecycleConfiguration={"Rules": rules})
    return str(props["bucket"])


def _read_lifecycle(aws: Aws, name: str, props: Props) -> Props | None:
    answer = aws.client("s3").get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    found = [_tags_in(camel(r, _back(_LIFECYCLE))) for r in answer]
    # moto forgets how many noncurrent versions to keep, and sizes in a filter.
    sizes = ("objectSizeGreaterThan", "objectSizeLessThan")
    whole = dropped_by_moto(props.get("rules"), found, "newerNoncurrentVersions", *sizes)
    return {"bucket": name, "rules": like(props.get("rules"), whole)}


def _delete_lifecycle(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").delete_bucket_lifecycle(Bucket=name)


def _create_logging(aws: Aws, props: Props) -> str:
    enabled = pascal({k: props[k] for k in ("targetBucket", "targetPrefix", "targetObjectKeyFormat") if k in props})
    aws.client("s3").put_bucket_logging(Bucket=props["bucket"], BucketLoggingStatus={"LoggingEnabled": enabled})
    return str(props["bucket"])


def _read_logging(aws: Aws, name: str, props: Props) -> Props | None:
    # moto forgets the format of the keys.
    found = aws.client("s3").get_bucket_logging(Bucket=name).get("LoggingEnabled")
    if not found:
        return None
    return {"bucket": name, "targetBucket": found["TargetBucket"], "targetPrefix": found.get("TargetPrefix", "")}


def _delete_logging(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").put_bucket_logging(Bucket=name, BucketLoggingStatus={})


def _create_lock(aws: Aws, props: Props) -> str:
    rule = {"Rule": pascal(props["rule"])} if props.get("rule") else {}
    aws.client("s3").put_object_lock_configuration(
        Bucket=props["bucket"], ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", **rule}
    )
    return str(props["bucket"])


def _read_lock(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("s3").get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    rule = camel(found.get("Rule"))
    # Object lock cannot be switched off: a configuration without its rule is one that was taken away.
    if props.get("rule") and not rule:
        return None
    return {"bucket": name, "objectLockEnabled": found["ObjectLockEnabled"], "rule": like(props.get("rule"), rule)}


def _delete_lock(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


_UNTOLD = ("deleteMarkerReplication", "existingObjectReplication", "filter", "sourceSelectionCriteria")


def _create_replication(aws: Aws, props: Props) -> str:
    rules = [pascal(_tags_out(r), _REPLICATION) for r in props["rules"]]
    aws.client("s3").put_bucket_replication(
        Bucket=props["bucket"], ReplicationConfiguration={"Role": props["role"], "Rules": rules}
    )
    return str(props["bucket"])


def _read_replication(aws: Aws, name: str, props: Props) -> Props | None:
    answer = aws.client("s3").get_bucket_replication(Bucket=name)["ReplicationConfiguration"]
    known = {r.get("id"): r for r in props.get("rules") or ()}
    found = []
    for rule in answer["Rules"]:
        told = _tags_in(camel(rule, _back(_REPLICATION)))
        # moto answers these four with constants, or not at all.
        found.append({**told, **pick(known.get(told["id"], {}), *_UNTOLD)})
    return {"bucket": name, "role": answer["Role"], "rules": like(props.get("rules"), found)}


def _delete_replication(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").delete_bucket_replication(Bucket=name)


_RECEIVERS = {
    # pulumi's name: (the API's list, the API's name of the ARN, pulumi's name of the ARN)
    "queues": ("QueueConfigurations", "QueueArn", "queueArn"),
    "topics": ("TopicConfigurations", "TopicArn", "topicArn"),
    "lambdaFunctions": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "lambdaFunctionArn"),
}


def _receiver_out(item: Props, arn: str, ours: str) -> dict[str, Any]:
    rules = [
        {"Name": kind.lower(), "Value": item[f"filter{kind}"]}
        for kind in ("Prefix", "Suffix")
        if item.get(f"filter{kind}")
    ]
    name = {"Id": item["id"]} if item.get("id") else {}
    filters = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    return {arn: item[ours], "Events": item["events"], **name, **filters}


def _receiver_in(item: Mapping[str, Any], arn: str, ours: str) -> Props:
    rules = item.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    filters = {f"filter{r['Name'].capitalize()}": r["Value"] for r in rules}
    return {"id": item.get("Id"), ours: item[arn], "events": item["Events"], **filters}


def _create_notification(aws: Aws, props: Props) -> str:
    wanted: dict[str, Any] = {
        api: [_receiver_out(i, arn, arn_name) for i in props.get(ours) or ()]
        for ours, (api, arn, arn_name) in _RECEIVERS.items()
    }
    if props.get("eventbridge"):
        wanted["EventBridgeConfiguration"] = {}
    aws.client("s3").put_bucket_notification_configuration(Bucket=props["bucket"], NotificationConfiguration=wanted)
    return str(props["bucket"])


def _read_notification(aws: Aws, name: str, props: Props) -> Props | None:
    answer = aws.client("s3").get_bucket_notification_configuration(Bucket=name)
    found: Props = {"bucket": name}
    for ours, (api, arn, arn_name) in _RECEIVERS.items():
        items = [_receiver_in(i, arn, arn_name) for i in answer.get(api, ())]
        found[ours] = like(props.get(ours), items)
    # moto takes the switch for EventBridge and does not tell it again, so it cannot show that nothing is set.
    return found if any(found[k] for k in _RECEIVERS) or props.get("eventbridge") else None


def _delete_notification(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})


_WITHOUT_OWNER = frozenset({"BucketNotification", "BucketReplicationConfig"})


def _setting(name: str, create: Any, read: Any, delete: Any) -> AwsType:
    return AwsType(
        token=f"aws:s3/{name[:1].lower()}{name[1:]}:{name}",
        create=create,
        read=read,
        update=put(create),
        delete=delete,
        replaces=frozenset({"bucket"} if name in _WITHOUT_OWNER else {"bucket", "expectedBucketOwner"}),
    )


TYPES = (
    _setting("BucketServerSideEncryptionConfiguration", _create_encryption, _read_encryption, _delete_encryption),
    _setting("BucketLifecycleConfiguration", _create_lifecycle, _read_lifecycle, _delete_lifecycle),
    _setting("BucketLogging", _create_logging, _read_logging, _delete_logging),
    _setting("BucketObjectLockConfiguration", _create_lock, _read_lock, _delete_lock),
    _setting("BucketReplicationConfig", _create_replication, _read_replication, _delete_replication),
    _setting("BucketNotification", _create_notification, _read_notification, _delete_notification),
)
