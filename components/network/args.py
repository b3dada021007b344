"""Arguments of `Network`: a VPC to build, or the ids of one that stands already."""

import dataclasses
import enum
from typing import Optional

import pulumi

from components._core.args import one_of, require
from components.network import endpoints, subnets

RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days that CloudWatch Logs can keep events (API reference of PutRetentionPolicy, read 2026-11-23)."""

_ONLY_NEW = (
    "zones",
    "nat",
    "public_subnets",
    "gateway_endpoints",
    "interface_endpoints",
    "avoid_cidrs",
    "flow_log_retention_days",
)
_ONLY_EXISTING = (
    "existing_private_subnet_ids",
    "existing_public_subnet_ids",
    "existing_private_route_table_ids",
    "existing_endpoint_security_group_id",
)


class NatMode(enum.StrEnum):
    """How private subnets reach the internet."""

    NONE = "none"
    """Not at all: AWS services through endpoints, images from ECR only."""

    SINGLE = "single"
    """Through one NAT gateway, 32.85 USD a month in us-east-1; if its zone fails, all lose their way out."""

    PER_ZONE = "per_zone"
    """Through a NAT gateway in each zone: no paid traffic between zones, no zone depends on another."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of `Network`."""

    region: str
    """AWS region; part of the names of zones and endpoint services."""

    cidr: str
    """IPv4 range of the VPC, private, /16 to /20. Of an existing VPC: its range, handed on unchecked."""

    zones: Optional[list[str]] = None
    """Availability zones by name, two or three; their order fixes the subnets' addresses, so append only.

    Default: none; a new VPC needs it.
    """

    cluster_name: Optional[str] = None
    """Cluster whose Karpenter finds private subnets by the tag `karpenter.sh/discovery`. Default: no tag."""

    nat: Optional[NatMode] = None
    """How private subnets reach the internet. Default: through a NAT gateway in each zone."""

    public_subnets: Optional[bool] = None
    """Whether there are subnets with a route from the internet. Default: yes, unless `nat` is none."""

    gateway_endpoints: Optional[list[str]] = None
    """Services with gateway endpoints, free of charge. Default: s3 and dynamodb."""

    interface_endpoints: Optional[list[str]] = None
    """Services with interface endpoints, such as ecr.api; 7.30 USD a month each in each zone.

    Default: what the platform calls if `nat` is none, otherwise none.
    """

    avoid_cidrs: Optional[list[str]] = None
    """IPv4 ranges that `cidr` must not overlap: peered networks, offices, cluster services. Default: none."""

    flow_log_retention_days: Optional[int] = None
    """How long flow logs are kept, in days, one of the periods of CloudWatch Logs. Default: 90."""

    log_key_arn: Optional[pulumi.Input[str]] = None
    """ARN of the KMS key of the flow logs; its policy lets the log service use it.

    Default: none; a new VPC needs it.
    """

    existing_vpc_id: Optional[pulumi.Input[str]] = None
    """Id of a VPC to use instead of building one; nothing is created then. Default: a VPC is built."""

    existing_private_subnet_ids: Optional[pulumi.Input[list[str]]] = None
    """Ids of its private subnets, in two zones at least.

    They carry the tags `kubernetes.io/role/internal-elb: 1` and `karpenter.sh/discovery: <cluster name>`.
    Default: none; an existing VPC needs it.
    """

    existing_public_subnet_ids: Optional[pulumi.Input[list[str]]] = None
    """Ids of its public subnets, tagged `kubernetes.io/role/elb: 1`. Default: none."""

    existing_private_route_table_ids: Optional[pulumi.Input[list[str]]] = None
    """Ids of the route tables of its private subnets. Default: none."""

    existing_endpoint_security_group_id: Optional[pulumi.Input[str]] = None
    """Id of the security group of its interface endpoints. Default: none."""

    def __post_init__(self) -> None:
        if self.existing_vpc_id is not None:
            self._check_existing()
        else:
            self._check_new()

    def _check_existing(self) -> None:
        for name in _ONLY_NEW:
            require(
                getattr(self, name) is None,
                name,
                "is only for a VPC to build, and existing_vpc_id is set; leave out one of the two",
            )
        ids = self.existing_private_subnet_ids
        require(
            ids is not None,
            "existing_private_subnet_ids",
            "is missing; name the private subnets of the existing VPC, in two zones at least",
        )
        if isinstance(ids, list):
            require(
                len(ids) >= subnets.FEWEST_ZONES,
                "existing_private_subnet_ids",
                f"has {len(ids)} of them; EKS needs {subnets.FEWEST_ZONES} at least, in different zones",
            )

    def _check_new(self) -> None:
        for name in _ONLY_EXISTING:
            require(
                getattr(self, name) is None,
                name,
                "is set without existing_vpc_id; set that too, or leave it out",
            )
        subnets.check_cidr(self.cidr, self.avoid_cidrs)
        subnets.check_zones(self.zones, self.region)
        require(
            self.log_key_arn is not None,
            "log_key_arn",
            "is missing; pass the ARN of a KMS key for logs, flow logs are kept encrypted",
        )
        if self.flow_log_retention_days is not None:
            one_of(self.flow_log_retention_days, RETENTION_DAYS, "flow_log_retention_days")
        endpoints.check_names(self.gateways(), "gateway_endpoints", endpoints.GATEWAYS)
        endpoints.check_interfaces(self.interfaces())
        if self.nat == NatMode.NONE:
            endpoints.check_isolated(self.gateways(), self.interfaces())
        else:
            require(
                self.public_subnets is not False,
                "public_subnets",
                "is false, but NAT gateways stand in public subnets; set nat to none or leave it out",
            )

    def gateways(self) -> list[str]:
        """Return the services with gateway endpoints."""
        return list(endpoints.GATEWAYS) if self.gateway_endpoints is None else self.gateway_endpoints

    def interfaces(self) -> list[str]:
        """Return the services with interface endpoints."""
        if self.interface_endpoints is not None:
            return self.interface_endpoints
        return list(endpoints.PRIVATE_DEFAULT) if self.nat == NatMode.NONE else []

    def has_public_subnets(self) -> bool:
        """Return whether there are public subnets."""
        return self.nat != NatMode.NONE if self.public_subnets is None else self.public_subnets
