"""Pools of nodes, whatever starts them: how many, of which architecture, bought how."""

from collections.abc import Iterator

from pydantic import Field

from components._core.facts.instance_types import InstanceType, families, types_in_family
from policies._engine.build import differs, each, rule, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.wire import Undetermined
from policies.cost import instances
from policies.cost.accelerators import node_group_is_accelerated, pool_is_accelerated
from policies.cost.instances import NODE_GROUP, NODE_POOL, Types
from policies.cost.reading import asked


class SizeParams(Params):
    """Parameters of COST-EKS-002."""

    most_nodes: ByEnvironment[int] = Field(default={"default": 100, "staging": 30, "development": 20, "sandbox": 10})
    """Nodes that a node group may have."""


@rule(
    "COST-EKS-002",
    "eks-nodegroup-limit-maximum-size",
    "Node groups have a maximum that the environment allows",
    on=(NODE_GROUP,),
    params=SizeParams,
    severity=Severity.LOW,
    rationale="The maximum is all that stands between a loop in an autoscaler and the quota of the account.",
    controls=("aws-wa-cost:COST02-BP05", "aws-wa-cost:COST09-BP03"),
    bad='scaling_config={"min_size": 1, "desired_size": 1, "max_size": 500}',
    remedy=(
        "Lower the maximum to what the workload can use.",
        'scaling_config={"min_size": 1, "desired_size": 1, "max_size": 8}',
    ),
)
def maximum_size(group: Resource, ctx: Context[SizeParams]) -> Iterator[Outcome]:
    """The maximum is an input that the provider requires."""
    most = ctx.by_environment(ctx.params.most_nodes)
    if group.props.number("scalingConfig.maxSize") > most:
        yield differs(group.props, "scalingConfig.maxSize", f"at most {most}")


