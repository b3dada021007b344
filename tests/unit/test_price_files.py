"""Price files rewritten in place, and what a refresh changes."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from finops.book import FOLDER, Basis, DecimalLoader, PriceBook, Tier, Unit, _File, read_book
from finops.price_changes import Kind, changes
from finops.price_files import Revision, revise
from finops.price_list import Answer, Figure, reason_not_listed

D = Decimal
EAST = "us-east-1"
BOOK = read_book(FOLDER.glob("*.yaml"))
ON = date(2026, 12, 1)

FILE = """# Of one shop.
as_of: 2026-01-01
review_by: 2026-06-30   # six months

sources:
  shop:   # round the corner
    name: a shop
    version: "1"
    date: 2026-01-01

figures:
  # All that is sold by the hour.
  - item: vpc
    unit: hour
    regions: [us-east-1, eu-west-1]   # both
    source: shop
    basis: derived
    usd:
      nat-gateway: 0.10   # by day
      # By night.
      public-ipv4: 0.20

  - item: transfer
    unit: GB
    regions: [us-east-1]
    source: shop
    usd:
      internet:   # steps
        - {up_to: 10, usd: 3}
        - {usd: 1.50}
  - {item: ec2.spot, unit: hour, regions: [us-east-1], source: shop, usd: {m5.large: {low: 0.01, high: 0.02}}}
