"""Kubernetes workloads."""

from collections.abc import Iterator

from policies._engine.build import differs, kubernetes_rule
from policies._engine.model import Manifest
from policies._engine.pods import WORKLOADS, each_container
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View


class PrivilegedParams(Params):
    """Parameters of SEC-K8S-002."""

    namespaces: tuple[str, ...] = ()
    """Namespaces whose workloads may be privileged: GPU drivers, device plugins, node agents."""


@kubernetes_rule(
    "SEC-K8S-002",
    "kubernetes-container-disallow-privileged",
    "Containers are not privileged",
    kinds=WORKLOADS,
    params=PrivilegedParams,
    severity=Severity.CRITICAL,
    rationale="A privileged container is root on its node and may do all that the node's role may.",
    controls=("cis-eks:4.2.1", "pss:baseline/privileged-containers", "checkov:CKV_K8S_16", "trivy:KSV-0017"),
    bad='security_context={"privileged": True}',
    remedy=(
        "Drop privileged; add the one capability that is needed. Drivers belong in an allowed namespace.",
        'security_context={"privileged": False, "capabilities": {"drop": ["ALL"]}}',
    ),
)
def no_privileged(manifest: Manifest, ctx: Context[PrivilegedParams]) -> Iterator[Outcome]:
    """Some namespaces are for drivers; which, is a parameter."""
    outcomes = list(each_container(manifest, _privileged))
    if outcomes and ctx.params.namespaces and manifest.namespace in ctx.params.namespaces:
        raise NotApplicable(f"namespace {manifest.namespace} may run privileged containers")
    yield from outcomes


def _privileged(container: View) -> Iterator[Outcome]:
    context = container.mapping("securityContext")
    privileged = context.at("privileged", False)
    if privileged is True:
        yield differs(context, "privileged", "false")
    elif privileged is not False:
        yield Finding(f"{context.path}.privileged is neither true nor false")


RULES = (no_privileged,)
