"""Arguments of `Slo`."""

import dataclasses
import enum
import itertools
import re
from collections.abc import Mapping
from typing import Optional

from components._core.args import in_range, one_of, require
from components.slo.selectors import parse

WINDOW_DAYS = (28, 30)
"""Days of a budget: four whole weeks, so that each has as many weekends, or what people call a month."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._+-]*")
_URL = re.compile(r"https?://[^\s{}\"]+")
_SUFFIXES = ("_bucket", "_count", "_sum")


class Kind(enum.StrEnum):
    """What an objective promises."""

    AVAILABILITY = "availability"
    """A share of the requests succeeds."""

    LATENCY = "latency"
    """A share of the requests is answered within a time."""

    FRESHNESS = "freshness"
    """Data is not older than an age, for a share of the time."""

    QUALITY = "quality"
    """A measure of the predictions keeps to its bound, for a share of the time."""


class GaugeHolds(enum.StrEnum):
    """What a gauge of freshness says."""

    TIMESTAMP = "timestamp"
    """When the data was last made, in seconds since 1970."""

    AGE = "age"
    """How old the data is, in seconds."""


class NoData(enum.StrEnum):
    """What it means that an objective's metrics are not there at all."""

    ALERT = "alert"
    """Somebody has to look: it warns after ten minutes, and uses up no budget."""

    BAD = "bad"
    """The promise is not kept: it warns, and each minute without data is a bad one. Freshness and quality only."""

    IGNORE = "ignore"
    """It is normal, as with a service that is scaled to nothing."""


_NEEDED: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.AVAILABILITY: (("total_events",), ("good_events", "bad_events")),
    Kind.LATENCY: (("histogram",), ("threshold",), ("buckets",)),
    Kind.FRESHNESS: (("gauge",), ("max_age_seconds",)),
    Kind.QUALITY: (("gauge",), ("minimum", "maximum")),
}
"""Arguments of each kind; of several in one place exactly one is given."""

_MORE: Mapping[Kind, tuple[str, ...]] = {Kind.FRESHNESS: ("gauge_holds",)}
_SELECTORS = ("total_events", "good_events", "bad_events", "histogram", "gauge")
_OF_KINDS = sorted({f for groups in _NEEDED.values() for group in groups for f in group} | set(*_MORE.values()))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Objective:
    """One promise about one service: what is measured, how much of it must be good, who answers for it."""

    name: str
    """Name, unique in the cluster; the label `slo` of all its metrics and alerts."""

    service: str
    """Service that it is about; releases of it stop when the budget is spent."""

    kind: Kind
    """What it promises; decides which of the arguments below are needed."""

    objective_percent: float
    """Share of events, or of the time, that must be good, percent: 50 to 99.999."""

    owner: str
    """Team that answers for it; a label of its alerts."""

    runbook_url: str
    """Page that says what to do when an alert fires."""

    window_days: Optional[int] = None
    """Days over which the budget counts, always the last ones: 28 or 30. Default: 30."""

    total_events: Optional[str] = None
    """Availability: selector of the counter of all requests, `requests_total{app="ranker"}`."""

    good_events: Optional[str] = None
    """Availability: selector of the counter of the good ones. Default: those that are not bad."""

    bad_events: Optional[str] = None
    """Availability: selector of the counter of the bad ones. Default: those that are not good."""

    histogram: Optional[str] = None
    """Latency: selector of a classic histogram by its base name, without `_bucket`."""

    threshold: Optional[float] = None
    """Latency: longest good answer, in the unit of the histogram; one of `buckets`."""

    buckets: Optional[list[float]] = None
    """Latency: upper bounds that the histogram has; between two of them nothing is known."""

    gauge: Optional[str] = None
    """Freshness and quality: selector of the gauge; of several series the worst counts."""

    gauge_holds: Optional[GaugeHolds] = None
    """Freshness: whether the gauge holds a time or an age. Default: a time."""

    max_age_seconds: Optional[float] = None
    """Freshness: age up to which data is fresh, in seconds."""

    minimum: Optional[float] = None
    """Quality: least good value, for measures of which more is better."""

    maximum: Optional[float] = None
    """Quality: largest good value, for measures of error."""

    no_data: Optional[NoData] = None
    """What missing metrics mean. Default: bad for freshness, an alert for the others."""

    min_bad_events: Optional[int] = None
    """Bad events (bad minutes for freshness and quality) below which nothing burns or freezes. Default: 10."""

    freezes: Optional[bool] = None
    """Whether a spent budget stops releases of the service. Default: it does."""

    def __post_init__(self) -> None:
        at = f"objectives[{self.name}]"
        kebab = "use lower-case words joined by dashes, at most 40 characters"
        for field in ("name", "service"):
            value = getattr(self, field)
            fits = bool(_NAME.fullmatch(value)) and len(value) <= 40
            require(fits, f"{at}.{field}", f"{value!r} is no name; {kebab}")
        in_range(self.objective_percent, 50, 99.999, f"{at}.objective_percent", "percent")
        require(bool(_OWNER.fullmatch(self.owner)), f"{at}.owner", f"{self.owner!r} is no team; use a name or address")
        is_url = bool(_URL.fullmatch(self.runbook_url))
        require(is_url, f"{at}.runbook_url", f"{self.runbook_url!r} is no address; begin with https://")
        one_of(self.window, WINDOW_DAYS, f"{at}.window_days")
        in_range(self.least_bad, 1, 1_000_000, f"{at}.min_bad_events", "events")
        self._check_choice(at)
        self._check_selectors(at)
        self._check_bounds(at)

    def _check_choice(self, at: str) -> None:
        """Check that the arguments of the kind are there, and no others."""
        one_of(self.kind, list(Kind), f"{at}.kind")
        needed = _NEEDED[self.kind]
        allowed = {field for group in needed for field in group} | set(_MORE.get(self.kind, ()))
        for field in _OF_KINDS:
            if getattr(self, field) is not None:
                require(
                    field in allowed,
                    f"{at}.{field}",
                    f"is not for {self.kind}; leave it out, {self.kind} takes {', '.join(sorted(allowed))}",
                )
        for group in needed:
            given = [field for field in group if getattr(self, field) is not None]
            what = f"one of {' and '.join(group)}" if len(group) > 1 else group[0]
            require(len(given) == 1, f"{at}.{group[0]}", f"{len(given)} given; {self.kind} needs {what}")
        require(
            self.no_data != NoData.BAD or self.by_time,
            f"{at}.no_data",
            f"'bad' is not allowed for {self.kind}, as missing requests cannot be counted; use alert or ignore",
        )

    def _check_selectors(self, at: str) -> None:
        for field in _SELECTORS:
            text = getattr(self, field)
            if text is None:
                continue
            selector = parse(text, f"{at}.{field}")
            if field == "histogram":
                base = not selector.metric.endswith(_SUFFIXES)
                require(base, f"{at}.{field}", f"{selector.metric} is one part of a histogram; use its base name")
                require("le" not in selector.labels, f"{at}.{field}", "matches on le; leave it out and set threshold")

    def _check_bounds(self, at: str) -> None:
        if self.max_age_seconds is not None:
            in_range(self.max_age_seconds, 60, 31_536_000, f"{at}.max_age_seconds", "seconds")
        if self.threshold is None:
            return
        buckets = self.buckets or []
        rising = all(a < b for a, b in itertools.pairwise(buckets))
        require(rising and bool(buckets), f"{at}.buckets", f"{buckets} does not rise; give each bound once, in order")
        # In this range every client library writes a bound without an exponent.
        for i in (0, -1):
            in_range(buckets[i], 0.0001, 999_999, f"{at}.buckets")
        one_of(self.threshold, buckets, f"{at}.threshold")

    @property
    def window(self) -> int:
        """Days over which the budget counts."""
        return self.window_days if self.window_days is not None else 30

    @property
    def least_bad(self) -> int:
        """Bad events below which nothing burns."""
        return self.min_bad_events if self.min_bad_events is not None else 10

    @property
    def by_time(self) -> bool:
        """Whether minutes are counted and not requests."""
        return self.kind in (Kind.FRESHNESS, Kind.QUALITY)

    @property
    def missing(self) -> NoData:
        """What missing metrics mean."""
        return self.no_data or (NoData.BAD if self.kind == Kind.FRESHNESS else NoData.ALERT)

    @property
    def stops_releases(self) -> bool:
        """Whether a spent budget stops releases."""
        return self.freezes is not False


