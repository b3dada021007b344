"""Argo Workflows: the chart's values, the archive and its password, templates of pools, who may do what."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components._core import catalogue
from components._core.args import ArgsError
from components._core.durability import Durability
from components.orchestrator import GpuPoolRef, Orchestrator, OrchestratorArgs, SsoArgs, TeamArgs, restart, templates
from tests.graph import Graph, record

RELEASE = "kubernetes:helm.sh/v3:Release"
TEMPLATE = "kubernetes:argoproj.io/v1alpha1:ClusterWorkflowTemplate"
BUCKET, KEY = "arn:aws:s3:::acme-datasets", "arn:aws:kms:eu-west-1:123456789012:key/artifacts"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-2"
TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
L4 = GpuPoolRef(name="l4", resource="nvidia.com/gpu", selector={"mlops.dev/pool": "l4"}, tolerations=[TOLERATION])
SLICES = GpuPoolRef(
    name="slices", resource="nvidia.com/mig-1g.10gb", selector={"mlops.dev/pool": "slices"}, tolerations=[TOLERATION]
)
VISION = TeamArgs(name="vision", gpus=8, cpu=200, memory_gib=1000, groups=["vision", "research"])
SPEECH = TeamArgs(name="speech", gpus=0, cpu=10, memory_gib=64)
NEEDED: dict[str, Any] = {
    "cluster_name": "acme",
    "region": "eu-west-1",
    "vpc_cidr": "10.20.0.0/16",
    "bucket_name": "acme-datasets",
    "bucket_arn": BUCKET,
    "bucket_key_arn": KEY,
    "database_endpoint": "db.example.internal",
    "database_name": "argo",
    "database_secret_arn": SECRET_ARN,
    "secret_store": "aws-secrets-manager",
    "teams": [VISION, SPEECH],
}
SSO = SsoArgs(
    issuer="https://id.example.com", redirect_url="https://argo.example.com/oauth2/callback", secret_name="argo-sso"
)
OUTPUTS = ("namespace", "team_namespaces", "service_accounts", "artifact_prefix")


def orchestrator(preview: bool = False, **more: Any) -> Graph:
    def program() -> dict[str, Any]:
        made = Orchestrator("flows", OrchestratorArgs(**{**NEEDED, **more}))
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


def test_orchestrator_installs_the_pinned_chart_with_definitions_from_itself() -> None:
    release = orchestrator().one(RELEASE).inputs
    assert release["version"] == catalogue.chart("argo-workflows").version
    # The full definitions would be fetched from the internet by a job.
    assert release["values"]["crds"] == {"install": True, "full": False, "keep": True}


def test_orchestrator_ephemeral_leaves_no_definitions_behind() -> None:
    assert values(orchestrator(durability=Durability.EPHEMERAL))["crds"]["keep"] is False


def test_orchestrator_controller_is_double_restricted_and_watches_its_teams() -> None:
    controller = values(orchestrator(parallelism=7))["controller"]
    assert (controller["replicas"], controller["pdb"]) == (2, {"enabled": True, "minAvailable": 1})
    assert controller["workflowNamespaces"] == ["team-vision", "team-speech"]
    assert controller["parallelism"] == 7
    assert controller["podSecurityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert controller["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert controller["serviceMonitor"] == {"enabled": False}
    assert controller["metricsConfig"]["enabled"] is True


def test_orchestrator_monitored_on_request() -> None:
    assert values(orchestrator(service_monitor=True))["controller"]["serviceMonitor"] == {"enabled": True}


def test_orchestrator_archives_in_postgresql_over_tls_with_a_referenced_password() -> None:
    graph = orchestrator(keep_days=30, database_port=6432)
    persistence = values(graph)["controller"]["persistence"]
    assert (persistence["archive"], persistence["nodeStatusOffLoad"], persistence["archiveTTL"]) == (True, True, "30d")
    postgresql = persistence["postgresql"]
    assert (postgresql["ssl"], postgresql["sslMode"], postgresql["port"]) == (True, "require", 6432)
    secret = graph.named("flows-database").inputs["spec"]
    assert postgresql["userNameSecret"] == {"name": secret["target"]["name"], "key": "username"}
    assert postgresql["passwordSecret"] == {"name": secret["target"]["name"], "key": "password"}
    assert {d["remoteRef"]["key"] for d in secret["data"]} == {SECRET_ARN}
    assert graph.depends(graph.one(RELEASE), graph.named("flows-database"))


def test_orchestrator_rotated_password_rolls_controller_and_server() -> None:
    graph = orchestrator()
    data = graph.named("flows-database").inputs["spec"]["target"]["template"]["data"]
    filled = json.loads(re.sub(r"\{\{ \.password \| sha256sum \| trunc 16 \}\}", "0f0f", data["patch.json"]))
    assert filled["spec"]["template"]["metadata"]["annotations"] == {"mlops.dev/database-password": "0f0f"}
    pod = graph.named("flows-watch").inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"][:4] == ["patch", "deployment", *restart.DEPLOYMENTS]
    assert "--patch-file=/patch/patch.json" in container["args"]
    (patch,) = [v for v in pod["volumes"] if v["name"] == "patch"]
    # The job needs the patch, not the password.
    assert [i["key"] for i in patch["secret"]["items"]] == ["patch.json"]
    (rule,) = graph.named("flows-watch-role").inputs["rules"]
    assert (rule["resourceNames"], rule["verbs"]) == (list(restart.DEPLOYMENTS), ["get", "patch"])


def test_orchestrator_names_the_deployments_that_the_chart_makes() -> None:
    name = values(orchestrator())["fullnameOverride"]
    assert (f"{name}-workflow-controller", f"{name}-server") == restart.DEPLOYMENTS


def test_orchestrator_workflow_defaults_end_clean_up_and_run_as_a_plain_user() -> None:
    spec = values(orchestrator(max_days=2))["controller"]["workflowDefaults"]["spec"]
    assert spec["activeDeadlineSeconds"] == 2 * 86_400
    assert spec["serviceAccountName"] == "workflow"
    assert spec["podGC"]["strategy"] == "OnPodCompletion"
    assert spec["ttlStrategy"]["secondsAfterFailure"] > spec["ttlStrategy"]["secondsAfterSuccess"] > 0
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    found = values(orchestrator())
    assert found["executor"]["securityContext"]["allowPrivilegeEscalation"] is False
    assert found["mainContainer"]["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_orchestrator_server_never_acts_with_its_own_rights() -> None:
    server = values(orchestrator())["server"]
    assert server["authModes"] == ["client"]
    assert "sso" not in server
    assert server["clusterWorkflowTemplates"]["enableEditing"] is False


def test_orchestrator_with_sign_on_keeps_tokens_and_references_the_client() -> None:
    server = values(orchestrator(sso=SSO))["server"]
    assert server["authModes"] == ["client", "sso"]
    assert server["sso"]["clientSecret"] == {"name": "argo-sso", "key": "client-secret"}
    assert (server["sso"]["issuer"], server["sso"]["rbac"]) == ("https://id.example.com", {"enabled": True})


def test_template_of_a_pool_asks_for_its_resource_on_its_nodes() -> None:
    graph = orchestrator(pools=[L4, SLICES])
    assert {t.inputs["metadata"]["name"] for t in graph.of(TEMPLATE)} == {"gpu-l4", "gpu-slices"}
    for pool in (L4, SLICES):
        (template,) = graph.named(f"flows-{pool.name}-template").inputs["spec"]["templates"]
        assert template["nodeSelector"] == pool.selector
        assert template["tolerations"] == [TOLERATION]
        resources = json.loads(template["podSpecPatch"])["containers"][0]["resources"]
        for part in ("requests", "limits"):
            assert resources[part][pool.resource] == "{{inputs.parameters.gpus}}"
        assert resources["requests"]["memory"] == resources["limits"]["memory"]


def test_template_uses_only_parameters_that_it_declares() -> None:
    spec = orchestrator(pools=[L4]).one(TEMPLATE).inputs["spec"]
    (template,) = spec["templates"]
    declared = {p["name"] for p in template["inputs"]["parameters"]}
    assert set(re.findall(r"inputs\.parameters\.([\w-]+)", json.dumps(template))) == declared
    assert {p["name"] for p in spec["arguments"]["parameters"]} == declared
    without = {p["name"] for p in template["inputs"]["parameters"] if "default" not in p}
    assert without == {"image", "command"}
    assert spec["entrypoint"] == template["name"]


def test_template_starts_again_elsewhere_after_a_lost_node_with_the_same_checkpoints() -> None:
    (template,) = orchestrator(pools=[L4], retries=9).one(TEMPLATE).inputs["spec"]["templates"]
    strategy = template["retryStrategy"]
    assert (strategy["limit"], strategy["retryPolicy"]) == ("9", "Always")
    assert strategy["affinity"] == {"nodeAntiAffinity": {}}
    assert "[137, 143]" in strategy["expression"]
    assert 'not (lastRetry.message contains "OOMKilled")' in strategy["expression"]
    environment = {e["name"]: e["value"] for e in template["container"]["env"]}
    checkpoints = environment["CHECKPOINT_URI"]
    assert checkpoints == "s3://acme-datasets/workflows/{{workflow.namespace}}/checkpoints/{{inputs.parameters.run}}"
    assert "retries" not in checkpoints


def test_template_volumes_are_patched_by_name() -> None:
    (template,) = orchestrator(pools=[L4]).one(TEMPLATE).inputs["spec"]["templates"]
    patched = {v["name"] for v in json.loads(template["podSpecPatch"])["volumes"]}
    assert patched == {v["name"] for v in template["volumes"]}
    assert {m["name"] for m in template["container"]["volumeMounts"]} == patched


def test_priorities_put_services_before_training_which_displaces_nobody() -> None:
    graph = orchestrator(pools=[L4])
    classes = {
        c.inputs["metadata"]["name"]: c.inputs for c in graph.of("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    }
    order = sorted(classes, key=lambda name: int(classes[name]["value"]))
    assert order == ["mlops-training", "mlops-inference", "mlops-system"]
    assert classes["mlops-training"]["preemptionPolicy"] == "Never"
    assert max(int(c["value"]) for c in classes.values()) <= 1_000_000_000
    assert not [name for name, c in classes.items() if c.get("globalDefault")]
    assert graph.one(TEMPLATE).inputs["spec"]["templates"][0]["priorityClassName"] in templates.PRIORITIES


def test_orchestrator_templates_come_after_the_definitions() -> None:
    graph = orchestrator(pools=[L4])
    release = graph.one(RELEASE)
    for name in ("flows-l4-template", "flows-watch", "flows-readers-role"):
        assert graph.depends(graph.named(name), release), name
    assert release.deleted_with == ""


def test_orchestrator_waits_for_what_it_is_told_to_wait_for() -> None:
    def program() -> None:
        first = aws.sns.Topic("first")
        Orchestrator("flows", OrchestratorArgs(**NEEDED, pools=[L4]), pulumi.ResourceOptions(depends_on=[first]))

    graph = record(program)
    for name in ("flows-argo", "flows-database", "flows-vision-quota", "flows-l4-template", "flows-system-priority"):
        assert graph.depends(graph.named(name), graph.named("first")), name


def test_orchestrator_no_input_holds_a_secret() -> None:
    graph = orchestrator(pools=[L4])
    assert graph.of("kubernetes:core/v1:Secret") == []
    secretish = re.compile(r"(?i)(password|passwd|secret|token|credential|access_?key)$")
    found = {
        (name, value)
        for resource in graph.resources
        for name, value in leaves(resource.inputs)
        if isinstance(value, str) and secretish.search(name)
    }
    assert found == {("password", "{{ .password }}")}


def test_orchestrator_registers_exactly_its_annotated_outputs() -> None:
    graph = orchestrator()
    assert tuple(Orchestrator.__annotations__) == OUTPUTS
    assert graph.outputs_of("flows").keys() == set(OUTPUTS)
    assert graph.result == {
        "namespace": "argo",
        "team_namespaces": {"vision": "team-vision", "speech": "team-speech"},
        "service_accounts": {"vision": "workflow", "speech": "workflow"},
        "artifact_prefix": "s3://acme-datasets/workflows",
    }


def test_orchestrator_children_are_its_own_and_tagged() -> None:
    graph = orchestrator(pools=[L4])
    for child in [r for r in graph.resources if r.custom]:
        assert graph.parent_of(child) == "flows"
        if child.type in ("aws:iam/role:Role", "aws:eks/podIdentityAssociation:PodIdentityAssociation"):
            assert child.inputs["tags"]["component"] == "orchestrator"
        if child.type.startswith("kubernetes:") and child.type != RELEASE:
            assert child.inputs["metadata"]["labels"]["app.kubernetes.io/component"] == "orchestrator", child.name


def test_orchestrator_preview_shows_every_object() -> None:
    def program() -> None:
        role = aws.iam.Role("pool", assume_role_policy="{}")
        pool = GpuPoolRef(name="l4", resource=role.arn, selector={"a": role.arn}, tolerations=[TOLERATION])
        Orchestrator("flows", OrchestratorArgs(**NEEDED, pools=[pool]))

    names = {r.name for r in record(program, preview=True).resources}
    assert names == {r.name for r in record(program).resources}
    assert {"flows-l4-template", "flows-vision-quota"} <= names


def test_orchestrator_hosted_mapping_equals_local_args() -> None:
    pool = {"name": "l4", "resource": L4.resource, "selector": L4.selector, "tolerations": L4.tolerations}
    team = {"name": "vision", "gpus": 8.0, "cpu": 200.0, "memory_gib": 1000.0}
    hosted = {**NEEDED, "teams": [team], "pools": [pool], "max_days": 3.0}
    graph = record(lambda: Orchestrator("flows", hosted).namespace)  # type: ignore[arg-type]
    local = orchestrator(teams=[TeamArgs(name="vision", gpus=8, cpu=200, memory_gib=1000)], pools=[L4], max_days=3)
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"teams": []}, "teams: is empty; name at least one team"),
        ({"teams": [VISION, VISION]}, "teams: names vision more than once; give each a name of its own"),
        ({"pools": [L4, L4]}, "pools: names l4 more than once"),
        ({"artifact_prefix": "a//b"}, "artifact_prefix: 'a//b' is not a key prefix"),
        ({"parallelism": 0}, "parallelism: 0 is outside 1 to 10000 workflows"),
        ({"max_days": 365}, "max_days: 365 is outside 1 to 90 days"),
        ({"keep_days": 0}, "keep_days: 0 is outside 1 to 3650 days"),
        ({"retries": -1}, "retries: -1 is outside 0 to 100 times"),
    ],
)
def test_orchestrator_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        OrchestratorArgs(**{**NEEDED, **given})
    assert message in str(failed.value)
    assert not str(failed.value).endswith(".")
