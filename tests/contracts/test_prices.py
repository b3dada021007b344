"""The price book and the mappings: dated, sourced, complete for what the library creates, pure."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import finops
from cli import price_commands
from cli.main import typer_app
from components._core import facts
from finops import State, default_book, default_usage
from finops.book import FOLDER, Basis, Price, Unit
from finops.mapping.registry import MAPPED, NOT_KNOWN, lookup, settled_types
from finops.price_files import revise
from finops.price_list import reason_not_listed, rule_of
from finops.price_rule import PREFIXES
from finops.price_rules import LADDERS, RULES, SUMS
from tests.policies import aws_types

ROOT = Path(finops.__file__).parents[1]
BOOK = default_book()
PRICES = list(BOOK.prices.values())
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
# us-west-2 = us-east-1 in these families; a figure of another family there would be a guess.
EQUAL_FAMILIES = {"m7i", "g4dn", "g5", "g6", "p4de", "p5"}

HOURLY = (
    *("ec2.", "eks.", "rds.instance/", "vpc/nat-gateway", "vpc/interface-endpoint", "vpc/public", "lb/", "fargate/"),
    *("elasticache.node/", "elasticache.serverless/", "dynamodb.capacity/", "lambda/duration", "lambda/ephemeral"),
    *("msk.broker/", "kinesis.stream/", "kinesis.fan-out/consumer", "opensearch.node/"),
    *("sagemaker.hosting/", "sagemaker.notebook/", "mwaa.environment/", "mwaa.worker/", "mwaa.scheduler/"),
)
"""What is paid by the hour."""

every_file = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)


def test_prices_today_are_not_past_their_review() -> None:
    assert not BOOK.is_stale(date.today()), (
        f"the price book was to be reviewed by {BOOK.review_by}: read its sources again, then move both dates"
    )


def test_prices_past_their_review_are_stale() -> None:
    assert BOOK.is_stale(BOOK.review_by + timedelta(days=1))


@pytest.mark.parametrize(("days", "code"), [(0, 0), (1, 1)])
def test_stale_prices_fail_the_command_that_a_pipeline_runs(
    monkeypatch: pytest.MonkeyPatch, days: int, code: int
) -> None:
    monkeypatch.setattr(price_commands, "today", lambda: BOOK.review_by + timedelta(days=days))
    done = CliRunner().invoke(typer_app, ["prices", "check"])
    assert done.exit_code == code
    assert ("run `mlops prices refresh --reviewed`" in done.stderr) is bool(code)


# --- the price list --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", sorted(BOOK.items))
def test_item_is_read_from_the_price_list_or_has_a_reason_why_not(item: str) -> None:
    """In the unit of the book, and with a sane range that holds the figure of today."""
    rules = {rule.item: rule for rule in RULES}
    names = rule_of(item)
    assert bool(names) is not bool(reason_not_listed(item))
    for name in names:
        for price in (price for price in PRICES if price.item == item):
            assert rules[name].unit is price.unit
            assert rules[name].least <= price.usd <= rules[name].most


def test_rules_of_the_price_list_are_each_given_once() -> None:
    names = [rule.item for rule in RULES]
    assert sorted(set(names)) == sorted(names)
    parts = {name for names in SUMS.values() for name in names} | {n for steps in LADDERS.values() for n, _ in steps}
    assert {name for name in names if "#" in name} <= parts <= set(names)


def test_regions_of_the_price_list_are_those_of_the_library() -> None:
    assert set(PREFIXES) == set(facts.regions())


@every_file
def test_price_file_without_anything_new_is_not_rewritten(path: Path) -> None:
    assert revise(path.read_text(), {}, [], date(2027, 1, 1)).after == path.read_text()


@every_file
def test_price_file_is_to_be_reviewed_within_six_months(path: Path) -> None:
    found = finops.read_book([path])
    assert timedelta(0) < found.review_by - found.as_of <= timedelta(days=184)


def test_usage_today_is_not_past_its_review() -> None:
    assert date.today() <= default_usage().review_by
    assert default_usage().review_by - default_usage().as_of <= timedelta(days=184)


@pytest.mark.parametrize("price", PRICES, ids=lambda price: f"{price.region}-{price.item}")
def test_price_has_a_dated_source_a_region_and_a_sensible_amount(price: Price) -> None:
    assert price.region in REGIONS
    assert price.source.date <= BOOK.as_of
    assert re.fullmatch(r"[a-z0-9.-]+/[a-z0-9.-]+", price.item)
    assert price.usd < 200
    assert (price.unit is Unit.HOUR) == price.item.startswith(HOURLY) or price.unit in (Unit.GB, Unit.LCU_HOUR)


def test_regions_of_the_book_are_those_of_the_library() -> None:
    assert set(BOOK.regions) == set(REGIONS) == set(facts.regions())


def test_derived_prices_are_only_those_whose_ratio_is_one() -> None:
    derived = [price for price in PRICES if price.basis is Basis.DERIVED]
    assert {price.region for price in derived} <= {"us-west-2"}  # none once all is read from AWS's own list
    for price in derived:
        base = BOOK.find(price.item, "us-east-1")
        assert base is not None
        assert price.usd == base.usd
        assert price.item.partition("/")[2].partition(".")[0] in EQUAL_FAMILIES


@pytest.mark.parametrize(
    ("region", "more"),
    [("us-west-2", set()), ("eu-west-1", {"sagemaker.hosting", "sagemaker.notebook", "sagemaker.storage"})],
)
def test_prices_outside_us_east_1_are_what_sources_say_of_them(region: str, more: set[str]) -> None:
    """Whatever else is there was read from AWS's own list, which has every region."""
    found = [price for price in PRICES if price.region == region and not price.source.name.startswith("AWS Price List")]
    assert {price.item.partition("/")[0] for price in found} <= {"ec2.on-demand", "ec2.spot", "transfer", *more}


