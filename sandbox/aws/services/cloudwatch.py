"""CloudWatch: log groups, alarms and dashboards."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import differs, document, flat, like, or_none, retag, same_document
from sandbox.aws.types import AwsType, Name, camel, pascal, put, tag_list, tag_map
from sandbox.provider.values import Props


def _group(aws: Aws, name: str) -> Any:
    pages = aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return next((g for g in flat(pages, "logGroups") if g["logGroupName"] == name), None)


def _create_group(aws: Aws, props: Props) -> str:
    logs, name = aws.client("logs"), props["name"]
    optional = {api: props[ours] for ours, api in (("kmsKeyId", "kmsKeyId"),) if props.get(ours)}
    if props.get("logGroupClass"):
        optional["logGroupClass"] = props["logGroupClass"]
    if props.get("tagsAll"):
        optional["tags"] = props["tagsAll"]
    logs.create_log_group(logGroupName=name, **optional)
    if props.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=props["retentionInDays"])
    return str(name)


def _read_group(aws: Aws, name: str, props: Props) -> Props | None:
    found = _group(aws, name)
    if found is None:
        return None
    arn = aws.arn("logs", f"log-group:{name}")
    return {
        "arn": arn,
        "name": name,
        "kmsKeyId": found.get("kmsKeyId"),
        "retentionInDays": found.get("retentionInDays", 0),
        "tagsAll": aws.client("logs").list_tags_for_resource(resourceArn=arn)["tags"],
    }


def _update_group(aws: Aws, name: str, old: Props, new: Props) -> None:
    logs, arn = aws.client("logs"), aws.arn("logs", f"log-group:{name}")
    if differs(old, new, "kmsKeyId"):
        # moto has no AssociateKmsKey: the group, which holds nothing here, is made anew under its name.
        logs.delete_log_group(logGroupName=name)
        _create_group(aws, new)
        return
    if differs(old, new, "retentionInDays"):
        if new.get("retentionInDays"):
            logs.put_retention_policy(logGroupName=name, retentionInDays=new["retentionInDays"])
        else:
            logs.delete_retention_policy(logGroupName=name)
    retag(
        old,
        new,
        lambda keys: logs.untag_resource(resourceArn=arn, tagKeys=keys),
        lambda tags: logs.tag_resource(resourceArn=arn, tags=tags),
    )


def _delete_group(aws: Aws, name: str, props: Props) -> None:
    if not props.get("skipDestroy"):
        aws.client("logs").delete_log_group(logGroupName=name)


def _create_access(aws: Aws, props: Props) -> str:
    aws.client("logs").put_resource_policy(
        policyName=props["policyName"], policyDocument=document(props["policyDocument"])
    )
    return str(props["policyName"])


def _read_access(aws: Aws, name: str, props: Props) -> Props | None:
    pages = aws.client("logs").get_paginator("describe_resource_policies").paginate()
    found = next((p for p in flat(pages, "resourcePolicies") if p["policyName"] == name), None)
    if found is None:
        return None
    return {"policyName": name, "policyDocument": same_document(props.get("policyDocument"), found["policyDocument"])}


def _delete_access(aws: Aws, name: str, props: Props) -> None:
    aws.client("logs").delete_resource_policy(policyName=name)


_ALARM = {
    # pulumi's name: the API's name, for what needs no other treatment
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "insufficientDataActions": "InsufficientDataActions",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "thresholdMetricId": "ThresholdMetricId",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
}


def _dimensions(values: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"Name": k, "Value": v} for k, v in sorted((values or {}).items())]


def _query(query: Props) -> dict[str, Any]:
    """Return a metric query as the API wants it: the metric's name, namespace and dimensions one level deeper."""
    rest: dict[str, Any] = pascal({k: v for k, v in query.items() if k != "metric"})
    metric = query.get("metric")
    if metric:
        inner = pascal({k: v for k, v in metric.items() if k in ("metricName", "namespace")})
        inner["Dimensions"] = _dimensions(metric.get("dimensions"))
        rest["MetricStat"] = {
            "Metric": inner,
            **pascal({k: v for k, v in metric.items() if k in ("period", "stat", "unit")}),
        }
    return rest


