"""DynamoDB tables: capacity by the hour or requests by their number, storage, backups, streams."""

from collections.abc import Iterable

from finops.context import Context
from finops.line import Line, State
from finops.mapping import scaling
from finops.resource import Resource
from finops.values import Props, Unreadable

_UNITS = {"write": "WriteCapacityUnits", "read": "ReadCapacityUnits"}
_STANDARD = "STANDARD"


def throughput(resource: Resource, context: Context) -> Iterable[Line]:
    """Price provisioned capacity between the limits of its scaling, or meter requests on demand."""
    props = resource.props
    suffix = "" if props.text("tableClass", _STANDARD) == _STANDARD else "-infrequent"
    if props.text("billingMode", "PROVISIONED") == "PAY_PER_REQUEST":
        for kind in _UNITS:
            yield from context.metered(resource, f"{kind} request units", f"dynamodb.requests/{kind}{suffix}")
        return
    name = _name(resource)
    yield from _capacity(resource, context, props, f"table/{name}", suffix)
    for index in props.each("globalSecondaryIndexes"):
        named = index.text("name")
        yield from _capacity(resource, context, index, f"table/{name}/index/{named}", suffix, f" of {named[:64]}")


def storage(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter what a table keeps, its recovery and its stream."""
    props = resource.props
    suffix = "" if props.text("tableClass", _STANDARD) == _STANDARD else "-infrequent"
    yield from context.metered(resource, "storage", f"dynamodb.storage/table{suffix}")
    if props.flag("pointInTimeRecovery.enabled"):
        yield from context.metered(resource, "point-in-time recovery", "dynamodb.storage/point-in-time-recovery")
    if props.flag("streamEnabled"):
        yield from context.metered(resource, "reads of its stream", "dynamodb.requests/stream-read")


def replicas(resource: Resource, context: Context) -> Iterable[Line]:
    """Name the price of replicas: their writes and storage are charged in their own regions."""
    if found := len(resource.props.items("replicas")):
        yield Line(f"{found} replicas", State.UNPRICED, note="replicas in other regions are not counted yet")


def _capacity(
    resource: Resource, context: Context, props: Props, identifier: str, suffix: str, of: str = ""
) -> Iterable[Line]:
    scope = "index" if "/index/" in identifier else "table"
    for kind, units in _UNITS.items():
        wanted = props.number(f"{kind}Capacity")
        sizes = scaling.counts(resource, context, f"dynamodb:{scope}:{units}", identifier, wanted)
        yield scaling.line(context, resource, f"{kind} capacity units{of}", f"dynamodb.capacity/{kind}{suffix}", sizes)


def _name(resource: Resource) -> str:
    try:
        return resource.props.text("name") or resource.id
    except Unreadable:
        return resource.id
