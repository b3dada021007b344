"""Inference: how far it scales out, and whether it comes back down."""

from collections.abc import Iterator
from dataclasses import dataclass

from policies._engine.build import each, stack_rule
from policies._engine.devices import COMPONENTS, INFERENCE, has_accelerators, need_accelerators
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import annotation, known_name, objects
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, joined
from policies._engine.wire import MalformedValue, Undetermined

DEPLOYMENTS = ("apps/Deployment", "apps/StatefulSet")
HPA = "autoscaling/HorizontalPodAutoscaler"
SCALED_OBJECT = "keda.sh/ScaledObject"

# KServe takes a replica count for fixed in these modes: its HPA then goes from minReplicas to the same number.
# Source: kserve/kserve pkg/controller/v1beta1/inferenceservice/reconcilers/hpa, read 2026-11-27.
MODE = "serving.kserve.io/deploymentMode"
BOUNDED_MODES = ("Standard", "RawDeployment", "ModelMesh")
SCALER = "serving.kserve.io/autoscalerClass"
BY_KNATIVE = ("autoscaling.knative.dev/max-scale", "autoscaling.knative.dev/maxScale")

KEDA_MOST = 100
"""Replicas that a ScaledObject allows where it does not say (keda.sh, ScaledObject specification, read 2026-11-27)."""


class ScaleParams(Params):
    """Parameters of COST-ML-001."""

    most_replicas: int = 50
    """Most replicas that one model may reach."""

    must_scale_down: tuple[str, ...] = ("development", "sandbox")
    """Environments where models on accelerators scale to zero, or at least change their number with the load."""


@stack_rule(
    "COST-ML-001",
    "inference-service-limit-replicas",
    "Inference has a most number of replicas and scales down again",
    kinds=(INFERENCE, *DEPLOYMENTS),
    params=ScaleParams,
    not_at_admission="it looks at the autoscaler beside the workload",
    severity=Severity.MEDIUM,
    rationale=(
        "KServe on Knative has no upper limit and KEDA one of 100 unless told otherwise: a retry storm buys GPUs until "
        "the quota ends, and what cannot scale down is paid for all night."
    ),
    controls=("aws-wa-cost:COST09-BP03", "owasp-llm:LLM06"),
    bad='spec={"predictor": {"minReplicas": 2, "model": model}}  # no maxReplicas',
    remedy=(
        "Set maxReplicas; outside of production let minReplicas be 0, or let an autoscaler change it.",
        'spec={"predictor": {"minReplicas": 0, "maxReplicas": 4, "model": model}}',
    ),
)
def scaled(resource: Resource, stack: Stack, ctx: Context[ScaleParams]) -> Iterator[Outcome]:
    """KServe services, and workloads on accelerators with a HorizontalPodAutoscaler or a ScaledObject of KEDA."""
    yield from each(tuple(manifests(resource)), lambda one: _manifest(one, stack, ctx))


def _manifest(manifest: Manifest, stack: Stack, ctx: Context[ScaleParams]) -> Iterator[Outcome]:
    if manifest.kind == INFERENCE:
        parts = [name for name in COMPONENTS if manifest.spec.declared(name)]
        yield from each(parts, lambda name: _component(manifest, manifest.spec.mapping(name), ctx))
    elif manifest.kind in DEPLOYMENTS:
        need_accelerators(manifest)
        yield from _workload(manifest, stack, ctx)


def _component(service: Manifest, part: View, ctx: Context[ScaleParams]) -> Iterator[Outcome]:
    most = _replicas(part, "maxReplicas")
    if not most and not _bounded(service):
        yield Finding(f"{joined(part.path, 'maxReplicas')} is unset, which is no limit; wanted a number")
    elif most and most > ctx.params.most_replicas:
        yield Finding(f"{joined(part.path, 'maxReplicas')} is {most:g}; wanted at most {ctx.params.most_replicas}")
    if part.path.endswith("predictor") and has_accelerators(service):
        yield from _down_to_zero(service, part, ctx)


