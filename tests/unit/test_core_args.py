"""Arguments of components: from a program as they are, from the component host as a mapping."""
# ruff: noqa: UP045  (written as component files must write them)

import dataclasses
import enum
from collections.abc import Sequence
from typing import Any, Optional

import pulumi
import pytest

from components._core.args import ArgsError, coerce, enum_member, in_range, one_of, require
from tests.graph import record


class Size(enum.StrEnum):
    SMALL = "small"
    LARGE = "large"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Disk:
    gib: int
    kind: Optional[Size] = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Box:
    name: pulumi.Input[str]
    count: Optional[int] = None
    ratio: Optional[float] = None
    size: Optional[Size] = None
    sizes: Optional[list[Size]] = None
    ports: Optional[Sequence[int]] = None
    disk: Optional[Disk] = None
    disks: Optional[list[Disk]] = None
    limits: Optional[dict[str, int]] = None
    disks_by_name: Optional[dict[str, Disk]] = None
    late: Optional[pulumi.Input[list[pulumi.Input[str]]]] = None
    anything: Any = None
    made: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        require(self.count is None or self.count > 0, "count", f"{self.count} is too small; use 1 or more")


def test_coerce_instance_is_returned_unchanged() -> None:
    box = Box(name="a")
    assert coerce(Box, box) is box


def test_coerce_least_that_is_needed_gets_defaults() -> None:
    assert coerce(Box, {"name": "a"}) == Box(name="a")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"count": 3.0}, {"count": 3}),
        ({"ratio": 3.0}, {"ratio": 3.0}),
        ({"size": "large"}, {"size": Size.LARGE}),
        ({"size": Size.LARGE}, {"size": Size.LARGE}),
        ({"sizes": ["small", Size.LARGE]}, {"sizes": [Size.SMALL, Size.LARGE]}),
        ({"ports": [80.0, 443.0]}, {"ports": [80, 443]}),
        ({"disk": {"gib": 20.0}}, {"disk": Disk(gib=20)}),
        ({"disk": Disk(gib=20)}, {"disk": Disk(gib=20)}),
        ({"disks": [{"gib": 1.0, "kind": "small"}]}, {"disks": [Disk(gib=1, kind=Size.SMALL)]}),
        ({"limits": {"cpu": 4.0}}, {"limits": {"cpu": 4}}),
        ({"disks_by_name": {"a": {"gib": 2.0}}}, {"disks_by_name": {"a": Disk(gib=2)}}),
        ({"late": ["a", "b"]}, {"late": ["a", "b"]}),
        ({"anything": {"x": [1.0]}}, {"anything": {"x": [1.0]}}),
        ({"anything": 1.5}, {"anything": 1.5}),
        ({"count": None}, {}),
        ({"made": ["x"]}, {"made": ["x"]}),
    ],
)
def test_coerce_values_of_the_component_host(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = coerce(Box, {"name": "a", **given})
    assert found == Box(**{"name": "a", **expected})
    for name, value in expected.items():
        assert type(getattr(found, name)) is type(value)


def test_coerce_whole_numbers_inside_become_integers() -> None:
    found = coerce(Box, {"name": "a", "limits": {"cpu": 4.0}, "ports": [80.0]})
    assert found.limits is not None
    assert found.ports is not None
    assert [type(v) for v in (*found.limits.values(), *found.ports)] == [int, int]


def test_coerce_late_values_pass_as_they_are() -> None:
    same: list[bool] = []

    def program() -> None:
        late = pulumi.Output.from_input("a")
        found = coerce(Box, {"name": late, "late": [late], "count": 2.0})
        same.extend([found.name is late, isinstance(found.late, list) and found.late[0] is late])

    record(program)
    assert same == [True, True]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"nam": "a"}, "args.nam: is not an argument of Box; did you mean name?"),
        ({"name": "a", "zzz": 1}, "args.zzz: is not an argument of Box"),
        ({}, "args: missing name; Box needs each of them"),
        ({"name": None}, "args: missing name; Box needs each of them"),
        ({"name": "a", "size": "huge"}, "args.size: 'huge' is not allowed; use one of small, large"),
        ({"name": "a", "sizes": ["small", "x"]}, "args.sizes[1]: 'x' is not allowed; use one of small, large"),
        ({"name": "a", "disk": {"gb": 1}}, "args.disk.gb: is not an argument of Disk; did you mean gib?"),
        ({"name": "a", "disks": [{"gib": 1}, {}]}, "args.disks[1]: missing gib; Disk needs each of them"),
        ({"name": "a", "disks_by_name": {"b": {}}}, "args.disks_by_name.b: missing gib; Disk needs each of them"),
        ({"name": "a", "count": 0.0}, "count: 0 is too small; use 1 or more"),
        ("a", "args: got str; pass Box or a mapping of its fields"),
        (None, "args: got NoneType; pass Box or a mapping of its fields"),
        ([], "args: got list; pass Box or a mapping of its fields"),
    ],
)
def test_coerce_wrong_arguments_are_told(given: Any, message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        coerce(Box, given)
    assert str(caught.value) == message


def test_args_error_keeps_path_and_reason() -> None:
    error = ArgsError("pools[0].efa", "is too much")
    assert (error.path, error.reason) == ("pools[0].efa", "is too much")
    assert isinstance(error, ValueError)


def test_enum_member_lists_what_is_allowed() -> None:
    assert enum_member(Size, "small", "size") is Size.SMALL
    for wrong in ("Small", None, ["small"], 1):
        with pytest.raises(ArgsError, match="use one of small, large"):
            enum_member(Size, wrong, "size")


def test_one_of_lists_what_is_allowed() -> None:
    one_of(7, (7, 14), "days")
    with pytest.raises(ArgsError, match=r"^days: 8 is not allowed; use one of 7, 14$"):
        one_of(8, iter((7, 14)), "days")


@pytest.mark.parametrize("value", [1, 2, 3])
def test_in_range_bounds_belong_to_it(value: int) -> None:
    in_range(value, 1, 3, "count")


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        (0, "", "count: 0 is outside 1 to 3; choose a value inside"),
        (4, "GiB", "count: 4 is outside 1 to 3 GiB; choose a value inside"),
        (float("nan"), "", "count: nan is outside 1 to 3; choose a value inside"),
    ],
)
def test_in_range_outside_is_refused(value: float, unit: str, message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        in_range(value, 1, 3, "count", unit)
    assert str(caught.value) == message


def test_require_says_nothing_where_it_holds() -> None:
    require(True, "a", "never told")
    with pytest.raises(ArgsError, match=r"^a: told$"):
        require(False, "a", "told")
