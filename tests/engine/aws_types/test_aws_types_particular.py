"""What single resource types do beyond the common life."""

from __future__ import annotations

import json

import pytest

from sandbox import recorded
from sandbox.aws.inventory import inventory
from sandbox.provider.changes import compare
from sandbox.provider.servicer import Diff, ProviderError
from sandbox.provider.values import Props
from tests.engine.aws_types.case import TAGS, World, policy, trust


class Thing:
    """One resource that a test changes step by step."""

    def __init__(self, world: World, token: str, **program: object) -> None:
        self.world, self.urn, self.program = world, world.urn(token, "particular"), dict(program)
        self.inputs = world.checked(self.urn, self.program)
        self.id, self.state = world.provider.create(self.urn, self.inputs, 60)
        world.made.append((self.urn, self.id, self.state))

    def planned(self, **changes: object) -> tuple[Diff, Props]:
        new = self.world.checked(self.urn, {**self.program, **changes}, self.inputs)
        return self.world.provider.diff(self.urn, self.id, self.state, self.inputs, new), new

    def updated(self, **changes: object) -> Props:
        """Change in place; the outputs then hold at a second look."""
        diff, new = self.planned(**changes)
        assert diff.changes
        assert not [c for c in diff.changes if c.replaces]
        self.state = self.world.provider.update(self.urn, self.id, self.state, self.inputs, new, 60)
        self.inputs, self.program = new, {**self.program, **changes}
        assert self.seen() == self.state
        return self.state

    def seen(self) -> Props:
        found = self.world.provider.read(self.urn, self.id, self.state, self.inputs)
        assert found is not None
        return found.outputs

    def deleted(self) -> None:
        self.world.made.pop()
        self.world.provider.delete(self.urn, self.id, self.state, 60)
        assert self.world.provider.read(self.urn, self.id, self.state, self.inputs) is None


def _network(world: World) -> tuple[str, str, str]:
    """A network, and two gateways' worth of route tables in it."""
    vpc = world.make("aws:ec2/vpc:Vpc", cidrBlock="10.8.0.0/16")["id"]
    tables = [world.make("aws:ec2/routeTable:RouteTable", vpcId=vpc)["id"] for _ in range(2)]
    return vpc, tables[0], tables[1]


def test_route_to_another_target_changes_in_place(world: World) -> None:
    vpc, table, _ = _network(world)
    gateway = world.make("aws:ec2/internetGateway:InternetGateway", vpcId=vpc)["id"]
    nat = world.make("aws:ec2/natGateway:NatGateway", subnetId=world.subnets()[0], connectivityType="private")["id"]
    route = Thing(world, "aws:ec2/route:Route", routeTableId=table, destinationCidrBlock="0.0.0.0/0", gatewayId=gateway)
    state = route.updated(gatewayId=None, natGatewayId=nat)
    assert (state.get("gatewayId"), state["natGatewayId"]) == (None, nat)
    route.deleted()


def test_association_with_another_table_keeps_its_id_and_is_found_again(world: World) -> None:
    vpc, first, second = _network(world)
    subnet = world.make("aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock="10.8.1.0/24")["id"]
    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    association = Thing(world, token, subnetId=subnet, routeTableId=first)
    assert association.updated(routeTableId=second)["routeTableId"] == second
    association.deleted()


def test_gateway_endpoint_with_own_tables_follows_them_and_can_be_deleted(world: World) -> None:
    vpc, first, second = _network(world)
    endpoint = Thing(
        world,
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        vpcId=vpc,
        serviceName="com.amazonaws.us-east-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[first],
    )
    assert endpoint.state["prefixListId"].startswith("pl-")
    assert endpoint.updated(routeTableIds=[second, first])["routeTableIds"] == [second, first]
    assert endpoint.updated(routeTableIds=[second])["routeTableIds"] == [second]
    endpoint.deleted()


@pytest.mark.parametrize("side", ["referencedSecurityGroupId", "cidrIpv6"])
def test_rule_for_another_group_or_range_is_replaced(side: str, world: World) -> None:
    group = world.group()
    value = group if side == "referencedSecurityGroupId" else "2001:db8::/32"
    rule = Thing(
        world,
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        securityGroupId=group,
        ipProtocol="-1",
        **{side: value},
    )
    assert rule.state[side] == value
    assert rule.state.get("fromPort") is None
    diff, _ = rule.planned(**{side: "sg-0123456789abcdef0" if side.startswith("ref") else "2001:db8:1::/48"})
    assert [c.path for c in diff.changes if c.replaces] == [side]
    rule.deleted()


def test_rules_written_in_another_way_are_the_same_rules(world: World) -> None:
    blocks = [
        {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.1.0.0/16"]},
        {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.2.0.0/16"], "description": "b"},
    ]
    group = Thing(world, "aws:ec2/securityGroup:SecurityGroup", vpcId=world.vpc(), ingress=blocks)
    assert group.seen()["ingress"] == blocks


def test_security_group_starts_without_the_open_egress_of_aws(world: World) -> None:
    group = Thing(world, "aws:ec2/securityGroup:SecurityGroup", vpcId=world.vpc())
    rules = world.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group.id]}])
    assert rules["SecurityGroupRules"] == []


