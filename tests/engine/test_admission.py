"""The same manifests before both judges: the rules on a plan, and the API server with the compiled policies.

Every case of every demand is sent to the real API server (dry run). All policies are installed at once and only
warn, so each answer names every policy that finds fault: the set must be the set of rules that fail.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import urllib3

from components._core.conventions import POLICY_ENFORCED, POLICY_LABEL
from policies._engine.evaluate import Judge, Settings
from policies._engine.rule import Context, Rule, Verdict
from policies._engine.wire import SIGNATURE, UNKNOWNS
from policies.admission.compiler import AdmissionPolicy, compile_rule, not_at_admission
from policies.admission.kinds import JUDGED_AS_PODS, served
from sandbox import control_plane
from tests.engine.cloud import Cloud
from tests.policies import build
from tests.policies.build import RULES, TODAY, Case, Spec
from tests.policies.cases import CASES

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("admission")]

COMPILED = {r.id: r for r in RULES.values() if r.demand is not None and not not_at_admission(r)}
WARNING = re.compile(r"ValidatingAdmissionPolicy '([a-z0-9.-]+)'")
ENVIRONMENT = "production"


@dataclasses.dataclass(frozen=True)
class Variant:
    """One rule under some parameters."""

    rule: Rule
    params: str
    environment: str

    @property
    def context(self) -> Context[Any]:
        return Context(self.rule.params.model_validate(json.loads(self.params)), TODAY, self.environment)

    def policy(self, number: int) -> AdmissionPolicy:
        """The compiled policy under a short name, which warns whatever the namespace.

        The API server cuts an answer's warnings off after four kilobytes, so they must be short.
        """
        made = compile_rule(self.rule, self.context)
        name = f"v{number}"
        policy, binding = copy.deepcopy(dict(made.policy)), copy.deepcopy(dict(made.binding))
        policy["metadata"]["name"] = binding["metadata"]["name"] = binding["spec"]["policyName"] = name
        for validation in policy["spec"]["validations"]:
            validation["message"] = "x"
        binding["spec"] = {"policyName": name, "validationActions": ["Warn"]}
        return dataclasses.replace(made, name=name, policy=policy, binding=binding)


def variants() -> list[Variant]:
    """Every rule with its defaults, and with the parameters of its cases."""
    plain = [Variant(rule, "{}", ENVIRONMENT) for rule in COMPILED.values()]
    asked = [
        Variant(COMPILED[c.rule], json.dumps(c.params), c.environment or ENVIRONMENT)
        for c in CASES
        if c.rule in COMPILED
    ]
    return list(dict.fromkeys([*plain, *asked]))


VARIANTS = variants()


class Server:
    """The API server with every policy installed."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.spaces: set[str] = set()
        self.headers = {"Authorization": f"Bearer {control_plane.token(cloud.layout)}"}
        self.pool = urllib3.PoolManager(ca_certs=str(cloud.layout.certificates / "apiserver.crt"))

    def send(self, manifest: Mapping[str, Any], path: str, dry: bool = True) -> tuple[int, str, set[str]]:
        """Create an object; return the status, the answer, and the names of the policies that warn."""
        url = f"{self.cloud.layout.kubernetes_endpoint}{path}" + ("?dryRun=All" if dry else "")
        answer = self.pool.request("POST", url, json=manifest, headers=self.headers)
        warned = {m for header in answer.headers.getlist("Warning") for m in WARNING.findall(header)}
        return answer.status, answer.data.decode(), warned

    def namespace(self, name: str) -> None:
        if name not in self.spaces:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            status, text, _ = self.send(body, "/api/v1/namespaces", dry=False)
            assert status in (201, 409), text
            self.spaces.add(name)

    def account(self, space: str, name: str) -> None:
        """Make a service account: the API server takes no pod without."""
        if f"{space}/{name}" not in self.spaces:
            body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
            status, text, _ = self.send(body, f"/api/v1/namespaces/{space}/serviceaccounts", dry=False)
            assert status in (201, 409), text
            self.spaces.add(f"{space}/{name}")

    def install(self, policies: list[AdmissionPolicy]) -> None:
        base = "/apis/admissionregistration.k8s.io/v1"
        kind = "ValidatingAdmissionPolicy"
        for one in policies:
            head = {"apiVersion": "admissionregistration.k8s.io/v1"}
            for body, suffix, plural in (
                (one.policy, "", "validatingadmissionpolicies"),
                (one.binding, "Binding", "validatingadmissionpolicybindings"),
            ):
                status, text, _ = self.send({**head, "kind": kind + suffix, **body}, f"{base}/{plural}", dry=False)
                assert status == 201, text


