"""Which accelerators are worth their money, and whether they may stand idle."""

from collections.abc import Iterator

from components._core.facts.errors import UnknownRegionError
from components._core.facts.instance_types import InstanceType, instance_type_provenance
from policies._engine.build import differs, each, rule, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import show
from policies._engine.wire import Undetermined
from policies.cost import instances, planned
from policies.cost.accelerators import node_group_is_accelerated, pool_is_accelerated
from policies.cost.instances import INSTANCE, NODE_GROUP, NODE_POOL, RESERVATION, TEMPLATE, Types
from policies.cost.reading import asked

NAMING = (NODE_GROUP, INSTANCE, TEMPLATE, RESERVATION)
"""AWS types that name instance types."""


class OutdatedParams(Params):
    """Parameters of COST-GPU-009."""

    # CUDA 13 dropped Volta (p3) and Maxwell (g3), CUDA 12 Kepler (g2, p2): release notes of CUDA, read 2026-11-23.
    # The EKS images for accelerators hold drivers of NVIDIA and Neuron only, so that the AMD GPUs of g4ad stay idle.
    families: tuple[str, ...] = ("g2", "g3", "g3s", "g4ad", "p2", "p3", "p3dn")
    """Instance families that no pool starts."""


@rule(
    "COST-GPU-009",
    "ec2-accelerator-disallow-outdated-family",
    "Accelerators are of a generation that current software supports",
    on=NAMING,
    kinds=(NODE_POOL,),
    params=OutdatedParams,
    severity=Severity.MEDIUM,
    rationale="In us-east-1 a V100 costs 3.06 USD an hour and an L4 0.80; CUDA 13 does not support the V100 any more.",
    controls=("aws-wa-cost:COST06-BP02", "aws-wa-cost:COST10-BP02"),
    bad='instance_types=["p3.2xlarge"]',
    remedy=(
        "Name current families, or bound karpenter.k8s.aws/instance-generation from below.",
        '{"key": "karpenter.k8s.aws/instance-family", "operator": "NotIn", "values": ["p2", "p3", "p3dn"]}',
    ),
    not_at_admission="the types that requirements allow are facts of AWS, which the cluster does not have",
)
def outdated(resource: Resource, ctx: Context[OutdatedParams]) -> Iterator[Outcome]:
    """Facts of types are asked only where no outdated family is named: those may be too old to be in them."""
    if resource.kind:
        yield from each(tuple(manifests(resource)), lambda pool: _outdated_pool(pool, ctx.params))
        return
    types = instances.of_resource(resource)
    old = _old(types, ctx.params)
    if old is not None:
        yield old
        return
    _need_accelerators(types)
    yield from types.gaps


def _outdated_pool(pool: Manifest, params: OutdatedParams) -> Iterator[Outcome]:
    types = instances.of_pool(pool)
    old = _old(types, params)
    try:
        accelerated = pool_is_accelerated(pool)
    except Undetermined:
        if old is None or not types.closed:
            raise
        accelerated = True
    if not accelerated:
        raise NotApplicable("the pool has no accelerators")
    yield from types.gaps if old is None else (old,)


def _old(types: Types, params: OutdatedParams) -> Finding | None:
    found = [name for name in types.names if name.partition(".")[0] in params.families]
    return Finding(f"{types.where}: {instances.shown(found)} have outdated accelerators") if found else None


def _need_accelerators(types: Types) -> list[InstanceType]:
    """Return the types with accelerators. Raises `NotApplicable` without any, `Undetermined` where none is sure."""
    found = list(types.facts())
    accelerated = [one for one in found if isinstance(one, InstanceType) and one.accelerator_resource]
    gaps = [*(one for one in found if isinstance(one, Undetermined)), *types.gaps]
    if not accelerated and gaps:
        raise gaps[0]
    if not accelerated:
        raise NotApplicable("it names no accelerators")
    return accelerated


class IdleParams(Params):
    """Parameters of COST-GPU-010."""

    kept_warm: tuple[str, ...] = ("production",)
    """Environments in which accelerators may stay up without work."""


