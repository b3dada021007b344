"""Names, tags and labels, in one place. Standard library only: policies and settings read it too."""

import re
from collections.abc import Mapping

LIMITS = {
    # logical name: the engine appends a dash and seven characters for physical names; IAM roles end at 64.
    "logical": 40,
    "iam_role": 64,
    # docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, read 2026-11-23
    "s3_bucket": 63,
    "eks_cluster": 100,
    # a DNS label: kubernetes.io/docs/concepts/overview/working-with-objects/names, read 2026-11-23
    "kubernetes_label": 63,
    # docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html, read 2026-11-27
    "budget": 100,
    # Helm keeps the release name in a label and appends to it: 53 (helm.sh/docs, read 2026-11-23)
    "helm_release": 53,
}
"""Longest allowed names, in characters. A longer name is refused, never cut silently."""

REQUIRED_TAGS = ("environment", "owner", "cost-center", "platform", "managed-by")
"""Tags that every taggable AWS resource carries, through the provider's default tags."""

COMPONENT_TAG = "component"
"""Tag with the component's kebab-case name; the cost report groups by it."""

DATA_CLASS_TAG = "data-class"
"""Tag of resources that hold data: dataset, model, feature, log, metadata or image."""

LABEL_PREFIX = "mlops.dev"
"""Prefix of this library's own Kubernetes labels and annotations."""

POLICY_LABEL = f"{LABEL_PREFIX}/policies"
"""Label of a namespace whose objects the admission policies judge; the value that counts is `enforced`."""

POLICY_ENFORCED = "enforced"

MANAGED_BY = "pulumi"

_LOGICAL = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_logical(name: str) -> str:
    """Return `name` if it is a logical name (kebab-case, at most 40 characters); raise `ValueError` otherwise."""
    if len(name) > LIMITS["logical"] or not _LOGICAL.fullmatch(name):
        raise ValueError(
            f"{name!r} is not a logical name; use lower-case words joined by dashes, "
            f"at most {LIMITS['logical']} characters"
        )
    return name


def child(name: str, role: str) -> str:
    """Return the logical name of a component's child: `<name>-<role>`."""
    return f"{name}-{role}"


def default_tags(environment: str, owner: str, cost_center: str, platform: str) -> dict[str, str]:
    """Return the tags that the AWS provider puts on everything: the keys of `REQUIRED_TAGS`."""
    return {
        "environment": environment,
        "owner": owner,
        "cost-center": cost_center,
        "platform": platform,
        "managed-by": MANAGED_BY,
    }


def tags(component: str, extra: Mapping[str, str] | None = None, data_class: str | None = None) -> dict[str, str]:
    """Return the tags that a component adds to its resources, beside the provider's default tags."""
    result = {COMPONENT_TAG: component}
    if data_class:
        result[DATA_CLASS_TAG] = data_class
    return {**result, **(extra or {})}


def labels(component: str, name: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the Kubernetes labels of a component's objects (the recommended `app.kubernetes.io` ones)."""
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "mlops-blueprints",
        "app.kubernetes.io/managed-by": MANAGED_BY,
        **(extra or {}),
    }
