"""Objectives of each kind for two services, with a namespace that releases, for a real engine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components._core import kubernetes, providers
from components.slo import Kind, NoData, Objective, Slo, SloArgs

COMMON: dict[str, Any] = {"owner": "team-ranking", "runbook_url": "https://runbooks.example.com/ranker"}
MONITORING, TEAM = "monitoring", "team-ranking"


def objectives(percent: float) -> list[Objective]:
    """One objective of each kind; `percent` is that of the first."""
    requests = 'http_requests_total{namespace="serving", app="ranker"'
    return [
        Objective(
            name="ranker-availability",
            service="ranker",
            kind=Kind.AVAILABILITY,
            objective_percent=percent,
            total_events=f"{requests}}}",
            bad_events=f'{requests}, code=~"5.."}}',
            **COMMON,
        ),
        Objective(
            name="ranker-latency",
            service="ranker",
            kind=Kind.LATENCY,
            objective_percent=99,
            histogram='http_request_duration_seconds{namespace="serving", app="ranker"}',
            threshold=0.1,
            buckets=[0.05, 0.1, 0.25],
            window_days=28,
            **COMMON,
        ),
        Objective(
            name="clicks-freshness",
            service="features",
            kind=Kind.FRESHNESS,
            objective_percent=99,
            gauge='feature_view_made_seconds{view="clicks"}',
            max_age_seconds=3600,
            **COMMON,
        ),
        Objective(
            name="ranker-quality",
            service="ranker",
            kind=Kind.QUALITY,
            objective_percent=95,
            gauge='model_auc{model="ranker"}',
            minimum=0.7,
            no_data=NoData.BAD,
            freezes=False,
            **COMMON,
        ),
    ]


def space(name: str, opts: pulumi.ResourceOptions) -> k8s.core.v1.Namespace:
    """A namespace that lets nothing in or out, as the library's own do."""
    made = kubernetes.namespace(name, name, "live", opts)
    inside = pulumi.ResourceOptions.merge(opts, kubernetes.inside(made))
    k8s.networking.v1.NetworkPolicy(
        f"{name}-default-deny",
        metadata={"name": "default-deny", "namespace": name},
        spec={"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        opts=inside,
    )
    return made


def build() -> None:
    """Make the definitions, the namespaces and the objectives."""
    provider = providers.kubernetes_provider("kubernetes", Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8"))
    opts = pulumi.ResourceOptions(provider=provider)
    watched = space(MONITORING, opts)
    crds = kubernetes.release(
        "crds",
        "prometheus-operator-crds",
        {},
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[watched])),
        MONITORING,
    )
    args = SloArgs(
        objectives=objectives(pulumi.Config().get_float("percent") or 99.9),
        prometheus_retention_days=35,
        release_namespaces=[TEAM],
    )
    after = pulumi.ResourceOptions(providers=[provider], depends_on=[crds, space(TEAM, opts)])
    made = Slo("slo", args, after)
    pulumi.export("freeze_queries", made.freeze_queries)
    pulumi.export("gate_label", made.gate_label)
