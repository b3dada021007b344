"""EKS control planes."""

import ipaddress
from collections.abc import Iterator

from pydantic import Field

from policies._engine import eks
from policies._engine.build import contains_all, differs, each, equals, property_rule, rule
from policies._engine.model import Resource
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Items
from policies._engine.wire import MalformedValue, Undetermined

CLUSTER = ("aws:eks/cluster:Cluster",)

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All log types of an EKS control plane (EKS user guide, control plane logging, read 2026-11-23)."""


@rule(
    "SEC-EKS-001",
    "eks-cluster-disallow-public-endpoint",
    "EKS API endpoints are not reachable from the internet",
    on=CLUSTER,
    params=Params,
    severity=Severity.HIGH,
    rationale="A public endpoint lets anyone try stolen credentials and API server flaws on the cluster.",
    controls=("cis-eks:5.4.2", "fsbp:EKS.1", "checkov:CKV_AWS_39", "nist-800-53:AC-3", "nist-800-53:SC-7"),
    bad='vpc_config={"subnet_ids": subnets, "endpoint_public_access": True}',
    remedy=(
        "Set endpoint_public_access to false and endpoint_private_access to true; reach it from the VPC.",
        'vpc_config={"subnet_ids": subnets,\n    "endpoint_public_access": False, "endpoint_private_access": True}',
    ),
)
def private_endpoint(cluster: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """The provider's default is public."""
    if cluster.props.at("vpcConfig.endpointPublicAccess") is not False:
        yield differs(cluster.props, "vpcConfig.endpointPublicAccess", "false (the default is true)")


class EndpointParams(Params):
    """Parameters of SEC-EKS-002."""

    shortest_ipv4_prefix: int = 8
    """Shortest prefix of an IPv4 network that may reach the endpoint: wider ones are nobody's own."""

    shortest_ipv6_prefix: int = 16
    """The same for IPv6."""


@rule(
    "SEC-EKS-002",
    "eks-cluster-limit-public-endpoint",
    "Public EKS API endpoints answer named networks only",
    on=CLUSTER,
    params=EndpointParams,
    severity=Severity.HIGH,
    rationale="Open to the internet, every flaw of the API server and every leaked token can be tried from anywhere.",
    controls=(
        "cis-eks:5.4.1",
        "checkov:CKV_AWS_38",
        "prowler:eks_cluster_not_publicly_accessible",
        "aisf:AISF-RUNTIME-01",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "soc2:CC6.6",
    ),
    bad='vpc_config={"subnet_ids": subnets, "endpoint_public_access": True,\n    "public_access_cidrs": ["0.0.0.0/0"]}',
    remedy=(
        "Name the networks of offices and runners, or switch the public endpoint off.",
        'vpc_config={"subnet_ids": subnets, "endpoint_public_access": True,\n'
        '    "public_access_cidrs": ["203.0.113.0/24"]}',
    ),
)
def endpoint_networks(cluster: Resource, ctx: Context[EndpointParams]) -> Iterator[Outcome]:
    """Without a list, EKS takes 0.0.0.0/0. With the public endpoint off, the list has no effect."""
    if not cluster.props.flag("vpcConfig.endpointPublicAccess", True):
        return
    networks = cluster.props.sequence("vpcConfig.publicAccessCidrs")
    if not len(networks):
        yield differs(cluster.props, "vpcConfig.publicAccessCidrs", "a list of networks (the default is 0.0.0.0/0)")
    yield from each(range(len(networks)), lambda index: _network(networks, index, ctx.params))


def _network(networks: Items, index: int, params: EndpointParams) -> Iterator[Outcome]:
    text, path = networks[index], f"{networks.path}.{index}"
    if not isinstance(text, str):
        raise MalformedValue(path, "a network", text)
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Undetermined(f"{path} is not a network") from None
    shortest = params.shortest_ipv4_prefix if network.version == 4 else params.shortest_ipv6_prefix
    if network.prefixlen < shortest:
        shown = "[secret]" if networks.secret else network
        yield Finding(f"{path} is {shown}; wanted a network of /{shortest} or longer")


PRIVATE_ENDPOINT = property_rule(
    "SEC-EKS-003",
    "eks-cluster-require-private-endpoint",
    "EKS API endpoints can be reached from inside the VPC",
    on=CLUSTER,
    path="vpcConfig.endpointPrivateAccess",
    must=equals(True),
    severity=Severity.MEDIUM,
    rationale="Without a private endpoint, what nodes and controllers say to the API server leaves the VPC.",
    controls=(
        "cis-eks:5.4.2",
        "prowler:eks_cluster_private_nodes_enabled",
        "aisf:AISF-RUNTIME-01",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "soc2:CC6.6",
    ),
    bad='vpc_config={"subnet_ids": subnets}  # the private endpoint is off by default',
    remedy=(
        "Switch the private endpoint on; it is changed in place, without a stop.",
        'vpc_config={"subnet_ids": subnets, "endpoint_private_access": True}',
    ),
)


