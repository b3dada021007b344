"""What exists in the local AWS beside what it starts with: `destroy` must leave nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws.client import Aws
from sandbox.aws.types import is_gone

_EC2 = {
    # operation: (list in the answer, id in an item); what belongs to the default network is left out
    "describe_vpcs": ("Vpcs", "VpcId"),
    "describe_subnets": ("Subnets", "SubnetId"),
    "describe_security_groups": ("SecurityGroups", "GroupId"),
    "describe_network_acls": ("NetworkAcls", "NetworkAclId"),
    "describe_route_tables": ("RouteTables", "RouteTableId"),
    "describe_internet_gateways": ("InternetGateways", "InternetGatewayId"),
    "describe_nat_gateways": ("NatGateways", "NatGatewayId"),
    "describe_addresses": ("Addresses", "AllocationId"),
    "describe_network_interfaces": ("NetworkInterfaces", "NetworkInterfaceId"),
    "describe_vpc_endpoints": ("VpcEndpoints", "VpcEndpointId"),
    "describe_flow_logs": ("FlowLogs", "FlowLogId"),
    "describe_launch_templates": ("LaunchTemplates", "LaunchTemplateId"),
    "describe_volumes": ("Volumes", "VolumeId"),
}
_PLAIN: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    # service, operation, list in the answer, id in an item (empty: the item is the id), arguments
    ("iam", "list_roles", "Roles", "RoleName", {}),
    ("iam", "list_policies", "Policies", "Arn", {"Scope": "Local"}),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName", {}),
    ("logs", "describe_log_groups", "logGroups", "logGroupName", {}),
    ("logs", "describe_resource_policies", "resourcePolicies", "policyName", {}),
    ("events", "list_rules", "Rules", "Name", {}),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", {}),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName", {}),
    ("s3", "list_buckets", "Buckets", "Name", {}),
    ("ecr", "describe_repositories", "repositories", "repositoryName", {}),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier", {}),
    ("rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier", {}),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName", {}),
    ("secretsmanager", "list_secrets", "SecretList", "Name", {}),
    ("sns", "list_topics", "Topics", "TopicArn", {}),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn", {}),
    ("sqs", "list_queues", "QueueUrls", "", {}),
    ("ssm", "describe_parameters", "Parameters", "Name", {}),
    ("kinesis", "list_streams", "StreamNames", "", {}),
    ("kafka", "list_clusters_v2", "ClusterInfoList", "ClusterName", {}),
)
_ENDED = frozenset({"deleted", "deleting", "terminated"})


def inventory(aws: Aws) -> list[str]:
    """Return what exists in this region and account, each as `service kind id`, sorted.

    Left out: what is there from the start (the default network, AWS's own policies and keys), and what only waits
    for its deletion (keys, secrets, gateways that AWS lists for a while).
    """
    groups: tuple[Callable[[Aws], Iterable[str]], ...] = (_ec2, _plain, _keys, _clusters, _registry, _others)
    return sorted(line for group in groups for line in group(aws))


def _pages(aws: Aws, service: str, operation: str, key: str, arguments: Mapping[str, Any]) -> Iterable[Any]:
    client = aws.client(service)
    if not client.can_paginate(operation):
        yield from getattr(client, operation)(**arguments).get(key, ())
        return
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key, ())


def _ec2(aws: Aws) -> Iterable[str]:
    default = {v["VpcId"] for v in _pages(aws, "ec2", "describe_vpcs", "Vpcs", {}) if v["IsDefault"]}
    for operation, (key, name) in _EC2.items():
        for item in _pages(aws, "ec2", operation, key, {}):
            attached = {a.get("VpcId") for a in item.get("Attachments", ())} if key == "InternetGateways" else set()
            # A network's own access list goes with it in AWS; moto lists it for ever.
            if item.get("VpcId") in default or attached & default or (key == "NetworkAcls" and item["IsDefault"]):
                continue
            if str(item.get("State", "")).lower() not in _ENDED:
                yield f"ec2 {key} {item[name]}"


def _plain(aws: Aws) -> Iterable[str]:
    for service, operation, key, name, arguments in _PLAIN:
        for item in _pages(aws, service, operation, key, arguments):
            if not (isinstance(item, Mapping) and item.get("DeletedDate")):
                yield f"{service} {key} {item[name] if name else item}"


def _keys(aws: Aws) -> Iterable[str]:
    kms, waiting = aws.client("kms"), set()
    for key in _pages(aws, "kms", "list_keys", "Keys", {}):
        found = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if found["KeyState"] == "PendingDeletion":
            waiting.add(key["KeyId"])
        elif found["KeyManager"] == "CUSTOMER":
            yield f"kms Keys {key['KeyId']}"
    for alias in _pages(aws, "kms", "list_aliases", "Aliases", {}):
        # An alias goes with its key.
        if not alias["AliasName"].startswith("alias/aws/") and alias.get("TargetKeyId") not in waiting:
            yield f"kms Aliases {alias['AliasName']}"


def _clusters(aws: Aws) -> Iterable[str]:
    for name in _pages(aws, "eks", "list_clusters", "clusters", {}):
        yield f"eks clusters {name}"
        for group in _pages(aws, "eks", "list_nodegroups", "nodegroups", {"clusterName": name}):
            yield f"eks nodegroups {name}/{group}"


def _registry(aws: Aws) -> Iterable[str]:
    ecr = aws.client("ecr")
    if ecr.describe_registry()["replicationConfiguration"]["rules"]:
        yield "ecr registry replication"
    scanning = ecr.get_registry_scanning_configuration()["scanningConfiguration"]
    if scanning["scanType"] != "BASIC" or scanning["rules"]:
        yield "ecr registry scanning"
    try:
        ecr.get_registry_policy()
        yield "ecr registry policy"
    except ClientError as error:
        if not is_gone(error):
            raise


def _others(aws: Aws) -> Iterable[str]:
    for group in _pages(aws, "rds", "describe_db_parameter_groups", "DBParameterGroups", {}):
        if not group["DBParameterGroupName"].startswith("default."):
            yield f"rds DBParameterGroups {group['DBParameterGroupName']}"
    for budget in _pages(aws, "budgets", "describe_budgets", "Budgets", {"AccountId": aws.account_id}):
        yield f"budgets Budgets {budget['BudgetName']}"
