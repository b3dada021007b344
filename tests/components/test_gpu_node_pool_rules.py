"""What a pool refuses before anything is created."""

from typing import Any

import pytest

from components._core.args import ArgsError, coerce
from components.gpu_node_pool import (
    AmiFamily,
    CapacityType,
    DisruptionBudgetArgs,
    GpuNodePoolArgs,
    MigArgs,
    MigStrategy,
    PoolKind,
    ReservationArgs,
    TaintArgs,
)
from tests.components.test_gpu_node_pool import RESERVATION, given, managed

RESERVED = [CapacityType.RESERVED]
HELD = ReservationArgs(ids=[RESERVATION])
ONE_ZONE = {"zones": ["us-west-2a"], "vpc_id": "vpc-1"}

TYPES: list[tuple[dict[str, Any], str]] = [
    ({"instance_types": []}, "instance_types: is empty; name at least one instance type"),
    ({"instance_types": ["g6.xlarge"] * 2}, "instance_types[1]: g6.xlarge is named twice; remove one"),
    ({"instance_types": ["g6.xlarg"]}, "instance_types[0]: instance type 'g6.xlarg' is not in the facts"),
    ({"instance_types": ["m7i.xlarge"]}, "instance_types[0]: m7i.xlarge has no gpu and no neuron device"),
    (
        {"instance_types": ["g6.xlarge", "inf2.xlarge"]},
        "instance_types: mix aws.amazon.com/neuron (inf2.xlarge) and nvidia.com/gpu (g6.xlarge), different "
        "accelerators: pods ask for one resource; use a pool for each",
    ),
    (
        {"instance_types": ["g6.xlarge", "g5g.xlarge"]},
        "instance_types: mix amd64 (g6.xlarge) and arm64 (g5g.xlarge), different architectures: a pool has one image",
    ),
    (
        {"region": "eu-west-1", "instance_types": ["g6.xlarge"]},
        "instance_types[0]: g6.xlarge is not offered in eu-west-1; it is in us-east-1, us-west-2",
    ),
    (
        {"instance_types": ["p5e.48xlarge"], "zones": ["usw2-az1"]},
        "instance_types[0]: p5e.48xlarge is not offered in usw2-az1; in us-west-2 it is in usw2-az3",
    ),
    (
        {"instance_types": ["p3.2xlarge"]},
        "instance_types[0]: p3.2xlarge is not offered in us-west-2; it is in no region known here",
    ),
    ({"region": "mars-north-1"}, "region: region 'mars-north-1' is not in the facts"),
    ({"zones": []}, "zones: is empty; leave it out for all zones of the subnets"),
    ({"zones": ["us-east-1a"]}, "zones[0]: 'us-east-1a' is no zone of us-west-2; use its ids (usw2-az1,"),
    ({"zones": ["usw2-az9"]}, "zones[0]: 'usw2-az9' is no zone of us-west-2"),
    (
        {"zones": ["us-west-2a", "usw2-az1"]},
        "zones: mixes names and ids (us-west-2a, usw2-az1); use one kind",
    ),
]

