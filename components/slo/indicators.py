"""What each kind of objective measures, as PromQL: events, bad ones, and whether there is anything to measure.

All kinds become two rates, so that everything after them is the same: events a second, and bad ones. Requests are
counted as they are; for freshness and quality an event is a minute. Both rates are there whenever Prometheus runs
(without traffic they are 0), since budgets divide by the time that was seen.
"""

import dataclasses
from fractions import Fraction

from components.slo.args import GaugeHolds, Kind, NoData, Objective
from components.slo.selectors import parse

INTERVAL_SECONDS = 60
"""How often rules are evaluated: counts are sums of rates times this."""


@dataclasses.dataclass(frozen=True)
class Indicator:
    """Three expressions without labels."""

    events: str
    bad: str
    missing: str


def number(value: float | Fraction) -> str:
    """Return a number as PromQL: no noise of binary fractions."""
    return f"{float(value):.10g}"


def indicator(o: Objective) -> Indicator:
    """Return what an objective measures."""
    if o.kind == Kind.AVAILABILITY:
        return _availability(o)
    if o.kind == Kind.LATENCY:
        return _latency(o)
    return _gauge(o)


def _rate(selector: object) -> str:
    # The rate of each series first: a counter that starts again from 0 must not count as a loss.
    return f"sum(rate({selector}[5m]))"


def _availability(o: Objective) -> Indicator:
    total = parse(o.total_events or "", "total_events")
    every = _rate(total)
    if o.good_events is not None:
        # No good request has been counted yet, perhaps because none was good.
        good = f"({_rate(parse(o.good_events, 'good_events'))} or vector(0))"
        bad = f"clamp_min({every} - {good}, 0) or vector(0)"
    else:
        bad = f"({_rate(parse(o.bad_events or '', 'bad_events'))} and {every} > 0) or vector(0)"
    return Indicator(f"{every} or vector(0)", bad, f"absent(sum({total}))")


def _latency(o: Objective) -> Indicator:
    base = parse(o.histogram or "", "histogram")
    count = base.part("_count")
    within = base.part("_bucket", f'le=~"{bound(o.threshold or 0)}"')
    # All bounds of a histogram come at once: without this one it is not the histogram that was meant.
    return Indicator(
        events=f"{_rate(count)} or vector(0)",
        bad=f"clamp_min({_rate(count)} - {_rate(within)}, 0) or vector(0)",
        missing=f"absent(sum({count})) or absent(sum({within}))",
    )


def bound(value: float) -> str:
    """Return an expression for a bucket's label: clients write 1 or 1.0, and Prometheus 3 makes it 1.0."""
    text = number(value)
    return text.replace(".", "[.]") if "." in text else f"{text}([.]0)?"


def _gauge(o: Objective) -> Indicator:
    gauge = parse(o.gauge or "", "gauge")
    # A value equals itself unless it is NaN, which is no value.
    known = f"{gauge} == {gauge}"
    if o.kind == Kind.QUALITY:
        worst, least = ("min", True) if o.minimum is not None else ("max", False)
        value = f"{worst}({known})"
        broken = f"{value} {'<' if least else '>'} bool {number((o.minimum if least else o.maximum) or 0)}"
    elif o.gauge_holds == GaugeHolds.AGE:
        value = f"max({known})"
        broken = f"{value} > bool {number(o.max_age_seconds or 0)}"
    else:
        value = f"min({known})"
        # A time far ahead is one in milliseconds, or a wrong clock: it proves nothing.
        broken = f"abs(time() - {value}) > bool {number(o.max_age_seconds or 0)}"
    otherwise = 1 if o.missing == NoData.BAD else 0
    minute = f"vector(1) / {INTERVAL_SECONDS}"
    return Indicator(minute, f"(({broken}) or vector({otherwise})) / {INTERVAL_SECONDS}", f"absent({value})")
