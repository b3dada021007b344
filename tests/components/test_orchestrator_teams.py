"""Teams of the orchestrator: each has its own quota, rights, bucket prefix and closed network, and no more."""

import json
from typing import Any

import pytest

from components._core.args import ArgsError
from components.orchestrator import GpuPoolRef, Orchestrator, OrchestratorArgs, SsoArgs, TeamArgs, tenancy
from tests.components.test_orchestrator import KEY, L4, NEEDED, SLICES, SPEECH, VISION
from tests.graph import Graph, Recorded, record

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


def teams(**more: Any) -> Graph:
    args = OrchestratorArgs(**{**NEEDED, "pools": [L4, SLICES], **more})
    return record(lambda: Orchestrator("flows", args).namespace)


def inside(graph: Graph, namespace: str) -> list[Recorded]:
    return [r for r in graph.resources if r.inputs.get("metadata", {}).get("namespace") == namespace]


def statements(graph: Graph, name: str) -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(graph.named(name).inputs["policy"])["Statement"]}


def test_team_namespace_is_restricted_and_labelled() -> None:
    labels = teams().named("flows-vision-namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels[tenancy.TEAM_LABEL] == "vision"


def test_team_quota_bounds_every_accelerator_that_a_pool_offers() -> None:
    graph = teams()
    hard = graph.named("flows-vision-quota").inputs["spec"]["hard"]
    assert hard["requests.nvidia.com/gpu"] == hard["requests.nvidia.com/mig-1g.10gb"] == "8"
    assert (hard["requests.cpu"], hard["requests.memory"]) == ("200", "1000Gi")
    assert (hard["services.loadbalancers"], hard["services.nodeports"]) == ("0", "0")
    assert graph.named("flows-speech-quota").inputs["spec"]["hard"]["requests.nvidia.com/gpu"] == "0"


def test_team_quota_has_no_accelerators_without_pools() -> None:
    hard = teams(pools=None).named("flows-vision-quota").inputs["spec"]["hard"]
    assert not [name for name in hard if "/" in name]


def test_team_limits_give_what_the_quota_demands() -> None:
    (limit,) = teams().named("flows-vision-limits").inputs["spec"]["limits"]
    assert limit["defaultRequest"].keys() == {"cpu", "memory"}
    assert limit["default"].keys() == {"memory"}


def test_team_role_reaches_its_own_prefix_only() -> None:
    graph = teams(artifact_prefix="flows")
    found = statements(graph, "flows-vision-artifacts")
    assert found["Objects"]["Resource"] == "arn:aws:s3:::acme-datasets/flows/team-vision/*"
    assert found["List"]["Condition"]["StringLike"]["s3:prefix"] == ["flows/team-vision", "flows/team-vision/*"]
    assert found["Key"]["Resource"] == KEY
    assert found["Key"]["Condition"] == {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    assert "team-speech" not in json.dumps(found)
    association = graph.named("flows-vision-identity").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("team-vision", "workflow")
    assert association["roleArn"].endswith("flows-vision-workload")


def test_server_role_reads_and_never_writes() -> None:
    found = statements(teams(), "flows-server-read")
    actions = {a for s in found.values() for a in s["Action"]}
    assert actions == {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"}


def test_team_artifacts_lie_where_its_role_reaches() -> None:
    graph = teams()
    repository = graph.named("flows-vision-repository").inputs
    name = repository["metadata"]["annotations"]["workflows.argoproj.io/default-artifact-repository"]
    assert repository["metadata"]["name"] == "artifact-repositories"
    s3 = json.loads(repository["data"][name])["s3"]
    allowed = statements(graph, "flows-vision-artifacts")["Objects"]["Resource"]
    assert f"arn:aws:s3:::{s3['bucket']}/{s3['keyFormat']}".startswith(allowed.removesuffix("*"))
    assert s3["useSDKCreds"] is True
    assert s3["encryptionOptions"] == {"enableEncryption": True, "kmsKeyId": KEY}
    assert not {"accessKeySecret", "secretKeySecret", "insecure"} & s3.keys()


def test_team_checkpoints_lie_where_its_role_reaches() -> None:
    graph = teams()
    (template,) = graph.named("flows-l4-template").inputs["spec"]["templates"]
    address = template["container"]["env"][0]["value"].replace("{{workflow.namespace}}", "team-vision")
    allowed = statements(graph, "flows-vision-artifacts")["Objects"]["Resource"].removesuffix("*")
    assert address.replace("s3://", "arn:aws:s3:::").startswith(allowed)


def test_team_workflows_may_only_report_their_results() -> None:
    graph = teams()
    assert graph.named("flows-vision-workflow-role").inputs["rules"] == [
        {"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}
    ]
    (subject,) = graph.named("flows-vision-workflow-binding").inputs["subjects"]
    assert subject == {"kind": "ServiceAccount", "name": "workflow", "namespace": "team-vision"}


def test_team_people_get_workflows_and_no_secrets() -> None:
    graph = teams()
    rules = graph.named("flows-vision-users-role").inputs["rules"]
    granted = {(resource, verb) for rule in rules for resource in rule["resources"] for verb in rule["verbs"]}
    assert ("workflows", "create") in granted
    assert ("pods/log", "get") in granted
    assert not [g for g in granted if g[0] in ("secrets", "pods/exec", "*") or g == ("pods", "create")]
    binding = graph.named("flows-vision-users-binding").inputs
    assert {s["name"] for s in binding["subjects"]} == {"vision", "research"}
    assert binding["roleRef"]["name"] == graph.named("flows-vision-users-role").inputs["metadata"]["name"]


def test_team_without_groups_has_no_people() -> None:
    graph = teams(teams=[SPEECH])
    assert not [r.name for r in graph.resources if "users" in r.name or "readers" in r.name]


def test_all_people_read_the_templates_of_pools() -> None:
    graph = teams()
    (rule,) = graph.named("flows-readers-role").inputs["rules"]
    assert (rule["resources"], rule["verbs"]) == (["clusterworkflowtemplates"], ["get", "list", "watch"])
    subjects = graph.named("flows-readers-binding").inputs["subjects"]
    assert [s["name"] for s in subjects] == ["research", "vision"]


def test_team_network_is_closed_but_for_itself_registry_and_aws() -> None:
    graph = teams(registry_namespace="tracking")
    found = {
        p.inputs["metadata"]["name"]: p.inputs["spec"]
        for p in graph.of(POLICY)
        if p.inputs["metadata"]["namespace"] == "team-vision"
    }
    assert found["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert found["team"]["ingress"] == [{"from": [{"podSelector": {}}]}]
    registry = found["team"]["egress"][1]
    assert registry["to"][0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "tracking"}
    assert [p["port"] for p in registry["ports"]] == [5000]
    blocks = {t["ipBlock"]["cidr"]: t["ipBlock"] for e in found["team"]["egress"] for t in e["to"] if "ipBlock" in t}
    assert blocks.keys() == {"0.0.0.0/0", "169.254.170.23/32"}
    assert blocks["0.0.0.0/0"]["except"] == ["169.254.169.254/32"]


def test_controller_network_reaches_the_database_and_answers_teams_and_monitoring() -> None:
    graph = teams(database_port=6432)
    found = graph.named("flows-argo-policy").inputs["spec"]
    database = found["egress"][0]
    assert database == {"to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}], "ports": [{"port": 6432, "protocol": "TCP"}]}
    ports = [[p["port"] for p in e["ports"]] for e in found["ingress"]]
    assert ports == [[2746], [9090]]


def test_team_objects_go_with_its_namespace() -> None:
    graph = teams()
    for team in (VISION, SPEECH):
        space = graph.named(f"flows-{team.name}-namespace")
        found = inside(graph, team.namespace)
        assert len(found) >= 8
        assert {r.deleted_with for r in found} == {space.urn}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "Vision"}, "teams.name: 'Vision' is not a name; use lower-case words joined by dashes, at most 16"),
        ({"name": "a-very-long-team-name"}, "at most 16 characters"),
        ({"name": "v", "gpus": -1}, "teams[v].gpus: -1 is outside 0 to 10000 accelerators"),
        ({"name": "v", "cpu": 0}, "teams[v].cpu: 0 is outside 1 to 100000 CPUs"),
        ({"name": "v", "memory_gib": 0}, "teams[v].memory_gib: 0 is outside 1 to 1000000 GiB"),
    ],
)
def test_team_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        TeamArgs(**{"gpus": 1, "cpu": 1, "memory_gib": 1, **given})
    assert message in str(failed.value)


def test_pool_reference_fails_without_a_plain_name() -> None:
    with pytest.raises(ArgsError, match=r"pools\.name: 'L4' is not a name"):
        GpuPoolRef(name="L4", resource="nvidia.com/gpu", selector={}, tolerations=[])


@pytest.mark.parametrize("path", ["issuer", "redirect_url"])
def test_sign_on_fails_without_https(path: str) -> None:
    given = {"issuer": "https://a", "redirect_url": "https://b", "secret_name": "s", path: "http://c"}
    with pytest.raises(ArgsError, match=rf"sso\.{path}: 'http://c' is not https; use an https address"):
        SsoArgs(**given)  # type: ignore[arg-type]