BUYING: list[tuple[dict[str, Any], str]] = [
    ({"capacity": []}, "capacity: is empty; name reserved, spot, on_demand or several, in this order"),
    (
        {"capacity": [CapacityType.ON_DEMAND, CapacityType.SPOT]},
        "capacity: on_demand, spot is not an order that can be followed: reserved comes before spot",
    ),
    ({"capacity": [CapacityType.SPOT] * 2}, "capacity: spot, spot is not an order that can be followed"),
    (
        {"capacity": RESERVED},
        "capacity: reserved without a reservation; name a reservation, or remove reserved",
    ),
    (
        {"reservation": HELD},
        "capacity: spot, on_demand with a reservation; add reserved, or remove the reservation",
    ),
    (
        {"capacity": RESERVED, "reservation": ReservationArgs()},
        "reservation: names no reservation; give ids or tags, or leave it out",
    ),
    (
        {"capacity": RESERVED, "reservation": ReservationArgs(ids=["r-1"])},
        "reservation.ids[0]: 'r-1' is not the id of a capacity reservation; use one such as cr-0123456789abcdef0",
    ),
    (
        {"capacity": RESERVED, "reservation": HELD, "placement_group": True, **ONE_ZONE},
        "placement_group: is on together with a reservation: reserved capacity has its place already",
    ),
    (
        {"capacity": RESERVED, "reservation": ReservationArgs(ids=[RESERVATION], capacity_block=True)},
        "instance_types[0]: g6.12xlarge is not sold in capacity blocks, only as on-demand, spot; use another type",
    ),
    ({"gpu_limit": 0}, "gpu_limit: 0 is below 1; name the most nvidia.com/gpu that the pool may ever have"),
    (
        {"gpu_limit": 6},
        "gpu_limit: 6 is not a multiple of 4, the nvidia.com/gpu of the smallest type; use 4 or 8",
    ),
    ({"gpu_limit": 2}, "gpu_limit: 2 is not a multiple of 4, the nvidia.com/gpu of the smallest type; use 4"),
    (
        {"instance_types": ["g6.xlarge", "g6.12xlarge"], "time_slicing_replicas": 4},
        "instance_types: have 1 and 4 nvidia.com/gpu each: a pool of shared gpus is limited by nodes",
    ),
]

SHARING: list[tuple[dict[str, Any], str]] = [
    (
        {"mig": MigArgs("all-1g.5gb")},
        "mig.profile: mig configuration 'all-1g.5gb' does not fit g6.12xlarge: its gpu cannot be cut; use all-disabled",
    ),
    (
        {"instance_types": ["p5.48xlarge"], "mig": MigArgs("all-1g.5gb")},
        "mig.profile: mig configuration 'all-1g.5gb' does not fit p5.48xlarge; use one of all-disabled, all-balanced",
    ),
    (
        {"instance_types": ["p4d.24xlarge", "p4de.24xlarge"], "mig": MigArgs("all-1g.10gb")},
        "mig.profile: all-1g.10gb cuts the gpus of p4d.24xlarge, p4de.24xlarge into different numbers; use a pool",
    ),
    (
        {"instance_types": ["p4d.24xlarge"], "mig": MigArgs("all-1g.5gb", MigStrategy.MIXED)},
        "mig.strategy: mixed on a karpenter pool: nodes offer nvidia.com/mig-<profile>, which karpenter does not "
        "know, so none would ever start; use single with one profile, or a managed_node_group",
    ),
    (
        {"instance_types": ["p4d.24xlarge"], "mig": MigArgs("all-balanced")},
        "mig.strategy: single with all-balanced: its instances differ in size",
    ),
    (
        {"instance_types": ["p4d.24xlarge"], "mig": MigArgs("all-1g.5gb"), "time_slicing_replicas": 2},
        "time_slicing_replicas: 2 together with mig all-1g.5gb: a gpu is either cut or time-sliced; remove one",
    ),
    (
        {"time_slicing_replicas": 1},
        "time_slicing_replicas: 1 is outside 2 to 64 pods on a gpu; choose a value inside",
    ),
    (
        {"instance_types": ["inf2.xlarge"], "time_slicing_replicas": 2},
        "time_slicing_replicas: 2 on aws.amazon.com/neuron: only gpus are time-sliced; remove it",
    ),
    (
        {"instance_types": ["inf2.xlarge"], "mig": MigArgs("all-1g.5gb")},
        "mig.profile: mig configuration 'all-1g.5gb' does not fit inf2.xlarge: it has no nvidia gpu",
    ),
]

