"""Container images: repositories with immutable tags, caches of public registries, copies in other regions.

After this runs there is an encrypted, scanned repository for each name, and a pull-through cache for each upstream.
A first pull through a cache goes over the internet: where ECR is reached by an interface endpoint, the VPC needs
NAT for it, later pulls do not (docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html, read
2026-11-23). Cost: 0.10 USD a month for each GB, copies again (us-east-1); enhanced scans by image. Stateful:
`durability` decides whether a destroy is refused or deletes images; what ECR made in a cache is not deleted.
"""

from collections.abc import Mapping
from typing import Optional

import pulumi
import pulumi_aws as aws

from components._core import conventions, durability
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import service_trust, to_json
from components.container_registry import documents, names
from components.container_registry.args import (
    UPSTREAM_URLS,
    ContainerRegistryArgs,
    PullThroughArgs,
    ScanMode,
)

KEEP_IMAGES = 200
"""Default number of tagged images that a repository keeps."""

UNTAGGED_DAYS = 7
"""Default number of days that an untagged image is kept."""


class ContainerRegistry(PlatformComponent):
    """Repositories for images, caches of public registries, and the policy by which nodes pull from both."""

    repository_urls: pulumi.Output[dict[str, str]]
    """Address of each repository, by the name given for it."""

    repository_arns: pulumi.Output[dict[str, str]]
    """ARN of each repository, by the name given for it."""

    registry_id: pulumi.Output[str]
    """Id of the registry: the account."""

    pull_through_prefixes: pulumi.Output[dict[str, str]]
    """What goes before an upstream's repository name to pull it through its cache, by upstream."""

    pull_policy_arn: pulumi.Output[str]
    """ARN of the IAM policy by which nodes pull from the repositories and through the caches."""

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("ContainerRegistry", name, opts)
        args = coerce(ContainerRegistryArgs, args)
        self._args = args
        self._lifecycle = documents.lifecycle(args.keep_images or KEEP_IMAGES, args.untagged_days or UNTAGGED_DAYS)
        repositories = {given: self._make_repository(given) for given in args.repositories or ()}
        self._make_scanning()
        self._make_replication()
        self._make_caches()
        policy = self._make_pull_policy(repositories)
        self.repository_urls = _dict({given: made.repository_url for given, made in repositories.items()})
        self.repository_arns = _dict({given: made.arn for given, made in repositories.items()})
        self.registry_id = pulumi.Output.from_input(args.account_id)
        self.pull_through_prefixes = _dict(
            {upstream.value: self._address(prefix) for upstream, prefix in args.caches().items()}
        )
        self.pull_policy_arn = policy.arn
        self._register()

    def _make_repository(self, given: str) -> aws.ecr.Repository:
        """Create a repository, its lifecycle and, for other accounts, its policy."""
        args, logical = self._args, self._child(names.slug(given))
        made = aws.ecr.Repository(
            logical,
            name=names.repository_name(args.repository_prefix, given),
            image_tag_mutability="IMMUTABLE",
            # ECR ignores this where the registry is set to enhanced scanning.
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": args.key_arn}],
            force_delete=durability.rules(args.durability).force_destroy,
            tags=conventions.tags("container-registry", data_class="image"),
            opts=self._opts(durability.stateful(args.durability)),
        )
        attached = self._opts(deleted_with=made)
        aws.ecr.LifecyclePolicy(logical, repository=made.name, policy=self._lifecycle, opts=attached)
        if args.pull_accounts:
            policy = to_json(documents.pull_by_accounts(args.pull_accounts))
            aws.ecr.RepositoryPolicy(logical, repository=made.name, policy=policy, opts=attached)
        return made

    def _make_scanning(self) -> None:
        """Hand scanning of repositories and caches to Inspector, where that is asked for."""
        args = self._args
        if args.scan != ScanMode.ENHANCED:
            return
        prefixes = [args.repository_prefix, *args.caches().values()]
        aws.ecr.RegistryScanningConfiguration(
            self._child("scanning"),
            scan_type="ENHANCED",
            rules=[
                {
                    "scan_frequency": "CONTINUOUS_SCAN",
                    "repository_filters": [{"filter": f"{p}/*", "filter_type": "WILDCARD"} for p in prefixes],
                }
            ],
            opts=self._opts(),
        )

    def _make_replication(self) -> None:
        """Copy pushed images to other regions, into repositories that ECR makes there as immutable as here."""
        args, regions = self._args, self._args.replication_regions
        if not regions:
            return
        templates = [
            aws.ecr.RepositoryCreationTemplate(
                self._child(f"copies-{region}"),
                region=region,
                prefix=args.repository_prefix,
                description=f"Copies from {args.region}",
                applied_fors=["REPLICATION"],
                image_tag_mutability="IMMUTABLE",
                lifecycle_policy=self._lifecycle,
                opts=self._opts(),
            )
            for region in regions
        ]
        account = args.account_id
        aws.ecr.ReplicationConfiguration(
            self._child("copies"),
            replication_configuration={
                "rules": [
                    {
                        "destinations": [{"region": region, "registry_id": account} for region in regions],
                        "repository_filters": [{"filter": f"{args.repository_prefix}/", "filter_type": "PREFIX_MATCH"}],
                    }
                ]
            },
            # A template does not change repositories that stand already.
            opts=self._opts(depends_on=templates),
        )

    def _make_caches(self) -> None:
        """Create a rule for each upstream, and a template for the repositories that ECR makes for it."""
        args = self._args
        if not args.pull_through:
            return
        role = aws.iam.Role(
            self._child("caches"),
            description="ECR creates repositories of pull-through caches",
            assume_role_policy=service_trust("ecr.amazonaws.com"),
            tags=conventions.tags("container-registry"),
            opts=self._opts(),
        )
        document = documents.create_cached(self._cached(), args.key_arn)
        policy = aws.iam.RolePolicy(self._child("caches"), role=role.name, policy=to_json(document), opts=self._opts())
        for cache in args.pull_through:
            self._make_cache(cache, role, policy)

    def _make_cache(self, cache: PullThroughArgs, role: aws.iam.Role, policy: aws.iam.RolePolicy) -> None:
        args, prefix = self._args, self._args.caches()[cache.upstream]
        logical = self._child(f"cache-{cache.upstream.value}")
        template = aws.ecr.RepositoryCreationTemplate(
            logical,
            prefix=prefix,
            description=f"Cache of {UPSTREAM_URLS[cache.upstream]}",
            applied_fors=["PULL_THROUGH_CACHE"],
            # ECR refreshes a cached tag by moving it, which immutable tags would refuse.
            image_tag_mutability="MUTABLE",
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": args.key_arn}],
            lifecycle_policy=self._lifecycle,
            resource_tags=conventions.tags("container-registry", data_class="image"),
            custom_role_arn=role.arn,
            opts=self._opts(depends_on=[policy]),
        )
        aws.ecr.PullThroughCacheRule(
            logical,
            ecr_repository_prefix=prefix,
            upstream_registry_url=UPSTREAM_URLS[cache.upstream],
            credential_arn=cache.credentials_secret_arn,
            # A first pull before the template would leave a repository without key and lifecycle behind.
            opts=self._opts(depends_on=[template]),
        )

    def _make_pull_policy(self, repositories: Mapping[str, aws.ecr.Repository]) -> aws.iam.Policy:
        arns = [made.arn for made in repositories.values()]
        return aws.iam.Policy(
            self._child("pull"),
            description=f"Pull images of {self._args.repository_prefix}, cached ones included",
            policy=to_json(documents.pull_by_nodes(arns, self._cached())),
            tags=conventions.tags("container-registry"),
            opts=self._opts(),
        )

    def _cached(self) -> list[pulumi.Output[str]]:
        """ARN patterns of the repositories of all caches."""
        args = self._args
        return [
            pulumi.Output.concat("arn:aws:ecr:", args.region, ":", args.account_id, f":repository/{prefix}/*")
            for prefix in args.caches().values()
        ]

    def _address(self, prefix: str) -> pulumi.Output[str]:
        args = self._args
        return pulumi.Output.concat(args.account_id, ".dkr.ecr.", args.region, f".amazonaws.com/{prefix}")


def _dict(values: Mapping[str, pulumi.Output[str]]) -> pulumi.Output[dict[str, str]]:
    # Of nothing the SDK makes a list, not a mapping.
    return pulumi.Output.all(**values).apply(lambda resolved: dict(resolved))
