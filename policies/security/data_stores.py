"""What the rules on buckets, file systems, databases, caches and brokers share: how they read keys and blocks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from policies._engine.buckets import BUCKET
from policies._engine.build import some
from policies._engine.keys import own_key
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, NotApplicable, Outcome
from policies._engine.values import Path, View
from policies._engine.wire import MalformedValue, Undetermined, UnknownValue

LOGGING = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")

LOAD_BALANCER = ("aws:alb/loadBalancer:LoadBalancer", "aws:lb/loadBalancer:LoadBalancer")
BALANCER_LOGS = ("accessLogs", "connectionLogs", "healthCheckLogs")


def own_key_where(
    table: Mapping[str, bool], holder: View, path: Path, default: str, ctx: Context[Any]
) -> Iterator[Outcome]:
    """Do as `own_key` in the environments that a parameter names; ask for them only where no such key is named."""
    outcomes = list(own_key(holder, path, default))
    if not outcomes:
        return
    wanted = ctx.by_environment(table)
    if wanted:
        yield from outcomes


def blocks(holder: View, name: str) -> Sequence[Any]:
    """Return the blocks called `name`: version 7 of the provider has one object where version 6 had a list, named in
    the plural."""
    for key in (name, f"{name}s"):
        if holder.raw.get(key) is not None:
            found = holder.at(key)
            return (found,) if isinstance(found, View) else holder.sequence(key)
    return ()


def some_block(found: Sequence[Any], test: Callable[[View], bool]) -> bool:
    """Whether any block meets a test, as `some`. Raises `MalformedValue` for what is no object."""

    def meets(block: Any) -> bool:
        if not isinstance(block, View):
            raise MalformedValue("a block", "an object", block)
        return test(block)

    return some(found, meets)


def own_blocks(bucket: Resource, name: str) -> Sequence[Any]:
    """Return the blocks, deprecated, that a bucket itself carries; in a preview an output that nobody set is
    unknown."""
    return blocks(bucket.props, name) if bucket.sets(name) or bucket.sets(f"{name}s") else ()


def excuse_log_destination(bucket: Resource, stack: Stack) -> None:
    """Raise `NotApplicable` if S3 or a load balancer delivers access logs to the bucket, `Undetermined` if perhaps.

    S3 delivers to no bucket with SSE-KMS by default, nor do load balancers, and a bucket that logs into itself never
    stops (S3 user guide, server access logging; ELB user guide, access logs; read 2026-11-23).
    """
    join = stack.pointing_at(bucket, LOGGING, "targetBucket", ids=("bucket",))
    inline = any(_names(other, key, bucket) for other in stack.of(*BUCKET) for key in ("logging", "loggings"))
    balancers = stack.of(*LOAD_BALANCER)
    if join.partners or inline or any(_names(one, key, bucket) for one in balancers for key in BALANCER_LOGS):
        raise NotApplicable("access logs are delivered to the bucket, which rules out SSE-KMS and logs of its own")
    if join.unresolved:
        raise Undetermined(f"{join.unresolved[0].name} delivers access logs to a bucket that is not known yet")


def _names(sender: Resource, prop: str, bucket: Resource) -> bool:
    """Whether a block of `sender` names the bucket as the one that receives logs."""
    raw = (bucket.props.raw.get("id"), bucket.props.raw.get("bucket"))
    own = {name for name in raw if isinstance(name, str) and name}

    def named(block: View) -> bool:
        return bool({block.at("targetBucket"), block.at("bucket")} & own)

    try:
        return some_block(blocks(sender.props, prop), named)
    except UnknownValue:
        return bucket.urn in sender.property_dependencies.get(prop, ())
    except MalformedValue:
        return False
