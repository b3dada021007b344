"""`mlops list`: blueprints, components and rules."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Annotated, Any

import typer

from cli import console

app = typer.Typer(help="What the library holds: blueprints, components, rules.", no_args_is_help=True)

FormatOption = Annotated[console.Format, typer.Option("--format", help="How to print.")]


def _show(rows: list[dict[str, Any]], columns: tuple[str, ...], format_: console.Format) -> None:
    if format_ is console.Format.JSON:
        console.print_json(rows)
        return
    listing = console.table(*columns)
    for row in rows:
        listing.add_row(*(_text(row[c]) for c in columns))
    console.out.print(listing)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@app.command(epilog="Examples:  mlops list blueprints  ·  mlops list blueprints --format json")
def blueprints(format_: FormatOption = console.Format.TABLE) -> None:
    """List the reference architectures."""
    from blueprints import REGISTRY

    rows = [{"name": name, "title": b.title, "stacks": ", ".join(b.stacks)} for name, b in sorted(REGISTRY.items())]
    _show(rows, ("name", "title", "stacks"), format_)


@app.command(epilog="Examples:  mlops list components  ·  mlops list components --format json")
def components(format_: FormatOption = console.Format.TABLE) -> None:
    """List the components, with what each one needs and gives."""
    rows = []
    for name, cls in sorted(component_classes().items()):
        outputs = [n for n in cls.__annotations__ if not n.startswith("_")]
        summary = (inspect.getdoc(cls) or "").splitlines()[0]
        token = f"mlops:index:{name}"
        rows.append({"name": name, "token": token, "summary": summary, "outputs": ", ".join(outputs)})
    _show(rows, ("name", "summary", "outputs"), format_)


def component_classes() -> dict[str, type]:
    """Return every component class by name, found in the packages below `components`."""
    import components as package
    from components._core.base import PlatformComponent

    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"components.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, PlatformComponent) and value is not PlatformComponent:
                found[value.__name__] = value
    return found


@app.command(epilog="Examples:  mlops list rules  ·  mlops list rules --pack security --format json")
def rules(
    pack: Annotated[str | None, typer.Option("--pack", help="Only this pack: security or cost.")] = None,
    format_: FormatOption = console.Format.TABLE,
) -> None:
    """List the policy rules, with severity, controls and the level in each profile."""
    from policies.catalogue import describe

    rows = [r for r in describe() if pack is None or r["pack"] == pack]
    if not rows:
        console.fail(f"there is no pack {pack!r}; use security or cost")
        raise typer.Exit(2)
    _show(rows, ("id", "severity", "title", "controls"), format_)
