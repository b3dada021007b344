"""Reading the data files of this package, and what every one of them says about itself."""

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent

SHOWN = 64
"""Characters of a wrong value that a message repeats."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts were read: `date` is the source's own date, or the day it was read if it has none."""

    name: str
    version: str
    date: date
    gives: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """When a data file was reviewed, until when it may be trusted, and from what it was made."""

    as_of: date
    review_by: date
    sources: tuple[Source, ...]

    def is_stale(self, on: date) -> bool:
        """Return True on every day after `review_by`."""
        return on > self.review_by


def read_json(name: str) -> dict[str, Any]:
    """Return a JSON data file of this package."""
    data: dict[str, Any] = json.loads((_FOLDER / name).read_bytes())
    return data


def read_yaml(name: str) -> dict[str, Any]:
    """Return a YAML data file of this package; dates become `datetime.date`."""
    import yaml  # the instance types alone are asked for most, and need no YAML

    # libyaml's loader is ten times faster; PyYAML wheels without it exist.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load((_FOLDER / name).read_bytes(), Loader=loader)
    return data


def provenance(data: dict[str, Any]) -> Provenance:
    """Return the dates and sources at the head of a data file."""
    sources = (Source(s["name"], str(s["version"]), day(s["date"]), s["gives"]) for s in data["sources"])
    return Provenance(day(data["as_of"]), day(data["review_by"]), tuple(sources))


def day(value: str | date) -> date:
    """Return a date from either file format."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def closest(wrong: str, known: Iterable[str]) -> list[str]:
    """Return up to three known names: those that begin like the wrong one, else those most like it."""
    names = {name.lower(): name for name in known}
    start = wrong[:SHOWN].lower()
    begin = [name for key, name in names.items() if start and key.startswith(start)]
    return begin[:3] or [names[key] for key in difflib.get_close_matches(start, names, n=3)]
