"""What pods of a stack ask for in accelerators: how many of them, how much each, and where they may run."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from finops.context import Context
from finops.mapping.shapes import Requirement, requirement
from finops.quantities import quantity
from finops.resource import Resource
from finops.values import UNKNOWN, NotKnown, Props, Unreadable

NVIDIA: Final = "nvidia.com/gpu"
MIG: Final = "nvidia.com/mig-"
NEURON: Final = ("aws.amazon.com/neuron", "aws.amazon.com/neurondevice")
NEURON_CORE: Final = "aws.amazon.com/neuroncore"

_AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
_SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject"
_TARGET = "spec.scaleTargetRef.name"


@dataclass(frozen=True, slots=True)
class Toleration:
    """What lets a pod onto a node with a taint. An empty key tolerates all, an empty effect any."""

    key: str
    operator: str
    value: str
    effect: str

    def tolerates(self, key: str, value: str, effect: str) -> bool:
        """Whether it tolerates a taint."""
        if self.effect and self.effect != effect:
            return False
        if not self.key:
            return self.operator == "Exists"
        return self.key == key and (self.operator == "Exists" or self.value == value)


@dataclass(frozen=True, slots=True)
class Ask:
    """Alike pods of one owner. `where` has alternatives: one of them must hold, and all of its requirements."""

    owner: Resource
    resource: str
    units: Decimal
    floor: int
    """Pods that always run: none of what ends by itself, as Jobs do."""
    expected: int
    where: tuple[tuple[Requirement, ...], ...]
    tolerations: tuple[Toleration, ...]


def asks(resource: Resource, context: Context) -> list[Ask]:
    """Return what the pods of an object ask for; empty without accelerators.

    Raises `Unreadable` where it is not known.
    """
    reader = READERS.get(resource.type)
    return list(reader(resource, context)) if reader else []


def is_accelerator(name: str) -> bool:
    """Whether a resource of pods is one of accelerators: whole GPUs, parts of them (MIG), Neuron devices and cores."""
    return name in (NVIDIA, NEURON_CORE, *NEURON) or name.startswith(MIG)


def _replicated(resource: Resource, context: Context) -> Iterator[Ask]:
    """Deployments, StatefulSets, ReplicaSets: always as many as asked for, or the least of their autoscaler."""
    template = _template(_spec(resource))
    if not _demands(template):
        return
    count = _least(resource, context)
    yield from _asked(resource, template, count, count)


def _job(resource: Resource, context: Context) -> Iterator[Ask]:
    """Jobs: nothing for good, and while they run as many pods as they have at a time."""
    spec = _spec(resource)
    if not spec.flag("suspend"):
        yield from _asked(resource, _template(spec), 0, _parallel(spec))


def _job_set(resource: Resource, context: Context) -> Iterator[Ask]:
    """JobSets: the pods of all their Jobs at a time."""
    spec = _spec(resource)
    if spec.flag("suspend"):
        return
    for part in spec.each("replicatedJobs"):
        job = Props(part.mapping("template.spec"))
        yield from _asked(resource, _template(job), 0, int(part.number("replicas", 1)) * _parallel(job))


def _pod(resource: Resource, context: Context) -> Iterator[Ask]:
    yield from _asked(resource, _spec(resource), 1, 1)


def _ray(resource: Resource, context: Context, path: str = "") -> Iterator[Ask]:
    """Ray clusters: a head, and of each group of workers the least, or with autoscaling what it starts with."""
    spec = _spec(resource)
    cluster = Props(spec.mapping(path)) if path else spec
    if cluster.flag("suspend"):
        return
    yield from _asked(resource, Props(cluster.mapping("headGroupSpec.template.spec")), 1, 1)
    scales = cluster.flag("enableInTreeAutoscaling")
    for group in cluster.each("workerGroupSpecs"):
        wanted = group.number("replicas", group.number("minReplicas", 0))
        least = group.number("minReplicas", 0) if scales else wanted
        hosts = group.number("numOfHosts", 1)
        pods = Props(group.mapping("template.spec"))
        yield from _asked(resource, pods, int(min(least, wanted) * hosts), int(wanted * hosts))


def _ray_service(resource: Resource, context: Context) -> Iterator[Ask]:
    yield from _ray(resource, context, "rayClusterConfig")


def _inference(resource: Resource, context: Context) -> Iterator[Ask]:
    """KServe: of each part of an InferenceService the fewest replicas, one where nothing is said."""
    for name in ("predictor", "transformer", "explainer"):
        found = _spec(resource).mapping(name)
        part = Props(found)
        if part.mapping("workerSpec"):
            raise Unreadable(f"{name}.workerSpec spreads a replica over several nodes")
        models = [Props({"model": value}) for value in found.values() if _is_container(value)]
        least = int(part.number("minReplicas", 1))
        yield from _asked(resource, part, least, least, models)


READERS: Mapping[str, Callable[[Resource, Context], Iterable[Ask]]] = {
    "kubernetes:apps/v1:Deployment": _replicated,
    "kubernetes:apps/v1:ReplicaSet": _replicated,
    "kubernetes:apps/v1:StatefulSet": _replicated,
    "kubernetes:batch/v1:Job": _job,
    "kubernetes:core/v1:Pod": _pod,
    "kubernetes:jobset.x-k8s.io/v1alpha2:JobSet": _job_set,
    "kubernetes:ray.io/v1:RayCluster": _ray,
    "kubernetes:ray.io/v1:RayService": _ray_service,
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": _inference,
}
"""Types whose pods are read."""


def _spec(resource: Resource) -> Props:
    return Props(resource.props.mapping("spec"))


def _template(spec: Props) -> Props:
    return Props(spec.mapping("template.spec"))


def _is_container(value: Any) -> bool:
    return value is UNKNOWN or (isinstance(value, Mapping) and "resources" in value)


def _parallel(spec: Props) -> int:
    """Return how many pods of a Job run at a time: never more than are left to complete."""
    parallel = spec.number("parallelism", 1)
    return int(min(parallel, spec.number("completions", parallel)))


def _least(resource: Resource, context: Context) -> int:
    """Return the replicas that always run: the least of an autoscaler, else those asked for, else one."""
    name = _name(resource)
    scaled = context.resources.named(_SCALED, name, _TARGET)
    if scaled is not None:
        return int(scaled.props.number("spec.minReplicaCount", 0))
    autoscaler = context.resources.named(_AUTOSCALER, name, _TARGET)
    if autoscaler is not None:
        return int(autoscaler.props.number("spec.minReplicas", 1))
    return int(_spec(resource).number("replicas", 1))


def _name(resource: Resource) -> str:
    try:
        return resource.props.text("metadata.name") or resource.name
    except Unreadable:
        return resource.name


def _asked(resource: Resource, pod: Props, floor: int, expected: int, models: Iterable[Props] = ()) -> Iterator[Ask]:
    demands = _demands(pod, models)
    if not demands or not max(floor, expected):
        return
    where, tolerations = _where(pod), _tolerations(pod)
    for name, units in demands.items():
        yield Ask(resource, name, units, floor, expected, where, tolerations)


def _demands(pod: Props, models: Iterable[Props] = ()) -> dict[str, Decimal]:
    """Return the accelerators of one pod: those of all containers, or of an init container that asks for more."""
    found: dict[str, Decimal] = {}
    for container in (*pod.each("containers"), *(Props(model.mapping("model")) for model in models)):
        for name, units in _accelerators(container):
            found[name] = found.get(name, Decimal(0)) + units
    for container in pod.each("initContainers"):
        for name, units in _accelerators(container):
            found[name] = max(found.get(name, Decimal(0)), units)
    return found


def _accelerators(container: Props) -> Iterator[tuple[str, Decimal]]:
    """Yield accelerators and their number. Requests equal limits: Kubernetes insists on it for extended resources."""
    limits, requests = container.mapping("resources.limits"), container.mapping("resources.requests")
    for name, value in {**requests, **limits}.items():
        if not is_accelerator(str(name)):
            continue
        path = ("resources", "limits", str(name)[:64])
        if value is UNKNOWN:
            raise NotKnown(path)
        if value is not None and (units := quantity(value, path)) > 0:
            yield str(name), units


def _where(pod: Props) -> tuple[tuple[Requirement, ...], ...]:
    """Return where pods may run: their node selector, and the terms of their required node affinity."""
    selector = []
    for key, value in pod.mapping("nodeSelector").items():
        if value is UNKNOWN:
            raise NotKnown(("nodeSelector", str(key)[:64]))
        selector.append(Requirement(str(key), "In", (str(value),)))
    path = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    terms = [[requirement(entry, path) for entry in term.each("matchExpressions")] for term in pod.each(path)]
    return tuple((*selector, *term) for term in terms or [[]])


def _tolerations(pod: Props) -> tuple[Toleration, ...]:
    return tuple(
        Toleration(
            entry.text("key"), entry.text("operator", "Equal") or "Equal", entry.text("value"), entry.text("effect")
        )
        for entry in pod.each("tolerations")
    )
