"""How much a stateful component resists being lost: one choice that sets protection, retention and backups."""

import dataclasses
import enum
from typing import Optional

import pulumi


class Durability(enum.StrEnum):
    """What happens to data when a resource is removed from the program or the stack is destroyed."""

    EPHEMERAL = "ephemeral"
    """Data goes with the stack: no protection, one day of backups, buckets are emptied on destroy. Sandbox, dev."""

    STANDARD = "standard"
    """A destroy works but keeps a final snapshot; 7 days of backups. Staging."""

    PROTECTED = "protected"
    """Pulumi refuses to delete it, AWS refuses too, data stays if the resource leaves the program; 35 days."""


@dataclasses.dataclass(frozen=True)
class DurabilityRules:
    """The settings that follow from one `Durability`."""

    protect: bool
    retain_on_delete: bool
    deletion_protection: bool
    final_snapshot: bool
    force_destroy: bool
    backup_retention_days: int
    multi_az: bool
    key_deletion_window_days: int
    secret_recovery_window_days: int


# 35 days is the longest automated backup retention of RDS, 7 and 30 are the bounds of a KMS deletion window
# (AWS API references of CreateDBInstance and ScheduleKeyDeletion, read 2026-11-23).
_RULES = {
    Durability.EPHEMERAL: DurabilityRules(
        protect=False,
        retain_on_delete=False,
        deletion_protection=False,
        final_snapshot=False,
        force_destroy=True,
        backup_retention_days=1,
        multi_az=False,
        key_deletion_window_days=7,
        secret_recovery_window_days=0,
    ),
    Durability.STANDARD: DurabilityRules(
        protect=False,
        retain_on_delete=False,
        deletion_protection=False,
        final_snapshot=True,
        force_destroy=False,
        backup_retention_days=7,
        multi_az=False,
        key_deletion_window_days=30,
        secret_recovery_window_days=7,
    ),
    Durability.PROTECTED: DurabilityRules(
        protect=True,
        retain_on_delete=True,
        deletion_protection=True,
        final_snapshot=True,
        force_destroy=False,
        backup_retention_days=35,
        multi_az=True,
        key_deletion_window_days=30,
        secret_recovery_window_days=30,
    ),
}


def rules(durability: Optional[Durability]) -> DurabilityRules:
    """Return the settings of a durability; None means the safe one, `PROTECTED`."""
    return _RULES[durability or Durability.PROTECTED]


def stateful(durability: Optional[Durability]) -> pulumi.ResourceOptions:
    """Return the resource options of a resource that holds data: `protect` and `retain_on_delete`."""
    chosen = rules(durability)
    return pulumi.ResourceOptions(protect=chosen.protect, retain_on_delete=chosen.retain_on_delete)
