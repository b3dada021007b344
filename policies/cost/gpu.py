"""GPUs and Neuron devices: by far the dearest hours of a platform."""

from collections.abc import Iterator

from policies._engine.build import differs, each, kubernetes_rule, rule, some
from policies._engine.model import Manifest, Resource, manifests
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies.cost.accelerators import RESOURCES, node_group_is_accelerated, pool_is_accelerated

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
NODE_POOL = "karpenter.sh/NodePool"
CAPACITY_KEY = "karpenter.sh/capacity-type"


class OnDemandParams(Params):
    """Parameters of COST-GPU-001."""

    environments: tuple[str, ...] = ("development", "sandbox")
    """Environments without on-demand GPUs."""


@rule(
    "COST-GPU-001",
    "kubernetes-gpu-disallow-on-demand",
    "Development has no on-demand GPUs",
    on=(NODE_GROUP,),
    kinds=(NODE_POOL,),
    params=OnDemandParams,
    severity=Severity.HIGH,
    rationale="An on-demand GPU costs about twice its spot price, and one left idle goes unnoticed.",
    controls=("aws-wa-cost:COST07-BP01",),
    bad='{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]}',
    remedy=(
        "Allow spot (and reserved) capacity only.",
        '{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["reserved", "spot"]}',
    ),
    not_at_admission="which pools have accelerators hangs on facts of instance types",
)
def no_on_demand(resource: Resource, ctx: Context[OnDemandParams]) -> Iterator[Outcome]:
    """Both EKS and Karpenter take on-demand capacity where nothing is said."""
    if ctx.need_environment() not in ctx.params.environments:
        raise NotApplicable(f"{ctx.environment} may have on-demand GPUs")
    if resource.type == NODE_GROUP:
        yield from _node_group(resource)
    else:
        yield from each(tuple(manifests(resource)), _node_pool)


def _node_group(group: Resource) -> Iterator[Outcome]:
    if not node_group_is_accelerated(group.props):
        raise NotApplicable("the node group has no accelerators")
    if group.props.at("capacityType") not in ("SPOT", "CAPACITY_BLOCK"):
        yield differs(group.props, "capacityType", '"SPOT" (the default is on-demand)')


def _node_pool(pool: Manifest) -> Iterator[Outcome]:
    if not pool_is_accelerated(pool):
        raise NotApplicable("the pool has no accelerators")
    requirements = pool.spec.sequence("template.spec.requirements")
    if not some(tuple(requirements.mappings()), _excludes_on_demand):
        yield Finding(f"{requirements.path} allow on-demand capacity; wanted {CAPACITY_KEY} In reserved, spot")


def _excludes_on_demand(requirement: View) -> bool:
    if requirement.at("key") != CAPACITY_KEY:
        return False
    listed = "on-demand" in [value for value in requirement.sequence("values") if isinstance(value, str)]
    operator = requirement.at("operator")
    return (operator == "In" and not listed) or (operator == "NotIn" and listed)


class LimitParams(Params):
    """Parameters of COST-GPU-003."""

    always: tuple[str, ...] = ("cpu",)
    """Resources that every pool without accelerators limits."""


@kubernetes_rule(
    "COST-GPU-003",
    "karpenter-nodepool-require-limits",
    "Node pools have a limit, GPU pools one on accelerators",
    kinds=(NODE_POOL,),
    params=LimitParams,
    severity=Severity.HIGH,
    rationale="Without a limit a single job array can start GPU nodes until the account's quota ends it.",
    controls=("aws-wa-cost:COST02-BP05",),
    bad='spec={"template": template}  # no limits',
    remedy=(
        "Limit the pool: nvidia.com/gpu or aws.amazon.com/neuron for accelerators, else cpu.",
        'spec={"limits": {"nvidia.com/gpu": "16"}, "template": template}',
    ),
    not_at_admission="which pools have accelerators hangs on facts of instance types",
)
def pool_limits(pool: Manifest, ctx: Context[LimitParams]) -> Iterator[Outcome]:
    """Karpenter's limits are soft, but there is no other."""
    limits = pool.spec.mapping("limits")
    if any(_limited(limits, key) for key in RESOURCES):
        return
    if pool_is_accelerated(pool):
        yield Finding(f"{limits.path} names no accelerator; wanted {RESOURCES[0]} or {RESOURCES[1]}")
        return
    missing = [key for key in ctx.params.always if not _limited(limits, key)]
    if missing:
        yield Finding(f"{limits.path} lacks {', '.join(missing)}")


def _limited(limits: View, key: str) -> bool:
    return limits.at((key,)) not in (None, "")


RULES = (no_on_demand, pool_limits)
