"""EventBridge: rules and their targets."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import like, retag, same_document
from sandbox.aws.types import AwsType, Name, camel, pascal, put, tag_list, tag_map
from sandbox.provider.values import Props

_DEFAULT_BUS = "default"


def _bus(props: Props) -> str:
    return str(props.get("eventBusName") or _DEFAULT_BUS)


def _state(props: Props) -> str:
    return str(props.get("state") or ("DISABLED" if props.get("isEnabled") is False else "ENABLED"))


def _create_rule(aws: Aws, props: Props) -> str:
    names = {
        "description": "Description",
        "eventPattern": "EventPattern",
        "roleArn": "RoleArn",
        "scheduleExpression": "ScheduleExpression",
    }
    aws.client("events").put_rule(
        Name=props["name"],
        EventBusName=_bus(props),
        State=_state(props),
        Tags=tag_list(props.get("tagsAll")),
        **{api: props[ours] for ours, api in names.items() if props.get(ours)},
    )
    return f"{_bus(props)}/{props['name']}"


def _read_rule(aws: Aws, rule_id: str, props: Props) -> Props | None:
    bus, _, name = rule_id.rpartition("/")
    events = aws.client("events")
    found = events.describe_rule(Name=name, EventBusName=bus)
    result = {
        "arn": found["Arn"],
        "name": name,
        "eventBusName": bus,
        "description": found.get("Description") or None,
        "eventPattern": same_document(props.get("eventPattern"), found.get("EventPattern") or None),
        "scheduleExpression": found.get("ScheduleExpression") or None,
        "roleArn": found.get("RoleArn") or None,
        "state": found["State"],
        "tagsAll": tag_map(events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]),
    }
    if props.get("isEnabled") is not None:
        result["isEnabled"] = found["State"] != "DISABLED"
    return result


def _update_rule(aws: Aws, rule_id: str, old: Props, new: Props) -> None:
    events = aws.client("events")
    _create_rule(aws, new)
    arn = events.describe_rule(Name=new["name"], EventBusName=_bus(new))["Arn"]
    retag(
        old,
        new,
        lambda keys: events.untag_resource(ResourceARN=arn, TagKeys=keys),
        lambda tags: events.tag_resource(ResourceARN=arn, Tags=tag_list(tags)),
    )


def _delete_rule(aws: Aws, rule_id: str, props: Props) -> None:
    bus, _, name = rule_id.rpartition("/")
    events = aws.client("events")
    targets = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    if targets and props.get("forceDestroy"):
        events.remove_targets(Rule=name, EventBusName=bus, Ids=[t["Id"] for t in targets])
    events.delete_rule(Name=name, EventBusName=bus)


_TARGET_PARTS = {
    # pulumi's name: the API's name, for what a queue, topic, function or log group takes
    "arn": "Arn",
    "deadLetterConfig": "DeadLetterConfig",
    "input": "Input",
    "inputPath": "InputPath",
    "retryPolicy": "RetryPolicy",
    "roleArn": "RoleArn",
    "sqsTarget": "SqsParameters",
}


def _target(props: Props) -> dict[str, Any]:
    target = {api: pascal(props[ours]) for ours, api in _TARGET_PARTS.items() if props.get(ours)}
    transformer = props.get("inputTransformer")
    if transformer:
        target["InputTransformer"] = {
            "InputPathsMap": transformer.get("inputPaths") or {},
            "InputTemplate": transformer["inputTemplate"],
        }
    return {"Id": props["targetId"], **target}


def _create_target(aws: Aws, props: Props) -> str:
    aws.client("events").put_targets(Rule=props["rule"], EventBusName=_bus(props), Targets=[_target(props)])
    return f"{_bus(props)}/{props['rule']}/{props['targetId']}"


def _read_target(aws: Aws, target_id: str, props: Props) -> Props | None:
    bus, rule, name = target_id.rsplit("/", 2)
    targets = aws.client("events").list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    found = next((t for t in targets if t["Id"] == name), None)
    if found is None:
        return None
    result = {ours: like(props.get(ours), camel(found.get(api))) for ours, api in _TARGET_PARTS.items()}
    transformer = found.get("InputTransformer")
    told = transformer and {
        "inputPaths": transformer.get("InputPathsMap") or {},
        "inputTemplate": transformer["InputTemplate"],
    }
    result["inputTransformer"] = like(props.get("inputTransformer"), told)
    return {**result, "rule": rule, "eventBusName": bus, "targetId": name}


def _delete_target(aws: Aws, target_id: str, props: Props) -> None:
    bus, rule, name = target_id.rsplit("/", 2)
    aws.client("events").remove_targets(Rule=rule, EventBusName=bus, Ids=[name])


TYPES = (
    AwsType(
        token="aws:cloudwatch/eventRule:EventRule",
        create=_create_rule,
        read=_read_rule,
        update=_update_rule,
        delete=_delete_rule,
        replaces=frozenset({"eventBusName", "namePrefix"}),
        name=Name("name", 64),
        not_compared=frozenset({"forceDestroy"}),
    ),
    AwsType(
        token="aws:cloudwatch/eventTarget:EventTarget",
        create=_create_target,
        read=_read_target,
        update=put(_create_target),
        delete=_delete_target,
        replaces=frozenset({"rule", "eventBusName"}),
        name=Name("targetId", 64),
        not_compared=frozenset({"forceDestroy"}),
    ),
)
