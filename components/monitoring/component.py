"""Prometheus, Alertmanager and Grafana, with rules and dashboards for GPUs, cost and the platform's own services.

After this runs the chart is installed, its alerts go to an encrypted SNS topic that e-mail addresses
subscribe to, the exporter of the GPU operator is scraped with the pool of each GPU, and rules and
dashboards are there as typed objects. Grafana's password is made by external-secrets and is in no input,
output or state. Cost: one pod of 2 GiB and small ones on the system nodes, three gp3 volumes, the topic's
mails. Metrics are lost with the volume: what must last longer than `retention_days` belongs elsewhere.

Needs on the cluster: the CRDs of the Prometheus operator, external-secrets, the Pod Identity agent, a
storage class.
"""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components._core import conventions, kubernetes
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.kubernetes import PodSecurity
from components._core.policy_documents import pod_identity_trust, to_json
from components.monitoring import dashboards, manifests, rules
from components.monitoring.args import MonitoringArgs
from components.monitoring.values import (
    ALERTMANAGER_ACCOUNT,
    GRAFANA_SECRET,
    NAMESPACE,
    NODE_NAMESPACE,
    chart_values,
)


class Monitoring(PlatformComponent):
    """Metrics, alerts and dashboards of a cluster."""

    topic_arn: pulumi.Output[str]
    """SNS topic of alerts; other services of the account may alarm through it as well."""

    namespace: pulumi.Output[str]
    """Namespace of Prometheus, Alertmanager and Grafana."""

    grafana_admin_secret_name: pulumi.Output[str]
    """Kubernetes secret with the keys `username` and `password` of Grafana's administrator."""

    dashboards: pulumi.Output[list[str]]
    """Uids of the platform's dashboards."""

    def __init__(self, name: str, args: MonitoringArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Monitoring", name, opts)
        args = coerce(MonitoringArgs, args)
        self._labels = conventions.labels("monitoring", "kube-prometheus-stack")
        # Children do not inherit what a component waits for, and the CRDs must be there first.
        self._after = pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None)
        topic = self._make_topic(args)
        space = self._make_namespace("namespace", NAMESPACE, PodSecurity.BASELINE)
        nodes = self._make_namespace("node-namespace", NODE_NAMESPACE, PodSecurity.PRIVILEGED)
        self._inside = self._opts(self._after, kubernetes.inside(space))
        needs = [self._make_password(), self._make_identity(args, topic), *self._make_policies()]
        self._release = kubernetes.release(
            self._child("stack"),
            "kube-prometheus-stack",
            chart_values(args, topic.arn),
            self._opts(self._after, depends_on=[space, nodes, *needs]),
            NAMESPACE,
            args.mirror,
            args.extra_values,
        )
        self._make_scrape(args)
        self._make_rules(args)
        self.topic_arn = topic.arn
        self.namespace = pulumi.Output.from_input(NAMESPACE)
        self.grafana_admin_secret_name = pulumi.Output.from_input(GRAFANA_SECRET)
        self.dashboards = pulumi.Output.from_input(self._make_dashboards(args))
        self._register()

    @property
    def release(self) -> k8s.helm.v3.Release:
        """The chart's release."""
        return self._release

    def _make_namespace(self, role: str, name: str, security: PodSecurity) -> k8s.core.v1.Namespace:
        opts = self._opts(self._after)
        return kubernetes.namespace(self._child(role), name, "monitoring", opts, security)

    def _meta(self, name: str) -> dict[str, Any]:
        """Return the metadata of an object in the namespace."""
        return {"name": name, "namespace": NAMESPACE, "labels": self._labels}

    def _make_topic(self, args: MonitoringArgs) -> aws.sns.Topic:
        topic = aws.sns.Topic(
            self._child("alerts"),
            kms_master_key_id=args.notification_key_arn,
            tags=conventions.tags("monitoring"),
            opts=self._opts(),
        )
        aws.sns.TopicPolicy(
            self._child("alerts-policy"),
            arn=topic.arn,
            policy=to_json(manifests.topic_policy(topic.arn, args.account_id)),
            opts=self._opts(),
        )
        for address in args.alert_emails or []:
            aws.sns.TopicSubscription(
                self._child(f"mail-{manifests.slug(address)}"),
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                opts=self._opts(),
            )
        return topic

    def _make_identity(self, args: MonitoringArgs, topic: aws.sns.Topic) -> aws.eks.PodIdentityAssociation:
        """Let Alertmanager publish to the topic."""
        role = aws.iam.Role(
            self._child("alertmanager"),
            assume_role_policy=pod_identity_trust(),
            description="Alertmanager: publish alerts",
            tags=conventions.tags("monitoring"),
            opts=self._opts(),
        )
        aws.iam.RolePolicy(
            self._child("publish"),
            role=role.name,
            policy=to_json(manifests.publish_policy(topic.arn, args.notification_key_arn, args.region)),
            opts=self._opts(),
        )
        return aws.eks.PodIdentityAssociation(
            self._child("identity"),
            cluster_name=args.cluster_name,
            namespace=NAMESPACE,
            service_account=ALERTMANAGER_ACCOUNT,
            role_arn=role.arn,
            tags=conventions.tags("monitoring"),
            opts=self._opts(),
        )

    def _make_password(self) -> k8s.apiextensions.CustomResource:
        """Let external-secrets make the password of Grafana's administrator, once."""
        generator = kubernetes.custom(
            self._child("admin-generator"),
            manifests.GENERATORS,
            "Password",
            self._meta(GRAFANA_SECRET),
            manifests.password(),
            self._inside,
        )
        return kubernetes.custom(
            self._child("admin"),
            "external-secrets.io/v1",
            "ExternalSecret",
            self._meta(GRAFANA_SECRET),
            manifests.admin_secret(),
            self._opts(self._inside, depends_on=[generator]),
        )

    def _make_policies(self) -> list[pulumi.Resource]:
        return [
            k8s.networking.v1.NetworkPolicy(
                self._child(f"{name}-policy"), metadata=self._meta(name), spec=spec, opts=self._inside
            )
            for name, spec in manifests.policies().items()
        ]

    def _make_scrape(self, args: MonitoringArgs) -> None:
        """Scrape the exporter of the GPU operator."""
        kubernetes.custom(
            self._child("gpu-monitor"),
            "monitoring.coreos.com/v1",
            "ServiceMonitor",
            self._meta("gpus"),
            manifests.gpu_monitor(args.gpu_namespace or "gpu-operator"),
            self._inside,
        )

    def _make_rules(self, args: MonitoringArgs) -> None:
        limit = 10.0 if args.idle_cost_limit_usd is None else args.idle_cost_limit_usd
        groups = rules.groups(args.pools or [], limit, *_services(args))
        for group in groups:
            kubernetes.custom(
                self._child(f"{group['name'].removeprefix('mlops-')}-rules"),
                "monitoring.coreos.com/v1",
                "PrometheusRule",
                self._meta(group["name"]),
                {"groups": [group]},
                self._inside,
            )

    def _make_dashboards(self, args: MonitoringArgs) -> list[str]:
        """Create a ConfigMap for each dashboard, which Grafana's sidecar finds by its label."""
        boards = dashboards.all_dashboards(*_services(args))
        for name, board in boards.items():
            meta = self._meta(name)
            meta["labels"] = {**self._labels, "grafana_dashboard": "1"}
            k8s.core.v1.ConfigMap(
                self._child(f"{name.removeprefix('mlops-')}-dashboard"),
                metadata=meta,
                data={f"{name}.json": dashboards.render(board)},
                opts=self._inside,
            )
        return list(boards)


def _services(args: MonitoringArgs) -> tuple[str, str]:
    return args.registry_namespace or "mlflow", args.orchestrator_namespace or "argo"
