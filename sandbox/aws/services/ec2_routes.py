"""EC2: route tables, their routes and what uses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import change_tags, only, tagged
from sandbox.aws.services._shapes import differs, gone_is_fine, like
from sandbox.aws.types import AwsType, pick, tag_map
from sandbox.provider.values import Props

_DESTINATIONS = {
    # pulumi's name in a Route: (the API's name, pulumi's name in a RouteTable's own routes)
    "destinationCidrBlock": ("DestinationCidrBlock", "cidrBlock"),
    "destinationIpv6CidrBlock": ("DestinationIpv6CidrBlock", "ipv6CidrBlock"),
    "destinationPrefixListId": ("DestinationPrefixListId", "destinationPrefixListId"),
}
_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "vpcEndpointId": "VpcEndpointId",
    "carrierGatewayId": "CarrierGatewayId",
}


def _parameters(props: Mapping[str, Any]) -> dict[str, Any]:
    names = {**{ours: api for ours, (api, _) in _DESTINATIONS.items()}, **_TARGETS}
    return {names[k]: v for k, v in pick(props, *names).items()}


def _destination(props: Mapping[str, Any]) -> dict[str, Any]:
    return {api: props[ours] for ours, (api, _) in _DESTINATIONS.items() if props.get(ours)}


def _told(route: Mapping[str, Any]) -> Props:
    """Return a route of the API in the names of a Route resource."""
    names = {**{ours: api for ours, (api, _) in _DESTINATIONS.items()}, **_TARGETS}
    return {ours: route.get(api) for ours, api in names.items()}


def _inline(route: Mapping[str, Any]) -> Props:
    """Return a route in the names of a RouteTable's own list."""
    renamed = {ours: inner for ours, (_, inner) in _DESTINATIONS.items()}
    return {renamed.get(k, k): v for k, v in route.items() if v}


def _outline(entry: Mapping[str, Any]) -> Props:
    renamed = {inner: ours for ours, (_, inner) in _DESTINATIONS.items()}
    return {renamed.get(k, k): v for k, v in entry.items() if v}


def _table(aws: Aws, table_id: str) -> Any:
    return only(aws.client("ec2").describe_route_tables(RouteTableIds=[table_id])["RouteTables"])


def _own_routes(table: Mapping[str, Any]) -> list[Props]:
    """Return the routes that somebody made: not the local one, and not those of gateway endpoints."""
    routes = [r for r in table["Routes"] if r.get("Origin") != "CreateRouteTable" and r.get("GatewayId") != "local"]
    return [_told(r) for r in routes if not str(r.get("GatewayId", "")).startswith("vpce-")]


def _create_table(aws: Aws, props: Props) -> str:
    ec2 = aws.client("ec2")
    table = ec2.create_route_table(VpcId=props["vpcId"], TagSpecifications=tagged("route-table", props))["RouteTable"]
    for entry in props.get("routes") or ():
        ec2.create_route(RouteTableId=table["RouteTableId"], **_parameters(_outline(entry)))
    return str(table["RouteTableId"])


def _read_table(aws: Aws, table_id: str, props: Props) -> Props | None:
    table = _table(aws, table_id)
    found = {
        "arn": aws.arn("ec2", f"route-table/{table_id}"),
        "vpcId": table["VpcId"],
        "ownerId": aws.account_id,
        "tagsAll": tag_map(table.get("Tags")),
    }
    # Without routes of its own, a table leaves them to Route resources.
    if props.get("routes") is not None:
        found["routes"] = like(props["routes"], [_inline(r) for r in _own_routes(table)])
    return found


def _update_table(aws: Aws, table_id: str, old: Props, new: Props) -> None:
    ec2 = aws.client("ec2")
    if differs(old, new, "routes"):
        for entry in old.get("routes") or ():
            with gone_is_fine():
                ec2.delete_route(RouteTableId=table_id, **_destination(_outline(entry)))
        for entry in new.get("routes") or ():
            ec2.create_route(RouteTableId=table_id, **_parameters(_outline(entry)))
    change_tags(aws, table_id, old, new)