"""


def figure(item: str, region: str, *steps: tuple[int | None, str], service: str = "AmazonVPC") -> Figure:
    tiers = tuple(Tier(up_to=None if end is None else D(end), usd=D(usd)) for end, usd in steps)
    unit = Unit.GB if item.startswith("transfer") else Unit.HOUR
    return Figure(item, region, unit, service, "20261120", date(2026, 11, 20), tiers)


def revised(*found: Figure, added: tuple[Figure, ...] = (), reviewed: bool = True) -> Revision:
    return revise(FILE, {(f.item, f.region): f for f in found}, added, ON, reviewed)


def loaded(text: str, tmp_path: Path) -> PriceBook:
    (tmp_path / "x.yaml").write_text(text)
    return read_book([tmp_path / "x.yaml"])


def test_file_without_new_figures_stays_as_it_is() -> None:
    assert revised().after == FILE


def test_file_with_confirmed_figures_keeps_its_hand(tmp_path: Path) -> None:
    found = revised(
        *(figure("vpc/nat-gateway", region, (None, "0.1000000000")) for region in ("us-east-1", "eu-west-1")),
        *(figure("vpc/public-ipv4", region, (None, "0.25")) for region in ("us-east-1", "eu-west-1")),
        figure("transfer/internet", EAST, (10, "3"), (None, "1.5"), service="AWSDataTransfer"),
    )
    expected = (
        FILE.replace("2026-01-01\nreview_by: 2026-06-30", "2026-12-01\nreview_by: 2027-05-30")
        .replace("    source: shop\n    basis: derived\n", "    source: price-list-amazonvpc\n")
        .replace("public-ipv4: 0.20", "public-ipv4: 0.25")
        .replace(
            "[us-east-1]\n    source: shop\n    usd:\n      internet",
            "[us-east-1]\n    source: price-list-awsdatatransfer\n    usd:\n      internet",
        )
        .replace(
            "\nfigures:",
            "  price-list-amazonvpc:\n    name: AWS Price List Query API, AmazonVPC\n"
            '    version: "20261120"\n    date: 2026-11-20\n'
            "  price-list-awsdatatransfer:\n    name: AWS Price List Query API, AWSDataTransfer\n"
            '    version: "20261120"\n    date: 2026-11-20\n\nfigures:',
        )
    )
    assert found.after == expected
    assert found.unconfirmed == ()
    assert loaded(found.after, tmp_path).prices["vpc/public-ipv4", EAST].usd == D("0.25")


def test_file_with_figures_that_differ_by_region_is_split(tmp_path: Path) -> None:
    found = revised(figure("vpc/nat-gateway", "eu-west-1", (None, "0.11")))
    book = loaded(found.after, tmp_path)
    price, old = book.prices["vpc/nat-gateway", "eu-west-1"], book.prices["vpc/nat-gateway", EAST]
    assert (price.usd, price.basis, price.source.date) == (D("0.11"), Basis.READ, date(2026, 11, 20))
    assert (old.usd, old.basis, old.source.name) == (D("0.10"), Basis.DERIVED, "a shop")
    assert ("# by day" in found.after, "# By night." in found.after, "# All that is" in found.after) == (True,) * 3
    assert "as_of: 2026-01-01" in found.after  # the others were not confirmed
    assert ("vpc/nat-gateway", EAST) in found.unconfirmed


def test_block_in_braces_is_written_in_lines_once_it_moves(tmp_path: Path) -> None:
    text = FILE.replace("item: ec2.spot", "item: kms") + "# The end.\n"
    found = revise(text, {("kms/m5.large", EAST): figure("kms/m5.large", EAST, (None, "0.5"))}, [], ON)
    assert loaded(found.after, tmp_path).prices["kms/m5.large", EAST].usd == D("0.5")
    assert found.after.endswith("    usd:\n      m5.large: 0.5\n# The end.\n")


def test_file_gains_figures_beside_those_of_their_item(tmp_path: Path) -> None:
    added = (figure("vpc/interface-endpoint", "us-west-2", (None, "0.01")), figure("vpc/x", "us-west-2", (5, "1")))
    found = revised(added=added)
    assert found.after.index("us-west-2") < found.after.index("item: transfer")
    book = loaded(found.after, tmp_path)
    assert book.prices["vpc/interface-endpoint", "us-west-2"].usd == D("0.01")
    assert book.prices["vpc/x", "us-west-2"].tiers == (Tier(up_to=D(5), usd=D(1)),)
    assert len(yaml.safe_load(found.after)["figures"]) == 4  # one block for both


def test_file_with_new_steps_has_them(tmp_path: Path) -> None:
    found = revised(figure("transfer/internet", EAST, (20, "3"), (None, "2"), service="AWSDataTransfer"))
    assert "      internet:   # steps\n        - {up_to: 20, usd: 3}\n        - {usd: 2}\n" in found.after
    flat = revised(figure("transfer/internet", EAST, (None, "2"), service="AWSDataTransfer"))
    assert "      internet: 2   # steps\n" in flat.after
    assert loaded(flat.after, tmp_path).prices["transfer/internet", EAST].usd == D(2)


OWN = {path: read_book([path]).prices for path in sorted(FOLDER.glob("*.yaml"))}


@given(st.data(), st.sampled_from(sorted(OWN)))
def test_file_of_the_book_holds_what_was_read_and_is_stable(data: st.DataObject, path: Path) -> None:
    own, text = OWN[path], path.read_text()
    known = st.sampled_from([key for key in own if not reason_not_listed(key[0])])
    moved = data.draw(st.dictionaries(known, st.decimals("0.00001", 90, places=5)))
    added = data.draw(st.dictionaries(st.sampled_from(["vpc/x", "kms/key", "kms/x"]), st.decimals("0.1", 9, places=3)))
    found = {key: Figure(*key, own[key].unit, "X", "1", ON, (Tier(usd=usd),)) for key, usd in moved.items()}
    new = [Figure(item, "ap-south-2", Unit.HOUR, "X", "1", ON, (Tier(usd=usd),)) for item, usd in added.items()]
    once = revise(text, found, new, ON).after
    book = parsed(once)
    assert {key: book[key].usd for key in moved} == moved
    assert {key for key in book if key not in own} == {(figure.item, figure.region) for figure in new}
    assert all(book[key] == price for key, price in own.items() if key not in found)
    everything = found | {(figure.item, figure.region): figure for figure in new}
    assert revise(once, everything, [], ON).after == once
    assert comments(once) == comments(text)


def comments(text: str) -> list[str]:
    """Lines that are nothing but a comment."""
    return [line for line in text.splitlines() if line.lstrip().startswith("#")]


def parsed(text: str) -> dict[tuple[str, str], Any]:
    found = _File.model_validate(yaml.load(text, Loader=DecimalLoader))
    prices = [price for block in found.figures for price in block.prices(found.sources[block.source])]
    assert len({(price.item, price.region) for price in prices}) == len(prices)
    return {(price.item, price.region): price for price in prices}


# --- changes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "percent", "far"),
    [
        ("0.10", [(None, "0.11")], "10", False),
        ("0.10", [(None, "0.15")], "50", False),
        ("0.10", [(None, "0.1501")], "50.1", True),
        ("0.10", [(None, "0.04")], "-60", True),
        ("0.10", [(100, "0.09"), (None, "0.01")], "-10", False),
        ("0.10", [(100, "0.10")], "0", False),
        ("[{up_to: 10, usd: 4}, {usd: 2}]", [(10, "4"), (None, "3")], "50", False),
        ("[{up_to: 10, usd: 4}, {usd: 2}]", [(20, "4"), (None, "2")], "100", True),  # of units 11 to 20
        ("[{up_to: 10, usd: 4}, {usd: 2}]", [(10, "4"), (20, "2"), (None, "0.5")], "-75", True),
        ("[{up_to: 10, usd: 4}, {usd: 2}]", [(None, "4")], "0", False),
    ],
)
def test_change_is_measured_at_the_step_that_moved_most(
    tmp_path: Path, old: str, new: list[tuple[int | None, str]], percent: str, far: bool
) -> None:
    book = loaded(FILE.replace("0.10", old), tmp_path)
    answer = Answer({("vpc/nat-gateway", EAST): figure("vpc/nat-gateway", EAST, *new)})
    [found] = changes(book, answer)
    assert (found.kind, found.percent, found.far) == (Kind.MOVED, D(percent), far)


def test_changes_leave_out_what_stays_and_name_what_is_new_or_gone(tmp_path: Path) -> None:
    answer = Answer(
        {
            ("vpc/nat-gateway", EAST): figure("vpc/nat-gateway", EAST, (None, "0.1000")),
            ("vpc/nat-gateway", "us-west-2"): figure("vpc/nat-gateway", "us-west-2", (None, "0.1")),
        },
        {("vpc/public-ipv4", EAST): "no product fits", ("vpc/public-ipv4", "us-west-2"): "no product fits"},
    )
    found = changes(loaded(FILE, tmp_path), answer)
    assert [(change.kind, change.item, change.region, change.old, change.new) for change in found] == [
        (Kind.NEW, "vpc/nat-gateway", "us-west-2", "", "0.1"),
        (Kind.VANISHED, "vpc/public-ipv4", EAST, "0.2", "no product fits"),
    ]
