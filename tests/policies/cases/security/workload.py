"""Cases of the rules on Kubernetes workloads."""

import json
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
    secret,
)
from tests.policies.specs import deployment, listed, pod, workflow

DRIVERS = {"namespaces": ["gpu-operator"]}
ROOT = {"securityContext": {"privileged": True}}


def context(**settings: Any) -> dict[str, Any]:
    """Return a container with a security context."""
    return {"name": "main", "image": "a", "securityContext": settings}


def of_pod(*containers: Any, **settings: Any) -> Spec:
    """Return a pod with a security context of its own."""
    return pod(*containers, securityContext=settings)


def patch_of_pod(**spec: Any) -> str:
    return json.dumps(spec)


PRIVILEGED = (
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
    Case("SEC-K8S-002", "ephemeral", FAIL, (listed(pod({"image": "a"}, ephemeralContainers=[ROOT])),)),
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
    Case("SEC-K8S-002", "neither true nor false", FAIL, (listed(pod({"securityContext": {"privileged": "yes"}})),)),
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
    Case("SEC-K8S-002", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)

OFF = context(allowPrivilegeEscalation=False)
ESCALATION = (
    Case("SEC-K8S-004", "off", PASS, (pod(OFF),)),
    Case("SEC-K8S-004", "no containers", PASS, (workflow("Workflow", {"dag": {}}),)),
    Case("SEC-K8S-004", "default", FAIL, (pod({"image": "a"}),), "is unset; wanted false (the default is true)"),
    Case("SEC-K8S-004", "on", FAIL, (deployment(context(allowPrivilegeEscalation=True)),), "is true; wanted false"),
    Case("SEC-K8S-004", "text", FAIL, (listed(pod(context(allowPrivilegeEscalation="false"))),), 'is "false"'),
    Case("SEC-K8S-004", "init container", FAIL, (pod(OFF, initContainers=[{"image": "b"}]),), "initContainers.0"),
    Case(
        "SEC-K8S-004",
        "ephemeral container",
        FAIL,
        (listed(pod(OFF, ephemeralContainers=[{"image": "b"}])),),
        "ephemeral",
    ),
    Case("SEC-K8S-004", "unknown beside a bad one", FAIL, (pod(context(allowPrivilegeEscalation=UNKNOWN_BOOL), {}),)),
    Case(
        "SEC-K8S-004",
        "defaults of a workflow",
        PASS,
        (workflow("Workflow", {"container": {"image": "a"}}, templateDefaults={"container": OFF}),),
    ),
    Case(
        "SEC-K8S-004",
        "defaults of another type of template",
        OPEN,
        (workflow("Workflow", {"script": {"image": "a"}}, templateDefaults={"container": OFF}),),
        "templates.0.script",
    ),
    Case(
        "SEC-K8S-004",
        "patch of a workflow",
        PASS,
        (
            workflow(
                "WorkflowTemplate",
                {"container": {"image": "a"}, "podSpecPatch": patch_of_pod(containers=[OFF])},
            ),
        ),
    ),
    Case(
        "SEC-K8S-004",
        "patch of a workflow undoes it",
        FAIL,
        (
            workflow(
                "WorkflowTemplate",
                {"container": OFF},
                podSpecPatch="containers: [{name: main, securityContext: {allowPrivilegeEscalation: true}}]",
            ),
        ),
        "spec.podSpecPatch.containers.0.securityContext.allowPrivilegeEscalation is true",
    ),
    Case(
        "SEC-K8S-004",
        "patch of a sidecar that Argo adds",
        OPEN,
        (
            workflow(
                "WorkflowTemplate",
                {"container": OFF, "podSpecPatch": patch_of_pod(containers=[{"name": "wait", "resources": {}}])},
            ),
        ),
        "is unset here, and may be set elsewhere",
    ),
    Case(
        "SEC-K8S-004",
        "patch filled in when it runs",
        OPEN,
        (workflow("WorkflowTemplate", {"container": OFF, "podSpecPatch": "{{inputs.parameters.patch}}"}),),
        "podSpecPatch",
    ),
    Case("SEC-K8S-004", "unknown", OPEN, (pod(context(allowPrivilegeEscalation=UNKNOWN_BOOL)),)),
    Case("SEC-K8S-004", "containers unknown", OPEN, (object_("v1", "Pod", spec={"containers": UNKNOWN_LIST}),)),
    Case(
        "SEC-K8S-004",
        "patch of an object that leaves it out",
        OPEN,
        (Spec("kubernetes:apps/v1:DeploymentPatch", deployment({"name": "main", "image": "b"}).props),),
        "is unset here, and may be set elsewhere",
    ),
    Case(
        "SEC-K8S-004",
        "patch of an object that sets it wrong",
        FAIL,
        (Spec("kubernetes:apps/v1:DeploymentPatch", deployment(context(allowPrivilegeEscalation=True)).props),),
    ),
    Case("SEC-K8S-004", "drivers", SKIP, (pod({}, namespace="gpu-operator"),), params=DRIVERS),
    Case("SEC-K8S-004", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)

NON_ROOT = (
    Case("SEC-K8S-005", "container", PASS, (pod(context(runAsNonRoot=True)),)),
    Case("SEC-K8S-005", "pod", PASS, (of_pod({"image": "a"}, runAsNonRoot=True, runAsUser=1000),)),
    Case(
        "SEC-K8S-005",
        "pod with an unknown user in a container",
        OPEN,
        (of_pod(context(runAsUser=UNKNOWN), runAsNonRoot=True),),
    ),
    Case("SEC-K8S-005", "default", FAIL, (pod({"image": "a"}),), "containers.0.securityContext.runAsNonRoot is unset"),
    Case(
        "SEC-K8S-005",
        "container undoes the pod",
        FAIL,
        (of_pod(context(runAsNonRoot=False), runAsNonRoot=True),),
        "is false",
    ),
    Case(
        "SEC-K8S-005",
        "pod says root though containers do not",
        FAIL,
        (of_pod(context(runAsNonRoot=True), runAsNonRoot=False),),
        "spec.securityContext.runAsNonRoot is false",
    ),
    Case(
        "SEC-K8S-005", "user of the container", FAIL, (pod(context(runAsNonRoot=True, runAsUser=0)),), "runAsUser is 0"
    ),
    Case(
        "SEC-K8S-005",
        "user of the pod",
        FAIL,
        (of_pod(context(runAsNonRoot=True, runAsUser=5), runAsUser=0),),
        "spec.securityContext.runAsUser is 0",
    ),
    Case(
        "SEC-K8S-005",
        "only the init container",
        FAIL,
        (pod(context(runAsNonRoot=True), initContainers=[{"image": "a"}]),),
        "initContainers.0",
    ),
    Case(
        "SEC-K8S-005",
        "template inherits from its workflow",
        PASS,
        (workflow("Workflow", {"container": {"image": "a"}}, securityContext={"runAsNonRoot": True}),),
    ),
    Case(
        "SEC-K8S-005",
        "context of a template replaces that of its workflow",
        OPEN,
        (
            workflow(
                "Workflow",
                {"container": {"image": "a"}, "securityContext": {"runAsUser": 5}},
                securityContext={"runAsNonRoot": True},
            ),
        ),
    ),
    Case(
        "SEC-K8S-005",
        "patch for the pod",
        PASS,
        (
            workflow(
                "CronWorkflow",
                {"container": {"image": "a"}},
                podSpecPatch=patch_of_pod(securityContext={"runAsNonRoot": True}),
            ),
        ),
    ),
    Case("SEC-K8S-005", "container unknown", OPEN, (of_pod(context(runAsNonRoot=UNKNOWN_BOOL), runAsNonRoot=True),)),
    Case("SEC-K8S-005", "pod unknown", OPEN, (of_pod({"image": "a"}, runAsNonRoot=UNKNOWN_BOOL),)),
    Case("SEC-K8S-005", "context unknown", OPEN, (pod({"image": "a"}, securityContext=UNKNOWN_OBJECT),)),
    Case(
        "SEC-K8S-005",
        "context of another type",
        OPEN,
        (listed(pod({"image": "a"}, securityContext="root")),),
        "an object was expected",
    ),
    Case("SEC-K8S-005", "drivers", SKIP, (pod({}, namespace="gpu-operator"),), params=DRIVERS),
    Case("SEC-K8S-005", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)


def capabilities(**lists: Any) -> dict[str, Any]:
    return context(capabilities=lists)


CAPABILITIES = (
    Case("SEC-K8S-006", "dropped", PASS, (pod(capabilities(drop=["ALL"])),)),
    Case("SEC-K8S-006", "low ports", PASS, (pod(capabilities(drop=["NET_RAW", "ALL"], add=["NET_BIND_SERVICE"])),)),
    Case("SEC-K8S-006", "unknown drop beside ALL", PASS, (pod(capabilities(drop=[UNKNOWN, "ALL"])),)),
    Case(
        "SEC-K8S-006",
        "allowed by a company",
        PASS,
        (pod(capabilities(drop=["ALL"], add=["IPC_LOCK"])),),
        params={"added": ["IPC_LOCK"]},
    ),
    Case(
        "SEC-K8S-006", "default", FAIL, (pod({"image": "a"}),), 'capabilities.drop is unset; wanted a list with "ALL"'
    ),
    Case("SEC-K8S-006", "lower case", FAIL, (pod(capabilities(drop=["all"])),), 'is ["all"]'),
    Case("SEC-K8S-006", "only some", FAIL, (pod(capabilities(drop=["NET_RAW"])),)),
    Case("SEC-K8S-006", "added", FAIL, (pod(capabilities(drop=["ALL"], add=["SYS_ADMIN"])),), 'add.0 is "SYS_ADMIN"'),
    Case(
        "SEC-K8S-006",
        "added beside an unknown one",
        FAIL,
        (pod(capabilities(drop=["ALL"], add=[UNKNOWN, "SYS_PTRACE"])),),
        "add.1",
    ),
    Case(
        "SEC-K8S-006",
        "nothing may be added",
        FAIL,
        (pod(capabilities(drop=["ALL"], add=["NET_BIND_SERVICE"])),),
        "wanted none",
        params={"added": []},
    ),
    Case(
        "SEC-K8S-006",
        "list of a template replaces that of its defaults",
        FAIL,
        (
            workflow(
                "Workflow",
                {"container": capabilities(drop=["NET_RAW"])},
                templateDefaults={"container": capabilities(drop=["ALL"])},
            ),
        ),
    ),
    Case("SEC-K8S-006", "drop unknown", OPEN, (pod(capabilities(drop=UNKNOWN_LIST)),)),
    Case("SEC-K8S-006", "item of drop unknown", OPEN, (pod(capabilities(drop=[UNKNOWN])),)),
    Case("SEC-K8S-006", "item of add unknown", OPEN, (pod(capabilities(drop=["ALL"], add=[UNKNOWN])),)),
    Case("SEC-K8S-006", "list of another type", OPEN, (listed(pod(capabilities(drop="ALL"))),), "a list was expected"),
    Case("SEC-K8S-006", "drivers", SKIP, (pod({}, namespace="gpu-operator"),), params=DRIVERS),
    Case("SEC-K8S-006", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)

READ_ONLY = (
    Case("SEC-K8S-009", "read-only", PASS, (pod(context(readOnlyRootFilesystem=True)),)),
    Case("SEC-K8S-009", "default", FAIL, (deployment({"image": "a"}),), "is unset; wanted true"),
    Case("SEC-K8S-009", "writable", FAIL, (pod(context(readOnlyRootFilesystem=False)),), "is false"),
    Case(
        "SEC-K8S-009",
        "sidecar of a workflow",
        FAIL,
        (workflow("Workflow", {"sidecars": [context(readOnlyRootFilesystem=False)]}),),
        "sidecars.0",
    ),
    Case(
        "SEC-K8S-009",
        "workflow that says nothing",
        OPEN,
        (workflow("Workflow", {"sidecars": [{"image": "a"}]}),),
        "sidecars.0.securityContext.readOnlyRootFilesystem is unset here, and may be set elsewhere",
    ),
    Case("SEC-K8S-009", "marked as a secret", PASS, (pod(context(readOnlyRootFilesystem=secret(True))),)),
    Case("SEC-K8S-009", "unknown", OPEN, (pod(context(readOnlyRootFilesystem=UNKNOWN_BOOL)),)),
    Case("SEC-K8S-009", "container of another type", OPEN, (listed(pod("main")),), "an object was expected"),
    Case("SEC-K8S-009", "drivers", SKIP, (pod({}, namespace="gpu-operator"),), params=DRIVERS),
    Case("SEC-K8S-009", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)

ENOUGH = {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}}
WORKER = {"name": "worker", "resources": ENOUGH}
OPEN_PORT = {"tcpSocket": {"port": 80}}
PROBED = {**WORKER, "ports": [{"containerPort": 80}], "readinessProbe": OPEN_PORT, "livenessProbe": OPEN_PORT}
PROVISIONED = (
    Case("SEC-K8S-014", "all", PASS, (deployment(PROBED),)),
    Case("SEC-K8S-014", "without ports", PASS, (deployment(WORKER),)),
    Case(
        "SEC-K8S-014",
        "job",
        PASS,
        (
            object_(
                "batch/v1",
                "Job",
                spec={"template": {"spec": {"containers": [{**WORKER, "ports": [{"containerPort": 80}]}]}}},
            ),
        ),
    ),
    Case("SEC-K8S-014", "resources of the pod", PASS, (listed(deployment({"name": "a"}, resources=ENOUGH)),)),
    Case(
        "SEC-K8S-014",
        "ephemeral containers have none",
        PASS,
        (listed(pod(WORKER, ephemeralContainers=[{"name": "debug"}])),),
    ),
    Case("SEC-K8S-014", "values unknown", OPEN, (deployment({"name": "a", "resources": UNKNOWN_OBJECT}),)),
    Case("SEC-K8S-014", "amounts unknown", OPEN, (pod({"resources": {**ENOUGH, "limits": {"memory": UNKNOWN}}}),)),
    Case(
        "SEC-K8S-014",
        "none",
        FAIL,
        (pod(WORKER, {"name": "b"}),),
        "spec.containers.1 is an object with 1 keys; wanted a container with",
    ),
    Case("SEC-K8S-014", "no limit of memory", FAIL, (pod({"resources": {"requests": ENOUGH["requests"]}}),)),
    Case(
        "SEC-K8S-014",
        "no request of CPU",
        FAIL,
        (pod({"resources": {"requests": {"memory": "1Gi"}, "limits": ENOUGH["limits"]}}),),
    ),
    Case("SEC-K8S-014", "init container", FAIL, (pod(WORKER, initContainers=[{"name": "i"}]),), "initContainers.0"),
    Case(
        "SEC-K8S-014",
        "not probed",
        FAIL,
        (deployment({**WORKER, "ports": [{"containerPort": 80}]}),),
        "a container with a readinessProbe",
    ),
    Case(
        "SEC-K8S-014",
        "readiness is enough for a company",
        PASS,
        (deployment({**WORKER, "ports": [{"containerPort": 80}], "readinessProbe": OPEN_PORT}),),
        params={"probes": ["readinessProbe"]},
    ),
    Case("SEC-K8S-014", "none beside an unknown one", FAIL, (pod(UNKNOWN_OBJECT, {"name": "b"}),)),
    Case("SEC-K8S-014", "drivers", SKIP, (pod({}, namespace="gpu-operator"),), params=DRIVERS),
    Case("SEC-K8S-014", "workflow", SKIP, (workflow("Workflow", {"container": {}}),)),
)

CASES = (*PRIVILEGED, *ESCALATION, *NON_ROOT, *CAPABILITIES, *READ_ONLY, *PROVISIONED)