def test_spot_is_never_dearer_than_on_demand() -> None:
    for price in PRICES:
        if price.item.startswith("ec2.spot/"):
            on_demand = BOOK.find(price.item.replace("spot", "on-demand"), price.region)
            assert on_demand is not None
            assert price.low is not None
            assert price.low <= price.usd <= on_demand.usd


def test_instance_prices_are_of_types_that_the_facts_know() -> None:
    # r4, r5 and t4g of eu-west-1 prove the ratio between regions; of the first two the facts have no need.
    unknown = {
        price.item.partition("/")[2]
        for price in PRICES
        if price.item.startswith("ec2.") and price.item.partition("/")[2] not in facts.instance_type_names()
    }
    assert unknown == {"r4.xlarge", "r5.12xlarge", "r5.16xlarge"}


@pytest.mark.parametrize("family", ["m7i", "g5", "g6", "g6e", "m6i", "c6i", "r6i"])
def test_instance_prices_grow_with_their_size(family: str) -> None:
    found = [
        (facts.instance_type(price.item.partition("/")[2]).vcpu, price.usd)
        for price in PRICES
        if price.region == "us-east-1" and price.item.startswith(f"ec2.on-demand/{family}.")
    ]
    gpus = family.startswith("g")
    ordered = sorted(found)
    # The one-GPU 16xlarge is cheaper than the four-GPU 12xlarge; of machines without GPUs the larger is dearer.
    assert gpus or [usd for _, usd in ordered] == sorted(usd for _, usd in ordered)
    assert ordered[0][1] == min(usd for _, usd in found)


# --- mappings --------------------------------------------------------------------------------------------------------


def literals() -> Iterator[str]:
    """Items of the price book that the mappings name."""
    for path in (ROOT / "finops" / "mapping").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ("fixed", "metered"):
                named = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
                yield from (value for value in named if isinstance(value, str) and "/" in value)


def test_items_that_mappings_charge_are_in_the_book() -> None:
    named = set(literals())
    assert len(named) > 20
    assert named <= BOOK.items


def test_aws_types_that_mappings_name_exist_in_the_provider() -> None:
    exact = {type_ for type_ in (*MAPPED, *settled_types()) if type_.startswith("aws:") and not type_.endswith("*")}
    assert exact <= set(aws_types.classes()) | {"aws:s3/bucketV2:BucketV2"}
    for start in (type_.removesuffix("*") for type_ in settled_types() if type_.startswith("aws:")):
        assert any(token.startswith(start) for token in aws_types.classes())


def created(*modules: str) -> set[tuple[str, ...]]:
    """Every class of a provider that the components use as a resource: `aws.eks.Cluster`."""
    found = set()
    for path in (ROOT / "components").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            chain = dotted(node)
            if chain[0] in modules and len(chain) > 2 and chain[-1][0].isupper() and not chain[-1].endswith("Args"):
                found.add(chain[1:])
    return found


def dotted(node: ast.AST) -> tuple[str, ...]:
    """`("aws", "eks", "Cluster")` of `aws.eks.Cluster`; of anything else an empty text."""
    if isinstance(node, ast.Attribute):
        return (*dotted(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ("",)


def test_aws_types_that_components_create_are_all_known() -> None:
    tokens = {f"aws:{module}/{name[0].lower()}{name[1:]}:{name}" for module, name in created("aws")}
    assert len(tokens) > 20
    assert [token for token in sorted(tokens) if lookup(token) == NOT_KNOWN] == []


GROUPS = {
    "admissionregistration": "admissionregistration.k8s.io",
    "apiextensions": "apiextensions.k8s.io",
    "networking": "networking.k8s.io",
    "rbac": "rbac.authorization.k8s.io",
    "scheduling": "scheduling.k8s.io",
    "storage": "storage.k8s.io",
    "helm": "helm.sh",
}


def test_kubernetes_types_that_components_create_are_all_known() -> None:
    typed = {chain for chain in created("k8s", "kubernetes") if len(chain) == 3}
    tokens = {f"kubernetes:{GROUPS.get(group, group)}/{version}:{kind}" for group, version, kind in typed}
    assert tokens
    assert [token for token in sorted(tokens) if lookup(token) == NOT_KNOWN] == []


@pytest.mark.parametrize("type_", settled_types())
def test_settled_type_says_why(type_: str) -> None:
    found = settled_types()[type_]
    assert found.state in (State.FREE, State.UNPRICED, State.UNKNOWN)
    assert found.reason
    assert not found.reason.endswith(".")


def test_finops_is_pure_and_quick_to_import() -> None:
    code = (
        "import sys, finops; finops.estimate_state({'resources': []});"
        "print(*sorted({m.partition('.')[0] for m in sys.modules} & {'pulumi', 'pulumi_aws', 'boto3', 'grpc'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_all_names_of_the_package_are_sorted_and_exist() -> None:
    assert sorted(finops.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)) == finops.__all__
    assert all(hasattr(finops, name) for name in finops.__all__)
