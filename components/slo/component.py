"""Service level objectives as rules of Prometheus: burn-rate alerts, error budgets, a release freeze, a dashboard.

After this runs there is one PrometheusRule for each objective and one that says for each service whether it may
be released, a dashboard, and in each release namespace the gate: a script that a promotion step runs, and the way
to Prometheus for it. Cost: nothing beside Prometheus, about 20 series for each objective. Stateless: the history
is in Prometheus, and with its volume the budgets are lost.

The verdict is a metric and not an object in the cluster: Prometheus knows it, and a controller that wrote it down
would need an image, rights, and a second schedule, and its last word would stand when it died. Whoever asks gets the
verdict of this minute, or none, and none stops the release.

Needs on the cluster: the CRDs of the Prometheus operator; a Prometheus that reads all rules; the network policy
agent of the VPC CNI. One for each cluster, as rules and dashboard have fixed names.
"""

from typing import Any, Optional

import pulumi
import pulumi_kubernetes as k8s

from components._core import conventions, kubernetes
from components._core.args import coerce
from components._core.base import PlatformComponent
from components.slo import dashboard, manifests, rules
from components.slo.args import SloArgs


class Slo(PlatformComponent):
    """Promises about services, and what follows when they are not kept."""

    freeze_queries: pulumi.Output[dict[str, str]]
    """PromQL by service; a release goes on if the answer is 0, and not otherwise."""

    gate_config_map: pulumi.Output[str]
    """ConfigMap in each release namespace with `gate.py`, which a promotion step runs."""

    gate_label: pulumi.Output[dict[str, str]]
    """Label that the pod of a promotion step needs to reach Prometheus."""

    dashboard: pulumi.Output[str]
    """Uid of the dashboard."""

    def __init__(self, name: str, args: SloArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Slo", name, opts)
        args = coerce(SloArgs, args)
        self._labels = conventions.labels("slo", "slo")
        # Children do not inherit what a component waits for, and the CRDs must be there first.
        self._after = self._opts(pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None))
        self._make_rules(args)
        self._make_dashboard(args)
        self._make_gates(args)
        self.freeze_queries = pulumi.Output.from_input(manifests.queries(args))
        self.gate_config_map = pulumi.Output.from_input(manifests.GATE)
        self.gate_label = pulumi.Output.from_input(manifests.GATE_LABEL)
        self.dashboard = pulumi.Output.from_input(dashboard.UID)
        self._register()

    def _meta(self, name: str, namespace: str, **labels: str) -> dict[str, Any]:
        return {"name": name, "namespace": namespace, "labels": {**self._labels, **labels}}

    def _make_rules(self, args: SloArgs) -> None:
        """Create an object for each objective, so that each changes by itself, and the one of releases."""
        groups = {f"objective-{o.name}": rules.group(o) for o in args.objectives}
        for role, group in {**groups, "freeze": rules.freeze_group(args.objectives)}.items():
            kubernetes.custom(
                self._child(role),
                "monitoring.coreos.com/v1",
                "PrometheusRule",
                self._meta(group["name"], args.space),
                {"groups": [group]},
                self._after,
            )

    def _make_dashboard(self, args: SloArgs) -> None:
        """Create the ConfigMap, which Grafana's sidecar finds by its label."""
        k8s.core.v1.ConfigMap(
            self._child("dashboard"),
            metadata=self._meta(dashboard.UID, args.space, grafana_dashboard="1"),
            data={f"{dashboard.UID}.json": dashboard.render()},
            opts=self._after,
        )

    def _make_gates(self, args: SloArgs) -> None:
        """Create the gate in each release namespace, and the way to Prometheus."""
        spaces = args.release_namespaces or []
        for space in spaces:
            k8s.core.v1.ConfigMap(
                self._child(f"gate-{space}"),
                metadata=self._meta(manifests.GATE, space),
                data=manifests.gate_files(args),
                opts=self._after,
            )
            self._make_policy(f"way-out-{space}", space, manifests.let_out(args.space))
        if spaces:
            self._make_policy("way-in", args.space, manifests.let_in(spaces))

    def _make_policy(self, role: str, namespace: str, spec: dict[str, Any]) -> None:
        meta = self._meta(manifests.GATE, namespace)
        k8s.networking.v1.NetworkPolicy(self._child(role), metadata=meta, spec=spec, opts=self._after)
