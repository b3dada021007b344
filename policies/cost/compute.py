"""EC2: what instances, volumes and addresses cost beside their hours."""

from collections.abc import Iterator, Mapping
from typing import Final
from weakref import WeakKeyDictionary

from policies._engine.build import differs, rule, some, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Items, Path, View
from policies._engine.wire import Undetermined
from policies.cost import instances
from policies.cost.instances import INSTANCE, NODE_GROUP, TEMPLATE, Types
from policies.cost.reading import APPROVAL, approved, asked
from policies.cost.volumes import AWS, DATABASE, KINDS, each_volume

PROVISIONED: Final = ("io1", "io2")
"""Volume types that are paid for by IOPS."""

CREDITS: Final = {"t2": "standard", "t3": "unlimited", "t3a": "unlimited", "t4g": "unlimited"}
"""Burstable families, and the credits that EC2 gives them by default (EC2 API reference, RunInstances,
CreditSpecification, read 2026-11-23)."""

ADDRESS: Final = "aws:ec2/eip:Eip"

HOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:ec2/eipAssociation:EipAssociation": ("allocationId", "publicIp"),
    "aws:ec2/natGateway:NatGateway": ("allocationId", "secondaryAllocationIds", "availabilityZoneAddresses"),
    "aws:lb/loadBalancer:LoadBalancer": ("subnetMappings",),
    "aws:alb/loadBalancer:LoadBalancer": ("subnetMappings",),
    "aws:transfer/server:Server": ("endpointDetails",),
}
"""What an address can be attached to, and the properties that name it."""

_ANNOTATED: WeakKeyDictionary[Stack, dict[str, list[Resource]]] = WeakKeyDictionary()
"""Kubernetes objects by the URNs of what they were computed from; worked out once for all addresses of a stack."""


