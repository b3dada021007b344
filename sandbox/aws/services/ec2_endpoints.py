"""EC2: endpoints of AWS services inside a network."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import change_tags, only, tagged
from sandbox.aws.services._shapes import differs, document, gone_is_fine, like, same_document
from sandbox.aws.types import AwsType, tag_map
from sandbox.provider.values import Props

_SETS = {
    # pulumi's name: the API's name in a change
    "subnetIds": "SubnetIds",
    "securityGroupIds": "SecurityGroupIds",
    "routeTableIds": "RouteTableIds",
}


def _create(aws: Aws, props: Props) -> str:
    ec2, kind = aws.client("ec2"), props.get("vpcEndpointType", "Gateway")
    interface: dict[str, Any] = {}
    if kind == "Interface":
        interface = {
            "SubnetIds": props.get("subnetIds") or [],
            "SecurityGroupIds": props.get("securityGroupIds") or [],
            "PrivateDnsEnabled": bool(props.get("privateDnsEnabled")),
        }
    policy = {"PolicyDocument": document(props["policy"])} if props.get("policy") else {}
    made = ec2.create_vpc_endpoint(
        VpcId=props["vpcId"],
        ServiceName=props["serviceName"],
        VpcEndpointType=kind,
        TagSpecifications=tagged("vpc-endpoint", props),
        **interface,
        **policy,
    )["VpcEndpoint"]
    endpoint_id = str(made["VpcEndpointId"])
    # moto writes routes at creation, forgets them on a change and then refuses the deletion: tables are added after.
    if props.get("routeTableIds"):
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, AddRouteTableIds=props["routeTableIds"])
    return endpoint_id


def _endpoint(aws: Aws, endpoint_id: str) -> Any:
    found = only(aws.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"])
    # moto lists a deleted endpoint for ever.
    return found if found and found["State"].lower() not in ("deleted", "deleting") else None


def _read(aws: Aws, endpoint_id: str, props: Props) -> Props | None:
    found = _endpoint(aws, endpoint_id)
    if found is None:
        return None
    prefix_list = None
    if found["VpcEndpointType"] == "Gateway":
        filters = [{"Name": "prefix-list-name", "Values": [found["ServiceName"]]}]
        prefix_list = only(aws.client("ec2").describe_managed_prefix_lists(Filters=filters)["PrefixLists"])
    result = {
        "arn": aws.arn("ec2", f"vpc-endpoint/{endpoint_id}"),
        "vpcId": found["VpcId"],
        "serviceName": found["ServiceName"],
        "vpcEndpointType": found["VpcEndpointType"],
        "policy": same_document(props.get("policy"), found.get("PolicyDocument")),
        "subnetIds": like(props.get("subnetIds"), found.get("SubnetIds") or []),
        "securityGroupIds": like(props.get("securityGroupIds"), [g["GroupId"] for g in found.get("Groups", ())]),
        "networkInterfaceIds": found.get("NetworkInterfaceIds", []),
        "dnsEntries": [
            {"dnsName": e.get("DnsName"), "hostedZoneId": e.get("HostedZoneId")} for e in found.get("DnsEntries", ())
        ],
        "prefixListId": prefix_list and prefix_list["PrefixListId"],
        "ownerId": aws.account_id,
        "state": found["State"],
        "tagsAll": tag_map(found.get("Tags")),
    }
    # Without tables of its own, an endpoint leaves them to association resources.
    if props.get("routeTableIds") is not None:
        result["routeTableIds"] = like(props["routeTableIds"], found.get("RouteTableIds") or [])
    if found["VpcEndpointType"] == "Interface":
        result["privateDnsEnabled"] = bool(found.get("PrivateDnsEnabled"))
    return result


def _update(aws: Aws, endpoint_id: str, old: Props, new: Props) -> None:
    changes: dict[str, Any] = {}
    for name, api in _SETS.items():
        before, after = set(old.get(name) or ()), set(new.get(name) or ())
        if after - before:
            changes[f"Add{api}"] = sorted(after - before)
        if before - after:
            changes[f"Remove{api}"] = sorted(before - after)
    if differs(old, new, "policy"):
        changes |= {"PolicyDocument": document(new["policy"])} if new.get("policy") else {"ResetPolicy": True}
    if changes:
        aws.client("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint_id, **changes)
    change_tags(aws, endpoint_id, old, new)


def _delete(aws: Aws, endpoint_id: str, props: Props) -> None:
    ec2, found = aws.client("ec2"), _endpoint(aws, endpoint_id)
    if found is None:
        return
    if found.get("RouteTableIds"):
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, RemoveRouteTableIds=found["RouteTableIds"])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    for interface in found.get("NetworkInterfaceIds", ()):
        with gone_is_fine():
            ec2.delete_network_interface(NetworkInterfaceId=interface)


def _associate(aws: Aws, props: Props) -> str:
    aws.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=props["vpcEndpointId"], AddRouteTableIds=[props["routeTableId"]]
    )
    return f"{props['vpcEndpointId']}/{props['routeTableId']}"


def _read_association(aws: Aws, association_id: str, props: Props) -> Props | None:
    endpoint_id, table_id = association_id.split("/")
    found = _endpoint(aws, endpoint_id)
    if found is None or table_id not in (found.get("RouteTableIds") or ()):
        return None
    return {"vpcEndpointId": endpoint_id, "routeTableId": table_id}


def _disassociate(aws: Aws, association_id: str, props: Props) -> None:
    endpoint_id, table_id = association_id.split("/")
    aws.client("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint_id, RemoveRouteTableIds=[table_id])


TYPES = (
    AwsType(
        token="aws:ec2/vpcEndpoint:VpcEndpoint",
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
        # moto cannot change privateDnsEnabled; AWS can.
        replaces=frozenset({"vpcId", "serviceName", "vpcEndpointType", "privateDnsEnabled"}),
    ),
    AwsType(
        token="aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        create=_associate,
        read=_read_association,
        delete=_disassociate,
    ),
)
