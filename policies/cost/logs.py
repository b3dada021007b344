"""Logs: cheap by the line, dear by the year."""

from collections.abc import Iterator, Mapping
from typing import Final, Self

from pydantic import Field, model_validator

from policies._engine.build import rule, some, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path
from policies.cost.reading import asked

GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"

PERIODS: Final = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
"""Days that CloudWatch Logs can keep events (PutRetentionPolicy, API reference, read 2026-11-23)."""


class RetentionParams(Params):
    """Parameters of COST-LOG-001, in days; a year where security wants one is said here, not in another
    rule."""

    minimum_days: ByEnvironment[int] = Field(default={"default": 1})
    maximum_days: ByEnvironment[int] = Field(default={"default": 400, "sandbox": 7, "development": 30, "staging": 90})

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for table in (self.minimum_days, self.maximum_days):
            for days in table.values():
                if days not in PERIODS:
                    raise ValueError(f"{days} is not a period of CloudWatch Logs; use one of {sorted(PERIODS)}")
        for name in {*self.minimum_days, *self.maximum_days}:
            low = self.minimum_days.get(name, self.minimum_days["default"])
            high = self.maximum_days.get(name, self.maximum_days["default"])
            if low > high:
                raise ValueError(f"{name}: the minimum of {low} days is above the maximum of {high}")
        return self


def _shorten(group: Resource, ctx: Context[RetentionParams]) -> Mapping[Path, int]:
    low, high = ctx.by_environment(ctx.params.minimum_days), ctx.by_environment(ctx.params.maximum_days)
    days = group.props.at("retentionInDays")
    return {"retentionInDays": low if isinstance(days, int) and 0 < days < low else high}


@rule(
    "COST-LOG-001",
    "cloudwatch-loggroup-limit-retention",
    "Log groups keep events for a limited time",
    on=(GROUP,),
    params=RetentionParams,
    fix=_shorten,
    severity=Severity.LOW,
    rationale="CloudWatch keeps events for ever unless told otherwise, and bills them every month.",
    controls=("checkov:CKV_AWS_66", "aws-wa-cost:COST04-BP05"),
    bad="aws.cloudwatch.LogGroup(name)  # kept for ever",
    remedy=("Set a retention within the bounds of the environment.", "retention_in_days=30"),
)
def retention(group: Resource, ctx: Context[RetentionParams]) -> Iterator[Outcome]:
    """0 and unset both mean for ever."""
    days = group.props.number("retentionInDays", 0)
    low, high = ctx.by_environment(ctx.params.minimum_days), ctx.by_environment(ctx.params.maximum_days)
    shown = group.props.shown("retentionInDays")
    if not days:
        yield Finding(f"retentionInDays is {shown}: for ever; wanted {low} to {high} days")
    elif not low <= days <= high:
        yield Finding(f"retentionInDays is {shown}; wanted {low} to {high} days")


class VolumeParams(Params):
    """Parameters of COST-LOG-002."""

    accepted: ByEnvironment[bool] = Field(default={"default": False})
    """Whether control plane logs may go where nobody in the stack limits them."""


@stack_rule(
    "COST-LOG-002",
    "eks-cluster-require-own-log-group",
    "Control plane logs go to a log group of the stack",
    on=("aws:eks/cluster:Cluster",),
    params=VolumeParams,
    severity=Severity.LOW,
    rationale="Audit logs of a busy cluster are GBs a day at 0.50 USD each; EKS makes groups that keep them for ever.",
    controls=("aws-wa-cost:COST04-BP05", "aws-wa-cost:COST02-BP05"),
    bad='aws.eks.Cluster("main", name="main", enabled_cluster_log_types=["audit"])  # EKS makes the group',
    remedy=(
        "Create the log group with a retention before the cluster: EKS writes into one that is there.",
        'aws.cloudwatch.LogGroup("logs", name="/aws/eks/main/cluster", retention_in_days=30)',
    ),
)
def control_plane_logs(cluster: Resource, stack: Stack, ctx: Context[VolumeParams]) -> Iterator[Outcome]:
    """EKS names the group after the cluster (EKS user guide, control plane logs, read 2026-11-23)."""
    props = asked(cluster).props
    if not len(props.sequence("enabledClusterLogTypes")):
        raise NotApplicable("the control plane writes no logs")
    if ctx.by_environment(ctx.params.accepted):
        raise NotApplicable("the volume of these logs is accepted")
    wanted = f"/aws/eks/{props.text('name')}/cluster"
    if not some(stack.of(GROUP), lambda group: group.props.at("name") == wanted):
        yield Finding(f"log group {wanted[:128]} is not in the stack, so EKS makes it and keeps events for ever")


RULES = (retention, control_plane_logs)
