"""What accelerators may cost: by the hour, and all pools of a stack at their limits."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from components._core.facts.instance_types import InstanceType, regions
from finops import Item
from finops.line import money, monthly, unit_price
from policies._engine.build import each, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.wire import Undetermined
from policies.cost import instances, planned
from policies.cost.accelerators import pool_is_accelerated
from policies.cost.instances import INSTANCE, NODE_GROUP, NODE_POOL, RESERVATION, TEMPLATE, Types
from policies.cost.reading import APPROVAL, approved, asked

Usd = Annotated[int, Field(gt=0)]
"""Whole US dollars."""

POOLS = ("aws:autoscaling/group:Group", NODE_GROUP, "kubernetes:karpenter.sh/v1:NodePool")
"""Types, as the estimator knows them, of what starts nodes."""


class HourParams(Params):
    """Parameters of COST-GPU-002."""

    maximum_hourly_usd: ByEnvironment[Usd] = Field(default={"default": 15, "development": 6, "sandbox": 6})
    """Highest list price of an instance on demand that needs nobody's agreement."""


@stack_rule(
    "COST-GPU-002",
    "ec2-accelerator-limit-hourly-price",
    "Accelerators above the price ceiling are approved by name",
    on=(NODE_GROUP, INSTANCE, TEMPLATE, RESERVATION),
    kinds=(NODE_POOL,),
    params=HourParams,
    severity=Severity.HIGH,
    rationale="One 8-GPU instance costs as much in a week-end as the rest of a platform in a month.",
    controls=("aws-wa-cost:COST02-BP05", "aws-wa-cost:COST06-BP02"),
    bad="instance_types=[eight_h100]  # p5.48xlarge",
    remedy=(
        f"Choose smaller types; or name who agreed in the tag {APPROVAL}, on Karpenter pools in the annotation "
        f"mlops.dev/{APPROVAL}.",
        f'instance_types=[eight_h100], tags={{"{APPROVAL}": "FIN-1234"}}',
    ),
    not_at_admission="prices of instance types are facts of AWS, which the cluster does not have",
)
def hourly_price(resource: Resource, stack: Stack, ctx: Context[HourParams]) -> Iterator[Outcome]:
    """Spot is measured by the same list price: it is what the pool falls back to, and what spot can rise to."""
    most = ctx.by_environment(ctx.params.maximum_hourly_usd)
    if not resource.kind:
        yield from _dear(asked(resource), instances.of_resource(asked(resource)), resource, stack, most)
        return
    yield from each(tuple(manifests(resource)), lambda pool: _dear_pool(pool, resource, stack, most))


def _dear_pool(pool: Manifest, at: Resource, stack: Stack, most: int) -> Iterator[Outcome]:
    if not pool_is_accelerated(pool):
        raise NotApplicable("the pool has no accelerators")
    yield from _dear(pool, instances.of_pool(pool), at, stack, most)


def _dear(thing: Resource | Manifest, types: Types, at: Resource, stack: Stack, most: int) -> Iterator[Outcome]:
    if instances.prepaid(thing):
        raise NotApplicable("it runs in reserved capacity, which is judged where it is reserved")
    found = list(types.facts())
    candidates = [one for one in found if isinstance(one, InstanceType) and one.accelerator_resource]
    gaps = [*(one for one in found if isinstance(one, Undetermined)), *types.gaps]
    if not candidates and not gaps:
        raise NotApplicable("it names no accelerators")
    dear: list[str] = []
    for one in candidates:
        try:
            usd = _hour(one, at, stack)
        except Undetermined as gap:
            gaps.append(gap)
            continue
        if usd is not None and usd > most:
            dear.append(f"{one.name} ({unit_price(usd)})")
    if not dear:
        yield from gaps
    elif not approved(thing):
        yield Finding(
            f"{types.where}: {instances.shown(dear)} above ${most} an hour, and no {APPROVAL} says who agreed"
        )


def _hour(one: InstanceType, at: Resource, stack: Stack) -> Decimal | None:
    """Return the list price of an hour; None for a type that the region does not offer."""
    region = planned.region_of(stack, at)
    if region in regions() and not one.offered_in(region):
        return None
    return planned.price(stack, at, f"ec2.on-demand/{one.name}").usd


class ExposureParams(Params):
    """Parameters of COST-GPU-004."""

    monthly_usd: ByEnvironment[Usd | None] = Field(default={"default": None})
    """What all pools of a stack together may cost in a month at their limits; none: not judged."""


@stack_rule(
    "COST-GPU-004",
    "kubernetes-pools-limit-monthly-exposure",
    "All pools at their limits stay within the budget of the stack",
    params=ExposureParams,
    severity=Severity.HIGH,
    rationale="Each pool may look harmless by itself; a runaway sweep fills all of them, for a month if nobody looks.",
    controls=("aws-wa-cost:COST02-BP05", "aws-wa-cost:COST02-BP02"),
    bad='limits={"nvidia.com/gpu": "512"}  # at 1.01 USD an hour each',
    remedy=(
        "Lower the limits of the pools, take the dearest types out, or agree on a higher budget in the profile.",
        'limits={"nvidia.com/gpu": "16"}',
    ),
)
def monthly_exposure(_root: Resource, stack: Stack, ctx: Context[ExposureParams]) -> Iterator[Outcome]:
    """Ceilings as the estimator has them: limits filled with the dearest type, disks included, 730 hours."""
    if not any(_starts_nodes(one) for one in stack.resources):
        raise NotApplicable("the stack has no pools of nodes")
    budget = ctx.by_environment(ctx.params.monthly_usd)
    if budget is None:
        raise NotApplicable(f"no budget of pools is set for {ctx.environment or 'any environment'}")
    pools = [item for item in planned.estimate_of(stack, ctx.today).items if item.resource.type in POOLS]
    total = sum((_ceiling(pool) for pool in pools), Decimal(0))
    gaps = [Undetermined(f"{pool.resource.name[:64]}: {text}") for pool in pools for text in planned.lacking(pool)]
    for pool in pools:
        if pool.unbounded:
            yield Finding(f"{pool.resource.name[:64]} has no limit that holds for every type it may start")
    if total > budget:
        yield Finding(_sum(pools, total, budget, least=bool(gaps)))
    else:
        yield from gaps


def _starts_nodes(resource: Resource) -> bool:
    return resource.type in POOLS or resource.kind in (NODE_POOL, f"{NODE_POOL}List")


def _ceiling(pool: Item) -> Decimal:
    return sum((monthly(line.ceiling) for line in pool.lines), Decimal(0))


def _sum(pools: list[Item], total: Decimal, budget: int, least: bool) -> str:
    dearest = sorted(pools, key=lambda pool: (-_ceiling(pool), pool.resource.name))
    parts = [f"{pool.resource.name[:64]} {money(_ceiling(pool))}" for pool in dearest]
    return (
        f"pools at their limits cost {'at least ' if least else ''}{money(total)} a month, above the budget of "
        f"{money(Decimal(budget))}: {instances.shown(parts)}"
    )


RULES = (hourly_price, monthly_exposure)
