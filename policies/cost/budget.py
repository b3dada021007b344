"""Budgets: whether anybody is told, and whether what is planned fits."""

import fnmatch
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic import Field

from finops import Dimension, Estimate, Item, groups
from finops.line import money, monthly
from finops.owners import NONE
from policies._engine.build import some, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import Undetermined
from policies.cost import planned
from policies.cost.gpu_price import Usd
from policies.cost.instances import shown
from policies.cost.reading import asked

BUDGET = "aws:budgets/budget:Budget"
MONITOR = "aws:costexplorer/anomalyMonitor:AnomalyMonitor"
SUBSCRIPTION = "aws:costexplorer/anomalySubscription:AnomalySubscription"


class AlarmParams(Params):
    """Parameters of COST-BUD-001."""

    kept_elsewhere: ByEnvironment[str] = Field(default={"default": ""})
    """Stack or team that keeps budget and anomaly monitor of the account; empty where this stack must."""


@stack_rule(
    "COST-BUD-001",
    "aws-account-require-budget-and-anomaly-monitor",
    "A budget and an anomaly monitor tell somebody of the account's cost",
    params=AlarmParams,
    severity=Severity.HIGH,
    rationale="Without them the first word of a runaway job is the invoice, weeks later.",
    controls=("aws-wa-cost:COST03-BP05", "aws-wa-cost:COST01-BP03", "aws-wa-cost:COST01-BP06"),
    bad='aws.budgets.Budget("all", budget_type="COST", time_unit="MONTHLY", limit_amount="5000", limit_unit="USD")',
    remedy=(
        "Add a COST budget with a notification, an anomaly monitor and a subscription; or name in the profile who "
        "keeps them for the account.",
        'notifications=[{"comparison_operator": "GREATER_THAN", "notification_type": "FORECASTED",\n'
        '    "threshold": 100, "threshold_type": "PERCENTAGE", "subscriber_email_addresses": [owner]}]',
    ),
)
def told_of_cost(_root: Resource, stack: Stack, ctx: Context[AlarmParams]) -> Iterator[Outcome]:
    """Both are of the account: one stack in it keeps them for all."""
    if not any(one.type.startswith("aws:") for one in stack.resources):
        raise NotApplicable("the stack has nothing in AWS")
    keeper = ctx.by_environment(ctx.params.kept_elsewhere)
    if keeper:
        raise NotApplicable(f"budget and anomaly monitor are kept by {keeper}")
    yield from _need(stack, BUDGET, "budget of type COST with a notification and a subscriber", _notifies)
    yield from _need(stack, MONITOR, "anomaly monitor", lambda _monitor: True)
    yield from _need(stack, SUBSCRIPTION, "anomaly subscription with a subscriber", _subscribes)


def _need(stack: Stack, kind: str, wanted: str, test: Callable[[Resource], bool]) -> Iterator[Outcome]:
    try:
        if not some(stack.of(kind), test):
            yield Finding(f"the stack has no {wanted}")
    except Undetermined as gap:
        yield gap


def _notifies(budget: Resource) -> bool:
    return budget.props.at("budgetType") == "COST" and some(budget.props.sequence("notifications"), _reaches_somebody)


def _reaches_somebody(notification: object) -> bool:
    """Who is told may be unknown in a preview; that somebody is told is not."""
    if not isinstance(notification, View):
        return False
    keys = ("subscriberEmailAddresses", "subscriberSnsTopicArns")
    return any(len(notification.sequence(key)) for key in keys)


def _subscribes(subscription: Resource) -> bool:
    return bool(len(subscription.props.sequence("subscribers")))


