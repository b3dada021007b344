"""A refresh of the price book: what the price list says against what the files say, and the files rewritten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cli import price_source
from components._core import facts
from finops.book import FOLDER, PriceBook, read_book
from finops.price_changes import Change, changes, units_differ
from finops.price_files import Revision, revise
from finops.price_list import Answer, Figure, PriceListError, reason_not_listed, rule_of, wanted


@dataclass(frozen=True, slots=True)
class Plan:
    """What a refresh would do."""

    changes: list[Change]
    revisions: dict[str, Revision]
    """By name of the file; all files of the book."""
    notes: list[str]
    """What a reader must know beside the changes."""

    @property
    def written(self) -> dict[str, str]:
        """The files that change, with their new text."""
        return {name: found.after for name, found in self.revisions.items() if found.after != found.before}


def plan(
    source: Any,
    regions: Sequence[str],
    items: Sequence[str],
    on: date,
    step: Callable[[str], None] = lambda text: None,
    folder: Path = FOLDER,
    reviewed: bool = False,
) -> Plan:
    """Read the price list and return what it changes; `reviewed` as in `finops.price_files.revise`.

    Raises `PriceListError` for what cannot be asked for, `PriceSourceError` for what AWS does not answer.
    """
    paths = sorted(folder.glob("*.yaml"))
    book = read_book(paths)
    asked = wanted(book, facts.instance_type_names(), items, regions or facts.regions())
    if not asked:
        reasons = [why for item in items if (why := reason_not_listed(item.replace("*", "x")))]
        said = reasons[0] if reasons else "see `mlops prices show` for the items of the book"
        raise PriceListError(f"there is nothing to read for {', '.join(items)}: {said}")
    answer = price_source.read(source, asked, step)
    for key, why in units_differ(book, answer).items():
        del answer.figures[key]
        answer.problems[key] = why
    # What the API lacks and the book lacks too, a type that a region does not have for one, is no news.
    named = {item for item in items if item not in book.items}
    notes = [f"{item} in {where}: {why}" for (item, where), why in answer.problems.items() if item in named]
    texts = {path: path.read_text("utf-8") for path in paths}
    homes = {path: read_book([path]) for path in paths}
    new = _homes(homes, [figure for key, figure in answer.figures.items() if key not in book.prices])
    revisions = {}
    for path, text in texts.items():
        own = {key: figure for key, figure in answer.figures.items() if key in homes[path].prices}
        revisions[path.name] = revise(text, own, new.get(path, []), on, reviewed)
    return Plan(changes(book, answer), revisions, [*notes, *_said(book, answer, revisions)])


def write(found: Plan, output: Path | None = None, folder: Path = FOLDER) -> int:
    """Write the files that change, or all of them to another folder; return how many. A file is whole or as before.

    The new book is read before any file is replaced, so that a file which would be refused is never written.
    """
    target = output or folder
    target.mkdir(parents=True, exist_ok=True)
    texts = found.written if output is None else {name: part.after for name, part in found.revisions.items()}
    texts = {name: text for name, text in texts.items() if not _is(target / name, text)}
    with tempfile.TemporaryDirectory(dir=target, prefix=".refresh-") as beside:
        for name, revision in found.revisions.items():
            (Path(beside) / name).write_text(revision.after, "utf-8")
        read_book(Path(beside).glob("*.yaml"))
        for name in texts:
            os.replace(Path(beside) / name, target / name)  # noqa: PTH105  (its error names both paths)
    return len(texts)


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


def _homes(books: dict[Path, PriceBook], figures: Sequence[Figure]) -> dict[Path, list[Figure]]:
    """Return in which file each new figure belongs: the one that has its item's family."""
    families: dict[str, Path] = {}
    for path, book in books.items():
        for item in sorted(book.items):
            families.setdefault(item.rpartition("/")[0], path)
    found: dict[Path, list[Figure]] = {}
    for figure in figures:
        path = families.get(figure.item.rpartition("/")[0], next(iter(books)))
        found.setdefault(path, []).append(figure)
    return found


def _said(book: PriceBook, answer: Answer, revisions: dict[str, Revision]) -> list[str]:
    notes = [f"left out: {said}" for said in answer.malformed[:5]]
    by_hand: dict[str, int] = {}
    for item, _ in book.prices:
        reason = reason_not_listed(item) or ("" if rule_of(item) else f"no rule of finops/price_rules.py reads {item}")
        if reason:
            by_hand[reason] = by_hand.get(reason, 0) + 1
    notes += [f"by hand: {count} of the figures; {reason}" for reason, count in by_hand.items()]
    for name, revision in revisions.items():
        if revision.unconfirmed and revision.after != revision.before:
            item, region = revision.unconfirmed[0]
            more = f" and {len(revision.unconfirmed) - 1} more" if len(revision.unconfirmed) > 1 else ""
            by_hand_only = all(reason_not_listed(item) for item, _ in revision.unconfirmed)
            hint = "; give --reviewed once they are reviewed" if by_hand_only else ""
            notes.append(
                f"{name} keeps its dates, and of {item} in {region}{more} the sources: they were not read{hint}"
            )
    return notes
