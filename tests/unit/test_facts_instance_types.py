"""Instance types: single facts against sources other than their own, offers, and refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._core import facts
from components._core.facts import Gpu, LocalNvme, Neuron


def gpu(name: str) -> Gpu:
    found = facts.instance_type(name).gpus
    assert found is not None
    return found


def neuron(name: str) -> Neuron:
    found = facts.instance_type(name).neuron
    assert found is not None
    return found


# Counts: on-demand price table of karpenter-provider-aws (2026-01-19); memory: DescribeInstanceTypes.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("g4dn.xlarge", Gpu("T4", "NVIDIA", 1, 16384)),
        ("g4dn.12xlarge", Gpu("T4", "NVIDIA", 4, 16384)),
        ("g4dn.metal", Gpu("T4", "NVIDIA", 8, 16384)),
        ("g5.xlarge", Gpu("A10G", "NVIDIA", 1, 22888)),
        ("g5.16xlarge", Gpu("A10G", "NVIDIA", 1, 22888)),
        ("g5.48xlarge", Gpu("A10G", "NVIDIA", 8, 22888)),
        ("g6.24xlarge", Gpu("L4", "NVIDIA", 4, 22888)),
        ("g6e.48xlarge", Gpu("L40S", "NVIDIA", 8, 45776)),
        ("p3.8xlarge", Gpu("V100", "NVIDIA", 4, 16384)),
        ("p4d.24xlarge", Gpu("A100", "NVIDIA", 8, 40960)),
        ("p4de.24xlarge", Gpu("A100", "NVIDIA", 8, 81920)),
        ("p5.4xlarge", Gpu("H100", "NVIDIA", 1, 81920)),
        ("p5.48xlarge", Gpu("H100", "NVIDIA", 8, 81920)),
        ("p5en.48xlarge", Gpu("H200", "NVIDIA", 8, 144384)),
        ("p6-b200.48xlarge", Gpu("B200", "NVIDIA", 8, 183359)),
        ("p6-b300.48xlarge", Gpu("B300", "NVIDIA", 8, 275040)),
    ],
)
def test_instance_type_with_gpus_has_documented_gpus(name: str, expected: Gpu) -> None:
    assert gpu(name) == expected
    assert facts.instance_type(name).gpu_count == expected.count
    assert facts.instance_type(name).gpu_memory_mib == expected.memory_mib


# AWS Neuron documentation, architecture of Inf2, Trn1 and Trn2; read 2026-11-23.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("inf2.xlarge", Neuron("Inferentia2", 1, 2, 32768)),
        ("inf2.24xlarge", Neuron("Inferentia2", 6, 12, 32768)),
        ("inf2.48xlarge", Neuron("Inferentia2", 12, 24, 32768)),
        ("trn1.2xlarge", Neuron("Trainium", 1, 2, 32768)),
        ("trn1.32xlarge", Neuron("Trainium", 16, 32, 32768)),
        ("trn2.48xlarge", Neuron("Trainium2", 16, 128, 98304)),
    ],
)
def test_instance_type_with_neuron_has_documented_devices(name: str, expected: Neuron) -> None:
    assert neuron(name) == expected


# EC2 user guide, EFA and network cards, and torchx's table of EFA devices; read 2026-11-23.
@pytest.mark.parametrize(
    ("name", "interfaces"),
    [
        ("g5.xlarge", 0),
        ("g5.8xlarge", 1),
        ("g6e.xlarge", 0),
        ("g6e.12xlarge", 1),
        ("g6e.24xlarge", 2),
        ("g6e.48xlarge", 4),
        ("inf2.48xlarge", 0),
        ("p4d.24xlarge", 4),
        ("p5.4xlarge", 1),
        ("p5.48xlarge", 32),
        ("p5en.48xlarge", 16),
        ("p6-b200.48xlarge", 8),
        ("p6-b300.48xlarge", 16),
        ("trn1.2xlarge", 0),
        ("trn1.32xlarge", 8),
        ("trn1n.32xlarge", 16),
    ],
)
def test_efa_of_type_has_documented_interfaces(name: str, interfaces: int) -> None:
    efa = facts.instance_type(name).efa
    assert (efa.supported, efa.max_interfaces) == (interfaces > 0, interfaces)


# awslabs/amazon-eks-ami, templates/shared/runtime/eni-max-pods.txt at 0254c5b490f8.
@pytest.mark.parametrize(
    ("name", "pods"),
    [
        ("c7g.medium", 8),
        ("m5.large", 29),
        ("m7i.4xlarge", 234),
        ("i4i.24xlarge", 437),
        ("g5.48xlarge", 345),
        ("g6e.12xlarge", 292),
        ("g6e.48xlarge", 492),
        ("p3.2xlarge", 58),
        ("p4d.24xlarge", 737),
        ("p5.4xlarge", 118),
        ("p5.48xlarge", 100),
        ("p6-b300.48xlarge", 198),
    ],
)
def test_max_pods_of_type_equals_the_list_of_the_node_image(name: str, pods: int) -> None:
    assert facts.instance_type(name).max_pods == pods


@pytest.mark.parametrize(
    ("name", "nvme"),
    [
        ("p4d.24xlarge", LocalNvme(8, 1000)),
        ("g4dn.8xlarge", LocalNvme(1, 900)),
        ("trn1.2xlarge", LocalNvme(1, 474)),
        ("m6i.large", None),
        ("g5g.xlarge", None),
        ("inf2.xlarge", None),
    ],
)
def test_local_disks_of_type_are_the_documented_ones(name: str, nvme: LocalNvme | None) -> None:
    assert facts.instance_type(name).local_nvme == nvme
    assert facts.instance_type(name).ebs_only == (nvme is None)


def test_architecture_of_gpu_type_is_not_taken_from_its_letter() -> None:
    assert facts.instance_type("g5g.xlarge").architecture == "arm64"
    assert facts.instance_type("g5.xlarge").architecture == "amd64"
    assert facts.instance_type("m8g.xlarge").architecture == "arm64"
    assert not facts.instance_type("m8g.xlarge").is_gpu


@pytest.mark.parametrize(
    ("name", "resource", "count"),
    [
        ("g4dn.12xlarge", "nvidia.com/gpu", 4),
        ("inf2.24xlarge", "aws.amazon.com/neuron", 6),
        ("m7i.large", None, 0),
    ],
)
def test_accelerator_of_type_is_the_resource_that_pods_ask_for(name: str, resource: str | None, count: int) -> None:
    found = facts.instance_type(name)
    assert (found.accelerator_resource, found.accelerator_count) == (resource, count)
    assert found.is_gpu == (resource == facts.NVIDIA_RESOURCE)
    assert found.is_neuron == (resource == facts.NEURON_RESOURCE)


def test_types_in_family_with_dash_are_that_family_alone() -> None:
    assert [t.name for t in facts.types_in_family("p6-b200")] == ["p6-b200.48xlarge"]
    assert facts.instance_type("p6-b200.48xlarge").family == "p6-b200"


def test_types_in_family_leave_out_a_family_that_begins_alike() -> None:
    assert {t.family for t in facts.types_in_family("g6")} == {"g6"}


def test_types_in_family_come_smallest_first() -> None:
    found = [t.name for t in facts.types_in_family("g6e")]
    assert found[:2] == ["g6e.xlarge", "g6e.2xlarge"]
    assert found[-1] == "g6e.48xlarge"
    assert len(found) == 8


def test_types_in_family_unknown_family_is_refused_with_close_ones() -> None:
    with pytest.raises(facts.UnknownFamilyError, match=r"instance family 'p5x' .*use p5"):
        facts.types_in_family("p5x")


# Offers as moto 5.2.5 recorded them; p5 and g6 are not sold in Ireland, p4d in one of its zones.
def test_offered_in_region_follows_the_recorded_offers() -> None:
    assert facts.instance_type("p5.48xlarge").offered_in("us-east-1")
    assert not facts.instance_type("p5.48xlarge").offered_in("eu-west-1")
    assert facts.instance_type("g6.xlarge").zones_in("eu-west-1") == ()
    assert facts.instance_type("p4d.24xlarge").zones_in("eu-west-1") == ("euw1-az2",)


def test_offered_in_zones_needs_every_zone() -> None:
    p4d = facts.instance_type("p4d.24xlarge")
    assert p4d.offered_in("eu-west-1", ["euw1-az2"])
    assert not p4d.offered_in("eu-west-1", ["euw1-az2", "euw1-az1"])


def test_offered_in_type_without_offers_is_never_offered() -> None:
    assert not any(facts.instance_type("p3.2xlarge").offered_in(region) for region in facts.regions())
    assert not facts.instance_type("p3.2xlarge").offered_in("us-east-1", [])


def test_offered_in_region_beyond_the_facts_is_refused_rather_than_denied() -> None:
    with pytest.raises(facts.UnknownRegionError, match=r"'us-east-2' .*one of us-east-1, us-west-2"):
        facts.instance_type("trn2.48xlarge").offered_in("us-east-2")


def test_offered_in_zone_name_is_refused_with_the_ids() -> None:
    with pytest.raises(facts.UnknownZoneError, match=r"'us-east-1a' is not a zone id .*; use use1-az1"):
        facts.instance_type("g5.xlarge").offered_in("us-east-1", ["us-east-1a"])


@pytest.mark.parametrize(
    ("wrong", "close"),
    [
        ("p4d.24xlarg", "use p4d.24xlarge;"),
        ("p5", "use p5.4xlarge or p5.48xlarge or p5e.48xlarge;"),
        ("G5.XLARGE", "use g5.xlarge;"),
        ("g6e.32xlarge", "g6e.2xlarge"),
    ],
)
def test_instance_type_misspelt_is_refused_with_close_ones(wrong: str, close: str) -> None:
    with pytest.raises(facts.UnknownInstanceTypeError) as refused:
        facts.instance_type(wrong)
    text = str(refused.value)
    assert text.startswith(f"instance type '{wrong}' is not in the facts of 20")
    assert close in text
    assert "refresh_instance_facts.py" in text


def test_instance_type_like_none_is_refused_with_the_families() -> None:
    with pytest.raises(facts.UnknownInstanceTypeError, match=r"known families: t3, .*p5, .*inf2"):
        facts.instance_type("zzz")


def test_instance_type_of_great_length_is_shortened_in_the_message() -> None:
    with pytest.raises(facts.UnknownInstanceTypeError) as refused:
        facts.instance_type("x" * 100_000)
    assert len(str(refused.value)) < 1000


@given(st.text() | st.from_regex(r"[a-z][0-9][a-z]{0,3}\.[0-9]{0,2}x?large", fullmatch=True))
def test_instance_type_any_text_is_known_or_refused_by_its_error(name: str) -> None:
    if name in facts.instance_type_names():
        assert facts.instance_type(name).name == name
    else:
        with pytest.raises(facts.UnknownInstanceTypeError):
            facts.instance_type(name)


@given(st.text())
def test_offered_in_any_region_answers_or_refuses_by_its_error(region: str) -> None:
    if region in facts.regions():
        assert isinstance(facts.instance_type("m5.large").offered_in(region), bool)
    else:
        with pytest.raises(facts.UnknownRegionError):
            facts.instance_type("m5.large").offered_in(region)


def test_instance_type_asked_twice_is_one_hashable_object() -> None:
    assert facts.instance_type("m5.large") is facts.instance_type("m5.large")
    assert len({facts.instance_type("m5.large"), facts.instance_type("m5.xlarge")}) == 2
