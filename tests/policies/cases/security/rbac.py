"""Cases of the rules on rights inside the cluster."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)
from tests.policies.specs import deployment, listed, pod, workflow

MAIN = {"image": "a"}
AGENTS = {"namespaces": ["gpu-operator"]}
LABELS = {"workflows.argoproj.io/workflow": "train"}


def pod_of_a_workflow(account: str) -> Spec:
    metadata = {"namespace": "team-a", "labels": LABELS}
    return object_("v1", "Pod", metadata=metadata, spec={"containers": [MAIN], "serviceAccountName": account})


TOKENS = (
    Case("SEC-K8S-011", "none", PASS, (pod(MAIN, automountServiceAccountToken=False),)),
    Case(
        "SEC-K8S-011",
        "none with the account default",
        PASS,
        (pod(MAIN, automountServiceAccountToken=False, serviceAccountName="default"),),
    ),
    Case(
        "SEC-K8S-011",
        "asked for",
        PASS,
        (deployment(MAIN, automountServiceAccountToken=True, serviceAccountName="watch"),),
    ),
    Case(
        "SEC-K8S-011",
        "asked for by the old name",
        PASS,
        (deployment(MAIN, automountServiceAccountToken=True, serviceAccount="watch"),),
    ),
    Case(
        "SEC-K8S-011",
        "default",
        FAIL,
        (deployment(MAIN),),
        "automountServiceAccountToken is unset; wanted false, or true",
    ),
    Case("SEC-K8S-011", "own account, but not asked for", FAIL, (deployment(MAIN, serviceAccountName="watch"),)),
    Case(
        "SEC-K8S-011",
        "of the account default",
        FAIL,
        (pod(MAIN, automountServiceAccountToken=True, serviceAccountName="default"),),
    ),
    Case(
        "SEC-K8S-011",
        "of no account",
        FAIL,
        (deployment(MAIN, automountServiceAccountToken=True, serviceAccountName=""),),
    ),
    Case("SEC-K8S-011", "text", FAIL, (listed(pod(automountServiceAccountToken="false")),)),
    Case("SEC-K8S-011", "unknown", OPEN, (pod(automountServiceAccountToken=UNKNOWN_BOOL),)),
    Case("SEC-K8S-011", "of a workflow", PASS, (pod_of_a_workflow("workflow"),)),
    Case("SEC-K8S-011", "of a workflow without an account", FAIL, (pod_of_a_workflow("default"),)),
    Case("SEC-K8S-011", "account unknown", OPEN, (pod(automountServiceAccountToken=True, serviceAccountName=UNKNOWN),)),
    Case("SEC-K8S-011", "pod unknown", OPEN, (object_("v1", "Pod", spec=UNKNOWN_OBJECT),)),
    Case("SEC-K8S-011", "drivers", SKIP, (deployment(MAIN, namespace="gpu-operator"),), params=AGENTS),
    Case("SEC-K8S-011", "workflow", SKIP, (workflow("Workflow", {"container": {}}),)),
)

API = "rbac.authorization.k8s.io/v1"


def role(*rules: Any, kind: str = "Role", name: Any = "reader") -> Spec:
    return object_(API, kind, metadata={"name": name}, rules=list(rules))


def rule(resources: Any, verbs: Any, groups: Any = ("",), **more: Any) -> dict[str, Any]:
    made = {"apiGroups": groups, "resources": resources, "verbs": verbs, **more}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in made.items()}


def binding(to: Any, *subjects: Any, kind: str = "ClusterRoleBinding", role_kind: Any = "ClusterRole") -> Spec:
    return object_(API, kind, metadata={"name": "b"}, roleRef={"kind": role_kind, "name": to}, subjects=list(subjects))


PODS = rule(("pods",), ("get", "list"))
GROUP = {"kind": "Group", "name": "team-a"}
ACCOUNT = {"kind": "ServiceAccount", "name": "workflow", "namespace": "team-a"}
RIGHTS = (
    Case("SEC-K8S-012", "narrow role", PASS, (role(PODS),)),
    Case("SEC-K8S-012", "no rules", PASS, (object_(API, "ClusterRole", metadata={"name": "a"}),)),
    Case("SEC-K8S-012", "one secret", PASS, (role(rule(("secrets",), ("get",), resourceNames=["registry"])),)),
    Case("SEC-K8S-012", "secrets to write", PASS, (role(rule(("secrets",), ("create", "patch"))),)),
    Case("SEC-K8S-012", "secrets of another group", PASS, (role(rule(("secrets",), ("list",), ("acme.io",))),)),
    Case("SEC-K8S-012", "binding of a team", PASS, (binding("view", GROUP, ACCOUNT),)),
    Case(
        "SEC-K8S-012",
        "role called cluster-admin",
        PASS,
        (binding("cluster-admin", GROUP, kind="RoleBinding", role_kind="Role"),),
    ),
    Case(
        "SEC-K8S-012",
        "allowed administrators",
        PASS,
        (binding("cluster-admin", GROUP),),
        params={"cluster_admins": ["team-a"]},
    ),
    Case(
        "SEC-K8S-012",
        "all verbs",
        FAIL,
        (role(PODS, rule(("pods",), ("*",))),),
        "rules.1 is an object with 3 keys; wanted a rule without",
    ),
    Case("SEC-K8S-012", "all resources", FAIL, (role(rule(("*",), ("get",)), kind="ClusterRole"),)),
    Case("SEC-K8S-012", "all resources of a kind", FAIL, (role(rule(("*/scale",), ("get",))),)),
    Case("SEC-K8S-012", "all groups", FAIL, (role(rule(("pods",), ("get",), ("*",))),)),
    Case(
        "SEC-K8S-012", "all addresses", FAIL, (role({"nonResourceURLs": ["*"], "verbs": ["get"]}, kind="ClusterRole"),)
    ),
    Case("SEC-K8S-012", "all verbs beside an unknown resource", FAIL, (role(rule(UNKNOWN_LIST, [UNKNOWN, "*"])),)),
    Case(
        "SEC-K8S-012",
        "escalate",
        FAIL,
        (role(rule(("roles",), ("escalate",), ("rbac.authorization.k8s.io",))),),
        "escalate",
    ),
    Case("SEC-K8S-012", "impersonate", FAIL, (role(rule(("users",), ("impersonate",)), kind="ClusterRole"),)),
    Case(
        "SEC-K8S-012",
        "all secrets",
        FAIL,
        (role(rule(("configmaps", "secrets"), ("watch",))),),
        "only by their resourceNames",
    ),
    Case("SEC-K8S-012", "secrets of no names", FAIL, (role(rule(("secrets",), ("get",), resourceNames=[])),)),
    Case("SEC-K8S-012", "cluster-admin", FAIL, (binding("cluster-admin", ACCOUNT),), 'roleRef.name is "cluster-admin"'),
    Case("SEC-K8S-012", "cluster-admin of a namespace", FAIL, (binding("cluster-admin", GROUP, kind="RoleBinding"),)),
    Case(
        "SEC-K8S-012",
        "another administrator",
        FAIL,
        (binding("cluster-admin", GROUP, ACCOUNT),),
        params={"cluster_admins": ["team-a"]},
    ),
    Case(
        "SEC-K8S-012",
        "anybody",
        FAIL,
        (binding("view", {"kind": "Group", "name": "system:unauthenticated"}),),
        "subjects.0",
    ),
    Case(
        "SEC-K8S-012",
        "masters",
        FAIL,
        (binding("view", GROUP, {"kind": "Group", "name": "system:masters"}),),
        "subjects.1",
    ),
    Case(
        "SEC-K8S-012",
        "account default",
        FAIL,
        (binding("view", {**ACCOUNT, "name": "default"}, kind="RoleBinding"),),
        "which all pods share",
    ),
    Case("SEC-K8S-012", "rules unknown", OPEN, (object_(API, "Role", rules=UNKNOWN_LIST),)),
    Case("SEC-K8S-012", "rule unknown beside a narrow one", OPEN, (role(PODS, UNKNOWN_OBJECT),)),
    Case("SEC-K8S-012", "verb unknown", OPEN, (role(rule(("pods",), [UNKNOWN])),)),
    Case(
        "SEC-K8S-012",
        "names of secrets unknown",
        OPEN,
        (role(rule(("secrets",), ("get",), resourceNames=UNKNOWN_LIST)),),
    ),
    Case("SEC-K8S-012", "role of a binding unknown", OPEN, (binding(UNKNOWN, GROUP),)),
    Case("SEC-K8S-012", "subject unknown", OPEN, (binding("view", UNKNOWN_OBJECT),)),
    Case(
        "SEC-K8S-012",
        "rules of another type",
        OPEN,
        (listed(object_(API, "Role", rules={"verbs": ["*"]})),),
        "a list was expected",
    ),
    Case(
        "SEC-K8S-012",
        "operator",
        SKIP,
        (role(rule(("secrets",), ("list",)), name="store"),),
        params={"names": ["store"]},
    ),
    Case("SEC-K8S-012", "name unknown", OPEN, (role(rule(("*",), ("*",)), name=UNKNOWN),), params={"names": ["store"]}),
    Case("SEC-K8S-012", "no role", SKIP, (object_("v1", "ServiceAccount"),)),
)

CASES = (*TOKENS, *RIGHTS)
