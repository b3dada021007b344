"""Policies of the registry: what is deleted with time, who pulls, what ECR may do to fill a cache."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi

from components._core.policy_documents import document, statement

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def lifecycle(keep_images: int, untagged_days: int) -> str:
    """Return the lifecycle policy: untagged images end after a while, of tagged ones the newest stay.

    Source: docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html, read 2026-11-23.
    """
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
    tagged = {"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan"}
    rules = [
        _expire(1, f"untagged for {untagged_days} days", {**untagged, "countNumber": untagged_days}),
        _expire(2, f"not among the newest {keep_images}", {**tagged, "countNumber": keep_images}),
    ]
    return json.dumps({"rules": rules}, sort_keys=True)


def _expire(priority: int, description: str, selection: dict[str, Any]) -> dict[str, Any]:
    return {
        "rulePriority": priority,
        "description": description,
        "selection": selection,
        "action": {"type": "expire"},
    }


def pull_by_accounts(accounts: Sequence[str]) -> dict[str, Any]:
    """Return the repository policy that lets other accounts pull, as far as their own IAM policies allow."""
    principals = {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}
    return document(statement("Pull", PULL, "", principals=principals))


def pull_by_nodes(repositories: Sequence[pulumi.Input[str]], caches: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    """Return the policy of nodes: pull what is here, and at a first pull from a cache have ECR fetch it.

    Source: docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html, read 2026-11-23.
    """
    statements = [
        # A login is to the registry as a whole, so this action has no finer resource.
        statement("Login", ["ecr:GetAuthorizationToken"], "*"),
        statement("Pull", PULL, [*repositories, *caches]),
    ]
    if caches:
        fill = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
        statements.append(statement("FillCaches", fill, list(caches)))
    return document(*statements)


def create_cached(caches: Sequence[pulumi.Input[str]], key_arn: pulumi.Input[str]) -> dict[str, Any]:
    """Return what ECR needs to make repositories of a cache under a customer key, with tags.

    Source: docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html,
    read 2026-11-23; the resources are narrower here.
    """
    create = ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"]
    use = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
    return document(statement("Create", create, list(caches)), statement("UseKey", use, key_arn))
