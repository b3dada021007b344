"""Cases of the rules on databases and caches."""

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
    Case,
    Spec,
    secret,
)

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache"

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
SAFE: dict[str, Any] = {"backupRetentionPeriod": 7, "deletionProtection": True, "multiAz": True}
GUARDED: dict[str, Any] = {
    "engine": "redis",
    "atRestEncryptionEnabled": True,
    "transitEncryptionEnabled": True,
    "userGroupIds": ["team"],
    "automaticFailoverEnabled": True,
}


def instance(**props: Any) -> tuple[Spec, ...]:
    return (Spec(INSTANCE, {"engine": "postgres", **props}),)


def cluster(**props: Any) -> tuple[Spec, ...]:
    return (Spec(CLUSTER, {"engine": "aurora-postgresql", **props}),)


def cache(**props: Any) -> tuple[Spec, ...]:
    return (Spec(CACHE, {**GUARDED, **props}),)


def serverless(**props: Any) -> tuple[Spec, ...]:
    return (Spec(SERVERLESS, {"engine": "valkey", **props}),)


OWN_KEY = {"own_key": {"default": True}}

CASES = (
    Case("SEC-RDS-001", "encrypted, private by default", PASS, instance(storageEncrypted=True)),
    Case("SEC-RDS-001", "both said", PASS, instance(storageEncrypted=True, publiclyAccessible=False)),
    Case("SEC-RDS-001", "secret", PASS, instance(storageEncrypted=secret(True))),
    Case("SEC-RDS-001", "cluster", PASS, cluster(storageEncrypted=True)),
    Case("SEC-RDS-001", "serverless of version 1, which always is", PASS, cluster(engineMode="serverless")),
    Case("SEC-RDS-001", "instance of a cluster", PASS, (Spec(MEMBER, {"publiclyAccessible": False}),)),
    Case(
        "SEC-RDS-001",
        "replica under a key of its region",
        PASS,
        instance(replicateSourceDb="arn:aws:rds:us-east-1:111122223333:db:main", kmsKeyId=KEY),
    ),
    Case(
        "SEC-RDS-001",
        "multi-az cluster in own subnets",
        PASS,
        cluster(engine="postgres", storageEncrypted=True, dbSubnetGroupName="private"),
    ),
    Case(
        "SEC-RDS-001",
        "multi-az cluster in the default subnets that says no",
        PASS,
        cluster(engine="postgres", storageEncrypted=True, publiclyAccessible=False),
    ),
    Case("SEC-RDS-001", "own key", PASS, instance(storageEncrypted=True, kmsKeyId=KEY), params=OWN_KEY),
    Case("SEC-RDS-001", "not encrypted", FAIL, instance(storageEncrypted=False), "storageEncrypted is false"),
    Case("SEC-RDS-001", "encryption left out", FAIL, instance(), "storageEncrypted is unset"),
    Case("SEC-RDS-001", "cluster without encryption", FAIL, cluster(), "storageEncrypted is unset"),
    Case(
        "SEC-RDS-001",
        "serverless of version 1 that says no",
        FAIL,
        cluster(engineMode="serverless", storageEncrypted=False),
    ),
    Case("SEC-RDS-001", "text instead of boolean", FAIL, instance(storageEncrypted="true")),
    Case(
        "SEC-RDS-001",
        "public",
        FAIL,
        instance(storageEncrypted=True, publiclyAccessible=True),
        "publiclyAccessible is true; wanted false",
    ),
    Case(
        "SEC-RDS-001",
        "public, encryption unknown",
        FAIL,
        instance(storageEncrypted=UNKNOWN_BOOL, publiclyAccessible=True),
        "publiclyAccessible is true",
    ),
    Case("SEC-RDS-001", "public instance of a cluster", FAIL, (Spec(MEMBER, {"publiclyAccessible": True}),)),
    *(
        Case(
            "SEC-RDS-001",
            f"multi-az cluster of {engine} in the default subnets",
            FAIL,
            cluster(engine=engine, storageEncrypted=True),
            "default subnets",
        )
        for engine in ("mysql", "postgres")
    ),
    Case("SEC-RDS-001", "no own key", FAIL, instance(storageEncrypted=True), "kmsKeyId is unset", OWN_KEY),
    Case("SEC-RDS-001", "replica without key", FAIL, instance(replicateSourceDb="main")),
    Case("SEC-RDS-001", "encryption unknown", OPEN, instance(storageEncrypted=UNKNOWN_BOOL)),
    Case("SEC-RDS-001", "address unknown", OPEN, instance(storageEncrypted=True, publiclyAccessible=UNKNOWN_BOOL)),
    Case("SEC-RDS-001", "address is a text", OPEN, instance(storageEncrypted=True, publiclyAccessible="no")),
    Case("SEC-RDS-001", "perhaps a replica", OPEN, instance(replicateSourceDb=UNKNOWN)),
    Case(
        "SEC-RDS-001",
        "multi-az cluster in unknown subnets",
        OPEN,
        cluster(engine="mysql", storageEncrypted=True, dbSubnetGroupName=UNKNOWN),
    ),
    Case("SEC-RDS-001", "key unknown", OPEN, instance(storageEncrypted=True, kmsKeyId=UNKNOWN), params=OWN_KEY),
    Case("SEC-RDS-001", "another type", SKIP, (OTHER,)),
    Case("SEC-RDS-002", "safe everywhere", PASS, instance(**SAFE)),
    Case("SEC-RDS-002", "a replica that is as safe", PASS, instance(**SAFE, replicateSourceDb="main")),
    Case("SEC-RDS-002", "staging", PASS, instance(backupRetentionPeriod=7), environment="staging"),
    Case("SEC-RDS-002", "development", PASS, instance(backupRetentionPeriod=1), environment="development"),
    Case("SEC-RDS-002", "cluster, with its default of a day", PASS, cluster(), environment="sandbox"),
    Case(
        "SEC-RDS-002",
        "cluster in production",
        PASS,
        cluster(backupRetentionPeriod=35, deletionProtection=True),
        environment="production",
    ),
    Case(
        "SEC-RDS-002",
        "no backups by default",
        FAIL,
        instance(),
        "backupRetentionPeriod is unset; wanted 1 days or more",
        environment="sandbox",
    ),
    Case(
        "SEC-RDS-002",
        "a day in production",
        FAIL,
        instance(**{**SAFE, "backupRetentionPeriod": 1}),
        "backupRetentionPeriod is 1; wanted 7 days or more",
        environment="production",
    ),
    Case(
        "SEC-RDS-002",
        "a cluster keeps one day by default",
        FAIL,
        cluster(deletionProtection=True),
        params={"backup_days": {"default": 2}},
    ),
    Case("SEC-RDS-002", "half a day", FAIL, instance(backupRetentionPeriod=0.5), "is 0.5", environment="sandbox"),
    Case("SEC-RDS-002", "cluster in staging", FAIL, cluster(), "backupRetentionPeriod is unset", environment="staging"),
    Case(
        "SEC-RDS-002",
        "may be deleted",
        FAIL,
        instance(backupRetentionPeriod=7, multiAz=True),
        "deletionProtection is unset",
        environment="production",
    ),
    Case(
        "SEC-RDS-002",
        "one zone",
        FAIL,
        instance(backupRetentionPeriod=7, deletionProtection=True, multiAz=False),
        "multiAz is false",
        environment="production",
    ),
    Case(
        "SEC-RDS-002",
        "an environment of its own counts as production",
        FAIL,
        instance(backupRetentionPeriod=7),
        environment="live",
    ),
    Case(
        "SEC-RDS-002",
        "one zone, backups unknown",
        FAIL,
        instance(**{**SAFE, "backupRetentionPeriod": UNKNOWN, "multiAz": False}),
        "multiAz is false",
        environment="production",
    ),
    Case(
        "SEC-RDS-002",
        "more days by parameter",
        FAIL,
        instance(**SAFE),
        "wanted 30 days",
        {"backup_days": {"default": 30}},
    ),
    Case("SEC-RDS-002", "backups unknown", OPEN, instance(**{**SAFE, "backupRetentionPeriod": UNKNOWN})),
    Case("SEC-RDS-002", "backups a text", OPEN, instance(**{**SAFE, "backupRetentionPeriod": "7"}), "a number was"),
    Case(
        "SEC-RDS-002",
        "backups a boolean",
        OPEN,
        instance(**{**SAFE, "backupRetentionPeriod": True}),
        "a number was expected",
    ),
    Case("SEC-RDS-002", "protection unknown", OPEN, instance(**{**SAFE, "deletionProtection": UNKNOWN_BOOL})),
    Case("SEC-RDS-002", "environment not known", OPEN, instance(backupRetentionPeriod=7), "the environment"),
    Case(
        "SEC-RDS-002",
        "perhaps a replica",
        OPEN,
        instance(replicateSourceDb=UNKNOWN),
        environment="production",
    ),
    Case("SEC-RDS-002", "a replica", SKIP, instance(replicateSourceDb="main"), "its source", environment="production"),
    Case(
        "SEC-RDS-002",
        "a cluster that is a replica",
        SKIP,
        cluster(replicationSourceIdentifier="arn:aws:rds:us-east-1:111122223333:cluster:main"),
        environment="production",
    ),
    Case("SEC-RDS-002", "instance of a cluster", SKIP, (Spec(MEMBER, {}),)),
    Case("SEC-RED-001", "guarded", PASS, cache()),
    Case("SEC-RED-001", "by a token", PASS, cache(userGroupIds=[], authToken=secret("a-long-token-of-16"))),
    Case(
        "SEC-RED-001", "by a token that is not kept", PASS, cache(userGroupIds=None, authTokenWo=secret("a-token-16"))
    ),
    Case("SEC-RED-001", "group of the same stack", PASS, cache(userGroupIds=[UNKNOWN])),
    Case(
        "SEC-RED-001",
        "valkey, encrypted at rest by default",
        PASS,
        cache(engine="valkey", atRestEncryptionEnabled=None),
    ),
    Case("SEC-RED-001", "one node", PASS, cache(automaticFailoverEnabled=False), environment="development"),
    Case("SEC-RED-001", "serverless", PASS, serverless(userGroupId="team")),
    Case("SEC-RED-001", "serverless memcached", PASS, serverless(engine="memcached")),
    Case(
        "SEC-RED-001",
        "member of a global group",
        PASS,
        cache(
            globalReplicationGroupId="global-1",
            engine=None,
            atRestEncryptionEnabled=None,
            transitEncryptionEnabled=None,
        ),
    ),
    Case("SEC-RED-001", "own key", PASS, cache(kmsKeyId=KEY), params=OWN_KEY),
    Case(
        "SEC-RED-001",
        "nothing said",
        FAIL,
        (Spec(CACHE, {"description": "Features"}),),
        "neither userGroupIds nor authToken is set",
        environment="production",
    ),
    Case(
        "SEC-RED-001",
        "redis, not encrypted by default",
        FAIL,
        cache(atRestEncryptionEnabled=None),
        "atRestEncryptionEnabled is unset",
    ),
    Case("SEC-RED-001", "valkey that says no", FAIL, cache(engine="valkey", atRestEncryptionEnabled=False)),
    Case(
        "SEC-RED-001", "in the clear", FAIL, cache(transitEncryptionEnabled=False), "transitEncryptionEnabled is false"
    ),
    Case(
        "SEC-RED-001",
        "also in the clear",
        FAIL,
        cache(transitEncryptionMode="preferred"),
        'transitEncryptionMode is "preferred"',
    ),
    Case("SEC-RED-001", "text instead of boolean", FAIL, cache(transitEncryptionEnabled="true")),
    Case("SEC-RED-001", "no users", FAIL, cache(userGroupIds=[]), "whoever reaches the cache"),
    Case(
        "SEC-RED-001",
        "no failover",
        FAIL,
        cache(automaticFailoverEnabled=None),
        "automaticFailoverEnabled is unset",
        environment="production",
    ),
    Case(
        "SEC-RED-001",
        "in the clear, users unknown",
        FAIL,
        cache(transitEncryptionEnabled=False, userGroupIds=UNKNOWN_LIST),
        "transitEncryptionEnabled",
    ),
    Case("SEC-RED-001", "serverless without users", FAIL, serverless(), "userGroupId is unset"),
    Case("SEC-RED-001", "no own key", FAIL, cache(), "kmsKeyId is unset", OWN_KEY),
    Case("SEC-RED-001", "serverless without own key", FAIL, serverless(engine="memcached"), "kmsKeyId", OWN_KEY),
    Case("SEC-RED-001", "encryption unknown", OPEN, cache(atRestEncryptionEnabled=UNKNOWN_BOOL)),
    Case("SEC-RED-001", "engine unknown", OPEN, cache(engine=UNKNOWN, atRestEncryptionEnabled=None)),
    Case("SEC-RED-001", "users unknown", OPEN, cache(userGroupIds=UNKNOWN_LIST)),
    Case(
        "SEC-RED-001",
        "perhaps of a global group",
        OPEN,
        cache(atRestEncryptionEnabled=None, globalReplicationGroupId=UNKNOWN),
    ),
    Case("SEC-RED-001", "environment not known", OPEN, cache(automaticFailoverEnabled=False), "the environment"),
    Case("SEC-RED-001", "failover a text", OPEN, cache(automaticFailoverEnabled="yes"), "a boolean was expected"),
    Case("SEC-RED-001", "group of a serverless cache unknown", OPEN, serverless(userGroupId=UNKNOWN)),
    Case("SEC-RED-001", "another type", SKIP, (OTHER,)),
)
