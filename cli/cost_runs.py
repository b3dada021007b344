"""What `mlops cost` prices: a preview in the sandbox, or a document of the engine; and how it is priced."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cli import console, previews
from cli.previews import Preview
from finops import (
    BookError,
    Dimension,
    Estimate,
    PriceBook,
    StateError,
    Usage,
    UsageError,
    before_preview,
    compare,
    default_book,
    default_usage,
    estimate,
    read,
    read_usage,
)
from finops.rates import RatesError, overlay
from finops.state import configured_region, left_out
from review.costs.model import Costs, describe, identities
from review.text import shown_on_a_line
from sandbox.layout import Layout
from sandbox.processes import SandboxError
from stacks.load import load
from stacks.problems import SettingsError
from stacks.settings import Platform

WANTED = "the output of pulumi preview --json or pulumi stack export"

LAST_LINES = 12
"""Lines of a failed engine's output that are repeated."""


class CostError(SandboxError):
    """Nothing can be priced; the message says what was given and what to do."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is to be priced, and how."""

    stack: str | None = None
    """Tells the settings: budget, account. Without a document, what is previewed."""
    document: str | None = None
    """Path of a preview or a state, `-` for standard input."""
    by: Dimension = Dimension.COMPONENT
    compare: bool = False
    compare_with: str | None = None
    """Path of the document on the other side. Default: what a preview says is deployed."""
    region: str | None = None
    """Default: as the document says."""
    environment: str | None = None
    """Default: the name of the stack in the document."""
    usage: Path | None = None
    prices: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Pricing:
    """Everything that turns resources into an estimate."""

    book: PriceBook
    usage: Usage
    on: datetime.date
    environment: str | None
    region: str | None

    def of(self, resources: list[dict[str, Any]], document: Mapping[str, Any]) -> Estimate:
        """Estimate the plain resources of a document, in one order: the engine's own is another in each run."""
        region = self.region or configured_region(document)
        ordered = sorted(resources, key=lambda one: str(one.get("urn")))
        return estimate(ordered, self.on, self.book, self.usage, self.environment, region)


def settings(stack: str) -> Platform:
    """Read a stack's settings. Raises `CostError`."""
    try:
        return load(stack)
    except SettingsError as error:
        raise CostError(str(error)) from None


def check(choice: Choice, needs_budget: bool) -> None:
    """Refuse what cannot be priced or judged, before anything long begins. Raises `CostError`."""
    if choice.stack is None and choice.document is None:
        raise CostError("there is nothing to price; name a stack, or give a preview or a state by --from FILE")
    if choice.document == "-" and choice.compare_with == "-":
        raise CostError("--from and --compare-with are both standard input; give one of them as a file")
    if needs_budget and (choice.stack is None or settings(choice.stack).budget is None):
        named = f"the settings of {choice.stack} have none" if choice.stack else "no stack is named"
        raise CostError(f"--fail-over-budget needs a budget, and {named}; set budget.monthly_usd in stacks/")


def pricing(choice: Choice) -> Pricing:
    """Read prices and assumptions, before anything long begins. Raises `CostError`."""
    on = datetime.datetime.now(datetime.UTC).date()
    try:
        book = overlay(default_book(), choice.prices, on) if choice.prices else default_book()
        usage = read_usage(choice.usage, book) if choice.usage else default_usage()
    except (BookError, RatesError) as error:
        raise CostError(_sentence(error)) from None
    except UsageError as error:
        name, told = choice.usage.name if choice.usage else "", _sentence(error)
        raise CostError(told if told.startswith(name) else f"{name}: {told}") from None
    except (OSError, UnicodeDecodeError) as error:
        named = choice.usage or "the file"
        why = getattr(error, "strerror", None) or "it is no UTF-8"
        raise CostError(f"{named} cannot be read: {why}; give the path of a YAML file") from None
    return Pricing(book, usage, on, choice.environment, choice.region)


