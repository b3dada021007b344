"""Cases of the rules on databases; the day is 2026-11-23."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, UNKNOWN_BOOL, Case, Spec, secret

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"
OFF = {"engineLifecycleSupport": "open-source-rds-extended-support-disabled"}


def small(
    name: str,
    expected: Any,
    kind: str = INSTANCE,
    says: str = "",
    environment: str | None = "development",
    params: Any = (),
    **props: Any,
) -> Case:
    return Case("COST-RDS-001", name, expected, (Spec(kind, props),), says, dict(params), environment)


SMALL = (
    small("one zone", PASS, multiAz=False, instanceClass="db.t4g.small"),
    small("default", PASS, instanceClass="db.m7g.large"),
    small("serverless member", PASS, MEMBER, instanceClass="db.serverless"),
    small("cluster", PASS, CLUSTER, engine="aurora-postgresql"),
    small("larger where it is allowed", PASS, params={"largest_size": "2xlarge"}, instanceClass="db.m7g.2xlarge"),
    small("two zones", FAIL, says="multiAz is true; wanted false", multiAz=True, instanceClass="db.t4g.small"),
    small("two zones in the sandbox", FAIL, environment="sandbox", multiAz=True),
    small("two zones of unknown size", FAIL, multiAz=True, instanceClass=UNKNOWN),
    small(
        "large",
        FAIL,
        says='instanceClass is "db.m7g.4xlarge"; wanted a class of size large',
        instanceClass="db.m7g.4xlarge",
    ),
    small("large of unknown zones", FAIL, multiAz=UNKNOWN_BOOL, instanceClass="db.m7g.xlarge"),
    small("large member", FAIL, MEMBER, instanceClass="db.r7g.2xlarge"),
    small("cluster of three zones", FAIL, CLUSTER, says="two standbys", dbClusterInstanceClass="db.m6gd.large"),
    small("large and secret", FAIL, says="instanceClass is [secret]", instanceClass=secret("db.m7g.4xlarge")),
    small("zones unknown", OPEN, multiAz=UNKNOWN_BOOL, instanceClass="db.t4g.small"),
    small("class unknown", OPEN, instanceClass=UNKNOWN),
    small("size not known", OPEN, instanceClass="db.m7g.huge"),
    small("zones a text", OPEN, says="a boolean was expected", multiAz="true"),
    small("environment unknown", OPEN, environment=None, multiAz=True),
    small("production", SKIP, environment="production", multiAz=True, instanceClass="db.m7g.4xlarge"),
    Case("COST-RDS-001", "another type", SKIP, (OTHER,), environment="development"),
)


def support(name: str, expected: Any, kind: str = INSTANCE, says: str = "", params: Any = (), **props: Any) -> Case:
    return Case("COST-RDS-002", name, expected, (Spec(kind, props),), says, dict(params))


SUPPORT = (
    support("years left", PASS, engine="postgres", engineVersion="18"),
    support("minor version", PASS, engine="postgres", engineVersion="16.4"),
    support("days enough", PASS, engine="postgres", engineVersion="14.12"),
    support("switched off", PASS, engine="mysql", engineVersion="5.7.44", **OFF),
    support("switched off of any version", PASS, engine="mysql", engineVersion=UNKNOWN, **OFF),
    support("aurora", PASS, CLUSTER, engine="aurora-mysql", engineVersion="8.0.mysql_aurora.3.08.0"),
    support("extended", FAIL, says="in extended support since 2026-08-01", engine="mysql", engineVersion="8.0"),
    support("extended postgres", FAIL, engine="postgres", engineVersion="13.20"),
    support("extended aurora", FAIL, CLUSTER, engine="aurora-mysql", engineVersion="5.7.mysql_aurora.2.12.0"),
    support(
        "soon",
        FAIL,
        says="ends on 2027-02-28, in 97 days",
        params={"days_ahead": 120},
        engine="postgres",
        engineVersion="14",
    ),
    support("version unset", OPEN, says="pin it", engine="postgres"),
    support("version unknown", OPEN, engine="postgres", engineVersion=UNKNOWN),
    support("version not in the facts", OPEN, engine="postgres", engineVersion="99"),
    support("version that only begins alike", OPEN, engine="postgres", engineVersion="160"),
    support("engine unknown", OPEN, engine=UNKNOWN, engineVersion="13"),
    support("engine unset", OPEN, says="the snapshot or the source decides", engineVersion="13"),
    support("aurora not in the facts", OPEN, CLUSTER, engine="aurora", engineVersion="5.6"),
    support("version a number", OPEN, engine="postgres", engineVersion=13),
    support("engine without extended support", SKIP, says="mariadb has no", engine="mariadb", engineVersion="10.6"),
    Case("COST-RDS-002", "another type", SKIP, (OTHER,)),
)

CASES = (*SMALL, *SUPPORT)
