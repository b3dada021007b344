"""MLflow as tracking server and model registry: PostgreSQL behind it, artifacts in S3, authentication on.

After this runs there is a namespace of its own with the server's pods, a service in front of them, the
policies that close the namespace, and a role that reaches one prefix of one bucket. Typed resources, no
chart: it is an application, so preview and policies see each object. Passwords are made and kept by
external-secrets; none is in an input, an output or the state. Cost: the pods' share of their nodes; 0.22
USD a month and secret for reading the rotated password every minute. Stateless: the state is in the
database and in the bucket, which are given.

Needs on the cluster: external-secrets with a ClusterSecretStore that may read the database's secret, the
network policy agent of the VPC CNI, the Pod Identity agent, and for monitoring the CRDs of the Prometheus
operator.
"""

import hashlib
from pathlib import Path
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components._core import conventions, kubernetes
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, to_json
from components.model_registry import image, manifests, pod
from components.model_registry.args import ModelRegistryArgs

_START = Path(__file__).with_name("start.py").read_text(encoding="utf-8")
_SELECTOR = {"app.kubernetes.io/name": "mlflow"}


class ModelRegistry(PlatformComponent):
    """MLflow for the teams of a cluster; nobody reads or writes without a user."""

    tracking_url: pulumi.Output[str]
    """Address of the server inside the cluster, for `MLFLOW_TRACKING_URI`."""

    namespace: pulumi.Output[str]
    """Namespace of the server."""

    role_arn: pulumi.Output[str]
    """Role of the server's pods."""

    admin_secret_name: pulumi.Output[str]
    """Kubernetes secret with the keys `username` and `password` of the administrator."""

    def __init__(self, name: str, args: ModelRegistryArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("ModelRegistry", name, opts)
        args = coerce(ModelRegistryArgs, args)
        self._labels = conventions.labels("model-registry", "mlflow")
        # Children do not inherit what a component waits for, and the CRDs must be there first.
        after = pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None)
        opts_of_space = self._opts(after)
        space = kubernetes.namespace(self._child("namespace"), args.space, "model-registry", opts_of_space, judged=True)
        self._inside = self._opts(after, kubernetes.inside(space))
        role = self._make_role(args)
        association = self._make_identity(args, role)
        secrets = self._make_secrets(args)
        policies = self._make_policies(args)
        self._make_server(args, [association, *secrets, *policies])
        if args.monitoring_namespace:
            self._make_monitor(args)
        host = f"mlflow.{args.space}.svc.cluster.local"
        self.tracking_url = pulumi.Output.from_input(f"http://{host}:{image.PORT}")
        self.namespace = pulumi.Output.from_input(args.space)
        self.role_arn = role.arn
        self.admin_secret_name = pulumi.Output.from_input(pod.AUTH_SECRET)
        self._register()

    def _meta(self, args: ModelRegistryArgs, name: str) -> dict[str, Any]:
        """Return the metadata of an object in the namespace."""
        return {"name": name, "namespace": args.space, "labels": self._labels}

    def _make_role(self, args: ModelRegistryArgs) -> aws.iam.Role:
        role = aws.iam.Role(
            self._child("workload"),
            assume_role_policy=pod_identity_trust(),
            description="MLflow: artifacts under one prefix",
            tags=conventions.tags("model-registry"),
            opts=self._opts(),
        )
        aws.iam.RolePolicy(
            self._child("artifacts"),
            role=role.name,
            policy=to_json(manifests.bucket_policy(args)),
            opts=self._opts(),
        )
        return role

    def _make_identity(self, args: ModelRegistryArgs, role: aws.iam.Role) -> aws.eks.PodIdentityAssociation:
        """Create the service account and tie the role to it."""
        k8s.core.v1.ServiceAccount(
            self._child("account"),
            metadata=self._meta(args, "mlflow"),
            automount_service_account_token=False,
            opts=self._inside,
        )
        return aws.eks.PodIdentityAssociation(
            self._child("identity"),
            cluster_name=args.cluster_name,
            namespace=args.space,
            service_account="mlflow",
            role_arn=role.arn,
            tags=conventions.tags("model-registry"),
            opts=self._opts(),
        )

    def _make_secrets(self, args: ModelRegistryArgs) -> list[pulumi.Resource]:
        """Create the generators and what external-secrets writes with them and with the database's secret."""
        spec = manifests.password()
        generators = [
            self._custom(args, f"{role}-generator", manifests.GENERATORS, "Password", name, spec)
            for role, name in (("admin", "mlflow-admin"), ("flask", "mlflow-flask"))
        ]
        made = pulumi.ResourceOptions(depends_on=generators)
        kind = "ExternalSecret"
        auth = manifests.auth_secret()
        database = manifests.database_secret(args)
        return [
            self._custom(args, "auth", manifests.EXTERNAL_SECRETS, kind, pod.AUTH_SECRET, auth, made),
            self._custom(args, "database", manifests.EXTERNAL_SECRETS, kind, pod.DATABASE_SECRET, database),
        ]

    def _custom(
        self,
        args: ModelRegistryArgs,
        role: str,
        api_version: str,
        kind: str,
        name: str,
        spec: dict[str, Any],
        after: Optional[pulumi.ResourceOptions] = None,
    ) -> k8s.apiextensions.CustomResource:
        meta = self._meta(args, name)
        opts = self._opts(self._inside, after)
        return kubernetes.custom(self._child(role), api_version, kind, meta, spec, opts)

    def _make_policies(self, args: ModelRegistryArgs) -> list[pulumi.Resource]:
        return [
            k8s.networking.v1.NetworkPolicy(
                self._child(f"{name}-policy"), metadata=self._meta(args, name), spec=spec, opts=self._inside
            )
            for name, spec in manifests.policies(args, _SELECTOR).items()
        ]

    def _make_server(self, args: ModelRegistryArgs, after: list[pulumi.Resource]) -> None:
        """Create script, pods, service and disruption budget; pods come after what they read and may do."""
        script = k8s.core.v1.ConfigMap(
            self._child("start"),
            metadata=self._meta(args, pod.START),
            data={"start.py": _START},
            opts=self._inside,
        )
        checksum = hashlib.sha256(_START.encode()).hexdigest()[:16]
        k8s.apps.v1.Deployment(
            self._child("server"),
            metadata=self._meta(args, "mlflow"),
            spec={
                "replicas": args.replicas or 2,
                "revisionHistoryLimit": 3,
                "minReadySeconds": 5,
                "selector": {"matchLabels": _SELECTOR},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
                "template": pod.template(args, self._labels, checksum),
            },
            opts=self._opts(self._inside, depends_on=[script, *after]),
        )
        k8s.core.v1.Service(
            self._child("service"),
            metadata=self._meta(args, "mlflow"),
            spec={
                "type": "ClusterIP",
                "selector": _SELECTOR,
                "ports": [{"name": "http", "port": image.PORT, "targetPort": "http"}],
            },
            opts=self._inside,
        )
        k8s.policy.v1.PodDisruptionBudget(
            self._child("disruption"),
            metadata=self._meta(args, "mlflow"),
            spec={"maxUnavailable": 1, "selector": {"matchLabels": _SELECTOR}},
            opts=self._inside,
        )

    def _make_monitor(self, args: ModelRegistryArgs) -> None:
        spec = manifests.service_monitor(_SELECTOR)
        self._custom(args, "monitor", "monitoring.coreos.com/v1", "ServiceMonitor", "mlflow", spec)
