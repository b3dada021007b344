"""The price list: products read strictly, the table against hand-built products, and what is in doubt."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.book import FOLDER, Tier, read_book
from finops.price_list import (
    Answer,
    PriceListError,
    compose,
    figures,
    queries,
    read_product,
    reason_not_listed,
    rule_of,
    wanted,
)
from finops.price_rule import PREFIXES
from finops.price_rules import RULES
from tests.unit import price_samples
from tests.unit.price_samples import SAMPLES, instance, product

D = Decimal
EAST = "us-east-1"
BOOK = read_book(FOLDER.glob("*.yaml"))


def read(*items: str, region: str = EAST, products: tuple[str, ...] = SAMPLES) -> Answer:
    """What the samples say of items, filtered as the API does."""
    asked = [(item, region) for item in items]
    found = [
        figures(query, [text for text in products if price_samples._fits(text, _request(query))])
        for query in queries(asked)
    ]
    return compose(found, asked)


def _request(query: Any) -> dict[str, Any]:
    filters = [{"Field": name, "Value": value} for name, value in query.filters]
    return {"ServiceCode": query.service, "Filters": filters}


# --- products --------------------------------------------------------------------------------------------------------


def test_product_is_read_whole() -> None:
    found = read_product(instance("0.0960000000", "m5.large"))
    assert found.attributes["instanceType"] == "m5.large"
    assert found.attributes["productFamily"] == "Compute Instance"
    assert [(s.begin, s.end, s.unit, s.usd) for s in found.steps] == [(D(0), None, "Hrs", D("0.096"))]
    assert (found.version, found.published) == ("20261120193045", date(2026, 11, 20))


def edited(change: Callable[[dict[str, Any]], object]) -> str:
    raw = json.loads(instance("0.0960000000", "m5.large", sku="ABC"))
    change(raw)
    return json.dumps(raw)


def dimension(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = raw["terms"]["OnDemand"]["ABC.JRTCKXETXF"]["priceDimensions"]["ABC.JRTCKXETXF.0"]
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not in format aws_v1"),
        ("[]", "is not in format aws_v1"),
        ("null", "is not in format aws_v1"),
        (edited(lambda raw: raw.pop("product")), "'product' is missing"),
        (edited(lambda raw: raw["product"].pop("attributes")), "'attributes' is missing"),
        (edited(lambda raw: raw.pop("publicationDate")), "'publicationDate' is missing"),
        (edited(lambda raw: raw.update(publicationDate="soon")), "is not in format aws_v1"),
        (edited(lambda raw: dimension(raw).pop("unit")), "'unit' is missing"),
        (edited(lambda raw: dimension(raw).update(pricePerUnit={"CNY": "1"})), "no price in USD but in CNY"),
        (edited(lambda raw: dimension(raw).update(pricePerUnit={})), "no price in USD but in nothing"),
        (edited(lambda raw: dimension(raw).update(pricePerUnit={"USD": "much"})), "is not in format aws_v1"),
        (edited(lambda raw: dimension(raw).update(pricePerUnit={"USD": "-1"})), "a step that is none: -1 USD"),
        (edited(lambda raw: dimension(raw).update(pricePerUnit={"USD": "NaN"})), "is none: NaN USD"),
        (edited(lambda raw: dimension(raw).update(beginRange="9", endRange="3")), "a step that is none"),
        (product("S", "F", "GB", [("0", "10", "2"), ("20", "Inf", "1")]), "a gap or an overlap at 20"),
        (product("S", "F", "GB", [("0", "10", "2"), ("5", "Inf", "1")]), "a gap or an overlap at 5"),
        (product("S", "F", "GB", [("0", "Inf", "2"), ("5", "Inf", "1")]), "a gap or an overlap at 5"),
    ],
)
def test_product_that_is_malformed_is_refused(text: str, said: str) -> None:
    with pytest.raises(PriceListError) as error:
        read_product(text)
    assert said in str(error.value)


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_product_of_any_text_is_read_or_refused(value: Any) -> None:
    with pytest.raises(PriceListError):
        read_product(value if isinstance(value, str) else json.dumps(value))


def test_product_that_is_only_reserved_has_no_price() -> None:
    raw = json.loads(instance("1", "m5.large"))
    raw["terms"] = {"Reserved": {"x": {}}}
    assert read_product(json.dumps(raw)).steps == ()


def test_product_with_two_terms_has_the_price_of_the_later() -> None:
    raw = json.loads(instance("0.0960000000", "m5.large", sku="ABC"))
    older = json.loads(instance("9.0000000000", "m5.large", sku="OLD"))["terms"]["OnDemand"]["OLD.JRTCKXETXF"]
    raw["terms"]["OnDemand"]["OLD"] = older | {"effectiveDate": "2019-01-01T00:00:00Z"}
    assert [step.usd for step in read_product(json.dumps(raw)).steps] == [D("0.096")]


# --- the table -------------------------------------------------------------------------------------------------------

READ = {
    "ec2.on-demand/m5.large": "0.096",
    "ec2.on-demand/p5.48xlarge": "55.04",
    "eks.control-plane/standard": "0.10",
    "eks.control-plane/extended": "0.60",  # 0.10 + 0.50
    "ebs.throughput/gp3": "0.04",  # 40.96 / 1,024
    "ebs.iops/gp3": "0.005",  # the first 3,000 cost nothing, and the item is what is above
    "s3.requests/put": "0.005",  # 0.000005 x 1,000
    "kms/requests": "0.03",  # 0.000003 x 10,000, without the free ones
    "lambda/duration-x86-64": "0.06000012",  # 0.0000166667 x 3,600
    "kinesis.requests/put": "0.000014",
    "rds.instance/postgres-multi-db.t3.large": "0.29",
    "rds.storage/single-gp3": "0.115",
    "elasticache.node/cache.m4.large": "0.156",  # not Valkey's
    "dynamodb.storage/table": "0.25",  # two products, alike without the free tier
    "mwaa.worker/mw1.medium": "0.11",
    "msk.broker/kafka.t3.small": "0.0456",
    "sagemaker.hosting/ml.g5.xlarge": "1.4084",
    "transfer/between-regions": "0.02",
}


@pytest.mark.parametrize(("item", "usd"), READ.items())
def test_samples_have_the_figure(item: str, usd: str) -> None:
    found = read(item)
    assert found.problems == {}
    assert found.figures[item, EAST].usd == D(usd)


def test_samples_agree_with_the_book_wherever_both_have_a_figure() -> None:
    """The book's figures come from elsewhere: they are the check on units and factors of the table."""
    asked = [key for key in BOOK.prices if key[1] == EAST and not reason_not_listed(key[0])]
    found = read(*(item for item, _ in asked))
    both = {key: figure for key, figure in found.figures.items() if key in BOOK.prices}
    assert len(both) > 80
    assert {key: str(figure.usd) for key, figure in both.items() if figure.usd != BOOK.prices[key].usd} == {}
    assert {key for key, figure in both.items() if figure.unit is not BOOK.prices[key].unit} == set()


