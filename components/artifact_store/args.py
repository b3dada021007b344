"""Arguments of `ArtifactStore`: which buckets, how long objects stay, what is locked and replicated."""

import dataclasses
import enum
from typing import Optional

import pulumi

from components._core.args import in_range, require
from components._core.durability import Durability
from components.artifact_store import lifecycle, names

LONGEST_LOCK_DAYS = 36500
"""Longest default retention of Object Lock, 100 years (API reference of DefaultRetention, read 2026-11-23)."""

RELEASE_LOCK_DAYS = 365
"""Longest retention that a writer may put on a model, unless another is given."""


class BucketPurpose(enum.StrEnum):
    """What a bucket holds. Separate buckets have separate readers, writers and ends."""

    DATASETS = "datasets"
    """Training and evaluation data."""

    MODELS = "models"
    """Models, checkpoints and run artifacts; released ones can be locked."""

    FEATURES = "features"
    """Offline features and what jobs hand to each other."""

    LOGS = "logs"
    """Access logs of the other buckets."""


class LockMode(enum.StrEnum):
    """Who can lift an Object Lock before its date."""

    GOVERNANCE = "governance"
    """Principals with the right to bypass it; none of the roles made here has that right."""

    COMPLIANCE = "compliance"
    """Nobody, the account's root user included; not even to delete the bucket."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TierArgs:
    """Ages at which objects of one purpose move or end; replaces all ages of that purpose."""

    purpose: BucketPurpose
    """Bucket that it is about."""

    noncurrent_days: Optional[int] = None
    """Days that replaced and deleted versions are kept. Default: datasets 30, models 90, features 14, logs 7."""

    intelligent_tiering_days: Optional[int] = None
    """Age in days for Intelligent-Tiering, which then follows the reads. Default: never."""

    infrequent_access_days: Optional[int] = None
    """Age in days for Standard-IA, 30 or more. Default: never."""

    archive_days: Optional[int] = None
    """Age in days for Glacier Instant Retrieval, 30 or more after Standard-IA. Default: never."""

    expire_days: Optional[int] = None
    """Age in days at which objects are deleted. Default: never."""

    def schedule(self) -> lifecycle.Schedule:
        """Return these ages, with the purpose's own time for replaced versions where none is given."""
        kept = lifecycle.DEFAULTS[self.purpose.value].noncurrent_days
        return lifecycle.Schedule(
            noncurrent_days=kept if self.noncurrent_days is None else self.noncurrent_days,
            intelligent_tiering_days=self.intelligent_tiering_days,
            infrequent_access_days=self.infrequent_access_days,
            archive_days=self.archive_days,
            expire_days=self.expire_days,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReplicationArgs:
    """A copy of one bucket elsewhere. The destination exists, is versioned, and has Object Lock for models."""

    purpose: BucketPurpose
    """Bucket to copy; not the logs."""

    destination_bucket_arn: pulumi.Input[str]
    """ARN of the bucket that receives the copies, in this account."""

    destination_key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the copies, in the destination's region."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArtifactStoreArgs:
    """Arguments of `ArtifactStore`."""

    bucket_prefix: str
    """Begins the buckets' names, `<bucket_prefix>-<purpose>-<account_id>`: lower-case words joined by dashes."""

    account_id: pulumi.Input[str]
    """AWS account of the buckets, twelve digits."""

    region: str
    """AWS region of the buckets."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts every object but the access logs."""

    purposes: Optional[list[BucketPurpose]] = None
    """Buckets to make; logs is always among them. Default: all."""

    tiers: Optional[list[TierArgs]] = None
    """Ages at which objects move or end, of the purposes named. Default: those of `lifecycle.DEFAULTS`."""

    object_lock_mode: Optional[LockMode] = None
    """Who can lift a lock on a model. Default: governance."""

    object_lock_days: Optional[int] = None
    """Days for which every new object of the models bucket is locked. Default: none, a release locks its own."""

    release_lock_days: Optional[int] = None
    """Longest retention in days that a writer may put on a model. Default: 365."""

    replication: Optional[list[ReplicationArgs]] = None
    """Buckets that are copied elsewhere. Default: none."""

    durability: Optional[Durability] = None
    """Resistance to loss: protection, and whether a destroy empties the buckets. Default: protected."""

    def __post_init__(self) -> None:
        if isinstance(self.account_id, str):
            names.check_account(self.account_id)
        purposes = self.wanted()
        require(
            BucketPurpose.LOGS in purposes,
            "purposes",
            f"{', '.join(purposes)} is without logs, where the other buckets log their requests; add it",
        )
        require(
            len({*purposes}) == len(purposes),
            "purposes",
            f"{', '.join(purposes)} names one twice; name each purpose once",
        )
        names.check_prefix(self.bucket_prefix, max(purposes, key=len))
        self._check_tiers()
        self._check_lock()
        self._check_replication()

    def wanted(self) -> list[BucketPurpose]:
        """Return the purposes that get a bucket."""
        return list(BucketPurpose) if self.purposes is None else self.purposes

    def schedule(self, purpose: BucketPurpose) -> lifecycle.Schedule:
        """Return the ages of a purpose's objects."""
        given = {tier.purpose: tier.schedule() for tier in self.tiers or ()}
        return given.get(purpose, lifecycle.DEFAULTS[purpose.value])

    def _check_tiers(self) -> None:
        for index, tier in enumerate(self.tiers or ()):
            path = f"tiers[{index}]"
            earlier = [t.purpose for t in (self.tiers or ())[:index]]
            self._check_purpose(tier.purpose, earlier, f"{path}.purpose")
            lifecycle.check(tier.schedule(), path)

    def _check_lock(self) -> None:
        locked = {
            "object_lock_mode": self.object_lock_mode,
            "object_lock_days": self.object_lock_days,
            "release_lock_days": self.release_lock_days,
        }
        for name, value in locked.items():
            require(
                value is None or BucketPurpose.MODELS in self.wanted(),
                name,
                "is set, but there is no models bucket to lock; add models to purposes or leave it out",
            )
            if isinstance(value, int):
                in_range(value, 1, LONGEST_LOCK_DAYS, name, "days")
        require(
            self.object_lock_mode != LockMode.COMPLIANCE or self.durability != Durability.EPHEMERAL,
            "object_lock_mode",
            "compliance lets nobody delete a locked model, and ephemeral buckets go with their stack; "
            "use governance, or durability standard or protected",
        )

    def _check_replication(self) -> None:
        for index, copy in enumerate(self.replication or ()):
            path = f"replication[{index}].purpose"
            require(
                copy.purpose != BucketPurpose.LOGS,
                path,
                "logs is not replicated; each bucket's copy has access logs of its own",
            )
            self._check_purpose(copy.purpose, [r.purpose for r in (self.replication or ())[:index]], path)

    def _check_purpose(self, purpose: BucketPurpose, earlier: list[BucketPurpose], path: str) -> None:
        allowed = ", ".join(self.wanted())
        require(purpose in self.wanted(), path, f"{purpose} has no bucket; use one of {allowed}")
        require(purpose not in earlier, path, f"{purpose} is given twice; give each purpose once")
