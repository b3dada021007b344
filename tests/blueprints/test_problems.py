"""What a stack file may ask for and no component can build: refused before anything exists, at the right setting."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from blueprints import check
from stacks.load import FOLDER, KEY, parse
from stacks.problems import SettingsError


def sandbox(**changes: Any) -> dict[str, Any]:
    raw = yaml.safe_load((FOLDER / "Pulumi.sandbox.yaml").read_text())["config"][KEY]
    return {**raw, **changes}


def pool(**changes: Any) -> dict[str, Any]:
    base = {"name": "p", "instance_types": ["g5.12xlarge"], "capacity": ["spot"], "gpu_limit": 8}
    return sandbox(gpu_pools=[{**base, **changes}])


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such blueprint": (
        sandbox(blueprint="starters"),
        "platform.blueprint: 'starters' is not a blueprint; use starter",
    ),
    "no such instance type": (pool(instance_types=["g5.13xlarge"]), "platform.gpu_pools[0].instance_types"),
    "cpu type in a gpu pool": (pool(instance_types=["m7i.large"]), "platform.gpu_pools[0].instance_types"),
    "mig profile that the gpu lacks": (
        pool(instance_types=["p4d.24xlarge"], mig={"profile": "all-1g.24gb"}),
        "platform.gpu_pools[0].mig",
    ),
    "mig on a gpu without it": (pool(mig={"profile": "all-1g.10gb"}), "platform.gpu_pools[0].mig"),
    "efa on a type without it": (
        pool(instance_types=["g5.xlarge"], efa=True, zones=["us-east-1a"]),
        "platform.gpu_pools[0].instance_types[0]: g5.xlarge has no efa",
    ),
    "type not offered in the region": (
        {
            **pool(instance_types=["p5.48xlarge"], gpu_limit=8),
            "region": "eu-west-1",
            "network": {"zones": ["eu-west-1a", "eu-west-1b"]},
        },
        "platform.gpu_pools[0].instance_types",
    ),
    "gpu and neuron in one pool": (
        pool(instance_types=["g5.12xlarge", "inf2.xlarge"]),
        "platform.gpu_pools[0].instance_types",
    ),
    "placement group with a reservation": (
        pool(capacity=["reserved"], reservation={"ids": ["cr-0123456789abcdef0"]}, placement_group=True),
        "platform.gpu_pools[0].placement_group",
    ),
    "time slicing with mig": (
        pool(instance_types=["p4d.24xlarge"], mig={"profile": "all-1g.5gb"}, time_slicing_replicas=4),
        "platform.gpu_pools[0].time_slicing_replicas",
    ),
    "mixed slices that karpenter does not know": (
        pool(instance_types=["p4d.24xlarge"], mig={"profile": "all-1g.5gb", "strategy": "mixed"}),
        "platform.gpu_pools[0].mig",
    ),
    "several capacity types in a managed group": (
        pool(kind="managed_node_group", capacity=["spot", "on_demand"]),
        "platform.gpu_pools[0].capacity",
    ),
    "limit below the smallest node": (pool(gpu_limit=2), "platform.gpu_pools[0].gpu_limit"),
    "version out of support": (
        sandbox(cluster={**sandbox()["cluster"], "version": "1.29"}),
        "platform.cluster.version",
    ),
    "network too small": (sandbox(network={"cidr": "10.0.0.0/26"}), "platform.network.cidr"),
    "retention that CloudWatch lacks": (
        sandbox(network={"flow_log_retention_days": 31}),
        "platform.network.flow_log_retention_days",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_stack_file_that_cannot_be_built_is_refused_at_the_setting(name: str) -> None:
    raw, expected = WRONG[name]
    with pytest.raises(SettingsError) as caught:
        parse(raw, "stacks/Pulumi.test.yaml", check)
    lines = str(caught.value).splitlines()
    assert all(line.startswith("stacks/Pulumi.test.yaml: platform") for line in lines)
    assert any(expected in line for line in lines), lines


def test_problems_of_shape_and_of_sense_are_told_together() -> None:
    raw = {**pool(instance_types=["m7i.large"]), "cost_center": ""}
    with pytest.raises(SettingsError) as caught:
        parse(raw, "file", check)
    paths = {p.path for p in caught.value.problems}
    assert "platform.cost_center" in paths
