"""Flow logs of a VPC: who talked to whom, in an encrypted log group with an end.

The role may write to this one log group and only for flow logs of this account and region. It may not create
log groups: the last records of a deleted VPC would bring the group back, unencrypted and without retention.
"""

from typing import Any

import pulumi
import pulumi_aws as aws

from components._core import conventions
from components._core.policy_documents import document, statement, to_json

TRAFFIC_FIELDS = (
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "flow-direction",
    "traffic-path",
)
"""The default fields, then those that name the real ends behind NAT and tell which way traffic left the VPC
(docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html, read 2026-11-23)."""


def make_flow_log(
    name: str,
    vpc: aws.ec2.Vpc,
    key_arn: pulumi.Input[str],
    retention_days: int,
    opts: pulumi.ResourceOptions,
) -> aws.ec2.FlowLog:
    """Create the log group, the role and the flow log of `vpc`; `name` begins their logical names."""
    tags = conventions.tags("network", data_class="log")
    group = aws.cloudwatch.LogGroup(name, kms_key_id=key_arn, retention_in_days=retention_days, tags=tags, opts=opts)
    role = aws.iam.Role(
        name,
        description="Writes VPC flow logs",
        assume_role_policy=to_json(_trust(vpc)),
        tags=conventions.tags("network"),
        opts=opts,
    )
    policy = aws.iam.RolePolicy(name, role=role.name, policy=to_json(_permissions(group)), opts=opts)
    return aws.ec2.FlowLog(
        name,
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        log_format=" ".join(f"${{{field}}}" for field in TRAFFIC_FIELDS),
        iam_role_arn=role.arn,
        tags=tags,
        # Without its policy the role is refused at first delivery, and the flow log stays in an error state.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )


def _trust(vpc: aws.ec2.Vpc) -> dict[str, Any]:
    """Let the flow log service assume the role for this account and region only.

    Source: docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, read 2026-11-23.
    """
    parts = vpc.arn.apply(lambda arn: arn.split(":"))
    conditions = {
        "StringEquals": {"aws:SourceAccount": parts[4]},
        "ArnLike": {
            "aws:SourceArn": parts.apply(lambda p: f"{p[0]}:{p[1]}:ec2:{p[3]}:{p[4]}:vpc-flow-log/*"),
        },
    }
    service = {"Service": "vpc-flow-logs.amazonaws.com"}
    return document(statement("FlowLogs", ["sts:AssumeRole"], "", principals=service, conditions=conditions))


def _permissions(group: aws.cloudwatch.LogGroup) -> dict[str, Any]:
    write = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    return document(
        statement("Write", write, pulumi.Output.concat(group.arn, ":*")),
        # Listing has no finer resource than the log group it asks about.
        statement("Find", ["logs:DescribeLogGroups"], group.arn),
    )
