"""Kubernetes workloads: what their processes may do, and what they are given.

The Pod Security Standards, baseline and restricted, as kubernetes.io/docs/concepts/security/pod-security-standards
defines them for Linux (v1.34 and later, read 2026-11-27): which fields, which values, in containers of every type.
What keeps a pod apart from its node is in `confinement.py`.
"""

from typing import Literal

from policies._engine.conditions import ALWAYS, Condition, namespace, pod, this, whole
from policies._engine.demands import Demand, Requirement, Subject, demand_rule
from policies._engine.pods import POD_PATHS, WORKLOADS
from policies._engine.rule import Context, Params, Severity

LISTENING = ("DaemonSet", "Deployment", "StatefulSet")
"""Kinds whose containers are to be probed; those of jobs end by themselves."""


class PrivilegedParams(Params):
    """Parameters of SEC-K8S-002."""

    namespaces: tuple[str, ...] = ()
    """Namespaces whose workloads may be privileged: GPU drivers, device plugins, node agents."""


class WorkloadParams(Params):
    """Parameters of rules that drivers and node agents cannot meet."""

    namespaces: tuple[str, ...] = ()
    """Namespaces whose workloads the rule passes over: GPU drivers, device plugins, node agents."""


OTHERWISE = "the namespace is for drivers and node agents"


class CapabilityParams(WorkloadParams):
    """Parameters of SEC-K8S-006."""

    added: tuple[str, ...] = ("NET_BIND_SERVICE",)
    """Capabilities that may be added; RDMA over EFA needs IPC_LOCK in some images."""


class ResourceParams(WorkloadParams):
    """Parameters of SEC-K8S-014."""

    probes: tuple[Literal["livenessProbe", "readinessProbe", "startupProbe"], ...] = ("readinessProbe", "livenessProbe")
    """Probes that containers with ports need in Deployments, StatefulSets and DaemonSets."""


def except_in(namespaces: tuple[str, ...]) -> Condition:
    """Return the condition that a workload is in none of some namespaces."""
    return ~namespace().one_of(*namespaces)


@demand_rule(
    "SEC-K8S-002",
    "kubernetes-container-disallow-privileged",
    "Containers are not privileged",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=PrivilegedParams,
    severity=Severity.CRITICAL,
    rationale="A privileged container is root on its node and may do all that the node's role may.",
    controls=("cis-eks:4.2.1", "pss:baseline/privileged-containers", "checkov:CKV_K8S_16", "trivy:KSV-0017"),
    bad='security_context={"privileged": True}',
    remedy=(
        "Drop privileged; add the one capability that is needed. Drivers belong in an allowed namespace.",
        'security_context={"privileged": False, "capabilities": {"drop": ["ALL"]}}',
    ),
)
def no_privileged(ctx: Context[PrivilegedParams]) -> Demand:
    """Some namespaces are for drivers; which, is a parameter."""
    privileged = this("securityContext.privileged")
    return Demand(
        (Requirement(privileged.missing() | privileged.is_(False), privileged, "false"),),
        applies=~namespace().one_of(*ctx.params.namespaces),
        otherwise="the namespace may run privileged containers",
    )


@demand_rule(
    "SEC-K8S-004",
    "kubernetes-container-disallow-privilege-escalation",
    "Containers cannot gain privileges that they did not start with",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=WorkloadParams,
    severity=Severity.HIGH,
    rationale="A set-user-ID program in the image makes whoever gets into the container root there.",
    controls=(
        "cis-eks:4.2.5",
        "pss:restricted/privilege-escalation",
        "checkov:CKV_K8S_20",
        "trivy:KSV-0001",
        "nist-800-53:AC-6",
    ),
    bad='security_context={"run_as_non_root": True}  # escalation is allowed by default',
    remedy=(
        "Set it to false in every container; the pod has no such setting.",
        'security_context={"allow_privilege_escalation": False}',
    ),
)
def no_escalation(ctx: Context[WorkloadParams]) -> Demand:
    """Kubernetes allows it where nothing is said."""
    escalation = this("securityContext.allowPrivilegeEscalation")
    return Demand(
        (Requirement(escalation.is_(False), escalation, "false (the default is true)"),),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
        defaults_elsewhere=True,
    )


@demand_rule(
    "SEC-K8S-005",
    "kubernetes-container-require-non-root",
    "Containers run as a user other than root",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=WorkloadParams,
    severity=Severity.HIGH,
    rationale="Root in a container that breaks out is root on the node, with all pods and credentials there.",
    controls=(
        "pss:restricted/running-as-non-root",
        "pss:restricted/running-as-non-root-user",
        "checkov:CKV_K8S_23",
        "trivy:KSV-0012",
        "trivy:KSV-0105",
        "nist-800-53:AC-6",
    ),
    bad='security_context={"run_as_user": 0}',
    remedy=(
        "Set run_as_non_root for the pod, with a numeric user that the image knows or needs not know.",
        'security_context={"run_as_non_root": True, "run_as_user": 10001}',
    ),
)
def non_root(ctx: Context[WorkloadParams]) -> Demand:
    """A container's own setting wins over the pod's; the pod's must not say otherwise even then."""
    own, of_pod = this("securityContext.runAsNonRoot"), pod("securityContext.runAsNonRoot")
    user, user_of_pod = this("securityContext.runAsUser"), pod("securityContext.runAsUser")
    return Demand(
        (
            Requirement(own.is_(True) | own.missing() & of_pod.is_(True), own, "true, here or for the pod"),
            Requirement(of_pod.is_not(False), of_pod, "true, or unset where every container says so itself"),
            Requirement(user.is_not(0), user, "another user than 0"),
            Requirement(user_of_pod.is_not(0), user_of_pod, "another user than 0"),
        ),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
        defaults_elsewhere=True,
    )


