"""What a run ends with: outputs, the monthly cost line, the findings, and what was only recorded."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from cli import console, engine_runs
from sandbox import recorded
from sandbox.layout import Layout

if TYPE_CHECKING:
    from review.report import Report


def show(layout: Layout, stack: str, events: Path, code: int, format_: console.Format) -> None:
    """Print the summary of a run; after a failed one only what is certain: findings and what to do."""
    report = _report(events) if events.exists() else None
    if format_ is console.Format.JSON:
        whole: dict[str, Any] = {"ok": code == 0, **_findings(report)}
        if code == 0:
            whole |= {"outputs": outputs(layout, stack), "cost": _cost(layout, stack), "recorded": _recorded(layout)}
        console.print_json(whole)
        return
    if code == 0:
        _print_outputs(outputs(layout, stack))
        _section("cost", _cost(layout, stack)["line"])
    if report is not None:
        from cli import findings_table

        findings_table.show(report)
    if code == 0:
        _print_recorded(_recorded(layout))
        _section("next", 'eval "$(mlops env)" && kubectl get nodes   ·   mlops down')
    else:
        console.fail("the run did not finish; the lines above say why. The same command continues from here.")


def _section(name: str, text: str) -> None:
    console.out.print(f"[bold]{name:<9}[/] {escape(text)}")


def _print_outputs(values: dict[str, Any]) -> None:
    rows = console.table("output", "value")
    for name, value in sorted(values.items()):
        rows.add_row(name, escape(value if isinstance(value, str) else json.dumps(value)))
    console.out.print()
    console.out.print(rows)
    console.out.print()


def _print_recorded(notes: list[dict[str, str]]) -> None:
    if not notes:
        _section("recorded", "nothing: everything was executed")
        return
    by_reason = Counter(n["reason"] for n in notes)
    total = f"{len(notes)} resources are in the state only, not executed:"
    _section("recorded", total)
    for reason, count in by_reason.most_common():
        names = ", ".join(sorted(n["name"] for n in notes if n["reason"] == reason))
        console.out.print(f"          {count} x {escape(reason)}: {escape(names)}")


def outputs(layout: Layout, stack: str) -> dict[str, Any]:
    """Outputs of a stack; secret ones stay hidden."""
    return dict(json.loads(engine_runs.answer(layout, "stack", "output", "--json", "--stack", stack)))


def _report(events: Path) -> Report:
    """Policy findings of a run, from the engine's own events; imported here, since it takes all rules to load."""
    from cli.policy_runs import report_of

    return report_of(events)


def _findings(report: Report | None) -> dict[str, Any]:
    whole = report.model_dump(mode="json") if report else {"findings": None}
    return {"findings": whole.pop("findings"), "policies": whole or None}


def _cost(layout: Layout, stack: str) -> dict[str, Any]:
    """Estimate the deployed stack from its state; imported here, since only this step needs the price book."""
    from finops import estimate_state

    state = json.loads(engine_runs.answer(layout, "stack", "export", "--stack", stack))
    return dict(estimate_state(state))


def _recorded(layout: Layout) -> list[dict[str, str]]:
    return [{"urn": urn, "name": urn.rsplit("::", 1)[-1], "reason": reason} for urn, reason in recorded.listed(layout)]
