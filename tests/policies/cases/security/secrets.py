"""Cases of the rules on Secrets Manager."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    secret,
    urn,
)

SECRET = "aws:secretsmanager/secret:Secret"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-a1b2c3"
OLD = Spec(SECRET, {"id": ARN, "arn": ARN, "name": "token"})
NEW = Spec(SECRET, {"id": UNKNOWN, "arn": UNKNOWN, "name": "token-1a2b3c4"})
SECOND = Spec(SECRET, {"id": UNKNOWN, "arn": UNKNOWN, "name": "second"}, "second")
OF_NEW = {"secretId": [urn(SECRET, "subject")]}


def keyed(**props: Any) -> Spec:
    return Spec(SECRET, props)


def rotation(rules: Any, of: Any = ARN, depends: Any = None) -> Spec:
    return Spec(ROTATION, {"secretId": of, "rotationRules": rules}, "monthly", depends or {})


def cron(expression: str) -> Spec:
    return rotation({"scheduleExpression": f"cron({expression})"})


MONTHLY = {"automaticallyAfterDays": 30}

CASES = (
    Case("SEC-SEC-001", "own key", PASS, (keyed(kmsKeyId=KEY),)),
    Case("SEC-SEC-001", "own alias", PASS, (keyed(kmsKeyId="alias/platform-databases"),)),
    Case("SEC-SEC-001", "secret key id", PASS, (keyed(kmsKeyId=secret(KEY)),)),
    Case("SEC-SEC-001", "replicas too", PASS, (keyed(kmsKeyId=KEY, replicas=[{"region": "r", "kmsKeyId": KEY}]),)),
    Case("SEC-SEC-001", "default", FAIL, (keyed(name="token"),), "kmsKeyId is unset; wanted a customer managed key"),
    Case("SEC-SEC-001", "alias of AWS", FAIL, (keyed(kmsKeyId="alias/aws/secretsmanager"),)),
    Case("SEC-SEC-001", "its ARN", FAIL, (keyed(kmsKeyId="arn:aws:kms:r:1:alias/aws/secretsmanager"),)),
    Case("SEC-SEC-001", "empty", FAIL, (keyed(kmsKeyId=""),)),
    Case("SEC-SEC-001", "replica without", FAIL, (keyed(kmsKeyId=KEY, replicas=[{"region": "r"}]),), "replicas.0"),
    Case("SEC-SEC-001", "unknown beside a bad replica", FAIL, (keyed(kmsKeyId=UNKNOWN, replicas=[{"region": "r"}]),)),
    Case("SEC-SEC-001", "key of the same stack", OPEN, (keyed(kmsKeyId=UNKNOWN),)),
    Case("SEC-SEC-001", "replicas unknown", OPEN, (keyed(kmsKeyId=KEY, replicas=UNKNOWN_LIST),)),
    Case("SEC-SEC-001", "a number", OPEN, (keyed(kmsKeyId=1),), "a string was expected"),
    Case("SEC-SEC-001", "another type", SKIP, (OTHER,)),
    Case("SEC-SEC-002", "monthly", PASS, (OLD, rotation(MONTHLY))),
    Case("SEC-SEC-002", "by name", PASS, (OLD, rotation(MONTHLY, "token"))),
    Case("SEC-SEC-002", "first preview", PASS, (NEW, rotation(MONTHLY, UNKNOWN, OF_NEW), SECOND)),
    Case("SEC-SEC-002", "every four hours", PASS, (OLD, rotation({"scheduleExpression": "rate(4 hours)"}))),
    Case("SEC-SEC-002", "first of the month", PASS, (OLD, cron("0 8 1 * ? *"))),
    Case("SEC-SEC-002", "on Sundays", PASS, (OLD, cron("0 8 ? * SUN *"))),
    Case("SEC-SEC-002", "every other month", PASS, (OLD, cron("0 8 1 */2 ? *"))),
    Case("SEC-SEC-002", "none", FAIL, (OLD,), "no rotation is attached"),
    Case("SEC-SEC-002", "of another secret", FAIL, (OLD, rotation(MONTHLY, "other"))),
    Case(
        "SEC-SEC-002",
        "of another new secret",
        FAIL,
        (NEW, SECOND, rotation(MONTHLY, UNKNOWN, {"secretId": [urn(SECRET, "second")]})),
    ),
    Case("SEC-SEC-002", "yearly", FAIL, (OLD, rotation({"automaticallyAfterDays": 365})), "every 365 days; wanted 90"),
    Case("SEC-SEC-002", "by rate", FAIL, (OLD, rotation({"scheduleExpression": "rate(120 days)"}))),
    Case("SEC-SEC-002", "by quarter", FAIL, (OLD, cron("0 8 1 1,4,7,10 ? *")), "every 93 days"),
    Case("SEC-SEC-002", "from July on", FAIL, (OLD, cron("0 8 1 7/3 ? *")), "every 279 days"),
    Case("SEC-SEC-002", "stricter profile", FAIL, (OLD, rotation(MONTHLY)), params={"maximum_days": 7}),
    Case("SEC-SEC-002", "no dependency recorded", OPEN, (NEW, rotation(MONTHLY, UNKNOWN)), "perhaps this one"),
    Case("SEC-SEC-002", "rules unknown", OPEN, (OLD, rotation(UNKNOWN_OBJECT))),
    Case("SEC-SEC-002", "days are a text", OPEN, (OLD, rotation({"automaticallyAfterDays": "30"}))),
    Case("SEC-SEC-002", "no days", OPEN, (OLD, rotation({})), "a number of days was expected"),
    Case("SEC-SEC-002", "on the 31st", OPEN, (OLD, cron("0 8 31 * ? *")), "is not known to this rule"),
    Case("SEC-SEC-002", "in named months", OPEN, (OLD, cron("0 8 1 JAN-JUN ? *"))),
    Case("SEC-SEC-002", "not a schedule", OPEN, (OLD, rotation({"scheduleExpression": "monthly"}))),
    Case("SEC-SEC-002", "another type", SKIP, (OTHER,)),
)
