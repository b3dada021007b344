"""The VPC: subnets and their tags, ways out, endpoints, flow logs, an existing VPC, what waits for what."""

import json
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest

from components.network import NatMode, Network, NetworkArgs
from components.network.endpoints import PRIVATE_DEFAULT
from tests.graph import ACCOUNT, Graph, Recorded, record

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/logs"
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
TABLE = "aws:ec2/routeTable:RouteTable"
JOIN = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
INTERNET = "aws:ec2/internetGateway:InternetGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
USER = "aws:ec2/networkInterface:NetworkInterface"

UNTAGGABLE = {ROUTE, JOIN, "aws:iam/rolePolicy:RolePolicy", "mlops:index:Network"}


def build(args: Any, preview: bool = False) -> Graph:
    """The network, and beside it somebody who uses its private subnets."""

    def program() -> dict[str, Any]:
        network = Network("network", args)
        aws.ec2.NetworkInterface("user", subnet_id=network.private_subnet_ids[0])
        return {key: getattr(network, key) for key in Network.__annotations__}

    return record(program, preview=preview)


def network(preview: bool = False, **overrides: Any) -> Graph:
    given = {"region": "us-east-1", "cidr": "10.0.0.0/16", "zones": ZONES, "log_key_arn": KEY}
    return build(NetworkArgs(**{**given, **overrides}), preview)


def own(graph: Graph) -> list[Recorded]:
    return [r for r in graph.resources if r.type != USER]


def policy(resource: Recorded, key: str = "policy") -> list[dict[str, Any]]:
    return list(json.loads(resource.inputs[key])["Statement"])


def test_network_by_default_spans_its_zones_with_a_nat_gateway_in_each() -> None:
    graph = network()
    subnets = {s.name: (s.inputs["availabilityZone"], s.inputs["cidrBlock"]) for s in graph.of(SUBNET)}
    assert subnets == {
        "network-private-a": ("us-east-1a", "10.0.0.0/18"),
        "network-private-b": ("us-east-1b", "10.0.64.0/18"),
        "network-private-c": ("us-east-1c", "10.0.128.0/18"),
        "network-public-a": ("us-east-1a", "10.0.192.0/22"),
        "network-public-b": ("us-east-1b", "10.0.196.0/22"),
        "network-public-c": ("us-east-1c", "10.0.200.0/22"),
    }
    assert [e.inputs["domain"] for e in graph.of(EIP)] == ["vpc"] * 3
    assert {n.inputs["subnetId"] for n in graph.of(NAT)} == {f"network-public-{x}-id" for x in "abc"}
    assert graph.result == {
        "vpc_id": "network-vpc-id",
        "cidr": "10.0.0.0/16",
        "private_subnet_ids": [f"network-private-{x}-id" for x in "abc"],
        "public_subnet_ids": [f"network-public-{x}-id" for x in "abc"],
        "private_route_table_ids": [f"network-private-{x}-id" for x in "abc"],
        "endpoint_security_group_id": None,
    }


@pytest.mark.parametrize(
    ("nat", "targets"),
    [
        (NatMode.PER_ZONE, {"a": "a", "b": "b", "c": "c"}),
        (NatMode.SINGLE, {"a": "a", "b": "a", "c": "a"}),
        (NatMode.NONE, {}),
    ],
)
def test_network_nat_mode_decides_where_private_routes_lead(nat: NatMode, targets: dict[str, str]) -> None:
    graph = network(nat=nat)
    leads = {
        r.name[-1]: r.inputs["natGatewayId"].removeprefix("network-nat-").removesuffix("-id")
        for r in graph.of(ROUTE)
        if r.name.startswith("network-private")
    }
    assert leads == targets
    assert len(graph.of(NAT)) == len(graph.of(EIP)) == len({*targets.values()})
    assert len([t for t in graph.of(TABLE) if "private" in t.name]) == 3


def test_network_without_nat_has_no_door_to_the_internet() -> None:
    graph = network(nat=NatMode.NONE)
    assert not [r for r in graph.resources if r.type in (INTERNET, NAT, EIP, ROUTE)]
    assert graph.result["public_subnet_ids"] == []


def test_network_without_nat_can_still_be_reached_by_load_balancers() -> None:
    graph = network(nat=NatMode.NONE, public_subnets=True)
    assert [r.name for r in graph.of(ROUTE)] == ["network-public"]
    assert len(graph.result["public_subnet_ids"]) == 3


