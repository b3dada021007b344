"""Storage: cold objects in S3, volumes of the older type, logs that are kept longer than anybody reads them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from finops.estimate import Item
from finops.line import money, plain, unit_price
from finops.mapping.nodes import GP3_IOPS, GP3_THROUGHPUT, ON_DEMAND, SPOT
from finops.savings.proposal import Confidence, Cut, Kind, Proposal, id_of, sources
from finops.savings.scene import Paid, Place, Scene, paid, stems
from finops.values import Props, Unreadable

BUCKET: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
LIFECYCLE: Final = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)

# Assumed: share of the bytes of datasets and checkpoints that nobody reads for 30 days.
_COLD: Final = (Decimal("0.4"), Decimal("0.8"))

# docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html, read 2026-11-23: gp2 gives 3 IOPS for each GiB, up to
# 16,000, and from 170 GiB on up to 250 MiB/s.
_GP2_IOPS_PER_GIB, _GP2_MOST_IOPS = Decimal(3), Decimal(16000)
_GP2_FAST_GIB, _GP2_MOST_THROUGHPUT = Decimal(170), Decimal(250)

_MONTH_DAYS: Final = Decimal(365) / 12

# The longest retention that the cost rules accept, COST-LOG-001, by environment; a year and more in production.
_RETENTION: Final[Mapping[str, int]] = {"sandbox": 7, "stage": 90, "staging": 90, "preprod": 90}
_RETENTION_BY_PLACE: Final = {Place.TRIAL: 30, Place.REHEARSAL: 90, Place.PRODUCTION: 400}


def tiering(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose intelligent tiering for a bucket with assumed standard storage and no transition in its lifecycle."""
    moved = _with_transitions(scene)
    if moved is None or item.resource.urn in moved or _own_transitions(item.resource.props):
        return
    infrequent = scene.price(item, "s3.storage/intelligent-infrequent")
    lines = list(paid(item, "s3.storage/standard"))
    lines = [line for line in lines if line.price.item == "s3.storage/standard"]
    if infrequent is None or not lines or any(line.unit <= infrequent.usd for line in lines):
        return
    whole = sum(((line.unit - infrequent.usd) * line.term.quantity for line in lines), Decimal(0))
    low, high = whole * _COLD[0], whole * _COLD[1]
    quantity = sum((line.term.quantity for line in lines), Decimal(0))
    yield Proposal(
        id=id_of(Kind.TIER, [item.resource.urn]),
        kind=Kind.TIER,
        title=f"Move what nobody reads in {item.resource.name[:64]} to a cheaper tier",
        todo="Add a lifecycle rule with a transition to INTELLIGENT_TIERING after 30 days.",
        resources=(item.resource.urn,),
        low=low,
        high=high,
        arithmetic=(
            f"{plain(quantity)} GB-month (assumed) x ({unit_price(lines[0].unit)} - {unit_price(infrequent.usd)}) x "
            f"{_COLD[0]} to {_COLD[1]} not read for 30 days (assumed) = {money(low)} to {money(high)}"
        ),
        price="a fee for each object that is watched, which is not taken off here: it pays from about 128 KB an object",
        confidence=Confidence.LOW,
        source=sources(*(line.price for line in lines), infrequent),
        cuts=tuple(Cut(item.resource.urn, line.index, line.usd) for line in lines),
    )


def _with_transitions(scene: Scene) -> set[str] | None:
    """Return the buckets whose lifecycle moves objects; None where one that moves them is of an unknown bucket."""
    if "transitions" not in scene.cache:
        scene.cache["transitions"] = _all_with_transitions(scene)
    found: set[str] | None = scene.cache["transitions"]
    return found


def _all_with_transitions(scene: Scene) -> set[str] | None:
    found: set[str] = set()
    for type_ in LIFECYCLE:
        for item in scene.of(type_):
            if not _own_transitions(item.resource.props):
                continue
            targets = (scene.target(item.resource, "bucket", bucket, "bucket") for bucket in BUCKET)
            named = [target.urn for target in targets if target is not None]
            if not named and not stems(item.resource, "bucket") and not _text(item.resource.props, "bucket"):
                return None
            found.update(named)
    return found


