"""Whose cost it is: the component right below the stack, tags in any spelling, and totals by each of them."""

import time
from decimal import Decimal
from typing import Any

import pytest

from finops import UNKNOWN, Dimension, Estimate, Owner, estimate, groups, owners
from finops.owners import NONE, component_of
from finops.resource import Resource, Resources
from tests.unit.finops_kit import TODAY, Plain, aws, made, provider, urn

STACK = made("pulumi:pulumi:Stack", "shop-dev", custom=False)
OURS = {"owner": "ml", "cost-center": "4711", "environment": "dev"}
# 0.005 x 730
ADDRESS = Decimal("3.65")


def component(name: str, parent: Plain = STACK, type_: str = "agency:web:Site") -> Plain:
    return made(type_, name, custom=False, parent=parent["urn"])


def address(name: str = "ip", parent: Plain = STACK, **inputs: Any) -> Plain:
    """An Elastic IP, which has one line."""
    return aws("ec2/eip:Eip", name, inputs, parent=parent["urn"])


def config(name: str = "map", parent: Plain = STACK) -> Plain:
    """A Kubernetes object, which cannot carry AWS tags."""
    return made("kubernetes:core/v1:ConfigMap", name, parent=parent["urn"])


def estimated(*resources: Plain, **options: Any) -> Estimate:
    return estimate([STACK, provider(), *resources], TODAY, **options)


def owner(of: Plain, *others: Plain, **options: Any) -> Owner:
    return owners(estimated(of, *others, **options))[of["urn"]]


# -- components


def test_component_is_the_one_right_below_the_stack() -> None:
    site = component("site")
    storage = component("storage", site, "agency:storage:Storage")
    bucket = address("deep", storage)
    found = owners(estimated(site, storage, bucket))
    assert {found[one["urn"]].component for one in (site, storage, bucket)} == {"site"}
    assert found[bucket["urn"]].component_urn == site["urn"]


def test_component_that_is_named_after_its_children_in_the_list_is_found_too() -> None:
    site = component("site")
    storage = component("storage", site)
    assert owner(address("ip", storage), storage, site).component == "site"


def test_resource_below_another_resource_belongs_to_that_ones_component() -> None:
    site = component("site")
    vpc = aws("ec2/vpc:Vpc", "vpc", parent=site["urn"])
    assert owner(address("ip", vpc), vpc, site).component == "site"


@pytest.mark.parametrize("parent", [STACK, {"urn": ""}, {"urn": urn("agency:web:Site", "not-in-the-list")}])
def test_resource_without_a_component_has_none(parent: Plain) -> None:
    found = owner(address("ip", parent))
    assert (found.component, found.component_urn) == (NONE, "")


def test_components_of_one_name_are_told_apart_by_their_type() -> None:
    network, cluster = component("prod", type_="agency:net:Network"), component("prod", type_="agency:eks:Cluster")
    other = component("other")
    found = estimated(network, cluster, other, address("a", network), address("b", cluster), address("c", other))
    names = [group.name for group in groups(found, Dimension.COMPONENT)]
    assert names == ["other", "prod (agency:eks:Cluster)", "prod (agency:net:Network)"]


def test_component_that_is_its_own_parent_is_none() -> None:
    ring = made("agency:web:Site", "ring", custom=False, parent=urn("agency:web:Site", "ring"))
    inside = address("ip", ring)
    found = owners(estimated(inside, ring))
    assert (found[ring["urn"]].component, found[inside["urn"]].component) == (NONE, NONE)


def test_component_of_one_resource_is_that_of_all_together() -> None:
    site = component("site")
    plain = [STACK, site, address("a", site), address("b")]
    resources = Resources(Resource.of(one) for one in plain)
    found = [component_of(resource, resources.by_urn) for resource in resources]
    assert [one and one.name for one in found] == [None, "site", "site", None]


def test_long_chain_of_parents_takes_time_that_grows_with_it() -> None:
    chain = [component("c0")]
    for number in range(1, 10_000):
        chain.append(component(f"c{number}", chain[-1]))
    found = estimate([STACK, *reversed(chain)], TODAY)
    start = time.process_time()
    whose = owners(found)
    # 0.1 s; it was 10 s when each resource went all the way up.
    assert time.process_time() - start < 3
    assert {one.component for one in whose.values()} == {NONE, "c0"}


# -- tags


def test_tags_are_read_from_the_resource() -> None:
    found = owner(address(tags=OURS))
    assert (found.environment, found.team, found.cost_center) == ("dev", "ml", "4711")


