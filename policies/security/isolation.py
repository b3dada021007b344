"""Untrusted code: on nodes that it shares with nothing else."""

import fnmatch
from collections.abc import Callable, Iterator

from policies._engine.build import differs, each, some, stack_rule
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.pods import ARGO_PATHS, POD_PATHS
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, joined

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
NODE_POOL = "karpenter.sh/NodePool"
FARGATE = "aws:eks/fargateProfile:FargateProfile"

AFFINITY = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"

TEMPLATES = {
    **{kind: (path.removesuffix("spec") + "metadata.labels", path) for kind, path in POD_PATHS.items()},
    **{kind: (path + ".podMetadata.labels", path) for kind, path in ARGO_PATHS.items()},
}
"""Where each kind of workload keeps the labels of its pods, and what places them."""


class UntrustedParams(Params):
    """Parameters of SEC-EKS-017."""

    label: str = "mlops.dev/trust"
    """Label by which pods and pools are declared untrusted, and key of the taint of such pools."""

    value: str = "untrusted"
    """Its value."""

    runtime_classes: tuple[str, ...] = ()
    """Runtime classes that keep a pod from its node's kernel by themselves, such as gVisor's or Kata's."""


@stack_rule(
    "SEC-EKS-017",
    "kubernetes-untrusted-require-isolated-nodes",
    "What is declared untrusted runs on nodes of its own",
    on=(NODE_GROUP,),
    kinds=(NODE_POOL, *TEMPLATES),
    params=UntrustedParams,
    not_at_admission="it looks at Fargate profiles and node groups of AWS beside the object",
    severity=Severity.MEDIUM,
    rationale="Containers share their node's kernel: code of strangers that breaks out reaches all pods beside it.",
    controls=("nist-800-53:SC-39", "soc2:CC6.1"),
    bad='{"metadata": {"labels": {"mlops.dev/trust": "untrusted"}}, "spec": {"containers": containers}}',
    remedy=(
        "Select a pool that is labelled and tainted mlops.dev/trust=untrusted, or a Fargate profile.",
        '{"metadata": {"labels": {"mlops.dev/trust": "untrusted"}},\n'
        ' "spec": {"nodeSelector": {"mlops.dev/trust": "untrusted"}, "containers": containers}}',
    ),
)
def untrusted_apart(resource: Resource, stack: Stack, ctx: Context[UntrustedParams]) -> Iterator[Outcome]:
    """The taint keeps trusted pods off the pool, the selector keeps untrusted ones on it."""
    if resource.kind:
        yield from each(tuple(manifests(resource)), lambda one: _manifest(one, stack, ctx.params))
        return
    if not resource.sets("labels") or resource.props.at(("labels", ctx.params.label)) != ctx.params.value:
        raise NotApplicable("the node group is not declared untrusted")
    yield from _tainted(
        resource.props if resource.sets("taints") else View({}), "taints", ("NO_SCHEDULE", "NO_EXECUTE"), ctx.params
    )


def _manifest(manifest: Manifest, stack: Stack, params: UntrustedParams) -> Iterator[Outcome]:
    if manifest.kind == NODE_POOL:
        template = manifest.spec.mapping("template")
        if template.at(("metadata", "labels", params.label)) != params.value:
            raise NotApplicable("the pool is not declared untrusted")
        yield from _tainted(template, "spec.taints", ("NoSchedule", "NoExecute"), params)
    elif manifest.kind in TEMPLATES:
        yield from _pods(manifest, stack, params)


def _tainted(holder: View, path: str, effects: tuple[str, str], params: UntrustedParams) -> Iterator[Outcome]:
    taints = tuple(holder.sequence(path).mappings())
    if not some(taints, lambda taint: taint.at("key") == params.label and taint.at("effect") in effects):
        yield differs(holder, path, f"a taint {params.label} with effect {effects[0]}")


def _pods(manifest: Manifest, stack: Stack, params: UntrustedParams) -> Iterator[Outcome]:
    labels_path, spec_path = TEMPLATES[manifest.kind]
    labels = (manifest.props.mapping("metadata.labels"), manifest.props.mapping(labels_path))
    if not some(labels, lambda one: one.at((params.label,)) == params.value):
        raise NotApplicable("the workload is not declared untrusted")
    spec = manifest.props.mapping(spec_path)
    apart: tuple[Callable[[], bool], ...] = (
        lambda: spec.at(("nodeSelector", params.label)) == params.value,
        lambda: _by_affinity(spec, params),
        lambda: spec.at("runtimeClassName") in params.runtime_classes,
        lambda: some(stack.of(FARGATE), lambda profile: _on_fargate(profile, manifest.namespace, labels[1])),
    )
    if not some(apart, lambda is_apart: is_apart()):
        path = joined(spec.path, "nodeSelector")
        yield Finding(f"{path} lacks {params.label}: {params.value}, and no Fargate profile takes the pods")


def _by_affinity(spec: View, params: UntrustedParams) -> bool:
    """One term must hold, so all of them must name the pool."""
    terms = tuple(spec.sequence(AFFINITY).mappings())
    return bool(terms) and not some(terms, lambda term: not some(_expressions(term), lambda one: _names(one, params)))


def _expressions(term: View) -> tuple[View, ...]:
    return tuple(term.sequence("matchExpressions").mappings())


def _names(expression: View, params: UntrustedParams) -> bool:
    named = expression.at("key") == params.label and expression.at("operator") == "In"
    return named and list(expression.sequence("values")) == [params.value]


def _on_fargate(profile: Resource, namespace: str, labels: View) -> bool:
    return some(tuple(profile.props.sequence("selectors").mappings()), lambda one: _selects(one, namespace, labels))


def _selects(selector: View, namespace: str, labels: View) -> bool:
    """Namespaces and values of labels may hold `*` and `?` (EKS user guide, Fargate profiles, read 2026-11-23)."""
    wanted = selector.mapping("labels")
    return fnmatch.fnmatchcase(namespace, selector.text("namespace")) and all(
        key in labels and fnmatch.fnmatchcase(labels.text((key,)), wanted.text((key,))) for key in wanted
    )


RULES = (untrusted_apart,)
