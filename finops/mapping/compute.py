"""EC2: instances, volumes, capacity reservations."""

from collections.abc import Iterable
from decimal import Decimal

from finops.context import Context
from finops.line import Line
from finops.mapping.nodes import Counts, Disk, disk_lines, disks_of, instances
from finops.resource import Resource
from finops.values import Props, Unreadable, number

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

_ONE = Counts(Decimal(1), Decimal(1), Decimal(1))


def instance(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the machine, taken for Linux."""
    props = resource.props
    if props.text("tenancy", "default") != "default":
        yield context.unpriced(resource, "instance", ["ec2.dedicated"])
        return
    if not (name := props.text("instanceType")):
        raise Unreadable("instanceType is not given; a launch template decides")
    spot = props.text("instanceMarketOptions.marketType") == "spot"
    yield instances(context, resource, [name], _ONE, spot, "taken for Linux")


def instance_root_disk(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the root disk; what it leaves out the image decides."""
    root = _block(resource.props, "rootBlockDevice")
    if root is None or root.at("volumeSize") is None or not root.text("volumeType"):
        raise Unreadable("size or type of the root disk are not given, and the image decides")
    yield from disk_lines(context, resource, [_disk(root)], _ONE)


def instance_other_disks(resource: Resource, context: Context) -> Iterable[Line]:
    """Price further disks that the instance itself brings."""
    for device in resource.props.each("ebsBlockDevices"):
        if device.at("volumeSize") is None or not device.text("volumeType"):
            raise Unreadable("size or type of a disk are not given, and its snapshot decides")
        yield from disk_lines(context, resource, [_disk(device)], _ONE)


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


def launch_template_of(resource: Resource, context: Context, path: str = "launchTemplate") -> Props | None:
    """Return the launch template of this stack that a resource names by id, or None where it names none.

    Before the first deployment the id is not known: then the URN that the value comes from tells.
    Raises `Unreadable` for a template that is not in the stack.
    """
    named = resource.props
    for urn in _urns(resource, path.partition(".")[0]):
        found = context.resources.by_urn.get(urn)
        if found is not None and found.type == LAUNCH_TEMPLATE:
            return found.props
    if not named.mapping(path):
        return None
    if identifier := named.text(f"{path}.id"):
        by_id = context.resources.by_id.get((LAUNCH_TEMPLATE, identifier))
        if by_id is not None:
            return by_id.props
    elif name := named.text(f"{path}.name"):
        by_name = context.resources.named(LAUNCH_TEMPLATE, name, "name")
        if by_name is not None:
            return by_name.props
    raise Unreadable("its launch template is not in this stack")


def template_disks(template: Props) -> list[Disk]:
    """Return the disks of a launch template."""
    return disks_of(template.each("blockDeviceMappings"))


def _urns(resource: Resource, key: str) -> Iterable[str]:
    found = resource.property_dependencies.get(key)
    return (urn for urn in found if isinstance(urn, str)) if isinstance(found, list | tuple) else ()


def _block(props: Props, path: str) -> Props | None:
    """Return a block that SDKs give as an object, or as a list of one."""
    found = props.at(path)
    if isinstance(found, list | tuple):
        blocks = props.each(path)
        return blocks[0] if blocks else None
    return Props(props.mapping(path)) if found is not None else None


def _disk(props: Props) -> Disk:
    return Disk(
        props.text("volumeType"), props.number("volumeSize"), _number(props, "iops"), _number(props, "throughput")
    )


def _number(props: Props, path: str) -> Decimal | None:
    found = props.at(path)
    return None if found is None else number(found, path)
