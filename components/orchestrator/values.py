"""Values of the argo-workflows chart. Pure; the keys are checked against the catalogue when the release is made."""

from typing import Any

import pulumi

from components._core import durability
from components.orchestrator.args import OrchestratorArgs

NAMESPACE = "argo"
FULL_NAME = "argo-workflows"
CONTROLLER = f"{FULL_NAME}-workflow-controller"
SERVER = f"{FULL_NAME}-server"
DATABASE_SECRET = "argo-database"
ACCOUNT = "workflow"
"""Service account of every team's workflows."""

# The user that the executor's files belong to: docs/workflow-pod-security-context.md of
# argoproj/argo-workflows.
_EXECUTOR_USER = 8737
_DAY = 86_400

POD_SECURITY = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def chart_values(args: OrchestratorArgs) -> dict[str, Any]:
    """Return the values: two controllers, archive in PostgreSQL, nothing that the teams' own objects say."""
    return {
        "fullnameOverride": FULL_NAME,
        # The full definitions come from GitHub through a job; the minimal ones are part of the release.
        "crds": {"install": True, "full": False, "keep": durability.rules(args.durability).protect},
        "createAggregateRoles": False,
        "images": {"pullPolicy": "IfNotPresent"},
        "workflow": {"rbac": {"create": False}, "serviceAccount": {"create": False, "name": ACCOUNT}},
        "controller": _controller(args),
        "executor": {
            "securityContext": {**RESTRICTED, "readOnlyRootFilesystem": True},
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}},
        },
        "mainContainer": {"securityContext": RESTRICTED},
        "server": _server(args),
    }


def _controller(args: OrchestratorArgs) -> dict[str, Any]:
    return {
        "replicas": 2,
        "pdb": {"enabled": True, "minAvailable": 1},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}
        ],
        "serviceAccount": {"create": True, "name": CONTROLLER},
        "podSecurityContext": POD_SECURITY,
        "securityContext": {**RESTRICTED, "readOnlyRootFilesystem": True},
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
        "workflowNamespaces": [team.namespace for team in args.teams],
        "clusterWorkflowTemplates": {"enabled": True},
        "parallelism": args.parallelism or 100,
        "metricsConfig": {"enabled": True, "secure": False},
        "serviceMonitor": {"enabled": bool(args.service_monitor)},
        "logging": {"format": "json"},
        "persistence": persistence(args),
        "workflowDefaults": {"spec": workflow_defaults(args)},
    }


def _server(args: OrchestratorArgs) -> dict[str, Any]:
    values: dict[str, Any] = {
        "enabled": True,
        # Never `server`, which acts for everybody with the server's own rights.
        "authModes": ["client", "sso"] if args.sso else ["client"],
        "replicas": 2,
        "pdb": {"enabled": True, "minAvailable": 1},
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "clusterWorkflowTemplates": {"enabled": True, "enableEditing": False},
        "serviceType": "ClusterIP",
        "serviceAccount": {"create": True, "name": SERVER},
        "podSecurityContext": POD_SECURITY,
        "securityContext": RESTRICTED,
    }
    if args.sso is not None:
        values["sso"] = {
            "enabled": True,
            "issuer": args.sso.issuer,
            "clientId": {"name": args.sso.secret_name, "key": "client-id"},
            "clientSecret": {"name": args.sso.secret_name, "key": "client-secret"},
            "redirectUrl": args.sso.redirect_url,
            "rbac": {"enabled": True},
            "scopes": args.sso.scopes or ["groups", "email"],
        }
    return values


def persistence(args: OrchestratorArgs) -> dict[str, Any]:
    """Return the section of the database: archive, and node states too large for etcd.

    TLS is required but its end not verified: the controller's image has no authorities of RDS.
    """
    credentials = {
        f"{field}Secret": {"name": DATABASE_SECRET, "key": key}
        for field, key in (("userName", "username"), ("password", "password"))
    }
    return {
        "archive": True,
        "archiveTTL": f"{args.keep_days or 180}d",
        "nodeStatusOffLoad": True,
        "connectionPool": {"maxIdleConns": 10, "maxOpenConns": 20},
        "postgresql": {
            "host": args.database_endpoint,
            "port": pulumi.Output.from_input(args.port).apply(int),
            "database": args.database_name,
            "tableName": "argo_workflows",
            "ssl": True,
            "sslMode": "require",
            **credentials,
        },
    }


def workflow_defaults(args: OrchestratorArgs) -> dict[str, Any]:
    """Return what a workflow gets that does not say otherwise: an account, an end, cleaning up, a plain user."""
    return {
        "serviceAccountName": ACCOUNT,
        "archiveLogs": True,
        "activeDeadlineSeconds": (args.max_days or 7) * _DAY,
        "ttlStrategy": {"secondsAfterSuccess": _DAY, "secondsAfterFailure": 7 * _DAY},
        "podGC": {"strategy": "OnPodCompletion", "deleteDelayDuration": "10m"},
        "securityContext": {
            **POD_SECURITY,
            "runAsUser": _EXECUTOR_USER,
            "runAsGroup": _EXECUTOR_USER,
            "fsGroup": _EXECUTOR_USER,
        },
    }
