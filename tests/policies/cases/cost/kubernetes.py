"""Cases of the rules on services, requests and jobs."""

import json
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
    secret,
)
from tests.policies.specs import deployment, pod, workflow

ROOT = Spec("pulumi:pulumi:Stack", name="platform-dev")


def service(kind: Any, name: str) -> Spec:
    return object_("v1", "Service", name, metadata={"name": name}, spec={"type": kind, "ports": [{"port": 80}]})


def release(chart: Any, values: Any, name: str = "release") -> Spec:
    return Spec("kubernetes:helm.sh/v3:Release", {"chart": chart, "values": values}, name)


def balance(name: str, expected: Any, *specs: Spec, says: str = "", environment: str | None = "development") -> Case:
    return Case("COST-NET-004", name, expected, (ROOT, *specs), says, environment=environment)


A, B = service("LoadBalancer", "a"), service("LoadBalancer", "b")
INSIDE = service("ClusterIP", "inside")
GRAFANA = release("kube-prometheus-stack", {"grafana": {"service": {"type": "LoadBalancer"}}})
BALANCERS = (
    balance("one", PASS, A, INSIDE),
    balance("none", PASS, INSIDE),
    balance("the default", PASS, service(None, "a")),
    balance("two in production", PASS, A, B, environment="production"),
    balance("one, environment unknown", PASS, A, environment=None),
    balance("a chart inside", PASS, release("argo-workflows", {"server": {"serviceType": "ClusterIP"}})),
    balance(
        "one beside one that is not known, in production", PASS, A, service(UNKNOWN, "b"), environment="production"
    ),
    balance("two", FAIL, A, B, INSIDE, says="2 services are of type LoadBalancer (a, b); wanted at most 1"),
    balance("one and a chart's", FAIL, A, GRAFANA, says="release: grafana.service.type"),
    balance(
        "chart of a registry",
        FAIL,
        A,
        release(
            "oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/argo-workflows",
            {"server": {"serviceType": "LoadBalancer"}},
        ),
    ),
    balance(
        "packaged chart",
        FAIL,
        A,
        release("./charts/argo-workflows-1.0.19.tgz", {"server": {"serviceType": "LoadBalancer"}}),
    ),
    balance("in a list", FAIL, object_("v1", "List", "list", items=[A.props, B.props])),
    balance("two beside one that is not known", FAIL, A, B, service(UNKNOWN, "c")),
    balance(
        "four in production",
        FAIL,
        A,
        B,
        service("LoadBalancer", "c"),
        service("LoadBalancer", "d"),
        environment="production",
    ),
    balance("type unknown", OPEN, A, service(UNKNOWN, "b")),
    balance("values unknown", OPEN, A, release("argo-workflows", UNKNOWN_OBJECT)),
    balance("environment unknown", OPEN, A, B, environment=None, says="the environment is not known"),
    balance("no services", SKIP, OTHER),
)


def asks(name: str, expected: Any, spec: Spec, says: str = "", **more: Any) -> Case:
    return Case("COST-K8S-001", name, expected, (spec,), says, **more)


def sized(requests: Any, limits: Any = None) -> dict[str, Any]:
    return {"name": "main", "image": "a", "resources": {"requests": requests, "limits": limits}}


