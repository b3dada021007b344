"""Storage: S3 buckets, ECR repositories, CloudWatch log groups."""

from collections.abc import Iterable

from finops.context import Context
from finops.line import Line
from finops.resource import Resource

_OTHER_CLASSES = {
    "s3.storage/intelligent-frequent": "storage, intelligent tiering, frequent access",
    "s3.storage/intelligent-infrequent": "storage, intelligent tiering, infrequent access",
    "s3.storage/intelligent-archive": "storage, intelligent tiering, archive access",
    "s3.storage/intelligent-deep-archive": "storage, intelligent tiering, deep archive access",
    "s3.storage/standard-ia": "storage, infrequent access",
    "s3.storage/one-zone-ia": "storage, one zone, infrequent access",
    "s3.storage/glacier-flexible": "storage, Glacier flexible retrieval",
    "s3.storage/glacier-deep-archive": "storage, Glacier deep archive",
}


def bucket(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter a bucket: standard storage and requests, and other classes where a use of them is assumed."""
    yield from context.metered(resource, "storage, standard", "s3.storage/standard")
    yield from context.metered(resource, "PUT, COPY, POST and LIST requests", "s3.requests/put")
    yield from context.metered(resource, "GET and other requests", "s3.requests/get")
    for item, what in _OTHER_CLASSES.items():
        if context.assumptions.meter(item, resource.name, resource.urn) is not None:
            yield from context.metered(resource, what, item)


def image_repository(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter the images of an ECR repository."""
    yield from context.metered(resource, "images", "ecr/storage")


def image_replication(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter images that are copied to other regions; a copy in the same one costs no transfer and yields nothing."""
    rules = resource.props.each("replicationConfiguration.rules")
    regions = {place.text("region") for rule in rules for place in rule.each("destinations")}
    if regions - {context.region(resource)}:
        yield from context.metered(resource, "images copied to other regions", "transfer/between-regions")


def image_scanning(resource: Resource, context: Context) -> Iterable[Line]:
    """Name the price of enhanced scanning; basic scanning is free and yields nothing."""
    if resource.props.text("scanType", "BASIC") != "BASIC":
        yield context.unpriced(resource, "enhanced scanning, by image", ["inspector.ecr"])


def log_group(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter a log group: what is written to it, and what it keeps."""
    if resource.props.text("logGroupClass", "STANDARD") != "STANDARD":
        yield context.unpriced(resource, "ingestion, infrequent access", ["logs/ingested-infrequent"])
    else:
        yield from context.metered(resource, "ingestion", "logs/ingested")
    yield from context.metered(resource, "storage", "logs/stored")


def flow_log(resource: Resource, context: Context) -> Iterable[Line]:
    """Name the price of flow logs that go elsewhere; a log group meters what is written to it."""
    if resource.props.text("logDestinationType", "cloud-watch-logs") != "cloud-watch-logs":
        yield context.unpriced(resource, "delivery of flow logs", ["logs/vended"])
