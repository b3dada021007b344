"""Proposals on networks and storage, and what all obey: no line is cut twice, nothing saves more than it costs."""

import itertools
import json
import random
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops import UNKNOWN, Estimate, estimate
from finops.savings import Confidence, Cut, Kind, Proposal, best, proposals, to_json
from finops.savings.choose import with_conflicts
from tests.unit.finops_kit import TODAY, Plain, aws, bought, group, made, pool, provider, types, usage
from tests.unit.test_finops_bill import platform
from tests.unit.test_finops_generated import SOME, damaged
from tests.unit.test_finops_savings import TWICE, database, inference, metered, range_of, saved

D = Decimal
VPC = aws("ec2/vpc:Vpc", "net", id="vpc-1")


def network(zones: int, vpc: str = "vpc-1", name: str = "") -> list[Plain]:
    """A VPC with a NAT gateway and its address in each zone; subnets by id, addresses by what they stem from."""
    found = [VPC]
    for zone in "abc"[:zones]:
        address = aws("ec2/eip:Eip", f"address-{name}{zone}")
        inputs = {"subnetId": f"subnet-{name}{zone}", "allocationId": UNKNOWN}
        stems = {"allocationId": [address["urn"]]}
        found += [
            aws("ec2/subnet:Subnet", f"public-{name}{zone}", {"vpcId": vpc}, id=f"subnet-{name}{zone}"),
            address,
            aws("ec2/natGateway:NatGateway", f"nat-{name}{zone}", inputs, propertyDependencies=stems),
        ]
    return found


def endpoint(service: str = "ecr.api", kind: str = "Interface", zones: int = 3) -> Plain:
    inputs: Plain = {"vpcId": "vpc-1", "vpcEndpointType": kind, "serviceName": f"com.amazonaws.us-east-1.{service}"}
    subnets = {"subnetIds": [f"s{n}" for n in range(zones)]} if kind == "Interface" else {}
    return aws("ec2/vpcEndpoint:VpcEndpoint", service, {**inputs, **subnets})


# --- networks --------------------------------------------------------------------------------------------------------


def test_one_nat_gateway_is_proposed_with_the_address_of_the_other() -> None:
    found = saved(*network(2))
    assert range_of(found, "SAVE-NAT") == (D("36.50"), D("36.50"))  # (0.045 + 0.005) x 730
    names = {urn.rpartition("::")[2] for urn in found["SAVE-NAT"].resources}
    assert names == {"nat-b", "address-b"}


def test_one_nat_gateway_saves_less_where_data_then_crosses_zones() -> None:
    # 2 x 36.50; 200 GB come from other zones and go back: 200 x 2 x 0.01 = 4.00
    found = saved(*network(3), endpoint("s3", "Gateway"), assumes=metered(vpc__nat_data=100))
    assert range_of(found, "SAVE-NAT") == (D("69.00"), D("73.00"))


@pytest.mark.parametrize(
    ("resources", "at"),
    [(network(1), "dev"), (network(3), "prod"), ([*network(1), *network(1, "vpc-2", "other-")], "dev")],
    ids=["one", "production", "one in each VPC"],
)
def test_one_nat_gateway_is_not_proposed(resources: list[Plain], at: str) -> None:
    assert "SAVE-NAT" not in saved(*resources, at=at)


def test_gateway_endpoint_is_proposed_for_a_share_of_what_goes_through_nat() -> None:
    found = saved(*network(1), at="prod", assumes=metered(vpc__nat_data=1000))
    assert range_of(found, "SAVE-GATEWAY") == (D("13.50"), D("36.00"))  # 45.00 x 0.3 and x 0.8
    assert found["SAVE-GATEWAY"].confidence is Confidence.LOW


def test_gateway_endpoint_is_not_proposed_where_there_is_one_or_no_data_is_assumed() -> None:
    data = metered(vpc__nat_data=1000)
    assert "SAVE-GATEWAY" not in saved(*network(1))
    assert "SAVE-GATEWAY" not in saved(*network(1), endpoint("s3", "Gateway"), assumes=data)
    adrift = endpoint("s3", "Gateway")
    adrift["inputs"]["vpcId"] = UNKNOWN
    assert "SAVE-GATEWAY" not in saved(*network(1), adrift, assumes=data)


def test_interface_endpoints_are_proposed_in_one_zone_where_there_is_no_nat() -> None:
    found = saved(VPC, endpoint(), endpoint("sts", zones=2))
    assert range_of(found, "SAVE-ENDPOINT") == (D("21.90"), D("21.90"))  # (2 + 1) x 0.01 x 730
    assert "in one zone" in found["SAVE-ENDPOINT"].title


