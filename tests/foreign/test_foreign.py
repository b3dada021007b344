"""Programs of other authors: what their previews cost is what the tables beside them say, to the last line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from finops import Dimension, State, compare, from_preview, groups, owners, to_json
from finops.line import cents, money
from finops.mapping.registry import NOT_KNOWN, lookup
from finops.state import configured_region, left_out
from tests.foreign import expected
from tests.foreign.record import ALL, OWN_SECRETS, SECRETS, Program

HOURS = Decimal(730)

# Types that nobody has described yet. One that is described moves out of here, and its table says what it costs.
STRANGERS = {
    "aws:appstream/fleet:Fleet",
    "aws:gamelift/build:Build",
    "aws:lakeformation/resource:Resource",
    "aws:schemas/registry:Registry",
    "aws:shield/protection:Protection",
}


@pytest.fixture(params=ALL, ids=lambda program: program.name)
def program(request: pytest.FixtureRequest) -> Program:
    found: Program = request.param
    return found


def test_recording_costs_what_its_table_says(program: Program) -> None:
    assert expected.table(program) == expected.file(program).read_text()


def test_recordings_are_whole_programs_of_several_services() -> None:
    assert len(ALL) >= 8
    for one in ALL:
        document = expected.recorded(one)
        assert left_out(document) == 0
        services = {step["newState"]["type"].split("/")[0] for step in document["steps"] if "newState" in step}
        assert len(document["steps"]) >= 20, one.name
        assert len(services) >= 5, one.name


def test_recording_holds_neither_secrets_nor_paths_of_a_machine(program: Program) -> None:
    text = program.file.read_text() + expected.file(program).read_text()
    for secret in (*SECRETS, *OWN_SECRETS, "Not-Real"):
        assert secret not in text
    assert not re.search(r'"(/|file:)(tmp|root|home|work|Users)/', text)


def test_every_resource_is_in_one_of_five_states(program: Program) -> None:
    document = expected.recorded(program)
    found = expected.after(document)
    assert len(found.items) == len(from_preview(document)) == sum(found.counts.values())
    for item in found.items:
        assert isinstance(item.state, State)
        assert item.reason or item.lines, item.resource.urn


def test_what_has_no_price_is_named_and_makes_totals_at_least(program: Program) -> None:
    found = expected.after(expected.recorded(program))
    shown = to_json(found)
    named = {one["urn"]: one for one in shown["resources"]}
    lacking = [item for item in found.items if item.state in (State.UNPRICED, State.UNKNOWN)]
    for item in lacking:
        assert named[item.resource.urn]["reason"], item.resource.urn
    assert found.at_least == any(item.open for item in found.items)
    assert found.at_least == (" at least (" in shown["line"])
    assert found.at_least or not lacking


def test_type_that_nobody_described_is_unknown(program: Program) -> None:
    found = expected.after(expected.recorded(program))
    for item in found.items:
        if lookup(item.resource.type) is NOT_KNOWN and item.resource.custom:
            assert (item.state, item.reason, item.lines) == (State.UNKNOWN, NOT_KNOWN.reason, ())


def test_strangers_are_in_the_recordings_and_unknown() -> None:
    found = {item.resource.type: item for one in ALL for item in expected.after(expected.recorded(one)).items}
    assert {type_: found[type_].state for type_ in STRANGERS} == dict.fromkeys(STRANGERS, State.UNKNOWN)


def test_totals_are_those_of_the_groups_however_grouped(program: Program) -> None:
    found = expected.after(expected.recorded(program))
    for by in Dimension:
        for which in expected.THREE:
            parts = sum((getattr(group, which) for group in groups(found, by)), Decimal(0))
            assert cents(parts) == cents(getattr(found, which)), (by, which)


def test_component_of_another_author_is_the_one_right_below_the_stack() -> None:
    whose = owners(expected.after(expected.recorded(_named("own_components"))))
    found = {urn.rpartition("::")[2]: owner for urn, owner in whose.items() if "$aws:" in urn}
    assert found["bakery-storage-files"].component == "bakery"
    assert found["bakery-server"].component == "bakery"
    assert found["museum-database"].component == "museum"
    assert (found["museum-database"].team, found["museum-database"].cost_center) == ("museum", "customer-museum")
    assert found["watch-bakery"].component == "watch"


def test_tag_in_the_spelling_of_another_author_is_read() -> None:
    whose = owners(expected.after(expected.recorded(_named("shop_backend"))))
    found = {urn.rpartition("::")[2]: owner for urn, owner in whose.items() if "aws:rds/instance" in urn}
    assert (found["orders"].team, found["orders"].cost_center) == ("storefront", "4200")
    assert found["orders-reporting"].team == "analytics"


def test_region_comes_from_the_configuration_where_no_resource_tells_it(program: Program) -> None:
    """Before version 7 the AWS provider gave resources no region, and the engine's own provider is not shown."""
    document = expected.recorded(program)
    old = json.loads(json.dumps(document), object_hook=lambda one: {k: v for k, v in one.items() if k != "region"})
    assert configured_region(old) == program.region
    if program.name not in ("own_components", "fargate_service"):  # these say it in providers of their own
        assert _amounts(old) == _amounts(document)


def _amounts(document: dict[str, Any]) -> list[str]:
    found = expected.after(document)
    return [str(cents(getattr(found, which))) for which in expected.THREE]


def _named(name: str) -> Program:
    return next(one for one in ALL if one.name == name)


# -- by hand: the programs as their authors wrote them, list prices as AWS published them

