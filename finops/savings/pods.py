"""Pods of a stack: what they ask for, how many run at least, and which pool they choose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from finops.quantities import quantity
from finops.resource import Resource
from finops.savings.scene import Scene
from finops.values import Props, Unreadable

NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
NODE_POOL: Final = "kubernetes:karpenter.sh/v1:NodePool"
INFERENCE: Final = "kubernetes:serving.kserve.io/v1beta1:InferenceService"
SCALED_OBJECT: Final = "kubernetes:keda.sh/v1alpha1:ScaledObject"

SERVING: Final = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet", INFERENCE)
"""What answers requests for as long as it is there."""

BATCH: Final = ("kubernetes:batch/v1:Job",)

ACCELERATORS: Final = ("nvidia.com/gpu", "aws.amazon.com/neuron")


@dataclass(frozen=True)
class Workload:
    """Pods that are alike."""

    resource: Resource
    selector: Mapping[str, str]
    requests: Mapping[str, Decimal] | None
    """What one pod asks for: cores, bytes, devices. None where a container does not say it, or it is not known."""
    replicas: Decimal
    """Pods that run at least."""

    @property
    def accelerators(self) -> Decimal:
        """Accelerators of all its pods."""
        asked = self.requests or {}
        return self.replicas * sum((asked.get(name, Decimal(0)) for name in ACCELERATORS), Decimal(0))


def workloads(scene: Scene) -> tuple[Workload, ...]:
    """Return what runs pods that choose their nodes by labels; what cannot be read is left out."""
    if "workloads" not in scene.cache:
        scene.cache["workloads"] = tuple(_all(scene))
    found: tuple[Workload, ...] = scene.cache["workloads"]
    return found


def of_pool(scene: Scene, pool: Resource) -> list[Workload]:
    """Return the workloads whose selector the nodes of a pool or group meet. Raises `Unreadable`."""
    if "by label" not in scene.cache:
        index: dict[tuple[str, str], list[Workload]] = {}
        for one in workloads(scene):
            # Each under one label of its selector: enough to be found by all pools that have them all.
            index.setdefault(min(one.selector.items()), []).append(one)
        scene.cache["by label"] = index
    labels = labels_of(pool)
    found = (one for label in labels.items() for one in scene.cache["by label"].get(label, ()))
    return [one for one in found if all(labels.get(key) == value for key, value in one.selector.items())]


def _all(scene: Scene) -> Iterator[Workload]:
    idle = _scaled_to_zero(scene)
    for type_ in (*SERVING, *BATCH):
        for item in scene.of(type_):
            try:
                found = _workload(item.resource)
            except Unreadable:
                continue
            if found.selector and _key(item.resource) not in idle:
                yield found


def labels_of(pool: Resource) -> Mapping[str, str]:
    """Return the labels that the nodes of a pool or node group carry. Raises `Unreadable`."""
    props = pool.props
    if pool.type == NODE_POOL:
        own = props.mapping("spec.template.metadata.labels")
        return {**_texts(own), "karpenter.sh/nodepool": props.text("metadata.name")}
    return {**_texts(props.mapping("labels")), "eks.amazonaws.com/nodegroup": props.text("nodeGroupName")}


def tainted(pool: Resource) -> bool:
    """Whether pods stay away from a pool or node group unless they tolerate it. Raises `Unreadable`."""
    path = "spec.template.spec.taints" if pool.type == NODE_POOL else "taints"
    effects = {taint.text("effect") for taint in pool.props.each(path)}
    return bool(effects & {"NoSchedule", "NoExecute", "NO_SCHEDULE", "NO_EXECUTE"})


def taint_keys(pool: Resource) -> set[str]:
    """Return the keys of a pool's taints. Raises `Unreadable`."""
    path = "spec.template.spec.taints" if pool.type == NODE_POOL else "taints"
    return {taint.text("key") for taint in pool.props.each(path)}


def _workload(resource: Resource) -> Workload:
    props = resource.props
    if resource.type == INFERENCE:
        # KServe keeps one replica where it is not told otherwise: kserve.github.io/website, API reference of
        # ComponentExtensionSpec, minReplicas, read 2026-11-27.
        pod = Props(props.mapping("spec.predictor"))
        replicas = pod.number("minReplicas", 1)
        containers = [*pod.each("containers"), *([Props(pod.mapping("model"))] if pod.mapping("model") else [])]
    else:
        pod = Props(props.mapping("spec.template.spec"))
        replicas = props.number("spec.parallelism" if resource.type in BATCH else "spec.replicas", 1)
        containers = pod.each("containers")
    return Workload(resource, _texts(pod.mapping("nodeSelector")), _requests(containers), replicas)


def _requests(containers: list[Props]) -> Mapping[str, Decimal] | None:
    total: dict[str, Decimal] = {}
    try:
        for container in containers:
            asked = {**container.mapping("resources.limits"), **container.mapping("resources.requests")}
            if "cpu" not in asked or "memory" not in asked:
                return None
            for name in ("cpu", "memory", *ACCELERATORS):
                if name in asked:
                    total[name] = total.get(name, Decimal(0)) + quantity(asked[name], ("requests", name))
    except Unreadable:
        return None
    return total or None


def _scaled_to_zero(scene: Scene) -> set[tuple[str, str]]:
    """Return namespace and name of what KEDA scales, down to nothing unless it is told otherwise."""
    found = set()
    for item in scene.of(SCALED_OBJECT):
        props = item.resource.props
        try:
            # keda.sh/docs, ScaledObject specification, minReplicaCount, read 2026-11-27
            if props.number("spec.minReplicaCount", 0) == 0:
                found.add((props.text("metadata.namespace"), props.text("spec.scaleTargetRef.name")))
        except Unreadable:
            continue
    return found


def _key(resource: Resource) -> tuple[str, str]:
    try:
        return resource.props.text("metadata.namespace"), resource.props.text("metadata.name")
    except Unreadable:
        return "", ""


def _texts(found: Mapping[str, object]) -> dict[str, str]:
    return {key: value for key, value in found.items() if isinstance(key, str) and isinstance(value, str)}
