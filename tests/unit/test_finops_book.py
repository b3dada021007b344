"""The price book: lookups, steps, staleness, and refusals of wrong files."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops import BookError, PriceBook, default_book, read_book
from finops.book import Basis, Price, Source, Tier, Unit

D = Decimal
GOOD = """
as_of: 2026-01-01
review_by: 2026-06-30
sources:
  list: {name: a price list, version: "1", date: 2026-01-01}
figures:
  - {item: x, unit: hour, regions: [here, there], source: list, usd: {a: 0.1, b: {low: 0.2, high: 0.3}}}
"""


def book(tmp_path: Path, *texts: str) -> PriceBook:
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.yaml").write_text(text)
    return read_book(tmp_path.glob("*.yaml"))


@pytest.mark.parametrize(
    ("item", "region", "usd"),
    [
        ("ec2.on-demand/m5.large", "us-east-1", "0.096"),
        ("ec2.on-demand/p5.48xlarge", "us-east-1", "55.04"),
        ("ec2.on-demand/g6e.2xlarge", "us-east-1", "2.24208"),
        ("ec2.on-demand/g5.2xlarge", "eu-west-1", "1.35296"),
        ("eks.control-plane/extended", "us-east-1", "0.60"),
        ("vpc/nat-gateway", "us-east-1", "0.045"),
        ("kms/key", "us-east-1", "1"),
        ("transfer/between-zones", "eu-west-1", "0.01"),
    ],
)
def test_price_is_the_exact_decimal_of_its_source(item: str, region: str, usd: str) -> None:
    found = default_book().find(item, region)
    assert found is not None
    assert found.usd == D(usd)
    assert isinstance(found.usd, D)


@pytest.mark.parametrize(
    ("item", "region"),
    [
        ("ec2.on-demand/g6.2xlarge", "eu-west-1"),
        ("ec2.on-demand/m6i.xlarge", "us-west-2"),
        ("eks.control-plane/standard", "us-west-2"),
        ("vpc/nat-gateway", "eu-west-1"),
        ("rds.instance/postgres-multi-db.t4g.small", "us-east-1"),
        ("ec2.on-demand/m5.large", "sa-east-1"),
        ("made-up", "us-east-1"),
    ],
)
def test_price_that_no_source_gives_is_none(item: str, region: str) -> None:
    assert default_book().find(item, region) is None


def test_price_says_where_it_comes_from() -> None:
    found = default_book().find("ec2.on-demand/g5.xlarge", "us-west-2")
    assert found is not None
    assert (found.basis, found.unit) == (Basis.DERIVED, Unit.HOUR)
    assert found.source.name.startswith("skypilot-org/skypilot-catalog")
    read = default_book().find("ec2.on-demand/g5.2xlarge", "us-west-2")
    assert read is not None
    assert read.basis is Basis.READ


def test_price_of_a_range_has_both_ends() -> None:
    found = default_book().find("ec2.spot/p5.48xlarge", "us-east-1")
    assert found is not None
    assert (found.low, found.usd) == (D("17.6"), D("55.04"))


def test_book_is_stale_on_every_day_after_its_review() -> None:
    found = default_book()
    assert not found.is_stale(found.review_by)
    assert found.is_stale(date.fromordinal(found.review_by.toordinal() + 1))


def test_book_dates_are_the_earliest_of_its_files(tmp_path: Path) -> None:
    later = (
        GOOD.replace("2026-01-01\nreview", "2026-02-02\nreview").replace("06-30", "05-30").replace("item: x", "item: y")
    )
    found = book(tmp_path, GOOD, later)
    assert (found.as_of, found.review_by) == (date(2026, 1, 1), date(2026, 5, 30))
    assert found.regions == ("here", "there")
    assert found.items == {"x/a", "x/b", "y/a", "y/b"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("source: list", "source: hearsay"), "source 'hearsay' is not among list"),
        (GOOD.replace("a: 0.1", "a: -0.1"), "greater than 0"),
        (GOOD.replace("a: 0.1", "a: 0"), "greater than 0"),
        (GOOD.replace("a: 0.1", "a: .nan"), "0.yaml"),
        (GOOD.replace("a: 0.1", "a: cheap"), "0.yaml"),
        (GOOD.replace("low: 0.2", "low: 0.4"), "low 0.4 is above high 0.3; swap them"),
        (GOOD.replace("unit: hour", "unit: fortnight"), "Input should be 'hour', 'month'"),
        (GOOD.replace("regions: [here, there]", "regions: []"), "at least 1 item"),
        (GOOD.replace("regions: [here, there]", "regions: [here, here]"), "x/a in here is given twice; keep one"),
        (GOOD + "notes: none\n", "Extra inputs are not permitted"),
        (GOOD.replace("review_by: 2026-06-30", ""), "review_by"),
        ("[", "0.yaml"),
    ],
)
def test_book_with_a_wrong_file_is_refused(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(BookError) as error:
        book(tmp_path, wrong)
    assert said in str(error.value)


def test_book_with_one_figure_in_two_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"1\.yaml: x/a in here is given twice; keep one figure"):
        book(tmp_path, GOOD, GOOD)


def test_book_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="there is no price file"):
        book(tmp_path)


SOURCE = Source(name="list", version="1", date=date(2026, 1, 1))


def stepped(*tiers: Tier) -> Price:
    return Price(item="x", region="here", unit=Unit.GB, usd=tiers[0].usd, tiers=tiers, source=SOURCE)


TRANSFER = stepped(Tier(up_to=D(10), usd=D(3)), Tier(up_to=D(30), usd=D(2)), Tier(usd=D(1)))
CAPPED = stepped(Tier(up_to=D(10), usd=D(3)))


@pytest.mark.parametrize(
    ("price", "quantity", "steps", "beyond"),
    [
        (TRANSFER, 0, [(0, 3)], 0),
        (TRANSFER, 10, [(10, 3)], 0),
        (TRANSFER, 11, [(10, 3), (1, 2)], 0),
        (TRANSFER, 100, [(10, 3), (20, 2), (70, 1)], 0),
        (CAPPED, 4, [(4, 3)], 0),
        (CAPPED, 25, [(10, 3)], 15),
    ],
)
def test_steps_of_a_price_share_the_quantity_out(
    price: Price, quantity: int, steps: list[tuple[int, int]], beyond: int
) -> None:
    assert price.steps(D(quantity)) == ([(D(units), D(usd)) for units, usd in steps], D(beyond))


@given(st.decimals(0, 10**6, places=3))
def test_steps_of_a_price_lose_nothing(quantity: Decimal) -> None:
    for price in (TRANSFER, CAPPED):
        steps, beyond = price.steps(quantity)
        assert sum(units for units, _ in steps) + beyond == quantity
