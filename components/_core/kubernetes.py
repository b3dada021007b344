"""In-cluster objects: namespaces with Pod Security labels, pinned chart releases, deletion order.

Deletion: a namespace, a release and a cluster-scoped object are deleted for real, so that load balancers and
volumes that controllers made go with them; an object inside a namespace is `deleted_with` the namespace.
"""

import enum
from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_kubernetes as k8s

from components._core import catalogue, conventions


class PodSecurity(enum.StrEnum):
    """Pod Security Standard that a namespace enforces (kubernetes.io/docs/concepts/security/pod-security-standards)."""

    PRIVILEGED = "privileged"
    """Drivers, device plugins and node agents only."""

    BASELINE = "baseline"
    RESTRICTED = "restricted"


def namespace(
    logical: str,
    name: str,
    component: str,
    opts: pulumi.ResourceOptions,
    security: PodSecurity = PodSecurity.RESTRICTED,
    labels: Optional[Mapping[str, str]] = None,
    judged: bool = False,
) -> k8s.core.v1.Namespace:
    """Create a namespace that enforces, audits and warns on a Pod Security Standard.

    `judged` puts it under the admission policies too: right where teams or this library write the workloads, not where
    a chart does.
    """
    level = security.value
    modes = {f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "audit", "warn")}
    if judged:
        modes[conventions.POLICY_LABEL] = conventions.POLICY_ENFORCED
    return k8s.core.v1.Namespace(
        logical,
        metadata={"name": name, "labels": {**conventions.labels(component, name), **modes, **(labels or {})}},
        opts=opts,
    )


def inside(space: k8s.core.v1.Namespace) -> pulumi.ResourceOptions:
    """Options of an object inside `space`: created after it and gone with it."""
    return pulumi.ResourceOptions(depends_on=[space], deleted_with=space)


def release(
    logical: str,
    key: str,
    values: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
    namespace_name: Optional[pulumi.Input[str]] = None,
    mirror: Optional[str] = None,
    extra_values: Optional[Mapping[str, Any]] = None,
) -> k8s.helm.v3.Release:
    """Install a chart of the catalogue at its pinned version, under a deterministic release name.

    `values` may hold Outputs; their keys are checked against the keys seen in the chart's own values file.
    `extra_values` (the user's) are deep-merged last and not checked: the user may know a key that we did not see.
    """
    pin = catalogue.chart(key)
    catalogue.check_values(key, values)
    name = pin.release_name
    repository = catalogue.chart_source(pin, mirror)
    return k8s.helm.v3.Release(
        logical,
        name=name,
        chart=repository.chart,
        version=pin.version,
        repository_opts={"repo": repository.repo} if repository.repo else None,
        namespace=namespace_name or pin.namespace,
        create_namespace=False,
        skip_crds=pin.skip_crds,
        atomic=False,
        # A release that hangs is worse than one that fails: pulumi-kubernetes issue 2054 has no recovery built in.
        timeout=600,
        cleanup_on_fail=True,
        values=merge(values, extra_values or {}),
        opts=opts,
    )


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Deep-merge two value trees; `over` wins, lists are replaced whole (as Helm does)."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def custom(
    logical: str,
    api_version: str,
    kind: str,
    metadata: Mapping[str, Any],
    spec: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> k8s.apiextensions.CustomResource:
    """Create a custom resource. The release that brings its CRD must be among `opts.depends_on`."""
    return k8s.apiextensions.CustomResource(
        logical, api_version=api_version, kind=kind, metadata=dict(metadata), spec=dict(spec), opts=opts
    )


def requirement(key: str, values: Sequence[str], operator: str = "In") -> dict[str, Any]:
    """Return one node selector requirement; an operator without values (`Exists`) gets none."""
    result: dict[str, Any] = {"key": key, "operator": operator}
    if operator not in ("Exists", "DoesNotExist"):
        result["values"] = list(values)
    return result
