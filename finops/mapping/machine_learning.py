"""SageMaker endpoints and notebooks, and managed Airflow."""

from collections.abc import Iterable
from decimal import Decimal

from finops.context import Context
from finops.line import Line
from finops.mapping import scaling
from finops.mapping.links import linked, needed
from finops.mapping.nodes import Counts
from finops.resource import Resource
from finops.values import Props, Unreadable

ENDPOINT_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"

# Defaults: documentation of pulumi_aws 7.51.1, `sagemaker.NotebookInstance` and `mwaa.Environment`.
_NOTEBOOK_GB = 5
_CLASS, _WORKERS, _SCHEDULERS = "mw1.small", Decimal(10), Decimal(2)
# A worker is part of an environment: c3x.dev/blog/mwaa-cost-managed-airflow, read 2026-11-27. That the schedulers which
# every environment has are part of it too is taken from the book's source, which charges for further ones only.
_INCLUDED_WORKERS, _INCLUDED_SCHEDULERS = Decimal(1), Decimal(2)


def endpoint(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the instances of an endpoint: of each variant of its configuration, between the limits of its scaling."""
    found = linked(resource, context, "endpointConfigName", ENDPOINT_CONFIGURATION, "name")
    if found is None:
        raise Unreadable("its endpoint configuration is not in this stack")
    variants = found.props.each("productionVariants") + found.props.each("shadowProductionVariants")
    if not variants:
        raise Unreadable("its configuration has no variants")
    for variant in variants:
        yield from _variant(resource, context, variant)


def notebook(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a notebook instance, as if it ran all month, and its volume."""
    props = resource.props
    kind = needed(props, "instanceType")[:48]
    note = "as if it were never stopped"
    yield from context.fixed(resource, f"notebook, {kind}", f"sagemaker.notebook/{kind}", note=note)
    size = props.number("volumeSize", _NOTEBOOK_GB)
    yield from context.fixed(resource, "volume", "sagemaker.storage/notebook", size)


def airflow(resource: Resource, context: Context) -> Iterable[Line]:
    """Price an environment, its workers from the fewest to the most, further schedulers; meter its database."""
    props = resource.props
    kind = (props.text("environmentClass", _CLASS) or _CLASS)[:32]
    yield from context.fixed(resource, f"environment, {kind}", f"mwaa.environment/{kind}")
    low = props.number("minWorkers", 1)
    high = max(low, props.number("maxWorkers", _WORKERS))
    more = Counts(_beyond(low, _INCLUDED_WORKERS), _beyond(low, _INCLUDED_WORKERS), _beyond(high, _INCLUDED_WORKERS))
    if more.ceiling:
        yield scaling.line(context, resource, "workers beyond the first", f"mwaa.worker/{kind}", more)
    schedulers = _beyond(props.number("schedulers", _SCHEDULERS), _INCLUDED_SCHEDULERS)
    if schedulers:
        what = f"schedulers beyond {_INCLUDED_SCHEDULERS}"
        yield from context.fixed(resource, what, f"mwaa.scheduler/{kind}", schedulers)
    yield from context.metered(resource, "database", "mwaa.storage/database")


def _variant(resource: Resource, context: Context, variant: Props) -> Iterable[Line]:
    name = variant.text("variantName", "AllTraffic")
    if variant.mapping("serverlessConfig"):
        yield context.unpriced(resource, f"serverless variant {name[:64]}", ["sagemaker.serverless/duration"])
        return
    kind = needed(variant, "instanceType")[:48]
    identifier = f"endpoint/{_name(resource)}/variant/{name}"
    wanted = variant.number("initialInstanceCount", 1)
    sizes = scaling.counts(resource, context, "sagemaker:variant:DesiredInstanceCount", identifier, wanted)
    managed = variant.mapping("managedInstanceScaling")
    if managed.get("status") == "ENABLED":
        low = variant.number("managedInstanceScaling.minInstanceCount", wanted)
        high = max(low, variant.number("managedInstanceScaling.maxInstanceCount", wanted))
        sizes = Counts(low, min(max(wanted, low), high), high)
    what = f"instances of variant {name[:64]}, {kind}"
    yield scaling.line(context, resource, what, f"sagemaker.hosting/{kind}", sizes)
    volume = variant.number("volumeSizeInGb", 0)
    if volume:
        yield scaling.line(context, resource, "volumes of its instances", "sagemaker.storage/hosting", sizes, volume)


def _name(resource: Resource) -> str:
    try:
        return resource.props.text("name") or resource.id
    except Unreadable:
        return resource.id


def _beyond(count: Decimal, included: Decimal) -> Decimal:
    return max(count - included, Decimal(0))