def test_network_subnets_carry_what_load_balancers_and_karpenter_look_for() -> None:
    graph = network(cluster_name="acme-ml-dev")
    private = graph.one(SUBNET, "network-private-a").inputs["tags"]
    public = graph.one(SUBNET, "network-public-a").inputs["tags"]
    assert private == {
        "component": "network",
        "Name": "acme-ml-dev-private-a",
        "kubernetes.io/role/internal-elb": "1",
        "karpenter.sh/discovery": "acme-ml-dev",
    }
    assert public == {
        "component": "network",
        "Name": "acme-ml-dev-public-a",
        "kubernetes.io/role/elb": "1",
    }
    discovered = {r.name for r in graph.resources if "karpenter.sh/discovery" in r.inputs.get("tags", {})}
    assert discovered == {"network-private-a", "network-private-b", "network-private-c"}


def test_network_without_a_cluster_is_not_discovered() -> None:
    assert "karpenter.sh/discovery" not in network().one(SUBNET, "network-private-a").inputs["tags"]


def test_network_gives_no_machine_a_public_address() -> None:
    assert {s.inputs["mapPublicIpOnLaunch"] for s in network().of(SUBNET)} == {False}


def test_network_closes_the_default_security_group() -> None:
    group = network().one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])


def test_network_resolves_private_names() -> None:
    vpc = network().one(VPC)
    assert (vpc.inputs["enableDnsSupport"], vpc.inputs["enableDnsHostnames"]) == (True, True)


def test_network_gateway_endpoints_are_routed_from_every_private_subnet() -> None:
    graph = network()
    services = {e.inputs["serviceName"]: e.inputs for e in graph.of(ENDPOINT)}
    assert services.keys() == {"com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"}
    for inputs in services.values():
        assert inputs["vpcEndpointType"] == "Gateway"
        assert inputs["routeTableIds"] == [f"network-private-{x}-id" for x in "abc"]
    assert not graph.of(GROUP)


def test_network_interface_endpoints_answer_the_vpc_over_tls_only() -> None:
    graph = network(nat=NatMode.NONE)
    interfaces = [e.inputs for e in graph.of(ENDPOINT) if e.inputs["vpcEndpointType"] == "Interface"]
    assert sorted(i["serviceName"] for i in interfaces) == [f"com.amazonaws.us-east-1.{s}" for s in PRIVATE_DEFAULT]
    for inputs in interfaces:
        assert inputs["privateDnsEnabled"] is True
        assert inputs["subnetIds"] == [f"network-private-{x}-id" for x in "abc"]
        assert inputs["securityGroupIds"] == ["network-endpoints-id"]
    rule = graph.one(RULE).inputs
    assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 443, 443)
    assert (rule["cidrIpv4"], rule["securityGroupId"]) == ("10.0.0.0/16", "network-endpoints-id")
    assert not {"ingress", "egress"} & graph.one(GROUP).inputs.keys()
    assert graph.result["endpoint_security_group_id"] == "network-endpoints-id"


def test_network_flow_logs_are_encrypted_and_end() -> None:
    graph = network(flow_log_retention_days=365)
    group = graph.one("aws:cloudwatch/logGroup:LogGroup").inputs
    assert (group["kmsKeyId"], group["retentionInDays"], group["tags"]["data-class"]) == (KEY, 365, "log")
    log = graph.one(FLOW_LOG).inputs
    assert (log["vpcId"], log["trafficType"]) == ("network-vpc-id", "ALL")
    assert log["logFormat"].startswith("${version} ${account-id} ")
    assert network().one("aws:cloudwatch/logGroup:LogGroup").inputs["retentionInDays"] == 90


