"""EKS: clusters and managed node groups.

moto has no UpdateClusterVersion, UpdateNodegroupVersion and AssociateEncryptionConfig, and forgets several settings.
What it forgets is known from the state alone; a new version of a cluster is kept in a tag of AWS's own name space.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import only
from sandbox.aws.services._shapes import differs, gone_is_fine, like, retag
from sandbox.aws.types import AwsType, Name, tag_list
from sandbox.provider.servicer import ProviderError
from sandbox.provider.values import Props

_VERSION_TAG = "aws:sandbox:version"
_OWNER_TAG = "aws:eks:cluster-name"
_ACCESS = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")
_LISTS = ("subnetIds", "securityGroupIds")
_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def _network(props: Props) -> dict[str, Any]:
    given = props["vpcConfig"]
    return {k: given[k] for k in (*_LISTS, *_ACCESS) if given.get(k) is not None}


def _logging(props: Props) -> dict[str, Any]:
    on = sorted(props.get("enabledClusterLogTypes") or ())
    off = [t for t in _LOG_TYPES if t not in on]
    groups = [{"types": types, "enabled": flag} for types, flag in ((on, True), (off, False)) if types]
    return {"clusterLogging": groups}


def _create_cluster(aws: Aws, props: Props) -> str:
    optional: dict[str, Any] = {}
    if props.get("encryptionConfig"):
        optional["encryptionConfig"] = [props["encryptionConfig"]]
    names = ("accessConfig", "version", "kubernetesNetworkConfig", "deletionProtection", "upgradePolicy")
    optional |= {k: props[k] for k in (*names, "zonalShiftConfig") if props.get(k) is not None}
    aws.client("eks").create_cluster(
        name=props["name"],
        roleArn=props["roleArn"],
        resourcesVpcConfig=_network(props),
        logging=_logging(props),
        tags=props.get("tagsAll") or {},
        **optional,
    )
    _create_group(aws, props)
    return str(props["name"])


def _create_group(aws: Aws, props: Props) -> None:
    """Make the security group that EKS makes for each cluster, which moto does not."""
    ec2, name = aws.client("ec2"), props["name"]
    subnet = only(ec2.describe_subnets(SubnetIds=props["vpcConfig"]["subnetIds"][:1])["Subnets"])
    tags = {_OWNER_TAG: name, f"kubernetes.io/cluster/{name}": "owned", "Name": f"eks-cluster-sg-{name}"}
    ec2.create_security_group(
        GroupName=f"eks-cluster-sg-{name}",
        Description="EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        VpcId=subnet["VpcId"],
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tag_list(tags)}],
    )


def _group(aws: Aws, name: str) -> Any:
    filters = [{"Name": f"tag:{_OWNER_TAG}", "Values": [name]}]
    return only(aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"])


def read_cluster(aws: Aws, name: str, props: Props) -> Props | None:
    """Return a cluster as it is found."""
    found, group = aws.client("eks").describe_cluster(name=name)["cluster"], _group(aws, name)
    network, known = found["resourcesVpcConfig"], props.get("vpcConfig") or {}
    tags = found.get("tags") or {}
    logging = found.get("logging", {}).get("clusterLogging", ())
    logs = sorted(t for g in logging if g["enabled"] for t in g["types"])
    result = {
        "arn": found["arn"],
        "name": name,
        "clusterId": None,
        "roleArn": found["roleArn"],
        "version": tags.get(_VERSION_TAG) or found["version"],
        "endpoint": found["endpoint"],
        "certificateAuthority": found["certificateAuthority"],
        "createdAt": found["createdAt"].isoformat(),
        "identities": [{"oidcs": [found["identity"]["oidc"]]}],
        "platformVersion": found["platformVersion"],
        "status": found["status"],
        "enabledClusterLogTypes": like(props.get("enabledClusterLogTypes"), logs),
        "vpcConfig": {
            "subnetIds": like(known.get("subnetIds"), network.get("subnetIds", [])),
            "securityGroupIds": like(known.get("securityGroupIds"), network.get("securityGroupIds", [])),
            "endpointPublicAccess": network.get("endpointPublicAccess", True),
            "endpointPrivateAccess": network.get("endpointPrivateAccess", False),
            "publicAccessCidrs": like(known.get("publicAccessCidrs"), network.get("publicAccessCidrs", [])),
            "clusterSecurityGroupId": group and group["GroupId"],
            "vpcId": group and group["VpcId"],
        },
        "tagsAll": {k: v for k, v in tags.items() if not k.startswith("aws:")},
    }
    encryption = only(found.get("encryptionConfig") or [])
    if encryption:
        result["encryptionConfig"] = like(props.get("encryptionConfig"), encryption)
    addresses = found.get("kubernetesNetworkConfig")
    if addresses:
        result["kubernetesNetworkConfig"] = {**(props.get("kubernetesNetworkConfig") or {}), **addresses}
    return result


def _update_cluster(aws: Aws, name: str, old: Props, new: Props) -> None:
    eks, arn = aws.client("eks"), aws.arn("eks", f"cluster/{name}")
    if _network(old) != _network(new):
        # moto takes the request as the whole of the new settings: what stays must be in it.
        eks.update_cluster_config(name=name, resourcesVpcConfig=_network(new))
    if differs(old, new, "enabledClusterLogTypes"):
        eks.update_cluster_config(name=name, logging=_logging(new))
    if differs(old, new, "version") and new.get("version"):
        eks.tag_resource(resourceArn=arn, tags={_VERSION_TAG: new["version"]})
    retag(
        old,
        new,
        lambda keys: eks.untag_resource(resourceArn=arn, tagKeys=keys),
        lambda tags: eks.tag_resource(resourceArn=arn, tags=tags),
    )


def _delete_cluster(aws: Aws, name: str, props: Props) -> None:
    # moto takes the setting and does not act on it.
    if props.get("deletionProtection"):
        raise ProviderError(
            f"cluster {name} has deletion protection; set deletion_protection to false and update first"
        )
    with gone_is_fine():
        aws.client("eks").delete_cluster(name=name)
    group = _group(aws, name)
    if group:
        aws.client("ec2").delete_security_group(GroupId=group["GroupId"])


def _group_id(props: Props) -> str:
    return f"{props['clusterName']}:{props['nodeGroupName']}"


def _names(group_id: str) -> dict[str, str]:
    cluster, _, name = group_id.partition(":")
    return {"clusterName": cluster, "nodegroupName": name}


def _create_nodes(aws: Aws, props: Props) -> str:
    eks = aws.client("eks")
    plain = (
        "amiType", "capacityType", "diskSize", "instanceTypes", "labels", "launchTemplate", "releaseVersion",
        "remoteAccess", "scalingConfig", "taints", "version",
    )  # fmt: skip
    eks.create_nodegroup(
        **_names(_group_id(props)),
        nodeRole=props["nodeRoleArn"],
        subnets=props["subnetIds"],
        tags=props.get("tagsAll") or {},
        **{k: props[k] for k in plain if props.get(k)},
    )
    later = {k: props[k] for k in ("updateConfig", "nodeRepairConfig") if props.get(k)}
    if later:
        # moto forgets these two at creation and keeps them on a change.
        eks.update_nodegroup_config(**_names(_group_id(props)), **later)
    return _group_id(props)


def _read_nodes(aws: Aws, group_id: str, props: Props) -> Props | None:
    found = aws.client("eks").describe_nodegroup(**_names(group_id))["nodegroup"]
    resources, template = found["resources"], found.get("launchTemplate")
    if template and props.get("launchTemplate"):
        # The answer has both the id and the name; the program wrote one of them.
        template = {k: v for k, v in template.items() if k in props["launchTemplate"]}
    told = {
        "amiType": found["amiType"],
        "capacityType": found["capacityType"],
        "diskSize": found.get("diskSize"),
        "instanceTypes": found["instanceTypes"],
        "labels": found.get("labels") or {},
        "launchTemplate": template,
        "nodeRepairConfig": found.get("nodeRepairConfig"),
        "scalingConfig": found["scalingConfig"],
        "subnetIds": found["subnets"],
        "taints": found.get("taints") or [],
        "updateConfig": found.get("updateConfig"),
    }
    return {
        **{k: like(props.get(k), v) for k, v in told.items()},
        "arn": found["nodegroupArn"],
        "clusterName": found["clusterName"],
        "nodeGroupName": found["nodegroupName"],
        "nodeRoleArn": found["nodeRole"],
        "version": found["version"],
        "releaseVersion": found["releaseVersion"],
        "status": found["status"],
        "resources": [
            {
                "autoscalingGroups": resources.get("autoScalingGroups", []),
                "remoteAccessSecurityGroupId": resources.get("remoteAccessSecurityGroup"),
            }
        ],
        "tagsAll": {k: v for k, v in (found.get("tags") or {}).items() if not k.startswith("aws:")},
    }


def _changes(old: Props, new: Props) -> dict[str, Any]:
    """Return what UpdateNodegroupConfig needs to bring labels, taints and sizes from `old` to `new`."""
    changes: dict[str, Any] = {}
    before, after = old.get("labels") or {}, new.get("labels") or {}
    if before != after:
        changes["labels"] = {"addOrUpdateLabels": after, "removeLabels": sorted(before.keys() - after.keys())}
    was, now = old.get("taints") or [], new.get("taints") or []
    if was != now:
        changes["taints"] = {"addOrUpdateTaints": now, "removeTaints": [t for t in was if t not in now]}
        changes["taints"] = {k: v for k, v in changes["taints"].items() if v}
    for name in ("scalingConfig", "updateConfig", "nodeRepairConfig"):
        if differs(old, new, name) and new.get(name):
            changes[name] = new[name]
    return changes


def _update_nodes(aws: Aws, group_id: str, old: Props, new: Props) -> None:
    eks = aws.client("eks")
    rolled = any(new.get(n) and differs(old, new, n) for n in ("version", "releaseVersion"))
    if rolled or differs(old, new, "launchTemplate", "tagsAll"):
        # moto can neither roll a group to another version nor tag it: it is made anew under its name.
        eks.delete_nodegroup(**_names(group_id))
        _create_nodes(aws, new)
        return
    changes = _changes(old, new)
    if changes:
        eks.update_nodegroup_config(**_names(group_id), **changes)


def _delete_nodes(aws: Aws, group_id: str, props: Props) -> None:
    aws.client("eks").delete_nodegroup(**_names(group_id))


TYPES = (
    AwsType(
        token="aws:eks/cluster:Cluster",
        create=_create_cluster,
        read=read_cluster,
        update=_update_cluster,
        delete=_delete_cluster,
        replaces=frozenset({"roleArn", "encryptionConfig", "bootstrapSelfManagedAddons", "outpostConfig"}),
        name=Name("name", 100),
        not_compared=frozenset({"forceUpdateVersion", "defaultAddonsToRemoves"}),
    ),
    AwsType(
        token="aws:eks/nodeGroup:NodeGroup",
        create=_create_nodes,
        read=_read_nodes,
        update=_update_nodes,
        delete=_delete_nodes,
        replaces=frozenset(
            {
                "amiType",
                "capacityType",
                "clusterName",
                "diskSize",
                "instanceTypes",
                "nodeGroupNamePrefix",
                "nodeRoleArn",
                "remoteAccess",
                "subnetIds",
            }
        ),
        name=Name("nodeGroupName", 63),
        not_compared=frozenset({"forceUpdateVersion"}),
    ),
)
