"""SNS and SQS: topics, subscriptions, queues and who may use them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import differs, document, like, retag, same_document
from sandbox.aws.types import AwsType, Name, put, tag_list, tag_map
from sandbox.provider.values import Props

_TOPIC = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}
_QUEUE = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_DOCUMENTS = frozenset({"policy", "deliveryPolicy", "redrivePolicy", "redriveAllowPolicy", "filterPolicy"})
_FLAGS = frozenset(
    {"contentBasedDeduplication", "fifoQueue", "fifoTopic", "sqsManagedSseEnabled", "rawMessageDelivery"}
)


def _attributes(props: Props, names: Mapping[str, str]) -> dict[str, str]:
    """Return properties as the API's attributes, which are all texts."""
    result = {}
    for ours, api in names.items():
        value = props.get(ours)
        if value is not None:
            written = document(value) if ours in _DOCUMENTS else value
            result[api] = str(written).lower() if isinstance(written, bool) else str(written)
    return result


def _changed(old: Props, new: Props, names: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes that differ; what is no longer written becomes empty, which AWS takes as unset."""
    changed = {ours: api for ours, api in names.items() if differs(old, new, ours)}
    # An empty text is no number: those stay as they are, as in AWS.
    empty = {
        api: "" for ours, api in changed.items() if ours in _DOCUMENTS or ours in ("kmsMasterKeyId", "displayName")
    }
    return {**empty, **_attributes(new, changed)}


def _told(props: Props, found: Mapping[str, str], names: Mapping[str, str]) -> Props:
    """Return attributes as properties, for those that the program wrote or that say something."""
    told: Props = {}
    for ours, api in names.items():
        text = found.get(api)
        if ours in _DOCUMENTS:
            told[ours] = same_document(props.get(ours), text or None)
        elif ours in _FLAGS:
            told[ours] = like(props.get(ours), text == "true")
        else:
            known = props.get(ours)
            number = int(text) if text and text.isdigit() and not isinstance(known, str) else text
            told[ours] = like(known, number or None)
    return told


def _create_topic(aws: Aws, props: Props) -> str:
    sns, attributes = aws.client("sns"), _attributes(props, _TOPIC)
    at_creation = {k: v for k, v in attributes.items() if k in ("FifoTopic", "ContentBasedDeduplication")}
    arn = sns.create_topic(Name=props["name"], Attributes=at_creation, Tags=tag_list(props.get("tagsAll")))["TopicArn"]
    for name, value in sorted(attributes.items()):
        if name not in at_creation:
            sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
    return str(arn)


def _topic(aws: Aws, arn: str) -> dict[str, str]:
    return dict(aws.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"])


def _read_topic(aws: Aws, arn: str, props: Props) -> Props | None:
    told = _told(props, _topic(aws, arn), _TOPIC)
    if props.get("policy") is None:
        # Left to a TopicPolicy, whose change would look like drift of the topic.
        told.pop("policy")
    return {
        **told,
        "arn": arn,
        "name": arn.rsplit(":", 1)[-1],
        "owner": aws.account_id,
        "tagsAll": tag_map(aws.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]),
    }


def _update_topic(aws: Aws, arn: str, old: Props, new: Props) -> None:
    sns = aws.client("sns")
    for name, value in sorted(_changed(old, new, _TOPIC).items()):
        sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
    retag(
        old,
        new,
        lambda keys: sns.untag_resource(ResourceArn=arn, TagKeys=keys),
        lambda tags: sns.tag_resource(ResourceArn=arn, Tags=tag_list(tags)),
    )


def _delete_topic(aws: Aws, arn: str, props: Props) -> None:
    _topic(aws, arn)
    aws.client("sns").delete_topic(TopicArn=arn)


_DEFAULT_ID = "__default_policy_ID"


def _create_topic_policy(aws: Aws, props: Props) -> str:
    aws.client("sns").set_topic_attributes(
        TopicArn=props["arn"], AttributeName="Policy", AttributeValue=document(props["policy"])
    )
    return str(props["arn"])


def _read_topic_policy(aws: Aws, arn: str, props: Props) -> Props | None:
    found = _topic(aws, arn).get("Policy")
    if not found or json.loads(found).get("Id") == _DEFAULT_ID:
        return None
    return {"arn": arn, "owner": aws.account_id, "policy": same_document(props.get("policy"), found)}


def _delete_topic_policy(aws: Aws, arn: str, props: Props) -> None:
    # A topic always has a policy; the real provider puts back the one that it starts with.
    actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"]
    actions += ["Subscribe", "ListSubscriptionsByTopic", "Publish"]
    default = {
        "Version": "2008-10-17",
        "Id": _DEFAULT_ID,
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{a}" for a in actions],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": aws.account_id}},
            }
        ],
    }
    _create_topic_policy(aws, {"arn": arn, "policy": default})


_SUBSCRIPTION = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


def _subscribe(aws: Aws, props: Props) -> str:
    made = aws.client("sns").subscribe(
        TopicArn=props["topic"],
        Protocol=props["protocol"],
        Endpoint=props["endpoint"],
        Attributes=_attributes(props, _SUBSCRIPTION),
        ReturnSubscriptionArn=True,
    )
    return str(made["SubscriptionArn"])


def _read_subscription(aws: Aws, arn: str, props: Props) -> Props | None:
    found = aws.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return {
        **_told(props, found, _SUBSCRIPTION),
        "arn": arn,
        "topic": found["TopicArn"],
        "protocol": found["Protocol"],
        "endpoint": found["Endpoint"],
        "ownerId": found["Owner"],
        "pendingConfirmation": found.get("PendingConfirmation") == "true",
    }


def _update_subscription(aws: Aws, arn: str, old: Props, new: Props) -> None:
    changed = _changed(old, new, _SUBSCRIPTION)
    if differs(old, new, "rawMessageDelivery"):
        changed["RawMessageDelivery"] = str(bool(new.get("rawMessageDelivery"))).lower()
    for name, value in sorted(changed.items()):
        aws.client("sns").set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


def _unsubscribe(aws: Aws, arn: str, props: Props) -> None:
    aws.client("sns").unsubscribe(SubscriptionArn=arn)


def _create_queue(aws: Aws, props: Props) -> str:
    made = aws.client("sqs").create_queue(
        QueueName=props["name"], Attributes=_attributes(props, _QUEUE), tags=props.get("tagsAll") or {}
    )
    return str(made["QueueUrl"])


def _queue(aws: Aws, url: str) -> dict[str, str]:
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(answer.get("Attributes", {}))


def _read_queue(aws: Aws, url: str, props: Props) -> Props | None:
    found = _queue(aws, url)
    told = _told(props, found, _QUEUE)
    if props.get("policy") is None:
        told.pop("policy")
    return {
        **told,
        "arn": found["QueueArn"],
        "name": found["QueueArn"].rsplit(":", 1)[-1],
        "url": url,
        "tagsAll": aws.client("sqs").list_queue_tags(QueueUrl=url).get("Tags", {}),
    }


def _update_queue(aws: Aws, url: str, old: Props, new: Props) -> None:
    sqs, changed = aws.client("sqs"), _changed(old, new, _QUEUE)
    if changed:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=changed)
    retag(
        old,
        new,
        lambda keys: sqs.untag_queue(QueueUrl=url, TagKeys=keys),
        lambda tags: sqs.tag_queue(QueueUrl=url, Tags=tags),
    )


def _delete_queue(aws: Aws, url: str, props: Props) -> None:
    aws.client("sqs").delete_queue(QueueUrl=url)


def _create_queue_policy(aws: Aws, props: Props) -> str:
    attributes: dict[str, Any] = {"Policy": document(props["policy"])}
    aws.client("sqs").set_queue_attributes(QueueUrl=props["queueUrl"], Attributes=attributes)
    return str(props["queueUrl"])


def _read_queue_policy(aws: Aws, url: str, props: Props) -> Props | None:
    found = _queue(aws, url).get("Policy")
    return {"queueUrl": url, "policy": same_document(props.get("policy"), found)} if found else None


def _delete_queue_policy(aws: Aws, url: str, props: Props) -> None:
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


TYPES = (
    AwsType(
        token="aws:sns/topic:Topic",
        create=_create_topic,
        read=_read_topic,
        update=_update_topic,
        delete=_delete_topic,
        replaces=frozenset({"fifoTopic", "namePrefix"}),
        name=Name("name", 256),
    ),
    AwsType(
        token="aws:sns/topicPolicy:TopicPolicy",
        create=_create_topic_policy,
        read=_read_topic_policy,
        update=put(_create_topic_policy),
        delete=_delete_topic_policy,
        replaces=frozenset({"arn"}),
    ),
    AwsType(
        token="aws:sns/topicSubscription:TopicSubscription",
        create=_subscribe,
        read=_read_subscription,
        update=_update_subscription,
        delete=_unsubscribe,
        replaces=frozenset({"endpoint", "protocol", "topic"}),
        not_compared=frozenset({"confirmationTimeoutInMinutes", "endpointAutoConfirms"}),
    ),
    AwsType(
        token="aws:sqs/queue:Queue",
        create=_create_queue,
        read=_read_queue,
        update=_update_queue,
        delete=_delete_queue,
        replaces=frozenset({"fifoQueue", "namePrefix"}),
        name=Name("name", 80),
    ),
    AwsType(
        token="aws:sqs/queuePolicy:QueuePolicy",
        create=_create_queue_policy,
        read=_read_queue_policy,
        update=put(_create_queue_policy),
        delete=_delete_queue_policy,
        replaces=frozenset({"queueUrl"}),
    ),
)
