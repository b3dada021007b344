"""Whether alerts watch a metric for being low: directly, or by way of recording rules."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies._engine.build import some
from policies._engine.model import Manifest, Resource, Stack
from policies._engine.objects import RELEASES, chart_name, objects
from policies._engine.values import Items, View
from policies._engine.wire import Undetermined

PROMETHEUS_RULE = "monitoring.coreos.com/PrometheusRule"
MANAGED_RULES = "aws:amp/ruleGroupNamespace:RuleGroupNamespace"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
STACK_CHART = "kube-prometheus-stack"
CHART_RULES = "additionalPrometheusRulesMap"
"""Where that chart takes further groups of rules, by name."""

LONGEST = 200_000
"""Longest text of rules that is searched, in characters."""

_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
# What is compared with little, with nothing, or taken from the whole.
_LOW = re.compile(r"<|==\s*(?:bool\s*)?0(?![.\d])|\b(?:1|100)\s*-")


@dataclass(frozen=True)
class _Rule:
    record: str
    """Name that it records; empty for an alert."""

    names: frozenset[str]
    low: bool


def watched(stack: Stack, metrics: Sequence[str]) -> bool:
    """Whether an alert of the stack tells that one of these metrics is low. Raises `Undetermined`."""
    gaps: list[Undetermined] = []
    rules = list(_prometheus(stack, gaps))
    if _any_alert(rules, frozenset(metrics)):
        return True
    if some(stack.of(ALARM), lambda alarm: _alarm(alarm, metrics)):
        return True
    if some(stack.of(MANAGED_RULES), lambda one: _text_tells(one.props.text("data"), metrics)):
        return True
    if gaps:
        raise gaps[0]
    return False


def _any_alert(rules: Sequence[_Rule], metrics: frozenset[str]) -> bool:
    """Follow the metrics through recording rules, until nothing new is recorded of them."""
    of_metric: dict[str, bool] = dict.fromkeys(metrics, False)
    for _ in range(len(rules) + 1):
        before = dict(of_metric)
        for rule in rules:
            sources = rule.names & before.keys()
            if rule.record and sources:
                low = rule.low or any(before[name] for name in sources)
                of_metric[rule.record] = of_metric.get(rule.record, False) or low
        if of_metric == before:
            break
    alerts = ((rule, rule.names & of_metric.keys()) for rule in rules if not rule.record)
    return any(sources and (rule.low or any(of_metric[name] for name in sources)) for rule, sources in alerts)


def _prometheus(stack: Stack, gaps: list[Undetermined]) -> Iterator[_Rule]:
    for manifest in (*objects(stack, PROMETHEUS_RULE), *objects(stack, *RELEASES)):
        try:
            for groups in _groups(manifest):
                yield from _of_groups(groups, gaps)
        except Undetermined as gap:
            gaps.append(gap)


def _groups(manifest: Manifest) -> Iterator[Items]:
    if manifest.kind == PROMETHEUS_RULE:
        yield manifest.spec.sequence("groups")
    elif chart_name(manifest.resource) == STACK_CHART:
        for one in manifest.props.mapping(("values", CHART_RULES)).values():
            if isinstance(one, View):
                yield one.sequence("groups")


def _of_groups(groups: Items, gaps: list[Undetermined]) -> Iterator[_Rule]:
    for group in _views(groups, gaps):
        for rule in _views(group.sequence("rules"), gaps):
            try:
                expression = rule.text("expr")
                yield _Rule(rule.text("record"), frozenset(_NAME.findall(expression)), bool(_LOW.search(expression)))
            except Undetermined as gap:
                gaps.append(gap)


def _views(items: Items, gaps: list[Undetermined]) -> Iterable[View]:
    known = [item for item in items.known() if isinstance(item, View)]
    if len(known) < len(items):
        gaps.append(Undetermined(f"{items.path} holds items that are not known yet"))
    return known


def _alarm(alarm: Resource, metrics: Sequence[str]) -> bool:
    if not alarm.props.text("comparisonOperator").startswith("LessThan"):
        return False
    if alarm.props.at("metricName") in metrics:
        return True
    queries = tuple(alarm.props.sequence("metricQueries").mappings())
    return some(queries, lambda query: query.at("metric.metricName") in metrics)


def _text_tells(text: str, metrics: Sequence[str]) -> bool:
    searched = text[:LONGEST]
    return "alert:" in searched and bool(_LOW.search(searched)) and any(name in searched for name in metrics)
