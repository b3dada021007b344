"""The data files of the facts: complete, dated, consistent with themselves, small and quick to load."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from components._core import facts
from components._core.facts import Provenance, eks_versions, instance_types, mig

FOLDER = Path(facts.__file__).parent
PROVENANCES = {
    "instance_types.json": facts.instance_type_provenance,
    "mig.yaml": facts.mig_provenance,
    "eks_versions.yaml": facts.eks_version_provenance,
}
CPU_FAMILIES = [
    *("t3", "t3a", "t4g", "m5", "m6i", "m6a", "m7i", "m7a", "m7g", "m8g"),
    *("c6i", "c7i", "c7g", "c8g", "r6i", "r7i", "r7g", "i4i"),
]
ACCELERATED_FAMILIES = [
    *("g4dn", "g5", "g5g", "g6", "g6e", "gr6", "g7e"),
    *("p3", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300"),
    *("trn1", "trn1n", "trn2", "inf2"),
]


@pytest.mark.parametrize("name", PROVENANCES)
def test_data_file_today_is_not_past_its_review(name: str) -> None:
    provenance = PROVENANCES[name]()
    assert not provenance.is_stale(date.today()), (
        f"{name} was to be reviewed by {provenance.review_by}: read its sources again, then move both dates"
    )


@pytest.mark.parametrize("name", PROVENANCES)
def test_data_file_is_to_be_reviewed_within_six_months(name: str) -> None:
    provenance = PROVENANCES[name]()
    assert timedelta(0) < provenance.review_by - provenance.as_of <= timedelta(days=184)


@pytest.mark.parametrize("name", PROVENANCES)
def test_data_file_names_dated_sources(name: str) -> None:
    provenance = PROVENANCES[name]()
    assert provenance.sources
    for source in provenance.sources:
        assert source.name
        assert source.version
        assert source.gives
        assert source.date <= provenance.as_of


def test_provenance_past_its_review_is_stale() -> None:
    provenance = Provenance(date(2026, 1, 1), date(2026, 6, 1), ())
    assert not provenance.is_stale(date(2026, 6, 1))
    assert provenance.is_stale(date(2026, 6, 2))


def test_instance_types_cover_every_family() -> None:
    assert list(facts.families()) == CPU_FAMILIES + ACCELERATED_FAMILIES


@pytest.mark.parametrize("name", facts.instance_type_names())
def test_instance_type_record_is_complete_and_sound(name: str) -> None:
    found = facts.instance_type(name)
    assert found.vcpu > 0
    assert found.memory_mib >= 512
    assert found.architecture in ("amd64", "arm64")
    assert found.bare_metal == ("metal" in name)
    assert not (found.is_gpu and found.is_neuron)
    assert found.efa.supported == (found.efa.max_interfaces > 0)
    assert found.efa.max_interfaces <= found.network_cards
    assert found.network_gbps is not None
    assert found.network_gbps > 0
    assert found.max_pods == found.eni.interfaces * (found.eni.ipv4 - 1) + 2
    assert set(found.usage_classes) <= {"on-demand", "spot", "capacity-block"}
    assert found.usage_classes
    assert tuple(found.regions) == facts.regions()
    for region in facts.regions():
        assert set(found.zones_in(region)) <= set(facts.zone_ids(region))
    if found.gpus:
        assert found.gpus.manufacturer == "NVIDIA"
        assert min(found.gpus.count, found.gpus.memory_mib) > 0
    if found.neuron:
        assert min(found.neuron.devices, found.neuron.memory_mib) > 0
        assert found.neuron.cores % found.neuron.devices == 0
    if found.local_nvme:
        assert min(found.local_nvme.disks, found.local_nvme.size_gb) > 0


def test_instance_types_in_accelerated_families_all_have_accelerators() -> None:
    for name in facts.instance_type_names():
        found = facts.instance_type(name)
        assert (found.accelerator_resource is None) == (found.family in CPU_FAMILIES), name


def test_zone_ids_of_regions_do_not_overlap() -> None:
    every = [zone for region in facts.regions() for zone in facts.zone_ids(region)]
    assert len(every) == len(set(every))
    assert facts.regions() == ("us-east-1", "us-west-2", "eu-west-1")


def test_instance_types_file_is_small_with_one_line_for_each_type() -> None:
    text = (FOLDER / "instance_types.json").read_text()
    assert len(text.encode()) < 250_000
    lines = [line for line in text.splitlines() if re.match(r'"[a-z0-9-]+\.[a-z0-9-]+":', line)]
    assert len(lines) == len(facts.instance_type_names()) == len(json.loads(text)["types"])


def test_mig_facts_know_every_gpu_of_the_instance_types() -> None:
    for name in facts.instance_type_names():
        found = facts.instance_type(name)
        assert (facts.mig_configs(found) != ()) == found.is_gpu, name


@pytest.mark.parametrize("model", facts.mig_models())
def test_mig_model_profiles_agree_with_their_names(model: str) -> None:
    found = facts.mig_models()[model]
    whole = max(p.compute_slices for p in found.profiles)
    for profile in found.profiles:
        parsed = re.fullmatch(r"(\d)g\.(\d+)gb(\+me|\+me\.all|-me|\+gfx)?", profile.name)
        assert parsed is not None, profile.name
        assert (int(parsed[1]), int(parsed[2])) == (profile.compute_slices, profile.memory_gb)
        assert 1 <= profile.max_instances * profile.compute_slices <= whole
    assert found.profiles[-1].compute_slices == whole


@pytest.mark.parametrize("model", facts.mig_models())
def test_mig_model_balanced_mix_fits_the_gpu(model: str) -> None:
    found = facts.mig_models()[model]
    by_name = {p.name: p for p in found.profiles}
    slices = sum(by_name[name].compute_slices * count for name, count in found.balanced.items())
    assert slices == max(p.compute_slices for p in found.profiles)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


@pytest.mark.parametrize("version", [v.version for v in facts.all_eks_versions()])
def test_eks_version_dates_obey_the_support_rule(version: str) -> None:
    known = facts.eks_version(version)
    assert known.standard_support_ends == _months_later(known.released, 14)
    assert known.extended_support_ends == _months_later(known.standard_support_ends, 12)


def test_eks_versions_are_consecutive() -> None:
    minors = [int(v.version.removeprefix("1.")) for v in facts.all_eks_versions()]
    assert minors == list(range(minors[0], minors[0] + len(minors)))


def test_default_eks_version_has_sixty_days_ahead_until_its_review() -> None:
    provenance = facts.eks_version_provenance()
    for day in (provenance.as_of, provenance.review_by):
        assert facts.default_eks_version().standard_support_days(day) >= 60
    assert "standard_support_ends" not in facts.default_eks_version().computed


def test_facts_public_names_are_sorted_and_exist() -> None:
    assert sorted(facts.__all__, key=lambda n: (n.upper() != n, n.lower() == n, n)) == facts.__all__
    assert all(hasattr(facts, name) for name in facts.__all__)


def test_facts_import_brings_no_pulumi_and_no_cloud_library() -> None:
    code = (
        "import sys; from components._core import facts; facts.instance_type('m5.large'); "
        "facts.mig_models(); facts.all_eks_versions(); "
        "print([m for m in ('pulumi', 'boto3', 'moto') if m in sys.modules])"
    )
    root = FOLDER.parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


CACHED: tuple[Callable[..., object], ...] = (
    instance_types._file,
    instance_types.instance_type,
    instance_types.instance_type_names,
    instance_types.instance_type_provenance,
    mig._file,
    mig.mig_models,
    mig.mig_provenance,
    eks_versions._file,
    eks_versions.all_eks_versions,
    eks_versions.eks_version_provenance,
)


def test_facts_all_loaded_again_take_less_than_fifty_milliseconds() -> None:
    def load() -> float:
        for cached in CACHED:
            cached.cache_clear()  # type: ignore[attr-defined]
        begin = time.perf_counter()
        for name in facts.instance_type_names():
            facts.instance_type(name)
        facts.mig_models()
        facts.all_eks_versions()
        for provenance in PROVENANCES.values():
            provenance()
        return time.perf_counter() - begin

    assert min(load() for _ in range(5)) < 0.050
