"""Who may enter an EKS cluster, and as what."""

import re
from collections.abc import Iterator
from functools import cache

from policies._engine.build import equals, property_rule, rule
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies.security.cluster import CLUSTER

ASSOCIATION = ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation",)

ADMIN_POLICY = "AmazonEKSClusterAdminPolicy"
"""Access policy that gives what the group system:masters has (EKS user guide, access policies, read
2026-11-23)."""

ACCESS_ENTRIES = property_rule(
    "SEC-EKS-009",
    "eks-cluster-require-access-entries",
    "EKS clusters know people and machines by access entries alone",
    on=CLUSTER,
    path="accessConfig.authenticationMode",
    must=equals("API"),
    severity=Severity.MEDIUM,
    rationale="The aws-auth map is edited inside the cluster: no IAM policy guards it and no trail of AWS shows it.",
    controls=("cis-eks:5.5.1", "cis-eks:4.1.7", "nist-800-53:AC-2", "nist-800-53:AC-3", "soc2:CC6.1"),
    bad='access_config={"authentication_mode": "CONFIG_MAP"}  # the default of the API',
    remedy=(
        "Make access entries for all that is in aws-auth, go to API_AND_CONFIG_MAP, then to API; there is no way back.",
        'access_config={"authentication_mode": "API",\n    "bootstrap_cluster_creator_admin_permissions": False}',
    ),
)

CREATOR = property_rule(
    "SEC-EKS-010",
    "eks-cluster-disallow-creator-admin",
    "Whoever creates an EKS cluster is not its administrator by that",
    on=CLUSTER,
    path="accessConfig.bootstrapClusterCreatorAdminPermissions",
    must=equals(False),
    severity=Severity.MEDIUM,
    rationale="The creator, a pipeline's role as a rule, keeps full access that no access entry of the program shows.",
    controls=("cis-eks:4.1.1", "nist-800-53:AC-6", "soc2:CC6.3"),
    bad='access_config={"authentication_mode": "API"}  # the creator becomes administrator by default',
    remedy=(
        "Say false when the cluster is created, and name administrators by access entries. Later it replaces the "
        "cluster: there, delete the creator's access entry instead and exempt the cluster.",
        'access_config={"authentication_mode": "API",\n    "bootstrap_cluster_creator_admin_permissions": False}',
    ),
)


class AdministratorParams(Params):
    """Parameters of SEC-EKS-011."""

    principals: tuple[str, ...] = ("arn:*:iam::*:role/*",)
    """ARNs that may administer whole clusters. `*` does not cross a `/`, `**` does.

    The default is roles without a path: machines and break-glass roles. The roles that IAM Identity Center makes for
    people have one (`role/aws-reserved/sso.amazonaws.com/...`), and users are none.
    """


@rule(
    "SEC-EKS-011",
    "eks-access-limit-cluster-admins",
    "Only listed principals administer whole EKS clusters",
    on=ASSOCIATION,
    params=AdministratorParams,
    severity=Severity.HIGH,
    rationale="Who is cluster administrator reads every secret and enters every pod, with nothing left to refuse it.",
    controls=("cis-eks:4.1.1", "cis-eks:4.1.7", "nist-800-53:AC-6", "soc2:CC6.3"),
    bad='policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"  # for a user',
    remedy=(
        "Give people AmazonEKSEditPolicy or AmazonEKSViewPolicy in their namespaces; list the roles that administer.",
        'policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",\n'
        'access_scope={"type": "namespace", "namespaces": ["team-a"]}',
    ),
)
def cluster_administrators(association: Resource, ctx: Context[AdministratorParams]) -> Iterator[Outcome]:
    """In a namespace the same policy gives no more than that namespace."""
    if association.props.text("policyArn").rpartition("/")[2] != ADMIN_POLICY:
        raise NotApplicable(f"the policy is not {ADMIN_POLICY}")
    if association.props.at("accessScope.type") == "namespace":
        raise NotApplicable("the policy is limited to namespaces")
    principal = association.props.text("principalArn")
    if not any(_glob(pattern).fullmatch(principal) for pattern in ctx.params.principals):
        shown = association.props.shown("principalArn")
        yield Finding(f"principalArn is {shown}, which is not among the principals that may administer clusters")


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    wild = {"*": "[^/]*", "**": ".*"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*)", pattern)))


RULES = (ACCESS_ENTRIES, CREATOR, cluster_administrators)
