"""Reads the steps of a plan: what is done to each resource, and whether that costs data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from review.urns import STACK_TYPE, Urn

Operation = Literal["create", "update", "replace", "delete", "import", "read", "same", "other"]

_OPERATIONS: Final[Mapping[str, Operation]] = {
    **{name: name for name in get_args(Operation)},
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "discard-replaced": "replace",
    "import-replacement": "replace",
    "read-replacement": "replace",
    "remove-pending-replace": "replace",
    "read-discard": "other",
    "refresh": "same",
}
"""The engine's names of steps (pulumi/pulumi `sdk/go/common/display/operations.go`, read 2026-11-27 at v3.259.0)."""

_RANK: Final = ("replace", "delete", "update", "create", "import", "read", "other", "same")

STATEFUL: Final = frozenset(
    {
        *("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", "aws:s3/directoryBucket:DirectoryBucket"),
        *("aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:docdb/cluster:Cluster"),
        *("aws:neptune/cluster:Cluster", "aws:redshift/cluster:Cluster", "aws:dynamodb/table:Table"),
        *("aws:elasticache/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup"),
        *("aws:memorydb/cluster:Cluster", "aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain"),
        *("aws:efs/fileSystem:FileSystem", "aws:fsx/lustreFileSystem:LustreFileSystem"),
        *("aws:fsx/ontapFileSystem:OntapFileSystem", "aws:fsx/openZfsFileSystem:OpenZfsFileSystem"),
        *("aws:fsx/windowsFileSystem:WindowsFileSystem", "aws:ebs/volume:Volume", "aws:ebs/snapshot:Snapshot"),
        *("aws:ecr/repository:Repository", "aws:kms/key:Key", "aws:secretsmanager/secret:Secret"),
        *("aws:cloudwatch/logGroup:LogGroup", "aws:backup/vault:Vault", "aws:kinesis/stream:Stream"),
        *("aws:msk/cluster:Cluster", "aws:sqs/queue:Queue", "aws:cognito/userPool:UserPool"),
        *("aws:eks/cluster:Cluster", "aws:sagemaker/domain:Domain"),
        *("kubernetes:core/v1:PersistentVolumeClaim", "kubernetes:core/v1:PersistentVolume"),
        *("kubernetes:core/v1:Secret", "kubernetes:apps/v1:StatefulSet"),
    }
)
"""Types that hold data, keys to data, or, as a cluster does, the objects of others: gone is gone."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to one resource in the whole run; a replacement is one, however many steps the engine takes."""

    urn: Urn
    type: str
    name: str
    operation: Operation
    stateful: bool
    protected: bool
    properties: tuple[str, ...]
    forced_by: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, int, str, str]:
        """What loses data first, then by operation."""
        loses = self.stateful and self.operation in ("replace", "delete")
        return (not loses, _RANK.index(self.operation), self.type, self.name)


def steps(plan: Mapping[str, Any]) -> dict[str, Step]:
    """Return what is done to each resource by URN, in the plan's order. The stack itself is left out.

    Never raises for what is in a step: what is malformed is missing.
    """
    found: dict[str, Step] = {}
    for raw in _raw(plan):
        step = _step(raw)
        if step.type == STACK_TYPE:
            continue
        known = found.get(step.urn.text)
        if known is None or _RANK.index(step.operation) < _RANK.index(known.operation):
            found[step.urn.text] = step
    return found


def totals(found: Mapping[str, Step]) -> dict[str, int]:
    """Return the number of resources by operation, in the order in which people are told."""
    count = dict.fromkeys(("create", "update", "replace", "delete", "import", "read", "other", "same"), 0)
    for step in found.values():
        count[step.operation] += 1
    return {name: number for name, number in count.items() if number}


def _raw(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    listed = plan.get("steps")
    for raw in listed if isinstance(listed, list) else ():
        if isinstance(raw, Mapping) and isinstance(raw.get("urn"), str) and raw["urn"]:
            yield raw


def _step(raw: Mapping[str, Any]) -> Step:
    urn = Urn.parse(raw["urn"])
    states = [state for key in ("newState", "oldState") if isinstance(state := raw.get(key), Mapping)]
    type_ = next((state["type"] for state in states if isinstance(state.get("type"), str)), "") or urn.type
    operation = _OPERATIONS.get(str(raw.get("op")), "other")
    return Step(
        urn=urn,
        type=type_,
        name=urn.name or urn.text,
        operation=operation,
        stateful=type_ in STATEFUL,
        protected=any(state.get("protect") is True for state in states),
        properties=_properties(raw) if operation in ("update", "replace") else (),
        forced_by=_texts(raw.get("replaceReasons")) if operation == "replace" else (),
    )


def _properties(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the properties that differ, without the elements of lists that differ as a whole."""
    detailed = raw.get("detailedDiff")
    paths = tuple(map(str, detailed)) if isinstance(detailed, Mapping) else _texts(raw.get("diffReasons"))
    whole = set(paths)
    return tuple(path for path in paths if re.sub(r"\[\d+\].*$", "", path) not in whole - {path})


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
