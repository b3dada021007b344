"""Where code comes from: registries, images, signatures, charts."""

import re
from collections.abc import Iterator

from pydantic import Field

from policies._engine.build import each, rule, some, stack_rule
from policies._engine.conditions import ALWAYS, AnyOf, this
from policies._engine.demands import Demand, Gap, Requirement, Subject, demand_rule
from policies._engine.model import Manifest, Resource, Stack
from policies._engine.objects import RELEASES, any_object, labels, objects
from policies._engine.pods import WORKLOADS
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import Undetermined
from policies.security.purposes import SERVING, SERVING_KINDS, serving_spaces

DIGEST = "@sha256:[0-9a-f]{64}$"
TAGGED = "^([^@]*/)?[^/@:]+:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(@|$)"
"""Of an image reference; a registry's port is followed by a slash, so it is no tag."""

LATEST = ":latest(@|$)"
TEMPLATED = "[{][{].*[}][}]"
"""A parameter of a workflow template."""


class RegistryParams(Params):
    """Parameters of SEC-SUP-001."""

    registries: tuple[str, ...] = (
        *("*.dkr.ecr.*.amazonaws.com", "registry.k8s.io", "nvcr.io/nvidia", "quay.io/argoproj"),
        *("public.ecr.aws/deep-learning-containers", "public.ecr.aws/eks", "public.ecr.aws/neuron"),
    )
    """Registries that images may come from, with a path where only a part of one is meant; `*` stands for one part
    of a host name. Name your own accounts: the default takes the private registry of any."""


@demand_rule(
    "SEC-SUP-001",
    "kubernetes-image-require-allowed-registry",
    "Container images come from allowed registries",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=RegistryParams,
    severity=Severity.HIGH,
    rationale=(
        "Anyone may publish under a likely name on a public registry; an image that nobody scanned then runs with the "
        "rights of the team that mistyped it, next to its data."
    ),
    controls=(
        "cis-eks:5.1.4",
        "kyverno:best-practices/restrict-image-registries",
        "mitre-atlas:AML.T0010.001",
        "nist-800-53:CM-7(5)",
        "nist-800-53:SR-3",
        "soc2:CC6.8",
    ),
    bad='image="ttl.sh/trainer:2h"',
    remedy=(
        "Push the image to a registry of your own, or pull it through one: ECR scans and keeps it.",
        'image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/trainer:1.4.2"',
    ),
)
def allowed_registries(ctx: Context[RegistryParams]) -> Demand:
    """An image without a host is of Docker Hub. One that a workflow fills in is judged in the pod that it starts."""
    image = this("image")
    hosts = "|".join(re.escape(one.strip("/")).replace(r"\*", "[a-z0-9-]+") for one in ctx.params.registries)
    wanted = f"one from {', '.join(ctx.params.registries)}"
    return Demand(
        (Requirement(image.missing() | image.matches(f"^(?:{hosts})/"), image, wanted),),
        applies=~image.matches(r"^\{\{"),
        otherwise="a workflow fills the image in when it runs",
    )


class PinnedParams(Params):
    """Parameters of SEC-SUP-002."""

    digest_required: ByEnvironment[bool] = Field(default={"default": False, "production": True})
    """Whether a digest is needed beside or instead of a tag, by environment; `default` for the others."""

    injected: tuple[str, ...] = ("quay.io/argoproj/argoexec",)
    """Images that a controller adds to other people's pods: those who write the pods cannot pin them by digest."""


