"""CSV with the column names of FOCUS, the FinOps Foundation's format of bills, where an estimate has what they mean.

Names, order and formats follow version 1.2. Source: FinOps Foundation, FOCUS specification (columns and attributes),
read 2026-11-27. Own columns begin with `x_`, as the specification asks; `docs/cost.md` tells what is left out and why.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from finops.book import Basis, Price, Unit, default_book
from finops.compare import Change, LineChange
from finops.estimate import Item
from finops.line import HOURS, Term
from finops.values import Props, Unreadable
from review.costs.amounts import plain
from review.costs.model import Costs, Detail, arn, details
from review.costs.services import service
from review.text import shown_on_a_line

FOCUS: Final = (
    "BillingCurrency",
    "ChargeCategory",
    "ChargeDescription",
    "ContractedCost",
    "ContractedUnitPrice",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "RegionId",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SubAccountId",
    "Tags",
)
OWN: Final = (
    "x_Line",
    "x_State",
    "x_FloorCost",
    "x_ExpectedCost",
    "x_CeilingCost",
    "x_Unbounded",
    "x_Component",
    "x_Environment",
    "x_Team",
    "x_CostCenter",
    "x_Arithmetic",
    "x_Note",
    "x_PriceItem",
    "x_PriceSource",
    "x_PriceDate",
    "x_PriceBasis",
    "x_Urn",
    "x_Change",
    "x_BeforeExpectedCost",
)
COLUMNS: Final = FOCUS + OWN

UNITS: Final = {
    Unit.HOUR: "Hours",
    Unit.MONTH: "Months",
    Unit.GB_MONTH: "GB-Months",
    Unit.IOPS_MONTH: "IOPS-Months",
    Unit.MBPS_MONTH: "MB-Months/Second",
    Unit.GB: "GB",
    Unit.THOUSAND_REQUESTS: "1000 Requests",
    Unit.TEN_THOUSAND_REQUESTS: "10000 Requests",
    Unit.LCU_HOUR: "LCU-Hours",
}
"""Units of prices in FOCUS's unit format; others are written as they are."""