def test_interface_endpoints_that_carry_little_are_proposed_to_go_where_nat_carries_it() -> None:
    found = saved(*network(1), endpoint(), assumes=metered(vpc__interface_endpoint_data=10))
    # 3 x 0.01 x 730 + 10 x 0.01 = 22.00, less 10 x 0.045 = 0.45 by NAT, or 0.90 with twice as much
    assert range_of(found, "SAVE-ENDPOINT") == (D("21.10"), D("21.55"))
    assert "carry little" in found["SAVE-ENDPOINT"].title


def test_interface_endpoints_that_carry_much_or_that_a_policy_wants_stay() -> None:
    # 21.90 an hour's worth against 1,000 x 0.045 x 2; across zones 1,000 x 2 x 0.01 is more than 14.60
    found = saved(*network(1), endpoint(), assumes=metered(vpc__interface_endpoint_data=1000))
    assert range_of(found, "SAVE-ENDPOINT") == (D("0.00"), D("14.60"))
    found = saved(*network(1), endpoint("s3"), assumes=metered(vpc__interface_endpoint_data=10))
    assert "in one zone" in found["SAVE-ENDPOINT"].title
    assert "SAVE-ENDPOINT" not in saved(VPC, endpoint(), at="prod")
    assert "SAVE-ENDPOINT" not in saved(VPC, endpoint(zones=1))


def test_idle_address_is_proposed_to_be_released() -> None:
    lone = aws("ec2/eip:Eip", "lone", {"domain": "vpc"})
    found = saved(*network(1), lone, at="prod")
    assert range_of(found, "SAVE-ADDRESS") == (D("3.65"), D("3.65"))
    assert found["SAVE-ADDRESS"].resources == (lone["urn"],)


@pytest.mark.parametrize(
    "inputs",
    [{"instance": "i-1"}, {"networkInterface": UNKNOWN}],
)
def test_idle_address_is_not_one_that_names_its_holder(inputs: Plain) -> None:
    assert "SAVE-ADDRESS" not in saved(aws("ec2/eip:Eip", "used", inputs))


def test_idle_address_is_not_said_of_one_that_a_holder_may_have() -> None:
    used = aws("ec2/eip:Eip", "used", id="eipalloc-1")
    by_id = aws("ec2/eipAssociation:EipAssociation", "tie", {"allocationId": "eipalloc-1"})
    unclear = aws("ec2/natGateway:NatGateway", "nat", {"allocationId": UNKNOWN})
    assert "SAVE-ADDRESS" in saved(used)
    assert "SAVE-ADDRESS" not in saved(used, by_id)
    assert "SAVE-ADDRESS" not in saved(used, unclear)


# --- storage ---------------------------------------------------------------------------------------------------------

BUCKET = aws("s3/bucket:Bucket", "models", {"bucket": "models"})
MOVES = {"status": "Enabled", "transitions": [{"days": 30, "storageClass": "INTELLIGENT_TIERING"}]}
LIFECYCLE = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def test_tiering_is_proposed_for_assumed_storage() -> None:
    found = saved(BUCKET, at="prod", assumes=s3(1000))
    assert range_of(found, "SAVE-TIER") == (D("4.20"), D("8.40"))  # 1,000 x (0.023 - 0.0125) x 0.4 and x 0.8


def s3(amount: int) -> Any:
    return usage(defaults={"meters": {"s3.storage/standard": amount}})


@pytest.mark.parametrize(
    "lifecycle",
    [
        aws(LIFECYCLE, "rules", {"bucket": "models", "rules": [MOVES]}),
        aws(LIFECYCLE, "rules", {"bucket": UNKNOWN, "rules": [MOVES]}),
        aws(LIFECYCLE, "rules", {"bucket": "models", "rules": UNKNOWN}),
        aws(
            LIFECYCLE, "rules", {"bucket": UNKNOWN, "rules": [MOVES]}, propertyDependencies={"bucket": [BUCKET["urn"]]}
        ),
    ],
    ids=["named", "of an unknown bucket", "unknown rules", "by what it stems from"],
)
def test_tiering_is_not_proposed_where_objects_may_move_already(lifecycle: Plain) -> None:
    assert "SAVE-TIER" not in saved(BUCKET, lifecycle, assumes=s3(1000))


