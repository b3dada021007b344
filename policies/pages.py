"""The pages of the rules, in Markdown: one for each rule, and the table that leads to them. Pure text."""

import json
from collections.abc import Mapping
from typing import Any

from policies import catalogue, frameworks, matrix
from policies._engine.rule import Rule, Scope
from policies.admission.compiler import not_at_admission

MARK = "<!-- rules: written by tools/write_policy_docs.py -->"
"""In `docs/policies/README.md`: what follows it is generated."""


def index() -> str:
    """Return the table of all rules."""
    lines = ["| rule | severity | what it demands | development | baseline | regulated |", "|---|---|---|---|---|---|"]
    for row in catalogue.describe():
        levels = " | ".join(row["levels"][name] for name in catalogue.PROFILES)
        lines.append(f"| [{row['id']}](rules/{row['id']}.md) | {row['severity']} | {row['title']} | {levels} |")
    counts = ", ".join(f"{len(pack.rules)} in {pack.name}" for pack in catalogue.PACKS)
    return f"{len(lines) - 2} rules: {counts}.\n\n" + "\n".join(lines) + "\n"


def all_pages() -> dict[str, str]:
    """Return every rule's page by rule id."""
    titles = frameworks.titles()
    levels = {row["id"]: row["levels"] for row in catalogue.describe()}
    return {rule.id: page(rule, levels[rule.id], titles) for pack in catalogue.PACKS for rule in pack.rules}


def controls() -> str:
    """Return the page that says, framework by framework, what covers each control or why nothing does."""
    links = {rule.id: f"rules/{rule.id}.md" for pack in catalogue.PACKS for rule in pack.rules}
    complete = [one for one in frameworks.frameworks().values() if one.complete]
    parts = [
        "# Controls\n\nOf each framework every control, with the rules that cover it or the reason why none does.\n"
    ]
    for one in complete:
        rows = frameworks.coverage(one.name, catalogue.PACKS)
        parts.append(matrix.section(one, rows, rows, links))
    return "\n".join(parts)


def admission() -> str:
    """Return the page that says which Kubernetes rules are compiled for admission, and why each other one is not."""
    rules = [rule for pack in catalogue.PACKS for rule in pack.rules if rule.kinds or rule.not_at_admission]
    compiled = [rule for rule in rules if not not_at_admission(rule)]
    lines = [
        "# Kubernetes rules at admission",
        f"{len(compiled)} of {len(rules)} rules on Kubernetes objects are compiled to ValidatingAdmissionPolicies; "
        "see [At admission](README.md#at-admission).",
        "## Compiled",
        "\n".join(f"- [{rule.id}](rules/{rule.id}.md): {rule.title}" for rule in compiled),
        "## Judged in plans only",
        "\n".join(
            f"- [{rule.id}](rules/{rule.id}.md) {rule.title}: {not_at_admission(rule)}"
            for rule in rules
            if rule not in compiled
        ),
    ]
    return "\n\n".join(lines) + "\n"


def page(rule: Rule, levels: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Return a rule's page: what it demands and why, bad and good code, how to mend it, what it serves."""
    parts = [
        f"# {rule.id}: {rule.title}",
        f"`{rule.name}` · severity **{rule.severity}** · since {rule.since}",
        f"## Why\n\n{rule.rationale}",
        f"## Bad\n\n```python\n{rule.remedy.bad}\n```",
        f"## Good\n\n```python\n{rule.remedy.good}\n```",
        f"## How to mend it\n\n{rule.remedy.text}{_repair(rule)}",
        f"## What it looks at\n\n{_subjects(rule)}",
        "## Levels\n\n| profile | level |\n|---|---|\n" + "\n".join(f"| {k} | {v} |" for k, v in levels.items()),
    ]
    if rule.params.model_fields:
        parts.append(f"## Parameters\n\n{_params(rule)}")
    if rule.kinds:
        parts.append(f"## At admission\n\n{_admission(rule)}")
    served = [f"- {control}: {titles[str(control)]}" for control in rule.controls]
    parts.append("## Controls\n\n" + "\n".join(served))
    return "\n\n".join(parts) + "\n"


def _repair(rule: Rule) -> str:
    if rule.fix is None:
        return ""
    return (
        "\n\nThe rule can repair it: set its level to `remediate`, or ask for all repairs "
        "(see [Choosing the profile](../README.md#choosing-the-profile))."
    )


def _subjects(rule: Rule) -> str:
    if not rule.on and not rule.kinds:
        return "The stack as a whole."
    listed = "\n".join(f"- `{subject.lstrip('/')}`" for subject in (*rule.on, *rule.kinds))
    joined = " together with what refers to it in the stack" if rule.scope is Scope.STACK else ""
    return f"Each resource of these types{joined}:\n\n{listed}"


def _params(rule: Rule) -> str:
    lines = ["| name | meaning | default |", "|---|---|---|"]
    defaults: dict[str, Any] = rule.params().model_dump(mode="json")
    for name, field in rule.params.model_fields.items():
        meaning = " ".join((field.description or "").split())
        lines.append(f"| `{name}` | {meaning} | `{json.dumps(defaults[name])}` |")
    return "\n".join(lines)


def _admission(rule: Rule) -> str:
    reason = not_at_admission(rule)
    if reason:
        return f"Judged in plans only: {reason}."
    return (
        "Compiled to a ValidatingAdmissionPolicy, which the API server enforces where the component `Admission` "
        "installs it."
    )
