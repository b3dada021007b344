"""The keeper of fake nodes: what it reads of the cloud, the nodes that it makes, how it counts idle time."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.nodes import __main__ as keeper_module
from sandbox.nodes.__main__ import Keeper
from sandbox.nodes.pools import Pool, shapes


class Recorder:
    """Stands where the client of the API server is, and keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def request(self, method: str, path: str, body: dict[str, Any]) -> None:
        self.sent.append((method, path, body))


class Ec2:
    """Answers with one launch template."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.asked: dict[str, Any] = {}

    def client(self, service: str) -> Ec2:
        assert service == "ec2"
        return self

    def describe_launch_template_versions(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"LaunchTemplateVersions": [{"LaunchTemplateData": self.data}]}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def keeper(recorder: Recorder) -> Keeper:
    made = Keeper.__new__(Keeper)
    vars(made).update(_api=recorder, _aws={}, _empty_since={})
    return made


def pool(key: str, **changes: Any) -> Pool:
    values: dict[str, Any] = {
        "instance_types": ("g5.xlarge",),
        "zones": ("us-east-1a",),
        "capacity_types": ("spot",),
        "labels": {},
        "taints": (),
        **changes,
    }
    return Pool(key=key, **values)


@pytest.mark.parametrize(
    "key",
    ["karpenter-gpu", "group-My_Nodes.v2", f"group-{'n' * 57}", "karpenter-a-very-long-name-that-ends-in-a-dash--"],
)
def test_make_node_has_a_name_that_the_server_accepts(key: str, keeper: Keeper, recorder: Recorder) -> None:
    name = keeper._make(next(shapes(pool(key))))
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name)
    ((method, path, body),) = recorder.sent
    assert (method, path) == ("POST", "/api/v1/nodes")
    assert body["metadata"]["name"] == body["metadata"]["labels"]["kubernetes.io/hostname"] == name


def test_make_two_nodes_of_a_pool_have_names_of_their_own(keeper: Keeper) -> None:
    shape = next(shapes(pool("karpenter-gpu")))
    assert keeper._make(shape) != keeper._make(shape)


def test_make_node_offers_what_its_type_has_behind_the_pools_taints(keeper: Keeper, recorder: Recorder) -> None:
    taint = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
    keeper._make(next(shapes(pool("karpenter-gpu", taints=(taint,)))))
    node = recorder.sent[0][2]
    assert node["spec"] == {"taints": [taint]}
    assert node["status"]["allocatable"]["nvidia.com/gpu"] == "1"
    assert node["status"]["capacity"]["memory"] == str(16 * 2**30)
    assert node["metadata"]["annotations"] == {"kwok.x-k8s.io/node": "fake"}


def test_of_template_that_names_a_type_decides_it() -> None:
    ec2: Any = Ec2({"InstanceType": "p5.48xlarge"})
    found = keeper_module._of_template(ec2, {"id": "lt-1", "version": "3"})
    assert found == {"instanceTypes": ["p5.48xlarge"]}
    assert ec2.asked == {"LaunchTemplateId": "lt-1", "Versions": ["3"]}


def test_of_template_without_a_type_leaves_the_groups_own() -> None:
    ec2: Any = Ec2({"ImageId": "ami-1"})
    assert keeper_module._of_template(ec2, {"id": "lt-1"}) == {}
    assert ec2.asked["Versions"] == ["$Default"]
    assert keeper_module._of_template(ec2, {}) == {}


def node(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


def pod(on: str, phase: str = "Running", owner: str = "ReplicaSet") -> dict[str, Any]:
    return {
        "metadata": {"name": "p", "ownerReferences": [{"kind": owner}]},
        "spec": {"nodeName": on},
        "status": {"phase": phase},
    }


def test_idle_time_grows_while_a_node_is_empty(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 130.0, 140.0, 150.0])
    monkeypatch.setattr(keeper_module, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    assert keeper._idle([node("a")], []) == {"a": 0.0}
    assert keeper._idle([node("a")], []) == {"a": 30.0}
    assert keeper._idle([node("a")], [pod("a")]) == {}
    assert keeper._idle([node("a")], []) == {"a": 0.0}


@pytest.mark.parametrize(
    ("found", "idle"),
    [
        (pod("a"), False),
        (pod("b"), True),
        (pod("a", phase="Succeeded"), True),
        (pod("a", phase="Failed"), True),
        (pod("a", phase="Pending"), False),
        (pod("a", owner="DaemonSet"), True),
    ],
)
def test_idle_what_keeps_a_node_busy(found: dict[str, Any], idle: bool, keeper: Keeper) -> None:
    assert ("a" in keeper._idle([node("a")], [found])) is idle


def test_idle_nodes_that_are_gone_are_forgotten(keeper: Keeper) -> None:
    keeper._idle([node("a"), node("b")], [])
    assert set(keeper._idle([node("b")], [])) == {"b"}
