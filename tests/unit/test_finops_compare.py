"""What a change costs: added, removed, changed, replaced, and what is no change; every line with its arithmetic."""

import dataclasses
import time
from decimal import Decimal
from typing import Any

import pytest

from finops import Comparison, Estimate, Line, State, before_preview, compare, estimate, from_preview
from finops.compare import Change, Kind
from finops.line import money
from tests.unit.finops_kit import NODE_CLASS, TODAY, Plain, aws, group, made, node_class, pool, provider, types, usage

# On demand a month, by hand: m7i.xlarge 0.2016 x 730 = 147.168; m5.xlarge 0.192 x 730 = 140.16.
ONE_M7I, ONE_M5 = Decimal("147.168"), Decimal("140.16")


def server(type_: str = "m7i.xlarge", disk: int = 20, **more: Any) -> Plain:
    """A server with a gp3 root disk."""
    root = {"volumeType": "gp3", "volumeSize": disk}
    return aws("ec2/instance:Instance", "server", {"instanceType": type_, "rootBlockDevice": root}, **more)


def compared(before: list[Plain], after: list[Plain], **options: Any) -> Comparison:
    # No assumptions: the library's own change with what is known of use.
    options.setdefault("usage", usage())
    was, now = (estimate([provider(), *plain], TODAY, **options) for plain in (before, after))
    return compare(was, now)


def only(found: Comparison) -> Change:
    assert len(found.changes) == 1
    return found.changes[0]


def test_nothing_has_changed_where_nothing_differs() -> None:
    found = compared([server(), group()], [server(), group()])
    assert found.changes == ()
    assert found.expected == 0


def test_order_of_resources_is_no_change() -> None:
    assert compared([server(), group()], [group(), server()]).changes == ()


def test_added_resource_brings_all_its_lines() -> None:
    found = compared([], [server()])
    change = only(found)
    assert (change.kind, change.before, change.item.resource.name) == (Kind.ADDED, None, "server")
    # 20 GiB x 0.08 = 1.60
    assert (change.floor, change.expected, change.ceiling) == (ONE_M7I + Decimal("1.60"),) * 3
    assert [line.expected for line in change.lines] == [ONE_M7I, Decimal("1.60")]
    assert change.lines[0].arithmetic == "1 x $0.2016 (m7i.xlarge) x 730 h = $147.17"
    assert found.expected == ONE_M7I + Decimal("1.60")
    assert found.of_kind(Kind.ADDED) == (change,)
    assert found.of_kind(Kind.REMOVED) == ()


def test_removed_resource_takes_all_its_lines() -> None:
    change = only(compared([server()], []))
    assert (change.kind, change.after, change.item.resource.name) == (Kind.REMOVED, None, "server")
    assert change.expected == -ONE_M7I - Decimal("1.60")
    assert [line.expected for line in change.lines] == [-ONE_M7I, Decimal("-1.60")]


def test_changed_resource_shows_the_lines_that_differ_with_both_sides() -> None:
    change = only(compared([server("m5.xlarge")], [server("m7i.xlarge")]))
    assert (change.kind, change.expected) == (Kind.CHANGED, ONE_M7I - ONE_M5)
    (line,) = change.lines
    assert line.what == "instances"
    assert line.arithmetic == ("1 x $0.192 (m5.xlarge) x 730 h = $140.16 -> 1 x $0.2016 (m7i.xlarge) x 730 h = $147.17")
    assert money(line.expected) == "$7.01"


def test_changed_sizes_differ_at_floor_expected_and_ceiling() -> None:
    small = {"minSize": 1, "desiredSize": 2, "maxSize": 3}
    large = {"minSize": 2, "desiredSize": 4, "maxSize": 9}
    found = compared([group(scalingConfig=small)], [group(scalingConfig=large)])
    change = only(found)
    assert (change.floor, change.expected, change.ceiling) == (ONE_M7I, 2 * ONE_M7I, 6 * ONE_M7I)
    assert (found.floor, found.expected, found.ceiling) == (change.floor, change.expected, change.ceiling)


def test_lines_of_one_name_are_paired_by_their_order() -> None:
    def disks(*sizes: int) -> Plain:
        devices = [{"volumeType": "gp3", "volumeSize": size} for size in sizes]
        return aws("ec2/instance:Instance", "s", {"instanceType": "m7i.xlarge", "ebsBlockDevices": devices})

    change = only(compared([disks(10, 10)], [disks(10, 10, 10)]))
    (line,) = change.lines
    assert (line.before, line.expected) == (None, Decimal("0.80"))


