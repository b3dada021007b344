"""A monthly budget of the account with alerts, and a monitor that notices unusual cost of any service.

After this runs people get mail when half, four fifths and all of the budget is spent, when the forecast passes it, and
when a service suddenly costs more than it used to. Cost: none for the first two budgets of an account (AWS Budgets,
pricing page, read 2026-11-27); anomaly detection is free. Not stateful.
"""

import dataclasses
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions
from components._core.args import coerce, require
from components._core.base import PlatformComponent

# docs.aws.amazon.com/cost-management/latest/userguide/budgets-best-practices.html and the quotas page (10 addresses for
# an alert, 5 alerts for a budget), read 2026-11-27.
ACTUAL_PERCENT = (50, 80, 100)
FORECAST_PERCENT = 100
MOST_ADDRESSES = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """Arguments of `Budget`."""

    budget_name: str
    """Name of the budget, once in an account."""

    monthly_usd: float
    """What the account may cost in a month, in USD."""

    emails: list[str]
    """Addresses that are told; 1 to 10."""

    anomaly_usd: Optional[float] = None
    """Unusual cost from which on people are told, in USD. Default: a twentieth of the monthly budget, at least 10."""

    def __post_init__(self) -> None:
        most = conventions.LIMITS["budget"]
        length = len(self.budget_name)
        require(1 <= length <= most, "budget_name", f"{length} characters; use 1 to {most}")
        require(self.monthly_usd > 0, "monthly_usd", f"{self.monthly_usd} is no budget; use more than 0 USD")
        count = len(self.emails)
        require(1 <= count <= MOST_ADDRESSES, "emails", f"{count} addresses; use 1 to {MOST_ADDRESSES}")
        anomaly = self.anomaly_usd
        require(anomaly is None or anomaly > 0, "anomaly_usd", f"{anomaly} is not more than 0 USD")


class Budget(PlatformComponent):
    """A monthly budget with alerts, and an anomaly monitor."""

    budget_name: pulumi.Output[str]
    """Name of the budget."""

    monitor_arn: pulumi.Output[str]
    """ARN of the anomaly monitor."""

    def __init__(self, name: str, args: BudgetArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Budget", name, opts)
        args = coerce(BudgetArgs, args)
        budget = aws.budgets.Budget(
            self._child("month"),
            name=args.budget_name,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{args.monthly_usd:.2f}",
            limit_unit="USD",
            notifications=_notifications(args.emails),
            tags=conventions.tags("budget"),
            opts=self._opts(),
        )
        # One for all services: AWS allows a single monitor of this kind in an account.
        monitor = aws.costexplorer.AnomalyMonitor(
            self._child("services"),
            name=args.budget_name,
            monitor_type="DIMENSIONAL",
            monitor_dimension="SERVICE",
            tags=conventions.tags("budget"),
            opts=self._opts(),
        )
        aws.costexplorer.AnomalySubscription(
            self._child("anomalies"),
            name=args.budget_name,
            frequency="DAILY",
            monitor_arn_lists=[monitor.arn],
            subscribers=[{"type": "EMAIL", "address": address} for address in args.emails],
            threshold_expression=_at_least(args.anomaly_usd or max(10.0, args.monthly_usd / 20)),
            tags=conventions.tags("budget"),
            opts=self._opts(),
        )
        self.budget_name = budget.name
        self.monitor_arn = monitor.arn
        self._register()


def _notifications(emails: list[str]) -> list[dict[str, Any]]:
    """Return the alerts: on what was spent, and on what the month will have cost."""
    common = {
        "comparison_operator": "GREATER_THAN",
        "threshold_type": "PERCENTAGE",
        "subscriber_email_addresses": emails,
    }
    spent = [{**common, "notification_type": "ACTUAL", "threshold": percent} for percent in ACTUAL_PERCENT]
    return [*spent, {**common, "notification_type": "FORECASTED", "threshold": FORECAST_PERCENT}]


def _at_least(usd: float) -> dict[str, Any]:
    return {
        "dimension": {
            "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "match_options": ["GREATER_THAN_OR_EQUAL"],
            "values": [f"{usd:.2f}"],
        }
    }
