"""Cases of the rules on Kubernetes workloads."""

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)
from tests.policies.specs import deployment, pod, workflow

DRIVERS = {"namespaces": ["gpu-operator"]}
ROOT = {"securityContext": {"privileged": True}}
CASES = (
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
