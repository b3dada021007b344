"""What keeps a pod apart from its node: the host's namespaces, files and ports, and the kernel's defences.

The Pod Security Standards, baseline and restricted, as kubernetes.io/docs/concepts/security/pod-security-standards
defines them for Linux (v1.34 and later, read 2026-11-27).
"""

from policies._engine.conditions import AnyOf, Ref, pod, this
from policies._engine.demands import Demand, Requirement, Subject, demand_rule
from policies._engine.pods import WORKLOADS
from policies._engine.rule import Context, Severity
from policies.security.workload import OTHERWISE, WorkloadParams, except_in

HOST_NAMESPACES = ("hostNetwork", "hostPID", "hostIPC")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
VOLUMES = ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
"""Types of volume that the restricted standard allows."""

OTHER_VOLUMES = (
    *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker"),
    *("gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "image", "iscsi", "nfs", "photonPersistentDisk"),
    *("portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
)
"""All other types that Kubernetes knows."""

PROFILES = ("RuntimeDefault", "Localhost")
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
SYSCTLS = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
)
"""Kernel parameters that the baseline standard takes for safe."""


class HostParams(WorkloadParams):
    """Parameters of SEC-K8S-008."""

    volumes: tuple[str, ...] = VOLUMES
    """Types of volume that pods may have; `image` mounts models that are packed as images."""


def unset_or(ref: Ref, *values: str, wanted: str = "") -> Requirement:
    """Return the requirement that a value is missing or one of some."""
    listed = wanted or f"{' or '.join(filter(None, values))}, or unset"
    return Requirement(ref.missing() | ref.one_of(*values), ref, listed)


@demand_rule(
    "SEC-K8S-003",
    "kubernetes-pod-disallow-host-namespaces",
    "Pods do not share the network, processes or memory of their node",
    per=Subject.POD,
    kinds=WORKLOADS,
    params=WorkloadParams,
    severity=Severity.HIGH,
    rationale="In the node's namespaces a pod reads other pods' traffic and memory and skips network policies.",
    controls=(
        "cis-eks:4.2.2",
        "cis-eks:4.2.3",
        "cis-eks:4.2.4",
        "pss:baseline/host-namespaces",
        "checkov:CKV_K8S_17",
        "checkov:CKV_K8S_18",
        "checkov:CKV_K8S_19",
        "trivy:KSV-0008",
        "trivy:KSV-0009",
        "trivy:KSV-0010",
        "nist-800-53:AC-6",
        "nist-800-53:SC-39",
    ),
    bad='spec={"host_network": True, "containers": containers}',
    remedy=(
        "Leave all three out. Node agents that need one belong in an allowed namespace of their own.",
        'spec={"containers": containers}',
    ),
)
def no_host_namespaces(ctx: Context[WorkloadParams]) -> Demand:
    """All three are off where nothing is said."""
    return Demand(
        tuple(Requirement(this(key).missing() | this(key).is_(False), this(key), "false") for key in HOST_NAMESPACES),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
    )


@demand_rule(
    "SEC-K8S-007",
    "kubernetes-container-require-kernel-confinement",
    "Containers have a seccomp profile and keep the kernel's other defences",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=WorkloadParams,
    severity=Severity.MEDIUM,
    rationale="Without a profile a container may make every system call, old and seldom tested ones included.",
    controls=(
        "pss:baseline/apparmor",
        "pss:baseline/proc-mount-type",
        "pss:baseline/seccomp",
        "pss:baseline/selinux",
        "pss:baseline/sysctls",
        "pss:restricted/seccomp",
        "checkov:CKV_K8S_31",
        "trivy:KSV-0025",
        "trivy:KSV-0026",
        "trivy:KSV-0027",
        "trivy:KSV-0030",
        "trivy:KSV-0104",
        "nist-800-53:SC-39",
    ),
    bad='security_context={"seccomp_profile": {"type": "Unconfined"}}',
    remedy=(
        "Set RuntimeDefault for the pod, and leave AppArmor, SELinux, /proc and unsafe sysctls alone.",
        'security_context={"seccomp_profile": {"type": "RuntimeDefault"}}',
    ),
)
def confined(ctx: Context[WorkloadParams]) -> Demand:
    """The annotations of AppArmor from before v1.30 are not read: the API server turns them into the field."""
    own, of_pod = this("securityContext.seccompProfile"), pod("securityContext.seccompProfile")
    own_type, type_of_pod = this("securityContext.seccompProfile.type"), pod("securityContext.seccompProfile.type")
    wanted = " or ".join(PROFILES)
    seccomp = (
        Requirement(
            own_type.one_of(*PROFILES) | own.missing() & type_of_pod.one_of(*PROFILES),
            own_type,
            f"{wanted}, here or for the pod",
        ),
        Requirement(of_pod.missing() | type_of_pod.one_of(*PROFILES), type_of_pod, wanted),
    )
    return Demand(
        (*seccomp, *_defences()),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
        defaults_elsewhere=True,
    )


def _defences() -> tuple[Requirement, ...]:
    """Return what the baseline standard says of AppArmor, SELinux, /proc and sysctls."""
    sysctls = pod("securityContext.sysctls")
    levels = [
        requirement
        for level in (this, pod)
        for requirement in (
            unset_or(level("securityContext.appArmorProfile.type"), *PROFILES),
            unset_or(level("securityContext.seLinuxOptions.type"), *SELINUX_TYPES),
            unset_or(level("securityContext.seLinuxOptions.user"), "", wanted="unset"),
            unset_or(level("securityContext.seLinuxOptions.role"), "", wanted="unset"),
        )
    ]
    return (
        *levels,
        unset_or(this("securityContext.procMount"), "Default"),
        Requirement(sysctls.every(this("name").one_of(*SYSCTLS)), sysctls, "a sysctl that is safe for other pods"),
    )


@demand_rule(
    "SEC-K8S-008",
    "kubernetes-pod-disallow-host-access",
    "Pods mount no files of their node, take no port of it and probe no other host",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=HostParams,
    severity=Severity.HIGH,
    rationale="A path of the node, such as the container runtime's socket, hands the node to the pod.",
    controls=(
        "pss:baseline/host-ports",
        "pss:baseline/host-probes-lifecycle-hooks",
        "pss:baseline/hostpath-volumes",
        "pss:restricted/volume-types",
        "checkov:CKV_K8S_26",
        "checkov:CKV_K8S_27",
        "trivy:KSV-0023",
        "trivy:KSV-0024",
        "trivy:KSV-0028",
        "nist-800-53:AC-6",
    ),
    bad='volumes=[{"name": "runtime", "host_path": {"path": "/run/containerd/containerd.sock"}}]',
    remedy=(
        "Use a claim, a CSI volume or an emptyDir, and a Service instead of a host port.",
        'volumes=[{"name": "scratch", "ephemeral": {"volume_claim_template": claim}}]',
    ),
)
def no_host_access(ctx: Context[HostParams]) -> Demand:
    """Of volumes the restricted standard says what is allowed, not what is not: new types need a decision.

    What is known to be another type is so for sure, also where only a part of the volume is here.
    """
    volumes, ports = pod("volumes"), this("ports")
    others = AnyOf(tuple(this(kind).present() for kind in OTHER_VOLUMES if kind not in ctx.params.volumes))
    # Kubernetes itself adds the volume of the service account's token; at admission it is there already.
    token = this("projected").present() & this("name").matches("^kube-api-access-")
    allowed = AnyOf((*(this(kind).present() for kind in ctx.params.volumes), token))
    wanted = f"a volume of {', '.join(ctx.params.volumes)}"
    no_port = this("hostPort").missing() | this("hostPort").is_(0)
    return Demand(
        (
            Requirement(volumes.every(~others), volumes, wanted),
            Requirement(volumes.every(allowed), volumes, wanted),
            Requirement(ports.every(no_port), ports, "a port without hostPort"),
            *(_own_host(f"{probe}.{way}.host") for probe in PROBES for way in ("httpGet", "tcpSocket")),
        ),
        applies=except_in(ctx.params.namespaces),
        otherwise=OTHERWISE,
    )


def _own_host(path: str) -> Requirement:
    return unset_or(this(path), "", wanted="unset, which is the pod itself")


RULES = (no_host_namespaces, confined, no_host_access)