def _told_query(query: Any) -> Props:
    told: Props = camel({k: v for k, v in query.items() if k != "MetricStat"})
    stat = query.get("MetricStat")
    if stat:
        inner = {k: v for k, v in stat["Metric"].items() if k != "Dimensions"}
        dimensions = {d["Name"]: d["Value"] for d in stat["Metric"].get("Dimensions", ())}
        told["metric"] = {**camel(inner), **camel({k: v for k, v in stat.items() if k != "Metric"})}
        told["metric"]["dimensions"] = dimensions
    return told


def _create_alarm(aws: Aws, props: Props) -> str:
    parameters = {api: props[ours] for ours, api in _ALARM.items() if props.get(ours) is not None}
    if props.get("dimensions"):
        parameters["Dimensions"] = _dimensions(props["dimensions"])
    if props.get("metricQueries"):
        parameters["Metrics"] = [_query(q) for q in props["metricQueries"]]
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=props["name"], Tags=tag_list(props.get("tagsAll")), **parameters
    )
    return str(props["name"])


def _read_alarm(aws: Aws, name: str, props: Props) -> Props | None:
    cloudwatch = aws.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if not alarms:
        return None
    found, arn = alarms[0], alarms[0]["AlarmArn"]
    tags = or_none(lambda: cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], "ResourceNotFoundException")
    return {
        **{ours: like(props.get(ours), found.get(api)) for ours, api in _ALARM.items()},
        "arn": arn,
        "name": name,
        "dimensions": like(props.get("dimensions"), {d["Name"]: d["Value"] for d in found.get("Dimensions", ())}),
        "metricQueries": like(props.get("metricQueries"), [_told_query(q) for q in found.get("Metrics", ())]),
        "tagsAll": tag_map(tags),
    }


def _update_alarm(aws: Aws, name: str, old: Props, new: Props) -> None:
    # Putting an alarm again leaves its tags as they are.
    _create_alarm(aws, new)
    cloudwatch, arn = aws.client("cloudwatch"), aws.arn("cloudwatch", f"alarm:{name}")
    retag(
        old,
        new,
        lambda keys: cloudwatch.untag_resource(ResourceARN=arn, TagKeys=keys),
        lambda tags: cloudwatch.tag_resource(ResourceARN=arn, Tags=tag_list(tags)),
    )


def _delete_alarm(aws: Aws, name: str, props: Props) -> None:
    aws.client("cloudwatch").delete_alarms(AlarmNames=[name])


def _create_dashboard(aws: Aws, props: Props) -> str:
    name = props["dashboardName"]
    aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=document(props["dashboardBody"]))
    return str(name)


def _read_dashboard(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("cloudwatch").get_dashboard(DashboardName=name)
    return {
        "dashboardArn": found["DashboardArn"],
        "dashboardName": name,
        "dashboardBody": same_document(props.get("dashboardBody"), found["DashboardBody"]),
    }


def _delete_dashboard(aws: Aws, name: str, props: Props) -> None:
    aws.client("cloudwatch").delete_dashboards(DashboardNames=[name])


TYPES = (
    AwsType(
        token="aws:cloudwatch/logGroup:LogGroup",
        create=_create_group,
        read=_read_group,
        update=_update_group,
        delete=_delete_group,
        replaces=frozenset({"namePrefix", "logGroupClass"}),
        name=Name("name", 512),
        not_compared=frozenset({"skipDestroy"}),
    ),
    AwsType(
        token="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        create=_create_access,
        read=_read_access,
        update=put(_create_access),
        delete=_delete_access,
        replaces=frozenset({"policyName", "resourceArn"}),
    ),
    AwsType(
        token="aws:cloudwatch/metricAlarm:MetricAlarm",
        create=_create_alarm,
        read=_read_alarm,
        update=_update_alarm,
        delete=_delete_alarm,
        name=Name(),
    ),
    AwsType(
        token="aws:cloudwatch/dashboard:Dashboard",
        create=_create_dashboard,
        read=_read_dashboard,
        update=put(_create_dashboard),
        delete=_delete_dashboard,
        replaces=frozenset({"dashboardName"}),
    ),
)
