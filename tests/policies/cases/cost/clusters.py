"""Cases of the rules on EKS control planes; the day is 2026-11-23."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, UNKNOWN_BOOL, UNKNOWN_OBJECT, Case, Spec

CLUSTER = "aws:eks/cluster:Cluster"
STANDARD: dict[str, Any] = {"upgradePolicy": {"supportType": "STANDARD"}}


def support(name: str, expected: Any, says: str = "", params: Any = (), **props: Any) -> Case:
    return Case("COST-EKS-001", name, expected, (Spec(CLUSTER, props),), says, dict(params))


def auto(name: str, expected: Any, config: Any, says: str = "", **rest: Any) -> Case:
    return Case("COST-EKS-006", name, expected, (Spec(CLUSTER, {"computeConfig": config}),), says, **rest)


ACCEPTED = {"accepted": {"default": False, "sandbox": True}}
CASES = (
    support("months left", PASS, version="1.36"),
    support("upgraded by EKS", PASS, version="1.33", **STANDARD),
    support("upgraded by EKS from any version", PASS, version=UNKNOWN, **STANDARD),
    support("no version, upgraded by EKS", PASS, **STANDARD),
    support("fewer days asked for", PASS, params={"days_ahead": 5}, version="1.34"),
    support("already extended", FAIL, "in extended support since 2026-07-29", version="1.33"),
    support("in some days", FAIL, "from 2026-12-02, in 9 days", version="1.34"),
    support("policy says extended", FAIL, version="1.32", upgradePolicy={"supportType": "EXTENDED"}),
    support("more days asked for", FAIL, params={"days_ahead": 300}, version="1.36"),
    support("version unset", OPEN, "pin it", roleArn="arn"),
    support("version unknown", OPEN, version=UNKNOWN),
    support("policy unknown", OPEN, version="1.33", upgradePolicy=UNKNOWN_OBJECT),
    support("not in the facts", OPEN, "is not in the facts", version="1.99"),
    support("version a number", OPEN, "a string was expected", version=1.34),
    Case("COST-EKS-001", "another type", SKIP, (OTHER,)),
    auto("off", PASS, {"enabled": False}),
    auto("not said", PASS, None),
    auto(
        "on", FAIL, {"enabled": True, "nodePools": ["general-purpose"]}, "computeConfig.enabled is true; wanted false"
    ),
    auto("on in another environment", FAIL, {"enabled": True}, params=ACCEPTED, environment="production"),
    auto("unknown", OPEN, {"enabled": UNKNOWN_BOOL}),
    auto("block unknown", OPEN, UNKNOWN_OBJECT),
    auto("a text", OPEN, {"enabled": "true"}, "a boolean was expected"),
    auto("environment unknown", OPEN, {"enabled": True}, "the environment is not known", params=ACCEPTED),
    auto("accepted", SKIP, {"enabled": True}, "accepted in sandbox", params=ACCEPTED, environment="sandbox"),
    auto("accepted everywhere", SKIP, {"enabled": True}, params={"accepted": {"default": True}}),
    Case("COST-EKS-006", "another type", SKIP, (OTHER,)),
)
