"""Every resource ends in exactly one of five states, for a reason that is said; none is zero by silence."""

from decimal import Decimal

import pytest

from finops import UNKNOWN, Estimate, Item, State, estimate
from finops.mapping.registry import MAPPED, lookup, settled_types
from tests.unit import finops_kit
from tests.unit.finops_kit import TODAY, Plain, aws, group, made, notes, provider, three, usage

D = Decimal
PRICED, FREE, USAGE, UNPRICED, UNKNOWN_STATE = State
NOTHING = usage()
"""No assumptions: the library's own change with what is known of use."""


def estimated(*resources: Plain) -> Estimate:
    return finops_kit.estimated(*resources, usage=NOTHING)


def item(*resources: Plain) -> Item:
    return finops_kit.item(*resources, usage=NOTHING)


@pytest.mark.parametrize(
    ("resource", "state", "said"),
    [
        (aws("kms/key:Key", "k"), PRICED, ""),
        (aws("ec2/subnet:Subnet", "s"), FREE, "cost nothing by themselves"),
        (aws("iam/role:Role", "r"), FREE, "permissions cost nothing"),
        (aws("s3/bucket:Bucket", "b"), USAGE, ""),
        (aws("sqs/queue:Queue", "q"), UNPRICED, "no figure"),
        (aws("rds/instance:Instance", "d", {"engine": "postgres", "instanceClass": "db.r7g.large"}), UNKNOWN_STATE, ""),
        (aws("madeup/thing:Thing", "t"), UNKNOWN_STATE, "its type is not among those that are known"),
        (made("gcp:compute/instance:Instance", "g"), UNKNOWN_STATE, "its type is not among"),
        (made("random:index/randomId:RandomId", "r"), UNKNOWN_STATE, "its type is not among"),
        (made("pulumi:pulumi:Stack", "s"), FREE, "settings of the engine"),
        (made("mlops:index:Cluster", "c", custom=False), FREE, "groups other resources"),
        (made("eks:index:Cluster", "c", custom=False), FREE, "groups other resources"),
        (aws("ec2/vpc:Vpc", "v", external=True), FREE, "on another bill"),
        (aws("eks/cluster:Cluster", "c", {"version": "1.36"}, delete=True), UNKNOWN_STATE, "waits to be deleted"),
        (made("kubernetes:core/v1:ConfigMap", "c"), FREE, "nodes that are counted by themselves"),
        (made("kubernetes:argoproj.io/v1alpha1:WorkflowTemplate", "w"), FREE, "only configures"),
        (made("kubernetes:s3.services.k8s.aws/v1alpha1:Bucket", "b"), UNKNOWN_STATE, "its type is not among"),
        (made("kubernetes:external-secrets.io/v1alpha1:PushSecret", "p"), UNKNOWN_STATE, "may create a secret"),
        (made("kubernetes:external-secrets.io/v1:ExternalSecret", "e"), FREE, "only configures"),
        ({}, UNKNOWN_STATE, "its type is not among"),
    ],
)  # fmt: skip
def test_state_of_a_resource_is_one_of_five_and_says_why(resource: Plain, state: State, said: str) -> None:
    found = item(resource)
    assert found.state is state
    assert said in found.reason
    assert bool(found.reason) == (state in (FREE, UNPRICED, UNKNOWN_STATE))


@pytest.mark.parametrize("type_", MAPPED)
def test_mapped_type_without_properties_is_told_or_says_what_is_missing(type_: str) -> None:
    found = item(made(type_, "bare"))
    if found.state in (FREE, UNPRICED, UNKNOWN_STATE):
        assert found.reason
    else:
        assert any(three(found)) or any(line.rate for line in found.lines)


@pytest.mark.parametrize("type_", MAPPED)
def test_mapped_type_where_nothing_is_known_is_never_free(type_: str) -> None:
    unknown = {"inputs": dict.fromkeys(INPUTS, UNKNOWN), "outputs": {}}
    found = item({**made(type_, "later"), **unknown})
    assert found.state is not FREE


INPUTS = (
    *("spec", "values", "metadata", "region", "vpcEndpointType", "logDestinationType", "scanType", "loadBalancerType"),
    *("instanceType", "instanceTypes", "scalingConfig", "version", "type", "size", "engine", "instanceClass"),
    *("launchType", "peerRegion", "replicationConfiguration"),
)  # fmt: skip


def test_mapped_type_in_a_region_without_figures_is_unpriced_and_adds_nothing() -> None:
    found = estimate([made("aws:eks/cluster:Cluster", "c", {"version": "1.36"})], TODAY, region="sa-east-1")
    assert found.items[0].state is UNPRICED
    assert "no figure for eks.control-plane/standard in sa-east-1" in found.items[0].reason
    assert found.expected == 0
    assert found.at_least


