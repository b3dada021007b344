"""What Kubernetes objects cost beside nodes: load balancers, jobs without end, room that nobody asked for."""

from collections.abc import Iterator
from decimal import Decimal

from pydantic import Field

from policies._engine.build import each, kubernetes_rule, stack_rule
from policies._engine.conditions import this
from policies._engine.demands import Demand, Requirement, Subject, demand_rule
from policies._engine.model import Manifest, Resource, Stack
from policies._engine.objects import RELEASES, chart_name, objects
from policies._engine.pods import WORKLOADS, Pod, each_merged_container, each_whole_pod
from policies._engine.quantities import quantity
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View
from policies._engine.wire import Undetermined

SERVICE = "/Service"
BALANCER = "LoadBalancer"
CHART_SERVICES: dict[str, tuple[Path, ...]] = {
    "argo-workflows": ("server.serviceType",),
    "external-secrets": ("webhook.service.type",),
    "kube-prometheus-stack": (
        *("alertmanager.service.type", "grafana.service.type", "kube-state-metrics.service.type"),
        *("prometheus.service.type", "prometheus-node-exporter.service.type"),
    ),
}
"""Where charts of the catalogue take the type of a service."""


class BalancerParams(Params):
    """Parameters of COST-NET-004."""

    most: ByEnvironment[int] = Field(default={"default": 1, "production": 3})
    """Most services of type LoadBalancer in a stack, by environment."""


@stack_rule(
    "COST-NET-004",
    "kubernetes-service-limit-load-balancers",
    "Services share load balancers instead of having one each",
    params=BalancerParams,
    not_at_admission="it counts the services of the stack",
    severity=Severity.LOW,
    rationale=(
        "Each service of type LoadBalancer is a load balancer of its own, at 16 USD a month and more before its first "
        "byte (us-east-1, 2026-11), with public addresses on top; an ingress shares one."
    ),
    controls=("aws-wa-cost:COST06-BP04",),
    bad='spec={"type": "LoadBalancer", "selector": selector, "ports": ports}',
    remedy=(
        "Keep services inside the cluster and route to them by one ingress or gateway.",
        'spec={"type": "ClusterIP", "selector": selector, "ports": ports}',
    ),
)
def few_balancers(_root: Resource, stack: Stack, ctx: Context[BalancerParams]) -> Iterator[Outcome]:
    """Services of the stack, and those of charts of the catalogue."""
    services, charts = objects(stack, SERVICE), objects(stack, *RELEASES)
    if not services and not charts:
        raise NotApplicable("the stack has no services")
    found: list[str] = []
    gaps: list[Undetermined] = []
    for one in (*services, *charts):
        try:
            found += _balancers(one)
        except Undetermined as gap:
            gaps.append(gap)
    if len(found) + len(gaps) <= min(ctx.params.most.values()):
        return
    most = ctx.by_environment(ctx.params.most)
    if len(found) > most:
        shown = ", ".join(found[:6])
        yield Finding(f"{len(found)} services are of type {BALANCER} ({shown}); wanted at most {most}")
    elif len(found) + len(gaps) > most:
        yield from gaps


def _balancers(one: Manifest) -> Iterator[str]:
    if one.kind == SERVICE:
        if one.spec.at("type") == BALANCER:
            yield one.resource.name
        return
    for path in CHART_SERVICES.get(chart_name(one.resource), ()):
        if one.props.mapping("values").at(path) == BALANCER:
            yield f"{one.resource.name}: {path}"


class RequestParams(Params):
    """Parameters of COST-K8S-001."""

    equal: tuple[str, ...] = ("memory",)
    """Resources of which a container's limit is what it asks for."""

    namespaces: tuple[str, ...] = ()
    """Namespaces that are not judged, such as those of the cluster's own agents."""


@kubernetes_rule(
    "COST-K8S-001",
    "kubernetes-container-require-sized-requests",
    "Containers ask for the CPU and memory that they use",
    kinds=WORKLOADS,
    params=RequestParams,
    not_at_admission="whether two quantities are equal, as 1Gi and 1024Mi are, cannot be said in conditions",
    severity=Severity.MEDIUM,
    rationale=(
        "Karpenter sizes and packs nodes by requests alone: pods without them crowd a node until it fails, and memory "
        "that only the limit knows of is not there once nodes are consolidated."
    ),
    controls=(
        "kyverno:karpenter/set-karpenter-non-cpu-limits",
        "checkov:CKV_K8S_10",
        "checkov:CKV_K8S_12",
        "checkov:CKV_K8S_13",
        "aws-wa-cost:COST06-BP02",
    ),
    bad='resources={"requests": {"memory": "1Gi"}, "limits": {"memory": "8Gi"}}',
    remedy=(
        "Ask for CPU without a limit, and for as much memory as the limit allows.",
        'resources={"requests": {"cpu": "500m", "memory": "4Gi"}, "limits": {"memory": "4Gi"}}',
    ),
)
def sized_requests(manifest: Manifest, ctx: Context[RequestParams]) -> Iterator[Outcome]:
    """Kubernetes takes a limit for the request where only that is given."""
    outcomes = list(each_whole_pod(manifest, lambda pod: _pod_requests(pod, ctx.params)))
    if outcomes and ctx.params.namespaces and manifest.namespace in ctx.params.namespaces:
        raise NotApplicable(f"namespace {manifest.namespace} is not judged")
    if outcomes and manifest.resource.type.endswith("Patch"):
        raise Undetermined("it is a part of an object, the rest of which is elsewhere")
    yield from outcomes


