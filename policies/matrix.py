"""Control by control, what covers a framework and why the rest is not covered, in words. Pure text."""

from collections.abc import Iterable, Mapping, Sequence

from policies.frameworks import Coverage, Framework

NOT_COVERED = "*not covered*"


def served(rows: Iterable[Coverage]) -> list[str]:
    """Return the ids of the rules that serve any of the controls, sorted."""
    return sorted({rule for row in rows for rule in row.rules})


def line(framework: Framework, rows: Sequence[Coverage]) -> str:
    """Return the summary of all rows: how many controls are covered, by how many rules, and whose judgement it is."""
    covered = sum(bool(row.rules) for row in rows)
    text = f"{covered} of {len(rows)} controls covered, by {len(served(rows))} rules"
    return f"{text}. {framework.judged}" if framework.judged else f"{text}."


def heading(framework: Framework) -> str:
    """Return title and version."""
    return f"{framework.title} ({framework.version})"


def table(rows: Iterable[Coverage], links: Mapping[str, str] | None = None) -> str:
    """Return the rows as a table in Markdown; `links` has the address of a rule's page by its id."""
    lines = ["| control | what it asks for | covered by |", "|---|---|---|"]
    for row in rows:
        rules = ", ".join(_link(rule, links or {}) for rule in row.rules)
        by = rules or f"{NOT_COVERED}: {row.reason}"
        lines.append(f"| {row.ref} | {_cell(row.title)} | {_cell(by)} |")
    return "\n".join(lines) + "\n"


def section(framework: Framework, rows: Sequence[Coverage], shown: Iterable[Coverage], links: Mapping[str, str]) -> str:
    """Return a framework in Markdown: heading, summary of all its rows, source, and the rows to show."""
    return (
        f"## {heading(framework)}\n\n{line(framework, rows)}\n\n"
        f"Source, compared on {framework.checked}: {framework.source}.\n\n{table(shown, links)}"
    )


def _link(rule: str, links: Mapping[str, str]) -> str:
    return f"[{rule}]({links[rule]})" if rule in links else rule


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
