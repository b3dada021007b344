"""Buckets by purpose, with policies and roles for their readers and writers."""

from components.artifact_store.args import (
    ArtifactStoreArgs,
    BucketPurpose,
    LockMode,
    ReplicationArgs,
    TierArgs,
)
from components.artifact_store.component import ArtifactStore

__all__ = [
    "ArtifactStore",
    "ArtifactStoreArgs",
    "BucketPurpose",
    "LockMode",
    "ReplicationArgs",
    "TierArgs",
]
