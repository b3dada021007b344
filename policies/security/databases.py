"""RDS databases and ElastiCache caches: encryption, exposure, recovery."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from policies._engine.build import differs, each, rule, some
from policies._engine.model import Resource
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies.security.data_stores import own_key_where

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"

MULTI_AZ_ENGINES = ("mysql", "postgres")
"""Engines of clusters that are no Aurora: three instances in three zones from the start."""

REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
SERVERLESS_CACHE = "aws:elasticache/serverlessCache:ServerlessCache"

OUTSIDE_PRODUCTION = {"sandbox": False, "development": False, "staging": False}


class EncryptionParams(Params):
    """Parameters of SEC-RDS-001."""

    own_key: ByEnvironment[bool] = Field(default={"default": False})
    """Where the key must be a customer managed one."""


@rule(
    "SEC-RDS-001",
    "rds-database-require-encryption-and-private-access",
    "RDS databases are encrypted and not reachable from the internet",
    on=(INSTANCE, CLUSTER, MEMBER),
    params=EncryptionParams,
    severity=Severity.CRITICAL,
    rationale="A public address lets anyone try passwords and flaws; an unencrypted disk or snapshot is read wherever "
    "it ends up. Encryption cannot be switched on later.",
    controls=(
        "fsbp:RDS.2",
        "fsbp:RDS.3",
        "fsbp:RDS.27",
        "checkov:CKV_AWS_16",
        "checkov:CKV_AWS_17",
        "checkov:CKV_AWS_96",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "nist-800-53:SC-28",
        "nist-800-53:SC-28(1)",
        "soc2:CC6.1",
        "soc2:CC6.6",
        "aisf:AISF-INFRA-05",
    ),
    bad="publicly_accessible=True,\nstorage_encrypted=False",
    remedy=(
        "Encrypt when the database is made and keep it in private subnets; reach it from the VPC. An existing one is "
        "encrypted by way of a snapshot's encrypted copy.",
        "publicly_accessible=False,\nstorage_encrypted=True, kms_key_id=key.arn",
    ),
)
def encrypted_and_private(database: Resource, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    """The instances of an Aurora cluster share its storage; each may have a public address of its own."""
    yield from each((_encrypted, _private), lambda part: part(database, ctx))


def _encrypted(database: Resource, ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    """Since 2026-02-18 new Aurora clusters are encrypted in any case (Aurora user guide, read 2026-11-23), but under
    a key of AWS, and older clusters and snapshots are not: it has to be written."""
    props = database.props
    if database.type == MEMBER:
        return
    if props.at("storageEncrypted") is not True and not _encrypted_otherwise(database):
        yield differs(props, "storageEncrypted", "true (unset is not encrypted, or not by a key of yours)")
    else:
        yield from own_key_where(ctx.params.own_key, props, "kmsKeyId", "aws/rds", ctx)


def _encrypted_otherwise(database: Resource) -> bool:
    """A replica in another region is encrypted by naming a key there, a serverless cluster (version 1) always."""
    if database.props.at("engineMode") == "serverless":
        return database.props.at("storageEncrypted") is None
    return _is_replica(database) and bool(database.props.at("kmsKeyId"))


def _is_replica(database: Resource) -> bool:
    source = "replicateSourceDb" if database.type == INSTANCE else "replicationSourceIdentifier"
    return bool(database.props.at(source))


def _private(database: Resource, _ctx: Context[EncryptionParams]) -> Iterator[Outcome]:
    props = database.props
    if props.flag("publiclyAccessible"):
        yield differs(props, "publiclyAccessible", "false")
    elif props.at("publiclyAccessible") is None and _public_by_default(database):
        yield differs(props, "publiclyAccessible", "false (a Multi-AZ cluster in the default subnets is public)")


def _public_by_default(database: Resource) -> bool:
    if database.type != CLUSTER or database.props.text("engine") not in MULTI_AZ_ENGINES:
        return False
    return database.props.text("dbSubnetGroupName", "default") == "default"


class RecoveryParams(Params):
    """Parameters of SEC-RDS-002."""

    backup_days: ByEnvironment[Annotated[int, Field(ge=1, le=35)]] = Field(
        default={"default": 7, "sandbox": 1, "development": 1}
    )
    """Fewest days that automated backups are kept; RDS keeps them for 35 at most."""

    deletion_protection: ByEnvironment[bool] = Field(default={"default": True, **OUTSIDE_PRODUCTION})
    """Where a database must refuse to be deleted."""

    multi_az: ByEnvironment[bool] = Field(default={"default": True, **OUTSIDE_PRODUCTION})
    """Where an instance must have a standby in another zone."""


@rule(
    "SEC-RDS-002",
    "rds-database-require-recovery",
    "RDS databases have backups; in production also a standby, and they refuse deletion",
    on=(INSTANCE, CLUSTER),
    params=RecoveryParams,
    severity=Severity.HIGH,
    rationale="Experiments, features and registered models are in the database: a wrong statement, a lost zone or one "
    "destroy would end them.",
    controls=(
        "fsbp:RDS.11",
        "fsbp:RDS.7",
        "fsbp:RDS.8",
        "fsbp:RDS.5",
        "checkov:CKV_AWS_133",
        "checkov:CKV_AWS_139",
        "checkov:CKV_AWS_157",
        "checkov:CKV_AWS_293",
        "nist-800-53:CP-9",
        "nist-800-53:CP-10",
        "nist-800-53:CM-3",
        "nist-800-53:SC-5(2)",
        "soc2:A1.2",
    ),
    bad="backup_retention_period=0,\ndeletion_protection=False, multi_az=False",
    remedy=(
        "Keep backups for a week or more; in production switch on deletion protection and Multi-AZ.",
        "backup_retention_period=7,\ndeletion_protection=True, multi_az=True",
    ),
)
def recoverable(database: Resource, ctx: Context[RecoveryParams]) -> Iterator[Outcome]:
    """Whether an Aurora cluster has instances in two zones is told by resources of their own, and not judged here."""
    outcomes = list(each((_backups, _protected, _standby), lambda part: part(database, ctx)))
    if outcomes and _is_replica(database):
        raise NotApplicable("a read replica holds what its source holds")
    yield from outcomes


def _backups(database: Resource, ctx: Context[RecoveryParams]) -> Iterator[Outcome]:
    """The provider's default is none for an instance, one day for a cluster."""
    table = ctx.params.backup_days
    days = database.props.number("backupRetentionPeriod", 0 if database.type == INSTANCE else 1)
    if days < max(table.values()) and days < ctx.by_environment(table):
        yield differs(database.props, "backupRetentionPeriod", f"{ctx.by_environment(table)} days or more")


