"""EKS: control planes and managed node groups."""

from collections.abc import Iterable
from decimal import Decimal

from components._core import facts
from finops.context import Context
from finops.line import Line
from finops.mapping import carrying, nodegroup, shapes
from finops.mapping.compute import launch_template_of, template_disks
from finops.mapping.nodes import Counts, disk_lines, instances
from finops.resource import Resource
from finops.values import Malformed, Unreadable


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


def _sizes(resource: Resource, context: Context) -> tuple[Counts, str]:
    """Return the three sizes of a node group, with the nodes that its pods must have, and what it carries."""
    found = nodegroup.sizes(resource)
    load = carrying.load_of(resource, context)
    if load is None:
        return found, ""
    shape = next(iter(shapes.named(nodegroup.types(resource, context)[:1])), None)
    floor, expected = ((shape and load.nodes(shape, floor)) or 0 for floor in (True, False))
    needed = Counts(max(found.floor, Decimal(floor)), max(found.expected, Decimal(expected)), found.ceiling)
    return needed, "; ".join(load.notes)


def node_group_instances(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the instances of a node group at its three sizes."""
    kind = resource.props.text("capacityType", "ON_DEMAND")
    if kind == "CAPACITY_BLOCK":
        yield context.unpriced(resource, "Capacity Block, paid in advance", ["ec2.capacity-block"])
        return
    if kind not in ("ON_DEMAND", "SPOT"):
        raise Malformed("capacityType", "ON_DEMAND, SPOT or CAPACITY_BLOCK")
    types = nodegroup.types(resource, context)
    sizes, note = _sizes(resource, context)
    yield instances(context, resource, types, sizes, kind == "SPOT", note)


def node_group_disks(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the disks of a node group: those of its launch template."""
    template = launch_template_of(resource, context)
    disks = template_disks(template) if template is not None else []
    if not disks:
        raise Unreadable("no launch template gives its disks, and the image decides")
    yield from disk_lines(context, resource, disks, _sizes(resource, context)[0])
