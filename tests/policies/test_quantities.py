"""Quantities and durations of Kubernetes."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies._engine.quantities import GIB, quantity, seconds
from policies._engine.values import View
from policies._engine.wire import MalformedValue, UnknownValue
from tests.policies.build import UNKNOWN, to_wire


def holder(value: Any) -> View:
    return View(to_wire({"a": value}))


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1", "1"),
        (2, "2"),
        (0.5, "0.5"),
        ("500m", "0.5"),
        ("100n", "1e-7"),
        ("1.5Gi", str(GIB * Decimal("1.5"))),
        ("1024Mi", str(GIB)),
        ("1Ki", "1024"),
        ("1k", "1000"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("2E", "2e18"),
        ("1Ei", str(2**60)),
        (".5", "0.5"),
        ("5.", "5"),
        ("+1", "1"),
        ("-1", "-1"),
    ],
)
def test_quantity_is_read_as_kubernetes_reads_it(written: Any, amount: str) -> None:
    assert quantity(holder(written), "a") == Decimal(amount)


@pytest.mark.parametrize("written", ["", "much", "1 Gi", "1gi", "1K", "1GiB", "0x1", "1e999", True, {"b": 1}, ["1"]])
def test_quantity_of_anything_else_is_malformed(written: Any) -> None:
    with pytest.raises(MalformedValue, match="a quantity"):
        quantity(holder(written), "a")


@pytest.mark.parametrize(
    ("written", "amount"),
    [("0", 0), ("0s", 0), ("30s", 30), ("1h30m", 5400), ("1.5h", 5400), ("500ms", "0.5"), ("720h", 2_592_000)],
)
def test_seconds_is_read_as_go_reads_it(written: str, amount: Any) -> None:
    assert seconds(holder(written), "a") == Decimal(amount)


@pytest.mark.parametrize("written", ["", "30", "1d", "h", "Never", "1h 30m", 30, True])
def test_seconds_of_anything_else_is_malformed(written: Any) -> None:
    with pytest.raises(MalformedValue, match="a duration"):
        seconds(holder(written), "a")


@pytest.mark.parametrize("read", [quantity, seconds])
def test_missing_is_none_and_unknown_is_unknown(read: Any) -> None:
    assert read(holder(None), "a") is None
    with pytest.raises(UnknownValue):
        read(holder(UNKNOWN), "a")


@given(st.text(max_size=40) | st.from_regex(r"[+-]?\d{0,40}\.?\d{0,40}[eE]?[+-]?\d{0,5}[A-Za-z]{0,3}", fullmatch=True))
def test_no_text_breaks_the_reading(written: str) -> None:
    for read in (quantity, seconds):
        try:
            found = read(View({"a": written}), "a")
        except (MalformedValue, UnknownValue):
            continue
        assert found is None or found.is_finite()