def test_default_tags_of_the_provider_count_too() -> None:
    found = owner(address(tags={"Name": "x"}, tagsAll={"Name": "x", **OURS}))
    assert (found.team, found.cost_center) == ("ml", "4711")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"Owner": "a", "CostCenter": "1", "Environment": "live"}, ("live", "a", "1")),
        ({"team": "a", "cost_center": "1", "env": "live"}, ("live", "a", "1")),
        ({"TEAM": "a", "Cost Centre": "1"}, ("dev", "a", "1")),
        ({"owner": "ours", "Team": "theirs", "Owner": "person"}, ("dev", "ours", NONE)),
        ({"Owner": "person", "Team": "theirs"}, ("dev", "theirs", NONE)),
        ({"owner": "", "Team": "theirs"}, ("dev", "theirs", NONE)),
        ({"owner": UNKNOWN, "Team": 5, "cost-center": None, "environment": ["x"]}, ("dev", NONE, NONE)),
        ({"steam": "a", "owners": "b", "cost": "c"}, ("dev", NONE, NONE)),
        (
            [{"key": "Team", "value": "a", "propagateAtLaunch": True}, {"key": "env", "value": "live"}],
            ("live", "a", NONE),
        ),
        ([{"key": UNKNOWN, "value": "a"}, "Team", None], ("dev", NONE, NONE)),
        (UNKNOWN, ("dev", NONE, NONE)),
        ("owner=ml", ("dev", NONE, NONE)),
        (None, ("dev", NONE, NONE)),
    ],
)
def test_tags_of_any_spelling_and_shape(tags: Any, expected: tuple[str, str, str]) -> None:
    found = owner(address(tags=tags))
    assert (found.environment, found.team, found.cost_center) == expected


def test_tags_that_are_not_known_leave_those_that_are() -> None:
    assert owner(address(tagsAll=UNKNOWN, tags=OURS)).team == "ml"
    assert owner(address(tagsAll={"owner": UNKNOWN, "cost-center": "1"}, tags=OURS)).team == NONE


def test_environment_is_that_of_the_estimate_where_no_tag_says_it() -> None:
    assert owner(address(), environment="prod").environment == "prod"
    assert owner(address(tags=OURS), environment="prod").environment == "dev"


def test_kubernetes_object_has_the_tags_that_all_share() -> None:
    found = owner(config(), address("a", tags=OURS), address("b", tags={**OURS, "cost-center": "9"}))
    assert (found.team, found.cost_center) == ("ml", NONE)


def test_kubernetes_object_in_a_stack_without_tags_has_none() -> None:
    assert owner(config(), address("a")).team == NONE


def test_untagged_aws_resource_is_not_given_to_the_team_of_another() -> None:
    found = estimated(address("tagged", tags=OURS), address("untagged"))
    assert [(group.name, group.expected) for group in groups(found, Dimension.TEAM)] == [
        (NONE, ADDRESS),
        ("ml", ADDRESS),
    ]


def test_tag_of_a_megabyte_is_cut() -> None:
    assert len(owner(address(tags={"owner": "x" * 2**20, "y" * 2**20: "z"})).team) == 128


# -- items with one URN, and without


def test_owner_of_a_urn_is_that_of_the_resource_which_stays() -> None:
    left = {**address(tags={"owner": "old"}), "delete": True}
    live = address(tags={"owner": "new"})
    for order in ([left, live], [live, left]):
        assert owners(estimated(*order))[live["urn"]].team == "new"


def test_resources_without_urn_are_grouped_each_by_itself() -> None:
    def nameless(team: str) -> Plain:
        return {**address(tags={"owner": team}), "urn": ""}

    found = estimate([provider(), nameless("a"), nameless("b")], TODAY, region="us-east-1")
    assert {group.name: group.expected for group in groups(found, Dimension.TEAM)} == {"a": ADDRESS, "b": ADDRESS}


# -- groups


def test_groups_come_dearest_first_and_leave_out_what_costs_and_lacks_nothing() -> None:
    site, empty = component("site"), component("empty")
    free = aws("iam/role:Role", "role", parent=empty["urn"])
    found = estimated(site, empty, free, address("a", site), address("b", site), address("c"))
    shown = groups(found, Dimension.COMPONENT)
    assert [(group.name, group.floor, group.expected, group.ceiling) for group in shown] == [
        ("site", 2 * ADDRESS, 2 * ADDRESS, 2 * ADDRESS),
        (NONE, ADDRESS, ADDRESS, ADDRESS),
    ]
    assert not any(group.at_least or group.unbounded for group in shown)


def test_group_that_only_lacks_something_is_shown() -> None:
    found = estimated(aws("appstream/fleet:Fleet", "desktops"))
    (shown,) = groups(found, Dimension.TYPE)
    assert (shown.name, shown.expected, shown.at_least) == ("aws:appstream/fleet:Fleet", Decimal(0), True)


def test_groups_by_region_take_that_of_each_resource() -> None:
    oregon = aws("ec2/instance:Instance", "s", {"instanceType": "m7i.xlarge", "region": "us-west-2"})
    shown = groups(estimated(address(), oregon), Dimension.REGION)
    assert [group.name for group in shown] == ["us-west-2", "us-east-1"]
