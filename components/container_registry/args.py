"""Arguments of `ContainerRegistry`: which repositories, which caches, who pulls, where copies go."""

import dataclasses
import enum
import re
from typing import Optional

import pulumi

from components._core.args import in_range, require
from components._core.durability import Durability
from components.container_registry import names

MOST_IMAGES = 10000

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
# Pattern of credentialArn, API reference of CreatePullThroughCacheRule, read 2026-11-23.
_SECRET = re.compile(
    r"arn:aws:secretsmanager:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):secret:ecr-pullthroughcache/[\w/+=.@-]+"
)


class ScanMode(enum.StrEnum):
    """How images are searched for known vulnerabilities."""

    ON_PUSH = "on_push"
    """Once, when pushed, by ECR itself; operating system packages only, free."""

    ENHANCED = "enhanced"
    """Continuously, by Amazon Inspector, language packages too; paid by image.

    A setting of the whole registry: at most one stack of an account and region may choose it.
    """


class Upstream(enum.StrEnum):
    """Public registries that ECR can cache, by the names of the ECR API."""

    ECR_PUBLIC = "ecr-public"
    QUAY = "quay"
    KUBERNETES = "k8s"
    DOCKER_HUB = "docker-hub"
    GITHUB = "github-container-registry"
    GITLAB = "gitlab-container-registry"


UPSTREAM_URLS = {
    Upstream.ECR_PUBLIC: "public.ecr.aws",
    Upstream.QUAY: "quay.io",
    Upstream.KUBERNETES: "registry.k8s.io",
    Upstream.DOCKER_HUB: "registry-1.docker.io",
    Upstream.GITHUB: "ghcr.io",
    Upstream.GITLAB: "registry.gitlab.com",
}
"""Addresses as the ECR API wants them (CreatePullThroughCacheRule, read 2026-11-23)."""

WITHOUT_CREDENTIALS = (Upstream.ECR_PUBLIC, Upstream.QUAY, Upstream.KUBERNETES)
"""Upstreams that ECR reads anonymously
(docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html, read 2026-11-23)."""

_SHORT = {Upstream.GITHUB: "ghcr", Upstream.GITLAB: "gitlab"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PullThroughArgs:
    """A cache of one public registry."""

    upstream: Upstream
    """Registry to cache."""

    credentials_secret_arn: Optional[pulumi.Input[str]] = None
    """ARN of a secret with `username` and `accessToken`, its name begins with `ecr-pullthroughcache/`. Default: none.

    Docker Hub, GitHub and GitLab need it; the others take none.
    """

    prefix: Optional[str] = None
    """Begins the names of cached repositories, at most 30 characters. Default: `<repository_prefix>-<upstream>`."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContainerRegistryArgs:
    """Arguments of `ContainerRegistry`."""

    repository_prefix: str
    """Begins the repositories' names, `<repository_prefix>/<repository>`: lower-case words joined by dashes."""

    account_id: pulumi.Input[str]
    """AWS account of the registry, twelve digits."""

    region: str
    """AWS region of the registry."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts images, cached ones included; copies in other regions are not under it."""

    repositories: Optional[list[str]] = None
    """Repositories to make, without the prefix. Default: none."""

    keep_images: Optional[int] = None
    """Newest tagged images that each repository keeps; older ones are deleted, used or not. Default: 200."""

    untagged_days: Optional[int] = None
    """Days after which images without a tag are deleted. Default: 7."""

    scan: Optional[ScanMode] = None
    """How images are scanned. Default: when pushed."""

    pull_accounts: Optional[list[str]] = None
    """Other AWS accounts that may pull from the repositories, twelve digits each. Default: none."""

    pull_through: Optional[list[PullThroughArgs]] = None
    """Public registries to cache. Default: none."""

    replication_regions: Optional[list[str]] = None
    """Regions that get a copy of each pushed image, same account. Default: none.

    A setting of the whole registry: at most one stack of an account and region may use it.
    """

    durability: Optional[Durability] = None
    """Resistance to loss: protection, and whether a destroy deletes images. Default: protected."""

    def __post_init__(self) -> None:
        if isinstance(self.account_id, str):
            _check_account(self.account_id, "account_id")
        require(
            bool(self.repositories or self.pull_through),
            "repositories",
            "is empty and so is pull_through; name at least one repository or cache",
        )
        names.check_repositories(self.repository_prefix, self.repositories or [])
        for name, value, most in (
            ("keep_images", self.keep_images, MOST_IMAGES),
            ("untagged_days", self.untagged_days, 3650),
        ):
            if value is not None:
                in_range(value, 1, most, name)
        self._check_accounts()
        self._check_regions()
        self._check_caches()

    def caches(self) -> dict[Upstream, str]:
        """Return the prefix of each cache by its upstream."""
        return {
            cache.upstream: cache.prefix
            or f"{self.repository_prefix}-{_SHORT.get(cache.upstream, cache.upstream.value)}"
            for cache in self.pull_through or ()
        }

    def _check_accounts(self) -> None:
        for index, account in enumerate(self.pull_accounts or ()):
            path = f"pull_accounts[{index}]"
            _check_account(account, path)
            require(
                account != self.account_id,
                path,
                f"{account} owns the registry; its IAM policies let it pull, leave it out",
            )

    def _check_regions(self) -> None:
        regions = self.replication_regions or []
        require(
            not regions or bool(self.repositories),
            "replication_regions",
            "is set without repositories; name some or leave it out, caches are not replicated",
        )
        for index, region in enumerate(regions):
            path = f"replication_regions[{index}]"
            require(
                _REGION.fullmatch(region) is not None, path, f"{region!r} is not a region; use a name such as us-west-2"
            )
            require(region != self.region, path, f"{region} is the registry's own region; choose another")
            require(region not in regions[:index], path, f"{region} is named twice; name each region once")

    def _check_caches(self) -> None:
        given = self.pull_through or []
        taken = {self.repository_prefix: "repository_prefix"}
        for index, cache in enumerate(given):
            path = f"pull_through[{index}]"
            require(
                cache.upstream not in [c.upstream for c in given[:index]],
                f"{path}.upstream",
                f"{cache.upstream} is cached twice; name each upstream once",
            )
            prefix = self.caches()[cache.upstream]
            names.check_cache_prefix(prefix, taken, f"{path}.prefix")
            taken[prefix] = f"the cache of {cache.upstream}"
            self._check_credentials(cache, f"{path}.credentials_secret_arn")

    def _check_credentials(self, cache: PullThroughArgs, path: str) -> None:
        arn = cache.credentials_secret_arn
        if cache.upstream in WITHOUT_CREDENTIALS:
            require(arn is None, path, f"is set, but {cache.upstream} is read without credentials; leave it out")
            return
        require(
            arn is not None,
            path,
            f"is missing; {cache.upstream} needs the ARN of a secret named ecr-pullthroughcache/...",
        )
        if isinstance(arn, str):
            match = _SECRET.fullmatch(arn)
            owner = self.account_id if isinstance(self.account_id, str) else match and match["account"]
            require(
                match is not None and (match["region"], match["account"]) == (self.region, owner),
                path,
                f"{arn!r} is not the ARN of a secret named ecr-pullthroughcache/... in the registry's account "
                f"and region {self.region}; use one that is",
            )


def _check_account(account: str, path: str) -> None:
    require(_ACCOUNT.fullmatch(account) is not None, path, f"{account!r} is not an AWS account; use its 12 digits")
