"""`mlops prices` and the Price List API behind it: pages, retries, refusals, and files that are whole or untouched."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner, Result

from cli import price_commands, price_refresh, price_source
from cli.main import typer_app
from finops import default_book, read_book
from finops.book import FOLDER
from finops.price_list import PriceListError, queries, reason_not_listed
from tests.unit.price_samples import PUBLISHED, SAMPLES, Api, instance, product

EAST = "us-east-1"
ON = date(2026, 11, 27)
BOOK = default_book()


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_PRICING", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(price_commands, "today", lambda: ON)
    monkeypatch.setattr("botocore.retries.standard.time.sleep", lambda seconds: None, raising=False)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    found = Api()
    monkeypatch.setattr(price_source, "client", found.client)
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the book that commands take for the library's."""
    shutil.copytree(FOLDER, tmp_path / "prices")
    here = tmp_path / "prices"
    write: Any = price_refresh.write
    plan: Any = price_refresh.plan
    monkeypatch.setattr(price_refresh, "plan", lambda *rest, **more: plan(*rest, folder=here, **more))
    monkeypatch.setattr(price_refresh, "write", lambda found, output: write(found, output, folder=here))
    return here


def prices(*arguments: str) -> Result:
    return CliRunner().invoke(typer_app, ["prices", *arguments])


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


# --- the API ---------------------------------------------------------------------------------------------------------

QUERY = queries([("kms/key", EAST)])[0]
ASKED = {
    "ServiceCode": "awskms",
    "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": EAST}],
    "FormatVersion": "aws_v1",
    "MaxResults": 100,
}


@pytest.fixture
def stub() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("pricing", region_name=EAST, aws_access_key_id="example", aws_secret_access_key="example")
    with Stubber(client) as stubber:
        yield client, stubber


def test_products_are_read_page_by_page(stub: tuple[Any, Stubber]) -> None:
    client, stubber = stub
    stubber.add_response("get_products", {"PriceList": ["a", "b"], "NextToken": "2"}, ASKED)
    stubber.add_response("get_products", {"PriceList": [], "NextToken": "3"}, {**ASKED, "NextToken": "2"})
    stubber.add_response("get_products", {"PriceList": ["c"]}, {**ASKED, "NextToken": "3"})
    assert list(price_source.products(client, QUERY)) == ["a", "b", "c"]
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDeniedException", "it needs the IAM action pricing:GetProducts"),
        ("ThrottlingException", "wait a minute and run the same command again"),
        ("ExpiredTokenException", "log in again"),
        ("UnrecognizedClientException", "AWS does not know these credentials"),
        ("InvalidParameterException", "AWS answers InvalidParameterException: the message of AWS"),
    ],
)
def test_refusal_of_aws_is_one_sentence_with_what_to_do(stub: tuple[Any, Stubber], code: str, said: str) -> None:
    client, stubber = stub
    stubber.add_client_error("get_products", code, "the message of AWS", expected_params=ASKED)
    with pytest.raises(price_source.PriceSourceError) as error:
        list(price_source.products(client, QUERY))
    assert said in str(error.value)
    assert str(error.value).endswith("(service awskms, region us-east-1)")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("query", queries([(item, EAST) for item in sorted(BOOK.items) if not reason_not_listed(item)]))
def test_every_request_is_one_that_the_service_model_allows(stub: tuple[Any, Stubber], query: Any) -> None:
    client, stubber = stub
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in query.filters]
    stubber.add_response("get_products", {"PriceList": []}, {**ASKED, "ServiceCode": query.service, "Filters": filters})
    assert list(price_source.products(client, query)) == []


def test_request_that_is_not_narrowed_is_given_up(stub: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch) -> None:
    client, stubber = stub
    monkeypatch.setattr(price_source, "MAX_PRODUCTS", 2)
    stubber.add_response("get_products", {"PriceList": ["a", "b", "c"]}, ASKED)
    with pytest.raises(price_source.PriceSourceError, match="more than 2 products"):
        list(price_source.products(client, QUERY))


def test_throttled_request_is_made_again_by_botocore_until_it_succeeds() -> None:
    api = Api()
    api.failures = [(400, "ThrottlingException"), (500, "InternalErrorException"), (400, "ThrottlingException")]
    found = price_source.read(api.client(), [("kms/key", EAST)])
    assert found.figures["kms/key", EAST].usd == 1
    assert len(api.requests) == 4


def test_request_that_stays_throttled_ends_after_all_attempts() -> None:
    api = Api()
    api.failures = [(400, "ThrottlingException")] * 20
    with pytest.raises(price_source.PriceSourceError, match="8 attempts were not enough"):
        price_source.read(api.client(), [("kms/key", EAST)])
    assert len(api.requests) == price_source.ATTEMPTS


