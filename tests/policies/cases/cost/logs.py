"""Cases of the rules on logs."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    Case,
    Spec,
)

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
CLUSTER = "aws:eks/cluster:Cluster"
AUDIT = {"name": "main", "enabledClusterLogTypes": ["audit"]}
TYPES: dict[str, list[str]] = {"enabledClusterLogTypes": []}
OWN_GROUP = Spec(LOG_GROUP, {"name": "/aws/eks/main/cluster", "retentionInDays": 30}, "logs")
CAP = {"maximum_days": {"default": 30}}


def control_plane(name: str, expected: Any, cluster: Any, *others: Spec, **rest: Any) -> Case:
    subject = Spec(CLUSTER, cluster, depends=rest.pop("depends", {}))
    return Case("COST-LOG-002", name, expected, (subject, *others), **rest)


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
    control_plane("group in the stack", PASS, AUDIT, OWN_GROUP),
    control_plane("group beside an unknown one", PASS, AUDIT, Spec(LOG_GROUP, {"name": UNKNOWN}, "other"), OWN_GROUP),
    control_plane("group of EKS", FAIL, AUDIT, says="log group /aws/eks/main/cluster is not in the stack"),
    control_plane("group of another cluster", FAIL, AUDIT, Spec(LOG_GROUP, {"name": "/aws/eks/other/cluster"}, "logs")),
    control_plane("name of the group unknown", OPEN, AUDIT, Spec(LOG_GROUP, {"name": UNKNOWN}, "logs")),
    control_plane("name of the cluster unknown", OPEN, {**AUDIT, "name": UNKNOWN}, depends={"name": []}),
    control_plane("types unknown", OPEN, {"name": "main", "enabledClusterLogTypes": UNKNOWN_LIST}, depends=TYPES),
    control_plane("types a text", OPEN, {"name": "main", "enabledClusterLogTypes": "audit"}),
    control_plane("environment unknown", OPEN, AUDIT, params={"accepted": {"default": False, "sandbox": True}}),
    control_plane("no logs", SKIP, {"name": "main"}, says="writes no logs"),
    control_plane("types computed by the provider", SKIP, {"name": "main", "enabledClusterLogTypes": UNKNOWN_LIST}),
    control_plane("accepted", SKIP, AUDIT, params={"accepted": {"default": True}}, says="accepted"),
    Case("COST-LOG-002", "another type", SKIP, (OTHER,)),
)
