"""Cases of the rule on log retention."""

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    Case,
    Spec,
)

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
CAP = {"maximum_days": {"default": 30}}
CASES = (
    Case("COST-LOG-001", "30 days", PASS, (Spec(LOG_GROUP, {"retentionInDays": 30}),), params=CAP),
    Case(
        "COST-LOG-001",
        "a year in production",
        PASS,
        (Spec(LOG_GROUP, {"retentionInDays": 365}),),
        environment="production",
    ),
    Case("COST-LOG-001", "for ever", FAIL, (Spec(LOG_GROUP, {"name": "x"}),), "for ever", CAP),
    Case("COST-LOG-001", "zero", FAIL, (Spec(LOG_GROUP, {"retentionInDays": 0}),), "for ever", CAP),
    Case("COST-LOG-001", "too long", FAIL, (Spec(LOG_GROUP, {"retentionInDays": 90}),), "wanted 1 to 30", CAP),
    Case(
        "COST-LOG-001",
        "too short",
        FAIL,
        (Spec(LOG_GROUP, {"retentionInDays": 7}),),
        "wanted 14",
        {"minimum_days": {"default": 14}, **CAP},
    ),
    Case("COST-LOG-001", "unknown", OPEN, (Spec(LOG_GROUP, {"retentionInDays": UNKNOWN}),), params=CAP),
    Case("COST-LOG-001", "environment unknown", OPEN, (Spec(LOG_GROUP, {"retentionInDays": 5}),), "environment"),
    Case(
        "COST-LOG-001",
        "a text",
        OPEN,
        (Spec(LOG_GROUP, {"retentionInDays": "30"}),),
        "a number was expected",
        CAP,
    ),
    Case("COST-LOG-001", "another type", SKIP, (OTHER,)),
)