def test_products_of_many_pages_are_all_read() -> None:
    many = [instance(f"0.{number:04}", f"m{number}.large") for number in range(1, 251)]
    api = Api(many)
    found = price_source.read(api.client(), [(f"ec2.on-demand/m{number}.large", EAST) for number in range(1, 251)])
    assert found.problems == {
        ("ec2.on-demand/m1.large", EAST): "product "
        + _sku(many[0])
        + " costs 0.0001 USD per hour, outside of 0.001 to 1000"
    } | {key: why for key, why in found.problems.items() if key[0] != "ec2.on-demand/m1.large"}
    assert found.figures["ec2.on-demand/m250.large", EAST].usd == Decimal("0.025")
    assert [request.get("NextToken") for request in api.requests] == [None, "100", "200"]


def _sku(text: str) -> str:
    return str(json.loads(text)["product"]["sku"])


def test_client_is_refused_where_the_local_cloud_would_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    with pytest.raises(price_source.PriceSourceError, match="the local cloud has no price list"):
        price_source.client()
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", "https://vpce-1.api.pricing.us-east-1.vpce.amazonaws.com")
    assert price_source.client().meta.endpoint_url.startswith("https://vpce-1.")


def test_client_asks_the_region_of_the_api_and_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    found = price_source.client()
    assert found.meta.endpoint_url == "https://api.pricing.us-east-1.amazonaws.com"
    assert found.meta.config.retries == {"mode": "standard", "total_max_attempts": price_source.ATTEMPTS}


def test_refresh_without_credentials_says_what_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    done = prices("refresh", "--item", "kms/key")
    assert done.exit_code == 1
    assert "error: there are no AWS credentials; set AWS_PROFILE or log in" in done.stderr


# --- refresh ---------------------------------------------------------------------------------------------------------


def test_refresh_writes_what_moved_and_the_second_one_nothing(api: Api, folder: Path) -> None:
    before = texts(folder)
    api.products.remove(
        product("AmazonECR", "EC2 Container Registry", "GB-Mo", "0.1000000000", usagetype="TimedStorage-ByteHrs")
    )
    api.products.append(
        product("AmazonECR", "EC2 Container Registry", "GB-Mo", "0.1100000000", usagetype="TimedStorage-ByteHrs")
    )
    done = prices("refresh", "--region", EAST, "--format", "json")
    assert done.exit_code == 0, done.stderr
    moved = [change for change in json.loads(done.stdout) if change["kind"] == "moved" and change["percent"] != "0"]
    assert moved == [
        {
            "kind": "moved",
            "item": "ecr/storage",
            "region": EAST,
            "unit": "GB-month",
            "old": "0.1",
            "new": "0.11",
            "reason": None,
            "percent": "10",
        }
    ]
    book = read_book(folder.glob("*.yaml"))
    price = book.prices["ecr/storage", EAST]
    assert (price.usd, price.source.name) == (Decimal("0.11"), "AWS Price List Query API, AmazonECR")
    assert price.source.date.isoformat() == PUBLISHED[:10]
    after = texts(folder)
    assert after != before
    again = prices("refresh", "--region", EAST, "--format", "json")
    assert [change for change in json.loads(again.stdout) if change["kind"] != "vanished"] == []
    assert "nothing moved and no file is written" in again.stderr
    assert texts(folder) == after


def test_refresh_renews_the_dates_of_a_file_of_which_all_was_read(api: Api, folder: Path) -> None:
    assert prices("refresh", "--region", EAST).exit_code == 0
    security, compute = read_book([folder / "security.yaml"]), read_book([folder / "compute.yaml"])
    assert (security.as_of, security.review_by) == (ON, ON + timedelta(days=180))
    assert compute.as_of == read_book([FOLDER / "compute.yaml"]).as_of  # two types alone were read


def test_refresh_moves_the_dates_of_what_is_by_hand_only_when_told(api: Api, folder: Path) -> None:
    """A book of one spot price and one price that the list has."""
    for path in folder.iterdir():
        path.unlink()
    figures = (
        "  - {item: ec2.spot, unit: hour, regions: [us-east-1], source: a, usd: {m5.large: 0.03}}\n"
        "  - {item: kms, unit: month, regions: [us-east-1], source: a, usd: {key: 1}}\n"
    )
    head = (
        "as_of: 2026-06-01\nreview_by: 2026-11-28\nsources:\n  a: {name: a, version: b, date: 2026-06-01}\nfigures:\n"
    )
    (folder / "x.yaml").write_text(head + figures)
    done = prices("refresh", "--region", EAST)
    assert (
        "x.yaml keeps its dates, and of ec2.spot/m5.large in us-east-1 the sources: they were not read" in done.stderr
    )
    assert "give --reviewed once they are reviewed" in done.stderr
    assert read_book(folder.iterdir()).as_of == date(2026, 6, 1)
    prices("refresh", "--region", EAST, "--reviewed")
    found = read_book(folder.iterdir())
    assert (found.as_of, found.review_by) == (ON, ON + timedelta(days=180))
    assert found.prices["ec2.spot/m5.large", EAST].source.date == date(2026, 6, 1)


