"""Cases of the rules on what holds accelerators."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)
from tests.policies.specs import deployment, pod, workflow

GPU = {"image": "a", "resources": {"limits": {"nvidia.com/gpu": "1"}}}
PLAIN = {"image": "a", "resources": {"limits": {"cpu": "1"}}}


def terms(*keys: str) -> dict[str, Any]:
    listed = [{"matchExpressions": [{"key": key, "operator": "In", "values": ["x"]}]} for key in keys]
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": listed}}}


def select(name: str, expected: Any, spec: Spec, says: str = "", **more: Any) -> Case:
    return Case("COST-GPU-008", name, expected, (spec,), says, **more)


POOL = {"mlops.dev/pool": "inference"}
PREFERRED = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}}
SELECTORS = (
    select("by pool", PASS, pod(GPU, nodeSelector=POOL)),
    select("by kind of gpu", PASS, deployment(GPU, nodeSelector={"karpenter.k8s.aws/instance-gpu-name": "l4"})),
    select("by affinity", PASS, pod(GPU, affinity=terms("nvidia.com/gpu.product"))),
    select("by affinity in all terms", PASS, pod(GPU, affinity=terms("mlops.dev/pool", "karpenter.sh/nodepool"))),
    select("no accelerators, but selected", PASS, pod(PLAIN, nodeSelector=POOL)),
    select(
        "workflow's own selector",
        PASS,
        workflow("WorkflowTemplate", {"container": GPU}, nodeSelector=POOL),
    ),
    select("no selector", FAIL, pod(GPU), "spec.nodeSelector is unset; wanted a label such as mlops.dev/pool"),
    select("selector of a zone", FAIL, pod(GPU, nodeSelector={"topology.kubernetes.io/zone": "a"})),
    select("preferred only", FAIL, pod(GPU, affinity=PREFERRED)),
    select("one of two terms", FAIL, pod(GPU, affinity=terms("mlops.dev/pool", "kubernetes.io/arch"))),
    select("tolerated only", FAIL, pod(GPU, tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}])),
    select("neuron", FAIL, pod({"resources": {"limits": {"aws.amazon.com/neuron": 1}}})),
    select("slice", FAIL, pod({"resources": {"limits": {"nvidia.com/mig-1g.10gb": 1}}})),
    select("init container", FAIL, pod(PLAIN, initContainers=[GPU])),
    select("workflow", FAIL, workflow("Workflow", {"script": GPU})),
    select("template for workflows", FAIL, workflow("ClusterWorkflowTemplate", {"script": GPU})),
    select("parameter", FAIL, pod(GPU, nodeSelector=POOL), "such as team/gpu", params={"selectors": ["team/gpu"]}),
    select("no label counts", FAIL, pod(GPU, nodeSelector=POOL), params={"selectors": []}),
    select("selector unknown", OPEN, pod(GPU, nodeSelector=UNKNOWN_OBJECT)),
    select("resources unknown", OPEN, pod({"image": "a", "resources": UNKNOWN_OBJECT})),
    select("containers unknown", OPEN, object_("v1", "Pod", spec={"containers": UNKNOWN_LIST})),
    select("no accelerators", SKIP, pod(PLAIN)),
    select("no workload", SKIP, object_("v1", "Service")),
)


def notebook(*containers: Any) -> Spec:
    return object_(
        "kubeflow.org/v1",
        "Notebook",
        metadata={"name": "alice", "namespace": "team-a"},
        spec={"template": {"spec": {"containers": list(containers)}}},
    )


def controller(*env: Any, sources: Any = (), name: str = "notebook-controller-deployment") -> Spec:
    container = {"image": "notebook-controller:v1.10", "env": list(env), "envFrom": list(sources)}
    spec = {"template": {"spec": {"containers": [container]}}}
    return object_("apps/v1", "Deployment", "controller", metadata={"name": name}, spec=spec)


def variable(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "value": value}


def config(**data: Any) -> Spec:
    return object_("v1", "ConfigMap", "config", metadata={"name": "notebook-controller-config"}, data=data)


def cull(name: str, expected: Any, *specs: Spec, says: str = "", **more: Any) -> Case:
    return Case("COST-GPU-012", name, expected, specs, says, **more)


def instance(**props: Any) -> Spec:
    return Spec("aws:sagemaker/notebookInstance:NotebookInstance", {"instanceType": "ml.g5.xlarge", **props})


def space(kind: Any, minutes: Any = None, app: str = "jupyterLabAppSettings") -> Spec:
    idle = {} if minutes is None else {"appLifecycleManagement": {"idleSettings": {"idleTimeoutInMinutes": minutes}}}
    settings = {app: {"defaultResourceSpec": {"instanceType": kind}, **idle}}
    return Spec("aws:sagemaker/space:Space", {"domainId": "d-1", "spaceName": "alice", "spaceSettings": settings})


ON = variable("ENABLE_CULLING", "true")
FROM = {"configMapKeyRef": {"name": "notebook-controller-config", "key": "ENABLE_CULLING"}}
SOURCE = {"configMapRef": {"name": "notebook-controller-config"}}
BOOK = notebook(GPU)
CULLING = (
    cull("culled", PASS, BOOK, controller(ON, variable("CULL_IDLE_TIME", "120"))),
    cull(
        "by a config map",
        PASS,
        BOOK,
        controller({"name": "ENABLE_CULLING", "valueFrom": FROM}, variable("CULL_IDLE_TIME", "60")),
        config(ENABLE_CULLING="true"),
    ),
    cull(
        "all of a config map",
        PASS,
        BOOK,
        controller(sources=[SOURCE]),
        config(ENABLE_CULLING="true", CULL_IDLE_TIME="60"),
    ),
    cull("space with a timeout", PASS, space("ml.g5.xlarge", 120)),
    cull("code editor with a timeout", PASS, space("ml.g6.xlarge", 60, "codeEditorAppSettings")),
    cull("instance with a lifecycle", PASS, instance(lifecycleConfigName="stop-idle")),
    cull("a day is allowed", PASS, BOOK, controller(ON), params={"most_minutes": 1440}),
    cull("controller's default", FAIL, BOOK, controller(), says="ENABLE_CULLING is unset; wanted true"),
    cull("switched off", FAIL, BOOK, controller(variable("ENABLE_CULLING", "false"))),
    cull("default time", FAIL, BOOK, controller(ON), says="CULL_IDLE_TIME is unset; wanted at most 480"),
    cull("after three days", FAIL, BOOK, controller(ON, variable("CULL_IDLE_TIME", "4320"))),
    cull(
        "off in a config map",
        FAIL,
        BOOK,
        controller({"name": "ENABLE_CULLING", "valueFrom": FROM}),
        config(ENABLE_CULLING="false"),
    ),
    cull("its own timeout does not help", FAIL, notebook({**GPU, "args": ["--shutdown=1"]}), controller()),
    cull("instance", FAIL, instance(), says="lifecycleConfigName is unset"),
    cull("space", FAIL, space("ml.g5.xlarge"), says="idleTimeoutInMinutes is unset; wanted at most 480"),
    cull("space after a week", FAIL, space("ml.p4d.24xlarge", 10080)),
    cull("controller of another stack", OPEN, BOOK, says="not part of this stack"),
    cull("switch unknown", OPEN, BOOK, controller(variable("ENABLE_CULLING", UNKNOWN))),
    cull("config map of another stack", OPEN, BOOK, controller({"name": "ENABLE_CULLING", "valueFrom": FROM})),
    cull("time is no number", OPEN, BOOK, controller(ON, variable("CULL_IDLE_TIME", "2h")), says="no number"),
    cull("resources unknown", OPEN, notebook({"resources": UNKNOWN_OBJECT}), controller()),
    cull("timeout unknown", OPEN, space("ml.g5.xlarge", UNKNOWN)),
    cull("timeout is a text", OPEN, space("ml.g5.xlarge", "soon"), says="a number was expected"),
    cull("instance type not in the facts", OPEN, instance(instanceType="ml.z9.large")),
    cull("notebook without accelerators", SKIP, notebook(PLAIN), controller()),
    cull("instance without accelerators", SKIP, instance(instanceType="ml.m5.large")),
    cull("space without accelerators", SKIP, space("ml.m5.large")),
    cull("another type", SKIP, OTHER),
)

CASES = (*SELECTORS, *CULLING)
