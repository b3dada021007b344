"""Two thousand previews of any shape, recorded ones with anything in them among them, are read, priced and compared."""

import contextlib
import copy
import json
import random
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from finops import (
    Dimension,
    Estimate,
    State,
    StateError,
    before_preview,
    compare,
    estimate,
    from_preview,
    groups,
    owners,
    read,
    to_json,
)
from finops.mapping.registry import MAPPED, settled_types
from finops.state import OUTPUT, SECRET, SIGNATURE, UNKNOWN_MARKS, configured_region, left_out
from tests.foreign.record import ALL
from tests.unit.finops_kit import TODAY, Plain, urn

EXAMPLES = 2_000
NEAR = Decimal("0.000001")
"""USD. Amounts have 28 digits, so that the order of adding shows in the last of them."""

MEGABYTE = "x" * 2**20
OPS = (
    *("same", "create", "update", "delete", "replace", "create-replacement", "delete-replaced", "read", "refresh"),
    *("read-replacement", "discard", "discard-replaced", "remove-pending-replace", "import", "import-replacement"),
    *("diff", "", "destroy-everything"),
)  # fmt: skip
TYPES = (
    *sorted({*MAPPED, *(type_ for type_ in settled_types() if not type_.endswith("*"))}),
    *("pulumi:pulumi:Stack", "pulumi:providers:aws", "agency:web:Site", "aws:new/thing:Thing", "", "::", "$", MEGABYTE),
)
NAMES = ("a", "b", "c")
USUAL_URNS = (
    *(urn(type_, name) for type_ in ("agency:web:Site", "agency:ops:Watch") for name in NAMES),
    *(urn(type_, "db") for type_ in ("aws:rds/instance:Instance", "aws:ec2/launchTemplate:LaunchTemplate")),
    *("", "urn:pulumi:dev"),
)
URNS = (*(USUAL_URNS * 8), MEGABYTE)
KEYS = (
    *("tags", "tagsAll", "owner", "Team", "cost-center", "environment", "key", "value", "instanceType", "size"),
    *("engine", "instanceClass", "allocatedStorage", "region", "spec", "replicas", "metadata", "scalingConfig", "type"),
    *("minSize", "maxSize", "desiredSize", "instanceTypes", "storageType", "multiAz", "iops", "memorySize", ""),
    MEGABYTE,
)  # fmt: skip
SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 3, -1, 2**31, 10**30, 10**400, 0.1, 1e300, float("inf"), float("nan"), Decimal("1.5")),
    *("", "3", "1e9", "-5", "gp3", "io2", "m7i.xlarge", "us-east-1", "eu-central-1", "postgres", "db.t3.large", "team"),
    *("1.34", "t3.medium", "LoadBalancer", "\x00", "\ud800", "=1+1", "<script>", "[/red]", "99999Ei", MEGABYTE),
    *sorted(UNKNOWN_MARKS),
)