@rule(
    "COST-GPU-010",
    "kubernetes-gpu-limit-minimum-size",
    "Accelerator pools shrink to nothing outside production",
    on=(NODE_GROUP,),
    kinds=(NODE_POOL,),
    params=IdleParams,
    severity=Severity.MEDIUM,
    rationale="A GPU node kept up for convenience costs its 730 hours a month, nights and week-ends included.",
    controls=("aws-wa-cost:COST09-BP03", "aws-wa-cost:COST04-BP04"),
    bad='scaling_config={"min_size": 1, "desired_size": 1, "max_size": 4}',
    remedy=(
        "Set the minimum to 0; leave spec.replicas out of Karpenter pools.",
        'scaling_config={"min_size": 0, "desired_size": 0, "max_size": 4}',
    ),
    not_at_admission="whether a pool has accelerators is a fact of instance types, which the cluster does not have",
)
def minimum_size(resource: Resource, ctx: Context[IdleParams]) -> Iterator[Outcome]:
    """Capacity that is paid for already costs nothing more while it runs."""
    if ctx.need_environment() in ctx.params.kept_warm:
        raise NotApplicable(f"{ctx.environment} may keep accelerators up")
    if resource.kind:
        yield from each(tuple(manifests(resource)), _idle_pool)
        return
    if not node_group_is_accelerated(resource.props):
        raise NotApplicable("the node group has no accelerators")
    if instances.prepaid(resource):
        raise NotApplicable("a Capacity Block is paid for in advance")
    if resource.props.number("scalingConfig.minSize") > 0:
        yield differs(resource.props, "scalingConfig.minSize", "0")


def _idle_pool(pool: Manifest) -> Iterator[Outcome]:
    if not pool_is_accelerated(pool):
        raise NotApplicable("the pool has no accelerators")
    if instances.prepaid(pool):
        raise NotApplicable("reserved capacity is paid for in advance")
    if pool.spec.number("replicas", 0) > 0:
        yield differs(pool.spec, "replicas", "none: the pool then follows its pods")


@stack_rule(
    "COST-GPU-011",
    "ec2-accelerator-require-offer-in-region",
    "Accelerator types are offered in the region of the stack",
    on=NAMING,
    kinds=(NODE_POOL,),
    params=Params,
    severity=Severity.MEDIUM,
    rationale="A pool whose types the region lacks never starts: its work waits, or moves to a dearer pool.",
    controls=("aws-wa-cost:COST07-BP02", "aws-wa-cost:COST06-BP02"),
    bad='aws.eks.NodeGroup(name, instance_types=["p6-b200.48xlarge"])  # in eu-west-1',
    remedy=(
        "Name types that the region offers, or run the pool in a region that offers them.",
        "aws.eks.NodeGroup(name, instance_types=[eight_a100])  # p4d.24xlarge, in eu-west-1",
    ),
    not_at_admission="what a region offers is a fact of AWS, which the cluster does not have",
)
def offered(resource: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """EKS refuses a node group with any type that the region lacks; Karpenter takes those that are left."""
    if not resource.kind:
        types = instances.of_resource(asked(resource))
        absent = [one.name for one in _need_accelerators(types) if not _offers(one, resource, stack)]
        if absent:
            yield Finding(f"{types.where}: {instances.shown(absent)} not offered in {_region(resource, stack)}")
        else:
            yield from (*types.gaps, *(one for one in types.facts() if isinstance(one, Undetermined)))
        return
    yield from each(tuple(manifests(resource)), lambda pool: _offered_pool(pool, resource, stack))


def _offered_pool(pool: Manifest, resource: Resource, stack: Stack) -> Iterator[Outcome]:
    if not pool_is_accelerated(pool):
        raise NotApplicable("the pool has no accelerators")
    types = instances.of_pool(pool)
    known = _need_accelerators(types)
    if any(_offers(one, resource, stack) for one in known):
        return
    gaps = [*types.gaps, *(one for one in types.facts() if isinstance(one, Undetermined))]
    if gaps:
        yield from gaps
    else:
        names = instances.shown(one.name for one in known)
        yield Finding(f"{types.where}: none of {names} is offered in {_region(resource, stack)}")


def _region(resource: Resource, stack: Stack) -> str:
    return planned.region_of(stack, resource)


def _offers(one: InstanceType, resource: Resource, stack: Stack) -> bool:
    region = _region(resource, stack)
    try:
        return one.offered_in(region)
    except UnknownRegionError:
        day = instance_type_provenance().as_of
        raise Undetermined(
            f"region {show(region)} is not among the facts of {day} on where types are offered"
        ) from None


RULES = (outdated, minimum_size, offered)
