"""Rights inside the cluster: who has them, and which pods hold a token for them."""

from policies._engine.conditions import ALWAYS, Condition, this, whole
from policies._engine.demands import Demand, Requirement, Subject, demand_rule
from policies._engine.pods import POD_PATHS
from policies._engine.rule import Context, Params, Severity
from policies.security.workload import OTHERWISE, WorkloadParams, except_in

GROUP = "rbac.authorization.k8s.io"
KINDS = (f"{GROUP}/ClusterRole", f"{GROUP}/ClusterRoleBinding", f"{GROUP}/Role", f"{GROUP}/RoleBinding")

ESCALATING = ("bind", "escalate", "impersonate")
"""Verbs that give rights which the caller does not have."""

READING = ("get", "list", "watch")
"""Verbs whose answers hold the contents of secrets."""

OF_ARGO = ("metadata", "labels", "workflows.argoproj.io/workflow")
"""Label of the pods of workflows, which need a token for their results; Argo does not hand on that it is wanted."""

NOBODY = ("system:anonymous", "system:masters", "system:unauthenticated")
"""Users and groups that nothing is to be bound to: who is not logged in, and who passes every check anyway."""


class RightsParams(Params):
    """Parameters of SEC-K8S-012."""

    names: tuple[str, ...] = ()
    """Roles and bindings by name that the rule passes over: those of operators, such as that of a secret store."""

    cluster_admins: tuple[str, ...] = ()
    """Users, groups and service accounts that may be cluster-admin."""


@demand_rule(
    "SEC-K8S-011",
    "kubernetes-pod-limit-service-account-tokens",
    "Pods hold a service account token only where they say so, and never that of `default`",
    per=Subject.POD,
    kinds=tuple(POD_PATHS),
    params=WorkloadParams,
    severity=Severity.MEDIUM,
    rationale="Each pod gets a token by default; who gets into the pod has its rights on the API server.",
    controls=(
        "cis-eks:4.1.5",
        "cis-eks:4.1.6",
        "checkov:CKV_K8S_38",
        "trivy:KSV-0036",
        "nist-800-53:AC-6",
        "soc2:CC6.1",
    ),
    bad='spec={"containers": containers}  # the token of the account default is mounted',
    remedy=(
        "Turn it off in the pod. Roles in AWS by Pod Identity or IRSA work without it. A pod that calls the API "
        "server turns it on, with an account of its own.",
        'spec={"automount_service_account_token": False, "containers": containers}',
    ),
)
def few_tokens(ctx: Context[WorkloadParams]) -> Demand:
    """What the account itself says is not seen here. Workflows are judged by their pods, of which Argo says nothing."""
    mounts = this("automountServiceAccountToken")
    own = _own_account("serviceAccountName") | _own_account("serviceAccount")
    said = mounts.is_(True) | mounts.missing() & whole(OF_ARGO).present()
    return Demand(
        (Requirement(mounts.is_(False) | said & own, mounts, "false, or true with a serviceAccountName of its own"),),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
    )


def _own_account(field: str) -> Condition:
    return this(field).present() & ~this(field).one_of("", "default")


@demand_rule(
    "SEC-K8S-012",
    "kubernetes-rbac-disallow-broad-rights",
    "No role has wildcards, rights to gain rights or all secrets, and nobody is cluster-admin",
    per=Subject.OBJECT,
    kinds=KINDS,
    params=RightsParams,
    severity=Severity.HIGH,
    rationale="Such rights are worth the whole cluster: one stolen token of their holder, and it is lost.",
    controls=(
        "cis-eks:4.1.1",
        "cis-eks:4.1.2",
        "cis-eks:4.1.3",
        "cis-eks:4.1.5",
        "cis-eks:4.1.8",
        "checkov:CKV_K8S_42",
        "checkov:CKV_K8S_49",
        "checkov:CKV_K8S_157",
        "checkov:CKV_K8S_158",
        "checkov:CKV2_K8S_3",
        "checkov:CKV2_K8S_5",
        "trivy:KSV-0041",
        "trivy:KSV-0044",
        "trivy:KSV-0045",
        "trivy:KSV-0046",
        "trivy:KSV-0111",
        "trivy:KSV-0122",
        "trivy:KSV-0123",
        "nist-800-53:AC-3",
        "nist-800-53:AC-6",
        "soc2:CC6.1",
        "soc2:CC6.3",
    ),
    bad='{"apiGroups": [""], "resources": ["*"], "verbs": ["*"]}',
    remedy=(
        "List groups, resources and verbs; of secrets also the names (resourceNames).",
        '{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["registry"], "verbs": ["get"]}',
    ),
)
def narrow_rights(ctx: Context[RightsParams]) -> Demand:
    """Roles have rules, bindings a role and subjects; what an object lacks it cannot get wrong."""
    return Demand(
        (*_of_roles(), *_of_bindings(ctx.params.cluster_admins)),
        applies=~this("metadata.name").one_of(*ctx.params.names),
        otherwise="the role is that of an operator which needs its rights",
    )


def _of_roles() -> tuple[Requirement, ...]:
    rules, verbs = this("rules"), this("verbs")
    anything = this().matches(r"^\*(/|$)")
    wildcard = this("resources").some(anything) | this("apiGroups").includes("*") | verbs.includes("*")
    secrets = this("apiGroups").includes("", "*") & this("resources").includes("secrets")
    named = this("resourceNames").some(ALWAYS)
    return (
        Requirement(
            rules.every(~(wildcard | this("nonResourceURLs").includes("*"))),
            rules,
            "a rule without `*` in apiGroups, resources, verbs and nonResourceURLs",
        ),
        Requirement(
            rules.every(~verbs.includes(*ESCALATING)), rules, f"a rule without the verbs {', '.join(ESCALATING)}"
        ),
        Requirement(
            rules.every(~(secrets & verbs.includes(*READING)) | named),
            rules,
            "a rule that lets secrets be read only by their resourceNames",
        ),
    )


def _of_bindings(cluster_admins: tuple[str, ...]) -> tuple[Requirement, ...]:
    role, subjects = this("roleRef.name"), this("subjects")
    admin = role.is_("cluster-admin") & this("roleRef.kind").is_not("Role")
    shared = this("kind").is_("ServiceAccount") & this("name").is_("default")
    return (
        Requirement(
            ~admin | subjects.every(this("name").one_of(*cluster_admins)),
            role,
            "a role with the rights that are needed",
        ),
        Requirement(
            subjects.every(~this("name").one_of(*NOBODY)), subjects, f"a subject other than {', '.join(NOBODY)}"
        ),
        Requirement(subjects.every(~shared), subjects, "a service account other than default, which all pods share"),
    )


RULES = (few_tokens, narrow_rights)
