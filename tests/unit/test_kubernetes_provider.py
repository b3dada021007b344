"""What of an object is a program's, what replaces it, when it is ready, and what a release brings."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kubernetes import manifests, readiness, releases

URN = "urn:pulumi:dev::p::kubernetes:core/v1:ConfigMap::settings"


# -- manifests ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("ConfigMap", "metadata.name", True),
        ("ConfigMap", "metadata.namespace", True),
        ("ConfigMap", "metadata.namespaced", False),
        ("ConfigMap", 'metadata.labels["a.b/c"]', False),
        ("ConfigMap", "data.name", False),
        ("ConfigMap", "kind", True),
        ("ConfigMap", "apiVersion", True),
        ("Deployment", "spec.selector.matchLabels.app", True),
        ("Deployment", "spec.selectors", False),
        ("Deployment", "spec.template.spec.containers[0].image", False),
        ("Job", "spec.template.spec.containers[0].image", True),
        ("Job", "spec.suspend", False),
        ("StatefulSet", "spec.volumeClaimTemplates[0].spec.storageClassName", True),
        ("StatefulSet", "spec.replicas", False),
        ("StorageClass", "parameters.type", True),
        ("StorageClass", 'parameters["csi.storage.k8s.io/fstype"]', True),
        ("RoleBinding", "roleRef.name", True),
        ("RoleBinding", "subjects[0].name", False),
        ("PersistentVolumeClaim", "spec.resources.requests.storage", False),
        ("Secret", "type", True),
        ("NodePool", "spec.limits.cpu", False),
    ],
)
def test_replaces_table(kind: str, path: str, expected: bool) -> None:
    assert manifests.replaces(kind, path) is expected


def test_named_program_gives_the_name_and_keeps_it() -> None:
    inputs = {"metadata": {"name": "mine"}}
    assert manifests.named(URN, inputs, {"metadata": {"name": "other"}}) == inputs


def test_named_prefix_is_left_to_the_server() -> None:
    assert "name" not in manifests.named(URN, {"metadata": {"generateName": "x-"}}, {})["metadata"]


def test_named_nothing_given_names_by_the_urn_and_keeps_it() -> None:
    first = manifests.named(URN, {"data": {}}, {})
    name = first["metadata"]["name"]
    assert name.startswith("settings-")
    assert manifests.named(URN, {"data": {}, "metadata": None}, {})["metadata"]["name"] == name
    assert manifests.named(f"{URN}2", {}, {})["metadata"]["name"] != name
    assert manifests.named(URN, {}, {"metadata": {"name": "before"}})["metadata"]["name"] == "before"


def test_named_does_not_change_what_it_was_given() -> None:
    inputs: dict[str, Any] = {"metadata": {"labels": {}}}
    manifests.named(URN, inputs, {})
    assert inputs == {"metadata": {"labels": {}}}


def test_manifest_leaves_out_what_is_the_engines() -> None:
    assert manifests.manifest({"kind": "X", "__defaults": [], "spec": None, "data": {}}) == {"kind": "X", "data": {}}


@pytest.mark.parametrize(("namespace", "name", "text"), [("ml", "a", "ml/a"), (None, "a", "a"), ("", "a", "a")])
def test_identifier_and_split_are_each_others_inverse(namespace: str | None, name: str, text: str) -> None:
    assert manifests.identifier(namespace, name) == text
    assert manifests.split(text) == (namespace or None, name)


LIVE = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "a",
        "namespace": "ml",
        "uid": "u-1",
        "resourceVersion": "7",
        "labels": {"app": "a", "added-by": "a webhook"},
    },
    "spec": {
        "replicas": 2,
        "template": {"spec": {"containers": [{"name": "c", "image": "x:1", "imagePullPolicy": "IfNotPresent"}]}},
    },
    "status": {"readyReplicas": 2},
}


def test_outputs_are_what_the_program_wrote_and_who_it_is() -> None:
    inputs = {
        "kind": "Deployment",
        "metadata": {"labels": {"app": "a"}},
        "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "x:1"}]}}},
    }
    assert manifests.outputs(LIVE, inputs) == {
        "kind": "Deployment",
        "metadata": {"labels": {"app": "a"}, "uid": "u-1", "name": "a", "namespace": "ml"},
        "spec": {"template": {"spec": {"containers": [{"name": "c", "image": "x:1"}]}}},
    }


def test_outputs_show_what_moved_behind_the_engines_back() -> None:
    found = manifests.outputs(LIVE, {"spec": {"replicas": 5}})
    assert found["spec"] == {"replicas": 2}


def test_outputs_of_a_service_have_its_address() -> None:
    live = {"kind": "Service", "metadata": {"name": "s", "uid": "u"}, "spec": {"clusterIP": "10.0.0.1", "ports": []}}
    assert manifests.outputs(live, {"spec": {"ports": []}})["spec"] == {"ports": [], "clusterIP": "10.0.0.1"}
    assert manifests.outputs(live, {})["spec"] == {"clusterIP": "10.0.0.1"}


@pytest.mark.parametrize(
    ("live", "shape", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 9}, {"a": 1}),
        ({"a": 1}, {"a": 9, "c": 3}, {"a": 1}),
        ([{"a": 1, "b": 2}], [{"a": 9}], [{"a": 1}]),
        ([{"a": 1, "b": 2}, {"a": 3}], [{"a": 9}], [{"a": 1, "b": 2}, {"a": 3}]),
        ([], [{"a": 1}], []),
        ("x", {"a": 1}, "x"),
        ({"a": 1}, "x", {"a": 1}),
        ({"a": None}, {"a": {"b": 1}}, {"a": None}),
    ],
)
def test_project_table(live: Any, shape: Any, expected: Any) -> None:
    assert manifests.project(live, shape) == expected


# -- readiness ----------------------------------------------------------------------------------------------------


def live(kind: str, status: dict[str, Any] | None = None, generation: int = 1, **spec: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": kind, "metadata": {"name": "a", "generation": generation}, "spec": spec}
    return found if status is None else {**found, "status": status}


def condition(kind: str, status: str = "True", message: str = "") -> dict[str, Any]:
    return {"type": kind, "status": status, "message": message}


def rolled(**counts: int) -> dict[str, Any]:
    return {"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 2, **counts}


@pytest.mark.parametrize(
    ("found", "waiting"),
    [
        (live("ConfigMap"), None),
        (live("NodePool", {}), None),
        (live("Deployment", replicas=1), "the controller to see it"),
        (live("Deployment", rolled(), replicas=2), None),
        (live("Deployment", rolled(), generation=2, replicas=2), "the controller to see it"),
        (live("Deployment", rolled(availableReplicas=1), replicas=2), "1 of 2 replicas are available"),
        (live("Deployment", rolled(updatedReplicas=0), replicas=2), "0 of 2 replicas are available"),
        (live("Deployment", rolled(updatedReplicas=0), replicas=0), None),
        (live("Deployment", {"observedGeneration": 1}), "0 of 1 replicas are available"),
        (
            live(
                "Deployment",
                {"observedGeneration": 1, "conditions": [condition("Available", "False", "quota is full")]},
            ),
            "0 of 1 replicas are available; quota is full",
        ),
        (live("StatefulSet", {"observedGeneration": 1, "readyReplicas": 1}, replicas=1), None),
        (live("StatefulSet", {"observedGeneration": 1, "readyReplicas": 1}, replicas=2), "1 of 2 replicas are ready"),
        (
            live("StatefulSet", {"observedGeneration": 1, "readyReplicas": 2}, generation=2, replicas=2),
            "the controller to see it",
        ),
        (live("DaemonSet", {"observedGeneration": 1, "desiredNumberScheduled": 0}), None),
        (
            live("DaemonSet", {"observedGeneration": 1, "desiredNumberScheduled": 3, "numberReady": 2}),
            "2 of 3 pods are ready",
        ),
        (live("DaemonSet", {}), "the controller to see it"),
        (live("Job", {"conditions": [condition("Complete")]}), None),
        (live("Job", {"conditions": [condition("Complete", "False")]}), "the job to complete"),
        (live("Job", {}, suspend=True), None),
        (
            live("Job", {"conditions": [condition("Failed", "True", "BackoffLimitExceeded")]}),
            "the job to complete; it failed: BackoffLimitExceeded",
        ),
        (live("CustomResourceDefinition", {"conditions": [condition("Established")]}), None),
        (live("CustomResourceDefinition", {"conditions": None}), "the definition to be established"),
        (
            live("CustomResourceDefinition", {"conditions": [condition("NamesAccepted")]}),
            "the definition to be established",
        ),
        (live("Namespace", {"phase": "Active"}), None),
        (live("Namespace", {"phase": "Terminating"}), "the namespace to be active; it is Terminating"),
    ],
)
def test_waiting_for_table(found: dict[str, Any], waiting: str | None) -> None:
    assert readiness.waiting_for(found) == waiting


def test_waiting_for_annotation_skips_the_wait() -> None:
    found = live("Deployment", {})
    found["metadata"]["annotations"] = {readiness.SKIP_AWAIT: "true"}
    assert readiness.waiting_for(found) is None
    found["metadata"]["annotations"] = {readiness.SKIP_AWAIT: "false"}
    assert readiness.waiting_for(found) is not None


# -- releases -----------------------------------------------------------------------------------------------------


def names(inputs: dict[str, Any]) -> list[str]:
    return [d["metadata"]["name"] for d in releases.definitions(inputs)]


def test_definitions_by_release_name_are_those_of_the_catalogue() -> None:
    assert {"nodepools.karpenter.sh", "nodeclaims.karpenter.sh", "ec2nodeclasses.karpenter.k8s.aws"} <= set(
        names({"name": "karpenter-crd", "chart": "anything"})
    )


@pytest.mark.parametrize(
    "chart",
    ["karpenter-crd", "oci://registry.example.com/charts/karpenter-crd", "./charts/karpenter-crd/", "/m/karpenter-crd"],
)
def test_definitions_by_chart_are_found_wherever_it_comes_from(chart: str) -> None:
    assert "nodepools.karpenter.sh" in names({"name": "mine", "chart": chart})


def test_definitions_of_an_unknown_chart_are_none() -> None:
    assert names({"name": "mine", "chart": "mine"}) == []
    assert names({"name": "mine"}) == []


def test_definitions_serve_every_version_and_store_one() -> None:
    for definition in releases.definitions({"name": "karpenter-crd"}):
        spec = definition["spec"]
        assert definition["metadata"]["name"] == f"{spec['names']['plural']}.{spec['group']}"
        assert definition["metadata"]["labels"] == {releases.OWNER_LABEL: "karpenter-crd"}
        assert [v["storage"] for v in spec["versions"]].count(True) == 1
        assert all(v["served"] for v in spec["versions"])
        assert spec["scope"] in ("Cluster", "Namespaced")
