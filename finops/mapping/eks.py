"""EKS: control planes and managed node groups."""

from collections.abc import Iterable, Sequence

from components._core import facts
from finops.context import Context
from finops.line import Line
from finops.mapping.compute import launch_template_of, template_disks
from finops.mapping.nodes import Counts, disk_lines, instances
from finops.resource import Resource
from finops.values import Malformed, Unreadable

# docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, read 2026-11-23
DEFAULT_TYPE = "t3.medium"


def control_plane(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the control plane by the support that its version is in."""
    version = resource.props.text("version")
    support, note = "standard", "no version is given; the newest of EKS is in standard support"
    if version:
        try:
            known = facts.eks_version(version)
        except facts.UnknownEksVersionError:
            raise Unreadable("its version is not among the dated facts on EKS versions") from None
        note = f"{version}: standard support until {known.standard_support_ends}"
        if known.in_extended_support(context.on):
            support, note = "extended", f"{version}: extended support until {known.extended_support_ends}"
        elif not known.in_standard_support(context.on):
            raise Unreadable(f"{version} is in no support on {context.on}")
    if support == "extended" and resource.props.text("upgradePolicy.supportType") == "STANDARD":
        support, note = "standard", f"{version}: its upgrade policy lets EKS leave it instead of extending support"
    yield from context.fixed(resource, f"control plane, {support} support", f"eks.control-plane/{support}", note=note)


def control_plane_extras(resource: Resource, context: Context) -> Iterable[Line]:
    """Name what a cluster pays for beside the hour, for which the book has no figure."""
    props = resource.props
    if props.flag("computeConfig.enabled"):
        yield context.unpriced(resource, "Auto Mode, a share of each instance's price", ["eks.auto-mode"])
    if props.text("controlPlaneScalingConfig.tier", "standard") != "standard":
        yield context.unpriced(resource, "provisioned control plane", ["eks.control-plane tiers"])
    if props.mapping("remoteNetworkConfig"):
        yield context.unpriced(resource, "hybrid nodes, by vCPU and hour", ["eks.hybrid-node"])


def sizes(resource: Resource) -> Counts:
    """Return the three sizes of a node group."""
    props = resource.props
    low, wanted = props.number("scalingConfig.minSize"), props.number("scalingConfig.desiredSize")
    return Counts(low, wanted, props.number("scalingConfig.maxSize"))


def node_group_types(resource: Resource, context: Context) -> Sequence[str]:
    """Return the instance types of a node group, preferred first: its own, its template's, or EKS's default."""
    if types := resource.props.texts("instanceTypes"):
        return types
    template = launch_template_of(resource, context)
    if template is not None and (name := template.text("instanceType")):
        return [name]
    return [DEFAULT_TYPE]


def node_group_instances(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the instances of a node group at its three sizes."""
    kind = resource.props.text("capacityType", "ON_DEMAND")
    if kind == "CAPACITY_BLOCK":
        yield context.unpriced(resource, "Capacity Block, paid in advance", ["ec2.capacity-block"])
        return
    if kind not in ("ON_DEMAND", "SPOT"):
        raise Malformed("capacityType", "ON_DEMAND, SPOT or CAPACITY_BLOCK")
    types = node_group_types(resource, context)
    yield instances(context, resource, types, sizes(resource), kind == "SPOT")


def node_group_disks(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the disks of a node group: those of its launch template."""
    template = launch_template_of(resource, context)
    disks = template_disks(template) if template is not None else []
    if not disks:
        raise Unreadable("no launch template gives its disks, and the image decides")
    yield from disk_lines(context, resource, disks, sizes(resource))
