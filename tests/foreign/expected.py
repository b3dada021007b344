"""What the recorded programs cost: the tables beside the previews, `previews/<program>.txt`.

`python -m tests.foreign.expected` prints what differs from these files, `--write` also writes them anew. Nothing is
assumed on use, so that a change of the usage file changes no table.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from finops import Comparison, Estimate, Item, Usage, before_preview, compare, estimate, from_preview
from finops.line import cents, money, monthly
from finops.owners import Dimension, groups
from finops.state import configured_region
from tests.foreign.record import ALL, Program

DAY = date(2026, 11, 27)
NO_USE = Usage(as_of=DAY, review_by=DAY)
THREE = ("floor", "expected", "ceiling")


def recorded(program: Program) -> dict[str, Any]:
    """Return the recorded preview of a program."""
    found: dict[str, Any] = json.loads(program.file.read_text())
    return found


def file(program: Program) -> Path:
    """Where the table of a program is."""
    return program.file.with_suffix(".txt")


def after(document: dict[str, Any]) -> Estimate:
    """Estimate what a preview leads to."""
    return estimate(from_preview(document), DAY, usage=NO_USE, region=configured_region(document))


def before(document: dict[str, Any]) -> Estimate:
    """Estimate what is there before."""
    return estimate(before_preview(document), DAY, usage=NO_USE, region=configured_region(document))


def table(program: Program) -> str:
    """Return the table of a program: totals, groups, each resource with its arithmetic, and what changes."""
    document = recorded(program)
    found = after(document)
    lines = [
        f"# What {program.name}.json costs a month on {DAY}, in USD, without any assumption on use.",
        "# Written by `python -m tests.foreign.expected --write`; read the difference and check it by hand.",
        "",
        _total("total", found),
        *_groups(found),
        "",
        *(line for item in found.items for line in _item(item)),
    ]
    was = before(document)
    if was.items:
        lines += ["", *_changes(compare(was, found))]
    return "\n".join(lines) + "\n"


def _total(name: str, found: Any) -> str:
    amounts = "  ".join(f"{which} {money(getattr(found, which))}" for which in THREE)
    return f"{name}  {amounts}{'  at least' if found.at_least else ''}{'  unbounded' if found.unbounded else ''}"


def _groups(found: Estimate) -> Iterator[str]:
    for dimension in (Dimension.COMPONENT, Dimension.TEAM):
        for group in groups(found, dimension):
            yield _total(f"  {dimension.value} {group.name}", group)


def _item(item: Item) -> Iterator[str]:
    resource = item.resource
    yield f"{item.state.value:15} {resource.type} {resource.name}{f'  {item.reason}' if item.reason else ''}"
    for line in item.lines:
        amounts = " / ".join(str(cents(monthly(getattr(line, which)))) for which in THREE)
        told = "; ".join(filter(None, (line.arithmetic, line.note)))
        yield f"    {amounts}  [{line.state.value}] {line.what}: {told}"


def _changes(found: Comparison) -> Iterator[str]:
    yield f"before  {'  '.join(f'{which} {money(getattr(found.before, which))}' for which in THREE)}"
    yield f"change  {'  '.join(f'{which} {_signed(getattr(found, which))}' for which in THREE)}"
    for change in found.changes:
        was, now = (one.state.value if one else "not there" for one in (change.before, change.after))
        yield f"{change.kind.value} {change.item.resource.type} {change.item.resource.name}  {was} -> {now}"
        for line in change.lines:
            yield f"    {_signed(line.expected)}  {line.what}: {line.arithmetic}"


def _signed(amount: Any) -> str:
    return f"{'-' if amount < 0 else '+'}{money(abs(amount))}"


def main(arguments: list[str]) -> int:
    """Print how the tables differ from what is worked out now, and write them if asked to."""
    differ = False
    for program in ALL:
        path, text = file(program), table(program)
        known = path.read_text() if path.exists() else ""
        lines = list(difflib.unified_diff(known.splitlines(), text.splitlines(), path.name, path.name, lineterm=""))
        differ = differ or bool(lines)
        print("\n".join(lines), end="\n" if lines else "")
        if lines and "--write" in arguments:
            path.write_text(text)
    return int(differ and "--write" not in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