HARDWARE: list[tuple[dict[str, Any], str]] = [
    (
        {"instance_types": ["g6.xlarge"], "efa": True, **ONE_ZONE},
        "instance_types[0]: g6.xlarge has no efa; use a type that has it (such as its larger sizes) or turn efa off",
    ),
    ({"efa": True}, "zones: all zones with efa: its traffic does not leave a zone; name exactly one"),
    (
        {"efa": True, "zones": ["us-west-2a", "us-west-2b"]},
        "zones: us-west-2a, us-west-2b with efa: its traffic does not leave a zone; name exactly one",
    ),
    (
        {"efa": True, "zones": ["us-west-2a"]},
        "vpc_id: is missing; efa needs a security group of its own, and that a vpc",
    ),
    (
        {"instance_types": ["p4d.24xlarge", "p5.48xlarge"], "efa": True, **ONE_ZONE},
        "instance_types: p4d.24xlarge and p5.48xlarge have different efa interfaces, and a pool launches one",
    ),
    ({"placement_group": True}, "zones: with placement_group: a cluster placement group is in one zone"),
    ({"disk_gib": 10}, "disk_gib: 10 is outside 20 to 16384 GiB; choose a value inside"),
    (
        {"instance_types": ["inf2.xlarge"], "ami_family": AmiFamily.BOTTLEROCKET},
        "ami_family: bottlerocket has no image for aws.amazon.com/neuron on amd64 (inf2.xlarge); use al2023",
    ),
    ({"ami_version": "latest"}, "ami_version: 'latest' floats: every release would replace every node; pin one"),
    (
        {"ami_version": "1.36.3-20260903"},
        "ami_version: '1.36.3-20260903' is not a release of al2023 for a karpenter pool; use one such as v20260903",
    ),
    (
        {"ami_version": "v20260903", "ami_family": AmiFamily.BOTTLEROCKET},
        "ami_version: 'v20260903' is not a release of bottlerocket for a karpenter pool; use one such as v1.67.0",
    ),
]

MARKS: list[tuple[dict[str, Any], str]] = [
    ({"pool_name": "Train"}, "pool_name: 'Train' is not a pool name; use lower-case letters, digits and dashes"),
    ({"expire_after": "14d"}, "expire_after: '14d' is not a duration; use one such as 90s, 30m or 720h, or Never"),
    (
        {"termination_grace_period": "Never"},
        "termination_grace_period: 'Never' is not a duration; use one such as 90s, 30m or 720h",
    ),
    ({"budgets": [DisruptionBudgetArgs("some")]}, "budgets[0].nodes: 'some' is neither a number of nodes nor a"),
    (
        {"budgets": [DisruptionBudgetArgs("1", schedule="@daily")]},
        "budgets[0]: has schedule or duration alone; name both, or neither for always",
    ),
    (
        {"taints": [TaintArgs("karpenter.sh/use")]},
        "taints[0].key: 'karpenter.sh/use' is in the domain karpenter.sh, which is set elsewhere; use another",
    ),
    (
        {"labels": {"node.kubernetes.io/use": "x"}},
        "labels.node.kubernetes.io/use: 'node.kubernetes.io/use' is in the domain kubernetes.io",
    ),
    ({"labels": {"a b": "x"}}, "labels.a b: 'a b' is not a key; use one such as example.com/use"),
    ({"teams": ["Vision!"]}, "teams[0]: 'Vision!' is not a team; use lower-case words"),
    ({"instance_profile_name": None}, "instance_profile_name: is missing; a karpenter pool needs it"),
    ({"node_role_arn": "role"}, "node_role_arn: is not used by a karpenter pool; remove it, or change kind"),
    ({"min_nodes": 1}, "min_nodes: is not used by a karpenter pool; remove it, or change kind"),
]

