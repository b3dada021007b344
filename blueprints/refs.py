"""What components hand to each other, by name: real outputs when a stack is built, words when it is only checked."""

from __future__ import annotations

import dataclasses
from typing import Any

import pulumi

Text = pulumi.Input[str]


@dataclasses.dataclass(frozen=True)
class Refs:
    """Values of one component that another one needs. A field that is not known yet is a word that says so."""

    vpc_id: Text = "later"
    vpc_cidr: Text = "later"
    private_subnet_ids: Any = "later"
    cluster_name: Text = "later"
    cluster_endpoint: Text = "later"
    cluster_security_group_id: Text = "later"
    node_role_arn: Text = "later"
    instance_profile_name: Text = "later"
    secret_store_name: Text = "later"
    storage_class_name: Text = "later"
    bucket_names: Any = dataclasses.field(default_factory=lambda: _Anything())
    bucket_arns: Any = dataclasses.field(default_factory=lambda: _Anything())
    repository_urls: Any = dataclasses.field(default_factory=lambda: _Anything())
    pull_policy_arn: Text = "later"
    keys: Any = dataclasses.field(default_factory=lambda: _Anything())


class _Anything(dict[str, str]):
    """Stands for a mapping of which no member is known yet."""

    def __missing__(self, key: str) -> str:
        return "later"


def replace(refs: Refs, **known: Any) -> Refs:
    """Return the refs with some of them known."""
    return dataclasses.replace(refs, **known)
