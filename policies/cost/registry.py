"""Container registries."""

from collections.abc import Iterator

from policies._engine.build import stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.wire import Undetermined
from policies.cost.reading import asked

REPOSITORY = "aws:ecr/repository:Repository"
CREATION_TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
LIFECYCLE = ("aws:ecr/lifecyclePolicy:LifecyclePolicy",)


@stack_rule(
    "COST-ECR-001",
    "ecr-repository-require-lifecycle-policy",
    "Image repositories delete images that are old or untagged",
    on=(REPOSITORY, CREATION_TEMPLATE),
    params=Params,
    severity=Severity.MEDIUM,
    rationale="Every build leaves an image of several GB with CUDA in it; at 0.10 USD a GB they add up month by month.",
    controls=("fsbp:ECR.3", "nist-800-53:CM-2", "aws-wa-cost:COST04-BP05"),
    bad="aws.ecr.Repository(name)  # no lifecycle policy",
    remedy=(
        "Attach a lifecycle policy; give templates of caches and copies a lifecycle_policy of their own.",
        "aws.ecr.LifecyclePolicy(name, repository=repository.name, policy=expire_untagged_and_old)",
    ),
)
def image_lifecycle(resource: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """ECR takes no policy without a rule, so that there being one is enough."""
    if resource.type == CREATION_TEMPLATE:
        if not asked(resource).props.declared("lifecyclePolicy"):
            yield Finding("lifecyclePolicy is unset: the repositories that ECR makes from the template keep everything")
        return
    join = stack.pointing_at(resource, LIFECYCLE, "repository", ids=("name",))
    if not join.partners and join.unresolved:
        other = join.unresolved[0].name
        raise Undetermined(f"{other} belongs to a repository that is not known yet, perhaps to this one")
    if not join.partners:
        yield Finding("no lifecycle policy is attached to the repository")


RULES = (image_lifecycle,)
