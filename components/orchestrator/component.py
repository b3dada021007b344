"""Argo Workflows for teams: the controller with its archive, and for each team a closed namespace of its own.

After this runs the chart is installed with its workflow archive in PostgreSQL; each team has a namespace
with quota, limits, network policies, an account whose role reaches the team's part of one bucket, and an
artifact repository there; each pool has a ClusterWorkflowTemplate that survives the loss of its node; three
classes of priority exist. Cost: the controller's pods on the system nodes, 0.22 USD a month for reading the
rotated password every minute. Stateless: archive and artifacts are in the database and in the bucket, which
are given.

Needs on the cluster: external-secrets with a ClusterSecretStore that may read the database's secret, the
network policy agent of the VPC CNI, the Pod Identity agent, and for monitoring the CRDs of the Prometheus
operator.
"""

from typing import Any, Optional

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components._core import conventions, kubernetes
from components._core.args import coerce
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, to_json
from components.orchestrator import restart, templates, tenancy
from components.orchestrator.args import GpuPoolRef, OrchestratorArgs
from components.orchestrator.team import Team
from components.orchestrator.values import DATABASE_SECRET, NAMESPACE, SERVER, chart_values

_RBAC = "rbac.authorization.k8s.io"
_READERS = "mlops-workflow-templates"


