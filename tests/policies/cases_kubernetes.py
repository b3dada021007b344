"""Cases of the security rules on Kubernetes workloads and on images."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
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


def pod(*containers: Any, namespace: Any = "team-a", **spec: Any) -> Spec:
    return object_("v1", "Pod", metadata={"namespace": namespace}, spec={"containers": list(containers), **spec})


def deployment(*containers: Any, namespace: Any = "team-a") -> Spec:
    template = {"spec": {"containers": list(containers)}}
    return object_("apps/v1", "Deployment", metadata={"namespace": namespace}, spec={"template": template})


def workflow(kind: str, *templates: Any) -> Spec:
    spec: Any = {"templates": list(templates)}
    return object_("argoproj.io/v1alpha1", kind, spec={"workflowSpec": spec} if kind == "CronWorkflow" else spec)


REPOSITORY = "aws:ecr/repository:Repository"
DIGEST = "@sha256:" + "a" * 64
SUPPLY = (
    Case("SEC-ECR-001", "immutable", PASS, (Spec(REPOSITORY, {"imageTagMutability": "IMMUTABLE"}),)),
    Case("SEC-ECR-001", "default", FAIL, (Spec(REPOSITORY, {"name": "x"}),), 'is unset; wanted "IMMUTABLE"'),
    Case("SEC-ECR-001", "mutable", FAIL, (Spec(REPOSITORY, {"imageTagMutability": "MUTABLE"}),)),
    Case("SEC-ECR-001", "unknown", OPEN, (Spec(REPOSITORY, {"imageTagMutability": UNKNOWN}),)),
    Case("SEC-ECR-001", "another type", SKIP, (OTHER,)),
    Case(
        "SEC-SUP-002",
        "digest in production",
        PASS,
        (pod({"image": f"r/a:1{DIGEST}"}),),
        environment="production",
    ),
    Case(
        "SEC-SUP-002",
        "digest without tag",
        PASS,
        (pod({"image": f"r:5000/a{DIGEST}"}),),
        environment="production",
    ),
    Case(
        "SEC-SUP-002",
        "tag in development",
        PASS,
        (pod({"image": "r:5000/a:1.2"}),),
        environment="development",
    ),
    Case("SEC-SUP-002", "no container", PASS, (pod(),)),
    Case(
        "SEC-SUP-002",
        "tag in production",
        FAIL,
        (pod({"image": "a:1"}),),
        "a sha256 digest",
        environment="production",
    ),
    Case(
        "SEC-SUP-002",
        "latest",
        FAIL,
        (deployment({"image": "a:latest"}),),
        "template.spec.containers.0.image",
    ),
    Case("SEC-SUP-002", "no tag", FAIL, (pod({"image": "r:5000/a"}),), "has no tag"),
    Case(
        "SEC-SUP-002", "tag before a broken digest", FAIL, (pod({"image": "a:latest@sha256:1"}),), "instead of latest"
    ),
    Case(
        "SEC-SUP-002",
        "init container",
        FAIL,
        (pod({"image": f"a{DIGEST}"}, initContainers=[{"image": "b"}]),),
    ),
    Case("SEC-SUP-002", "workflow script", FAIL, (workflow("WorkflowTemplate", {"script": {"image": "a"}}),)),
    Case(
        "SEC-SUP-002",
        "workflow container set",
        FAIL,
        (workflow("CronWorkflow", {"containerSet": {"containers": [{"image": "a:latest"}]}}),),
    ),
    Case("SEC-SUP-002", "one unknown beside latest", FAIL, (pod({"image": UNKNOWN}, {"image": "a:latest"}),)),
    Case("SEC-SUP-002", "image unknown", OPEN, (pod({"image": UNKNOWN}),)),
    Case("SEC-SUP-002", "containers unknown", OPEN, (object_("v1", "Pod", spec={"containers": UNKNOWN_LIST}),)),
    Case(
        "SEC-SUP-002",
        "image is a workflow's parameter",
        OPEN,
        (workflow("ClusterWorkflowTemplate", {"container": {"image": "{{inputs.parameters.image}}"}}),),
        "fills in when it runs",
    ),
    Case("SEC-SUP-002", "environment unknown", OPEN, (pod({"image": "a:1"}),), "the environment is not known"),
    Case("SEC-SUP-002", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)

DRIVERS = {"namespaces": ["gpu-operator"]}
ROOT = {"securityContext": {"privileged": True}}
K8S = (
    Case("SEC-K8S-002", "plain", PASS, (pod({"image": "a"}),)),
    Case(
        "SEC-K8S-002",
        "plain in a driver's namespace",
        PASS,
        (pod({"image": "a"}, namespace="gpu-operator"),),
        params=DRIVERS,
    ),
    Case("SEC-K8S-002", "explicitly not", PASS, (pod({"securityContext": {"privileged": False}}),)),
    Case("SEC-K8S-002", "privileged", FAIL, (pod(ROOT),), "containers.0.securityContext.privileged is true"),
    Case("SEC-K8S-002", "ephemeral", FAIL, (pod({"image": "a"}, ephemeralContainers=[ROOT]),)),
    Case(
        "SEC-K8S-002",
        "workflow",
        FAIL,
        (workflow("Workflow", {"dag": {}}, {"container": ROOT}),),
        "templates.1",
    ),
    Case("SEC-K8S-002", "patch", FAIL, (Spec("kubernetes:apps/v1:DeploymentPatch", deployment(ROOT).props),)),
    Case("SEC-K8S-002", "list", FAIL, (object_("v1", "List", items=[pod().props, deployment(ROOT).props]),)),
    Case(
        "SEC-K8S-002",
        "typed list",
        FAIL,
        (object_("apps/v1", "DeploymentList", items=[{"spec": {"template": {"spec": {"containers": [ROOT]}}}}]),),
    ),
    Case("SEC-K8S-002", "another provider's token", FAIL, (Spec("acme:index:Workload", pod(ROOT).props),)),
    Case("SEC-K8S-002", "neither true nor false", FAIL, (pod({"securityContext": {"privileged": "yes"}}),)),
    Case("SEC-K8S-002", "unknown", OPEN, (pod({"securityContext": {"privileged": UNKNOWN_BOOL}}),)),
    Case("SEC-K8S-002", "pod unknown", OPEN, (object_("v1", "Pod", spec=UNKNOWN_OBJECT),)),
    Case(
        "SEC-K8S-002",
        "privileged in a namespace not known",
        OPEN,
        (pod(ROOT, namespace=UNKNOWN),),
        params=DRIVERS,
    ),
    Case(
        "SEC-K8S-002",
        "drivers",
        SKIP,
        (pod(ROOT, namespace="gpu-operator"),),
        params=DRIVERS,
    ),
    Case("SEC-K8S-002", "no workload", SKIP, (object_("v1", "Service"),)),
)

CASES = (*SUPPLY, *K8S)
