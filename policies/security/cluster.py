"""EKS control planes."""

from collections.abc import Iterator

from components._core.facts.eks_versions import eks_version, eks_version_provenance
from components._core.facts.errors import UnknownEksVersionError
from policies._engine.build import contains_all, differs, property_rule, rule
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.wire import Undetermined

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
    version, shown = cluster.props.text("version"), cluster.props.shown("version")
    if not version:
        raise Undetermined("version is unset, so EKS chooses one when it creates the cluster: pin it")
    try:
        ends = eks_version(version).standard_support_ends
    except UnknownEksVersionError:
        raise Undetermined(f"version {shown} is not in the facts of {eks_version_provenance().as_of}") from None
    if ctx.today >= ends:
        yield Finding(f"version is {shown}, whose standard support ended on {ends}")


RULES = (private_endpoint, secrets_encryption, CONTROL_PLANE_LOGS, supported_version)
