"""Kubernetes objects that bring something billable: volumes, load balancers, what a chart creates."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from finops.context import Context, Want
from finops.line import Line, State, plain
from finops.mapping.nodes import Disk
from finops.quantities import gib
from finops.resource import Resource
from finops.values import Props, Unreadable, number

STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"

_DEFAULT_CLASS = ("metadata", "annotations", "storageclass.kubernetes.io/is-default-class")
_EBS_DRIVERS = ("ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com")
_NLB_CLASSES = ("service.k8s.aws/nlb", "eks.amazonaws.com/nlb")
_LB_TYPE = ("metadata", "annotations", "service.beta.kubernetes.io/aws-load-balancer-type")
_NLB_TYPES = ("nlb", "nlb-ip", "external")
_DEPTH = 32


def volume_claim(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the volume of a claim."""
    spec = Props(resource.props.mapping("spec"))
    if spec.text("volumeName"):
        raise Unreadable("it claims a volume that exists, which is paid where it was made")
    yield from _claim(resource, context, spec, 1)


def claim_templates(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the volumes of a StatefulSet: each template, for each replica."""
    spec = Props(resource.props.mapping("spec"))
    for template in spec.each("volumeClaimTemplates"):
        yield from _claim(resource, context, Props(template.mapping("spec")), int(spec.number("replicas", 1)))


def monitoring_storage(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the volumes of Prometheus and Alertmanager objects, for each replica and shard."""
    spec = Props(resource.props.mapping("spec"))
    template = spec.mapping("storage.volumeClaimTemplate.spec")
    if template:
        count = spec.number("replicas", 1) * spec.number("shards", 1)
        yield from _claim(resource, context, Props(template), int(count))


def service(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the load balancer of a Service that asks for one; others yield nothing."""
    props = resource.props
    if props.text("spec.type", "ClusterIP") != "LoadBalancer":
        return
    if props.text("spec.loadBalancerClass") in _NLB_CLASSES or props.text(_LB_TYPE) in _NLB_TYPES:
        yield from context.fixed(resource, "network load balancer", "lb/network")
        yield from context.metered(resource, "capacity units", "lb/network-lcu")
    else:
        yield context.unpriced(resource, "Classic Load Balancer", ["lb/classic"])


def ingress(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the application load balancer of an Ingress of class `alb`; others yield nothing."""
    props = resource.props
    if props.text("spec.ingressClassName") != "alb":
        return
    if props.mapping("metadata.annotations").get("alb.ingress.kubernetes.io/group.name") is not None:
        raise Unreadable("it shares a load balancer with its group")
    yield from context.fixed(resource, "application load balancer", "lb/application")
    yield from context.metered(resource, "capacity units", "lb/application-lcu")


def release(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the volumes that a chart's values ask for, and say that the rest of the chart is not seen."""
    yield Line("what the chart creates", State.UNKNOWN, note="volumes and load balancers of a chart are not seen")
    for template in _templates(resource.props.at("values"), _DEPTH):
        yield from _claim(resource, context, Props(template), 1)


def _templates(values: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the specs of volume claim templates anywhere in a chart's values."""
    if depth == 0:
        return
    if isinstance(values, Mapping):
        for key, value in values.items():
            if key == "volumeClaimTemplate" and isinstance(value, Mapping) and isinstance(value.get("spec"), Mapping):
                yield value["spec"]
            else:
                yield from _templates(value, depth - 1)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _templates(value, depth - 1)


def _claim(resource: Resource, context: Context, spec: Props, count: int) -> Iterable[Line]:
    """Yield the lines of `count` volumes of a claim's spec."""
    asked = spec.at("resources.requests.storage")
    if asked is None:
        raise Unreadable("resources.requests.storage is not given")
    size = gib(asked, "resources.requests.storage")
    parameters = _parameters(context, spec)
    kind = parameters.text("type", "gp3").lower()[:32]
    limits = [parameters.at(key) for key in ("iops", "throughput")]
    iops, throughput = (None if found is None else number(found, "parameters") for found in limits)
    if parameters.at("iopsPerGB") is not None:
        iops = number(parameters.at("iopsPerGB"), "parameters.iopsPerGB") * size
    for what, item, units in Disk(kind, size, iops, throughput).items():
        want = Want(units * count, item)
        yield context.span(resource, f"{what}, {plain(units)} for each of {count}", (want, want, want))


def _parameters(context: Context, spec: Props) -> Props:
    """Return the parameters of a claim's storage class. Raises `Unreadable` for a class that is not of EBS."""
    name = spec.text("storageClassName")
    found = context.resources.named(STORAGE_CLASS, name) if name else _default_class(context)
    if found is None:
        raise Unreadable("its storage class is not in this stack")
    if found.props.text("provisioner") not in _EBS_DRIVERS:
        raise Unreadable("its storage class is not one of EBS")
    return Props(found.props.mapping("parameters"))


def _default_class(context: Context) -> Resource | None:
    if "default class" not in context.cache:
        classes = context.resources.by_type.get(STORAGE_CLASS, ())
        context.cache["default class"] = next((c for c in classes if _is_default(c)), None)
    found: Resource | None = context.cache["default class"]
    return found


def _is_default(resource: Resource) -> bool:
    try:
        return resource.props.text(_DEFAULT_CLASS) == "true"
    except Unreadable:
        return False