H = HOURS
D = Decimal
WEB = 2 * (D("0.0832") * H + 30 * D("0.08") + 100 * D("0.08") + 1000 * D("0.005") + 75 * D("0.04"))
BALANCER = D("0.0225") * H + 2 * D("0.005") * H
ADDRESS, NAT = D("0.005") * H, D("0.045") * H
SHOP = ADDRESS + NAT + 1 + D("0.40") + (D("0.032") * H + 50 * D("0.115") + D("0.40"))
EKS = D("0.10") * H + 3 * (ADDRESS + NAT) + (60 * D("0.08") + 6000 * D("0.005")) + D("0.0225") * H
NODE = D("0.096") * H + 80 * D("0.08")
BAKERY = (D("0.0416") * H + 40 * D("0.08") + ADDRESS) + (D("0.136") * H + 20 * D("0.115"))
TAKEN = (200 * D("0.08") + 1000 * D("0.005")) + ADDRESS + D("0.01") * H + 1 + (D("0.171") * H + 200 * D("0.115"))
LEFT = 100 * D("0.10") + ADDRESS + NAT + 1 + D("0.40") + (D("0.136") * H + 100 * D("0.115"))

BY_HAND = {
    "web_server": (WEB + D("0.0416") * H + ADDRESS + BALANCER,) * 3,
    # 200 GiB in two zones, and what they may grow to.
    "shop_backend": (SHOP + 200 * D("0.23"), SHOP + 200 * D("0.23"), SHOP + 1000 * D("0.23")),
    "serverless_orders": (10 * D("0.00065") * H + 25 * D("0.00013") * H,) * 3,
    "fargate_service": (D(0),) * 3,
    "eks_shop": (EKS + 3 * NODE, EKS + 3 * NODE, EKS + 9 * NODE),
    "data_lake": (D(0),) * 3,
    "event_hub": (2 * D("0.015") * H + 2 + 3 * 1000 * D("0.10") + D("0.40"),) * 3,
    "own_components": (BAKERY + D("0.1008") * H,) * 3,
    "taken_over": (TAKEN,) * 3,
    # Spot from 0.373 to 0.416; at the most on demand, and 40 nodes of the dearer of two types.
    "render_farm": (
        D("0.373") * H + D("0.2016") * H,
        D("0.416") * H + D("0.2016") * H,
        D("1.212") * H + D("0.2016") * H + 40 * D("1.624") * H,
    ),
}


def test_totals_are_those_worked_out_by_hand(program: Program) -> None:
    found = expected.after(expected.recorded(program))
    assert tuple(cents(getattr(found, which)) for which in expected.THREE) == tuple(map(cents, BY_HAND[program.name]))


def test_change_of_the_stack_that_was_taken_over_is_the_one_worked_out_by_hand() -> None:
    document = expected.recorded(_named("taken_over"))
    found = compare(expected.before(document), expected.after(document))
    assert found.expected == TAKEN - LEFT
    told = {(change.kind.value, change.item.resource.name): change.expected for change in found.changes}
    assert {key: amount for key, amount in told.items() if amount} == {
        ("changed", "db"): (D("0.171") - D("0.136")) * H + D("11.50"),
        ("changed", "disk"): D(21) - D(10),
        ("added", "s3"): D("7.30"),
        ("removed", "nat"): -NAT,
        ("removed", "login"): D("-0.40"),
    }
    # What is replaced or renamed is not removed and added, and what is read is on another bill.
    assert ("removed", "archive") not in told
    assert ("added", "ledger") not in told
    assert not {"shared", "shared-key"} & {name for _, name in told}


# -- arithmetic, worked out again from the words of the tables

_PRODUCT = re.compile(
    r"(?:(?P<which>floor|expected|ceiling) )?(?P<units>[\d,.]+) x \$(?P<usd>[\d,.]+)(?: \([^)]*\))?"
    r"(?P<hours> x 730 h)? = \$(?P<result>[\d,]+\.\d\d)"
)
_LINE = re.compile(r"^    (?P<floor>[\d.]+) / (?P<expected>[\d.]+) / (?P<ceiling>[\d.]+)  \[[a-z-]+\] [^:]*")
_TOTAL = re.compile(r"^total  floor \$([\d,.]+)  expected \$([\d,.]+)  ceiling \$([\d,.]+)", re.MULTILINE)


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _products(line: str) -> Iterator[tuple[str, Decimal]]:
    for found in _PRODUCT.finditer(line):
        amount = _number(found["units"]) * _number(found["usd"]) * (HOURS if found["hours"] else 1)
        assert money(amount) == f"${found['result']}", line
        yield found["which"] or "all", amount


def test_arithmetic_of_a_table_is_right_and_adds_up_to_its_totals(program: Program) -> None:
    text = expected.file(program).read_text()
    told = _TOTAL.search(text)
    assert told is not None
    sums = dict.fromkeys(expected.THREE, Decimal(0))
    for line in text.partition("\nbefore  ")[0].splitlines():
        shown = _LINE.match(line)
        if shown is None:
            continue
        worked_out = dict.fromkeys(expected.THREE, Decimal(0))
        for which, amount in _products(line):
            meter = "[usage-dependent]" in line
            for one in expected.THREE if which == "all" else (which,):
                worked_out[one] = Decimal(0) if meter and one == "floor" else amount
        for which in expected.THREE:
            assert cents(worked_out[which]) == Decimal(shown[which]), line
            sums[which] += worked_out[which]
    assert [money(sums[which]) for which in expected.THREE] == [f"${amount}" for amount in told.groups()]


def test_arithmetic_of_changes_adds_up() -> None:
    text = expected.file(_named("taken_over")).read_text().partition("\nchange  ")[2]
    total = re.search(r"expected ([+-])\$([\d,.]+)", text)
    assert total is not None
    signed = re.findall(r"^    ([+-])\$([\d,.]+)  ", text, re.MULTILINE)
    assert sum(_number(sign + amount) for sign, amount in signed) == _number(total[1] + total[2])
