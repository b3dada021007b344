"""Relational databases."""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, field_validator

from policies._engine.build import differs, rule
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import show
from policies._engine.wire import Undetermined

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"

SUPPORT_FILE = Path(__file__).parent / "rds_support.yaml"
SUPPORT_OFF = "open-source-rds-extended-support-disabled"

_SMALL = ("nano", "micro", "small", "medium", "large")
_SIZE = re.compile(r"(?P<factor>[0-9]{0,3})xlarge")


def _rank(size: str) -> int | None:
    """Return a size as a number that grows with it; None for a size such as `metal`."""
    if size in _SMALL:
        return _SMALL.index(size)
    found = _SIZE.fullmatch(size)
    return len(_SMALL) + int(found["factor"] or 1) if found else None


class DevelopmentParams(Params):
    """Parameters of COST-RDS-001."""

    environments: tuple[str, ...] = ("development", "sandbox")
    """Environments in which a database may be gone for a while."""

    largest_size: str = "large"
    """Largest size of instance there: what follows the family in an instance class."""

    @field_validator("largest_size")
    @classmethod
    def _is_size(cls, value: str) -> str:
        if _rank(value) is None:
            raise ValueError(f"{value!r} is not a size; use {', '.join(_SMALL)}, xlarge, 2xlarge and so on")
        return value


@rule(
    "COST-RDS-001",
    "rds-database-disallow-multi-az-in-development",
    "Databases of development are small and in one zone",
    on=(INSTANCE, CLUSTER, MEMBER),
    params=DevelopmentParams,
    severity=Severity.LOW,
    rationale="A standby in a second zone doubles the price of a database that nobody misses at night.",
    controls=("aws-wa-cost:COST06-BP02", "aws-wa-cost:COST09-BP03"),
    bad='multi_az=True, instance_class="db.m7g.4xlarge"',
    remedy=(
        "Run one small instance in development; keep Multi-AZ for production.",
        'multi_az=False, instance_class="db.t4g.small"',
    ),
)
def small_in_development(database: Resource, ctx: Context[DevelopmentParams]) -> Iterator[Outcome]:
    """RDS takes one zone by default. A cluster with an instance class of its own is Multi-AZ: it has two standbys."""
    if ctx.need_environment() not in ctx.params.environments:
        raise NotApplicable(f"{ctx.environment} may have large databases in several zones")
    gap: Undetermined | None = None
    try:
        if database.type == CLUSTER and database.props.declared("dbClusterInstanceClass"):
            yield Finding("dbClusterInstanceClass makes the cluster Multi-AZ, with two standbys; wanted one instance")
        elif database.type == INSTANCE and database.props.flag("multiAz"):
            yield differs(database.props, "multiAz", "false")
    except Undetermined as unclear:
        gap = unclear
    path = "dbClusterInstanceClass" if database.type == CLUSTER else "instanceClass"
    yield from _too_large(database, path, ctx.params.largest_size)
    if gap is not None:
        yield gap


def _too_large(database: Resource, path: str, largest: str) -> Iterator[Outcome]:
    name = database.props.text(path)
    if not name or name == "db.serverless":
        return
    size, most = _rank(name.rpartition(".")[2]), _rank(largest)
    if size is None:
        yield Undetermined(f"{path} is {show(name)}, a size that this rule does not know")
    elif most is not None and size > most:
        yield differs(database.props, path, f"a class of size {largest} at most")


@dataclass(frozen=True)
class Support:
    """What is known of standard support of RDS engines."""

    as_of: datetime.date
    review_by: datetime.date
    engines: Mapping[str, Mapping[str, datetime.date]]
    """Last day of standard support, by engine and major version."""


@cache
def support() -> Support:
    """Return the dates of `rds_support.yaml`."""
    data = yaml.safe_load(SUPPORT_FILE.read_text(encoding="utf-8"))
    return Support(data["as_of"], data["review_by"], data["engines"])


class SupportParams(Params):
    """Parameters of COST-RDS-002."""

    days_ahead: int = Field(default=60, ge=0)
    """Days of standard support that must be left: time for an upgrade."""


@rule(
    "COST-RDS-002",
    "rds-database-disallow-extended-support",
    "Database engines do not slide into extended support",
    on=(INSTANCE, CLUSTER),
    params=SupportParams,
    severity=Severity.MEDIUM,
    rationale="Extended support begins by itself and costs 0.10 USD a vCPU-hour, standbys included; later twice that.",
    controls=("aws-wa-cost:COST10-BP02", "aws-wa-cost:COST02-BP05"),
    bad='engine="mysql", engine_version="8.0"',
    remedy=(
        "Upgrade to a version in standard support, and create databases with extended support switched off.",
        'engine="mysql", engine_version="8.4",\nengine_lifecycle_support="open-source-rds-extended-support-disabled"',
    ),
)
def extended_support(database: Resource, ctx: Context[SupportParams]) -> Iterator[Outcome]:
    """On by default; switched off, RDS upgrades by itself on the last day (RDS user guide, read 2026-11-23)."""
    props = database.props
    if props.text("engineLifecycleSupport") == SUPPORT_OFF:
        return
    engine = props.text("engine")
    if engine not in support().engines:
        raise _no_support(database, engine)
    version, shown = props.text("engineVersion"), props.shown("engineVersion")
    if not version:
        raise Undetermined("engineVersion is unset, so RDS chooses one when it creates the database: pin it")
    ends = _ends(engine, version)
    if ends is None:
        raise Undetermined(f"engineVersion is {shown}, which the facts of {support().as_of} do not have for {engine}")
    left = (ends - ctx.today).days
    if left < 0:
        yield Finding(f"engineVersion is {shown}, in extended support since {ends + datetime.timedelta(days=1)}")
    elif left < ctx.params.days_ahead:
        yield Finding(f"engineVersion is {shown}, whose standard support ends on {ends}, in {left} days")


def _no_support(database: Resource, engine: str) -> Exception:
    if not engine:
        return Undetermined("engine is unset: the snapshot or the source decides")
    if engine.startswith("aurora"):
        return Undetermined(f"engine is {database.props.shown('engine')}, which the facts do not have")
    return NotApplicable(f"{engine[:32]} has no extended support")


def _ends(engine: str, version: str) -> datetime.date | None:
    """Return the last day of the longest entry that the version begins with."""
    entries = support().engines[engine]
    named = [entry for entry in entries if version == entry or version.startswith(f"{entry}.")]
    return entries[max(named, key=len)] if named else None


RULES = (small_in_development, extended_support)
