"""Where Kubernetes objects keep pods and their containers: plain workloads, and Argo Workflows templates."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from policies._engine import argo
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
OTHER_PODS = ("resource", "data")
"""Templates of Argo Workflows that run in a pod whose container is not theirs to choose."""


NOTHING = View({})


@dataclass(frozen=True)
class Pod:
    """A pod as a workload describes it."""

    spec: View
    """Where its containers are."""

    defaults: View = NOTHING
    """What its template inherits, in a workflow."""

    workflow: View | None = None
    """What its template is a part of; None in a plain workload."""

    partial: bool = False
    """Whether it is only what templates inherit, and no pod of its own."""

    @property
    def levels(self) -> tuple[View, ...]:
        """What a template inherits from, nearest first, as it is written."""
        return (self.spec,) if self.workflow is None else (self.spec, self.defaults, self.workflow)

    def settings(self) -> tuple[View, ...]:
        """Return where settings of the pod may stand, nearest first; the first that has one counts.

        Raises `Undetermined` at a patch that cannot be read.
        """
        return (self.spec,) if self.workflow is None else argo.settings(self.spec, self.defaults, self.workflow)


ContainerCheck = Callable[[View], Iterable[Outcome]]
MergedCheck = Callable[[tuple[View, ...], bool], Iterable[Outcome]]
"""Given where a container's settings may stand, nearest first, and whether all that is known of it is a patch."""

PodCheck = Callable[[Pod], Iterable[Outcome]]


def each_pod(manifest: Manifest, check: PodCheck) -> Iterator[Outcome]:
    """Check every pod of a workload. One that is not known yet does not hide what is wrong in another."""
    if manifest.kind not in ARGO_PATHS:
        yield from check(Pod(manifest.props.mapping(POD_PATHS[manifest.kind])))
        return
    workflow = manifest.props.mapping(ARGO_PATHS[manifest.kind])
    defaults = workflow.mapping("templateDefaults")
    templates = workflow.sequence("templates")
    yield from each(templates, lambda template: _template(Pod(template, defaults, workflow), check))
    yield from _template(Pod(defaults, defaults, workflow, partial=True), check)


def each_whole_pod(manifest: Manifest, check: PodCheck) -> Iterator[Outcome]:
    """Check every pod of a workload with what it inherits: defaults by themselves only where nothing here does."""
    return each_pod(manifest, lambda pod: () if _inherited_here(pod) else check(pod))


def _inherited_here(pod: Pod) -> bool:
    return pod.partial and pod.workflow is not None and bool(pod.workflow.raw.get("templates"))


def _template(pod: Pod, check: PodCheck) -> Iterable[Outcome]:
    return check(pod) if any(key in pod.spec.raw for key in (*LISTS, *SINGLES, *OTHER_PODS)) else ()


def each_container(manifest: Manifest, check: ContainerCheck) -> Iterator[Outcome]:
    """Check every container of a workload."""
    yield from each_pod(manifest, lambda pod: each_container_of(pod, check))


def each_container_of(pod: Pod, check: ContainerCheck) -> Iterator[Outcome]:
    """Check every container of a pod."""
    yield from _each_keyed(pod, lambda _key, one: check(one))


def each_merged_container(pod: Pod, check: MergedCheck) -> Iterator[Outcome]:
    """Check every container of a pod with what it inherits and what patches it."""
    patches = () if pod.workflow is None else argo.patches((pod.spec, pod.defaults), pod.workflow)
    yield from _each_keyed(pod, lambda key, one: check(_merged(pod, key, one, patches), False))
    # A patch may also say something of containers that are not the template's.
    yield from each(_additions(pod, patches), lambda one: check((one,), True))


def _each_keyed(pod: Pod, check: Callable[[str, View], Iterable[Outcome]]) -> Iterator[Outcome]:
    spec = pod.spec
    yield from each(LISTS, lambda key: each(spec.sequence(_list_path(key)), lambda one: check(key, one)))
    yield from each(SINGLES, lambda key: check(key, spec.mapping(key)) if spec.declared(key) else ())


def _merged(pod: Pod, key: str, container: View, patches: tuple[View, ...]) -> tuple[View, ...]:
    name = (container.text("name") or argo.MAIN) if patches else ""
    patched = [one for patch in patches for one in argo.patched(name, _patch_list(key), patch)]
    inherits = key in SINGLES and pod.defaults is not pod.spec and pod.defaults.declared(key)
    return (*patched, container, *((pod.defaults.mapping(key),) if inherits else ()))


def _additions(pod: Pod, patches: tuple[View, ...]) -> list[View]:
    if not patches:
        return []
    own: set[tuple[str, str]] = set()
    for key in LISTS:
        listed = pod.spec.sequence(_list_path(key)).mappings()
        own |= {(_patch_list(key), one.text("name") or argo.MAIN) for one in listed}
    own |= {
        ("containers", pod.spec.mapping(key).text("name") or argo.MAIN) for key in SINGLES if pod.spec.declared(key)
    }
    return [
        one
        for patch in patches
        for key in ("containers", "initContainers")
        for one in patch.sequence(key).mappings()
        if (key, one.text("name")) not in own
    ]


def _list_path(key: str) -> str:
    return "containerSet.containers" if key == "containerSet" else key


def _patch_list(key: str) -> str:
    return key if key in ("initContainers", "ephemeralContainers") else "containers"
