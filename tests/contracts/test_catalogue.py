"""What every entry of the add-on catalogue must hold."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from components._core import catalogue
from components._core.catalogue.values import join_path, split_path

FOLDER = Path(catalogue.__file__).parent
CHARTS = catalogue.load_catalogue().charts

# Values keys of these were read in a file older than the pin. The list may shrink; growing it is a decision.
READ_IN_AN_OLDER_FILE = {
    "argo-workflows",
    "external-secrets",
    "gpu-operator/node-feature-discovery",
    "kube-prometheus-stack/grafana",
    "kube-prometheus-stack/kube-state-metrics",
    "kube-prometheus-stack/prometheus-node-exporter",
    "prometheus-operator-crds",
}

# Values that end up readable in the release: passwords come by reference to a secret.
SECRET_IN_VALUES = {
    "kube-prometheus-stack": (
        "grafana.adminPassword",
        "grafana.envRenderSecret",
        "grafana.ldap.config",
        "prometheus.extraSecret.data",
    ),
}

every_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=list(CHARTS))


def test_catalogue_holds_exactly_the_charts_that_earn_their_place() -> None:
    assert set(CHARTS) == {
        "argo-workflows",
        "aws-efa-k8s-device-plugin",
        "aws-neuron",
        "external-secrets",
        "gpu-operator",
        "karpenter",
        "karpenter-crd",
        "kube-prometheus-stack",
        "prometheus-operator-crds",
    }


@every_chart
def test_chart_is_pinned_to_one_exact_version(chart: catalogue.Chart) -> None:
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", chart.version)
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", chart.app_version)


@every_chart
def test_chart_has_keys_and_says_when_and_where_they_were_read(chart: catalogue.Chart) -> None:
    assert chart.values_keys or chart.free_form
    assert date(2026, 11, 1) <= chart.checked_on
    for source in chart.sources:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+:[\w./-]+@[0-9a-f]{40}", source)
    assert len(set(chart.sources)) == 1 + len(chart.subcharts)


def test_evidence_is_older_than_the_pin_only_where_it_is_admitted() -> None:
    older = {c.key for c in CHARTS.values() if c.evidence == "older"}
    older |= {f"{c.key}/{s.name}" for c in CHARTS.values() for s in c.subcharts if s.evidence == "older"}
    assert older == READ_IN_AN_OLDER_FILE


@every_chart
def test_chart_relations_name_charts_of_the_catalogue(chart: catalogue.Chart) -> None:
    named = {*chart.needs, *chart.optional_needs, *chart.conflicts}
    assert named <= set(CHARTS) - {chart.key}


@every_chart
def test_chart_paths_are_sorted_unique_and_never_inside_a_free_form_key(chart: catalogue.Chart) -> None:
    for paths in (chart.values_keys, chart.free_form):
        split = [split_path(path) for path in paths]
        assert sorted(split, key=lambda p: [s.lower() for s in p]) == split
        assert len(set(split)) == len(split)
    free = {split_path(path) for path in chart.free_form}
    parents = {
        split_path(path)[:n] for path in (*chart.values_keys, *chart.free_form) for n in range(1, len(split_path(path)))
    }
    assert not parents & free
    # A key is a value or a section, never both, or a scalar could stand for a section.
    assert not parents & {split_path(path) for path in chart.values_keys}


@every_chart
def test_chart_paths_survive_splitting_and_joining(chart: catalogue.Chart) -> None:
    for path in (*chart.values_keys, *chart.free_form):
        assert join_path(split_path(path)) == path


@every_chart
def test_image_switches_are_keys_that_were_seen(chart: catalogue.Chart) -> None:
    switches = {image.switch for image in chart.images if image.switch}
    assert switches <= set(chart.values_keys)


@every_chart
def test_crds_are_well_formed_and_their_plurals_follow_their_kinds(chart: catalogue.Chart) -> None:
    for crd in chart.crds:
        assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9-]+)+", crd.name)
        assert crd.plural.startswith(crd.kind.lower().removesuffix("y"))
        assert crd.plural.endswith("s")
        assert all(re.fullmatch(r"v\d+((alpha|beta)\d+)?", version) for version in crd.versions)


def test_every_crd_is_brought_by_one_chart() -> None:
    brought = Counter(crd.name for chart in CHARTS.values() for crd in chart.crds)
    assert {name: n for name, n in brought.items() if n > 1} == {}


@every_chart
def test_chart_that_leaves_its_crds_out_needs_one_that_brings_some(chart: catalogue.Chart) -> None:
    brings = [need for need in chart.needs if CHARTS[need].crds]
    assert bool(brings) == chart.skip_crds


@pytest.mark.parametrize(("key", "paths"), SECRET_IN_VALUES.items())
def test_values_that_would_hold_a_secret_are_refused(key: str, paths: tuple[str, ...]) -> None:
    for path in paths:
        values: object = "a"
        for part in reversed(split_path(path)):
            values = {part: values}
        assert isinstance(values, dict)
        assert catalogue.unknown_value_keys(key, values) == [path]


def test_definitions_are_of_the_minor_version_of_the_operator_that_reads_them() -> None:
    definitions = CHARTS["prometheus-operator-crds"].app_version
    operator = CHARTS["kube-prometheus-stack"].app_version
    assert definitions.rpartition(".")[0] == operator.rpartition(".")[0]


def test_names_are_unique_because_a_mirror_knows_nothing_else() -> None:
    names = Counter(chart.name for chart in CHARTS.values())
    assert max(names.values()) == 1


def test_key_files_are_those_of_the_charts() -> None:
    assert {path.stem for path in (FOLDER / "keys").glob("*.yaml")} == set(CHARTS)


def test_whole_catalogue_can_be_installed_together() -> None:
    waves = catalogue.install_order(CHARTS)
    position = {key: n for n, wave in enumerate(waves) for key in wave}
    assert set(position) == set(CHARTS)
    for chart in CHARTS.values():
        for need in (*chart.needs, *chart.optional_needs):
            assert position[need] < position[chart.key]


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ("karpenter", "settings.clusterName settings.clusterEndpoint settings.interruptionQueue"),
        ("karpenter", "settings.featureGates.reservedCapacity controller.image.digest"),
        ("gpu-operator", "driver.enabled toolkit.enabled mig.strategy daemonsets.tolerations nfd.enabled"),
        ("gpu-operator", "devicePlugin.config.name devicePlugin.config.default migManager.config.name"),
        ("gpu-operator", "dcgmExporter.serviceMonitor.enabled dcgmExporter.serviceMonitor.interval"),
        ("kube-prometheus-stack", "crds.enabled grafana.admin.existingSecret grafana.admin.userKey"),
        ("kube-prometheus-stack", "prometheus.prometheusSpec.ruleSelectorNilUsesHelmValues"),
        ("kube-prometheus-stack", "prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues"),
        ("kube-prometheus-stack", "kubeControllerManager.enabled kubeEtcd.enabled kubeScheduler.enabled"),
        ("kube-prometheus-stack", "kubeProxy.enabled coreDns.enabled kubelet.serviceMonitor.cAdvisor"),
        ("kube-prometheus-stack", "grafana.tolerations grafana.sidecar.dashboards.searchNamespace"),
        ("kube-prometheus-stack", "kube-state-metrics.tolerations kube-state-metrics.metricLabelsAllowlist"),
        ("kube-prometheus-stack", "prometheus-node-exporter.tolerations"),
        ("gpu-operator", "node-feature-discovery.master.tolerations node-feature-discovery.worker.tolerations"),
        ("argo-workflows", "crds.install controller.workflowNamespaces workflow.serviceAccount.create"),
        ("argo-workflows", "server.authModes server.sso.enabled server.sso.clientSecret.name"),
        ("argo-workflows", "artifactRepository.archiveLogs useStaticCredentials server.tolerations"),
        ("external-secrets", "installCRDs webhook.tolerations certController.tolerations global.tolerations"),
        ("aws-efa-k8s-device-plugin", "supportedInstanceLabels.keys supportedInstanceLabels.values"),
        ("prometheus-operator-crds", "crds.servicemonitors.enabled crds.prometheusrules.enabled"),
        ("aws-neuron", "devicePlugin.enabled scheduler.enabled npd.enabled neuronInstances"),
    ],
)
def test_keys_that_the_platform_rests_on_are_recorded(key: str, paths: str) -> None:
    assert set(paths.split()) <= set(CHARTS[key].values_keys)