def costs(choice: Choice, preview_of: Callable[[str], Mapping[str, Any]]) -> Costs:
    """Price a document, or the preview of the stack where the choice names none. Raises `CostError`."""
    found = settings(choice.stack) if choice.stack else None
    how = pricing(choice)
    other = document(choice.compare_with) if choice.compare_with else None
    name = choice.document or f"the preview of {choice.stack}"
    whole = document(choice.document) if choice.document else preview_of(choice.stack or "")
    after = how.of(_resources(whole, name), whole)
    comparison = compared_with = None
    if other is not None and choice.compare_with:
        compared_with = _name(choice.compare_with)
        comparison = compare(how.of(_resources(other, compared_with), other), after)
    elif choice.compare:
        compared_with = "what is deployed"
        comparison = compare(how.of(_before(whole, name), whole), after)
    return describe(
        after,
        choice.by,
        stack=choice.stack or "",
        missing=left_out(whole) if "steps" in whole else 0,
        rates=[path.name for path in choice.prices],
        notes=how.book.notes,
        usage=how.usage,
        ids=identities(whole),
        budget=Decimal(found.budget.monthly_usd) if found and found.budget else None,
        account=str(found.account_id) if found else "",
        comparison=comparison,
        compared_with=compared_with or "",
    )


def preview(layout: Layout, stack: str, steps: console.Steps) -> Mapping[str, Any]:
    """Preview a stack in the sandbox, without policy packs. Raises `CostError` where the program fails."""
    steps.step(f"previewing {stack}")
    run = previews.preview(layout, stack, packs=False, say=lambda n: steps.now(f"{n} resources previewed"))
    if run.code or not run.plan:
        raise CostError(f"the preview of {stack} failed: {_why(run)}; all of it: {run.errors}")
    steps.step("pricing it")
    return run.plan


def document(source: str) -> Mapping[str, Any]:
    """Read a document of the engine, from a file or, for `-`, from standard input. Raises `CostError`."""
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise CostError(f"{source} cannot be read: {error.strerror}; give {WANTED}") from None
    name = _name(source)
    try:
        found = json.loads(content)  # bytes, since a shell of Windows writes UTF-16
    except RecursionError:
        raise CostError(f"{name} is nested too deeply to be a preview or a state") from None
    except ValueError as error:
        told = "is empty" if not content.strip() else f"is no JSON ({shown_on_a_line(str(error), 100)})"
        raise CostError(f"{name} {told}; give {WANTED}") from None
    if not isinstance(found, dict):
        raise CostError(f"{name} is no JSON object; give {WANTED}")
    return found


def _name(source: str) -> str:
    return "standard input" if source == "-" else source


def _resources(whole: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    try:
        return read(whole)
    except StateError as error:
        raise CostError(f"{_name(name)}: {error}") from None


def _before(whole: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    if "steps" not in whole:
        raise CostError(f"{_name(name)} is a state, which tells of one side; give the other by --compare-with FILE")
    return before_preview(whole)


def _sentence(error: Exception) -> str:
    """Return the first thing that is wrong in a file, and how many more there are, on one line."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        first, *more = cause.errors(include_url=False, include_input=False)
        where = ".".join(str(part) for part in first["loc"])
        name = str(error).partition(":")[0]
        rest = f" (and {len(more)} more)" if more else ""
        return f"{name}: {where}: {first['msg'].removeprefix('Value error, ')}{rest}"
    if isinstance(cause, yaml.YAMLError):
        return shown_on_a_line(f"{error}; give YAML", 400)
    if isinstance(error, RatesError):
        rest = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return f"{error.problems[0]}{rest}"
    return shown_on_a_line(str(error), 1000)


def _why(run: Preview) -> str:
    """Return what the engine or the program said of its failure, in short."""
    said = run.plan.get("diagnostics")
    told = [
        str(one.get("message", ""))
        for one in (said if isinstance(said, list) else [])
        if isinstance(one, Mapping) and one.get("severity") == "error"
    ]
    if not told:
        told = run.errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-LAST_LINES:]
    return "; ".join(shown_on_a_line(one, 400) for one in told if one.strip()) or f"it ended with code {run.code}"
