"""Where code comes from: registries and images."""

import re
from collections.abc import Iterator

from pydantic import Field

from policies._engine.build import equals, kubernetes_rule, property_rule
from policies._engine.model import Manifest
from policies._engine.pods import WORKLOADS, each_container
from policies._engine.rule import ByEnvironment, Context, Finding, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import Undetermined

DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
TAG = re.compile(r":([\w][\w.-]{0,127})$")
"""Of an image reference without digest; a registry's port is followed by a slash, so it is no tag."""

TEMPLATED = re.compile(r"\{\{.*\}\}")
"""A parameter of a workflow template."""

IMMUTABLE_TAGS = property_rule(
    "SEC-ECR-001",
    "ecr-repository-require-immutable-tags",
    "ECR tags cannot be moved to another image",
    on=("aws:ecr/repository:Repository",),
    path="imageTagMutability",
    must=equals("IMMUTABLE"),
    severity=Severity.HIGH,
    rationale="A tag that can be overwritten lets an image be swapped after it was scanned and approved.",
    controls=("fsbp:ECR.2", "checkov:CKV_AWS_51", "nist-800-53:CM-2"),
    bad='image_tag_mutability="MUTABLE"',
    remedy=("Make tags immutable; the default is MUTABLE.", 'image_tag_mutability="IMMUTABLE"'),
)


class PinnedParams(Params):
    """Parameters of SEC-SUP-002."""

    digest_required: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether a digest is needed beside or instead of a tag, by environment; `default` for the others."""


@kubernetes_rule(
    "SEC-SUP-002",
    "kubernetes-image-require-pinning",
    "Container images are pinned and never `latest`",
    kinds=WORKLOADS,
    params=PinnedParams,
    severity=Severity.HIGH,
    rationale="A tag that moves makes what runs differ from what was tested, after a restart or an attack.",
    controls=("checkov:CKV_K8S_14", "checkov:CKV_K8S_43", "nist-800-53:CM-2"),
    bad='image="public.ecr.aws/team/trainer:latest"',
    remedy=(
        "Give each image a version tag, and in production its sha256 digest.",
        'image="public.ecr.aws/team/trainer:1.4.2@sha256:<digest>"',
    ),
)
def pinned_images(manifest: Manifest, ctx: Context[PinnedParams]) -> Iterator[Outcome]:
    """A digest satisfies every environment."""
    yield from each_container(manifest, lambda container: _image(container, ctx))


def _image(container: View, ctx: Context[PinnedParams]) -> Iterator[Outcome]:
    image = container.text("image").strip()
    where, shown = f"{container.path}.image", container.shown("image")
    if not image or DIGEST.search(image):
        return
    if TEMPLATED.search(image):
        raise Undetermined(f"{where} is {shown}, which a workflow fills in when it runs")
    tag = TAG.search(image.partition("@")[0])
    if tag is None:
        yield Finding(f"{where} is {shown}, which has no tag and so means latest; wanted a version")
    elif tag.group(1) == "latest":
        yield Finding(f"{where} is {shown}; wanted a version instead of latest")
    elif ctx.by_environment(ctx.params.digest_required):
        yield Finding(f"{where} is {shown}; wanted a sha256 digest")


RULES = (IMMUTABLE_TAGS, pinned_images)
