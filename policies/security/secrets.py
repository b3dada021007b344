"""Secrets Manager."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pydantic import Field

from policies._engine.build import each, rule, stack_rule
from policies._engine.keys import own_key
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import MalformedValue, Undetermined

SECRET = ("aws:secretsmanager/secret:Secret",)
ROTATION = ("aws:secretsmanager/secretRotation:SecretRotation",)

RATE = re.compile(r"rate\((\d{1,5}) (hour|day)s?\)")
CRON = re.compile(r"cron\(\S+ \S+ (\S+) (\S+) (\S+) \*\)")
EVERY_MONTH = re.compile(r"[?*L]|LW|(?:[1-9]|1\d|2[0-8])W?(?:,(?:[1-9]|1\d|2[0-8])W?)*")
EVERY_WEEK = re.compile(r"[?*]|(?:[A-Z]{3}|[1-7])(?:#[1-4]|L|(?:[,-](?:[A-Z]{3}|[1-7]))*)")
STEP = re.compile(r"(?:\*|([1-9]|1[0-2]))/([1-9]|1[0-2])")
LISTED = re.compile(r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*")
"""Schedules of rotation (Secrets Manager user guide, schedule expressions, read 2026-11-27)."""

LONGEST_MONTH: Final = 31


@rule(
    "SEC-SEC-001",
    "secretsmanager-secret-require-own-key",
    "Secrets are encrypted with an own KMS key",
    on=SECRET,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="By AWS's own key everybody in the account who may read secrets may decrypt them; its policy is fixed.",
    controls=("checkov:CKV_AWS_149", "nist-800-53:SC-28(1)", "soc2:CC6.1"),
    bad="aws.secretsmanager.Secret(name)  # encrypted with aws/secretsmanager",
    remedy=(
        "Name a customer managed key, also for each replica in its own region.",
        "aws.secretsmanager.Secret(name, kms_key_id=key.arn)",
    ),
)
def secret_key(secret: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A replica is encrypted anew in its region."""
    yield from own_key(secret.props, "kmsKeyId", "aws/secretsmanager")
    yield from each(secret.props.sequence("replicas"), lambda copy: own_key(copy, "kmsKeyId", "aws/secretsmanager"))


class RotationParams(Params):
    """Parameters of SEC-SEC-002."""

    maximum_days: int = Field(default=90, ge=1, le=365)
    """Longest time between two rotations, in days. 90 is Security Hub's default for SecretsManager.4."""


@stack_rule(
    "SEC-SEC-002",
    "secretsmanager-secret-require-rotation",
    "Secrets rotate at least every 90 days",
    on=SECRET,
    params=RotationParams,
    severity=Severity.MEDIUM,
    rationale="A secret that never changes works for whoever saw it once: a former colleague, a log, a notebook.",
    controls=(
        "fsbp:SecretsManager.1",
        "fsbp:SecretsManager.4",
        "checkov:CKV2_AWS_57",
        "checkov:CKV_AWS_304",
        "nist-800-53:AC-2(1)",
        "soc2:CC6.1",
        "aisf:AISF-DATA-03",
    ),
    bad="aws.secretsmanager.Secret(name)  # no rotation",
    remedy=(
        "Attach a rotation. Passwords of databases are better left to RDS, which rotates them by itself.",
        "aws.secretsmanager.SecretRotation(name, secret_id=secret.id, rotation_lambda_arn=rotate.arn,\n"
        '    rotation_rules={"automatically_after_days": 30})',
    ),
)
def secret_rotation(secret: Resource, stack: Stack, ctx: Context[RotationParams]) -> Iterator[Outcome]:
    """A rotation is joined to its secret by the engine's record of dependencies where ids are not known yet."""
    join = stack.pointing_at(secret, ROTATION, "secretId", ids=("arn", "name"))
    if not join.partners:
        if join.unresolved:
            raise Undetermined(f"{join.unresolved[0].name} rotates a secret that is not known yet, perhaps this one")
        yield Finding("no rotation is attached to the secret")
    yield from each(join.partners, lambda rotation: _often(rotation, ctx.params.maximum_days))


def _often(rotation: Resource, most: int) -> Iterator[Outcome]:
    days = _interval(rotation.props.mapping("rotationRules"))
    if days > most:
        yield Finding(f"{rotation.name} rotates every {days:g} days; wanted {most} at most")


def _interval(rules: View) -> float:
    """Return the longest time between two rotations, in days; of the two forms one is given."""
    schedule = rules.text("scheduleExpression").strip()
    if not schedule:
        days = rules.at("automaticallyAfterDays")
        if isinstance(days, bool) or not isinstance(days, (int, float)) or not days:
            raise MalformedValue("rotationRules.automaticallyAfterDays", "a number of days", days)
        return days
    if rate := RATE.fullmatch(schedule):
        return int(rate[1]) / 24 if rate[2] == "hour" else int(rate[1])
    cron = CRON.fullmatch(schedule)
    if cron is None or not EVERY_MONTH.fullmatch(cron[1]) or not EVERY_WEEK.fullmatch(cron[3]) or not _months(cron[2]):
        raise Undetermined(f"how often {rules.shown('scheduleExpression')} comes round is not known to this rule")
    months = _months(cron[2])
    return LONGEST_MONTH * max(later - earlier for earlier, later in pairwise([*months, months[0] + 12]))


def _months(field: str) -> list[int]:
    """Return the months of a cron expression in their order; none where it is written in another way."""
    if field == "*":
        return list(range(1, 13))
    if step := STEP.fullmatch(field):
        return list(range(int(step[1] or 1), 13, int(step[2])))
    listed = LISTED.fullmatch(field)
    return sorted({int(month) for month in field.split(",")}) if listed else []


RULES = (secret_key, secret_rotation)
