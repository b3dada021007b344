"""`mlops prices`: figures of the price book, whether it is stale, and how it is brought up to date."""

from __future__ import annotations

import fnmatch
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from cli import console

if TYPE_CHECKING:
    from finops.book import Price, PriceBook
    from finops.price_changes import Change

REFRESH_EXAMPLES = (
    "Examples:  mlops prices refresh --dry-run  ·  "
    "mlops prices refresh --region eu-west-1 --item 'ec2.on-demand/g6.*'  ·  "
    "mlops prices refresh --item rds.instance/postgres-single-db.r6g.large"
)
SHOW_EXAMPLES = (
    "Examples:  mlops prices show 'ec2.on-demand/g5.*' --region us-east-1  ·  "
    "mlops prices show --prices rates.yaml  ·  "
    "mlops prices show 'kms/*' --format json"
)
CHECK_EXAMPLES = "Examples:  mlops prices check  ·  mlops prices check --prices rates.yaml"

app = typer.Typer(help="The price book: show it, check its age, read it anew from AWS.", no_args_is_help=True)

PricesOption = Annotated[
    list[Path] | None,
    typer.Option("--prices", help="A company's file of rates, on top; may be given again, later ones win."),
]
RegionOption = Annotated[list[str] | None, typer.Option("--region", help="Only this region; may be given again.")]
FormatOption = Annotated[console.Format, typer.Option("--format", help="How to print.")]


def today() -> date:
    """Return the day that decides what is in force and what is stale, in UTC."""
    return datetime.now(UTC).date()


@app.command(epilog=REFRESH_EXAMPLES)
def refresh(
    region: RegionOption = None,
    item: Annotated[
        list[str] | None,
        typer.Option("--item", help="Only items of this pattern; a full name is read although the book lacks it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change and write nothing.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Write figures that moved by more than 50 % too.")] = False,
    reviewed: Annotated[
        bool,
        typer.Option("--reviewed", help="Figures that AWS has in no list were reviewed by hand: move their dates too."),
    ] = False,
    output: Annotated[Path | None, typer.Option("--output", help="Write there instead of over the book.")] = None,
    format_: FormatOption = console.Format.TABLE,
) -> None:
    """Read the book's figures anew from the AWS Price List API, show what moved, and write the files.

    It needs credentials of any account with pricing:GetProducts. Exit code 1 if nothing may be written.
    """
    from cli import price_refresh, price_source
    from finops.book import BookError
    from finops.price_list import PriceListError

    try:
        with console.Steps() as steps:
            plan = price_refresh.plan(
                price_source.client(), region or [], item or [], today(), steps.now, reviewed=reviewed
            )
    except (price_source.PriceSourceError, PriceListError, BookError) as error:
        console.fail(str(error))
        raise typer.Exit(1) from None
    _show_changes(plan.changes, format_)
    for said in plan.notes:
        console.err.print(escape(said))
    far = [change for change in plan.changes if change.far]
    if far and not accept:
        names = ", ".join(f"{change.item} in {change.region}" for change in far[:3])
        console.fail(
            f"nothing is written: {_many(len(far), 'figure')} moved by more than 50 % ({names}); look at "
            "AWS's pricing page, then run it again with --accept"
        )
        raise typer.Exit(1)
    if dry_run:
        console.err.print(f"nothing is written: {_many(len(plan.written), 'file')} would change (--dry-run)")
        return
    count = price_refresh.write(plan, output)
    console.err.print(f"wrote {_many(count, 'file')}" if count else "nothing moved and no file is written")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _show_changes(found: list[Change], format_: console.Format) -> None:
    from finops.line import plain
    from finops.price_changes import counts

    if format_ is console.Format.JSON:
        console.print_json([change.to_json() for change in found])
        return
    if found:
        listing = console.table("", "item", "region", "unit", "old", "new", "percent")
        listing.columns[1].no_wrap = True
        for change in found:
            percent = "" if change.percent is None else f"{'+' if change.percent > 0 else ''}{plain(change.percent)} %"
            cells = (change.kind, change.item, change.region, change.unit, change.old, change.new, percent)
            listing.add_row(*map(escape, cells))
        console.out.print(listing)
    console.out.print(", ".join(f"{count} {kind.value}" for kind, count in counts(found).items()))