def test_launch_template_keeps_old_versions_and_moves_the_default(world: World) -> None:
    template = Thing(world, "aws:ec2/launchTemplate:LaunchTemplate", imageId="ami-1", updateDefaultVersion=True)
    state = template.updated(imageId="ami-2")
    assert (state["latestVersion"], state["defaultVersion"], state["imageId"]) == (2, 2, "ami-2")
    state = template.updated(imageId="ami-3", updateDefaultVersion=False)
    assert (state["latestVersion"], state["defaultVersion"]) == (3, 2)
    assert template.updated(tags={"team": "vision"})["latestVersion"] == 3


def test_node_group_rolls_to_another_version_under_its_id(world: World) -> None:
    group = Thing(
        world,
        "aws:eks/nodeGroup:NodeGroup",
        clusterName=world.cluster(),
        nodeRoleArn=world.role()["arn"],
        subnetIds=world.subnets(),
        scalingConfig={"desiredSize": 1, "minSize": 0, "maxSize": 2},
        updateConfig={"maxUnavailable": 1},
        version="1.34",
    )
    state = group.updated(version="1.35", tags={"team": "vision"})
    assert (state["version"], state["tagsAll"]) == ("1.35", {**TAGS, "team": "vision"})
    assert state["updateConfig"] == {"maxUnavailable": 1}
    group.deleted()


def test_cluster_brings_its_own_security_group_and_takes_it_along(world: World) -> None:
    before = inventory(world.aws)
    network = {"subnetIds": world.subnets()}
    cluster = Thing(world, "aws:eks/cluster:Cluster", roleArn=world.role()["arn"], vpcConfig=network)
    group = cluster.state["vpcConfig"]["clusterSecurityGroupId"]
    assert f"ec2 SecurityGroups {group}" in inventory(world.aws)
    # A deletion that was cut off after its first call is completed by the next.
    world.client("eks").delete_cluster(name=cluster.id)
    cluster.deleted()
    assert inventory(world.aws) == before


def test_cluster_under_deletion_protection_is_not_deleted(world: World) -> None:
    network = {"subnetIds": world.subnets()}
    cluster = Thing(
        world, "aws:eks/cluster:Cluster", roleArn=world.role()["arn"], vpcConfig=network, deletionProtection=True
    )
    with pytest.raises(ProviderError, match="deletion_protection to false"):
        world.provider.delete(cluster.urn, cluster.id, cluster.state, 60)
    cluster.updated(deletionProtection=False)
    cluster.deleted()


def test_database_under_deletion_protection_is_not_deleted(world: World) -> None:
    database = Thing(
        world,
        "aws:rds/instance:Instance",
        engine="postgres",
        instanceClass="db.t4g.small",
        allocatedStorage=20,
        username="mlflow",
        manageMasterUserPassword=True,
        deletionProtection=True,
        engineLifecycleSupport="open-source-rds-extended-support-disabled",
        databaseInsightsMode="standard",
        skipFinalSnapshot=True,
    )
    assert "password" not in database.state
    assert database.state["masterUserSecrets"][0]["secretArn"].startswith("arn:aws:secretsmanager:")
    with pytest.raises(ProviderError, match="deletion protection"):
        world.provider.delete(database.urn, database.id, database.state, 60)
    database.updated(deletionProtection=False)
    database.deleted()


def test_bucket_that_is_forced_goes_with_its_objects_and_their_versions(world: World) -> None:
    bucket = Thing(world, "aws:s3/bucket:Bucket", forceDestroy=True)
    s3 = world.client("s3")
    s3.put_bucket_versioning(Bucket=bucket.id, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket.id, Key="model", Body=body)
    s3.delete_object(Bucket=bucket.id, Key="model")
    bucket.deleted()


def test_bucket_with_objects_stays_unless_it_is_forced(world: World) -> None:
    bucket = Thing(world, "aws:s3/bucket:Bucket")
    world.client("s3").put_object(Bucket=bucket.id, Key="model", Body=b"one")
    with pytest.raises(ProviderError, match="BucketNotEmpty"):
        world.provider.delete(bucket.urn, bucket.id, bucket.state, 60)
    world.client("s3").delete_object(Bucket=bucket.id, Key="model")
    bucket.deleted()


_BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
_ONE_RULE = [{"name": "rds.force_ssl", "value": "1"}]

_NO_SCAN = {"scanOnPush": False}

ENDED: dict[str, tuple[str, Props, str, object, object]] = {
    # what a program no longer writes: token, what it always writes, the input and its value, what is told afterwards
    "rotation": ("aws:kms/key:Key", {}, "enableKeyRotation", True, False),
    "key description": ("aws:kms/key:Key", {}, "description", "artifacts", ""),
    "queue key": ("aws:sqs/queue:Queue", {}, "kmsMasterKeyId", "alias/aws/sqs", None),
    "queue policy": ("aws:sqs/queue:Queue", {}, "policy", policy(principal="*"), None),
    "topic key": ("aws:sns/topic:Topic", {}, "kmsMasterKeyId", "alias/aws/sns", None),
    "topic name": ("aws:sns/topic:Topic", {}, "displayName", "alerts", None),
    "boundary": ("aws:iam/role:Role", {"assumeRolePolicy": trust()}, "permissionsBoundary", _BOUNDARY, None),
    "role description": ("aws:iam/role:Role", {"assumeRolePolicy": trust()}, "description", "nodes", None),
    "attached": ("aws:iam/role:Role", {"assumeRolePolicy": trust()}, "managedPolicyArns", [_BOUNDARY], None),
    "retention": ("aws:cloudwatch/logGroup:LogGroup", {}, "retentionInDays", 30, 0),
    "scanning": ("aws:ecr/repository:Repository", {}, "imageScanningConfiguration", {"scanOnPush": True}, _NO_SCAN),
    "secret policy": ("aws:secretsmanager/secret:Secret", {"recoveryWindowInDays": 0}, "policy", policy(), None),
    "parameters": ("aws:rds/parameterGroup:ParameterGroup", {"family": "postgres17"}, "parameters", _ONE_RULE, None),
}


@pytest.mark.parametrize("what", sorted(ENDED))
def test_input_that_is_no_longer_written_is_taken_back(what: str, world: World) -> None:
    token, always, name, value, told = ENDED[what]
    thing = Thing(world, token, **always, **{name: value})
    assert thing.state[name] == value
    state = thing.updated(**{name: None})
    assert (state.get(name) or None) == (told or None)
    thing.deleted()


def test_labels_and_taints_that_are_no_longer_written_leave_the_node_group(world: World) -> None:
    taint = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}
    group = Thing(
        world,
        "aws:eks/nodeGroup:NodeGroup",
        clusterName=world.cluster(),
        nodeRoleArn=world.role()["arn"],
        subnetIds=world.subnets(),
        scalingConfig={"desiredSize": 1, "minSize": 0, "maxSize": 2},
        labels={"pool": "gpu", "team": "vision"},
        taints=[taint],
    )
    arn = group.state["arn"]
    state = group.updated(labels={"pool": "gpu"}, taints=None)
    assert (state["labels"], state.get("taints") or []) == ({"pool": "gpu"}, [])
    # Changed where it was, not made anew.
    assert state["arn"] == arn


def test_secret_that_waits_for_its_end_is_gone_and_can_be_deleted_again(world: World) -> None:
    secret = Thing(world, "aws:secretsmanager/secret:Secret", recoveryWindowInDays=7)
    secret.deleted()
    world.provider.delete(secret.urn, secret.id, secret.state, 60)
    found = world.client("secretsmanager").describe_secret(SecretId=secret.id)
    assert (found["DeletedDate"] - found["CreatedDate"]).days in (6, 7)


def test_resource_in_another_region_lives_there(world: World) -> None:
    bucket = Thing(world, "aws:s3/bucket:Bucket", region="eu-west-1")
    assert bucket.state["bucketRegion"] == "eu-west-1"
    assert world.client("s3").get_bucket_location(Bucket=bucket.id)["LocationConstraint"] == "eu-west-1"
    queue = Thing(world, "aws:sqs/queue:Queue", region="eu-west-1")
    assert world.aws.client("sqs", "eu-west-1").list_queues()["QueueUrls"] == [queue.id]
    diff, _ = queue.planned(region="eu-central-1")
    assert [c.path for c in diff.changes if c.replaces] == ["region"]
    queue.deleted()