def test_samples_have_every_service_of_the_table() -> None:
    assert {json.loads(text)["serviceCode"] for text in SAMPLES} == {rule.service for rule in RULES}


def test_steps_are_read_with_their_bounds() -> None:
    assert read("transfer/internet").figures["transfer/internet", EAST].tiers == (
        Tier(up_to=D(10240), usd=D("0.09")),
        Tier(up_to=D(51200), usd=D("0.085")),
        Tier(up_to=D(153600), usd=D("0.07")),
        Tier(usd=D("0.05")),
    )


def test_steps_that_are_products_of_their_own_make_a_ladder() -> None:
    assert read("ebs.iops/io2").figures["ebs.iops/io2", EAST].tiers == (
        Tier(up_to=D(32000), usd=D("0.065")),
        Tier(up_to=D(64000), usd=D("0.0455")),
        Tier(usd=D("0.03185")),
    )


def test_ladder_and_sum_without_one_part_have_no_figure() -> None:
    fewer = tuple(text for text in SAMPLES if "io2.tier3" not in text and "perCluster" not in text)
    found = read("ebs.iops/io2", "eks.control-plane/extended", products=fewer)
    assert found.figures == {}
    assert set(found.problems.values()) == {"no product fits"}


@pytest.mark.parametrize(
    ("products", "said"),
    [
        ((), "no product fits"),
        ((instance("0.0000000000", "m5.large"),), "no product fits"),
        ((instance("0.1", "m5.large"), instance("0.2", "m5.large", sku="B")), "different prices fit: 0.1 and 0.2 USD"),
        ((instance("96000", "m5.large"),), "costs 96000 USD per hour, outside of 0.001 to 1000"),
        ((instance("0.1", "m5.large").replace('"Hrs"', '"Quantity"'),), "per 'Quantity'; the table knows hrs"),
        ((instance("0.1", "m5.large", "BoxUsage:m5.large-x.y"),), "no product fits"),
        ((instance("0.1", "m5.large", "USW2-BoxUsage:m5.large"),), "no product fits"),
        ((instance("0.1", "m5.large", tenancy="Host"),), "no product fits"),
    ],
)
def test_figure_that_is_in_doubt_is_not_read(products: tuple[str, ...], said: str) -> None:
    query = queries([("ec2.on-demand/m5.large", EAST)])[0]
    found = compose([figures(query, products)], [("ec2.on-demand/m5.large", EAST)])
    assert found.figures == {}
    assert said in found.problems["ec2.on-demand/m5.large", EAST]


