"""What most teams got from a template and have kept: tags, and somebody who is told of the cost."""

from __future__ import annotations

import pulumi_aws as aws


def tags(environment: str, owner: str, data_class: str = "metadata") -> dict[str, str]:
    """Default tags of a provider, all of them."""
    return {
        "environment": environment,
        "owner": owner,
        "cost-center": "cc-4711",
        "platform": "ml",
        "managed-by": "pulumi",
        "component": owner,
        "data-class": data_class,
    }


def watch_spending(owner: str, limit: str = "20000") -> None:
    """A budget and an anomaly monitor, both of which write to somebody."""
    address = f"{owner}@corp.example"
    aws.budgets.Budget(
        "monthly-budget",
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=limit,
        limit_unit="USD",
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "notification_type": "FORECASTED",
                "threshold": 100,
                "threshold_type": "PERCENTAGE",
                "subscriber_email_addresses": [address],
            }
        ],
    )
    monitor = aws.costexplorer.AnomalyMonitor(
        "spending", name="spending", monitor_type="DIMENSIONAL", monitor_dimension="SERVICE"
    )
    aws.costexplorer.AnomalySubscription(
        "spending-mail",
        name="spending-mail",
        frequency="DAILY",
        monitor_arn_lists=[monitor.arn],
        subscribers=[{"type": "EMAIL", "address": address}],
        threshold_expression={
            "dimension": {
                "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                "match_options": ["GREATER_THAN_OR_EQUAL"],
                "values": ["100"],
            }
        },
    )
