"""EC2: instances, volumes, capacity reservations."""

from collections.abc import Iterable
from decimal import Decimal

from finops.context import Context
from finops.line import Line
from finops.mapping.links import block, dependencies
from finops.mapping.nodes import Counts, Disk, disk_lines, disks_of, instances
from finops.resource import Resource
from finops.values import Props, Unreadable, number

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SPOT_REQUEST = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"

_ONE = Counts(Decimal(1), Decimal(1), Decimal(1))


def instance(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the machine, taken for Linux; a launch template of this stack says what the instance does not."""
    props = resource.props
    if props.text("tenancy", "default") != "default":
        yield context.unpriced(resource, "instance", ["ec2.dedicated"])
        return
    template = launch_template_of(resource, context)
    name = props.text("instanceType") or (template.text("instanceType") if template is not None else "")
    if not name:
        raise Unreadable("instanceType is not given")
    market = "instanceMarketOptions.marketType"
    bought = props.text(market) or (template.text(market) if template is not None else "")
    spot = bought == "spot" or resource.type == SPOT_REQUEST
    yield instances(context, resource, [name], _ONE, spot, "taken for Linux")


def instance_root_disk(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the root disk, or the disks of its launch template; what these leave out the image decides."""
    root = block(resource.props, "rootBlockDevice")
    template = launch_template_of(resource, context) if root is None else None
    if template is not None and (disks := template_disks(template)):
        yield from disk_lines(context, resource, disks, _ONE)
        return
    if root is None or root.at("volumeSize") is None or not root.text("volumeType"):
        raise Unreadable("size or type of the root disk are not given, and the image decides")
    yield from disk_lines(context, resource, [_disk(root)], _ONE)


def instance_other_disks(resource: Resource, context: Context) -> Iterable[Line]:
    """Price further disks that the instance itself brings."""
    for disk in _other_disks(resource.props):
        yield from disk_lines(context, resource, [disk], _ONE)


def instance_address(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a public IPv4 address where one is asked for."""
    if resource.props.flag("associatePublicIpAddress"):
        yield from context.fixed(resource, "public IPv4 address", "vpc/public-ipv4")


def capacity_reservation(resource: Resource, context: Context) -> Iterable[Line]:
    """Price reserved instances: by the hour, whether anything runs in them or not."""
    props = resource.props
    if not (name := props.text("instanceType")):
        raise Unreadable("instanceType is not given")
    count = props.number("instanceCount")
    yield instances(context, resource, [name], Counts(count, count, count), spot=False)


def volume(resource: Resource, context: Context) -> Iterable[Line]:
    """Price a volume: storage, and IOPS and throughput beyond what its type includes."""
    props = resource.props
    # gp2 where no type is given: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html, 2026-11-23
    kind = props.text("type", "gp2") or "gp2"
    if props.at("size") is None:
        raise Unreadable("size is not given; the snapshot decides")
    disk = Disk(kind, props.number("size"), _number(props, "iops"), _number(props, "throughput"))
    for what, item, units in disk.items():
        yield from context.fixed(resource, what, item, units)


def snapshot(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter a snapshot: it keeps the blocks that changed since the one before it, which no program tells."""
    tier = resource.props.text("storageTier", "standard") or "standard"
    if tier != "standard":
        yield context.unpriced(resource, "archived blocks", [f"ebs.snapshot/{tier[:32]}"])
    else:
        yield from context.metered(resource, "changed blocks", "ebs.snapshot/standard")


def launch_template_of(
    resource: Resource, context: Context, path: str = "launchTemplate", prefix: str = ""
) -> Props | None:
    """Return the launch template of this stack that a resource names by id, or None where it names none.

    Before the first deployment the id is not known: then the URN that the value comes from tells. `prefix` begins
    the keys of groups: `launchTemplateId` instead of `id`. Raises `Unreadable` for a template that is not in the stack.
    """
    named = resource.props
    for urn in dependencies(resource, path.partition(".")[0]):
        found = context.resources.by_urn.get(urn)
        if found is not None and found.type == LAUNCH_TEMPLATE:
            return found.props
    if not named.mapping(path):
        return None
    by_id, by_name = (f"{prefix}Id", f"{prefix}Name") if prefix else ("id", "name")
    if identifier := named.text(f"{path}.{by_id}"):
        template = context.resources.by_id.get((LAUNCH_TEMPLATE, identifier))
        if template is not None:
            return template.props
    elif name := named.text(f"{path}.{by_name}"):
        template = context.resources.named(LAUNCH_TEMPLATE, name, "name")
        if template is not None:
            return template.props
    raise Unreadable("its launch template is not in this stack")


def template_disks(template: Props) -> list[Disk]:
    """Return the disks of a launch template."""
    return disks_of(template.each("blockDeviceMappings"))


def block_disks(props: Props) -> list[Disk]:
    """Return the disks of an instance or a launch configuration; none where the root disk is left to the image."""
    root = block(props, "rootBlockDevice")
    if root is None or root.at("volumeSize") is None or not root.text("volumeType"):
        return []
    return [_disk(root), *_other_disks(props)]


def _other_disks(props: Props) -> Iterable[Disk]:
    for device in props.each("ebsBlockDevices"):
        if device.at("volumeSize") is None or not device.text("volumeType"):
            raise Unreadable("size or type of a disk are not given, and its snapshot decides")
        yield _disk(device)


def _disk(props: Props) -> Disk:
    return Disk(
        props.text("volumeType"), props.number("volumeSize"), _number(props, "iops"), _number(props, "throughput")
    )


def _number(props: Props, path: str) -> Decimal | None:
    found = props.at(path)
    return None if found is None else number(found, path)