class MonthParams(Params):
    """Parameters of COST-BUD-002."""

    monthly_usd: ByEnvironment[Usd | None] = Field(default={"default": None})
    """What a stack may cost in a month at most. The AWS budget in the stack itself holds where it is lower; none: it
    alone."""

    ceiling: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether the cost with every pool and node group at its limit must fit as well, not the expected cost alone."""

    # Cents by use; charts, whose pods run on nodes and in volumes that are counted where they can be seen.
    passed_over: tuple[str, ...] = (
        "aws:budgets/*",
        "aws:cloudwatch/*",
        "aws:route53/*",
        "aws:scheduler/*",
        "aws:sns/*",
        "aws:sqs/*",
        "kubernetes:helm.sh/*",
    )
    """Types, by glob, whose missing or unknown prices do not keep the verdict open."""


@stack_rule(
    "COST-BUD-002",
    "pulumi-stack-limit-expected-cost",
    "The expected cost of the stack, and in production its limits, are within the budget",
    params=MonthParams,
    severity=Severity.HIGH,
    rationale="A budget of the account is noticed when the money is spent; this one, before anything is created.",
    controls=("aws-wa-cost:COST02-BP02", "aws-wa-cost:COST01-BP03", "aws-wa-cost:COST06-BP01"),
    bad="aws.ec2.CapacityReservation(name, instance_type=p5, instance_count=2)  # 80 358 USD a month",
    remedy=(
        "Take out or make smaller what the message names first; or agree on a higher budget, in the stack's AWS budget "
        "and in the profile.",
        'aws.ec2.CapacityReservation(name, instance_type="g6e.12xlarge", instance_count=1)',
    ),
)
def expected_cost(_root: Resource, stack: Stack, ctx: Context[MonthParams]) -> Iterator[Outcome]:
    """What the estimator expects, at list prices and assumed use; and, where asked for, what the limits allow."""
    budget = _budget(stack, ctx)
    found = planned.estimate_of(stack, ctx.today, ctx.environment)
    if found.expected > budget.usd:
        least = "at least " if found.at_least else ""
        yield Finding(_sum(f"expected cost is {least}", "expected", found, budget))
        return
    above = found.ceiling > budget.usd or bool(found.unbounded)
    if above and ctx.by_environment(ctx.params.ceiling):
        yield from _above_at_limits(found, budget)
        return
    if gaps := list(_gaps(found, ctx.params.passed_over)):
        so_far = f"expected cost is at least {money(found.expected)} a month of {budget}"
        yield Undetermined(f"{so_far}; without a price: {shown(gaps)}")


def _above_at_limits(found: Estimate, budget: "_Budget") -> Iterator[Outcome]:
    if found.unbounded:
        names = shown(item.resource.name for item in found.unbounded)
        yield Finding(f"nothing limits what {names} can cost, and the stack has {budget}; set limits")
    if found.ceiling > budget.usd:
        yield Finding(_sum("at its limits the stack costs ", "ceiling", found, budget))


@dataclass(frozen=True)
class _Budget:
    """USD a month, and who says so."""

    usd: Decimal
    origin: str

    def __str__(self) -> str:
        return f"a budget of {money(self.usd)} ({self.origin})"


def _budget(stack: Stack, ctx: Context[MonthParams]) -> _Budget:
    """Return the lowest of the profile's budget and those in the stack. Raises `NotApplicable` without one."""
    agreed = ctx.by_environment(ctx.params.monthly_usd)
    found = [] if agreed is None else [_Budget(Decimal(agreed), "of the profile")]
    try:
        found += [own for one in stack.of(BUDGET) if (own := _own(asked(one)))]
    except Undetermined:
        # What the account is told of may hang on another stack; the profile's figure does not.
        if not found:
            raise
    if not found:
        where = ctx.environment or "any environment"
        raise NotApplicable(f"no budget is set for {where}, neither in the profile nor in the stack")
    return min(found, key=lambda budget: budget.usd)


_USD: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


def _own(budget: Resource) -> _Budget | None:
    """Return an AWS budget of all costs of a month in USD; None for one of a part of them, or of something else."""
    props = budget.props
    kind = (props.at("budgetType"), props.at("timeUnit"), props.at("limitUnit"))
    narrowed = any(budget.sets(key) for key in ("costFilters", "filterExpression"))
    limit = props.at("limitAmount")
    if kind != ("COST", "MONTHLY", "USD") or narrowed or not _USD.fullmatch(str(limit)):
        return None
    return _Budget(Decimal(str(limit)), f"{budget.name[:64]} of the stack")


def _gaps(found: Estimate, passed_over: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of what has no price, or of which it is not known what it costs."""
    for item in found.items:
        known = any(fnmatch.fnmatchcase(item.resource.type, glob) for glob in passed_over)
        if not known and any(planned.lacking(item)):
            yield item.resource.name


def _sum(begin: str, which: str, found: Estimate, budget: _Budget) -> str:
    """Return the arithmetic: the figure, the budget, the difference, and what costs most."""
    total: Decimal = getattr(found, which)
    return (
        f"{begin}{money(total)} a month, {money(total - budget.usd)} above {budget}; "
        f"dearest: {', '.join(_dearest(found, which))}"
    )


def _dearest(found: Estimate, which: str) -> Iterator[str]:
    """Yield the three dearest components with their cost; what belongs to none counts by itself."""
    ranked: list[tuple[Decimal, str]] = []
    for group in groups(found, Dimension.COMPONENT):
        if group.name == NONE:
            ranked += [(_total(item, which), item.resource.name) for item in group.items]
        else:
            ranked.append((getattr(group, which), group.name))
    for usd, name in sorted(ranked, key=lambda one: (-one[0], one[1]))[:3]:
        if usd:
            yield f"{name[:64]} {money(usd)}"


def _total(item: Item, which: str) -> Decimal:
    return sum((monthly(getattr(line, which)) for line in item.lines), Decimal(0))


RULES = (told_of_cost, expected_cost)
