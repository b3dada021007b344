"""The feature store's databases, as they were on the laptop of their author.

Public, because the office had no VPN that week; no encryption, because it cannot be switched on afterwards; no backups,
on gp2, in versions that were current then. Nobody has changed the password since, the cache asks nobody who calls, and
the files beside them are as EFS makes them.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "feature-store", data_class="feature")


def program() -> None:
    """Secret, two databases, a cache, and the shared files of the notebooks that use them."""
    watch_spending("feature-store")
    password = pulumi.Output.secret("features-2021")
    secret = aws.secretsmanager.Secret("features-password", name="features/password")
    aws.secretsmanager.SecretVersion("features-password", secret_id=secret.id, secret_string=password)
    features(password)
    aws.rds.Cluster(
        "metadata",
        cluster_identifier="metadata",
        engine="aurora-mysql",
        engine_version="5.7.mysql_aurora.2.11.2",
        master_username="admin",
        master_password=password,
        skip_final_snapshot=True,
    )
    aws.rds.ClusterInstance(
        "metadata-1",
        cluster_identifier="metadata",
        engine="aurora-mysql",
        instance_class="db.r6g.large",
        publicly_accessible=True,
    )
    aws.elasticache.ReplicationGroup(
        "online-features",
        replication_group_id="online-features",
        description="online features",
        engine="redis",
        node_type="cache.r6g.large",
        num_cache_clusters=1,
        at_rest_encryption_enabled=False,
        transit_encryption_enabled=False,
    )
    aws.efs.FileSystem("shared-files", creation_token="shared-files")


def features(password: pulumi.Output[str]) -> None:
    """The database itself."""
    aws.rds.Instance(
        "features",
        identifier="features",
        engine="postgres",
        engine_version="11.22",
        instance_class="db.r6g.xlarge",
        allocated_storage=200,
        storage_type="gp2",
        username="features",
        password=password,
        publicly_accessible=True,
        storage_encrypted=False,
        backup_retention_period=0,
        skip_final_snapshot=True,
    )
