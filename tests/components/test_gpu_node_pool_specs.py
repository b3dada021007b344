"""The pure parts of a pool: limits, requirements, interfaces, sharing, user data."""

import base64
import tomllib
from typing import Any

import pytest
import yaml

from components._core import facts
from components._core.args import ArgsError, coerce
from components.gpu_node_pool import (
    AmiFamily,
    CapacityType,
    Consolidation,
    GpuNodePoolArgs,
    KubeletArgs,
    MigArgs,
    efa,
    images,
    node_class,
    node_pool,
    sharing,
    user_data,
)
from components.gpu_node_pool import managed as managed_group
from tests.components.test_gpu_node_pool import given, managed

KUBELET = KubeletArgs(max_pods=50, kube_reserved={"cpu": "1"}, eviction_hard={"memory.available": "5%"})


def pool(**overrides: Any) -> dict[str, Any]:
    return node_pool.spec(GpuNodePoolArgs(**given(**overrides)), "train")


def launched(**overrides: Any) -> dict[str, Any]:
    return node_class.spec(GpuNodePoolArgs(**given(**overrides)), [], [], None)


def template(**overrides: Any) -> dict[str, Any]:
    return managed_group.template(GpuNodePoolArgs(**managed(**overrides)), ["sg"], None)


@pytest.mark.parametrize(
    ("overrides", "limits"),
    [
        ({"gpu_limit": 4}, {"nvidia.com/gpu": "4", "cpu": "48", "memory": "192Gi"}),
        (
            {"instance_types": ["g6.xlarge", "g6.16xlarge"], "gpu_limit": 3},
            {"nvidia.com/gpu": "3", "cpu": "192", "memory": "768Gi"},
        ),
        (
            {"instance_types": ["inf2.48xlarge"], "gpu_limit": 24},
            {"aws.amazon.com/neuron": "24", "cpu": "384", "memory": "1536Gi"},
        ),
        ({"cpu_limit": 10, "memory_limit_gib": 20}, {"nvidia.com/gpu": "16", "cpu": "10", "memory": "20Gi"}),
        (
            {"time_slicing_replicas": 4},
            {"nvidia.com/gpu": "64", "nodes": "4", "cpu": "192", "memory": "768Gi"},
        ),
        (
            {"instance_types": ["p4d.24xlarge"], "mig": MigArgs("all-1g.5gb")},
            {"nvidia.com/gpu": "112", "nodes": "2", "cpu": "192", "memory": "2304Gi"},
        ),
    ],
)
def test_limits_bound_the_accelerators_however_they_are_counted(
    overrides: dict[str, Any], limits: dict[str, str]
) -> None:
    assert pool(**overrides)["limits"] == limits


def test_requirements_name_types_purchase_architecture_and_zones() -> None:
    found = pool(zones=["us-west-2b"])["template"]["spec"]["requirements"]
    assert {r["key"]: r["values"] for r in found} == {
        "node.kubernetes.io/instance-type": ["g6.12xlarge"],
        "karpenter.sh/capacity-type": ["spot", "on-demand"],
        "kubernetes.io/arch": ["amd64"],
        "kubernetes.io/os": ["linux"],
        "topology.kubernetes.io/zone": ["us-west-2b"],
    }


def test_requirements_hold_to_the_block_only_when_nothing_else_is_bought() -> None:
    common: dict[str, Any] = {
        "instance_types": ["p5.48xlarge"],
        "reservation": {"ids": ["cr-1"], "capacity_block": True},
    }
    for capacity, wanted in (([CapacityType.RESERVED], True), ([CapacityType.RESERVED, CapacityType.SPOT], False)):
        args = coerce(GpuNodePoolArgs, given(**common, capacity=capacity))
        keys = [r["key"] for r in node_pool.requirements(args)]
        assert ("karpenter.k8s.aws/capacity-reservation-type" in keys) is wanted


def test_disruption_moves_pods_only_when_asked_to() -> None:
    assert pool()["disruption"]["consolidationPolicy"] == "WhenEmpty"
    moved = pool(consolidation=Consolidation.WHEN_EMPTY_OR_UNDERUTILIZED)["disruption"]
    assert moved["consolidationPolicy"] == "WhenEmptyOrUnderutilized"


@pytest.mark.parametrize(("duration", "minutes"), [("1h", 60), ("90s", 2), ("1h30m", 90), ("24h", 1440)])
def test_grace_is_read_as_karpenter_reads_it(duration: str, minutes: int) -> None:
    assert node_pool.grace_minutes(duration) == minutes


@pytest.mark.parametrize(
    ("name", "first", "count"),
    [
        ("g6.12xlarge", (0, 1), 1),
        ("p4d.24xlarge", (0, 1), 4),
        ("p5.48xlarge", (0, 1), 32),
        ("p5en.48xlarge", (0, 1), 16),
        ("p6-b200.48xlarge", (0, 1), 8),
        # Its first card is for IP only.
        ("p6-b300.48xlarge", (1, 0), 16),
        ("trn1.32xlarge", (0, 1), 8),
    ],
)
def test_efa_interfaces_follow_the_cards_of_the_type(name: str, first: tuple[int, int], count: int) -> None:
    found = efa.interfaces(facts.instance_type(name))
    assert found[0] == efa.Interface(0, 0, "interface")
    assert (found[1].card, found[1].device) == first
    assert [i.kind for i in found[1:]] == ["efa-only"] * count
    assert len({(i.card, i.device) for i in found}) == count + 1


def test_efa_interfaces_of_a_type_without_fail() -> None:
    with pytest.raises(ArgsError, match=r"efa: m7i\.large has 0 efa interfaces on 1 network cards"):
        efa.interfaces(facts.instance_type("m7i.large"))


