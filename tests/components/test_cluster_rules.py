"""What a cluster refuses before anything is created, and existing clusters."""

import datetime
import json
from typing import Any

import pytest
import yaml

from components._core.args import ArgsError
from components.cluster import Cluster, ClusterArgs, SystemNodesArgs, managed_addons, rules
from tests.components.test_cluster import OUTPUTS, minimal
from tests.graph import ACCOUNT, record

KUBECONFIG = yaml.safe_dump(
    {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "lab", "user": "me"}}],
        "clusters": [{"name": "lab", "cluster": {"server": "https://10.0.0.1", "certificate-authority-data": "Q0E="}}],
        "users": [{"name": "me", "user": {"exec": {"command": "aws"}}}],
    }
)
TODAY = datetime.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"cluster_name": "a b"},
            "cluster_name: 'a b' is not a cluster name; use letters, digits, dashes and",
        ),
        ({"private_subnet_ids": None}, "private_subnet_ids: is missing; a new cluster needs it"),
        ({"secrets_key_arn": None}, "secrets_key_arn: is missing; a new cluster needs it"),
        ({"volumes_key_arn": None}, "volumes_key_arn: is missing; a new cluster needs it"),
        ({"log_key_arn": None}, "log_key_arn: is missing; a new cluster needs it"),
        (
            {"administrators": None},
            "administrators: is empty; name at least the IAM role or user that deploys",
        ),
        (
            {"administrators": [f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y"]},
            "administrators[0]: 'arn:aws:sts::123456789012:assumed-role/x/y' is not an iam role or user; "
            "use arn:aws:iam::<account>:role/<name>, for a session the arn of its role",
        ),
        (
            {"administrators": [f"arn:aws:iam::{ACCOUNT}:root"]},
            "administrators[0]: 'arn:aws:iam::123456789012:root' is not an iam role or user",
        ),
        (
            {"administrators": [f"arn:aws:iam::{ACCOUNT}:role/a"] * 2},
            "administrators[1]: 'arn:aws:iam::123456789012:role/a' is named twice; remove one",
        ),
        (
            {"version": "1.99"},
            "version: kubernetes version '1.99' is not in the facts",
        ),
        (
            {"public_access_cidrs": ["0.0.0.0/0"]},
            "public_access_cidrs[0]: 0.0.0.0/0 is the whole internet; name the networks",
        ),
        ({"public_access_cidrs": ["::/0"]}, "public_access_cidrs[0]: ::/0 is the whole internet"),
        (
            {"public_access_cidrs": ["10.0.0.1/8"]},
            "public_access_cidrs[0]: 10.0.0.1/8 has host bits set; use a network such as 203.0.113.0/24",
        ),
        (
            {"public_access_cidrs": []},
            "public_access_cidrs: is empty; leave it out for a private endpoint only",
        ),
        (
            {"log_retention_days": 42},
            "log_retention_days: 42 is not allowed; use one of 1, 3, 5, 7, 14, 30, 60",
        ),
        (
            {"system_nodes": SystemNodesArgs(instance_types=["m7i.xlarge", "m7g.xlarge"])},
            "system_nodes.instance_types: mixes amd64 and arm64, a node group has one image; "
            "keep types of one architecture",
        ),
        (
            {"system_nodes": SystemNodesArgs(instance_types=["g5.xlarge"])},
            "system_nodes.instance_types[0]: g5.xlarge has 1 nvidia.com/gpu; system nodes run controllers",
        ),
        (
            {"system_nodes": SystemNodesArgs(instance_types=["m7i.huge"])},
            "system_nodes.instance_types[0]: instance type 'm7i.huge' is not in the facts",
        ),
        (
            {"system_nodes": SystemNodesArgs(instance_types=[])},
            "system_nodes.instance_types: is empty; name at least one instance type",
        ),
        (
            {"system_nodes": SystemNodesArgs(min_nodes=3, desired_nodes=2)},
            "system_nodes: min_nodes 3, desired_nodes 2, max_nodes 3 are out of order; use 1 <= min",
        ),
        (
            {"system_nodes": SystemNodesArgs(disk_gib=8)},
            "system_nodes.disk_gib: 8 is outside 20 to 16384 GiB; choose a value inside",
        ),
        ({"region": "mars-north-1"}, "region: region 'mars-north-1' is not in the facts"),
        (
            {"addon_versions": {"core-dns": "v1"}},
            "addon_versions.core-dns: is not a managed add-on here; use one of eks-pod-identity-agent",
        ),
        (
            {"existing_kubeconfig": "nonsense"},
            "existing_kubeconfig: is not a kubeconfig; pass the text of one",
        ),
        ({"existing_kubeconfig": "a: ["}, "existing_kubeconfig: is not a kubeconfig; pass the text of one"),
        (
            {"existing_kubeconfig": KUBECONFIG.replace("current-context: here", "current-context: gone")},
            "existing_kubeconfig: current-context 'gone' leads to no cluster; use one of here",
        ),
    ],
)
def test_cluster_fails_with_a_message_that_says_what_to_change(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        ClusterArgs(**minimal(**overrides))
    assert str(caught.value).startswith(message)
    assert not str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("version", "extended", "day", "message"),
    [
        (
            "1.33",
            False,
            TODAY,
            "version: 1.33 left standard support on 2026-07-29 and costs the extended price since; "
            "use one of 1.34, 1.35, 1.36, 1.37, or set allow_extended_support to pay it until 2027-07-29",
        ),
        (
            "1.30",
            True,
            TODAY,
            "version: 1.30 left all support on 2026-07-23; use one of 1.34, 1.35, 1.36, 1.37",
        ),
        (
            "1.37",
            False,
            datetime.date(2026, 9, 30),
            "version: 1.37 is not released before 2026-10-01; use one of",
        ),
    ],
)
def test_cluster_version_fails_out_of_support(version: str, extended: bool, day: datetime.date, message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        rules.check_version(version, extended, day, "version")
    assert str(caught.value).startswith(message)


def test_cluster_version_in_extended_support_is_allowed_when_asked_for() -> None:
    rules.check_version("1.33", True, TODAY, "version")
    rules.check_version("1.36", False, TODAY, "version")


def test_cluster_that_pays_for_extended_support_says_so_to_eks() -> None:
    args = ClusterArgs(**minimal(allow_extended_support=True))
    inputs = record(lambda: Cluster("cluster", args).endpoint).one("aws:eks/cluster:Cluster").inputs
    assert inputs["upgradePolicy"] == {"supportType": "EXTENDED"}


def test_cluster_addon_that_signs_in_names_account_and_policy() -> None:
    for addon in managed_addons.managed_addons("any"):
        assert (addon.service_account is None) == (addon.policy_arn is None), addon.name


def test_cluster_existing_creates_nothing_and_tells_its_address() -> None:
    args = ClusterArgs(
        cluster_name="lab",
        region="eu-west-1",
        account_id=ACCOUNT,
        existing_kubeconfig=KUBECONFIG,
        existing_node_role_arn=f"arn:aws:iam::{ACCOUNT}:role/lab-nodes",
    )
    graph = record(lambda: Cluster("cluster", args).endpoint)
    assert [r.name for r in graph.resources] == ["cluster"]
    assert graph.result == "https://10.0.0.1"
    outputs = graph.outputs_of("cluster")
    assert outputs.keys() == OUTPUTS
    assert (outputs["node_role_name"], outputs["certificate_authority"]) == ("lab-nodes", "Q0E=")


def test_cluster_existing_kubeconfig_is_kept_as_a_secret() -> None:
    args = ClusterArgs(cluster_name="lab", region="eu-west-1", account_id=ACCOUNT, existing_kubeconfig=KUBECONFIG)

    async def secrecy() -> dict[str, bool]:
        made = Cluster("cluster", args)
        return {"kubeconfig": await made.kubeconfig.is_secret(), "endpoint": await made.endpoint.is_secret()}

    assert record(lambda: secrecy()).result == {"kubeconfig": True, "endpoint": False}


def test_cluster_kubeconfig_is_json_that_yaml_reads_too() -> None:
    text = record(lambda: Cluster("cluster", ClusterArgs(**minimal())).kubeconfig).result
    assert yaml.safe_load(text) == json.loads(text)