def definitions() -> Iterator[dict[str, Any]]:
    """Definitions of the custom kinds that demands look at, with open schemas."""
    for kind in sorted({kind for rule in COMPILED.values() for kind in rule.kinds} - JUDGED_AS_PODS):
        group, _, name = kind.rpartition("/")
        if "." not in group or group.endswith(".k8s.io"):
            continue
        as_served = served(kind)
        versions = sorted({m for k, m in VERSIONS if k == kind}) or ["v1"]
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        yield {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{as_served.resources[0]}.{group}"},
            "spec": {
                "group": group,
                "names": {"kind": name, "plural": as_served.resources[0], "singular": name.lower()},
                "scope": "Namespaced" if as_served.namespaced else "Cluster",
                "versions": [
                    {"name": v, "served": True, "storage": v == versions[0], "schema": schema} for v in versions
                ],
            },
        }


@pytest.fixture(scope="module")
def server(cloud: Cloud) -> Server:
    made = Server(cloud)
    for definition in definitions():
        status, text, _ = made.send(definition, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", dry=False)
        assert status == 201, text
    cloud.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    made.install([variant.policy(number) for number, variant in enumerate(VARIANTS)])
    _wait_until_in_force(made)
    return made


def _wait_until_in_force(server: Server) -> None:
    """Policies reach the API server's informers a moment after they are stored."""
    privileged = {"name": "c", "image": "a", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [privileged]}}
    server.namespace("default")
    expected = {f"v{n}" for n, v in enumerate(VARIANTS) if v.rule.id == "SEC-K8S-002"}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if expected & server.send(pod, "/api/v1/namespaces/default/pods")[2]:
            time.sleep(2.0)
            return
        time.sleep(0.2)
    raise AssertionError("no policy is in force after 30 s")


def is_plain(value: Any) -> bool:
    """Whether a value of a case is one that a manifest may hold: no mark of an unknown or a secret."""
    if isinstance(value, Mapping):
        return SIGNATURE not in value and all(map(is_plain, value.values()))
    if isinstance(value, list):
        return all(map(is_plain, value))
    return value is not None and value not in UNKNOWNS if isinstance(value, str) else value is not None


def sendable() -> list[Case]:
    """Cases of demands whose subject a manifest of a judged kind can say."""
    found = []
    for case in CASES:
        kind = build.resource(case.specs[0]).kind if case.rule in COMPILED else ""
        patch = case.specs[0].type.endswith("Patch")
        judged = kind in COMPILED[case.rule].kinds and kind not in JUDGED_AS_PODS if kind else False
        if judged and not patch and is_plain(build.to_wire(case.specs[0].props)):
            found.append(case)
    return found


SENDABLE = sendable()
VERSIONS = {
    (build.resource(one.specs[0]).kind, str(one.specs[0].props.get("apiVersion", "")).rpartition("/")[2])
    for one in SENDABLE
}


def whole(spec: Spec) -> dict[str, Any]:
    """Return a case's manifest with what the API server asks for and no rule looks at."""
    manifest: dict[str, Any] = json.loads(json.dumps(build.to_wire(spec.props)))
    manifest.setdefault("metadata", {}).setdefault("name", "subject")
    kind = build.resource(spec).kind
    if kind in ("apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet"):
        body = manifest["spec"]
        body["selector"] = {"matchLabels": {"app": "a"}}
        body["template"].setdefault("metadata", {}).setdefault("labels", {})["app"] = "a"
        if kind == "apps/StatefulSet":
            body.setdefault("serviceName", "a")
    if kind == "batch/CronJob":
        manifest["spec"].setdefault("schedule", "0 0 * * *")
    for pod in pods_in(manifest):
        if kind in ("batch/Job", "batch/CronJob"):
            pod.setdefault("restartPolicy", "Never")
        for key in ("containers", "initContainers"):
            for number, container in enumerate(pod.get(key, [])):
                container.setdefault("name", f"{key.lower()[:4]}{number}")
                container.setdefault("image", "registry.example.com/a:1")
    return manifest


