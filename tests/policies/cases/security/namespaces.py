"""Cases of the rules on Kubernetes namespaces."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
    urn,
)
from tests.policies.specs import deployment, listed, pod, workflow

ENFORCE = "pod-security.kubernetes.io/enforce"


def space(name: Any = "space-a", **labels: Any) -> Spec:
    """Return a namespace; `enforce` is short for the label of the Pod Security Standard."""
    named = {ENFORCE if key == "enforce" else key: value for key, value in labels.items()}
    return object_("v1", "Namespace", metadata={"name": name, "labels": named})


SPECIAL = {"standard": "baseline", "by_namespace": {"drivers": "privileged", "models": "restricted"}}
STANDARDS = (
    Case("SEC-K8S-001", "baseline", PASS, (space(enforce="baseline"),)),
    Case("SEC-K8S-001", "restricted", PASS, (space(enforce="restricted"),)),
    Case("SEC-K8S-001", "drivers", PASS, (space("drivers", enforce="privileged"),), params=SPECIAL),
    Case("SEC-K8S-001", "drivers without a label", PASS, (space("drivers"),), params=SPECIAL),
    Case("SEC-K8S-001", "name unknown but restricted", PASS, (space(UNKNOWN, enforce="restricted"),), params=SPECIAL),
    Case(
        "SEC-K8S-001", "none", FAIL, (object_("v1", "Namespace", metadata={"name": "a"}),), "is unset; wanted baseline"
    ),
    Case("SEC-K8S-001", "privileged", FAIL, (space(enforce="privileged"),), 'is "privileged"'),
    Case("SEC-K8S-001", "misspelt", FAIL, (listed(space(enforce="Restricted")),)),
    Case("SEC-K8S-001", "only a warning", FAIL, (space(**{"pod-security.kubernetes.io/warn": "restricted"}),)),
    Case(
        "SEC-K8S-001",
        "not enough where models are served",
        FAIL,
        (space("models", enforce="baseline"),),
        params=SPECIAL,
    ),
    Case(
        "SEC-K8S-001", "not enough under audit", FAIL, (space(enforce="baseline"),), params={"standard": "restricted"}
    ),
    Case(
        "SEC-K8S-001",
        "in a list",
        FAIL,
        (object_("v1", "List", items=[space(enforce="baseline").props, space().props]),),
        "items.1",
    ),
    Case("SEC-K8S-001", "label unknown", OPEN, (space(enforce=UNKNOWN),)),
    Case(
        "SEC-K8S-001",
        "labels unknown",
        OPEN,
        (object_("v1", "Namespace", metadata={"name": "a", "labels": UNKNOWN_OBJECT}),),
    ),
    Case("SEC-K8S-001", "name unknown", OPEN, (space(UNKNOWN, enforce="privileged"),), params=SPECIAL),
    Case(
        "SEC-K8S-001",
        "patch of other labels",
        OPEN,
        (Spec("kubernetes:core/v1:NamespacePatch", space(team="a").props),),
        "may be set elsewhere",
    ),
    Case("SEC-K8S-001", "no namespace", SKIP, (object_("v1", "ConfigMap"),)),
)

PLACES = (
    Case("SEC-K8S-010", "namespace of a team", PASS, (deployment({"image": "a"}),)),
    Case("SEC-K8S-010", "config", PASS, (object_("v1", "ConfigMap", metadata={"namespace": "team-a"}),)),
    Case(
        "SEC-K8S-010", "default", FAIL, (pod({"image": "a"}, namespace="default"),), 'metadata.namespace is "default"'
    ),
    Case(
        "SEC-K8S-010", "none", FAIL, (object_("v1", "Secret", metadata={"name": "a"}),), "is unset; wanted a namespace"
    ),
    Case("SEC-K8S-010", "empty", FAIL, (listed(object_("v1", "ServiceAccount", metadata={"namespace": ""})),)),
    Case("SEC-K8S-010", "no metadata", FAIL, (listed(object_("batch/v1", "CronJob")),)),
    Case("SEC-K8S-010", "workflow", FAIL, (workflow("WorkflowTemplate"),)),
    Case(
        "SEC-K8S-010",
        "one of a list",
        FAIL,
        (object_("v1", "List", items=[pod(namespace=UNKNOWN).props, pod(namespace="default").props]),),
    ),
    Case("SEC-K8S-010", "unknown", OPEN, (pod(namespace=UNKNOWN),)),
    Case("SEC-K8S-010", "of another type", OPEN, (listed(pod(namespace=["a"])),), "a string was expected"),
    Case("SEC-K8S-010", "template for the whole cluster", SKIP, (workflow("ClusterWorkflowTemplate"),)),
    Case("SEC-K8S-010", "object of the cluster", SKIP, (object_("v1", "Node"),)),
)


def policy(namespace: Any = "space-a", name: str = "deny", depends: Any = None, **spec: Any) -> Spec:
    made = object_("networking.k8s.io/v1", "NetworkPolicy", name, metadata={"namespace": namespace}, spec=spec)
    return Spec(made.type, made.props, name, depends or {})


NAMESPACE = "kubernetes:core/v1:Namespace"
OWN = {"metadata": [urn(NAMESPACE, "subject")]}
ALL: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress"]}
BOTH = {"directions": ["Ingress", "Egress"]}
AMONG: list[Any] = [{"from": [{"podSelector": {}}]}]
SOME: dict[str, Any] = {"podSelector": {"matchLabels": {"app": "a"}}, "policyTypes": ["Ingress"]}
DENIED = (
    Case("SEC-K8S-013", "denied", PASS, (space(), policy(**ALL))),
    Case("SEC-K8S-013", "types left out", PASS, (space(), policy(podSelector={}))),
    Case("SEC-K8S-013", "all pods among themselves", PASS, (space(), policy(**ALL, ingress=AMONG))),
    Case(
        "SEC-K8S-013", "one port from everywhere", PASS, (space(), policy(**ALL, ingress=[{"ports": [{"port": 80}]}]))
    ),
    Case(
        "SEC-K8S-013",
        "both directions in two policies",
        PASS,
        (space(), policy(**ALL), policy(name="out", podSelector={}, policyTypes=["Egress"])),
        params=BOTH,
    ),
    Case(
        "SEC-K8S-013",
        "unknown policies elsewhere",
        PASS,
        (space(), policy(**ALL), policy("space-b", "b", podSelector=UNKNOWN_OBJECT)),
    ),
    Case(
        "SEC-K8S-013",
        "name unknown, computed from the namespace",
        PASS,
        (space(UNKNOWN), policy(UNKNOWN, depends=OWN, **ALL)),
    ),
    Case("SEC-K8S-013", "in a list", PASS, (space(), object_("v1", "List", "list", items=[policy(**ALL).props]))),
    Case("SEC-K8S-013", "none", FAIL, (space(),), 'denies all ingress in "space-a"'),
    Case("SEC-K8S-013", "in another namespace", FAIL, (space(), policy("space-b", **ALL))),
    Case("SEC-K8S-013", "only some pods", FAIL, (space(), policy(**SOME))),
    Case("SEC-K8S-013", "only what goes out", FAIL, (space(), policy(podSelector={}, policyTypes=["Egress"]))),
    Case("SEC-K8S-013", "everybody gets in", FAIL, (space(), policy(**ALL, ingress=[{}]))),
    Case(
        "SEC-K8S-013",
        "every address gets in",
        FAIL,
        (space(), policy(**ALL, ingress=[{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}])),
    ),
    Case(
        "SEC-K8S-013",
        "every namespace gets in",
        FAIL,
        (space(), policy(**ALL, ingress=[UNKNOWN_OBJECT, {"from": [{"namespaceSelector": {}}]}])),
    ),
    Case("SEC-K8S-013", "one direction of two", FAIL, (space(), policy(**ALL)), "denies all egress", params=BOTH),
    Case(
        "SEC-K8S-013", "unknown elsewhere and none here", FAIL, (space(), policy("space-b", podSelector=UNKNOWN_OBJECT))
    ),
    Case("SEC-K8S-013", "unknown namespace of a policy for some pods", FAIL, (space(), policy(UNKNOWN, **SOME))),
    Case("SEC-K8S-013", "namespace of the policy unknown", OPEN, (space(), policy(UNKNOWN, **ALL))),
    Case("SEC-K8S-013", "name unknown", OPEN, (space(UNKNOWN), policy(**ALL))),
    Case(
        "SEC-K8S-013", "selector unknown", OPEN, (space(), policy(podSelector=UNKNOWN_OBJECT, policyTypes=["Ingress"]))
    ),
    Case("SEC-K8S-013", "types unknown", OPEN, (space(), policy(podSelector={}, policyTypes=UNKNOWN_LIST))),
    Case("SEC-K8S-013", "rules unknown", OPEN, (space(), policy(**ALL, ingress=UNKNOWN_LIST))),
    Case(
        "SEC-K8S-013", "rule of another type", OPEN, (space(), policy(**ALL, ingress=["a"])), "an object was expected"
    ),
    Case("SEC-K8S-013", "list unknown", OPEN, (space(), object_("v1", "List", "list", items=UNKNOWN_LIST))),
    Case("SEC-K8S-013", "node agents", SKIP, (space("node-exporter"),), params={"namespaces": ["node-exporter"]}),
    Case("SEC-K8S-013", "no namespace", SKIP, (policy(**ALL),)),
)

CASES = (*STANDARDS, *PLACES, *DENIED)
