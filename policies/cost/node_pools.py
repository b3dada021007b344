"""Pools of nodes of any kind."""

from collections.abc import Callable, Iterator

from policies._engine.build import each, rule
from policies._engine.model import Manifest, Resource, manifests
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.wire import Undetermined
from policies.cost.accelerators import node_group_is_accelerated, pool_is_accelerated
from policies.cost.instances import NODE_GROUP, NODE_POOL, Types, bought_as, of_pool, of_resource, shown


class SpotParams(Params):
    """Parameters of COST-EKS-005."""

    types: int = 5
    """Fewest instance types of a spot pool."""

    accelerated_types: int = 3
    """The same for pools with accelerators, of which there are few sizes that do the same work."""


@rule(
    "COST-EKS-005",
    "kubernetes-spot-pool-require-diversity",
    "Spot pools may choose among several instance types",
    on=(NODE_GROUP,),
    kinds=(NODE_POOL,),
    params=SpotParams,
    not_at_admission="which instance types a pool allows is worked out from a table of facts",
    severity=Severity.MEDIUM,
    rationale=(
        "Spot capacity of one type goes in one go: the pool then stands still, or falls back on on-demand at two to "
        "three times the price. Each further type is a market of its own."
    ),
    controls=("fsbp:AutoScaling.6", "aws-wa-cost:COST07-BP01"),
    bad='{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["m7i.xlarge"]}',
    remedy=(
        "Allow more sizes and families that can do the work; Karpenter takes the deepest market among the cheap ones.",
        '{"key": "node.kubernetes.io/instance-type", "operator": "In",\n'
        ' "values": ["m7i.xlarge", "m7a.xlarge", "m6i.xlarge", "m6a.xlarge", "r7i.xlarge"]}',
    ),
)
def diverse_spot(resource: Resource, ctx: Context[SpotParams]) -> Iterator[Outcome]:
    """Types that the facts do not have count as well where they are named one by one."""
    if resource.type == NODE_GROUP:
        yield from _group(resource, ctx.params)
    else:
        yield from each(tuple(manifests(resource)), lambda pool: _pool(pool, ctx.params))


def _group(group: Resource, params: SpotParams) -> Iterator[Outcome]:
    """Without a list it is one type: that of the launch template, or EKS's own choice."""
    if group.props.at("capacityType") != "SPOT":
        raise NotApplicable("the node group is not of spot capacity")
    if not len(group.props.sequence("instanceTypes")):
        yield Finding("instanceTypes is unset, which leaves one type; wanted several")
        return
    yield from _enough(of_resource(group), params, lambda: node_group_is_accelerated(group.props))


def _pool(pool: Manifest, params: SpotParams) -> Iterator[Outcome]:
    if "spot" not in bought_as(pool):
        raise NotApplicable("the pool buys no spot capacity")
    yield from _enough(of_pool(pool), params, lambda: pool_is_accelerated(pool))


def _enough(found: Types, params: SpotParams, accelerated: Callable[[], bool]) -> Iterator[Outcome]:
    count = len(set(found.names))
    if count >= max(params.types, params.accelerated_types):
        return
    least = params.accelerated_types if accelerated() else params.types
    if count >= least:
        return
    if found.gaps:
        raise found.gaps[0]
    open_ended = [name for name in found.names if name.endswith(".*")]
    if open_ended:
        raise Undetermined(f"{open_ended[0]} is not among the facts of instance types, so its sizes are not counted")
    yield Finding(f"{found.where} allow {shown(found.names)}; wanted {least} instance types or more")


RULES = (diverse_spot,)
