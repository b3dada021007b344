"""Tags that say who pays for what."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from pydantic import Field

from components._core.conventions import COMPONENT_TAG, DATA_CLASS_TAG, MANAGED_BY, REQUIRED_TAGS
from policies._engine.build import each, rule, stack_rule
from policies._engine.environments import default_tags
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Items, View
from policies._engine.wire import Undetermined
from policies.cost.planned import AWS_PROVIDER

AUTOSCALING_GROUP = "aws:autoscaling/group:Group"

TAGGABLE_FILE = Path(__file__).parent / "taggable.txt"

STATEFUL = frozenset(
    {
        "aws:dynamodb/table:Table",
        "aws:ebs/volume:Volume",
        "aws:ecr/repository:Repository",
        "aws:efs/fileSystem:FileSystem",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        "aws:msk/cluster:Cluster",
        "aws:rds/cluster:Cluster",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
    }
)
"""Types that hold data, and so also say of which class."""


class TagParams(Params):
    """Parameters of COST-TAG-001."""

    required: tuple[str, ...] = (*REQUIRED_TAGS, COMPONENT_TAG)
    """Keys that every taggable AWS resource carries."""

    stateful: tuple[str, ...] = (DATA_CLASS_TAG,)
    """Further keys of resources that hold data."""

    allowed: dict[str, tuple[str, ...]] = Field(default={"managed-by": (MANAGED_BY,)})
    """Values that a key may have; keys that are not here may have any but the empty one."""


@cache
def taggable() -> tuple[str, ...]:
    """Return the type tokens that take tags.

    Source: the resource classes of pulumi_aws, checked by a test.
    """
    lines = TAGGABLE_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@rule(
    "COST-TAG-001",
    "aws-resource-require-cost-tags",
    "AWS resources carry the tags by which cost is shared out",
    on=taggable(),
    params=TagParams,
    severity=Severity.MEDIUM,
    rationale="What carries no owner and no cost centre is paid and switched off by nobody in particular.",
    controls=("aws-wa-cost:COST03-BP02",),
    bad='aws.s3.Bucket(name, tags={"name": "models"})',
    remedy=(
        "Set the keys once as default tags of the AWS provider; components add their own.",
        'aws.Provider("aws", default_tags={"tags": default_tags(environment, owner, cost_center, platform)})',
    ),
)
def cost_tags(resource: Resource, ctx: Context[TagParams]) -> Iterator[Outcome]:
    """Own tags, and the default tags of the resource's provider, whether or not it has merged them in
    itself."""
    tags, unclear, unreadable = _tags(resource)
    wanted = ctx.params.required + (ctx.params.stateful if resource.type in STATEFUL else ())
    absent = [key for key in wanted if tags.get(key) in (None, "") and key not in unclear]
    if absent and not unreadable:
        yield Finding(f"tags {', '.join(absent)} are missing")
    if absent or any(key in unclear for key in wanted):
        yield from (*unreadable, *unclear.values())
    for key, values in ctx.params.allowed.items():
        if tags.get(key) not in (None, "", *values):
            yield Finding(f"tag {key} is not one of {', '.join(values)}")


def _tags(resource: Resource) -> tuple[dict[str, object], dict[str, Undetermined], list[Undetermined]]:
    """Return the known tags, those whose value is not known, by key, and what could not be read at all.

    The official provider merges its default tags into `tags` before policies see the resource
    (pulumi/pulumi-aws pull request 4169); providers that leave it to AWS do not.
    """
    found: dict[str, object] = {}
    unclear: dict[str, Undetermined] = {}
    unreadable: list[Undetermined] = []
    for read in _sources(resource):
        try:
            tags = read()
        except Undetermined as gap:
            unreadable.append(gap)
            continue
        for key in tags:
            unclear.pop(key, None)
            try:
                found[key] = tags[key]
            except Undetermined as gap:
                found.pop(key, None)
                unclear[key] = gap
    return found, unclear, unreadable


def _sources(resource: Resource) -> Iterator[Callable[[], View]]:
    """Yield what holds tags, weakest first."""
    # AWS gives Auto Scaling groups no default tags (hashicorp/terraform-provider-aws issue 7926).
    if resource.provider is not None and resource.type != AUTOSCALING_GROUP:
        provider = resource.provider
        yield lambda: default_tags(provider.props)
    yield lambda: _as_mapping(resource.props.at("tagsAll"))
    yield lambda: _as_mapping(resource.props.at("tags"))


def _as_mapping(tags: object) -> View:
    """Auto Scaling groups list their tags as objects with `key` and `value`."""
    if isinstance(tags, Items):
        return View({item.text("key"): item.raw.get("value") for item in tags.mappings()}, tags.path)
    return tags if isinstance(tags, View) else View({})


class DefaultTagParams(Params):
    """Parameters of COST-TAG-003."""

    required: tuple[str, ...] = REQUIRED_TAGS
    """Keys that every AWS provider gives to all that it manages."""


@stack_rule(
    "COST-TAG-003",
    "aws-provider-require-default-tags",
    "AWS providers give the cost tags to all that they manage",
    on=(AWS_PROVIDER,),
    params=DefaultTagParams,
    severity=Severity.LOW,
    rationale="Tags set resource by resource are missing from the one that somebody adds in a hurry.",
    controls=("aws-wa-cost:COST03-BP02",),
    bad='aws.Provider("aws", region="us-east-1")  # no default_tags',
    remedy=(
        "Give every AWS provider default_tags; leave the default provider out of use.",
        'aws.Provider("aws", region="us-east-1",\n'
        '    default_tags={"tags": default_tags(environment, owner, cost_center, platform)})',
    ),
)
def provider_tags(provider: Resource, stack: Stack, ctx: Context[DefaultTagParams]) -> Iterator[Outcome]:
    """A provider that manages nothing with tags, such as one for look-ups, need not have any."""
    known = frozenset(taggable())
    if not any(_managed_by(one, provider) for one in stack.resources if one.type in known):
        raise NotApplicable("the provider manages nothing that takes tags")
    tags = default_tags(provider.props)
    # A value that is not known yet does not hide the keys that are missing.
    yield from each(ctx.params.required, lambda key: _has(tags, key))


def _managed_by(resource: Resource, provider: Resource) -> bool:
    return resource.provider is not None and resource.provider.urn == provider.urn


def _has(tags: View, key: str) -> Iterator[Outcome]:
    if tags.at((key,)) in (None, ""):
        yield Finding(f"default tag {key} is missing")


RULES = (cost_tags, provider_tags)
