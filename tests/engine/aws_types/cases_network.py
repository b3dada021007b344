"""Cases of networks: EC2's types."""

from __future__ import annotations

import base64

from sandbox.provider.values import Props
from tests.engine.aws_types.case import Case, World, policy


def _own_vpc(w: World) -> str:
    return str(w.make("aws:ec2/vpc:Vpc", cidrBlock="10.8.0.0/16")["id"])


def _subnet(w: World) -> Props:
    vpc = w.vpc()
    return {
        "vpcId": vpc,
        "cidrBlock": "10.9.7.0/24",
        "availabilityZone": "us-east-1a",
        "mapPublicIpOnLaunch": True,
        "tags": {"kubernetes.io/role/elb": "1"},
    }


def _nat(w: World) -> Props:
    subnet = w.subnets()[0]
    return {"subnetId": subnet, "allocationId": w.make("aws:ec2/eip:Eip", domain="vpc")["id"]}


def _gateway(w: World, vpc: str) -> str:
    return str(w.make("aws:ec2/internetGateway:InternetGateway", vpcId=vpc)["id"])


def _table(w: World) -> Props:
    vpc = _own_vpc(w)
    return {"vpcId": vpc, "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": _gateway(w, vpc)}]}


def _route(w: World) -> Props:
    vpc = _own_vpc(w)
    table = w.make("aws:ec2/routeTable:RouteTable", vpcId=vpc)["id"]
    return {"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": _gateway(w, vpc)}


def _association(w: World) -> Props:
    vpc = w.vpc()
    table = w.make("aws:ec2/routeTable:RouteTable", vpcId=vpc)["id"]
    return {"subnetId": w.subnets()[0], "routeTableId": table}


def _other_table(w: World, id_: str, state: Props) -> None:
    """Send the subnet to another route table."""
    vpc = w.client("ec2").describe_subnets(SubnetIds=[state["subnetId"]])["Subnets"][0]["VpcId"]
    other = w.make("aws:ec2/routeTable:RouteTable", vpcId=vpc)["id"]
    w.client("ec2").replace_route_table_association(AssociationId=id_, RouteTableId=other)


def _interface(w: World) -> Props:
    vpc = w.vpc()
    return {
        "vpcId": vpc,
        "serviceName": "com.amazonaws.us-east-1.ecr.api",
        "vpcEndpointType": "Interface",
        "subnetIds": w.subnets(),
        "securityGroupIds": [w.group()],
        "privateDnsEnabled": True,
        "policy": policy(principal="*"),
    }


def _table_of_endpoint(w: World) -> Props:
    vpc = w.vpc()
    name = "com.amazonaws.us-east-1.s3"
    endpoint = w.make("aws:ec2/vpcEndpoint:VpcEndpoint", vpcId=vpc, serviceName=name, vpcEndpointType="Gateway")
    table = w.make("aws:ec2/routeTable:RouteTable", vpcId=vpc)
    return {"vpcEndpointId": endpoint["id"], "routeTableId": table["id"]}


_RULES = [
    {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/8"], "description": "web"},
    {"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True},
]


def _open_to_all(w: World, group: str) -> None:
    w.client("ec2").authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )


def _rule(w: World) -> Props:
    group = w.group()
    return {
        "securityGroupId": group,
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "10.0.0.0/8",
        "description": "web",
    }


def _widen(w: World, id_: str, state: Props) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "0.0.0.0/0"}
    w.client("ec2").modify_security_group_rules(
        GroupId=state["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}],
    )


def _flow_log(w: World) -> Props:
    group = w.make("aws:cloudwatch/logGroup:LogGroup", retentionInDays=30)
    return {
        "vpcId": w.vpc(),
        "trafficType": "ALL",
        "logDestinationType": "cloud-watch-logs",
        "logDestination": group["arn"],
        "iamRoleArn": w.role()["arn"],
        "maxAggregationInterval": 60,
    }


def _template(w: World) -> Props:
    return {
        "description": "nodes",
        "updateDefaultVersion": True,
        "userData": base64.b64encode(b"#!/bin/sh\n").decode(),
        "metadataOptions": {"httpTokens": "required", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 1},
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {"volumeSize": 100, "volumeType": "gp3", "encrypted": "true", "deleteOnTermination": "true"},
            }
        ],
        "networkInterfaces": [
            {"deviceIndex": 0, "networkCardIndex": 0, "interfaceType": "efa", "securityGroups": [w.group()]}
        ],
        "tagSpecifications": [{"resourceType": "instance", "tags": {"team": "vision", "cost-center": "ml"}}],
        "monitoring": {"enabled": True},
    }


def _weaken(w: World, id_: str, state: Props) -> None:
    data = {"MetadataOptions": {"HttpTokens": "optional"}}
    w.client("ec2").create_launch_template_version(LaunchTemplateId=id_, LaunchTemplateData=data)


def _tag(w: World, id_: str, state: Props) -> None:
    w.client("ec2").create_tags(Resources=[id_], Tags=[{"Key": "stranger", "Value": "yes"}])


