"""Puts a review together from a plan and the verdicts on it. Pure: no clock, no files but the library's own data."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from components._core.facts import Provenance, eks_version_provenance, instance_type_provenance
from finops import Estimate, Item, default_usage
from finops.line import State
from finops.owners import NONE, Owner
from finops.resource import Resource
from finops.state import left_out
from policies.cost.databases import support as rds_support
from review.findings import Finding
from review.page import graph, money, savings
from review.page.model import (
    Change,
    Component,
    Cost,
    DataDate,
    Outcome,
    OwnedFinding,
    Part,
    Review,
    Source,
    Three,
)
from review.page.money import Estimates
from review.page.steps import Step, steps, totals
from review.page.versions import versions
from review.report import Report, count
from review.text import counted
from review.urns import Urn

_NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True)
class Run:
    """How the plan and the verdicts came about."""

    stack: str
    on: datetime.date
    source: Source
    profile: str = ""
    strict: bool = False
    budget: Decimal | None = None
    """USD a month; None where the settings have none."""

    durability: str = ""
    """How much data resists being lost, as the settings say: decides which savings are proposed."""

    sdks: Mapping[str, str] = field(default_factory=dict)
    """Version by name of the libraries that the program runs on."""

    code: int = 0
    """Exit code of the engine; not 0 also where a mandatory rule is broken."""


def assemble(plan: Mapping[str, Any], report: Report, run: Run, estimates: Estimates | None = None) -> Review:
    """Return the review of a plan (`pulumi preview --json --show-sames`) with the verdicts of the same run.

    `estimates` are those of the plan, where the caller has made them already.
    """
    planned = plan if isinstance(plan.get("steps"), list) else {**plan, "steps": []}
    found = steps(planned)
    estimated = estimates or money.estimates(planned, run.on)
    after, whose = estimated.after, estimated.owners
    cost = money.cost(estimated, run.budget)
    problems = _problems(planned, report, run)
    complete = report.complete and not problems
    findings = tuple(_owned(one, whose) for one in report.findings)
    return Review(
        stack=run.stack,
        environment=after.environment or run.stack,
        date=run.on,
        source=run.source,
        profile=run.profile,
        strict=run.strict,
        outcome=_outcome(report, cost, complete),
        complete=complete,
        problems=problems,
        packs=report.packs,
        operations=totals(found),
        changes=_changes(found.values(), whose),
        cost=cost,
        savings=savings.found(after, run.durability),
        counts=report.counts,
        passed=sum(number for rules in report.passed.values() for number in rules.values()),
        findings=findings,
        components=tuple(_components(estimated, found, findings)),
        versions=versions((Resource.of(one) for one in estimated.will_be), run.sdks, report.packs, run.on),
        data=tuple(_data(after, run.on)),
    )


def _outcome(report: Report, cost: Cost, complete: bool) -> Outcome:
    """A finding that stops the update is told before anything else: it is certain whatever else is missing."""
    if report.counts.mandatory:
        return Outcome.MANDATORY
    if not complete:
        return Outcome.ERROR
    return Outcome.OVER_BUDGET if cost.budget and cost.budget.over else Outcome.FINE


def _problems(plan: Mapping[str, Any], report: Report, run: Run) -> tuple[str, ...]:
    """Return what keeps the review from being whole; an engine that only refused because of a finding is no problem."""
    problems = list(report.problems)
    if not plan["steps"]:
        problems.append("the plan has no steps: the program failed before its first resource")
    if missing := left_out(plan):
        problems.append(
            f"the plan leaves out {counted(missing, 'unchanged resource')}, so that totals are too low; "
            f"make it with pulumi preview --json --show-sames"
        )
    if run.code and not report.counts.mandatory and not problems:
        problems.append(f"the engine ended with code {run.code}")
    return tuple(dict.fromkeys(problems))


def _owned(found: Finding, whose: Mapping[str, Owner]) -> OwnedFinding:
    owner = whose.get(found.urn)
    team = owner.team if owner and owner.team != NONE else ""
    return OwnedFinding(**dict(found), component=money.component(owner), team=team)


def _changes(found: Iterable[Step], whose: Mapping[str, Owner]) -> tuple[Change, ...]:
    changed = sorted((step for step in found if step.operation != "same"), key=lambda step: step.rank)
    return tuple(
        Change(
            urn=step.urn.text,
            type=step.type,
            name=step.name,
            component=money.component(whose.get(step.urn.text)),
            operation=step.operation if step.operation != "same" else "other",
            stateful=step.stateful,
            protected=step.protected,
            properties=step.properties,
            forced_by=step.forced_by,
        )
        for step in changed
    )


def _components(
    estimated: Estimates, found: Mapping[str, Step], findings: tuple[OwnedFinding, ...]
) -> Iterable[Component]:
    """Yield the groups of the picture; what will be there comes before what was, so that it counts."""
    before, after, whose = estimated.before, estimated.after, estimated.owners
    resources = [*estimated.will_be, *estimated.was]
    distinct = list({str(one.get("urn")): one for one in reversed(resources)}.values())[::-1]
    owner_names = {urn: money.component(owner) for urn, owner in whose.items()}
    groups = graph.group_names(distinct, owner_names)
    uses = graph.uses(distinct, groups)
    urns = {owner.component: owner.component_urn for owner in whose.values()}
    items = {item.resource.urn: item for item in (*before.items, *after.items)}
    there = {item.resource.urn for item in after.items}
    members: dict[str, list[str]] = {}
    for urn, name in groups.items():
        members.setdefault(name, []).append(urn)
    told: dict[str, list[OwnedFinding]] = {}
    for one in findings:
        told.setdefault(groups.get(one.urn, ""), []).append(one)
    for name, inside in members.items():
        parts = tuple(_part(urn, found.get(urn), items.get(urn), urn in there) for urn in inside)
        standing = [items[urn] for urn in inside if urn in there]
        yield Component(
            name=name,
            urn=urns.get(name, ""),
            type=Urn.parse(urns.get(name, "")).type,
            uses=uses.get(name, ()),
            resources=parts,
            operations=totals({urn: found[urn] for urn in inside if urn in found}),
            cost=_sum([money.of_item(item) for item in standing]),
            at_least=any(item.open for item in standing),
            unbounded=any(item.unbounded for item in standing),
            findings=count(tuple(told.get(name, ()))),
        )


def _part(urn: str, step: Step | None, item: Item | None, stays: bool) -> Part:
    parsed = Urn.parse(urn)
    costs = money.of_item(item) if item and stays else None
    return Part(
        urn=urn,
        type=step.type if step else parsed.type,
        name=step.name if step else parsed.name or urn,
        operation=step.operation if step else "other",
        stateful=bool(step and step.stateful),
        expected=costs.expected if costs else _NOTHING,
        ceiling=costs.ceiling if costs else _NOTHING,
        state=item.state if item else State.UNKNOWN,
        reason=item.reason if item else "",
    )


def _sum(costs: list[Three]) -> Three:
    return Three(
        floor=sum((one.floor for one in costs), _NOTHING),
        expected=sum((one.expected for one in costs), _NOTHING),
        ceiling=sum((one.ceiling for one in costs), _NOTHING),
    )


def _data(after: Estimate, on: datetime.date) -> Iterable[DataDate]:
    """Yield how old the figures are that a review rests on."""
    usage, rds = default_usage(), rds_support()
    yield _date("prices", after.as_of, after.review_by, on)
    yield _date("assumptions on use", usage.as_of, usage.review_by, on)
    facts: dict[str, Provenance] = {
        "facts on instance types": instance_type_provenance(),
        "facts on EKS versions": eks_version_provenance(),
    }
    for what, known in facts.items():
        yield _date(what, known.as_of, known.review_by, on)
    yield _date("facts on RDS support", rds.as_of, rds.review_by, on)


def _date(what: str, as_of: datetime.date, review_by: datetime.date, on: datetime.date) -> DataDate:
    left = (review_by - on).days
    return DataDate(what=what, as_of=as_of, review_by=review_by, stale=left < 0, days_left=left)
