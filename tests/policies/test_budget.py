"""Budgets in the loop: one figure of a stack file makes the AWS budget and stops the update that passes it."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from blueprints import REGISTRY, check
from policies._engine import environments, profiles
from policies._engine.evaluate import Judge, Judgement, Settings
from policies._engine.model import Resource, Stack
from policies._engine.profiles import Level
from policies._engine.rule import Verdict
from policies.cost import planned
from policies.cost.pack import PACK
from stacks.load import load
from stacks.services import Budget
from stacks.settings import Platform
from tests.graph import Graph, record
from tests.policies.build import TODAY
from tests.policies.graphs import resources

RULE = "COST-BUD-002"
WARNS = f"""
name: warns
description: Development as the figure of a budget is to be judged there.
extends: development
rules:
  {RULE}:
    level: advisory
    params: {{ceiling: {{default: true}}}}
"""


def platform(stack: str, monthly_usd: int) -> Platform:
    """A stack file in the region whose prices are known, with another budget."""
    found = load(stack, check)
    changes = {"region": "us-east-1", "budget": {"monthly_usd": monthly_usd}}
    network = {**found.network.model_dump(exclude={"existing"}), "zones": ["us-east-1a", "us-east-1b", "us-east-1c"]}
    return Platform.model_validate({**found.model_dump(), **changes, "network": network})


@cache
def recorded(stack: str, monthly_usd: int) -> Graph:
    return record(lambda: dict(REGISTRY["starter"].build(platform(stack, monthly_usd))), preview=True, stack=stack)


def seen(graph: Graph, stack: str) -> Stack:
    """What the engine shows to stack rules, components included."""
    components = [Resource(r.type, r.urn, r.name, dict, parent=r.parent) for r in graph.resources if not r.custom]
    return Stack([*resources(graph, stack), *components])


def judged(stack: str, monthly_usd: int, profile: str | None = None) -> tuple[Level, Judgement]:
    """The rule's level and verdict on a recorded stack, under the profile of its environment."""
    environment = environments.normal(stack)
    loaded = profiles.load(profile or profiles.for_environment(environment), PACK)
    settings = Settings(loaded, stack_environment=environment)
    found = Judge(PACK, settings, TODAY).judge(PACK.by_id[RULE], *_whole(stack, monthly_usd))
    return settings.report_level(PACK.by_id[RULE]), found


def _whole(stack: str, monthly_usd: int) -> tuple[Resource, Stack]:
    whole = seen(recorded(stack, monthly_usd), stack)
    return whole.root, whole


def test_production_over_its_budget_is_refused_with_the_arithmetic() -> None:
    level, found = judged("prod", 1000)
    assert (level, found.verdict) == (Level.MANDATORY, Verdict.FAIL)
    expected = planned.estimate_of(_whole("prod", 1000)[1], TODAY).expected
    over = expected - 1000
    assert expected > 5000
    (text,) = found.reasons
    assert f"expected cost is at least ${expected:,.2f} a month, ${over:,.2f} above a budget of $1,000.00" in text
    assert "(budget-month of the stack)" in text
    # Pools first: each is a component of its own.
    assert "; dearest: pool-inference $" in text
    assert text.count("$") == 3 + 3


def test_production_whose_limits_pass_its_budget_is_refused() -> None:
    whole = _whole("prod", 50000)[1]
    found = planned.estimate_of(whole, TODAY)
    assert found.expected < 50000 < found.ceiling
    level, judgement = judged("prod", 50000)
    assert (level, judgement.verdict) == (Level.MANDATORY, Verdict.FAIL)
    assert judgement.reasons[0].startswith(f"at its limits the stack costs ${found.ceiling:,.2f} a month, ")


def test_production_within_its_budget_is_not_refused() -> None:
    _, judgement = judged("prod", 500000)
    assert judgement.verdict is not Verdict.FAIL


@pytest.mark.parametrize("monthly_usd", [300, 2000], ids=["expected", "limits"])
def test_development_over_its_budget_is_warned_of(tmp_path: Path, monthly_usd: int) -> None:
    profile = tmp_path / "warns.yaml"
    profile.write_text(WARNS)
    level, found = judged("dev", monthly_usd, str(profile))
    assert (level, found.verdict) == (Level.ADVISORY, Verdict.FAIL)
    total = planned.estimate_of(_whole("dev", monthly_usd)[1], TODAY)
    assert 300 < total.expected < 2000 < total.ceiling
    assert f"a budget of ${monthly_usd:,}.00 (budget-month of the stack)" in found.reasons[0]


def test_figure_of_the_stack_file_is_that_of_the_aws_budget_and_of_its_alerts() -> None:
    graph = recorded("prod", 1000)
    budget = graph.one("aws:budgets/budget:Budget").inputs
    assert Decimal(budget["limitAmount"]) == platform("prod", 1000).budget.monthly_usd  # type: ignore[union-attr]
    alerts = {(one["notificationType"], one["threshold"]) for one in budget["notifications"]}
    assert alerts >= {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
    assert len(graph.of("aws:costexplorer/anomalyMonitor:AnomalyMonitor")) == 1
    assert len(graph.of("aws:costexplorer/anomalySubscription:AnomalySubscription")) == 1


@pytest.mark.parametrize("stack", ["sandbox", "dev", "staging", "prod"])
def test_every_stack_file_has_a_budget(stack: str) -> None:
    assert isinstance(load(stack, check).budget, Budget)


def test_assumptions_follow_the_environment_where_the_name_of_the_stack_says_nothing() -> None:
    graph = record(lambda: dict(REGISTRY["starter"].build(platform("prod", 1000))), preview=True, stack="blue")
    whole = seen(graph, "blue")
    assert planned.estimate_of(whole, TODAY).environment == "blue"
    named = planned.estimate_of(whole, TODAY, "production")
    assert named.expected > planned.estimate_of(whole, TODAY).expected
    assert named.expected == planned.estimate_of(_whole("prod", 1000)[1], TODAY, "production").expected