def test_refresh_leaves_what_no_rule_reads_and_says_so(api: Api, folder: Path) -> None:
    path = folder / "security.yaml"
    path.write_text(path.read_text().replace("      key: 1", "      key: 1\n      made-up: 2"))
    done = prices("refresh", "--region", EAST)
    assert done.exit_code == 0
    assert "by hand: 1 of the figures; no rule of finops/price_rules.py reads kms/made-up" in done.stderr
    assert read_book([path]).prices["kms/made-up", EAST].usd == 2
    assert read_book([path]).as_of == read_book([FOLDER / "security.yaml"]).as_of


def test_refresh_says_what_it_did_not_find_and_what_is_by_hand(api: Api, folder: Path) -> None:
    done = prices("refresh", "--region", EAST)
    assert "compute.yaml keeps its dates, and of ec2.on-demand/" in done.stderr
    assert "by hand: " in done.stderr
    assert "spot prices are in no price list" in done.stderr
    assert " vanished" in done.stdout.splitlines()[-1]
    assert (
        read_book([folder / "compute.yaml"]).prices["ec2.on-demand/g5.xlarge", EAST].source.name.startswith("aws/karp")
    )


def test_refresh_reads_a_named_item_that_the_book_lacks(api: Api, folder: Path) -> None:
    item = "rds.instance/postgres-multi-db.t3.large"
    done = prices("refresh", "--region", EAST, "--item", item)
    assert done.exit_code == 0, done.stderr
    assert read_book(folder.glob("*.yaml")).prices[item, EAST].usd == Decimal("0.29")
    assert "1 new" in done.stdout


def test_refresh_writes_nothing_if_a_figure_moved_far_until_it_is_accepted(api: Api, folder: Path) -> None:
    before = texts(folder)
    api.products = [text.replace("0.4000000000", "0.6100000000") for text in SAMPLES]
    done = prices("refresh", "--item", "secretsmanager/*", "--region", EAST)
    assert done.exit_code == 1
    assert "nothing is written: 1 figure moved by more than 50 %" in done.stderr
    assert "52.5 %" in done.stdout  # 0.21 / 0.40
    assert texts(folder) == before
    assert prices("refresh", "--item", "secretsmanager/*", "--region", EAST, "--accept").exit_code == 0
    assert read_book(folder.glob("*.yaml")).prices["secretsmanager/secret", EAST].usd == Decimal("0.61")


def test_refresh_on_trial_writes_nothing(api: Api, folder: Path) -> None:
    before = texts(folder)
    done = prices("refresh", "--region", EAST, "--dry-run")
    assert done.exit_code == 0
    assert "nothing is written: " in done.stderr
    assert texts(folder) == before


def test_refresh_to_another_folder_writes_the_whole_book_there(api: Api, folder: Path, tmp_path: Path) -> None:
    before = texts(folder)
    done = prices("refresh", "--region", EAST, "--item", "kms/key", "--output", str(tmp_path / "new"))
    assert done.exit_code == 0, done.stderr
    assert texts(folder) == before
    assert set(texts(tmp_path / "new")) == set(before)
    assert read_book((tmp_path / "new").glob("*.yaml")).prices["kms/key", EAST].source.name.startswith("AWS Price List")


