"""RDS: instances, subnet groups and parameter groups."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import only
from sandbox.aws.services._shapes import differs, flat, like, retag
from sandbox.aws.types import AwsType, Name, tag_list, tag_map
from sandbox.provider.values import Props

_SHARED = {
    # pulumi's name: the API's name at creation and in an answer
    "allocatedStorage": "AllocatedStorage",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "availabilityZone": "AvailabilityZone",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "caCertIdentifier": "CACertificateIdentifier",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "dbName": "DBName",
    "deletionProtection": "DeletionProtection",
    "engine": "Engine",
    "engineVersion": "EngineVersion",
    "instanceClass": "DBInstanceClass",
    "iops": "Iops",
    "kmsKeyId": "KmsKeyId",
    "licenseModel": "LicenseModel",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "monitoringInterval": "MonitoringInterval",
    "monitoringRoleArn": "MonitoringRoleArn",
    "multiAz": "MultiAZ",
    "publiclyAccessible": "PubliclyAccessible",
    "storageEncrypted": "StorageEncrypted",
    "storageThroughput": "StorageThroughput",
    "storageType": "StorageType",
    "username": "MasterUsername",
}
_ASKED = {
    # Under another name in an answer, or forgotten by moto and then known from the state alone.
    "dbSubnetGroupName": "DBSubnetGroupName",
    "databaseInsightsMode": "DatabaseInsightsMode",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "engineLifecycleSupport": "EngineLifecycleSupport",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "manageMasterUserPassword": "ManageMasterUserPassword",
    "masterUserSecretKmsKeyId": "MasterUserSecretKmsKeyId",
    "networkType": "NetworkType",
    "parameterGroupName": "DBParameterGroupName",
    "password": "MasterUserPassword",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "performanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    "port": "Port",
    "vpcSecurityGroupIds": "VpcSecurityGroupIds",
}
_FIXED = frozenset(
    {
        "availabilityZone",
        "dbName",
        "dbSubnetGroupName",
        "engine",
        "kmsKeyId",
        "storageEncrypted",
        "username",
        "characterSetName",
        "ncharCharacterSetName",
        "timezone",
        "snapshotIdentifier",
        "replicateSourceDb",
        "restoreToPointInTime",
        "identifierPrefix",
    }
)
"""Inputs whose change replaces an instance."""


def _parameters(props: Props) -> dict[str, Any]:
    names = {**_SHARED, **_ASKED}
    return {api: props[ours] for ours, api in names.items() if props.get(ours) is not None}


def _create_instance(aws: Aws, props: Props) -> str:
    aws.client("rds").create_db_instance(
        DBInstanceIdentifier=props["identifier"], Tags=tag_list(props.get("tagsAll")), **_parameters(props)
    )
    return str(props["identifier"])


def _read_instance(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    groups = [g["VpcSecurityGroupId"] for g in found.get("VpcSecurityGroups", ())]
    parameters = only(found.get("DBParameterGroups", ())) or {}
    endpoint = found["Endpoint"]
    exports = found.get("EnabledCloudwatchLogsExports", [])
    secret = found.get("MasterUserSecret")
    return {
        **{ours: like(props.get(ours), found.get(api)) for ours, api in _SHARED.items()},
        "arn": found["DBInstanceArn"],
        "identifier": name,
        "address": endpoint["Address"],
        "port": endpoint["Port"],
        "endpoint": f"{endpoint['Address']}:{endpoint['Port']}",
        "dbSubnetGroupName": found.get("DBSubnetGroup", {}).get("DBSubnetGroupName"),
        "parameterGroupName": parameters.get("DBParameterGroupName"),
        "vpcSecurityGroupIds": like(props.get("vpcSecurityGroupIds"), groups),
        "enabledCloudwatchLogsExports": like(props.get("enabledCloudwatchLogsExports"), exports),
        "iamDatabaseAuthenticationEnabled": found.get("IAMDatabaseAuthenticationEnabled"),
        "engineVersionActual": found["EngineVersion"],
        "resourceId": found["DbiResourceId"],
        "status": found["DBInstanceStatus"],
        # moto says "creating" once, then "active": only the latter lasts.
        "masterUserSecrets": [
            {"secretArn": secret["SecretArn"], "kmsKeyId": secret["KmsKeyId"], "secretStatus": "active"}
        ]
        if secret
        else [],
        "tagsAll": tag_map(found.get("TagList")),
    }


_STEERING = frozenset(
    {
        "applyImmediately",
        "allowMajorVersionUpgrade",
        "deleteAutomatedBackups",
        "finalSnapshotIdentifier",
        "skipFinalSnapshot",
        "blueGreenUpdate",
    }
)


def _update_instance(aws: Aws, name: str, old: Props, new: Props) -> None:
    rds, arn = aws.client("rds"), aws.arn("rds", f"db:{name}")
    names = {**_SHARED, **_ASKED, "port": "DBPortNumber"}
    names = {k: v for k, v in names.items() if k not in _FIXED and k != "enabledCloudwatchLogsExports"}
    changes = {api: new[ours] for ours, api in names.items() if differs(old, new, ours) and new.get(ours) is not None}
    before, after = (set(p.get("enabledCloudwatchLogsExports") or ()) for p in (old, new))
    if before != after:
        changes["CloudwatchLogsExportConfiguration"] = {
            "EnableLogTypes": sorted(after - before),
            "DisableLogTypes": sorted(before - after),
        }
    if changes:
        rds.modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, **changes)
    _retag(aws, arn, old, new)


def _delete_instance(aws: Aws, name: str, props: Props) -> None:
    final = props.get("finalSnapshotIdentifier")
    snapshot = {} if props.get("skipFinalSnapshot") else {"FinalDBSnapshotIdentifier": final}
    aws.client("rds").delete_db_instance(
        DBInstanceIdentifier=name,
        SkipFinalSnapshot=bool(props.get("skipFinalSnapshot")),
        DeleteAutomatedBackups=props.get("deleteAutomatedBackups", True),
        **{k: v for k, v in snapshot.items() if v},
    )


def _retag(aws: Aws, arn: str, old: Props, new: Props) -> None:
    rds = aws.client("rds")
    retag(
        old,
        new,
        lambda keys: rds.remove_tags_from_resource(ResourceName=arn, TagKeys=keys),
        lambda tags: rds.add_tags_to_resource(ResourceName=arn, Tags=tag_list(tags)),
    )


def _tags(aws: Aws, arn: str) -> dict[str, str]:
    return tag_map(aws.client("rds").list_tags_for_resource(ResourceName=arn)["TagList"])


def _create_subnets(aws: Aws, props: Props) -> str:
    aws.client("rds").create_db_subnet_group(
        DBSubnetGroupName=props["name"],
        DBSubnetGroupDescription=props.get("description", "Managed by Pulumi"),
        SubnetIds=props["subnetIds"],
        Tags=tag_list(props.get("tagsAll")),
    )
    return str(props["name"])


def _read_subnets(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    return {
        "arn": found["DBSubnetGroupArn"],
        "name": found["DBSubnetGroupName"],
        "description": found["DBSubnetGroupDescription"],
        "subnetIds": like(props.get("subnetIds"), [s["SubnetIdentifier"] for s in found["Subnets"]]),
        "vpcId": found["VpcId"],
        "tagsAll": _tags(aws, found["DBSubnetGroupArn"]),
    }


def _update_subnets(aws: Aws, name: str, old: Props, new: Props) -> None:
    if differs(old, new, "description", "subnetIds"):
        # moto's ModifyDBSubnetGroup loses the group: it is made anew under its name.
        aws.client("rds").delete_db_subnet_group(DBSubnetGroupName=name)
        _create_subnets(aws, new)
        return
    _retag(aws, aws.arn("rds", f"subgrp:{name}"), old, new)


def _delete_subnets(aws: Aws, name: str, props: Props) -> None:
    aws.client("rds").delete_db_subnet_group(DBSubnetGroupName=name)


def _create_parameters(aws: Aws, props: Props) -> str:
    aws.client("rds").create_db_parameter_group(
        DBParameterGroupName=props["name"],
        DBParameterGroupFamily=props["family"],
        Description=props.get("description", "Managed by Pulumi"),
        Tags=tag_list(props.get("tagsAll")),
    )
    _set_parameters(aws, props["name"], props.get("parameters") or [])
    return str(props["name"])


def _set_parameters(aws: Aws, name: str, parameters: list[Props]) -> None:
    changes = [
        {
            "ParameterName": p["name"],
            "ParameterValue": str(p["value"]),
            "ApplyMethod": p.get("applyMethod", "immediate"),
        }
        for p in parameters
    ]
    # The API takes twenty at a time.
    for start in range(0, len(changes), 20):
        aws.client("rds").modify_db_parameter_group(DBParameterGroupName=name, Parameters=changes[start : start + 20])


def _read_parameters(aws: Aws, name: str, props: Props) -> Props | None:
    rds = aws.client("rds")
    group = only(rds.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"])
    if group is None:
        return None
    pages = rds.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name, Source="user")
    found = [
        {"name": p["ParameterName"], "value": p["ParameterValue"], "applyMethod": p["ApplyMethod"]}
        for p in flat(pages, "Parameters")
    ]
    methods = {p["name"]: p.get("applyMethod") for p in props.get("parameters") or ()}
    told = [
        {k: v for k, v in p.items() if k != "applyMethod" or v != "immediate" or methods.get(p["name"])} for p in found
    ]
    return {
        "arn": group["DBParameterGroupArn"],
        "name": name,
        "family": group["DBParameterGroupFamily"],
        "description": group["Description"],
        "parameters": like(props.get("parameters"), told),
        "tagsAll": _tags(aws, group["DBParameterGroupArn"]),
    }


def _update_parameters(aws: Aws, name: str, old: Props, new: Props) -> None:
    kept = {p["name"] for p in new.get("parameters") or ()}
    if any(p["name"] not in kept for p in old.get("parameters") or ()):
        # moto has no ResetDBParameterGroup: the group is made anew under its name.
        aws.client("rds").delete_db_parameter_group(DBParameterGroupName=name)
        _create_parameters(aws, new)
        return
    if differs(old, new, "parameters"):
        _set_parameters(aws, name, new.get("parameters") or [])
    _retag(aws, aws.arn("rds", f"pg:{name}"), old, new)


def _delete_parameters(aws: Aws, name: str, props: Props) -> None:
    if not props.get("skipDestroy"):
        aws.client("rds").delete_db_parameter_group(DBParameterGroupName=name)


TYPES = (
    AwsType(
        token="aws:rds/instance:Instance",
        create=_create_instance,
        read=_read_instance,
        update=_update_instance,
        delete=_delete_instance,
        replaces=_FIXED,
        name=Name("identifier", 63),
        not_compared=_STEERING,
    ),
    AwsType(
        token="aws:rds/subnetGroup:SubnetGroup",
        create=_create_subnets,
        read=_read_subnets,
        update=_update_subnets,
        delete=_delete_subnets,
        replaces=frozenset({"namePrefix"}),
        name=Name(),
    ),
    AwsType(
        token="aws:rds/parameterGroup:ParameterGroup",
        create=_create_parameters,
        read=_read_parameters,
        update=_update_parameters,
        delete=_delete_parameters,
        replaces=frozenset({"family", "description", "namePrefix"}),
        name=Name(),
        not_compared=frozenset({"skipDestroy"}),
    ),
)