def test_mapped_type_without_a_region_is_unknown() -> None:
    found = estimate([made("aws:kms/key:Key", "k")], TODAY).items[0]
    assert (found.state, found.region) == (UNKNOWN_STATE, None)
    assert "its region is not known" in found.reason


def test_part_that_cannot_be_told_does_not_hide_the_others() -> None:
    inputs = {"instanceClass": "db.t4g.small", "engine": "postgres", "allocatedStorage": UNKNOWN}
    found = item(aws("rds/instance:Instance", "d", {**inputs, "backupRetentionPeriod": 1}))
    assert found.state is UNKNOWN_STATE
    assert found.reason == "rds storage: allocatedStorage is not known yet"
    assert three(found)[1] == D("0.032") * 730
    assert [line.state for line in found.lines] == [PRICED, UNKNOWN_STATE, USAGE]


def test_exact_entry_of_a_type_wins_over_its_group() -> None:
    reasons = {lookup("kubernetes:gateway.networking.k8s.io/v1:Gateway"), lookup("kubernetes:core/v1:ConfigMap")}
    assert {found.state for found in reasons if not hasattr(found, "parts")} == {UNKNOWN_STATE, FREE}


def test_mapped_types_are_not_settled_as_well() -> None:
    assert not set(MAPPED) & set(settled_types())


# --- single types, with the arithmetic -------------------------------------------------------------------------------

