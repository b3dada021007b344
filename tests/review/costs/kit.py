"""A recorded preview, a price book that stays as it is, and hostile resources."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from finops import Dimension, PriceBook, Usage, before_preview, compare, estimate, from_preview
from finops.book import Basis, Price, Source, Unit
from review.costs.model import Costs, describe, identities
from tests.unit import finops_kit

TODAY = date(2026, 11, 27)
RECORDED = Path(__file__).with_name("preview.json")
"""`pulumi preview --json --show-sames` of the stack sandbox, cut to some resources: a second NAT gateway, a larger
database whose class has no figure, one GPU pool with a higher limit and one removed."""

USAGE = Usage.model_validate({"as_of": "2026-11-27", "review_by": "2027-05-22", "defaults": {}})
SOURCE = Source(name="list prices", version="a day of 2026", date=date(2026, 11, 23))

_FIGURES = (
    ("ebs.storage/gp3", Unit.GB_MONTH, "0.08"),
    ("ec2.on-demand/g5.12xlarge", Unit.HOUR, "5.672"),
    ("ec2.on-demand/g5.xlarge", Unit.HOUR, "1.006"),
    ("ec2.on-demand/g6.12xlarge", Unit.HOUR, "4.6016"),
    ("ec2.on-demand/g6.xlarge", Unit.HOUR, "0.8048"),
    ("ec2.on-demand/m6i.xlarge", Unit.HOUR, "0.192"),
    ("ec2.on-demand/m7i.xlarge", Unit.HOUR, "0.2016"),
    ("eks.control-plane/standard", Unit.HOUR, "0.10"),
    ("kms/key", Unit.MONTH, "1"),
    ("kms/requests", Unit.TEN_THOUSAND_REQUESTS, "0.03"),
    ("rds.backup/storage", Unit.GB_MONTH, "0.095"),
    ("rds.instance/postgres-single-db.t4g.small", Unit.HOUR, "0.032"),
    ("rds.storage/single-gp3", Unit.GB_MONTH, "0.115"),
    ("s3.storage/standard", Unit.GB_MONTH, "0.023"),
    ("secretsmanager/secret", Unit.MONTH, "0.40"),
    ("vpc/nat-gateway", Unit.HOUR, "0.045"),
    ("vpc/nat-data", Unit.GB, "0.045"),
    ("vpc/public-ipv4", Unit.HOUR, "0.005"),
)


@cache
def book(company: bool = False) -> PriceBook:
    """Prices that no refresh moves; with `company` the NAT gateway is a tenth cheaper by contract."""
    prices = {
        (item, "us-east-1"): Price(item=item, region="us-east-1", unit=unit, usd=Decimal(usd), source=SOURCE)
        for item, unit, usd in _FIGURES
    }
    if company:
        gateway = prices["vpc/nat-gateway", "us-east-1"]
        own = {"usd": Decimal("0.0405"), "basis": Basis.COMPANY, "source": Source(name="own", version="v", date=TODAY)}
        prices["vpc/nat-gateway", "us-east-1"] = gateway.model_copy(update=own)
    return PriceBook(as_of=date(2026, 11, 23), review_by=date(2027, 5, 22), prices=prices)


def recorded() -> dict[str, Any]:
    return dict(json.loads(RECORDED.read_text()))


def costs(
    document: dict[str, Any] | None = None,
    by: Dimension = Dimension.COMPONENT,
    *,
    compared: bool = True,
    on: date = TODAY,
    company: bool = False,
    **more: Any,
) -> Costs:
    """The recorded preview, or another, compared with its old side."""
    whole = recorded() if document is None else document
    options: dict[str, Any] = {"on": on, "book": book(company), "usage": USAGE}
    after = estimate(from_preview(whole), **options)
    comparison = compare(estimate(before_preview(whole), **options), after) if compared else None
    more.setdefault("usage", USAGE)
    return describe(after, by, comparison=comparison, compared_with="what is deployed", ids=identities(whole), **more)


def of_resources(*resources: dict[str, Any], **more: Any) -> Costs:
    """Costs of plain resources beside a provider in us-east-1, none of which is deployed."""
    everything = [finops_kit.provider(), *resources]
    steps = [{"op": "create", "urn": one["urn"], "newState": one} for one in everything]
    return costs({"steps": steps}, **more)


def hostile(text: str) -> Costs:
    """Costs of resources that say a text wherever a program can say one."""
    tags = {"owner": text, "cost-center": text, "environment": text, text: text}
    group = finops_kit.made("else:where:Component", text, custom=False)
    named = [
        finops_kit.aws("ec2/eip:Eip", text, {"tags": tags}, parent=group["urn"], id=text, outputs={"arn": text}),
        finops_kit.aws("ec2/instance:Instance", "i", {"instanceType": text, "region": text, "tags": tags}),
        finops_kit.made(f"aws:made/{text}:{text}", f"u{text}", {"tags": tags}),
        finops_kit.pool(finops_kit.types(text), name=text or "p"),
        finops_kit.made(text, text),
    ]
    before = [finops_kit.aws("ec2/eip:Eip", f"gone {text}", {"tags": tags}, id=text)]
    steps = [{"op": "create", "urn": one["urn"], "newState": one} for one in (finops_kit.provider(), group, *named)]
    steps += [{"op": "delete", "urn": one["urn"], "oldState": one} for one in before]
    return costs({"steps": steps}, stack=text, rates=[text], notes=[text], budget=Decimal(1))