def _protected(database: Resource, ctx: Context[RecoveryParams]) -> Iterator[Outcome]:
    if not database.props.flag("deletionProtection") and ctx.by_environment(ctx.params.deletion_protection):
        yield differs(database.props, "deletionProtection", "true (the default is false)")


def _standby(database: Resource, ctx: Context[RecoveryParams]) -> Iterator[Outcome]:
    if database.type == INSTANCE and not database.props.flag("multiAz") and ctx.by_environment(ctx.params.multi_az):
        yield differs(database.props, "multiAz", "true (the default is false)")


class CacheParams(Params):
    """Parameters of SEC-RED-001."""

    own_key: ByEnvironment[bool] = Field(default={"default": False})
    """Where the key must be a customer managed one."""

    failover: ByEnvironment[bool] = Field(default={"default": True, **OUTSIDE_PRODUCTION})
    """Where a replica must take over by itself."""


@rule(
    "SEC-RED-001",
    "elasticache-cache-require-encryption-and-authentication",
    "Caches are encrypted, ask who calls, and in production fail over",
    on=(REPLICATION_GROUP, SERVERLESS_CACHE),
    params=CacheParams,
    severity=Severity.HIGH,
    rationale="A cache without users serves features and sessions to every pod that reaches it, in the clear, and is "
    "gone with its node.",
    controls=(
        "fsbp:ElastiCache.3",
        "fsbp:ElastiCache.4",
        "fsbp:ElastiCache.5",
        "fsbp:ElastiCache.6",
        "checkov:CKV_AWS_29",
        "checkov:CKV_AWS_30",
        "checkov:CKV_AWS_31",
        "checkov:CKV2_AWS_50",
        "nist-800-53:AC-3",
        "nist-800-53:CP-10",
        "nist-800-53:SC-8",
        "nist-800-53:SC-28",
        "soc2:CC6.1",
        "soc2:CC6.7",
    ),
    bad='aws.elasticache.ReplicationGroup(name, description="Features", engine="redis")',
    remedy=(
        "Switch on both encryptions, attach a user group (or an auth token), and let a replica take over.",
        "at_rest_encryption_enabled=True, transit_encryption_enabled=True,\n"
        "user_group_ids=[group.user_group_id],\n"
        "automatic_failover_enabled=True, num_cache_clusters=2",
    ),
)
def guarded_cache(cache: Resource, ctx: Context[CacheParams]) -> Iterator[Outcome]:
    """A serverless cache is always encrypted and spread over zones (ElastiCache user guide, read 2026-11-23)."""
    serverless = cache.type == SERVERLESS_CACHE
    parts = (_users, _serverless_key) if serverless else (_at_rest, _in_transit, _authenticated, _failover)
    yield from each(parts, lambda part: part(cache, ctx))


