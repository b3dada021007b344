"""Budgets with their notifications."""

from __future__ import annotations

import datetime
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import like
from sandbox.aws.types import AwsType, Name, pascal, pick
from sandbox.provider.values import Props

_FORMAT = "%Y-%m-%d_%H:%M"
"""How the provider writes the start and the end of a period."""


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, _FORMAT).replace(tzinfo=datetime.UTC)


def _budget(props: Props) -> dict[str, Any]:
    period = {
        api: _moment(props[ours])
        for ours, api in (("timePeriodStart", "Start"), ("timePeriodEnd", "End"))
        if props.get(ours)
    }
    filters = {f["name"]: f["values"] for f in props.get("costFilters") or ()}
    return {
        "BudgetName": props["name"],
        "BudgetType": props["budgetType"],
        "TimeUnit": props["timeUnit"],
        **({"BudgetLimit": {"Amount": props["limitAmount"], "Unit": props["limitUnit"]}} if _limited(props) else {}),
        **({"CostFilters": filters} if filters else {}),
        **({"CostTypes": pascal(props["costTypes"])} if props.get("costTypes") else {}),
        **({"TimePeriod": period} if period else {}),
    }


def _limited(props: Props) -> bool:
    return bool(props.get("limitAmount") and props.get("limitUnit"))


def _notification(item: Props) -> dict[str, Any]:
    return {
        "NotificationType": item["notificationType"],
        "ComparisonOperator": item["comparisonOperator"],
        "Threshold": item["threshold"],
        "ThresholdType": item["thresholdType"],
    }


def _subscribers(item: Props) -> list[dict[str, str]]:
    mails = [{"SubscriptionType": "EMAIL", "Address": a} for a in item.get("subscriberEmailAddresses") or ()]
    topics = [{"SubscriptionType": "SNS", "Address": a} for a in item.get("subscriberSnsTopicArns") or ()]
    return [*mails, *topics]


def _create(aws: Aws, props: Props) -> str:
    aws.client("budgets").create_budget(
        AccountId=aws.account_id,
        Budget=_budget(props),
        NotificationsWithSubscribers=[
            {"Notification": _notification(n), "Subscribers": _subscribers(n)} for n in props.get("notifications") or ()
        ],
    )
    return f"{aws.account_id}:{props['name']}"


def _of(aws: Aws, budget_id: str) -> dict[str, str]:
    return {"AccountId": aws.account_id, "BudgetName": budget_id.partition(":")[2]}


def _read(aws: Aws, budget_id: str, props: Props) -> Props | None:
    budgets, of = aws.client("budgets"), _of(aws, budget_id)
    found = budgets.describe_budget(**of)["Budget"]
    limit = found.get("BudgetLimit") or {}
    filters = [{"name": k, "values": v} for k, v in sorted((found.get("CostFilters") or {}).items())]
    return {
        "arn": f"arn:aws:budgets::{aws.account_id}:budget/{found['BudgetName']}",
        "accountId": aws.account_id,
        "name": found["BudgetName"],
        "budgetType": found["BudgetType"],
        "timeUnit": found["TimeUnit"],
        "limitAmount": like(props.get("limitAmount"), limit.get("Amount")),
        "limitUnit": limit.get("Unit"),
        "costFilters": like(props.get("costFilters"), filters),
        "notifications": _told_notifications(budgets.describe_notifications_for_budget(**of), props),
    }


def _told_notifications(answer: Any, props: Props) -> list[Props]:
    """Return the notifications, each with the receivers that are known: moto cannot list receivers."""
    known, told = props.get("notifications") or [], []
    for item in answer.get("Notifications", ()):
        found = {k[:1].lower() + k[1:]: v for k, v in item.items() if k != "NotificationState"}
        match: Props = next((n for n in known if _notification(n) == _notification(found)), {})
        told.append({**found, **pick(match, "subscriberEmailAddresses", "subscriberSnsTopicArns")})
    return list(like(known, told))


def _update(aws: Aws, budget_id: str, old: Props, new: Props) -> None:
    # moto has no UpdateBudget: the budget is made anew under its name.
    _delete(aws, budget_id, old)
    _create(aws, new)


def _delete(aws: Aws, budget_id: str, props: Props) -> None:
    aws.client("budgets").delete_budget(**_of(aws, budget_id))


TYPES = (
    AwsType(
        token="aws:budgets/budget:Budget",
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
        replaces=frozenset({"accountId", "namePrefix"}),
        name=Name("name", 100),
    ),
)
