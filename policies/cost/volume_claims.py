"""Claims of persistent volumes: of which class, and how large."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import Field

from policies._engine.build import each, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import RELEASES, annotation, chart_name, known_name, objects
from policies._engine.pods import ARGO_PATHS
from policies._engine.quantities import GIB, quantity
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, show
from policies._engine.wire import Undetermined

CLAIM = "/PersistentVolumeClaim"
STATEFUL_SET = "apps/StatefulSet"
STORAGE_CLASS = "storage.k8s.io/StorageClass"
EBS_DRIVERS = ("ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs")
"""Provisioners of EBS: the CSI driver, that of EKS Auto Mode, the one that Kubernetes once had itself."""

DEFAULT_MARK = "storageclass.kubernetes.io/is-default-class"
BUILT_IN = {"gp2": "gp2"}
"""Classes that EKS makes itself, by name, and their type of volume."""

TEMPLATES = {
    STATEFUL_SET: "spec.volumeClaimTemplates",
    **{kind: f"{path}.volumeClaimTemplates" for kind, path in ARGO_PATHS.items()},
}
CHART_CLAIMS = {
    "kube-prometheus-stack": (
        "alertmanager.alertmanagerSpec.storage.volumeClaimTemplate.spec",
        "prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec",
    )
}
"""Where charts of the catalogue take the spec of a claim."""


class ClaimParams(Params):
    """Parameters of COST-K8S-003."""

    types: tuple[str, ...] = ("gp3", "st1", "sc1")
    """Types of EBS volumes that a claim may lead to."""

    classes: tuple[str, ...] = ("gp3", "gp3-encrypted")
    """Storage classes that are known to be of such a type although they are not part of the stack."""

    most_gib: ByEnvironment[int] = Field(default={"default": 200, "production": 2000})
    """Largest volume in GiB, by environment."""


@stack_rule(
    "COST-K8S-003",
    "kubernetes-volume-claim-limit-class-and-size",
    "Volume claims are of gp3 and of a size that was thought about",
    kinds=(CLAIM, *TEMPLATES, *RELEASES),
    params=ClaimParams,
    not_at_admission="it looks at the storage class beside the claim, and compares quantities",
    severity=Severity.LOW,
    rationale=(
        "EBS bills what is claimed, not what is used, and a volume cannot shrink. gp2 costs a quarter more than gp3 in "
        "us-east-1, and io2 many times as much once it has IOPS."
    ),
    controls=("aws-wa-cost:COST06-BP02",),
    bad='spec={"storageClassName": "gp2", "resources": {"requests": {"storage": "16Ti"}}}',
    remedy=(
        "Name a class of gp3, and claim what the next months need: gp3 volumes grow without a stop.",
        'spec={"storageClassName": "gp3-encrypted", "resources": {"requests": {"storage": "100Gi"}}}',
    ),
)
def sized_claims(resource: Resource, stack: Stack, ctx: Context[ClaimParams]) -> Iterator[Outcome]:
    """Claims alone, of stateful sets, of workflows, and of charts of the catalogue."""
    yield from each(tuple(manifests(resource)), lambda one: _manifest(one, stack, ctx))


def _manifest(manifest: Manifest, stack: Stack, ctx: Context[ClaimParams]) -> Iterator[Outcome]:
    if manifest.kind == CLAIM:
        yield from _claim(manifest.spec, stack, ctx)
    elif manifest.kind in TEMPLATES:
        templates = manifest.props.sequence(TEMPLATES[manifest.kind])
        if not len(templates):
            raise NotApplicable("the workload claims no volumes")
        yield from each(templates, lambda template: _claim(template.mapping("spec"), stack, ctx))
    elif manifest.kind in RELEASES:
        paths = CHART_CLAIMS.get(chart_name(manifest.resource), ())
        claims = [claim for path in paths if (claim := manifest.props.mapping("values").mapping(path))]
        if not claims:
            raise NotApplicable("the chart's values claim no volumes")
        yield from each(claims, lambda claim: _claim(claim, stack, ctx))


def _claim(claim: View, stack: Stack, ctx: Context[ClaimParams]) -> Iterator[Outcome]:
    checks: tuple[Callable[[View, Stack, Context[ClaimParams]], Iterator[Outcome]], ...] = (_class, _size)
    yield from each(checks, lambda check: check(claim, stack, ctx))


@dataclass(frozen=True)
class _Class:
    name: str
    ebs: bool
    type: str


def _class(claim: View, stack: Stack, ctx: Context[ClaimParams]) -> Iterator[Outcome]:
    found = _storage_class(claim, stack, ctx.params)
    if found.ebs and found.type not in ctx.params.types:
        wanted = " or ".join(ctx.params.types)
        yield Finding(
            f"{claim.path}.storageClassName leads to {show(found.type)} by class {show(found.name)}; wanted {wanted}"
        )


def _size(claim: View, stack: Stack, ctx: Context[ClaimParams]) -> Iterator[Outcome]:
    size = quantity(claim, "resources.requests.storage")
    if size is None or size <= min(ctx.params.most_gib.values()) * GIB:
        return
    most = ctx.by_environment(ctx.params.most_gib)
    if size <= most * GIB:
        return
    # File systems bill what is in them, whatever is claimed.
    if _storage_class(claim, stack, ctx.params).ebs:
        shown = claim.shown("resources.requests.storage")
        yield Finding(f"{claim.path}.resources.requests.storage is {shown}; wanted at most {most}Gi")


def _storage_class(claim: View, stack: Stack, params: ClaimParams) -> _Class:
    """Return the class of a claim; where it names none, the default one of the stack."""
    name = claim.text("storageClassName")
    classes = objects(stack, STORAGE_CLASS)
    found = [one for one in classes if (known_name(one) == name if name else annotation(one, DEFAULT_MARK) == "true")]
    if found:
        return _of(found[0])
    if name in params.classes:
        return _Class(name, True, params.types[0] if params.types else "gp3")
    if name in BUILT_IN:
        return _Class(name, True, BUILT_IN[name])
    what = f"class {show(name)} is not" if name else "no default storage class is"
    raise Undetermined(f"{claim.path}.storageClassName: {what} part of this stack")


def _of(storage_class: Manifest) -> _Class:
    props = storage_class.props
    name = known_name(storage_class) or storage_class.resource.name
    if props.text("provisioner") not in EBS_DRIVERS:
        return _Class(name, False, "")
    # The CSI driver makes gp3 where nothing is said; the one inside Kubernetes made gp2.
    own = "gp2" if props.text("provisioner") == EBS_DRIVERS[-1] else "gp3"
    return _Class(name, True, props.text("parameters.type") or own)


RULES = (sized_claims,)