def pods_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the specs of pods in a manifest."""
    if isinstance(value, dict):
        if isinstance(value.get("containers"), list):
            yield value
        for inner in value.values():
            yield from pods_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pods_in(inner)


def planned(manifest: dict[str, Any]) -> set[str]:
    """Names of the policies whose rule fails on the manifest in a plan."""
    group = manifest["apiVersion"] if "/" in manifest["apiVersion"] else f"core/{manifest['apiVersion']}"
    resource = build.resource(Spec(f"kubernetes:{group}:{manifest['kind']}", manifest))
    failing = set()
    for number, variant in enumerate(VARIANTS):
        pack = build.pack_of(variant.rule.id)
        profile = build.profile(pack, {variant.rule.id: json.loads(variant.params)})
        judge = Judge(pack, Settings(profile, environment=variant.environment), TODAY)
        if resource.kind in variant.rule.kinds:
            verdict = judge.judge(variant.rule, resource).verdict
            assert verdict is not Verdict.UNDETERMINED, (variant.rule.id, manifest)
            if verdict is Verdict.FAIL:
                failing.add(f"v{number}")
    return failing


def path_of(manifest: Mapping[str, Any], namespaced: bool, plural: str) -> str:
    version = manifest["apiVersion"]
    base = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    inside = f"/namespaces/{manifest['metadata'].get('namespace', 'default')}" if namespaced else ""
    return f"{base}{inside}/{plural}"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What both judges said of one case's manifest."""

    status: int
    text: str
    warned: set[str]
    planned: set[str]


@pytest.fixture(scope="module")
def answers(server: Server) -> dict[str, Answer]:
    found = {}
    for case in SENDABLE:
        manifest = whole(case.specs[0])
        as_served = served(build.resource(case.specs[0]).kind)
        if as_served.namespaced:
            if not manifest["metadata"].get("namespace"):
                manifest["metadata"]["namespace"] = "default"
            server.namespace(manifest["metadata"]["namespace"])
            for pod in pods_in(manifest):
                server.account(manifest["metadata"]["namespace"], str(pod.get("serviceAccountName") or "default"))
        path = path_of(manifest, as_served.namespaced, as_served.resources[0])
        status, text, warned = server.send(manifest, path)
        found[str(case)] = Answer(status, text, warned, planned(manifest) if status == 201 else set())
    return found


@pytest.mark.parametrize("case", SENDABLE, ids=str)
def test_manifest_gets_the_same_verdict_from_the_rules_and_the_api_server(
    case: Case, answers: dict[str, Answer]
) -> None:
    answer = answers[str(case)]
    if answer.status == 201:
        assert named(answer.warned) == named(answer.planned)
    else:
        # What is no valid object at all is refused before any policy is asked.
        assert answer.status in (400, 422), answer.text


def named(policies: set[str]) -> set[str]:
    return {f"{VARIANTS[int(p[1:])].rule.id} {VARIANTS[int(p[1:])].params}" for p in policies}


@pytest.mark.parametrize("rule", COMPILED)
def test_rule_any_was_judged_by_both_in_good_and_in_bad_order(rule: str, answers: dict[str, Answer]) -> None:
    compared = {case.expected for case in SENDABLE if case.rule == rule and answers[str(case)].status == 201}
    assert {Verdict.PASS, Verdict.FAIL} <= compared


def test_most_manifests_are_valid_and_compared(answers: dict[str, Answer]) -> None:
    assert len(COMPILED) >= 15
    assert sum(a.status == 201 for a in answers.values()) > 0.8 * len(answers)


def test_binding_denies_in_labelled_namespaces_only(server: Server) -> None:
    policy = compile_rule(RULES["SEC-K8S-002"], Context(RULES["SEC-K8S-002"].params(), TODAY, ENVIRONMENT))
    server.install([policy])
    server.namespace("free")
    body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "bound", "labels": {POLICY_LABEL: POLICY_ENFORCED}},
    }
    assert server.send(body, "/api/v1/namespaces", dry=False)[0] == 201
    privileged = {"name": "c", "image": "a", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [privileged]}}
    deadline = time.monotonic() + 20
    status, text = 201, ""
    while status == 201 and time.monotonic() < deadline:
        status, text, _ = server.send(pod, "/api/v1/namespaces/bound/pods")
        time.sleep(0.2)
    assert status == 403
    assert "SEC-K8S-002 Containers are not privileged" in json.loads(text)["message"]
    assert server.send(pod, "/api/v1/namespaces/free/pods")[0] == 201
