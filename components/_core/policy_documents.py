"""IAM policy documents as plain data; Outputs inside are resolved by `to_json`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi

VERSION = "2012-10-17"


def statement(
    sid: str,
    actions: Sequence[str],
    resources: pulumi.Input[Any],
    effect: str = "Allow",
    principals: Optional[Mapping[str, Any]] = None,
    conditions: Optional[Mapping[str, Any]] = None,
) -> dict[str, Any]:
    """Return one statement. `resources` may be an Output; leave it empty in trust policies and bucket-less ones."""
    result: dict[str, Any] = {"Sid": sid, "Effect": effect, "Action": list(actions)}
    if principals is not None:
        result["Principal"] = dict(principals)
    if resources:
        result["Resource"] = resources
    if conditions:
        result["Condition"] = dict(conditions)
    return result


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy document of these statements."""
    return {"Version": VERSION, "Statement": [dict(s) for s in statements]}


def to_json(doc: Mapping[str, Any]) -> pulumi.Output[str]:
    """Render a document, Outputs inside included, with sorted keys so that an unchanged policy has no diff."""
    return pulumi.Output.json_dumps(doc, sort_keys=True)


def pod_identity_trust() -> str:
    """Return the trust policy of a role that workloads assume through EKS Pod Identity.

    Source: docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html, read 2026-11-23.
    """
    return service_trust("pods.eks.amazonaws.com", actions=("sts:AssumeRole", "sts:TagSession"))


def service_trust(service: str, actions: Sequence[str] = ("sts:AssumeRole",)) -> str:
    """Return the trust policy of a role that one AWS service assumes."""
    doc = document(statement("Trust", actions, "", principals={"Service": service}))
    return json.dumps(doc, sort_keys=True)