def _bounded(service: Manifest) -> bool:
    return annotation(service, MODE) in BOUNDED_MODES or any(annotation(service, key) for key in BY_KNATIVE)


def _down_to_zero(service: Manifest, part: View, ctx: Context[ScaleParams]) -> Iterator[Outcome]:
    """In a bounded mode only KEDA scales to zero, and other autoscalers at least follow the load."""
    least = _replicas(part, "minReplicas", 1)
    fixed = least is not None and least >= (_replicas(part, "maxReplicas") or 0)
    stays = bool(least) and (fixed or annotation(service, MODE) not in BOUNDED_MODES)
    if stays and ctx.need_environment() in ctx.params.must_scale_down:
        yield Finding(
            f"{joined(part.path, 'minReplicas')} is {part.shown('minReplicas')} in {ctx.environment}; wanted 0"
        )


@dataclass(frozen=True)
class _Limits:
    most: float
    steady: bool
    """Whether it never scales down."""

    where: str


def _workload(workload: Manifest, stack: Stack, ctx: Context[ScaleParams]) -> Iterator[Outcome]:
    scalers, gap = _scalers(workload, stack)
    if not scalers:
        if gap is not None:
            raise gap
        if ctx.need_environment() in ctx.params.must_scale_down:
            yield Finding("no autoscaler of the stack scales the workload, which holds its accelerators day and night")
            return
        raise NotApplicable("the workload has no autoscaler, so its number of replicas is fixed")
    yield from each(scalers, lambda scaler: _scaler(scaler, ctx.params))


def _scalers(workload: Manifest, stack: Stack) -> tuple[list[Manifest], Undetermined | None]:
    """Return what scales a workload, and why there may be more of it."""
    found: list[Manifest] = []
    gap: Undetermined | None = None
    for scaler in objects(stack, HPA, SCALED_OBJECT):
        try:
            if _targets(scaler, workload):
                found.append(scaler)
        except Undetermined as unclear:
            gap = unclear
    return found, gap


def _targets(scaler: Manifest, workload: Manifest) -> bool:
    """KEDA takes a Deployment where the target's kind is left out."""
    target = scaler.spec.mapping("scaleTargetRef")
    kind = target.text("kind", "Deployment")
    if kind != workload.kind.rpartition("/")[2]:
        return False
    name = known_name(workload)
    if name is None:
        raise Undetermined(f"{workload.resource.name} gets its name later, so what scales it is not seen")
    return target.text("name") == name and scaler.namespace == workload.namespace


def _scaler(scaler: Manifest, params: ScaleParams) -> Iterator[Outcome]:
    limits = _limits(scaler)
    if limits.most > params.most_replicas:
        yield Finding(f"{limits.where} is {limits.most:g}; wanted at most {params.most_replicas}")
    if limits.steady:
        yield Finding(f"{scaler.resource.name} never scales down: its behaviour disables it, or least is most")


def _limits(scaler: Manifest) -> _Limits:
    keda = scaler.kind == SCALED_OBJECT
    most_path, least_path = ("maxReplicaCount", "minReplicaCount") if keda else ("maxReplicas", "minReplicas")
    most = _replicas(scaler.spec, most_path, KEDA_MOST if keda else None)
    if most is None:
        raise Undetermined(f"{joined(scaler.spec.path, most_path)} is unset, which the API refuses")
    least = _replicas(scaler.spec, least_path, 0 if keda else 1)
    behaviour = "advanced.horizontalPodAutoscalerConfig.behavior" if keda else "behavior"
    disabled = scaler.spec.at(f"{behaviour}.scaleDown.selectPolicy") == "Disabled"
    where = f"{scaler.resource.name}: {joined(scaler.spec.path, most_path)}"
    return _Limits(most, disabled or least == most, where)


def _replicas(holder: View, path: str, default: float | None = None) -> float | None:
    found = holder.at(path, default)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise MalformedValue(joined(holder.path, path), "a number", found)
    return found


RULES = (scaled,)
