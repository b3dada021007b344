"""`mlops cost` on a stack of ours: the engine previews it in the sandbox, without packs and without credentials."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal

import pytest

from tests.engine.cloud import Cloud

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("environments")]


@pytest.fixture(scope="module")
def priced(cloud: Cloud) -> subprocess.CompletedProcess[str]:
    return cloud.mlops("cost", "sandbox", "--format", "json", "--compare", "--fail-over-budget")


def test_stack_is_priced_before_anything_exists(priced: subprocess.CompletedProcess[str]) -> None:
    assert priced.returncode == 0, priced.stderr
    shown = json.loads(priced.stdout)
    assert shown["schema_version"] == 1
    assert shown["missing"] == 0
    assert Decimal(shown["monthly"]["floor"]) > 100
    assert Decimal(shown["monthly"]["floor"]) <= Decimal(shown["monthly"]["expected"])
    assert Decimal(shown["monthly"]["expected"]) < Decimal(shown["monthly"]["ceiling"])
    assert {"cluster", "network", "keys"} <= {group["name"] for group in shown["groups"]}
    assert {one["team"] for one in shown["resources"] if one["state"] == "priced"} == {"ml-platform@example.com"}


def test_nothing_is_deployed_so_everything_is_added(priced: subprocess.CompletedProcess[str]) -> None:
    found = json.loads(priced.stdout)["comparison"]
    assert found["before"]["monthly"]["expected"] == "0.00"
    assert found["difference"] == found["after"]["monthly"]
    assert found["counts"]["added"] > 10
    assert (found["counts"]["removed"], found["counts"]["changed"]) == (0, 0)


def test_preview_ran_without_packs_and_told_where_it_was(
    cloud: Cloud, priced: subprocess.CompletedProcess[str]
) -> None:
    assert "previewing sandbox" in priced.stderr
    assert "pricing it" in priced.stderr
    events = (cloud.layout.logs / "preview-sandbox.events.jsonl").read_text()
    assert "resourcePreEvent" in events
    assert "policyEvent" not in events