def test_network_flow_log_role_writes_to_its_own_group_for_its_own_account() -> None:
    graph = network()
    write, find = policy(graph.one("aws:iam/rolePolicy:RolePolicy"))
    group = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:network-flow-logs"
    assert write["Resource"] == f"{group}:*"
    assert find["Resource"] == group
    assert "logs:CreateLogGroup" not in write["Action"] + find["Action"]
    (trust,) = policy(graph.one("aws:iam/role:Role"), "assumeRolePolicy")
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc-flow-log/*"},
    }


def test_network_children_are_parented_and_tagged() -> None:
    graph = network(nat=NatMode.NONE, public_subnets=True)
    for resource in own(graph):
        if resource.name != "network":
            assert graph.parent_of(resource) == "network", resource.name
        if resource.type not in UNTAGGABLE:
            assert resource.inputs["tags"]["component"] == "network", resource.name


def test_network_untagged_types_are_those_that_take_no_tags() -> None:
    taggable = {*Path("policies/cost/taggable.txt").read_text(encoding="utf-8").split()}
    types = {r.type for r in own(network(nat=NatMode.SINGLE, interface_endpoints=["sts"]))}
    assert types - taggable - {RULE} == UNTAGGABLE


def test_network_registers_exactly_its_annotated_outputs() -> None:
    graph = network(interface_endpoints=["sts"])
    assert graph.outputs_of("network").keys() == {*Network.__annotations__}


def test_network_hosted_mapping_equals_local_args() -> None:
    hosted = {
        "region": "us-east-1",
        "cidr": "10.0.0.0/16",
        "zones": ZONES,
        "log_key_arn": KEY,
        "nat": "single",
        "flow_log_retention_days": 30.0,
    }
    local = network(nat=NatMode.SINGLE, flow_log_retention_days=30)
    assert sorted((r.type, r.name, str(r.inputs)) for r in build(hosted).resources) == sorted(
        (r.type, r.name, str(r.inputs)) for r in local.resources
    )


def test_network_in_a_preview_registers_the_same_resources() -> None:
    preview, real = network(preview=True), network()
    assert sorted((r.type, r.name) for r in preview.resources) == sorted((r.type, r.name) for r in real.resources)


def test_network_new_endpoint_leaves_the_subnets_known_in_a_preview() -> None:
    given = NetworkArgs(region="us-east-1", cidr="10.0.0.0/16", zones=ZONES, log_key_arn=KEY)
    graph = record(lambda: Network("network", given).private_subnet_ids.is_known(), preview=True, unknown={ENDPOINT})
    assert graph.result is True


@pytest.mark.parametrize("type_", [ROUTE, JOIN, ENDPOINT, NAT])
def test_network_users_of_private_subnets_come_after_their_ways_out(type_: str) -> None:
    graph = network(nat=NatMode.SINGLE, interface_endpoints=["sts"])
    user = graph.one(USER)
    assert [r.name for r in graph.of(type_) if "public" not in r.name and not graph.depends(user, r)] == []


def test_network_nat_gateways_come_after_the_public_route() -> None:
    graph = network()
    for nat in graph.of(NAT):
        assert graph.depends(nat, graph.one(ROUTE, "network-public"))
        assert graph.depends(nat, graph.one(INTERNET))
        assert graph.depends(nat, graph.one(JOIN, nat.name.replace("nat", "public")))


def test_network_endpoints_come_after_the_rule_that_opens_them() -> None:
    graph = network(interface_endpoints=["sts"])
    assert graph.depends(graph.one(ENDPOINT, "network-endpoint-sts"), graph.one(RULE))


def test_network_flow_log_comes_after_the_policy_of_its_role() -> None:
    graph = network()
    assert graph.depends(graph.one(FLOW_LOG), graph.one("aws:iam/rolePolicy:RolePolicy"))


def test_network_existing_vpc_is_handed_on_and_nothing_is_created() -> None:
    graph = build(
        NetworkArgs(
            region="us-east-1",
            cidr="10.9.0.0/22",
            existing_vpc_id="vpc-1",
            existing_private_subnet_ids=["subnet-1", "subnet-2"],
            existing_public_subnet_ids=["subnet-3"],
            existing_private_route_table_ids=["rtb-1"],
            existing_endpoint_security_group_id="sg-1",
        )
    )
    assert [r.name for r in own(graph)] == ["network"]
    assert graph.result == {
        "vpc_id": "vpc-1",
        "cidr": "10.9.0.0/22",
        "private_subnet_ids": ["subnet-1", "subnet-2"],
        "public_subnet_ids": ["subnet-3"],
        "private_route_table_ids": ["rtb-1"],
        "endpoint_security_group_id": "sg-1",
    }
    assert graph.outputs_of("network").keys() == {*Network.__annotations__}


def test_network_existing_vpc_without_extras_has_empty_outputs() -> None:
    args = {
        "region": "us-east-1",
        "cidr": "10.9.0.0/22",
        "existing_vpc_id": "vpc-1",
        "existing_private_subnet_ids": ["subnet-1", "subnet-2"],
    }
    result = build(args).result
    assert (result["public_subnet_ids"], result["private_route_table_ids"]) == ([], [])
    assert result["endpoint_security_group_id"] is None
