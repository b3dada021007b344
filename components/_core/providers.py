"""The two providers, explicit: no default provider is ever used, so no resource lands in the wrong account."""

from collections.abc import Mapping
from typing import Optional

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s


def aws_provider(
    name: str,
    region: str,
    tags: Mapping[str, str],
    account_id: Optional[str] = None,
    role_arn: Optional[str] = None,
) -> aws.Provider:
    """Create the AWS provider with default tags.

    `account_id` refuses every other account; `role_arn` is assumed for all calls. Both are optional.
    """
    return aws.Provider(
        name,
        region=region,
        default_tags={"tags": dict(tags)},
        allowed_account_ids=[account_id] if account_id else None,
        assume_roles=[{"role_arn": role_arn}] if role_arn else None,
    )


def kubernetes_provider(
    name: str, kubeconfig: pulumi.Input[str], opts: Optional[pulumi.ResourceOptions] = None
) -> k8s.Provider:
    """Create the Kubernetes provider of a cluster; server-side apply, no deprecated-API noise."""
    return k8s.Provider(
        name,
        kubeconfig=kubeconfig,
        enable_server_side_apply=True,
        suppress_deprecation_warnings=True,
        opts=opts,
    )
