"""Buckets by purpose: datasets, models, features, and the logs of access to them; with readers and writers.

After this runs there is a bucket for each purpose: versioned, encrypted under one customer key with a bucket key,
closed to the public, to plain HTTP and to ACLs, with a lifecycle and access logs; Object Lock is on for models.
For each purpose there is a policy and a role to read, and another to read and write, for EKS Pod Identity. Cost:
storage and requests only. Stateful: `durability` decides whether a destroy is refused or empties the buckets;
without `ephemeral`, a bucket with objects in it is never deleted.
"""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, to_json
from components.artifact_store import access, lifecycle, names
from components.artifact_store.args import (
    RELEASE_LOCK_DAYS,
    ArtifactStoreArgs,
    BucketPurpose,
    LockMode,
    ReplicationArgs,
)

LOG_PREFIX = "access/"
"""Begins the keys of access logs; the purpose of the bucket that they are about follows."""

DATA_CLASSES = {
    BucketPurpose.DATASETS: "dataset",
    BucketPurpose.MODELS: "model",
    BucketPurpose.FEATURES: "feature",
    BucketPurpose.LOGS: "log",
}

_MODELS, _LOGS = BucketPurpose.MODELS, BucketPurpose.LOGS


class ArtifactStore(PlatformComponent):
    """Buckets by purpose, each with policies and roles for its readers and its writers."""

    bucket_names: pulumi.Output[dict[str, str]]
    """Bucket name by purpose; whoever uses them waits for encryption, policy and public access block."""

    bucket_arns: pulumi.Output[dict[str, str]]
    """Bucket ARN by purpose."""

    read_policy_arns: pulumi.Output[dict[str, str]]
    """ARN of the IAM policy that reads, by purpose."""

    read_write_policy_arns: pulumi.Output[dict[str, str]]
    """ARN of the IAM policy that reads and writes, by purpose; none for logs, which nobody may change."""

    read_role_arns: pulumi.Output[dict[str, str]]
    """ARN of the role that reads, by purpose, for Pod Identity associations."""

    read_write_role_arns: pulumi.Output[dict[str, str]]
    """ARN of the role that reads and writes, by purpose, for Pod Identity associations; none for logs."""

    def __init__(
        self, name: str, args: ArtifactStoreArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("ArtifactStore", name, opts)
        args = coerce(ArtifactStoreArgs, args)
        self._args = args
        purposes = args.wanted()
        self._arns = {p: self._name_of(p).apply(names.bucket_arn) for p in purposes}
        self._buckets = {p: self._make_bucket(p) for p in purposes}
        guards = {p: self._make_guards(p) for p in purposes}
        for purpose in purposes:
            self._make_care(purpose, guards)
        for copy in args.replication or ():
            self._make_replication(copy)
        readers = {p: self._make_principal(p, "read", self._read_document(p)) for p in purposes}
        writers = {
            p: self._make_principal(p, "write", self._write_document(p)) for p in purposes if p != _LOGS
        }
        ready = pulumi.Output.all(*[guard.urn for made in guards.values() for guard in made])
        self.bucket_names = _by_purpose(self._buckets, "bucket", ready)
        self.bucket_arns = _by_purpose(self._buckets, "arn", ready)
        self.read_policy_arns = _by_purpose({p: policy for p, (policy, _) in readers.items()}, "arn")
        self.read_write_policy_arns = _by_purpose({p: policy for p, (policy, _) in writers.items()}, "arn")
        self.read_role_arns = _by_purpose({p: role for p, (_, role) in readers.items()}, "arn")
        self.read_write_role_arns = _by_purpose({p: role for p, (_, role) in writers.items()}, "arn")
        self._register()
