"""A job that restarts Argo when the database password was rotated, as plain data.

The controller reads the password when it starts, and v4.0 has no other way (its session opens new
connections with the old one: util/sqldb/session.go of argoproj/argo-workflows, read 2026-11-23; v4.1 brings
tokens of IAM). So external-secrets writes, beside the password, a patch that names the password's checksum,
and a job applies it every few minutes: it changes nothing until the checksum does, and then rolls the pods.
kubectl alone, no script.
"""

from typing import Any

from components.orchestrator.values import CONTROLLER, DATABASE_SECRET, POD_SECURITY, RESTRICTED, SERVER

NAME = "database-password-watch"
IMAGE = "registry.k8s.io/kubectl:v1.36.0"
DEPLOYMENTS = (CONTROLLER, SERVER)

# Of 28 random characters: the checksum cannot be turned back.
PATCH = (
    '{"spec":{"template":{"metadata":{"annotations":{"mlops.dev/database-password":'
    '"{{ .password | sha256sum | trunc 16 }}"}}}}}'
)


def database_secret(secret_arn: Any, secret_store: Any) -> dict[str, Any]:
    """Return the ExternalSecret of user, password and patch; a rotation arrives within a minute."""
    return {
        "refreshPolicy": "Periodic",
        "refreshInterval": "1m",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": secret_store},
        "target": {
            "name": DATABASE_SECRET,
            "template": {
                "engineVersion": "v2",
                "data": {
                    "username": "{{ .username }}",
                    "password": "{{ .password }}",
                    "patch.json": PATCH,
                },
            },
        },
        "data": [
            {"secretKey": key, "remoteRef": {"key": secret_arn, "property": key}} for key in ("username", "password")
        ],
    }


def role_rules() -> list[dict[str, Any]]:
    """Return what the job may do: change these two deployments."""
    return [
        {
            "apiGroups": ["apps"],
            "resources": ["deployments"],
            "resourceNames": list(DEPLOYMENTS),
            "verbs": ["get", "patch"],
        }
    ]


def cron_job(image: str) -> dict[str, Any]:
    """Return the spec of the job."""
    mount = {"name": "patch", "mountPath": "/patch", "readOnly": True}
    container = {
        "name": "kubectl",
        "image": image,
        "args": [
            "patch",
            "deployment",
            *DEPLOYMENTS,
            "--type=merge",
            "--patch-file=/patch/patch.json",
            "--cache-dir=/tmp",
        ],
        "securityContext": {**RESTRICTED, "readOnlyRootFilesystem": True},
        "resources": {"requests": {"cpu": "20m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "volumeMounts": [mount, {"name": "tmp", "mountPath": "/tmp"}],
    }
    items = [{"key": "patch.json", "path": "patch.json"}]
    pod = {
        "serviceAccountName": NAME,
        "automountServiceAccountToken": True,
        "restartPolicy": "Never",
        "securityContext": {**POD_SECURITY, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532},
        "containers": [container],
        "volumes": [
            {"name": "patch", "secret": {"secretName": DATABASE_SECRET, "items": items, "defaultMode": 0o440}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
        ],
    }
    return {
        "schedule": "*/5 * * * *",
        "concurrencyPolicy": "Forbid",
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {"spec": {"backoffLimit": 1, "activeDeadlineSeconds": 120, "template": {"spec": pod}}},
    }
