"""Training data and what trains on it: classes of data, and shares of accelerators."""

import re
from collections.abc import Iterator

from components._core.conventions import DATA_CLASS_TAG
from policies._engine.buckets import BUCKET
from policies._engine.build import each, rule, stack_rule
from policies._engine.devices import ACCELERATORS
from policies._engine.environments import default_tags
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import NAMESPACE, inside, marked
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, show
from policies._engine.wire import Undetermined
from policies.security.purposes import TEAMS

QUOTA, LIMITS = "/ResourceQuota", "/LimitRange"


class QuotaParams(Params):
    """Parameters of SEC-ML-004."""

    teams: tuple[str, ...] = TEAMS
    """Labels of namespaces where teams train and serve, as `key` or `key=value`."""

    resources: tuple[str, ...] = ACCELERATORS
    """Resources of accelerators, of which a quota names at least one."""


@stack_rule(
    "SEC-ML-004",
    "kubernetes-namespace-require-accelerator-quota",
    "Namespaces of teams have a share of accelerators, and defaults for pods that ask for nothing",
    kinds=(NAMESPACE,),
    params=QuotaParams,
    not_at_admission="it looks at the quota and the limits beside the namespace",
    severity=Severity.MEDIUM,
    rationale=(
        "Without a quota one team, or one stolen token, takes every GPU that the pools may start; without a limit "
        "range the quota refuses pods that say nothing, until somebody lifts it."
    ),
    controls=(
        "kyverno:best-practices/add-ns-quota",
        "owasp-llm:LLM06",
        "mitre-atlas:AML.T0034",
        "nist-800-53:SC-5(2)",
        "nist-800-53:SC-6",
        "soc2:A1.1",
    ),
    bad='metadata={"name": "ml-research", "labels": {"mlops.dev/team": "research"}}  # and nothing beside it',
    remedy=(
        "Give the namespace a ResourceQuota with its accelerators, and a LimitRange with defaults.",
        'k8s.core.v1.ResourceQuota(name, metadata={"namespace": "ml-research"},\n'
        '    spec={"hard": {"requests.nvidia.com/gpu": "8", "requests.cpu": "128"}})',
    ),
)
def shares(resource: Resource, stack: Stack, ctx: Context[QuotaParams]) -> Iterator[Outcome]:
    """Kubernetes takes `requests.<resource>` alone for accelerators, as they cannot be overcommitted."""
    yield from each(tuple(manifests(resource)), lambda space: _space(space, stack, ctx.params))


def _space(space: Manifest, stack: Stack, params: QuotaParams) -> Iterator[Outcome]:
    if space.kind != NAMESPACE or not marked(space, params.teams):
        raise NotApplicable("the namespace is no team's")
    yield from _quota(space, stack, params)
    yield from _limits(space, stack)


def _quota(space: Manifest, stack: Stack, params: QuotaParams) -> Iterator[Outcome]:
    quotas = inside(stack, space, QUOTA)
    gaps: list[Undetermined] = []
    for quota in quotas.sure:
        try:
            if _names_accelerators(quota, params):
                return
        except Undetermined as gap:
            gaps.append(gap)
    if gaps:
        yield gaps[0]
    elif quotas.perhaps:
        yield _perhaps(quotas.perhaps[0])
    elif quotas.sure:
        yield Finding(f"{quotas.sure[0].resource.name} limits no accelerators; wanted requests.{ACCELERATORS[0]}")
    else:
        yield Finding("the namespace has no ResourceQuota; wanted one with its share of accelerators")


def _names_accelerators(quota: Manifest, params: QuotaParams) -> bool:
    hard = quota.spec.mapping("hard")
    return any(hard.at((f"requests.{name}",)) is not None for name in params.resources)


def _limits(space: Manifest, stack: Stack) -> Iterator[Outcome]:
    ranges = inside(stack, space, LIMITS)
    if ranges.sure:
        return
    if ranges.perhaps:
        yield _perhaps(ranges.perhaps[0])
    else:
        yield Finding("the namespace has no LimitRange; wanted defaults for containers that ask for nothing")


def _perhaps(manifest: Manifest) -> Undetermined:
    return Undetermined(f"{manifest.resource.name} is of a namespace that is not known yet, perhaps of this one")


class ClassParams(Params):
    """Parameters of SEC-ML-007."""

    tag: str = DATA_CLASS_TAG
    """Tag that says which class of data a bucket holds."""

    allowed: tuple[str, ...] = ("dataset", "feature", "image", "log", "metadata", "model")
    """Values that it may have: this library's, or the classes of your own scheme."""

    words: tuple[str, ...] = ("corpus", "data", "dataset", "datasets", "feature", "features", "training")
    """Words in the name of a bucket that holds training data; empty for all buckets."""


@rule(
    "SEC-ML-007",
    "s3-training-data-require-classification",
    "Buckets of training data say which class of data they hold",
    on=BUCKET,
    params=ClassParams,
    severity=Severity.MEDIUM,
    rationale=(
        "Access, retention and the right to train on data hang on its class. What carries none is copied into the next "
        "training run, and out of a model nothing can be deleted."
    ),
    controls=(
        "aisf:AISF-DATA-01",
        "mitre-atlas:AML.M0005",
        "owasp-llm:LLM05",
        "nist-800-53:AC-16",
        "nist-800-53:RA-2",
        "soc2:C1.1",
    ),
    bad='aws.s3.Bucket("datasets", tags={"owner": "ml-platform@example.com"})',
    remedy=(
        "Tag the bucket with the class of its data, from the list that your scheme knows.",
        'aws.s3.Bucket("datasets", tags={"owner": "ml-platform@example.com", "data-class": "dataset"})',
    ),
)
def classified(bucket: Resource, ctx: Context[ClassParams]) -> Iterator[Outcome]:
    """Default tags of the provider count as well, though one class for everything says little."""
    if not _holds_training_data(bucket, ctx.params):
        raise NotApplicable("nothing in its names tells of training data")
    found = _tag(bucket, ctx.params.tag)
    if found not in ctx.params.allowed:
        wanted = ", ".join(ctx.params.allowed)
        yield Finding(f"tag {ctx.params.tag} is {show(found)}; wanted one of {wanted}")


def _holds_training_data(bucket: Resource, params: ClassParams) -> bool:
    if not params.words or _told(bucket.name, params):
        return True
    return _told(bucket.props.text("bucket"), params) or _told(bucket.props.text("bucketPrefix"), params)


def _told(name: str, params: ClassParams) -> bool:
    return not set(re.split(r"[-_.]", name.lower())).isdisjoint(params.words)


def _tag(bucket: Resource, key: str) -> object:
    sources = [bucket.props.mapping("tags"), bucket.props.mapping("tagsAll")]
    if bucket.provider is not None:
        sources.append(default_tags(bucket.provider.props))
    return next((value for source in sources if (value := _value(source, key)) is not None), None)


def _value(tags: View, key: str) -> object:
    return tags.at((key,))


RULES = (shares, classified)
