"""Lambda: requests, and memory for as long as a function runs."""

from collections.abc import Iterable
from decimal import Decimal

from finops.context import Context
from finops.line import Line
from finops.resource import Resource

_DEFAULT_MB = 128
_FREE_DISK_MB = Decimal(512)
_DURATION = {"x86_64": "lambda/duration-x86-64", "arm64": "lambda/duration-arm64"}


def function(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter a function: requests, and the memory that it holds while it runs, in GB-hours.

    Source of the defaults: documentation of pulumi_aws 7.51.1, `lambda_.Function`.
    """
    props = resource.props
    architecture = next(iter(props.texts("architectures")), "x86_64")
    size = props.number("memorySize", _DEFAULT_MB)
    yield from context.metered(resource, "requests", "lambda/requests")
    item = _DURATION.get(architecture, f"lambda/duration-{architecture[:16]}")
    yield from context.metered(resource, f"memory while it runs, {size:f} MB, for each GB and hour", item)
    if props.number("ephemeralStorage.size", _FREE_DISK_MB) > _FREE_DISK_MB:
        what = f"temporary storage above {_FREE_DISK_MB} MB, for each GB and hour that it runs"
        yield from context.metered(resource, what, "lambda/ephemeral-storage")


def provisioned_concurrency(resource: Resource, context: Context) -> Iterable[Line]:
    """Name the price of instances that are kept warm: by the memory of the function, whether it runs or not."""
    yield context.unpriced(resource, "provisioned concurrency", ["lambda/provisioned-concurrency"])