def _own_transitions(props: Props) -> bool:
    """Whether any rule moves objects; one that cannot be read may."""
    for path in ("rules", "lifecycleRules"):
        try:
            if any(rule.items("transitions") for rule in props.each(path)):
                return True
        except Unreadable:
            return True
    return False


def _text(props: Props, path: str) -> str:
    try:
        return props.text(path)
    except Unreadable:
        return ""


def gp3(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose gp3 for volumes of gp2, whatever brings them; the low figure buys all that gp2 gave."""
    for line in paid(item, "ebs.storage/gp2"):
        storage = scene.price(item, "ebs.storage/gp3")
        if storage is None or storage.usd >= line.unit:
            continue
        high = (line.unit - storage.usd) * line.term.quantity
        extra = _extra(item, line, scene)
        low = Decimal(0) if extra is None else max(Decimal(0), high - extra)
        less = f", less {money(extra)} for the IOPS and throughput that gp2 had" if extra else ""
        yield Proposal(
            id=id_of(Kind.GP3, [item.resource.urn, str(line.index)]),
            kind=Kind.GP3,
            title=f"Make the gp2 volumes of {item.resource.name[:64]} gp3",
            todo="Set the volume type to gp3; a volume that exists is changed while it is in use.",
            resources=(item.resource.urn,),
            low=low,
            high=high,
            arithmetic=(
                f"{plain(line.term.quantity)} GB x ({unit_price(line.unit)} gp2 - {unit_price(storage.usd)} gp3) = "
                f"{money(high)}{less}"
            ),
            price="none where 3,000 IOPS and 125 MB/s are enough; otherwise buy what gp2 gave: the low figure",
            confidence=Confidence.HIGH,
            source=sources(line.price, storage),
            cuts=(Cut(item.resource.urn, line.index, high),),
        )


def _extra(item: Item, line: Paid, scene: Scene) -> Decimal | None:
    """Return USD a month for the IOPS and throughput of gp2 above what gp3 includes; None without prices."""
    nodes = next((one.term.quantity for one in paid(item, f"{ON_DEMAND}/", f"{SPOT}/")), Decimal(1))
    size = line.term.quantity / nodes
    iops = max(Decimal(0), min(_GP2_MOST_IOPS, size * _GP2_IOPS_PER_GIB) - GP3_IOPS)
    throughput = _GP2_MOST_THROUGHPUT - GP3_THROUGHPUT if size >= _GP2_FAST_GIB else Decimal(0)
    total = Decimal(0)
    for amount, name in ((iops, "ebs.iops/gp3"), (throughput, "ebs.throughput/gp3")):
        if amount:
            price = scene.price(item, name)
            if price is None:
                return None
            total += amount * price.usd
    return total * nodes


def retention(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose the longest retention that the cost rules accept, for a log group that keeps events longer."""
    most = _RETENTION.get(scene.environment.strip().lower(), _RETENTION_BY_PLACE[scene.place])
    days = item.resource.props.number("retentionInDays", 0)
    if 0 < days <= most:
        return
    stored = list(paid(item, "logs/stored"))
    written = [line for line in paid(item, "logs/ingested") if line.price.item == "logs/ingested"]
    if not stored or not written:
        return
    now = sum((line.term.quantity for line in stored), Decimal(0))
    then = sum((line.term.quantity for line in written), Decimal(0)) * most / _MONTH_DAYS
    if then >= now:
        return
    amount = sum((line.usd for line in stored), Decimal(0)) * (now - then) / now
    kept = f"{plain(days)} days" if days else "for ever"
    yield Proposal(
        id=id_of(Kind.LOGS, [item.resource.urn]),
        kind=Kind.LOGS,
        title=f"Keep the events of {item.resource.name[:64]} for {most} days",
        todo=f"Set retentionInDays to {most}; now they are kept {kept}.",
        resources=(item.resource.urn,),
        low=amount,
        high=amount,
        arithmetic=(
            f"({plain(now)} GB-month - {plain(then)} GB that {most} days of what is written are, both assumed) x "
            f"{unit_price(stored[0].unit)} = {money(amount)}"
        ),
        price="older events are gone; export what an audit needs",
        confidence=Confidence.LOW,
        source=sources(*(line.price for line in stored)),
        cuts=tuple(Cut(item.resource.urn, line.index, line.usd) for line in stored),
    )
