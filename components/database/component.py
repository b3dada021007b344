"""A PostgreSQL instance on RDS: private, encrypted with a customer key, TLS only, password managed by AWS.

After this runs there is one instance in the private subnets that only the given security group reaches, its subnet
and parameter group, its log groups, and, when asked, alarms. The password lives in Secrets Manager, rotated by AWS
every seven days; it is in no input, output or state. Cost: the instance class by the hour (twice with Multi-AZ),
storage by the GiB-month, 0.40 USD a month for the secret. Stateful: `durability` decides protection and backups.
"""

import dataclasses
import re
from typing import Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.args import coerce, in_range, one_of, require
from components._core.base import PlatformComponent
from components._core.durability import Durability
from components._core.policy_documents import service_trust
from components.database import engine

# docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, read 2026-11-23.
_IDENTIFIER = re.compile(r"^[a-z](?:-?[a-z0-9]){0,62}$")
_SQL_NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")
_RESERVED_USERS = ("postgres", "rdsadmin", "admin")
_MONITORING_ROLE = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
_GIB = 1024**3


@dataclasses.dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """Arguments of `Database`."""

    identifier: str
    """Physical name of the instance, unique in account and region; at most 63 lower-case letters, digits, single dashes."""

    database_name: str
    """Name of the first database, lower-case letters, digits and underscores."""

    user_name: str
    """Name of the master user; not one of the well-known names, which password guessers try first."""

    vpc_id: pulumi.Input[str]
    """VPC of the security group."""

    subnet_ids: pulumi.Input[list[pulumi.Input[str]]]
    """Private subnets in at least two zones."""

    client_security_group_id: pulumi.Input[str]
    """The only security group that may connect, for example the cluster's."""

    key_arn: pulumi.Input[str]
    """KMS key of storage, backups, the password secret and Performance Insights."""

    log_key_arn: pulumi.Input[str]
    """KMS key of the log groups."""

    log_retention_days: Optional[int] = None
    """Days that logs are kept. Default: 90."""

    engine_version: Optional[str] = None
    """Major version of PostgreSQL. Default: 18, the newest in standard support."""

    instance_class: Optional[str] = None
    """Instance class. Default: db.t4g.small."""

    storage_gib: Optional[int] = None
    """Storage at the start, gp3, in GiB. Default: 20, the least that gp3 has."""

    max_storage_gib: Optional[int] = None
    """Bound up to which RDS grows the storage by itself, in GiB. Default: five times `storage_gib`."""

    multi_az: Optional[bool] = None
    """Whether a standby in another zone takes over on failure. Default: as `durability` says."""

    backup_window: Optional[str] = None
    """Daily window of backups, UTC. Default: 02:00-03:00."""

    maintenance_window: Optional[str] = None
    """Weekly window of maintenance, UTC; must not touch the backup window. Default: sun:04:00-sun:05:00."""

    alarm_topic_arn: Optional[pulumi.Input[str]] = None
    """SNS topic of the alarms on storage and CPU. Default: no alarms."""

    durability: Optional[Durability] = None
    """Resistance to loss: protection, backups, final snapshot, Multi-AZ. Default: protected."""

    def __post_init__(self) -> None:
        require(
            bool(_IDENTIFIER.match(self.identifier)),
            "identifier",
            f"{self.identifier!r} is not a database identifier; use lower-case letters, digits and single dashes, "
            "a letter first, at most 63 characters",
        )
        for path in ("database_name", "user_name"):
            value = getattr(self, path)
            require(
                bool(_SQL_NAME.match(value)),
                path,
                f"{value!r} is not a plain name; use lower-case letters, digits and underscores, a letter first",
            )
        require(
            self.user_name not in _RESERVED_USERS,
            "user_name",
            f"{self.user_name!r} is a name that guessers try; use another than {', '.join(_RESERVED_USERS)}",
        )
        one_of(self.engine_version or engine.DEFAULT_VERSION, engine.version_names(), "engine_version")
        require(
            (self.instance_class or "db.").startswith("db."),
            "instance_class",
            f"{self.instance_class!r} is not a database class; database classes begin with db., as db.t4g.small",
        )
        # gp3 for PostgreSQL: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html, read 2026-11-23.
        in_range(self.storage, 20, 65536, "storage_gib", "GiB")
        in_range(self.max_storage, self.storage, 65536, "max_storage_gib", "GiB")

    @property
    def storage(self) -> int:
        """Storage at the start, in GiB."""
        return self.storage_gib or 20

    @property
    def max_storage(self) -> int:
        """Bound of the storage's own growth, in GiB."""
        return self.max_storage_gib or min(5 * self.storage, 65536)


