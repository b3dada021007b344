"""MLflow: what runs, who reaches it, what it may do in AWS, and that no password is in sight."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components._core.args import ArgsError
from components.model_registry import ModelRegistry, ModelRegistryArgs, RegistryPermission, image, pod
from tests.graph import Graph, record

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
BUCKET, BUCKET_KEY = "arn:aws:s3:::acme-models", "arn:aws:kms:eu-west-1:123456789012:key/artifacts"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1"
NEEDED: dict[str, Any] = {
    "cluster_name": "acme",
    "region": "eu-west-1",
    "vpc_cidr": "10.20.0.0/16",
    "database_endpoint": "db.example.internal",
    "database_name": "mlflow",
    "database_user": "mlflow_owner",
    "database_secret_arn": SECRET_ARN,
    "secret_store": "aws-secrets-manager",
    "bucket_name": "acme-models",
    "bucket_arn": BUCKET,
    "bucket_key_arn": BUCKET_KEY,
    "image_repository": "registry.example.internal/mlflow",
}
OUTPUTS = ("tracking_url", "namespace", "role_arn", "admin_secret_name")
ROOT = Path(__file__).parents[2]


def registry(preview: bool = False, **more: Any) -> Graph:
    def program() -> dict[str, Any]:
        made = ModelRegistry("registry", ModelRegistryArgs(**NEEDED, **more))
        return {name: getattr(made, name) for name in OUTPUTS}

    return record(program, preview=preview)


def pod_spec(graph: Graph) -> dict[str, Any]:
    spec: dict[str, Any] = graph.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]
    return spec


def environment(graph: Graph) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in pod_spec(graph)["containers"][0]["env"]}


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value with the name it stands under; `env` entries stand under the variable's name."""
    if isinstance(value, dict):
        if value.keys() == {"name", "value"}:
            yield value["name"], value["value"]
            return
        for key, part in value.items():
            yield from leaves(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, name)
    else:
        yield name, value


def test_registry_minimal_runs_two_spread_replicas_behind_a_service() -> None:
    graph = registry()
    deployment = graph.one(DEPLOYMENT).inputs["spec"]
    assert deployment["replicas"] == 2
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    keys = {c["topologyKey"] for c in pod_spec(graph)["topologySpreadConstraints"]}
    assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    service = graph.one("kubernetes:core/v1:Service").inputs["spec"]
    assert service["selector"] == deployment["selector"]["matchLabels"]
    assert deployment["selector"]["matchLabels"].items() <= deployment["template"]["metadata"]["labels"].items()
    assert graph.one("kubernetes:policy/v1:PodDisruptionBudget").inputs["spec"]["maxUnavailable"] == 1
    assert graph.of("kubernetes:monitoring.coreos.com/v1:ServiceMonitor") == []
    assert graph.result["tracking_url"] == "http://mlflow.mlflow.svc.cluster.local:5000"