def test_efa_interfaces_are_known_for_every_accelerated_type_that_has_efa() -> None:
    found = [facts.instance_type(n) for n in facts.instance_type_names()]
    accelerated = [t for t in found if t.accelerator_resource and t.efa.supported]
    assert len(accelerated) > 20
    for instance in accelerated:
        assert sum(i.kind == "efa-only" for i in efa.interfaces(instance)) == instance.efa.max_interfaces


def test_image_of_every_accelerated_type_exists_for_al2023() -> None:
    for name in facts.instance_type_names():
        instance = facts.instance_type(name)
        if instance.accelerator_resource:
            assert images.image_type(AmiFamily.AL2023, instance).startswith("AL2023_"), name


def test_mig_on_al2023_is_a_label_for_the_operator() -> None:
    args = {"instance_types": ["p4d.24xlarge"], "mig": MigArgs("all-1g.5gb")}
    assert pool(**args)["template"]["metadata"]["labels"]["nvidia.com/mig.config"] == "all-1g.5gb"
    assert "userData" not in launched(**args)


def test_mig_on_bottlerocket_is_told_at_boot_and_the_operator_keeps_off() -> None:
    args = {
        "instance_types": ["p5.48xlarge"],
        "mig": MigArgs("all-1g.10gb"),
        "ami_family": AmiFamily.BOTTLEROCKET,
    }
    nvidia = tomllib.loads(launched(**args)["userData"])["settings"]["kubelet-device-plugins"]["nvidia"]
    assert nvidia == {"device-partitioning-strategy": "mig", "mig": {"profile": {"h100.80gb": "1g.10gb"}}}
    labels = pool(**args)["template"]["metadata"]["labels"]
    assert labels["nvidia.com/gpu.deploy.device-plugin"] == "false"
    assert "nvidia.com/mig.config" not in labels


def test_mig_into_several_sizes_cannot_be_told_to_bottlerocket() -> None:
    types = [facts.instance_type("p5.48xlarge")]
    with pytest.raises(ArgsError, match=r"mig\.profile: bottlerocket cannot cut the gpus of p5\.48xlarge by all-bal"):
        sharing.bottlerocket(types, MigArgs("all-balanced"), None)


def test_time_slicing_on_al2023_names_the_configuration_of_the_device_plugin() -> None:
    labels = pool(time_slicing_replicas=4)["template"]["metadata"]["labels"]
    assert labels["nvidia.com/device-plugin.config"] == "time-slicing-4"


def test_time_slicing_on_bottlerocket_keeps_the_name_that_karpenter_knows() -> None:
    text = launched(time_slicing_replicas=4, ami_family=AmiFamily.BOTTLEROCKET)["userData"]
    nvidia = tomllib.loads(text)["settings"]["kubelet-device-plugins"]["nvidia"]
    assert nvidia["device-sharing-strategy"] == "time-slicing"
    assert nvidia["time-slicing"] == {
        "replicas": 4,
        "rename-by-default": False,
        "fail-requests-greater-than-one": True,
    }


def test_node_class_of_whole_gpus_on_bottlerocket_needs_no_user_data() -> None:
    found = launched(ami_family=AmiFamily.BOTTLEROCKET)
    assert "userData" not in found
    assert found["amiSelectorTerms"] == [{"alias": "bottlerocket@v1.67.0"}]
    assert [d["ebs"]["volumeSize"] for d in found["blockDeviceMappings"]] == ["4Gi", "200Gi"]


def test_node_class_joins_local_disks_where_a_type_has_them() -> None:
    assert launched()["instanceStorePolicy"] == "RAID0"
    assert "instanceStorePolicy" not in launched(local_nvme=False)
    assert "instanceStorePolicy" not in launched(instance_types=["inf2.xlarge"])


def test_node_class_passes_kubelet_settings_on() -> None:
    assert launched(kubelet=KUBELET)["kubelet"] == {
        "maxPods": 50,
        "kubeReserved": {"cpu": "1"},
        "evictionHard": {"memory.available": "5%"},
    }


def test_user_data_of_al2023_is_a_node_config_that_eks_can_merge() -> None:
    text = base64.b64decode(template(kubelet=KUBELET)["user_data"]).decode()
    assert text.startswith("MIME-Version: 1.0\nContent-Type: multipart/mixed;")
    config = yaml.safe_load(text.split("Content-Type: application/node.eks.aws\n")[1].split("\n--")[0])
    assert config["kind"] == "NodeConfig"
    assert config["spec"]["instance"] == {"localStorage": {"strategy": "RAID0"}}
    assert config["spec"]["kubelet"]["config"]["maxPods"] == 50


def test_user_data_of_bottlerocket_is_toml_that_eks_can_merge() -> None:
    text = base64.b64decode(template(ami_family=AmiFamily.BOTTLEROCKET, kubelet=KUBELET)["user_data"]).decode()
    settings = tomllib.loads(text)["settings"]
    assert settings["kubernetes"]["max-pods"] == 50
    assert settings["kubernetes"]["eviction-hard"] == {"memory.available": "5%"}
    mount = settings["bootstrap-commands"]["000-mount-instance-storage"]
    assert mount["commands"][0] == ["apiclient", "ephemeral-storage", "init"]
    assert (mount["essential"], mount["mode"]) == (True, "always")


def test_user_data_is_absent_when_there_is_nothing_to_say() -> None:
    assert template(local_nvme=False)["user_data"] is None


def test_toml_reads_back_what_it_wrote() -> None:
    table = {"a": {"b.c": 'quote " and \\', "n": 1, "t": True, "l": [["x"], ["y"]]}, "z": {"y": {"x": "1"}}}
    assert tomllib.loads(user_data.toml(table)) == table