def test_refresh_that_fails_midway_leaves_the_files(api: Api, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = texts(folder)
    plan = price_refresh.plan(api.client(), [EAST], ["kms/*"], ON)
    broken = dict(plan.revisions)
    broken["security.yaml"] = broken["security.yaml"].__class__("", broken["security.yaml"].after + "figures: []\n", ())
    with pytest.raises(ValueError, match=r"security\.yaml"):
        price_refresh.write(price_refresh.Plan(plan.changes, broken, []), None)
    assert texts(folder) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--region", "mars-1"), "region 'mars-1' is not known; use us-east-1, us-west-2, eu-west-1"),
        (("--item", "nothing/*"), "there is nothing to read for nothing/*: see `mlops prices show`"),
        (("--item", "ec2.spot/*"), "spot prices are in no price list"),
        (("--item", "made/up"), "made/up cannot be had from the price list: no rule reads it"),
    ],
)
def test_refresh_of_what_cannot_be_read_says_why(api: Api, folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = prices("refresh", *arguments)
    assert done.exit_code == 1
    assert said in done.stderr
    assert api.requests == []


def test_refresh_says_which_products_were_malformed(api: Api, folder: Path) -> None:
    api.products.append('{"product": {}}')
    done = prices("refresh", "--item", "kms/key", "--region", EAST)
    assert done.exit_code == 0
    assert "left out: a product of awskms in us-east-1 is not in format aws_v1: 'attributes' is missing" in done.stderr


def test_refresh_refuses_a_figure_in_another_unit_than_the_books(folder: Path) -> None:
    path = folder / "security.yaml"
    path.write_text(path.read_text().replace("unit: month", "unit: GB-month", 1))
    plan = price_refresh.plan(Api().client(), [EAST], ["kms/key"], ON)
    assert [change.kind for change in plan.changes] == ["vanished"]
    assert "per month, the book per GB-month; mend the table" in plan.changes[0].new
    assert plan.written == {}


def test_refresh_asks_for_no_item_that_the_table_lacks() -> None:
    with pytest.raises(PriceListError):
        price_refresh.plan(Api().client(), [EAST], ["ec2.spot/g5.2xlarge"], ON)


# --- show and check --------------------------------------------------------------------------------------------------


def test_show_has_figure_unit_source_and_date() -> None:
    done = prices("show", "kms/key", "--region", EAST)
    price = BOOK.prices["kms/key", EAST]
    assert done.exit_code == 0
    for part in ("kms/key", EAST, "month", str(price.source.date)):
        assert part in done.stdout


def test_show_in_json_has_exact_texts_for_amounts() -> None:
    done = prices("show", "transfer/internet", "--region", EAST, "--format", "json")
    [shown] = json.loads(done.stdout)
    price = BOOK.prices["transfer/internet", EAST]
    assert Decimal(shown["usd"]) == price.usd
    assert [Decimal(step["usd"]) for step in shown["steps"]] == [tier.usd for tier in price.tiers]
    assert shown["steps"][-1]["up_to"] is None
    assert shown["source"]["date"] == price.source.date.isoformat()


def test_show_has_the_rates_of_a_company_and_their_notes(tmp_path: Path) -> None:
    rates = tmp_path / "rates.yaml"
    rates.write_text(
        "as_of: 2026-10-01\nreview_by: 2027-03-31\nsource: EA-1\n"
        "discounts:\n  - {items: kms/*, change: -50 %}\n  - {items: ecr/*, change: -5 %, valid_until: 2026-11-26}\n"
    )
    done = prices("show", "kms/key", "--region", EAST, "--prices", str(rates), "--format", "json")
    [shown] = json.loads(done.stdout)
    assert Decimal(shown["usd"]) == BOOK.prices["kms/key", EAST].usd / 2
    assert (shown["basis"], shown["source"]["name"]) == ("company", "rates.yaml, EA-1")
    assert "note: rates.yaml: discounts[1] ended on 2026-11-26 and is not used" in done.stderr


def test_show_of_wrong_rates_or_of_nothing_ends_with_one(tmp_path: Path) -> None:
    done = prices("show", "--prices", str(tmp_path / "none.yaml"))
    assert done.exit_code == 1
    assert "mend the rates:\nnone.yaml: cannot be read: No such file or directory" in done.stderr
    done = prices("show", "kms/kye", "--region", EAST)
    assert done.exit_code == 1
    assert "the book has no kms/kye in us-east-1; use a pattern over" in done.stderr


@pytest.mark.parametrize(("days", "code"), [(0, 0), (1, 1)])
def test_check_fails_on_the_day_after_the_review(monkeypatch: pytest.MonkeyPatch, days: int, code: int) -> None:
    monkeypatch.setattr(price_commands, "today", lambda: BOOK.review_by + timedelta(days=days))
    done = prices("check")
    assert done.exit_code == code
    assert ("0 days left" in done.stdout) is not bool(code)
    assert ("run `mlops prices refresh --reviewed` with credentials" in done.stderr) is bool(code)


def test_check_fails_with_stale_rates_of_a_company(tmp_path: Path) -> None:
    rates = tmp_path / "rates.yaml"
    text = "as_of: 2026-01-01\nreview_by: 2026-11-26\nsource: EA-1\ndiscounts: [{items: kms/*, change: -50 %}]\n"
    rates.write_text(text)
    done = prices("check", "--prices", str(rates))
    assert done.exit_code == 1
    assert "and the rates of rates.yaml" in done.stderr
