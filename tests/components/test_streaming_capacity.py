"""The arithmetic of shards: figures by hand, and what holds for every load."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.streaming import capacity

RATES, SIZES = st.integers(1, 2_000_000), st.integers(1, capacity.RECORD_BYTES)
READERS = st.integers(0, capacity.SHARED_READERS)


@pytest.mark.parametrize(
    ("records", "size", "readers", "shards"),
    [
        (1, 1, 0, 1),
        (1_000, 1_000, 1, 1),  # full on records and on bytes
        (1_001, 10, 0, 2),  # one record too many
        (100, 10_001, 0, 2),  # a hundred bytes too many
        (3_000, 800, 1, 3),
        (3_000, 800, 2, 3),  # two readers get as much as comes in
        (3_000, 800, 3, 4),  # 7.2 MB out of 2 MB a shard
        (50_000, 2_000, 1, 100),
    ],
)
def test_shards_needed_for_a_load_by_hand(records: int, size: int, readers: int, shards: int) -> None:
    assert capacity.shards_needed(records, size, readers) == shards


@given(RATES, SIZES, READERS)
def test_shards_needed_carry_the_load_and_one_less_does_not(records: int, size: int, readers: int) -> None:
    shards = capacity.shards_needed(records, size, readers)

    def carries(count: int) -> bool:
        volume = records * size
        return (
            count * 1_000 >= records
            and count * 1_000_000 >= volume
            and (readers == 0 or count * 2_000_000 >= volume * readers)
        )

    assert carries(shards)
    assert shards == 1 or not carries(shards - 1)


@given(RATES, RATES, SIZES, READERS)
def test_shards_needed_never_fall_when_the_load_grows(records: int, more: int, size: int, readers: int) -> None:
    grown = capacity.shards_needed(records + more, size, readers)
    assert grown >= capacity.shards_needed(records, size, readers)
    assert capacity.shards_needed(records, size, readers + 1) >= capacity.shards_needed(records, size, readers)


@given(st.integers(1, 10_000), RATES, SIZES, READERS)
def test_shortfall_is_told_exactly_when_shards_are_too_few(shards: int, records: int, size: int, readers: int) -> None:
    short = capacity.shortfall(shards, "eu-west-1", records, size, readers)
    needed = capacity.shards_needed(records, size, readers)
    assert (short is None) is (shards >= needed)
    if short is not None:
        assert f"use {needed} or more" in short


@given(RATES, SIZES)
def test_shortfall_on_demand_is_told_beyond_the_regions_bound(records: int, size: int) -> None:
    for region, most in (("us-east-1", 10_000_000_000), ("eu-central-1", 200_000_000)):
        short = capacity.shortfall(None, region, records, size, 5)
        assert (short is None) is (records * size <= most)


def test_shortfall_says_what_was_asked_and_what_to_change() -> None:
    assert capacity.shortfall(2, "eu-west-1", 3_000, 800, 3) == (
        "2 cannot carry 3,000 records a second of 800 bytes, read by 3 that share it; use 4 or more"
    )
    assert capacity.shortfall(None, "eu-north-1", 300_000, 1_000, 0) == (
        "300,000,000 bytes a second are more than an on-demand stream takes in eu-north-1 (200,000,000); "
        "split the stream, or use provisioned with shards"
    )