def test_malformed_product_is_told_and_does_not_hide_the_others() -> None:
    found = read("ec2.on-demand/m5.large", products=("{", *SAMPLES))
    assert found.figures["ec2.on-demand/m5.large", EAST].usd == D("0.096")
    assert found.malformed[0].startswith("a product of AmazonEC2 in us-east-1 is not in format aws_v1")


@pytest.mark.parametrize("prefix", ["EU-", "EUW1-"])
def test_region_is_stripped_from_usage_types(prefix: str) -> None:
    text = instance("0.107", "m5.large", f"{prefix}BoxUsage:m5.large", regionCode="eu-west-1")
    assert read("ec2.on-demand/m5.large", region="eu-west-1", products=(text,)).figures


def test_requests_of_data_transfer_name_both_ends() -> None:
    found = {region: dict(queries([("transfer/between-regions", region)])[0].filters) for region in PREFIXES}
    ends = {region: (asked["fromRegionCode"], asked["toRegionCode"]) for region, asked in found.items()}
    assert ends == {
        "us-east-1": ("us-east-1", "us-west-2"),
        "us-west-2": ("us-west-2", "us-east-1"),
        "eu-west-1": ("eu-west-1", "us-west-2"),
    }


@pytest.mark.parametrize(
    ("item", "region", "said"),
    [
        ("ec2.spot/g5.2xlarge", EAST, "spot prices are in no price list"),
        ("made/up", EAST, "no rule reads it"),
        ("kms/key", "mars-1", "region 'mars-1' is not known; use us-east-1, us-west-2, eu-west-1"),
    ],
)
def test_request_that_cannot_be_made_is_refused(item: str, region: str, said: str) -> None:
    with pytest.raises(PriceListError) as error:
        queries([(item, region)])
    assert said in str(error.value)


def test_items_to_read_are_the_books_and_the_known_types() -> None:
    found = wanted(BOOK, ["m9.large"], [], ["us-east-1", "eu-west-1"])
    assert ("ec2.on-demand/m9.large", "eu-west-1") in found
    assert ("kms/key", "eu-west-1") in found
    assert not [item for item, _ in found if item.startswith("ec2.spot/")]
    assert wanted(BOOK, [], ["kms/k*"], [EAST]) == [("kms/key", EAST)]
    named = "rds.instance/postgres-single-db.r6g.large"
    assert wanted(BOOK, [], [named], [EAST]) == [(named, EAST)]
    assert rule_of(named)
    assert rule_of("rds.instance/oracle-single-db.r6g.large") == ()
