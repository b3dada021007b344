"""Pools of GPUs and Neuron devices: whose they are, who may use them, and when they end."""

from collections.abc import Iterator
from decimal import Decimal

from pydantic import Field

from components._core.conventions import LABEL_PREFIX, REQUIRED_TAGS
from policies._engine.build import each, kubernetes_rule, rule, some, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import known_name, objects
from policies._engine.quantities import seconds
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, joined, show
from policies._engine.wire import Undetermined
from policies.cost.accelerators import node_group_is_accelerated, pool_is_accelerated
from policies.cost.idle_alerts import watched
from policies.cost.instances import NODE_GROUP, NODE_POOL, TEMPLATE, prepaid
from policies.cost.reading import asked

NEVER = "Never"
EFFECTS = ("NoSchedule", "NoExecute", "NO_SCHEDULE", "NO_EXECUTE")
"""Effects of taints that keep pods away, as Kubernetes and as EKS write them."""

TAGS = (*(tag for tag in REQUIRED_TAGS if tag != "managed-by"), "node-pool")
FOR_FACTS = "which instance types have accelerators is looked up in a table of facts"


def _need_accelerators(pool: Manifest) -> None:
    if not pool_is_accelerated(pool):
        raise NotApplicable("the pool has no accelerators")


class MarkParams(Params):
    """Parameters of COST-TAG-002."""

    labels: tuple[str, ...] = (f"{LABEL_PREFIX}/pool",)
    """Labels of the nodes; one that ends in `*` is a beginning, such as `mlops.dev/team-*`."""

    tags: tuple[str, ...] = TAGS
    """Tags of the instances, which the default tags of the AWS provider do not reach."""


@stack_rule(
    "COST-TAG-002",
    "kubernetes-gpu-pool-require-cost-marks",
    "Pools with accelerators label their nodes and tag their instances",
    on=(NODE_GROUP,),
    kinds=(NODE_POOL,),
    params=MarkParams,
    not_at_admission="it looks at the node class or the launch template beside the pool",
    severity=Severity.MEDIUM,
    rationale=(
        "Karpenter and EKS launch instances themselves, without the provider's default tags: the dearest hours of "
        "the bill then belong to nobody, and what pods use of them to no pool."
    ),
    controls=("aws-wa-cost:COST03-BP02", "aws-wa-cost:COST03-BP06"),
    bad='spec={"amiSelectorTerms": images, "role": role}  # an EC2NodeClass without tags',
    remedy=(
        "Label the pool's template; tag the EC2NodeClass, or the instances of the launch template.",
        'spec={"tags": {**default_tags(environment, owner, cost_center, platform), "node-pool": "training"}}',
    ),
)
def cost_marks(resource: Resource, stack: Stack, ctx: Context[MarkParams]) -> Iterator[Outcome]:
    """Labels share out what pods use, tags share out the bill."""
    if resource.type == NODE_GROUP:
        yield from _group_marks(asked(resource), stack, ctx.params)
    else:
        yield from each(tuple(manifests(resource)), lambda pool: _pool_marks(pool, stack, ctx.params))


def _group_marks(group: Resource, stack: Stack, params: MarkParams) -> Iterator[Outcome]:
    if not node_group_is_accelerated(group.props):
        raise NotApplicable("the node group has no accelerators")
    yield from _labelled(group.props.mapping("labels"), params.labels)
    if not group.props.declared("launchTemplate"):
        yield Finding("launchTemplate is unset, so that instances get no tags; wanted one with tagSpecifications")
        return
    template = asked(_template(group, stack))
    specs = tuple(template.props.sequence("tagSpecifications").mappings())
    of_instances = [one for one in specs if one.at("resourceType") == "instance"]
    if not of_instances:
        yield Finding(f"{template.name}: tagSpecifications are without instance; wanted its tags")
    yield from each(of_instances, lambda one: _tagged(one.mapping("tags"), params.tags, f"{template.name}: "))


def _template(group: Resource, stack: Stack) -> Resource:
    templates = stack.of(TEMPLATE)
    try:
        by_id, by_name = group.props.at("launchTemplate.id"), group.props.at("launchTemplate.name")
        found = [one for one in templates if _is(one, "id", by_id) or _is(one, "name", by_name)]
    except Undetermined:
        sources = group.property_dependencies.get("launchTemplate", ())
        found = [one for one in templates if one.urn in sources]
    if len(found) != 1:
        raise Undetermined("launchTemplate is not a launch template of this stack, so its tags are not seen")
    return found[0]