def _at_rest(cache: Resource, ctx: Context[CacheParams]) -> Iterator[Outcome]:
    """The default is false for Redis, true for Valkey."""
    given = cache.props.at("atRestEncryptionEnabled")
    if given is None and cache.props.text("engine", "redis") == "valkey":
        given = True
    if given is not True:
        _not_secondary(cache)
        yield differs(cache.props, "atRestEncryptionEnabled", "true (the default is false for redis)")
    else:
        yield from own_key_where(ctx.params.own_key, cache.props, "kmsKeyId", "a key of ElastiCache", ctx)


def _in_transit(cache: Resource, _ctx: Context[CacheParams]) -> Iterator[Outcome]:
    """In mode `preferred` the cache also takes connections without TLS."""
    if cache.props.at("transitEncryptionEnabled") is not True:
        _not_secondary(cache)
        yield differs(cache.props, "transitEncryptionEnabled", "true (the default is false)")
    elif cache.props.at("transitEncryptionMode", "required") != "required":
        yield differs(cache.props, "transitEncryptionMode", '"required"')


def _not_secondary(cache: Resource) -> None:
    if cache.props.at("globalReplicationGroupId"):
        raise NotApplicable("a member of a global replication group is encrypted as the primary is")


def _authenticated(cache: Resource, _ctx: Context[CacheParams]) -> Iterator[Outcome]:
    if not some(("userGroupIds", "authToken", "authTokenWo"), lambda prop: bool(cache.props.at(prop))):
        yield Finding("neither userGroupIds nor authToken is set: whoever reaches the cache may read and write it")


def _failover(cache: Resource, ctx: Context[CacheParams]) -> Iterator[Outcome]:
    if not cache.props.flag("automaticFailoverEnabled") and ctx.by_environment(ctx.params.failover):
        yield differs(cache.props, "automaticFailoverEnabled", "true (the default is false)")


def _users(cache: Resource, _ctx: Context[CacheParams]) -> Iterator[Outcome]:
    if not cache.props.at("userGroupId"):
        if cache.props.text("engine") == "memcached":
            raise NotApplicable("Memcached knows no users")
        yield differs(cache.props, "userGroupId", "a user group (the default user needs no password)")


def _serverless_key(cache: Resource, ctx: Context[CacheParams]) -> Iterator[Outcome]:
    yield from own_key_where(ctx.params.own_key, cache.props, "kmsKeyId", "a key of ElastiCache", ctx)


RULES = (encrypted_and_private, recoverable, guarded_cache)
