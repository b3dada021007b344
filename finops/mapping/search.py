"""OpenSearch domains: nodes of each role, and the volumes of the data nodes."""

from collections.abc import Iterable

from finops.context import Context
from finops.line import Line
from finops.mapping.links import needed
from finops.resource import Resource

_CONFIG = "clusterConfig"


def domain_nodes(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the nodes of a domain: data, dedicated masters, warm."""
    props = resource.props
    kind = needed(props, f"{_CONFIG}.instanceType")[:48]
    count = props.number(f"{_CONFIG}.instanceCount", 1)
    yield from context.fixed(resource, f"data nodes, {kind}", f"opensearch.node/{kind}", count)
    if props.flag(f"{_CONFIG}.dedicatedMasterEnabled"):
        master = needed(props, f"{_CONFIG}.dedicatedMasterType")[:48]
        masters = props.number(f"{_CONFIG}.dedicatedMasterCount")
        yield from context.fixed(resource, f"dedicated masters, {master}", f"opensearch.node/{master}", masters)
    if props.flag(f"{_CONFIG}.warmEnabled"):
        warm = needed(props, f"{_CONFIG}.warmType")[:48]
        count = props.number(f"{_CONFIG}.warmCount")
        yield from context.fixed(resource, f"warm nodes, {warm}", f"opensearch.node/{warm}", count)
        yield context.unpriced(resource, "storage of the warm nodes", ["opensearch.storage/warm"])


def domain_storage(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the volumes of the data nodes; without EBS they use the disks of their instances."""
    props = resource.props
    if not props.flag("ebsOptions.ebsEnabled"):
        return
    kind = props.text("ebsOptions.volumeType", "gp2")[:32]
    nodes, size = props.number(f"{_CONFIG}.instanceCount", 1), props.number("ebsOptions.volumeSize")
    what = f"{kind} storage for each of {nodes:f} nodes"
    yield from context.fixed(resource, what, f"opensearch.storage/{kind}", size * nodes)
    if kind == "io1":
        iops = props.number("ebsOptions.iops") * nodes
        yield from context.fixed(resource, "IOPS", "opensearch.iops/io1", iops)
