"""A company's rates on top of the list prices: what each term makes of a price, whose it is, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops import PriceBook, default_book, estimate, read_book
from finops.book import Basis, Price, Unit
from finops.rates import RatesError, overlay
from tests.unit import finops_kit as kit

D = Decimal
ON = date(2026, 11, 23)
EAST, WEST, IRELAND = "us-east-1", "us-west-2", "eu-west-1"

BOOK = """
as_of: 2026-11-01
review_by: 2027-04-30
sources:
  list: {name: a price list, version: "1", date: 2026-11-01}
figures:
  - item: ec2.on-demand
    unit: hour
    regions: [us-east-1, us-west-2, eu-west-1]
    source: list
    usd: {m5.large: 0.10, g5.xlarge: 1.00, p5.48xlarge: 55.04}
  - {item: ec2.spot, unit: hour, regions: [us-east-1], source: list, usd: {g5.xlarge: {low: 0.40, high: 0.60}}}
  - item: transfer
    unit: GB
    regions: [us-east-1]
    source: list
    usd: {internet: [{up_to: 100, usd: 0.10}, {usd: 0.05}]}
"""
HEAD = "as_of: 2026-10-01\nreview_by: 2027-03-31\nsource: EA-2026-117\n"


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    (tmp_path / "book.yaml").write_text(BOOK)
    return read_book([tmp_path / "book.yaml"])


@pytest.fixture
def over(book: PriceBook, tmp_path: Path) -> Any:
    def run(*texts: str, on: date = ON, head: str = HEAD) -> PriceBook:
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / ("rates.yaml" if len(texts) == 1 else f"rates{number}.yaml"))
            paths[-1].write_text(head + text)
        return overlay(book, paths, on)

    return run


def found(book: PriceBook, item: str, region: str = EAST) -> Price:
    price = book.find(item, region)
    assert price is not None
    assert isinstance(price.usd, Decimal)
    return price


DISCOUNT = "discounts: [{items: ec2.on-demand/*, regions: [us-*], change: -12 %}]\n"


# --- what a term makes of a price ------------------------------------------------------------------------------------


def test_discount_changes_the_list_price_in_its_regions_alone(over: Any) -> None:
    result = over(DISCOUNT)
    assert found(result, "ec2.on-demand/m5.large").usd == D("0.088")  # 0.10 x 0.88
    assert found(result, "ec2.on-demand/m5.large", WEST).usd == D("0.088")
    assert found(result, "ec2.on-demand/m5.large", IRELAND).usd == D("0.10")
    assert found(result, "ec2.spot/g5.xlarge").usd == D("0.60")


def test_price_of_the_company_says_so(over: Any) -> None:
    price = found(over(DISCOUNT), "ec2.on-demand/m5.large")
    assert price.basis is Basis.COMPANY
    assert price.source.name == "rates.yaml, EA-2026-117"
    assert price.source.version == "12 % off the list price of $0.10"
    assert price.source.date == date(2026, 10, 1)
    kept = found(over(DISCOUNT), "ec2.on-demand/m5.large", IRELAND)
    assert (kept.basis, kept.source.name) == (Basis.READ, "a price list")


def test_discount_is_on_both_ends_of_a_range_and_on_each_step(over: Any) -> None:
    result = over("discounts: [{items: '*/*', change: -50 %}]")
    spot = found(result, "ec2.spot/g5.xlarge")
    assert (spot.low, spot.usd) == (D("0.20"), D("0.30"))
    out = found(result, "transfer/internet")
    assert [(tier.up_to, tier.usd) for tier in out.tiers] == [(D(100), D("0.05")), (None, D("0.025"))]
    assert out.usd == D("0.05")


def test_last_of_several_discounts_counts_and_they_do_not_add_up(over: Any) -> None:
    text = "discounts:\n  - {items: ec2.on-demand/*, change: -10 %}\n  - {items: ec2.on-demand/m5.*, change: +5.5 %}\n"
    assert found(over(text), "ec2.on-demand/m5.large").usd == D("0.1055")
    assert found(over(text), "ec2.on-demand/g5.xlarge").usd == D("0.90")


def test_rate_goes_before_a_discount_and_takes_the_unit_of_the_book(over: Any) -> None:
    result = over(f"{DISCOUNT}rates: [{{item: ec2.on-demand/p5.48xlarge, regions: [us-east-1], usd: 41.2}}]")
    price = found(result, "ec2.on-demand/p5.48xlarge")
    assert (price.usd, price.unit, price.source.version) == (D("41.2"), Unit.HOUR, "fixed rate")
    assert found(result, "ec2.on-demand/p5.48xlarge", WEST).usd == D("48.4352")  # 55.04 x 0.88


def test_rate_of_an_unknown_item_creates_it_with_a_unit_only(over: Any) -> None:
    text = "rates: [{item: support/business, regions: [eu-central-1], usd: 100, unit: month}]"
    price = found(over(text), "support/business", "eu-central-1")
    assert (price.usd, price.unit) == (D(100), Unit.MONTH)
    with pytest.raises(RatesError, match=r"rates\[0\].unit: is missing, and the book has no support/business; give"):
        over(text.replace(", unit: month", ""))


def test_savings_plan_covers_a_share_and_the_rest_has_the_discount(over: Any) -> None:
    result = over(f"{DISCOUNT}savings_plans: [{{items: ec2.on-demand/m5.*, share: 0.7, change: -28 %}}]")
    price = found(result, "ec2.on-demand/m5.large")
    assert price.usd == D("0.0768")  # 0.7 x 0.072 + 0.3 x 0.088
    assert price.source.version == "70 % at $0.072, 30 % at $0.088"
    assert found(result, "ec2.on-demand/m5.large", IRELAND).usd == D("0.0804")  # 0.7 x 0.072 + 0.3 x 0.10


def test_reservation_spreads_what_was_paid_upfront(over: Any) -> None:
    terms = "share: 0.5, usd: 0.2, upfront_usd: 1752, months: 12"
    text = f"reserved: [{{items: ec2.on-demand/g5.xlarge, regions: [us-east-1], {terms}}}]"
    # 1,752 / (12 x 730 h) = 0.20 an hour beside the 0.20; 0.5 x 0.40 + 0.5 x 1.00
    price = found(over(text), "ec2.on-demand/g5.xlarge")
    assert price.usd == D("0.70")
    assert price.source.version == "50 % at $0.40, 50 % at $1.00"
    paid = text.replace("usd: 0.2, ", "usd: 0, ")
    assert found(over(paid), "ec2.on-demand/g5.xlarge").usd == D("0.60")


def test_commitments_of_one_file_stand_side_by_side(over: Any) -> None:
    text = (
        "savings_plans: [{items: ec2.on-demand/g5.xlarge, share: 0.3, usd: 0.7}]\n"
        "reserved: [{items: ec2.on-demand/g5.xlarge, share: 0.5, usd: 0.6}]\n"
    )
    assert found(over(text), "ec2.on-demand/g5.xlarge").usd == D("0.71")  # 0.3 x 0.7 + 0.5 x 0.6 + 0.2 x 1.00
    with pytest.raises(RatesError) as error:
        over(text.replace("share: 0.3", "share: 0.6"))
    assert "rates.yaml: reserved[0].share: 0.6 (savings_plans[0]) and 0.5 (reserved[0]) of ec2.on-demand/g5" in str(
        error.value
    )


def test_capacity_block_is_an_item_until_its_last_day(over: Any) -> None:
    text = "capacity_blocks: [{instance_type: p5.48xlarge, regions: [us-east-1], usd: 31.46, valid_until: 2026-11-23}]"
    price = found(over(text), "ec2.capacity-block/p5.48xlarge")
    assert (price.usd, price.source.version) == (D("31.46"), "Capacity Block until 2026-11-23")
    later = over(text, on=ON + timedelta(days=1))
    assert later.find("ec2.capacity-block/p5.48xlarge", EAST) is None
    assert later.notes == ("rates.yaml: capacity_blocks[0] ended on 2026-11-23 and is not used; remove or renew it",)


@pytest.mark.parametrize(
    ("term", "note"),
    [
        ("valid_until: 2026-11-22", "discounts[0] ended on 2026-11-22 and is not used; remove or renew it"),
        ("valid_from: 2026-11-24", "discounts[0] begins on 2026-11-24 and is not used yet"),
    ],
)
def test_term_outside_its_days_is_not_used_and_said(over: Any, term: str, note: str) -> None:
    result = over(f"discounts: [{{items: ec2.on-demand/*, change: -12 %, {term}}}]")
    assert found(result, "ec2.on-demand/m5.large").usd == D("0.10")
    assert result.notes == (f"rates.yaml: {note}",)


def test_later_file_replaces_what_an_earlier_one_says_of_an_item(over: Any) -> None:
    first = (
        "discounts: [{items: ec2.on-demand/*, change: -10 %}]\n"
        "savings_plans: [{items: ec2.on-demand/*, share: 0.5, change: -40 %}]\n"
    )
    second = "discounts: [{items: ec2.on-demand/m5.*, change: -20 %, source: addendum 3}]\n"
    result = over(first, second)
    assert found(result, "ec2.on-demand/m5.large").usd == D("0.07")  # 0.5 x 0.06 + 0.5 x 0.08, not 0.10 x 0.9 x 0.8
    assert found(result, "ec2.on-demand/g5.xlarge").usd == D("0.75")  # 0.5 x 0.60 + 0.5 x 0.90
    third = "savings_plans: [{items: ec2.on-demand/m5.*, share: 1, usd: 0.05}]".replace("m5.*", "m5.large")
    assert found(over(first, second, third), "ec2.on-demand/m5.large").usd == D("0.05")


def test_book_with_rates_is_as_old_as_its_oldest_part(over: Any, book: PriceBook) -> None:
    result = over(DISCOUNT)
    assert (result.as_of, result.review_by) == (date(2026, 10, 1), date(2027, 3, 31))
    assert overlay(book, [], ON) is book


def test_lines_of_an_estimate_show_whose_price_it_is(over: Any) -> None:
    machine = {"instanceType": "m5.large", "rootBlockDevice": {"volumeType": "gp3", "volumeSize": 8}}
    resources = [kit.provider(), kit.aws("ec2/instance:Instance", "box", machine)]
    line = estimate(resources, ON, over(DISCOUNT)).items[1].lines[0]
    assert line.floor is not None
    assert line.floor.price is not None
    assert (line.floor.price.basis, line.floor.monthly) == (Basis.COMPANY, D("64.24"))  # 0.088 x 730


def test_example_of_the_docs_gives_what_it_says(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "prices.md").read_text()
    (tmp_path / "rates.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0])
    result = overlay(default_book(), [tmp_path / "rates.yaml"], ON)
    listed = found(default_book(), "ec2.on-demand/m7i.xlarge").usd
    assert found(result, "ec2.on-demand/m7i.xlarge").usd == listed * (D("0.7") * D("0.72") + D("0.3") * D("0.88"))
    assert "$0.1548288 an hour" in page
    assert found(result, "ec2.capacity-block/p5.48xlarge").usd == D("31.46")
    assert result.notes == ()


@given(st.integers(1, 99), st.decimals("0.01", 1, places=2), st.decimals(-99, 0, places=2))
def test_blended_price_lies_between_its_rates(discount: int, share: Decimal, change: Decimal) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "book.yaml").write_text(BOOK)
        text = f"discounts: [{{items: ec2.on-demand/*, change: -{discount} %}}]\n"
        text += f"savings_plans: [{{items: ec2.on-demand/*, share: {share}, change: '-{abs(change)} %'}}]\n"
        (Path(folder) / "rates.yaml").write_text(HEAD + text)
        result = overlay(read_book([Path(folder) / "book.yaml"]), [Path(folder) / "rates.yaml"], ON)
    ends = sorted([1 - D(discount) / 100, 1 + change / 100])
    assert ends[0] - D("1e-9") <= found(result, "ec2.on-demand/g5.xlarge").usd <= ends[1] + D("1e-9")


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("discounts: [{items: ec2.on-demand/*, change: 12}]", "discounts[0].change: 12 is no change; use one above"),
        ("discounts: [{items: ec2.on-demand/*, change: -100 %}]", "'-100 %' is no change; use one above -100 %"),
        ("discounts: [{items: ec2.on-demand/*, change: 12 %}]", "'12 %' is no change"),
        ("discounts: [{items: ec2.on-demnad/*, change: -1 %}]", "items: 'ec2.on-demnad/*' in * matches no list price"),
        ("discounts: [{items: ec2.spot/*, regions: [eu-*], change: -1 %}]", "in eu-* matches no list price; use items"),
        ("discounts: [{change: -1 %}]", "discounts[0].items: is required and missing; Items, with * and ?"),
        ("discounts: []", "has no terms; give at least one list"),
        ("discount: []", "discount: is not known; use as_of, review_by, source, discounts, rates, savings_plans"),
        ("rates: [{item: ec2.on-demand/m5.large, regions: ['*'], usd: 1}]", "rates[0].regions[0]: '*' is refused: use"),
        ("rates: [{item: ec2.on-demand/m5.large, regions: [], usd: 1}]", "rates[0].regions: [] is refused"),
        ("rates: [{item: ec2.on-demand/m5.large, regions: [us-east-1], usd: '1'}]", "usd: '1' is no plain number"),
        ("rates: [{item: ec2.on-demand/m5.large, regions: [us-east-1], usd: true}]", "usd: True is no plain number"),
        ("rates: [{item: ec2.on-demand/m5.large, regions: [us-east-1], usd: 0}]", "usd: 0 is refused: input should be"),
        ("rates: [{item: ec2.on-demand/m5.large, regions: [us-east-1], usd: .nan}]", "is not YAML with plain numbers"),
        (
            "rates: [{item: ec2.on-demand/m5.large, regions: [us-east-1], usd: 1, unit: GB}]",
            "rates[0].unit: 'GB' is not the item's unit; use hour",
        ),
        (
            "rates:\n" + 2 * "  - {item: ec2.on-demand/m5.large, regions: [us-east-1], usd: 1}\n",
            "rates[1] gives ec2.on-demand/m5.large in us-east-1 like rates[0]; keep one",
        ),
        ("savings_plans: [{items: ec2.on-demand/*, share: 0.5}]", "needs one rate; give change (-28 %) or usd"),
        ("savings_plans: [{items: ec2.on-demand/*, share: 0.5, usd: 1}]", "has one usd for a pattern of items"),
        ("savings_plans: [{items: ec2.on-demand/*, share: 1.5, change: -1 %}]", "share: 1.5 is refused: input should"),
        ("savings_plans: [{items: ec2.*/*, share: 0.5, change: -1 %}]", "ec2.spot/g5.xlarge in us-east-1 is a range"),
        ("savings_plans: [{items: transfer/*, share: 0.5, change: -1 %}]", "is with steps, and only one price an hour"),
        ("reserved: [{items: ec2.on-demand/*, share: 0.5, usd: 1}]", "items: 'ec2.on-demand/*' is refused"),
        ("reserved: [{items: ec2.on-demand/m5.large, share: 1, usd: 0}]", "costs nothing; give usd (an hour)"),
        (
            "reserved: [{items: ec2.on-demand/m5.large, share: 1, usd: 0, upfront_usd: 9}]",
            "has upfront_usd without months; give 12 or 36",
        ),
        (
            "capacity_blocks: [{instance_type: p5.48xlarge, regions: [us-east-1], usd: 31}]",
            "capacity_blocks[0].valid_until: is required and missing; Its last day",
        ),
        ("capacity_blocks: [7]", "capacity_blocks[0]: 7 is refused"),
        ("discounts: [{items: '*/*', change: -1 %, valid_until: 20261231}]", "20261231 is no date; use YYYY-MM-DD"),
        (
            "discounts: [{items: '*/*', change: -1 %, valid_from: 2026-12-31, valid_until: 2026-01-01}]",
            "valid_from is after valid_until; swap them",
        ),
        (f"{DISCOUNT}{DISCOUNT}", "'discounts' is given twice; keep one"),
        ("[", "is not YAML with plain numbers"),
    ],
)
def test_wrong_rates_are_refused(over: Any, text: str, said: str) -> None:
    with pytest.raises(RatesError) as error:
        over(text)
    assert said in str(error.value)
    assert all(problem.startswith("rates.yaml: ") for problem in error.value.problems)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (HEAD.replace("source: EA-2026-117\n", ""), "source: is required and missing; Reference of the contract"),
        (HEAD.replace("2027-03-31", "2026-10-01"), "review_by is not after as_of; give a later day"),
        (HEAD.replace("2027-03-31", '"2027-03-31"'), "review_by: '2027-03-31' is no date; use YYYY-MM-DD without"),
        (HEAD.replace("2026-10-01", "20261001"), "as_of: 20261001 is no date; use YYYY-MM-DD without quotes"),
    ],
)
def test_rates_without_dates_or_contract_are_refused(over: Any, head: str, said: str) -> None:
    with pytest.raises(RatesError) as error:
        over(DISCOUNT, head=head)
    assert f"rates.yaml: {said}" in str(error.value).replace("the file: ", "")


def test_all_problems_of_all_files_are_told_at_once(over: Any) -> None:
    with pytest.raises(RatesError) as error:
        over("discounts: [{items: x/y, change: 1}, {items: '*/*', change: 2}]", "rates: [{usd: 1}]", DISCOUNT + "a: 1")
    places = [problem.split(":")[0] for problem in error.value.problems]
    assert places == ["rates0.yaml"] * 2 + ["rates1.yaml"] * 2 + ["rates2.yaml"]
    assert str(error.value).splitlines() == list(error.value.problems)


def test_file_that_is_not_there_or_too_large_is_refused(book: PriceBook, tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_text("#" * 1_000_001)
    with pytest.raises(RatesError) as error:
        overlay(book, [tmp_path / "none.yaml", large, tmp_path], ON)
    assert [problem.split(": ")[0] for problem in error.value.problems] == ["none.yaml", "large.yaml", tmp_path.name]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("as_of", "review_by", "source", "discounts", "rates", "savings_plans", "reserved", "capacity_blocks")


@given(st.dictionaries(st.sampled_from(NAMES), JSON | st.lists(st.dictionaries(st.text(), JSON), max_size=2)))
def test_any_content_is_read_or_refused_in_lines(content: dict[str, Any]) -> None:
    from pydantic import ValidationError

    from finops.rates_file import Rates, problems_of

    try:
        Rates.model_validate(content)
    except ValidationError as error:
        lines = list(problems_of(error))
        assert lines
        assert all("\n" not in line and len(line) < 400 for line in lines)
