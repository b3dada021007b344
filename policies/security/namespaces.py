"""Kubernetes namespaces: what they hold their pods to, and who gets in."""

from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import Field

from policies._engine.build import each, some, stack_rule
from policies._engine.conditions import Condition, namespace, this
from policies._engine.demands import Demand, Requirement, Subject, demand_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import any_object
from policies._engine.pods import WORKLOADS
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, show
from policies._engine.wire import MalformedValue, Undetermined

NAMESPACE = "/Namespace"
NETWORK_POLICY = "networking.k8s.io/NetworkPolicy"
ENFORCE = ("metadata", "labels", "pod-security.kubernetes.io/enforce")

Standard = Literal["privileged", "baseline", "restricted"]
STANDARDS: tuple[Standard, ...] = ("privileged", "baseline", "restricted")
"""The Pod Security Standards, each stricter than the one before."""

Direction = Literal["Ingress", "Egress"]

PLACED = (
    *(kind for kind in WORKLOADS if not kind.endswith("/ClusterWorkflowTemplate")),
    "/ConfigMap",
    "/PersistentVolumeClaim",
    "/Secret",
    "/Service",
    "/ServiceAccount",
    "networking.k8s.io/Ingress",
    "rbac.authorization.k8s.io/Role",
    "rbac.authorization.k8s.io/RoleBinding",
)
"""Kinds that live in a namespace and do or hold something there."""


class StandardParams(Params):
    """Parameters of SEC-K8S-001."""

    standard: Standard = "baseline"
    """Least standard that a namespace enforces."""

    by_namespace: dict[str, Standard] = Field(default={})
    """Least standard of some namespaces: a lower one for drivers and agents, a higher one where models are served."""


@demand_rule(
    "SEC-K8S-001",
    "kubernetes-namespace-require-pod-security-standard",
    "Namespaces enforce a Pod Security Standard",
    per=Subject.OBJECT,
    kinds=(NAMESPACE,),
    params=StandardParams,
    severity=Severity.HIGH,
    rationale="Without it the API server admits any pod, also one that owns its node, whoever creates it.",
    controls=(
        "cis-eks:4.2.1",
        "cis-eks:4.2.2",
        "cis-eks:4.2.3",
        "cis-eks:4.2.4",
        "cis-eks:4.2.5",
        "nist-800-53:AC-6",
        "nist-800-53:CM-6",
        "soc2:CC6.1",
    ),
    bad='metadata={"name": "serving"}',
    remedy=(
        "Label the namespace; a pod that does not comply is refused when it is next created, so warn and audit first.",
        'metadata={"name": "serving", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}',
    ),
)
def pod_security(ctx: Context[StandardParams]) -> Demand:
    """A namespace without a label is held to nothing."""
    name, label = this("metadata.name"), this(ENFORCE)
    standard, special = ctx.params.standard, ctx.params.by_namespace
    enough = name.one_of(*special) | _meets(standard)
    for wanted in STANDARDS:
        enough &= ~name.one_of(*(space for space in special if special[space] == wanted)) | _meets(wanted)
    least = ", ".join((standard, *(f"{special[space]} in {space}" for space in special)))
    return Demand((Requirement(enough, label, f"{least}, or stricter"),))


def _meets(standard: Standard) -> Condition:
    at_least = this(ENFORCE).one_of(*STANDARDS[STANDARDS.index(standard) :])
    return at_least | this(ENFORCE).missing() if standard == "privileged" else at_least


@demand_rule(
    "SEC-K8S-010",
    "kubernetes-object-disallow-default-namespace",
    "Nothing is placed in the default namespace",
    per=Subject.OBJECT,
    kinds=PLACED,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="What shares one namespace shares rights, quota and network; no rule tells it apart.",
    controls=("cis-eks:4.5.1", "cis-eks:4.5.2", "checkov:CKV_K8S_21", "trivy:KSV-0110", "nist-800-53:AC-6"),
    bad='metadata={"name": "trainer"}',
    remedy=("Name a namespace of the team or of the component.", 'metadata={"name": "trainer", "namespace": "team-a"}'),
)
def placed(_ctx: Context[Params]) -> Demand:
    """An object that names none lands there."""
    return Demand((Requirement(namespace().is_not("default"), namespace(), "a namespace of its own"),))