class Orchestrator(PlatformComponent):
    """Workflows on the cluster's pools, kept apart by team."""

    namespace: pulumi.Output[str]
    """Namespace of the controller and the server."""

    team_namespaces: pulumi.Output[dict[str, str]]
    """Namespace by team."""

    service_accounts: pulumi.Output[dict[str, str]]
    """Service account of workflows by team."""

    artifact_prefix: pulumi.Output[str]
    """Address under which each team's namespace has its artifacts, logs and checkpoints."""

    def __init__(self, name: str, args: OrchestratorArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("Orchestrator", name, opts)
        args = coerce(OrchestratorArgs, args)
        self._labels = conventions.labels("orchestrator", "argo-workflows")
        # Children do not inherit what a component waits for, and the CRDs of secrets must be there first.
        self._after = pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None)
        space = kubernetes.namespace(self._child("namespace"), NAMESPACE, "orchestrator", self._opts(self._after))
        self._inside = self._opts(self._after, kubernetes.inside(space))
        self._make_priorities()
        release = self._make_release(args, [space, *self._make_controller_needs(args)])
        self._make_restart(args, release)
        for team in args.teams:
            Team(self, args, team, self._after)
        self._make_templates(args, release)
        self._make_template_readers(args, release)
        self.namespace = pulumi.Output.from_input(NAMESPACE)
        self.team_namespaces = pulumi.Output.from_input({team.name: team.namespace for team in args.teams})
        self.service_accounts = pulumi.Output.from_input({team.name: "workflow" for team in args.teams})
        self.artifact_prefix = pulumi.Output.concat("s3://", args.bucket_name, "/", args.prefix)
        self._register()

    @property
    def release(self) -> k8s.helm.v3.Release:
        """The chart's release: what uses its kinds depends on it."""
        return self._release

    def _meta(self, name: str) -> dict[str, Any]:
        """Return the metadata of an object in the controller's namespace."""
        return {"name": name, "namespace": NAMESPACE, "labels": self._labels}

    def _make_priorities(self) -> None:
        for name, (value, preemption, text) in templates.PRIORITIES.items():
            k8s.scheduling.v1.PriorityClass(
                self._child(f"{name.removeprefix('mlops-')}-priority"),
                metadata={"name": name, "labels": self._labels},
                value=value,
                preemption_policy=preemption,
                description=text,
                opts=self._opts(self._after),
            )

    def _make_controller_needs(self, args: OrchestratorArgs) -> list[pulumi.Resource]:
        """Create what must be there when the controller starts: password, limits, policies, the server's role."""
        secret = kubernetes.custom(
            self._child("database"),
            "external-secrets.io/v1",
            "ExternalSecret",
            self._meta(DATABASE_SECRET),
            restart.database_secret(args.database_secret_arn, args.secret_store),
            self._inside,
        )
        limits = k8s.core.v1.LimitRange(
            self._child("limits"), metadata=self._meta("argo"), spec=tenancy.limits(), opts=self._inside
        )
        policies = [
            k8s.networking.v1.NetworkPolicy(
                self._child(f"{name}-policy"), metadata=self._meta(name), spec=spec, opts=self._inside
            )
            for name, spec in tenancy.controller_policies(args).items()
        ]
        return [secret, limits, *policies, self._make_server_identity(args)]

    def _make_server_identity(self, args: OrchestratorArgs) -> aws.eks.PodIdentityAssociation:
        """Let the server show artifacts and logs; it asks Kubernetes first whether the user may see the workflow."""
        role = aws.iam.Role(
            self._child("server"),
            assume_role_policy=pod_identity_trust(),
            description="Argo server: read artifacts",
            tags=conventions.tags("orchestrator"),
            opts=self._opts(),
        )
        aws.iam.RolePolicy(
            self._child("server-read"),
            role=role.name,
            policy=to_json(tenancy.bucket_policy(args, "", write=False)),
            opts=self._opts(),
        )
        return aws.eks.PodIdentityAssociation(
            self._child("server-identity"),
            cluster_name=args.cluster_name,
            namespace=NAMESPACE,
            service_account=SERVER,
            role_arn=role.arn,
            tags=conventions.tags("orchestrator"),
            opts=self._opts(),
        )

    def _make_release(self, args: OrchestratorArgs, needs: list[pulumi.Resource]) -> k8s.helm.v3.Release:
        self._release = kubernetes.release(
            self._child("argo"),
            "argo-workflows",
            chart_values(args),
            self._opts(self._after, depends_on=needs),
            NAMESPACE,
            args.mirror,
            args.extra_values,
        )
        return self._release

    def _make_restart(self, args: OrchestratorArgs, release: k8s.helm.v3.Release) -> None:
        """Create the job that restarts controller and server after the password was rotated."""
        name = restart.NAME
        opts = self._opts(self._inside, depends_on=[release])
        k8s.core.v1.ServiceAccount(self._child("watch-account"), metadata=self._meta(name), opts=opts)
        k8s.rbac.v1.Role(self._child("watch-role"), metadata=self._meta(name), rules=restart.role_rules(), opts=opts)
        k8s.rbac.v1.RoleBinding(
            self._child("watch-binding"),
            metadata=self._meta(name),
            role_ref={"apiGroup": _RBAC, "kind": "Role", "name": name},
            subjects=[{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}],
            opts=opts,
        )
        k8s.batch.v1.CronJob(
            self._child("watch"),
            metadata=self._meta(name),
            spec=restart.cron_job(args.kubectl_image or restart.IMAGE),
            opts=opts,
        )

    def _make_templates(self, args: OrchestratorArgs, release: k8s.helm.v3.Release) -> None:
        for pool in args.pools or []:
            self._make_template(args, pool, release)

    def _make_template(self, args: OrchestratorArgs, pool: GpuPoolRef, release: k8s.helm.v3.Release) -> None:
        retries = 5 if args.retries is None else args.retries
        place = {"resource": pool.resource, "selector": pool.selector, "tolerations": pool.tolerations}
        spec = pulumi.Output.all(place=place, address=self._address(args)).apply(
            lambda known: templates.gpu_template(pool.name, known["place"], known["address"], retries)
        )
        k8s.apiextensions.CustomResource(
            self._child(f"{pool.name}-template"),
            api_version="argoproj.io/v1alpha1",
            kind="ClusterWorkflowTemplate",
            metadata={"name": f"gpu-{pool.name}", "labels": self._labels},
            spec=spec,
            opts=self._opts(self._after, depends_on=[release]),
        )

    def _address(self, args: OrchestratorArgs) -> pulumi.Output[str]:
        return pulumi.Output.concat("s3://", args.bucket_name, "/", args.prefix)

    def _make_template_readers(self, args: OrchestratorArgs, release: k8s.helm.v3.Release) -> None:
        """Let the people of all teams read the templates of the pools."""
        groups = sorted({group for team in args.teams for group in team.groups or []})
        if not groups:
            return
        opts = self._opts(self._after, depends_on=[release])
        metadata = {"name": _READERS, "labels": self._labels}
        k8s.rbac.v1.ClusterRole(
            self._child("readers-role"), metadata=metadata, rules=tenancy.template_rules(), opts=opts
        )
        k8s.rbac.v1.ClusterRoleBinding(
            self._child("readers-binding"),
            metadata=metadata,
            role_ref={"apiGroup": _RBAC, "kind": "ClusterRole", "name": _READERS},
            subjects=[{"kind": "Group", "name": group, "apiGroup": _RBAC} for group in groups],
            opts=opts,
        )
