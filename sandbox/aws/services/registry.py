"""The table of types, put together from the tables of the services."""

from __future__ import annotations

from sandbox.aws.services import (
    budgets,
    cloudwatch,
    ec2_endpoints,
    ec2_network,
    ec2_routes,
    ec2_security,
    ec2_templates,
    ecr,
    eks,
    events,
    iam,
    kinesis,
    kms,
    messaging,
    msk,
    rds,
    s3_buckets,
    s3_settings,
    scaling,
    secrets,
)
from sandbox.aws.services.functions import FUNCTIONS
from sandbox.aws.types import AwsType, Name

__all__ = ["FUNCTIONS", "NOT_EXECUTED", "RECORDED", "RECORDED_NAMES", "TYPES"]

_SERVICES = (
    budgets,
    cloudwatch,
    ec2_endpoints,
    ec2_network,
    ec2_routes,
    ec2_security,
    ec2_templates,
    ecr,
    eks,
    events,
    iam,
    kinesis,
    kms,
    messaging,
    msk,
    rds,
    s3_buckets,
    s3_settings,
    scaling,
    secrets,
)

TYPES: dict[str, AwsType] = {t.token: t for service in _SERVICES for t in service.TYPES}
"""Types that are executed against moto, by token."""

NOT_EXECUTED = "no blueprint uses this type; the sandbox checks its inputs and executes nothing"
"""Why any other type of the provider is in the state only: programs of others can be previewed and tried here too."""

_LACKS = "moto 5.2.5 does not implement {}"

RECORDED: dict[str, str] = {
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": _LACKS.format("CreateAnomalyMonitor"),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": _LACKS.format("CreateAnomalySubscription"),
    "aws:ec2/capacityReservation:CapacityReservation": _LACKS.format("CreateCapacityReservation"),
    "aws:ec2/capacityBlockReservation:CapacityBlockReservation": _LACKS.format("PurchaseCapacityBlock"),
    "aws:ec2/placementGroup:PlacementGroup": _LACKS.format("CreatePlacementGroup"),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": _LACKS.format("CreatePullThroughCacheRule"),
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": _LACKS.format("CreateRepositoryCreationTemplate"),
    "aws:eks/accessEntry:AccessEntry": _LACKS.format("CreateAccessEntry"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _LACKS.format("AssociateAccessPolicy"),
    "aws:eks/addon:Addon": _LACKS.format("CreateAddon"),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _LACKS.format("CreatePodIdentityAssociation"),
    "aws:msk/cluster:Cluster": _LACKS.format("UpdateBrokerStorage"),
    "aws:msk/topic:Topic": _LACKS.format("CreateTopic"),
    "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration": (
        "moto 5.2.5 accepts PutBucketIntelligentTieringConfiguration and keeps nothing of it"
    ),
}
"""Types that are recorded in state only, by token, with the reason."""

RECORDED_NAMES: dict[str, Name] = {
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": Name(),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": Name(),
    "aws:ec2/placementGroup:PlacementGroup": Name(),
}
"""How recorded types are named when the program does not: others read these names."""
