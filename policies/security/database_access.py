"""How clients get into RDS databases: by IAM, and through TLS only."""

import re
from collections.abc import Iterator
from typing import Final

from policies._engine.build import each, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import MalformedValue, Undetermined
from policies.security.databases import CLUSTER, INSTANCE

GROUP: Final = {
    INSTANCE: ("parameterGroupName", ("aws:rds/parameterGroup:ParameterGroup",)),
    CLUSTER: ("dbClusterParameterGroupName", ("aws:rds/clusterParameterGroup:ClusterParameterGroup",)),
}
"""The property that names the parameter group of a database, and the type of the group."""

IAM_ENGINES: Final = frozenset({"aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres"})
"""Engines with IAM authentication (RDS user guide, IAM database authentication, read 2026-11-23)."""

FORCED_SINCE: Final = {
    "aurora-mysql": (8, 4),
    "aurora-postgresql": (17, 0),
    "mariadb": (11, 8),
    "mysql": (9, 7),
    "postgres": (15, 0),
}
"""First version whose default parameters refuse connections without TLS (RDS and Aurora user guides, TLS of each
engine, read 2026-11-23). SQL Server never refuses them by default."""

ON: Final = ("1", "on")


@stack_rule(
    "SEC-RDS-003",
    "rds-database-require-iam-and-tls",
    "RDS databases take IAM tokens, and connections through TLS only",
    on=(INSTANCE, CLUSTER),
    params=Params,
    severity=Severity.MEDIUM,
    rationale="A password that leaks works until somebody changes it; a token ends after 15 minutes. Without TLS both, "
    "and all data, can be read on the way.",
    controls=(
        "fsbp:RDS.10",
        "fsbp:RDS.12",
        "fsbp:RDS.41",
        "fsbp:RDS.44",
        "fsbp:RDS.38",
        "fsbp:RDS.39",
        "checkov:CKV_AWS_161",
        "checkov:CKV_AWS_162",
        "checkov:CKV2_AWS_69",
        "nist-800-53:AC-3",
        "soc2:CC6.1",
        "soc2:CC6.7",
        "aisf:AISF-INFRA-06",
    ),
    bad='aws.rds.Instance(name, engine="postgres", engine_version="14")  # neither IAM nor TLS',
    remedy=(
        "Switch on IAM authentication and attach a parameter group with rds.force_ssl (PostgreSQL, SQL Server) or "
        "require_secure_transport (MySQL, MariaDB).",
        'group = aws.rds.ParameterGroup(name, family="postgres18",\n'
        '    parameters=[{"name": "rds.force_ssl", "value": "1"}])\n'
        'aws.rds.Instance(name, engine="postgres", engine_version="18",\n'
        "    iam_database_authentication_enabled=True, parameter_group_name=group.name)",
    ),
)
def tokens_through_tls(database: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """TLS is a matter of the parameter group, which is a resource of its own."""
    yield from each((_iam, _tls), lambda part: part(database, stack))


def _engine(database: Resource) -> str:
    if not database.sets("engine"):
        raise Undetermined("engine is unset: it is that of the source, which is not known yet")
    return database.props.text("engine")


def _iam(database: Resource, _stack: Stack) -> Iterator[Outcome]:
    """In a preview an output that nobody set is unknown: it is off then."""
    prop = "iamDatabaseAuthenticationEnabled"
    if database.sets(prop) and database.props.at(prop) is True:
        return
    if _engine(database) not in IAM_ENGINES:
        raise NotApplicable("the engine has no IAM authentication")
    yield Finding(f"{prop} is not true")


def _tls(database: Resource, stack: Stack) -> Iterator[Outcome]:
    engine = _engine(database)
    if engine not in IAM_ENGINES and not engine.startswith("sqlserver-"):
        raise NotApplicable("the engine has no parameter that demands TLS")
    parameter = "require_secure_transport" if engine in ("aurora-mysql", "mariadb", "mysql") else "rds.force_ssl"
    group = _parameter_group(database, stack)
    forced = _setting(group, parameter) if group is not None else None
    if forced is None:
        forced = _forced_by_default(engine, database, group)
    if not forced:
        where = group.name if group is not None else "the default parameter group"
        yield Finding(f"{where} does not demand TLS; wanted a parameter group with {parameter} = 1")


def _parameter_group(database: Resource, stack: Stack) -> Resource | None:
    """Return the parameter group, None for the engine's default one. Raises `Undetermined`."""
    prop, types = GROUP[database.type]
    if not database.sets(prop):
        return None
    for group in stack.of(*types):
        users = stack.pointing_at(group, (database.type,), prop, ids=("name",)).partners
        if any(user.urn == database.urn for user in users):
            return group
    if database.props.text(prop).startswith("default."):
        return None
    raise Undetermined(f"{prop} names a parameter group that is not in this stack")


def _setting(group: Resource, parameter: str) -> bool | None:
    """Return whether a parameter is on, None where the group does not set it. Raises `Undetermined`."""
    items = group.props.sequence("parameters")
    gap: Undetermined | None = None
    for index in range(len(items)):
        try:
            item = items[index]
            if not isinstance(item, View):
                raise MalformedValue(f"parameters.{index}", "an object", item)
            if item.at("name") == parameter:
                return item.text("value").lower() in ON
        except Undetermined as unclear:
            gap = gap or unclear
    if gap is not None:
        raise Undetermined(f"{group.name}: {gap.reason}")
    return None


def _forced_by_default(engine: str, database: Resource, group: Resource | None) -> bool:
    if engine not in FORCED_SINCE:
        return False
    if group is not None:
        text = group.props.text("family").removeprefix(engine)
    elif database.sets("engineVersion"):
        text = database.props.text("engineVersion")
    else:
        raise Undetermined("engineVersion is unset, so RDS chooses one when it creates the database: pin it")
    version = re.match(r"(\d{1,4})(?:\.(\d{1,4}))?", text)
    if version is None:
        raise Undetermined("neither the engine's version nor the parameter group's family tells a version")
    return (int(version[1]), int(version[2] or 0)) >= FORCED_SINCE[engine]


RULES = (tokens_through_tls,)
