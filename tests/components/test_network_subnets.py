"""Subnet arithmetic: where each subnet lies, and which ranges and zones are refused."""

import ipaddress
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._core.args import ArgsError
from components.network.subnets import check_cidr, check_zones, layout, usable

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]

PRIVATE_RANGES = st.integers(16, 20).flatmap(
    lambda prefix: st.integers(0, 2 ** (prefix - 8) - 1).map(
        lambda index: f"{ipaddress.IPv4Address((10 << 24) + (index << (32 - prefix)))}/{prefix}"
    )
)


def test_layout_of_a_16_gives_quarters_to_nodes_and_sixty_fourths_to_load_balancers() -> None:
    rows = [(z.zone, str(z.private), str(z.public)) for z in layout("10.0.0.0/16", ZONES)]
    assert rows == [
        ("us-east-1a", "10.0.0.0/18", "10.0.192.0/22"),
        ("us-east-1b", "10.0.64.0/18", "10.0.196.0/22"),
        ("us-east-1c", "10.0.128.0/18", "10.0.200.0/22"),
    ]


def test_layout_of_the_smallest_range_leaves_room_for_load_balancers() -> None:
    (first, *_) = layout("192.168.16.0/20", ZONES)
    assert (usable(first.private), usable(first.public)) == (1019, 59)


@given(PRIVATE_RANGES)
def test_layout_of_any_range_lies_inside_it_without_overlaps(cidr: str) -> None:
    check_cidr(cidr)
    networks = [n for zone in layout(cidr, ZONES) for n in (zone.private, zone.public)]
    assert len(networks) == 6
    assert all(n.subnet_of(ipaddress.IPv4Network(cidr)) for n in networks)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(networks, 2))


@given(PRIVATE_RANGES)
def test_layout_with_a_zone_appended_moves_nothing(cidr: str) -> None:
    assert layout(cidr, ZONES[:2]) == layout(cidr, ZONES)[:2]


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        ("10.0.0.0/15", "cidr: 10.0.0.0/15 has prefix length 15; use /16 to /20"),
        ("10.0.0.0/21", "cidr: 10.0.0.0/21 has prefix length 21; use /16 to /20"),
        ("10.0.1.0/16", "cidr: 10.0.1.0/16 has host bits set; use 10.0.0.0/16 for that range"),
        (
            "10.0.0.0",
            "cidr: '10.0.0.0' is not an IPv4 range; use an address and a prefix length, such as 10.0.0.0/16",
        ),
        (
            "10.0.0/16",
            "cidr: '10.0.0/16' is not an IPv4 range; use an address and a prefix length, such as 10.0.0.0/16",
        ),
        (
            "fd00::/16",
            "cidr: 'fd00::/16' is not an IPv4 range; use an address and a prefix length, such as 10.0.0.0/16",
        ),
        (
            "8.8.0.0/16",
            "cidr: 8.8.0.0/16 is not a private range; "
            "choose one inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10",
        ),
        (
            "172.17.0.0/18",
            "cidr: 172.17.0.0/18 overlaps 172.17.0.0/16, which AWS services use on their hosts; choose another range",
        ),
    ],
)
def test_check_cidr_fails_with_a_range_that_cannot_be_used(cidr: str, message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        check_cidr(cidr)
    assert str(caught.value) == message


def test_check_cidr_fails_with_an_overlap_of_a_connected_network() -> None:
    with pytest.raises(ArgsError) as caught:
        check_cidr("10.4.0.0/16", avoid=["10.3.0.0/16", "10.4.128.0/20"])
    expected = "cidr: 10.4.0.0/16 overlaps 10.4.128.0/20 of avoid_cidrs; choose a range outside it"
    assert str(caught.value) == expected


def test_check_cidr_fails_with_a_malformed_range_to_avoid() -> None:
    with pytest.raises(ArgsError, match=r"^avoid_cidrs\[1\]: 'office' is not an IPv4 range"):
        check_cidr("10.4.0.0/16", avoid=["10.3.0.0/16", "office"])


def test_check_cidr_accepts_shared_address_space_and_neighbours() -> None:
    check_cidr("100.64.0.0/16", avoid=["100.65.0.0/16", "10.0.0.0/8"])


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        (
            None,
            "zones: is missing; name two or three zones of us-east-1, such as us-east-1a, us-east-1b",
        ),
        (
            ["us-east-1a"],
            "zones: has 1 of them; name 2 to 3 zones of us-east-1, such as us-east-1a, us-east-1b",
        ),
        (
            [*ZONES, "us-east-1d"],
            "zones: has 4 of them; name 2 to 3 zones of us-east-1, such as us-east-1a, us-east-1b",
        ),
        (
            ["us-east-1a", "us-west-2b"],
            "zones[1]: 'us-west-2b' is not an availability zone of us-east-1; "
            "use a name such as us-east-1a, us-east-1b",
        ),
        (
            ["us-east-1-bos-1a", "us-east-1b"],
            "zones[0]: 'us-east-1-bos-1a' is not an availability zone of us-east-1; "
            "use a name such as us-east-1a, us-east-1b",
        ),
        (
            ["us-east-1a", "us-east-1a"],
            "zones[1]: 'us-east-1a' is named twice; name each zone once",
        ),
    ],
)
def test_check_zones_fails_with_zones_that_cannot_be_used(zones: list[str] | None, message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        check_zones(zones, "us-east-1")
    assert str(caught.value) == message
