"""How a review is said: amounts, counts, outcome. The page and the comment say the same in the same words."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from finops.line import money
from review.findings import OURS, Finding
from review.page.model import CostRow, Outcome, Review, Saving, Savings, Source
from review.text import counted

MINUS: Final = "\N{MINUS SIGN}"

SOURCES: Final = {
    Source.SANDBOX: "preview against the local cloud",
    Source.LIVE: "preview against the real account",
    Source.RECORDED: "preview read from files",
}
OPERATIONS: Final = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "import": "import",
    "read": "read",
    "other": "other",
    "same": "unchanged",
}
KINDS: Final = {
    "mandatory": "stops the update",
    "advisory": "advisory",
    "undetermined": "not known before the update",
    "exempted": "exempted",
}


def usd(amount: Decimal) -> str:
    """Return an amount: $1,234.50."""
    return f"{MINUS}{money(-amount)}" if amount < 0 else money(amount)


def signed(amount: Decimal) -> str:
    """Return a difference with its sign: +$3.00; $0.00 has none."""
    return f"+{money(amount)}" if amount > 0 else usd(amount)


def dollars(amount: Decimal) -> str:
    """Return an amount without cents, where there is little room: $1,235."""
    return f"${amount.quantize(Decimal(1), rounding=ROUND_HALF_UP):,}"


def span(saving: Saving | Savings) -> str:
    """Return what is saved, as a range where its ends differ."""
    return usd(saving.low) if saving.low == saving.high else f"{usd(saving.low)} to {usd(saving.high)}"


def ceiling(row: CostRow) -> str:
    """Return the amount at the limits; where a part has none, "unbounded"."""
    if row.unbounded:
        return "unbounded"
    return usd(row.after.ceiling) if row.after else ""


def percent(share: Decimal) -> str:
    """Return a share as per cent without decimals, and never 100 % for a little more or less."""
    whole = share * 100
    shown = whole.quantize(Decimal(1))
    if shown == 100 != whole:
        return "just under 100%" if whole < 100 else "just over 100%"
    return f"{shown:,}%"


def heading(review: Review) -> str:
    """Return the outcome in one line."""
    if review.outcome is Outcome.MANDATORY:
        number = review.counts.mandatory
        return f"{counted(number, 'finding')} {'stops' if number == 1 else 'stop'} this update"
    if review.outcome is Outcome.ERROR:
        return "This review is not complete"
    if review.outcome is Outcome.OVER_BUDGET:
        return "The expected cost is over budget"
    return "Nothing stops this update"


def operations(found: dict[str, int]) -> str:
    """Return what is done to how many resources: `28 create, 20 update`; unchanged ones are left out."""
    told = [f"{number} {OPERATIONS.get(name, name)}" for name, number in found.items() if name != "same"]
    return ", ".join(told) or "no change"


def changed(review: Review) -> int:
    """Return how many resources are changed."""
    return sum(number for name, number in review.operations.items() if name != "same")


def at_least(row: CostRow) -> str:
    """Return what comes behind a total from which something is missing."""
    return "at least" if row.at_least else ""


def budget(review: Review) -> str:
    """Return a sentence on the budget; empty where there is none."""
    cost = review.cost
    if cost.budget is None or cost.total.after is None:
        return ""
    part = f"The expected cost is {percent(cost.budget.share)} of the monthly budget of {usd(cost.budget.monthly_usd)}"
    if cost.budget.over:
        over = cost.total.after.expected - cost.budget.monthly_usd
        return f"{part}: {usd(over)} over it."
    if cost.total.unbounded:
        return f"{part}. Nothing limits the ceiling."
    if cost.budget.ceiling_over:
        return f"{part}. The ceiling, {usd(cost.total.after.ceiling)}, is over it."
    return f"{part}; the ceiling stays within it too."


def kind_of(type_: str) -> str:
    """Return the last part of a type token: `Bucket` for `aws:s3/bucket:Bucket`."""
    return type_.rpartition(":")[2] or type_


def rule_link(finding: Finding, docs: str) -> str:
    """Return the address of a rule's page; empty without `docs`, and for packs of others, which could lead anywhere."""
    known = finding.pack in OURS and re.fullmatch(r"docs/[\w./#-]+", finding.url)
    return f"{docs}{finding.url}" if docs and known else ""
