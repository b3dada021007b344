"""How many shards a load needs. Pure arithmetic; the figures are those of Kinesis Data Streams.

Source of the figures: docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html and the API reference of
CreateStream and RegisterStreamConsumer, read 2026-11-27. Both pages say "MB" in one place and "MiB" in another; the
smaller reading is taken, so a stream is never 5 % short.
"""

import math
from typing import Optional

SHARD_IN_BYTES = 1_000_000
"""Bytes a second that one shard takes in, partition keys included."""

SHARD_IN_RECORDS = 1_000
"""Records a second that one shard takes in."""

SHARD_OUT_BYTES = 2_000_000
"""Bytes a second that one shard gives to all readers that share it; a fan-out reader has as much for itself."""

SHARED_READERS = 5
"""Readers that can share a stream: each asks every shard once a second, and a shard answers five times."""

FAN_OUT_READERS = 20
"""Fan-out readers of one stream in the provisioned and the standard on-demand mode."""

RECORD_BYTES = 1_048_576
"""Largest record, unless the stream is made for larger ones."""

_LARGE_REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
_ON_DEMAND_LARGE, _ON_DEMAND = 10_000_000_000, 200_000_000


def bytes_per_second(records_per_second: int, record_bytes: int) -> int:
    """Return the bytes that a load brings each second."""
    return records_per_second * record_bytes


def shards_needed(records_per_second: int, record_bytes: int, shared_readers: int = 0) -> int:
    """Return the least number of shards that take a load in and give it to the readers that share them.

    Records must be spread evenly over the shards: a partition key that brings more than one shard's share needs more.
    """
    volume = bytes_per_second(records_per_second, record_bytes)
    return max(
        1,
        math.ceil(records_per_second / SHARD_IN_RECORDS),
        math.ceil(volume / SHARD_IN_BYTES),
        math.ceil(volume * shared_readers / SHARD_OUT_BYTES),
    )


def on_demand_bytes(region: str) -> int:
    """Return the bytes a second to which an on-demand stream grows in a region without a request to AWS."""
    return _ON_DEMAND_LARGE if region in _LARGE_REGIONS else _ON_DEMAND


def shortfall(
    shards: Optional[int], region: str, records_per_second: int, record_bytes: int, shared_readers: int
) -> Optional[str]:
    """Return why a stream cannot carry a load, and what to change; None if it can. `shards` None: on demand."""
    volume = bytes_per_second(records_per_second, record_bytes)
    if shards is None:
        most = on_demand_bytes(region)
        if volume <= most:
            return None
        return (
            f"{volume:,} bytes a second are more than an on-demand stream takes in {region} ({most:,}); "
            "split the stream, or use provisioned with shards"
        )
    needed = shards_needed(records_per_second, record_bytes, shared_readers)
    if needed <= shards:
        return None
    readers = f", read by {shared_readers} that share it" if shared_readers else ""
    return (
        f"{shards} cannot carry {records_per_second:,} records a second of {record_bytes:,} bytes{readers}; "
        f"use {needed} or more"
    )