@rule(
    "SEC-EKS-004",
    "eks-cluster-require-secrets-encryption",
    "Kubernetes secrets are encrypted with an own KMS key",
    on=CLUSTER,
    params=Params,
    severity=Severity.HIGH,
    rationale="Without an own key, access to the secrets in etcd can be neither revoked nor audited.",
    controls=("cis-eks:5.3.1", "fsbp:EKS.3", "checkov:CKV_AWS_58", "nist-800-53:SC-28(1)"),
    bad="aws.eks.Cluster(name, role_arn=role.arn, vpc_config=network)  # no encryption_config",
    remedy=(
        "Add an encryption_config for secrets with a customer managed key. It cannot be removed later.",
        'encryption_config={"resources": ["secrets"], "provider": {"key_arn": key.arn}}',
    ),
)
def secrets_encryption(cluster: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """The key's ARN may be unknown in a preview: the provider takes no block without one."""
    config = cluster.props.mapping("encryptionConfig")
    if not contains_all(["secrets"]).test(config.at("resources")):
        yield differs(config, "resources", 'a list with "secrets"')
    elif not config.declared("provider.keyArn"):
        yield differs(config, "provider.keyArn", "the ARN of a customer managed key")


CONTROL_PLANE_LOGS = property_rule(
    "SEC-EKS-005",
    "eks-cluster-require-control-plane-logs",
    "EKS control planes write all five types of log",
    on=CLUSTER,
    path="enabledClusterLogTypes",
    must=contains_all(LOG_TYPES),
    fix=list(LOG_TYPES),
    severity=Severity.MEDIUM,
    rationale="Without audit and authenticator logs nobody can tell afterwards who did what in the cluster.",
    controls=("cis-eks:2.1.1", "fsbp:EKS.8", "checkov:CKV_AWS_37", "nist-800-53:AU-12"),
    bad='enabled_cluster_log_types=["audit"]',
    remedy=(
        "Enable api, audit, authenticator, controllerManager and scheduler.",
        'enabled_cluster_log_types=["api", "audit", "authenticator", "controllerManager", "scheduler"]',
    ),
)


@rule(
    "SEC-EKS-006",
    "eks-cluster-require-supported-version",
    "EKS clusters run a version in standard support",
    on=CLUSTER,
    params=Params,
    severity=Severity.HIGH,
    rationale="Out of standard support, fixes come late and the control plane costs six times as much.",
    controls=("fsbp:EKS.2", "checkov:CKV_AWS_339", "nist-800-53:SI-2"),
    bad='version="1.30"',
    remedy=("Upgrade one minor version at a time, control plane first, then nodes.", 'version="1.36"'),
)
def supported_version(cluster: Resource, ctx: Context[Params]) -> Iterator[Outcome]:
    """The dates are data with a day of review: `components/_core/facts/eks_versions.yaml`."""
    support = eks.standard_support(cluster)
    if ctx.today >= support.ends:
        yield Finding(f"version is {support.shown}, out of standard support since {support.told()}")


class SupportParams(Params):
    """Parameters of SEC-EKS-007."""

    extended_support: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether a cluster may go on into extended support, by environment; `default` for the others."""


@rule(
    "SEC-EKS-007",
    "eks-cluster-disallow-extended-support",
    "EKS clusters outside production do not enter extended support",
    on=CLUSTER,
    params=SupportParams,
    severity=Severity.LOW,
    rationale="A forgotten cluster goes on with an old version at six times the price, and nothing ever upgrades it.",
    controls=("nist-800-53:SI-2", "soc2:CC7.1", "aws-wa-cost:COST02-BP05"),
    bad="aws.eks.Cluster(name, role_arn=role.arn, vpc_config=network)  # no upgrade_policy: EXTENDED",
    remedy=(
        "Set STANDARD: EKS then upgrades the control plane at the end of standard support.",
        'upgrade_policy={"support_type": "STANDARD"}',
    ),
)
def standard_support(cluster: Resource, ctx: Context[SupportParams]) -> Iterator[Outcome]:
    """EKS's default is EXTENDED (EKS API reference, UpgradePolicyRequest, read 2026-11-23)."""
    if cluster.props.at("upgradePolicy.supportType") == "STANDARD":
        return
    if ctx.by_environment(ctx.params.extended_support):
        raise NotApplicable("the environment may have extended support")
    yield differs(cluster.props, "upgradePolicy.supportType", '"STANDARD" (the default is EXTENDED)')


class DeletionParams(Params):
    """Parameters of SEC-EKS-008."""

    required: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether a cluster needs protection, by environment; `default` for the others."""


@rule(
    "SEC-EKS-008",
    "eks-cluster-require-deletion-protection",
    "EKS clusters in production are protected from deletion",
    on=CLUSTER,
    params=DeletionParams,
    severity=Severity.MEDIUM,
    rationale="One call deletes a control plane with every object in it; only a backup brings them back.",
    controls=("prowler:eks_cluster_deletion_protection_enabled", "aisf:AISF-RUNTIME-01", "soc2:A1.2"),
    bad="deletion_protection=False",
    remedy=(
        "Switch deletion protection on. Pulumi's own protect option does not do: it stops Pulumi alone.",
        "deletion_protection=True",
    ),
)
def deletion_protection(cluster: Resource, ctx: Context[DeletionParams]) -> Iterator[Outcome]:
    """The default is off."""
    if cluster.props.at("deletionProtection") is True:
        return
    if not ctx.by_environment(ctx.params.required):
        raise NotApplicable("the environment needs no protection from deletion")
    yield differs(cluster.props, "deletionProtection", "true (the default is false)")


RULES = (
    private_endpoint,
    endpoint_networks,
    PRIVATE_ENDPOINT,
    secrets_encryption,
    CONTROL_PLANE_LOGS,
    supported_version,
    standard_support,
    deletion_protection,
)
