"""EC2: launch templates, flow logs and single tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import change_tags, only, tagged, where
from sandbox.aws.services._shapes import like
from sandbox.aws.types import AwsType, Name, camel, pascal, tag_list, tag_map
from sandbox.provider.servicer import ProviderError
from sandbox.provider.values import Props

_RENAMED = {"securityGroupNames": "SecurityGroups", "vpcSecurityGroupIds": "SecurityGroupIds"}
_RENAMED_BACK = {v: k for k, v in _RENAMED.items()}
_INTERFACE = {
    "securityGroups": "Groups",
    "ipv4AddressCount": "SecondaryPrivateIpAddressCount",
}
_OWN = frozenset(
    {"name", "namePrefix", "description", "defaultVersion", "updateDefaultVersion", "tags", "tagsAll", "region"}
)
"""Inputs of the template itself; all others are data of a version."""

_OUTPUTS = frozenset({"arn", "id", "latestVersion"})


def _real(value: Any) -> Any:
    """Turn texts that mean truth values into these: the provider's schema has texts where null differs from false."""
    if isinstance(value, Mapping):
        return {k: _real(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_real(v) for v in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _data(props: Props) -> dict[str, Any]:
    given = {k: v for k, v in props.items() if k not in _OWN | _OUTPUTS and v is not None}
    specifications = given.pop("tagSpecifications", None) or ()
    interfaces = given.pop("networkInterfaces", None) or ()
    # Metadata's tag switch and DNS options take texts, not truth values: "enabled", not "true".
    data: dict[str, Any] = pascal(_real(given), _RENAMED)
    if specifications:
        data["TagSpecifications"] = [
            {"ResourceType": s["resourceType"], "Tags": tag_list(s.get("tags"))} for s in specifications
        ]
    if interfaces:
        data["NetworkInterfaces"] = [pascal(_real(i), _INTERFACE) for i in interfaces]
    return data


def _told_data(data: Mapping[str, Any]) -> Props:
    rest = {k: v for k, v in data.items() if k not in ("TagSpecifications", "NetworkInterfaces")}
    told: Props = camel(rest, _RENAMED_BACK)
    told["tagSpecifications"] = [
        {"resourceType": s["ResourceType"], "tags": tag_map(s.get("Tags"))}
        for s in data.get("TagSpecifications", ())
        # moto puts the tags of the template itself among those of what is launched.
        if s["ResourceType"] != "launch-template"
    ]
    if data.get("NetworkInterfaces"):
        back = {v: k for k, v in _INTERFACE.items()}
        told["networkInterfaces"] = [camel(i, back) for i in data["NetworkInterfaces"]]
    return told


def _create_template(aws: Aws, props: Props) -> str:
    text = {"VersionDescription": props["description"]} if props.get("description") else {}
    made = aws.client("ec2").create_launch_template(
        LaunchTemplateName=props["name"],
        LaunchTemplateData=_data(props),
        TagSpecifications=tagged("launch-template", props),
        **text,
    )
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def _read_template(aws: Aws, template_id: str, props: Props) -> Props | None:
    ec2 = aws.client("ec2")
    found = only(ec2.describe_launch_templates(LaunchTemplateIds=[template_id])["LaunchTemplates"])
    version = ec2.describe_launch_template_versions(LaunchTemplateId=template_id, Versions=["$Latest"])
    latest = version["LaunchTemplateVersions"][0]
    told = _told_data(latest["LaunchTemplateData"])
    known = {k for k in props if k not in _OWN | _OUTPUTS}
    return {
        **{k: like(props.get(k), told.get(k)) for k in known | told.keys()},
        "arn": aws.arn("ec2", f"launch-template/{template_id}"),
        "name": found["LaunchTemplateName"],
        "description": latest.get("VersionDescription") or None,
        "defaultVersion": found["DefaultVersionNumber"],
        "latestVersion": found["LatestVersionNumber"],
        # moto's answer on the template has the tags that it was created with.
        "tagsAll": tag_map(ec2.describe_tags(Filters=where(resource_id=template_id))["Tags"]),
    }


def _update_template(aws: Aws, template_id: str, old: Props, new: Props) -> None:
    ec2, default = aws.client("ec2"), new.get("defaultVersion")
    if _data(old) != _data(new) or old.get("description") != new.get("description"):
        text = {"VersionDescription": new["description"]} if new.get("description") else {}
        made = ec2.create_launch_template_version(LaunchTemplateId=template_id, LaunchTemplateData=_data(new), **text)[
            "LaunchTemplateVersion"
        ]
        if new.get("updateDefaultVersion"):
            default = made["VersionNumber"]
    if default and default != old.get("defaultVersion"):
        ec2.modify_launch_template(LaunchTemplateId=template_id, DefaultVersion=str(default))
    change_tags(aws, template_id, old, new)


def _delete_template(aws: Aws, template_id: str, props: Props) -> None:
    aws.client("ec2").delete_launch_template(LaunchTemplateId=template_id)


_WATCHED = {
    "vpcId": "VPC",
    "subnetId": "Subnet",
    "eniId": "NetworkInterface",
    "transitGatewayId": "TransitGateway",
}


def _create_flow_log(aws: Aws, props: Props) -> str:
    watched = next(k for k in _WATCHED if props.get(k))
    kind = props.get("logDestinationType", "cloud-watch-logs")
    parameters: dict[str, Any] = {
        "ResourceIds": [props[watched]],
        "ResourceType": _WATCHED[watched],
        "TrafficType": props.get("trafficType", "ALL"),
        "LogDestinationType": kind,
        "MaxAggregationInterval": props.get("maxAggregationInterval", 600),
        "TagSpecifications": tagged("vpc-flow-log", props),
    }
    destination = props.get("logDestination", "")
    # moto looks for the log group by its name, and for a bucket by an ARN without a prefix.
    if kind == "cloud-watch-logs":
        parameters["LogGroupName"] = destination.split(":log-group:")[-1].removesuffix(":*")
    else:
        parameters["LogDestination"] = destination.split("/", 1)[0]
    for ours, api in (("iamRoleArn", "DeliverLogsPermissionArn"), ("logFormat", "LogFormat")):
        if props.get(ours):
            parameters[api] = props[ours]
    made = aws.client("ec2").create_flow_logs(**parameters)
    for failed in made.get("Unsuccessful", ()):
        raise ProviderError(f"could not create the flow log: {failed['Error'].get('Message')}")
    return str(made["FlowLogIds"][0])


def _read_flow_log(aws: Aws, log_id: str, props: Props) -> Props | None:
    found = only(aws.client("ec2").describe_flow_logs(FlowLogIds=[log_id])["FlowLogs"])
    if found is None:
        return None
    destination = found.get("LogDestination")
    if found.get("LogGroupName"):
        destination = aws.arn("logs", f"log-group:{found['LogGroupName']}")
    known = props.get("logDestination")
    same = known and destination and known.removesuffix(":*").startswith(destination)
    watched = next((k for k in _WATCHED if props.get(k)), "vpcId")
    return {
        "arn": aws.arn("ec2", f"vpc-flow-log/{log_id}"),
        watched: found["ResourceId"],
        "trafficType": found["TrafficType"],
        "logDestinationType": found["LogDestinationType"],
        "logDestination": known if same else destination,
        "maxAggregationInterval": found["MaxAggregationInterval"],
        "logFormat": found.get("LogFormat"),
        "iamRoleArn": found.get("DeliverLogsPermissionArn"),
        "tagsAll": tag_map(found.get("Tags")),
    }


def _delete_flow_log(aws: Aws, log_id: str, props: Props) -> None:
    aws.client("ec2").delete_flow_logs(FlowLogIds=[log_id])


def _create_tag(aws: Aws, props: Props) -> str:
    tag = {"Key": props["key"], "Value": props["value"]}
    aws.client("ec2").create_tags(Resources=[props["resourceId"]], Tags=[tag])
    return f"{props['resourceId']},{props['key']}"


def _read_tag(aws: Aws, tag_id: str, props: Props) -> Props | None:
    resource_id, _, key = tag_id.partition(",")
    filters = where(resource_id=resource_id, key=key)
    found = only(aws.client("ec2").describe_tags(Filters=filters)["Tags"])
    return {"resourceId": resource_id, "key": key, "value": found["Value"]} if found else None


def _update_tag(aws: Aws, tag_id: str, old: Props, new: Props) -> None:
    _create_tag(aws, new)


def _delete_tag(aws: Aws, tag_id: str, props: Props) -> None:
    resource_id, _, key = tag_id.partition(",")
    aws.client("ec2").delete_tags(Resources=[resource_id], Tags=[{"Key": key}])


TYPES = (
    AwsType(
        token="aws:ec2/launchTemplate:LaunchTemplate",
        create=_create_template,
        read=_read_template,
        update=_update_template,
        delete=_delete_template,
        replaces=frozenset({"namePrefix"}),
        name=Name("name", 128),
        not_compared=frozenset({"updateDefaultVersion"}),
    ),
    AwsType(
        token="aws:ec2/flowLog:FlowLog",
        create=_create_flow_log,
        read=_read_flow_log,
        update=change_tags,
        delete=_delete_flow_log,
        replaces=frozenset(
            {
                *_WATCHED,
                "trafficType",
                "logDestination",
                "logDestinationType",
                "logFormat",
                "iamRoleArn",
                "maxAggregationInterval",
                "destinationOptions",
            }
        ),
    ),
    AwsType(
        token="aws:ec2/tag:Tag",
        create=_create_tag,
        read=_read_tag,
        update=_update_tag,
        delete=_delete_tag,
        replaces=frozenset({"resourceId", "key"}),
    ),
)
