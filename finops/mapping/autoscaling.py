"""EC2 Auto Scaling groups: from their smallest to their largest size, on demand and at spot prices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.context import Context
from finops.line import Line
from finops.mapping.compute import block_disks, launch_template_of, template_disks
from finops.mapping.links import linked
from finops.mapping.nodes import Counts, Disk, disk_lines, instances
from finops.resource import Resource
from finops.values import Props, Unreadable

LAUNCH_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"

_MIXED = "mixedInstancesPolicy.launchTemplate"
_SHARES = "mixedInstancesPolicy.instancesDistribution"


@dataclass(frozen=True, slots=True)
class Machines:
    """What a group starts: types, preferred first, and the disks of each instance."""

    types: Sequence[str]
    disks: Sequence[Disk]
    spot: bool


def group_instances(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the instances of a group; with a mixed policy, its shares on demand and at spot prices."""
    found, sizes = machines(resource, context), group_sizes(resource)
    if found.spot:
        yield instances(context, resource, found.types, sizes, spot=True)
        return
    fixed, spot = shares(resource.props, sizes)
    if any((fixed.floor, fixed.expected, fixed.ceiling)) or not any((spot.floor, spot.expected, spot.ceiling)):
        yield instances(context, resource, found.types, fixed, spot=False)
    if any((spot.floor, spot.expected, spot.ceiling)):
        yield instances(context, resource, found.types, spot, spot=True)


def group_disks(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the disks of a group's instances: those of its launch template or launch configuration."""
    found = machines(resource, context)
    if not found.disks:
        raise Unreadable("nothing gives its disks, and the image decides")
    yield from disk_lines(context, resource, found.disks, group_sizes(resource))


def group_sizes(resource: Resource) -> Counts:
    """Return the three sizes of a group; without a desired one it starts at its smallest."""
    props = resource.props
    low, high = props.number("minSize"), props.number("maxSize")
    return Counts(low, props.number("desiredCapacity", low), high)


def shares(props: Props, sizes: Counts) -> tuple[Counts, Counts]:
    """Return what runs on demand and what at spot prices: a base, and a share above it, rounded up on demand.

    Without a policy all is on demand. Source of the defaults: documentation of pulumi_aws 7.51.1, `autoscaling.Group`.
    """
    base = props.number(f"{_SHARES}.onDemandBaseCapacity", 0)
    percent = props.number(f"{_SHARES}.onDemandPercentageAboveBaseCapacity", 100)

    def fixed(count: Decimal) -> Decimal:
        above = max(count - base, Decimal(0)) * percent / 100
        return min(count, min(count, base) + above.to_integral_value(rounding="ROUND_CEILING"))

    low, wanted, high = sizes.floor, sizes.expected, sizes.ceiling or Decimal(0)
    on_demand = Counts(fixed(low), fixed(wanted), fixed(high))
    return on_demand, Counts(low - fixed(low), wanted - fixed(wanted), high - fixed(high))


def machines(resource: Resource, context: Context) -> Machines:
    """Return what a group starts. Raises `Unreadable` where it is not in the stack or is chosen by attributes."""
    props = resource.props
    template = launch_template_of(resource, context, f"{_MIXED}.launchTemplateSpecification", "launchTemplate")
    overrides = props.each(f"{_MIXED}.overrides")
    if template is None:
        template = launch_template_of(resource, context)
    if template is None:
        return _configured(resource, context)
    if any(override.at("weightedCapacity") is not None for override in overrides):
        raise Unreadable("its types have weights, so that its sizes count units and not instances")
    if any(override.mapping("instanceRequirements") for override in overrides):
        raise Unreadable("its types are chosen by attributes")
    types = [name for override in overrides if (name := override.text("instanceType"))]
    if not types and not (name := template.text("instanceType")):
        raise Unreadable("neither it nor its launch template names an instance type")
    spot = template.text("instanceMarketOptions.marketType") == "spot"
    return Machines(types or [name], template_disks(template), spot)


def _configured(resource: Resource, context: Context) -> Machines:
    """Return what a launch configuration starts."""
    found = linked(resource, context, "launchConfiguration", LAUNCH_CONFIGURATION, "name")
    if found is None:
        raise Unreadable("its launch template or launch configuration is not in this stack")
    if not (name := found.props.text("instanceType")):
        raise Unreadable("its launch configuration names no instance type")
    return Machines([name], block_disks(found.props), bool(found.props.text("spotPrice")))