def _delete_table(aws: Aws, table_id: str, props: Props) -> None:
    ec2 = aws.client("ec2")
    for association in _table(aws, table_id)["Associations"]:
        if not association.get("Main"):
            ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=table_id)


def _create_route(aws: Aws, props: Props) -> str:
    aws.client("ec2").create_route(RouteTableId=props["routeTableId"], **_parameters(props))
    return f"{props['routeTableId']}_{next(iter(_destination(props).values()))}"


def _read_route(aws: Aws, route_id: str, props: Props) -> Props | None:
    table_id, _, destination = route_id.partition("_")
    for route in _table(aws, table_id)["Routes"]:
        if destination in [route.get(api) for api, _ in _DESTINATIONS.values()]:
            return {
                **_told(route),
                "routeTableId": table_id,
                "origin": route.get("Origin"),
                "state": route.get("State"),
            }
    return None


def _update_route(aws: Aws, route_id: str, old: Props, new: Props) -> None:
    aws.client("ec2").replace_route(RouteTableId=new["routeTableId"], **_parameters(new))


def _delete_route(aws: Aws, route_id: str, props: Props) -> None:
    aws.client("ec2").delete_route(RouteTableId=props["routeTableId"], **_destination(props))


def _target(props: Props) -> dict[str, str]:
    return {"SubnetId": props["subnetId"]} if props.get("subnetId") else {"GatewayId": props["gatewayId"]}


def _associate(aws: Aws, props: Props) -> str:
    made = aws.client("ec2").associate_route_table(RouteTableId=props["routeTableId"], **_target(props))
    return str(made["AssociationId"])


def _association(aws: Aws, association_id: str, props: Props) -> tuple[Any, Any]:
    """Find an association by what it joins: replacing its table gives it another id in AWS."""
    filters = [{"Name": "association.route-table-association-id", "Values": [association_id]}]
    if props.get("subnetId"):
        filters = [{"Name": "association.subnet-id", "Values": [props["subnetId"]]}]
    elif props.get("gatewayId"):
        filters = [{"Name": "association.gateway-id", "Values": [props["gatewayId"]]}]
    for table in aws.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]:
        for association in table["Associations"]:
            joined = (association.get("SubnetId"), association.get("GatewayId"))
            if association["RouteTableAssociationId"] == association_id or (
                not association.get("Main") and (props.get("subnetId") or props.get("gatewayId")) in joined
            ):
                return table, association
    return None, None


def _read_association(aws: Aws, association_id: str, props: Props) -> Props | None:
    table, association = _association(aws, association_id, props)
    if table is None:
        return None
    return {
        "routeTableId": table["RouteTableId"],
        "subnetId": association.get("SubnetId"),
        "gatewayId": association.get("GatewayId"),
    }


def _reassociate(aws: Aws, association_id: str, old: Props, new: Props) -> None:
    _, association = _association(aws, association_id, old)
    aws.client("ec2").replace_route_table_association(
        AssociationId=association["RouteTableAssociationId"] if association else association_id,
        RouteTableId=new["routeTableId"],
    )


def _disassociate(aws: Aws, association_id: str, props: Props) -> None:
    _, association = _association(aws, association_id, props)
    if association:
        aws.client("ec2").disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


TYPES = (
    AwsType(
        token="aws:ec2/routeTable:RouteTable",
        create=_create_table,
        read=_read_table,
        update=_update_table,
        delete=_delete_table,
        replaces=frozenset({"vpcId"}),
    ),
    AwsType(
        token="aws:ec2/route:Route",
        create=_create_route,
        read=_read_route,
        update=_update_route,
        delete=_delete_route,
        replaces=frozenset({"routeTableId", *_DESTINATIONS}),
    ),
    AwsType(
        token="aws:ec2/routeTableAssociation:RouteTableAssociation",
        create=_associate,
        read=_read_association,
        update=_reassociate,
        delete=_disassociate,
        replaces=frozenset({"subnetId", "gatewayId"}),
        # A subnet has one association at most.
        delete_before_replace=True,
    ),
)
