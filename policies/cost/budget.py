"""Budgets: whether anybody is told, and whether what is planned fits."""

import fnmatch
from collections.abc import Callable, Iterator
from decimal import Decimal

from pydantic import Field

from finops import Estimate, Item
from finops.line import money, monthly
from policies._engine.build import some, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import Undetermined
from policies.cost import planned
from policies.cost.gpu_price import Usd
from policies.cost.instances import shown

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
    """What a stack is expected to cost in a month at most; none: not judged."""

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
    "The expected cost of the stack is within its budget",
    params=MonthParams,
    severity=Severity.HIGH,
    rationale="A budget of the account is noticed when the money is spent; this one, before anything is created.",
    controls=("aws-wa-cost:COST02-BP02", "aws-wa-cost:COST01-BP03", "aws-wa-cost:COST06-BP01"),
    bad="aws.ec2.CapacityReservation(name, instance_type=p5, instance_count=2)  # 80 358 USD a month",
    remedy=(
        "Take out or make smaller what the message names first, or agree on a higher budget in the profile.",
        'aws.ec2.CapacityReservation(name, instance_type="g6e.12xlarge", instance_count=1)',
    ),
)
def expected_cost(_root: Resource, stack: Stack, ctx: Context[MonthParams]) -> Iterator[Outcome]:
    """What the estimator expects, at list prices; of use it knows what its assumptions say."""
    budget = ctx.by_environment(ctx.params.monthly_usd)
    if budget is None:
        raise NotApplicable(f"no budget is set for {ctx.environment or 'any environment'}")
    found = planned.estimate_of(stack, ctx.today)
    gaps = list(_gaps(found, ctx.params.passed_over))
    if found.expected > budget:
        least = "at least " if found.at_least else ""
        yield Finding(
            f"expected cost is {least}{money(found.expected)} a month, above the budget of {money(Decimal(budget))}: "
            f"{_dearest(found)}"
        )
    elif gaps:
        so_far = f"expected cost is at least {money(found.expected)} a month of {money(Decimal(budget))}"
        yield Undetermined(f"{so_far}; without a price: {shown(gaps)}")


def _gaps(found: Estimate, passed_over: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of what has no price, or of which it is not known what it costs."""
    for item in found.items:
        known = any(fnmatch.fnmatchcase(item.resource.type, glob) for glob in passed_over)
        if not known and any(planned.lacking(item)):
            yield item.resource.name


def _expected(item: Item) -> Decimal:
    return sum((monthly(line.expected) for line in item.lines), Decimal(0))


def _dearest(found: Estimate) -> str:
    ranked = sorted(found.items, key=lambda item: (-_expected(item), item.resource.name))
    return ", ".join(f"{item.resource.name[:64]} {money(_expected(item))}" for item in ranked[:5])


RULES = (told_of_cost, expected_cost)
