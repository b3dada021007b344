"""Buckets by purpose: datasets, models, features, and the logs of access to them; with readers and writers.

After this runs there is a bucket for each purpose: versioned, encrypted under one customer key with a bucket key
(access logs: under S3's own), closed to the public, to plain HTTP and to ACLs, with a lifecycle and access logs;
Object Lock is on for models. For each purpose there is a policy and a role to read, and another to read and write,
for EKS Pod Identity. Cost: storage and requests only. Stateful: `durability` decides whether a destroy is refused
or empties the buckets; unless it is ephemeral, a bucket that still holds objects is not deleted.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, service_trust, to_json
from components.artifact_store import access, bucket, lifecycle, names
from components.artifact_store.args import (
    RELEASE_LOCK_DAYS,
    ArtifactStoreArgs,
    BucketPurpose,
    LockMode,
    ReplicationArgs,
)

LOGS, MODELS = BucketPurpose.LOGS, BucketPurpose.MODELS


class _Principal(NamedTuple):
    policy: aws.iam.Policy
    role: aws.iam.Role
    attachment: aws.iam.RolePolicyAttachment


class ArtifactStore(PlatformComponent):
    """Buckets by purpose, each with policies and roles for its readers and its writers."""

    bucket_names: pulumi.Output[dict[str, str]]
    """Bucket name by purpose; whoever uses it waits for encryption, policy and public access block."""

    bucket_arns: pulumi.Output[dict[str, str]]
    """Bucket ARN by purpose; whoever uses it waits as above."""

    read_policy_arns: pulumi.Output[dict[str, str]]
    """ARN of the IAM policy that reads, by purpose."""

    read_write_policy_arns: pulumi.Output[dict[str, str]]
    """ARN of the IAM policy that reads and writes, by purpose; none for logs, which nobody may change."""

    read_role_arns: pulumi.Output[dict[str, str]]
    """ARN of the role that reads, by purpose, for Pod Identity associations."""

    read_write_role_arns: pulumi.Output[dict[str, str]]
    """ARN of the role that reads and writes, by purpose, for Pod Identity associations; none for logs."""

    def __init__(self, name: str, args: ArtifactStoreArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("ArtifactStore", name, opts)
        args = coerce(ArtifactStoreArgs, args)
        self._args = args
        self._purposes = args.wanted()
        self._make_buckets()
        for purpose in self._purposes:
            self._make_care(purpose)
        for copy in args.replication or ():
            self._make_replication(copy)
        writable = [p for p in self._purposes if p != LOGS]
        self._export(
            {p: self._make_principal(p, "read", self._read_document(p)) for p in self._purposes},
            {p: self._make_principal(p, "write", self._write_document(p)) for p in writable},
        )
        self._register()

    def _make_buckets(self) -> None:
        """Create buckets, versioning and guards; the names and ARNs are known before."""
        args = self._args
        named = {p: names.bucket_name(args.bucket_prefix, p.value, args.account_id) for p in self._purposes}
        self._arns = {p: names.bucket_arn(name) for p, name in named.items()}
        level, make = args.durability, bucket.make_bucket
        logs = make(self._child(LOGS.value), named[LOGS], LOGS, level, self._opts())
        # The logs bucket goes last in a destroy: the others log into it until they are gone.
        later = self._opts(depends_on=[logs])
        self._buckets = {
            p: logs if p == LOGS else make(self._child(p.value), name, p, level, later) for p, name in named.items()
        }
        self._versioning = {
            p: bucket.make_versioning(self._child(p.value), made, self._opts()) for p, made in self._buckets.items()
        }
        self._guards = {
            p: bucket.make_guards(
                self._child(p.value),
                made,
                to_json(self._bucket_policy(p)),
                None if p == LOGS else args.key_arn,
                self._opts(),
            )
            for p, made in self._buckets.items()
        }

    def _bucket_policy(self, purpose: BucketPurpose) -> dict[str, Any]:
        arn = self._arns[purpose]
        if purpose != LOGS:
            return access.data_bucket_policy(arn, self._args.key_arn)
        sources = {_log_prefix(p): other for p, other in self._arns.items() if p != LOGS}
        return access.log_bucket_policy(arn, sources, self._args.account_id)

    def _make_care(self, purpose: BucketPurpose) -> None:
        """Create what looks after objects: lifecycle, access log, default lock."""
        args, logical, opts = self._args, self._child(purpose.value), self._opts()
        made, versioning = self._buckets[purpose], self._versioning[purpose]
        rules = lifecycle.rules(args.schedule(purpose))
        bucket.make_lifecycle(logical, made, rules, versioning, opts)
        # A bucket that logs into itself logs its own logs without end.
        if purpose != LOGS:
            logs, guards = self._buckets[LOGS], self._guards[LOGS]
            bucket.make_access_log(logical, made, logs, _log_prefix(purpose), guards, opts)
        if purpose == MODELS and args.object_lock_days is not None:
            bucket.make_default_lock(logical, made, self._lock_mode(), args.object_lock_days, versioning, opts)

    def _make_replication(self, copy: ReplicationArgs) -> None:
        """Create the role by which S3 copies, and the copying."""
        args, logical = self._args, self._child(f"{copy.purpose.value}-copy")
        role = aws.iam.Role(
            logical,
            description=f"S3 replicates the {copy.purpose.value} bucket",
            assume_role_policy=service_trust("s3.amazonaws.com"),
            tags=conventions.tags("artifact-store"),
            opts=self._opts(),
        )
        document = access.replication_policy(
            self._arns[copy.purpose],
            args.key_arn,
            args.region,
            copy.destination_bucket_arn,
            copy.destination_key_arn,
        )
        policy = aws.iam.RolePolicy(logical, role=role.name, policy=to_json(document), opts=self._opts())
        bucket.make_replication(
            self._child(copy.purpose.value),
            self._buckets[copy.purpose],
            role,
            copy.destination_bucket_arn,
            copy.destination_key_arn,
            [self._versioning[copy.purpose], policy],
            self._opts(),
        )

    def _lock_mode(self) -> LockMode:
        return self._args.object_lock_mode or LockMode.GOVERNANCE

    def _key(self, purpose: BucketPurpose, *actions: str) -> list[dict[str, Any]]:
        args = self._args
        if purpose == LOGS:
            return []
        return access.use_key(self._arns[purpose], args.key_arn, args.region, actions)

    def _read_document(self, purpose: BucketPurpose) -> dict[str, Any]:
        return access.read_policy(self._arns[purpose], self._key(purpose, "kms:Decrypt"))

    def _write_document(self, purpose: BucketPurpose) -> dict[str, Any]:
        arn, lock = self._arns[purpose], list[dict[str, Any]]()
        if purpose == MODELS:
            days = self._args.release_lock_days or RELEASE_LOCK_DAYS
            lock = access.lock_objects(arn, self._lock_mode().value.upper(), days)
        return access.read_write_policy(arn, self._key(purpose, "kms:Decrypt", "kms:GenerateDataKey"), lock)

    def _make_principal(self, purpose: BucketPurpose, verb: str, document: dict[str, Any]) -> _Principal:
        """Create a managed policy and a role with it, which pods assume by Pod Identity."""
        logical = self._child(f"{purpose.value}-{verb}")
        description = f"Pods that {verb} the {purpose.value} bucket"
        tags = conventions.tags("artifact-store", {"purpose": purpose.value})
        policy = aws.iam.Policy(
            logical, description=description, policy=to_json(document), tags=tags, opts=self._opts()
        )
        role = aws.iam.Role(
            logical,
            description=description,
            assume_role_policy=pod_identity_trust(),
            tags=tags,
            opts=self._opts(),
        )
        attachment = aws.iam.RolePolicyAttachment(logical, role=role.name, policy_arn=policy.arn, opts=self._opts())
        return _Principal(policy, role, attachment)

    def _export(
        self,
        readers: Mapping[BucketPurpose, _Principal],
        writers: Mapping[BucketPurpose, _Principal],
    ) -> None:
        guards = [guard for made in self._guards.values() for guard in made]
        self.bucket_names = _dict({p: made.bucket for p, made in self._buckets.items()}, guards)
        self.bucket_arns = _dict(self._arns, guards)
        self.read_policy_arns = _dict({p: reader.policy.arn for p, reader in readers.items()})
        self.read_write_policy_arns = _dict({p: writer.policy.arn for p, writer in writers.items()})
        self.read_role_arns = _dict(
            {p: reader.role.arn for p, reader in readers.items()}, [r.attachment for r in readers.values()]
        )
        self.read_write_role_arns = _dict(
            {p: writer.role.arn for p, writer in writers.items()}, [w.attachment for w in writers.values()]
        )


def _log_prefix(purpose: BucketPurpose) -> str:
    """Return what the keys of access logs about a bucket begin with."""
    return f"access/{purpose.value}/"


def _dict(
    values: Mapping[BucketPurpose, pulumi.Output[str]], after: Sequence[pulumi.Resource] = ()
) -> pulumi.Output[dict[str, str]]:
    """Return the values by purpose; whoever uses them also waits for `after`.

    URNs carry the dependency because they are known in a preview: a changed guard must not make names unknown.
    """
    joined = pulumi.Output.all(
        values=pulumi.Output.all(**{p.value: value for p, value in values.items()}),
        after=pulumi.Output.all(*[resource.urn for resource in after]),
    )
    return joined.apply(lambda both: dict(both["values"]))
