"""A PostgreSQL instance on RDS: private, encrypted with a customer key, TLS only, password managed by AWS.

After this runs there is one instance in the private subnets that only the given security group reaches, its
subnet and parameter group, its log groups, and, when asked, alarms. The password lives in Secrets Manager,
where AWS rotates it every seven days; it is in no input, output or state. Cost: the instance class by the
hour (twice with Multi-AZ), storage by the GiB-month, 0.40 USD a month for the secret. Stateful: see
`durability`.
"""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.durability import Durability
from components._core.policy_documents import service_trust
from components.database import engine
from components.database.args import DatabaseArgs

_MONITORING_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
_LOGS = ("postgresql", "upgrade")
_GIB = 1024**3


class Database(PlatformComponent):
    """A PostgreSQL instance on RDS whose password only AWS and the readers of its secret know."""

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
        instance = self._make_instance(args, group)
        if args.alarm_topic_arn is not None:
            self._make_alarms(args, instance, args.alarm_topic_arn)
        self.endpoint = instance.address
        self.port = instance.port
        self.database_name = pulumi.Output.from_input(args.database_name)
        self.user_name = pulumi.Output.from_input(args.user_name)
        self.secret_arn = instance.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))
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
            for export in _LOGS
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
            self._child("monitoring-policy"), role=role.name, policy_arn=_MONITORING_POLICY, opts=self._opts()
        )
        return role

    def _make_instance(self, args: DatabaseArgs, group: aws.ec2.SecurityGroup) -> aws.rds.Instance:
        subnets = aws.rds.SubnetGroup(
            self._child("subnets"), subnet_ids=args.subnet_ids, tags=self._tags, opts=self._opts()
        )
        parameters = aws.rds.ParameterGroup(
            self._child("parameters"),
            family=engine.family(args.version),
            parameters=[{"name": key, "value": value} for key, value in engine.PARAMETERS.items()],
            tags=self._tags,
            opts=self._opts(),
        )
        return aws.rds.Instance(
            self._child("instance"),
            identifier=args.identifier,
            engine="postgres",
            engine_version=args.version,
            # Otherwise RDS begins to bill extended support by itself on the day that standard support ends.
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            allow_major_version_upgrade=bool(args.allow_major_upgrade),
            auto_minor_version_upgrade=True,
            instance_class=args.instance_class or "db.t4g.small",
            db_name=args.database_name,
            username=args.user_name,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.key_arn,
            iam_database_authentication_enabled=True,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            port=engine.PORT,
            publicly_accessible=False,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[group.id],
            **_storage(args),
            **_keeping(args),
            enabled_cloudwatch_logs_exports=list(_LOGS),
            monitoring_interval=60,
            monitoring_role_arn=self._make_monitoring_role().arn,
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key_arn,
            performance_insights_retention_period=7,
            tags=self._tags,
            opts=self._opts(durability.stateful(args.durability), depends_on=self._make_log_groups(args)),
        )

    def _make_alarms(self, args: DatabaseArgs, instance: aws.rds.Instance, topic_arn: pulumi.Input[str]) -> None:
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


def _storage(args: DatabaseArgs) -> dict[str, Any]:
    """Return the instance's inputs on its storage."""
    return {
        "storage_type": "gp3",
        "allocated_storage": args.storage,
        "max_allocated_storage": args.max_storage,
        "storage_encrypted": True,
        "kms_key_id": args.key_arn,
    }


def _keeping(args: DatabaseArgs) -> dict[str, Any]:
    """Return the instance's inputs on availability, backups and deletion, from its durability."""
    chosen = durability.rules(args.durability)
    return {
        "multi_az": chosen.multi_az if args.multi_az is None else args.multi_az,
        "backup_retention_period": chosen.backup_retention_days,
        "backup_window": args.backup_window or "02:00-03:00",
        "maintenance_window": args.maintenance_window or "sun:04:00-sun:05:00",
        "apply_immediately": args.durability is Durability.EPHEMERAL,
        "copy_tags_to_snapshot": True,
        "delete_automated_backups": not chosen.deletion_protection,
        "deletion_protection": chosen.deletion_protection,
        "skip_final_snapshot": not chosen.final_snapshot,
        # One fixed name: a second destroy under the same identifier asks to move or delete the first
        # snapshot.
        "final_snapshot_identifier": f"{args.identifier}-final" if chosen.final_snapshot else None,
    }
