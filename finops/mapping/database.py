"""RDS instances."""

from collections.abc import Iterable
from decimal import Decimal

from finops.context import Context, Want
from finops.line import Line
from finops.resource import Resource
from finops.values import Unreadable

# docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html, read 2026-11-23: included in gp3 storage, by
# whether the size is below 400 GiB (PostgreSQL, MySQL, MariaDB).
_GP3_STEP_GIB = 400
_GP3_IOPS_SMALL, _GP3_IOPS_LARGE = Decimal(3000), Decimal(12000)
# Performance Insights keeps seven days for nothing; same guide, USER_PerfInsights.Overview.cost, read 2026-11-23.
_FREE_INSIGHT_DAYS = 7


def _deployment(resource: Resource) -> str:
    return "multi" if resource.props.flag("multiAz") else "single"


def rds_instance(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the machine, or both of them in Multi-AZ."""
    props = resource.props
    engine, name = props.text("engine"), props.text("instanceClass")
    if not engine or not name:
        raise Unreadable("engine or instanceClass are not given")
    deployment = _deployment(resource)
    item = f"rds.instance/{engine[:32]}-{deployment}-{name[:32]}"
    yield from context.fixed(resource, f"{engine[:32]} {name[:32]}, {deployment}-AZ", item)


def rds_storage(resource: Resource, context: Context) -> Iterable[Line]:
    """Price storage from what is allocated up to what it may grow to by itself."""
    props = resource.props
    kind, size = _storage_type(resource), props.number("allocatedStorage")
    most = max(size, props.number("maxAllocatedStorage", 0))
    item = f"rds.storage/{_deployment(resource)}-{kind[:32]}"
    wants = (Want(size, item), Want(size, item), Want(most, item))
    yield context.span(resource, f"{kind[:32]} storage", wants)


def rds_iops(resource: Resource, context: Context) -> Iterable[Line]:
    """Price provisioned IOPS beyond those that the storage includes."""
    props = resource.props
    kind = _storage_type(resource)
    iops = props.number("iops", 0)
    if kind == "gp3":
        large = props.number("allocatedStorage") >= _GP3_STEP_GIB
        iops -= _GP3_IOPS_LARGE if large else _GP3_IOPS_SMALL
    if kind in ("gp3", "io1", "io2") and iops > 0:
        yield from context.fixed(resource, "IOPS", f"rds.iops/{_deployment(resource)}-{kind}", iops)


def rds_extras(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the secret of a managed password, meter backups, and name what the book has no figure for.

    RDS's managed secret is charged like any other: docs.aws.amazon.com/secretsmanager/latest/userguide,
    integrating-AUR and integrating-rds, read 2026-11-23.
    """
    props = resource.props
    if props.flag("manageMasterUserPassword"):
        yield from context.fixed(resource, "secret of the managed password", "secretsmanager/secret")
    if props.number("backupRetentionPeriod", 0) > 0:
        yield from context.metered(resource, "backups beyond the size of the database", "rds.backup/storage")
    if props.number("performanceInsightsRetentionPeriod", _FREE_INSIGHT_DAYS) > _FREE_INSIGHT_DAYS:
        yield context.unpriced(resource, "Performance Insights", ["rds.performance-insights"])
    if props.text("databaseInsightsMode", "standard") == "advanced":
        yield context.unpriced(resource, "Database Insights", ["rds.database-insights"])


def _storage_type(resource: Resource) -> str:
    """Return the storage type; without one RDS takes io1 where IOPS are given, else gp2.

    Source: docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, read 2026-11-23.
    """
    default = "io1" if resource.props.at("iops") is not None else "gp2"
    return resource.props.text("storageType", default) or default
