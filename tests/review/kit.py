"""Events as the engine writes them, in short: three packs' worth of lines, and the reports made from them."""

from __future__ import annotations

import datetime
import json
from typing import Any

from policies._engine import wording
from policies._engine.wording import Exempted, Words
from review import events
from review.report import Report, of_log
from tests.policies.build import RULES

TODAY = datetime.date(2026, 11, 27)
STACK_URN = "urn:pulumi:dev::mlops::pulumi:pulumi:Stack::mlops-dev"
HOSTILE = (
    "\u202e\x1b[2J\x00\ufffe\u2066 ]]>&<script>alert(1)</script> <!-- --> "
    '@octocat #1 [a](http://evil) ![i](j) |x| `y` "q"'
)
"""What no format may let through as anything but text."""

Event = dict[str, Any]


def urn(name: str = "web", kind: str = "aws:s3/bucket:Bucket", stack: str = "dev", parent: str = "") -> str:
    types = f"{parent}${kind}" if parent else kind
    return f"urn:pulumi:{stack}::mlops::{types}::{name}"


def policy(
    rule: str = "SEC-S3-001",
    reasons: tuple[str, ...] = ("blockPublicAcls is false",),
    level: str = "mandatory",
    resource: str | None = None,
    **more: Any,
) -> Event:
    """A verdict's event; `undetermined` and `exempted` go into its text, the rest into the event."""
    known = RULES.get(rule)
    undetermined = more.pop("undetermined", False)
    exempted: Exempted | None = more.pop("exempted", None)
    fix = known.remedy.text if known and not undetermined and not exempted else ""
    title = known.title if known else "Some good state"
    words = Words(title, undetermined, reasons, fix, exempted, known.url if known else "docs/x.md")
    found = {
        "resourceUrn": urn() if resource is None else resource,
        "message": wording.render(words) + "\n",
        "color": "never",
        "policyName": rule,
        "policyPackName": "mlops-security" if rule.startswith("SEC") else "mlops-cost",
        "policyPackVersion": "0.1.0",
        "policyPackVersionTag": "0.1.0",
        "enforcementLevel": level,
        **({"severity": known.severity.value} if known else {}),
        **more,
    }
    return {"policyEvent": found}


def fault(message: str, level: str = "mandatory") -> Event:
    return policy("exemptions", level=level, message=message, resource=STACK_URN)


def exempted(days: int = 10, **changes: Any) -> Exempted:
    whole = {
        "expires": TODAY + datetime.timedelta(days=days),
        "owner": "docs team",
        "ticket": "SEC-9",
        "reason": "Published documentation.",
    }
    return Exempted(**{**whole, **changes})


def passes(*rules: str, resource: str | None = None, pack: str = "mlops-security") -> Event:
    told = {"policyPackName": pack, "policyPackVersion": "0.1.0", "passed": list(rules)}
    return {"policyAnalyzeSummaryEvent": {**told, "resourceUrn": urn() if resource is None else resource}}


def whole(*rules: str, pack: str = "mlops-security") -> Event:
    """The end of a pack's work: the stack as a whole."""
    own = ("exemptions", "profile") if pack.startswith("mlops-") else ()
    told = {"policyPackName": pack, "policyPackVersion": "0.1.0", "passed": [*rules, *own]}
    return {"policyAnalyzeStackSummaryEvent": told}


def step(resource: str, op: str = "create") -> Event:
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": resource}}}


def summary(result: str = "succeeded", preview: bool = True, **changes: int) -> Event:
    packs = {"mlops-security|local|/somewhere/policies/security": "0.1.0"}
    told = {"resourceChanges": changes or None, "PolicyPacks": packs, "isPreview": preview, "result": result}
    return {"summaryEvent": told}


PRELUDE: Event = {"preludeEvent": {"config": {}}}
CANCEL: Event = {"cancelEvent": {}}


def lines(*found: Event) -> list[str]:
    """Write events as a log has them."""
    return [json.dumps({"sequence": n, "timestamp": 1795793000, **event}) + "\n" for n, event in enumerate(found)]


def run(*found: Event, result: str = "succeeded", preview: bool = True) -> list[str]:
    """Write the log of a run that judged everything."""
    judged = {str(body["policyPackName"]) for event in found for body in event.values() if "policyPackName" in body}
    ends = [whole(pack=pack) for pack in sorted({"mlops-security", *judged})]
    return lines(PRELUDE, *found, *ends, summary(result, preview, create=2), CANCEL)


def report(*found: Event, today: datetime.date = TODAY) -> Report:
    """Return the report of a whole preview."""
    return of_log(events.read(run(*found)), today)


MANY = (
    policy(),
    policy("COST-S3-001", ("there is no lifecycle rule",), "advisory"),
    policy("SEC-KMS-001", ("enableKeyRotation is not known yet",), "advisory", undetermined=True),
    policy("SEC-ECR-001", ("tags are MUTABLE",), "advisory", exempted=exempted()),
    fault("exemption of SEC-S3-001 for urn:pulumi:dev::* (docs, SEC-1) expired on 2026-01-31: renew it"),
    passes("SEC-IAM-001", "SEC-S3-001", resource=urn("other")),
    {
        "policyEvent": {
            "resourceUrn": urn(HOSTILE),
            "message": f"<{{%fg 13%}}>{HOSTILE}\nsecond <{{%reset%}}>\n",
            "policyName": HOSTILE,
            "policyPackName": "else/where",
            "policyPackVersion": "v1",
            "enforcementLevel": "advisory",
        }
    },
)
"""One of each kind, and a hostile one of another pack."""
