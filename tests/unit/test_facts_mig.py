"""MIG: what fits which GPU, what a node then offers, and refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._core import facts


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("p4d.24xlarge", "A100-40GB"),
        ("p4de.24xlarge", "A100-80GB"),
        ("p5.48xlarge", "H100-80GB"),
        ("p5e.48xlarge", "H200-141GB"),
        ("p6-b200.48xlarge", "B200-180GB"),
        ("p6-b300.48xlarge", "B300-269GB"),
        ("g7e.2xlarge", "RTX-PRO-6000-96GB"),
    ],
)
def test_mig_model_of_instance_type_is_told_by_gpu_and_memory(name: str, model: str) -> None:
    found = facts.mig_model(facts.instance_type(name))
    assert found is not None
    assert found.name == model
    assert facts.mig_model(model) is found


@pytest.mark.parametrize("name", ["g4dn.xlarge", "g5.xlarge", "g5g.xlarge", "g6.xlarge", "g6e.xlarge", "p3.2xlarge"])
def test_mig_profiles_of_gpu_without_mig_are_none(name: str) -> None:
    gpu = facts.instance_type(name)
    assert facts.mig_profiles(gpu) == ()
    assert facts.mig_configs(gpu) == ("all-disabled",)
    assert not facts.mig_config_fits("all-balanced", gpu)


def test_mig_profiles_of_a100_40gb_are_those_of_the_user_guide() -> None:
    found = {p.name: (p.max_instances, p.compute_slices, p.memory_gb) for p in facts.mig_profiles("A100-40GB")}
    assert found["1g.5gb"] == (7, 1, 5)
    assert found["1g.10gb"] == (4, 1, 10)
    assert found["2g.10gb"] == (3, 2, 10)
    assert found["3g.20gb"] == (2, 3, 20)
    assert found["7g.40gb"] == (1, 7, 40)


@pytest.mark.parametrize(
    ("config", "name", "layout"),
    [
        ("all-disabled", "g5.xlarge", {}),
        ("all-disabled", "p5.48xlarge", {}),
        ("all-1g.10gb", "p4d.24xlarge", {"1g.10gb": 4}),
        ("all-1g.10gb", "p4de.24xlarge", {"1g.10gb": 7}),
        ("all-1g.10gb", "p5.4xlarge", {"1g.10gb": 7}),
        ("all-1g.10gb.me", "p5.48xlarge", {"1g.10gb+me": 1}),
        ("all-balanced", "p5en.48xlarge", {"1g.18gb": 2, "2g.35gb": 1, "3g.71gb": 1}),
        ("all-1g.24gb-me", "g7e.2xlarge", {"1g.24gb-me": 4}),
    ],
)
def test_mig_layout_fitting_config_gives_counts_on_one_gpu(config: str, name: str, layout: dict[str, int]) -> None:
    assert facts.mig_config_fits(config, facts.instance_type(name))
    assert facts.mig_layout(config, facts.instance_type(name)) == layout


@pytest.mark.parametrize(
    ("config", "name", "told"),
    [
        (
            "all-1g.10gb",
            "g5.xlarge",
            "cannot be cut; use all-disabled, time-slicing, or a gpu of A30-24GB",
        ),
        ("all-1g.5gb", "p5.48xlarge", "use one of all-disabled, all-balanced, all-1g.10gb, all-1g.10gb.me"),
        ("all-1g.18gb", "p4d.24xlarge", "use one of all-disabled, all-balanced, all-1g.5gb"),
        ("1g.10gb", "p5.48xlarge", "use one of all-disabled, all-balanced, all-1g.10gb"),
        ("all-enabled", "p5.48xlarge", "use one of all-disabled"),
        ("all-balanced", "inf2.xlarge", "it has no nvidia gpu; remove the mig configuration"),
        ("all-disabled", "m7i.large", "it has no nvidia gpu; remove the mig configuration"),
    ],
)
def test_mig_layout_config_that_the_gpu_lacks_is_refused(config: str, name: str, told: str) -> None:
    with pytest.raises(facts.MigConfigError) as refused:
        facts.mig_layout(config, facts.instance_type(name))
    assert str(refused.value).startswith(f"mig configuration {config!r} does not fit {name}")
    assert told in str(refused.value)
    assert not facts.mig_config_fits(config, facts.instance_type(name))


@pytest.mark.parametrize(
    ("config", "name", "resources"),
    [
        ("all-disabled", "p4d.24xlarge", {"nvidia.com/gpu": 8}),
        ("all-1g.5gb", "p4d.24xlarge", {"nvidia.com/mig-1g.5gb": 56}),
        ("all-1g.10gb.me", "p5.48xlarge", {"nvidia.com/mig-1g.10gb.me": 8}),
        (
            "all-balanced",
            "p4d.24xlarge",
            {"nvidia.com/mig-1g.5gb": 16, "nvidia.com/mig-2g.10gb": 8, "nvidia.com/mig-3g.20gb": 8},
        ),
    ],
)
def test_mig_resources_of_node_are_counts_of_all_its_gpus(config: str, name: str, resources: dict[str, int]) -> None:
    assert facts.mig_resources(config, facts.instance_type(name)) == resources


@pytest.mark.parametrize(
    ("wrong", "close"), [("h100-80", "H100-80GB"), ("A100", "A100-40GB or A100-80GB"), ("l40", "L40S")]
)
def test_mig_model_unknown_gpu_is_refused_with_close_ones(wrong: str, close: str) -> None:
    with pytest.raises(facts.UnknownGpuModelError) as refused:
        facts.mig_model(wrong)
    assert close in str(refused.value)


@given(config=st.text(), model=st.sampled_from([*facts.mig_models(), "T4", "L40S"]))
def test_mig_layout_any_text_fits_or_is_refused_by_its_error(config: str, model: str) -> None:
    if facts.mig_config_fits(config, model):
        facts.mig_layout(config, model)
    else:
        with pytest.raises(facts.MigConfigError):
            facts.mig_layout(config, model)
