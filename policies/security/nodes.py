"""Nodes of EKS clusters: node groups, and what Karpenter makes them from."""

from collections.abc import Callable, Iterator

from policies._engine.build import differs, each, rule, some, stack_rule
from policies._engine.model import Resource, Stack, manifests
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.subnets import SUBNETS, known_text, placement, sources_of, subnets_by_id, why_public
from policies._engine.values import View
from policies._engine.wire import Undetermined, UnknownValue

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
NODE_CLASS = "karpenter.k8s.aws/EC2NodeClass"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

NOT_CEL = "it looks at resources of AWS beside the object"


class SubnetParams(Params):
    """Parameters of SEC-EKS-012."""

    private_subnets: tuple[str, ...] = ()
    """Ids of subnets outside of the stack that are known to be private."""


@stack_rule(
    "SEC-EKS-012",
    "eks-node-require-private-subnets",
    "Nodes run in private subnets, without public addresses",
    on=(NODE_GROUP,),
    kinds=(NODE_CLASS,),
    params=SubnetParams,
    not_at_admission=NOT_CEL,
    severity=Severity.HIGH,
    rationale="A node with a public address is scanned within minutes; kubelet and node ports are one open rule away.",
    controls=(
        "cis-eks:5.4.3",
        "fsbp:EC2.15",
        "fsbp:EC2.25",
        "checkov:CKV_AWS_130",
        "aisf:AISF-INFRA-08",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "soc2:CC6.6",
    ),
    bad='aws.ec2.Subnet(name, vpc_id=vpc.id, cidr_block="10.0.0.0/24", map_public_ip_on_launch=True)',
    remedy=(
        "Give node groups subnets whose way out is a NAT gateway; tell Karpenter not to assign public addresses.",
        'spec={"associatePublicIPAddress": False, "subnetSelectorTerms": [{"id": i} for i in private_ids]}',
    ),
)
def private_nodes(resource: Resource, stack: Stack, ctx: Context[SubnetParams]) -> Iterator[Outcome]:
    """Subnets are joined by the engine's record of dependencies where ids are not known yet."""
    if resource.kind:
        classes = [one for one in manifests(resource) if one.kind == NODE_CLASS]
        yield from each(classes, lambda one: _class_subnets(one.spec, stack))
        return
    yield from each((_group_subnets, _group_addresses), lambda check: check(resource, stack, ctx.params))


def _group_subnets(group: Resource, stack: Stack, params: SubnetParams) -> Iterator[Outcome]:
    place = placement(group, stack)
    yield from each(place.sure, lambda subnet: _private(subnet, stack))
    public = [one for one in place.perhaps if why_public(one, stack)]
    if public and len(public) == len(place.perhaps):
        yield Finding(f"subnetIds are of public subnets: {', '.join(one.name for one in public)}")
    elif public:
        yield Undetermined(f"subnetIds are not known yet, and perhaps of {public[0].name}, which is public")
    for foreign in place.foreign:
        if foreign not in params.private_subnets:
            yield Undetermined(f"{foreign} is not part of this stack: list it as private if it is")
    if place.unclear or not (place.sure or place.perhaps or place.foreign):
        yield Undetermined("subnetIds are not known yet")


def _private(subnet: Resource, stack: Stack) -> Iterator[Outcome]:
    reason = why_public(subnet, stack)
    if reason:
        yield Finding(f"{subnet.name} {reason}; wanted a private subnet")


def _group_addresses(group: Resource, stack: Stack, _params: SubnetParams) -> Iterator[Outcome]:
    template = launch_template(group, stack)
    if template is not None:
        yield from each(template.props.sequence("networkInterfaces"), lambda one: _interface(template, one))


def _interface(template: Resource, interface: View) -> Iterator[Outcome]:
    # The provider takes a text: leaving it out says a third thing, that the subnet decides.
    if interface.at("associatePublicIpAddress") in ("true", "1", True):
        finding = differs(interface, "associatePublicIpAddress", "false")
        yield Finding(f"{template.name}: {finding.message}")


def _class_subnets(spec: View, stack: Stack) -> Iterator[Outcome]:
    """Karpenter leaves the choice to the subnet unless it is told (karpenter.sh, NodeClasses, read
    2026-11-23)."""
    if spec.flag("associatePublicIPAddress"):
        yield differs(spec, "associatePublicIPAddress", "false")
    selected, complete = _selected(spec, stack)
    yield from each(selected, lambda subnet: _private(subnet, stack))
    if not complete and not spec.declared("associatePublicIPAddress"):
        yield Undetermined(
            f"{spec.path}.associatePublicIPAddress is unset, so subnets that are not seen decide: say false"
        )


def _selected(spec: View, stack: Stack) -> tuple[list[Resource], bool]:
    """Return the subnets of the stack that a node class selects, and whether these are all.

    Tags may also select subnets outside of the stack.
    """
    try:
        terms = spec.sequence("subnetSelectorTerms")
    except UnknownValue:
        return [], False
    known = [term for term in terms.known() if isinstance(term, View)]
    by_id = subnets_by_id(stack)
    named = [by_id[name] for term in known if (name := known_text(term, "id")) in by_id]
    tagged = [one for term in known for one in stack.of(*SUBNETS) if _has_tags(one, term)]
    return [*named, *tagged], 0 < len(terms) == len(named)


def _has_tags(subnet: Resource, term: View) -> bool:
    try:
        wanted = dict(term.mapping("tags"))
        own = subnet.props.mapping("tags")
        return bool(wanted) and all(key in own and value in ("*", own[key]) for key, value in wanted.items())
    except Undetermined:
        return False