def test_registry_pods_meet_the_restricted_standard() -> None:
    graph = registry()
    space = graph.one("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]
    assert space["pod-security.kubernetes.io/enforce"] == "restricted"
    spec = pod_spec(graph)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsUser"] == image.USER_ID
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in [*spec["initContainers"], *spec["containers"]]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["runAsNonRoot"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
    assert not [v for v in spec["volumes"] if "hostPath" in v]


def test_registry_has_startup_liveness_and_readiness_probes() -> None:
    container = pod_spec(registry())["containers"][0]
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[name]["httpGet"] == {"path": "/health", "port": "http"}
    patience = container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"]
    assert patience >= 120


def test_registry_passwords_come_by_mounted_secrets_that_external_secrets_writes() -> None:
    graph = registry()
    volumes = {v["name"]: v for v in pod_spec(graph)["volumes"]}
    written = {s.inputs["spec"]["target"]["name"] for s in graph.of(EXTERNAL)}
    assert written == {pod.DATABASE_SECRET, pod.AUTH_SECRET}
    assert {volumes["database"]["secret"]["secretName"], volumes["auth"]["secret"]["secretName"]} == written
    assert volumes["run"]["emptyDir"]["medium"] == "Memory"
    database = graph.named("registry-database").inputs["spec"]
    assert database["data"] == [{"secretKey": "password", "remoteRef": {"key": SECRET_ARN, "property": "password"}}]
    assert (database["refreshPolicy"], database["refreshInterval"]) == ("Periodic", "1m")
    assert database["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": "aws-secrets-manager"}


def test_registry_admin_password_is_generated_once_and_long() -> None:
    graph = registry()
    auth = graph.named("registry-auth").inputs["spec"]
    assert auth["refreshPolicy"] == "CreatedOnce"
    assert set(auth["target"]["template"]["data"]) == {"username", "password", "flask-key"}
    generators = {g.inputs["metadata"]["name"]: g for g in graph.resources if g.type.endswith(":Password")}
    assert {e["sourceRef"]["generatorRef"]["name"] for e in auth["dataFrom"]} == set(generators)
    for generator in generators.values():
        assert generator.inputs["spec"]["length"] >= 32
        assert graph.depends(graph.named("registry-auth"), generator)


def test_registry_no_input_holds_a_secret() -> None:
    graph = registry(monitoring_namespace="monitoring")
    assert graph.of("kubernetes:core/v1:Secret") == []
    secretish = re.compile(r"(?i)(password|passwd|secret|token|credential|key)$")
    references = re.compile(
        r"^(\{\{ \.\w+ \}\}|password|flask-key|username|arn:.*|/.*|mlflow-[a-z]+|kubernetes\.io/.*)$"
    )
    found = [
        (resource.name, name, value)
        for resource in graph.resources
        for name, value in leaves(resource.inputs)
        if isinstance(value, str) and secretish.search(name) and not name.endswith(("/key", "topologyKey"))
    ]
    assert found, "the search itself must find references"
    bad = [f for f in found if not references.match(f[2]) and f[1] not in ("key", "topologyKey")]
    assert bad == []
    assert "password1234" not in json.dumps([r.inputs for r in graph.resources])


def test_registry_database_is_verified_and_addressed_without_a_password() -> None:
    variables = environment(registry(database_port=6432))
    assert variables["PGSSLMODE"] == "verify-full"
    assert variables["PGSSLROOTCERT"] == image.DATABASE_CA
    assert (variables["PGHOST"], variables["PGPORT"]) == ("db.example.internal", "6432")
    assert not {"PGPASSWORD", "MLFLOW_BACKEND_STORE_URI", "MLFLOW_AUTH_ADMIN_PASSWORD"} & variables.keys()


def test_registry_without_authorities_still_asks_for_tls() -> None:
    variables = environment(registry(verify_database=False))
    assert variables["PGSSLMODE"] == "require"
    assert "PGSSLROOTCERT" not in variables


def test_registry_turns_off_jobs_and_telemetry_and_names_its_hosts() -> None:
    variables = environment(registry(allowed_hosts=["mlflow.example.com"]))
    assert variables["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert variables["MLFLOW_DISABLE_TELEMETRY"] == "true"
    hosts = variables["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    assert {"mlflow.example.com", "mlflow.mlflow.svc.cluster.local:5000", "10.*"} <= set(hosts)
    assert "*" not in hosts
    assert "172.16.*" in hosts
    assert "172.15.*" not in hosts
    assert "172.32.*" not in hosts


def test_registry_role_reaches_one_prefix_and_the_key_through_s3() -> None:
    graph = registry(artifact_prefix="team/models")
    statements = {s["Sid"]: s for s in json.loads(graph.named("registry-artifacts").inputs["policy"])["Statement"]}
    assert statements["Objects"]["Resource"] == f"{BUCKET}/team/models/*"
    assert statements["List"]["Condition"] == {"StringLike": {"s3:prefix": ["team/models", "team/models/*"]}}
    assert statements["Key"]["Resource"] == BUCKET_KEY
    assert statements["Key"]["Condition"] == {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    assert not [a for s in statements.values() for a in s["Action"] if a.endswith("*")]
    association = graph.one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("mlflow", "mlflow")
    assert association["serviceAccount"] == pod_spec(graph)["serviceAccountName"]


def test_registry_network_is_closed_but_for_teams_monitoring_database_and_aws() -> None:
    graph = registry(monitoring_namespace="monitoring")
    policies = {p.inputs["metadata"]["name"]: p.inputs["spec"] for p in graph.of(POLICY)}
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (entry,) = policies["mlflow-in"]["ingress"]
    assert [p["port"] for p in entry["ports"]] == [5000]
    assert entry["from"][0]["namespaceSelector"]["matchExpressions"][0]["key"] == "mlops.dev/team"
    assert entry["from"][1]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "monitoring"}
    blocks = [(t["ipBlock"], e["ports"]) for e in policies["mlflow-out"]["egress"] for t in e["to"] if "ipBlock" in t]
    open_ports = {b["cidr"]: [p["port"] for p in ports] for b, ports in blocks}
    assert open_ports == {"10.20.0.0/16": [5432], "0.0.0.0/0": [443], "169.254.170.23/32": [80]}
    assert next(b for b, _ in blocks if b["cidr"] == "0.0.0.0/0")["except"] == ["169.254.169.254/32"]


def test_registry_monitor_signs_in_with_the_admin_secret() -> None:
    graph = registry(monitoring_namespace="monitoring")
    (endpoint,) = graph.named("registry-monitor").inputs["spec"]["endpoints"]
    assert endpoint["basicAuth"] == {
        "username": {"name": pod.AUTH_SECRET, "key": "username"},
        "password": {"name": pod.AUTH_SECRET, "key": "password"},
    }


def test_registry_pods_come_after_secrets_policies_and_identity_and_migrate_first() -> None:
    graph = registry()
    deployment = graph.one(DEPLOYMENT)
    for name in ("auth", "database", "default-deny-policy", "mlflow-out-policy", "identity", "start", "namespace"):
        assert graph.depends(deployment, graph.named(f"registry-{name}")), name
    spec = pod_spec(graph)
    assert [c["command"][-1] for c in (*spec["initContainers"], *spec["containers"])] == ["migrate", "serve"]


def test_registry_objects_in_the_namespace_go_with_it() -> None:
    graph = registry(monitoring_namespace="monitoring")
    space = graph.one("kubernetes:core/v1:Namespace")
    inside = [r for r in graph.resources if r.inputs.get("metadata", {}).get("namespace")]
    assert len(inside) >= 12
    assert {r.deleted_with for r in inside} == {space.urn}
    assert space.deleted_with == ""


def test_registry_waits_for_what_it_is_told_to_wait_for() -> None:
    import pulumi
    import pulumi_aws as aws

    def program() -> None:
        first = aws.sns.Topic("first")
        ModelRegistry("registry", ModelRegistryArgs(**NEEDED), pulumi.ResourceOptions(depends_on=[first]))

    graph = record(program)
    for name in ("registry-namespace", "registry-auth", "registry-server"):
        assert graph.depends(graph.named(name), graph.named("first")), name


def test_registry_changed_script_rolls_the_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    def checksum() -> str:
        annotations = registry().one(DEPLOYMENT).inputs["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["mlops.dev/start-checksum"])

    before = checksum()
    monkeypatch.setattr("components.model_registry.component._START", "print('other')")
    assert checksum() != before


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, f"registry.example.internal/mlflow:{image.DEFAULT_TAG}"),
        ({"image_tag": "3.18.0-4"}, "registry.example.internal/mlflow:3.18.0-4"),
        (
            {"image_digest": "sha256:" + "a" * 64},
            f"registry.example.internal/mlflow:{image.DEFAULT_TAG}@sha256:" + "a" * 64,
        ),
    ],
)
def test_registry_image_is_pinned(given: dict[str, Any], expected: str) -> None:
    spec = pod_spec(registry(**given))
    assert {c["image"] for c in (*spec["initContainers"], *spec["containers"])} == {expected}


def test_registry_full_passes_each_choice_on() -> None:
    graph = registry(
        namespace="tracking",
        replicas=3,
        workers=4,
        cpu="1",
        memory="4Gi",
        scratch_gib=50,
        default_permission=RegistryPermission.NO_PERMISSIONS,
        client_namespace_label="example.com/ml",
    )
    variables, spec = environment(graph), pod_spec(graph)
    assert graph.one(DEPLOYMENT).inputs["spec"]["replicas"] == 3
    assert (variables["MLFLOW_WORKERS"], variables["DEFAULT_PERMISSION"]) == ("4", "NO_PERMISSIONS")
    assert spec["containers"][0]["resources"]["limits"] == {"memory": "4Gi", "ephemeral-storage": "51Gi"}
    assert next(v for v in spec["volumes"] if v["name"] == "tmp")["emptyDir"] == {"sizeLimit": "50Gi"}
    assert graph.result["tracking_url"] == "http://mlflow.tracking.svc.cluster.local:5000"
    clients = graph.named("registry-mlflow-in-policy").inputs["spec"]["ingress"][0]["from"]
    assert clients[0]["namespaceSelector"]["matchExpressions"][0]["key"] == "example.com/ml"


def test_registry_registers_exactly_its_annotated_outputs() -> None:
    graph = registry()
    assert tuple(ModelRegistry.__annotations__) == OUTPUTS
    assert graph.outputs_of("registry").keys() == set(OUTPUTS)
    assert graph.result["admin_secret_name"] == pod.AUTH_SECRET


def test_registry_children_are_its_own_and_tagged() -> None:
    graph = registry(monitoring_namespace="monitoring")
    for child in [r for r in graph.resources if r.custom]:
        assert graph.parent_of(child) == "registry"
        if child.type in ("aws:iam/role:Role", "aws:eks/podIdentityAssociation:PodIdentityAssociation"):
            assert child.inputs["tags"]["component"] == "model-registry"
        if child.type.startswith("kubernetes:"):
            assert child.inputs["metadata"]["labels"]["app.kubernetes.io/component"] == "model-registry"


def test_registry_preview_shows_every_object() -> None:
    preview = registry(preview=True, monitoring_namespace="monitoring")
    assert {r.name for r in preview.resources} == {
        r.name for r in registry(monitoring_namespace="monitoring").resources
    }
    assert pod_spec(preview)["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


def test_registry_hosted_mapping_equals_local_args() -> None:
    hosted = {**NEEDED, "replicas": 3.0, "default_permission": "READ"}
    graph = record(lambda: ModelRegistry("registry", hosted).role_arn)  # type: ignore[arg-type]
    local = registry(replicas=3, default_permission=RegistryPermission.READ)
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}


def test_image_recipe_builds_what_the_component_asks_for() -> None:
    folder = ROOT / "images" / "mlflow"
    lock = (folder / "requirements.lock").read_text(encoding="utf-8")
    for needed in (f"mlflow=={image.MLFLOW_VERSION} ", "psycopg2-binary==", "boto3==", "prometheus-flask-exporter=="):
        assert needed in lock, needed
    pins = re.findall(r"^[a-z0-9._-]+==\S+ \\$", lock, re.MULTILINE | re.IGNORECASE)
    assert len(pins) == len(re.findall(r"^[a-z0-9._-]+==", lock, re.MULTILINE | re.IGNORECASE))
    assert lock.count("--hash=sha256:") >= len(pins)
    recipe = (folder / "Dockerfile").read_text(encoding="utf-8")
    assert recipe.count("\nFROM ") == 2
    assert "--require-hashes" in recipe
    assert f"USER {image.USER_ID}:{image.USER_ID}" in recipe
    assert image.DATABASE_CA in recipe
    assert ":latest" not in recipe
    assert image.DEFAULT_TAG in recipe


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"namespace": "ML_flow"}, "namespace: 'ML_flow' is not a namespace; use lower-case letters"),
        ({"monitoring_namespace": ""}, "monitoring_namespace: '' is not a namespace"),
        ({"artifact_prefix": "/models/"}, "artifact_prefix: '/models/' is not a key prefix"),
        ({"artifact_prefix": ""}, "artifact_prefix: '' is not a key prefix"),
        ({"image_tag": "latest"}, "image_tag: 'latest' does not pin an image"),
        ({"image_tag": "a b"}, "image_tag: 'a b' does not pin an image"),
        ({"image_digest": "sha256:abc"}, "image_digest: 'sha256:abc' is not a digest; use sha256:"),
        ({"replicas": 0}, "replicas: 0 is outside 1 to 10 pods"),
        ({"workers": 99}, "workers: 99 is outside 1 to 16 processes"),
        ({"scratch_gib": 5000}, "scratch_gib: 5000 is outside 1 to 1000 GiB"),
    ],
)
def test_registry_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        ModelRegistryArgs(**NEEDED, **given)
    assert message in str(failed.value)
    assert not str(failed.value).endswith(".")
