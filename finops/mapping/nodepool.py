"""What a Karpenter NodePool says of itself: the types that it may start, their prices, and their disks."""

from collections.abc import Sequence
from decimal import Decimal

from finops.context import Context
from finops.mapping import shapes
from finops.mapping.nodes import ON_DEMAND, Disk, disks_of
from finops.mapping.shapes import Allowed, Requirement, Shape
from finops.resource import Resource
from finops.values import Props, Unreadable

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"

# pkg/providers/amifamily/{al2023,bottlerocket,resolver}.go of aws/karpenter-provider-aws, read 2026-11-23
_DEFAULT_DISK = Disk("gp3", Decimal(20))
_DEFAULT_DISKS = {"al2023": [_DEFAULT_DISK], "bottlerocket": [Disk("gp3", Decimal(4)), _DEFAULT_DISK]}


def spec(resource: Resource) -> Props:
    """Return the spec of an object."""
    return Props(resource.props.mapping("spec"))


def is_prepaid(wanted: tuple[Requirement, ...]) -> bool:
    """Whether a pool runs in reserved capacity only."""
    return shapes.capacity_types(wanted) == {"reserved"}


def allowed(resource: Resource, context: Context, wanted: tuple[Requirement, ...]) -> Allowed:
    """Return the types that a pool may start, worked out once for pools that ask for the same."""
    region = context.region(resource)
    key = ("allowed", wanted, region)
    if key not in context.cache:
        context.cache[key] = shapes.allowed(wanted, region)
    found: Allowed = context.cache[key]
    if not found.shapes and not found.strangers:
        raise Unreadable(f"no type that the facts have is allowed and offered in {region[:32]}")
    return found


def price(context: Context, resource: Resource, shape: Shape) -> Decimal | None:
    """Return USD an hour of a type on demand; None without a figure."""
    found = context.price(resource, f"{ON_DEMAND}/{shape.name}")
    return None if found is None else found.usd


def disks(resource: Resource, context: Context) -> list[Disk]:
    """Return the disks of a pool's nodes, from its EC2NodeClass or from Karpenter's defaults for its image."""
    name = spec(resource).text("template.spec.nodeClassRef.name")
    node_class = context.resources.named(NODE_CLASS, name)
    if node_class is None:
        raise Unreadable("its EC2NodeClass is not in this stack, and decides the disks")
    found = spec(node_class)
    if mappings := found.each("blockDeviceMappings"):
        return disks_of(mappings)
    family = found.text("amiFamily") or _alias(found.each("amiSelectorTerms"))
    if family.lower() not in _DEFAULT_DISKS:
        raise Unreadable("the disks of its EC2NodeClass are not given, and the image decides")
    return _DEFAULT_DISKS[family.lower()]


def disk_cost(resource: Resource, context: Context) -> Decimal:
    """Return USD a month of one node's disks, as far as it can be told: only to compare types."""
    try:
        items = [item for disk in disks(resource, context) for item in disk.items()]
    except Unreadable:
        return Decimal(0)
    prices = [(units, context.price(resource, item)) for _, item, units in items]
    return sum((units * found.usd for units, found in prices if found is not None), Decimal(0))


def _alias(terms: Sequence[Props]) -> str:
    """Return the family in an image alias such as `al2023@v20261101`."""
    return next((alias.partition("@")[0] for term in terms if (alias := term.text("alias"))), "")