def test_tags_alone_are_no_change_of_cost() -> None:
    tagged = server()
    tagged["inputs"]["tags"] = {"owner": "somebody"}
    assert compared([server()], [tagged]).changes == ()


def test_resource_that_costs_nothing_is_left_out_on_both_sides() -> None:
    role, subnet = aws("iam/role:Role", "role"), aws("ec2/subnet:Subnet", "subnet")
    site = made("agency:web:Site", "site", custom=False)
    assert compared([role], [subnet, site]).changes == ()


@pytest.mark.parametrize("back", [False, True])
def test_free_resource_that_begins_to_cost_is_changed(back: bool) -> None:
    def service(kind: str) -> Plain:
        spec = {"type": kind, "loadBalancerClass": "service.k8s.aws/nlb"}
        return made("kubernetes:core/v1:Service", "web", {"spec": spec})

    sides = ([service("ClusterIP")], [service("LoadBalancer")])
    change = only(compared(*reversed(sides)) if back else compared(*sides))
    assert change.kind is Kind.CHANGED
    # 0.0225 x 730
    assert change.expected == (-1 if back else 1) * Decimal("16.425")
    assert all((line.after if back else line.before) is None for line in change.lines)


def test_price_that_becomes_known_is_a_change_of_state() -> None:
    change = only(compared([server("m7i.nothing")], [server()]))
    assert change.before is not None
    assert change.after is not None
    assert (change.before.state, change.after.state) == (State.UNPRICED, State.PRICED)
    assert change.expected == ONE_M7I
    assert "no figure" in change.lines[0].arithmetic


def test_unknown_type_is_a_change_without_lines() -> None:
    change = only(compared([], [aws("appstream/fleet:Fleet", "desktops")]))
    assert change.kind is Kind.ADDED
    assert change.lines == ()
    assert change.expected == 0
    assert change.item.state is State.UNKNOWN


def test_limit_that_is_taken_away_is_a_change_of_the_ceiling() -> None:
    assumed = usage(defaults={"pools": {"nodes": 1}})
    shape = types("g5.2xlarge")
    sides = ([node_class(), pool(shape, limits={"nodes": 2})], [node_class(), pool(shape)])
    found = compared(*sides, usage=assumed)
    change = only(found)
    assert change.item.resource.type != NODE_CLASS
    assert change.item.unbounded
    assert found.before.unbounded == ()
    # The ceiling of two nodes is gone: 2 x (1.212 x 730 + 100 x 0.08).
    assert change.ceiling == -2 * (Decimal("1.212") * 730 + 8)


def test_largest_difference_comes_first_whatever_its_sign() -> None:
    small, large = aws("ec2/eip:Eip", "small"), server()
    found = compared([large], [small])
    assert [change.item.resource.name for change in found.changes] == ["server", "small"]


def test_resources_without_urn_are_told_apart() -> None:
    def nameless(size: int) -> Plain:
        volume = aws("ebs/volume:Volume", "v", {"type": "gp3", "size": size})
        del volume["urn"]
        return volume

    found = compared([nameless(10), nameless(20)], [nameless(10), nameless(20), nameless(30)])
    assert only(found).expected == found.expected == Decimal("2.40")


# -- previews


def planned(*steps: Plain) -> Comparison:
    document = {"steps": [{"op": "same", "urn": provider()["urn"], **both(provider())}, *steps]}
    sides = (before_preview(document), from_preview(document))
    before, after = (estimate(side, TODAY, usage=usage()) for side in sides)
    return compare(before, after)


def both(old: Plain, new: Plain | None = None) -> Plain:
    return {"oldState": old, "newState": new or old}


def step(op: str, old: Plain | None, new: Plain | None) -> Plain:
    urn = (new or old or {})["urn"]
    sides = {"oldState": old, "newState": new}
    return {"op": op, "urn": urn, **{key: side for key, side in sides.items() if side is not None}}


def test_replacement_of_a_preview_is_one_change_though_the_engine_marks_the_old_one() -> None:
    # As the engine writes it: what is to be replaced is marked as waiting for its deletion.
    old, new = server("m5.xlarge", id="i-1", delete=True), server("m7i.xlarge")
    for steps in (
        [step("replace", old, new)],
        [step("create-replacement", old, new), step("replace", old, new), step("delete-replaced", old, None)],
        [step("delete-replaced", old, None), step("replace", old, new), step("create-replacement", old, new)],
    ):
        change = only(planned(*steps))
        assert (change.kind, change.expected) == (Kind.CHANGED, ONE_M7I - ONE_M5)