@dataclasses.dataclass(frozen=True, kw_only=True)
class SloArgs:
    """Arguments of `Slo`."""

    objectives: list[Objective]
    """What is promised; at least one."""

    prometheus_retention_days: int
    """Days that Prometheus keeps metrics: no shorter than the longest window, or budgets would forget."""

    namespace: Optional[str] = None
    """Namespace of Prometheus and Grafana. Default: monitoring."""

    prometheus_url: Optional[str] = None
    """Address of Prometheus, port 9090, for promotion steps. Default: the service of kube-prometheus-stack."""

    release_namespaces: Optional[list[str]] = None
    """Namespaces whose promotion steps ask before a release; they must exist. Default: none."""

    def __post_init__(self) -> None:
        require(bool(self.objectives), "objectives", "is empty; give one, or leave the component out")
        names = [o.name for o in self.objectives]
        twice = sorted({name for name in names if names.count(name) > 1})
        require(not twice, "objectives", f"names {', '.join(twice)} more than once; give each objective its own name")
        longest = max(o.window for o in self.objectives)
        require(
            self.prometheus_retention_days >= longest,
            "prometheus_retention_days",
            f"{self.prometheus_retention_days} is shorter than the window of {longest} days; keep metrics that long",
        )
        for field in ("namespace", "prometheus_url"):
            value = getattr(self, field)
            pattern = _NAME if field == "namespace" else _URL
            require(value is None or bool(pattern.fullmatch(value)), field, f"{value!r} is no {field}; mend it")
        spaces = self.release_namespaces or []
        for i, space in enumerate(spaces):
            require(bool(_NAME.fullmatch(space)), f"release_namespaces[{i}]", f"{space!r} is no namespace; mend it")
        require(len(set(spaces)) == len(spaces), "release_namespaces", "names one more than once; give each once")

    @property
    def space(self) -> str:
        """Namespace of Prometheus and Grafana."""
        return self.namespace or "monitoring"

    @property
    def url(self) -> str:
        """Address of Prometheus: `<full name>-prometheus`, templates/prometheus/service.yaml of the chart."""
        return self.prometheus_url or f"http://kube-prometheus-stack-prometheus.{self.space}.svc.cluster.local:9090"
