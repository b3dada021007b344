"""Managed services: extended support of EKS versions, databases with a standby or on older processors."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from components._core import facts
from finops.book import Price
from finops.estimate import Item
from finops.line import HOURS, money, plain, unit_price
from finops.savings.proposal import Confidence, Cut, Kind, Proposal, id_of, sources
from finops.savings.scene import Place, Scene, each_hour, paid

CLUSTER: Final = "aws:eks/cluster:Cluster"
DATABASE: Final = "aws:rds/instance:Instance"

_SUPPORT: Final = "eks.control-plane"

# docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Types.html, read 2026-11-27: families with the
# same cores and memory by size, on Graviton.
_ARM: Final = {
    "t3": ("t4g",),
    "m5": ("m6g", "m7g", "m8g"),
    "m6i": ("m6g", "m7g", "m8g"),
    "m7i": ("m7g", "m8g"),
    "r5": ("r6g", "r7g", "r8g"),
    "r6i": ("r6g", "r7g", "r8g"),
    "r7i": ("r7g", "r8g"),
}
_ARM_ENGINES: Final = ("postgres", "mysql", "mariadb")
_INSTANCE: Final = re.compile(
    r"rds\.instance/(?P<engine>[a-z]+)-(?P<zones>single|multi)-db\.(?P<family>[a-z0-9]+)\.(?P<size>[a-z0-9]+)"
)


def extended_support(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose an upgrade to a cluster in extended support, with the dates of the facts."""
    supported = facts.supported_versions(scene.found.on)
    for line in paid(item, f"{_SUPPORT}/extended"):
        standard = scene.price(item, f"{_SUPPORT}/standard")
        usd = each_hour(standard)
        if usd is None or usd >= line.unit or not supported:
            continue
        version = item.resource.props.text("version")
        ends = facts.eks_version(version).standard_support_ends
        amount = (line.unit - usd) * line.times()
        yield Proposal(
            id=id_of(Kind.SUPPORT, [item.resource.urn]),
            kind=Kind.SUPPORT,
            title=f"Bring {item.resource.name[:64]} back into standard support",
            todo=(
                f"Upgrade from {version} version by version to one of {', '.join(one.version for one in supported)}; "
                f"standard support ended on {ends}."
            ),
            resources=(item.resource.urn,),
            low=amount,
            high=amount,
            arithmetic=(
                f"{plain(line.term.quantity)} x ({unit_price(line.unit)} extended - {unit_price(usd)} standard) x "
                f"{HOURS} h = {money(amount)}"
            ),
            price="an upgrade of a control plane cannot be undone; add-ons, nodes and removed APIs come first",
            confidence=Confidence.HIGH,
            source=f"{sources(line.price, standard)}; facts on EKS versions of {facts.eks_version_provenance().as_of}",
            cuts=(Cut(item.resource.urn, line.index, amount),),
        )


def standby(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose one zone for a database of development; never for one that refuses its deletion."""
    props = item.resource.props
    if scene.place is not Place.TRIAL or scene.protected or props.flag("deletionProtection"):
        return
    if not props.flag("multiAz"):
        return
    saved: list[tuple[Cut, str, Price]] = []
    for line in paid(item, "rds.instance/", "rds.storage/multi-", "rds.iops/multi-"):
        single = scene.price(item, re.sub(r"(^|[-/])multi-", r"\1single-", line.price.item, count=1))
        if single is None or single.usd >= line.unit:
            continue
        usd = (line.unit - single.usd) * line.times()
        told = f"{plain(line.times())} x ({unit_price(line.unit)} - {unit_price(single.usd)})"
        saved.append((Cut(item.resource.urn, line.index, usd), told, single))
    if not any(price.item.startswith("rds.instance/") for _, _, price in saved):
        return
    amount = sum((cut.usd for cut, _, _ in saved), Decimal(0))
    yield Proposal(
        id=id_of(Kind.STANDBY, [item.resource.urn]),
        kind=Kind.STANDBY,
        title=f"Run {item.resource.name[:64]} in one zone",
        todo="Set multiAz to false: SEC-RDS-002 wants a standby in production only.",
        resources=(item.resource.urn,),
        low=amount,
        high=amount,
        arithmetic=f"{' + '.join(told for _, told, _ in saved)} = {money(amount)}",
        price="when the zone or the instance fails, the database is gone until it is restored",
        confidence=Confidence.HIGH,
        source=sources(*(price for _, _, price in saved)),
        cuts=tuple(cut for cut, _, _ in saved),
    )


def graviton_database(item: Item, scene: Scene) -> Iterator[Proposal]:
    """Propose the cheapest class of the same size on Graviton, where the engine runs there and a price is known."""
    for line in paid(item, "rds.instance/"):
        found = _INSTANCE.fullmatch(line.price.item)
        if found is None or found["engine"] not in _ARM_ENGINES:
            continue
        offers: list[tuple[Decimal, str, Price]] = []
        for family in _ARM.get(found["family"], ()):
            name = f"db.{family}.{found['size']}"
            price = scene.price(item, f"rds.instance/{found['engine']}-{found['zones']}-{name}")
            if price is not None and (usd := each_hour(price)) is not None and usd < line.unit:
                offers.append((usd, name, price))
        if not offers:
            continue
        usd, name, price = min(offers, key=lambda offer: offer[:2])
        amount = (line.unit - usd) * line.times()
        yield Proposal(
            id=id_of(Kind.ARM, [item.resource.urn]),
            kind=Kind.ARM,
            title=f"Run {item.resource.name[:64]} on Graviton",
            todo=f"Set instanceClass to {name} in a maintenance window.",
            resources=(item.resource.urn,),
            low=amount,
            high=amount,
            arithmetic=(
                f"{plain(line.times())} h x ({unit_price(line.unit)} - {unit_price(usd)} {name}) = {money(amount)}"
            ),
            price="minutes of downtime while the class changes; extensions in C must exist for arm64",
            confidence=Confidence.HIGH,
            source=sources(line.price, price),
            cuts=(Cut(item.resource.urn, line.index, amount),),
        )
