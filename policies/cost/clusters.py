"""EKS control planes."""

import datetime
from collections.abc import Iterator

from pydantic import Field

from policies._engine.build import differs, rule
from policies._engine.eks import standard_support
from policies._engine.model import Resource
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity

CLUSTER = ("aws:eks/cluster:Cluster",)


class SupportParams(Params):
    """Parameters of COST-EKS-001."""

    days_ahead: int = Field(default=60, ge=0)
    """Days of standard support that must be left: time for an upgrade."""


@rule(
    "COST-EKS-001",
    "eks-cluster-require-support-for-months",
    "EKS clusters do not slide into extended support",
    on=CLUSTER,
    params=SupportParams,
    severity=Severity.MEDIUM,
    rationale="Extended support begins by itself and makes the control plane six times as dear: 365 USD a month more.",
    controls=("fsbp:EKS.2", "checkov:CKV_AWS_339", "aws-wa-cost:COST10-BP02"),
    bad='version="1.34"  # standard support ends on 2026-12-02',
    remedy=(
        "Upgrade before standard support ends, or set the upgrade policy to STANDARD: EKS then upgrades by itself.",
        'version="1.36", upgrade_policy={"support_type": "STANDARD"}',
    ),
)
def extended_support(cluster: Resource, ctx: Context[SupportParams]) -> Iterator[Outcome]:
    """Without an upgrade policy EKS extends support (EKS user guide, cluster upgrade policy, read 2026-11-23)."""
    if cluster.props.text("upgradePolicy.supportType", "EXTENDED") == "STANDARD":
        return
    support = standard_support(cluster)
    left = (support.ends - ctx.today).days
    if left <= 0:
        yield Finding(f"version is {support.shown}, in extended support since {support.told()}")
    elif ctx.today + datetime.timedelta(days=ctx.params.days_ahead) >= support.ends:
        yield Finding(f"version is {support.shown}, in extended support from {support.ends}, in {left} days")


class AutoModeParams(Params):
    """Parameters of COST-EKS-006."""

    accepted: ByEnvironment[bool] = Field(default={"default": False})
    """Whether the fee of Auto Mode is accepted."""


@rule(
    "COST-EKS-006",
    "eks-cluster-disallow-auto-mode-unasked",
    "EKS Auto Mode is on only where its fee is accepted",
    on=CLUSTER,
    params=AutoModeParams,
    severity=Severity.LOW,
    # eks-node-viewer issue 368 and cloudburn.io/blog/amazon-eks-pricing, read 2026-11-23: a fee by type and hour.
    rationale="Auto Mode adds about 12 % of the list price to every instance, also where the instance is discounted.",
    controls=("aws-wa-cost:COST05-BP05", "aws-wa-cost:COST07-BP01"),
    bad='compute_config={"enabled": True, "node_pools": ["general-purpose"]}',
    remedy=(
        "Run Karpenter yourself, or accept the fee in the profile with the parameter accepted.",
        'compute_config={"enabled": False}',
    ),
)
def auto_mode(cluster: Resource, ctx: Context[AutoModeParams]) -> Iterator[Outcome]:
    """Off unless it is switched on."""
    if not cluster.props.flag("computeConfig.enabled"):
        return
    if ctx.by_environment(ctx.params.accepted):
        raise NotApplicable(f"the fee of Auto Mode is accepted in {ctx.environment or 'every environment'}")
    yield differs(cluster.props, "computeConfig.enabled", "false, or its fee accepted in the profile")


RULES = (extended_support, auto_mode)
