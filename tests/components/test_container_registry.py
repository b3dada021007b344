"""Repositories, caches of public registries, copies in other regions, and the right to pull."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components._core.durability import Durability
from components.container_registry import (
    ContainerRegistry,
    ContainerRegistryArgs,
    PullThroughArgs,
    ScanMode,
    Upstream,
)
from tests.graph import ACCOUNT, Graph, Recorded, record

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/images"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
OTHER = "210987654321"
CACHES = [
    PullThroughArgs(upstream=Upstream.QUAY),
    PullThroughArgs(upstream=Upstream.DOCKER_HUB, credentials_secret_arn=SECRET),
]

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
ACCESS = "aws:ecr/repositoryPolicy:RepositoryPolicy"
RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
POLICY = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"

UNTAGGABLE = {
    *(LIFECYCLE, ACCESS, RULE, TEMPLATE, REPLICATION, SCANNING, ROLE_POLICY),
    "mlops:index:ContainerRegistry",
}


def build(args: Any, preview: bool = False) -> Graph:
    def program() -> dict[str, Any]:
        made = ContainerRegistry("registry", args)
        return {key: getattr(made, key) for key in ContainerRegistry.__annotations__}

    return record(program, preview=preview)


def registry(preview: bool = False, **overrides: Any) -> Graph:
    given = {
        "repository_prefix": "acme-ml-dev",
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "key_arn": KEY,
        "repositories": ["training/pytorch", "serving"],
    }
    return build(ContainerRegistryArgs(**{**given, **overrides}), preview)


def everything(preview: bool = False) -> Graph:
    return registry(
        preview,
        scan=ScanMode.ENHANCED,
        pull_accounts=[OTHER],
        pull_through=CACHES,
        replication_regions=["us-west-2", "eu-west-1"],
    )


def statements(resource: Recorded, key: str = "policy") -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(resource.inputs[key])["Statement"]}


def test_container_registry_by_default_keeps_images_immutable_scanned_and_encrypted() -> None:
    graph = registry()
    assert {r.inputs["name"] for r in graph.of(REPOSITORY)} == {
        "acme-ml-dev/training/pytorch",
        "acme-ml-dev/serving",
    }
    for made in graph.of(REPOSITORY):
        assert made.inputs["imageTagMutability"] == "IMMUTABLE"
        assert made.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        assert made.inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": KEY}]
    absent = {ACCESS, RULE, TEMPLATE, REPLICATION, SCANNING, ROLE}
    assert not absent & {r.type for r in graph.resources}


@pytest.mark.parametrize(("overrides", "keep", "days"), [({}, 200, 7), ({"keep_images": 5, "untagged_days": 1}, 5, 1)])
def test_container_registry_lifecycle_ends_untagged_images_and_keeps_the_newest(
    overrides: dict[str, Any], keep: int, days: int
) -> None:
    graph = registry(**overrides)
    assert {p.inputs["repository"] for p in graph.of(LIFECYCLE)} == {r.inputs["name"] for r in graph.of(REPOSITORY)}
    for policy in graph.of(LIFECYCLE):
        untagged, tagged = json.loads(policy.inputs["policy"])["rules"]
        assert untagged["selection"] == {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        }
        assert tagged["selection"] == {
            "tagStatus": "tagged",
            "tagPatternList": ["*"],
            "countType": "imageCountMoreThan",
            "countNumber": keep,
        }
        assert untagged["rulePriority"] < tagged["rulePriority"]


@pytest.mark.parametrize(
    ("durability", "protected", "emptied"),
    [
        (None, True, False),
        (Durability.PROTECTED, True, False),
        (Durability.STANDARD, False, False),
        (Durability.EPHEMERAL, False, True),
    ],
)
def test_container_registry_durability_decides_what_a_destroy_does(
    durability: Durability | None, protected: bool, emptied: bool
) -> None:
    for made in registry(durability=durability).of(REPOSITORY):
        assert (made.protect, made.retain_on_delete) == (protected, protected)
        assert made.inputs["forceDelete"] is emptied


def test_container_registry_what_hangs_on_a_repository_goes_with_it() -> None:
    graph = everything()
    by_name = {r.inputs["name"]: r for r in graph.of(REPOSITORY)}
    for resource in (*graph.of(LIFECYCLE), *graph.of(ACCESS)):
        assert resource.deleted_with == by_name[resource.inputs["repository"]].urn
        assert graph.depends(resource, by_name[resource.inputs["repository"]])


def test_container_registry_other_accounts_may_pull_and_nothing_else() -> None:
    graph = registry(pull_accounts=[OTHER])
    assert len(graph.of(ACCESS)) == 2
    for policy in graph.of(ACCESS):
        (pull,) = statements(policy).values()
        assert pull["Principal"] == {"AWS": [f"arn:aws:iam::{OTHER}:root"]}
        assert pull["Action"] == [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ]


def test_container_registry_enhanced_scanning_covers_repositories_and_caches() -> None:
    scanning = registry(scan=ScanMode.ENHANCED, pull_through=CACHES[:1]).one(SCANNING).inputs
    assert scanning["scanType"] == "ENHANCED"
    (rule,) = scanning["rules"]
    assert rule["scanFrequency"] == "CONTINUOUS_SCAN"
    assert rule["repositoryFilters"] == [
        {"filter": "acme-ml-dev/*", "filterType": "WILDCARD"},
        {"filter": "acme-ml-dev-quay/*", "filterType": "WILDCARD"},
    ]


def test_container_registry_caches_read_their_upstreams_with_credentials_where_needed() -> None:
    graph = registry(pull_through=CACHES)
    rules = {r.inputs["ecrRepositoryPrefix"]: r.inputs for r in graph.of(RULE)}
    quay, hub = rules["acme-ml-dev-quay"], rules["acme-ml-dev-docker-hub"]
    assert (quay["upstreamRegistryUrl"], "credentialArn" in quay) == ("quay.io", False)
    assert (hub["upstreamRegistryUrl"], hub["credentialArn"]) == ("registry-1.docker.io", SECRET)
    registry_url = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
    assert graph.result["pull_through_prefixes"] == {
        "quay": f"{registry_url}/acme-ml-dev-quay",
        "docker-hub": f"{registry_url}/acme-ml-dev-docker-hub",
    }


def test_container_registry_cached_repositories_have_key_lifecycle_and_tags_but_tags_that_move() -> None:
    graph = registry(pull_through=CACHES)
    for template in graph.of(TEMPLATE):
        inputs = template.inputs
        assert (inputs["appliedFors"], inputs["imageTagMutability"]) == (["PULL_THROUGH_CACHE"], "MUTABLE")
        assert inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": KEY}]
        assert inputs["resourceTags"] == {"component": "container-registry", "data-class": "image"}
        assert inputs["lifecyclePolicy"] == graph.of(LIFECYCLE)[0].inputs["policy"]
        assert inputs["customRoleArn"].endswith(":registry-caches")


def test_container_registry_ecr_creates_repositories_in_the_caches_only() -> None:
    graph = registry(pull_through=CACHES)
    rights = statements(graph.one(ROLE_POLICY))
    cached = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/acme-ml-dev"
    assert rights["Create"]["Resource"] == [f"{cached}-quay/*", f"{cached}-docker-hub/*"]
    assert rights["UseKey"]["Resource"] == KEY
    trust = statements(graph.one(ROLE), "assumeRolePolicy")["Trust"]
    assert trust["Principal"] == {"Service": "ecr.amazonaws.com"}


def test_container_registry_nodes_pull_everything_and_fill_caches_only() -> None:
    graph = registry(pull_through=CACHES[:1])
    rights = statements(graph.one(POLICY))
    repositories = sorted(graph.result["repository_arns"].values())
    cached = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/acme-ml-dev-quay/*"
    assert sorted(rights["Pull"]["Resource"]) == sorted([*repositories, cached])
    assert rights["FillCaches"]["Resource"] == [cached]
    assert rights["Login"]["Action"] == ["ecr:GetAuthorizationToken"]
    assert "FillCaches" not in statements(registry().one(POLICY))
    assert graph.result["pull_policy_arn"].endswith(":registry-pull")


def test_container_registry_copies_repositories_but_no_caches_to_other_regions() -> None:
    inputs = everything().one(REPLICATION).inputs["replicationConfiguration"]
    assert inputs["rules"] == [
        {
            "destinations": [
                {"region": "us-west-2", "registryId": ACCOUNT},
                {"region": "eu-west-1", "registryId": ACCOUNT},
            ],
            "repositoryFilters": [{"filter": "acme-ml-dev/", "filterType": "PREFIX_MATCH"}],
        }
    ]


def test_container_registry_copies_are_immutable_too() -> None:
    graph = everything()
    for region in ("us-west-2", "eu-west-1"):
        inputs = graph.one(TEMPLATE, f"registry-copies-{region}").inputs
        assert (inputs["region"], inputs["prefix"]) == (region, "acme-ml-dev")
        assert (inputs["appliedFors"], inputs["imageTagMutability"]) == (["REPLICATION"], "IMMUTABLE")


def test_container_registry_templates_come_before_what_makes_repositories() -> None:
    graph = everything()
    for rule in graph.of(RULE):
        assert graph.depends(rule, graph.one(TEMPLATE, rule.name))
        assert graph.depends(rule, graph.one(ROLE_POLICY))
    for region in ("us-west-2", "eu-west-1"):
        assert graph.depends(graph.one(REPLICATION), graph.one(TEMPLATE, f"registry-copies-{region}"))


def test_container_registry_children_are_parented_and_tagged() -> None:
    graph = everything()
    for resource in graph.resources:
        if resource.name != "registry":
            assert graph.parent_of(resource) == "registry", resource.name
        if resource.type not in UNTAGGABLE:
            assert resource.inputs["tags"]["component"] == "container-registry", resource.name
    assert {r.inputs["tags"]["data-class"] for r in graph.of(REPOSITORY)} == {"image"}


def test_container_registry_untagged_types_are_those_that_take_no_tags() -> None:
    taggable = {*Path("policies/cost/taggable.txt").read_text(encoding="utf-8").split()}
    assert {r.type for r in everything().resources} - taggable == UNTAGGABLE


def test_container_registry_outputs_are_by_the_names_given() -> None:
    result = registry().result
    assert result["repository_urls"].keys() == {"training/pytorch", "serving"}
    assert result["repository_arns"].keys() == {"training/pytorch", "serving"}
    assert (result["registry_id"], result["pull_through_prefixes"]) == (ACCOUNT, {})


def test_container_registry_of_caches_alone_has_no_repositories() -> None:
    graph = registry(repositories=None, pull_through=CACHES[:1])
    assert (graph.result["repository_urls"], graph.result["repository_arns"]) == ({}, {})
    assert not graph.of(REPOSITORY)


def test_container_registry_registers_exactly_its_annotated_outputs() -> None:
    assert everything().outputs_of("registry").keys() == {*ContainerRegistry.__annotations__}


def test_container_registry_hosted_mapping_equals_local_args() -> None:
    hosted = {
        "repository_prefix": "acme-ml-dev",
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "key_arn": KEY,
        "repositories": ["serving"],
        "keep_images": 30.0,
        "scan": "enhanced",
        "pull_through": [{"upstream": "quay"}],
        "durability": "ephemeral",
    }
    local = registry(
        repositories=["serving"],
        keep_images=30,
        scan=ScanMode.ENHANCED,
        pull_through=CACHES[:1],
        durability=Durability.EPHEMERAL,
    )
    assert sorted((r.type, r.name, str(r.inputs)) for r in build(hosted).resources) == sorted(
        (r.type, r.name, str(r.inputs)) for r in local.resources
    )


def test_container_registry_with_unknown_inputs_registers_the_same_resources() -> None:
    def program() -> None:
        unknown: Any = pulumi.Output.from_input("").apply(lambda _: pulumi.UNKNOWN)
        args = ContainerRegistryArgs(
            repository_prefix="acme-ml-dev",
            account_id=unknown,
            region="us-east-1",
            key_arn=unknown,
            repositories=["training/pytorch", "serving"],
            pull_through=CACHES,
        )
        ContainerRegistry("registry", args)

    preview = [(r.type, r.name) for r in record(program, preview=True).resources]
    real = [(r.type, r.name) for r in registry(pull_through=CACHES).resources]
    assert sorted(preview) == sorted(real)


def test_container_registry_in_a_preview_registers_the_same_resources() -> None:
    preview, real = everything(preview=True), everything()
    assert sorted((r.type, r.name) for r in preview.resources) == sorted((r.type, r.name) for r in real.resources)
