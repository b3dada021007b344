"""What becomes of objects with time: cheaper storage, then an end. Pure data and checks.

Rules of S3 that are checked here: docs.aws.amazon.com/AmazonS3/latest/userguide/
lifecycle-transition-general-considerations.html, read 2026-11-23. S3 leaves objects below 128 KB where they are.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Optional

from components._core.args import in_range, require

ABORT_UPLOADS_DAYS = 7
"""Parts of an upload that nobody finishes cost as much as objects and show in no listing."""

INFREQUENT_MINIMUM_DAYS = 30
"""Youngest age for Standard-IA, and the shortest stay there before the next class."""

_LONGEST_DAYS = 36500


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Ages, in days since creation, at which objects of a bucket move or end; none means never."""

    noncurrent_days: int
    """Days that a version is kept after a newer one or a delete marker replaced it."""

    intelligent_tiering_days: Optional[int] = None
    infrequent_access_days: Optional[int] = None
    archive_days: Optional[int] = None
    expire_days: Optional[int] = None


DEFAULTS: Mapping[str, Schedule] = {
    # Datasets and models are read for months or never again, which nobody knows beforehand: Intelligent-Tiering
    # follows the reads and charges none of them.
    "datasets": Schedule(noncurrent_days=30, intelligent_tiering_days=30),
    "models": Schedule(noncurrent_days=90, intelligent_tiering_days=30),
    # Features are made from datasets and can be made again.
    "features": Schedule(noncurrent_days=14, intelligent_tiering_days=30),
    # Access logs are small files that no class change moves. 400 days: a year and time to audit it.
    "logs": Schedule(noncurrent_days=7, expire_days=400),
}
"""The schedule of each purpose, unless another is given."""


def check(schedule: Schedule, path: str) -> None:
    """Raise `ArgsError` where S3 would refuse the schedule."""
    in_range(schedule.noncurrent_days, 1, _LONGEST_DAYS, f"{path}.noncurrent_days", "days")
    for name in ("intelligent_tiering_days", "archive_days"):
        value = getattr(schedule, name)
        if value is not None:
            in_range(value, 0, _LONGEST_DAYS, f"{path}.{name}", "days")
    infrequent, archive = schedule.infrequent_access_days, schedule.archive_days
    require(
        schedule.intelligent_tiering_days is None or (infrequent is None and archive is None),
        f"{path}.intelligent_tiering_days",
        "is set beside infrequent_access_days or archive_days, "
        "and Intelligent-Tiering moves objects by itself; leave out one of the two",
    )
    if infrequent is not None:
        in_range(infrequent, INFREQUENT_MINIMUM_DAYS, _LONGEST_DAYS, f"{path}.infrequent_access_days", "days")
        require(
            archive is None or archive >= infrequent + INFREQUENT_MINIMUM_DAYS,
            f"{path}.archive_days",
            f"{archive} is less than {INFREQUENT_MINIMUM_DAYS} days after infrequent_access_days {infrequent}; "
            f"use {infrequent + INFREQUENT_MINIMUM_DAYS} or more",
        )
    if schedule.expire_days is not None:
        last = max([0, *(days for _, days in _moves(schedule))])
        in_range(schedule.expire_days, last + 1, _LONGEST_DAYS, f"{path}.expire_days", "days")


def rules(schedule: Schedule) -> list[dict[str, Any]]:
    """Return the lifecycle rules of a versioned bucket: housekeeping, and ages where there are any."""
    everything = {"prefix": ""}
    made: list[dict[str, Any]] = [
        {
            "id": "housekeeping",
            "status": "Enabled",
            "filter": everything,
            "abort_incomplete_multipart_upload": {"days_after_initiation": ABORT_UPLOADS_DAYS},
            "noncurrent_version_expiration": {"noncurrent_days": schedule.noncurrent_days},
            # A delete marker whose versions are all gone only slows listings down.
            "expiration": {"expired_object_delete_marker": True},
        }
    ]
    ages: dict[str, Any] = {}
    moves = _moves(schedule)
    if moves:
        ages["transitions"] = [{"days": days, "storage_class": storage} for storage, days in moves]
    if schedule.expire_days is not None:
        ages["expiration"] = {"days": schedule.expire_days}
    if ages:
        made.append({"id": "ages", "status": "Enabled", "filter": everything, **ages})
    return made


def _moves(schedule: Schedule) -> list[tuple[str, int]]:
    """Return storage classes with the age at which objects move there, youngest first."""
    ages = {
        "INTELLIGENT_TIERING": schedule.intelligent_tiering_days,
        "STANDARD_IA": schedule.infrequent_access_days,
        "GLACIER_IR": schedule.archive_days,
    }
    return [(storage, days) for storage, days in ages.items() if days is not None]
