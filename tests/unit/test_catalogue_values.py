"""Values keys that were never seen in a chart's values file are refused."""

from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components._core import catalogue
from components._core.catalogue.values import join_path, split_path
from tests.graph import record

KEYS = sorted(catalogue.load_catalogue().charts)

# Real key parts mixed with noise, so that the walk goes deep into known sections as well as astray.
SEGMENTS = sorted({part for key in KEYS for path in catalogue.chart(key).values_keys for part in path.split(".")})
names = st.one_of(st.sampled_from(SEGMENTS), st.text(max_size=6), st.integers(), st.booleans(), st.none())
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.lists(st.integers()))
branches = st.recursive(scalars, lambda tree: st.dictionaries(names, tree, max_size=3), max_leaves=6)
trees = st.dictionaries(names, branches, max_size=3)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("karpenter", {}),
        ("karpenter", {"settings": {"clusterName": "a", "featureGates": {"nodeOverlay": True}}}),
        ("karpenter", {"nodeSelector": {"karpenter.sh/controller": "true"}, "tolerations": [{"key": "a"}]}),
        ("karpenter", {"serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "a"}}}),
        ("karpenter", {"controller": {"resources": {"requests": {"cpu": 1}}}}),
        ("karpenter", {"settings": None}),
        ("karpenter", {"settings": {}}),
        ("gpu-operator", {"driver": {"enabled": False}, "toolkit": {"enabled": False}}),
        ("gpu-operator", {"devicePlugin": {"config": {"data": {"a100": "version: v1"}}}}),
        ("kube-prometheus-stack", {"alertmanager": {"config": {"receivers": [{"sns_configs": []}]}}}),
        ("kube-prometheus-stack", {"grafana": {"grafana.ini": {"auth": {"disable_login_form": True}}}}),
        ("kube-prometheus-stack", {"kubeEtcd": {"enabled": False}, "prometheus": {"route": {"other": {}}}}),
        ("argo-workflows", {"controller": {"persistence": {"postgresql": {"host": "a"}}}}),
        ("argo-workflows", {"server": {"authModes": ["sso"], "sso": {"clientId": {"name": "a", "key": "b"}}}}),
        ("argo-workflows", {"artifactRepository": {"archiveLogs": True, "s3": {"bucket": "a"}}}),
        ("prometheus-operator-crds", {"crds": {"annotations": {"a": "b"}}}),
    ],
)
def test_check_values_of_seen_and_free_form_keys_passes(key: str, values: dict[str, Any]) -> None:
    assert catalogue.unknown_value_keys(key, values) == []
    catalogue.check_values(key, values)


@pytest.mark.parametrize(
    ("key", "values", "unseen"),
    [
        ("karpenter", {"settings": {"clustername": "a"}}, ["settings.clustername"]),
        ("karpenter", {"settings": "a"}, ["settings"]),
        ("karpenter", {"settings": []}, ["settings"]),
        ("karpenter", {"replicas": {"min": 1}}, ["replicas.min"]),
        ("karpenter", {"server": {}}, ["server"]),
        ("karpenter", {"server": None}, ["server"]),
        ("karpenter", {"settings.clusterName": "a"}, ["settings\\.clusterName"]),
        ("karpenter", {"a": {"b.c": {"d": 1}}, "z": 1}, ["a.b\\.c.d", "z"]),
        ("karpenter", {1: {2: 3}}, ["1.2"]),
        ("gpu-operator", {"operator": {"nodeSelector": {"a": "b"}}}, ["operator.nodeSelector.a"]),
        ("argo-workflows", {"server": {"authMode": "sso"}}, ["server.authMode"]),
        ("external-secrets", {"networkPolicy": {"enabled": True}}, ["networkPolicy.enabled"]),
        ("kube-prometheus-stack", {"grafana": {"ini": {"a": 1}}}, ["grafana.ini.a"]),
        ("prometheus-operator-crds", {"annotations": {"a": "b"}}, ["annotations.a"]),
    ],
)
def test_unknown_value_keys_of_an_unseen_key_names_its_path(
    key: str, values: dict[Any, Any], unseen: list[str]
) -> None:
    assert catalogue.unknown_value_keys(key, values) == unseen


def test_check_values_fails_naming_every_unseen_key_with_close_matches() -> None:
    values = {
        "settings": {"clustername": "a", "interuptionQueue": "b"},
        "zzzzqqqq": 1,
        "replicas": 2,
    }
    with pytest.raises(catalogue.CatalogueError) as caught:
        catalogue.check_values("karpenter", values)
    head, *unseen, hint = str(caught.value).splitlines()
    assert head.startswith("chart karpenter 1.14.0: values keys that were not seen in aws/karpenter-provider-aws:")
    assert unseen[0].startswith("  settings.clustername; did you mean settings.clusterName")
    assert unseen[1].startswith("  settings.interuptionQueue; did you mean settings.interruptionQueue")
    assert unseen[2] == "  zzzzqqqq"
    assert hint.endswith("components/_core/catalogue/keys/karpenter.yaml, or remove it")


def test_check_values_of_a_chart_with_subcharts_names_every_file_that_was_read() -> None:
    with pytest.raises(catalogue.CatalogueError) as caught:
        catalogue.check_values("kube-prometheus-stack", {"grafana": {"toleration": []}})
    head, unseen, _ = str(caught.value).splitlines()
    sources = catalogue.chart("kube-prometheus-stack").sources
    assert len(sources) == 4
    assert all(source in head for source in sources)
    assert unseen.startswith("  grafana.toleration; did you mean grafana.tolerations")


def test_check_values_of_an_output_is_a_value_and_not_a_section() -> None:
    def program() -> list[list[str]]:
        late = pulumi.Output.from_input("a")
        trees = ({"settings": {"clusterName": late}}, {"nodeSelector": late}, {"settings": late})
        return [catalogue.unknown_value_keys("karpenter", tree) for tree in trees]

    assert record(program).result == [[], [], ["settings"]]


def test_check_values_of_an_unknown_chart_fails() -> None:
    with pytest.raises(catalogue.CatalogueError, match="'nope' is not an add-on"):
        catalogue.check_values("nope", {})


# No deadline: a loaded machine is no fault of the code, and each unseen key is matched against hundreds.
@settings(deadline=None)
@given(st.sampled_from(KEYS), trees)
def test_unknown_value_keys_of_any_tree_never_crashes_and_check_agrees(key: str, values: dict[Any, Any]) -> None:
    unseen = catalogue.unknown_value_keys(key, values)
    assert unseen == sorted(set(unseen))
    if not unseen:
        catalogue.check_values(key, values)
        return
    with pytest.raises(catalogue.CatalogueError, match="not seen"):
        catalogue.check_values(key, values)


@settings(deadline=None)
@given(st.sampled_from(KEYS), st.data())
def test_unknown_value_keys_of_any_seen_key_is_empty(key: str, data: st.DataObject) -> None:
    chart = catalogue.chart(key)
    path = split_path(data.draw(st.sampled_from([*chart.values_keys, *chart.free_form])))
    values: Any = data.draw(scalars)
    for part in reversed(path):
        values = {part: values}
    assert catalogue.unknown_value_keys(key, values) == []


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_split_path_undoes_join_path(segments: list[str]) -> None:
    assert list(split_path(join_path(segments))) == segments
