"""Which AWS services are reached without leaving the VPC. Pure data and checks.

Source of the names and of what a cluster without internet access needs:
docs.aws.amazon.com/eks/latest/userguide/private-clusters.html, read 2026-11-23.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence

from components._core.args import ArgsError, require

GATEWAYS = ("s3", "dynamodb")
"""Services with gateway endpoints: routes, no hourly price."""

CLUSTER_NEEDS: Mapping[str, str] = {
    "ec2": "nodes learn their names and attach network interfaces",
    "ecr.api": "nodes log in to the image registry",
    "ecr.dkr": "nodes pull images",
    "eks-auth": "pods get their roles by Pod Identity",
}
"""Without these and without NAT, no node becomes ready and no pod gets credentials."""

PLATFORM_NEEDS: Mapping[str, str] = {
    "eks": "Karpenter describes the cluster",
    "elasticloadbalancing": "the load balancer controller registers targets",
    "kms": "workloads that encrypt by themselves",
    "logs": "node and pod logs to CloudWatch",
    "secretsmanager": "external-secrets reads passwords",
    "sns": "Alertmanager notifies",
    "sqs": "Karpenter hears of interruptions",
    "ssm": "Karpenter looks up machine images",
    "sts": "clients that exchange roles",
}
"""What parts of the platform call; without NAT, a part whose endpoint is left out fails, the rest works."""

OTHERS = (
    "aps-workspaces",
    "athena",
    "autoscaling",
    "bedrock",
    "bedrock-runtime",
    "ec2messages",
    "elasticfilesystem",
    "events",
    "fsx",
    "glue",
    "kinesis-streams",
    "lambda",
    "monitoring",
    "rds",
    "sagemaker.api",
    "sagemaker.runtime",
    "ssmmessages",
    "states",
    "xray",
)
"""Further services that workloads of a machine learning platform call."""

PRIVATE_DEFAULT = tuple(sorted({**CLUSTER_NEEDS, **PLATFORM_NEEDS}))
"""Interface endpoints of a VPC without NAT, unless others are named."""

_KNOWN = tuple(sorted({*PRIVATE_DEFAULT, *OTHERS}))


def service_name(region: str, service: str) -> str:
    """Return the name by which EC2 knows the endpoint service."""
    return f"com.amazonaws.{region}.{service}"


def check_names(names: Sequence[str], path: str, allowed: Sequence[str]) -> None:
    """Raise `ArgsError` at the first name that is not allowed or comes twice."""
    for index, name in enumerate(names):
        here = f"{path}[{index}]"
        if name not in allowed:
            close = difflib.get_close_matches(name, allowed, n=1)
            hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(allowed)}"
            raise ArgsError(here, f"{name!r} is not a service that this library knows; {hint}")
        require(name not in names[:index], here, f"{name!r} is named twice; name each service once")


def check_interfaces(names: Sequence[str]) -> None:
    """Raise `ArgsError` unless each of `names` is a known interface endpoint service, named once."""
    for index, name in enumerate(names):
        require(
            name not in GATEWAYS,
            f"interface_endpoints[{index}]",
            f"{name!r} has a gateway endpoint without hourly price; move it to gateway_endpoints",
        )
    check_names(names, "interface_endpoints", _KNOWN)


def check_isolated(gateways: Collection[str], interfaces: Collection[str]) -> None:
    """Raise `ArgsError` unless a cluster without NAT can start nodes and pods with these endpoints."""
    require(
        "s3" in gateways,
        "gateway_endpoints",
        "is without s3 (image layers) while nat is none; add it, or set nat to single or per_zone",
    )
    missing = [f"{name} ({why})" for name, why in CLUSTER_NEEDS.items() if name not in interfaces]
    require(
        not missing,
        "interface_endpoints",
        f"is without {', '.join(missing)} while nat is none; add them, or set nat to single or per_zone",
    )
