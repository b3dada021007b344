"""What all EC2 types share: tags at creation, tags afterwards, one item or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import retag
from sandbox.aws.types import tag_list
from sandbox.provider.values import Props


def tagged(kind: str, props: Props) -> list[dict[str, Any]]:
    """Return the tag specifications of a creation; none for a resource without tags."""
    tags = tag_list(props.get("tagsAll"))
    return [{"ResourceType": kind, "Tags": tags}] if tags else []


def change_tags(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Bring the tags of a resource from `old` to `new`."""
    ec2 = aws.client("ec2")
    retag(
        old,
        new,
        lambda keys: ec2.delete_tags(Resources=[resource_id], Tags=[{"Key": k} for k in keys]),
        lambda tags: ec2.create_tags(Resources=[resource_id], Tags=tag_list(tags)),
    )


def only(items: Sequence[Any]) -> Any:
    """Return the one item, or None: moto answers some unknown ids with an empty list."""
    return items[0] if items else None


def where(**filters: str) -> list[dict[str, Any]]:
    """Return EC2's filters; dashes are written as underscores."""
    return [{"Name": k.replace("_", "-"), "Values": [v]} for k, v in filters.items()]