def _is(template: Resource, key: str, wanted: object) -> bool:
    return wanted is not None and template.props.raw.get(key) == wanted


def _pool_marks(pool: Manifest, stack: Stack, params: MarkParams) -> Iterator[Outcome]:
    _need_accelerators(pool)
    template = pool.spec.mapping("template")
    yield from _labelled(template.mapping("metadata.labels"), params.labels)
    reference = template.mapping("spec.nodeClassRef")
    kind = f"{reference.text('group', 'karpenter.k8s.aws')}/{reference.text('kind', 'EC2NodeClass')}"
    name = reference.text("name")
    classes = [one for one in objects(stack, kind) if known_name(one) == name]
    if not classes:
        raise Undetermined(
            f"{reference.path}.name is {show(name)}, which is not part of this stack: its tags are not seen"
        )
    yield from _tagged(classes[0].spec.mapping("tags"), params.tags, f"{classes[0].resource.name}: ")


def _labelled(labels: View, wanted: tuple[str, ...]) -> Iterator[Outcome]:
    missing = [key for key in wanted if not _has(labels, key)]
    if missing:
        yield Finding(f"{labels.path} lack {', '.join(missing)}")


def _has(labels: View, wanted: str) -> bool:
    if wanted.endswith("*"):
        return any(key.startswith(wanted[:-1]) for key in labels)
    return labels.at((wanted,)) not in (None, "")


def _tagged(tags: View, wanted: tuple[str, ...], whose: str) -> Iterator[Outcome]:
    missing = [key for key in wanted if tags.at((key,)) in (None, "")]
    if missing:
        yield Finding(f"{whose}{tags.path} lack {', '.join(missing)}")


class IdleParams(Params):
    """Parameters of COST-GPU-005."""

    most_minutes: ByEnvironment[int] = Field(default={"default": 10})
    """Longest time that an empty node may stay, by environment."""


@kubernetes_rule(
    "COST-GPU-005",
    "karpenter-gpu-pool-require-scale-down",
    "Empty nodes with accelerators end within minutes",
    kinds=(NODE_POOL,),
    params=IdleParams,
    not_at_admission=FOR_FACTS,
    severity=Severity.HIGH,
    rationale="A node that nobody uses costs what a busy one costs, and no one looks at it before the bill comes.",
    controls=("aws-wa-cost:COST04-BP04", "aws-wa-cost:COST09-BP03"),
    bad='disruption={"consolidationPolicy": "WhenEmpty", "consolidateAfter": "Never"}',
    remedy=(
        "Let Karpenter end empty nodes after a few minutes, and leave no budget that forbids it always.",
        'disruption={"consolidationPolicy": "WhenEmpty", "consolidateAfter": "5m"}',
    ),
)
def scale_down(pool: Manifest, ctx: Context[IdleParams]) -> Iterator[Outcome]:
    """Every consolidation policy ends empty nodes (karpenter.sh, Disruption, v1.14, read 2026-11-27)."""
    _need_accelerators(pool)
    if prepaid(pool):
        raise NotApplicable("reserved capacity is paid for whether its nodes run or not")
    if pool.spec.at("replicas") not in (None, 0):
        yield Finding(f"{pool.spec.path}.replicas is {pool.spec.shown('replicas')}: a static pool keeps its nodes")
        return
    disruption = pool.spec.mapping("disruption")
    yield from each((_after, _budgets), lambda check: check(disruption, ctx))


def _after(disruption: View, ctx: Context[IdleParams]) -> Iterator[Outcome]:
    where, most = joined(disruption.path, "consolidateAfter"), ctx.by_environment(ctx.params.most_minutes)
    if disruption.at("consolidateAfter") == NEVER:
        yield Finding(f"{where} is {NEVER}: nodes stay when they are empty; wanted at most {most}m")
        return
    # Without a disruption section it is 0s.
    idle = seconds(disruption, "consolidateAfter") or Decimal(0)
    if idle > most * 60:
        yield Finding(f"{where} is {disruption.shown('consolidateAfter')}; wanted at most {most}m")


def _budgets(disruption: View, _ctx: Context[IdleParams]) -> Iterator[Outcome]:
    yield from each(disruption.sequence("budgets"), _budget)