def test_outputs_that_a_replacement_has_yet_to_get_are_those_of_a_creation() -> None:
    later = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    old = aws("ebs/volume:Volume", "disk", {"type": "gp2", "size": 100}, id="vol-1", delete=True)
    new = aws("ebs/volume:Volume", "disk", {"type": "gp3", "size": 200})
    new["outputs"] = {**new["inputs"], "iops": later, "throughput": later, "arn": later}
    # 200 GiB x 0.08 - 100 GiB x 0.10
    assert only(planned(step("replace", old, new))).expected == Decimal("6.00")
    asked = {**new, "inputs": {**new["inputs"], "iops": later}}
    assert only(planned(step("replace", old, asked))).item.state is State.UNKNOWN


def test_what_an_earlier_run_left_to_delete_is_not_the_one_that_is_replaced() -> None:
    left, live = server("m5.xlarge", id="i-0", delete=True), server("m7i.xlarge", id="i-1")
    for steps in (
        [step("delete-replaced", left, None), step("same", live, live)],
        [step("same", live, live), step("delete-replaced", left, None)],
    ):
        document = {"steps": steps}
        standing = estimate(before_preview(document), TODAY, region="us-east-1")
        assert sorted(item.state for item in standing.items) == [State.PRICED, State.UNKNOWN]
        assert len(from_preview(document)) == 1
        assert planned(*steps).changes == ()


def test_renamed_resource_is_the_same_before_and_after() -> None:
    old, new = server("m5.xlarge", id="i-1"), server("m7i.xlarge")
    new["urn"] = new["urn"].replace("::server", "::renamed")
    document = {"op": "update", "urn": new["urn"], "oldState": old, "newState": new}
    change = only(planned(document))
    assert (change.kind, change.expected) == (Kind.CHANGED, ONE_M7I - ONE_M5)
    assert change.item.resource.name == "renamed"


def test_renamed_resource_is_still_found_by_what_needs_it() -> None:
    """A node group finds its launch template by URN."""
    old = aws("ec2/launchTemplate:LaunchTemplate", "old", {"instanceType": "m5.xlarge"}, id="lt-1")
    new = {**old, "urn": old["urn"].replace("::old", "::new")}
    nodes = group(launchTemplate={"version": "1"}, instanceTypes=None)
    was = {**nodes, "propertyDependencies": {"launchTemplate": [old["urn"]]}}
    now = {**nodes, "propertyDependencies": {"launchTemplate": [new["urn"]]}}
    assert planned({**step("update", old, new), "urn": new["urn"]}, step("same", was, now)).changes == ()


def test_resource_that_a_refresh_shows_and_the_program_removes_is_removed() -> None:
    old = server("m7i.xlarge", id="i-1")
    found = planned(step("refresh", old, old), step("delete", old, None))
    assert only(found).kind is Kind.REMOVED


@pytest.mark.parametrize("then", ["update", "replace", None])
def test_adopted_resource_is_added_whatever_the_program_changes_in_it(then: str | None) -> None:
    steps = [step("import", None, server("m7i.xlarge"))]
    if then:
        steps.append(step(then, server("m5.xlarge", id="i-7"), server("m7i.xlarge")))
    change = only(planned(*steps))
    assert (change.kind, change.expected) == (Kind.ADDED, ONE_M7I + Decimal("1.60"))


def test_read_resource_is_on_another_bill() -> None:
    shared = server(external=True, id="i-9")
    assert planned(step("read", None, shared)).changes == ()
    assert planned(step("discard", shared, None)).changes == ()


def test_resource_with_very_many_lines_is_compared_quickly() -> None:
    few = estimate([provider(), server()], TODAY)
    price = few.items[1].lines[0].floor

    def many(count: int) -> Estimate:
        lines = tuple(Line(f"disk {number}", State.PRICED, price, price, price) for number in range(count))
        return dataclasses.replace(few, items=(dataclasses.replace(few.items[1], lines=lines),))

    before, after = many(15_000), many(15_001)
    start = time.process_time()
    found = compare(before, after)
    # 0.1 s; it was 10 s when each line looked at all others.
    assert time.process_time() - start < 3
    assert only(found).expected == ONE_M7I