_LONGEST = 2_000
_FORMULA = (
    *"=+-@",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
"""How a formula begins; the wide ones in spreadsheets for East Asian languages. Source: OWASP, CSV Injection."""

Row = dict[str, str]


def render(costs: Costs) -> str:
    """Return a row for each line of each resource that is on the bill or might be; missing values are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_rows(costs))
    return out.getvalue()


def cell(text: str) -> str:
    """Return text that programs control, so that no spreadsheet reads a formula or another cell in it.

    What begins like a formula gets an apostrophe in front. Semicolons become commas: where they separate columns, a
    quoted comma-separated cell falls apart at them, and its rest could begin like a formula.
    """
    plain_text = shown_on_a_line(text, _LONGEST).strip().replace(";", ",")
    return f"'{plain_text}" if plain_text.startswith(_FORMULA) else plain_text


def _rows(costs: Costs) -> Iterator[Row]:
    changed = _changes(costs)
    for detail in (one for item in costs.found.items for one in details(item)):
        yield _row(costs, detail) | changed.pop(_key(detail), {})
    for change, line in _gone(costs):
        before = Detail(change.before or change.item, line.before if line else None)
        told = _row(costs, before, gone=True)
        yield told | _before(change, line)


def _key(detail: Detail) -> tuple[str, int]:
    return (detail.item.resource.urn, id(detail.line) if detail.line else 0)


def _changes(costs: Costs) -> dict[tuple[str, int], Row]:
    """Return the columns of the comparison by resource and line."""
    found: dict[tuple[str, int], Row] = {}
    for change in costs.comparison.changes if costs.comparison else ():
        if change.after is None:
            continue
        for line in change.lines:
            if line.after is not None:
                found[change.after.resource.urn, id(line.after)] = _before(change, line)
        if not change.after.lines:
            found[change.after.resource.urn, 0] = _before(change, None)
    return found


def _gone(costs: Costs) -> Iterator[tuple[Change, LineChange | None]]:
    """Yield what was on the bill and is not any more."""
    for change in costs.comparison.changes if costs.comparison else ():
        yield from ((change, line) for line in change.lines if line.after is None)
        if change.after is None and not change.lines:
            yield change, None


def _before(change: Change, line: LineChange | None) -> Row:
    term = line.before.expected if line and line.before else None
    return {"x_Change": change.kind.value, "x_BeforeExpectedCost": plain(term.monthly) if term else ""}


def _row(costs: Costs, detail: Detail, gone: bool = False) -> Row:
    """Return the columns of a line. One that is `gone` has no cost: columns can be added up."""
    name, category = service(detail)
    item, line = detail.item, detail.line
    term = line.expected if line and not gone else None
    price = next((t.price for t in (term, line and line.ceiling, line and line.floor) if t and t.price), None)
    amounts = {
        "x_FloorCost": _monthly(line.floor if line and not gone else None),
        "x_ExpectedCost": _monthly(term),
        "x_CeilingCost": _monthly(line.ceiling if line and not gone else None),
        "x_Unbounded": "true" if line and line.unbounded and not gone else "false",
    }
    return {
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ChargeDescription": cell(f"{detail.what}: {detail.arithmetic}"),
        "ProviderName": "AWS" if price or item.resource.type.startswith("aws:") else "",
        "RegionId": cell(item.region or ""),
        "ServiceCategory": category,
        "ServiceName": name,
        "x_Line": cell(detail.what),
        "x_State": detail.state.value,
        "x_Arithmetic": cell(detail.arithmetic),
        "x_Note": cell(detail.note),
        **amounts,
        **_priced(term, price),
        **_resource(costs, item),
        **_owner(costs, item),
    }


def _priced(term: Term | None, price: Price | None) -> Row:
    """Return quantity, unit prices and costs. An own rate is what was contracted; its list price stands beside it."""
    if price is None:
        return {}
    told = {
        "PricingCategory": "Dynamic" if price.item.startswith("ec2.spot/") else "Standard",
        "PricingUnit": UNITS.get(price.unit, cell(price.unit.value)),
        "x_PriceItem": cell(price.item),
        "x_PriceSource": cell(f"{price.source.name} at {price.source.version}"),
        "x_PriceDate": price.source.date.isoformat(),
        "x_PriceBasis": cell(price.basis.value),
    }
    if term is None:
        return told
    quantity = term.quantity * (HOURS if term.hourly else 1)
    told["PricingQuantity"] = plain(quantity)
    if price.basis is not Basis.COMPANY:
        return told | _amounts("List", quantity, term.usd)
    return told | _amounts("Contracted", quantity, term.usd) | _amounts("List", quantity, _listed(price))


def _amounts(kind: str, quantity: Decimal, usd: Decimal | None) -> Row:
    """Return a unit price and its product with the quantity, which FOCUS wants to be exact."""
    return {} if usd is None else {f"{kind}UnitPrice": plain(usd), f"{kind}Cost": plain(quantity * usd)}


def _listed(own: Price) -> Decimal | None:
    """Return the list price of what an own rate is for; None where that is a range, has steps, or is not known."""
    price = default_book().find(own.item, own.region)
    plain_one = price is not None and price.unit is own.unit and not price.tiers and price.low is None
    return price.usd if price is not None and plain_one else None


def _resource(costs: Costs, item: Item) -> Row:
    resource = item.resource
    name = arn(resource) or costs.ids.get(resource.urn) or resource.id
    ours = resource.type.startswith("aws:")
    return {
        "ResourceId": cell(name),
        "ResourceName": cell(resource.name),
        "ResourceType": cell(resource.type),
        "SubAccountId": _account(name) or (costs.account if ours else ""),
        "Tags": _tags(resource.props),
        "x_Urn": cell(resource.urn),
    }


def _owner(costs: Costs, item: Item) -> Row:
    whose = costs.owners.get(item.resource.urn)
    if whose is None:
        return {}
    return {
        "x_Component": cell(whose.component),
        "x_Environment": cell(whose.environment),
        "x_Team": cell(whose.team),
        "x_CostCenter": cell(whose.cost_center),
    }


def _monthly(term: Term | None) -> str:
    return "" if term is None else plain(term.monthly)


def _account(name: str) -> str:
    """Return the account in an ARN; empty where there is none."""
    parts = name.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" and re.fullmatch(r"\d{12}", parts[4], re.ASCII) else ""


def _tags(props: Props) -> str:
    """Return the tags as a JSON object; what is not known is left out, and without any tag the cell is empty."""
    for path in ("tagsAll", "tags"):
        with contextlib.suppress(Unreadable):
            found: Mapping[str, object] = props.mapping(path)
            told = {cell(key): cell(value) for key, value in sorted(found.items()) if isinstance(value, str)}
            if told:
                return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return ""
