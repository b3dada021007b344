"""Add-ons of EKS clusters: what they enforce, and as whom they call AWS."""

from collections.abc import Callable, Iterator

from pydantic import Field

from policies._engine.build import some, stack_rule
from policies._engine.documents import read_json
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.subnets import known_text
from policies._engine.values import View
from policies._engine.wire import Undetermined
from policies.security.cluster import CLUSTER

ADDON = ("aws:eks/addon:Addon",)
IDENTITY = ("aws:eks/podIdentityAssociation:PodIdentityAssociation",)

CNI = "vpc-cni"
CNI_CHART = "aws-vpc-cni"
SWITCH = "enableNetworkPolicy"
ON = (True, "true")
"""The add-on's schema wants a text, its chart takes both."""


class PolicyParams(Params):
    """Parameters of SEC-EKS-014."""

    engines: tuple[str, ...] = ("calico", "calico-node", "cilium", "tigera-operator")
    """Charts and DaemonSets that enforce network policies in place of the VPC CNI."""


@stack_rule(
    "SEC-EKS-014",
    "eks-cluster-require-network-policy",
    "EKS clusters enforce network policies",
    on=CLUSTER,
    params=PolicyParams,
    severity=Severity.MEDIUM,
    rationale="Network policies that nothing enforces are accepted all the same: every pod still reaches every other.",
    controls=(
        "cis-eks:4.3.1",
        "prowler:eks_cluster_vpc_cni_network_policy_enforced",
        "aisf:AISF-RUNTIME-01",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "soc2:CC6.1",
    ),
    bad='aws.eks.Addon(name, cluster_name=cluster.name, addon_name="vpc-cni")  # policies are off by default',
    remedy=(
        "Switch the network policy agent of the VPC CNI on, or install Cilium or Calico.",
        'aws.eks.Addon(name, cluster_name=cluster.name, addon_name="vpc-cni",\n'
        '    configuration_values=json.dumps({"enableNetworkPolicy": "true"}))',
    ),
)
def network_policy(cluster: Resource, stack: Stack, ctx: Context[PolicyParams]) -> Iterator[Outcome]:
    """Enforced by the VPC CNI, by its controller in Auto Mode, or by another engine in the same stack."""
    enforced: tuple[Callable[[], bool], ...] = (
        lambda: _by_addon(cluster, stack),
        lambda: some(stack.resources, lambda one: _by_engine(one, stack, ctx.params.engines)),
        lambda: _by_auto_mode(cluster, stack),
    )
    if not some(enforced, lambda is_enforced: is_enforced()):
        others = ", ".join(ctx.params.engines)
        yield Finding(f"no add-on {CNI} with {SWITCH} in its configurationValues, and nothing of {others}")


def _by_addon(cluster: Resource, stack: Stack) -> bool:
    join = stack.pointing_at(cluster, ADDON, "clusterName", ids=("name",))
    if some(join.partners, _enforces):
        return True
    if some(join.unresolved, _enforces):
        raise Undetermined(f"{join.unresolved[0].name} is of a cluster that is not known yet, perhaps of this one")
    return False


def _enforces(addon: Resource) -> bool:
    if addon.props.text("addonName") != CNI:
        return False
    # EKS computes it where the program leaves it out: then it is unknown in a preview.
    text = addon.props.text("configurationValues") if addon.sets("configurationValues") else ""
    settings = read_json(text, f"{addon.name}: configurationValues") if text else None
    return isinstance(settings, dict) and View(settings).at(SWITCH) in ON


def _by_engine(resource: Resource, stack: Stack, engines: tuple[str, ...]) -> bool:
    if resource.kind == "helm.sh/Release":
        chart = resource.props.text("chart").rpartition("/")[2]
        found = chart in engines or (chart == CNI_CHART and resource.props.at(f"values.{SWITCH}") in ON)
    else:
        found = resource.kind == "apps/DaemonSet" and known_text(resource.props, "metadata.name") in engines
    if found and len({one.urn for one in stack.of(*CLUSTER)}) > 1:
        raise Undetermined(f"{resource.name} may be in another cluster of the stack")
    return found