class DenyParams(Params):
    """Parameters of SEC-K8S-013."""

    directions: tuple[Direction, ...] = ("Ingress",)
    """Directions that are denied unless a policy allows something; `Egress` keeps data from leaving."""

    namespaces: tuple[str, ...] = ()
    """Namespaces that need none: those of node agents on the host's network, which policies do not reach."""


@stack_rule(
    "SEC-K8S-013",
    "kubernetes-namespace-require-default-deny",
    "Namespaces deny traffic that no network policy allows",
    kinds=(NAMESPACE,),
    params=DenyParams,
    not_at_admission="a namespace is created before its policies, so it cannot have them yet",
    severity=Severity.HIGH,
    rationale="Without one, every pod of the cluster reaches every other: one stolen notebook reaches all of them.",
    controls=(
        "cis-eks:4.3.2",
        "checkov:CKV2_K8S_6",
        "trivy:KSV-0038",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "nist-800-53:SC-7(5)",
        "soc2:CC6.6",
    ),
    bad='k8s.core.v1.Namespace(name, metadata={"name": "team-a"})  # and no policy',
    remedy=(
        "Add a policy that selects all pods and allows nothing, then policies for what is needed.",
        'k8s.networking.v1.NetworkPolicy(name, metadata={"name": "default-deny", "namespace": "team-a"},\n'
        '    spec={"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})',
    ),
)
def default_deny(resource: Resource, stack: Stack, ctx: Context[DenyParams]) -> Iterator[Outcome]:
    """A policy that selects every pod and does not let in everybody isolates them, whatever else it allows."""
    spaces = [manifest for manifest in manifests(resource) if manifest.kind == NAMESPACE]
    yield from each(spaces, lambda space: _directions(space, stack, ctx.params))


def _directions(space: Manifest, stack: Stack, params: DenyParams) -> Iterator[Outcome]:
    for direction in params.directions:
        if not _denied(space, stack, direction):
            if space.name in params.namespaces:
                raise NotApplicable("the namespace needs no policy")
            yield Finding(f"no network policy of this stack denies all {direction.lower()} in {show(space.name)}")


def _denied(space: Manifest, stack: Stack, direction: Direction) -> bool:
    return any_object(stack, (NETWORK_POLICY,), lambda policy: _denies(policy, space, direction))


def _denies(policy: Manifest, space: Manifest, direction: Direction) -> bool:
    """Whether a policy denies by default in a namespace: what is unknown of one elsewhere does not matter."""
    unmet: tuple[Callable[[], bool], ...] = (
        lambda: not _belongs(policy, space),
        lambda: not _isolates(policy.spec, direction),
    )
    return not some(unmet, lambda fails: fails())


def _belongs(policy: Manifest, space: Manifest) -> bool:
    """Whether a policy is in a namespace: by name, else because its metadata was computed from no other one."""
    try:
        return policy.namespace == space.name
    except Undetermined:
        sources = policy.resource.property_dependencies.get("metadata", ())
        if [urn for urn in sources if ":Namespace::" in urn] == [space.resource.urn]:
            return True
        raise


def _isolates(spec: View, direction: Direction) -> bool:
    """Whether a policy selects all pods and does not let everybody through."""
    selector = spec.mapping("podSelector")
    if len(selector.mapping("matchLabels")) or len(selector.sequence("matchExpressions")):
        return False
    rules, types = spec.sequence(direction.lower()), spec.sequence("policyTypes")
    # Without types a policy is about what comes in, and about what goes out if it has rules for that.
    by_default = direction == "Ingress" or len(rules) > 0
    applies = some(types, lambda one: one == direction) if len(types) else by_default
    return applies and not some(rules, lambda rule: _open(rule, direction))


def _open(rule: object, direction: Direction) -> bool:
    if not isinstance(rule, View):
        raise MalformedValue(f"an item of {direction.lower()}", "an object", rule)
    if len(rule.sequence("ports")):
        return False
    peers = rule.sequence("from" if direction == "Ingress" else "to")
    return not len(peers) or some(peers, _anybody)


def _anybody(peer: object) -> bool:
    if not isinstance(peer, View):
        raise MalformedValue("a peer", "an object", peer)
    if peer.at("ipBlock") is not None:
        return peer.at("ipBlock.cidr") in ("0.0.0.0/0", "::/0")
    spaces, pods = peer.at("namespaceSelector"), peer.mapping("podSelector")
    return isinstance(spaces, View) and not len(spaces) and not len(pods)


RULES = (pod_security, placed, default_deny)
