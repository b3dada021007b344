"""S3 buckets and what is attached to them by resources of its own."""

from policies._engine.model import Join, Resource, Stack
from policies._engine.wire import Undetermined

BUCKET = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
"""Bucket, and the name under which version 6 of the provider also knew it."""


def attached(bucket: Resource, stack: Stack, types: tuple[str, ...]) -> Join:
    """Return what of `types` is attached to a bucket. Raises `Undetermined` where that cannot be told."""
    join = stack.pointing_at(bucket, types, "bucket", ids=("bucket",))
    if not join.partners and join.unresolved:
        raise Undetermined(f"{join.unresolved[0].name} belongs to a bucket that is not known yet, perhaps to this one")
    return join
