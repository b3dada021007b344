"""What nodes cost, whatever starts them: instances by purchase option, and the disks that come with each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.context import Context, Want
from finops.line import Line, plain
from finops.quantities import gib
from finops.resource import Resource
from finops.values import Props, Unreadable, number

ON_DEMAND = "ec2.on-demand"
SPOT = "ec2.spot"

# docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html, read 2026-11-23: included in the storage of gp3
GP3_IOPS = Decimal(3000)
GP3_THROUGHPUT = Decimal(125)


@dataclass(frozen=True, slots=True)
class Disk:
    """One EBS volume of each node."""

    type: str
    size_gib: Decimal
    iops: Decimal | None = None
    throughput_mbps: Decimal | None = None

    def items(self) -> Iterable[tuple[str, str, Decimal]]:
        """Yield what it pays for: a name, the item of the price book, the units."""
        yield f"{self.type} storage", f"ebs.storage/{self.type}", self.size_gib
        if self.type == "gp3":
            iops, throughput = self.iops or GP3_IOPS, self.throughput_mbps or GP3_THROUGHPUT
            if iops > GP3_IOPS:
                yield f"gp3 IOPS above {GP3_IOPS}", "ebs.iops/gp3", iops - GP3_IOPS
            if throughput > GP3_THROUGHPUT:
                yield f"gp3 throughput above {GP3_THROUGHPUT}", "ebs.throughput/gp3", throughput - GP3_THROUGHPUT
        elif self.type in ("io1", "io2"):
            if self.iops is None:
                raise Unreadable(f"iops of an {self.type} volume are not given")
            yield f"{self.type} IOPS", f"ebs.iops/{self.type}", self.iops


@dataclass(frozen=True, slots=True)
class Counts:
    """Nodes at each of the three sizes. No ceiling: unbounded."""

    floor: Decimal
    expected: Decimal
    ceiling: Decimal | None


def lowest_and_highest(
    context: Context, resource: Resource, item: str, types: Sequence[str]
) -> tuple[str, str, list[str]]:
    """Return the cheapest and the dearest of the types that have a price, and those that have none."""
    region = context.region(resource)
    priced = [(price.usd, name) for name in types if (price := context.book.find(f"{item}/{name}", region))]
    lacking = [name for name in types if context.book.find(f"{item}/{name}", region) is None]
    if not priced:
        return types[0], types[0], lacking
    return min(priced)[1], max(priced)[1], lacking


def instances(
    context: Context, resource: Resource, types: Sequence[str], counts: Counts, spot: bool, note: str = ""
) -> Line:
    """Return the line of instances of a group: any of `types`, the first preferred.

    On demand: the cheapest type at the floor, the first expected, the dearest at the ceiling. Spot: the low end
    of the seen prices at the floor, the high end expected, and at the ceiling the price on demand, which
    spot never passes. A type without a figure could be the cheapest and the dearest: where the group has
    one, it is wanted in both places, so that the line is unpriced and says so.
    """
    item = SPOT if spot else ON_DEMAND
    cheapest, _, lacking = lowest_and_highest(context, resource, item, types)
    _, dearest, beyond = lowest_and_highest(context, resource, ON_DEMAND, types)
    low, high = (lacking or [cheapest])[0], (beyond or [dearest])[0]
    wants = (
        Want(counts.floor, f"{item}/{low}", low, low=True),
        Want(counts.expected, f"{item}/{types[0]}", types[0]),
        None if counts.ceiling is None else Want(counts.ceiling, f"{ON_DEMAND}/{high}", high),
    )
    if spot:
        note = "; ".join(filter(None, (note, "spot prices as seen, on demand at the ceiling")))
    return context.span(resource, "spot instances" if spot else "instances", wants, note)


def disk_lines(context: Context, resource: Resource, disks: Iterable[Disk], counts: Counts) -> Iterable[Line]:
    """Yield the lines of the disks of so many nodes."""
    for disk in disks:
        for what, item, units in disk.items():
            ceiling = None if counts.ceiling is None else Want(counts.ceiling * units, item)
            wants = (Want(counts.floor * units, item), Want(counts.expected * units, item), ceiling)
            yield context.span(resource, f"{what}, {plain(units)} for each node", wants)


def disks_of(mappings: Iterable[Props], type_key: str = "volumeType") -> list[Disk]:
    """Read block device mappings of a launch template or of an EC2NodeClass; those without EBS are no disks."""
    found = []
    for mapping in mappings:
        if not mapping.mapping("ebs"):
            continue
        if not (volume_type := mapping.text(f"ebs.{type_key}")):
            raise Unreadable("the volume type of a disk is not given, and the image decides")
        size = mapping.at("ebs.volumeSize")
        if size is None:
            raise Unreadable("the size of a disk is not given, and the image decides")
        sized = gib(size, "ebs.volumeSize") if isinstance(size, str) and not size.isdigit() else None
        found.append(
            Disk(
                volume_type,
                sized if sized is not None else number(size, "ebs.volumeSize"),
                _optional(mapping, "ebs.iops"),
                _optional(mapping, "ebs.throughput"),
            )
        )
    return found


def _optional(props: Props, path: str) -> Decimal | None:
    found = props.at(path)
    return None if found is None else number(found, path)
