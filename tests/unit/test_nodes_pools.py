"""Pools as Karpenter and EKS describe them, and the nodes that they can have."""

from __future__ import annotations

from typing import Any

import pytest

from components._core.facts import instance_type
from sandbox.nodes.pools import POOL_LABEL, Pool, capacity, from_node_group, from_node_pool, shapes, zone_of_id


def requirement(key: str, *values: str, operator: str = "In") -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def node_pool(*requirements: dict[str, Any], **spec: Any) -> dict[str, Any]:
    labels = spec.pop("labels", {})
    taints = spec.pop("taints", [])
    name = spec.pop("name", "gpu")
    template = {"metadata": {"labels": labels}, "spec": {"requirements": list(requirements), "taints": taints}}
    return {"metadata": {"name": name}, "spec": {"template": template, **spec}}


TYPE = "node.kubernetes.io/instance-type"
ZONE = "topology.kubernetes.io/zone"
BOUGHT = "karpenter.sh/capacity-type"


def test_from_node_pool_reads_all_that_decides() -> None:
    manifest = node_pool(
        requirement(TYPE, "g5.xlarge", "g5.12xlarge"),
        requirement(ZONE, "us-east-1b"),
        requirement(BOUGHT, "on-demand", "spot", "reserved"),
        requirement("kubernetes.io/arch", "amd64"),
        requirement("karpenter.k8s.aws/instance-gpu-count", "1", operator="Gt"),
        labels={"team": "research"},
        taints=[{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
        limits={"nvidia.com/gpu": "8", "memory": "1Ti", "nodes": "4"},
        weight=10,
        disruption={"consolidateAfter": "1m30s"},
    )
    assert from_node_pool(manifest, "us-east-1") == Pool(
        key="karpenter-gpu",
        instance_types=("g5.xlarge", "g5.12xlarge"),
        zones=("us-east-1b",),
        capacity_types=("reserved", "spot", "on-demand"),
        labels={
            ZONE: "us-east-1b",
            "kubernetes.io/arch": "amd64",
            "team": "research",
            "karpenter.sh/nodepool": "gpu",
        },
        taints=({"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"},),
        limits={"nvidia.com/gpu": 8.0, "memory": 2.0**40, "nodes": 4.0},
        weight=10,
        consolidate_after_s=90.0,
    )


def test_from_node_pool_least_that_is_allowed_gets_defaults() -> None:
    pool = from_node_pool({"metadata": {"name": "x"}, "spec": {}}, "eu-west-1")
    assert pool.zones == ("eu-west-1a",)
    assert pool.capacity_types == ("on-demand",)
    assert pool.limits == {}
    assert pool.fixed_size is None
    assert list(shapes(pool)) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("336h", 1209600), ("0s", 0), (None, 30), ("Never", 31536000)],
)
def test_from_node_pool_duration_is_read(text: str | None, seconds: float) -> None:
    pool = from_node_pool(node_pool(disruption={"consolidateAfter": text}), "us-east-1")
    assert pool.consolidate_after_s == seconds


def test_from_node_pool_zone_ids_stand_for_zones() -> None:
    manifest = node_pool(requirement("topology.k8s.aws/zone-id", "use1-az2", "use1-az6"))
    assert from_node_pool(manifest, "us-east-1").zones == ("us-east-1b", "us-east-1f")


@pytest.mark.parametrize("zone", ["us-east-1a", "use1-az9", ""])
def test_zone_of_id_no_zone_id_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="is not a zone id; use one such as use1-az2"):
        zone_of_id(zone, "us-east-1")


def group(**changes: Any) -> dict[str, Any]:
    return {
        "nodegroupName": "system",
        "instanceTypes": ["m7i.xlarge"],
        "capacityType": "ON_DEMAND",
        "labels": {"team": "platform"},
        "taints": [{"key": "dedicated", "value": "x", "effect": "NO_SCHEDULE"}],
        "scalingConfig": {"minSize": 1, "maxSize": 5, "desiredSize": 3},
        **changes,
    }


def test_from_node_group_reads_all_that_decides() -> None:
    assert from_node_group(group(), ["us-east-1a", "us-east-1b"]) == Pool(
        key="group-system",
        instance_types=("m7i.xlarge",),
        zones=("us-east-1a", "us-east-1b"),
        capacity_types=("on-demand",),
        labels={
            "team": "platform",
            "eks.amazonaws.com/nodegroup": "system",
            "eks.amazonaws.com/capacityType": "ON_DEMAND",
        },
        taints=({"key": "dedicated", "value": "x", "effect": "NoSchedule"},),
        fixed_size=3,
    )


@pytest.mark.parametrize(
    ("effect", "kubernetes"),
    [("NO_SCHEDULE", "NoSchedule"), ("NO_EXECUTE", "NoExecute"), ("PREFER_NO_SCHEDULE", "PreferNoSchedule")],
)
def test_from_node_group_taint_effects_are_translated(effect: str, kubernetes: str) -> None:
    taints = from_node_group(group(taints=[{"key": "a", "effect": effect}]), ["us-east-1a"]).taints
    assert [t["effect"] for t in taints] == [kubernetes]


def test_from_node_group_nodes_have_no_label_of_karpenter() -> None:
    (shape,) = shapes(from_node_group(group(capacityType="SPOT"), ["us-east-1a"]))
    assert BOUGHT not in shape.labels
    assert shape.labels["eks.amazonaws.com/capacityType"] == "SPOT"