def test_tiering_is_proposed_beside_a_lifecycle_that_only_deletes_and_not_without_assumed_storage() -> None:
    deletes = aws(LIFECYCLE, "rules", {"bucket": "models", "rules": [{"expiration": {"days": 30}}]})
    other = aws(LIFECYCLE, "rules", {"bucket": "another", "rules": [MOVES]})
    assert "SAVE-TIER" in saved(BUCKET, deletes, assumes=s3(1000))
    assert "SAVE-TIER" in saved(BUCKET, other, assumes=s3(1000))
    assert "SAVE-TIER" not in saved(BUCKET)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (100, ("2.00", "2.00")),  # 100 x 0.02
        (1000, ("15.00", "20.00")),  # 3,000 IOPS are included, 125 MB/s more are 5.00
        (2000, ("20.00", "40.00")),  # 3,000 IOPS more are 15.00, 125 MB/s 5.00
    ],
)
def test_gp3_is_proposed_for_gp2(size: int, expected: tuple[str, str]) -> None:
    found = saved(aws("ebs/volume:Volume", "disk", {"type": "gp2", "size": size}), at="prod")
    assert range_of(found, "SAVE-GP3") == (D(expected[0]), D(expected[1]))


def test_gp3_is_proposed_for_the_disks_of_nodes_by_their_own_size() -> None:
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp2", "volumeSize": 400}}
    template = aws("ec2/launchTemplate:LaunchTemplate", "t", {"blockDeviceMappings": [disk]}, id="lt-1")
    found = saved(group(launchTemplate={"id": "lt-1"}), template, at="prod")
    assert range_of(found, "SAVE-GP3") == (D("6.00"), D("16.00"))  # 2 x 400 x 0.02, less 2 x 5.00
    assert "SAVE-GP3" not in saved(aws("ebs/volume:Volume", "disk", {"type": "gp3", "size": 1000}))


LOGS = usage(defaults={"meters": {"logs/ingested": 10, "logs/stored": 120}})


def logs(days: Any) -> Plain:
    return aws("cloudwatch/logGroup:LogGroup", "logs", {"retentionInDays": days} if days is not None else {})


@pytest.mark.parametrize("days", [365, None, 0])
def test_retention_is_proposed_for_logs_kept_longer_than_the_environment_needs(days: int | None) -> None:
    # Thirty days of 10 GB a month are 9.863 GB: (120 - 9.863) x 0.03
    assert range_of(saved(logs(days), assumes=LOGS), "SAVE-LOGS") == (D("3.30"), D("3.30"))


def test_retention_is_not_proposed_within_it_in_production_or_without_assumptions() -> None:
    assert "SAVE-LOGS" not in saved(logs(30), assumes=LOGS)
    assert "SAVE-LOGS" not in saved(logs(365), at="prod", assumes=LOGS)
    assert "SAVE-LOGS" not in saved(logs(UNKNOWN), assumes=LOGS)
    assert "SAVE-LOGS" not in saved(logs(365))


# --- what all obey ---------------------------------------------------------------------------------------------------


def test_conflicting_proposals_name_each_other_and_count_once() -> None:
    found = saved(group(instanceTypes=["m7i.2xlarge"]))
    # On 588.672: spot 2 x 730 x (0.4032 - 0.191 to 0.166), Graviton 2 x 730 x (0.4032 - 0.3264), hours 88 to 108 / 168
    assert range_of(found, "SAVE-SPOT") == (D("309.81"), D("346.31"))
    assert range_of(found, "SAVE-ARM") == (D("112.13"), D("112.13"))
    assert range_of(found, "SAVE-HOURS") == (D("308.35"), D("378.43"))
    ids = {one.id for one in found.values()}
    assert all(set(one.conflicts_with) == ids - {one.id} for one in found.values())
    choice = best(found.values())
    assert choice.proposals == (found["SAVE-HOURS"],)
    assert choice.high == found["SAVE-HOURS"].high


def made_up(id_: str, low: int, high: int, *lines: int) -> Proposal:
    cuts = tuple(Cut("urn", line, D(high)) for line in lines)
    return Proposal(id_, Kind.SPOT, "t", "t", (), D(low), D(high), "a", "p", Confidence.LOW, "s", cuts)


@SOME
@given(st.lists(st.tuples(st.integers(0, 50), st.sets(st.integers(0, 6), min_size=1, max_size=3)), max_size=9))
def test_best_choice_saves_as_much_as_any_that_cuts_no_line_twice(wanted: list[tuple[int, set[int]]]) -> None:
    given = with_conflicts([made_up(str(n), usd, 2 * usd, *lines) for n, (usd, lines) in enumerate(wanted)])
    most = D(0)
    for size in range(len(given) + 1):
        for chosen in itertools.combinations(given, size):
            lines = [cut.key for one in chosen for cut in one.cuts]
            if len(lines) == len(set(lines)):
                most = max(most, sum((one.high for one in chosen), D(0)))
    choice = best(given)
    lines = [cut.key for one in choice.proposals for cut in one.cuts]
    assert len(lines) == len(set(lines))
    assert choice.high == most