VOLUME = "ebs/volume:Volume"
RESERVATION = "ec2/capacityReservation:CapacityReservation"
DATABASE = {"engine": "mysql", "instanceClass": "db.t4g.small", "allocatedStorage": 400, "storageType": "gp3"}
ROOT = {"rootBlockDevice": {"volumeType": "gp3", "volumeSize": 30}}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (aws(VOLUME, "v", {"size": 100, "type": "gp3"}), D("0.08") * 100),
        (aws(VOLUME, "v", {"size": 100, "type": "gp3", "iops": 3000, "throughput": 125}), D("0.08") * 100),
        (
            aws(VOLUME, "v", {"size": 40, "type": "gp3", "iops": 4000, "throughput": 130}),
            D("0.08") * 40 + D("0.005") * 1000 + D("0.04") * 5,  # the golden of the source: 3.20 + 5.00 + 0.20
        ),
        (aws(VOLUME, "v", {"size": 10}), D("0.10") * 10),
        (aws(VOLUME, "v", {"size": 30, "type": "io1", "iops": 300}), D("0.125") * 30 + D("0.065") * 300),
        (aws(VOLUME, "v", {"size": "30", "type": "sc1"}), D("0.015") * 30),
        (aws("eks/cluster:Cluster", "c", {"version": "1.33"}), D("0.60") * 730),
        (aws("eks/cluster:Cluster", "c", {"version": "1.33", "upgradePolicy": {"supportType": "STANDARD"}}), D(73)),
        (aws("eks/cluster:Cluster", "c"), D("0.10") * 730),
        (aws("ec2/instance:Instance", "i", {"instanceType": "t3.medium", **ROOT}), D("0.0416") * 730 + D("0.08") * 30),
        (
            aws("ec2/instance:Instance", "i", {"instanceType": "t3.large", "associatePublicIpAddress": True, **ROOT}),
            D("0.0832") * 730 + D("2.40") + D("0.005") * 730,
        ),
        (
            aws(RESERVATION, "r", {"instanceType": "p5.48xlarge", "instanceCount": 2}),
            D("55.04") * 730 * 2,
        ),
        (aws("rds/instance:Instance", "d", DATABASE), D("0.032") * 730 + D("0.115") * 400),
        (aws("rds/instance:Instance", "d", {**DATABASE, "iops": 12000}), D("0.032") * 730 + D("0.115") * 400),
        (
            aws("lb/loadBalancer:LoadBalancer", "l", {"subnets": ["a", "b"]}),
            D("0.0225") * 730 + D("0.005") * 730 * 2,
        ),
        (aws("kms/replicaKey:ReplicaKey", "k"), D(1)),
    ],
)  # fmt: skip
def test_price_of_a_resource_is_the_sum_of_its_parts(resource: Plain, expected: Decimal) -> None:
    found = item(resource)
    assert found.state is PRICED, found.reason
    assert three(found)[1] == expected


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (aws(VOLUME, "v", {"size": 30, "type": "standard"}), "ebs.storage/standard"),
        (aws(VOLUME, "v", {"size": 4000, "type": "io2", "iops": 40000}), "the last 8,000 of ebs.iops/io2"),
        (aws("rds/instance:Instance", "d", {**DATABASE, "iops": 14000}), "rds.iops/single-gp3"),
        (aws("rds/instance:Instance", "d", {**DATABASE, "multiAz": True}), "mysql-multi-db.t4g.small"),
        (aws("rds/instance:Instance", "d", {**DATABASE, "performanceInsightsRetentionPeriod": 731}), "performance-"),
        (aws("eks/cluster:Cluster", "c", {"computeConfig": {"enabled": True}}), "eks.auto-mode"),
        (aws("ec2/instance:Instance", "i", {"instanceType": "t3.large", "tenancy": "host", **ROOT}), "ec2.dedicated"),
        (aws("lb/loadBalancer:LoadBalancer", "l", {"loadBalancerType": "gateway", "internal": True}), "lb/gateway"),
        (aws("ec2/vpcEndpoint:VpcEndpoint", "e", {"vpcEndpointType": "GatewayLoadBalancer"}), "vpc/gatewayload"),
        (aws("ec2/flowLog:FlowLog", "f", {"logDestinationType": "s3"}), "logs/vended"),
        (aws("cloudwatch/logGroup:LogGroup", "l", {"logGroupClass": "INFREQUENT_ACCESS"}), "ingested-infrequent"),
        (aws("secretsmanager/secret:Secret", "s", {"replicas": [{"region": "us-west-2"}]}), "in other regions"),
        (aws("ecr/registryScanningConfiguration:RegistryScanningConfiguration", "s", {"scanType": "ENHANCED"}), "insp"),
        (group(capacityType="CAPACITY_BLOCK"), "paid in advance"),
    ],
)  # fmt: skip
def test_price_that_is_not_in_the_book_is_named(resource: Plain, said: str) -> None:
    template = aws("ec2/launchTemplate:LaunchTemplate", "t", id="lt-9")
    found = item(resource, template)
    assert said in notes(found)
    assert UNPRICED in {line.state for line in found.lines}


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (aws("eks/cluster:Cluster", "c", {"version": "1.12"}), "not among the dated facts"),
        (aws("eks/cluster:Cluster", "c", {"version": UNKNOWN}), "version is not known yet"),
        (aws("eks/cluster:Cluster", "c", {"version": "1.30"}), "1.30 is in no support on 2026-11-23"),
        (aws("ec2/instance:Instance", "i", {"instanceType": "t3.medium"}), "root disk are not given"),
        (aws("ec2/instance:Instance", "i", {**ROOT}), "instanceType is not given"),
        (aws("ec2/vpcEndpoint:VpcEndpoint", "e", {"vpcEndpointType": "Interface"}), "subnetIds are not given"),
        (aws("ec2/vpcEndpoint:VpcEndpoint", "e", {"vpcEndpointType": UNKNOWN}), "vpcEndpointType is not known yet"),
        (aws("lb/loadBalancer:LoadBalancer", "l", {"internal": "maybe"}), "internal is not a boolean"),
        (aws(VOLUME, "v", {"type": "gp3"}), "size is not given"),
        (aws(VOLUME, "v", {"type": "io1", "size": 5}), "iops of an io1 volume are not given"),
        (aws(VOLUME, "v", {"type": "gp3", "size": -5}), "size is not a number from 0"),
        (group(scalingConfig={"minSize": 1}), "scalingConfig.desiredSize is not given"),
        (group(capacityType="BORROWED"), "capacityType is not ON_DEMAND, SPOT or CAPACITY_BLOCK"),
        (group(launchTemplate={"id": "lt-elsewhere"}), "launch template is not in this stack"),
        (group(), "no launch template gives its disks"),
    ],
)  # fmt: skip
def test_price_that_cannot_be_told_says_what_is_missing(resource: Plain, said: str) -> None:
    found = item(resource)
    assert found.state is UNKNOWN_STATE
    assert said in found.reason


def test_interface_endpoint_counts_zones_of_which_only_the_number_is_known() -> None:
    found = item(aws("ec2/vpcEndpoint:VpcEndpoint", "e", {"vpcEndpointType": "Interface", "subnetIds": [UNKNOWN] * 2}))
    assert three(found)[1] == D("0.01") * 730 * 2


def test_bucket_shows_further_classes_only_where_a_use_of_them_is_assumed() -> None:
    assert len(item(aws("s3/bucket:Bucket", "b")).lines) == 3


def test_provider_in_another_region_prices_its_resources_there() -> None:
    west = provider("us-west-2", "west")
    reservation = aws(
        RESERVATION,
        "r",
        {"instanceType": "g5.xlarge", "instanceCount": 1},
        provider=f"{west['urn']}::1",
    )
    found = estimated(west, reservation).items[2]
    assert (found.region, three(found)[0]) == ("us-west-2", D("1.006") * 730)
    term = found.lines[0].floor
    assert term is not None
    assert term.price is not None
    assert term.price.basis.value == "derived"