CASES = (
    Case(
        token="aws:ec2/vpc:Vpc",
        inputs=lambda w: {"cidrBlock": "10.1.0.0/16", "enableDnsHostnames": True, "tags": {"Name": "main"}},
        change={"enableDnsSupport": False, "tags": {"Name": "other"}},
        drift=lambda w, id_, s: w.client("ec2").modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": False}),
        drifted="enableDnsHostnames",
        outputs=("arn", "defaultSecurityGroupId", "defaultNetworkAclId", "mainRouteTableId"),
    ),
    Case(
        token="aws:ec2/subnet:Subnet",
        inputs=_subnet,
        change={"mapPublicIpOnLaunch": False, "tags": {}},
        drift=lambda w, id_, s: w.client("ec2").modify_subnet_attribute(
            SubnetId=id_, MapPublicIpOnLaunch={"Value": True}
        ),
        drifted="mapPublicIpOnLaunch",
        outputs=("arn", "availabilityZoneId"),
    ),
    Case(
        token="aws:ec2/internetGateway:InternetGateway",
        inputs=lambda w: {"vpcId": _own_vpc(w)},
        change={"tags": {"Name": "edge"}},
        drift=lambda w, id_, s: w.client("ec2").detach_internet_gateway(InternetGatewayId=id_, VpcId=s["vpcId"]),
        drifted="vpcId",
        outputs=("arn",),
    ),
    Case(
        token="aws:ec2/eip:Eip",
        inputs=lambda w: {"domain": "vpc"},
        change={"tags": {"Name": "nat"}},
        drift=_tag,
        drifted="tagsAll",
        outputs=("allocationId", "publicIp", "publicDns", "arn"),
    ),
    Case(
        token="aws:ec2/natGateway:NatGateway",
        inputs=_nat,
        change={"tags": {"Name": "nat"}},
        drift=_tag,
        drifted="tagsAll",
        outputs=("publicIp", "networkInterfaceId", "privateIp"),
    ),
    Case(
        token="aws:ec2/routeTable:RouteTable",
        inputs=_table,
        change={"tags": {"Name": "public"}},
        drift=lambda w, id_, s: w.client("ec2").delete_route(RouteTableId=id_, DestinationCidrBlock="0.0.0.0/0"),
        drifted="routes",
        outputs=("arn",),
    ),
    Case(
        token="aws:ec2/route:Route",
        inputs=_route,
        change={"destinationCidrBlock": "10.77.0.0/16"},
        replaces=True,
        drift=lambda w, id_, s: w.client("ec2").delete_route(
            RouteTableId=s["routeTableId"], DestinationCidrBlock="0.0.0.0/0"
        ),
        drifted=None,
    ),
    Case(
        token="aws:ec2/routeTableAssociation:RouteTableAssociation",
        inputs=_association,
        change={"subnetId": "subnet-0000000000000000a"},
        replaces=True,
        drift=_other_table,
        drifted="routeTableId",
    ),
    Case(
        token="aws:ec2/vpcEndpoint:VpcEndpoint",
        inputs=_interface,
        change={"policy": policy("ecr:GetAuthorizationToken", principal="*"), "tags": {"Name": "ecr"}},
        drift=lambda w, id_, s: w.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=id_, RemoveSecurityGroupIds=s["securityGroupIds"]
        ),
        drifted="securityGroupIds",
        outputs=("arn", "networkInterfaceIds", "dnsEntries", "state"),
    ),
    Case(
        token="aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        inputs=_table_of_endpoint,
        change={"routeTableId": "rtb-0000000000000000a"},
        replaces=True,
        drift=lambda w, id_, s: w.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=s["vpcEndpointId"], RemoveRouteTableIds=[s["routeTableId"]]
        ),
        drifted=None,
    ),
    Case(
        token="aws:ec2/securityGroup:SecurityGroup",
        inputs=lambda w: {"vpcId": w.vpc(), "ingress": _RULES, "egress": _RULES[:1], "revokeRulesOnDelete": True},
        change={"ingress": _RULES[:1], "egress": []},
        drift=lambda w, id_, s: _open_to_all(w, id_),
        drifted="ingress",
        outputs=("arn", "name"),
    ),
    Case(
        token="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        inputs=lambda w: {"vpcId": _own_vpc(w), "ingress": [], "egress": []},
        change={"tags": {"Name": "closed"}},
        drift=lambda w, id_, s: _open_to_all(w, id_),
        drifted="ingress",
        stays=True,
        outputs=("arn", "name"),
    ),
    *(
        Case(
            token=f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
            inputs=_rule,
            change={"cidrIpv4": "10.1.0.0/16", "toPort": 444, "description": "wider", "tags": {"a": "b"}},
            drift=_widen,
            drifted="cidrIpv4",
            outputs=("arn", "securityGroupRuleId"),
        )
        for direction in ("Ingress", "Egress")
    ),
    Case(
        token="aws:ec2/flowLog:FlowLog",
        inputs=_flow_log,
        change={"tags": {"Name": "flows"}},
        drift=lambda w, id_, s: w.client("ec2").delete_flow_logs(FlowLogIds=[id_]),
        drifted=None,
        outputs=("arn",),
    ),
    Case(
        token="aws:ec2/launchTemplate:LaunchTemplate",
        inputs=_template,
        change={"description": "larger nodes", "monitoring": {"enabled": False}, "tags": {"Name": "lt"}},
        drift=_weaken,
        drifted="metadataOptions",
        outputs=("arn", "latestVersion", "name"),
    ),
    Case(
        token="aws:ec2/tag:Tag",
        inputs=lambda w: {"resourceId": w.subnets()[0], "key": "karpenter.sh/discovery", "value": "one"},
        change={"value": "two"},
        drift=lambda w, id_, s: w.client("ec2").delete_tags(Resources=[s["resourceId"]], Tags=[{"Key": s["key"]}]),
        drifted=None,
    ),
)
