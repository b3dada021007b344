"""PostgreSQL versions that RDS supports, until when, and the parameters that this library sets. Pure data."""

import dataclasses
import datetime
from collections.abc import Mapping

AS_OF = datetime.date(2026, 11, 23)
"""Day on which the table was reviewed."""

REVIEW_BY = datetime.date(2027, 5, 23)
"""Last day on which the table may be trusted: RDS brings a major version about once a year."""

DEFAULT_VERSION = "18"
"""Newest major version in standard support; RDS chooses the minor version and keeps it current."""

PORT = 5432


@dataclasses.dataclass(frozen=True)
class Version:
    """One major version; a `computed` date was printed nowhere: it is a year after the version before."""

    standard_support_ends: datetime.date
    computed: bool


# Extended support is billed by the vCPU-hour from the day after these dates. 15 to 17:
# endoflife.date/amazon-rds-postgresql of 2025-02, which reads the release calendar in the release notes of
# RDS for PostgreSQL. 18: offered since 18.1, "Extension versions" of the same notes, read 2026-11-23.
VERSIONS: Mapping[str, Version] = {
    "15": Version(datetime.date(2028, 2, 29), computed=False),
    "16": Version(datetime.date(2029, 2, 28), computed=False),
    "17": Version(datetime.date(2030, 2, 28), computed=False),
    "18": Version(datetime.date(2031, 2, 28), computed=True),
}

# `rds.force_ssl` refuses connections without TLS; the others log schema changes and statements above a
# second.
PARAMETERS: Mapping[str, str] = {
    "rds.force_ssl": "1",
    "log_min_duration_statement": "1000",
    "log_statement": "ddl",
}


def version_names() -> list[str]:
    """Return the major versions in standard support on `AS_OF`, oldest first."""
    return [name for name, version in VERSIONS.items() if version.standard_support_ends > AS_OF]


def family(version: str) -> str:
    """Return the parameter group family of a major version: `postgres18`."""
    return f"postgres{version}"
