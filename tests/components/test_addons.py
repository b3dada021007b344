"""Add-ons: which, in what order, told what, and what external-secrets may read."""

import json
from typing import Any

import pytest
import yaml

from components._core import catalogue
from components._core.args import ArgsError
from components.addons import Addons, AddonsArgs, PoolNeeds, mig_strategy, required_addons, values
from tests.graph import ACCOUNT, Graph, record

RELEASE = "kubernetes:helm.sh/v3:Release"
ALL = ["aws-efa-k8s-device-plugin", "aws-neuron", "external-secrets", "gpu-operator", "prometheus-operator-crds"]


def arguments(**overrides: Any) -> dict[str, Any]:
    return {
        "keys": ALL,
        "cluster_name": "acme-ml-dev",
        "region": "us-east-1",
        "account_id": ACCOUNT,
        "secrets_key_arn": "arn:secrets-key",
        "volumes_key_arn": "arn:volumes-key",
        "secret_prefix": "acme-ml-dev",
        "efa_instance_types": ["p5.48xlarge"],
        "neuron_instance_types": ["inf2.xlarge"],
        **overrides,
    }


def addons(preview: bool = False, **overrides: Any) -> Graph:
    def program() -> Any:
        made = Addons("addons", AddonsArgs(**arguments(**overrides)))
        return {"installed": made.installed, "store": made.secret_store_name, "class": made.storage_class_name}

    return record(program, preview=preview)


def release(graph: Graph, key: str) -> dict[str, Any]:
    return graph.one(RELEASE, f"addons-{key}").inputs


def test_addons_full_set_installs_each_chart_at_its_pin() -> None:
    graph = addons()
    for key in ALL:
        made, pin = release(graph, key), catalogue.chart(key)
        assert (made["name"], made["version"]) == (pin.release_name, pin.version)
    assert graph.result == {"installed": ALL, "store": "aws-secrets-manager", "class": "gp3-encrypted"}


def test_addons_outputs_are_exactly_the_annotated_ones() -> None:
    assert addons().outputs_of("addons").keys() == {"installed", "secret_store_name", "storage_class_name"}


def test_addons_monitors_wait_for_their_definitions() -> None:
    graph = addons()
    definitions = graph.one(RELEASE, "addons-prometheus-operator-crds")
    for key in ("gpu-operator", "external-secrets"):
        assert graph.depends(graph.one(RELEASE, f"addons-{key}"), definitions)
    assert not graph.depends(graph.one(RELEASE, "addons-aws-neuron"), definitions)


def test_addons_secret_store_and_identity_surround_external_secrets() -> None:
    graph = addons()
    chart = graph.one(RELEASE, "addons-external-secrets")
    assert graph.depends(graph.named("addons-secret-store"), chart)
    # The controller must have its rights before it starts, and keep them until it is gone.
    assert graph.depends(chart, graph.named("addons-external-secrets-identity"))
    assert graph.depends(chart, graph.named("addons-external-secrets-read"))


def test_addons_external_secrets_reads_only_own_secrets_and_managed_passwords() -> None:
    policy = json.loads(addons().named("addons-external-secrets-read").inputs["policy"])
    read, decrypt = policy["Statement"]
    base = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:"
    assert read["Resource"] == [f"{base}acme-ml-dev/*", f"{base}rds!db-*"]
    assert decrypt["Resource"] == "arn:secrets-key"
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}


def test_addons_gpu_operator_owns_neither_driver_nor_toolkit() -> None:
    given = release(addons(mig_strategy="mixed"), "gpu-operator")["values"]
    assert (given["driver"]["enabled"], given["toolkit"]["enabled"]) == (False, False)
    assert given["mig"]["strategy"] == "mixed"
    assert given["dcgmExporter"] == {"enabled": True, "serviceMonitor": {"enabled": False}}


def test_addons_time_slicing_gives_a_configuration_for_each_number_of_pods() -> None:
    data = release(addons(time_slicing=[8, 4, 4]), "gpu-operator")["values"]["devicePlugin"]["config"]["data"]
    assert sorted(data) == ["exclusive", "time-slicing-4", "time-slicing-8"]
    sharing = yaml.safe_load(data["time-slicing-8"])["sharing"]["timeSlicing"]
    assert sharing["resources"] == [{"name": "nvidia.com/gpu", "replicas": 8}]
    assert "sharing" not in yaml.safe_load(data["exclusive"])


def test_addons_device_plugins_run_on_the_types_of_the_pools() -> None:
    graph = addons()
    assert release(graph, "aws-efa-k8s-device-plugin")["values"]["supportedInstanceLabels"]["values"] == ["p5.48xlarge"]
    assert release(graph, "aws-neuron")["values"]["neuronInstances"] == ["inf2.xlarge"]


