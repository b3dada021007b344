"""Arguments of `Database`."""

import dataclasses
import re
from typing import Optional

import pulumi

from components._core.args import in_range, one_of, require
from components._core.durability import Durability
from components.database import engine

# docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, read 2026-11-23.
_IDENTIFIER = re.compile(r"^[a-z](?:-?[a-z0-9]){0,62}$")
_SQL_NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")
_RESERVED_USERS = ("postgres", "rdsadmin", "admin")
# Bounds of gp3 for PostgreSQL, GiB: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html, same
# day.
_STORAGE = (20, 65536)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """Arguments of `Database`."""

    identifier: str
    """Name of the instance in AWS: lower-case letters, digits, single dashes, at most 63."""

    database_name: str
    """Name of the first database: lower-case letters, digits, underscores."""

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

    allow_major_upgrade: Optional[bool] = None
    """Whether a changed `engine_version` may upgrade in place, with downtime. Default: no."""

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
    """Weekly window of maintenance, UTC; must not touch the backups'. Default: sun:04:00-sun:05:00."""

    alarm_topic_arn: Optional[pulumi.Input[str]] = None
    """SNS topic of the alarms on storage and CPU. Default: no alarms."""

    durability: Optional[Durability] = None
    """Resistance to loss: protection, backups, final snapshot, Multi-AZ. Default: protected."""

    def __post_init__(self) -> None:
        require(
            bool(_IDENTIFIER.match(self.identifier)),
            "identifier",
            f"{self.identifier!r} is not a database identifier; use lower-case letters, digits and single "
            "dashes, a letter first, at most 63 characters",
        )
        for path in ("database_name", "user_name"):
            value = getattr(self, path)
            require(
                bool(_SQL_NAME.match(value)),
                path,
                f"{value!r} is not a plain name; use lower-case letters, digits and underscores, "
                "a letter first, at most 63 characters",
            )
        require(
            self.user_name not in _RESERVED_USERS,
            "user_name",
            f"{self.user_name!r} is a name that guessers try; use another than {', '.join(_RESERVED_USERS)}",
        )
        one_of(self.version, engine.version_names(), "engine_version")
        require(
            (self.instance_class or "db.").startswith("db."),
            "instance_class",
            f"{self.instance_class!r} is not a database class; use one that begins with db., as db.t4g.small",
        )
        in_range(self.storage, *_STORAGE, "storage_gib", "GiB")
        in_range(self.max_storage, self.storage, _STORAGE[1], "max_storage_gib", "GiB")

    @property
    def version(self) -> str:
        """Major version of PostgreSQL."""
        return self.engine_version or engine.DEFAULT_VERSION

    @property
    def storage(self) -> int:
        """Storage at the start, in GiB."""
        return self.storage_gib if self.storage_gib is not None else _STORAGE[0]

    @property
    def max_storage(self) -> int:
        """Bound of the storage's own growth, in GiB."""
        grown = min(5 * self.storage, _STORAGE[1])
        return self.max_storage_gib if self.max_storage_gib is not None else grown
