"""Assumptions: which one holds, where it says it comes from, and refusals."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops import Usage, UsageError, default_book, default_usage, read_usage
from finops.usage import Assumptions, PoolUse
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


def test_default_usage_assumes_nothing_and_names_every_environment() -> None:
    found = default_usage()
    assert set(found.environments) == {"sandbox", "dev", "staging", "prod"}
    for environment in found.environments:
        assert Assumptions(found, environment).pool("gpu", "urn") == (PoolUse(share_of_limit=D(0)), "default")
        assert Assumptions(found, environment).meter(S3, "models", "urn") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("defaults: {pools: {share_of_limit: 1.5}}", "less than or equal to 1"),
        ("defaults: {pools: {share_of_limit: 0.5, nodes: 2}}", "keep one of them"),
        ("defaults: {meters: {s3.storage/standard: -1}}", "greater than or equal to 0"),
        ("defaults: {meters: {s3/all: 1}}", "meter 's3/all' is not an item of the price book; use one of ebs."),
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
