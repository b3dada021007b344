"""The account's budget."""

from __future__ import annotations

from typing import Any

import pytest

from components._core.args import ArgsError
from components.budget import Budget, BudgetArgs
from tests.graph import Graph, record

BUDGET = "aws:budgets/budget:Budget"
SUBSCRIPTION = "aws:costexplorer/anomalySubscription:AnomalySubscription"
MAIL = ["ml@example.com"]


def built(**changes: Any) -> Graph:
    given: dict[str, Any] = {"budget_name": "acme-mlp-dev", "monthly_usd": 5000, "emails": MAIL, **changes}
    return record(lambda: Budget("budget", BudgetArgs(**given)).budget_name)


def test_budget_tells_of_what_was_spent_and_of_what_will_be() -> None:
    budget = built().one(BUDGET).inputs
    assert (budget["budgetType"], budget["timeUnit"]) == ("COST", "MONTHLY")
    assert (budget["limitAmount"], budget["limitUnit"]) == ("5000.00", "USD")
    alerts = [(n["notificationType"], n["threshold"]) for n in budget["notifications"]]
    assert alerts == [("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
    assert all(n["subscriberEmailAddresses"] == MAIL for n in budget["notifications"])


@pytest.mark.parametrize(
    ("changes", "usd"),
    [({}, "250.00"), ({"monthly_usd": 100}, "10.00"), ({"anomaly_usd": 42.5}, "42.50")],
)
def test_budget_anomalies_are_told_from_a_share_of_the_budget_on(changes: dict[str, Any], usd: str) -> None:
    graph = built(**changes)
    subscription = graph.one(SUBSCRIPTION).inputs
    assert subscription["thresholdExpression"]["dimension"]["values"] == [usd]
    assert subscription["subscribers"] == [{"type": "EMAIL", "address": "ml@example.com"}]
    assert graph.depends(graph.one(SUBSCRIPTION), graph.one("aws:costexplorer/anomalyMonitor:AnomalyMonitor"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"monthly_usd": 0}, "monthly_usd: 0 is no budget"),
        ({"emails": []}, "emails: 0 addresses; use 1 to 10"),
        ({"emails": MAIL * 11}, "emails: 11 addresses; use 1 to 10"),
        ({"anomaly_usd": -1.0}, "anomaly_usd: -1.0 is not more than 0 USD"),
        ({"budget_name": "x" * 101}, "budget_name: 101 characters; use 1 to 100"),
    ],
)
def test_budget_fails_when(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ArgsError, match=says):
        built(**changes)