def test_addons_agents_reach_nodes_whatever_their_pool_is_tainted_with() -> None:
    graph = addons()
    anywhere = [{"operator": "Exists"}]
    operator = release(graph, "gpu-operator")["values"]
    assert operator["daemonsets"]["tolerations"] == anywhere
    assert operator["node-feature-discovery"]["worker"]["tolerations"] == anywhere
    assert release(graph, "aws-efa-k8s-device-plugin")["values"]["tolerations"] == anywhere
    assert release(graph, "aws-neuron")["values"]["devicePlugin"]["tolerations"] == anywhere


def test_addons_efa_plugin_is_pulled_within_the_region() -> None:
    image = release(addons(region="eu-west-1"), "aws-efa-k8s-device-plugin")["values"]["image"]
    assert image["repository"].startswith("602401143452.dkr.ecr.eu-west-1.amazonaws.com/")


def test_mig_strategy_is_what_all_pools_agree_on() -> None:
    whole, single = PoolNeeds("nvidia.com/gpu", efa=False), PoolNeeds("nvidia.com/gpu", False, "single")
    assert mig_strategy([whole]) is None
    assert mig_strategy([whole, single, single]) == "single"
    with pytest.raises(ArgsError, match=r"mig\.strategy: pools ask for mixed and single, and the gpu operator has one"):
        mig_strategy([single, PoolNeeds("nvidia.com/gpu", False, "mixed")])


def test_addons_namespaces_are_restricted_but_for_drivers() -> None:
    graph = addons()
    found = {
        r.inputs["metadata"]["name"]: r.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for r in graph.of("kubernetes:core/v1:Namespace")
    }
    assert found == {"external-secrets": "restricted", "gpu-operator": "privileged"}


def test_addons_default_volumes_are_gp3_encrypted_with_the_own_key() -> None:
    made = addons().one("kubernetes:storage.k8s.io/v1:StorageClass").inputs
    assert made["parameters"] == {"type": "gp3", "encrypted": "true", "kmsKeyId": "arn:volumes-key"}
    assert made["volumeBindingMode"] == "WaitForFirstConsumer"


def test_addons_mirror_replaces_every_repository() -> None:
    graph = addons(mirror="oci://registry.example.com/charts")
    assert {r.inputs["chart"].rsplit("/", 1)[0] for r in graph.of(RELEASE)} == {"oci://registry.example.com/charts"}


def test_addons_children_are_parented_and_tagged() -> None:
    graph = addons()
    children = [r for r in graph.resources if r.custom]
    assert {graph.parent_of(r) for r in children} == {"addons"}
    for r in children:
        if r.type in ("aws:iam/role:Role", "aws:eks/podIdentityAssociation:PodIdentityAssociation"):
            assert r.inputs["tags"]["component"] == "addons"


def test_addons_preview_with_unknown_outputs_works() -> None:
    assert len(addons(preview=True).of(RELEASE)) == len(ALL)


def test_addons_hosted_mapping_equals_local_args() -> None:
    hosted = record(lambda: Addons("addons", arguments()).installed)  # type: ignore[arg-type]
    assert sorted(r.name for r in hosted.resources) == sorted(r.name for r in addons().resources)


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        ([], ["external-secrets", "prometheus-operator-crds"]),
        (
            [PoolNeeds("nvidia.com/gpu", efa=False)],
            ["external-secrets", "gpu-operator", "prometheus-operator-crds"],
        ),
        (
            [PoolNeeds("nvidia.com/gpu", efa=True), PoolNeeds("aws.amazon.com/neuron", efa=False)],
            ALL,
        ),
    ],
)
def test_required_addons_of_pools(pools: list[PoolNeeds], expected: list[str]) -> None:
    assert required_addons(pools) == expected


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"keys": ["gpu-operatr"]}, "keys[0]: 'gpu-operatr' is not allowed; use one of aws-efa-k8s-device-plugin"),
        ({"efa_instance_types": []}, "efa_instance_types: is empty; aws-efa-k8s-device-plugin runs on named types"),
        ({"neuron_instance_types": None}, "neuron_instance_types: is empty; aws-neuron runs on named types only"),
        ({"mig_strategy": "both"}, "mig_strategy: 'both' is not allowed; use one of single, mixed"),
        ({"time_slicing": [4, 1]}, "time_slicing[1]: 1 pods do not share a GPU; use 2 or more"),
        ({"extra_values": {"keda": {}}}, "extra_values: names keda, not among keys; add it there or drop it"),
    ],
)
def test_addons_fails_with(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        AddonsArgs(**arguments(**overrides))
    assert str(caught.value).startswith(message)


def test_values_hold_only_keys_seen_in_the_charts() -> None:
    catalogue.check_values("gpu-operator", values.gpu_operator("single", [2]))
    catalogue.check_values("external-secrets", values.external_secrets())
    catalogue.check_values("aws-efa-k8s-device-plugin", values.efa(["p5.48xlarge"], "us-east-1"))
    catalogue.check_values("aws-neuron", values.neuron(["inf2.xlarge"]))