def test_choice_among_many_that_all_conflict_takes_the_largest() -> None:
    given = with_conflicts([made_up(str(n), n, n, 1) for n in range(40)])
    assert [one.id for one in best(given).proposals] == ["39"]


EVERYTHING = usage(
    defaults={
        "pools": {"nodes": 3},
        "meters": {
            "s3.storage/standard": 90000,
            "vpc/nat-data": 400,
            "vpc/interface-endpoint-data": 20,
            "logs/ingested": 3,
            "logs/stored": 900,
        },
    }
)


def whole() -> list[Plain]:
    """A platform in which every proposal has something to say."""
    old = aws("eks/cluster:Cluster", "old", {"version": "1.33"})
    dear = pool(types("g5.2xlarge"), bought("on-demand"), name="dear", limits={"nvidia.com/gpu": 4})
    standby = {**database(multiAz=True), "urn": "urn:pulumi:dev::mlops::aws:rds/instance:Instance::standby"}
    gp2 = aws("ebs/volume:Volume", "gp2", {"type": "gp2", "size": 300})
    lone = aws("ec2/eip:Eip", "lone", {})
    component = made("mlops:index:Network", "component", custom=False)
    parts = [*network(3), endpoint(), old, dear, standby, gp2, lone, inference(1), component]
    return [provider(), *platform(), *parts]


def check(resources: list[Any], environment: str) -> None:
    found = estimate(resources, TODAY, TWICE, EVERYTHING, environment)
    given = proposals(found, TWICE)
    choice = best(given)
    assert D(0) <= choice.low <= choice.high <= found.expected
    for one in given:
        assert 0 <= one.low <= one.high
        for cut in one.cuts:
            lines = [i.lines[cut.line] for i in found.items if i.resource.urn == cut.urn and len(i.lines) > cut.line]
            assert any(line.expected is not None and cut.usd <= line.expected.monthly for line in lines)
    json.dumps(to_json(given))


@SOME
@given(damaged(), st.sampled_from(["dev", "staging", "prod", "", "elsewhere"]))
def test_savings_of_a_damaged_platform_never_pass_its_cost(resources: list[Plain], environment: str) -> None:
    check([*resources, *whole()[1:]], environment)


@SOME
@given(st.randoms(use_true_random=False), st.sampled_from(["dev", "prod"]))
def test_order_of_proposals_does_not_hang_on_that_of_resources(chance: random.Random, environment: str) -> None:
    resources = whole()
    first = proposals(estimate(resources, TODAY, TWICE, EVERYTHING, environment), TWICE)
    chance.shuffle(resources)
    again = proposals(estimate(resources, TODAY, TWICE, EVERYTHING, environment), TWICE)
    assert [one.id for one in again] == [one.id for one in first]
    assert [(one.low, one.high) for one in again] == [(one.low, one.high) for one in first]
    assert len(first) > (10 if environment == "dev" else 4)
    assert [one.middle for one in first] == sorted((one.middle for one in first), reverse=True)


def test_json_marks_what_was_chosen_and_sums_it() -> None:
    given = proposals(estimate(whole(), TODAY, TWICE, EVERYTHING, "dev"), TWICE)
    told = to_json(given)
    chosen = [one for one in told["proposals"] if one["chosen"]]
    assert 0 < len(chosen) < len(given)
    assert abs(sum(D(one["monthly"]["high"]) for one in chosen) - D(told["monthly"]["high"])) <= D("0.01") * len(chosen)


def test_speed_of_proposals_grows_with_the_stack() -> None:
    def estimated(copies: int) -> Estimate:
        found = [provider()]
        for number in range(copies):
            found += [{**one, "urn": f"{one['urn']}-{number}"} for one in whole()[1:]]
        return estimate(found, TODAY, TWICE, EVERYTHING, "dev")

    def seconds(found: Estimate) -> float:
        times = []
        for _ in range(3):
            start = time.process_time()
            best(proposals(found, TWICE))
            times.append(time.process_time() - start)
        return min(times)

    small, large = estimated(30), estimated(120)
    assert len(large.items) > 4000
    assert seconds(large) < 10 * seconds(small)  # four times as many