MANAGED: list[tuple[dict[str, Any], str]] = [
    (
        {"capacity": [CapacityType.SPOT, CapacityType.ON_DEMAND]},
        "capacity: spot, on_demand in a managed node group, which buys in one way; keep one, or use a karpenter pool",
    ),
    (
        {
            "capacity": [CapacityType.RESERVED, CapacityType.SPOT],
            "reservation": ReservationArgs(ids=[RESERVATION], capacity_block=True),
        },
        "capacity: reserved, spot in a managed node group, which buys in one way",
    ),
    (
        {"capacity": RESERVED, "reservation": ReservationArgs(tags={"team": "vision"})},
        "reservation: 0 ids, 1 tags and 1 instance types in a managed node group, whose launch template names one",
    ),
    (
        {"capacity": RESERVED, "reservation": HELD, "instance_types": ["g6.12xlarge", "g6.24xlarge"]},
        "reservation: 1 ids, 0 tags and 2 instance types in a managed node group",
    ),
    (
        {"instance_types": ["g6.xlarge", "g6.12xlarge"]},
        "instance_types: have 1 and 4 nvidia.com/gpu each: a managed node group is limited by nodes",
    ),
    ({"max_nodes": 9}, "max_nodes: 9 is above the 4 that gpu_limit allows; lower it, or raise gpu_limit"),
    (
        {"min_nodes": 3, "desired_nodes": 2},
        "desired_nodes: min_nodes 3, desired_nodes 2 and 4 nodes at most are out of order; use 0 <= min <= desired",
    ),
    ({"expire_after": "1h"}, "expire_after: is not used by a managed_node_group pool; remove it, or change kind"),
    ({"node_role_arn": None}, "node_role_arn: is missing; a managed_node_group pool needs it"),
    (
        {"ami_version": "v20260903"},
        "ami_version: 'v20260903' is not a release of al2023 for a managed_node_group pool; use one such as 1.36.3-",
    ),
    (
        {
            "instance_types": ["p4d.24xlarge"],
            "ami_family": AmiFamily.BOTTLEROCKET,
            "mig": MigArgs("all-1g.5gb", MigStrategy.MIXED),
        },
        "mig.strategy: mixed on bottlerocket: its device plugin only offers nvidia.com/gpu; use single, or al2023",
    ),
]


@pytest.mark.parametrize(("overrides", "message"), [*TYPES, *BUYING, *SHARING, *HARDWARE, *MARKS])
def test_pool_fails_with_a_message_that_says_what_to_change(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        GpuNodePoolArgs(**given(**overrides))
    assert str(caught.value).startswith(message)
    assert not str(caught.value).endswith(".")


@pytest.mark.parametrize(("overrides", "message"), MANAGED)
def test_pool_managed_fails_with_a_message_that_says_what_to_change(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        GpuNodePoolArgs(**managed(**overrides))
    assert str(caught.value).startswith(message)


def test_pool_without_a_limit_fails() -> None:
    args = given()
    del args["gpu_limit"]
    with pytest.raises(ArgsError, match="missing gpu_limit"):
        coerce(GpuNodePoolArgs, args)


@pytest.mark.parametrize(
    "overrides",
    [
        {"instance_types": ["g6.xlarge", "g5.xlarge", "g6.12xlarge"], "gpu_limit": 7},
        {"instance_types": ["inf2.xlarge", "inf2.48xlarge"]},
        {"instance_types": ["g5g.xlarge"], "ami_family": AmiFamily.BOTTLEROCKET, "local_nvme": True},
        {"capacity": list(CapacityType), "reservation": HELD},
        {"zones": ["usw2-az1", "usw2-az2"], "instance_types": ["g6.xlarge"]},
        {"expire_after": "Never", "consolidate_after": "1h30m"},
        {"min_nodes": 0},
    ],
)
def test_pool_that_can_be_built_is_not_refused(overrides: dict[str, Any]) -> None:
    assert GpuNodePoolArgs(**given(**overrides)).chosen_kind is PoolKind.KARPENTER


def test_pool_managed_capacity_block_of_trainium_is_not_refused() -> None:
    held = ReservationArgs(ids=[RESERVATION], capacity_block=True)
    args = managed(instance_types=["trn1.32xlarge"], capacity=RESERVED, reservation=held)
    assert GpuNodePoolArgs(**args).resource == "aws.amazon.com/neuron"