def test_keys_of_long_names_are_label_values_and_differ() -> None:
    names = [f"{'n' * 61}{i}" for i in (1, 2)]
    keys = [from_node_group(group(nodegroupName=name), ["us-east-1a"]).key for name in names]
    keys += [from_node_pool(node_pool(name=name), "us-east-1").key for name in names]
    assert len(set(keys)) == 4
    assert all(len(key) == 63 for key in keys)


def pool_of(*types: str, **changes: Any) -> Pool:
    values: dict[str, Any] = {
        "key": "karpenter-x",
        "instance_types": types,
        "zones": ("us-east-1a", "us-east-1b"),
        "capacity_types": ("spot", "on-demand"),
        "labels": {},
        "taints": (),
        **changes,
    }
    return Pool(**values)


def test_shapes_smallest_first_in_order_of_purchase_and_zone() -> None:
    found = [(s.capacity_type, s.instance_type, s.zone[-1]) for s in shapes(pool_of("g5.12xlarge", "g5.xlarge"))]
    assert found == [
        ("spot", "g5.xlarge", "a"),
        ("spot", "g5.xlarge", "b"),
        ("spot", "g5.12xlarge", "a"),
        ("spot", "g5.12xlarge", "b"),
        ("on-demand", "g5.xlarge", "a"),
        ("on-demand", "g5.xlarge", "b"),
        ("on-demand", "g5.12xlarge", "a"),
        ("on-demand", "g5.12xlarge", "b"),
    ]


def test_shapes_neuron_devices_order_them_too() -> None:
    found = [s.instance_type for s in shapes(pool_of("inf2.48xlarge", "inf2.xlarge", zones=("us-east-1a",)))]
    assert found[:2] == ["inf2.xlarge", "inf2.48xlarge"]


def test_shapes_labels_are_those_of_the_cloud() -> None:
    shape = next(shapes(pool_of("g5g.xlarge", labels={"team": "x", "kubernetes.io/arch": "wrong"})))
    assert shape.labels == {
        "team": "x",
        POOL_LABEL: "karpenter-x",
        TYPE: "g5g.xlarge",
        ZONE: "us-east-1a",
        "topology.kubernetes.io/region": "us-east-1",
        "kubernetes.io/arch": "arm64",
        "kubernetes.io/os": "linux",
        BOUGHT: "spot",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.count": "1",
    }


def test_shapes_unknown_type_is_told() -> None:
    with pytest.raises(ValueError, match=r"'g5\.huge' is not in the facts"):
        list(shapes(pool_of("g5.huge")))


SLICED = {"nvidia.com/mig.config": "all-1g.5gb"}
BALANCED = {"nvidia.com/mig.config": "all-balanced"}


@pytest.mark.parametrize(
    ("machine", "labels", "expected"),
    [
        ("m7i.xlarge", {}, {}),
        ("g5.12xlarge", {}, {"nvidia.com/gpu": 4, "vpc.amazonaws.com/efa": 1}),
        ("p4d.24xlarge", {}, {"nvidia.com/gpu": 8, "vpc.amazonaws.com/efa": 4}),
        ("p4d.24xlarge", SLICED, {"nvidia.com/gpu": 56, "vpc.amazonaws.com/efa": 4}),
        (
            "p4d.24xlarge",
            {**SLICED, "nvidia.com/mig.strategy": "mixed"},
            {"nvidia.com/mig-1g.5gb": 56, "vpc.amazonaws.com/efa": 4},
        ),
        (
            "p4d.24xlarge",
            BALANCED,
            {
                "nvidia.com/mig-1g.5gb": 16,
                "nvidia.com/mig-2g.10gb": 8,
                "nvidia.com/mig-3g.20gb": 8,
                "vpc.amazonaws.com/efa": 4,
            },
        ),
        ("p4d.24xlarge", {"nvidia.com/mig.config": "all-disabled"}, {"nvidia.com/gpu": 8, "vpc.amazonaws.com/efa": 4}),
        ("g6.xlarge", {"nvidia.com/device-plugin.config": "time-slicing-4"}, {"nvidia.com/gpu": 4}),
        ("g6.xlarge", {"nvidia.com/device-plugin.config": "default"}, {"nvidia.com/gpu": 1}),
        ("inf2.48xlarge", {}, {"aws.amazon.com/neuron": 12}),
        ("inf2.xlarge", SLICED, {"aws.amazon.com/neuron": 1}),
    ],
)
def test_capacity_table(machine: str, labels: dict[str, str], expected: dict[str, float]) -> None:
    found = capacity(instance_type(machine), labels)
    extended = {k: v for k, v in found.items() if "/" in k}
    assert extended == expected


def test_capacity_plain_resources_are_those_of_the_type() -> None:
    machine = instance_type("g5.xlarge")
    found = capacity(machine, {})
    assert (found["cpu"], found["memory"], found["pods"]) == (4, 16 * 2**30, machine.max_pods)


def test_capacity_slices_that_the_gpu_lacks_are_refused() -> None:
    with pytest.raises(ValueError, match=r"mig configuration 'all-1g\.5gb' does not fit g5\.xlarge"):
        capacity(instance_type("g5.xlarge"), SLICED)
