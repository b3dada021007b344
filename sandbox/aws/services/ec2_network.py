"""EC2: networks, subnets, gateways and addresses."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import change_tags, only, tagged, where
from sandbox.aws.services._shapes import differs, gone_is_fine
from sandbox.aws.types import AwsType, tag_map
from sandbox.provider.values import Props

_VPC_FLAGS = {
    # pulumi's name: (the API's name, what AWS starts with)
    "enableDnsSupport": ("EnableDnsSupport", True),
    "enableDnsHostnames": ("EnableDnsHostnames", False),
    "enableNetworkAddressUsageMetrics": ("EnableNetworkAddressUsageMetrics", False),
}


def _create_vpc(aws: Aws, props: Props) -> str:
    ipv6 = {"AmazonProvidedIpv6CidrBlock": True} if props.get("assignGeneratedIpv6CidrBlock") else {}
    vpc = aws.client("ec2").create_vpc(
        CidrBlock=props["cidrBlock"],
        InstanceTenancy=props.get("instanceTenancy", "default"),
        TagSpecifications=tagged("vpc", props),
        **ipv6,
    )["Vpc"]
    _set_vpc_flags(aws, vpc["VpcId"], {}, props)
    return str(vpc["VpcId"])


def _set_vpc_flags(aws: Aws, vpc_id: str, old: Props, new: Props) -> None:
    for name, (attribute, default) in _VPC_FLAGS.items():
        wanted = new.get(name, default)
        if wanted != old.get(name, default):
            aws.client("ec2").modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": wanted}})


def _read_vpc(aws: Aws, vpc_id: str, props: Props) -> Props | None:
    ec2 = aws.client("ec2")
    vpc = only(ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"])
    flags = {
        name: ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute[:1].lower() + attribute[1:])[attribute][
            "Value"
        ]
        for name, (attribute, _) in _VPC_FLAGS.items()
    }
    group = only(ec2.describe_security_groups(Filters=where(vpc_id=vpc_id, group_name="default"))["SecurityGroups"])
    acl = only(ec2.describe_network_acls(Filters=where(vpc_id=vpc_id, default="true"))["NetworkAcls"])
    tables = ec2.describe_route_tables(
        Filters=[*where(vpc_id=vpc_id), {"Name": "association.main", "Values": ["true"]}]
    )
    main = only(tables["RouteTables"])
    ipv6 = only(vpc.get("Ipv6CidrBlockAssociationSet", ())) or {}
    return {
        **flags,
        "arn": aws.arn("ec2", f"vpc/{vpc_id}"),
        "cidrBlock": vpc["CidrBlock"],
        "instanceTenancy": vpc["InstanceTenancy"],
        "dhcpOptionsId": vpc.get("DhcpOptionsId"),
        "ipv6CidrBlock": ipv6.get("Ipv6CidrBlock"),
        "ipv6AssociationId": ipv6.get("AssociationId"),
        "ownerId": aws.account_id,
        "defaultSecurityGroupId": group and group["GroupId"],
        "defaultNetworkAclId": acl and acl["NetworkAclId"],
        "defaultRouteTableId": main and main["RouteTableId"],
        "mainRouteTableId": main and main["RouteTableId"],
        "tagsAll": tag_map(vpc.get("Tags")),
    }


def _update_vpc(aws: Aws, vpc_id: str, old: Props, new: Props) -> None:
    _set_vpc_flags(aws, vpc_id, old, new)
    change_tags(aws, vpc_id, old, new)


def _delete_vpc(aws: Aws, vpc_id: str, props: Props) -> None:
    aws.client("ec2").delete_vpc(VpcId=vpc_id)


_SUBNET_FLAGS = {
    "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
}


def _create_subnet(aws: Aws, props: Props) -> str:
    names = {
        "cidrBlock": "CidrBlock",
        "availabilityZone": "AvailabilityZone",
        "availabilityZoneId": "AvailabilityZoneId",
        "ipv6CidrBlock": "Ipv6CidrBlock",
    }
    subnet = aws.client("ec2").create_subnet(
        VpcId=props["vpcId"],
        TagSpecifications=tagged("subnet", props),
        **{api: props[ours] for ours, api in names.items() if props.get(ours)},
    )["Subnet"]
    _set_subnet_flags(aws, subnet["SubnetId"], {}, props)
    return str(subnet["SubnetId"])


def _set_subnet_flags(aws: Aws, subnet_id: str, old: Props, new: Props) -> None:
    for name, attribute in _SUBNET_FLAGS.items():
        if bool(new.get(name)) != bool(old.get(name)):
            aws.client("ec2").modify_subnet_attribute(SubnetId=subnet_id, **{attribute: {"Value": bool(new.get(name))}})


def _read_subnet(aws: Aws, subnet_id: str, props: Props) -> Props | None:
    subnet = only(aws.client("ec2").describe_subnets(SubnetIds=[subnet_id])["Subnets"])
    return {
        **{name: subnet[attribute] for name, attribute in _SUBNET_FLAGS.items()},
        "arn": aws.arn("ec2", f"subnet/{subnet_id}"),
        "vpcId": subnet["VpcId"],
        "cidrBlock": subnet.get("CidrBlock"),
        "availabilityZone": subnet["AvailabilityZone"],
        "availabilityZoneId": subnet["AvailabilityZoneId"],
        "ownerId": aws.account_id,
        "tagsAll": tag_map(subnet.get("Tags")),
    }


def _update_subnet(aws: Aws, subnet_id: str, old: Props, new: Props) -> None:
    _set_subnet_flags(aws, subnet_id, old, new)
    change_tags(aws, subnet_id, old, new)


def _delete_subnet(aws: Aws, subnet_id: str, props: Props) -> None:
    aws.client("ec2").delete_subnet(SubnetId=subnet_id)


def _create_gateway(aws: Aws, props: Props) -> str:
    ec2 = aws.client("ec2")
    made = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", props))["InternetGateway"]
    gateway_id = str(made["InternetGatewayId"])
    if props.get("vpcId"):
        ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=props["vpcId"])
    return gateway_id


def _gateway(aws: Aws, gateway_id: str) -> Any:
    return only(aws.client("ec2").describe_internet_gateways(InternetGatewayIds=[gateway_id])["InternetGateways"])


def _read_gateway(aws: Aws, gateway_id: str, props: Props) -> Props | None:
    found = _gateway(aws, gateway_id)
    attached = only(found["Attachments"])
    return {
        "arn": aws.arn("ec2", f"internet-gateway/{gateway_id}"),
        "vpcId": attached and attached["VpcId"],
        "ownerId": aws.account_id,
        "tagsAll": tag_map(found.get("Tags")),
    }


def _detach(aws: Aws, gateway_id: str) -> None:
    for attached in _gateway(aws, gateway_id)["Attachments"]:
        aws.client("ec2").detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=attached["VpcId"])


def _update_gateway(aws: Aws, gateway_id: str, old: Props, new: Props) -> None:
    if differs(old, new, "vpcId"):
        _detach(aws, gateway_id)
        if new.get("vpcId"):
            aws.client("ec2").attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=new["vpcId"])
    change_tags(aws, gateway_id, old, new)


def _delete_gateway(aws: Aws, gateway_id: str, props: Props) -> None:
    _detach(aws, gateway_id)
    aws.client("ec2").delete_internet_gateway(InternetGatewayId=gateway_id)


def _create_address(aws: Aws, props: Props) -> str:
    made = aws.client("ec2").allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", props))
    return str(made["AllocationId"])


def _read_address(aws: Aws, allocation_id: str, props: Props) -> Props | None:
    found = only(aws.client("ec2").describe_addresses(AllocationIds=[allocation_id])["Addresses"])
    host = found["PublicIp"].replace(".", "-")
    zone = "compute-1" if aws.region == "us-east-1" else f"{aws.region}.compute"
    # What an address is attached to belongs to the NAT gateway; told here it would look like drift of the address.
    return {
        "allocationId": allocation_id,
        "arn": aws.arn("ec2", f"elastic-ip/{allocation_id}"),
        "domain": found["Domain"],
        "publicIp": found["PublicIp"],
        "publicDns": f"ec2-{host}.{zone}.amazonaws.com",
        "tagsAll": tag_map(found.get("Tags")),
    }


def _delete_address(aws: Aws, allocation_id: str, props: Props) -> None:
    aws.client("ec2").release_address(AllocationId=allocation_id)


def _create_nat(aws: Aws, props: Props) -> str:
    allocation = {"AllocationId": props["allocationId"]} if props.get("allocationId") else {}
    made = aws.client("ec2").create_nat_gateway(
        SubnetId=props["subnetId"],
        ConnectivityType=props.get("connectivityType", "public"),
        TagSpecifications=tagged("natgateway", props),
        **allocation,
    )["NatGateway"]
    return str(made["NatGatewayId"])


def _nat(aws: Aws, nat_id: str) -> Any:
    found = only(aws.client("ec2").describe_nat_gateways(NatGatewayIds=[nat_id])["NatGateways"])
    # A deleted NAT gateway stays listed (in AWS for an hour, in moto for ever).
    return found if found and found["State"] not in ("deleted", "deleting") else None


def _read_nat(aws: Aws, nat_id: str, props: Props) -> Props | None:
    found = _nat(aws, nat_id)
    if found is None:
        return None
    address = only(found.get("NatGatewayAddresses", ())) or {}
    return {
        "subnetId": found["SubnetId"],
        "connectivityType": found["ConnectivityType"],
        "allocationId": address.get("AllocationId"),
        "associationId": address.get("AssociationId"),
        "networkInterfaceId": address.get("NetworkInterfaceId"),
        "privateIp": address.get("PrivateIp"),
        "publicIp": address.get("PublicIp"),
        "tagsAll": tag_map(found.get("Tags")),
    }


def _delete_nat(aws: Aws, nat_id: str, props: Props) -> None:
    ec2, found = aws.client("ec2"), _nat(aws, nat_id)
    if found is None:
        return
    ec2.delete_nat_gateway(NatGatewayId=nat_id)
    # moto leaves the gateway's interface and the association of its address behind.
    for address in found.get("NatGatewayAddresses", ()):
        with gone_is_fine():
            if address.get("AssociationId"):
                ec2.disassociate_address(AssociationId=address["AssociationId"])
        with gone_is_fine():
            ec2.delete_network_interface(NetworkInterfaceId=address["NetworkInterfaceId"])


TYPES = (
    AwsType(
        token="aws:ec2/vpc:Vpc",
        create=_create_vpc,
        read=_read_vpc,
        update=_update_vpc,
        delete=_delete_vpc,
        replaces=frozenset({"cidrBlock", "instanceTenancy", "assignGeneratedIpv6CidrBlock"}),
    ),
    AwsType(
        token="aws:ec2/subnet:Subnet",
        create=_create_subnet,
        read=_read_subnet,
        update=_update_subnet,
        delete=_delete_subnet,
        replaces=frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6CidrBlock"}),
        # Its replacement mostly has an overlapping range, which the network refuses.
        delete_before_replace=True,
    ),
    AwsType(
        token="aws:ec2/internetGateway:InternetGateway",
        create=_create_gateway,
        read=_read_gateway,
        update=_update_gateway,
        delete=_delete_gateway,
    ),
    AwsType(
        token="aws:ec2/eip:Eip",
        create=_create_address,
        read=_read_address,
        update=change_tags,
        delete=_delete_address,
        replaces=frozenset({"domain", "networkBorderGroup", "publicIpv4Pool"}),
    ),
    AwsType(
        token="aws:ec2/natGateway:NatGateway",
        create=_create_nat,
        read=_read_nat,
        update=change_tags,
        delete=_delete_nat,
        replaces=frozenset({"subnetId", "allocationId", "connectivityType", "privateIp"}),
        # The replacement needs the address that the old one holds.
        delete_before_replace=True,
    ),
)