@demand_rule(
    "SEC-K8S-006",
    "kubernetes-container-limit-capabilities",
    "Containers drop all capabilities and add none but to bind low ports",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=CapabilityParams,
    severity=Severity.HIGH,
    rationale="The default set lets a container forge packets and take any user; added ones often amount to root.",
    controls=(
        "pss:baseline/capabilities",
        "pss:restricted/capabilities",
        "checkov:CKV_K8S_25",
        "checkov:CKV_K8S_28",
        "checkov:CKV_K8S_37",
        "checkov:CKV_K8S_39",
        "trivy:KSV-0003",
        "trivy:KSV-0106",
        "nist-800-53:AC-6",
        "nist-800-53:CM-7",
    ),
    bad='security_context={"capabilities": {"add": ["SYS_ADMIN"]}}',
    remedy=(
        "Drop ALL, and add back what is allowed only if the program fails without it.",
        'security_context={"capabilities": {"drop": ["ALL"]}}',
    ),
)
def few_capabilities(ctx: Context[CapabilityParams]) -> Demand:
    """What may be added is the restricted standard's; a company may allow more."""
    drop, add = this("securityContext.capabilities.drop"), this("securityContext.capabilities.add")
    allowed = ctx.params.added
    return Demand(
        (
            Requirement(drop.includes("ALL"), drop, 'a list with "ALL"'),
            Requirement(add.within(*allowed), add, f"no capability but {', '.join(allowed)}" if allowed else "none"),
        ),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
        defaults_elsewhere=True,
    )


@demand_rule(
    "SEC-K8S-009",
    "kubernetes-container-require-read-only-root",
    "Containers cannot write to their own image",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=WorkloadParams,
    severity=Severity.LOW,
    rationale="A writable file system lets an intruder replace programs and leave tools behind.",
    controls=("checkov:CKV_K8S_22", "trivy:KSV-0014", "nist-800-53:SI-7"),
    bad='security_context={"read_only_root_filesystem": False}',
    remedy=(
        "Make it read-only, and mount an emptyDir with a size limit where the program writes.",
        'security_context={"read_only_root_filesystem": True}',
    ),
)
def read_only_root(ctx: Context[WorkloadParams]) -> Demand:
    """The default is writable."""
    read_only = this("securityContext.readOnlyRootFilesystem")
    return Demand(
        (Requirement(read_only.is_(True), read_only, "true (the default is false)"),),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
        defaults_elsewhere=True,
    )


@demand_rule(
    "SEC-K8S-014",
    "kubernetes-pod-require-resources-and-probes",
    "Containers ask for CPU and memory, have a memory limit, and are probed where they listen",
    per=Subject.POD,
    kinds=tuple(POD_PATHS),
    params=ResourceParams,
    severity=Severity.LOW,
    rationale="One leak of memory takes down what shares the node; without probes, traffic goes to dead processes.",
    controls=(
        "checkov:CKV_K8S_8",
        "checkov:CKV_K8S_9",
        "checkov:CKV_K8S_10",
        "checkov:CKV_K8S_12",
        "checkov:CKV_K8S_13",
        "trivy:KSV-0015",
        "trivy:KSV-0016",
        "trivy:KSV-0018",
        "nist-800-53:SC-5",
        "nist-800-53:SC-6",
    ),
    bad='{"name": "api", "image": image, "ports": [{"containerPort": 8080}]}',
    remedy=(
        "Give requests and a memory limit, and probes that ask whether it can serve and whether it lives.",
        '{"name": "api", "image": image, "ports": [{"containerPort": 8080}],\n'
        ' "resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}},\n'
        ' "readinessProbe": ready, "livenessProbe": alive}',
    ),
)
def provisioned(ctx: Context[ResourceParams]) -> Demand:
    """No limit on CPU is wanted: it would slow containers down on nodes with CPU to spare.

    A limit is also the request of a container that has none. Workflows are left out: patches and the defaults of the
    controller give their containers resources.
    """
    cpu, limit_of_cpu, memory = ("resources.requests.cpu", "resources.limits.cpu", "resources.limits.memory")
    enough = (_given(cpu) | _given(limit_of_cpu)) & _given(memory)
    wanted = "a container with a request for cpu and a limit on memory"
    resources = [Requirement(this(key).every(enough), this(key), wanted) for key in ("containers", "initContainers")]
    ends = ~whole("kind").one_of(*LISTENING)
    probes = [
        Requirement(
            this("containers").every(~this("ports").some(ALWAYS) | this(probe).present() | ends),
            this("containers"),
            f"a container with a {probe}, as it has ports",
        )
        for probe in ctx.params.probes
    ]
    return Demand((*resources, *probes), applies=except_in(ctx.params.namespaces), otherwise=OTHERWISE)


def _given(path: str) -> Condition:
    return this(path).present() | pod(path).present()


RULES = (no_privileged, no_escalation, non_root, few_capabilities, read_only_root, provisioned)