def _pod_requests(pod: Pod, params: RequestParams) -> Iterator[Outcome]:
    return each_merged_container(pod, lambda levels, partial: () if partial else _requests(levels, params))


def _requests(levels: tuple[View, ...], params: RequestParams) -> Iterator[Outcome]:
    where = f"{levels[0].path}.resources"
    # Ephemeral containers get no resources of their own: the API server refuses them.
    if ".ephemeralContainers." in f".{where}":
        return
    names = tuple(dict.fromkeys(("cpu", "memory", *params.equal)))
    yield from each(names, lambda name: _resource(levels, where, name, params))


def _resource(levels: tuple[View, ...], where: str, name: str, params: RequestParams) -> Iterator[Outcome]:
    asked, limit = (_amount(levels, part, name) for part in ("requests", "limits"))
    if asked is None and limit is None:
        if name in ("cpu", "memory"):
            yield Finding(f"{where} ask for no {name}")
    elif name in params.equal and asked is not None and asked != limit:
        amounts = [_shown(levels, part, name) for part in ("requests", "limits")]
        yield Finding(f"{where} ask for {amounts[0]} of {name} and are limited to {amounts[1]}; wanted the same")


def _amount(levels: tuple[View, ...], part: str, name: str) -> Decimal | None:
    found = (quantity(level, ("resources", part, name)) for level in levels)
    return next((amount for amount in found if amount is not None), None)


def _shown(levels: tuple[View, ...], part: str, name: str) -> str:
    """Return an amount as it is written."""
    shown = (level.shown(("resources", part, name)) for level in levels)
    return next((one for one in shown if one != "unset"), "nothing")


DAY = 86_400


class JobParams(Params):
    """Parameters of COST-K8S-002."""

    longest_seconds: int = 7 * DAY
    """Longest deadline of a job."""


@demand_rule(
    "COST-K8S-002",
    "kubernetes-job-require-end",
    "Jobs have a deadline and are removed once they are done",
    per=Subject.OBJECT,
    kinds=(
        *("batch/Job", "batch/CronJob", "ray.io/RayJob"),
        *(f"kubeflow.org/{name}Job" for name in ("JAX", "MPI", "Paddle", "PyTorch", "TF", "XGBoost")),
    ),
    params=JobParams,
    severity=Severity.MEDIUM,
    rationale=(
        "A job that hangs keeps its nodes for ever, and Karpenter's with it; a Ray cluster outlives its job unless it "
        "is told to end."
    ),
    controls=("kyverno:other/add-ttl-jobs", "aws-wa-cost:COST04-BP04"),
    bad='spec={"template": template, "backoffLimit": 3}  # a Job',
    remedy=(
        "Give each job the longest time that makes sense, and a time after which it is removed.",
        'spec={"template": template, "activeDeadlineSeconds": 86400, "ttlSecondsAfterFinished": 3600}',
    ),
)
def ending_jobs(ctx: Context[JobParams]) -> Demand:
    """Cron jobs keep a few finished jobs by number, so only a deadline is asked of them."""
    longest = ctx.params.longest_seconds
    deadlines = [
        this(f"{path}activeDeadlineSeconds") for path in ("spec.", "spec.jobTemplate.spec.", "spec.runPolicy.")
    ]
    template, ttl = this("spec.jobTemplate"), this("spec.ttlSecondsAfterFinished")
    cluster, shutdown = this("spec.rayClusterSpec"), this("spec.shutdownAfterJobFinishes")
    removed = template.present() | ttl.present() | this("spec.runPolicy.ttlSecondsAfterFinished").present()
    bounded = deadlines[0].at_most(longest) | deadlines[1].at_most(longest) | deadlines[2].at_most(longest)
    return Demand(
        (
            Requirement(bounded, deadlines[0], f"at most {longest}, or so in jobTemplate or runPolicy"),
            Requirement(removed | cluster.present(), ttl, "a time after which the finished job is removed"),
            Requirement(cluster.missing() | shutdown.is_(True), shutdown, "true: the Ray cluster ends with its job"),
        )
    )


RULES = (few_balancers, sized_requests, ending_jobs)