class Database(PlatformComponent):
    """A PostgreSQL instance on RDS whose password only AWS and its readers in Secrets Manager know."""

    endpoint: pulumi.Output[str]
    """Host name of the instance, without port."""

    port: pulumi.Output[int]
    """Port of the instance."""

    database_name: pulumi.Output[str]
    """Name of the database."""

    user_name: pulumi.Output[str]
    """Name of the master user."""

    secret_arn: pulumi.Output[str]
    """ARN of the secret with the keys `username` and `password`; rotated every seven days."""

    security_group_id: pulumi.Output[str]
    """Security group of the instance."""

    def __init__(self, name: str, args: DatabaseArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Database", name, opts)
        args = coerce(DatabaseArgs, args)
        self._tags = conventions.tags("database", data_class="metadata")
        group = self._make_security_group(args)
        logs = self._make_log_groups(args)
        instance = self._make_instance(args, group, logs)
        if args.alarm_topic_arn is not None:
            self._make_alarms(args, instance, args.alarm_topic_arn)
        self.endpoint = instance.address
        self.port = instance.port
        self.database_name = pulumi.Output.from_input(args.database_name)
        self.user_name = pulumi.Output.from_input(args.user_name)
        self.secret_arn = instance.master_user_secrets.apply(lambda secrets: secrets[0]["secret_arn"])
        self.security_group_id = group.id
        self._register()

    def _make_security_group(self, args: DatabaseArgs) -> aws.ec2.SecurityGroup:
        """Create a group that lets PostgreSQL in from the clients and nothing out."""
        group = aws.ec2.SecurityGroup(
            self._child("access"),
            description=f"PostgreSQL {args.identifier}: from its clients only",
            vpc_id=args.vpc_id,
            tags=self._tags,
            opts=self._opts(),
        )
        aws.vpc.SecurityGroupIngressRule(
            self._child("clients"),
            security_group_id=group.id,
            referenced_security_group_id=args.client_security_group_id,
            ip_protocol="tcp",
            from_port=engine.PORT,
            to_port=engine.PORT,
            description="PostgreSQL from the clients",
            tags=self._tags,
            opts=self._opts(),
        )
        return group

    def _make_log_groups(self, args: DatabaseArgs) -> list[pulumi.Resource]:
        """Create the log groups before RDS does, which would leave them without key and without end."""
        return [
            aws.cloudwatch.LogGroup(
                self._child(f"{export}-log"),
                name=f"/aws/rds/instance/{args.identifier}/{export}",
                retention_in_days=args.log_retention_days or 90,
                kms_key_id=args.log_key_arn,
                tags=conventions.tags("database", data_class="log"),
                opts=self._opts(),
            )
            for export in ("postgresql", "upgrade")
        ]

    def _make_monitoring_role(self) -> aws.iam.Role:
        """Create the role with which RDS writes operating-system metrics every minute."""
        role = aws.iam.Role(
            self._child("monitoring"),
            assume_role_policy=service_trust("monitoring.rds.amazonaws.com"),
            description="RDS enhanced monitoring",
            tags=self._tags,
            opts=self._opts(),
        )
        aws.iam.RolePolicyAttachment(
            self._child("monitoring-policy"), role=role.name, policy_arn=_MONITORING_ROLE, opts=self._opts()
        )
        return role

    def _make_instance(
        self, args: DatabaseArgs, group: aws.ec2.SecurityGroup, logs: list[pulumi.Resource]
    ) -> aws.rds.Instance:
        chosen = durability.rules(args.durability)
        version = args.engine_version or engine.DEFAULT_VERSION
        subnets = aws.rds.SubnetGroup(
            self._child("subnets"), subnet_ids=args.subnet_ids, tags=self._tags, opts=self._opts()
        )
        parameters = aws.rds.ParameterGroup(
            self._child("parameters"),
            family=engine.family(version),
            parameters=[{"name": key, "value": value} for key, value in engine.PARAMETERS.items()],
            tags=self._tags,
            # A group in use cannot be deleted: a new one is made and put in use first.
            opts=self._opts(delete_before_replace=False),
        )
        return aws.rds.Instance(
            self._child("instance"),
            identifier=args.identifier,
            engine="postgres",
            engine_version=version,
            # Without this RDS would begin to bill extended support on its own when standard support ends.
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            instance_class=args.instance_class or "db.t4g.small",
            ca_cert_identifier="rds-ca-rsa2048-g1",
            db_name=args.database_name,
            username=args.user_name,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            iam_database_authentication_enabled=True,
            port=engine.PORT,
            publicly_accessible=False,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[group.id],
            storage_type="gp3",
            allocated_storage=args.storage,
            max_allocated_storage=args.max_storage,
            storage_encrypted=True,
            kms_key_id=args.key_arn,
            multi_az=chosen.multi_az if args.multi_az is None else args.multi_az,
            backup_retention_period=chosen.backup_retention_days,
            backup_window=args.backup_window or "02:00-03:00",
            maintenance_window=args.maintenance_window or "sun:04:00-sun:05:00",
            copy_tags_to_snapshot=True,
            delete_automated_backups=not chosen.deletion_protection,
            deletion_protection=chosen.deletion_protection,
            skip_final_snapshot=not chosen.final_snapshot,
            final_snapshot_identifier=f"{args.identifier}-final" if chosen.final_snapshot else None,
            auto_minor_version_upgrade=True,
            apply_immediately=args.durability is Durability.EPHEMERAL,
            enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
            monitoring_interval=60,
            monitoring_role_arn=self._make_monitoring_role().arn,
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key_arn,
            performance_insights_retention_period=7,
            tags=self._tags,
            opts=self._opts(durability.stateful(args.durability), depends_on=logs),
        )

    def _make_alarms(
        self, args: DatabaseArgs, instance: aws.rds.Instance, topic_arn: pulumi.Input[str]
    ) -> None:
        """Create alarms: less than a tenth of the first storage free, CPU above 90 % for 15 minutes."""
        alarms = (
            ("storage", "FreeStorageSpace", "LessThanThreshold", args.storage * _GIB / 10),
            ("cpu", "CPUUtilization", "GreaterThanThreshold", 90.0),
        )
        for role, metric, comparison, threshold in alarms:
            aws.cloudwatch.MetricAlarm(
                self._child(f"{role}-alarm"),
                alarm_description=f"{args.identifier}: {metric} is past {threshold:g}",
                namespace="AWS/RDS",
                metric_name=metric,
                dimensions={"DBInstanceIdentifier": instance.identifier},
                statistic="Average",
                period=300,
                evaluation_periods=3,
                threshold=threshold,
                comparison_operator=comparison,
                treat_missing_data="missing",
                alarm_actions=[topic_arn],
                ok_actions=[topic_arn],
                tags=self._tags,
                opts=self._opts(),
            )