def _budget(budget: View) -> Iterator[Outcome]:
    always = budget.at("schedule") is None
    reasons = [reason for reason in budget.sequence("reasons") if isinstance(reason, str)]
    if always and budget.at("nodes") in ("0", "0%", 0) and (not reasons or "Empty" in reasons):
        yield Finding(f"{budget.path} lets no empty node end at any time; wanted a schedule, or other reasons")


@rule(
    "COST-GPU-006",
    "kubernetes-gpu-pool-require-taint",
    "Nodes with accelerators are tainted, so that other pods stay away",
    on=(NODE_GROUP,),
    kinds=(NODE_POOL,),
    params=Params,
    not_at_admission=FOR_FACTS,
    severity=Severity.MEDIUM,
    rationale="One pod without need of a GPU keeps a GPU node alive, and takes the CPU that a pod with one waits for.",
    controls=("aws-wa-cost:COST06-BP02",),
    bad='template={"spec": {"nodeClassRef": node_class, "requirements": requirements}}  # no taints',
    remedy=(
        "Taint the pool with the accelerator's resource: EKS lets pods that ask for it through by itself.",
        'taints=[{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]',
    ),
)
def tainted(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Startup taints do not count: they go once the node is ready."""
    if resource.type == NODE_GROUP:
        if not node_group_is_accelerated(resource.props):
            raise NotApplicable("the node group has no accelerators")
        yield from _taints(resource.props, "taints")
    else:
        yield from each(tuple(manifests(resource)), _pool_taints)


def _pool_taints(pool: Manifest) -> Iterator[Outcome]:
    _need_accelerators(pool)
    yield from _taints(pool.spec, "template.spec.taints")


def _taints(holder: View, path: str) -> Iterator[Outcome]:
    taints = holder.sequence(path)
    if not some(tuple(taints.mappings()), lambda taint: taint.at("effect") in EFFECTS):
        yield Finding(f"{taints.path} hold none with effect NoSchedule or NoExecute; wanted one on the accelerator")


class AlertParams(Params):
    """Parameters of COST-GPU-007."""

    metrics: tuple[str, ...] = (
        *("DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_PROF_SM_ACTIVE"),
        *("neuroncore_utilization_ratio", "node_gpu_utilization", "pod_gpu_utilization"),
        *("container_gpu_utilization", "nvidia_smi_utilization_gpu", "node_neuroncore_utilization"),
    )
    """Metrics of use: of the DCGM exporter, neuron-monitor, Container Insights and the CloudWatch agent."""


@stack_rule(
    "COST-GPU-007",
    "kubernetes-gpu-require-idle-alert",
    "An alert tells of accelerators that are paid for and not used",
    params=AlertParams,
    not_at_admission="it looks at all alerts of the stack together",
    severity=Severity.MEDIUM,
    rationale="A GPU that a forgotten notebook holds looks busy to the scheduler, and CPU says nothing about it.",
    controls=("aws-wa-cost:COST04-BP03", "aws-wa-cost:COST06-BP03"),
    bad='{"alert": "GpuHot", "expr": "DCGM_FI_DEV_GPU_TEMP > 85"}  # the only alert on GPUs',
    remedy=(
        "Alert where use stays low for half an hour, directly or by a recording rule.",
        '{"alert": "GpuIdle", "expr": "avg_over_time(DCGM_FI_DEV_GPU_UTIL[30m]) < 5", "for": "30m"}',
    ),
)
def idle_alert(_root: Resource, stack: Stack, ctx: Context[AlertParams]) -> Iterator[Outcome]:
    """Prometheus rules, those of Amazon Managed Prometheus and CloudWatch alarms."""
    pools = objects(stack, NODE_POOL)
    groups = stack.of(NODE_GROUP)
    if not pools and not groups:
        raise NotApplicable("the stack has no pools of nodes")
    if watched(stack, ctx.params.metrics):
        return
    parts: tuple[Manifest | Resource, ...] = (*pools, *groups)
    if not some(parts, _is_accelerated):
        raise NotApplicable("the stack has no pools with accelerators")
    yield Finding("no alert of the stack tells of low use of accelerators; wanted one, as on DCGM_FI_DEV_GPU_UTIL")


def _is_accelerated(pool: Manifest | Resource) -> bool:
    return pool_is_accelerated(pool) if isinstance(pool, Manifest) else node_group_is_accelerated(asked(pool).props)


RULES = (cost_marks, scale_down, tainted, idle_alert)