def launch_template(group: Resource, stack: Stack) -> Resource | None:
    """Return the launch template of a node group, None if it has none.

    Raises `Undetermined` for one that is not part of the stack.
    """
    if not group.sets("launchTemplate"):
        return None
    for key in ("id", "name"):
        wanted = known_text(group.props, f"launchTemplate.{key}")
        for template in stack.of(TEMPLATE):
            if wanted and known_text(template.props, key) == wanted:
                return template
    sources = [one for one in sources_of(group, stack, "launchTemplate") if one.type == TEMPLATE]
    if len(sources) != 1:
        raise Undetermined("the launch template is not known yet, or not part of this stack")
    return sources[0]


@rule(
    "SEC-EKS-013",
    "eks-node-disallow-open-ssh",
    "Nodes take SSH from named security groups only",
    on=(NODE_GROUP,),
    params=Params,
    severity=Severity.HIGH,
    rationale="A key without source groups makes EKS open port 22, on Windows 3389, of every node to the internet.",
    controls=(
        "checkov:CKV_AWS_100",
        "fsbp:EC2.13",
        "fsbp:EC2.14",
        "nist-800-53:CM-7",
        "nist-800-53:SC-7",
        "soc2:CC6.6",
    ),
    bad='remote_access={"ec2_ssh_key": "ops"}',
    remedy=(
        "Leave remote_access out and use Session Manager, or name the security groups that may connect.",
        'remote_access={"ec2_ssh_key": "ops", "source_security_group_ids": [bastion.id]}',
    ),
)
def no_open_ssh(group: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Without a key there is no rule for SSH."""
    access = group.props.mapping("remoteAccess")
    closed: tuple[Callable[[], bool], ...] = (
        lambda: not access.at("ec2SshKey"),
        lambda: len(access.sequence("sourceSecurityGroupIds")) > 0,
    )
    if not some(closed, lambda is_closed: is_closed()):
        yield differs(access, "sourceSecurityGroupIds", "a list of security groups (the default is everyone)")


DEFAULT_FAMILY = "AL2023"
"""What EKS chooses for new node groups since Kubernetes 1.30 (EKS user guide, release notes of 1.30, read
2026-11-23). Older versions are out of all support."""


class SystemParams(Params):
    """Parameters of SEC-EKS-015."""

    families: tuple[str, ...] = ("AL2023", "BOTTLEROCKET")
    """Operating systems that nodes may have: first parts of EKS's `amiType`, in upper case."""


@stack_rule(
    "SEC-EKS-015",
    "eks-node-require-container-os",
    "Nodes run an operating system made for containers",
    on=(NODE_GROUP,),
    kinds=(NODE_CLASS,),
    params=SystemParams,
    not_at_admission=NOT_CEL,
    severity=Severity.MEDIUM,
    rationale="AL2 gets no EKS images since 2025-11-26, and general systems carry software that no pod needs.",
    controls=("nist-800-53:CM-7", "nist-800-53:SI-2", "soc2:CC6.8"),
    bad='ami_type="AL2_x86_64_GPU"',
    remedy=(
        "Move to Bottlerocket, or to AL2023 where drivers ask for it; drain the old group afterwards.",
        'ami_type="BOTTLEROCKET_x86_64_NVIDIA"',
    ),
)
def container_os(resource: Resource, stack: Stack, ctx: Context[SystemParams]) -> Iterator[Outcome]:
    """What an image of one's own is made of cannot be seen."""
    if resource.kind:
        classes = [one for one in manifests(resource) if one.kind == NODE_CLASS]
        yield from each(classes, lambda one: _class_system(one.spec, ctx.params.families))
    else:
        yield from _group_system(resource, stack, ctx.params.families)


def _group_system(group: Resource, stack: Stack, families: tuple[str, ...]) -> Iterator[Outcome]:
    # Where the program names no type, the output is unknown in a preview and EKS's choice after it.
    chosen = group.sets("amiType")
    template = None if chosen else launch_template(group, stack)
    if template is not None and template.sets("imageId"):
        raise Undetermined(f"{template.name} names an image of its own, whose system is not seen")
    kind = group.props.text("amiType") if chosen else DEFAULT_FAMILY
    if kind == "CUSTOM":
        raise Undetermined("amiType is CUSTOM: an image of its own, whose system is not seen")
    if kind.partition("_")[0].upper() not in families:
        shown = group.props.shown("amiType") if chosen else f"unset, so {kind}"
        yield Finding(f"amiType is {shown}; wanted one of {', '.join(families)}")


def _class_system(spec: View, families: tuple[str, ...]) -> Iterator[Outcome]:
    """An alias names the system, and `amiFamily` otherwise: the user data that it makes fits no other one."""
    terms = spec.sequence("amiSelectorTerms")
    aliased = [term for term in terms.known() if isinstance(term, View) and "alias" in term.raw]
    yield from each(aliased, lambda term: _family(term, "alias", term.text("alias").partition("@")[0], families))
    if aliased:
        return
    if len(terms.known()) < len(terms):
        raise Undetermined(f"{terms.path} are not known yet")
    family = spec.text("amiFamily")
    if family == "Custom":
        raise Undetermined(f"{spec.path}.amiFamily is Custom: the system of the images is not seen")
    yield from _family(spec, "amiFamily", family, families)


def _family(holder: View, key: str, family: str, families: tuple[str, ...]) -> Iterator[Outcome]:
    if family.upper() not in families:
        yield differs(holder, key, f"one of {', '.join(families)}")


RULES = (private_nodes, no_open_ssh, container_os)
