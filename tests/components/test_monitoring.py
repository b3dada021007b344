"""Monitoring: what is installed, who may publish, where alerts go, and that no password is in sight."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from components._core import catalogue
from components._core.args import ArgsError
from components.monitoring import MonitoredPool, Monitoring, MonitoringArgs, manifests, rules
from tests.graph import ACCOUNT, Graph, record

RELEASE = "kubernetes:helm.sh/v3:Release"
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/notifications"
NEEDED: dict[str, Any] = {
    "cluster_name": "acme",
    "region": "eu-west-1",
    "account_id": ACCOUNT,
    "notification_key_arn": KEY,
    "storage_class": "gp3-encrypted",
}
FULL: dict[str, Any] = {
    "alert_emails": ["on.call@example.com", "ml@example.com"],
    "pools": [MonitoredPool(name="l4", gpu_price_usd=0.8), MonitoredPool(name="h100")],
}
OUTPUTS = ("topic_arn", "namespace", "grafana_admin_secret_name", "dashboards")


def monitoring(preview: bool = False, **more: Any) -> Graph:
    def program() -> dict[str, Any]:
        made = Monitoring("monitoring", MonitoringArgs(**NEEDED, **more))
        return {name: getattr(made, name) for name in OUTPUTS}

    return record(program, preview=preview)


def values(graph: Graph) -> dict[str, Any]:
    found: dict[str, Any] = graph.one(RELEASE).inputs["values"]
    return found


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, name)
    else:
        yield name, value


def test_monitoring_installs_the_pinned_chart_without_its_definitions() -> None:
    release = monitoring().one(RELEASE).inputs
    assert release["version"] == catalogue.chart("kube-prometheus-stack").version
    assert release["namespace"] == "monitoring"
    assert release["values"]["crds"] == {"enabled": False}


def test_monitoring_leaves_out_what_eks_hides_and_what_its_own_rules_say() -> None:
    found = values(monitoring())
    for hidden in ("kubeControllerManager", "kubeEtcd", "kubeProxy", "kubeScheduler"):
        assert found[hidden] == {"enabled": False}
    assert found["defaultRules"]["rules"]["etcd"] is False
    own = {r["alert"] for g in rules.groups([], 1, "a", "b") for r in g["rules"] if "alert" in r}
    assert found["defaultRules"]["disabled"]["KubeNodeNotReady"] is True
    assert "NodeNotReady" in own


def test_monitoring_prometheus_takes_every_monitor_and_keeps_what_was_asked() -> None:
    spec = values(monitoring(retention_days=30, storage_gib=200))["prometheus"]["prometheusSpec"]
    for kind in ("podMonitor", "probe", "rule", "scrapeConfig", "serviceMonitor"):
        assert spec[f"{kind}SelectorNilUsesHelmValues"] is False
    assert (spec["retention"], spec["retentionSize"]) == ("30d", "160GB")
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert claim["storageClassName"] == "gp3-encrypted"
    assert claim["resources"]["requests"]["storage"] == "200Gi"
    assert spec["externalLabels"] == {"cluster": "acme"}


def test_monitoring_alerts_that_wake_or_warn_go_to_the_topic_and_others_nowhere() -> None:
    graph = monitoring()
    config = values(graph)["alertmanager"]["config"]
    receivers = {r["name"]: r for r in config["receivers"]}
    assert config["route"]["receiver"] == "nobody"
    assert receivers["nobody"] == {"name": "nobody"}
    assert {m for r in config["route"]["routes"] for m in r["matchers"]} == {
        'severity="critical"',
        'severity="warning"',
    }
    assert {r["receiver"] for r in config["route"]["routes"]} == {"sns"}
    (sns,) = receivers["sns"]["sns_configs"]
    assert sns["topic_arn"] == graph.result["topic_arn"]
    # Keys would be in the release: the pod's own identity signs.
    assert sns["sigv4"] == {"region": "eu-west-1"}


def test_monitoring_alertmanager_publishes_to_its_topic_only() -> None:
    graph = monitoring()
    policy = json.loads(graph.named("monitoring-publish").inputs["policy"])["Statement"]
    statements = {s["Sid"]: s for s in policy}
    assert statements["Publish"]["Resource"] == graph.result["topic_arn"]
    assert statements["Key"]["Resource"] == KEY
    assert statements["Key"]["Condition"] == {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}}
    association = graph.one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    account = values(graph)["alertmanager"]["serviceAccount"]["name"]
    assert (association["namespace"], association["serviceAccount"]) == ("monitoring", account)


def test_monitoring_topic_is_encrypted_and_refuses_plain_text() -> None:
    graph = monitoring(**FULL)
    assert graph.one("aws:sns/topic:Topic").inputs["kmsMasterKeyId"] == KEY
    policy = json.loads(graph.one("aws:sns/topicPolicy:TopicPolicy").inputs["policy"])["Statement"]
    statements = {s["Sid"]: s for s in policy}
    assert statements["TlsOnly"]["Effect"] == "Deny"
    assert statements["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statements["Alarms"]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    mails = graph.of("aws:sns/topicSubscription:TopicSubscription")
    assert {(m.name, m.inputs["endpoint"]) for m in mails} == {
        ("monitoring-mail-on-call-example-com", "on.call@example.com"),
        ("monitoring-mail-ml-example-com", "ml@example.com"),
    }


def test_monitoring_grafana_password_is_generated_once_and_referenced() -> None:
    graph = monitoring()
    secret = graph.named("monitoring-admin").inputs["spec"]
    assert secret["refreshPolicy"] == "CreatedOnce"
    assert secret["target"]["name"] == graph.result["grafana_admin_secret_name"]
    admin = values(graph)["grafana"]["admin"]
    assert admin["existingSecret"] == secret["target"]["name"]
    assert {admin["userKey"], admin["passwordKey"]} == set(secret["target"]["template"]["data"])
    assert graph.named("monitoring-admin-generator").inputs["spec"]["length"] >= 32
    assert graph.depends(graph.one(RELEASE), graph.named("monitoring-admin"))


def test_monitoring_no_input_holds_a_secret() -> None:
    graph = monitoring(**FULL)
    assert graph.of("kubernetes:core/v1:Secret") == []
    secretish = re.compile(r"(?i)(password|passwd|secret|token|credential|access_?key)$")
    found = {
        (name, value)
        for resource in graph.resources
        for name, value in leaves(resource.inputs)
        if isinstance(value, str) and secretish.search(name)
    }
    assert found == {("password", "{{ .password }}"), ("existingSecret", "grafana-admin")}


def test_monitoring_scrapes_gpus_with_the_pool_of_their_node() -> None:
    spec = monitoring(gpu_namespace="gpu").named("monitoring-gpu-monitor").inputs["spec"]
    assert spec["namespaceSelector"] == {"matchNames": ["gpu"]}
    assert spec["attachMetadata"] == {"node": True}
    (endpoint,) = spec["endpoints"]
    assert endpoint["honorLabels"] is True
    steps = endpoint["relabelings"]
    assert steps[0] == {"targetLabel": "pool", "replacement": "none"}
    assert [r["sourceLabels"][0].removeprefix("__meta_kubernetes_node_label_") for r in steps[1:]] == [
        "eks_amazonaws_com_nodegroup",
        "karpenter_sh_nodepool",
        "mlops_dev_pool",
    ]
    assert {r["regex"] for r in steps[1:]} == {"(.+)"}


def test_monitoring_rules_use_the_names_and_prices_that_were_given() -> None:
    graph = monitoring(**FULL, registry_namespace="tracking", idle_cost_limit_usd=3.5)
    text = json.dumps([r.inputs for r in graph.of(RULE)])
    assert 'namespace=\\"tracking\\"' in text
    prices = [
        rule
        for resource in graph.of(RULE)
        for rule in resource.inputs["spec"]["groups"][0]["rules"]
        if rule.get("record") == "mlops:gpu_price:usd_per_hour"
    ]
    assert prices == [{"record": "mlops:gpu_price:usd_per_hour", "expr": "vector(0.8)", "labels": {"pool": "l4"}}]
    assert "> 3.5" in text


def test_monitoring_dashboards_are_found_by_grafana() -> None:
    graph = monitoring()
    boards = graph.of("kubernetes:core/v1:ConfigMap")
    assert sorted(graph.result["dashboards"]) == sorted(b.inputs["metadata"]["name"] for b in boards)
    sidecar = values(graph)["grafana"]["sidecar"]["dashboards"]
    for board in boards:
        assert board.inputs["metadata"]["labels"][sidecar["label"]] == sidecar["labelValue"]
        ((name, text),) = board.inputs["data"].items()
        assert name == f"{board.inputs['metadata']['name']}.json"
        assert json.loads(text)["uid"] == board.inputs["metadata"]["name"]


def test_monitoring_only_the_node_exporter_may_see_the_host() -> None:
    graph = monitoring()
    level = "pod-security.kubernetes.io/enforce"
    spaces = {
        s.inputs["metadata"]["name"]: s.inputs["metadata"]["labels"][level]
        for s in graph.of("kubernetes:core/v1:Namespace")
    }
    assert spaces == {"monitoring": "baseline", "node-exporter": "privileged"}
    assert values(graph)["prometheus-node-exporter"]["namespaceOverride"] == "node-exporter"


def test_monitoring_namespace_lets_nobody_in_but_its_own_and_the_webhook() -> None:
    graph = monitoring()
    policies = {
        p.inputs["metadata"]["name"]: p.inputs["spec"]
        for p in graph.of("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    }
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    assert policies["among-monitoring"]["ingress"] == [{"from": [{"podSelector": {}}]}]
    assert policies["operator-webhook"]["ingress"] == [{"ports": [{"port": 10250, "protocol": "TCP"}]}]


def test_monitoring_release_comes_after_namespaces_secret_and_identity() -> None:
    graph = monitoring()
    for name in ("namespace", "node-namespace", "admin", "identity", "alerts", "default-deny-policy"):
        assert graph.depends(graph.one(RELEASE), graph.named(f"monitoring-{name}")), name
    assert graph.one(RELEASE).deleted_with == ""


def test_monitoring_waits_for_what_it_is_told_to_wait_for() -> None:
    import pulumi
    import pulumi_aws as aws

    def program() -> None:
        first = aws.sqs.Queue("first")
        Monitoring("monitoring", MonitoringArgs(**NEEDED), pulumi.ResourceOptions(depends_on=[first]))

    graph = record(program)
    for name in ("monitoring-stack", "monitoring-gpu-use-rules", "monitoring-admin"):
        assert graph.depends(graph.named(name), graph.named("first")), name


def test_monitoring_values_of_the_user_are_merged_last() -> None:
    given = {"grafana": {"enabled": False}, "anything": {"new": 1}}
    found = values(monitoring(extra_values=given))
    assert found["grafana"]["enabled"] is False
    assert found["grafana"]["admin"]["existingSecret"] == "grafana-admin"
    assert found["anything"] == {"new": 1}


def test_monitoring_mirror_replaces_the_repository() -> None:
    release = monitoring(mirror="oci://registry.example.internal/charts").one(RELEASE).inputs
    assert release["chart"] == "oci://registry.example.internal/charts/kube-prometheus-stack"


def test_monitoring_registers_exactly_its_annotated_outputs() -> None:
    graph = monitoring()
    assert tuple(Monitoring.__annotations__) == OUTPUTS
    assert graph.outputs_of("monitoring").keys() == set(OUTPUTS)


def test_monitoring_children_are_its_own_and_tagged() -> None:
    graph = monitoring(**FULL)
    tagged = ("aws:sns/topic:Topic", "aws:iam/role:Role", "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    for child in [r for r in graph.resources if r.custom]:
        assert graph.parent_of(child) == "monitoring"
        if child.type in tagged:
            assert child.inputs["tags"]["component"] == "monitoring"
        if child.type.startswith("kubernetes:") and child.type != RELEASE:
            assert child.inputs["metadata"]["labels"]["app.kubernetes.io/component"] == "monitoring"


def test_monitoring_preview_shows_every_object() -> None:
    preview = monitoring(preview=True, **FULL)
    assert {r.name for r in preview.resources} == {r.name for r in monitoring(**FULL).resources}


def test_monitoring_hosted_mapping_equals_local_args() -> None:
    hosted = {**NEEDED, "storage_gib": 100.0, "pools": [{"name": "l4", "gpu_price_usd": 0.8}]}
    graph = record(lambda: Monitoring("monitoring", hosted).topic_arn)  # type: ignore[arg-type]
    local = monitoring(storage_gib=100, pools=[MonitoredPool(name="l4", gpu_price_usd=0.8)])
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}


@pytest.mark.parametrize(
    ("address", "expected"), [("On.Call@Example.com", "on-call-example-com"), ("a+b@c.d", "a-b-c-d")]
)
def test_slug_makes_a_logical_name_of_an_address(address: str, expected: str) -> None:
    assert manifests.slug(address) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alert_emails": ["a@b.c", "nobody"]}, "alert_emails[1]: 'nobody' is not an address; use name@domain"),
        ({"retention_days": 0}, "retention_days: 0 is outside 1 to 400 days"),
        ({"storage_gib": 5}, "storage_gib: 5 is outside 10 to 16384 GiB"),
        ({"idle_cost_limit_usd": -1}, "idle_cost_limit_usd: -1 is outside 0 to 1000000 USD an hour"),
        (
            {"pools": [MonitoredPool(name="l4"), MonitoredPool(name="l4")]},
            "pools: names l4 more than once; give each pool once",
        ),
    ],
)
def test_monitoring_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        MonitoringArgs(**NEEDED, **given)
    assert message in str(failed.value)
    assert not str(failed.value).endswith(".")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "L4"}, "pools.name: 'L4' is not the name of a pool"),
        ({"name": "l4", "gpu_price_usd": -1}, "pools[l4].gpu_price_usd: -1 is outside 0 to 1000 USD an hour"),
    ],
)
def test_monitored_pool_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        MonitoredPool(**given)
    assert message in str(failed.value)
