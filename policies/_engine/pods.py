"""Where Kubernetes objects keep containers: plain workloads, and Argo Workflows templates."""

from collections.abc import Callable, Iterable, Iterator

from policies._engine.build import each
from policies._engine.model import Manifest
from policies._engine.rule import Outcome
from policies._engine.values import View

POD_PATHS = {
    "/Pod": "spec",
    "/PodTemplate": "template.spec",
    "/ReplicationController": "spec.template.spec",
    "apps/DaemonSet": "spec.template.spec",
    "apps/Deployment": "spec.template.spec",
    "apps/ReplicaSet": "spec.template.spec",
    "apps/StatefulSet": "spec.template.spec",
    "batch/CronJob": "spec.jobTemplate.spec.template.spec",
    "batch/Job": "spec.template.spec",
}
"""Where each kind of workload keeps its pod."""

ARGO_PATHS = {
    "argoproj.io/ClusterWorkflowTemplate": "spec",
    "argoproj.io/CronWorkflow": "spec.workflowSpec",
    "argoproj.io/Workflow": "spec",
    "argoproj.io/WorkflowTemplate": "spec",
}
"""Where each kind of Argo Workflows keeps its templates; a template is a pod that names some containers
differently."""

WORKLOADS = (*POD_PATHS, *ARGO_PATHS)
"""All kinds that have containers."""

LISTS = ("containers", "initContainers", "ephemeralContainers", "sidecars", "containerSet")
SINGLES = ("container", "script")

ContainerCheck = Callable[[View], Iterable[Outcome]]


def each_container(manifest: Manifest, check: ContainerCheck) -> Iterator[Outcome]:
    """Check every container of a workload.

    One that is not known yet does not hide what is wrong in another.
    """
    if manifest.kind in ARGO_PATHS:
        spec = manifest.props.mapping(ARGO_PATHS[manifest.kind])
        yield from each(spec.sequence("templates"), lambda template: _in_pod(template, check))
        yield from _in_pod(spec.mapping("templateDefaults"), check)
    else:
        yield from _in_pod(manifest.props.mapping(POD_PATHS[manifest.kind]), check)


def _in_pod(pod: View, check: ContainerCheck) -> Iterator[Outcome]:
    yield from each(LISTS, lambda key: each(pod.sequence(_list_path(key)), check))
    yield from each(SINGLES, lambda key: check(pod.mapping(key)) if pod.declared(key) else ())


def _list_path(key: str) -> str:
    return "containerSet.containers" if key == "containerSet" else key