def test_role_is_deleted_with_what_others_attached_to_it(world: World) -> None:
    role = Thing(world, "aws:iam/role:Role", assumeRolePolicy=trust())
    iam = world.client("iam")
    iam.attach_role_policy(RoleName=role.id, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_role_policy(RoleName=role.id, PolicyName="other", PolicyDocument=policy())
    role.deleted()


def test_policy_that_changes_often_keeps_five_versions(world: World) -> None:
    changing = Thing(world, "aws:iam/policy:Policy", policy=policy())
    for number in range(6):
        changing.updated(policy=policy(f"s3:Get{number}"))
    assert len(world.client("iam").list_policy_versions(PolicyArn=changing.id)["Versions"]) == 5


def test_policy_given_as_a_mapping_is_accepted_and_told_as_one(world: World) -> None:
    written = json.loads(policy(principal={"Service": "ec2.amazonaws.com"}))
    made = Thing(world, "aws:iam/policy:Policy", policy=written)
    assert made.seen()["policy"] == written


def test_input_that_no_form_of_the_property_allows_is_refused(world: World) -> None:
    def refused(**inputs: object) -> list[str]:
        urn = world.urn("aws:iam/role:Role", "refused")
        _, failures = world.provider.check(urn, {}, {"assumeRolePolicy": trust(), **inputs})
        return [f"{f.property} {f.reason}" for f in failures]

    assert refused(assumeRolePolicy=3) == ["assumeRolePolicy got 3; an object is needed"]
    assert refused(managedPolicyArns="one") == ["managedPolicyArns got 'one'; a list is needed"]
    assert refused(assumeRolePolicy={"Version": "2012-10-17"}) == ["assumeRolePolicy.Statement is required and missing"]
    assert refused() == []


def test_tag_that_somebody_removed_is_found_and_put_back(world: World) -> None:
    queue = Thing(world, "aws:sqs/queue:Queue", tags={"team": "vision"})
    world.client("sqs").untag_queue(QueueUrl=queue.id, TagKeys=["owner", "team"])
    found = world.provider.read(queue.urn, queue.id, queue.state, queue.inputs)
    assert found is not None
    assert {c.path for c in compare(found.inputs, queue.inputs, lambda _: False)} == {
        "tags.team",
        "tagsAll.owner",
        "tagsAll.team",
    }
    world.provider.update(queue.urn, queue.id, found.outputs, found.inputs, queue.inputs, 60)
    assert queue.seen()["tagsAll"] == {**TAGS, "team": "vision"}


def test_replacement_under_a_given_name_deletes_first_and_under_a_made_up_name_last(world: World) -> None:
    named = Thing(world, "aws:iam/role:Role", name="given", assumeRolePolicy=trust(), path="/one/")
    assert named.planned(path="/two/")[0].delete_before_replace
    assert not named.planned(name="other")[0].delete_before_replace
    made_up = Thing(world, "aws:iam/role:Role", assumeRolePolicy=trust(), path="/one/")
    assert not made_up.planned(path="/two/")[0].delete_before_replace


def test_recorded_resource_has_a_name_and_ids_and_is_listed_until_deleted(world: World) -> None:
    token = "aws:ec2/placementGroup:PlacementGroup"
    urn = world.urn(token, "close")
    inputs = world.checked(urn, {"strategy": "cluster"})
    assert inputs["name"].startswith("close-")
    resource_id, outputs = world.provider.create(urn, inputs, 60)
    assert (outputs["name"], outputs["placementGroupId"]) == (inputs["name"], resource_id)
    assert outputs["arn"].startswith("arn:aws:ec2:us-east-1:123456789012:")
    assert (urn, "moto 5.2.5 does not implement CreatePlacementGroup") in recorded.listed(world.layout)
    changed = world.provider.update(urn, resource_id, outputs, inputs, {**inputs, "tags": {"a": "b"}}, 60)
    assert changed["tags"] == {"a": "b"}
    world.provider.delete(urn, resource_id, changed, 60)
    assert urn not in [u for u, _ in recorded.listed(world.layout)]


def test_type_that_nothing_here_uses_is_checked_and_recorded(world: World) -> None:
    urn = "urn:pulumi:s::p::aws:mq/broker:Broker::jobs"
    _, failures = world.provider.check(urn, {}, {"brokerNam": "jobs"})
    assert "brokerNam" in {failure.property for failure in failures}
    good = {"brokerName": "jobs", "engineType": "RabbitMQ", "engineVersion": "3.13", "hostInstanceType": "mq.m5.large"}
    inputs, failures = world.provider.check(
        urn, {}, {**good, "users": [{"username": "a", "password": "unguessable-1"}]}
    )
    assert failures == []
    resource_id, outputs = world.provider.create(urn, inputs, 0)
    assert resource_id.startswith("recorded-")
    assert outputs["brokerName"] == "jobs"


def test_type_that_the_sdk_lacks_is_refused(world: World) -> None:
    _, failures = world.provider.check("urn:pulumi:s::p::aws:mq/brokr:Brokr::jobs", {}, {})
    assert "has no type aws:mq/brokr:Brokr" in failures[0].reason
