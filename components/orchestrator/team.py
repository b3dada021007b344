"""The objects of one team: the component calls this once for each."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components._core import conventions, kubernetes
from components._core.base import PlatformComponent
from components._core.policy_documents import pod_identity_trust, to_json
from components.orchestrator import tenancy
from components.orchestrator.args import OrchestratorArgs, TeamArgs
from components.orchestrator.values import ACCOUNT

_API = "rbac.authorization.k8s.io"
_USERS = "workflow-users"


class Team:
    """Creates what a team has, as children of the component: a plain class, no resource of its own."""

    def __init__(
        self, owner: PlatformComponent, args: OrchestratorArgs, team: TeamArgs, after: pulumi.ResourceOptions
    ) -> None:
        self._owner, self._args, self._team = owner, args, team
        self._labels = conventions.labels("orchestrator", team.namespace, {tenancy.TEAM_LABEL: team.name})
        self.space = kubernetes.namespace(
            self._child("namespace"),
            team.namespace,
            "orchestrator",
            owner._opts(after),
            labels={tenancy.TEAM_LABEL: team.name},
            judged=True,
        )
        self._inside = owner._opts(after, kubernetes.inside(self.space))
        self._make_bounds()
        self._make_account()
        self._make_users()
        self._make_repository()

    def _child(self, role: str) -> str:
        return self._owner._child(f"{self._team.name}-{role}")

    def _meta(self, name: str) -> dict[str, Any]:
        return {"name": name, "namespace": self._team.namespace, "labels": self._labels}

    def _make_bounds(self) -> None:
        """Create quota, limits and network policies."""
        pools = self._args.pools or []
        hard = pulumi.Output.all(*(pool.resource for pool in pools)).apply(
            lambda resources: tenancy.quota(self._team, resources)
        )
        k8s.core.v1.ResourceQuota(
            self._child("quota"), metadata=self._meta("team"), spec={"hard": hard}, opts=self._inside
        )
        k8s.core.v1.LimitRange(
            self._child("limits"), metadata=self._meta("team"), spec=tenancy.limits(), opts=self._inside
        )
        for name, spec in tenancy.team_policies(self._args).items():
            k8s.networking.v1.NetworkPolicy(
                self._child(f"{name}-policy"), metadata=self._meta(name), spec=spec, opts=self._inside
            )

    def _make_account(self) -> None:
        """Create the account of workflows, its rights in the cluster and its role in AWS."""
        k8s.core.v1.ServiceAccount(self._child("account"), metadata=self._meta(ACCOUNT), opts=self._inside)
        self._grant("workflow", ACCOUNT, tenancy.workflow_rules(), [_account(ACCOUNT, self._team.namespace)])
        role = aws.iam.Role(
            self._child("workload"),
            assume_role_policy=pod_identity_trust(),
            description=f"workflows of team {self._team.name}",
            tags=conventions.tags("orchestrator", {"team": self._team.name}),
            opts=self._owner._opts(),
        )
        aws.iam.RolePolicy(
            self._child("artifacts"),
            role=role.name,
            policy=to_json(tenancy.bucket_policy(self._args, self._team.namespace, write=True)),
            opts=self._owner._opts(),
        )
        aws.eks.PodIdentityAssociation(
            self._child("identity"),
            cluster_name=self._args.cluster_name,
            namespace=self._team.namespace,
            service_account=ACCOUNT,
            role_arn=role.arn,
            tags=conventions.tags("orchestrator", {"team": self._team.name}),
            opts=self._owner._opts(),
        )

    def _make_users(self) -> None:
        """Let the team's people submit and read workflows."""
        if self._team.groups:
            subjects = [{"kind": "Group", "name": name, "apiGroup": _API} for name in self._team.groups]
            self._grant("users", _USERS, tenancy.user_rules(), subjects)

    def _grant(self, role: str, name: str, rules: list[dict[str, Any]], subjects: list[dict[str, str]]) -> None:
        k8s.rbac.v1.Role(self._child(f"{role}-role"), metadata=self._meta(name), rules=rules, opts=self._inside)
        k8s.rbac.v1.RoleBinding(
            self._child(f"{role}-binding"),
            metadata=self._meta(name),
            role_ref={"apiGroup": _API, "kind": "Role", "name": name},
            subjects=subjects,
            opts=self._inside,
        )

    def _make_repository(self) -> None:
        """Name the team's artifact repository, which Argo looks up in the workflow's own namespace first."""
        meta = self._meta("artifact-repositories")
        meta["annotations"] = {"workflows.argoproj.io/default-artifact-repository": "default"}
        k8s.core.v1.ConfigMap(
            self._child("repository"),
            metadata=meta,
            data={"default": to_json(tenancy.artifact_repository(self._args, self._team))},
            opts=self._inside,
        )


def _account(name: str, namespace: str) -> dict[str, str]:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