def _by_auto_mode(cluster: Resource, stack: Stack) -> bool:
    """Source: EKS user guide, network policies with Auto Mode, read 2026-11-23."""
    if not cluster.sets("computeConfig") or cluster.props.at("computeConfig.enabled") is not True:
        return False
    return some(stack.of("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:ConfigMapPatch"), _switches_controller)


def _switches_controller(config: Resource) -> bool:
    named = known_text(config.props, "metadata.name") == "amazon-vpc-cni"
    return named and config.props.at("data.enable-network-policy-controller") == "true"


SERVICE_ACCOUNTS = {
    "amazon-cloudwatch-observability": "cloudwatch-agent",
    "aws-ebs-csi-driver": "ebs-csi-controller-sa",
    "aws-efs-csi-driver": "efs-csi-controller-sa",
    "aws-fsx-csi-driver": "fsx-csi-controller-sa",
    "aws-mountpoint-s3-csi-driver": "s3-csi-driver-sa",
    "aws-privateca-connector-for-kubernetes": "aws-privateca-issuer",
    CNI: "aws-node",
}
"""Add-ons that need rights in AWS, and the service account that needs them (EKS user guide, AWS add-ons, read
2026-11-23). aws-network-flow-monitoring-agent needs them too, but its account is not printed there; the others need
none, or are the agent that is meant to use the node's role."""


class IdentityParams(Params):
    """Parameters of SEC-EKS-016."""

    service_accounts: dict[str, str] = Field(default=SERVICE_ACCOUNTS)
    """Service account of each add-on that needs rights in AWS."""


@stack_rule(
    "SEC-EKS-016",
    "eks-addon-require-own-role",
    "Add-ons call AWS with a role of their own, not with the node's",
    on=ADDON,
    params=IdentityParams,
    severity=Severity.MEDIUM,
    rationale="What an add-on may do through the node's role, every pod that reaches instance metadata may do too.",
    controls=("cis-eks:5.2.1", "nist-800-53:AC-6", "soc2:CC6.3"),
    bad='aws.eks.Addon(name, cluster_name=cluster.name, addon_name="aws-ebs-csi-driver")',
    remedy=(
        "Give the add-on a pod identity (or service_account_role_arn), and take its policy off the node's role.",
        'aws.eks.Addon(name, cluster_name=cluster.name, addon_name="aws-ebs-csi-driver",\n'
        '    pod_identity_associations=[{"role_arn": role.arn, "service_account": "ebs-csi-controller-sa"}])',
    ),
)
def own_role(addon: Resource, stack: Stack, ctx: Context[IdentityParams]) -> Iterator[Outcome]:
    """Without one EKS falls back to the node's role. An association may also be a resource of its own."""
    name = addon.props.text("addonName")
    if name not in ctx.params.service_accounts:
        raise NotApplicable("the add-on needs no rights in AWS")
    account = ctx.params.service_accounts[name]
    identified: tuple[Callable[[], bool], ...] = (
        lambda: addon.sets("serviceAccountRoleArn"),
        lambda: _has_associations(addon),
        lambda: some(stack.of(*IDENTITY), lambda one: _is_for(one, account, addon)),
    )
    if not some(identified, lambda is_identified: is_identified()):
        yield Finding(
            f"{name} has neither podIdentityAssociations nor serviceAccountRoleArn, so it uses the node's role"
        )


def _has_associations(addon: Resource) -> bool:
    prop = "podIdentityAssociations"
    return addon.sets(prop) and len(addon.props.sequence(prop)) > 0


def _is_for(identity: Resource, account: str, addon: Resource) -> bool:
    """Whether an association is of a service account in the cluster of an add-on."""
    if identity.props.text("serviceAccount") != account:
        return False
    names = [known_text(one.props, "clusterName") for one in (identity, addon)]
    if all(names):
        return names[0] == names[1]
    sources = [set(one.property_dependencies.get("clusterName", ())) for one in (identity, addon)]
    if sources[0] & sources[1]:
        return True
    raise Undetermined(f"{identity.name} is of a cluster that is not known yet, perhaps of that of {addon.name}")


RULES = (network_policy, own_role)