class Maker:
    """Makes odd values from one source of chance: quicker than a strategy for each value, and as repeatable."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def one(self, among: Any) -> Any:
        return among[int(self.chance.random() * len(among))]

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def value(self, depth: int = 3) -> Any:
        """Anything that JSON can hold, and some that Python can."""
        kind = self.chance.random()
        if depth == 0 or kind < 0.6:
            return self.one(SCALARS)
        if kind < 0.7:
            return {SIGNATURE: self.one((SECRET, OUTPUT, "?", None)), "value": self.value(depth - 1), "secret": True}
        if kind < 0.8:
            return [self.value(depth - 1) for _ in range(self.chance.randrange(4))]
        return {self.one(KEYS): self.value(depth - 1) for _ in range(self.chance.randrange(5))}

    def state(self) -> Any:
        """One old or new state; keys may be missing, or hold anything."""
        if self.often(0.05):
            return self.value()
        usual: Plain = {
            "urn": self.one(URNS),
            "type": self.one(TYPES),
            "custom": self.one((True, True, False)),
            "external": self.one((False, False, False, True)),
            "delete": self.one((False, False, False, True)),
            "id": self.one(("", "id-1", "id-2")),
            "parent": self.one(URNS),
            "provider": f"{self.one(URNS)}::id",
            "inputs": {self.one(KEYS): self.value() for _ in range(4)},
            "outputs": {self.one(KEYS): self.value() for _ in range(2)},
            "propertyDependencies": {self.one(KEYS): [self.one(URNS)]},
        }
        return {key: self.value() if self.often(0.05) else value for key, value in usual.items() if self.often(0.9)}

    def step(self) -> Any:
        if self.often(0.03):
            return self.value()
        if self.often(0.4):
            return self.damaged(copy.deepcopy(self.one(recorded_steps())))
        made: Plain = {"op": self.one(OPS), "urn": self.one(URNS), "newState": self.state(), "oldState": self.state()}
        return {key: self.value() if self.often(0.03) else value for key, value in made.items() if self.often(0.8)}

    def damaged(self, step: Any) -> Any:
        """A recorded step with something else at one place, or as it was."""
        node, key = step, self.one(sorted(step))
        while isinstance(node[key], dict | list) and node[key] and self.often(0.85):
            node = node[key]
            key = self.one(sorted(node)) if isinstance(node, dict) else self.chance.randrange(len(node))
        if self.often(0.8):
            node[key] = self.one(URNS) if key in ("urn", "parent") else self.value()
        return step

    def document(self) -> Plain:
        made: Plain = {"steps": [self.step() for _ in range(self.chance.randrange(9))]}
        if self.often(0.5):
            made["changeSummary"] = self.one(({"same": 5}, {"same": self.value()}, self.value()))
        if self.often(0.5):
            made["config"] = self.one(({"aws:region": "us-east-1"}, {"aws:region": self.value()}, self.value()))
        return made


@cache
def recorded_steps() -> tuple[Plain, ...]:
    """Every step of every recorded preview."""
    return tuple(step for program in ALL for step in json.loads(program.file.read_text())["steps"])


def near(left: Decimal, right: Decimal) -> bool:
    # Beyond the cents of a country's income there are not digits enough.
    return abs(left - right) <= max(NEAR, abs(left) * Decimal("1e-20"))


def total(parts: Iterable[Any], name: str) -> Decimal:
    return sum((getattr(part, name) for part in parts), Decimal(0))


def check_estimate(found: Estimate, count: int) -> None:
    """One state for each resource, and the same totals however they are grouped."""
    assert len(found.items) == count
    assert sum(found.counts.values()) == count
    for item in found.items:
        assert isinstance(item.state, State)
        assert item.reason or item.state in (State.PRICED, State.USAGE)
    for by in Dimension:
        parts = groups(found, by)
        for which in ("floor", "expected", "ceiling"):
            assert near(total(parts, which), getattr(found, which)), (by, which)
        assert any(part.at_least for part in parts) == found.at_least
        assert any(part.unbounded for part in parts) == bool(found.unbounded)
    assert owners(found).keys() == {item.resource.urn for item in found.items}
    json.dumps(to_json(found))


def check(document: Plain) -> None:
    region = configured_region(document)
    assert left_out(document) >= 0
    planned, standing = from_preview(document), before_preview(document)
    after = estimate(planned, TODAY, region=region)
    before = estimate(standing, TODAY, region=region)
    check_estimate(after, len(planned))
    check_estimate(before, len(standing))
    assert compare(after, after).changes == ()
    found = compare(before, after)
    for which in ("floor", "expected", "ceiling"):
        assert near(total(found.changes, which), getattr(found, which)), which
    for change in found.changes:
        assert near(total(change.lines, "expected"), change.expected)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**64 - 1))
def test_preview_of_any_shape_is_read_estimated_grouped_and_compared(seed: int) -> None:
    check(Maker(seed).document())


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**64 - 1))
@example(0)
def test_document_of_any_shape_is_read_or_refused(seed: int) -> None:
    maker = Maker(seed)
    document = maker.one((maker.value(), {"steps": maker.value()}, {"deployment": {"resources": maker.value()}}))
    for reader in (read, from_preview, before_preview, left_out):
        with contextlib.suppress(StateError):
            reader(document)


def test_generated_previews_reach_all_states_and_both_sides() -> None:
    """Otherwise the test above shows little."""
    states: set[State] = set()
    kinds: set[str] = set()
    for seed in range(150):
        document = Maker(seed).document()
        after = estimate(from_preview(document), TODAY, region="us-east-1")
        before = estimate(before_preview(document), TODAY, region="us-east-1")
        states |= {item.state for item in after.items}
        kinds |= {change.kind.value for change in compare(before, after).changes}
    assert states == set(State)
    assert kinds == {"added", "removed", "changed"}


@pytest.mark.parametrize("length", [2, 3, 50])
def test_parents_in_a_circle_belong_to_no_component(length: int) -> None:
    ring = [urn("agency:web:Site", f"s{number}") for number in range(length)]
    made: list[Plain] = [
        {"urn": one, "type": "agency:web:Site", "custom": False, "parent": ring[(n + 1) % length]}
        for n, one in enumerate(ring)
    ]
    inside: Plain = {"urn": urn("aws:ec2/eip:Eip", "ip"), "type": "aws:ec2/eip:Eip", "parent": ring[0]}
    for order in ([*made, inside], [inside, *made], [*reversed(made), inside]):
        steps = [{"op": "create", "urn": one["urn"], "newState": one} for one in order]
        found = owners(estimate(from_preview({"steps": steps}), TODAY, region="us-east-1"))
        assert {owner.component for owner in found.values()} == {"(none)"}


# -- what a preview leaves out


@pytest.mark.parametrize(
    ("summary", "steps", "expected"),
    [
        ({"create": 1, "same": 4}, ["create", "same"], 3),
        ({"create": 1, "same": 1}, ["create", "same"], 0),
        ({"create": 1}, ["create"], 0),
        ({"same": -7}, [], 0),
        ({"same": True}, [], 0),
        ({"same": "3"}, [], 0),
        (None, ["same"], 0),
    ],
)
def test_unchanged_resources_that_are_not_shown_are_counted(summary: Any, steps: list[str], expected: int) -> None:
    assert left_out({"changeSummary": summary, "steps": [{"op": op} for op in steps]}) == expected


def test_unchanged_resources_of_a_recording_are_counted_when_they_are_taken_out() -> None:
    document = json.loads(next(one for one in ALL if one.name == "taken_over").file.read_text())
    document["steps"] = [step for step in document["steps"] if step["op"] != "same"]
    # The stack itself, a VPC, a subnet and an address.
    assert left_out(document) == 4


def test_steps_without_urn_stay_apart_when_another_is_removed() -> None:
    known = urn("aws:ec2/eip:Eip", "ip")
    made = {"op": "create", "urn": known, "newState": {"urn": known, "type": "aws:ec2/eip:Eip"}}
    steps = [made, {"op": "create"}, {"op": "delete", "urn": known}, {"op": "create"}]
    assert len(from_preview({"steps": steps})) == 2


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"aws:region": "eu-west-1"}, "eu-west-1"),
        ({"aws:region": "[secret]"}, None),
        ({"aws:region": ""}, None),
        ({"aws:region": ["eu-west-1"]}, None),
        ({"gcp:region": "europe-west1"}, None),
        ([], None),
        (None, None),
    ],
)
def test_region_of_the_configuration_is_read(config: Any, expected: str | None) -> None:
    assert configured_region({"config": config}) == expected


@pytest.mark.parametrize("reader", [from_preview, before_preview, left_out])
@pytest.mark.parametrize("document", [[], "steps", None, {}, {"steps": None}, {"steps": {"op": "create"}}])
def test_document_that_is_no_preview_is_refused_with_what_to_give(reader: Any, document: Any) -> None:
    with pytest.raises(StateError, match="it has no list of steps; give the output of pulumi preview --json"):
        reader(document)
