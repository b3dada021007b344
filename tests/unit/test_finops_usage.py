"""Assumptions: which one holds, where it says it comes from, and refusals."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops import Usage, UsageError, default_book, default_usage, read_usage
from finops.usage import FILE, Assumptions, PoolUse
from stacks import load as stacks
from tests.unit.finops_kit import usage

D = Decimal
S3 = "s3.storage/standard"
HEAD = "as_of: 2026-01-01\nreview_by: 2026-06-30\n"

LAYERED = usage(
    defaults={
        "pools": {"share_of_limit": "0.1"},
        "meters": {S3: 1, "ecr/storage": 5},
        "resources": {"models": {"meters": {S3: 3}}},
    },
    environments={
        "dev": {"pools": {"nodes": 2}, "meters": {S3: 2}},
        "prod": {
            "resources": {"*:NodePool::gpu-*": {"pools": {"share_of_limit": "0.5"}}, "models": {"meters": {S3: 9}}}
        },
    },
)


@pytest.mark.parametrize(
    ("environment", "name", "item", "expected"),
    [
        ("dev", "logs", S3, (D(2), "environment dev")),
        ("dev", "models", S3, (D(3), "default, resource models")),
        ("prod", "models", S3, (D(9), "environment prod, resource models")),
        ("prod", "logs", S3, (D(1), "default")),
        ("dev", "logs", "ecr/storage", (D(5), "default")),
        ("elsewhere", "logs", S3, (D(1), "default")),
        ("dev", "logs", "logs/ingested", None),
    ],
)
def test_meter_is_assumed_by_the_closest_that_says_anything(
    environment: str, name: str, item: str, expected: tuple[Decimal, str] | None
) -> None:
    assert Assumptions(LAYERED, environment).meter(item, name, f"urn::{name}") == expected


@pytest.mark.parametrize(
    ("environment", "name", "expected", "origin"),
    [
        ("dev", "gpu-a", PoolUse(nodes=D(2)), "environment dev"),
        ("prod", "gpu-a", PoolUse(share_of_limit=D("0.5")), "environment prod, resource *:NodePool::gpu-*"),
        ("prod", "cpu", PoolUse(share_of_limit=D("0.1")), "default"),
    ],
)
def test_pool_is_assumed_by_the_closest_that_says_anything(
    environment: str, name: str, expected: PoolUse, origin: str
) -> None:
    urn = f"urn:pulumi:prod::p::kubernetes:karpenter.sh/v1:NodePool::{name}"
    assert Assumptions(LAYERED, environment).pool(name, urn) == (expected, origin)


def test_pool_without_any_assumption_runs_nothing() -> None:
    found = Assumptions(usage(), "dev").pool("gpu", "urn")
    assert found == (PoolUse(share_of_limit=D(0)), "default")


@pytest.mark.parametrize("environment", ["sandbox", "elsewhere", "", "dev-of-somebody"])
def test_default_usage_assumes_nothing_of_the_sandbox_and_of_what_it_does_not_know(environment: str) -> None:
    found = Assumptions(default_usage(), environment)
    assert found.pool("gpu", "urn") == (PoolUse(share_of_limit=D(0)), "default")
    assert all(found.meter(item, "models", "urn") is None for item in default_book().items)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_default_usage_assumes_what_the_platform_pays_by_use(environment: str) -> None:
    found = Assumptions(default_usage(), environment)
    use, origin = found.pool("gpu", "urn")
    assert use.share_of_limit is not None
    assert 0 < use.share_of_limit < 1
    assert origin == f"environment {environment}"
    for item in (S3, "vpc/nat-data", "logs/ingested", "logs/stored", "transfer/internet", "ecr/storage"):
        told = found.meter(item, "anything", "urn")
        assert told is not None, item
        assert told[0] > 0
        assert told[1] == f"environment {environment}"


def test_default_usage_of_production_is_the_largest() -> None:
    def amounts(environment: str) -> list[Decimal]:
        found = Assumptions(default_usage(), environment)
        told = (found.meter(item, "anything", "urn") for item in sorted(default_usage().environments["dev"].meters))
        return [amount for amount, _ in filter(None, told)]

    dev, staging, prod = (amounts(name) for name in ("dev", "staging", "prod"))
    assert len(dev) == len(staging) == len(prod)
    assert all(a <= b <= c for a, b, c in zip(dev, staging, prod, strict=True))


def test_default_usage_names_buckets_and_pools_as_the_library_does() -> None:
    found = Assumptions(default_usage(), "prod")
    assert found.pool("pool-notebooks-pool", "urn")[1] == "environment prod, resource *notebook*"
    assert found.meter(S3, "artifacts-datasets", "urn") == (D(20000), "environment prod, resource *datasets*")
    assert found.meter(S3, "artifacts-logs", "urn") == (D(1000), "environment prod")


def test_default_usage_is_beside_the_stack_files_and_says_where_each_figure_comes_from() -> None:
    assert FILE.parent == stacks.FOLDER
    unsaid, above = [], ""
    for line in FILE.read_text().splitlines():
        figure = not line.lstrip().startswith("#") and line.rstrip()[-1:].isdigit() and line.startswith("    ")
        if figure and not above.lstrip().startswith("#"):
            unsaid.append(line.strip())
        above = line
    assert unsaid == []
    assert FILE.read_text().count("#") > 60


@pytest.mark.parametrize(
    ("given", "section"),
    [("production", "prod"), ("Prod", "prod"), ("development", "dev"), ("preprod", "staging"), ("blue", None)],
)
def test_section_of_an_environment_is_found_by_other_usual_names(given: str, section: str | None) -> None:
    assert default_usage().section(given) == section
    origin = f"environment {section}" if section else "default"
    assert Assumptions(default_usage(), given).pool("gpu", "urn")[1] == origin


def test_section_by_its_own_name_comes_before_an_alias() -> None:
    found = usage(environments={"prod": {}, "production": {"pools": {"nodes": 7}}})
    assert found.section("production") == "production"
    assert Assumptions(found, "production").pool("gpu", "urn")[0] == PoolUse(nodes=D(7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("defaults: {pools: {share_of_limit: 1.5}}", "less than or equal to 1"),
        ("defaults: {pools: {share_of_limit: 0.5, nodes: 2}}", "keep one of them"),
        ("defaults: {meters: {s3.storage/standard: -1}}", "greater than or equal to 0"),
        (
            "defaults: {meters: {s3/all: 1}}",
            "meter 's3/all' is not an item of the price book; use one of finops/prices, such as ",
        ),
        ("defaults: {meters: {vpc/nat-dat: 1}}", "such as vpc/nat-data"),
        ("environments: {dev: {resources: {a: {meters: {nothing: 1}}}}}", "meter 'nothing' is not an item"),
        ("environments: {dev: {pool: {nodes: 1}}}", "Extra inputs are not permitted"),
        ("defaults: [", "usage.yaml: "),
    ],
)
def test_usage_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "usage.yaml"
    path.write_text(HEAD + text)
    with pytest.raises(UsageError) as error:
        read_usage(path, default_book())
    assert said in str(error.value)


def test_usage_file_is_read_with_exact_decimals(tmp_path: Path) -> None:
    path = tmp_path / "usage.yaml"
    path.write_text(HEAD + "defaults: {pools: {share_of_limit: 0.1}}")
    found = read_usage(path, default_book())
    assert found.defaults.pools.share_of_limit == D("0.1")
    assert found == Usage.model_validate(
        {"as_of": date(2026, 1, 1), "review_by": date(2026, 6, 30), "defaults": {"pools": {"share_of_limit": "0.1"}}}
    )
