"""ElastiCache: nodes of clusters and replication groups, and serverless caches."""

from collections.abc import Iterable
from decimal import Decimal

from finops.context import Context, Want
from finops.line import Line
from finops.mapping import scaling
from finops.mapping.links import needed
from finops.mapping.nodes import Counts
from finops.resource import Resource
from finops.values import Unreadable

# What a serverless cache is charged for at least, in GB: from the article that the book cites for its price.
_LEAST_GB = {"valkey": Decimal("0.1")}
_REDIS_LEAST_GB = Decimal(1)


def cluster(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the nodes of a cluster, and meter its backups."""
    props = resource.props
    if props.text("replicationGroupId") and not props.text("nodeType"):
        raise Unreadable("its replication group decides its type")
    count = props.number("numCacheNodes", 1)
    yield _nodes(resource, context, Counts(count, count, count))
    yield from _backups(resource, context)


def replication_group(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the nodes of a replication group, primaries and replicas alike, and meter its backups."""
    props = resource.props
    if props.text("globalReplicationGroupId") and not props.text("nodeType"):
        raise Unreadable("its global group decides its type")
    groups = props.number("numNodeGroups", 1)
    replicas = props.number("replicasPerNodeGroup", max(props.number("numCacheClusters", 1) - 1, Decimal(0)))
    name = f"replication-group/{_name(resource)}"
    dimension = "elasticache:replication-group"
    shards = scaling.counts(resource, context, f"{dimension}:NodeGroups", name, groups)
    copies = scaling.counts(resource, context, f"{dimension}:Replicas", name, replicas)
    most = None if shards.ceiling is None or copies.ceiling is None else shards.ceiling * (copies.ceiling + 1)
    sizes = Counts(shards.floor * (copies.floor + 1), shards.expected * (copies.expected + 1), most)
    yield _nodes(resource, context, sizes)
    yield from _backups(resource, context)


def serverless(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the least that a cache is charged for up to the data that it may keep, and meter its requests."""
    props = resource.props
    engine = needed(props, "engine").lower()[:32]
    item = f"elasticache.serverless/{engine}"
    limits = "cacheUsageLimits.dataStorage"
    if props.text(f"{limits}.unit", "GB") != "GB":
        raise Unreadable(f"{limits}.unit is not GB")
    least = max(_LEAST_GB.get(engine, _REDIS_LEAST_GB), props.number(f"{limits}.minimum", 0))
    most = props.at(f"{limits}.maximum")
    what = "data kept, for each GB"
    if most is None:
        yield from context.fixed(resource, f"{what}, at least", item, least)
        yield from context.metered(resource, f"{what} and hour beyond that", item)
    else:
        ceiling = Want(max(least, props.number(f"{limits}.maximum")), item)
        wants = (Want(least, item), Want(least, item), ceiling)
        yield context.span(resource, what, wants, "from the least that is charged to its limit")
    yield from context.metered(resource, "processing units (ECPU)", f"elasticache.ecpu/{engine}")


def _name(resource: Resource) -> str:
    try:
        return resource.props.text("replicationGroupId") or resource.id
    except Unreadable:
        return resource.id


def _nodes(resource: Resource, context: Context, sizes: Counts) -> Line:
    props = resource.props
    kind = needed(props, "nodeType")[:48]
    # Nodes of Valkey cost less than those of Redis OSS and Memcached, whose prices are the same.
    valkey = props.text("engine").lower() == "valkey"
    item = f"elasticache.node/{'valkey-' if valkey else ''}{kind}"
    return scaling.line(context, resource, f"nodes, {kind}", item, sizes)


def _backups(resource: Resource, context: Context) -> Iterable[Line]:
    if resource.props.number("snapshotRetentionLimit", 0) > 0:
        yield from context.metered(resource, "backups", "elasticache/backup")