@rule(
    "COST-EKS-003",
    "kubernetes-pool-require-graviton",
    "Pools without accelerators offer Graviton",
    on=(NODE_GROUP,),
    kinds=(NODE_POOL,),
    params=Params,
    severity=Severity.LOW,
    rationale="In us-east-1 an m7g costs 19 % less than an m7i of the same size, and most images are built for both.",
    controls=("aws-wa-cost:COST06-BP02",),
    bad='instance_types=["m7i.xlarge"]',
    remedy=(
        "Name Graviton types in node groups; allow arm64 beside amd64 in Karpenter pools.",
        '{"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64", "arm64"]}',
    ),
    not_at_admission="the architectures of instance types are facts of AWS, which the cluster does not have",
)
def graviton(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A node group is of one architecture; a Karpenter pool may be of both."""
    if resource.kind:
        yield from each(tuple(manifests(resource)), _pool_architecture)
    else:
        yield from _group_architecture(resource)


def _group_architecture(group: Resource) -> Iterator[Outcome]:
    image = group.props.text("amiType")
    if "WINDOWS" in image:
        raise NotApplicable("Windows does not run on Graviton")
    if "ARM_64" in image:
        return
    types = instances.of_resource(group)
    if not types.names and not types.gaps:
        raise Undetermined("instanceTypes is unset: the launch template chooses the type, which this rule does not see")
    if node_group_is_accelerated(group.props):
        raise NotApplicable("the node group has accelerators")
    yield from _without_graviton(types)


def _pool_architecture(pool: Manifest) -> Iterator[Outcome]:
    if pool_is_accelerated(pool):
        raise NotApplicable("the pool has accelerators")
    wanted = [one for one in instances.requirements(pool) if one.key == "kubernetes.io/os"]
    if wanted and not any(one.operator == "In" and "linux" in one.values for one in wanted):
        raise NotApplicable("the pool is not for Linux")
    yield from _without_graviton(instances.of_pool(pool))


def _without_graviton(types: Types) -> Iterator[Outcome]:
    """Families that have no sibling on Graviton are no fault."""
    found = list(types.facts())
    known = [one for one in found if isinstance(one, InstanceType)]
    gaps = [*(one for one in found if isinstance(one, Undetermined)), *types.gaps]
    if any(one.architecture == "arm64" for one in known):
        return
    if gaps or not known:
        yield from gaps or [Undetermined(f"{types.where}: no type of the facts is allowed")]
        return
    siblings = {family for one in known for family in _siblings(one)}
    if not siblings:
        raise NotApplicable("there are no such types with Graviton")
    names = instances.shown(dict.fromkeys(one.family for one in known))
    yield Finding(
        f"{types.where}: {names} are amd64 only; wanted Graviton as well: {instances.shown(sorted(siblings))}"
    )


def _siblings(one: InstanceType) -> list[str]:
    """Return the families of the same category, such as `m`, that are arm64 and have no accelerators."""
    category = one.family[: next((at for at, char in enumerate(one.family) if char.isdigit()), None)]
    found = []
    for family in families():
        first = types_in_family(family)[0]
        same = family.startswith(category) and family[len(category) : len(category) + 1].isdigit()
        if same and first.architecture == "arm64" and not first.accelerator_resource:
            found.append(family)
    return found


class SpotParams(Params):
    """Parameters of COST-EKS-004."""

    minimum_percent: ByEnvironment[int] = Field(default={"default": 50, "production": 25})
    """Share of the pools, in percent, that may buy spot."""

    steady: dict[str, tuple[str, ...]] = Field(default={"mlops.dev/pool": ("system",)})
    """Node labels, with their values, of pools that must not be interrupted, and are not counted."""


@stack_rule(
    "COST-EKS-004",
    "kubernetes-pools-require-spot-share",
    "A fair share of the pools may run on spot",
    params=SpotParams,
    severity=Severity.LOW,
    rationale="What can be interrupted costs a third to a half as much on spot; without such pools all pay in full.",
    controls=("aws-wa-cost:COST07-BP01", "aws-wa-cost:COST07-BP04"),
    bad='{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]}',
    remedy=(
        "Let pools for stateless work and for training with checkpoints buy spot, on-demand beside it if need be.",
        '{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot", "on-demand"]}',
    ),
)
def spot_share(_root: Resource, stack: Stack, ctx: Context[SpotParams]) -> Iterator[Outcome]:
    """Reserved capacity and pools of controllers count neither way; an unknown one counts both ways."""
    spot, other, unclear = _sorted(stack, ctx.params)
    count = len(spot) + len(other) + len(unclear)
    if not count:
        raise NotApplicable("the stack has no pools that could run on spot")
    least = ctx.by_environment(ctx.params.minimum_percent)
    if 100 * len(spot) >= least * count:
        return
    if 100 * (len(spot) + len(unclear)) >= least * count:
        yield from unclear
        return
    yield Finding(f"{len(spot)} of {count} pools may run on spot; wanted {least} %; without: {instances.shown(other)}")


def _sorted(stack: Stack, params: SpotParams) -> tuple[list[str], list[str], list[Undetermined]]:
    """Return the names of pools with spot and of those without, and why the others are unclear."""
    spot: list[str] = []
    other: list[str] = []
    unclear: list[Undetermined] = []
    for resource in stack.resources:
        try:
            for pool in _pools(resource):
                bought = _buys(pool, params)
                if bought:
                    (spot if "spot" in bought else other).append(resource.name)
        except Undetermined as gap:
            unclear.append(Undetermined(f"{resource.name[:64]}: {gap.reason}"))
    return spot, other, unclear


def _pools(resource: Resource) -> Iterator[Resource | Manifest]:
    if resource.type == NODE_GROUP:
        yield asked(resource)
    elif resource.kind in (NODE_POOL, f"{NODE_POOL}List"):
        yield from manifests(resource)


def _buys(pool: Resource | Manifest, params: SpotParams) -> frozenset[str]:
    """Return how a pool buys; nothing where it is not to be counted. EKS and Karpenter buy on demand by default."""
    holder = pool.spec.mapping("template.metadata") if isinstance(pool, Manifest) else pool.props
    labels = holder.mapping("labels")
    if instances.prepaid(pool) or any(labels.at((key,)) in values for key, values in params.steady.items()):
        return frozenset()
    if isinstance(pool, Manifest):
        return instances.bought_as(pool)
    return frozenset({"spot" if pool.props.at("capacityType") == "SPOT" else "on-demand"})


RULES = (maximum_size, graviton, spot_share)