GOOD = sized({"cpu": "500m", "memory": "1Gi"}, {"memory": "1Gi"})
FILLED = {"memory": "{{inputs.parameters.memory}}", "nvidia.com/gpu": "{{inputs.parameters.gpus}}"}
PATCH = json.dumps(
    {
        "containers": [
            {
                "name": "main",
                "resources": {"requests": {"cpu": "{{inputs.parameters.cpu}}", **FILLED}, "limits": FILLED},
            }
        ]
    }
)
SIZED = json.dumps({"containers": [GOOD]})
BARE = {"image": "a", "command": ["true"]}
REQUESTS = (
    asks("asked and limited alike", PASS, pod(GOOD)),
    asks("written differently", PASS, pod(sized({"cpu": 1, "memory": "1Gi"}, {"memory": "1024Mi"}))),
    asks("limits alone", PASS, pod(sized(None, {"cpu": "2", "memory": "1Gi"}))),
    asks("cpu limited higher", PASS, pod(sized({"cpu": "1", "memory": "1Gi"}, {"cpu": "4", "memory": "1Gi"}))),
    asks("no containers", PASS, pod()),
    asks("ephemeral", PASS, pod(GOOD, ephemeralContainers=[BARE])),
    asks(
        "filled in by a workflow", OPEN, workflow("ClusterWorkflowTemplate", {"container": BARE, "podSpecPatch": PATCH})
    ),
    asks("patched", PASS, workflow("Workflow", {"container": BARE, "podSpecPatch": SIZED})),
    asks("patch of the whole workflow", PASS, workflow("Workflow", {"container": BARE}, podSpecPatch=SIZED)),
    asks("inherited", PASS, workflow("Workflow", {"container": BARE}, templateDefaults={"container": GOOD})),
    asks("secret quantity", PASS, pod(sized({"cpu": "1", "memory": secret("1Gi")}, {"memory": secret("1Gi")}))),
    asks("nothing", FAIL, pod(BARE), "spec.containers.0.resources ask for no cpu"),
    asks("no memory", FAIL, pod(sized({"cpu": "1"})), "ask for no memory"),
    asks(
        "no memory limit",
        FAIL,
        deployment(sized({"cpu": "1", "memory": "1Gi"})),
        'ask for "1Gi" of memory and are limited to nothing; wanted the same',
    ),
    asks("memory limited higher", FAIL, pod(sized({"cpu": "1", "memory": "1Gi"}, {"memory": "8Gi"}))),
    asks("init container", FAIL, pod(GOOD, initContainers=[BARE]), "initContainers.0"),
    asks("workflow", FAIL, workflow("CronWorkflow", {"container": BARE}), "templates.0.container"),
    asks(
        "patch of another container",
        FAIL,
        workflow("Workflow", {"container": {**BARE, "name": "other"}, "podSpecPatch": SIZED}),
    ),
    asks("no memory, cpu unknown", FAIL, pod(sized({"cpu": UNKNOWN})), "ask for no memory"),
    asks("bad one beside one that is not known", FAIL, pod({"resources": UNKNOWN_OBJECT}, BARE)),
    asks(
        "ephemeral storage by parameter",
        FAIL,
        pod(
            sized(
                {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi"}, {"memory": "1Gi", "ephemeral-storage": "9Gi"}
            )
        ),
        "of ephemeral-storage",
        params={"equal": ["memory", "ephemeral-storage"]},
    ),
    asks("memory unknown", OPEN, pod(sized({"cpu": "1", "memory": UNKNOWN}, {"memory": "1Gi"}))),
    asks("no quantity", OPEN, pod(sized({"cpu": "1", "memory": "much"}, {"memory": "1Gi"})), "a quantity was expected"),
    asks("containers unknown", OPEN, object_("v1", "Pod", spec={"containers": UNKNOWN_LIST})),
    asks("no patch", OPEN, workflow("Workflow", {"container": BARE, "podSpecPatch": "{{=patch}}"})),
    asks("part of an object", OPEN, Spec("kubernetes:apps/v1:DeploymentPatch", deployment(BARE).props)),
    asks("patch unknown", OPEN, workflow("Workflow", {"container": BARE, "podSpecPatch": UNKNOWN})),
    asks("system namespace", SKIP, pod(BARE, namespace="kube-system"), params={"namespaces": ["kube-system"]}),
    asks("no workload", SKIP, object_("v1", "Service")),
)


def ends(name: str, expected: Any, spec: Spec, says: str = "", **more: Any) -> Case:
    return Case("COST-K8S-002", name, expected, (spec,), says, **more)


def job(**spec: Any) -> Spec:
    return object_("batch/v1", "Job", spec={"template": {"spec": {"containers": []}}, **spec})


def cron_job(**spec: Any) -> Spec:
    return object_("batch/v1", "CronJob", spec={"schedule": "0 * * * *", "jobTemplate": {"spec": spec}})


def ray_job(**spec: Any) -> Spec:
    return object_("ray.io/v1", "RayJob", spec={"entrypoint": "python train.py", **spec})


def training_job(**policy: Any) -> Spec:
    return object_("kubeflow.org/v1", "PyTorchJob", spec={"runPolicy": policy, "pytorchReplicaSpecs": {}})


END = {"activeDeadlineSeconds": 3600, "ttlSecondsAfterFinished": 60}
JOBS = (
    ends("job", PASS, job(**END)),
    ends("removed at once", PASS, job(activeDeadlineSeconds=60, ttlSecondsAfterFinished=0)),
    ends("cron job", PASS, cron_job(activeDeadlineSeconds=120)),
    ends("ray job", PASS, ray_job(rayClusterSpec={}, shutdownAfterJobFinishes=True, activeDeadlineSeconds=60)),
    ends("ray job on a cluster that is there", PASS, ray_job(clusterSelector={"a": "b"}, **END)),
    ends("training job", PASS, training_job(**END)),
    ends("no deadline", FAIL, job(ttlSecondsAfterFinished=60), "spec.activeDeadlineSeconds is unset; wanted at most"),
    ends("not removed", FAIL, job(activeDeadlineSeconds=60), "spec.ttlSecondsAfterFinished is unset"),
    ends("deadline of a month", FAIL, job(**{**END, "activeDeadlineSeconds": 2_600_000})),
    ends("cron job without a deadline", FAIL, cron_job(backoffLimit=1)),
    ends("ray cluster that stays", FAIL, ray_job(rayClusterSpec={}, **END), "shutdownAfterJobFinishes is unset"),
    ends("training job without an end", FAIL, training_job(cleanPodPolicy="Running")),
    ends("parameter", FAIL, job(**END), "at most 600", params={"longest_seconds": 600}),
    ends("patch", OPEN, Spec("kubernetes:batch/v1:JobPatch", job().props)),
    ends("not removed, deadline unknown", FAIL, job(activeDeadlineSeconds=UNKNOWN)),
    ends("deadline unknown", OPEN, job(**{**END, "activeDeadlineSeconds": UNKNOWN})),
    ends("deadline is a text", OPEN, job(**{**END, "activeDeadlineSeconds": "soon"}), "a number was expected"),
    ends("spec unknown", OPEN, object_("batch/v1", "Job", spec=UNKNOWN_OBJECT)),
    ends("no job", SKIP, pod(BARE)),
)

CASES = (*BALANCERS, *REQUESTS, *JOBS)
