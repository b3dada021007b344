"""Cases of the rule on how clients get into databases."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    secret,
    urn,
)

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
GROUP = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"

FORCE = {"name": "rds.force_ssl", "value": "1"}
PLAIN = {"name": "rds.force_ssl", "value": "0"}
REQUIRE = {"name": "require_secure_transport", "value": "ON"}
OF_GROUP = {"parameterGroupName": [urn(GROUP, "group")]}


def instance(engine: Any = "postgres", version: Any = "18", group: Any = None, **props: Any) -> Spec:
    named = {"engine": engine, "engineVersion": version, "parameterGroupName": group}
    return Spec(INSTANCE, {**named, "iamDatabaseAuthenticationEnabled": True, **props})


def cluster(engine: Any = "aurora-postgresql", version: Any = "17.4", group: Any = None, **props: Any) -> Spec:
    named = {"engine": engine, "engineVersion": version, "dbClusterParameterGroupName": group}
    return Spec(CLUSTER, {**named, "iamDatabaseAuthenticationEnabled": True, **props})


def group(*parameters: Any, family: Any = "postgres18", name: Any = "own", kind: str = GROUP) -> Spec:
    return Spec(kind, {"name": name, "family": family, "parameters": list(parameters)}, "group")


CASES = (
    Case("SEC-RDS-003", "forced by a group", PASS, (instance(group="own"), group(FORCE))),
    Case("SEC-RDS-003", "forced by default since 15", PASS, (instance(version="15.4"),)),
    Case("SEC-RDS-003", "a group that leaves the default", PASS, (instance(group="own"), group())),
    Case(
        "SEC-RDS-003",
        "first preview",
        PASS,
        (
            Spec(INSTANCE, instance("postgres", "14", UNKNOWN).props, depends=OF_GROUP),
            group(FORCE, name=UNKNOWN, family="postgres14"),
            Spec(GROUP, {"name": UNKNOWN, "family": "postgres14"}, "other"),
        ),
    ),
    Case("SEC-RDS-003", "default group by its name", PASS, (instance(group="default.postgres18"),)),
    Case(
        "SEC-RDS-003",
        "mysql",
        PASS,
        (instance("mysql", "8.4", "own"), group(REQUIRE, family="mysql8.4")),
    ),
    Case("SEC-RDS-003", "mariadb, forced by default", PASS, (instance("mariadb", "11.8.3"),)),
    Case(
        "SEC-RDS-003",
        "mariadb",
        PASS,
        (instance("mariadb", "11.4", "own"), group({**REQUIRE, "value": "1"}, family="mariadb11.4")),
    ),
    Case("SEC-RDS-003", "mysql, forced by default", PASS, (instance("mysql", "9.7"),)),
    Case("SEC-RDS-003", "aurora, forced by default", PASS, (cluster(),)),
    Case(
        "SEC-RDS-003",
        "aurora mysql",
        PASS,
        (
            cluster("aurora-mysql", "8.0.mysql_aurora.3.10.0", "own"),
            group(REQUIRE, family="aurora-mysql8.0", kind=CLUSTER_GROUP),
        ),
    ),
    Case(
        "SEC-RDS-003",
        "sql server knows no tokens",
        PASS,
        (
            instance("sqlserver-se", "15.00", "own", iamDatabaseAuthenticationEnabled=None),
            group(FORCE, family="sqlserver-se-15.0"),
        ),
    ),
    Case(
        "SEC-RDS-003",
        "a parameter before it is unknown",
        PASS,
        (instance(group="own"), group(UNKNOWN_OBJECT, {"name": "log_statement", "value": "ddl"}, FORCE)),
    ),
    Case("SEC-RDS-003", "secret value", PASS, (instance(group="own"), group({**FORCE, "value": secret("1")}))),
    Case(
        "SEC-RDS-003",
        "no tokens",
        FAIL,
        (instance(iamDatabaseAuthenticationEnabled=False),),
        "iamDatabaseAuthenticationEnabled is not true",
    ),
    Case("SEC-RDS-003", "text instead of boolean", FAIL, (instance(iamDatabaseAuthenticationEnabled="false"),)),
    Case("SEC-RDS-003", "mysql 9.6, by default", FAIL, (instance("mysql", "9.6"),)),
    Case("SEC-RDS-003", "tokens left out", FAIL, (instance(iamDatabaseAuthenticationEnabled=None),)),
    Case(
        "SEC-RDS-003",
        "output of a preview that nobody set",
        FAIL,
        (instance(iamDatabaseAuthenticationEnabled=UNKNOWN_BOOL, parameterGroupName=UNKNOWN),),
        "is not true",
    ),
    Case(
        "SEC-RDS-003", "not forced before 15", FAIL, (instance(version="14"),), "the default parameter group does not"
    ),
    Case("SEC-RDS-003", "switched off", FAIL, (instance(group="own"), group(PLAIN)), "group does not demand TLS"),
    Case(
        "SEC-RDS-003",
        "switched off beside an unknown parameter",
        FAIL,
        (instance(group="own"), group(UNKNOWN_OBJECT, PLAIN)),
    ),
    Case(
        "SEC-RDS-003",
        "a group that leaves the default, which is off",
        FAIL,
        (instance("mysql", "8.4", "own"), group(family="mysql8.4")),
        "require_secure_transport = 1",
    ),
    Case("SEC-RDS-003", "aurora, not forced by default", FAIL, (cluster(version="16.8"),)),
    Case("SEC-RDS-003", "aurora mysql 3, by default", FAIL, (cluster("aurora-mysql", "8.0.mysql_aurora.3.10.0"),)),
    Case("SEC-RDS-003", "mariadb 11.4, by default", FAIL, (instance("mariadb", "11.4"),)),
    Case(
        "SEC-RDS-003",
        "sql server, by default",
        FAIL,
        (instance("sqlserver-ex", None, iamDatabaseAuthenticationEnabled=None),),
        "rds.force_ssl = 1",
    ),
    Case("SEC-RDS-003", "group of a stack elsewhere", OPEN, (instance(group="shared"),), "not in this stack"),
    Case("SEC-RDS-003", "group unknown", OPEN, (Spec(INSTANCE, instance(group=UNKNOWN).props, depends=OF_GROUP),)),
    Case(
        "SEC-RDS-003",
        "value unknown",
        OPEN,
        (instance(group="own"), group({**FORCE, "value": UNKNOWN})),
        "group: parameters.0.value is not known yet",
    ),
    Case(
        "SEC-RDS-003",
        "parameters unknown",
        OPEN,
        (instance(group="own"), Spec(GROUP, {"name": "own", "parameters": UNKNOWN_LIST}, "group")),
    ),
    Case("SEC-RDS-003", "a parameter unknown", OPEN, (instance("mysql", "8.4", "own"), group(UNKNOWN_OBJECT))),
    Case("SEC-RDS-003", "a parameter is a text", OPEN, (instance(group="own"), group("x")), "an object was expected"),
    Case("SEC-RDS-003", "version not pinned", OPEN, (instance(version=None),), "pin it"),
    Case("SEC-RDS-003", "version without number", OPEN, (instance(version="latest"),), "tells a version"),
    Case("SEC-RDS-003", "engine of the source", OPEN, (instance(engine=None),), "that of the source"),
    Case(
        "SEC-RDS-003",
        "oracle",
        SKIP,
        (instance("oracle-se2", "19", iamDatabaseAuthenticationEnabled=None),),
    ),
    Case("SEC-RDS-003", "another type", SKIP, (OTHER,)),
)