@app.command(epilog=SHOW_EXAMPLES)
def show(
    pattern: Annotated[str, typer.Argument(help="Items, with * and ?. Default: all.")] = "*",
    region: RegionOption = None,
    prices: PricesOption = None,
    format_: FormatOption = console.Format.TABLE,
) -> None:
    """Show figures with unit, source and date."""
    book = _book(prices)
    found = [
        price
        for price in book.prices.values()
        if fnmatch.fnmatchcase(price.item, pattern) and (not region or price.region in region)
    ]
    _notes(book)
    if not found:
        where = f" in {', '.join(region)}" if region else ""
        families = ", ".join(sorted({name.partition("/")[0] for name in book.items}))
        console.fail(f"the book has no {pattern}{where}; use a pattern over {families}, in {', '.join(book.regions)}")
        raise typer.Exit(1)
    found.sort(key=lambda price: (price.item, price.region))
    if format_ is console.Format.JSON:
        console.print_json([_plain(price) for price in found])
        return
    listing = console.table("item", "region", "USD", "per", "basis", "source", "date")
    listing.columns[0].no_wrap = listing.columns[-1].no_wrap = True
    for price in found:
        source = f"{price.source.name} at {price.source.version}"
        cells = (price.item, price.region, _figure(price), price.unit, price.basis, source, str(price.source.date))
        listing.add_row(*map(escape, cells))
    console.out.print(listing)


def _figure(price: Price) -> str:
    from finops.price_files import amount, tiers_text

    if price.low is not None:
        return f"{amount(price.low)} to {amount(price.usd)}"
    return tiers_text(price.tiers) if price.tiers else amount(price.usd)


def _plain(price: Price) -> dict[str, Any]:
    """Return a figure as JSON types; amounts are texts, so that no reader makes binary fractions of them."""
    from finops.price_files import amount

    steps = [
        {"up_to": None if tier.up_to is None else amount(tier.up_to), "usd": amount(tier.usd)} for tier in price.tiers
    ]
    return {
        "item": price.item,
        "region": price.region,
        "unit": price.unit.value,
        "usd": amount(price.usd),
        "low": None if price.low is None else amount(price.low),
        "steps": steps,
        "basis": price.basis.value,
        "source": {**price.source.model_dump(mode="json")},
    }


@app.command(epilog=CHECK_EXAMPLES)
def check(prices: PricesOption = None) -> None:
    """Tell whether the book may still be relied on: exit code 1 if it is stale, with what to do."""
    book = _book(prices)
    _notes(book)
    day = today()
    if book.is_stale(day):
        files = f", and the rates of {', '.join(path.name for path in prices)}" if prices else ""
        console.fail(
            f"the prices are of {book.as_of} and were to be reviewed by {book.review_by}; review by hand what AWS "
            f"has in no list{files}, run `mlops prices refresh --reviewed` with credentials of AWS, and commit them"
        )
        raise typer.Exit(1)
    old = [price for price in book.prices.values() if (day - price.source.date).days > 365]
    if old:
        oldest = min(old, key=lambda price: price.source.date)
        console.err.print(
            f"[yellow]warning:[/] {len(old)} figures have sources older than a year, the oldest {escape(oldest.item)} "
            f"in {oldest.region}, of {oldest.source.date}"
        )
    console.out.print(
        f"{len(book.prices)} figures of {book.as_of}, to be reviewed by {book.review_by}: "
        f"{(book.review_by - day).days} days left"
    )


def _book(paths: list[Path] | None) -> PriceBook:
    """Return the library's book with a company's files on top; what is wrong in them ends the command with 1."""
    from finops.book import default_book
    from finops.rates import RatesError, overlay

    try:
        return overlay(default_book(), paths or [], today())
    except RatesError as error:
        console.fail(f"no price is shown; mend the rates:\n{error}")
        raise typer.Exit(1) from None


def _notes(book: PriceBook) -> None:
    for note in book.notes:
        console.err.print(f"[yellow]note:[/] {escape(note)}")
