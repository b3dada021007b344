"""What `ContainerRegistry` refuses before anything is created."""

from typing import Any

import pytest

from components._core.args import ArgsError, coerce
from components.container_registry import ContainerRegistryArgs, PullThroughArgs, Upstream
from components.container_registry.args import UPSTREAM_URLS, WITHOUT_CREDENTIALS
from tests.graph import ACCOUNT

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/images"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"


def args(**overrides: Any) -> ContainerRegistryArgs:
    given = {
        "repository_prefix": "acme-ml-dev",
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "key_arn": KEY,
        "repositories": ["training"],
    }
    return ContainerRegistryArgs(**{**given, **overrides})


def cache(upstream: Upstream, **overrides: Any) -> PullThroughArgs:
    return PullThroughArgs(upstream=upstream, **overrides)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"repositories": []},
            "repositories: is empty and so is pull_through; name at least one repository or cache",
        ),
        ({"account_id": "12"}, "account_id: '12' is not an AWS account; use its 12 digits"),
        (
            {"repository_prefix": "Acme"},
            "repository_prefix: 'Acme' is not a repository name; use lower-case words joined by dots, dashes or "
            "underscores, and slashes between parts",
        ),
        (
            {"repositories": ["ok", "team//x"]},
            "repositories[1]: 'team//x' is not a repository name; use lower-case words joined by dots, dashes or "
            "underscores, and slashes between parts",
        ),
        (
            {"repositories": ["x" * 245]},
            f"repositories[0]: 'acme-ml-dev/{'x' * 245}' has 257 characters, at most 256 are allowed; shorten it",
        ),
        (
            {"repositories": ["team/x", "team-x"]},
            "repositories[1]: 'team-x' differs from team/x in punctuation only or not at all; choose another name",
        ),
        ({"keep_images": 0}, "keep_images: 0 is outside 1 to 10000; choose a value inside"),
        ({"untagged_days": 0}, "untagged_days: 0 is outside 1 to 3650; choose a value inside"),
        ({"pull_accounts": ["acme"]}, "pull_accounts[0]: 'acme' is not an AWS account; use its 12 digits"),
        (
            {"pull_accounts": [ACCOUNT]},
            f"pull_accounts[0]: {ACCOUNT} owns the registry; its IAM policies let it pull, leave it out",
        ),
        (
            {"replication_regions": ["oregon"]},
            "replication_regions[0]: 'oregon' is not a region; use a name such as us-west-2",
        ),
        (
            {"replication_regions": ["us-east-1"]},
            "replication_regions[0]: us-east-1 is the registry's own region; choose another",
        ),
        (
            {"replication_regions": ["us-west-2", "us-west-2"]},
            "replication_regions[1]: us-west-2 is named twice; name each region once",
        ),
        (
            {"repositories": [], "pull_through": [cache(Upstream.QUAY)], "replication_regions": ["us-west-2"]},
            "replication_regions: is set without repositories; name some or leave it out, caches are not replicated",
        ),
        (
            {"pull_through": [cache(Upstream.QUAY), cache(Upstream.QUAY)]},
            "pull_through[1].upstream: quay is cached twice; name each upstream once",
        ),
        (
            {"repository_prefix": "acme-mlops-staging", "pull_through": [cache(Upstream.QUAY, prefix="a" * 31)]},
            f"pull_through[0].prefix: '{'a' * 31}' has 31 characters, a cache prefix at most 30; "
            "shorten repository_prefix or set the prefix of the cache",
        ),
        (
            {"pull_through": [cache(Upstream.QUAY, prefix="acme-ml-dev/quay")]},
            "pull_through[0].prefix: 'acme-ml-dev/quay' and repository_prefix 'acme-ml-dev' lie inside each other; "
            "choose a prefix apart from it",
        ),
        (
            {"repository_prefix": "cache/acme", "pull_through": [cache(Upstream.QUAY, prefix="cache")]},
            "pull_through[0].prefix: 'cache' and repository_prefix 'cache/acme' lie inside each other; "
            "choose a prefix apart from it",
        ),
        (
            {
                "pull_through": [
                    cache(Upstream.QUAY, prefix="cache/quay"),
                    cache(Upstream.KUBERNETES, prefix="cache/quay"),
                ]
            },
            "pull_through[1].prefix: 'cache/quay' and the cache of quay 'cache/quay' lie inside each other; "
            "choose a prefix apart from it",
        ),
        (
            {"pull_through": [cache(Upstream.DOCKER_HUB)]},
            "pull_through[0].credentials_secret_arn: is missing; docker-hub needs the ARN of a secret named "
            "ecr-pullthroughcache/...",
        ),
        (
            {"pull_through": [cache(Upstream.GITHUB)]},
            "pull_through[0].credentials_secret_arn: is missing; github-container-registry needs the ARN of a "
            "secret named ecr-pullthroughcache/...",
        ),
        (
            {"pull_through": [cache(Upstream.QUAY, credentials_secret_arn=SECRET)]},
            "pull_through[0].credentials_secret_arn: is set, but quay is read without credentials; leave it out",
        ),
    ],
)
def test_container_registry_args_fail_with_what_ecr_or_sense_forbids(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        args(**overrides)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "arn",
    [
        SECRET.replace("ecr-pullthroughcache/", ""),
        SECRET.replace("us-east-1", "us-west-2"),
        SECRET.replace(ACCOUNT, "210987654321"),
        "hub",
    ],
)
def test_container_registry_args_fail_with_a_secret_that_ecr_cannot_use(arn: str) -> None:
    with pytest.raises(ArgsError) as caught:
        args(pull_through=[cache(Upstream.DOCKER_HUB, credentials_secret_arn=arn)])
    assert str(caught.value) == (
        f"pull_through[0].credentials_secret_arn: {arn!r} is not the ARN of a secret named "
        "ecr-pullthroughcache/... in the registry's account and region us-east-1; use one that is"
    )


def test_container_registry_args_accept_a_fitting_secret() -> None:
    given = args(pull_through=[cache(Upstream.DOCKER_HUB, credentials_secret_arn=SECRET)])
    assert given.caches() == {Upstream.DOCKER_HUB: "acme-ml-dev-docker-hub"}


def test_container_registry_args_name_caches_beside_the_repositories() -> None:
    secret = SECRET.replace("hub", "git")
    given = args(
        pull_through=[
            cache(Upstream.GITHUB, credentials_secret_arn=secret),
            cache(Upstream.KUBERNETES),
            cache(Upstream.QUAY, prefix="shared/quay"),
        ]
    )
    assert list(given.caches().values()) == ["acme-ml-dev-ghcr", "acme-ml-dev-k8s", "shared/quay"]


def test_container_registry_args_know_where_every_upstream_is() -> None:
    assert UPSTREAM_URLS.keys() == {*Upstream}
    assert {u.value for u in Upstream if u not in WITHOUT_CREDENTIALS} == {
        "docker-hub",
        "github-container-registry",
        "gitlab-container-registry",
    }


def test_container_registry_args_from_a_mapping_name_the_upstreams() -> None:
    hosted = {
        "repository_prefix": "acme",
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "key_arn": KEY,
        "pull_through": [{"upstream": "dockerhub"}],
    }
    with pytest.raises(ArgsError) as caught:
        coerce(ContainerRegistryArgs, hosted)
    assert str(caught.value) == (
        "args.pull_through[0].upstream: 'dockerhub' is not allowed; use one of ecr-public, quay, k8s, docker-hub, "
        "github-container-registry, gitlab-container-registry"
    )