@rule(
    "COST-EC2-002",
    "ec2-volume-disallow-provisioned-iops",
    "Volumes with provisioned IOPS are approved by name",
    on=AWS,
    kinds=KINDS,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="In us-east-1 io1 and io2 cost 0.065 USD a month for each IOPS; gp3 has 3 000 for nothing, then 0.005.",
    controls=("aws-wa-cost:COST06-BP02",),
    bad='aws.ebs.Volume(name, type="io2", iops=20000, size=500)',
    remedy=(
        f"Use gp3 with the IOPS that the work needs, or name who agreed in the tag {APPROVAL}, on Kubernetes objects "
        f"in the annotation mlops.dev/{APPROVAL}.",
        'aws.ebs.Volume(name, type="gp3", iops=20000, size=500)',
    ),
    not_at_admission="it judges volumes in AWS by the same function, which is no demand on an object",
)
def provisioned_iops(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """RDS takes io1 where IOPS are given and no type."""

    def check(volume: View, path: Path) -> Iterator[Outcome]:
        default = "io1" if resource.type == DATABASE and volume.at("iops") else None
        if volume.at(path, default) in PROVISIONED and not _agreed(resource):
            yield differs(volume, path, f'"gp3", or the tag {APPROVAL}')

    yield from each_volume(resource, check)


def _agreed(resource: Resource) -> bool:
    holders: tuple[Resource | Manifest, ...] = tuple(manifests(resource)) if resource.kind else (resource,)
    return all(approved(holder) for holder in holders)


@stack_rule(
    "COST-EC2-003",
    "ec2-burstable-disallow-unlimited-credits",
    "Burstable instances run on the credits that they earn",
    on=(INSTANCE, TEMPLATE, NODE_GROUP),
    params=Params,
    severity=Severity.LOW,
    rationale="Unlimited, an instance that is always busy pays for every vCPU-hour above its baseline, in the end more "
    "than a larger type costs.",
    controls=("aws-wa-cost:COST06-BP02", "aws-wa-cost:COST02-BP05"),
    bad='aws.ec2.Instance(name, instance_type="t3.large")  # unlimited by default',
    remedy=(
        "Set the credits to standard, in the launch template for node groups; or choose a type that is not burstable.",
        'aws.ec2.Instance(name, instance_type="t3.large", credit_specification={"cpu_credits": "standard"})',
    ),
)
def standard_credits(resource: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """The default is unlimited but for t2. A node group has the credits of its launch template."""
    known = asked(resource)
    if resource.type == TEMPLATE and known.props.at("creditSpecification.cpuCredits") == "unlimited":
        yield differs(known.props, "creditSpecification.cpuCredits", '"standard"')
        return
    types = instances.of_resource(known)
    template = _template_of(resource, stack) if not types.names or _burstable(types) else None
    if template is not None and not types.names:
        types = instances.of_resource(template)
    if not _burstable(types):
        raise types.gaps[0] if types.gaps else NotApplicable("no burstable type is named")
    holders = [one.props for one in (known, template) if one is not None and one.type != NODE_GROUP]
    chosen = next((found for one in holders if (found := one.at("creditSpecification.cpuCredits"))), None)
    free = [name for name in _burstable(types) if (chosen or CREDITS[name.partition(".")[0]]) != "standard"]
    if free:
        yield Finding(f"cpuCredits of {instances.shown(free)} are {'unlimited' if chosen else 'unset: unlimited'}")


def _burstable(types: Types) -> list[str]:
    return [name for name in types.names if name.partition(".")[0] in CREDITS]


def _template_of(resource: Resource, stack: Stack) -> Resource | None:
    """Return the launch template that a resource names, None where it names none. Raises `Undetermined`."""
    if resource.type == TEMPLATE or not asked(resource).props.declared("launchTemplate"):
        return None
    sources = resource.property_dependencies.get("launchTemplate", ())
    found = [stack.by_urn[urn] for urn in sources if urn in stack.by_urn and stack.by_urn[urn].type == TEMPLATE]
    if not found:
        named = resource.props.mapping("launchTemplate")
        found = [one for one in stack.of(TEMPLATE) if _is_named(one, named)]
    if len(found) != 1:
        raise Undetermined("its launch template is not in this stack, and may set the type and the credits")
    return asked(found[0])


def _is_named(template: Resource, named: View) -> bool:
    for key in ("id", "name"):
        wanted = named.at(key)
        if wanted:
            return bool(template.props.at(key) == wanted)
    return False


@stack_rule(
    "COST-EC2-004",
    "ec2-address-require-attachment",
    "Public addresses are attached to something",
    on=(ADDRESS,),
    params=Params,
    severity=Severity.LOW,
    rationale="A public IPv4 address costs 3.65 USD a month in us-east-1, used or not; nobody misses a forgotten one.",
    # AWS lists CM-8(1) for its control EC2.12, which asks the same but is not among the foundational ones.
    controls=("fsbp:EC2.12", "nist-800-53:CM-8(1)", "aws-wa-cost:COST04-BP03"),
    bad='aws.ec2.Eip(name, domain="vpc")  # nothing refers to it',
    remedy=(
        "Attach the address to a NAT gateway, a load balancer or an instance, or take it out.",
        "aws.ec2.NatGateway(name, allocation_id=address.id, subnet_id=subnet.id)",
    ),
)
def attached_address(address: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """By the address itself, or by what refers to it. Kubernetes objects name addresses in annotations."""
    if any(address.sets(key) for key in ("instance", "networkInterface")):
        return
    own = {value for key in ("id", "allocationId", "publicIp") if (value := _known(address, key))}
    if not some(_holders(address, stack), lambda holder: _refers(holder, address, own)):
        yield Finding("nothing in the stack uses the address")


def _known(address: Resource, key: str) -> str:
    try:
        return address.props.text(key)
    except Undetermined:
        return ""


def _holders(address: Resource, stack: Stack) -> tuple[Resource, ...]:
    if stack not in _ANNOTATED:
        found: dict[str, list[Resource]] = {}
        for resource in stack.resources:
            if resource.property_dependencies and resource.kind:
                for urn in _sources(resource):
                    found.setdefault(urn, []).append(resource)
        _ANNOTATED[stack] = found
    return (*stack.of(*HOLDERS), *_ANNOTATED[stack].get(address.urn, ()))


def _sources(resource: Resource) -> set[str]:
    return {urn for urns in resource.property_dependencies.values() for urn in urns}


def _refers(holder: Resource, address: Resource, own: set[str]) -> bool:
    if address.urn in _sources(holder):
        return True
    for path in HOLDERS.get(holder.type, ()):
        from_others = any(f"{ADDRESS}::" in urn for urn in holder.property_dependencies.get(path, ()))
        if not from_others and holder.sets(path) and _mentions(holder.props.at(path), own):
            return True
    return False


def _mentions(value: object, own: set[str]) -> bool:
    """Whether one of the address's names stands anywhere in a value."""
    if isinstance(value, Items):
        return some(value, lambda item: _mentions(item, own))
    if isinstance(value, View):
        return some([value], lambda view: any(_mentions(view[key], own) for key in view))
    return isinstance(value, str) and value in own


RULES = (provisioned_iops, standard_credits, attached_address)