@demand_rule(
    "SEC-SUP-002",
    "kubernetes-image-require-pinning",
    "Container images are pinned and never `latest`",
    per=Subject.CONTAINER,
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
def pinned_images(ctx: Context[PinnedParams]) -> Demand:
    """A digest satisfies every environment."""
    image = this("image")
    fine = image.missing() | image.is_("") | image.matches(DIGEST)
    tagged, latest = image.matches(TAGGED), image.matches(LATEST)
    injected = AnyOf(tuple(image.matches(f"^{re.escape(prefix)}:") for prefix in ctx.params.injected))
    filled = Gap(image.matches(TEMPLATED), "which a workflow fills in when it runs")
    requires = [
        Requirement(fine | tagged, image, "a version: what has no tag is the latest", filled),
        Requirement(fine | ~latest, image, "a version instead of latest", filled),
    ]
    try:
        if ctx.by_environment(ctx.params.digest_required):
            requires.append(Requirement(fine | ~tagged | latest | injected, image, "a sha256 digest", filled))
    except Undetermined as gap:
        requires.append(Requirement(fine | ~tagged | latest | injected, image, "", Gap(ALWAYS, f"and {gap.reason}")))
    return Demand(tuple(requires))


KYVERNO = ("kyverno.io/ClusterPolicy", "kyverno.io/Policy")
KYVERNO_IMAGES = ("policies.kyverno.io/ImageValidatingPolicy", "policies.kyverno.io/NamespacedImageValidatingPolicy")
SIGSTORE = "policy.sigstore.dev/ClusterImagePolicy"
SIGSTORE_LABEL = "policy.sigstore.dev/include"
RATIFY = "constraints.gatekeeper.sh/RatifyVerification"


class SignatureParams(Params):
    """Parameters of SEC-SUP-003."""

    serving: tuple[str, ...] = SERVING
    """Labels of namespaces that serve models, as `key` or `key=value`."""


@stack_rule(
    "SEC-SUP-003",
    "kubernetes-image-require-signature-verification",
    "Images that serve models are admitted only with a verified signature",
    params=SignatureParams,
    not_at_admission="it asks whether another admission policy exists",
    severity=Severity.MEDIUM,
    rationale=(
        "A registry shows who may push, not who did: whoever gets at a build account can replace the image that holds "
        "every user's request, and nothing notices."
    ),
    controls=(
        "kyverno:other/verify-image",
        "mitre-atlas:AML.M0013",
        "owasp-llm:LLM04",
        "nist-800-53:CM-14",
        "nist-800-53:SI-7",
        "soc2:CC6.8",
    ),
    bad='spec={"validationFailureAction": "Audit", "rules": [{"name": "signed", "verifyImages": [check]}]}',
    remedy=(
        "Install a policy of Kyverno, Sigstore's policy controller or Ratify that refuses what is not signed.",
        'spec={"rules": [{"name": "signed", "match": pods,\n'
        '    "verifyImages": [{"imageReferences": [f"{registry}/*"], "failureAction": "Enforce",\n'
        '                      "attestors": [{"entries": [{"kms": {"kms": key_alias}}]}]}]}]}',
    ),
)
def verified_signatures(_root: Resource, stack: Stack, ctx: Context[SignatureParams]) -> Iterator[Outcome]:
    """A policy that only audits does not count, nor one of Sigstore that no namespace asks for."""
    spaces = serving_spaces(stack, ctx.params.serving)
    if not spaces and not objects(stack, *SERVING_KINDS):
        raise NotApplicable("the stack serves no models")
    tests = ((KYVERNO, _kyverno), (KYVERNO_IMAGES, _kyverno_images), ((RATIFY,), _ratify))
    if some(tests, lambda one: any_object(stack, one[0], one[1])):
        return
    if not any_object(stack, (SIGSTORE,), lambda policy: policy.spec.text("mode", "enforce") == "enforce"):
        yield Finding("no policy of the stack refuses images without a signature; wanted one that verifies them")
        return
    for space in spaces:
        if labels(space).at((SIGSTORE_LABEL,)) != "true":
            yield Finding(f"{space.resource.name} lacks the label {SIGSTORE_LABEL}=true, its images are not verified")


def _kyverno(policy: Manifest) -> bool:
    overall = policy.spec.text("validationFailureAction", "Audit")
    return some(tuple(policy.spec.sequence("rules").mappings()), lambda one: _verifies(one, overall))


def _verifies(rule_of_policy: View, overall: str) -> bool:
    checks = tuple(rule_of_policy.sequence("verifyImages").mappings())
    return some(checks, lambda check: check.text("failureAction", overall).lower() == "enforce")


def _kyverno_images(policy: Manifest) -> bool:
    actions = policy.spec.sequence("validationActions")
    return not len(actions) or some(actions, lambda action: action == "Deny")


def _ratify(constraint: Manifest) -> bool:
    return constraint.spec.text("enforcementAction", "deny") == "deny"


EXACT = re.compile(r"v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
PACKAGED = re.compile(r"-v?\d+\.\d+\.\d+[0-9A-Za-z.+-]*\.tgz$")


class ChartParams(Params):
    """Parameters of SEC-SUP-005."""

    repositories: tuple[str, ...] = (
        *("oci://*.dkr.ecr.*.amazonaws.com", "oci://public.ecr.aws/karpenter", "oci://public.ecr.aws/neuron"),
        *("https://argoproj.github.io/argo-helm", "https://aws.github.io/eks-charts"),
        *("https://charts.external-secrets.io", "https://helm.ngc.nvidia.com/nvidia"),
        "https://prometheus-community.github.io/helm-charts",
    )
    """Repositories that charts may come from; `*` stands for one part of a host name."""

    folders: bool = True
    """Whether a chart may be a folder or a package beside the program, which review and commit pin."""


@rule(
    "SEC-SUP-005",
    "helm-release-require-pinned-chart",
    "Charts are pinned to an exact version and come from allowed repositories",
    kinds=RELEASES,
    params=ChartParams,
    not_at_admission="the API server never sees a release, only what it creates",
    severity=Severity.HIGH,
    rationale=(
        "A chart installs roles, webhooks and images at once. Without a version the next update takes whatever was "
        "published last, by whoever owns the repository then."
    ),
    controls=("mitre-atlas:AML.T0010.001", "nist-800-53:CM-2", "nist-800-53:SR-3", "soc2:CC8.1"),
    bad='chart="kube-prometheus-stack", version=">=80", repository_opts={"repo": repo}',
    remedy=(
        "Name the version to the last digit, and a repository that you allow.",
        'chart="kube-prometheus-stack", version="87.2.1",\n'
        'repository_opts={"repo": "https://prometheus-community.github.io/helm-charts"}',
    ),
)
def pinned_charts(release: Resource, ctx: Context[ChartParams]) -> Iterator[Outcome]:
    """Helm reads a version that is no exact one as a range."""
    chart = release.props.text("chart").strip()
    where = release.props.text("repositoryOpts.repo").strip()
    beside = "://" not in chart and (chart.startswith((".", "/")) or PACKAGED.search(chart) is not None)
    if beside and not where:
        if not ctx.params.folders:
            yield Finding(f"chart is {release.props.shown('chart')}, a folder or package; wanted a repository")
        return
    yield from each((_version, _repository), lambda check: check(release.props, chart, where, ctx.params))


def _version(props: View, chart: str, _where: str, _params: ChartParams) -> Iterator[Outcome]:
    if PACKAGED.search(chart) or re.search(DIGEST, chart):
        return
    if not EXACT.fullmatch(props.text("version").strip()):
        yield Finding(f"version is {props.shown('version')}; wanted an exact one, such as 1.4.2")


def _repository(props: View, chart: str, where: str, params: ChartParams) -> Iterator[Outcome]:
    source = chart if "://" in chart else where
    key = "chart" if "://" in chart else "repositoryOpts.repo"
    if not any(_begins(source, allowed) for allowed in params.repositories):
        yield Finding(f"{key} is {props.shown(key)}; wanted one of {', '.join(params.repositories)}")


def _begins(source: str, allowed: str) -> bool:
    pattern = re.escape(allowed.rstrip("/")).replace(r"\*", "[a-z0-9-]+")
    return re.match(f"{pattern}(?:/|$)", source) is not None


RULES = (allowed_registries, pinned_images, verified_signatures, pinned_charts)
